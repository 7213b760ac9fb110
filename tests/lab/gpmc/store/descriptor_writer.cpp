// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/descriptor_writer.h"

#include <algorithm>
#include <cstring>

#include "com/error.h"
#include "com/text.h"

namespace gpmc {

namespace {

// DACL present, DACL and SACL auto-inherited, DACL protected, self-relative: as every genuine backup has it.
constexpr WORD kGpoControl = 0x9C04;

class Writer {
public:
    template <class Number>
    void number(Number value) {
        const auto *start = reinterpret_cast<const BYTE *>(&value);
        bytes_.insert(bytes_.end(), start, start + sizeof(Number));
    }

    void sid(const std::wstring &text) {
        std::vector<ULONGLONG> parts;
        size_t at = text.compare(0, 2, L"S-") == 0 ? 2 : std::wstring::npos;
        while (at != std::wstring::npos) {
            const size_t end = text.find(L'-', at);
            const std::wstring part = text.substr(at, end == std::wstring::npos ? end : end - at);
            if (part.empty() || part.find_first_not_of(L"0123456789") != std::wstring::npos) {
                throwWin32(ERROR_INVALID_SID);
            }
            parts.push_back(std::wcstoull(part.c_str(), nullptr, 10));
            at = end == std::wstring::npos ? end : end + 1;
        }
        if (parts.size() < 3 || parts.size() > 2 + SID_MAX_SUB_AUTHORITIES) {
            throwWin32(ERROR_INVALID_SID);
        }
        number(static_cast<BYTE>(parts[0]));
        number(static_cast<BYTE>(parts.size() - 2));
        for (int shift = 40; shift >= 0; shift -= 8) {
            number(static_cast<BYTE>(parts[1] >> shift));
        }
        for (size_t index = 2; index < parts.size(); ++index) {
            number(static_cast<DWORD>(parts[index]));
        }
    }

    void guid(const std::wstring &text) {
        GUID value;
        if (FAILED(IIDFromString((L"{" + text + L"}").c_str(), &value))) {
            throwWin32(ERROR_INVALID_DATA);
        }
        number(value);
    }

    template <class Number>
    void patch(size_t offset, Number value) {
        std::memcpy(bytes_.data() + offset, &value, sizeof(Number));
    }

