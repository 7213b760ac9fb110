# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role gpo_vault makes of its steps' results: a record of each domain, and of all of them what is told.

Pure: it knows neither Ansible nor a host. A record holds what one line says of a domain, and why it is so if it is not
well; never whole results, which a job with thousands of GPOs could not hand on.
"""

from __future__ import annotations

import csv
import datetime
import io
import os.path
import typing as t

from ._duration import ACCEPTED, parse_duration
from ._fleet_destinations import destinations, is_bad, lacking, told_of
from ._fleet_drift import drift_lines, drifted
from ._survey import none_known
from ._table import cut, table
from ._terminal import printable
from ._words import counted, first, some

Result = t.Mapping[str, t.Any]
"""The registered result of a step. Empty, or marked as skipped, where the step did not come to its turn."""

Record = dict[str, t.Any]
"""What came of a domain."""

STEPS = ("preflight", "backup", "verify", "drill", "prune", "collect", "drift")
"""The steps of a cycle, in their order."""

_FAILURES_AT_MOST = 100
"""Failures that a record tells of, each with its reason. How many there are is always counted."""

_REASONS_AT_MOST = 200
"""Reasons that are shown of all domains. The report's files have the others."""

_DRIFTED_AT_MOST = 20
"""GPOs that have drifted of which a record tells how. The step itself shows all of them."""

_REASON_AT_MOST = 300
"""Characters of a reason, which may quote a host."""

_HEADER = ("HOST", "DOMAIN", "OUTCOME", "GPOS", "NEW", "FAILED", "OLDEST", "SECONDS")
_CSV_DOMAINS = (
    "host", "domain", "via", "path", "outcome", "step", "gpos", "new", "unchanged", "failed", "inaccessible", "damaged",
    "drilled", "not_drilled", "recovery", "pruned", "copied", "passed_on", "drifted", "oldest", "age", "seconds",
    "msg",
)  # fmt: skip
_CSV_FAILURES = ("host", "domain", "step", "id", "name", "reason")


def fault_of(result: Result) -> str:
    """Return why a step must not count as done although its module did not fail, or an empty text.

    A host that could not be reached, backups that are no longer what their catalog entry says, and a verification of
    backups of which the catalog knows none. Of a loop over further hosts, also where the module failed.
    """
    if "results" in result:
        return lacking(destinations(result))
    if result.get("unreachable"):
        return f"The host could not be reached: {_one_line(result.get('msg'))}"
    spoilt = _spoilt(result)
    summary = result.get("summary") or {}
    unlisted = summary.get("unlisted", 0)
    untold = _untold_damaged(result)
    faults = []
    if spoilt:
        told = some([_one_line(f"{_title(one)}: {' '.join(one['problems'])}") for one in spoilt], " | ")
        faults.append(f"{counted(len(spoilt), 'backup')} no longer what was backed up: {told}")
    is_of_none = summary.get("total") and not (summary.get("ok") or spoilt or untold > 0 or result.get("check_mode"))
    if is_of_none:
        faults.append(none_known(summary["total"]))
    if untold > 0:
        faults.append(
            f"{counted(untold, 'damaged backup')} of which the result does not say more: gpo_backup_info tells of them."
        )
    if unlisted:
        faults.append(
            f"GPMC may not find {counted(unlisted, 'backup')} that manifest.xml does not list: "
            "gpo_backup_index mends that."
        )
    return " ".join(faults)


def refusal_of(given: t.Mapping[str, t.Any]) -> str:
    """Return why the role's variables cannot work, or an empty text: what would show only after a backup, or never.

    *given* are inventory, names of hosts; and by the names of variables, hosts, folders and durations, and needs, the
    values of others that it needs.
    """
    told = []
    for name, hosts in given["hosts"].items():
        strangers = [host for host in hosts if host not in given["inventory"]]
        if strangers:
            told.append(f"{name} names what is no host of the inventory: {some(strangers)}.")
    for name, others in (given.get("needs") or {}).items():
        told.extend(f"{name} needs {other}." for other, value in others.items() if not value)
    for name, path in (given.get("folders") or {}).items():
        if path and not (os.path.isabs(path) or path.startswith("~")):
            told.append(
                f"{name} is '{path}', a relative path, which would be one in the installed collection. "
                "Give one that begins with / or ~."
            )
    for name, duration in (given.get("durations") or {}).items():
        if duration not in (None, "") and not _is_duration(duration):
            told.append(f"{name} is '{duration}', which is not {ACCEPTED}.")
    return " ".join(told)


