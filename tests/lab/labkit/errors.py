# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception that the command line turns into a message and exit code 1."""

from __future__ import annotations


class LabError(Exception):
    """Something that the person at the keyboard can understand and mend; the text says how."""
