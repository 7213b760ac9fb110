// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/faults.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "com/error.h"
#include "com/text.h"
#include "store/domain_store.h"
#include "store/files.h"

namespace gpmc {

namespace {

using nlohmann::json;

std::wstring text(const json &object, const char *key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? fromUtf8(found->get<std::string>()) : std::wstring();
}

// "0x80070005" as an HRESULT.
HRESULT hresultOf(const json &object, const char *key) {
    const std::wstring number = text(object, key);
    return number.empty() ? S_OK : static_cast<HRESULT>(std::wcstoul(number.c_str(), nullptr, 16));
}

Fault faultOf(const json &object) {
    Fault fault;
    fault.id = text(object, "id");
    fault.kind = object.value("kind", "");
    fault.hresult = hresultOf(object, "hresult");
    const auto delay = object.find("delay_ms");
    fault.delayMilliseconds = delay != object.end() && delay->is_number() ? delay->get<int>() : 0;
    const auto messages = object.find("messages");
    if (messages != object.end() && messages->is_array()) {
        for (const json &message : *messages) {
            fault.messages.push_back({text(message, "object_path"), text(message, "extension"),
                                      text(message, "setting"), text(message, "message"),
                                      hresultOf(message, "error"), hresultOf(message, "operation")});
        }
    }
    return fault;
}

bool appliesTo(const json &object, const std::wstring &gpo) {
    const std::wstring planted = text(object, "gpo");
    return gpo.empty() || planted.empty() || planted == L"*" || equalIgnoreCase(planted, gpo);
}

// Takes one of the hits that are left. Several processes count in one folder, so each hit is a file that only one of
// them can create.
bool takeHit(const std::wstring &id, int times) {
    const std::wstring folder = joinPath(domainFolder(), L"faults.hits");
    CreateDirectoryW(folder.c_str(), nullptr);
    for (int hit = 1; hit <= times; ++hit) {
        const std::wstring path = joinPath(folder, id + L"." + std::to_wstring(hit));
        Handle file(CreateFileW(path.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, 0, nullptr));
        if (file.valid()) {
            return true;
        }
        if (GetLastError() != ERROR_FILE_EXISTS) {
            throwLastError();
        }
    }
    return false;
}

}  // namespace

std::optional<Fault> hitFault(const std::vector<std::string> &kinds, const std::wstring &gpo) {
    const std::wstring path = joinPath(domainFolder(), L"faults.json");
    if (!fileExists(path)) {
        return std::nullopt;
    }
    const json planted = json::parse(readFile(path), nullptr, false);
    if (!planted.is_array()) {
        throwWin32(ERROR_INVALID_DATA);
    }
    for (const json &object : planted) {
        const Fault fault = faultOf(object);
        const bool wanted = std::find(kinds.begin(), kinds.end(), fault.kind) != kinds.end();
        if (!wanted || !appliesTo(object, gpo)) {
            continue;
        }
        const auto times = object.find("times");
        const bool counts = times != object.end() && times->is_number();
        if (!counts || takeHit(fault.id, times->get<int>())) {
            return fault;
        }
    }
    return std::nullopt;
}

void throwPlanted(const std::string &kind, const std::wstring &gpo) {
    if (const auto fault = hitFault({kind}, gpo)) {
        throw HResultError(fault->hresult);
    }
}

}  // namespace gpmc
