# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a gpo_backup_prune task reports: first it lists, then it decides, then it deletes."""

from __future__ import annotations

import dataclasses
import typing as t

from ._directory_report import DirectoryReport, backup_of, in_order
from ._keep_rules import KeepRules, Verdict, decide
from ._trip_report import BAD_OUTCOMES, Entry, Raw, TripReport, call_of

_OUTCOMES = ("pruned", "failed", "not_attempted")


@dataclasses.dataclass
class PruneReport(DirectoryReport):
    """One entry for each backup that goes. What stays is kept apart."""

    rules: KeepRules = dataclasses.field(default_factory=KeepRules)
    detail: str = "all"
    _existing: set[str] | None = None
    _listed: list[Raw] = dataclasses.field(default_factory=list)
    _doomed: dict[str, Verdict] | None = None
    _kept: list[Entry] = dataclasses.field(default_factory=list)

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
        return self._looked_at if self._doomed is None else len(self.entries)

    @property
    def failures(self) -> int:
        """Backups that could not be deleted."""
        return sum(entry["outcome"] in BAD_OUTCOMES for entry in self.entries)

    @property
    def unfinished(self) -> bool:
        """Whether another trip is due."""
        return not self.error and (self._more if self._doomed is None else bool(self.remaining))

    def add(self, trip: Raw) -> None:
        """Fold one trip's reply in, and decide when every backup is known."""
        if self._doomed is not None:
            TripReport.add(self, trip)
            return
        if trip.get("existing") is not None:
            self._existing = set(trip["existing"])
        self._listed.extend(trip["entries"])
        super().add({**trip, "entries": ()})
        if not (self._more or self.error):
            self._decide()

    def lose_trip(self, why: str, begun: bool) -> None:
        """Record that a trip ended without a reply."""
        if self._doomed is None:
            super().lose_trip(why, begun)
        else:
            TripReport.lose_trip(self, why, begun)

    def entry(self, raw: Raw) -> Entry:
        """Return the entry of a backup that goes."""
        verdict = (self._doomed or {})[raw["id"]]
        backup = backup_of(verdict.backup)
        return {
            "gpo": backup["gpo"],
            "backup": backup,
            "reason": verdict.reason,
            "outcome": raw["outcome"],
            **call_of(raw),
        }

    def note(self, raw: Raw, entry: Entry) -> None:
        """Move what the host found worth keeping to what stays."""
        self.changed = self.changed or entry["outcome"] == "pruned"
        if entry["outcome"] == "kept":
            self.entries.remove(entry)
            self.selected -= 1
            self._kept.append({"backup": entry["backup"], "rules": ["changed_meanwhile"]})

    def unreported(self, item: Raw, outcome: str) -> Raw:
        """Return what the host would send of a backup with this outcome."""
        return {"id": item["id"], "outcome": outcome}

    def item_id(self, entry: Entry) -> str:
        """Return the ID of the backup."""
        return str(entry["backup"]["id"])

    def title(self, entry: Entry) -> str:
        """Return what the one-line message calls an entry."""
        return f"{entry['backup']['id']} of {entry['gpo']['name'] or 'an unknown GPO'!r}"

    def result(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        entries = self.all_entries()
        count = self.count(entries, _OUTCOMES)
        result = {
            **self.common(entries),
            "run_id": self.run_id,
            "path": self.path,
            "summary": {"backups": len(entries) + len(self._kept), "kept": len(self._kept), **count},
            "pruned": [_shown(entry) for entry in entries if self._shows(entry)],
            "kept": self._kept if self.detail == "all" else [],
        }
        result["msg"] = result["msg"] or self._success(count["pruned"])
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
            self.entries = [self.entry({"id": item["id"], "outcome": "pruned"}) for item in self.remaining]
            self.remaining = []
            self.changed = bool(self.entries)

    def _diff(self) -> dict[str, str]:
        gone = [backup_of(verdict.backup) for verdict in (self._doomed or {}).values()]
        stays = [entry["backup"] for entry in self._kept]
        return {
            "before_header": f"{self.path} (now)",
            "after_header": f"{self.path} (pruned)",
            "before": "".join(_line(backup) for backup in in_order(gone + stays)),
            "after": "".join(_line(backup) for backup in stays),
        }

    def _shows(self, entry: Entry) -> bool:
        return self.detail != "summary" or entry["outcome"] in BAD_OUTCOMES

    def _success(self, pruned: int) -> str:
        verb = "would be pruned" if self.check_mode else "pruned"
        return f"{pruned} of {self.counted(pruned + len(self._kept))} {verb}, {len(self._kept)} kept."


def _shown(entry: Entry) -> Entry:
    return {key: entry[key] for key in ("backup", "reason", "outcome", "call_status", "duration")}


def _line(backup: Entry) -> str:
    gpo = backup["gpo"]
    name = "unknown GPO" if gpo["name"] is None else repr(gpo["name"])
    return f"{name} {gpo['id'] or ''} {backup['timestamp'] or 'unknown time'} {backup['id']} {backup['state']}\n"
