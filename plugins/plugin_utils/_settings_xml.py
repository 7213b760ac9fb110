# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Elements of a settings report, read into the parts of a setting in the way that all extensions have in common."""

from __future__ import annotations

import functools
import re
import typing as t
import xml.etree.ElementTree as ET

from ._settings_model import Part, part

TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

_SECRET = frozenset(("cpassword", "keymaterial"))
"""Attributes and elements, in lower case, that hold a password. That of Preferences is as good as in clear."""

SECRET_VALUES = frozenset(("defaultpassword",))
"""Names of registry values, in lower case, that hold a password."""

_CAPITAL = re.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z]{2})")
"""Where a word begins: EnableFirewall, RequireUPNNaming, but neither IPsec nor CAs."""

_ACE = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)")
_DACL = re.compile(r"D:[A-Z_]*((?:\((?:[^()]|\([^()]*\))*\))*)")


@functools.lru_cache(4096)
def _own_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def local(element: ET.Element) -> str:
    """Return an element's name without its namespace."""
    return _own_name(element.tag)


def words(name: str) -> str:
    """Return the name of an element as words."""
    return _CAPITAL.sub(" ", name)


def child(element: ET.Element, name: str) -> ET.Element | None:
    """Return the first child of that name, in whatever namespace."""
    for one in element:
        if _own_name(one.tag) == name:
            return one
    return None


def text(element: ET.Element | None) -> str:
    """Return the text of an element."""
    return "" if element is None else element.text or ""


def child_text(element: ET.Element, name: str) -> str:
    """Return the text of the first child of that name, or an empty one."""
    return text(child(element, name))


class Account(t.NamedTuple):
    """Somebody: by SID where the report has one, since names change, and differ with the host's language."""

    sid: str
    name: str

    @property
    def identity(self) -> str:
        """What is compared."""
        return self.sid.upper() or self.name.casefold()

    @property
    def shown(self) -> str:
        """What is shown."""
        return self.name or self.sid


def account_of(element: ET.Element) -> Account | None:
    """Return whom an element with the children SID and Name, or the first alone, tells of."""
    if not 1 <= len(element) <= 2 or element.attrib:
        return None
    found = {_own_name(one.tag): one for one in element}
    if "SID" not in found or len(found) < len(element) or not found.keys() <= {"SID", "Name"}:
        return None
    return Account(text(found["SID"]), text(found.get("Name")))


def accounts(label: str, elements: t.Iterable[ET.Element]) -> Part:
    """Return one part for several accounts, in whatever order. One without a SID counts by its name."""
    found = sorted(
        (account_of(one) or Account("", child_text(one, "Name") or text(one)) for one in elements),
        key=lambda account: account.identity,
    )
    return part(
        label,
        ", ".join(account.identity for account in found),
        ", ".join(sorted((account.shown for account in found), key=str.casefold)),
    )


def parts_of(element: ET.Element, *, ordered: bool = True, skip: t.Container[str] = ()) -> list[Part]:
    """Return all that is in an element, each value under the names of the elements that lead to it.

    Elements of one name count in their order, unless they are not *ordered*, or tell of accounts.
    *skip* has the names of attributes and children that do not count.
    """
    found: list[Part] = []
    _walk(element, "", ordered, skip, found)
    return found


def _walk(element: ET.Element, label: str, ordered: bool, skip: t.Container[str], found: list[Part]) -> None:
    if is_secret(element):
        # Whatever is in it.
        inside = [(one.tag, sorted(one.attrib.items()), one.text) for one in element.iter()]
        found.append(part(label, repr(inside), secret=True))
        return
    prefix = f"{label} / " if label else ""
    if element.attrib:
        _attributes(element, prefix, skip, found)
    if len(element) == 0:
        if element.text or not element.attrib:
            found.append(part(label, element.text or ""))
        return
    children: dict[str, list[ET.Element]] = {}
    own = element.text or ""
    for one in element:
        children.setdefault(_own_name(one.tag), []).append(one)
        own += one.tail or ""
    if own.strip():
        found.append(part(label, own))
    for name, group in children.items():
        if name not in skip:
            _walk_group(name, group, prefix, ordered, found)


