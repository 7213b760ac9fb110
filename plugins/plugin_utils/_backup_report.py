# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a gpo_backup task reports: the trips' replies folded into one result.

Pure: it knows neither Ansible nor a host, so that tests can replay recorded replies.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ._hresult import code, sentence, status

OUTCOMES = ("created", "unchanged", "failed", "cancelled", "not_attempted")
_OK = "0x00000000"
_BAD_OUTCOMES = frozenset(("failed", "cancelled"))

_GPO_KEYS = ("id", "name", "domain", "description", "status", "wmi_filter", "versions", "created", "modified")

BATCH = 500
"""GPOs that a trip after the first is given at most. Ansible writes a module's arguments to the host's event log, which
takes no more than some 32,000 characters (EventLog.WriteEntry)."""

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
    "backup": "The backup stopped",
}


@dataclasses.dataclass
class BackupReport:
    """The state of a task between its trips, and its result at any time."""

    path: str
    run_id: str
    check_mode: bool = False
    domain: str = ""
    domain_controller: str = ""
    inaccessible_is: str = "warn"
    detail: str = "all"

    selected: int = 0
    remaining: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    backups: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    inaccessible: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    changed: bool = False
    stopped: bool = False
    error: str = ""
    _inaccessible_errors: list[str] = dataclasses.field(default_factory=list)
    _names: dict[str, str | None] = dataclasses.field(default_factory=dict)
    _error_status: dict[str, t.Any] | None = None

    @property
    def done(self) -> int:
        """GPOs that a trip has reported on so far."""
        return len(self.backups)

    @property
    def failures(self) -> int:
        """GPOs that failed, or were cancelled, so far."""
        return sum(entry["outcome"] in _BAD_OUTCOMES for entry in self.backups)

    @property
    def next_batch(self) -> list[str]:
        """The GUIDs that the next trip takes."""
        return [gpo["id"] for gpo in self.remaining[:BATCH]]

    @property
    def unfinished(self) -> bool:
        """Whether another trip is due."""
        return bool(self.remaining) and not self.stopped and not self.error

    def add(self, trip: t.Mapping[str, t.Any]) -> None:
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
        for raw in trip["backups"]:
            entry = _backup_entry(raw)
            # One that was gone when its turn came has no name but the one it was selected by.
            entry["gpo"]["name"] = entry["gpo"]["name"] or self._names.get(entry["gpo"]["id"])
            self.backups.append(entry)
        self.changed = self.changed or any(entry["outcome"] == "created" for entry in self.backups)
        # Later trips are given GUIDs alone, and name what remains by them.
        self._names.update((gpo["id"], gpo["name"]) for gpo in trip["remaining"] if gpo["name"] is not None)
        left = [{"id": gpo["id"], "name": self._names.get(gpo["id"])} for gpo in trip["remaining"]]
        self.remaining = left + self.remaining[BATCH:]
        self.stopped = trip["stopped"]
        if trip["selection_errors"]:
            told = [_selection_sentence(error) for error in trip["selection_errors"]]
            self.error = f"{_some(told, ' ')} {_SELECTION_HINT}"
        if trip["error"]:
            self._stop(trip["error"])

    def lose_trip(self, why: str, begun: bool) -> None:
        """Record that a trip ended without a reply. If it had *begun*, what it did is unknown."""
        self.error = why
        if self.backups:
            self.error = (
                f"{why.rstrip('.')}. {self.done} of {self.selected} GPOs had been reported before;"
                " some of the others may have been backed up by the trip that was lost."
            )
        elif begun and not self.check_mode:
            self.error = f"{why.rstrip('.')}. Some GPOs may have been backed up before."

    def result(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        entries = self.backups + [self._not_attempted(gpo) for gpo in self.remaining]
        count = {outcome: sum(entry["outcome"] == outcome for entry in entries) for outcome in OUTCOMES}
        problems = list(self._problems(entries))
        result: dict[str, t.Any] = {
            "changed": self.changed,
            "run_id": self.run_id,
            "domain": self.domain or None,
            "domain_controller": self.domain_controller or None,
            "path": self.path,
            "overall_status": self._overall_status(entries, bool(problems)),
            "summary": {"selected": self.selected, **count, "inaccessible": len(self.inaccessible)},
            "inaccessible": self.inaccessible,
            "backups": self._shown(entries),
            "msg": " ".join(problems) or self._success(count),
        }
        if problems:
            result["failed"] = True
        warnings = list(dict.fromkeys(self.warnings))
        if self.inaccessible_is == "warn":
            warnings.extend(self._inaccessible_sentences())
        if warnings:
            result["warnings"] = warnings
        return result

    def _stop(self, error: t.Mapping[str, t.Any]) -> None:
        self._error_status = status(error["hresult"], error["message"])
        self.error = f"{_STAGES[error['stage']]}: {sentence(**error)}"
        host_text = " ".join(error["message"].split())
        if host_text and host_text not in self.error:
            self.error += f" (The host said: {host_text})"

    def _not_attempted(self, gpo: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        return _backup_entry({"gpo": {**gpo, "domain": self.domain or None}, "outcome": "not_attempted"})

    def _overall_status(self, entries: list[dict[str, t.Any]], failed: bool) -> dict[str, t.Any] | None:
        for entry in entries:
            for of_call in (entry["call_status"], entry["overall_status"]):
                if of_call is not None and not of_call["succeeded"]:
                    return of_call
        if self._error_status is not None:
            return self._error_status
        return None if failed else status(0)

    def _problems(self, entries: list[dict[str, t.Any]]) -> t.Iterator[str]:
        bad = [entry for entry in entries if entry["outcome"] in _BAD_OUTCOMES]
        if bad:
            reasons: dict[str, list[str]] = {}
            for entry in bad:
                reasons.setdefault(_why(entry), []).append(f"{entry['gpo']['name']!r} {entry['gpo']['id']}")
            told = [f"{_some(names)}: {reason}" for reason, names in reasons.items()]
            yield f"{len(bad)} of {_gpos(self.selected)} failed: {_some(told, ' | ')}"
        if self.error:
            yield self.error
        if self.inaccessible_is == "fail":
            yield from self._inaccessible_sentences()

    def _shown(self, entries: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
        if self.detail == "all":
            return entries
        if self.detail == "changed":
            return [entry for entry in entries if entry["outcome"] != "unchanged"]
        return [entry for entry in entries if entry["outcome"] in _BAD_OUTCOMES]

    def _success(self, count: t.Mapping[str, int]) -> str:
        if not self.selected:
            return "No GPO was selected."
        verb = "would be backed up" if self.check_mode else "backed up"
        return f"{count['created']} of {_gpos(self.selected)} {verb}, {count['unchanged']} unchanged."

    def _inaccessible_sentences(self) -> t.Iterator[str]:
        if self.inaccessible:
            ids = _some([gpo["id"] for gpo in self.inaccessible])
            yield (
                f"{_gpos(len(self.inaccessible))} of the domain cannot be seen by the account and cannot be backed up: "
                f"{ids}. Give the account read access; remove the folder in SYSVOL, or the link, that a deleted GPO "
                "left behind; or accept it by excluding the GUID or with inaccessible: ignore."
            )
        if self._inaccessible_errors:
            errors = " ".join(self._inaccessible_errors)
            yield f"Whether there are GPOs that the account cannot see could not be told for sure: {errors}"


def _backup_entry(raw: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return one entry of C(backups), with every key, from what the host sent."""
    return {
        "gpo": {key: raw["gpo"].get(key) for key in _GPO_KEYS},
        "outcome": raw["outcome"],
        "reasons": list(raw.get("reasons", ())),
        "backup": raw.get("backup"),
        "call_status": _status(raw.get("call_status")),
        "overall_status": _status(raw.get("overall_status")),
        "status_messages": [_message(message) for message in raw.get("status_messages", ())],
        "duration": raw.get("duration", 0.0),
    }


def _status(raw: t.Mapping[str, t.Any] | None) -> dict[str, t.Any] | None:
    return None if raw is None else status(raw["hresult"], raw["message"])


def _message(raw: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {
        **{key: raw[key] for key in ("object_path", "extension", "setting", "message")},
        "error": code(raw["error"]["hresult"], raw["error"]["message"]),
        "operation": code(raw["operation"]["hresult"], raw["operation"]["message"]),
    }


def _why(entry: t.Mapping[str, t.Any]) -> str:
    """Return why a GPO failed, in one line with the fix, and the first status message that says more."""
    for of_call in (entry["call_status"], entry["overall_status"]):
        if of_call is not None and not of_call["succeeded"]:
            said = sentence(int(of_call["hresult"], 16), of_call["message"], "backup")
            for message in entry["status_messages"]:
                if message["error"]["hresult"] != _OK or message["operation"]["hresult"] != _OK:
                    return f"{said} (GPMC said: {message['message'] or message['error']['message']})"
            return said
    return "GPMC reported success but returned no backup."


def _unmatched(pattern: str) -> str:
    return f"The pattern {pattern!r} matches no GPO."


def _selection_sentence(error: t.Mapping[str, t.Any]) -> str:
    entry, status_of_call = error["entry"], error["status"]
    if error["matches"]:
        return f"The name {entry!r} is that of several GPOs: {', '.join(error['matches'])}."
    if status_of_call is not None:
        return f"No GPO {entry!r} could be opened: {sentence(**status_of_call, stage='select')}"
    return f"No GPO {entry!r} was found in the domain."


def _gpos(number: int) -> str:
    return "1 GPO" if number == 1 else f"{number} GPOs"


def _some(items: t.Sequence[str], separator: str = ", ") -> str:
    """Return the first few items, and how many more there are."""
    more = len(items) - _NAMED_AT_MOST
    shown = separator.join(items[:_NAMED_AT_MOST])
    return f"{shown} and {more} more" if more > 0 else shown
