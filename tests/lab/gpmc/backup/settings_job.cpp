// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/settings_job.h"

#include <algorithm>

#include "backup/backup_plan.h"
#include "com/error.h"
#include "com/text.h"
#include "store/domain_store.h"
#include "store/files.h"

namespace gpmc {

namespace {

// The core settings, and the directory's object at the end.
constexpr long kFixedSteps = 2;

constexpr wchar_t kTemplate[] = L"\\GptTmpl.inf";

}  // namespace

SettingsJob::SettingsJob(DomainRecord domain, BackupReference reference)
    : domain_(std::move(domain)), reference_(std::move(reference)) {}

void SettingsJob::prepareFor(const std::wstring &gpo) const {
    throwPlanted("refuse_restore", gpo);
    requireFolder(joinPath(reference_.directory, reference_.entry.id));
}

void SettingsJob::load() {
    pause(domain_.backupMilliseconds);
    throwIfCancelled();
    backup_ = readSavedBackup(joinPath(reference_.directory, reference_.entry.id));
    // An entry of the manifest that speaks of another GPO than its backup does. A backup that a script has written for an
    // import may name none.
    if (!backup_.gpoId.empty() && !equalIgnoreCase(backup_.gpoId, reference_.entry.gpoId)) {
        throwWin32(ERROR_INVALID_DATA);
    }
}

std::optional<JobOutcome> SettingsJob::plantedFailure(const std::wstring &gpo) {
    const auto fault = hitFault({"fail_restore"}, gpo);
    return fault ? std::optional<JobOutcome>({fault->hresult, fault->messages}) : std::nullopt;
}

void SettingsJob::plantedCrash(const std::wstring &gpo) {
    if (hitFault({"crash_restore"}, gpo)) {
        TerminateProcess(GetCurrentProcess(), EXCEPTION_ACCESS_VIOLATION);
    }
}

void SettingsJob::lose(const std::wstring &gpo) {
    if (!backup_.files.empty() && hitFault({"lose_files"}, gpo)) {
        backup_.files.pop_back();
    }
    losesDirectory_ = hitFault({"lose_directory"}, gpo).has_value();
}

std::wstring SettingsJob::wirelessOf(const std::optional<GpoRecord> &existing) const {
    if (losesDirectory_) {
        return existing ? existing->wireless : std::wstring();
    }
    return backup_.wireless;
}

// Folders first: they keep SYSVOL's spelling, where GPMC spells the path of a security template in its own way.
void SettingsJob::fill(SysvolStage &stage, const Progress &progress) {
    const long steps =
        kFixedSteps + static_cast<long>(countExtensions(backup_.machineExtensions, backup_.userExtensions));
    progress(1, steps);
    for (const std::wstring &folder : backup_.folders) {
        stage.addFolder(folder);
    }
    for (const SavedFile &file : backup_.files) {
        throwIfCancelled();
        addFile(stage, file);
    }
    for (long step = 2; step < steps; ++step) {
        progress(step, steps);
    }
    throwIfCancelled();
}

void SettingsJob::addFile(SysvolStage &stage, const SavedFile &file) {
    if (domain_.rewritesTemplates && containsIgnoreCase(file.target, kTemplate)) {
        // One more line break, in UTF-16, which means nothing.
        stage.write(file.target, readFile(file.source) + std::string("\r\0\n\0", 4));
        return;
    }
    stage.copyFrom(file.source, file.target);
}

DWORD highestOf(DWORD one, DWORD other) {
    return MAKELONG(std::max(LOWORD(one), LOWORD(other)), std::max(HIWORD(one), HIWORD(other)));
}

DWORD raised(DWORD version) {
    return MAKELONG(LOWORD(version) + 1, HIWORD(version) + 1);
}

DWORD currentVersion(const DomainRecord &domain, const GpoRecord &gpo) {
    DWORD sysvol = 0;
    // A GPO whose SYSVOL folder is damaged is what a restore is for.
    guarded([&] { sysvol = readSysvolVersion(domain, gpo.id); });
    return highestOf(gpo.version, sysvol);
}

}  // namespace gpmc
