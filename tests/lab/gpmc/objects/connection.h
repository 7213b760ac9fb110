// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// What a client's IGPMDomain stands for, shared by all objects that come from it.

#pragma once

#include <memory>

#include "store/domain_store.h"

namespace gpmc {

struct Connection {
    DomainRecord domain;
    std::wstring dc;

    // Throws what the directory answers to an account whose logon it cannot verify (the "double hop"), if a test
    // planted that. Every call that reads the directory begins with it.
    void requireDirectory() const;
};

using ConnectionPtr = std::shared_ptr<const Connection>;

// Finds the domain and the domain controller, as GetDomain and GetSitesContainer do.
ConnectionPtr connect(const std::wstring &domain, const std::wstring &dc, long flags);

}  // namespace gpmc