def record_of(steps: t.Mapping[str, Result | None], given: t.Mapping[str, t.Any]) -> Record:
    """Return the record of a domain.

    *steps* are the results of a cycle's steps; pass_on is the loop of the step collect over further hosts. *given* is
    what else is known: host, via, domain and path as they were asked for; error, if a step failed; began and now, in
    seconds; max_age, the age of an alarm; inaccessible, what is to be done about GPOs that cannot be seen; unpruned,
    why nothing is pruned although there are rules.
    """
    done = {name: _of_step(steps.get(name)) for name in STEPS}
    further = destinations(steps.get("pass_on"))
    backup, oldest = done["backup"], done["backup"].get("oldest") or {}
    failures = [*_failures(done), *_not_passed_on(further)]
    record: Record = {
        "host": given["host"],
        "via": given.get("via") or given["host"],
        "domain": backup.get("domain") or done["preflight"].get("domain") or given.get("domain") or None,
        "domain_controller": backup.get("domain_controller"),
        "path": given.get("path") or None,
        "run_id": backup.get("run_id"),
        "outcome": "ok",
        "step": None,
        "gpos": _count(backup, "selected"),
        "new": _count(backup, "created"),
        "unchanged": _count(backup, "unchanged"),
        "failed": _failed(backup),
        "inaccessible": _count(backup, "inaccessible"),
        "damaged": len(_spoilt(done["verify"])) + _untold_damaged(done["verify"]) if done["verify"] else None,
        "drilled": _count(done["drill"], "drilled"),
        "not_drilled": _not_drilled(done["drill"]),
        "recovery": (done["drill"].get("recovery") or {}).get("seconds"),
        "pruned": _count(done["prune"], "pruned"),
        "copied": _count(done["collect"], "copied"),
        "passed_on": sum(_count(one, "copied") or 0 for one in further.values()) if further else None,
        "drifted": drifted(done["drift"]),
        "oldest": oldest.get("timestamp"),
        "oldest_gpo": oldest.get("gpo"),
        "oldest_known": None,
        "age": age_of(oldest.get("timestamp"), given["now"]),
        "max_age": given.get("max_age") or None,
        "time": utc(given["now"]),
        "seconds": round(max(0.0, float(given["now"]) - float(given["began"])), 1),
        "msg": " ".join([*(str(done[name]["msg"]) for name in STEPS if done[name].get("msg")), *told_of(further)]),
        "failures": failures[:_FAILURES_AT_MOST],
        "more_failures": max(0, len(failures) - _FAILURES_AT_MOST) + _untold(backup) + _untold_damaged(done["verify"])
        + _untold(done["drill"], "drills") + _untold(done["drift"], "comparisons"),
        "warnings": _warnings(done, given),
    }
    _judge(record, done, lacking(further), given)
    record["msg"] = printable(record["msg"])
    return record


def _judge(record: Record, done: t.Mapping[str, Result], lacks: str, given: t.Mapping[str, t.Any]) -> None:
    """Settle the outcome of a record: unreachable, failed, late or ok. *lacks*: what further hosts lack."""
    error = given.get("error")
    if error is not None:
        lost = any(result.get("unreachable") for result in done.values())
        # What failed is not always the last step. What ended the cycle without such a result is.
        faults = {name: done[name].get("failed") or fault_of(done[name]) for name in STEPS}
        faults["collect"] = faults["collect"] or lacks
        bad = next((name for name in STEPS if faults[name]), None)
        step = bad or next((name for name in reversed(STEPS) if done[name]), None)
        record.update(outcome="unreachable" if lost else "failed", step=step, msg=_one_line(error))
    elif record["max_age"]:
        # A backup knows the domain's GPOs, a verification what is in the directory, other steps neither.
        late = overdue(record) if done["backup"] else _overdue_by_directory(record, done["verify"], given["now"])
        # In check mode no backup is made that could have an age.
        if done["backup"] and record["age"] is None and not done["backup"].get("check_mode"):
            late = "No GPO of the domain has a backup whose age is known."
        if late:
            record.update(outcome="late", msg=late)


def overdue(record: Record) -> str:
    """Return that the newest backup of a GPO is too old, or an empty text."""
    name = (record["oldest_gpo"] or {}).get("name")
    return _too_old(f"The newest backup of '{name}'", record["age"], record["max_age"])


