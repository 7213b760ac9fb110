// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Registry.pol, the file of the administrative templates (MS-GPREG 2.2.1).

#pragma once

#include <windows.h>

#include <string>
#include <vector>

namespace gpmc {

struct RegistryValue {
    std::wstring key;
    std::wstring name;
    DWORD type = 0;
    std::string data;
};

// The values of a file, in its order; throws ERROR_INVALID_DATA for what is none.
std::vector<RegistryValue> parseRegistryPol(const std::string &bytes);

}  // namespace gpmc
