# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the lab's own package importable, `import labkit`, and shares the rig of the tests of the stand-in."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gpmc_rig import backups, domain, machine  # noqa: E402, F401  # one Wine prefix for all files of tests
