// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// The pieces of XML that the backup files are put together from.

#pragma once

#include <string>
#include <string_view>

namespace gpmc {

// Replaces what XML 1.0 cannot hold (control characters, lone surrogates, U+FFFE, U+FFFF) by U+FFFD.
std::wstring validXml(std::wstring_view text);

std::wstring xmlText(std::wstring_view text);
std::wstring xmlAttribute(std::wstring_view text);
// <![CDATA[…]]>, split where the text itself holds "]]>".
std::wstring xmlCdata(std::wstring_view text);

void replaceAll(std::wstring &text, std::wstring_view from, std::wstring_view to);

// <name>text</name>
std::wstring xmlElement(const std::wstring &name, std::wstring_view text);
// <name><![CDATA[text]]></name>, also around an empty text.
std::wstring xmlCdataElement(const std::wstring &name, std::wstring_view text);
// The same, but <name/> for an empty text.
std::wstring xmlOptionalCdataElement(const std::wstring &name, std::wstring_view text);

}  // namespace gpmc
