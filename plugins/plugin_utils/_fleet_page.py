# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the page on a fleet shows, made of its history: few facts as they are shown, and the many as compact JSON.

The JSON of thousands of GPOs is for the page's script, which makes rows of it as they come into sight. Texts that many
GPOs share stand in it once, in C(words), and elsewhere their number; 0 is the empty text::

    {made, words, domains: [host], listed: [the time of the newest run that told of the domain's GPOs],
     gpos:    [[domain, id, name, was, outcome, event, status, why, gone, newest, more, backups]]
                backups: [[id, time, comment, reasons, purpose, changes, more changes]]
     changes: [[[half, extension, kind, place, name, before, after]]]
     runs:    [[time, backed up, failed, domains, domains not well]]}

Times are in seconds, null where unknown. C(changes) of a backup is the number of a list, or null where it is not known
what changed.
"""

from __future__ import annotations

import base64
import collections
import hashlib
import json
import typing as t

from ._fleet import age_in_words
from ._fleet_history import History, seconds_of
from ._terminal import printable
from ._words import first

BACKUPS_AT_MOST = 100_000
CHANGES_AT_MOST = 20_000
"""How many backups, and changed settings, a page has of all GPOs: the newest. So it stays below some 20 MB."""

RUNS_SHOWN = 60
"""Runs of the chart."""

STRIP = 30
"""Runs of which the table of domains shows how each ended."""

_REASONS_SHOWN = 20
"""Lines that a page has about a domain that is not well."""

_NOT_THERE = ("deleted", "hidden")
_FAILED = ("failed", "cancelled", "not_attempted")

Raw = t.Mapping[str, t.Any]


def page_of(history: History) -> dict[str, t.Any]:
    """Return what the page shows: made, totals, domains, attention, data (JSON for an element of script)."""
    made = history["runs"][-1]["at"] if history["runs"] else ""
    now = seconds_of(made) or 0
    domains = [_domain(one, history["runs"], now) for one in history["domains"]]
    return {
        "made": time_shown(made),
        "totals": _totals(domains),
        "domains": domains,
        "attention": [one for one in domains if one["outcome"] != "ok" or one["reasons"]],
        "data": script_safe(_data(history, now)),
    }


def policy(script: str, style: str) -> str:
    """Return a Content-Security-Policy by which a page can do nothing but run this script, and look like this."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (script, style)]
    return (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def script_safe(value: t.Any) -> str:
    """Return a value as JSON that can stand in a script element: nothing in it ends the element, or is markup."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def time_shown(timestamp: str | None) -> str:
    """Return a time of the history as the page shows it."""
    return (timestamp or "")[:16].replace("T", " ")


def newest_of(gpo: Raw) -> Raw | None:
    """Return the newest backup of a GPO. A safety copy is none."""
    return next((one for one in gpo["backups"] if one["purpose"] == "backup"), None)


def _domain(domain: Raw, runs: t.Sequence[Raw], now: int) -> dict[str, t.Any]:
    """Return the row of a domain, and why it is not well."""
    record, gpos = domain["record"], domain["gpos"]
    there = [gpo for gpo in gpos if gpo["outcome"] not in _NOT_THERE]
    newest = [seconds_of((newest_of(gpo) or {}).get("timestamp")) for gpo in there]
    times = [one for one in newest if one is not None]
    events = collections.Counter(gpo["event"] for gpo in gpos if gpo["event"])
    age = max(0, now - min(times)) if times else record["age"]
    ends = _ends(domain["host"], runs)
    return {
        "host": printable(domain["host"]),
        "domain": printable(domain["domain"] or ""),
        "outcome": record["outcome"],
        "in_last_run": bool(runs) and domain["at"] == runs[-1]["at"],
        "at": time_shown(domain["at"]),
        "listed_at": time_shown(domain["listed_at"]),
        "gpos": len(there) if gpos else record["gpos"],
        "failed": sum(gpo["outcome"] in _FAILED for gpo in there) if domain["listed_at"] else record["failed"],
        "bare": len(newest) - len(times),
        "events": {name: events[name] for name in ("new", "changed", "deleted", "returned")},
        "oldest": age,
        "oldest_shown": "" if age is None else age_in_words(age),
        "drill": _drill(domain["drill"]),
        "ends": ends,
        "well": f"{sum(end == 'ok' for end in ends)} of {len(ends)}",
        "reasons": [printable(line) for line in first(_reasons(record), _REASONS_SHOWN)],
    }


def _drill(drill: Raw | None) -> dict[str, t.Any] | None:
    """Return what the newest drill of a domain has found: when, how many GPOs, how many not, and how long it took."""
    if not drill:
        return None
    return {
        "at": time_shown(drill["at"]),
        "gpos": drill["drilled"] + drill["not_drilled"],
        "failed": drill["not_drilled"],
        "recovery": age_in_words(drill["recovery"]),
    }


def _ends(host: str, runs: t.Sequence[Raw]) -> list[str]:
    """Return how the runs ended that had a host, the newest last."""
    ends = [one["outcome"] for run in runs for one in run["domains"] if one["host"] == host]
    return ends[-STRIP:]


def _reasons(record: Raw) -> list[str]:
    told = [] if record["outcome"] == "ok" or record["failures"] else [str(record["msg"])]
    told.extend(f"{one['step']}: {one['name'] or one['id']}: {one['reason']}" for one in record["failures"])
    if record["more_failures"]:
        told.append(f"and {record['more_failures']} more failed")
    return told + [f"warning: {text}" for text in record["warnings"]]


def _totals(domains: t.Sequence[Raw]) -> dict[str, t.Any]:
    ages = [one["oldest"] for one in domains if one["oldest"] is not None]
    total = {name: sum(one[name] or 0 for one in domains) for name in ("gpos", "failed", "bare")}
    events = {name: sum(one["events"][name] for one in domains) for name in ("new", "changed", "deleted", "returned")}
    return {
        **total,
        **events,
        "domains": len(domains),
        "drilled": sum(bool(one["drill"]) for one in domains),
        "not_recovered": sum(one["drill"]["failed"] for one in domains if one["drill"]),
        "well": sum(one["outcome"] == "ok" for one in domains),
        "oldest": age_in_words(max(ages)) if ages else "",
    }


class _Words:
    """Texts by number, each once."""

    def __init__(self) -> None:
        self.numbers = {"": 0}

    def __call__(self, text: str | None) -> int:
        return self.numbers.setdefault(text or "", len(self.numbers))


def _data(history: History, now: int) -> dict[str, t.Any]:
    """Return what the page's script reads."""
    words = _Words()
    gpos = [(number, gpo) for number, domain in enumerate(history["domains"]) for gpo in domain["gpos"]]
    # By name: so the script need not sort them before it shows the first.
    gpos.sort(key=lambda one: ((one[1]["name"] or "").casefold(), one[0]))
    each = _backups_each([len(gpo["backups"]) for _number, gpo in gpos])
    lists: list[list[list[t.Any]]] = []
    numbers = _told_changes([gpo for _number, gpo in gpos], each, lists, words)
    return {
        "made": now,
        "domains": [domain["host"] for domain in history["domains"]],
        "listed": [seconds_of(domain["listed_at"]) for domain in history["domains"]],
        "gpos": [_gpo(number, gpo, each, numbers, words) for number, gpo in gpos],
        "changes": lists,
        "runs": [_run(run) for run in history["runs"][-RUNS_SHOWN:]],
        "words": list(words.numbers),
    }


def _gpo(domain: int, gpo: Raw, each: int, changes: t.Mapping[int, int], words: _Words) -> list[t.Any]:
    shown = [
        [
            one["id"].strip("{}"),
            seconds_of(one["timestamp"]),
            words(one["comment"]),
            words(", ".join(one["reasons"]).replace("_", " ")),
            words(one["purpose"]),
            changes.get(id(one)),
            one["more_changes"],
        ]
        for one in gpo["backups"][:each]
    ]
    return [
        domain,
        gpo["id"].strip("{}"),
        gpo["name"] or "",
        gpo["was"] or 0,
        words(gpo["outcome"]),
        words(gpo["event"]),
        words((gpo["status"] or "").replace("_", " ")),
        words(gpo["why"]),
        seconds_of(gpo["gone"]),
        seconds_of((newest_of(gpo) or {}).get("timestamp")),
        gpo["more_backups"] + len(gpo["backups"]) - len(shown),
        shown,
    ]


def _backups_each(lengths: t.Sequence[int]) -> int:
    """Return how many backups of each GPO there is room for."""
    each = max(lengths, default=0)
    while each > 1 and sum(min(length, each) for length in lengths) > BACKUPS_AT_MOST:
        each -= 1
    return each


def _told_changes(
    gpos: t.Sequence[Raw], each: int, lists: list[list[list[t.Any]]], words: _Words
) -> dict[int, int]:
    """Put the changes of the newest backups into *lists*, and return the number of its list by the backup itself.

    Not by its ID, which any copy may claim.
    """
    known = [one for gpo in gpos for one in gpo["backups"][:each] if one["changes"] is not None]
    numbers: dict[int, int] = {}
    left = CHANGES_AT_MOST
    for backup in sorted(known, key=lambda one: one["timestamp"] or "", reverse=True):
        left -= len(backup["changes"])
        if left < 0:
            break
        numbers[id(backup)] = len(lists)
        lists.append([_change(one, words) for one in backup["changes"]])
    return numbers


def _change(change: Raw, words: _Words) -> list[t.Any]:
    place = " / ".join(change["place"])
    shared = [words(change["half"]), words(change["extension"]), words(change["kind"]), words(place)]
    return [*shared, change["name"] or "", change["before"], change["after"]]


def _run(run: Raw) -> list[t.Any]:
    """Return a run of the chart. None where no domain was to be backed up."""
    sums = [
        sum(known) if (known := [one[name] for one in run["domains"] if one[name] is not None]) else None
        for name in ("new", "failed")
    ]
    bad = sum(one["outcome"] != "ok" for one in run["domains"])
    return [seconds_of(run["at"]), *sums, len(run["domains"]), bad]
