# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests about names, paths and numbers, which must not depend on the culture of the host."""

from __future__ import annotations

import pytest
from backups import LONG

# German writes 1,5 for 1.5. In Turkish the capital of i is not I. The test gets a lab of each (conftest.py).
in_each_culture = pytest.mark.parametrize("culture", ["en-US", "de-DE", "tr-TR"], indirect=True)

# What is in German is in Turkish, too, but for names in German: tests that are about more than names leave it out.
_german = pytest.param("de-DE", marks=pytest.mark.skipif(not LONG, reason="only in make test-long"))
in_turkish_too = pytest.mark.parametrize("culture", ["en-US", "tr-TR", _german], indirect=True)
