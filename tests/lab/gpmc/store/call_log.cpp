// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/call_log.h"

#include <windows.h>

#include <nlohmann/json.hpp>

#include "com/error.h"
#include "com/text.h"
#include "store/domain_store.h"
#include "store/files.h"

namespace gpmc {

namespace {

void appendLine(const std::wstring &path, const std::string &line) {
    // FILE_APPEND_DATA alone makes each write go to the end, whoever else writes.
    const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    Handle file(CreateFileW(path.c_str(), FILE_APPEND_DATA, share, nullptr, OPEN_ALWAYS, 0, nullptr));
    DWORD written = 0;
    if (file.valid()) {
        WriteFile(file.get(), line.data(), static_cast<DWORD>(line.size()), &written, nullptr);
    }
}

void waitForCost() {
    int milliseconds = 0;
    guarded([&] { milliseconds = readDomain().callMilliseconds; });
    if (milliseconds > 0) {
        Sleep(milliseconds);
    }
}

}  // namespace

void called(const char *method, const std::wstring &argument) {
    if (fileExists(joinPath(domainFolder(), L"calls.on"))) {
        const nlohmann::ordered_json entry = {{"call", method}, {"arg", toUtf8(argument)}};
        const auto replace = nlohmann::ordered_json::error_handler_t::replace;
        appendLine(joinPath(domainFolder(), L"calls.jsonl"), entry.dump(-1, ' ', false, replace) + "\n");
    }
}

void calledDirectory(const char *method, const std::wstring &argument) {
    called(method, argument);
    waitForCost();
}

}  // namespace gpmc
