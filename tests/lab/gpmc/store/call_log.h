// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Counts what clients call: one line per COM method call (not per property read) in calls.jsonl, while a file
// calls.on exists beside it.

#pragma once

#include <string>

namespace gpmc {

// Logs the call and waits as long as the domain says a call takes ("costs": {"call_ms": …}).
void called(const char *method, const std::wstring &argument = {});

}  // namespace gpmc
