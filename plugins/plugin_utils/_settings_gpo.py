# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report tells of a GPO that is no setting: name, description, halves, permissions, links, WMI filter."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from ._settings_model import GPO, Setting, numbered, part
from ._settings_xml import accounts, child, child_text, dacl, local, parts_of, text, trustee_access, trustees

_NOISE = frozenset(
    ("Identifier", "IncludeComments", "CreatedTime", "ModifiedTime", "ReadTime", "FilterDataAvailable")
)
"""Of this report, or of which GPO it is, rather than what the GPO is."""

_NOISE_OF_HALF = frozenset(("VersionDirectory", "VersionSysvol"))

_DETAILS = {
    "Name": ("Details", "Name"),
    "Comment": ("Details", "Description"),
    "FilterName": ("WMI filter", "Name"),
    "FilterDescription": ("WMI filter", "Description"),
}

ACCESS_CONTROL_LIST = ("Permissions", "SDDL")
"""Key of the list of permissions as a whole: GPMC tells them in groups, which hide a right."""

_YES = {"true": "yes", "false": "no"}


def settings_of_gpo(element: ET.Element) -> t.Iterator[Setting]:
    """Return what a child of the report's root tells."""
    name = local(element)
    if name in _NOISE:
        return
    if name in _DETAILS:
        place, called = _DETAILS[name]
        yield _fact(place, called, (name,), part("", text(element)))
    elif name == "SecurityDescriptor":
        yield from _permissions(element)
    elif name == "LinksTo":
        yield _link(element)
    else:
        yield Setting(None, GPO, ("Details",), name, (name,), numbered(parts_of(element)))


def half_enabled(half: str, element: ET.Element) -> t.Iterator[Setting]:
    """Return what a child of a half tells of the half itself."""
    name = local(element)
    if name == "Enabled":
        state = "Enabled" if text(element) == "true" else "Disabled"
        yield _fact("Details", f"{half.capitalize()} settings", (half, name), part("", state))
    elif name not in _NOISE_OF_HALF:
        yield Setting(None, GPO, ("Details",), f"{half.capitalize()} {name}", (half, name), numbered(parts_of(element)))


def _fact(place: str, name: str, key: tuple[str, ...], *parts: t.Any) -> Setting:
    return Setting(None, GPO, (place,), name, key, parts)


def _link(element: ET.Element) -> Setting:
    path = child_text(element, "SOMPath")
    enabled, enforced = child_text(element, "Enabled"), child_text(element, "NoOverride")
    known = ("SOMName", "SOMPath", "Enabled", "NoOverride")
    return Setting(
        None, GPO, ("Links",), path or child_text(element, "SOMName"), ("LinksTo", path.casefold()),
        (
            part("Enabled", _YES.get(enabled, enabled)),
            part("Enforced", _YES.get(enforced, enforced)),
            *(one for one in parts_of(element, skip=known) if one.label),
        ),
    )  # fmt: skip


def _permissions(descriptor: ET.Element) -> t.Iterator[Setting]:
    for name in ("Owner", "Group"):
        owner = child(descriptor, name)
        if owner is not None:
            yield _fact("Permissions", name, ("Permissions", name), accounts("", [owner]))
    permissions = child(descriptor, "Permissions")
    if permissions is not None:
        inherits = child_text(permissions, "InheritsFromParent")
        told = part("", _YES.get(inherits, inherits))
        yield _fact("Permissions", "Inherits from parent", ("Permissions", "Inherits"), told)
        for entry in trustees(permissions):
            who, access = trustee_access(entry)
            yield _fact("Permissions", who.shown, ("Permissions", "Trustee", who.identity), access)
    aces = dacl(child_text(descriptor, "SDDL"))
    if aces:
        yield _fact("Permissions", "Access control list", ACCESS_CONTROL_LIST, part("", " ".join(sorted(aces))))
    audit = child(descriptor, "Auditing")
    if audit is not None:
        yield Setting(
            None, GPO, ("Permissions",), "Auditing", ("Permissions", "Auditing"),
            numbered(parts_of(audit, ordered=False)),
        )  # fmt: skip
