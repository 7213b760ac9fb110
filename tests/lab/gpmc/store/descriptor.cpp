// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/descriptor.h"

#include <cstring>
#include <map>

#include "com/error.h"
#include "com/text.h"

namespace gpmc {

namespace {

// Rights that the levels may or may not hold without becoming another level: list object, validated writes.
constexpr DWORD kIndifferent = 0x80 | 0x8;
constexpr DWORD kRead = kReadMask & ~kIndifferent;
constexpr DWORD kEdit = kEditMask & ~kIndifferent;
constexpr DWORD kFull = kFullMask & ~kIndifferent;

// Reads the little-endian numbers of a descriptor and refuses to leave it.
class Reader {
public:
    explicit Reader(const std::vector<BYTE> &bytes) : bytes_(bytes) {}

    template <class Number>
    Number number(size_t offset) const {
        require(offset, sizeof(Number));
        Number value;
        std::memcpy(&value, bytes_.data() + offset, sizeof(Number));
        return value;
    }

    std::wstring sid(size_t offset) const {
        const BYTE revision = number<BYTE>(offset);
        const BYTE count = number<BYTE>(offset + 1);
        require(offset, 8 + 4 * static_cast<size_t>(count));
        ULONGLONG authority = 0;
        for (size_t index = 2; index < 8; ++index) {
            authority = (authority << 8) | number<BYTE>(offset + index);
        }
        std::wstring text = L"S-" + std::to_wstring(revision) + L"-" + std::to_wstring(authority);
        for (BYTE index = 0; index < count; ++index) {
            text += L"-" + std::to_wstring(number<DWORD>(offset + 8 + 4 * index));
        }
        return text;
    }

    std::wstring guid(size_t offset) const {
        require(offset, sizeof(GUID));
        GUID value;
        std::memcpy(&value, bytes_.data() + offset, sizeof(GUID));
        wchar_t text[39];
        StringFromGUID2(value, text, 39);
        return toLower(std::wstring(text + 1, 36));
    }

private:
    void require(size_t offset, size_t size) const {
        if (offset > bytes_.size() || size > bytes_.size() - offset) {
            throwWin32(ERROR_INVALID_SECURITY_DESCR);
        }
    }

