// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPMDomain::RestoreGPO: a GPO becomes again what it was when it was backed up, or comes back with its ID.

#pragma once

#include "backup/settings_job.h"

namespace gpmc {

class RestoreJob : public SettingsJob {
public:
    RestoreJob(DomainRecord domain, BackupReference reference);

    // Only into the domain that the backup came from; another one gives "no such domain".
    void prepare() override;
    JobOutcome run(const Progress &progress) override;

    // The GPO; empty as long as nothing was restored.
    const std::wstring &restored() const { return restored_; }

private:
    GpoRecord recordFor(const std::optional<GpoRecord> &existing, JobOutcome &outcome) const;
    void takeFilter(GpoRecord &gpo, JobOutcome &outcome) const;

    std::wstring restored_;
};

}  // namespace gpmc
