# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings that are told in the same way in several extensions: as items with a name, leaf by leaf, or as they are."""

from __future__ import annotations

import dataclasses
import typing as t
import xml.etree.ElementTree as ET

from ._settings_model import Rank, Setting, numbered
from ._settings_xml import child_text, is_secret, local, parts_of, words


@dataclasses.dataclass(frozen=True)
class _Item:
    """How an element that is one setting is told."""

    key: tuple[str, ...]
    """Children that make it the same in two reports."""
    name: tuple[str, ...]
    """Children whose texts are its name."""
    place: tuple[str, ...] = ()
    """Children whose texts are its place."""
    rank: str = ""
    """The child that has its number among others, where their order has a meaning."""


_ITEMS: dict[str, _Item] = {
    "Script": _Item(("Type", "Command", "Parameters"), ("Command", "Parameters"), ("Type",), "Order"),
    "Folder": _Item(("Id",), ("Id",)),
    "MsiApplication": _Item(("Identifier",), ("Name",)),
    "ZapApplication": _Item(("Identifier",), ("Name",)),
    "PrinterConnection": _Item(("Path",), ("Path",)),
}

_FOLDERS = {
    "{FDD39AD0-238F-46AF-ADB4-6C85480369C7}": "Documents",
    "{B4BFCC3A-DB2C-424C-B029-7FE99A87C641}": "Desktop",
    "{3EB685DB-65F9-4CF6-A03A-E3EF65729F3D}": "AppData (Roaming)",
    "{625B53C3-AB48-4EC1-BA1F-A1EF4146FC19}": "Start Menu",
    "{33E28130-4E1E-4676-835A-98395C3BC3BB}": "Pictures",
    "{4BD8D571-6D19-48D3-BE97-422220080E43}": "Music",
    "{18989B1D-99B5-455B-841C-AB7C74E4DDFC}": "Videos",
    "{1777F761-68AD-4D8A-87BD-30B759FA33DD}": "Favorites",
    "{56784854-C6CB-462B-8169-88E350ACB882}": "Contacts",
    "{374DE290-123F-4565-9164-39C4925E467B}": "Downloads",
    "{BFB9D5E0-C6A9-404C-B2B2-AE6DB6AF4968}": "Links",
    "{7D1D3A04-DEBB-4115-95CF-2F29DA2920DA}": "Searches",
    "{4C5C32FF-BB9D-43B0-B5B4-2D72E54EAAA4}": "Saved Games",
}
"""Known folders of Windows (KNOWNFOLDERID), those that can be redirected."""

_NAMES = ("Name", "name", "DisplayName", "Path", "KeyName", "Command", "Id", "id", "Identifier")
"""Children, or attributes, that may be the name of an element, the best first."""


def item_settings(half: str, extension: str, element: ET.Element) -> t.Iterator[Setting]:
    """Return the setting that an element is, when it is a known item."""
    kind = local(element)
    item = _ITEMS.get(kind)
    if item is None:
        yield from generic_setting(half, extension, element)
        return
    key = tuple(child_text(element, name) for name in item.key)
    name = " ".join(filter(None, (child_text(element, name) for name in item.name)))
    place = tuple(child_text(element, name) for name in item.place)
    number = child_text(element, item.rank) if item.rank else ""
    parts = parts_of(element, skip=(*item.key, item.rank))
    yield Setting(
        half, extension, place, _FOLDERS.get(name.upper(), name), (kind, *(text.casefold() for text in key)),
        numbered(one for one in parts if one.label),
        rank=Rank("/".join((kind, *place)), int(number)) if number.isdecimal() else None,
    )  # fmt: skip


def generic_setting(half: str, extension: str, element: ET.Element) -> t.Iterator[Setting]:
    """Return an element as one setting, by the names that the report has for it."""
    kind = local(element)
    name = _name(element)
    yield Setting(
        half, extension, (words(kind),) if name else (), name or words(kind), (kind, name), numbered(parts_of(element))
    )


def leaf_settings(half: str, extension: str, element: ET.Element) -> t.Iterator[Setting]:
    """Return each value in an element as a setting of its own, at the place that the elements around it name.

    What has a name, a profile of a network for example, is one setting with all that is in it.
    """
    yield from _leaves(half, extension, element, (_step(element),))


def _leaves(half: str, extension: str, element: ET.Element, path: tuple[str, ...]) -> t.Iterator[Setting]:
    name = _name_child(element)
    if len(element) == 0 or is_secret(element) or (name and not any(map(_name_child, element.iterfind(".//*")))):
        told = [one for one in parts_of(element, skip=(name or "",)) if one.label or one.value or not len(element)]
        yield Setting(half, extension, path[:-1], path[-1], path, numbered(told))
        return
    own = parts_of(_without_children(element), skip=(name or "",))
    if any(one.value.strip() for one in own):
        yield Setting(half, extension, path[:-1], path[-1], path, numbered(own))
    children = [one for one in element if local(one) != name]
    steps = [_step(one) for one in children]
    seen: dict[str, int] = {}
    for step, one in zip(steps, children, strict=True):
        seen[step] = seen.get(step, 0) + 1
        called = step if steps.count(step) == 1 else f"{step} {seen[step]}"
        yield from _leaves(half, extension, one, (*path, called))


def _without_children(element: ET.Element) -> ET.Element:
    alone = ET.Element(element.tag, element.attrib)
    alone.text = element.text
    return alone


def _step(element: ET.Element) -> str:
    """Return an element by its name where it has one, so that it is the same one at another place in a list."""
    name = _name(element)
    return f"{words(local(element))} {name}" if name else words(local(element))


def _name(element: ET.Element) -> str:
    name = _name_child(element)
    return (element.get(name) or child_text(element, name).strip()) if name else ""


def _name_child(element: ET.Element) -> str | None:
    """Return what has the name of an element: the name of an attribute, or of a child."""
    return next((name for name in _NAMES if element.get(name) or child_text(element, name).strip()), None)
