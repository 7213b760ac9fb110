// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/report.h"

#include "backup/report_settings.h"
#include "backup/report_writer.h"
#include "backup/xml_reader.h"
#include "com/error.h"
#include "com/text.h"
#include "store/domain_store.h"
#include "store/files.h"

namespace gpmc {

namespace {

constexpr wchar_t kSecurity[] = L"http://www.microsoft.com/GroupPolicy/Types/Security";
constexpr wchar_t kSettings[] = L"http://www.microsoft.com/GroupPolicy/Settings";

struct ReportedExtension {
    const wchar_t *id;
    const wchar_t *name;
    const wchar_t *schema;  // below kSettings
    const wchar_t *type;
    const wchar_t *file;  // below the folder of the half
    void (*write)(ReportWriter &report, const std::string &file, const std::wstring &q);
};

constexpr ReportedExtension kExtensions[] = {
    {L"{35378EAC-683F-11D2-A89A-00C04FBBCFA2}", L"Registry", L"Registry", L"RegistrySettings", L"registry.pol",
     writeRegistry},
    {L"{827D319E-6EAC-11D2-A4EA-00C04F79F83A}", L"Security", L"Security", L"SecuritySettings",
     L"microsoft\\windows nt\\SecEdit\\GptTmpl.inf", writeSecurityTemplate},
    {L"{F3CCC681-B74C-4060-9F26-CD84525DCA2A}", L"Advanced Audit Configuration", L"Auditing", L"AuditSettings",
     L"microsoft\\windows nt\\Audit\\audit.csv", writeAuditPolicy},
    {L"{42B5FAAE-6536-11D2-AE5A-0000F87571E3}", L"Scripts", L"Scripts", L"Scripts", L"Scripts\\scripts.ini",
     writeScripts},
};

// Preferences have an extension for each kind; those that `lab gpo edit-file` writes are in no list of extensions, so the
// file decides here.
constexpr ReportedExtension kPreferences[] = {
    {L"", L"Windows Registry", L"Windows/Registry", L"RegistrySettings", L"Preferences\\Registry\\Registry.xml", nullptr},
    {L"", L"Drive Maps", L"DriveMaps", L"DriveMapSettings", L"Preferences\\Drives\\Drives.xml", nullptr},
    {L"", L"Local Users and Groups", L"Lugs", L"LocalUsersAndGroups", L"Preferences\\Groups\\Groups.xml", nullptr},
    {L"", L"Scheduled Tasks", L"ScheduledTasks", L"ScheduledTasks",
     L"Preferences\\ScheduledTasks\\ScheduledTasks.xml", nullptr},
};

// The one whose settings the domain on disk can hold in the directory.
constexpr ReportedExtension kWireless = {
    L"{0ACDD40C-75AC-47AB-BAA0-BF6DE7E7FE63}", L"WLanSvc Networks", L"WLanSvc", L"WLanSvcSettings", L"", nullptr};

std::wstring boolean(bool value) {
    return value ? L"true" : L"false";
}

const wchar_t *levelName(PermissionLevel level) {
    switch (level) {
    case PermissionLevel::apply:
        return L"Apply Group Policy";
    case PermissionLevel::read:
        return L"Read";
    case PermissionLevel::edit:
        return L"Edit";
    case PermissionLevel::editSecurityAndDelete:
        return L"Edit, delete, modify security";
    case PermissionLevel::custom:
        break;
    }
    return L"Custom";
}

void writePermission(ReportWriter &report, const Permission &permission, const Principals &principals) {
    report.open(L"TrusteePermissions");
    report.open(L"Trustee");
    writePrincipal(report, principals.find(permission.trustee));
    report.close(L"Trustee");
    report.open(L"Type", L" xsi:type=\"PermissionType\"");
    report.element(L"PermissionType", permission.denied ? L"Deny" : L"Allow");
    report.close(L"Type");
    report.element(L"Inherited", boolean(permission.inherited));
    report.open(L"Applicability");
    report.element(L"ToSelf", L"true");
    report.element(L"ToDescendantObjects", L"false");
    report.element(L"ToDescendantContainers", boolean(permission.inheritable));
    report.element(L"ToDirectDescendantsOnly", L"false");
    report.close(L"Applicability");
    report.open(L"Standard");
    report.element(L"GPOGroupedAccessEnum", levelName(permission.level));
    report.close(L"Standard");
    report.element(L"AccessMask", L"0");
    report.close(L"TrusteePermissions");
}

void writeSecurity(ReportWriter &report, const BackupSource &source) {
    const Principals principals;
    const Descriptor descriptor = parseDescriptor(source.gpo.securityDescriptor);
    const std::wstring owner = descriptor.owner.empty() ? source.gpo.owner : descriptor.owner;
    report.open(L"SecurityDescriptor");
    report.element(L"SDDL", toSddl(descriptor, owner, source.domain.sid), inNamespace(kSecurity));
    if (!owner.empty()) {
        report.open(L"Owner", inNamespace(kSecurity));
        writePrincipal(report, principals.find(owner));
        report.close(L"Owner");
    }
    report.element(L"PermissionsPresent", boolean(descriptor.hasDacl), inNamespace(kSecurity));
    report.open(L"Permissions", inNamespace(kSecurity));
    report.element(L"InheritsFromParent", boolean(!(descriptor.control & SE_DACL_PROTECTED)));
    for (const Permission &permission : groupPermissions(descriptor)) {
        writePermission(report, permission, principals);
    }
    report.close(L"Permissions");
    report.element(L"AuditingPresent", L"false", inNamespace(kSecurity));
    report.close(L"SecurityDescriptor");
}

std::wstring extensionAttributes(const ReportedExtension &extension, const std::wstring &q) {
    return L" xmlns:" + q + L"=\"" + kSettings + L"/" + extension.schema + L"\" xsi:type=\"" + q + L":" +
           extension.type + L"\"";
}

// As genuine reports nest a wireless policy, with its name alone.
void writeWireless(ReportWriter &report, const std::wstring &policy, const std::wstring &q) {
    report.open(L"ExtensionData");
    report.open(L"Extension", extensionAttributes(kWireless, q));
    report.open(q + L":WLanSvcSetting");
    report.open(q + L":WLanPolicies");
    report.element(q + L":name", policy);
    report.close(q + L":WLanPolicies");
    report.close(q + L":WLanSvcSetting");
    report.close(L"Extension");
    report.element(L"Name", kWireless.name);
    report.close(L"ExtensionData");
}

// What is in an extension, by its file.
void writeExtension(ReportWriter &report, const ReportedExtension &extension, const std::wstring &folder,
                    const std::wstring &q) {
    ReportWriter content = report.below();
    const std::wstring file = joinPath(folder, extension.file);
    std::wstring trouble;
    if (fileExists(file)) {
        try {
            if (extension.write) {
                extension.write(content, readFile(file), q);
            } else {
                writePreferences(content, readFile(file), extension.type, q);
            }
        } catch (const HResultError &) {
            content = report.below();
            trouble = L"The file " + fileName(extension.file) + L" cannot be read.";
        }
    }
    report.open(L"ExtensionData");
    if (content.text().empty()) {
        report.line(L"<Extension" + extensionAttributes(extension, q) + L" />");
    } else {
        report.open(L"Extension", extensionAttributes(extension, q));
        report.append(content);
        report.close(L"Extension");
    }
    report.element(L"Name", extension.name);
    if (!trouble.empty()) {
        report.open(L"Error");
        report.element(L"Details", trouble);
        report.close(L"Error");
    }
    report.close(L"ExtensionData");
}

void writeHalf(ReportWriter &report, const wchar_t *name, WORD directory, WORD sysvol, bool enabled,
               const std::wstring &extensions, const std::wstring &folder, const std::wstring &wireless) {
    report.open(name);
    report.element(L"VersionDirectory", std::to_wstring(directory));
    report.element(L"VersionSysvol", std::to_wstring(sysvol));
    report.element(L"Enabled", boolean(enabled));
    int prefix = 0;
    for (const ReportedExtension &extension : kExtensions) {
        if (containsIgnoreCase(extensions, extension.id)) {
            writeExtension(report, extension, folder, L"q" + std::to_wstring(++prefix));
        }
    }
    for (const ReportedExtension &extension : kPreferences) {
        if (fileExists(joinPath(folder, extension.file))) {
            writeExtension(report, extension, folder, L"q" + std::to_wstring(++prefix));
        }
    }
    if (!wireless.empty()) {
        writeWireless(report, wireless, L"q" + std::to_wstring(++prefix));
    }
    report.close(name);
}

void writeFilter(ReportWriter &report, const BackupSource &source) {
    report.element(L"FilterDataAvailable", L"true");
    if (source.gpo.wmiFilter.empty()) {
        return;
    }
    const auto filter = findWmiFilter(source.gpo.wmiFilter);
    if (filter) {
        report.element(L"FilterName", filter->name);
        report.element(L"FilterDescription", filter->description);
    }
}

std::wstring readTime() {
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    SYSTEMTIME seconds;
    FileTimeToSystemTime(&now, &seconds);
    const ULONGLONG ticks = (static_cast<ULONGLONG>(now.dwHighDateTime) << 32) | now.dwLowDateTime;
    wchar_t fraction[16];
    swprintf(fraction, 16, L".%07uZ", static_cast<unsigned>(ticks % 10000000));
    return formatTime(seconds) + fraction;
}

// Every element with its text, or with the list of those in it. But for the time, which genuine reports have only once.
std::wstring htmlList(const XmlElement &element) {
    std::wstring html = L"<dl>\r\n";
    for (const XmlElement &child : element.children) {
        if (child.name == L"ReadTime") {
            continue;
        }
        html += L"<dt>" + xmlText(child.name) + L"</dt><dd>" +
                (child.children.empty() ? xmlText(child.text) : htmlList(child)) + L"</dd>\r\n";
    }
    return html + L"</dl>\r\n";
}

}  // namespace

std::wstring reportXml(const BackupSource &source) {
    const GpoRecord &gpo = source.gpo;
    ReportWriter report;
    report.line(L"<?xml version=\"1.0\" encoding=\"utf-16\"?>");
    report.open(L"GPO", L" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\""
                        L" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"" +
                            inNamespace(kSettings));
    report.open(L"Identifier");
    report.element(L"Identifier", gpo.id, inNamespace(kTypes));
    report.element(L"Domain", source.domain.name, inNamespace(kTypes));
    report.close(L"Identifier");
    report.element(L"Name", gpo.displayName);
    const std::wstring description = readDescription(source.domain, gpo.id);
    report.element(L"IncludeComments", L"true");
    if (!description.empty()) {
        report.element(L"Comment", description);
    }
    report.element(L"CreatedTime", formatTime(gpo.created));
    report.element(L"ModifiedTime", formatTime(gpo.modified));
    report.element(L"ReadTime", readTime());
    writeSecurity(report, source);
    writeFilter(report, source);
    writeHalf(report, L"Computer", LOWORD(gpo.version), LOWORD(source.sysvolVersion), gpo.computerEnabled(),
              gpo.machineExtensions, joinPath(source.sysvol, L"Machine"), gpo.wireless);
    writeHalf(report, L"User", HIWORD(gpo.version), HIWORD(source.sysvolVersion), gpo.userEnabled(),
              gpo.userExtensions, joinPath(source.sysvol, L"User"), {});
    report.close(L"GPO");

    // The genuine reports end without a line break.
    return report.text().substr(0, report.text().size() - 2);
}

std::wstring withReadTime(const std::wstring &report) {
    constexpr std::wstring_view kStart = L"<ReadTime>";
    const size_t start = report.find(kStart);
    const size_t end = report.find(L"</ReadTime>");
    if (start == std::wstring::npos || end == std::wstring::npos) {
        throwWin32(ERROR_INVALID_DATA);
    }
    return report.substr(0, start + kStart.size()) + readTime() + report.substr(end);
}

std::wstring reportHtml(const std::wstring &report) {
    const XmlElement root = parseXml(toUtf8(report));
    const std::wstring name = xmlText(root.childText(L"Name"));
    return L"<!DOCTYPE html>\r\n<html>\r\n<head>\r\n<meta charset=\"utf-16\">\r\n<title>" + name +
           L"</title>\r\n</head>\r\n<body>\r\n<h1>" + name +
           // The markup that genuine reports have around the time, whatever their language.
           L"</h1>\r\n<table class=\"title\"><tr><td id=\"dtstamp\">Data collected on: " +
           xmlText(root.childText(L"ReadTime")) + L"</td></tr></table>\r\n" + htmlList(root) +
           L"</body>\r\n</html>\r\n";
}

}  // namespace gpmc
