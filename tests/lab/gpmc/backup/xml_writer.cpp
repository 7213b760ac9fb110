// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/xml_writer.h"

namespace gpmc {

namespace {

bool isHighSurrogate(wchar_t unit) {
    return unit >= 0xD800 && unit <= 0xDBFF;
}

bool isLowSurrogate(wchar_t unit) {
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

bool isValidUnit(wchar_t unit) {
    if (unit < 0x20) {
        return unit == L'\t' || unit == L'\n' || unit == L'\r';
    }
    return unit < 0xFFFE;
}

}  // namespace

void replaceAll(std::wstring &text, std::wstring_view from, std::wstring_view to) {
    for (size_t at = text.find(from); at != std::wstring::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

std::wstring validXml(std::wstring_view text) {
    constexpr wchar_t kReplacement = 0xFFFD;
    std::wstring valid;
    valid.reserve(text.size());
    for (size_t index = 0; index < text.size(); ++index) {
        const wchar_t unit = text[index];
        const bool pair = isHighSurrogate(unit) && index + 1 < text.size() && isLowSurrogate(text[index + 1]);
        if (pair) {
            valid += unit;
            valid += text[++index];
        } else if (isHighSurrogate(unit) || isLowSurrogate(unit) || !isValidUnit(unit)) {
            valid += kReplacement;
        } else {
            valid += unit;
        }
    }
    return valid;
}

std::wstring xmlText(std::wstring_view text) {
    std::wstring escaped = validXml(text);
    replaceAll(escaped, L"&", L"&amp;");
    replaceAll(escaped, L"<", L"&lt;");
    replaceAll(escaped, L">", L"&gt;");
    // A reader turns a bare carriage return into a line feed.
    replaceAll(escaped, L"\r", L"&#xD;");
    return escaped;
}

std::wstring xmlAttribute(std::wstring_view text) {
    std::wstring escaped = xmlText(text);
    replaceAll(escaped, L"\"", L"&quot;");
    replaceAll(escaped, L"\t", L"&#x9;");
    replaceAll(escaped, L"\n", L"&#xA;");
    return escaped;
}

std::wstring xmlCdata(std::wstring_view text) {
    std::wstring content = validXml(text);
    replaceAll(content, L"]]>", L"]]]]><![CDATA[>");
    return L"<![CDATA[" + content + L"]]>";
}

std::wstring xmlElement(const std::wstring &name, std::wstring_view text) {
    return L"<" + name + L">" + xmlText(text) + L"</" + name + L">";
}

std::wstring xmlCdataElement(const std::wstring &name, std::wstring_view text) {
    return L"<" + name + L">" + xmlCdata(text) + L"</" + name + L">";
}

std::wstring xmlOptionalCdataElement(const std::wstring &name, std::wstring_view text) {
    return text.empty() ? L"<" + name + L"/>" : xmlCdataElement(name, text);
}

}  // namespace gpmc