def _overdue_by_directory(record: Record, verify: Result, now: float) -> str:
    """Return that no backup in the directory is young enough, or an empty text.

    Of a single GPO it is but a warning: it may have been deleted since, and nobody has asked the domain.
    """
    if "newest" not in verify:
        return ""
    if verify["newest"] is None:
        return "" if verify.get("check_mode") else "The directory has no good backup of the domain."
    late = _too_old("The newest backup of the domain", age_of(verify["newest"]["timestamp"], now), record["max_age"])
    oldest = verify["oldest"]
    one = f"The newest backup of '{oldest['gpo']['name']}', unless that GPO has been deleted,"
    warning = "" if late else _too_old(one, age_of(oldest["timestamp"], now), record["max_age"])
    record["warnings"].extend(filter(None, [warning]))
    return late


def _too_old(what: str, age: int | None, limit: str | None) -> str:
    if age is None or not limit or age <= parse_duration(limit):
        return ""
    return f"{what} is {age_in_words(age)} old, and {limit} is what is allowed."


def fleet_of(records: t.Sequence[Record | None], hosts: t.Sequence[str]) -> dict[str, t.Any]:
    """Return what is told of all domains: summary, domains, lines (a table), reasons, good, msg.

    *records* are those of *hosts*, in their order. One without a record did not come to the end of its cycle.
    """
    domains = [whole(record, host) for record, host in zip(records, hosts, strict=True)]
    ages = [one["age"] for one in domains if one["age"] is not None]
    summary = {
        "domains": len(domains),
        **{outcome: sum(one["outcome"] == outcome for one in domains) for outcome in OUTCOMES},
        **{name: sum(one[name] or 0 for one in domains) for name in ("gpos", "new")},
        "gpos_failed": sum(one["failed"] or 0 for one in domains),
        "oldest_age": max(ages, default=None),
    }
    return {
        "summary": summary,
        "domains": domains,
        "lines": table(_HEADER, [_row(one) for one in domains]),
        "reasons": _limited([line for one in domains for line in _reasons(one)]),
        "good": bool(domains) and summary["ok"] == len(domains),
        "msg": _message(summary, domains),
        "stats": {"summary": summary, "domains": [_stats(one) for one in domains]},
    }


def csv_of(fleet: t.Mapping[str, t.Any], rows: str = "domains") -> str:
    """Return a file of comma-separated values with a header: a row for each of the domains, or of the failures."""
    if rows == "domains":
        return csv_text(_CSV_DOMAINS, fleet["domains"])
    failures = [
        {"host": one["host"], "domain": one["domain"], **failure}
        for one in fleet["domains"]
        for failure in one["failures"]
    ]
    return csv_text(_CSV_FAILURES, failures)


def age_in_words(seconds: float) -> str:
    """Return an age in its largest unit that says enough: two of it at least."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)}{unit}"
    return f"{int(seconds)}s"


_BAD = ("failed", "cancelled")
OUTCOMES = ("ok", "failed", "late", "unreachable")

_EMPTY: Record = {
    "via": None, "domain": None, "domain_controller": None, "path": None, "run_id": None, "outcome": "failed",
    "step": None,
    "gpos": None, "new": None, "unchanged": None, "failed": None, "inaccessible": None, "damaged": None,
    "drilled": None, "not_drilled": None, "recovery": None,
    "pruned": None, "copied": None, "passed_on": None, "drifted": None, "oldest": None, "oldest_gpo": None,
    "oldest_known": None, "age": None, "max_age": None, "time": None, "seconds": None,
    "msg": "The cycle did not come to its end.", "failures": [], "more_failures": 0, "warnings": [],
}  # fmt: skip


def whole(record: Record | None, host: str) -> Record:
    """Return a record with every key: a host whose variables were refused, say, has but a message."""
    return {**_EMPTY, **(record or {}), "host": host}


def _message(summary: Record, records: t.Sequence[Record]) -> str:
    if not records:
        return "There was no domain."
    domains = counted(len(records), "domain")
    bad = [one for one in records if one["outcome"] != "ok"]
    if bad:
        told = some([f"{one['host']}: {_one_line(one['msg'])}" for one in bad], " | ")
        return f"{len(bad)} of {domains} not well: {told}"
    # A preflight, say, counts no GPOs: none would be wrong.
    if all(one["gpos"] is None for one in records):
        return f"{domains} well."
    return f"{domains}, {counted(summary['gpos'], 'GPO')}, {summary['new']} new."


def _stats(record: Record) -> Record:
    """Return what of a record is small enough to be handed on to other jobs, whatever the size of the fleet."""
    keys = ("host", "domain", "outcome", "gpos", "new", "failed", "age", "seconds")
    # Most cycles are without a drill.
    drill = {key: record[key] for key in ("drilled", "not_drilled", "recovery") if record[key] is not None}
    return {**{key: record[key] for key in keys}, **drill, "msg": cut(_one_line(record["msg"]))}


def _of_step(result: Result | None) -> Result:
    """Return the result of a step, or an empty one for a step that was left out."""
    return {} if not result or result.get("skipped") else result


def _count(result: Result, name: str) -> int | None:
    """Return a number of a result's summary, or None without one."""
    summary = result.get("summary")
    return None if summary is None else int(summary.get(name, 0))


