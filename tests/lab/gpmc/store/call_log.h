// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Counts what clients call: one line per COM method call (not per property read) in calls.jsonl, while a file
// calls.on exists beside it.

#pragma once

#include <string>

namespace gpmc {

// Logs a call that memory or a file answers.
void called(const char *method, const std::wstring &argument = {});

// Logs a call that asks the directory, and waits as long as the domain says that takes ("costs": {"call_ms": …}).
void calledDirectory(const char *method, const std::wstring &argument = {});

}  // namespace gpmc
