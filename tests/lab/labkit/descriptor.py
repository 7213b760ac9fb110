# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Self-relative security descriptors, as a GPO has them in the directory and in Backup.xml.

The layout is that of MS-DTYP 2.4.6 (SECURITY_DESCRIPTOR), 2.4.5 (ACL), 2.4.4 (ACE) and 2.4.2 (SID). Only what
a GPO has is written: the DACL. Owner and group are read and kept when they are there.
"""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass, field

# ACE types (MS-DTYP 2.4.4.1)
ALLOWED = 0x00
DENIED = 0x01
ALLOWED_OBJECT = 0x05
DENIED_OBJECT = 0x06
OBJECT_TYPES = (ALLOWED_OBJECT, DENIED_OBJECT)
KNOWN_TYPES = (ALLOWED, DENIED, ALLOWED_OBJECT, DENIED_OBJECT)

# ACE flags
CONTAINER_INHERIT = 0x02
INHERIT_ONLY = 0x08
INHERITED = 0x10

# In an object ACE: which of the two GUIDs follow
OBJECT_TYPE_PRESENT = 0x1
INHERITED_OBJECT_TYPE_PRESENT = 0x2

# Control bits (MS-DTYP 2.4.6)
SELF_RELATIVE = 0x8000
DACL_PRESENT = 0x0004

#: DACL present, DACL and SACL auto-inherited, DACL protected, self-relative: as every genuine backup has it.
GPO_CONTROL = 0x9C04

#: The extended right "Apply Group Policy".
APPLY_GROUP_POLICY = "edacfd8f-ffb3-11d1-b41d-00a0c968f939"

# Access masks as GPMC writes them on a GPO
READ_MASK = 0x00020094
EDIT_MASK = 0x000200B7
FULL_MASK = 0x000F00FF
CONTROL_ACCESS = 0x00000100

AUTHENTICATED_USERS = "S-1-5-11"
ENTERPRISE_DOMAIN_CONTROLLERS = "S-1-5-9"
LOCAL_SYSTEM = "S-1-5-18"
CREATOR_OWNER = "S-1-3-0"

_ACL_HEADER = struct.Struct("<BBHHH")
_ACE_HEADER = struct.Struct("<BBH")
_DESCRIPTOR_HEADER = struct.Struct("<BBHIIII")


class DescriptorError(ValueError):
    """The bytes are not a security descriptor that this module understands."""


def sid_to_bytes(sid: str) -> bytes:
    """`S-1-5-11` as its binary form."""
    parts = sid.split("-")
    if len(parts) < 3 or parts[0] != "S" or not all(part.isdigit() for part in parts[1:]):
        raise DescriptorError(f"not a SID: {sid!r}")
    revision, authority, *subauthorities = (int(part) for part in parts[1:])
    if revision != 1 or authority >= 1 << 48 or len(subauthorities) > 15:
        raise DescriptorError(f"not a SID: {sid!r}")
    if any(number >= 1 << 32 for number in subauthorities):
        raise DescriptorError(f"not a SID: {sid!r}")
    return (
        bytes((revision, len(subauthorities)))
        + authority.to_bytes(6, "big")
        + struct.pack(f"<{len(subauthorities)}I", *subauthorities)
    )


def sid_from_bytes(data: bytes, offset: int = 0) -> tuple[str, int]:
    """The SID at an offset, and the number of bytes it takes."""
    if len(data) < offset + 8:
        raise DescriptorError("a SID is cut short")
    revision, count = data[offset], data[offset + 1]
    size = 8 + 4 * count
    if revision != 1 or count > 15 or len(data) < offset + size:
        raise DescriptorError("a SID is damaged")
    authority = int.from_bytes(data[offset + 2:offset + 8], "big")
    subauthorities = struct.unpack_from(f"<{count}I", data, offset + 8)
    return "-".join(["S-1", str(authority), *map(str, subauthorities)]), size


@dataclass(frozen=True)
class Ace:
    """One entry of a DACL."""

    type: int
    flags: int
    mask: int
    sid: str
    object_type: str | None = None
    inherited_object_type: str | None = None

    @property
    def denied(self) -> bool:
        return self.type in (DENIED, DENIED_OBJECT)

    @property
    def inherited(self) -> bool:
        return bool(self.flags & INHERITED)

    def to_bytes(self) -> bytes:
        body = struct.pack("<I", self.mask)
        if self.type in OBJECT_TYPES:
            present = (OBJECT_TYPE_PRESENT if self.object_type else 0) | (
                INHERITED_OBJECT_TYPE_PRESENT if self.inherited_object_type else 0
            )
            body += struct.pack("<I", present)
            for guid in (self.object_type, self.inherited_object_type):
                if guid:
                    body += uuid.UUID(guid).bytes_le
        body += sid_to_bytes(self.sid)
        return _ACE_HEADER.pack(self.type, self.flags, _ACE_HEADER.size + len(body)) + body

    @classmethod
    def from_bytes(cls, data: bytes) -> Ace:
        """Read one ACE; `data` is exactly as long as its header says."""
        ace_type, flags, _size = _ACE_HEADER.unpack_from(data)
        if ace_type not in KNOWN_TYPES:
            raise DescriptorError(f"an ACE of type {ace_type:#04x} is not supported")
        try:
            (mask,) = struct.unpack_from("<I", data, 4)
            offset = 8
            guids: list[str | None] = [None, None]
            if ace_type in OBJECT_TYPES:
                (present,) = struct.unpack_from("<I", data, offset)
                offset += 4
                for index, bit in enumerate((OBJECT_TYPE_PRESENT, INHERITED_OBJECT_TYPE_PRESENT)):
                    if present & bit:
                        guids[index] = str(uuid.UUID(bytes_le=data[offset:offset + 16]))
                        offset += 16
        except (struct.error, ValueError) as error:
            raise DescriptorError(f"an ACE is cut short: {error}") from error
        sid, size = sid_from_bytes(data, offset)
        if offset + size != len(data):
            raise DescriptorError("an ACE carries data after its SID, which is not supported")
        return cls(ace_type, flags, mask, sid, guids[0], guids[1])


@dataclass
class SecurityDescriptor:
    """A descriptor with a DACL, and with owner and group where it has them."""

    aces: list[Ace] = field(default_factory=list)
    control: int = GPO_CONTROL
    acl_revision: int = 4
    owner: str | None = None
    group: str | None = None

    def to_bytes(self) -> bytes:
        """The DACL follows the header at once, then owner and group: the order of the genuine backups."""
        entries = b"".join(ace.to_bytes() for ace in self.aces)
        acl = _ACL_HEADER.pack(self.acl_revision, 0, _ACL_HEADER.size + len(entries), len(self.aces), 0) + entries
        dacl_offset = _DESCRIPTOR_HEADER.size
        offset = dacl_offset + len(acl)
        tail = b""
        owner_offset = group_offset = 0
        if self.owner:
            owner_offset = offset
            tail += sid_to_bytes(self.owner)
        if self.group:
            group_offset = offset + len(tail)
            tail += sid_to_bytes(self.group)
        header = _DESCRIPTOR_HEADER.pack(1, 0, self.control, owner_offset, group_offset, 0, dacl_offset)
        return header + acl + tail

    def to_hex(self) -> str:
        return self.to_bytes().hex()

    @classmethod
    def from_bytes(cls, data: bytes) -> SecurityDescriptor:
        if len(data) < _DESCRIPTOR_HEADER.size:
            raise DescriptorError("a security descriptor is cut short")
        revision, _, control, owner_offset, group_offset, _, dacl_offset = _DESCRIPTOR_HEADER.unpack_from(data)
        if revision != 1 or not control & SELF_RELATIVE:
            raise DescriptorError("not a self-relative security descriptor of revision 1")
        owner = sid_from_bytes(data, owner_offset)[0] if owner_offset else None
        group = sid_from_bytes(data, group_offset)[0] if group_offset else None
        if not control & DACL_PRESENT or not dacl_offset:
            raise DescriptorError("a security descriptor without a DACL is not supported")
        acl_revision, aces = _read_acl(data, dacl_offset)
        return cls(aces, control, acl_revision, owner, group)

    @classmethod
    def from_hex(cls, text: str) -> SecurityDescriptor:
        """Read what Backup.xml (hex bytes with blanks) or the lab (without) holds."""
        try:
            data = bytes.fromhex(text)
        except ValueError as error:
            raise DescriptorError(f"not hexadecimal: {error}") from error
        return cls.from_bytes(data)

    def sids(self) -> list[str]:
        """Every trustee, each once, in the order of the DACL."""
        return list(dict.fromkeys(ace.sid for ace in self.aces))


def _read_acl(data: bytes, offset: int) -> tuple[int, list[Ace]]:
    """The revision and the entries of the ACL at an offset."""
    try:
        revision, _, size, count, _ = _ACL_HEADER.unpack_from(data, offset)
    except struct.error as error:
        raise DescriptorError("a DACL is cut short") from error
    end = offset + size
    if end > len(data):
        raise DescriptorError("a DACL is cut short")
    position = offset + _ACL_HEADER.size
    aces = []
    for _ in range(count):
        if position + _ACE_HEADER.size > end:
            raise DescriptorError("a DACL holds fewer entries than it says")
        ace_size = _ACE_HEADER.unpack_from(data, position)[2]
        if ace_size < 16 or position + ace_size > end:
            raise DescriptorError("an ACE is longer than its DACL, or shorter than an ACE can be")
        aces.append(Ace.from_bytes(data[position:position + ace_size]))
        position += ace_size
    return revision, aces


def default_gpo_descriptor(domain_sid: str, forest_sid: str | None = None) -> SecurityDescriptor:
    """What Active Directory gives a new GPO that a domain administrator makes.

    It is the default of the schema class groupPolicyContainer, plus the creator's entry without inheritance; the
    genuine backups beside the project show exactly these eight entries in this order.
    """
    domain_admins = f"{domain_sid}-512"
    enterprise_admins = f"{forest_sid or domain_sid}-519"
    return SecurityDescriptor(
        [
            Ace(ALLOWED_OBJECT, CONTAINER_INHERIT, CONTROL_ACCESS, AUTHENTICATED_USERS, APPLY_GROUP_POLICY),
            Ace(ALLOWED, 0, FULL_MASK, domain_admins),
            Ace(ALLOWED, CONTAINER_INHERIT, FULL_MASK, domain_admins),
            Ace(ALLOWED, CONTAINER_INHERIT, FULL_MASK, enterprise_admins),
            Ace(ALLOWED, CONTAINER_INHERIT, READ_MASK, ENTERPRISE_DOMAIN_CONTROLLERS),
            Ace(ALLOWED, CONTAINER_INHERIT, READ_MASK, AUTHENTICATED_USERS),
            Ace(ALLOWED, CONTAINER_INHERIT, FULL_MASK, LOCAL_SYSTEM),
            Ace(ALLOWED, CONTAINER_INHERIT | INHERIT_ONLY, FULL_MASK, CREATOR_OWNER),
        ]
    )


#: What `grant` understands, and the word GPMC's own window has for it.
LEVELS = {
    "read": "Read",
    "apply": "Read (from Security Filtering)",
    "edit": "Edit settings",
    "full": "Edit settings, delete, modify security",
    "deny-apply": "Custom: apply is denied",
    "none": "no entry at all",
}


def grant(descriptor: SecurityDescriptor, sid: str, level: str | int) -> SecurityDescriptor:
    """A copy in which one trustee has a permission level, or an access mask that no level has.

    The trustee's own entries are replaced, except that `deny-apply` is put on top of them. Denials go to the front,
    as Windows' editors write them.
    """
    if isinstance(level, int):
        if not 0 < level < 1 << 32:
            raise DescriptorError(f"not an access mask: {level:#x}")
    elif level not in LEVELS:
        raise DescriptorError(f"unknown permission level {level!r}; one of {', '.join(LEVELS)}")
    new: list[Ace] = []
    if isinstance(level, int):
        new.append(Ace(ALLOWED, CONTAINER_INHERIT, level, sid))
    if level in ("read", "apply"):
        new.append(Ace(ALLOWED, CONTAINER_INHERIT, READ_MASK, sid))
    if level == "apply":
        new.append(Ace(ALLOWED_OBJECT, CONTAINER_INHERIT, CONTROL_ACCESS, sid, APPLY_GROUP_POLICY))
    if level == "edit":
        new.append(Ace(ALLOWED, CONTAINER_INHERIT, EDIT_MASK, sid))
    if level == "full":
        new.append(Ace(ALLOWED, CONTAINER_INHERIT, FULL_MASK, sid))
    if level == "deny-apply":
        denial = Ace(DENIED_OBJECT, CONTAINER_INHERIT, CONTROL_ACCESS, sid, APPLY_GROUP_POLICY)
        aces = [denial, *(ace for ace in descriptor.aces if ace != denial)]
    else:
        aces = [ace for ace in descriptor.aces if ace.sid != sid or ace.inherited] + new
    return SecurityDescriptor(
        aces, descriptor.control, descriptor.acl_revision, descriptor.owner, descriptor.group
    )
