// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include <cstring>

#include "backup/registry_pol.h"
#include "backup/report_settings.h"

namespace gpmc {

namespace {

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

}  // namespace

// There are no templates, so each value of registry.pol is one that no template knows.
void writeRegistry(ReportWriter &report, const std::string &file, const std::wstring &q) {
    for (const RegistryValue &value : parseRegistryPol(file)) {
        report.open(q + L":RegistrySetting");
        report.element(q + L":KeyPath", value.key);
        report.element(q + L":AdmSetting", L"false");
        writeRegistryValue(report, value, q);
        report.close(q + L":RegistrySetting");
    }
}

}  // namespace gpmc
