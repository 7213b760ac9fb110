# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a task: the trips' replies folded into one.

Pure: it knows neither Ansible nor a host, so that tests can replay recorded replies. Each task has a subclass that
knows what its items tell. Nothing is put into the words of a result before C(shown).
"""

from __future__ import annotations

import abc
import base64
import dataclasses
import gzip
import json
import typing as t

from . import _status
from ._item import Item, Raw
from ._notice import lock_holder, problem_sentence, selection_hint, selection_sentence, unmatched
from ._status import Status, why
from ._steps import step_of
from ._trouble import UNKNOWN, Trouble
from ._words import NOTHING_SELECTED, counted, gpos, named, some

BATCH = 500
"""Items that a trip after the first is given at most: more than a minute's work, and what it does not come to is sent
again with the next."""

SUMMARY_AT_MOST = 100
"""Entries that each list of a result has with detail: summary, warnings included, even if everything fails: so the
result stays below 300 KB, and AWX drops one beyond some 700 KB."""

_Entry = t.TypeVar("_Entry")


@dataclasses.dataclass
class TaskResult(abc.ABC):
    """The state of a task between its trips, and its result at any time."""

    NOUN: t.ClassVar[str] = "GPO"
    """What the task's items are called."""

    STEP: t.ClassVar[str] = "backup"
    """The step of the call that is made for an item: it decides which fix is told."""

    CHANGES: t.ClassVar[bool] = True
    """Whether the task does anything but read."""

    ALTERS: t.ClassVar[bool] = False
    """Whether it alters or deletes what is there, so that a trip without a reply may have done so."""

    UNCHANGED: t.ClassVar[frozenset[str]] = frozenset(("unchanged",))
    """Outcomes of items that "detail: changed" leaves out."""

    NOT_FOUND: t.ClassVar[str] = (
        "Check the spelling, blanks at the end included, and that the account can read the GPO."
    )
    """What helps with a GPO that is not there."""

    path: str = ""
    run_id: str = ""
    check_mode: bool = False
    show_diff: bool = False
    domain: str = ""
    domain_controller: str = ""
    inaccessible_is: str = "ignore"
    detail: str = "all"
    """Which items are shown: all, changed (none that is unchanged), or summary: the first of those that failed."""
    fail_if_empty: bool = False
    everything: bool = False
    """Whether all GPOs are asked for: that there is none is no success then."""

    selected: int = 0
    remaining: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    items: list[Item] = dataclasses.field(default_factory=list)
    inaccessible: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    diffs: list[dict[str, str]] = dataclasses.field(default_factory=list)
    changed: bool = False
    stopped: bool = False
    locked_by: Raw | None = None
    """What is known of the run that has the directory's lock, if another has it."""

    error: str = ""
    """What keeps the task from going on."""

    _error_status: Status | None = None
    _inaccessible_errors: list[str] = dataclasses.field(default_factory=list)
    _suspects: set[str] = dataclasses.field(default_factory=set)
    _surroundings: str = ""
    _names: dict[str, str | None] = dataclasses.field(default_factory=dict)

    @abc.abstractmethod
    def shown(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""

    def nothing(self) -> str:
        """Return what is said where nothing is selected, and that is a failure."""
        if self.NOUN != "GPO":
            return f"No {self.NOUN} was found."
        if not self.everything:
            return NOTHING_SELECTED
        # Each domain is made with two GPOs, which cannot be deleted.
        return f"{NOTHING_SELECTED} Each domain has two at least: the account can see none, or exclude leaves none."

    def details(self, raw: Raw) -> dict[str, t.Any]:
        """Return what the task tells of an item besides what all tasks do, with every key."""
        return {}

    def note(self, raw: Raw, item: Item) -> None:
        """Take from what the host sent of an item what the result says beside it."""

    def item(self, raw: Raw) -> Item:
        """Return an item from what the host sent."""
        return Item.read(raw, raw["gpo"], self.details(raw))

    def trip_args(self) -> dict[str, t.Any]:
        """Return the arguments of the next trip that are not the user's own."""
        args = {"domain": self.domain, "domain_controller": self.domain_controller, "_remaining": self.next_batch}
        if self._surroundings:
            args["_surroundings"] = self._surroundings
        # Only a backup directory records who did what.
        return {**args, "_run_id": self.run_id} if self.run_id else args

    def untold(self, left: Raw, **what: t.Any) -> Item:
        """Return the item for one of C(remaining) of which no trip told anything."""
        return self.item({"gpo": {**left, "domain": self.domain or None}, **what})

    def title(self, item: Item) -> str:
        """Return what the one-line message calls an item."""
        return named(item.gpo)

    def counted(self, number: int) -> str:
        """Return a number of the task's items in words."""
        return counted(number, self.NOUN)

    @property
    def place(self) -> str:
        """Where GPOs are looked for."""
        return f"in the domain {self.domain}".rstrip()

    @property
    def done(self) -> int:
        """Items that a trip has told of so far."""
        return len(self.items)

    @property
    def failures(self) -> int:
        """Items that failed, or were cancelled, so far."""
        return sum(item.failed for item in self.items)

    @property
    def next_batch(self) -> list[str]:
        """The IDs that the next trip takes.

        Those in which a process on the host has ended come last, and each gets a trip of its own.
        """
        ids = [left["id"] for left in self.remaining]
        return [one for one in ids if one not in self._suspects][:BATCH] or ids[:1]

    @property
    def may_try_again(self) -> bool:
        """Whether the next trip may be made a second time when its reply is lost."""
        return not self.remaining or not self._suspects.issuperset(self.next_batch)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is selected."""
        return not self.selected

    @property
    def unfinished(self) -> bool:
        """Whether another trip is due."""
        return bool(self.remaining) and not self.stopped and not self.error

    def add(self, trip: Raw) -> None:
        """Fold one trip's reply in."""
        self.domain = trip["domain"] or self.domain
        self.domain_controller = trip["domain_controller"] or self.domain_controller
        if trip["selected"] is not None:
            self.selected = trip["selected"]
        self.changed = self.changed or trip["path_created"]
        self.inaccessible.extend(trip["inaccessible"])
        self._inaccessible_errors.extend(why(error) for error in trip["inaccessible_errors"])
        self.warnings.extend(unmatched(pattern) for pattern in trip["unmatched_patterns"])
        self.warnings.extend(trip["warnings"])
        self.warnings.extend(problem_sentence(problem) for problem in trip["problems"])
        batch = set(self.next_batch)
        for raw in trip["entries"]:
            self._add_item(raw)
        # Later trips are given IDs alone, and name what remains by them.
        self._names.update((left["id"], left["name"]) for left in trip["remaining"] if left["name"] is not None)
        still_left = [{"id": left["id"], "name": self._names.get(left["id"])} for left in trip["remaining"]]
        self.remaining = still_left + [left for left in self.remaining if left["id"] not in batch]
        self.stopped = trip["stopped"]
        self.locked_by = (trip["locked_by"] or {}) if trip["locked"] else None
        if trip["surroundings"]:
            self._surroundings = packed(trip["surroundings"])
        if trip["suspect"]:
            self._suspects.add(trip["suspect"])
        if trip["selection_errors"]:
            told = [selection_sentence(error, self.place) for error in trip["selection_errors"]]
            self.error = f"{some(told, ' ')} {selection_hint(trip['selection_errors'], self.NOT_FOUND)}".rstrip()
        trouble = Trouble.read(trip["trouble"])
        if trouble is not None:
            self.stop(trouble)

    @property
    def holder(self) -> str:
        """Who has the directory's lock, in words."""
        return lock_holder(self.locked_by or {}, self.run_id)

    def came_of(self, trip: Raw) -> tuple[list[str], str]:
        """Return the problems of a trip that is there for no item, and what kept it from its work or an empty text."""
        problems = [problem_sentence(problem) for problem in trip["problems"]]
        if trip["locked"]:
            return problems, f"{lock_holder(trip['locked_by'] or {}, self.run_id)}."
        trouble = Trouble.read(trip["trouble"])
        return problems, trouble.sentence() if trouble else ""

    def give_up_waiting(self, seconds: int) -> None:
        """Record that the directory stayed locked for longer than the user wants to wait."""
        self.error = (
            f"The backup directory stayed locked for {seconds} s, the option lock_timeout: {self.holder}."
            " Wait for it to end, or raise lock_timeout; if it hangs, end that process."
        )

    def doubt(self) -> None:
        """Forget what a trip without a reply may have altered: the next one reads it anew."""
        if self.ALTERS:
            self._surroundings = ""

    def lose_trip(self, why: str, begun: bool, worked: bool = True) -> None:
        """Record that a trip ended without a reply. If it had *begun*, what it did is unknown.

        Unless it is certain that it has not *worked*.
        """
        batch = self.next_batch
        unknown = begun and worked and self.CHANGES and not self.check_mode
        altered = unknown and self.ALTERS
        self.changed = self.changed or altered
        if begun and len(batch) == 1 and not self.check_mode:
            # Only this one was in hand, so the others can go on.
            (left,) = (left for left in self.remaining if left["id"] == batch[0])
            self.remaining.remove(left)
            said = f"{why.rstrip('.')}{UNKNOWN}." if altered else why
            trouble = {"step": "lost", "hresult": None, "message": said}
            self.items.append(self.untold(left, outcome="failed", trouble=trouble))
            return
        self.error = why
        if self.items:
            self.error = (
                f"{why.rstrip('.')}. {self.done} of {self.counted(self.selected)} had been reported before"
                + ("; some of the others may have been dealt with by the trip that was lost." if unknown else ".")
            )
        elif unknown:
            self.error = f"{why.rstrip('.')}. Some {self.NOUN}s may have been dealt with before."

    def all_items(self) -> list[Item]:
        """Return what the trips told of, and what was not attempted."""
        return self.items + [self.untold(left, outcome="not_attempted") for left in self.remaining]

    def told(self, items: t.Iterable[Item]) -> list[Item]:
        """Return the items that are shown, those that failed first: who looks for them need not read the others."""
        left_out = {"all": frozenset(), "changed": self.UNCHANGED}.get(self.detail)
        shown = [one for one in items if one.failed or (left_out is not None and one.outcome not in left_out)]
        return self.limited(sorted(shown, key=lambda one: not one.failed))

    def limited(self, entries: list[_Entry]) -> list[_Entry]:
        """Return what the result has room for of one of its lists."""
        return entries[:SUMMARY_AT_MOST] if self.detail == "summary" else entries

    def troubles(self) -> list[str]:
        """Return in a line each what failed, and why."""
        return [f"{self.title(item)}: {item.why(self.STEP)}" for item in self.items if item.failed]

    @staticmethod
    def count(items: t.Sequence[Item], outcomes: t.Iterable[str]) -> dict[str, int]:
        """Return how many items have each outcome."""
        return {outcome: sum(item.outcome == outcome for item in items) for outcome in outcomes}

    def common(self, items: t.Sequence[Item]) -> dict[str, t.Any]:
        """Return the part of the result that the results of all tasks have."""
        problems = list(self._problems(items))
        result: dict[str, t.Any] = {
            "changed": self.changed,
            "check_mode": self.check_mode,
            "domain": self.domain or None,
            "domain_controller": self.domain_controller or None,
            "overall_status": _status.shown(self._overall_status(items, bool(problems))),
            "msg": " ".join(problems),
        }
        if problems:
            result["failed"] = True
        if self.diffs:
            result["diff"] = self.diffs
        warnings = list(dict.fromkeys(self.warnings))
        if self.inaccessible_is == "warn":
            warnings.extend(self._inaccessible_sentences())
        if warnings:
            shown = self.limited(warnings)
            more = len(warnings) - len(shown)
            result["warnings"] = [*shown, f"{counted(more, 'more warning')}."] if more else shown
        return result

    def _add_item(self, raw: Raw) -> None:
        item = self.item(raw)
        # One that was gone when its turn came has no name but the one it was selected by.
        item.gpo["name"] = item.gpo["name"] or self._names.get(item.gpo["id"])
        self.changed = self.changed or item.changed
        self.items.append(item)
        self.note(raw, item)

    def stop(self, trouble: Trouble) -> None:
        """Record what ended the trip."""
        self.changed = self.changed or trouble.may_have_changed
        self._error_status = trouble.status
        about = {
            "path": [f"path: {self.path}"],
            "domain": [f"domain: {self.domain}", f"domain controller: {self.domain_controller}"],
        }.get(step_of(trouble.step).about, ())
        given = ", ".join(one for one in about if not one.endswith(": "))
        self.error = trouble.sentence(of_trip=True) + (f" ({given})" if given else "")
        host_text = trouble.status.host_text if trouble.status else ""
        if host_text and f"(The host said: {host_text})" not in self.error:
            self.error += f" (The host said: {host_text})"

    def _overall_status(self, items: t.Sequence[Item], failed: bool) -> Status | None:
        for item in items:
            if item.failure is not None:
                return item.failure
        if self._error_status is not None:
            return self._error_status
        return None if failed else Status(0)

    def _problems(self, items: t.Sequence[Item]) -> t.Iterator[str]:
        bad = [item for item in items if item.failed]
        if bad:
            reasons: dict[str, list[str]] = {}
            for item in bad:
                reasons.setdefault(item.why(self.STEP), []).append(self.title(item))
            told = [f"{some(names)}: {reason}" for reason, names in reasons.items()]
            yield f"{len(bad)} of {self.counted(self.selected)} failed: {some(told, ' | ')}"
        if self.error:
            yield self.error
        elif self.is_empty and (self.everything or self.fail_if_empty):
            yield self.nothing()
        if self.inaccessible_is == "fail":
            yield from self._inaccessible_sentences()

    def _inaccessible_sentences(self) -> t.Iterator[str]:
        if self.inaccessible:
            ids = some([gpo["id"] for gpo in self.inaccessible])
            yield (
                f"{gpos(len(self.inaccessible))} of the domain cannot be seen by the account: {ids}. "
                "Give the account read access; remove the folder in SYSVOL, or the link, that a deleted GPO "
                "left behind; or accept it by excluding the GUID or with inaccessible: ignore."
            )
        if self._inaccessible_errors:
            errors = " ".join(self._inaccessible_errors)
            yield f"Whether there are GPOs that the account cannot see could not be told for sure: {errors}"


def packed(handed_on: t.Any) -> str:
    """Return what is handed on to a trip as it is given it: thousands of OUs make a megabyte of JSON."""
    return base64.b64encode(gzip.compress(json.dumps(handed_on, sort_keys=True).encode(), mtime=0)).decode()
