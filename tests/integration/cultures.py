# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests about names, paths and numbers, which must not depend on the culture of the host."""

from __future__ import annotations

import pytest
from extent import in_long, in_whole

# German writes 1,5 for 1.5. In Turkish the capital of i is not I. The test gets a lab of each (conftest.py).
_german = pytest.param("de-DE", marks=in_whole)
in_each_culture = pytest.mark.parametrize("culture", ["en-US", _german, "tr-TR"], indirect=True)

# What is in German is in Turkish, too, but for names in German: tests that are about more than names leave it out, and
# have both in longer runs alone.
in_turkish_too = pytest.mark.parametrize(
    "culture",
    ["en-US", pytest.param("tr-TR", marks=in_whole), pytest.param("de-DE", marks=in_long)],
    indirect=True,
)
