// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/job.h"

#include "com/error.h"

namespace gpmc {

void Job::pause(int milliseconds) const {
    constexpr int kSlice = 20;
    for (int left = milliseconds; left > 0 && !cancelled_; left -= kSlice) {
        Sleep(left < kSlice ? left : kSlice);
    }
}

void Job::throwIfCancelled() const {
    if (cancelled_) {
        throw HResultError(kCancelled);
    }
}

}  // namespace gpmc
