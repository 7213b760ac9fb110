// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Security descriptors: parsed here because Wine's own SDDL functions know no object ACEs.

#pragma once

#include <windows.h>

#include <string>
#include <vector>

namespace gpmc {

// The extended right "Apply Group Policy", and the right to use extended rights.
constexpr wchar_t kApplyGroupPolicy[] = L"edacfd8f-ffb3-11d1-b41d-00a0c968f939";
constexpr DWORD kControlAccess = 0x100;

// What GPMC's levels consist of (seen in genuine backups: read is LCRPLORC, full control lacks only control access).
constexpr DWORD kReadMask = 0x20094;
constexpr DWORD kEditMask = 0x200B7;
constexpr DWORD kFullMask = 0xF00FF;

bool isObjectAce(BYTE type);

struct Ace {
    BYTE type = 0;
    BYTE flags = 0;
    DWORD mask = 0;
    DWORD objectFlags = 0;             // ACE_OBJECT_TYPE_PRESENT 1, ACE_INHERITED_OBJECT_TYPE_PRESENT 2
    std::wstring objectType;           // GUID in lower case without braces, or empty
    std::wstring inheritedObjectType;  // likewise
    std::wstring trustee;              // SID

    bool denies() const;
    bool allows() const;
    bool inheritOnly() const { return flags & INHERIT_ONLY_ACE; }
    bool inherited() const { return flags & INHERITED_ACE; }
    bool inheritable() const { return flags & (CONTAINER_INHERIT_ACE | OBJECT_INHERIT_ACE); }
};

struct Descriptor {
    WORD control = 0;
    std::wstring owner;  // SID, or empty
    std::wstring group;
    bool hasDacl = false;
    BYTE daclRevision = 0;
    std::vector<Ace> dacl;
};

// Throws ERROR_INVALID_SECURITY_DESCR for bytes that are not a self-relative descriptor.
Descriptor parseDescriptor(const std::vector<BYTE> &bytes);

// The descriptor in SDDL, with the aliases that do not depend on the forest.
std::wstring toSddl(const Descriptor &descriptor, const std::wstring &owner, const std::wstring &domainSid);

// GPMC's view of an ACL: one level of permission per trustee and kind (allow, deny).
enum class PermissionLevel : long {
    apply = 0x10000,
    read = 0x10100,
    edit = 0x10101,
    editSecurityAndDelete = 0x10102,
    custom = 0x10103,
};

struct Permission {
    std::wstring trustee;  // SID
    PermissionLevel level = PermissionLevel::custom;
    bool denied = false;
    bool inherited = false;
    bool inheritable = false;
};

// Whether an ACE takes part in that view: an inherit-only one (CREATOR OWNER's) grants nothing on the GPO itself.
bool isGrouped(const Ace &ace);

std::vector<Permission> groupPermissions(const Descriptor &descriptor);

}  // namespace gpmc
