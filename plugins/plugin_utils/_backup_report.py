# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a gpo_backup task reports: the trips' replies folded into one result.

Pure: it knows neither Ansible nor a host, so that tests can replay recorded replies.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ._backup_diff import damage, gpo_diff
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
    "catalog": "The catalog in the backup directory cannot be used",
    "backup": "The backup stopped",
}

_PROBLEMS = {
    "permissions": "The permissions of {0!r} could not be read, so whether they changed is unknown and it is backed up",
    "files": "The files of {0!r} in SYSVOL could not be listed, so whether they changed is unknown and it is backed up",
    "links": "The links of the domain and its OUs could not be read: they are not recorded",
    "sites": "The links of the sites could not be read: they are not recorded",
    "filters": "The WMI filters could not be read: their definitions are not recorded",
    "catalog": "The catalog entry {0} cannot be used and counts as absent",
}
"""What the host had trouble with, but could do without."""


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
    diffs: list[dict[str, str]] = dataclasses.field(default_factory=list)
    show_diff: bool = False
    locked_by: str = ""
    _inaccessible_errors: list[str] = dataclasses.field(default_factory=list)
    _suspects: set[str] = dataclasses.field(default_factory=set)
    _names: dict[str, str | None] = dataclasses.field(default_factory=dict)
    _lost: dict[str, str] = dataclasses.field(default_factory=dict)
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
        """The GUIDs that the next trip takes.

        GPOs in which a process on the host has ended come last, and each gets a trip of its own.
        """
        ids = [gpo["id"] for gpo in self.remaining]
        return [gpo for gpo in ids if gpo not in self._suspects][:BATCH] or ids[:1]

    @property
    def may_try_again(self) -> bool:
        """Whether the next trip may be made a second time when its reply is lost."""
        return not self._suspects.issuperset(self.next_batch) or not self.remaining

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
        self.warnings.extend(_problem(problem) for problem in trip["problems"])
        batch = set(self.next_batch)
        for raw in trip["backups"]:
            self._add_backup(raw)
        # Later trips are given GUIDs alone, and name what remains by them.
        self._names.update((gpo["id"], gpo["name"]) for gpo in trip["remaining"] if gpo["name"] is not None)
        left = [{"id": gpo["id"], "name": self._names.get(gpo["id"])} for gpo in trip["remaining"]]
        self.remaining = left + [gpo for gpo in self.remaining if gpo["id"] not in batch]
        self.stopped = trip["stopped"]
        self.locked_by = _holder(trip["locked_by"] or {}, self.run_id) if trip["locked"] else ""
        if trip["suspect"]:
            self._suspects.add(trip["suspect"])
        if trip["selection_errors"]:
            told = [_selection_sentence(error) for error in trip["selection_errors"]]
            self.error = f"{_some(told, ' ')} {_SELECTION_HINT}"
        if trip["error"]:
            self._stop(trip["error"])

    def _add_backup(self, raw: t.Mapping[str, t.Any]) -> None:
        entry = _backup_entry(raw)
        gpo = entry["gpo"]
        # One that was gone when its turn came has no name but the one it was selected by.
        gpo["name"] = gpo["name"] or self._names.get(gpo["id"])
        self.backups.append(entry)
        self.changed = self.changed or entry["outcome"] == "created"
        changes = raw.get("changes", ())
        for change in changes:
            if change["reason"] == "backup_damaged":
                self.warnings.append(
                    f"The newest backup {change['before']} of {gpo['name']!r} is damaged: {_some(damage(change))}."
                )
        if self.show_diff and changes:
            self.diffs.append(gpo_diff(gpo, changes))

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
            (gpo,) = (gpo for gpo in self.remaining if gpo["id"] == batch[0])
            self.remaining.remove(gpo)
            entry = _backup_entry({"gpo": {**gpo, "domain": self.domain or None}, "outcome": "failed"})
            self._lost[gpo["id"]] = why
            self.backups.append(entry)
            return
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
        if self.diffs:
            result["diff"] = self.diffs
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
            for of_call in (entry["call_status"], entry["overall_status"], _catalog_status(entry)):
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
                why = self._lost.get(entry["gpo"]["id"]) or _why(entry)
                reasons.setdefault(why, []).append(f"{entry['gpo']['name']!r} {entry['gpo']['id']}")
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
    messages = [_message(message) for message in raw.get("status_messages") or ()]
    if raw.get("catalog_status"):
        messages.append(_catalog_message(raw))
    elif raw["outcome"] == "cancelled":
        messages.append(_cancel_message(raw))
    return {
        "gpo": {key: raw["gpo"].get(key) for key in _GPO_KEYS},
        "outcome": raw["outcome"],
        "reasons": list(raw.get("reasons") or ()),
        "backup": raw.get("backup"),
        "call_status": _status(raw.get("call_status")),
        "overall_status": _status(raw.get("overall_status")),
        "status_messages": messages,
        "duration": raw.get("duration", 0.0),
    }


_OURS = "gpvault.gpmc"
"""What stands as the extension in status messages that are not GPMC's."""


def _catalog_message(raw: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    why = sentence(**raw["catalog_status"], stage="catalog")
    return {
        "object_path": raw["backup"]["path"],
        "extension": _OURS,
        "setting": "catalog",
        "message": f"The backup was made, but it could not be recorded in the catalog, so it counts for nothing: {why}",
        "error": code(raw["catalog_status"]["hresult"], raw["catalog_status"]["message"]),
        "operation": code(0),
    }


def _cancel_message(raw: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    message = "It took longer than gpo_timeout and was cancelled."
    if raw.get("lost"):
        message = "It took longer than gpo_timeout. GPMC did not obey the cancel, so its process was ended."
    return {
        "object_path": raw["gpo"]["id"],
        "extension": _OURS,
        "setting": "gpo_timeout",
        "message": message,
        "error": code(0x800704C7),
        "operation": code(0),
    }


def _catalog_status(entry: t.Mapping[str, t.Any]) -> dict[str, t.Any] | None:
    """Return the status with which the catalog refused a backup that GPMC had made."""
    for message in entry["status_messages"]:
        if message["extension"] == _OURS and message["setting"] == "catalog":
            return {"succeeded": False, **message["error"]}
    return None


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
    for message in entry["status_messages"]:
        if message["extension"] == _OURS:
            return str(message["message"])
    for of_call in (entry["call_status"], entry["overall_status"]):
        if of_call is not None and not of_call["succeeded"]:
            said = sentence(int(of_call["hresult"], 16), of_call["message"], "backup")
            for message in entry["status_messages"]:
                if message["error"]["hresult"] != _OK or message["operation"]["hresult"] != _OK:
                    return f"{said} (GPMC said: {message['message'] or message['error']['message']})"
            return said
    return "GPMC reported success but returned no backup."


def _problem(problem: t.Mapping[str, t.Any]) -> str:
    why = problem["text"] if "text" in problem else sentence(**problem["status"])
    return f"{_PROBLEMS[problem['kind']].format(problem['subject'])}: {' '.join(why.split())}"


def _holder(holder: t.Mapping[str, t.Any], run_id: str) -> str:
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
