# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A result that AWX keeps: it drops one beyond 700,000 characters, and shows large ones slowly."""

from __future__ import annotations

import json
import typing as t

AT_MOST = 290_000
"""Characters of a result as JSON with detail: summary; what Ansible adds has room below 300 KB."""


def bounded(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a result without the ends of its longest lists, those of the diff first, if it is too large.

    What failed comes first in each list, and numbers are counted elsewhere, so the ends are what is missed least.
    """
    too_many = _size(result) - AT_MOST
    if too_many <= 0:
        return result
    bounded_result = dict(result)
    lists = [name for name, value in result.items() if isinstance(value, list)]
    for name in sorted(lists, key=lambda name: (name != "diff", -_size(result[name]))):
        kept = list(result[name])
        while kept and too_many > 0:
            too_many -= _size(kept.pop()) + len(", ")
        more = len(result[name]) - len(kept)
        if name == "diff" and more:
            kept.append({"prepared": f"({more} more without room; detail: all shows them)\n"})
        bounded_result[name] = kept
    return bounded_result


def _size(value: object) -> int:
    return len(json.dumps(value))
