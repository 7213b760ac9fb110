// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// What a migration table makes of the references in a backup.

#pragma once

#include "backup/job.h"
#include "backup/migration_table.h"
#include "backup/references.h"

namespace gpmc {

// Finds out who an account of a setting is: from what a backup says, or from the domain.
class AccountNames {
public:
    explicit AccountNames(std::vector<PrincipalRecord> known) : known_(std::move(known)) {}

    // A SID or a name; what nobody knows keeps it as its SID or its name.
    PrincipalRecord find(const std::wstring &account) const;
    const Principals &domain() const { return domain_; }

private:
    std::vector<PrincipalRecord> known_;
    Principals domain_;
};

// Built-in accounts are the same everywhere and need no entry.
bool isEverywhereTheSame(const PrincipalRecord &account, const Principals &principals);

struct Migration {
    std::vector<Replacement> replacements;
    JobOutcome outcome;  // a failure if a reference has no entry (only with tableOnly) or leads nowhere
};

Migration planMigration(const References &references, const AccountNames &names, const MigrationTable &table,
                        const DomainRecord &domain, bool tableOnly);

}  // namespace gpmc
