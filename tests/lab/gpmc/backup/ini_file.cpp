// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/ini_file.h"

#include "store/text_file.h"

namespace gpmc {

std::vector<std::wstring> textLines(const std::string &file) {
    std::vector<std::wstring> lines(1);
    for (const wchar_t sign : decodeText(file).text) {
        if (sign == L'\n') {
            lines.emplace_back();
        } else if (sign != L'\r') {
            lines.back() += sign;
        }
    }
    return lines;
}

std::wstring trimmed(const std::wstring &text) {
    const size_t start = text.find_first_not_of(L" \t");
    if (start == std::wstring::npos) {
        return {};
    }
    return text.substr(start, text.find_last_not_of(L" \t") - start + 1);
}

std::vector<IniSection> parseIni(const std::string &file) {
    std::vector<IniSection> sections;
    for (const std::wstring &whole : textLines(file)) {
        const std::wstring line = trimmed(whole);
        if (line.empty() || line[0] == L';') {
            continue;
        }
        if (line[0] == L'[' && line.back() == L']') {
            sections.push_back({line.substr(1, line.size() - 2), {}});
        } else if (!sections.empty()) {
            const size_t sign = line.find(L'=');
            const bool single = sign == std::wstring::npos;
            sections.back().lines.push_back(
                {trimmed(line.substr(0, sign)), single ? std::wstring() : trimmed(line.substr(sign + 1))});
        }
    }
    return sections;
}

std::vector<std::wstring> splitValues(const std::wstring &text) {
    std::vector<std::wstring> values(1);
    bool quoted = false;
    for (const wchar_t sign : text) {
        if (sign == L'"') {
            quoted = !quoted;
        }
        if (sign == L',' && !quoted) {
            values.emplace_back();
        } else {
            values.back() += sign;
        }
    }
    for (std::wstring &value : values) {
        value = trimmed(value);
    }
    return values;
}

std::wstring unquoted(const std::wstring &value) {
    const bool quotes = value.size() > 1 && value.front() == L'"' && value.back() == L'"';
    return quotes ? value.substr(1, value.size() - 2) : value;
}

}  // namespace gpmc