def _failed(backup: Result) -> int | None:
    summary = backup.get("summary")
    return None if summary is None else sum(summary[name] for name in ("failed", "cancelled", "not_attempted"))


def _not_drilled(drill: Result) -> int | None:
    """Return how many GPOs could not be recovered, or were not reached."""
    summary = drill.get("summary")
    return None if summary is None else summary["failed"] + summary["not_attempted"]


def _untold(result: Result, entries: str = "backups") -> int:
    """Return how many GPOs failed that a result has no room for."""
    told = sum(one["outcome"] in _BAD for one in result.get(entries) or ())
    return sum(result["summary"].get(outcome, 0) for outcome in _BAD) - told if result.get("summary") else 0


def _untold_damaged(result: Result) -> int:
    """Return how many damaged backups that the catalog may know a result has no room for.

    Those that it knows come first, so where one of the others is told of, all of them are.
    """
    damaged = [one for one in result.get("backups") or () if one.get("state") == "damaged"]
    if any(one.get("sequence") is None for one in damaged):
        return 0
    return max(0, (result.get("summary") or {}).get("damaged", 0) - len(damaged))


def _spoilt(result: Result) -> list[t.Mapping[str, t.Any]]:
    """Return the damaged backups that the catalog knows.

    The others are what failed or interrupted backups have left, and never counted as backups.
    """
    return [
        one
        for one in result.get("backups") or ()
        if one.get("state") == "damaged" and one.get("sequence") is not None
    ]


def _failures(done: t.Mapping[str, Result]) -> t.Iterator[dict[str, t.Any]]:
    """Tell of each check, GPO or backup that failed, and why."""
    for check in done["preflight"].get("checks") or ():
        if check["verdict"] == "failed":
            why = " ".join(filter(None, (check["message"], check["fix"])))
            yield _failure("preflight", check["check"], None, why)
    for one in done["backup"].get("backups") or ():
        if one["outcome"] in _BAD:
            yield _failure("backup", one["gpo"]["name"], one["gpo"]["id"], _why(one))
    for one in _spoilt(done["verify"]):
        yield _failure("verify", one["gpo"]["name"], one["id"], " ".join(one["problems"]))
    for one in done["drill"].get("drills") or ():
        if one["outcome"] in _BAD:
            yield _failure("drill", one["gpo"]["name"], one["gpo"]["id"], _why(one))
    for one in done["prune"].get("pruned") or ():
        if one["outcome"] == "failed":
            yield _failure("prune", one["backup"]["gpo"]["name"], one["backup"]["id"], _why(one))
    for one in done["collect"].get("backups") or ():
        if one["outcome"] == "failed":
            yield _failure("collect", (one["gpo"] or {}).get("name"), (one["backup"] or {}).get("id"), _why(one))
    for one in done["drift"].get("comparisons") or ():
        if one["outcome"] == "failed":
            yield _failure("drift", one["gpo"]["name"], one["gpo"]["id"], _why(one))


def _not_passed_on(further: t.Mapping[str, Result]) -> t.Iterator[dict[str, t.Any]]:
    """Tell of each backup that could not be passed on to a further host, or of the host where no backup is to blame."""
    for host, result in further.items():
        failed = [one for one in result.get("backups") or () if one["outcome"] == "failed"]
        for one in failed:
            yield _failure("collect", f"{host}: {(one['gpo'] or {}).get('name')}", one["backup"]["id"], _why(one))
        if not failed and is_bad(result):
            yield _failure("collect", host, None, str(result.get("msg")))


def _failure(step: str, name: str | None, identity: str | None, reason: str) -> dict[str, t.Any]:
    return {"step": step, "name": name, "id": identity, "reason": _one_line(reason)}


def _why(item: Result) -> str:
    """Return why an item failed: its trouble, else the first of its statuses that tells of a failure."""
    trouble = item.get("trouble")
    if isinstance(trouble, str):
        return trouble
    if trouble:
        code = " ".join(filter(None, (trouble["hresult"], trouble["name"])))
        told = f"{trouble['message']} ({code})" if code and code not in trouble["message"] else trouble["message"]
        return " ".join(filter(None, (told, trouble["fix"])))
    for status in (item.get("call_status"), item.get("overall_status")):
        if status and not status["succeeded"]:
            return f"{status['hresult']} {status['name']}: {status['message']}"
    return "The host did not say why."