    size_t size() const { return bytes_.size(); }
    const std::vector<BYTE> &bytes() const { return bytes_; }

private:
    std::vector<BYTE> bytes_;
};

void writeAce(Writer &writer, const Ace &ace) {
    const size_t start = writer.size();
    writer.number(ace.type);
    writer.number(ace.flags);
    writer.number(WORD{0});
    writer.number(ace.mask);
    if (isObjectAce(ace.type)) {
        writer.number(ace.objectFlags);
        if (ace.objectFlags & ACE_OBJECT_TYPE_PRESENT) {
            writer.guid(ace.objectType);
        }
        if (ace.objectFlags & ACE_INHERITED_OBJECT_TYPE_PRESENT) {
            writer.guid(ace.inheritedObjectType);
        }
    }
    writer.sid(ace.trustee);
    writer.patch(start + 2, static_cast<WORD>(writer.size() - start));
}

void writeDacl(Writer &writer, const Descriptor &descriptor) {
    const size_t start = writer.size();
    writer.number(descriptor.daclRevision);
    writer.number(BYTE{0});
    writer.number(WORD{0});
    writer.number(static_cast<WORD>(descriptor.dacl.size()));
    writer.number(WORD{0});
    for (const Ace &ace : descriptor.dacl) {
        writeAce(writer, ace);
    }
    writer.patch(start + 2, static_cast<WORD>(writer.size() - start));
}

Ace allowing(const std::wstring &trustee, DWORD mask, BYTE flags) {
    Ace ace;
    ace.type = ACCESS_ALLOWED_ACE_TYPE;
    ace.flags = flags;
    ace.mask = mask;
    ace.trustee = trustee;
    return ace;
}

Ace allowingToApply(const std::wstring &trustee, BYTE flags) {
    Ace ace = allowing(trustee, kControlAccess, flags);
    ace.type = ACCESS_ALLOWED_OBJECT_ACE_TYPE;
    ace.objectFlags = ACE_OBJECT_TYPE_PRESENT;
    ace.objectType = kApplyGroupPolicy;
    return ace;
}

void appendAces(std::vector<Ace> &aces, const Permission &permission) {
    const BYTE flags = permission.inheritable ? CONTAINER_INHERIT_ACE : 0;
    if (permission.denied || permission.inherited) {
        throw HResultError(E_INVALIDARG);
    }
    switch (permission.level) {
    case PermissionLevel::apply:
        aces.push_back(allowing(permission.trustee, kReadMask, flags));
        aces.push_back(allowingToApply(permission.trustee, flags));
        return;
    case PermissionLevel::read:
        aces.push_back(allowing(permission.trustee, kReadMask, flags));
        return;
    case PermissionLevel::edit:
        aces.push_back(allowing(permission.trustee, kEditMask, flags));
        return;
    case PermissionLevel::editSecurityAndDelete:
        aces.push_back(allowing(permission.trustee, kFullMask, flags));
        return;
    case PermissionLevel::custom:
        break;
    }
    throw HResultError(E_INVALIDARG);
}

bool isSame(const Permission &left, const Permission &right) {
    return left.trustee == right.trustee && left.level == right.level && left.denied == right.denied &&
           left.inherited == right.inherited && left.inheritable == right.inheritable;
}

bool holds(const std::vector<Permission> &permissions, const Permission &wanted) {
    return std::any_of(permissions.begin(), permissions.end(),
                       [&](const Permission &permission) { return isSame(permission, wanted); });
}

}  // namespace

std::vector<BYTE> serializeDescriptor(const Descriptor &descriptor) {
    constexpr size_t kOwnerOffset = 4;
    constexpr size_t kGroupOffset = 8;
    constexpr size_t kDaclOffset = 16;
    Writer writer;
    writer.number(BYTE{SECURITY_DESCRIPTOR_REVISION});
    writer.number(BYTE{0});
    writer.number(descriptor.control);
    for (int part = 0; part < 4; ++part) {
        writer.number(DWORD{0});
    }
    if (descriptor.hasDacl) {
        writer.patch(kDaclOffset, static_cast<DWORD>(writer.size()));
        writeDacl(writer, descriptor);
    }
    if (!descriptor.owner.empty()) {
        writer.patch(kOwnerOffset, static_cast<DWORD>(writer.size()));
        writer.sid(descriptor.owner);
    }
    if (!descriptor.group.empty()) {
        writer.patch(kGroupOffset, static_cast<DWORD>(writer.size()));
        writer.sid(descriptor.group);
    }
    return writer.bytes();
}

Descriptor defaultGpoDescriptor(const std::wstring &domainSid) {
    const std::wstring domainAdmins = domainSid + L"-512";
    const std::wstring enterpriseAdmins = domainSid + L"-519";
    const std::wstring authenticatedUsers = L"S-1-5-11";
    Descriptor descriptor;
    descriptor.control = kGpoControl;
    descriptor.hasDacl = true;
    descriptor.daclRevision = ACL_REVISION_DS;
    descriptor.dacl = {
        allowingToApply(authenticatedUsers, CONTAINER_INHERIT_ACE),
        allowing(domainAdmins, kFullMask, 0),
        allowing(domainAdmins, kFullMask, CONTAINER_INHERIT_ACE),
        allowing(enterpriseAdmins, kFullMask, CONTAINER_INHERIT_ACE),
        allowing(L"S-1-5-9", kReadMask, CONTAINER_INHERIT_ACE),
        allowing(authenticatedUsers, kReadMask, CONTAINER_INHERIT_ACE),
        allowing(L"S-1-5-18", kFullMask, CONTAINER_INHERIT_ACE),
        allowing(L"S-1-3-0", kFullMask, CONTAINER_INHERIT_ACE | INHERIT_ONLY_ACE),
    };
    return descriptor;
}

void setPermissions(Descriptor &descriptor, const std::vector<Permission> &permissions) {
    const std::vector<Permission> before = groupPermissions(descriptor);
    for (const Permission &old : before) {
        if (holds(permissions, old)) {
            continue;
        }
        const auto isOld = [&](const Ace &ace) {
            return isGrouped(ace) && ace.trustee == old.trustee && ace.denies() == old.denied;
        };
        auto &dacl = descriptor.dacl;
        dacl.erase(std::remove_if(dacl.begin(), dacl.end(), isOld), dacl.end());
    }
    for (const Permission &permission : permissions) {
        if (!holds(before, permission)) {
            appendAces(descriptor.dacl, permission);
        }
    }
    descriptor.hasDacl = true;
    descriptor.control |= SE_DACL_PRESENT;
    descriptor.daclRevision = ACL_REVISION_DS;
}

}  // namespace gpmc
