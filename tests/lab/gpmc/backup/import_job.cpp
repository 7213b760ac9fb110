// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/import_job.h"

#include "com/error.h"
#include "store/domain_store.h"
#include "store/domain_writer.h"
#include "store/files.h"

namespace gpmc {

ImportJob::ImportJob(DomainRecord domain, BackupReference reference, ImportRequest request)
    : SettingsJob(std::move(domain), std::move(reference)), request_(std::move(request)) {}

void ImportJob::prepare() {
    prepareFor(request_.gpoId);
    if (!readGpo(request_.gpoId).visible) {
        throw HResultError(kNoSuchObject);
    }
}

JobOutcome ImportJob::run(const Progress &progress) {
    load();
    const auto failure = plantedFailure(request_.gpoId);
    if (failure) {
        return *failure;
    }
    lose(request_.gpoId);
    const Migration migration = migrationOfBackup();
    if (FAILED(migration.outcome.overall)) {
        return migration.outcome;
    }
    replacements_ = migration.replacements;
    const DWORD version = raised(currentVersion(domain(), readGpo(request_.gpoId)));
    SysvolStage stage(domain(), request_.gpoId);
    fill(stage, progress);
    stage.putInPlace(version);
    // Name, enabled halves, permissions and filter are the GPO's own; the description came as one of the files.
    changeGpo(request_.gpoId, [&](GpoRecord &gpo) {
        gpo.version = version;
        gpo.machineExtensions = backup().machineExtensions;
        gpo.userExtensions = backup().userExtensions;
        gpo.wireless = wirelessOf(gpo);
    });
    imported_ = true;
    plantedCrash(request_.gpoId);
    return migration.outcome;
}

Migration ImportJob::migrationOfBackup() const {
    std::vector<std::wstring> files;
    for (const SavedFile &file : backup().files) {
        files.push_back(file.source);
    }
    return planMigration(referencesIn(files), AccountNames(backup().principals), request_.table, domain(),
                         request_.tableOnly);
}

void ImportJob::addFile(SysvolStage &stage, const SavedFile &file) {
    if (replacements_.empty() || !carriesReferences(file.target)) {
        SettingsJob::addFile(stage, file);
        return;
    }
    stage.write(file.target, replaceReferences(file.target, readFile(file.source), replacements_));
}

}  // namespace gpmc
