// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Text files of any of the encodings that occur in SYSVOL and in backups.

#pragma once

#include <string>

namespace gpmc {

// A file's text, and what is needed to write it back as it was.
struct TextFile {
    enum class Encoding { utf16, utf8WithMark, utf8, bytes };

    Encoding encoding = Encoding::utf8;
    std::wstring text;  // without the byte order mark
};

// UTF-16LE with its mark, UTF-8 with or without one; anything else byte by byte, so that it survives unharmed.
TextFile decodeText(const std::string &content);
std::string encodeText(const TextFile &file);

// UTF-16LE with its mark, as GPMC writes reports and comments.
std::string utf16File(const std::wstring &text);

}  // namespace gpmc
