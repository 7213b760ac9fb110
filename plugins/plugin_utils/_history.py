# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history of GPOs: the versions that a directory tells of, also those whose backups are gone, and what changed."""

from __future__ import annotations

import typing as t

from ._change_record import recorded_changes, since_of, texts
from ._item import Raw
from ._settings_changes import Room


def history_of(backups: t.Iterable[Raw], gone: t.Iterable[Raw], room: Room) -> list[dict[str, t.Any]]:
    """Return a GPO each with its versions, the newest first.

    *backups* are those that are there, as a trip lists them, and *gone* those of which the record alone is left. Safety
    copies and what the catalog does not know are no versions. What changed is told of the newest of all GPOs first, as
    far as there is room.
    """
    by_gpo: dict[tuple[str, str], dict[str, t.Any]] = {}
    versions = [_there(raw) for raw in backups if raw.get("purpose") == "backup" and raw.get("sequence") is not None]
    versions += [_gone(raw) for raw in gone]
    for version in sorted(versions, key=lambda one: one["timestamp"] or "", reverse=True):
        record = version.pop("record") or {}
        version.update(room.told(recorded_changes(record), _number(record.get("change_count"))))
        gpo = version.pop("gpo")
        of_gpo = by_gpo.setdefault(((gpo["domain"] or "").casefold(), gpo["id"]), {"gpo": gpo, "versions": []})
        of_gpo["versions"].append(version)
    for of_gpo in by_gpo.values():
        of_gpo["versions"].sort(key=lambda one: one["sequence"], reverse=True)
    return sorted(by_gpo.values(), key=lambda one: ((one["gpo"]["name"] or "").casefold(), one["gpo"]["id"]))


def _there(raw: Raw) -> dict[str, t.Any]:
    record = raw.get("change_record") or {}
    reasons = raw.get("reasons")
    return {
        **{key: raw.get(key) for key in ("id", "timestamp", "comment", "sequence")},
        "approved": bool(raw.get("approved")),
        "pruned": False,
        "reasons": texts(reasons),
        "since": since_of(record),
        "gpo": {key: raw["gpo"].get(key) for key in ("id", "name", "domain")},
        "record": record,
    }


def _gone(raw: Raw) -> dict[str, t.Any]:
    record = raw["change_record"]
    return {
        "id": raw["id"],
        **{key: record["backup"].get(key) for key in ("timestamp", "comment")},
        "sequence": raw["sequence"],
        "approved": record.get("approved") is True,
        "pruned": True,
        "reasons": texts(record.get("reasons")),
        "since": since_of(record),
        "gpo": {key: raw["gpo"].get(key) for key in ("id", "name", "domain")},
        "record": record,
    }


def _number(value: t.Any) -> int | None:
    return value if type(value) is int else None
