// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// One backup from beginning to end, with the faults that tests plant on the way.

#pragma once

#include <optional>
#include <string>

#include "backup/backup_plan.h"
#include "backup/backup_xml.h"
#include "backup/job.h"
#include "backup/manifest.h"

namespace gpmc {

struct BackupRequest {
    std::wstring dc;
    std::wstring gpoId;
    std::wstring directory;
    std::wstring comment;
};

class BackupJob : public Job {
public:
    explicit BackupJob(BackupRequest request);

    void prepare() override;
    JobOutcome run(const Progress &progress) override;

    // What was made; nothing when it failed.
    const std::optional<BackupEntry> &backup() const { return backup_; }

private:
    void loadSource();
    void createBackupFolder();
    void copyObjects(const ExtensionSection &section);
    void copyObject(const ExtensionSection &section, const FileObject &object);
    void copyHalf();
    void writeDescriptions();
    void runTrouble();
    JobOutcome failOverall(const Fault &fault);

    std::wstring target(const std::wstring &relative) const;
    bool hit(const char *kind);

    BackupRequest request_;
    BackupSource source_;
    BackupPlan plan_;
    BackupEntry entry_;
    std::wstring folder_;
    JobOutcome outcome_;
    std::optional<BackupEntry> backup_;
    std::optional<Fault> fault_;
};

}  // namespace gpmc
