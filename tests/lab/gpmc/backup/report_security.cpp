// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include <algorithm>
#include <cwchar>
#include <map>

#include "backup/ini_file.h"
#include "backup/report_settings.h"
#include "com/text.h"

namespace gpmc {

namespace {

struct AccountPolicy {
    const wchar_t *name;
    const wchar_t *type;
    bool boolean;
};

// What else stands in System Access is a security option.
constexpr AccountPolicy kAccountPolicies[] = {
    {L"MinimumPasswordAge", L"Password", false},
    {L"MaximumPasswordAge", L"Password", false},
    {L"MinimumPasswordLength", L"Password", false},
    {L"PasswordComplexity", L"Password", true},
    {L"PasswordHistorySize", L"Password", false},
    {L"ClearTextPassword", L"Password", true},
    {L"LockoutBadCount", L"Account Lockout", false},
    {L"ResetLockoutCount", L"Account Lockout", false},
    {L"LockoutDuration", L"Account Lockout", false},
    {L"MaxTicketAge", L"Kerberos", false},
    {L"MaxRenewAge", L"Kerberos", false},
    {L"MaxServiceAge", L"Kerberos", false},
    {L"MaxClockSkew", L"Kerberos", false},
    {L"TicketValidateClient", L"Kerberos", true},
};

// Writes the settings of a section line by line under the prefix of the extension's namespace.
struct SecurityWriter {
    ReportWriter &report;
    const std::wstring &q;
    const Principals principals = {};

    void open(const wchar_t *name) { report.open(q + L":" + name); }
    void close(const wchar_t *name) { report.close(q + L":" + name); }
    void element(const wchar_t *name, const std::wstring &text) { report.element(q + L":" + name, text); }

    // Genuine reports have -1 as 4294967295.
    static std::wstring number(const std::wstring &text) {
        return std::to_wstring(static_cast<DWORD>(std::wcstoll(text.c_str(), nullptr, 10)));
    }

    static bool isNumber(const std::wstring &text) {
        return !text.empty() && text.find_first_not_of(L"-0123456789") == std::wstring::npos;
    }

    void setting(const std::wstring &value) {
        if (isNumber(value)) {
            element(L"SettingNumber", number(value));
        } else {
            element(L"SettingString", value);
        }
    }

    // *SID, or a name.
    void account(const wchar_t *name, const std::wstring &written) {
        open(name);
        if (written.rfind(L"*", 0) == 0) {
            writePrincipal(report, principals.find(written.substr(1)));
        } else {
            report.element(L"Name", written, inNamespace(kTypes));
        }
        close(name);
    }

    void accounts(const wchar_t *name, const std::wstring &list) {
        if (!list.empty()) {
            for (const std::wstring &one : splitValues(list)) {
                account(name, one);
            }
        }
    }

    void policy(const IniLine &line) {
        for (const AccountPolicy &known : kAccountPolicies) {
            if (equalIgnoreCase(known.name, line.name)) {
                open(L"Account");
                element(L"Name", line.name);
                if (known.boolean) {
                    element(L"SettingBoolean", line.value == L"1" ? L"true" : L"false");
                } else {
                    element(L"SettingNumber", number(line.value));
                }
                element(L"Type", known.type);
                close(L"Account");
                return;
            }
        }
        open(L"SecurityOptions");
        element(L"SystemAccessPolicyName", line.name);
        setting(line.value);
        close(L"SecurityOptions");
    }

    // key=type,value. The names that the editor shows come from files of the host that made the report: there are none.
    void option(const IniLine &line) {
        const std::vector<std::wstring> values = splitValues(line.value);
        open(L"SecurityOptions");
        element(L"KeyName", line.name);
        if (values[0] == L"7") {
            open(L"SettingStrings");
            for (size_t at = 1; at < values.size(); ++at) {
                element(L"Value", unquoted(values[at]));
            }
            close(L"SettingStrings");
        } else if (values.size() > 1 && values[0] == L"4") {
            element(L"SettingNumber", number(values[1]));
        } else {
            element(L"SettingString", line.value.substr(std::min(line.value.find(L',') + 1, line.value.size())));
        }
        close(L"SecurityOptions");
    }

    void right(const IniLine &line) {
        open(L"UserRightsAssignment");
        element(L"Name", line.name);
        accounts(L"Member", line.value);
        close(L"UserRightsAssignment");
    }

    void audit(const IniLine &line) {
        const long audited = std::wcstol(line.value.c_str(), nullptr, 10);
        open(L"Audit");
        element(L"Name", line.name);
        element(L"SuccessAttempts", audited & 1 ? L"true" : L"false");
        element(L"FailureAttempts", audited & 2 ? L"true" : L"false");
        close(L"Audit");
    }

