// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// The faults that a test has planted in faults.json.

#pragma once

#include <windows.h>

#include <optional>
#include <string>
#include <vector>

namespace gpmc {

struct StatusMessage {
    std::wstring objectPath;
    std::wstring extension;
    std::wstring setting;
    std::wstring message;
    HRESULT error = S_OK;
    HRESULT operation = S_OK;
};

struct Fault {
    std::wstring id;
    std::string kind;
    HRESULT hresult = S_OK;
    int delayMilliseconds = 0;
    std::vector<StatusMessage> messages;
};

// The first fault of one of these kinds that is planted for this GPO (any, if gpo is empty) and not used up; the hit is
// counted. A fault that counts ("times") is used up across processes.
std::optional<Fault> hitFault(const std::vector<std::string> &kinds, const std::wstring &gpo);

// Throws the HRESULT of a fault of this kind, if there is one.
void throwPlanted(const std::string &kind, const std::wstring &gpo);

}  // namespace gpmc
