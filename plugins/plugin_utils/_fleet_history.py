# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history of a fleet: what the runs of the role gpo_vault found, and what is known of each GPO.

It is kept as JSON beside the report, and is bounded however long it is kept::

    {format, schema,
     runs:    [{at, domains: [{host, domain, outcome, gpos, new, failed}]}], the newest last
     domains: [{host, domain, at, record, listed_at, listed, whole, hidden, drill,
                gpos}]}

C(record) is what the newest run that had the host says of it, as in C(fleet.json), and C(at) the time of that run.
C(listed_at) is the time of the newest one that told of each GPO, C(listed) its ID, and C(whole) whether those were all
of the domain, but for the C(hidden) ones, of which there are but IDs. C(drill) is what the newest drill has found, as
{at, drilled, not_drilled, recovery}, or null. The form of C(gpos) is in _fleet_gpos.py.
"""

from __future__ import annotations

import json
import os
import typing as t

from . import _details_file, _fleet, _fleet_gpos
from ._fleet_copies import Copies

FORMAT = "gpvault.gpmc history"
SCHEMA = 1

RUNS_AT_MOST = 100
"""Runs that are kept. A domain that none of them had is forgotten."""

PAGE_MARK = b'<meta name="generator" content="gpvault.gpmc">'
"""What a page of ours has within its first bytes."""

_RUN_KEYS = ("host", "domain", "outcome", "gpos", "new", "failed")

History = dict[str, t.Any]
Raw = t.Mapping[str, t.Any]


class NotOurs(ValueError):
    """A file that stands where one of ours is to be written."""


def read(path: str) -> History:
    """Return the history of a file, an empty one where there is none yet. Raises NotOurs where it is another file."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return {"format": FORMAT, "schema": SCHEMA, "runs": [], "domains": []}
    return parse(content, path)


def parse(content: str | bytes, name: str = "The text") -> History:
    """Return a history from its text."""
    try:
        history = json.loads(content)
        if history["format"] != FORMAT or not isinstance(history["domains"], list):
            raise ValueError(history["format"])
    except (ValueError, KeyError, TypeError, RecursionError):
        said = f"{name} is no history of a fleet, or is damaged. Move it away, and a new one is begun."
        raise NotOurs(said) from None
    if history["schema"] > SCHEMA:
        raise NotOurs(f"{name} has the schema {history['schema']}, and this release knows those up to {SCHEMA}.")
    return dict(history)


def check_page(path: str) -> None:
    """Raise NotOurs where a page that is not ours stands in the place of ours."""
    try:
        with open(path, "rb") as file:
            begin = file.read(4096)
    except FileNotFoundError:
        return
    if PAGE_MARK not in begin:
        raise NotOurs(f"{path} is a page of another kind, and is left as it is. Move it away.")


def after_run(history: History, records: t.Sequence[Raw], runs: str, copies: str, at: str) -> History:
    """Return the history after a run.

    *records* are those of its domains. *runs* is the folder of the files that have all details of each host's backup,
    *copies* that of their copies, if there is one.
    """
    reader = Copies()
    told = [{key: record[key] for key in _RUN_KEYS} for record in records]
    before = {one["host"]: one for one in history["domains"]}
    # A report on what several runs did has their records once more: it takes their place.
    again = {one["host"] for one in records if one["host"] in before and _is_same(before[one["host"]]["record"], one)}
    kept = [*_without_newest(history["runs"], again), {"at": at, "domains": told}][-RUNS_AT_MOST:]
    for record in records:
        # Links and slashes are no matter here: both folders are made by the role, with the same names.
        result = _details_file.read(os.path.join(runs, f"{record['host']}.json"))
        domain = _after_run(before.get(record["host"]), record, result, at)
        if copies and domain["domain"]:
            _add_copies(domain, os.path.join(copies, record["host"]), reader)
        domain["gpos"] = _fleet_gpos.bounded(domain["gpos"])
        before[record["host"]] = domain
    oldest = kept[0]["at"]
    domains = [_remembered(one, oldest) for one in before.values() if one["at"] >= oldest]
    domains.sort(key=lambda one: one["host"].casefold())
    return {"format": FORMAT, "schema": SCHEMA, "runs": kept, "domains": domains}


def after_drill(history: History, records: t.Sequence[Raw], at: str) -> History:
    """Return the history after a run that but drilled the recovery: the newest drills, and all else as it was.

    A domain that no run of the cycle has told of yet has no place in it.
    """
    told = {one["host"]: one for one in records}
    domains = [_drilled(one, told.get(one["host"]), at) for one in history["domains"]]
    return {**history, "domains": domains}


