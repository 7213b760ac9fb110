# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items of Preferences, of every type: they have a class, a uid and a name in common (MS-GPPREF)."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from ._settings_items import generic_setting
from ._settings_model import Part, Rank, Setting, numbered, part
from ._settings_xml import SECRET_VALUES, child, child_text, local, parts_of, words

_PREFERENCES = "Preferences"

_NOISE = ("clsid", "uid", "image", "changed", "status")
"""Attributes that are no setting: identity, picture and time of the last edit, and what the editor's list shows."""

_TYPES = {
    "Applications": "Applications",
    "DataSources": "Data Sources",
    "Devices": "Devices",
    "DriveMaps": "Drive Maps",
    "Environment": "Environment",
    "EnvironmentVariables": "Environment",
    "Files": "Files",
    "FolderOptions": "Folder Options",
    "Folders": "Folders",
    "IniFiles": "Ini Files",
    "Internet": "Internet Settings",
    "Lugs": "Local Users and Groups",
    "NetworkOptions": "Network Options",
    "NetworkShares": "Network Shares",
    "PowerOptions": "Power Options",
    "Printers": "Printers",
    "Regional": "Regional Options",
    "Registry": "Registry",
    "ScheduledTasks": "Scheduled Tasks",
    "Services": "Services",
    "Shortcuts": "Shortcuts",
    "StartMenu": "Start Menu",
}
"""What the editor calls the types, by the last part of their schemas."""


def is_preferences(element: ET.Element) -> bool:
    """Return whether an element directly below an extension is the list of a type of Preferences."""
    return element.get("clsid") is not None


def preference_items(half: str, schema: str, element: ET.Element) -> t.Iterator[Setting]:
    """Return the items of a list, and of the collections in it."""
    tail = schema.rpartition("/")[2]
    kind = _TYPES.get(tail, words(tail))
    own = parts_of(_without(element, lambda _one: True), skip=_NOISE)
    if own:
        yield Setting(half, _PREFERENCES, (kind,), "All items", (schema, "list"), numbered(own))
    yield from _items(half, schema, (kind,), element)


def _items(half: str, schema: str, place: tuple[str, ...], container: ET.Element) -> t.Iterator[Setting]:
    for element in container:
        if _is_item(element):
            yield _item(half, schema, place, element)
            yield from _items(half, schema, (*place, element.get("name") or local(element)), element)
        elif local(element) not in _OF_ITEM:
            for setting in generic_setting(half, _PREFERENCES, element):
                yield setting._replace(place=place, key=(schema, *setting.key))


_OF_ITEM = frozenset(("GPOSettingOrder", "Properties", "Filters"))
"""Children of an item, or of a collection, that are no items themselves."""


def _is_item(element: ET.Element) -> bool:
    return element.get("clsid") is not None and local(element) not in _OF_ITEM


def _item(half: str, schema: str, place: tuple[str, ...], element: ET.Element) -> Setting:
    kind, name = local(element), _name(element)
    uid = element.get("uid") or name
    alone = _without(element, lambda one: _is_item(one) or local(one) not in _OF_ITEM)
    parts = [_called(one) for one in parts_of(alone, skip=(*_NOISE, "GPOSettingOrder")) if one.label]
    if len(place) > 1:
        parts.append(part("Collection", " / ".join(place[1:])))
    if kind == "Registry" and name.rpartition("\\")[2].casefold() in SECRET_VALUES:
        parts = [part(one.label, one.value, secret=one.label == "value") for one in parts]
    number = child_text(element, "GPOSettingOrder")
    return Setting(
        half, _PREFERENCES, place, name, (schema, kind, uid.upper()), numbered(parts),
        alias=(schema, kind, *place, name.casefold()),
        rank=Rank("/".join((schema, *place)), int(number)) if number.isdecimal() else None,
    )  # fmt: skip


def _without(element: ET.Element, left_out: t.Callable[[ET.Element], bool]) -> ET.Element:
    """Return an element without some of its children."""
    alone = ET.Element(element.tag, element.attrib)
    alone.extend(one for one in element if not left_out(one))
    return alone


def _name(element: ET.Element) -> str:
    """Return the name of an item; that of a registry value with its key, since many are called alike."""
    properties = child(element, "Properties")
    if local(element) == "Registry" and properties is not None:
        path = (properties.get("hive"), properties.get("key"), properties.get("name"))
        return "\\".join(filter(None, path)) or element.get("name") or ""
    return element.get("name") or element.get("uid") or local(element)


def _called(one: Part) -> Part:
    if one.label.startswith("Properties / "):
        return one._replace(label=one.label.removeprefix("Properties / "))
    return one._replace(label="Name") if one.label == "name" else one
