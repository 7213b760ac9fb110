// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/restore_job.h"

#include "com/error.h"
#include "com/text.h"
#include "store/domain_store.h"
#include "store/domain_writer.h"

namespace gpmc {

RestoreJob::RestoreJob(DomainRecord domain, BackupReference reference)
    : SettingsJob(std::move(domain), std::move(reference)) {}

void RestoreJob::prepare() {
    if (!equalIgnoreCase(reference().entry.gpoDomain, domain().name)) {
        throw HResultError(kNoSuchDomain);
    }
    prepareFor(reference().entry.gpoId);
}

JobOutcome RestoreJob::run(const Progress &progress) {
    load();
    // A backup that a script has written for an import.
    if (backup().gpoId.empty() || backup().displayName.empty() || backup().securityDescriptor.empty()) {
        throwWin32(ERROR_INVALID_DATA);
    }
    // The manifest may have been edited; what counts is the backup itself.
    if (!equalIgnoreCase(backup().domain, domain().name)) {
        throw HResultError(kNoSuchDomain);
    }
    const auto failure = plantedFailure(backup().gpoId);
    if (failure) {
        return *failure;
    }
    lose(backup().gpoId);
    const std::optional<GpoRecord> existing = findGpo(backup().gpoId);
    if (existing && !existing->visible) {
        throwWin32(ERROR_ACCESS_DENIED);
    }
    SysvolStage stage(domain(), backup().gpoId);
    fill(stage, progress);

    JobOutcome outcome;
    GpoRecord gpo = recordFor(existing, outcome);
    DWORD sysvolVersion = backup().sysvolVersion;
    if (domain().restoreRaisesVersions) {
        const DWORD saved = highestOf(backup().directoryVersion, backup().sysvolVersion);
        gpo.version = raised(existing ? highestOf(saved, currentVersion(domain(), *existing)) : saved);
        sysvolVersion = gpo.version;
    }
    stage.putInPlace(sysvolVersion);
    writeGpo(gpo);
    restored_ = gpo.id;
    plantedCrash(gpo.id);
    return outcome;
}

// The time of creation and the owner are not in a backup: they stay, or are those of a new object.
GpoRecord RestoreJob::recordFor(const std::optional<GpoRecord> &existing, JobOutcome &outcome) const {
    GpoRecord gpo;
    gpo.id = backup().gpoId;
    gpo.displayName = backup().displayName;
    gpo.modified = nowUtc();
    gpo.created = existing ? existing->created : gpo.modified;
    gpo.version = backup().directoryVersion;
    gpo.flags = backup().options;
    gpo.machineExtensions = backup().machineExtensions;
    gpo.userExtensions = backup().userExtensions;
    gpo.wireless = wirelessOf(existing);
    gpo.owner = existing ? existing->owner : domain().sid + L"-512";
    gpo.securityDescriptor = backup().securityDescriptor;
    takeFilter(gpo, outcome);
    return gpo;
}

// A backup holds only the reference to a filter, and there is no call that makes one.
void RestoreJob::takeFilter(GpoRecord &gpo, JobOutcome &outcome) const {
    if (backup().wmiFilter.empty()) {
        return;
    }
    if (findWmiFilter(backup().wmiFilter)) {
        gpo.wmiFilter = backup().wmiFilter;
        return;
    }
    outcome.messages.push_back({wmiFilterPath(backup().wmiFilter, domain()), L"", L"",
                                L"The WMI filter \"" + backup().wmiFilterName +
                                    L"\" does not exist any more; the GPO was restored without it.",
                                kNoSuchObject, S_OK});
}

}  // namespace gpmc
