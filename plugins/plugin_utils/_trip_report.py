# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task reports: the trips' replies folded into one result.

Pure: it knows neither Ansible nor a host, so that tests can replay recorded replies. Each task has a subclass that
knows its entries.
"""

from __future__ import annotations

import abc
import dataclasses
import typing as t

from ._hresult import code, sentence, status

OK = "0x00000000"
BAD_OUTCOMES = frozenset(("failed", "cancelled"))

BATCH = 500
"""Items that a trip after the first is given at most. Ansible writes a module's arguments to the host's event log, and
that takes no more than some 32,000 characters (EventLog.WriteEntry)."""

OURS = "gpvault.gpmc"
"""What stands as the extension in status messages that are not GPMC's."""

_GPO_KEYS = ("id", "name", "domain", "description", "status", "wmi_filter", "versions", "created", "modified")

_NAMED_AT_MOST = 5
"""GPOs, or reasons, that the one-line message names before it says how many more there are."""

_SELECTION_HINT = (
    "Check the spelling, blanks at the end included, and that the account can read the GPO. GPOs that share a name are "
    "selected by GUID."
)

_STAGES = {
    "gpmc": "GPMC could not be started on the host",
    "host_domain": "The domain of the host could not be found out; give it with the option domain",
    "connect": "The domain could not be reached through GPMC",
    "select": "The GPOs could not be read from the domain",
    "path": "The backup directory cannot be used",
    "catalog": "The catalog in the backup directory cannot be used",
    "backup": "The backup stopped",
    "restore": "The restore stopped",
    "import": "The import stopped",
    "list": "The backups in the directory could not be listed",
    "read": "Reading the GPOs stopped",
    "dest": "The destination cannot be used",
    "backups": "The backup directory cannot be used",
    "backup_id": "The backup could not be opened",
    "report": "Making reports stopped",
}

_PROBLEMS = {
    "permissions": "The permissions of {0!r} could not be read, so whether they changed is unknown and it is backed up",
    "files": "The files of {0!r} in SYSVOL could not be listed, so whether they changed is unknown and it is backed up",
    "links": "The links of the domain and its OUs could not be read and are left out",
    "sites": "The links of the sites could not be read and are left out",
    "filters": "The WMI filters could not be read, and their definitions are left out",
    "catalog": "The catalog entry {0} cannot be used and counts as absent",
    "manifest": "The manifest.xml of the directory cannot be read, so whether it lists the backups is unknown",
}
"""What the host had trouble with, but could do without."""

Entry = dict[str, t.Any]
Raw = t.Mapping[str, t.Any]


