# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much of the tests runs: a core (`make test`), the whole (`make test-whole`), long campaigns, too.

docs/testing.md tells what is left out where, and why that is enough there.
"""

from __future__ import annotations

import os

import pytest

LONG = bool(os.environ.get("GPVAULT_LONG"))
"""Whether this is `make test-long`."""

WHOLE = LONG or bool(os.environ.get("GPVAULT_WHOLE"))
"""Whether this is `make test-whole`, which `make test-long` is, too."""

in_long = pytest.mark.skipif(not LONG, reason="only in make test-long")
in_whole = pytest.mark.skipif(not WHOLE, reason="only in make test-whole")
