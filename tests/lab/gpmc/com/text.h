// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Strings: UTF-8 on disk, UTF-16 in COM.

#pragma once

#include <windows.h>
#include <oleauto.h>

#include <string>
#include <string_view>
#include <vector>

namespace gpmc {

std::wstring fromUtf8(std::string_view text);
std::string toUtf8(std::wstring_view text);

// A BSTR may be null, which means the empty string.
std::wstring fromBstr(BSTR text);
BSTR toBstr(const std::wstring &text);

// Ordinal comparison without regard to case, as the directory compares names.
int compareIgnoreCase(std::wstring_view left, std::wstring_view right);
bool equalIgnoreCase(std::wstring_view left, std::wstring_view right);
bool containsIgnoreCase(std::wstring_view text, std::wstring_view part);

std::wstring toUpper(std::wstring text);
std::wstring toLower(std::wstring text);

// "{GUID}" in upper case, or the empty string if the text is not a GUID in braces.
std::wstring normalGuid(const std::wstring &text);

// "0a 1b" or "0a1b" as bytes; throws ERROR_INVALID_DATA for what is no such text.
std::vector<BYTE> bytesOfHex(const std::wstring &hex);

// A new GUID in upper case and braces, as GPMC names its backups.
std::wstring newGuid();

}  // namespace gpmc
