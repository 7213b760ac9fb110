// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPMBackupDir and IGPMBackup: backups that were made before.

#pragma once

#include "backup/settings_job.h"
#include "com/dispatch.h"
#include "store/files.h"

namespace gpmc {

class BackupObject : public Dispatch<IGPMBackup> {
public:
    BackupObject(std::wstring directory, BackupEntry entry)
        : directory_(std::move(directory)), entry_(std::move(entry)) {}

    BackupReference reference() const { return {directory_, entry_}; }
    std::wstring folder() const { return joinPath(directory_, entry_.id); }

    STDMETHODIMP get_ID(BSTR *value) override;
    STDMETHODIMP get_GPOID(BSTR *value) override;
    STDMETHODIMP get_GPODomain(BSTR *value) override;
    STDMETHODIMP get_GPODisplayName(BSTR *value) override;
    STDMETHODIMP get_Timestamp(DATE *value) override;
    STDMETHODIMP get_Comment(BSTR *value) override;
    STDMETHODIMP get_BackupDir(BSTR *value) override;
    STDMETHODIMP Delete() override;
    // The report that was made with the backup, with the time at which it is given out.
    STDMETHODIMP GenerateReport(GPMReportType type, VARIANT *progress, VARIANT *cancel, IGPMResult **result) override;
    STDMETHODIMP GenerateReportToFile(GPMReportType type, BSTR path, IGPMResult **result) override;

private:
    std::wstring directory_;
    BackupEntry entry_;
};

class BackupDirObject : public Dispatch<IGPMBackupDir> {
public:
    // Throws if the directory is not there.
    explicit BackupDirObject(std::wstring directory);

    STDMETHODIMP get_BackupDirectory(BSTR *value) override;
    STDMETHODIMP GetBackup(BSTR id, IGPMBackup **backup) override;
    STDMETHODIMP SearchBackups(IGPMSearchCriteria *criteria, IGPMBackupCollection **backups) override;

private:
    std::vector<BackupEntry> entries() const;

    std::wstring directory_;
};

}  // namespace gpmc
