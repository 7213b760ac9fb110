# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests about names, paths and numbers, which must not depend on the culture of the host."""

from __future__ import annotations

import pytest
from backups import LONG

# Turkish writes 1,5 for 1.5, and the capital of its i is not I: what holds there holds in English, in which all other
# tests are, and in German. The test gets a lab of each (conftest.py).
in_each_culture = pytest.mark.parametrize(
    "culture", ["en-US", "de-DE", "tr-TR"] if LONG else ["tr-TR"], indirect=True
)
