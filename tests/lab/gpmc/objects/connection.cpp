// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/connection.h"

#include "com/error.h"
#include "com/text.h"
#include "store/faults.h"

namespace gpmc {

namespace {

constexpr long kUsePdc = 0;
constexpr long kUseAnyDc = 1;
constexpr long kDoNotUseW2kDc = 2;

// A domain controller goes by its DNS name or by its first label.
bool isNamed(const std::wstring &dc, const std::wstring &name) {
    return equalIgnoreCase(dc, name) || equalIgnoreCase(dc.substr(0, dc.find(L'.')), name);
}

std::wstring chooseDc(const DomainRecord &domain, const std::wstring &wanted, long flags) {
    if (wanted.empty()) {
        // Any DC of the lab would do; the last one shows that a client did not get the PDC emulator.
        return flags == kUsePdc || domain.dcs.empty() ? domain.pdc : domain.dcs.back();
    }
    for (const std::wstring &dc : domain.dcs) {
        if (isNamed(dc, wanted)) {
            return dc;
        }
    }
    throw HResultError(kServerDown);
}

// Whether the logon that this process belongs to brought no credentials along: labkit/endpoint/auth.py sets the variable.
bool isWithoutCredentials() {
    return GetEnvironmentVariableW(L"LAB_LOGON_WITHOUT_CREDENTIALS", nullptr, 0) != 0;
}

}  // namespace

void Connection::requireDirectory() const {
    if (isWithoutCredentials() || hitFault({"no_delegation"}, L"")) {
        throw HResultError(kOperationsError);
    }
}

ConnectionPtr connect(const std::wstring &name, const std::wstring &dc, long flags) {
    if (name.empty() || (flags != kUsePdc && flags != kUseAnyDc && flags != kDoNotUseW2kDc)) {
        throw HResultError(E_INVALIDARG);
    }
    auto connection = std::make_shared<Connection>();
    connection->domain = readDomain();
    if (!equalIgnoreCase(connection->domain.name, name)) {
        throw HResultError(kNoSuchDomain);
    }
    if (hitFault({"dc_down"}, L"")) {
        throw HResultError(kServerDown);
    }
    connection->dc = chooseDc(connection->domain, dc, flags);
    return connection;
}

}  // namespace gpmc
