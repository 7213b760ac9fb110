# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders to put on a Python path for packages that are not installed. Debian has no antsibull-docs-parser."""

from __future__ import annotations

import importlib.util

import checkout

FOLDERS = (
    [str(checkout.ROOT / "tests" / "sanity" / "stand_in")]
    if importlib.util.find_spec("antsibull_docs_parser") is None
    else []
)
