// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "com/text.h"

#include <objbase.h>

#include <cwctype>

#include "com/error.h"

namespace gpmc {

std::wstring fromUtf8(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    const int length = static_cast<int>(text.size());
    const int units = MultiByteToWideChar(CP_UTF8, 0, text.data(), length, nullptr, 0);
    std::wstring wide(units, L'\0');
    MultiByteToWideChar(CP_UTF8, 0, text.data(), length, wide.data(), units);
    return wide;
}

std::string toUtf8(std::wstring_view text) {
    if (text.empty()) {
        return {};
    }
    const int length = static_cast<int>(text.size());
    const int bytes = WideCharToMultiByte(CP_UTF8, 0, text.data(), length, nullptr, 0, nullptr, nullptr);
    std::string narrow(bytes, '\0');
    WideCharToMultiByte(CP_UTF8, 0, text.data(), length, narrow.data(), bytes, nullptr, nullptr);
    return narrow;
}

std::wstring fromBstr(BSTR text) {
    return text ? std::wstring(text, SysStringLen(text)) : std::wstring();
}

BSTR toBstr(const std::wstring &text) {
    BSTR copy = SysAllocStringLen(text.data(), static_cast<UINT>(text.size()));
    if (!copy) {
        throw std::bad_alloc();
    }
    return copy;
}

int compareIgnoreCase(std::wstring_view left, std::wstring_view right) {
    const int result = CompareStringOrdinal(left.data(), static_cast<int>(left.size()), right.data(),
                                            static_cast<int>(right.size()), TRUE);
    return result - CSTR_EQUAL;
}

bool equalIgnoreCase(std::wstring_view left, std::wstring_view right) {
    return left.size() == right.size() && compareIgnoreCase(left, right) == 0;
}

bool containsIgnoreCase(std::wstring_view text, std::wstring_view part) {
    if (part.size() > text.size()) {
        return false;
    }
    for (size_t start = 0; start + part.size() <= text.size(); ++start) {
        if (equalIgnoreCase(text.substr(start, part.size()), part)) {
            return true;
        }
    }
    return false;
}

std::wstring toUpper(std::wstring text) {
    CharUpperBuffW(text.data(), static_cast<DWORD>(text.size()));
    return text;
}

std::wstring toLower(std::wstring text) {
    CharLowerBuffW(text.data(), static_cast<DWORD>(text.size()));
    return text;
}

std::wstring normalGuid(const std::wstring &text) {
    constexpr size_t kLengthWithBraces = 38;
    GUID guid;
    if (text.size() != kLengthWithBraces || FAILED(IIDFromString(text.c_str(), &guid))) {
        return {};
    }
    return toUpper(text);
}

std::vector<BYTE> bytesOfHex(const std::wstring &hex) {
    std::vector<BYTE> bytes;
    std::wstring digits;
    for (const wchar_t character : hex) {
        if (iswxdigit(character)) {
            digits += character;
        } else if (!iswspace(character)) {
            throwWin32(ERROR_INVALID_DATA);
        }
    }
    if (digits.size() % 2 != 0) {
        throwWin32(ERROR_INVALID_DATA);
    }
    for (size_t index = 0; index < digits.size(); index += 2) {
        bytes.push_back(static_cast<BYTE>(std::stoi(digits.substr(index, 2), nullptr, 16)));
    }
    return bytes;
}

std::wstring newGuid() {
    GUID guid;
    const HRESULT hresult = CoCreateGuid(&guid);
    if (FAILED(hresult)) {
        throw HResultError(hresult);
    }
    wchar_t text[39];
    StringFromGUID2(guid, text, 39);
    return toUpper(text);
}

}  // namespace gpmc
