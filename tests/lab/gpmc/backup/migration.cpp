// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/migration.h"

#include <algorithm>

#include "com/error.h"
#include "com/text.h"

namespace gpmc {

namespace {

using Kind = Replacement::Kind;

bool isSid(const std::wstring &text) {
    return equalIgnoreCase(std::wstring_view(text).substr(0, 4), L"S-1-");
}

std::wstring dnsQualifiedName(const PrincipalRecord &principal) {
    return principal.name.empty() || principal.dnsDomain.empty() ? std::wstring()
                                                                 : principal.dnsDomain + L"\\" + principal.name;
}

bool names(const MapEntry &entry, const PrincipalRecord &account) {
    if (entry.type == EntryType::uncPath) {
        return false;
    }
    const std::wstring forms[] = {account.sid, qualifiedName(account), dnsQualifiedName(account),
                                  userPrincipalName(account)};
    return std::any_of(std::begin(forms), std::end(forms), [&](const std::wstring &form) {
        return !form.empty() && equalIgnoreCase(form, entry.source);
    });
}

bool covers(const MapEntry &entry, const std::wstring &path) {
    const std::wstring &source = entry.source;
    return entry.type == EntryType::uncPath && path.size() >= source.size() &&
           equalIgnoreCase(std::wstring_view(path).substr(0, source.size()), source) &&
           (path.size() == source.size() || path[source.size()] == L'\\');
}

class Planner {
public:
    Planner(const AccountNames &names, const MigrationTable &table, const DomainRecord &domain, bool tableOnly)
        : names_(names), table_(table), domain_(domain), tableOnly_(tableOnly) {}

    void mapAccount(const std::wstring &reference) {
        const PrincipalRecord account = names_.find(reference);
        const auto entry = std::find_if(table_.begin(), table_.end(),
                                        [&](const MapEntry &candidate) { return names(candidate, account); });
        if (entry == table_.end()) {
            if (tableOnly_ && !isEverywhereTheSame(account, names_.domain())) {
                fail(sourceName(account), L"The migration table has no entry for it", ERROR_NOT_FOUND);
            }
            return;
        }
        if (entry->option == DestinationOption::sameAsSource) {
            return;
        }
        const std::optional<PrincipalRecord> destination = destinationOf(*entry, account);
        if (!destination) {
            fail(sourceName(account), L"Its destination is not known to the domain", ERROR_NONE_MAPPED);
            return;
        }
        replace(Kind::sid, account.sid, destination->sid);
        // "no destination" has no name either.
        const std::wstring name = destination->sid.empty() ? std::wstring() : qualifiedName(*destination);
        if (!account.name.empty()) {
            replace(Kind::name, qualifiedName(account), name);
            replace(Kind::name, dnsQualifiedName(account), name);
            replace(Kind::name, userPrincipalName(account), sourceName(*destination));
        }
    }

    void mapPath(const std::wstring &path) {
        const MapEntry *entry = nullptr;
        for (const MapEntry &candidate : table_) {
            if (covers(candidate, path) && (!entry || candidate.source.size() > entry->source.size())) {
                entry = &candidate;
            }
        }
        if (!entry) {
            if (tableOnly_) {
                fail(path, L"The migration table has no entry for it", ERROR_NOT_FOUND);
            }
        } else if (const auto complaint = complaintAbout(*entry, names_.domain())) {
            fail(path, *complaint, ERROR_INVALID_DATA);
        } else if (entry->option == DestinationOption::set) {
            replace(Kind::path, entry->source, entry->destination);
        }
    }

    Migration migration;

private:
    // What takes the account's place; an empty record for "none", nothing when nobody is known by that name.
    std::optional<PrincipalRecord> destinationOf(const MapEntry &entry, const PrincipalRecord &account) const {
        switch (entry.option) {
        case DestinationOption::none:
            return PrincipalRecord{};
        case DestinationOption::byRelativeName:
            return names_.domain().findByName(domain_.netbios + L"\\" + account.name);
        default:
            return names_.domain().findByName(entry.destination);
        }
    }

    void replace(Kind kind, const std::wstring &from, const std::wstring &to) {
        if (!from.empty()) {
            migration.replacements.push_back({kind, from, to});
        }
    }

    void fail(const std::wstring &reference, const std::wstring &why, DWORD error) {
        JobOutcome &outcome = migration.outcome;
        const HRESULT hresult = HRESULT_FROM_WIN32(error);
        outcome.overall = SUCCEEDED(outcome.overall) ? hresult : outcome.overall;
        outcome.messages.push_back({reference, L"", L"", why + L": " + reference, hresult, hresult});
    }

    const AccountNames &names_;
    const MigrationTable &table_;
    const DomainRecord &domain_;
    bool tableOnly_;
};

}  // namespace

PrincipalRecord AccountNames::find(const std::wstring &account) const {
    for (const PrincipalRecord &principal : known_) {
        const bool same = principal.sid.empty() ? equalIgnoreCase(principal.name, account)
                                                : equalIgnoreCase(principal.sid, account) ||
                                                      equalIgnoreCase(qualifiedName(principal), account);
        if (same) {
            return principal;
        }
    }
    const auto principal = domain_.findByName(account);
    if (principal) {
        return *principal;
    }
    PrincipalRecord unknown;
    (isSid(account) ? unknown.sid : unknown.name) = account;
    return unknown;
}

bool isEverywhereTheSame(const PrincipalRecord &account, const Principals &principals) {
    if (!account.sid.empty()) {
        return !isDomainSid(account.sid);
    }
    const auto known = principals.findByName(account.name);
    return known && !isDomainSid(known->sid);
}

Migration planMigration(const References &references, const AccountNames &names, const MigrationTable &table,
                        const DomainRecord &domain, bool tableOnly) {
    Planner planner(names, table, domain, tableOnly);
    for (const std::wstring &account : references.accounts) {
        planner.mapAccount(account);
    }
    for (const std::wstring &path : references.paths) {
        planner.mapPath(path);
    }
    return planner.migration;
}

}  // namespace gpmc
