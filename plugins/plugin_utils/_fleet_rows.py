# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history of a fleet as rows: of each GPO, and of each setting that changed."""

from __future__ import annotations

import typing as t

from ._fleet import csv_text
from ._fleet_history import History
from ._fleet_page import newest_of

_GPOS = (
    "host", "domain", "id", "name", "outcome", "event", "why", "status", "newest", "backup", "comment", "backups",
    "gone",
)  # fmt: skip
_DRILLS = ("host", "domain", "at", "drilled", "not_drilled", "recovery")
_CHANGES = (
    "host", "domain", "id", "name", "backup", "timestamp", "half", "extension", "kind", "place", "setting", "before",
    "after",
)  # fmt: skip

Row = dict[str, t.Any]


def csv_of(history: History, rows: str = "gpos") -> str:
    """Return a file of comma-separated values with a header.

    *rows* is gpos (a row for each GPO), changes (each setting that changed) or drills (the newest of each domain).
    """
    columns, told = {"gpos": (_GPOS, _gpos), "changes": (_CHANGES, _changes), "drills": (_DRILLS, _drills)}[rows]
    text = csv_text(columns, told(history))
    # Half of a character, as a name on Windows may have, no file in UTF-8 can hold.
    return text.encode("utf-8", "replace").decode()


def _gpos(history: History) -> t.Iterator[Row]:
    for domain, gpo in _each(history):
        newest = newest_of(gpo) or {}
        yield {
            **_who(domain, gpo),
            **{name: gpo[name] for name in ("outcome", "event", "why", "status", "gone")},
            "newest": newest.get("timestamp"),
            "backup": newest.get("id"),
            "comment": newest.get("comment"),
            "backups": len(gpo["backups"]) + gpo["more_backups"],
        }


def _changes(history: History) -> t.Iterator[Row]:
    for domain, gpo in _each(history):
        for backup in gpo["backups"]:
            for change in backup["changes"] or ():
                yield {
                    **_who(domain, gpo),
                    "backup": backup["id"],
                    "timestamp": backup["timestamp"],
                    **{name: change[name] for name in ("half", "extension", "kind", "before", "after")},
                    "place": " / ".join(change["place"]),
                    "setting": change["name"],
                }


def _drills(history: History) -> t.Iterator[Row]:
    for domain in history["domains"]:
        if domain["drill"]:
            yield {"host": domain["host"], "domain": domain["domain"], **domain["drill"]}


def _each(history: History) -> t.Iterator[tuple[Row, Row]]:
    for domain in history["domains"]:
        for gpo in domain["gpos"]:
            yield domain, gpo


def _who(domain: Row, gpo: Row) -> Row:
    return {"host": domain["host"], "domain": domain["domain"], "id": gpo["id"], "name": gpo["name"]}
