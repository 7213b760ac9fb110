// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// A small reader for the XML of backups and migration tables: elements, attributes, text, CDATA, entities. Namespace
// prefixes are dropped; documents with a DOCTYPE are refused.

#pragma once

#include <map>
#include <string>
#include <vector>

namespace gpmc {

struct XmlElement {
    std::wstring name;
    std::wstring text;
    std::map<std::wstring, std::wstring> attributes;
    std::vector<XmlElement> children;

    // The first child of that name, or null.
    const XmlElement *child(const std::wstring &wanted) const;
    // Its text, or the empty string.
    std::wstring childText(const std::wstring &wanted) const;
    // The value of an attribute, or the empty string.
    std::wstring attribute(const std::wstring &wanted) const;
};

// Reads UTF-8, or UTF-16 with a byte order mark; throws ERROR_INVALID_DATA for what is not well-formed.
XmlElement parseXml(const std::string &bytes);

}  // namespace gpmc
