// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// A small reader for the XML of manifest.xml and bkupInfo.xml: elements, text, CDATA, entities. Namespace prefixes are
// dropped; documents with a DOCTYPE are refused.

#pragma once

#include <string>
#include <vector>

namespace gpmc {

struct XmlElement {
    std::wstring name;
    std::wstring text;
    std::vector<XmlElement> children;

    // The text of a child, or the empty string.
    std::wstring childText(const std::wstring &child) const;
};

// Reads UTF-8, or UTF-16 with a byte order mark; throws ERROR_INVALID_DATA for what is not well-formed.
XmlElement parseXml(const std::string &bytes);

}  // namespace gpmc