def _warnings(done: t.Mapping[str, Result], given: t.Mapping[str, t.Any]) -> list[str]:
    """Return what is to be warned of: what a preflight does not like, what interrupted backups have left, and so on."""
    hidden = _count(done["backup"], "inaccessible")
    ignored = given.get("inaccessible") == "ignore"
    # A backup knows better than a preflight: which GPOs were asked for, and which are excluded.
    settled = ignored or (hidden == 0 and not done["backup"].get("failed"))
    told = [
        f"{one['check']}: {' '.join(filter(None, (one['message'], one['fix'])))}"
        for one in done["preflight"].get("checks") or ()
        if one["verdict"] == "warning" and not (settled and _is_of_hidden(one))
    ]
    left = (_count(done["verify"], "damaged") or 0) - len(_spoilt(done["verify"])) - _untold_damaged(done["verify"])
    if left > 0:
        told.append(
            f"{counted(left, 'folder')} that failed or interrupted backups have left; "
            "with gpo_vault_prune_remove: [damaged] they go."
        )
    # A preflight has told of them, with their IDs.
    if hidden and not ignored and not done["preflight"]:
        told.append(f"{counted(hidden, 'GPO')} that the account cannot see.")
    if given.get("unpruned"):
        told.append(given["unpruned"])
    told.extend(first(drift_lines(done["drift"]), _DRIFTED_AT_MOST))
    return [_one_line(text) for text in told]


def _is_of_hidden(check: t.Mapping[str, t.Any]) -> bool:
    """Return whether a check of a preflight warns of GPOs that the account cannot see."""
    found = (check.get("detail") or {}).get("found") or {}
    return check["check"] == "gpos" and bool(found.get("inaccessible"))


def _is_duration(value: object) -> bool:
    try:
        parse_duration(value)
    except ValueError:
        return False
    return True


def age_of(timestamp: str | None, now: float) -> int | None:
    """Return how old a backup is. Its time is that of the host's clock, so a young one may be of the future: age 0."""
    return max(0, int(float(now) - instant(timestamp))) if timestamp else None


def instant(timestamp: str) -> float:
    """Return a time of a backup in seconds since 1970. Raises ValueError where it is none."""
    made = datetime.datetime.fromisoformat(timestamp)
    return (made if made.tzinfo else made.replace(tzinfo=datetime.timezone.utc)).timestamp()


def utc(seconds: float) -> str:
    """Return a time, in seconds since 1970, in the form that backups have theirs."""
    time = datetime.datetime.fromtimestamp(float(seconds), datetime.timezone.utc)
    return f"{time.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _row(record: Record) -> tuple[str, ...]:
    numbers = ("-" if record[name] is None else str(record[name]) for name in ("gpos", "new", "failed"))
    return (
        cut(record["host"]),
        cut(record["domain"] or "-"),
        record["outcome"],
        *numbers,
        "-" if record["age"] is None else age_in_words(record["age"]),
        "-" if record["seconds"] is None else f"{record['seconds']:.0f}",
    )


def _reasons(record: Record) -> t.Iterator[str]:
    """Tell why a domain is not well, in one line for each reason, and then what it warns of."""
    if record["outcome"] != "ok" and not record["failures"]:
        yield f"{record['host']}: {_one_line(record['msg'])}"
    for one in record["failures"]:
        yield printable(f"{record['host']}: {one['step']}: {one['name'] or one['id']}: {one['reason']}")
    if record["more_failures"]:
        yield f"{record['host']}: and {record['more_failures']} more failed"
    for text in record["warnings"]:
        yield f"{record['host']}: warning: {_one_line(text)}"


def _limited(reasons: list[str]) -> list[str]:
    more = len(reasons) - _REASONS_AT_MOST
    return [*reasons[:_REASONS_AT_MOST], f"and {more} more"] if more > 0 else reasons


def _title(backup: Result) -> str:
    return f"'{backup['gpo']['name']}' of {backup['timestamp'] or 'an unknown time'}"


def _one_line(text: object) -> str:
    """Return what a host, or a task, has said, as it can be shown."""
    line = printable(" ".join(str(text).split()))
    return line if len(line) <= _REASON_AT_MOST else f"{line[:_REASON_AT_MOST]}…"


def csv_text(columns: t.Sequence[str], rows: t.Iterable[t.Mapping[str, t.Any]]) -> str:
    """Return comma-separated values with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    """Return a value for a cell. A text that a spreadsheet would take for a formula is marked as text: anybody may have
    named a GPO."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