@dataclasses.dataclass
class TripReport(abc.ABC):
    """The state of a task between its trips, and its result at any time."""

    NOUN: t.ClassVar[str] = "GPO"
    """What the task's items are called."""

    STAGE: t.ClassVar[str] = "backup"
    """The step in which an item meets with its failures: it decides which fix is told."""

    path: str = ""
    run_id: str = ""
    check_mode: bool = False
    show_diff: bool = False
    domain: str = ""
    domain_controller: str = ""
    inaccessible_is: str = "ignore"
    place: str = "in the domain"

    selected: int = 0
    remaining: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    entries: list[Entry] = dataclasses.field(default_factory=list)
    inaccessible: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    diffs: list[dict[str, str]] = dataclasses.field(default_factory=list)
    changed: bool = False
    stopped: bool = False
    locked_by: str = ""
    error: str = ""
    _error_status: dict[str, t.Any] | None = None
    _inaccessible_errors: list[str] = dataclasses.field(default_factory=list)
    _suspects: set[str] = dataclasses.field(default_factory=set)
    _lost: dict[str, str] = dataclasses.field(default_factory=dict)
    _names: dict[str, str | None] = dataclasses.field(default_factory=dict)

    @abc.abstractmethod
    def entry(self, raw: Raw) -> Entry:
        """Return one entry of the result, with every key, from what the host sent."""

    @abc.abstractmethod
    def result(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""

    def note(self, raw: Raw, entry: Entry) -> None:
        """Take from what the host sent of an item what the result says beside its entry."""

    def trip_args(self) -> dict[str, t.Any]:
        """Return the arguments of the next trip that are not the user's own."""
        return {
            "domain": self.domain,
            "domain_controller": self.domain_controller,
            "_remaining": self.next_batch,
            "_run_id": self.run_id,
        }

    def unreported(self, item: Raw, outcome: str) -> Raw:
        """Return what the host would send of an item of C(remaining) with this outcome."""
        return {"gpo": {**item, "domain": self.domain or None}, "outcome": outcome}

    def item_id(self, entry: Entry) -> str:
        """Return the ID by which trips name an entry's item."""
        return str(entry["gpo"]["id"])

    def title(self, entry: Entry) -> str:
        """Return what the one-line message calls an entry."""
        return f"{entry['gpo']['name']!r} {entry['gpo']['id']}"

    def counted(self, number: int) -> str:
        """Return a number of the task's items in words."""
        return f"{number} {self.NOUN}{'' if number == 1 else 's'}"

    @property
    def done(self) -> int:
        """Items that a trip has reported on so far."""
        return len(self.entries)

    @property
    def failures(self) -> int:
        """Items that failed, or were cancelled, so far."""
        return sum(entry["outcome"] in BAD_OUTCOMES for entry in self.entries)

    @property
    def next_batch(self) -> list[str]:
        """The IDs that the next trip takes.

        Those in which a process on the host has ended come last, and each gets a trip of its own.
        """
        ids = [item["id"] for item in self.remaining]
        return [item for item in ids if item not in self._suspects][:BATCH] or ids[:1]

    @property
    def may_try_again(self) -> bool:
        """Whether the next trip may be made a second time when its reply is lost."""
        return not self.remaining or not self._suspects.issuperset(self.next_batch)

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
        self._inaccessible_errors.extend(sentence(**error) for error in trip["inaccessible_errors"])
        self.warnings.extend(_unmatched(pattern) for pattern in trip["unmatched_patterns"])
        self.warnings.extend(trip["warnings"])
        self.warnings.extend(_problem(problem) for problem in trip["problems"])
        batch = set(self.next_batch)
        for raw in trip["entries"]:
            self._add_entry(raw)
        # Later trips are given IDs alone, and name what remains by them.
        self._names.update((item["id"], item["name"]) for item in trip["remaining"] if item["name"] is not None)
        left = [{"id": item["id"], "name": self._names.get(item["id"])} for item in trip["remaining"]]
        self.remaining = left + [item for item in self.remaining if item["id"] not in batch]
        self.stopped = trip["stopped"]
        self.locked_by = _holder(trip["locked_by"] or {}, self.run_id) if trip["locked"] else ""
        if trip["suspect"]:
            self._suspects.add(trip["suspect"])
        if trip["selection_errors"]:
            told = [_selection_sentence(error, self.place) for error in trip["selection_errors"]]
            self.error = some(told, " ")
            if not any(error.get("kind") for error in trip["selection_errors"]):
                self.error += f" {_SELECTION_HINT}"
        if trip["error"]:
            self._stop(trip["error"])

    def give_up_waiting(self, seconds: int) -> None:
        """Record that the directory stayed locked for longer than the user wants to wait."""
        self.error = (
            f"The backup directory stayed locked for {seconds} s, the option lock_timeout: {self.locked_by}."
            " Wait for it to end, or raise lock_timeout; if it hangs, end that process."
        )

    def lose_trip(self, why: str, begun: bool) -> None:
        """Record that a trip ended without a reply. If it had *begun*, what it did is unknown."""
        batch = self.next_batch
        if begun and len(batch) == 1 and not self.check_mode:
            # Only this one was in hand, so the others can go on.
            (item,) = (item for item in self.remaining if item["id"] == batch[0])
            self.remaining.remove(item)
            self._lost[item["id"]] = why
            self.entries.append(self.entry(self.unreported(item, "failed")))
            return
        self.error = why
        if self.entries:
            self.error = (
                f"{why.rstrip('.')}. {self.done} of {self.counted(self.selected)} had been reported before;"
                " some of the others may have been dealt with by the trip that was lost."
            )
        elif begun and not self.check_mode:
            self.error = f"{why.rstrip('.')}. Some {self.NOUN}s may have been dealt with before."

    def all_entries(self) -> list[Entry]:
        """Return the entries of what was reported and of what was not attempted."""
        return self.entries + [self.entry(self.unreported(item, "not_attempted")) for item in self.remaining]

    @staticmethod
    def count(entries: t.Sequence[Entry], outcomes: t.Iterable[str]) -> dict[str, int]:
        """Return how many entries have each outcome."""
        return {outcome: sum(entry["outcome"] == outcome for entry in entries) for outcome in outcomes}

    def common(self, entries: t.Sequence[Entry]) -> dict[str, t.Any]:
        """Return the part of the result that the results of all tasks have."""
        problems = list(self._problems(entries))
        result: dict[str, t.Any] = {
            "changed": self.changed,
            "domain": self.domain or None,
            "domain_controller": self.domain_controller or None,
            "overall_status": self._overall_status(entries, bool(problems)),
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
            result["warnings"] = warnings
        return result

    def _add_entry(self, raw: Raw) -> None:
        entry = self.entry(raw)
        gpo = entry["gpo"]
        # One that was gone when its turn came has no name but the one it was selected by.
        gpo["name"] = gpo["name"] or self._names.get(gpo["id"])
        self.entries.append(entry)
        self.note(raw, entry)

    def _stop(self, error: Raw) -> None:
        self._error_status = status(error["hresult"], error["message"])
        self.error = f"{_STAGES[error['stage']]}: {sentence(**error)}"
        host_text = " ".join(error["message"].split())
        if host_text and host_text not in self.error:
            self.error += f" (The host said: {host_text})"

    def _overall_status(self, entries: t.Sequence[Entry], failed: bool) -> dict[str, t.Any] | None:
        for entry in entries:
            for of_call in (entry["call_status"], entry["overall_status"], _own_status(entry)):
                if of_call is not None and not of_call["succeeded"]:
                    return of_call
        if self._error_status is not None:
            return self._error_status
        return None if failed else status(0)

    def _problems(self, entries: t.Sequence[Entry]) -> t.Iterator[str]:
        bad = [entry for entry in entries if entry["outcome"] in BAD_OUTCOMES]
        if bad:
            reasons: dict[str, list[str]] = {}
            for entry in bad:
                why = self._lost.get(self.item_id(entry)) or _why(entry, self.STAGE)
                reasons.setdefault(why, []).append(self.title(entry))
            told = [f"{some(names)}: {reason}" for reason, names in reasons.items()]
            yield f"{len(bad)} of {self.counted(self.selected)} failed: {some(told, ' | ')}"
        if self.error:
            yield self.error
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


def gpo_of(raw: Raw) -> dict[str, t.Any]:
    """Return a GPO as all results show it, with every key."""
    return {key: raw["gpo"].get(key) for key in _GPO_KEYS}


def call_of(raw: Raw) -> dict[str, t.Any]:
    """Return what a call returned, as all results show it: call_status, overall_status, status_messages, duration."""
    return {
        "call_status": status_of(raw.get("call_status")),
        "overall_status": status_of(raw.get("overall_status")),
        "status_messages": [_message(message) for message in raw.get("status_messages") or ()],
        "duration": raw.get("duration", 0.0),
    }


def own_message(about: str, setting: str, message: str, hresult: int, said: str = "") -> dict[str, t.Any]:
    """Return a status message of the collection's own."""
    return {
        "object_path": about,
        "extension": OURS,
        "setting": setting,
        "message": message,
        "error": code(hresult, said),
        "operation": code(0),
    }


def gpos(number: int) -> str:
    """Return a number of GPOs in words."""
    return "1 GPO" if number == 1 else f"{number} GPOs"


def some(items: t.Sequence[str], separator: str = ", ") -> str:
    """Return the first few items, and how many more there are."""
    more = len(items) - _NAMED_AT_MOST
    shown = separator.join(items[:_NAMED_AT_MOST])
    return f"{shown} and {more} more" if more > 0 else shown


def _own_status(entry: Entry) -> dict[str, t.Any] | None:
    """Return the status with which the collection itself failed after GPMC had succeeded."""
    for message in entry["status_messages"]:
        if message["extension"] == OURS and message["error"]["hresult"] != OK:
            return {"succeeded": False, **message["error"]}
    return None


def status_of(raw: Raw | None) -> dict[str, t.Any] | None:
    """Return a status as all results show it, or None where the call was not reached."""
    return None if raw is None else status(raw["hresult"], raw["message"])


def _message(raw: Raw) -> dict[str, t.Any]:
    return {
        **{key: raw[key] for key in ("object_path", "extension", "setting", "message")},
        "error": code(raw["error"]["hresult"], raw["error"]["message"]),
        "operation": code(raw["operation"]["hresult"], raw["operation"]["message"]),
    }


def _why(entry: Entry, stage: str) -> str:
    """Return why a GPO failed, in one line with the fix, and the first status message that says more."""
    for message in entry["status_messages"]:
        if message["extension"] == OURS:
            return str(message["message"])
    for of_call in (entry["call_status"], entry["overall_status"]):
        if of_call is not None and not of_call["succeeded"]:
            said = sentence(int(of_call["hresult"], 16), of_call["message"], stage)
            for message in entry["status_messages"]:
                if message["error"]["hresult"] != OK or message["operation"]["hresult"] != OK:
                    return f"{said} (GPMC said: {message['message'] or message['error']['message']})"
            return said
    return "GPMC reported success but returned no backup."


def _problem(problem: Raw) -> str:
    why = problem["text"] if "text" in problem else sentence(**problem["status"])
    return f"{_PROBLEMS[problem['kind']].format(problem['subject'])}: {' '.join(why.split())}"


def _holder(holder: Raw, run_id: str) -> str:
    """Return in words whose lock it is. What the file says may be anything."""
    if holder.get("run_id") == run_id:
        who = "an earlier trip of this task, whose reply was lost, is still at work"
    else:
        who = f"another run ({holder.get('run_id') or 'unknown'}) is at work"
    said = f"{who} on {holder.get('host') or 'an unknown host'}, process {holder.get('process') or 'unknown'}"
    gpo = holder.get("gpo")
    if isinstance(gpo, dict):
        said += f", backing up {gpo.get('name')!r}"
    return f"{said}, since {holder.get('since') or 'an unknown time'}"


def _unmatched(pattern: str) -> str:
    return f"The pattern {pattern!r} matches no GPO."


def _selection_sentence(error: Raw, place: str) -> str:
    entry, status_of_call = error["entry"], error["status"]
    if error.get("kind") == "backup":
        return f"There is no backup {entry} in the directory that could be read: {sentence(**status_of_call)}"
    if error.get("kind") == "domain":
        return (
            f"The backup {entry} is of the domain {some(error['matches'])}. GPMC restores into that domain only; "
            "gpo_import brings its settings into a GPO of another one."
        )
    if error["matches"]:
        return f"The name {entry!r} is that of several GPOs: {', '.join(error['matches'])}."
    if status_of_call is not None:
        return f"No GPO {entry!r} could be opened: {sentence(**status_of_call, stage='select')}"
    return f"No GPO {entry!r} was found {place}."
