// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// One backup from beginning to end, with the faults that tests plant on the way.

#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backup/backup_plan.h"
#include "backup/backup_xml.h"
#include "backup/manifest.h"
#include "store/faults.h"

namespace gpmc {

struct BackupRequest {
    std::wstring dc;
    std::wstring gpoId;
    std::wstring directory;
    std::wstring comment;
};

// What IGPMResult tells. A call that failed throws instead.
struct BackupOutcome {
    HRESULT overall = S_OK;
    std::vector<StatusMessage> messages;
    std::optional<BackupEntry> backup;  // none when it failed
};

class BackupJob {
public:
    using Progress = std::function<void(long numerator, long denominator)>;

    explicit BackupJob(BackupRequest request);

    // What can be known before any work is done; throws what IGPMGPO::Backup returns at once.
    void prepare();

    // Does the work. Throws what goes wrong; kCancelled if cancel() was called meanwhile.
    BackupOutcome run(const Progress &progress);

    void cancel() { cancelled_ = true; }

private:
    void pause(int milliseconds) const;
    void throwIfCancelled() const;
    void loadSource();
    void createBackupFolder();
    void copyObjects(const ExtensionSection &section);
    void copyObject(const ExtensionSection &section, const FileObject &object);
    void copyHalf();
    void writeDescriptions();
    void runTrouble();
    BackupOutcome failOverall(const Fault &fault);

    std::wstring target(const std::wstring &relative) const;
    bool hit(const char *kind);

    BackupRequest request_;
    BackupSource source_;
    BackupPlan plan_;
    BackupEntry entry_;
    std::wstring folder_;
    BackupOutcome outcome_;
    std::optional<Fault> fault_;
    std::atomic<bool> cancelled_{false};
};

}  // namespace gpmc
