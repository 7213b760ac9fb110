// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/report.h"

#include "backup/registry_pol.h"
#include "backup/xml_reader.h"
#include "backup/xml_writer.h"
#include "com/error.h"
#include "com/text.h"
#include "store/domain_store.h"
#include "store/files.h"

namespace gpmc {

namespace {

constexpr wchar_t kTypes[] = L"http://www.microsoft.com/GroupPolicy/Types";
constexpr wchar_t kSecurity[] = L"http://www.microsoft.com/GroupPolicy/Types/Security";
constexpr wchar_t kSettings[] = L"http://www.microsoft.com/GroupPolicy/Settings";

struct ReportedExtension {
    const wchar_t *id;
    const wchar_t *name;
    const wchar_t *schema;  // below kSettings
    const wchar_t *type;
};

constexpr ReportedExtension kExtensions[] = {
    {L"{35378EAC-683F-11D2-A89A-00C04FBBCFA2}", L"Registry", L"Registry", L"RegistrySettings"},
    {L"{827D319E-6EAC-11D2-A4EA-00C04F79F83A}", L"Security", L"Security", L"SecuritySettings"},
    {L"{42B5FAAE-6536-11D2-AE5A-0000F87571E3}", L"Scripts", L"Scripts", L"Scripts"},
};

// The one whose settings the domain on disk can hold in the directory.
constexpr ReportedExtension kWireless = {
    L"{0ACDD40C-75AC-47AB-BAA0-BF6DE7E7FE63}", L"WLanSvc Networks", L"WLanSvc", L"WLanSvcSettings"};

// Indents like the genuine reports do and keeps count of the open elements.
class ReportWriter {
public:
    void open(const std::wstring &name, const std::wstring &attributes = {}) {
        line(L"<" + name + attributes + L">");
        ++depth_;
    }

    void close(const std::wstring &name) {
        --depth_;
        line(L"</" + name + L">");
    }

    void element(const std::wstring &name, const std::wstring &text, const std::wstring &attributes = {}) {
        line(L"<" + name + attributes + L">" + xmlText(text) + L"</" + name + L">");
    }

    void line(const std::wstring &content) { text_ += std::wstring(2 * depth_, L' ') + content + L"\r\n"; }

    // A writer for what comes next, one level down, to be appended once it is whole.
    ReportWriter below() const {
        ReportWriter inner;
        inner.depth_ = depth_ + 1;
        return inner;
    }

    void append(const ReportWriter &inner) { text_ += inner.text_; }

    const std::wstring &text() const { return text_; }

private:
    std::wstring text_;
    size_t depth_ = 0;
};

std::wstring inNamespace(const wchar_t *name) {
    return L" xmlns=\"" + std::wstring(name) + L"\"";
}

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

void writePrincipal(ReportWriter &report, const PrincipalRecord &principal) {
    report.element(L"SID", principal.sid, inNamespace(kTypes));
    report.element(L"Name", qualifiedName(principal), inNamespace(kTypes));
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

std::wstring hexDigits(const std::string &data) {
    std::wstring text;
    for (const char byte : data) {
        wchar_t digits[3];
        swprintf(digits, 3, L"%02X", static_cast<unsigned char>(byte));
        text += digits;
    }
    return text;
}

// The texts of a value of type REG_SZ, REG_EXPAND_SZ or REG_MULTI_SZ.
std::vector<std::wstring> texts(const std::string &data) {
    std::vector<std::wstring> found(1);
    for (size_t at = 0; at + 1 < data.size(); at += 2) {
        wchar_t unit;
        memcpy(&unit, data.data() + at, sizeof unit);
        if (unit) {
            found.back() += unit;
        } else {
            found.emplace_back();
        }
    }
    while (found.size() > 1 && found.back().empty()) {
        found.pop_back();
    }
    return found;
}

// As genuine reports have a number; how they have the other types is not known.
void writeRegistryValue(ReportWriter &report, const RegistryValue &value, const std::wstring &q) {
    report.open(q + L":Value");
    report.element(q + L":Name", value.name);
    if (value.type == REG_DWORD && value.data.size() == sizeof(DWORD)) {
        DWORD number;
        memcpy(&number, value.data.data(), sizeof number);
        report.element(q + L":Number", std::to_wstring(number));
    } else if (value.type == REG_SZ || value.type == REG_EXPAND_SZ) {
        report.element(q + L":String", texts(value.data)[0]);
    } else if (value.type == REG_MULTI_SZ) {
        report.open(q + L":Strings");
        for (const std::wstring &text : texts(value.data)) {
            report.element(q + L":Value", text);
        }
        report.close(q + L":Strings");
    } else {
        report.element(q + L":Binary", hexDigits(value.data));
    }
    report.close(q + L":Value");
}

// There are no templates, so each value of registry.pol is one that no template knows.
void writeRegistry(ReportWriter &report, const std::wstring &file, const std::wstring &q) {
    for (const RegistryValue &value : parseRegistryPol(readFile(file))) {
        report.open(q + L":RegistrySetting");
        report.element(q + L":KeyPath", value.key);
        report.element(q + L":AdmSetting", L"false");
        writeRegistryValue(report, value, q);
        report.close(q + L":RegistrySetting");
    }
}

// What is in an extension, as far as the stand-in reads it.
void writeExtension(ReportWriter &report, const ReportedExtension &extension, const std::wstring &folder,
                    const std::wstring &q) {
    ReportWriter content = report.below();
    const std::wstring file = joinPath(folder, L"registry.pol");
    std::wstring trouble;
    if (std::wstring_view(extension.type) == L"RegistrySettings" && fileExists(file)) {
        try {
            writeRegistry(content, file, q);
        } catch (const HResultError &) {
            trouble = L"The file registry.pol cannot be read.";
        }
    }
    if (!trouble.empty() || content.text().empty()) {
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
}

void writeHalf(ReportWriter &report, const wchar_t *name, WORD directory, WORD sysvol, bool enabled,
               const std::wstring &extensions, const std::wstring &folder, const std::wstring &wireless) {
    report.open(name);
    report.element(L"VersionDirectory", std::to_wstring(directory));
    report.element(L"VersionSysvol", std::to_wstring(sysvol));
    report.element(L"Enabled", boolean(enabled));
    int prefix = 0;
    for (const ReportedExtension &extension : kExtensions) {
        if (!containsIgnoreCase(extensions, extension.id)) {
            continue;
        }
        const std::wstring q = L"q" + std::to_wstring(++prefix);
        report.open(L"ExtensionData");
        writeExtension(report, extension, folder, q);
        report.close(L"ExtensionData");
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
