// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/backup_dir.h"

#include <algorithm>

#include "backup/report.h"
#include "com/collection.h"
#include "com/text.h"
#include "objects/reports.h"
#include "objects/search_criteria.h"
#include "store/call_log.h"
#include "store/domain_store.h"
#include "store/files.h"
#include "store/text_file.h"

namespace gpmc {

namespace {

bool matches(const Criterion &criterion, const BackupEntry &entry) {
    switch (criterion.property) {
    case gpoDisplayName:
        return matchesName(criterion, entry.gpoDisplayName);
    case gpoID:
        return matchesGuid(criterion, entry.gpoId);
    case gpoDomain:
        return equalIgnoreCase(criterion.text, entry.gpoDomain);
    default:
        return true;
    }
}

bool sameGpo(const BackupEntry &left, const BackupEntry &right) {
    return equalIgnoreCase(left.gpoId, right.gpoId) && equalIgnoreCase(left.gpoDomain, right.gpoDomain);
}

// The newest backup of each GPO; of two in the same second the later one of the manifest.
std::vector<BackupEntry> mostRecent(const std::vector<BackupEntry> &entries) {
    std::vector<BackupEntry> newest;
    for (const BackupEntry &entry : entries) {
        const auto known = std::find_if(newest.begin(), newest.end(),
                                        [&](const BackupEntry &other) { return sameGpo(other, entry); });
        if (known == newest.end()) {
            newest.push_back(entry);
        } else if (known->backupTime <= entry.backupTime) {
            *known = entry;
        }
    }
    return newest;
}

bool hasEntry(const std::vector<BackupEntry> &entries, const std::wstring &id) {
    return std::any_of(entries.begin(), entries.end(),
                       [&](const BackupEntry &entry) { return equalIgnoreCase(entry.id, id); });
}

ReportSource savedReport(const std::wstring &folder) {
    return [path = joinPath(folder, L"gpreport.xml")] { return withReadTime(decodeText(readFile(path)).text); };
}

}  // namespace

STDMETHODIMP BackupObject::get_ID(BSTR *value) {
    return guarded([&] { *value = toBstr(entry_.id); });
}

STDMETHODIMP BackupObject::get_GPOID(BSTR *value) {
    return guarded([&] { *value = toBstr(entry_.gpoId); });
}

STDMETHODIMP BackupObject::get_GPODomain(BSTR *value) {
    return guarded([&] { *value = toBstr(entry_.gpoDomain); });
}

STDMETHODIMP BackupObject::get_GPODisplayName(BSTR *value) {
    return guarded([&] { *value = toBstr(entry_.gpoDisplayName); });
}

STDMETHODIMP BackupObject::get_Timestamp(DATE *value) {
    return guarded([&] { *value = toDate(parseTime(entry_.backupTime), readDomain()); });
}

STDMETHODIMP BackupObject::get_Comment(BSTR *value) {
    return guarded([&] { *value = toBstr(entry_.comment); });
}

STDMETHODIMP BackupObject::get_BackupDir(BSTR *value) {
    return guarded([&] { *value = toBstr(directory_); });
}

STDMETHODIMP BackupObject::Delete() {
    return guarded([&] {
        called("IGPMBackup::Delete", entry_.id);
        removeTree(folder());
        removeFromManifest(directory_, entry_.id, readDomain().manifestLockFails);
    });
}

STDMETHODIMP BackupObject::GenerateReport(GPMReportType type, VARIANT *progress, VARIANT *cancel,
                                          IGPMResult **result) {
    return guarded([&] {
        *result = nullptr;
        called("IGPMBackup::GenerateReport", entry_.id);
        generateReport(savedReport(folder()), type, progress, cancel, result);
    });
}

STDMETHODIMP BackupObject::GenerateReportToFile(GPMReportType type, BSTR path, IGPMResult **result) {
    return guarded([&] {
        *result = nullptr;
        called("IGPMBackup::GenerateReportToFile", fromBstr(path));
        generateReportToFile(savedReport(folder()), type, fromBstr(path), result);
    });
}

BackupDirObject::BackupDirObject(std::wstring directory) : directory_(std::move(directory)) {
    if (directory_.empty()) {
        throw HResultError(E_INVALIDARG);
    }
    requireFolder(directory_);
}

STDMETHODIMP BackupDirObject::get_BackupDirectory(BSTR *value) {
    return guarded([&] { *value = toBstr(directory_); });
}

// Whether GPMC finds a backup that manifest.xml does not list is not known, so the domain can ask for either.
std::vector<BackupEntry> BackupDirObject::entries() const {
    std::vector<BackupEntry> found = readManifest(directory_);
    if (!readDomain().searchWithoutManifest) {
        return found;
    }
    for (const FolderEntry &folder : listFolder(directory_)) {
        const bool isBackup = folder.isFolder && !normalGuid(folder.name).empty();
        if (isBackup && !hasEntry(found, folder.name)) {
            const auto entry = readBackupInfo(joinPath(directory_, folder.name));
            if (entry) {
                found.push_back(*entry);
            }
        }
    }
    return found;
}

STDMETHODIMP BackupDirObject::GetBackup(BSTR id, IGPMBackup **backup) {
    return guarded([&] {
        *backup = nullptr;
        called("IGPMBackupDir::GetBackup", fromBstr(id));
        const std::wstring wanted = normalGuid(fromBstr(id));
        if (wanted.empty()) {
            throw HResultError(E_INVALIDARG);
        }
        for (const BackupEntry &entry : entries()) {
            if (equalIgnoreCase(entry.id, wanted)) {
                *backup = new BackupObject(directory_, entry);
                return;
            }
        }
        throwWin32(ERROR_FILE_NOT_FOUND);
    });
}

STDMETHODIMP BackupDirObject::SearchBackups(IGPMSearchCriteria *criteria, IGPMBackupCollection **backups) {
    return guarded([&] {
        *backups = nullptr;
        called("IGPMBackupDir::SearchBackups", directory_);
        const auto &wanted = criteriaOf(criteria, {gpoDisplayName, gpoID, gpoDomain, backupMostRecent});
        std::vector<BackupEntry> found;
        for (const BackupEntry &entry : entries()) {
            const bool all = std::all_of(wanted.begin(), wanted.end(),
                                         [&](const Criterion &criterion) { return matches(criterion, entry); });
            if (all) {
                found.push_back(entry);
            }
        }
        const bool newestOnly = std::any_of(wanted.begin(), wanted.end(), [](const Criterion &criterion) {
            return criterion.property == backupMostRecent;
        });
        *backups = makeCollection<IGPMBackupCollection>(
            newestOnly ? mostRecent(found) : found,
            [&](const BackupEntry &entry) { return new BackupObject(directory_, entry); });
    });
}

}  // namespace gpmc
