# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AppLocker: rules by their IDs, and how each collection of them is enforced."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from ._settings_items import generic_setting
from ._settings_model import Part, Setting, numbered, part
from ._settings_xml import child_text, local, parts_of, words

_COLLECTIONS = {
    "Exe": "Executable Rules",
    "Msi": "Windows Installer Rules",
    "Script": "Script Rules",
    "Dll": "DLL Rules",
    "Appx": "Packaged app Rules",
}

_MODES = {"Enabled": "Enforce rules", "AuditOnly": "Audit only", "Disabled": "Not enforced"}


def applocker_settings(half: str, extension: str, element: ET.Element) -> t.Iterator[Setting]:
    """Return what an element of the extension tells."""
    if local(element) != "RuleCollection":
        yield from generic_setting(half, extension, element)
        return
    kind = element.get("Type") or ""
    place = (_COLLECTIONS.get(kind, kind),)
    for name, value in element.attrib.items():
        if name != "Type":
            yield Setting(half, extension, place, words(name), (kind, name), (part("", value),))
    for one in element:
        rule = one.get("Id")
        if rule is None:
            mode = child_text(one, "Mode")
            parts = numbered(parts_of(one, ordered=False, skip=("Mode",)))
            parts = tuple(told for told in parts if told.value.strip())
            shown = (part("", mode, _MODES.get(mode)),) if mode else ()
            yield Setting(half, extension, place, words(local(one)), (kind, local(one)), shown + parts)
        else:
            yield _rule(half, extension, place, kind, one)


def _rule(half: str, extension: str, place: tuple[str, ...], kind: str, rule: ET.Element) -> Setting:
    name = rule.get("Name") or rule.get("Id") or ""
    parts: list[Part] = [part("Kind", local(rule)), *parts_of(rule, ordered=False, skip=("Id",))]
    return Setting(
        half, extension, place, name, (kind, "rule", (rule.get("Id") or "").casefold()), numbered(parts),
        alias=(kind, "rule", name.casefold()),
    )  # fmt: skip
