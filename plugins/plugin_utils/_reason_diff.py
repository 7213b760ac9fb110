# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What C(--diff) shows of a GPO: for each reason the old value and the new one, as lines of text."""

from __future__ import annotations

import typing as t

from ._terminal import printable

Change = t.Mapping[str, t.Any]
"""What the host tells of a reason: reason, before, after."""

_ACE_TYPES = {0: "allow", 1: "deny", 2: "audit", 5: "allow", 6: "deny", 7: "audit"}
"""ADS_ACETYPE_ENUM of iads.h; from 5 on for one property, extended right or class of child."""


def reason_diff(
    gpo: t.Mapping[str, t.Any],
    changes: t.Sequence[Change],
    before_is: str = "newest backup",
    after_is: str = "now",
) -> dict[str, str]:
    """Return Ansible's diff of a GPO that is backed up, or restored, for these reasons."""
    title = f"{gpo['name']} {gpo['id']}"
    before: list[str] = []
    after: list[str] = []
    for change in changes:
        was, is_now = _LINES.get(change["reason"], _plain)(change)
        before.extend(was)
        after.extend(is_now)
    return {
        "before_header": f"{title} ({before_is})",
        "after_header": f"{title} ({after_is})",
        "before": _joined(before),
        "after": _joined(after),
    }


def _joined(lines: t.Sequence[str]) -> str:
    # No value may pass for another line.
    return "".join(f"{printable(line)}\n" for line in lines)


_Lines = tuple[list[str], list[str]]


def _plain(change: Change) -> _Lines:
    reason = change["reason"]
    return _value(reason, change["before"]), _value(reason, change["after"])


def _value(reason: str, value: object) -> list[str]:
    return [] if value is None else [f"{reason}: {line}" for line in str(value).splitlines() or [""]]


def _first(_change: Change) -> _Lines:
    return [], ["first_backup: there is no usable backup of it in the catalog"]


def _plain_reason(text: str) -> t.Callable[[Change], _Lines]:
    return lambda change: ([], [f"{change['reason']}: {text}"])


def _forced(_change: Change) -> _Lines:
    return [], ["forced: nothing has changed"]


def _missing(_change: Change) -> _Lines:
    return ["missing: there is no such GPO"], []


def _uncatalogued(_change: Change) -> _Lines:
    return [], ["uncatalogued: the catalog does not know this backup, so nothing could be compared"]


def _settings(change: Change) -> _Lines:
    # A backup compares versions; a restore, after which they may be higher, compares the files themselves.
    return _files(change) if isinstance(change["after"], list) else _versions(change)


def _versions(change: Change) -> _Lines:
    def line(value: t.Mapping[str, t.Any] | None) -> list[str]:
        text = "unknown" if value is None else f"directory {value['directory']}, SYSVOL {value['sysvol']}"
        return [f"{change['reason']}: version {text}"]

    return line(change["before"]), line(change["after"])


def _files(change: Change) -> _Lines:
    def line(path: str, file: t.Mapping[str, t.Any] | None) -> list[str]:
        if file is None:
            return []
        told = file.get("modified") or f"SHA-256 {file['sha256']}"
        return [f"{change['reason']}: {path}: {file['size']} bytes, {told}"]

    was: list[str] = []
    is_now: list[str] = []
    for file in change["after"]:
        was += line(file["path"], file["before"])
        is_now += line(file["path"], file["after"])
    return was, is_now if change["after"] else ["files: could not be listed"]


def _directory(change: Change) -> _Lines:
    def lines(what: str) -> list[str]:
        return [f"directory_settings: {name or 'all that is in no file'}: {what}" for name in change["after"]]

    return lines("as GPMC reports it now"), lines("as GPMC reported it")


def _filter(change: Change) -> _Lines:
    def lines(value: t.Mapping[str, t.Any] | None) -> list[str]:
        if value is None:
            return ["wmi_filter: none"]
        said = [f"wmi_filter: {value.get('name') or ''} {value['id'] or 'that cannot be read'}".replace("  ", " ")]
        if value.get("description"):
            said.append(f"wmi_filter: description: {value['description']}")
        return said + [f"wmi_filter: query: {query}" for query in value.get("queries") or ()]

    return lines(change["before"]), lines(change["after"])


def _permissions(change: Change) -> _Lines:
    # An account that has got another name is the same one: it is called what it was called last.
    names: dict[str | None, str] = {
        ace["sid"]: ace["trustee"]
        for aces in (change["before"], change["after"])
        for ace in aces or ()
        if ace.get("sid")
    }

    def lines(aces: t.Sequence[t.Mapping[str, t.Any]] | None) -> list[str]:
        if aces is None:
            return ["permissions: cannot be read"]
        return [f"permissions: {_ace(ace, names.get(ace.get('sid')) or ace['trustee'])}" for ace in aces]

    return lines(change["before"]), lines(change["after"])


def _ace(ace: t.Mapping[str, t.Any], trustee: str) -> str:
    kind = _ACE_TYPES.get(ace["type"], f"type {ace['type']}")
    said = f"{kind} {trustee} 0x{ace['mask'] & 0xFFFFFFFF:08X}, flags 0x{ace['flags']:02X}"
    for name in ("object_type", "inherited_object_type"):
        if ace[name]:
            said += f", {name} {ace[name]}"
    return said


def _links(change: Change) -> _Lines:
    def lines(links: t.Sequence[t.Mapping[str, t.Any]] | None) -> list[str]:
        if links is None:
            return ["links: not recorded"]
        return sorted(
            f"links: {link['type']} {link['target']}, order {link['order']}"
            + ("" if link["enabled"] else ", disabled")
            + (", enforced" if link["enforced"] else "")
            for link in links
        ) or ["links: none"]

    return lines(change["before"]), lines(change["after"])


def _damaged(change: Change) -> _Lines:
    return [f"backup_damaged: {change['before']}"], [f"backup_damaged: {line}" for line in damage(change)]


def damage(change: Change) -> list[str]:
    """Return what is wrong with the files of a backup."""
    return [
        f"{file['path']}: "
        + ("is missing" if file["found"] is None else f"has {file['found']} bytes instead of {file['size']}")
        + (", or cannot be read" if file["size"] is None else "")
        for file in change["after"]
    ]


_LINES: dict[str, t.Callable[[Change], _Lines]] = {
    "first_backup": _first,
    "migration_table": _plain_reason("the table, or the backup, is another than that of the last import"),
    "missing": _missing,
    "uncatalogued": _uncatalogued,
    "computer_settings": _settings,
    "user_settings": _settings,
    "files": _files,
    "directory_settings": _directory,
    "wmi_filter": _filter,
    "permissions": _permissions,
    "links": _links,
    "forced": _forced,
    "backup_damaged": _damaged,
}