    // GROUP__Members = …, and GROUP__Memberof = …, which are one setting.
    void groups(const IniSection &section) {
        std::map<std::wstring, std::map<std::wstring, std::wstring>> found;
        for (const IniLine &line : section.lines) {
            const size_t end = std::min(line.name.find(L"__"), line.name.size());
            found[line.name.substr(0, end)][toLower(line.name.substr(end))] = line.value;
        }
        for (auto &[name, lists] : found) {
            open(L"RestrictedGroups");
            account(L"GroupName", name);
            accounts(L"Member", lists[L"__members"]);
            accounts(L"Memberof", lists[L"__memberof"]);
            close(L"RestrictedGroups");
        }
    }

    // "name",mode,"SDDL"
    void service(const IniLine &line) {
        static const wchar_t *const kModes[] = {L"Boot", L"System", L"Automatic", L"Manual", L"Disabled"};
        const std::vector<std::wstring> values = splitValues(line.name);
        const unsigned long mode = values.size() > 1 ? std::wcstoul(values[1].c_str(), nullptr, 10) : 5;
        open(L"SystemServices");
        element(L"Name", unquoted(values[0]));
        element(L"StartupMode", mode < 5 ? kModes[mode] : L"");
        descriptor(values.size() > 2 ? unquoted(values[2]) : std::wstring());
        close(L"SystemServices");
    }

    void path(const wchar_t *name, const IniLine &line) {
        const std::vector<std::wstring> values = splitValues(line.name);
        open(name);
        element(L"Path", unquoted(values[0]));
        element(L"Mode", values.size() > 1 ? values[1] : std::wstring());
        descriptor(values.size() > 2 ? unquoted(values[2]) : std::wstring());
        close(name);
    }

    void descriptor(const std::wstring &sddl) {
        const std::wstring space = inNamespace(L"http://www.microsoft.com/GroupPolicy/Types/Security");
        open(L"SecurityDescriptor");
        if (!sddl.empty()) {
            report.element(L"SDDL", sddl, space);
        }
        report.element(L"PermissionsPresent", sddl.empty() ? L"false" : L"true", space);
        report.element(L"AuditingPresent", L"false", space);
        close(L"SecurityDescriptor");
    }

    void log(const wchar_t *name, const IniLine &line) {
        open(L"EventLog");
        element(L"Log", name);
        element(L"Name", line.name);
        setting(line.value);
        close(L"EventLog");
    }

    void line(const std::wstring &section, const IniLine &line) {
        if (section == L"System Access" || section == L"Kerberos Policy") {
            policy(line);
        } else if (section == L"Registry Values") {
            option(line);
        } else if (section == L"Privilege Rights") {
            right(line);
        } else if (section == L"Event Audit") {
            audit(line);
        } else if (section == L"Service General Setting") {
            service(line);
        } else if (section == L"File Security") {
            path(L"File", line);
        } else if (section == L"Registry Keys") {
            path(L"Registry", line);
        } else if (section == L"Application Log" || section == L"Security Log" || section == L"System Log") {
            log(section.substr(0, section.find(L' ')).c_str(), line);
        }
    }
};

}  // namespace

void writeSecurityTemplate(ReportWriter &report, const std::string &file, const std::wstring &q) {
    SecurityWriter writer{report, q};
    for (const IniSection &section : parseIni(file)) {
        if (section.name == L"Group Membership") {
            writer.groups(section);
            continue;
        }
        for (const IniLine &line : section.lines) {
            writer.line(section.name, line);
        }
    }
}

// The first line names the columns: computer, target, subcategory, its GUID, inclusion, exclusion, value.
void writeAuditPolicy(ReportWriter &report, const std::string &file, const std::wstring &q) {
    const std::vector<std::wstring> lines = textLines(file);
    for (size_t at = 1; at < lines.size(); ++at) {
        const std::vector<std::wstring> columns = splitValues(lines[at]);
        if (columns.size() < 7) {
            continue;
        }
        report.open(q + L":AuditSetting");
        report.element(q + L":PolicyTarget", columns[1]);
        report.element(q + L":SubcategoryName", columns[2]);
        report.element(q + L":SubcategoryGuid", columns[3]);
        report.element(q + L":SettingValue", columns[6]);
        report.close(q + L":AuditSetting");
    }
}

// In each section NCmdLine=… and NParameters=…, N from 0.
void writeScripts(ReportWriter &report, const std::string &file, const std::wstring &q) {
    for (const IniSection &section : parseIni(file)) {
        for (size_t number = 0;; ++number) {
            const std::wstring prefix = std::to_wstring(number);
            std::wstring command;
            std::wstring parameters;
            for (const IniLine &line : section.lines) {
                if (equalIgnoreCase(line.name, prefix + L"CmdLine")) {
                    command = line.value;
                } else if (equalIgnoreCase(line.name, prefix + L"Parameters")) {
                    parameters = line.value;
                }
            }
            if (command.empty()) {
                break;
            }
            report.open(q + L":Script");
            report.element(q + L":Command", command);
            if (!parameters.empty()) {
                report.element(q + L":Parameters", parameters);
            }
            report.element(q + L":Type", section.name);
            report.element(q + L":Order", prefix);
            report.element(q + L":RunOrder", L"PSNotConfigured");
            report.close(q + L":Script");
        }
    }
}

}  // namespace gpmc
