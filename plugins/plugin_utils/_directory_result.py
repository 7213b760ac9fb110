# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of tasks that list the backups of a directory."""

from __future__ import annotations

import dataclasses
import typing as t

from ._change_record import settled
from ._history import history_of
from ._item import Item, Raw
from ._settings_changes import Room
from ._survey import none_known, survey_sentences
from ._task_result import TaskResult
from ._words import INDEX, counted, first, named, some

Backup = dict[str, t.Any]
"""A backup as results show it."""

STATES = ("ok", "uncatalogued", "damaged", "foreign")
"""What gpo_backup_info says of a folder that is named like a backup. The last is none."""

_NOTHING_YET = "The directory is missing or empty; in check mode that is no failure, since no task has filled it."

_PROBLEMS_AT_MOST = 5
"""What is said to be wrong with one backup with detail: summary."""

_USABLE = ("ok", "uncatalogued")

_BACKUP_KEYS = (
    "id", "path", "timestamp", "comment", "gpo", "purpose", "state", "problems", "sequence", "run_id", "approved",
    "in_manifest", "files", "size",
)  # fmt: skip


def backup_of(raw: Raw) -> Backup:
    """Return a backup as all results show it, with every key."""
    gpo = raw.get("gpo") or {}
    return {
        **{key: raw.get(key) for key in _BACKUP_KEYS},
        "problems": [" ".join(problem.split()) for problem in raw.get("problems") or ()],
        "gpo": {key: gpo.get(key) for key in ("id", "name", "domain")},
    }


def in_order(backups: t.Iterable[Backup]) -> list[Backup]:
    """Return backups by the name of their GPO, the newest of each first."""
    newest_first = sorted(backups, key=lambda one: (one["sequence"] or 0, one["timestamp"] or ""), reverse=True)
    return sorted(newest_first, key=_of_gpo)


def _of_gpo(backup: Backup) -> tuple[str, ...]:
    gpo = backup["gpo"]
    return ((gpo["name"] or "").casefold(), (gpo["domain"] or "").casefold(), gpo["id"] or "", gpo["name"] or "")


@dataclasses.dataclass
class DirectoryResult(TaskResult):
    """The backups that are asked for, as a listing trip sends them: nothing becomes of them, so they are no items.

    There may be more backups than a trip's arguments can name, so each trip goes on behind the last one that the trip
    before has looked at.
    """

    NOUN = "backup"

    gpos: t.Sequence[str] = ()
    _listed: list[Raw] = dataclasses.field(default_factory=list)
    _after: str = ""
    _looked_at: int = 0
    _more: bool = False
    _matched: set[str] = dataclasses.field(default_factory=set)
    _still_to_come: bool = False
    """Whether the directory is missing or empty in check mode, where a task before this one would have filled it."""

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
        super().add({**trip, "entries": ()})
        self._listed.extend(trip["entries"])
        self._matched.update(name.casefold() for name in trip.get("matched") or ())
        self._still_to_come = bool(trip.get("still_to_come"))
        cursor = trip.get("cursor")
        self._more = bool(cursor and cursor["more"])
        if cursor:
            self._after = cursor["after"] or ""
            self._looked_at += cursor["done"]

    def lose_trip(self, why: str, begun: bool, worked: bool = True) -> None:
        """Record that a trip ended without a reply."""
        self.error = why

    def so_far(self, said: str) -> str:
        """Return what is said of the directory, and why there is nothing in it where that is no failure."""
        return f"{said} {_NOTHING_YET}" if self._still_to_come else said

    def common(self, items: t.Sequence[Item]) -> dict[str, t.Any]:
        """Return what the results of all tasks have, with a warning for each of C(gpos) without a backup."""
        looked_for = () if self.error or self._still_to_come else self.gpos
        unmatched = [name for name in looked_for if name.casefold() not in self._matched]
        self.warnings.extend(f"The directory has no backup of '{name}'." for name in unmatched)
        return super().common(items)


