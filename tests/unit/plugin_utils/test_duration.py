# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Durations."""

from __future__ import annotations

import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._duration import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("90m", 5400), ("12h", 43200), ("7d", 604800), ("4w", 2419200), ("60", 60), (60, 60), (" 2H ", 7200)],
)
def test_accepted(text: object, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "s", "0", "0s", 0, -1, "-5m", "1.5h", 1.5, "1 h", "5min", "1h30m", "١s", True, None, [], {}]
    + ["9" * 10, "1y", "9999w"],
)
def test_refused(text: object) -> None:
    with pytest.raises(ValueError):
        parse_duration(text)
