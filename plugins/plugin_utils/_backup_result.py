# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of gpo_backup."""

from __future__ import annotations

import dataclasses
import typing as t

from ._hresult import MASK
from ._item import Item, Raw
from ._reason_diff import damage, reason_diff
from ._settings_changes import Room
from ._steps import NOT_THERE
from ._task_result import TaskResult
from ._trouble import Trouble
from ._words import NOTHING_SELECTED, gpos, some

_OUTCOMES = ("created", "unchanged", "failed", "cancelled", "not_attempted")
_BACKED_UP = ("created", "unchanged")


@dataclasses.dataclass
class BackupResult(TaskResult):
    """One item for each GPO that is selected."""

    create_path: bool = False
    whole: bool = False
    """Whether every GPO of the domain is selected, so that one that is not among the items is no longer there."""

    _room: Room = dataclasses.field(default_factory=Room)
    _diff_room: Room = dataclasses.field(default_factory=Room)

    def details(self, raw: Raw) -> dict[str, t.Any]:
        """Return why the GPO was backed up, the backup, and what changed."""
        return {
            "reasons": list(raw.get("reasons") or ()),
            "backup": raw.get("backup"),
            **self._room.told(raw.get("settings_changes")),
        }

    def note(self, raw: Raw, item: Item) -> None:
        """Warn of a damaged backup, and keep the diff."""
        changes = raw.get("changes") or ()
        for change in changes:
            if change["reason"] == "backup_damaged":
                self.warnings.append(
                    f"The newest backup {change['before']} of '{item.gpo['name']}' is damaged: "
                    f"{some(damage(change))}."
                )
        if self.show_diff and changes:
            diff = reason_diff(item.gpo, changes)
            self._diff_room.add_lines(diff, raw.get("settings_changes"))
            self.diffs.append(diff)

    def stop(self, trouble: Trouble) -> None:
        """Record what ended the trip, with what helps here alone."""
        missing = trouble.step == "path" and trouble.status and trouble.status.hresult & MASK in NOT_THERE
        if missing and not self.create_path:
            trouble = dataclasses.replace(trouble, known_fix="Create the directory first, or set create_path: true.")
        super().stop(trouble)

    def shown(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        items = self.all_items()
        count = self.count(items, _OUTCOMES)
        result = {
            **self.common(items),
            "run_id": self.run_id,
            "path": self.path,
            "summary": {"selected": self.selected, **count, "inaccessible": len(self.inaccessible)},
            "inaccessible": self.limited(self.inaccessible),
            "oldest": _oldest(items),
            "backups": [item.shown() for item in self.told(items)],
        }
        result["msg"] = result["msg"] or self._success(count)
        return result

    def detailed(self) -> dict[str, t.Any]:
        """Return the result with every item, whatever C(detail) says, and whether there could be no more of them."""
        return {**dataclasses.replace(self, detail="all").shown(), "whole": self.whole}

    def _success(self, count: t.Mapping[str, int]) -> str:
        if not self.selected:
            return NOTHING_SELECTED
        verb = "would be backed up" if self.check_mode else "backed up"
        return f"{count['created']} of {gpos(self.selected)} {verb}, {count['unchanged']} unchanged."


def _oldest(items: t.Iterable[Item]) -> dict[str, t.Any] | None:
    """Return the GPO whose newest backup is the oldest, with that backup's time, of those that have a good one."""
    backups = [(item.details["backup"], item.gpo) for item in items if item.outcome in _BACKED_UP]
    times = [(backup["timestamp"], gpo) for backup, gpo in backups if backup and backup["timestamp"]]
    if not times:
        return None
    timestamp, gpo = min(times, key=lambda one: one[0])
    return {"timestamp": timestamp, "gpo": {"id": gpo["id"], "name": gpo["name"]}}
