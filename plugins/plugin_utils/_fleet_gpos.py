# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of the GPOs of a domain over many runs: what became of each, and its backups, the newest first.

A GPO is C({id, name, was, status, outcome, event, why, gone, backups, more_backups}). C(outcome) is that of gpo_backup
in the newest run that told of it, or hidden, not_selected, deleted; null where only a copy is known. C(event) is what
that run found: new, changed, deleted, returned, or null. A backup is C({id, timestamp, comment, purpose, sequence,
reasons, changes, more_changes}); C(changes) are the settings that differ from the backup before, null where unknown.
"""

from __future__ import annotations

import json
import typing as t

from ._words import shortened

Gpo = dict[str, t.Any]
Raw = t.Mapping[str, t.Any]

BACKUPS_AT_MOST = 20
"""Backups of a GPO that are kept, the newest. How many there were before is counted."""

CHANGES_AT_MOST = 100
"""Settings of a backup that are kept. How many more there are is counted."""

CHANGES_OF_DOMAIN_AT_MOST = 5_000
"""Settings of all backups of a domain that are kept, those of the newest. Of the others it is not known any more."""

TEXT_AT_MOST = 300
"""Characters of a comment, a reason or a setting's value: a value can be a whole script."""

_NO_CHANGE = frozenset(("first_backup", "forced", "max_age", "backup_damaged", "approved"))
"""Reasons for a backup that are no change of the GPO."""

_CHANGE_KEYS = ("half", "extension", "kind", "name", "before", "after")


def after_run(gpos: t.Sequence[Gpo], result: Raw, reasons: t.Mapping[str, str], at: str) -> list[Gpo]:
    """Return the GPOs after a run: *result* is that of gpo_backup with every item, *reasons* why which have failed."""
    before = {gpo["id"]: gpo for gpo in gpos}
    items = result["backups"]
    listed = {item["gpo"]["id"] for item in items}
    hidden = {one["id"] for one in result["inaccessible"]}
    after = [_told(item, before.get(item["gpo"]["id"]), reasons) for item in items]
    # Only of a run that saw all of the domain's GPOs, what it did not see is gone.
    whole = bool(result["whole"]) and len(items) == result["summary"]["selected"]
    after.extend(_untold(gpo, gpo["id"] in hidden, whole, at) for gpo in gpos if gpo["id"] not in listed)
    return in_order(after)


def in_order(gpos: t.Iterable[Gpo]) -> list[Gpo]:
    """Return GPOs by their names."""
    return sorted(gpos, key=lambda gpo: ((gpo["name"] or "").casefold(), gpo["id"]))


def with_backups(
    gpos: t.Sequence[Gpo],
    found: t.Mapping[str, tuple[str, t.Sequence[Raw], int]],
    whole: bool,
    hidden: t.Collection[str],
) -> list[Gpo]:
    """Return GPOs with the backups that a copy of their directory holds.

    *found*: by the GPO's ID its name, its backups (with their entries' facts), and how many there are. *whole*: a GPO
    the newest run has not told of is no longer in the domain, unless it is *hidden* from the account.
    """
    known = {gpo["id"]: gpo for gpo in gpos}
    for gpo_id, (name, entries, number) in found.items():
        unseen = "hidden" if gpo_id in hidden else "deleted" if whole else None
        gpo = known.setdefault(gpo_id, _new(gpo_id, name, outcome=unseen))
        by_id = {backup["id"]: backup for backup in gpo["backups"]}
        for entry in entries:
            backup = entry["backup"]
            told = by_id.get(backup["id"], {}).get("changes")
            # A run may have told what its entry does not keep.
            by_id[backup["id"]] = {**by_id[backup["id"]], "sequence": backup["sequence"]} if told else backup
        # What a run has made and no copy has yet is the newest: the others have numbers.
        backups = sorted(by_id.values(), key=lambda one: (one["sequence"] is not None, -(one["sequence"] or 0)))
        kept = backups[:BACKUPS_AT_MOST]
        uncopied = sum(one["sequence"] is None for one in kept)
        known[gpo_id] = {
            **gpo,
            "name": gpo["name"] or name,
            "backups": kept,
            "more_backups": max(gpo["more_backups"], len(backups) - len(kept), number + uncopied - len(kept)),
        }
    return in_order(known.values())


