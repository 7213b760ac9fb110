# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of gpo_info."""

from __future__ import annotations

import dataclasses
import typing as t

from ._item import Item, Raw
from ._task_result import TaskResult
from ._words import gpos

_OUTCOMES = ("read", "failed", "not_attempted")

_PERMISSIONS = {
    0x10000: "apply", 0x10100: "read", 0x10101: "edit", 0x10102: "edit_delete_security", 0x10103: "custom",
}  # fmt: skip
"""GPMPermissionType of gpmgmt.h."""

_TRUSTEE_TYPES = {
    1: "user", 2: "group", 3: "domain", 4: "alias", 5: "well_known_group", 6: "deleted_account", 7: "invalid",
    8: "unknown", 9: "computer", 10: "label",
}  # fmt: skip
"""SID_NAME_USE of winnt.h."""

_ACE_TYPES = {0: "allow", 1: "deny", 5: "allow_object", 6: "deny_object"}
"""ADS_ACETYPE_ENUM of iads.h."""


@dataclasses.dataclass
class InfoResult(TaskResult):
    """One item for each GPO that is selected."""

    STEP = "read"
    CHANGES = False

    def details(self, raw: Raw) -> dict[str, t.Any]:
        """Return all that is told of the GPO besides what all tasks do."""
        found = raw["gpo"]
        # Only what was asked for decides.
        acl = [found["acl_consistent"]] if "acl_consistent" in found else []
        return {
            "path": found.get("path"),
            "owner": found.get("owner"),
            "wmi_filter": _filter(found.get("wmi_filter")),
            "permissions": _each(_permission, found.get("permissions")),
            "aces": _each(_ace, found.get("aces")),
            "links": found.get("links"),
            "acl_consistent": found.get("acl_consistent"),
            "in_sync": in_sync(found.get("versions"), *acl),
        }

    def shown(self) -> dict[str, t.Any]:
        """Return the task's result. The same keys on every path."""
        items = self.all_items()
        count = self.count(items, _OUTCOMES)
        result = {
            **self.common(items),
            "summary": {"selected": self.selected, **count, "inaccessible": len(self.inaccessible)},
            "inaccessible": self.limited(self.inaccessible),
            "gpos": [_shown(item) for item in self.told(items)],
        }
        result["msg"] = result["msg"] or f"{count['read']} of {gpos(self.selected)} read."
        return result


def _shown(item: Item) -> dict[str, t.Any]:
    """Return a GPO with what became of it. No call returns a result, so there is no status but that of a trouble."""
    shown = item.shown()
    return {**item.gpo, **item.details, **{key: shown[key] for key in ("outcome", "trouble", "duration")}}


def in_sync(versions: t.Mapping[str, t.Any] | None, *more: bool | None) -> bool | None:
    """Return whether directory and SYSVOL agree, or None when nothing disagrees but something is unknown."""
    known = list(more)
    for half in (versions or {"unknown": {}}).values():
        directory, sysvol = half.get("directory"), half.get("sysvol")
        known.append(None if directory is None or sysvol is None else directory == sysvol)
    if False in known:
        return False
    return None if None in known else True


def _each(convert: t.Callable[[Raw], dict[str, t.Any]], items: t.Sequence[Raw] | None) -> list[dict[str, t.Any]] | None:
    return None if items is None else [convert(item) for item in items]


def _filter(wmi_filter: Raw | None) -> dict[str, t.Any] | None:
    if wmi_filter is None:
        return None
    return {key: wmi_filter.get(key) for key in ("id", "name", "description", "queries")}


def _permission(raw: Raw) -> dict[str, t.Any]:
    kind = raw["trustee"]["type"]
    return {
        "trustee": {**raw["trustee"], "type": _TRUSTEE_TYPES.get(kind, "unknown")},
        "permission": _PERMISSIONS.get(raw["permission"], "custom"),
        "denied": raw["denied"],
        "inherited": raw["inherited"],
    }


def _ace(raw: Raw) -> dict[str, t.Any]:
    return {
        **raw,
        "type": _ACE_TYPES.get(raw["type"], str(raw["type"])),
        "mask": f"0x{raw['mask'] & 0xFFFFFFFF:08X}",
    }
