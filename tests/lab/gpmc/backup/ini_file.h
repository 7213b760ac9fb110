// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Files of sections and lines, such as GptTmpl.inf and scripts.ini, and the values in a line of them.

#pragma once

#include <string>
#include <vector>

namespace gpmc {

struct IniLine {
    std::wstring name;   // before the first equals sign, or the whole line
    std::wstring value;  // behind it
};

struct IniSection {
    std::wstring name;
    std::vector<IniLine> lines;
};

// The lines of a text file in whatever encoding.
std::vector<std::wstring> textLines(const std::string &file);

std::vector<IniSection> parseIni(const std::string &file);

std::wstring trimmed(const std::wstring &text);

// The values between commas. Quotes keep a comma in a value, and stay.
std::vector<std::wstring> splitValues(const std::wstring &text);

// A value without the quotes around it.
std::wstring unquoted(const std::wstring &value);

}  // namespace gpmc
