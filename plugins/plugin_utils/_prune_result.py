# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of gpo_backup_prune: first it lists, then it decides, then it deletes."""

from __future__ import annotations

import dataclasses
import typing as t

from ._directory_result import Backup, DirectoryResult, backup_of, in_order
from ._item import Item, Raw
from ._keep_rules import KeepRules, Verdict, decide
from ._task_result import TaskResult
from ._terminal import printable
from ._words import named

_OUTCOMES = ("pruned", "failed", "not_attempted")


@dataclasses.dataclass
class PruneResult(DirectoryResult):
    """One item for each backup that goes. What stays is kept apart."""

    STEP = "delete"
    ALTERS = True

    rules: KeepRules = dataclasses.field(default_factory=KeepRules)
    _existing: set[str] | None = None
    _doomed: dict[str, Verdict] | None = None
    _kept: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)

    def trip_args(self) -> dict[str, t.Any]:
        """Return where the listing goes on, or what is to be deleted."""
        what = {"_after": self._after} if self._doomed is None else {"_remaining": self.next_batch}
        return {
            "domain": self.domain,
            "domain_controller": self.domain_controller,
            "_run_id": self.run_id,
            **what,
        }

    @property
    def done(self) -> int:
        """Backups that have been looked at, and later those that are deleted."""
        return self._looked_at if self._doomed is None else len(self.items)

    @property
    def failures(self) -> int:
        """Backups that could not be deleted."""
        return sum(item.failed for item in self.items)

    @property
    def unfinished(self) -> bool:
        """Whether another trip is due."""
        return not self.error and (self._more if self._doomed is None else bool(self.remaining))

    def add(self, trip: Raw) -> None:
        """Fold one trip's reply in, and decide when every backup is known."""
        if self._doomed is not None:
            TaskResult.add(self, trip)
            return
        if trip.get("existing") is not None:
            self._existing = set(trip["existing"])
        super().add(trip)
        if not (self._more or self.error):
            self._decide()

    def lose_trip(self, why: str, begun: bool, worked: bool = True) -> None:
        """Record that a trip ended without a reply."""
        if self._doomed is None:
            super().lose_trip(why, begun, worked)
        else:
            TaskResult.lose_trip(self, why, begun, worked)

    def item(self, raw: Raw) -> Item:
        """Return the item of a backup that goes."""
        verdict = (self._doomed or {})[raw["id"]]
        backup = backup_of(verdict.backup)
        return Item.read(raw, backup["gpo"], {"backup": backup, "reason": verdict.reason})

    def note(self, raw: Raw, item: Item) -> None:
        """Move what the host found worth keeping to what stays."""
        if item.outcome == "kept":
            self.items.remove(item)
            self.selected -= 1
            self._kept.append({"backup": item.details["backup"], "rules": ["changed_meanwhile"]})

    def untold(self, left: Raw, **what: t.Any) -> Item:
        """Return the item for a backup of which no trip told anything."""
        return self.item({"id": left["id"], **what})

    def title(self, item: Item) -> str:
        """Return what the one-line message calls an item."""
        return f"{item.details['backup']['id']} of {named({'name': item.gpo['name']})}"

    def shown(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        items = self.all_items()
        count = self.count(items, _OUTCOMES)
        result = {
            **self.common(items),
            "run_id": self.run_id,
            "path": self.path,
            "summary": {"backups": len(items) + len(self._kept), "kept": len(self._kept), **count},
            "pruned": [_shown(item) for item in self.told(items)],
            "kept": self._kept if self.detail == "all" else [],
        }
        result["msg"] = result["msg"] or self.so_far(self._success(count["pruned"]))
        return result

    def _decide(self) -> None:
        verdicts = decide(self._listed, self.rules, self._existing)
        self._listed.clear()
        doomed = {verdict.backup["id"]: verdict for verdict in verdicts if verdict.reason}
        rules = {verdict.backup["id"]: list(verdict.rules) for verdict in verdicts if verdict.rules}
        stays = in_order(backup_of(verdict.backup) for verdict in verdicts if verdict.rules)
        self._kept = [{"backup": backup, "rules": rules[backup["id"]]} for backup in stays]
        self._doomed = doomed
        self.selected = len(doomed)
        # The oldest first: whatever interrupts the task, what is left is the newest.
        oldest_first = reversed(in_order(backup_of(verdict.backup) for verdict in doomed.values()))
        self.remaining = [{"id": backup["id"], "name": None} for backup in oldest_first]
        if self.show_diff and doomed:
            self.diffs.append(self._diff())
        if self.check_mode:
            self.items = [self.untold(left, outcome="pruned") for left in self.remaining]
            self.remaining = []
            self.changed = bool(self.items)

    def _diff(self) -> dict[str, str]:
        gone = [backup_of(verdict.backup) for verdict in (self._doomed or {}).values()]
        stays = [kept["backup"] for kept in self._kept]
        return {
            "before_header": f"{self.path} (now)",
            "after_header": f"{self.path} (pruned)",
            "before": "".join(_line(backup) for backup in in_order(gone + stays)),
            "after": "".join(_line(backup) for backup in stays),
        }

    def _success(self, pruned: int) -> str:
        verb = "would be pruned" if self.check_mode else "pruned"
        return f"{pruned} of {self.counted(pruned + len(self._kept))} {verb}, {len(self._kept)} kept."


def _shown(item: Item) -> dict[str, t.Any]:
    """Return a backup with what became of it. No call returns a result, so there is no status but that of a trouble."""
    shown = item.shown()
    return {key: shown[key] for key in ("backup", "reason", "outcome", "trouble", "duration")}


def _line(backup: Backup) -> str:
    gpo = backup["gpo"]
    return f"{printable(named(gpo))} {backup['timestamp'] or 'unknown time'} {backup['id']} {backup['state']}\n"
