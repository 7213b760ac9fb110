# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of gpo_diff."""

from __future__ import annotations

import dataclasses
import typing as t

from ._item import Item, Raw
from ._settings_changes import Room
from ._task_result import TaskResult
from ._words import NOTHING_SELECTED, gpos, named

_OUTCOMES = ("differs", "same", "only_before", "only_after", "neither", "failed", "not_attempted")


@dataclasses.dataclass
class DiffResult(TaskResult):
    """One item for each GPO whose states are compared."""

    STEP = "report"
    CHANGES = False
    UNCHANGED = frozenset(("same", "neither"))

    before: str = "newest"
    after: str = "live"

    _room: Room = dataclasses.field(init=False)
    _diff_room: Room = dataclasses.field(default_factory=Room)

    def __post_init__(self) -> None:
        self._room = Room.of(self.detail)

    def told(self, items: t.Iterable[Item]) -> list[Item]:
        """Return the items that are shown: with detail: summary also what differs, as far as there is room.

        What failed comes first, then what differs, and last what has no state before.
        """
        if self.detail != "summary":
            return super().told(items)
        order = ("failed", "differs", "only_before", "only_after")
        found = (one for one in items if one.outcome in order)
        return self.limited(sorted(found, key=lambda one: order.index(one.outcome)))

    def details(self, raw: Raw) -> dict[str, t.Any]:
        """Return the two states, and what differs, as far as the result has room for it."""
        return {
            "before": _state(raw.get("before")),
            "after": _state(raw.get("after")),
            **self._room.told(list(raw.get("changes") or ())),
        }

    def note(self, raw: Raw, item: Item) -> None:
        """Keep the diff."""
        if not self.show_diff or item.outcome not in ("differs", "only_before", "only_after"):
            return
        title = named(item.gpo)
        self.diffs.append(
            {
                "before_header": f"{title} ({_called(raw.get('before'), self.before)})",
                "after_header": f"{title} ({_called(raw.get('after'), self.after)})",
                **self._diff_room.lines(raw.get("changes") or ()),
            }
        )

    def shown(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        items = self.all_items()
        count = self.count(items, _OUTCOMES)
        result = {
            **self.common(items),
            "path": self.path or None,
            "differs": any(count[name] for name in ("differs", "only_before", "only_after")),
            "summary": {"selected": self.selected, **count, "inaccessible": len(self.inaccessible)},
            "inaccessible": self.limited(self.inaccessible),
            "comparisons": [item.shown() for item in self.told(items)],
        }
        result["msg"] = result["msg"] or self._success(count)
        return result

    def _success(self, count: t.Mapping[str, int]) -> str:
        if not self.selected:
            return NOTHING_SELECTED
        told = f"{count['differs']} of {gpos(self.selected)} {'differs' if count['differs'] == 1 else 'differ'}"
        for outcome, side in (("only_before", self.before), ("only_after", self.after)):
            if count[outcome]:
                told += f", {count[outcome]} only there as {side}"
        told += f", {count['neither']} in neither state" if count["neither"] else ""
        return f"{told}, {count['same']} the same."


def _state(raw: Raw | None) -> dict[str, t.Any] | None:
    """Return a state as results show it."""
    if raw is None:
        return None
    return {"gpo": {key: raw["gpo"].get(key) for key in ("id", "name", "domain")}, "backup": raw["backup"]}


def _called(raw: Raw | None, asked: str) -> str:
    """Return what a state is called in the header of a diff."""
    if raw is None:
        return f"{asked}: there is none"
    backup = raw["backup"]
    return f"backup {backup['id']} of {backup['timestamp'] or 'an unknown time'}" if backup else "live"
