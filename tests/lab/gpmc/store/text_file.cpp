// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/text_file.h"

#include <windows.h>

#include <cstring>

#include "com/text.h"

namespace gpmc {

namespace {

constexpr char kUtf16Mark[] = "\xFF\xFE";
constexpr char kUtf8Mark[] = "\xEF\xBB\xBF";

bool isUtf8(const std::string &content) {
    return content.empty() || MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, content.data(),
                                                  static_cast<int>(content.size()), nullptr, 0) > 0;
}

}  // namespace

TextFile decodeText(const std::string &content) {
    TextFile file;
    if (content.compare(0, 2, kUtf16Mark) == 0) {
        file.encoding = TextFile::Encoding::utf16;
        file.text.resize((content.size() - 2) / sizeof(wchar_t));
        std::memcpy(file.text.data(), content.data() + 2, file.text.size() * sizeof(wchar_t));
    } else if (content.compare(0, 3, kUtf8Mark) == 0) {
        file.encoding = TextFile::Encoding::utf8WithMark;
        file.text = fromUtf8(std::string_view(content).substr(3));
    } else if (isUtf8(content)) {
        file.text = fromUtf8(content);
    } else {
        file.encoding = TextFile::Encoding::bytes;
        for (const char byte : content) {
            file.text += static_cast<wchar_t>(static_cast<unsigned char>(byte));
        }
    }
    return file;
}

std::string encodeText(const TextFile &file) {
    switch (file.encoding) {
    case TextFile::Encoding::utf16:
        return utf16File(file.text);
    case TextFile::Encoding::utf8WithMark:
        return kUtf8Mark + toUtf8(file.text);
    case TextFile::Encoding::utf8:
        return toUtf8(file.text);
    case TextFile::Encoding::bytes:
        break;
    }
    std::string content;
    for (const wchar_t character : file.text) {
        content += character < 0x100 ? static_cast<char>(character) : '?';
    }
    return content;
}

std::string utf16File(const std::wstring &text) {
    return kUtf16Mark + std::string(reinterpret_cast<const char *>(text.data()), text.size() * sizeof(wchar_t));
}

}  // namespace gpmc
