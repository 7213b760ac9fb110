# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Durations as the collection's options take them: C(90s), C(90m), C(12h), C(7d), C(4w), or whole seconds."""

from __future__ import annotations

import re

ACCEPTED = "a duration such as 90s, 90m, 12h, 7d or 4w, or whole seconds, from one second to ten years"

_PATTERN = re.compile(r"([0-9]{1,9})([smhdw]?)", re.IGNORECASE)
# Fits the host's 32-bit numbers with room to spare.
_LONGEST = 10 * 366 * 86400
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def parse_duration(value: object) -> int:
    """Return the duration in seconds. Raises ValueError for whatever is not accepted."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError(value)
    match = _PATTERN.fullmatch(str(value).strip())
    if match is None:
        raise ValueError(value)
    seconds = int(match[1]) * _SECONDS[match[2].lower()]
    if not 1 <= seconds <= _LONGEST:
        raise ValueError(value)
    return seconds