def _walk_group(name: str, group: list[ET.Element], prefix: str, ordered: bool, found: list[Part]) -> None:
    """Read the children of one name."""
    label = prefix + name
    first = group[0]
    if name == "SecurityDescriptor":
        found += [entry._replace(label=prefix + entry.label) for one in group for entry in descriptor_parts(one)]
    elif len(first) and all(account_of(one) for one in group):
        found.append(accounts(label, group))
    elif len(group) == 1:
        _walk(first, label, ordered, (), found)
    elif not ordered or all("sid" in one.attrib for one in group):
        found.append(_unordered(label, group))
    else:
        for number, one in enumerate(group, 1):
            _walk(one, f"{label} {number}", ordered, (), found)


def is_secret(element: ET.Element) -> bool:
    """Return whether an element holds a password."""
    return local(element).casefold() in _SECRET


def _attributes(element: ET.Element, prefix: str, skip: t.Container[str], found: list[Part]) -> None:
    attributes = element.attrib
    sid = attributes.get("sid")
    for name, value in attributes.items():
        if name in skip or (sid and name == "name"):
            continue
        if name == TYPE:
            # The prefix before the colon is a name for this report only.
            found.append(part(f"{prefix}type", value.rpartition(":")[2]))
        elif sid and name == "sid":
            found.append(part(f"{prefix}sid", sid.upper(), f"{attributes.get('name', '')} {sid}".lstrip()))
        else:
            secret = _own_name(name).casefold() in _SECRET
            found.append(part(prefix + _own_name(name), value, secret=secret))


def _unordered(label: str, elements: t.Iterable[ET.Element]) -> Part:
    """Return one part for elements whose order has no meaning."""
    told = [parts_of(one, ordered=False) for one in elements]
    result = part(
        label,
        "; ".join(sorted(line(parts, shown=False) for parts in told)),
        "; ".join(sorted(line(parts) for parts in told)),
    )
    return result._replace(secret=any(one.secret for parts in told for one in parts))


def line(parts: t.Iterable[Part], separator: str = ", ", *, shown: bool = True) -> str:
    """Return parts as one line of text: as they are shown, or as they are compared."""
    return separator.join(
        f"{one.label}: {value}" if one.label else value
        for one in parts
        for value in (one.value if not shown or one.shown is None else one.shown,)
    )


def descriptor_parts(descriptor: ET.Element) -> list[Part]:
    """Return a security descriptor as parts: owner, group, permissions, auditing. Accounts count by their SIDs.

    The SDDL counts where there is one, since the permissions are told in groups that may hide a right.
    """
    result = []
    for name in ("Owner", "Group"):
        owner = child(descriptor, name)
        if owner is not None:
            result.append(accounts(name, [owner]))
    aces = dacl(child_text(descriptor, "SDDL"))
    permissions = child(descriptor, "Permissions")
    entries = [] if permissions is None else [trustee_access(one) for one in trustees(permissions)]
    if aces or entries:
        compared = sorted(aces) if aces else sorted(f"{who.identity} {what.value}" for who, what in entries)
        shown = sorted(f"{who.shown}: {what.shown or what.value}" for who, what in entries) or compared
        result.append(part("Permissions", "; ".join(compared), "; ".join(shown)))
    if permissions is not None:
        result.append(part("Inherits from parent", child_text(permissions, "InheritsFromParent")))
    known = ("Owner", "Group", "SDDL", "Permissions")
    return result + parts_of(descriptor, ordered=False, skip=known)


def trustees(permissions: ET.Element) -> list[ET.Element]:
    """Return the entries of a list of permissions."""
    return [one for one in permissions if local(one) == "TrusteePermissions"]


def trustee_access(entry: ET.Element) -> tuple[Account, Part]:
    """Return whom an entry of a list of permissions is for, and what it allows or denies."""
    trustee = child(entry, "Trustee")
    whom = Account("", "") if trustee is None else Account(child_text(trustee, "SID"), child_text(trustee, "Name"))
    kind = child(entry, "Type")
    rights = child(entry, "Standard")
    allowed = ", ".join(text(one) for one in rights) if rights is not None else child_text(entry, "AccessMask")
    shown = f"{'' if kind is None else child_text(kind, 'PermissionType')} {allowed}".strip()
    if child_text(entry, "Inherited") == "true":
        shown += ", inherited"
    value = line(parts_of(entry, ordered=False, skip=("Trustee",)), shown=False)
    return whom, part("", value, shown)


def dacl(sddl: str) -> list[str]:
    """Return the access control entries of a discretionary list in SDDL."""
    found = _DACL.search(sddl)
    return _ACE.findall(found[1]) if found else []
