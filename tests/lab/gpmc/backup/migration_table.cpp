// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/migration_table.h"

#include <algorithm>
#include <iterator>

#include "backup/xml_reader.h"
#include "backup/xml_writer.h"
#include "com/error.h"
#include "com/text.h"
#include "store/files.h"
#include "store/text_file.h"

namespace gpmc {

namespace {

constexpr wchar_t kNamespace[] = L"http://www.microsoft.com/GroupPolicy/GPOOperations/MigrationTable";

// In the order of EntryType.
const wchar_t *const kTypes[] = {L"User",           L"Computer", L"LocalGroup", L"GlobalGroup",
                                 L"UniversalGroup", L"UNCPath",  L"Unknown"};
// In the order of DestinationOption.
const wchar_t *const kDestinations[] = {L"DestinationSameAsSource", L"DestinationNone", L"DestinationByRelativeName",
                                        L"Destination"};

// The place of a name in one of these lists.
template <size_t Count>
std::optional<long> placeOf(const wchar_t *const (&names)[Count], const std::wstring &name) {
    const auto found = std::find(std::begin(names), std::end(names), name);
    return found == std::end(names) ? std::nullopt : std::optional<long>(found - std::begin(names));
}

// One Type, one Source, one of the four destinations, and nothing else.
MapEntry entryOf(const XmlElement &mapping) {
    MapEntry entry;
    int types = 0;
    int sources = 0;
    int destinations = 0;
    for (const XmlElement &child : mapping.children) {
        const std::optional<long> destination = placeOf(kDestinations, child.name);
        if (child.name == L"Type") {
            const std::optional<long> type = placeOf(kTypes, child.text);
            types += type ? 1 : 2;
            entry.type = static_cast<EntryType>(type.value_or(0));
        } else if (child.name == L"Source") {
            ++sources;
            entry.source = child.text;
        } else if (destination) {
            ++destinations;
            entry.option = static_cast<DestinationOption>(*destination);
            entry.destination = child.text;
        } else {
            throwWin32(ERROR_INVALID_DATA);
        }
    }
    const bool setsNothing = entry.option == DestinationOption::set && entry.destination.empty();
    if (types != 1 || sources != 1 || destinations != 1 || entry.source.empty() || setsNothing) {
        throwWin32(ERROR_INVALID_DATA);
    }
    return entry;
}

std::wstring mappingOf(const MapEntry &entry) {
    const std::wstring destination = kDestinations[static_cast<long>(entry.option)];
    const std::wstring element = entry.option == DestinationOption::set
                                     ? xmlElement(destination, entry.destination)
                                     : L"<" + destination + L" />";
    return L"  <Mapping>\r\n    " + xmlElement(L"Type", kTypes[static_cast<long>(entry.type)]) + L"\r\n    " +
           xmlElement(L"Source", entry.source) + L"\r\n    " + element + L"\r\n  </Mapping>\r\n";
}

bool isUncPath(const std::wstring &text) {
    const size_t share = text.find(L'\\', 2);
    return text.compare(0, 2, L"\\\\") == 0 && share != std::wstring::npos && share > 2 && share + 1 < text.size();
}

}  // namespace

MigrationTable loadMigrationTable(const std::wstring &path) {
    const XmlElement root = parseXml(readFile(path));
    if (root.name != L"MigrationTable" || root.attribute(L"xmlns") != kNamespace) {
        throwWin32(ERROR_INVALID_DATA);
    }
    MigrationTable table;
    for (const XmlElement &child : root.children) {
        if (child.name != L"Mapping") {
            throwWin32(ERROR_INVALID_DATA);
        }
        putEntry(table, entryOf(child));
    }
    return table;
}

void saveMigrationTable(const std::wstring &path, const MigrationTable &table) {
    std::wstring xml = L"<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n"
                       L"<MigrationTable xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\""
                       L" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns=\"" +
                       std::wstring(kNamespace) + L"\">\r\n";
    for (const MapEntry &entry : table) {
        xml += mappingOf(entry);
    }
    replaceFile(path, utf16File(xml + L"</MigrationTable>"));
}

MapEntry *findEntry(MigrationTable &table, const std::wstring &source) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const MapEntry &entry) {
        return equalIgnoreCase(entry.source, source);
    });
    return found == table.end() ? nullptr : &*found;
}

MapEntry &putEntry(MigrationTable &table, const MapEntry &entry) {
    MapEntry *known = findEntry(table, entry.source);
    return known ? *known = entry : table.emplace_back(entry);
}

bool isSourceOf(EntryType type, const std::wstring &source) {
    return !source.empty() && isUncPath(source) == (type == EntryType::uncPath);
}

std::optional<std::wstring> complaintAbout(const MapEntry &entry, const Principals &principals) {
    if (!isSourceOf(entry.type, entry.source)) {
        return L"The source does not fit its type: " + entry.source;
    }
    if (entry.type == EntryType::uncPath) {
        const bool calculated =
            entry.option == DestinationOption::none || entry.option == DestinationOption::byRelativeName;
        const bool isPath = entry.option != DestinationOption::set || isUncPath(entry.destination);
        return !calculated && isPath ? std::nullopt
                                     : std::optional<std::wstring>(L"The destination is no UNC path: " + entry.source);
    }
    if (entry.option == DestinationOption::set && !principals.findByName(entry.destination)) {
        return L"The destination is not known to the domain: " + entry.destination;
    }
    return std::nullopt;
}

std::wstring sourceName(const PrincipalRecord &principal) {
    const std::wstring upn = userPrincipalName(principal);
    return upn.empty() ? qualifiedName(principal) : upn;
}

EntryType entryTypeOf(const PrincipalRecord &principal) {
    return static_cast<EntryType>(placeOf(kTypes, principal.type).value_or(static_cast<long>(EntryType::unknown)));
}

}  // namespace gpmc
