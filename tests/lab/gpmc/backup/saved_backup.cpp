// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/saved_backup.h"

#include <algorithm>

#include "backup/backup_xml.h"
#include "backup/xml_reader.h"
#include "com/error.h"
#include "com/text.h"
#include "store/domain_store.h"
#include "store/files.h"

namespace gpmc {

namespace {

[[noreturn]] void refuse() {
    throwWin32(ERROR_INVALID_DATA);
}

const XmlElement &requireChild(const XmlElement &parent, const wchar_t *name) {
    const XmlElement *child = parent.child(name);
    if (!child) {
        refuse();
    }
    return *child;
}

DWORD numberOf(const XmlElement &parent, const wchar_t *name) {
    const std::wstring text = parent.childText(name);
    if (text.size() > 10 || text.find_first_not_of(L"0123456789") != std::wstring::npos) {
        refuse();
    }
    return static_cast<DWORD>(std::wcstoul(text.c_str(), nullptr, 10));
}

bool isPlainName(const std::wstring &name) {
    if (name.empty() || name == L"." || name == L"..") {
        return false;
    }
    for (const wchar_t character : name) {
        if (character < 0x20 || wcschr(L"/:*?\"<>|", character)) {
            return false;
        }
    }
    return true;
}

// The part of a Location below DomainSysvol\GPO, which is the path in the GPO's SYSVOL folder.
std::wstring insideOf(const std::wstring &location) {
    constexpr std::wstring_view kRoot = L"DomainSysvol\\GPO\\";
    if (!equalIgnoreCase(std::wstring_view(location).substr(0, kRoot.size()), kRoot)) {
        refuse();
    }
    const std::wstring inside = location.substr(kRoot.size());
    for (size_t start = 0; start != std::wstring::npos;) {
        const size_t end = inside.find(L'\\', start);
        if (!isPlainName(inside.substr(start, end == std::wstring::npos ? end : end - start))) {
            refuse();
        }
        start = end == std::wstring::npos ? end : end + 1;
    }
    return inside;
}

// A file may be listed by two extensions.
void addSavedFile(SavedBackup &backup, const SavedFile &file) {
    const auto known = std::find_if(backup.files.begin(), backup.files.end(), [&](const SavedFile &other) {
        return equalIgnoreCase(other.target, file.target);
    });
    if (known == backup.files.end()) {
        backup.files.push_back(file);
    }
}

// A missing folder is no damage: empty ones get lost in copies.
void readLocation(const XmlElement &entry, const std::wstring &folder, SavedBackup &backup) {
    const std::wstring location = entry.attribute(L"Location");
    const std::wstring target = insideOf(location);
    if (entry.name == L"FSObjectDir") {
        backup.folders.push_back(target);
    } else if (entry.name == L"FSObjectFile") {
        const std::wstring source = joinPath(folder, location);
        if (!fileExists(source)) {
            throwWin32(ERROR_FILE_NOT_FOUND);
        }
        addSavedFile(backup, {source, target});
    }
}

// An entry without a Location is a pattern, or an object of the directory. Genuine backups list what a pattern has
// matched, and the files of an object, as entries within it.
void readEntries(const XmlElement &parent, const std::wstring &folder, SavedBackup &backup) {
    for (const XmlElement &entry : parent.children) {
        if (!entry.attribute(L"Location").empty()) {
            readLocation(entry, folder, backup);
        }
        if (entry.name == kDirectoryObject) {
            backup.wireless = entry.childText(kDirectoryAttribute);
        }
        readEntries(entry, folder, backup);
    }
}

PrincipalRecord principalOf(const XmlElement &group) {
    PrincipalRecord principal;
    principal.sid = group.childText(L"Sid");
    principal.name = group.childText(L"SamAccountName");
    principal.domain = group.childText(L"NetBIOSDomainName");
    principal.dnsDomain = group.childText(L"DnsDomainName");
    principal.type = group.childText(L"Type");
    return principal;
}

void readCore(const XmlElement &core, SavedBackup &backup) {
    backup.gpoId = normalGuid(core.childText(L"ID"));
    backup.domain = core.childText(L"Domain");
    backup.displayName = core.childText(L"DisplayName");
    backup.options = static_cast<int>(numberOf(core, L"Options") & 3);
    const DWORD user = numberOf(core, L"UserVersionNumber");
    const DWORD machine = numberOf(core, L"MachineVersionNumber");
    // Each packs the directory's number in the high word and SYSVOL's in the low one.
    backup.directoryVersion = MAKELONG(HIWORD(machine), HIWORD(user));
    backup.sysvolVersion = MAKELONG(LOWORD(machine), LOWORD(user));
    backup.machineExtensions = core.childText(L"MachineExtensionGuids");
    backup.userExtensions = core.childText(L"UserExtensionGuids");
    backup.securityDescriptor = bytesOfHex(core.childText(L"SecurityDescriptor"));
    if (!backup.securityDescriptor.empty()) {
        parseDescriptor(backup.securityDescriptor);
    }
    const std::wstring filter = core.childText(L"WMIFilter");
    backup.wmiFilter = toLower(filterIdOfPath(filter));
    backup.wmiFilterName = core.childText(L"WMIFilterName");
    if (!filter.empty() && backup.wmiFilter.empty()) {
        refuse();
    }
}

}  // namespace

SavedBackup readSavedBackup(const std::wstring &folder) {
    const XmlElement root = parseXml(readFile(joinPath(folder, L"Backup.xml")));
    if (root.name != L"GroupPolicyBackupScheme") {
        refuse();
    }
    const XmlElement &gpo = requireChild(root, L"GroupPolicyObject");
    SavedBackup backup;
    readCore(requireChild(gpo, L"GroupPolicyCoreSettings"), backup);
    if (const XmlElement *groups = gpo.child(L"SecurityGroups")) {
        for (const XmlElement &group : groups->children) {
            backup.principals.push_back(principalOf(group));
        }
    }
    for (const XmlElement &section : gpo.children) {
        if (section.name == L"GroupPolicyExtension") {
            readEntries(section, folder, backup);
        }
    }
    return backup;
}

}  // namespace gpmc
