# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tasks that list the backups of a directory report."""

from __future__ import annotations

import dataclasses
import typing as t

from ._trip_report import Entry, Raw, TripReport

STATES = ("ok", "uncatalogued", "damaged")

_BACKUP_KEYS = (
    "id", "path", "timestamp", "comment", "gpo", "purpose", "state", "problems", "sequence", "run_id", "in_manifest",
    "files", "size",
)  # fmt: skip


def backup_of(raw: Raw) -> dict[str, t.Any]:
    """Return a backup as all results show it, with every key."""
    gpo = raw.get("gpo") or {}
    return {
        **{key: raw.get(key) for key in _BACKUP_KEYS},
        "problems": [" ".join(problem.split()) for problem in raw.get("problems") or ()],
        "gpo": {key: gpo.get(key) for key in ("id", "name", "domain")},
    }


def in_order(backups: t.Iterable[Entry]) -> list[Entry]:
    """Return backups by the name of their GPO, the newest of each first."""
    newest_first = sorted(backups, key=lambda one: (one["sequence"] or 0, one["timestamp"] or ""), reverse=True)
    return sorted(newest_first, key=_of_gpo)


def _of_gpo(backup: Entry) -> tuple[str, ...]:
    gpo = backup["gpo"]
    return ((gpo["name"] or "").casefold(), (gpo["domain"] or "").casefold(), gpo["id"] or "", gpo["name"] or "")


@dataclasses.dataclass
class DirectoryReport(TripReport):
    """One entry for each backup that is asked for.

    There may be more backups than a trip's arguments can name, so each trip goes on behind the last one that the trip
    before has looked at.
    """

    NOUN = "backup"

    gpos: t.Sequence[str] = ()
    _after: str = ""
    _looked_at: int = 0
    _more: bool = False
    _matched: set[str] = dataclasses.field(default_factory=set)

    def trip_args(self) -> dict[str, t.Any]:
        """Return where the next trip begins."""
        return {"_after": self._after}

    @property
    def done(self) -> int:
        """Backups that a trip has looked at so far, asked for or not."""
        return self._looked_at

    @property
    def failures(self) -> int:
        """To look at a backup never fails."""
        return 0

    @property
    def unfinished(self) -> bool:
        """Whether another trip is due."""
        return self._more and not self.error

    def add(self, trip: Raw) -> None:
        """Fold one trip's reply in."""
        super().add(trip)
        self._matched.update(entry.casefold() for entry in trip.get("matched") or ())
        cursor = trip.get("cursor")
        self._more = bool(cursor and cursor["more"])
        if cursor:
            self._after = cursor["after"] or ""
            self._looked_at += cursor["done"]

    def lose_trip(self, why: str, begun: bool) -> None:
        """Record that a trip ended without a reply."""
        self.error = why

    def entry(self, raw: Raw) -> Entry:
        """Return one entry of C(backups)."""
        return backup_of(raw)

    def result(self) -> dict[str, t.Any]:
        """Return the result of a task that only looks. The same keys on every path."""
        count = {state: sum(entry["state"] == state for entry in self.entries) for state in STATES}
        result = {
            **self.common(()),
            "path": self.path,
            "summary": {"total": len(self.entries), **count},
            "backups": in_order(self.shown()),
        }
        del result["domain"], result["domain_controller"]
        result["msg"] = result["msg"] or self._success(count)
        return result

    def shown(self) -> t.Iterable[Entry]:
        """Return the entries that the result holds."""
        return self.entries

    def common(self, entries: t.Sequence[Entry]) -> dict[str, t.Any]:
        """Return what the results of all tasks have, with a warning for each entry of C(gpos) without a backup."""
        unmatched = [] if self.error else [name for name in self.gpos if name.casefold() not in self._matched]
        self.warnings.extend(f"The directory has no backup of {name!r}." for name in unmatched)
        return super().common(entries)

    def _success(self, count: t.Mapping[str, int]) -> str:
        told = ", ".join(f"{number} {state}" for state, number in count.items())
        return f"{self.counted(len(self.entries))}: {told}."


@dataclasses.dataclass
class BackupInfoReport(DirectoryReport):
    """What gpo_backup_info reports."""

    states: t.Sequence[str] = STATES

    def shown(self) -> t.Iterable[Entry]:
        """Return the entries with a state that is asked for."""
        return [entry for entry in self.entries if entry["state"] in self.states]
