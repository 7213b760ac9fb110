// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// A long operation that GPMC runs in the call or on a thread of its own: a backup, a restore, an import, a report.

#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "store/faults.h"

namespace gpmc {

// What IGPMResult tells. A call that failed throws instead.
struct JobOutcome {
    HRESULT overall = S_OK;
    std::vector<StatusMessage> messages;
};

class Job {
public:
    using Progress = std::function<void(long numerator, long denominator)>;

    virtual ~Job() = default;

    // What can be known before any work is done; throws what the call returns at once, asynchronous or not.
    virtual void prepare() = 0;

    // Does the work. Throws what goes wrong; kCancelled if cancel() was called meanwhile.
    virtual JobOutcome run(const Progress &progress) = 0;

    void cancel() { cancelled_ = true; }

protected:
    // Waits in slices, so that a cancel is noticed soon.
    void pause(int milliseconds) const;
    void throwIfCancelled() const;

private:
    std::atomic<bool> cancelled_{false};
};

}  // namespace gpmc
