// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPMGPO::Backup's two ways of running: in the call, or on a thread of the server's.

#pragma once

#include "backup/backup_job.h"
#include "com/dispatch.h"

namespace gpmc {

// Synchronous without a progress object: result is filled. Asynchronous with one: result stays null, cancel is filled,
// and the result comes with the last call of IGPMAsyncProgress::Status.
void backUp(BackupRequest request, VARIANT *progress, VARIANT *cancel, IGPMResult **result);

}  // namespace gpmc
