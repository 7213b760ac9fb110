# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of gpo_restore."""

from __future__ import annotations

import dataclasses
import typing as t

from ._item import Item, Raw
from ._reason_diff import reason_diff
from ._recovery import details_of, shortcomings
from ._recovery_result import RecoveryResult
from ._settings_changes import Room
from ._words import NOTHING_SELECTED, gpos, some

_OUTCOMES = ("restored", "unchanged", "not_there_yet", "failed", "not_attempted")


@dataclasses.dataclass
class RestoreResult(RecoveryResult):
    """One item for each GPO that is selected."""

    STEP = "restore"

    _room: Room = dataclasses.field(init=False)
    _diff_room: Room = dataclasses.field(default_factory=Room)

    def __post_init__(self) -> None:
        self._room = Room.of(self.detail)

    def details(self, raw: Raw) -> dict[str, t.Any]:
        """Return what became of the GPO and of what belongs to it."""
        return {**details_of(raw), **self._room.told(raw.get("settings_changes"))}

    def note(self, raw: Raw, item: Item) -> None:
        """Warn of what could not be as it was, and keep the diff."""
        if raw.get("damaged") and raw.get("backup"):
            ids = some(raw["damaged"])
            self.warnings.append(
                f"Newer backups of '{item.gpo['name']}' are damaged, or their entries in the catalog are, and were "
                f"passed over: {ids}."
            )
        self.warnings.extend(shortcomings(raw, item))
        if self.show_diff and raw.get("changes"):
            backup = f"backup {raw['backup']['id']}" if raw.get("backup") else "backup"
            diff = reason_diff(item.gpo, raw["changes"], "now", backup)
            self._diff_room.add_lines(diff, raw.get("settings_changes"))
            self.diffs.append(diff)

    def told(self, items: t.Iterable[Item]) -> list[Item]:
        """Return the items that are shown: with detail: summary also what was changed, as far as there is room.

        Of a backup nobody asks for what went well; of a restore everybody does.
        """
        if self.detail != "summary":
            return super().told(items)
        changed = (one for one in items if one.outcome != "unchanged")
        return self.limited(sorted(changed, key=lambda one: not one.failed))

    def shown(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        items = self.all_items()
        count = self.count(items, _OUTCOMES)
        if items and count["not_there_yet"] == len(items) and not self.error:
            self.error = "No GPO was restored: the backups of all of them were made later than as_of."
        result = {
            **self.common(items),
            "run_id": self.run_id,
            "path": self.path,
            "summary": {"selected": self.selected, **count},
            "restores": [item.shown() for item in self.told(items)],
        }
        result["msg"] = result["msg"] or self._success(count)
        return result

    def _success(self, count: t.Mapping[str, int]) -> str:
        if not self.selected:
            return NOTHING_SELECTED
        verb = "would be restored" if self.check_mode else "restored"
        later = f", {count['not_there_yet']} not there yet" if count["not_there_yet"] else ""
        return f"{count['restored']} of {gpos(self.selected)} {verb}, {count['unchanged']} unchanged{later}."