def bounded(gpos: t.Sequence[Gpo]) -> list[Gpo]:
    """Return GPOs without the changes of old backups that a domain's history has no room for."""
    told = [one for gpo in gpos for one in gpo["backups"] if one["changes"]]
    told.sort(key=lambda one: one["timestamp"] or "", reverse=True)
    left, dropped = CHANGES_OF_DOMAIN_AT_MOST, set()
    for backup in told:
        left -= len(backup["changes"])
        if left < 0:
            dropped.add(id(backup))
    if not dropped:
        return list(gpos)
    return [
        {
            **gpo,
            "backups": [
                {**one, "changes": None, "more_changes": 0} if id(one) in dropped else one for one in gpo["backups"]
            ],
        }
        for gpo in gpos
    ]


def _new(gpo_id: str, name: str | None, outcome: str | None = None) -> Gpo:
    return {
        "id": gpo_id, "name": name, "was": None, "status": None, "outcome": outcome, "event": None, "why": None,
        "gone": None, "backups": [], "more_backups": 0,
    }  # fmt: skip


def _told(item: Raw, before: Gpo | None, reasons: t.Mapping[str, str]) -> Gpo:
    """Return a GPO of which a run has told."""
    raw, outcome = item["gpo"], item["outcome"]
    gpo = before or _new(raw["id"], raw["name"])
    name = raw["name"] if raw["name"] is not None else gpo["name"]
    backups = list(gpo["backups"])
    made = item.get("backup")
    if made and all(made["id"] != one["id"] for one in backups):
        # Of one that is unchanged, this backup is an earlier run's, and its reasons are not known any more.
        backups.insert(0, backup_of(made, item if outcome == "created" else {}))
    return {
        **gpo,
        "name": name,
        "was": gpo["name"] if before and gpo["name"] != name else None,
        "status": raw.get("status") or gpo["status"],
        "outcome": outcome,
        "event": _event(item, before),
        "why": reasons.get(raw["id"]) if outcome in ("failed", "cancelled") else None,
        "gone": None,
        "backups": backups[:BACKUPS_AT_MOST],
        "more_backups": gpo["more_backups"] + len(backups[BACKUPS_AT_MOST:]),
    }


def _event(item: Raw, before: Gpo | None) -> str | None:
    if before and before["outcome"] == "deleted":
        return "returned"
    if item["outcome"] != "created":
        return None
    if "first_backup" in item["reasons"] and not (before and before["backups"]):
        return "new"
    return "changed" if set(item["reasons"]) - _NO_CHANGE else None


def _untold(gpo: Gpo, hidden: bool, whole: bool, at: str) -> Gpo:
    """Return a GPO that a run did not tell of."""
    same: Gpo = {**gpo, "event": None, "why": None, "was": None}
    if gpo["outcome"] == "deleted" and not hidden:
        return same
    if hidden or not whole:
        return {**same, "outcome": "hidden" if hidden else "not_selected"}
    return {**same, "outcome": "deleted", "event": "deleted", "gone": at}


def backup_of(backup: Raw, about: Raw) -> dict[str, t.Any]:
    """Return a backup. *about* is what its item, or its catalog entry and record of changes, have beside it."""
    changes = about.get("changes")
    told = [_change(one) for one in (changes or ())[:CHANGES_AT_MOST]]
    # A result has no room for all of them, and counts the others.
    count = max(len(changes or ()), about.get("change_count") or 0)
    return {
        "id": backup["id"],
        "timestamp": backup.get("timestamp"),
        "comment": _text(backup.get("comment") or ""),
        "purpose": about.get("purpose") or "backup",
        "sequence": about.get("sequence"),
        "reasons": [_text(reason) for reason in about.get("reasons") or ()],
        "changes": told if changes is not None else None,
        "more_changes": count - len(told),
    }


def _change(raw: Raw) -> dict[str, t.Any]:
    """Return what differs of a setting, in texts."""
    place = raw.get("place") or ()
    return {
        **{key: None if raw.get(key) is None else _text(raw[key]) for key in _CHANGE_KEYS},
        "place": [_text(part) for part in place],
    }


def _text(value: t.Any) -> str:
    return shortened(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), TEXT_AT_MOST)
