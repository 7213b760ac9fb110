# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security settings and the advanced audit policy."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from ._settings_items import generic_setting
from ._settings_model import Part, Setting, numbered, part
from ._settings_names import ACCOUNT_POLICIES, AUDIT_CATEGORIES, USER_RIGHTS
from ._settings_xml import accounts, child, child_text, line, local, parts_of, text, words

_AUDITED = {"0": "No Auditing", "1": "Success", "2": "Failure", "3": "Success and Failure"}

_MODES = {"true": "Enabled", "false": "Disabled"}


def security_settings(half: str, extension: str, element: ET.Element) -> t.Iterator[Setting]:
    """Return what an element of the extension tells."""
    reader = _READERS.get(local(element))
    if reader is None:
        yield from generic_setting(half, extension, element)
    else:
        place, name, key, parts = reader(element)
        yield Setting(half, extension, place, name, (local(element), *key), numbered(parts))


_Told = tuple[tuple[str, ...], str, tuple[str, ...], t.Sequence[Part]]
"""Place, name, key and parts of a setting."""


def _account(element: ET.Element) -> _Told:
    name, kind = child_text(element, "Name"), child_text(element, "Type")
    place = ("Account Policies", f"{words(kind)} Policy") if kind else ("Account Policies",)
    return place, ACCOUNT_POLICIES.get(name, words(name)), (kind, name.casefold()), _values(element, "Name", "Type")


def _audit(element: ET.Element) -> _Told:
    name = child_text(element, "Name")
    success, failure = (child_text(element, one) == "true" for one in ("SuccessAttempts", "FailureAttempts"))
    audited = _AUDITED[str(success + 2 * failure)]
    known = ("Name", "SuccessAttempts", "FailureAttempts")
    parts = [part("", audited), *(one for one in parts_of(element, skip=known) if one.label)]
    return ("Local Policies", "Audit Policy"), AUDIT_CATEGORIES.get(name, words(name)), (name.casefold(),), parts


def _user_right(element: ET.Element) -> _Told:
    name = child_text(element, "Name")
    members = [one for one in element if local(one) == "Member"]
    parts = [accounts("", members), *(one for one in parts_of(element, skip=("Name", "Member")) if one.label)]
    shown = USER_RIGHTS.get(name, name)
    return ("Local Policies", "User Rights Assignment"), shown, (name.casefold(),), parts


def _option(element: ET.Element) -> _Told:
    key = child_text(element, "KeyName") or child_text(element, "SystemAccessPolicyName")
    display = child(element, "Display")
    name = key if display is None else child_text(display, "Name") or key
    values = _values(element, "KeyName", "SystemAccessPolicyName", "Display")
    shown = "" if display is None else _displayed(display)
    if shown and values:
        # The words are those of the host that made the report; what they stand for is compared.
        values = [part("", line(values, shown=False), shown)]
    return ("Local Policies", "Security Options"), name, (key.casefold(),), values


def _displayed(display: ET.Element) -> str:
    """Return the value of a security option as the editor shows it."""
    told = []
    for one in display:
        if local(one) == "DisplayFields":
            told += [f"{child_text(field, 'Name')}: {child_text(field, 'Value')}" for field in one]
        elif local(one) == "DisplayStrings":
            told += [text(entry) for entry in one]
        elif local(one) == "DisplayBoolean":
            told.append(_MODES.get(text(one), text(one)))
        elif local(one) not in ("Name", "Units"):
            told.append(text(one))
    units = child_text(display, "Units")
    return f"{', '.join(told)} {units}".strip() if any(told) else ""


def _values(element: ET.Element, *known: str) -> list[Part]:
    """Return the value of a setting whatever its type, which the name of its element tells."""
    found = [one for one in parts_of(element, skip=known) if one.label]
    single = len(found) == 1 and found[0].label.startswith("Setting")
    return [found[0]._replace(label="")] if single else found


def _restricted_group(element: ET.Element) -> _Told:
    name = child(element, "GroupName")
    group = accounts("", [] if name is None else [name])
    parts = [
        accounts(label, [one for one in element if local(one) == kind])
        for kind, label in (("Member", "Members"), ("Memberof", "Member of"))
    ]
    known = ("GroupName", "Member", "Memberof")
    rest = [one for one in parts_of(element, skip=known) if one.label]
    return ("Restricted Groups",), group.shown or group.value, (group.value,), [*parts, *rest]


def _service(element: ET.Element) -> _Told:
    name = child_text(element, "Name")
    parts = [
        part("Startup mode", child_text(element, "StartupMode")),
        *(one for one in parts_of(element, skip=("Name", "StartupMode")) if one.label),
    ]
    return ("System Services",), name, (name.casefold(),), parts


def _path(place: str) -> t.Callable[[ET.Element], _Told]:
    def read(element: ET.Element) -> _Told:
        path = child_text(element, "Path")
        return (place,), path, (path.casefold(),), [one for one in parts_of(element, skip=("Path",)) if one.label]

    return read


def _event_log(element: ET.Element) -> _Told:
    log, name = child_text(element, "Log"), child_text(element, "Name")
    return ("Event Log", log), words(name), (log, name.casefold()), _values(element, "Log", "Name")


_READERS: dict[str, t.Callable[[ET.Element], _Told]] = {
    "Account": _account,
    "Audit": _audit,
    "UserRightsAssignment": _user_right,
    "SecurityOptions": _option,
    "RestrictedGroups": _restricted_group,
    "SystemServices": _service,
    "File": _path("File System"),
    "Registry": _path("Registry"),
    "EventLog": _event_log,
}


def audit_settings(half: str, extension: str, element: ET.Element) -> t.Iterator[Setting]:
    """Return what an element of the advanced audit policy tells."""
    if local(element) != "AuditSetting":
        yield from generic_setting(half, extension, element)
        return
    target, name = child_text(element, "PolicyTarget"), child_text(element, "SubcategoryName")
    guid = child_text(element, "SubcategoryGuid").upper()
    value = child_text(element, "SettingValue")
    known = ("PolicyTarget", "SubcategoryName", "SubcategoryGuid", "SettingValue")
    parts = [part("", value, _AUDITED.get(value)), *(one for one in parts_of(element, skip=known) if one.label)]
    place = ("Audit Policies",) if target in ("", "System") else ("Audit Policies", target)
    yield Setting(half, extension, place, name, ("AuditSetting", target, guid or name), numbered(parts))
