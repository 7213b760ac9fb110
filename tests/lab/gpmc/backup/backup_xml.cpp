// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/backup_xml.h"

#include <algorithm>

#include "backup/references.h"
#include "backup/xml_writer.h"
#include "com/error.h"
#include "com/text.h"
#include "store/domain_store.h"
#include "store/files.h"

namespace gpmc {

namespace {

constexpr wchar_t kNamespace[] = L"http://www.microsoft.com/GroupPolicy/GPOOperations";

std::wstring hexBytes(const std::vector<BYTE> &bytes) {
    std::wstring text;
    for (const BYTE byte : bytes) {
        wchar_t digits[4];
        swprintf(digits, 4, L"%02x ", byte);
        text += digits;
    }
    if (!text.empty()) {
        text.pop_back();
    }
    return text;
}

// GPMC puts each principal it meets in front of the others, again when it meets it again.
class GroupList {
public:
    void meet(const std::wstring &key) {
        keys_.erase(std::remove(keys_.begin(), keys_.end(), key), keys_.end());
        keys_.insert(keys_.begin(), key);
    }
    bool has(const std::wstring &key) const { return std::find(keys_.begin(), keys_.end(), key) != keys_.end(); }
    const std::vector<std::wstring> &keys() const { return keys_; }

private:
    std::vector<std::wstring> keys_;
};

std::wstring groupElement(const PrincipalRecord &principal, bool fromDacl) {
    return std::wstring(fromDacl ? L"<Group bkp:Source=\"FromDACL\">" : L"<Group>") +
           xmlOptionalCdataElement(L"Sid", principal.sid) +
           xmlOptionalCdataElement(L"SamAccountName", principal.name) + xmlCdataElement(L"Type", principal.type) +
           xmlOptionalCdataElement(L"NetBIOSDomainName", principal.domain) +
           xmlOptionalCdataElement(L"DnsDomainName", principal.dnsDomain) +
           xmlOptionalCdataElement(L"UPN", userPrincipalName(principal)) +
           L"</Group>";
}

// An account of a setting. Genuine backups give a built-in one by its name alone and without its kind.
std::wstring settingGroupElement(const std::wstring &key, const Principals &principals) {
    if (isDomainSid(key)) {
        return groupElement(principals.find(key), false);
    }
    PrincipalRecord bare;
    const PrincipalRecord known = principals.find(key);
    bare.name = known.name.empty() ? key : known.name;
    return groupElement(bare, false);
}

// Principals of a domain only: GPMC does not list the well-known ones of the DACL.
std::wstring securityGroups(const BackupSource &source, const BackupPlan &plan) {
    const Principals principals;
    GroupList fromDacl;
    for (const Ace &ace : parseDescriptor(source.gpo.securityDescriptor).dacl) {
        if (isDomainSid(ace.trustee)) {
            fromDacl.meet(ace.trustee);
        }
    }
    std::wstring xml = L"<SecurityGroups>";
    for (const ExtensionSection &section : plan.sections) {
        for (const FileObject &object : section.objects) {
            if (object.reEvaluate.empty()) {
                continue;
            }
            // The template may have become unreadable; the copy of it reports that.
            guarded([&] {
                GroupList holders;
                for (const std::wstring &holder : privilegeHolders(joinPath(source.sysvol, object.source))) {
                    holders.meet(holder);
                }
                for (const std::wstring &key : holders.keys()) {
                    xml += fromDacl.has(key) ? L"" : settingGroupElement(key, principals);
                }
            });
        }
    }
    for (const std::wstring &sid : fromDacl.keys()) {
        xml += groupElement(principals.find(sid), true);
    }
    return xml + L"</SecurityGroups>";
}

// Directory's number in the high word, SYSVOL's in the low one.
std::wstring packVersions(WORD directory, WORD sysvol) {
    return std::to_wstring((static_cast<DWORD>(directory) << 16) | sysvol);
}

std::wstring wmiFilterElements(const BackupSource &source) {
    if (source.gpo.wmiFilter.empty()) {
        return L"<WMIFilter/>";
    }
    const auto filter = findWmiFilter(source.gpo.wmiFilter);
    return xmlCdataElement(L"WMIFilter", wmiFilterPath(source.gpo.wmiFilter, source.domain)) +
           xmlOptionalCdataElement(L"WMIFilterName", filter ? filter->name : std::wstring());
}

std::wstring coreSettings(const BackupSource &source) {
    const GpoRecord &gpo = source.gpo;
    return L"<GroupPolicyCoreSettings>" + xmlCdataElement(L"ID", gpo.id) +
           xmlCdataElement(L"Domain", source.domain.name) +
           xmlElement(L"SecurityDescriptor", hexBytes(gpo.securityDescriptor)) +
           xmlCdataElement(L"DisplayName", gpo.displayName) +
           xmlCdataElement(L"Options", std::to_wstring(gpo.flags)) +
           xmlCdataElement(L"UserVersionNumber", packVersions(HIWORD(gpo.version), HIWORD(source.sysvolVersion))) +
           xmlCdataElement(L"MachineVersionNumber", packVersions(LOWORD(gpo.version), LOWORD(source.sysvolVersion))) +
           xmlOptionalCdataElement(L"MachineExtensionGuids", gpo.machineExtensions) +
           xmlOptionalCdataElement(L"UserExtensionGuids", gpo.userExtensions) + wmiFilterElements(source) +
           L"</GroupPolicyCoreSettings>";
}

std::wstring attribute(const wchar_t *name, const std::wstring &value) {
    return value.empty() ? std::wstring() : std::wstring(L" bkp:") + name + L"=\"" + xmlAttribute(value) + L"\"";
}

std::wstring fileObjectElement(const FileObject &object, const std::wstring &share) {
    return std::wstring(object.isFolder ? L"<FSObjectDir" : L"<FSObjectFile") + attribute(L"Path", object.path) +
           attribute(L"SourceExpandedPath", joinPath(share, object.source)) +
           attribute(L"ReEvaluateFunction", object.reEvaluate) + attribute(L"Location", object.location) + L"/>";
}

std::wstring sectionElement(const ExtensionSection &section, const std::wstring &share) {
    std::wstring xml = L"<GroupPolicyExtension" + attribute(L"ID", section.id) +
                       attribute(L"DescName", section.name) + L">";
    for (const FileObject &object : section.objects) {
        xml += fileObjectElement(object, share);
    }
    if (!section.directorySettings.empty()) {
        xml += std::wstring(L"<") + kDirectoryObject + L">" +
               xmlCdataElement(kDirectoryAttribute, section.directorySettings) + L"</" + kDirectoryObject + L">";
    }
    return xml + L"</GroupPolicyExtension>";
}

}  // namespace

std::string backupXml(const BackupSource &source, const BackupPlan &plan) {
    const std::wstring share = sysvolShare(source.domain, source.dc, source.gpo.id);
    std::wstring xml = L"<?xml version=\"1.0\" encoding=\"utf-8\"?>";
    xml += L"<GroupPolicyBackupScheme bkp:version=\"2.0\" bkp:type=\"GroupPolicyBackupTemplate\" xmlns:bkp=\"" +
           std::wstring(kNamespace) + L"\" xmlns=\"" + kNamespace + L"\">\r\n    ";
    xml += L"<GroupPolicyObject>" + securityGroups(source, plan) + L"<FilePaths/>" + coreSettings(source);
    for (const ExtensionSection &section : plan.sections) {
        xml += L"\r\n        " + sectionElement(section, share);
    }
    xml += L"</GroupPolicyObject>\r\n</GroupPolicyBackupScheme>";
    return toUtf8(xml);
}

}  // namespace gpmc
