# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What other runs have left of a fleet's domains: job slices of the same fleet, and runs before.

A report takes the records of hosts from them that it has none of itself, if it is told to. And a domain of which a run
learns no age, since nothing answered or no backup was made, has at least the one that is known of it.
"""

from __future__ import annotations

import json
import typing as t

from ._duration import parse_duration
from ._fleet import OUTCOMES, Record, age_in_words, age_of, overdue, utc, whole

_TEXTS = ("time", "outcome", "msg")
_TEXTS_OR_NOTHING = ("via", "domain", "domain_controller", "path", "step", "oldest", "oldest_known", "max_age")
_NUMBERS_OR_NOTHING = (
    "gpos", "new", "unchanged", "failed", "inaccessible", "damaged", "pruned", "copied", "passed_on", "seconds",
)  # fmt: skip


def completed(
    records: t.Sequence[Record | None], hosts: t.Sequence[str], texts: t.Iterable[str], now: float, since: str | None
) -> list[Record]:
    """Return the records of hosts with what other runs know. *texts* are the contents of the files that they left.

    With *since*, a duration, a host without a record has that of another run, unless it is older.
    """
    earlier = _newest(texts)
    return [_completed(one, earlier.get(host), now, since) for one, host in zip(records, hosts, strict=True)]


def _newest(texts: t.Iterable[str]) -> dict[str, Record]:
    """Return the newest record of each host. A file that somebody has spoilt has none."""
    newest: dict[str, Record] = {}
    for text in texts:
        try:
            domains = json.loads(text)["domains"]
            found = [whole(one, one["host"]) for one in domains if _is_record(one)]
        except (AttributeError, KeyError, TypeError, ValueError):
            continue
        for one in found:
            if one["host"] not in newest or newest[one["host"]]["time"] < one["time"]:
                newest[one["host"]] = one
    return newest


def _is_record(one: Record) -> bool:
    """Return whether this is what a report has written, as far as a report relies on it."""
    for name in ("time", *(name for name in ("oldest", "oldest_known") if one.get(name))):
        age_of(one[name], 0)
    if one.get("max_age"):
        parse_duration(one["max_age"])
    return (
        all(isinstance(one[name], str) for name in ("host", *_TEXTS))
        and one["outcome"] in OUTCOMES
        and all(one.get(name) is None or isinstance(one[name], str) for name in _TEXTS_OR_NOTHING)
        and all(one.get(name) is None or isinstance(one[name], (int, float)) for name in _NUMBERS_OR_NOTHING)
        and isinstance(one["failures"], list)
        and isinstance(one["warnings"], list)
    )


def _completed(record: Record | None, earlier: Record | None, now: float, since: str | None) -> Record:
    if record and record.get("oldest"):
        return record
    if not record and since:
        record = _of_another_run(earlier, now, since)
    done = whole(record, (record or {}).get("host") or "")
    if done["oldest"] is None and earlier and earlier["oldest"]:
        done.update({name: earlier[name] for name in ("oldest", "oldest_gpo")})
        done["oldest_known"] = earlier["oldest_known"] or earlier["time"]
    done["time"] = done["time"] or utc(now)
    done["age"] = age_of(done["oldest"], now)
    return _judged(done)


def _of_another_run(earlier: Record | None, now: float, since: str) -> Record:
    if earlier is None:
        return {"outcome": "failed", "msg": "No run has left a record of it."}
    age = age_of(earlier["time"], now) or 0
    if age <= parse_duration(since):
        return dict(earlier)
    said = f"The last record of it is {age_in_words(age)} old, and {since} is what counts."
    stale: Record = {"outcome": "failed", "step": None, "msg": said, "failures": [], "more_failures": 0}
    return {**earlier, **stale, "new": None, "failed": None}


def _judged(record: Record) -> Record:
    """Return a record with the alarm for what is known of its age.

    A verification has looked at the directory itself, and knows better than an earlier run.
    """
    if not record["max_age"] or record["damaged"] is not None:
        return record
    late = overdue(record)
    if late and record["oldest_known"]:
        late = f"{late} That is as of {record['oldest_known']}."
    if late and record["outcome"] == "ok":
        return {**record, "outcome": "late", "msg": late}
    if record["outcome"] == "unreachable" and record["age"] is None:
        late = "How old its backups are is not known."
    warnings = [late] if late and record["outcome"] != "late" and late not in record["warnings"] else []
    return {**record, "warnings": [*record["warnings"], *warnings]}
