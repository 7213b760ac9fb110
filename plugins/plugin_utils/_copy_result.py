# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of gpo_backup_fetch and gpo_backup_push: first they list, then they decide, then they copy."""

from __future__ import annotations

import dataclasses
import typing as t

from ._catalog_entry import Record
from ._copy_plan import TO_DO, Plan, Planned
from ._directory_result import DirectoryResult
from ._item import Item, Raw
from ._task_result import BATCH, TaskResult
from ._words import named

BATCH_BYTES = 32 * 1024 * 1024
"""Bytes of files that one trip copies, unless one backup alone has more. They are fetched over WinRM by the half
megabyte, each with a process on the host; most of GPMC's files are compressed to a tenth."""


def _nothing(_listed: t.Sequence[Raw]) -> Plan:
    return Plan()


@dataclasses.dataclass
class CopyResult(DirectoryResult):
    """One item for each backup that is to be on both sides."""

    STEP = "copy"
    OUTCOMES: t.ClassVar[tuple[str, ...]] = ("copied", "unchanged", "failed", "not_attempted")

    plan: t.Callable[[t.Sequence[Raw]], Plan] = _nothing
    """Decides what is copied, out of what is on the host."""

    planned: dict[str, Planned] | None = None
    """By the backup's ID, once that is decided."""

    source: str = ""
    """The directory that is copied from."""

    bytes: int = 0

    def trip_args(self) -> dict[str, t.Any]:
        """Return where the listing goes on, or what is to be copied."""
        what = {"_after": self._after} if self.planned is None else {"_remaining": self.next_batch}
        return {"_run_id": self.run_id, **what}

    @property
    def next_batch(self) -> list[str]:
        """The IDs of the backups that the next trip copies."""
        batch: list[str] = []
        size = 0
        for left in self.remaining[:BATCH]:
            record = self.record(left["id"])
            size += record.size if record else 0
            if batch and size > BATCH_BYTES:
                break
            batch.append(left["id"])
        return batch

    def planned_of(self, backup_id: str) -> Planned:
        """Return what was decided about a backup."""
        return (self.planned or {})[backup_id]

    def record(self, backup_id: str) -> Record | None:
        """Return the record of a backup's entry."""
        return self.planned_of(backup_id).record

    @property
    def done(self) -> int:
        """Backups that have been looked at, and later those that are on both sides."""
        return self._looked_at if self.planned is None else len(self.items)

    @property
    def failures(self) -> int:
        """Backups that could not be copied."""
        return sum(item.failed for item in self.items)

    @property
    def unfinished(self) -> bool:
        """Whether another trip is due."""
        return not self.error and not self.stopped and (self._more if self.planned is None else bool(self.remaining))

    def add(self, trip: Raw) -> None:
        """Fold one trip's reply in, and decide when every backup is known."""
        if self.planned is not None:
            TaskResult.add(self, trip)
            return
        super().add(trip)
        if not (self._more or self.error or self.locked_by is not None):
            self._decide()

    def lose_trip(self, why: str, begun: bool, worked: bool = True) -> None:
        """Record that a trip ended without a reply."""
        if self.planned is None:
            super().lose_trip(why, begun, worked)
        else:
            TaskResult.lose_trip(self, why, begun, worked)

    def item(self, raw: Raw) -> Item:
        """Return the item of a backup."""
        planned = self.planned_of(raw["id"])
        size = planned.record.size if planned.record else None
        gpo = planned.backup["gpo"]
        backup = {key: value for key, value in planned.backup.items() if key != "gpo"}
        return Item.read(raw, gpo, {"backup": backup, "size": size})

    def untold(self, left: Raw, **what: t.Any) -> Item:
        """Return the item for one of C(remaining) of which no trip told anything."""
        return self.item({**left, **what})

    def note(self, raw: Raw, item: Item) -> None:
        """Count what was copied."""
        if item.outcome in TO_DO:
            self.bytes += item.details["size"]

    def title(self, item: Item) -> str:
        """Return what the one-line message calls an item."""
        return f"{item.details['backup']['id']} of {named({'name': item.gpo['name']})}"

    def shown(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        items = self.all_items() if self.planned is not None else []
        count = self.count(items, self.OUTCOMES)
        result = {
            **self.common(items),
            "run_id": self.run_id,
            "path": self.path,
            "summary": {"selected": len(items), **count, "bytes": self.bytes},
            "backups": [_shown(item) for item in self.told(items)],
        }
        del result["domain"], result["domain_controller"]
        result["msg"] = result["msg"] or self.so_far(self._success(count))
        return result

    def _decide(self) -> None:
        try:
            plan = self.plan(self._listed)
        except OSError as error:
            said = f"{error.strerror or error}: {error.filename}"
            self.error = f"The copies on the controller could not be read: {said}"
            return
        self._listed.clear()
        self.warnings.extend(plan.warnings)
        self.planned = {planned.backup["id"]: planned for planned in plan.backups}
        self.selected = len(self.planned)
        if not (self.selected or self._still_to_come):
            self._tell_of_nothing()
        due = [planned for planned in plan.backups if planned.outcome in TO_DO]
        settled = plan.backups if self.check_mode else [one for one in plan.backups if one.outcome not in TO_DO]
        for planned in settled:
            self._add_item(_settled(planned))
        if not self.check_mode:
            self.remaining = [{"id": planned.backup["id"], "name": None} for planned in _newest_first(due)]

    def _tell_of_nothing(self) -> None:
        """To have copied none of what there should be is no success, unless a backup before would have made some."""
        told = (
            f"There is nothing to copy in {self.source}: its catalog (.gpvault) knows no backup that is asked for. "
            "The path may be one level off; gpo_backup_info tells what lies in a directory."
        )
        if self.check_mode:
            self.warnings.append(told)
        else:
            self.error = told

    def _success(self, count: t.Mapping[str, int]) -> str:
        verb = "would be copied" if self.check_mode else "copied"
        repaired = f", {count['repaired']} repaired" if count.get("repaired") else ""
        copied = count["copied"]
        return f"{copied} of {self.counted(self.selected)} {verb}{repaired}, {count['unchanged']} there already."


class FetchResult(CopyResult):
    """The result of gpo_backup_fetch: what is damaged on the controller is repaired from the host."""

    OUTCOMES = ("copied", "repaired", "unchanged", "failed", "not_attempted")


def _settled(planned: Planned) -> dict[str, t.Any]:
    """Return what became of a backup without a trip, as the host would tell it."""
    trouble = {"step": "copy", "hresult": None, "message": planned.why, "fix": planned.fix}
    return {
        "id": planned.backup["id"],
        "outcome": planned.outcome,
        "changed": planned.outcome in TO_DO,
        "trouble": trouble if planned.why else None,
    }


def _newest_first(planned: t.Iterable[Planned]) -> list[Planned]:
    """Return the newest backup of each GPO, then the one before, and so on: an interrupted task leaves the newest."""
    of_gpo: dict[tuple[str, str], list[Planned]] = {}
    known = [(one.record, one) for one in planned if one.record]
    for record, one in sorted(known, key=lambda pair: pair[0].sequence, reverse=True):
        of_gpo.setdefault(record.gpo, []).append(one)
    ranked = [(rank, gpo, one) for gpo, backups in of_gpo.items() for rank, one in enumerate(backups)]
    return [one for _rank, _gpo, one in sorted(ranked, key=lambda place: place[:2])]


def _shown(item: Item) -> dict[str, t.Any]:
    """Return a backup with what became of it. No call returns a result, so there is no status but that of a trouble."""
    shown = item.shown()
    shown["gpo"] = {key: shown["gpo"][key] for key in ("id", "name", "domain")}
    return {key: shown[key] for key in ("gpo", "backup", "outcome", "size", "trouble", "duration")}
