# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changed with each backup of a GPO, kept beside the backup's entry in the catalog: its history.

The engine that compares is here and the catalog on the host. So a trip's reply has the reports, and the next trip takes
what came out of them. After the last one the host keeps the reports instead, and whoever reads them compares them; but
there is one trip more for what is too large to be kept, or once much is kept.
"""

from __future__ import annotations

import json
import typing as t

from ._item import Raw
from ._settings_changes import Change, Room, compare_contents
from ._words import named

_SCHEMA = 1
"""The version of the records that this release writes, as in _ChangeRecord.psm1."""

_LARGEST = 256 * 1024
"""Characters of the changes in a record. What is beyond is counted only."""

_TEXTS = ("half", "extension", "kind", "name", "before", "after")
_HALVES = (None, "computer", "user")
_KINDS = ("added", "removed", "changed")


def take_changes(trip: dict[str, t.Any]) -> tuple[list[dict[str, str]], bool]:
    """Put into the items of a trip what changed, instead of the reports that it sent.

    Return what is to be recorded, and whether that is worth a trip of its own. An item that cannot be compared is as
    good as any other: that is a warning.
    """
    records, due = [], False
    for item in trip["entries"]:
        reports = item.pop("reports", None)
        if reports is None:
            continue
        changes, fault = _compared(item["gpo"], reports)
        if fault:
            trip["warnings"].append(f"What changed in {named(item['gpo'])} cannot be told: {fault}")
        if item["outcome"] != "unchanged":
            item["settings_changes"] = changes
        if reports.get("backup"):
            records.append(_record(item["gpo"], reports, changes, fault))
            due = due or not reports.get("kept")
    for pair in trip.pop("kept", None) or ():
        records.append(_record(pair["gpo"], pair, *_compared(pair["gpo"], pair["reports"])))
        due = True
    return records, due


def settled(record: Raw) -> Raw:
    """Return what changed with a backup as a record, where the host has kept the reports.

    The file may be anybody's: what is neither stays as it is.
    """
    reports, gpo = record.get("reports"), record.get("gpo")
    if not isinstance(reports, dict) or not isinstance(gpo, dict):
        return record
    changes, fault = _compared(gpo, reports)
    rest = {key: value for key, value in record.items() if key != "reports"}
    return {**rest, "fault": fault, **Room(_LARGEST).told(changes)}


def settled_file(content: bytes | None) -> bytes | None:
    """Return the file of what changed with a backup as one with the record, whatever the host has kept."""
    try:
        record = json.loads(content or b"")
    except (ValueError, RecursionError):
        return content
    if not isinstance(record, dict) or "reports" not in record:
        return content
    return json.dumps(settled(record)).encode()


def _compared(gpo: Raw, reports: Raw) -> tuple[list[Change] | None, str | None]:
    """Return what changed between two reports of a GPO, or why that cannot be told."""
    try:
        return compare_contents(str(reports.get("before")), str(reports.get("after")), [str(gpo.get("id"))] * 2), None
    except ValueError as error:
        return None, str(error)


def _record(gpo: Raw, told: Raw, changes: list[Change] | None, fault: str | None) -> dict[str, str]:
    """Return the record of a backup, and where the host is to put it."""
    record = {
        "schema": _SCHEMA,
        "backup": {key: told["backup"].get(key) for key in ("id", "timestamp", "comment")},
        "gpo": {key: gpo.get(key) for key in ("id", "name", "domain")},
        "since": since_of(told) or dict.fromkeys(("id", "timestamp")),
        "reasons": texts(told.get("reasons")),
        "approved": told.get("approved") is True,
        "fault": fault,
        **Room(_LARGEST).told(changes),
    }
    place = {"domain": gpo["domain"], "gpo_id": gpo["id"], "backup_id": told["backup"]["id"]}
    return {**place, "content": json.dumps(record)}


def since_of(record: Raw) -> dict[str, t.Any] | None:
    """Return which backup was the one before, as far as a record tells it. The file may be anybody's."""
    since = record.get("since")
    if not isinstance(since, dict):
        return None
    return {key: since[key] if isinstance(since.get(key), str) else None for key in ("id", "timestamp")}


def texts(value: t.Any) -> list[str]:
    """Return the texts in what should be a list of texts."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def recorded_changes(record: Raw) -> list[Change] | None:
    """Return the changes of a record that a host has read, as this release tells them. None where it has none.

    The file may be anybody's: what is not what a change is made of is left out.
    """
    changes = record.get("changes")
    if not isinstance(changes, list):
        return None
    return [
        {**{key: one[key] for key in ("half", "extension", "kind")}, "place": [str(step) for step in one["place"]],
         **{key: one[key] for key in ("name", "before", "after")}}
        for one in changes if _is_change(one)
    ]  # fmt: skip


def _is_change(one: t.Any) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("place"), list):
        return False
    texts_fit = all(isinstance(one.get(key), (str, type(None))) and key in one for key in _TEXTS)
    return texts_fit and one["half"] in _HALVES and one["kind"] in _KINDS
