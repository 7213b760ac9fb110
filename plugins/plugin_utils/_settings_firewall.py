# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Windows Firewall: the settings of its profiles, and its rules by their names."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from ._settings_items import generic_setting
from ._settings_model import Part, Setting, numbered, part
from ._settings_xml import child, child_text, local, parts_of, text, words


def firewall_settings(half: str, extension: str, element: ET.Element) -> t.Iterator[Setting]:
    """Return what an element of the extension tells."""
    kind = local(element)
    if kind.endswith("Profile") or kind == "GlobalSettings":
        for one in element:
            yield Setting(half, extension, (words(kind),), words(local(one)), (kind, local(one)), _value(one))
    elif kind.endswith(("Rules", "Rule")):
        name = child_text(element, "Name")
        parts = [one for one in parts_of(element, skip=("Name",)) if one.label]
        yield Setting(half, extension, (words(kind),), name, (kind, name), numbered(parts))
    else:
        yield from generic_setting(half, extension, element)


def _value(element: ET.Element) -> tuple[Part, ...]:
    value = child(element, "Value")
    if value is None or len(element) > 1 or len(value):
        return numbered(parts_of(element))
    return (part("", text(value)),)
