# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What gpo_restore and gpo_import have in common: a GPO gets what a backup, and the catalog, have of it."""

from __future__ import annotations

import typing as t

from . import _status
from ._item import Item, Raw
from ._status import Status
from ._trouble import Trouble
from ._words import some

_BEHIND_THE_CALL = frozenset(("nothing_there", "note", "complete", "links", "wmi_filter", "permissions", "withheld"))
"""Steps that come when the backup has been used."""

_LEFT = {
    "back": " The one that was there is.",
    "lost": " Nor is the one that was there, which had to make way: look at the links of this target.",
    "off": " The GPO was disabled meanwhile and could not be enabled again: do that by hand, or run the task again.",
}
"""What became of a link that was to be moved."""


def details_of(raw: Raw) -> dict[str, t.Any]:
    """Return what both tell of an item: reasons, backups, what became of the links and of the WMI filter."""
    wmi_filter = raw.get("wmi_filter")
    return {
        "reasons": list(raw.get("reasons") or ()),
        "backup": raw.get("backup"),
        "safety_backup": raw.get("safety_backup"),
        "deviations": raw.get("deviations"),
        "links": [part_of(link, "target", "type") for link in raw.get("links") or ()],
        "wmi_filter": wmi_filter and part_of(wmi_filter, "id", "name", "definition", "linked"),
    }


def part_of(raw: Raw, *keys: str) -> dict[str, t.Any]:
    """Return a part of a GPO that its backup does not hold: what became of it, and the status if that failed."""
    status = Status.read(raw.get("status"))
    return {"outcome": raw["outcome"], **{key: raw[key] for key in keys}, "status": _status.shown(status)}


def shortcomings(raw: Raw, item: Item) -> t.Iterator[str]:
    """Return warnings of what could not be as the backup has it."""
    name = item.gpo["name"]
    if raw.get("problems") and (item.trouble is None or item.trouble.step in _BEHIND_THE_CALL):
        yield f"The backup for '{name}' is damaged and is used all the same: {some(raw['problems'])}"
    yield from _deviations(raw.get("deviations"), name)
    wmi_filter = raw.get("wmi_filter")
    is_missing = bool(wmi_filter) and wmi_filter["outcome"] == "missing"
    for link in raw.get("links") or ():
        if link["outcome"] == "missing":
            unread = ", or it cannot be read" if link["type"] == "site" else ""
            yield f"The link of '{name}' to {link['target']} is not put back: there is no such {link['type']}{unread}."
        if link["outcome"] == "withheld" and not (link.get("recorded") or {}).get("enabled", True):
            yield (
                f"The disabled link of '{name}' to {link['target']} is not put back: GPMC makes links enabled, so the "
                "GPO would apply there for a moment. Make it by hand if somebody needs it."
            )
        elif link["outcome"] == "withheld":
            why = "its WMI filter does not exist here" if is_missing else "not all else is known to be as the task asks"
            yield f"'{name}' is not linked to {link['target']}, because {why}."
        if link["outcome"] == "kept":
            yield (
                f"'{name}' is linked to {link['target']}, and in the backup it is not. The link stays, since it may "
                f"have been there unseen: it is not on record that this {link['type']} could be read when the backup "
                "was made. Take it off by hand if it does not belong there."
            )
        status = Status.read(link.get("status"))
        if status is not None:
            # The trouble tells why, but of no target.
            told = item.trouble and (item.trouble.step, item.trouble.status) == ("links", status)
            why = "." if told else f": {status.sentence('links')}"
            yield f"The link of '{name}' to {link['target']} is not put back{why}{_LEFT.get(link.get('left'), '')}"
    if wmi_filter and is_missing:
        yield (
            f"The WMI filter '{wmi_filter['name'] or wmi_filter['id']}' of '{name}' does not exist here, and GPMC "
            "cannot create one. Without it the GPO applies to everybody whom its links and permissions reach, unless "
            "another filter hangs on it; so no link is made or enabled. Make it by hand, from the definition in the "
            "result if there is one, and run the task again; with wmi_filter: false the GPO does without."
        )
    for step in ("wmi_filter", "permissions"):
        status = Status.read((raw.get(step) or {}).get("status"))
        if status is not None and not (item.trouble and item.trouble.step == step):
            yield f"'{name}': {Trouble(step, status).sentence()}"


_DEVIATIONS = {
    "missing": "files of the backup are not there",
    "altered": "files are there with other contents",
    "extra": "files are there that the backup does not have",
    "settings": "settings are reported otherwise than in the backup's report",
}


def _deviations(raw: Raw | None, name: str) -> t.Iterator[str]:
    """Return a warning of how what came out differs from what the backup has, whatever GPMC said."""
    if raw:
        yield f"GPMC reported success for '{name}', but {deviating(raw)}. The next run brings the settings again."


def deviating(raw: Raw) -> str:
    """Return how what came out differs from what the backup has, in words without a full stop."""
    told = [f"{said}: {some(raw[kind])}" for kind, said in _DEVIATIONS.items() if raw[kind]]
    if raw["unread"]:
        told.append(f"what came out could not be looked at: {' '.join(raw['unread'].split()).rstrip('.')}")
    return "; ".join(told)
