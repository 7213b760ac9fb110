# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the collection importable under its real name, through the tree that set-up links."""

from __future__ import annotations

import sys

from compat51 import BUILD

sys.path.insert(0, str(BUILD / "collections"))
