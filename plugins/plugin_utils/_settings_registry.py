# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Administrative Templates: policies as their templates call them, and values that no template of the host knows.

The words of a template are those of the host that made the report: what it explains, and supports, is no setting.
"""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from ._settings_items import generic_setting
from ._settings_model import Part, Setting, numbered, part
from ._settings_xml import SECRET_VALUES, child_text, local, parts_of, text, words

_EXTRA = "Extra Registry Settings"


def registry_settings(half: str, extension: str, element: ET.Element) -> t.Iterator[Setting]:
    """Return what an element of the extension tells."""
    name = local(element)
    if name == "Policy":
        yield _policy(half, extension, element)
    elif name == "RegistrySetting":
        yield from _extra(half, extension, element)
    elif name != "Blocked" or text(element) != "false":
        # That nothing is blocked is said by newer releases only.
        yield from generic_setting(half, extension, element)


def _policy(half: str, extension: str, policy: ET.Element) -> Setting:
    category, name = child_text(policy, "Category"), child_text(policy, "Name")
    parts = []
    for one in policy:
        kind = local(one)
        if kind in _NO_PARTS:
            continue
        parts += _CONTROLS.get(kind, _other)(one)
    return Setting(
        half, extension, tuple(category.split("/")) if category else (), name,
        ("Policy", category.casefold(), name.casefold()), numbered(parts),
    )  # fmt: skip


_NO_PARTS = frozenset(("Name", "Explain", "Supported", "Category", "Text"))
"""What makes the policy the one it is, and words of its template."""


def _state(element: ET.Element) -> list[Part]:
    return [part("", text(element))]


def _caption(element: ET.Element) -> str:
    return child_text(element, "Name").rstrip().removesuffix(":") or words(local(element))


def _control(element: ET.Element) -> list[Part]:
    """Return the value of one of a policy's controls under its caption."""
    caption = _caption(element)
    state = child_text(element, "State")
    known = ("Name", "State")
    told = [one for one in parts_of(element, skip=known) if one.label]
    value = [one for one in told if one.label in ("Value", "Value / Name")]
    rest = [one._replace(label=f"{caption} / {one.label}") for one in told if one not in value]
    if len(value) != 1:
        return [part(caption, state), *(one._replace(label=f"{caption} / {one.label}") for one in told)]
    shown = value[0].shown or value[0].value
    return [part(caption, f"{state} {value[0].value}", shown if state == "Enabled" else f"{state} {shown}"), *rest]


def _list_box(element: ET.Element) -> list[Part]:
    """Return the entries of a list: those with names are values of a key and in no order, the others are numbered."""
    caption = _caption(element)
    entries = [
        (child_text(entry, "Name"), child_text(entry, "Data"))
        for value in element if local(value) == "Value"
        for entry in value if local(entry) == "Element"
    ]  # fmt: skip
    lines = [f"{name}={data}" if name else data for name, data in entries]
    if all(name for name, _data in entries):
        lines.sort(key=str.casefold)
    known = ("Name", "State", "Value")
    options = [one._replace(label=f"{caption} / {one.label}") for one in parts_of(element, skip=known) if one.label]
    return [part(caption, f"{child_text(element, 'State')} {lines}", ", ".join(lines)), *options]


def _other(element: ET.Element) -> list[Part]:
    return [
        one._replace(label=f"{local(element)} / {one.label}" if one.label else local(element))
        for one in parts_of(element)
    ]


_CONTROLS: dict[str, t.Callable[[ET.Element], list[Part]]] = {
    "State": _state,
    "CheckBox": _control,
    "EditText": _control,
    "Numeric": _control,
    "DropDownList": _control,
    "MultiText": _control,
    "ListBox": _list_box,
}


def _extra(half: str, extension: str, element: ET.Element) -> t.Iterator[Setting]:
    """Return the values that an element sets below a key, or the key alone where it sets none."""
    key = child_text(element, "KeyPath")
    options = [one for one in parts_of(element, skip=("KeyPath", "AdmSetting", "Value")) if one.label]
    for value in [one for one in element if local(one) == "Value"] or [None]:
        name = "" if value is None else child_text(value, "Name")
        parts = [] if value is None else _value(name, value)
        yield Setting(
            half, extension, (_EXTRA,), f"{key}\\{name}" if name else key,
            ("RegistrySetting", key.casefold(), name.casefold()), numbered([*parts, *options]),
        )  # fmt: skip


def _value(name: str, value: ET.Element) -> list[Part]:
    """Return a value with its type, which the name of its element tells."""
    secret = name.casefold() in SECRET_VALUES
    return [
        part("", f"{one.label} {one.value}", one.shown or one.value, secret=secret)
        for one in parts_of(value, skip=("Name",))
        if one.label
    ]
