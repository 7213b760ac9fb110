# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role makes of a comparison with what is approved: which GPOs have drifted from it, and how."""

from __future__ import annotations

import typing as t

from ._change_list import value, where
from ._words import counted, gpos, some

Result = t.Mapping[str, t.Any]

_DRIFTED = ("differs", "only_before")


def drifted(result: Result) -> int | None:
    """Return how many GPOs differ from what is approved, or are gone. None where nobody looked."""
    summary = result.get("summary")
    return None if summary is None else sum(int(summary.get(name, 0)) for name in _DRIFTED)


def unapproved(result: Result) -> int:
    """Return how many GPOs have no approved state that they could differ from."""
    return int((result.get("summary") or {}).get("only_after", 0))


def drift_message(result: Result) -> str:
    """Return which GPOs have drifted, in one line, or an empty text."""
    number = drifted(result)
    if not number:
        return ""
    told = [f"'{one['gpo']['name']}' ({_how(one)})" for one in _of(result, *_DRIFTED)]
    verb = "differs" if number == 1 else "differ"
    return f"{gpos(number)} {verb} from what is approved: {some(told)}."


def drift_lines(result: Result) -> list[str]:
    """Return a line for each GPO that has drifted, with the first changes, and one for those that nobody approved."""
    lines = []
    for one in _of(result, *_DRIFTED):
        backup = (one.get("before") or {}).get("backup") or {}
        since = f"backup of {backup.get('timestamp') or 'an unknown time'}"
        if backup.get("comment"):
            since += f", '{backup['comment']}'"
        told = f": {some([_told(change) for change in one['changes']], ' | ')}" if one.get("changes") else ""
        lines.append(f"drift: '{one['gpo']['name']}', {_how(one)} since the approved {since}{told}")
    without = [f"'{one['gpo']['name']}'" for one in _of(result, "only_after")]
    if without:
        lines.append(f"drift: {gpos(unapproved(result))} without an approved state: {some(without)}")
    return lines


def _of(result: Result, *outcomes: str) -> list[t.Mapping[str, t.Any]]:
    return [one for one in result.get("comparisons") or () if one["outcome"] in outcomes]


def _how(one: t.Mapping[str, t.Any]) -> str:
    return "deleted" if one["outcome"] == "only_before" else counted(int(one["change_count"]), "change")


def _told(change: t.Mapping[str, t.Any]) -> str:
    was, is_now = (value(change[side], change["kind"]) for side in ("before", "after"))
    return f"{where(change)} / {change['name']}: {was} → {is_now}"
