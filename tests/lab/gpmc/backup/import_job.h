// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPMGPO::Import: the settings of a backup, of any domain, take the place of a GPO's own.

#pragma once

#include "backup/migration.h"
#include "backup/settings_job.h"

namespace gpmc {

struct ImportRequest {
    std::wstring gpoId;
    MigrationTable table;
    bool tableOnly = false;
};

class ImportJob : public SettingsJob {
public:
    ImportJob(DomainRecord domain, BackupReference reference, ImportRequest request);

    void prepare() override;
    JobOutcome run(const Progress &progress) override;

    bool imported() const { return imported_; }

protected:
    void addFile(SysvolStage &stage, const SavedFile &file) override;

private:
    Migration migrationOfBackup() const;

    ImportRequest request_;
    std::vector<Replacement> replacements_;
    bool imported_ = false;
};

}  // namespace gpmc