def dump(history: History) -> str:
    """Return a history as text, in ASCII alone, with a line for each domain.

    It begins with an empty line: of a text that begins with a brace, templates of ansible-core before 2.19 try to make
    a structure, which takes long with a large one.
    """
    rest = {key: history[key] for key in ("format", "schema", "runs")}
    domains = ",\n".join(json.dumps(one, separators=(",", ":")) for one in history["domains"])
    return f'\n{json.dumps(rest, separators=(",", ":"))[:-1]},"domains":[\n{domains}\n]}}\n'


def seconds_of(timestamp: str | None) -> int | None:
    """Return a time in seconds, or None where there is none."""
    try:
        return int(_fleet.instant(timestamp or ""))
    except (TypeError, ValueError):
        return None


def _after_run(before: Raw | None, record: Raw, result: Raw | None, at: str) -> dict[str, t.Any]:
    """Return what is known of a domain after a run that had its host."""
    name = record["domain"] or (before or {}).get("domain")
    # The host may have been moved to another domain, where other GPOs have the same IDs.
    same = before if before and before["domain"] == name else None
    domain: dict[str, t.Any] = {
        "host": record["host"],
        "domain": name,
        "at": at,
        "record": dict(record),
        "listed_at": same["listed_at"] if same else None,
        "listed": same["listed"] if same else None,
        "whole": bool(same and same["whole"]),
        "hidden": same["hidden"] if same else [],
        "drill": _drill(record, at) or (same["drill"] if same else None),
        "gpos": same["gpos"] if same else [],
    }
    if domain["listed"] and domain["listed"] == record["run_id"]:
        # Told once more: what was new then still is.
        domain["listed_at"] = at
    # A file of another run says nothing of this one, nor one that came to no GPO.
    elif result and record["run_id"] and result["run_id"] == record["run_id"] and result["summary"]["selected"]:
        reasons = {one["id"]: one["reason"] for one in record["failures"] if one["step"] == "backup"}
        domain["gpos"] = _fleet_gpos.after_run(domain["gpos"], result, reasons, at)
        hidden = [one["id"] for one in result["inaccessible"]]
        domain.update(listed_at=at, listed=record["run_id"], whole=bool(result["whole"]), hidden=hidden)
    return domain


def _drill(record: Raw, at: str) -> dict[str, t.Any] | None:
    """Return what a drill in a run has found, or None where there was none, or it came to no GPO."""
    if not record.get("drilled") and not record.get("not_drilled"):
        return None
    return {"at": record["time"] or at, **{name: record[name] for name in ("drilled", "not_drilled", "recovery")}}


def _drilled(domain: dict[str, t.Any], record: Raw | None, at: str) -> dict[str, t.Any]:
    """Return a domain with what a run has drilled of it. The host may have been moved to another one since."""
    if record is None or record["domain"] not in (None, domain["domain"]):
        return domain
    return {**domain, "drill": _drill(record, at) or domain["drill"]}


def _is_same(before: Raw, record: Raw) -> bool:
    """Return whether two records are of one and the same run of a host."""
    told = ("time", "run_id", "outcome")
    return bool(before.get("time")) and all(before[name] == record.get(name) for name in told)


def _without_newest(runs: t.Sequence[Raw], hosts: t.Collection[str]) -> list[dict[str, t.Any]]:
    """Return runs without the newest record of each of these hosts, and without those that have no other."""
    left, kept = set(hosts), []
    for run in reversed(runs):
        domains = [one for one in run["domains"] if one["host"] not in left]
        left.difference_update(one["host"] for one in run["domains"])
        if domains:
            kept.append({**run, "domains": domains})
    return kept[::-1]


def _add_copies(domain: dict[str, t.Any], folder: str, reader: Copies) -> None:
    known = {
        gpo["id"]: {backup["id"] for backup in gpo["backups"] if backup["sequence"] is not None}
        for gpo in domain["gpos"]
    }
    found = reader.of(folder, domain["domain"].lower(), known, _fleet_gpos.BACKUPS_AT_MOST)
    domain["gpos"] = _fleet_gpos.with_backups(domain["gpos"], found, domain["whole"], domain["hidden"])


def _remembered(domain: dict[str, t.Any], oldest: str) -> dict[str, t.Any]:
    """Return a domain without the GPOs that were gone before the oldest run that is kept."""
    gpos = [gpo for gpo in domain["gpos"] if not gpo["gone"] or gpo["gone"] >= oldest]
    return domain if len(gpos) == len(domain["gpos"]) else {**domain, "gpos": gpos}