@dataclasses.dataclass
class BackupInfoResult(DirectoryResult):
    """The result of gpo_backup_info."""

    states: t.Sequence[str] = STATES
    verify: str = "quick"
    changes: bool = False
    """Whether the history is asked for."""

    _survey: Raw | None = None
    _gone: list[Raw] = dataclasses.field(default_factory=list)
    """Backups that are gone, but of which it is recorded what changed with them."""

    @property
    def is_empty(self) -> bool:
        """Whether there is no backup of what is asked for."""
        return not self._still_to_come and all(backup["state"] == "foreign" for backup in self._listed)

    def add(self, trip: Raw) -> None:
        """Fold one trip's reply in."""
        entries = [_settled(raw) for raw in trip["entries"]]
        self._gone.extend(raw for raw in entries if raw.get("gone"))
        super().add({**trip, "entries": [raw for raw in entries if not raw.get("gone")]})
        self._survey = trip.get("survey") or self._survey

    def shown(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        if not (self.error or self._still_to_come):
            self._tell_of_nothing()
        unlisted = sum(backup["in_manifest"] is False and backup["state"] in _USABLE for backup in self._listed)
        if unlisted:
            self.warnings.append(
                f"manifest.xml does not list {self.counted(unlisted)} that could be restored ({INDEX}), so GPMC may "
                f"not find {'it' if unlisted == 1 else 'them'}."
            )
        count = {state: sum(backup["state"] == state for backup in self._listed) for state in STATES}
        backups = in_order(backup_of(backup) for backup in self._listed if self._shows(backup))
        if self.detail == "summary":
            # What was a backup once comes before what an interrupted one has left: there may not be room for all.
            backups.sort(key=lambda one: one["sequence"] is None)
        result = {
            **self.common(()),
            "path": self.path,
            "summary": {"total": len(self._listed) - count["foreign"], **count, "unlisted": unlisted},
            **self._ages(),
            "backups": [self._told(backup) for backup in self.limited(backups)],
            "history": self._history(),
        }
        del result["domain"], result["domain_controller"]
        result["msg"] = result["msg"] or self.so_far(self._success(count))
        return result

    def _history(self) -> list[dict[str, t.Any]]:
        if not self.changes:
            return []
        return self.limited(history_of(self._listed, self._gone, Room.of(self.detail)))

    def _ages(self) -> dict[str, Raw | None]:
        """Return the newest good backups of the GPOs whose are the newest and the oldest, whatever is shown."""
        newest: dict[tuple[str, str], Raw] = {}
        for one in self._listed:
            if one["state"] != "ok" or one.get("purpose") != "backup" or not one.get("timestamp"):
                continue
            of_gpo = (one["gpo"]["domain"] or "").casefold(), one["gpo"]["id"]
            if of_gpo not in newest or newest[of_gpo]["sequence"] < one["sequence"]:
                newest[of_gpo] = one
        by_time = sorted(newest.values(), key=lambda one: one["timestamp"])
        return {
            "newest": _age_of(by_time[-1]) if by_time else None,
            "oldest": _age_of(by_time[0]) if by_time else None,
        }

    def _told(self, backup: Backup) -> Backup:
        """Return a backup as the result has room for it: a folder may have lost thousands of files."""
        if self.detail == "all":
            return backup
        return {**backup, "problems": first(backup["problems"], _PROBLEMS_AT_MOST)}

    def troubles(self) -> list[str]:
        """Return in a line each what is damaged, and how."""
        damaged = [backup_of(backup) for backup in self._listed if backup["state"] == "damaged"]
        return [f"{one['id']} of {named(one['gpo'])} is damaged: {some(one['problems'])}" for one in in_order(damaged)]

    def _shows(self, backup: Raw) -> bool:
        return backup["state"] in self.states and (self.detail == "all" or backup["state"] == "damaged")

    def _tell_of_nothing(self) -> None:
        """Tell what lies there instead of backups. To have verified none of all that there should be is no success.

        In check mode it is: a backup before this task would have made some.
        """
        is_full = self.verify == "full"
        everything = not (self.gpos or self.check_mode)
        backups = [one for one in self._listed if one["state"] != "foreign"]
        if not backups:
            told = " ".join(survey_sentences(self._survey, self.path)) if self._survey else self._of_others()
            if everything and (is_full or self.fail_if_empty):
                self.error = f"There is no backup to verify. {told}".rstrip()
            elif told:
                self.warnings.append(told)
        elif everything and is_full and all(one["sequence"] is None for one in backups):
            self.error = none_known(len(backups))

    def _of_others(self) -> str:
        """Return how many backups there are of which none is asked for."""
        if not self._looked_at or self.gpos:
            return ""
        of_domain = f" of {self.domain}" if self.domain else ""
        return f"Of {self.counted(self._looked_at)} there none is one{of_domain} that is asked for."

    def _success(self, count: t.Mapping[str, int]) -> str:
        states = dict(count)
        foreign = states.pop("foreign")
        told = ", ".join(f"{number} {state}" for state, number in states.items())
        others = f" {counted(foreign, 'folder')} of others." if foreign else ""
        return f"{self.counted(sum(states.values()))}: {told}.{others}"


def _settled(raw: Raw) -> Raw:
    """Return a backup with what changed, where the host has sent the two reports: they do not stay in memory."""
    record = raw.get("change_record")
    return {**raw, "change_record": settled(record)} if record else raw


def _age_of(backup: Raw) -> dict[str, t.Any]:
    return {"timestamp": backup["timestamp"], "gpo": {key: backup["gpo"][key] for key in ("id", "name")}}
