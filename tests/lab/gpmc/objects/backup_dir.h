// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPMBackupDir and IGPMBackup: backups that were made before.

#pragma once

#include "backup/manifest.h"
#include "com/dispatch.h"
#include "store/records.h"

namespace gpmc {

class BackupObject : public Dispatch<IGPMBackup> {
public:
    BackupObject(std::wstring directory, BackupEntry entry)
        : directory_(std::move(directory)), entry_(std::move(entry)) {}

    STDMETHODIMP get_ID(BSTR *value) override;
    STDMETHODIMP get_GPOID(BSTR *value) override;
    STDMETHODIMP get_GPODomain(BSTR *value) override;
    STDMETHODIMP get_GPODisplayName(BSTR *value) override;
    STDMETHODIMP get_Timestamp(DATE *value) override;
    STDMETHODIMP get_Comment(BSTR *value) override;
    STDMETHODIMP get_BackupDir(BSTR *value) override;
    STDMETHODIMP Delete() override;
    STDMETHODIMP GenerateReport(GPMReportType, VARIANT *, VARIANT *, IGPMResult **) override;
    STDMETHODIMP GenerateReportToFile(GPMReportType, BSTR, IGPMResult **) override;

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