    const std::vector<BYTE> &bytes_;
};

Ace readAce(const Reader &reader, size_t offset) {
    Ace ace;
    ace.type = reader.number<BYTE>(offset);
    ace.flags = reader.number<BYTE>(offset + 1);
    ace.mask = reader.number<DWORD>(offset + 4);
    size_t next = offset + 8;
    if (isObjectAce(ace.type)) {
        ace.objectFlags = reader.number<DWORD>(next);
        next += 4;
        if (ace.objectFlags & ACE_OBJECT_TYPE_PRESENT) {
            ace.objectType = reader.guid(next);
            next += sizeof(GUID);
        }
        if (ace.objectFlags & ACE_INHERITED_OBJECT_TYPE_PRESENT) {
            ace.inheritedObjectType = reader.guid(next);
            next += sizeof(GUID);
        }
    }
    ace.trustee = reader.sid(next);
    return ace;
}

void readDacl(const Reader &reader, size_t offset, Descriptor &descriptor) {
    descriptor.daclRevision = reader.number<BYTE>(offset);
    const WORD count = reader.number<WORD>(offset + 4);
    size_t next = offset + 8;
    for (WORD index = 0; index < count; ++index) {
        const WORD size = reader.number<WORD>(next + 2);
        if (size < 8) {
            throwWin32(ERROR_INVALID_SECURITY_DESCR);
        }
        descriptor.dacl.push_back(readAce(reader, next));
        next += size;
    }
}

// The SDDL name of a SID, or the SID itself.
std::wstring sddlSid(const std::wstring &sid, const std::wstring &domainSid) {
    static const std::map<std::wstring, std::wstring> kWellKnown = {
        {L"S-1-1-0", L"WD"},  {L"S-1-3-0", L"CO"},      {L"S-1-5-9", L"ED"},      {L"S-1-5-11", L"AU"},
        {L"S-1-5-18", L"SY"}, {L"S-1-5-32-544", L"BA"}, {L"S-1-5-32-545", L"BU"}, {L"S-1-5-10", L"PS"},
    };
    const auto found = kWellKnown.find(sid);
    if (found != kWellKnown.end()) {
        return found->second;
    }
    if (sid == domainSid + L"-512") {
        return L"DA";
    }
    return sid;
}

std::wstring sddlFlags(BYTE flags) {
    std::wstring text;
    text += flags & OBJECT_INHERIT_ACE ? L"OI" : L"";
    text += flags & CONTAINER_INHERIT_ACE ? L"CI" : L"";
    text += flags & NO_PROPAGATE_INHERIT_ACE ? L"NP" : L"";
    text += flags & INHERIT_ONLY_ACE ? L"IO" : L"";
    text += flags & INHERITED_ACE ? L"ID" : L"";
    return text;
}

std::wstring sddlRights(DWORD mask) {
    static const std::pair<DWORD, const wchar_t *> kRights[] = {
        {0x1, L"CC"},     {0x2, L"DC"},          {0x4, L"LC"},      {0x8, L"SW"},       {0x10, L"RP"},
        {0x20, L"WP"},    {0x40, L"DT"},         {0x80, L"LO"},     {0x100, L"CR"},     {DELETE, L"SD"},
        {READ_CONTROL, L"RC"}, {WRITE_DAC, L"WD"}, {WRITE_OWNER, L"WO"}, {GENERIC_ALL, L"GA"}, {GENERIC_READ, L"GR"},
        {GENERIC_WRITE, L"GW"}, {GENERIC_EXECUTE, L"GX"},
    };
    std::wstring text;
    DWORD left = mask;
    for (const auto &[bit, name] : kRights) {
        if (mask & bit) {
            text += name;
            left &= ~bit;
        }
    }
    if (left == 0) {
        return text;
    }
    wchar_t number[16];
    wsprintfW(number, L"0x%x", mask);
    return number;
}

std::wstring sddlAce(const Ace &ace, const std::wstring &domainSid) {
    std::wstring type = ace.denies() ? L"D" : L"A";
    if (isObjectAce(ace.type)) {
        type.insert(0, L"O");
    }
    return L"(" + type + L";" + sddlFlags(ace.flags) + L";" + sddlRights(ace.mask) + L";" + ace.objectType + L";" +
           ace.inheritedObjectType + L";" + sddlSid(ace.trustee, domainSid) + L")";
}

// What the ACEs of one trustee and kind add up to.
struct Sum {
    DWORD mask = 0;
    bool apply = false;
    bool otherObjects = false;
    Permission permission;
};

void add(Sum &sum, const Ace &ace) {
    if (ace.objectType.empty()) {
        sum.mask |= ace.mask & ~kControlAccess;
        // Control access without an object type means every extended right.
        sum.apply |= (ace.mask & kControlAccess) != 0;
    } else if (ace.objectType == kApplyGroupPolicy) {
        sum.apply = true;
    } else {
        sum.otherObjects = true;
    }
    sum.permission.inherited |= ace.inherited();
    sum.permission.inheritable |= ace.inheritable();
}

PermissionLevel levelOf(const Sum &sum) {
    const DWORD mask = sum.mask & ~kIndifferent;
    if (sum.otherObjects) {
        return PermissionLevel::custom;
    }
    if (sum.apply) {
        const bool denied = sum.permission.denied && mask == 0;
        return mask == kRead || denied ? PermissionLevel::apply : PermissionLevel::custom;
    }
    if (mask == kRead) {
        return PermissionLevel::read;
    }
    if (mask == kEdit) {
        return PermissionLevel::edit;
    }
    if (mask == kFull) {
        return PermissionLevel::editSecurityAndDelete;
    }
    return PermissionLevel::custom;
}

}  // namespace

bool isObjectAce(BYTE type) {
    return type == ACCESS_ALLOWED_OBJECT_ACE_TYPE || type == ACCESS_DENIED_OBJECT_ACE_TYPE ||
           type == SYSTEM_AUDIT_OBJECT_ACE_TYPE;
}

bool Ace::denies() const {
    return type == ACCESS_DENIED_ACE_TYPE || type == ACCESS_DENIED_OBJECT_ACE_TYPE;
}

bool Ace::allows() const {
    return type == ACCESS_ALLOWED_ACE_TYPE || type == ACCESS_ALLOWED_OBJECT_ACE_TYPE;
}

Descriptor parseDescriptor(const std::vector<BYTE> &bytes) {
    const Reader reader(bytes);
    Descriptor descriptor;
    if (reader.number<BYTE>(0) != SECURITY_DESCRIPTOR_REVISION) {
        throwWin32(ERROR_INVALID_SECURITY_DESCR);
    }
    descriptor.control = reader.number<WORD>(2);
    const DWORD owner = reader.number<DWORD>(4);
    const DWORD group = reader.number<DWORD>(8);
    const DWORD dacl = reader.number<DWORD>(16);
    if (owner) {
        descriptor.owner = reader.sid(owner);
    }
    if (group) {
        descriptor.group = reader.sid(group);
    }
    descriptor.hasDacl = (descriptor.control & SE_DACL_PRESENT) && dacl;
    if (descriptor.hasDacl) {
        readDacl(reader, dacl, descriptor);
    }
    return descriptor;
}

std::wstring toSddl(const Descriptor &descriptor, const std::wstring &owner, const std::wstring &domainSid) {
    std::wstring text;
    if (!owner.empty()) {
        text += L"O:" + sddlSid(owner, domainSid);
    }
    if (!descriptor.group.empty()) {
        text += L"G:" + sddlSid(descriptor.group, domainSid);
    }
    if (!descriptor.hasDacl) {
        return text;
    }
    text += L"D:";
    text += descriptor.control & SE_DACL_PROTECTED ? L"P" : L"";
    text += descriptor.control & SE_DACL_AUTO_INHERIT_REQ ? L"AR" : L"";
    text += descriptor.control & SE_DACL_AUTO_INHERITED ? L"AI" : L"";
    for (const Ace &ace : descriptor.dacl) {
        text += sddlAce(ace, domainSid);
    }
    return text;
}

bool isGrouped(const Ace &ace) {
    return !ace.inheritOnly() && (ace.allows() || ace.denies());
}

std::vector<Permission> groupPermissions(const Descriptor &descriptor) {
    std::vector<Sum> sums;
    for (const Ace &ace : descriptor.dacl) {
        if (!isGrouped(ace)) {
            continue;
        }
        Sum *sum = nullptr;
        for (Sum &known : sums) {
            if (known.permission.trustee == ace.trustee && known.permission.denied == ace.denies()) {
                sum = &known;
            }
        }
        if (!sum) {
            sums.emplace_back();
            sum = &sums.back();
            sum->permission.trustee = ace.trustee;
            sum->permission.denied = ace.denies();
        }
        add(*sum, ace);
    }
    std::vector<Permission> permissions;
    for (Sum &sum : sums) {
        sum.permission.level = levelOf(sum);
        permissions.push_back(sum.permission);
    }
    return permissions;
}

}  // namespace gpmc
