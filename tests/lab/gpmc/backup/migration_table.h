// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// A migration table: what accounts and UNC paths become when settings move to another domain, and its file (.migtable).

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/domain_store.h"

namespace gpmc {

// The numbers of GPMEntryType and GPMDestinationOption.
enum class EntryType : long { user, computer, localGroup, globalGroup, universalGroup, uncPath, unknown };
enum class DestinationOption : long { sameAsSource, none, byRelativeName, set };

struct MapEntry {
    std::wstring source;
    EntryType type = EntryType::unknown;
    DestinationOption option = DestinationOption::sameAsSource;
    std::wstring destination;  // only with DestinationOption::set
};

// Sources are unique, without regard to case.
using MigrationTable = std::vector<MapEntry>;

// Throws ERROR_INVALID_DATA for a file that is no migration table.
MigrationTable loadMigrationTable(const std::wstring &path);
void saveMigrationTable(const std::wstring &path, const MigrationTable &table);

// The entry of a source, or null.
MapEntry *findEntry(MigrationTable &table, const std::wstring &source);
// Adds an entry, or replaces the one with that source; where the entry lies then.
MapEntry &putEntry(MigrationTable &table, const MapEntry &entry);

// Whether the text is a source of that type: a UNC path for one, no UNC path for an account.
bool isSourceOf(EntryType type, const std::wstring &source);

// What is wrong with an entry, or nothing: a destination that is no account of the domain, no UNC path.
std::optional<std::wstring> complaintAbout(const MapEntry &entry, const Principals &principals);

// How a table names an account, and its kind.
std::wstring sourceName(const PrincipalRecord &principal);
EntryType entryTypeOf(const PrincipalRecord &principal);

}  // namespace gpmc
