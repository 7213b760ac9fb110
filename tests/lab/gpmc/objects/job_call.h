// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// The two ways of running a backup, a restore, an import or a report: in the call, or on a thread of the server's.

#pragma once

#include <memory>

#include "backup/job.h"
#include "objects/result.h"

namespace gpmc {

using JobPtr = std::shared_ptr<Job>;
// What a job that has run has made. Called on the thread that the job ran on.
using ResultMaker = std::function<ResultValue()>;

// Synchronous without a progress object: result is filled. Asynchronous with one: result stays null, cancel is filled,
// and the result comes with the last call of IGPMAsyncProgress::Status.
void runJob(const JobPtr &job, const ResultMaker &resultOf, VARIANT *progress, VARIANT *cancel, IGPMResult **result);

}  // namespace gpmc
