// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// What a restore and an import have in common: both read a backup and replace a GPO's settings by those in it.

#pragma once

#include "backup/job.h"
#include "backup/manifest.h"
#include "backup/saved_backup.h"
#include "backup/sysvol_stage.h"

namespace gpmc {

// Where a backup lies, and what the manifest says of it.
struct BackupReference {
    std::wstring directory;
    BackupEntry entry;
};

class SettingsJob : public Job {
protected:
    SettingsJob(DomainRecord domain, BackupReference reference);

    // Throws what the fault "refuse_restore" says for this GPO, and "path not found" if the backup is gone.
    void prepareFor(const std::wstring &gpo) const;

    // Waits as long as the domain says that a backup takes, and reads the backup.
    void load();

    // The outcome that the fault "fail_restore" plants for this GPO, if any; nothing has been changed then.
    static std::optional<JobOutcome> plantedFailure(const std::wstring &gpo);

    // Ends the process if the fault "crash_restore" is planted for this GPO: all is done, and nobody is told.
    static void plantedCrash(const std::wstring &gpo);
    // What the faults "lose_files" and "lose_directory" leave out for this GPO, without a word.
    void lose(const std::wstring &gpo);

    // What the GPO then has in the directory.
    std::wstring wirelessOf(const std::optional<GpoRecord> &existing) const;

    // Brings the folders and the files to the stage.
    void fill(SysvolStage &stage, const Progress &progress);

    // How one file gets there: as it is, unless an import has something to replace in it, or the domain is one that
    // rewrites security templates.
    virtual void addFile(SysvolStage &stage, const SavedFile &file);

    const DomainRecord &domain() const { return domain_; }
    const SavedBackup &backup() const { return backup_; }
    const BackupReference &reference() const { return reference_; }

private:
    DomainRecord domain_;
    BackupReference reference_;
    SavedBackup backup_;
    bool losesDirectory_ = false;
};

// The greater number of each half.
DWORD highestOf(DWORD one, DWORD other);
// Both halves raised by one, as after an edit.
DWORD raised(DWORD version);
// The greater of what directory and SYSVOL say of a GPO that exists.
DWORD currentVersion(const DomainRecord &domain, const GpoRecord &gpo);

}  // namespace gpmc
