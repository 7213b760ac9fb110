# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changed with each backup of a GPO, kept beside the backup's entry in the catalog: its history.

The engine that compares is here and the catalog on the host. So a trip's reply has the reports, and the next trip takes
what came out of them; after the last one there is one more, if anything is left to be recorded.
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


def take_changes(trip: dict[str, t.Any]) -> list[dict[str, str]]:
    """Put into the items of a trip what changed, instead of the reports that it sent; return what is to be recorded.

    An item that cannot be compared is as good as any other: that is a warning.
    """
    records = []
    for item in trip["entries"]:
        reports = item.pop("reports", None)
        if reports is None:
            continue
        changes, fault = None, None
        try:
            changes = compare_contents(reports["before"], reports["after"], [item["gpo"]["id"]] * 2)
        except ValueError as error:
            fault = str(error)
            trip["warnings"].append(f"What changed in {named(item['gpo'])} cannot be told: {fault}")
        if item["outcome"] != "unchanged":
            item["settings_changes"] = changes
        if reports.get("backup"):
            records.append(_record(item["gpo"], reports, changes, fault))
    return records


def _record(gpo: Raw, reports: Raw, changes: list[Change] | None, fault: str | None) -> dict[str, str]:
    """Return the record of a backup, and where the host is to put it."""
    told = Room(_LARGEST).told(changes)
    record = {
        "schema": _SCHEMA,
        "backup": {key: reports["backup"].get(key) for key in ("id", "timestamp", "comment")},
        "gpo": {key: gpo.get(key) for key in ("id", "name", "domain")},
        "since": {key: reports["since"].get(key) for key in ("id", "timestamp")},
        "reasons": list(reports["reasons"]),
        "approved": bool(reports.get("approved")),
        "fault": fault,
        **told,
    }
    place = {"domain": gpo["domain"], "gpo_id": gpo["id"], "backup_id": reports["backup"]["id"]}
    return {**place, "content": json.dumps(record)}


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
