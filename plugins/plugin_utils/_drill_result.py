# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of gpo_drill."""

from __future__ import annotations

import dataclasses
import typing as t

from . import _status
from ._item import Item, Raw
from ._notice import leftover_sentence
from ._recovery import deviating
from ._recovery_result import RecoveryResult
from ._status import Status
from ._words import gpos, named

_OUTCOMES = ("drilled", "not_there_yet", "failed", "not_attempted")

_ANOTHER = "Nothing is recovered from it as it is: back the GPO up anew, and look for a copy of the directory."


@dataclasses.dataclass
class DrillResult(RecoveryResult):
    """One item for each GPO whose recovery was drilled."""

    STEP = "import"

    untidy: bool = False
    """Whether the last trip may have left a temporary GPO."""

    cleaning: bool = False
    """Whether the next trip is there for that alone."""

    leftovers: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    """What was found of drills before, and what became of it."""

    def trip_args(self) -> dict[str, t.Any]:
        """Return the arguments of the next trip that are not the user's own."""
        args = super().trip_args()
        return {**args, "_remaining": [], "_clean": True} if self.cleaning else args

    def add(self, trip: Raw) -> None:
        """Fold one trip's reply in."""
        # What an earlier trip has left, this one has seen to; and then it may leave something itself.
        self.untidy = self.untidy and trip.get("leftovers") is None
        super().add(trip)
        self._add_leftovers(trip)

    def lose_trip(self, why: str, begun: bool, worked: bool = True) -> None:
        """Record that a trip ended without a reply."""
        super().lose_trip(why, begun, worked)
        self.untidy = self.untidy or (begun and worked)

    def tidy(self, trip: Raw) -> None:
        """Take what came of the trip that only took away what was left."""
        problems, fault = self.came_of(trip)
        self.warnings.extend(problems)
        if trip.get("leftovers") is None:
            self.not_tidied(fault or "the host did not come to it")
        self._add_leftovers(trip)

    def not_tidied(self, why: str) -> None:
        """Record that a temporary GPO may be left."""
        self.warnings.append(
            f"A temporary GPO of this drill may be left in the domain ({why.rstrip('.')}). It is linked nowhere, "
            "applies to nobody, and the next drill on this directory takes it away."
        )

    def item(self, raw: Raw) -> Item:
        """Return an item from what the host sent, with what the controller knows to say of its trouble."""
        trouble = raw.get("trouble") or {}
        if trouble.get("step") == "deviating" and raw.get("deviations"):
            raw = {**raw, "trouble": {**trouble, "message": deviating(raw["deviations"])}}
        if trouble.get("step") == "damaged":
            raw = {**raw, "trouble": {**trouble, "fix": _ANOTHER}}
        return super().item(raw)

    def details(self, raw: Raw) -> dict[str, t.Any]:
        """Return which backup it was, and what came of it."""
        spent = raw.get("import_milliseconds")
        return {
            "backup": raw.get("backup"),
            "temporary": raw.get("temporary"),
            "deviations": raw.get("deviations"),
            "import_duration": None if spent is None else spent / 1000,
        }

    def note(self, raw: Raw, item: Item) -> None:
        """Note whether the temporary GPO is gone."""
        temporary = raw.get("temporary")
        is_left = bool(temporary) and not temporary["deleted"]
        self.untidy = self.untidy or is_left or (item.trouble is not None and item.trouble.step == "step_timeout")

    def shown(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        items = self.all_items()
        count = self.count(items, _OUTCOMES)
        if items and count["not_there_yet"] == len(items) and not self.error:
            self.error = "No recovery was drilled: the backups of all GPOs were made later than as_of."
        measured = [item.details["import_duration"] for item in items if item.details["import_duration"] is not None]
        result = {
            **self.common(items),
            "run_id": self.run_id,
            "path": self.path,
            "summary": {"selected": self.selected, **count},
            "recovery": {"gpos": len(measured), "seconds": round(sum(measured), 3)},
            "drills": [item.shown() for item in self.told(items)],
            "leftovers": self.limited(self.leftovers),
        }
        result["msg"] = result["msg"] or self._success(count, result["recovery"])
        return result

    def _add_leftovers(self, trip: Raw) -> None:
        for raw in trip.get("leftovers") or ():
            if raw["outcome"] == "gone" and not raw["reason"]:
                continue
            gpo = {"id": raw["id"], "name": raw["name"], "domain": self.domain}
            status = _status.shown(Status.read(raw["status"]))
            leftover = {"gpo": gpo, "outcome": raw["outcome"], "reason": raw["reason"], "status": status}
            self.changed = self.changed or raw["outcome"] == "removed"
            self.warnings.append(leftover_sentence(raw, named(gpo), self.check_mode))
            # What is kept each trip finds anew.
            if leftover not in self.leftovers:
                self.leftovers.append(leftover)

    def _success(self, count: t.Mapping[str, int], recovery: t.Mapping[str, t.Any]) -> str:
        if self.check_mode:
            return f"The recovery of {count['drilled']} of {gpos(self.selected)} would be drilled."
        later = f" {gpos(count['not_there_yet'])} were not there yet." if count["not_there_yet"] else ""
        return (
            f"{count['drilled']} of {gpos(self.selected)} can be recovered; to import them took "
            f"{recovery['seconds']:.1f} s.{later}"
        )
