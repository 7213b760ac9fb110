// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>

namespace gpmc {

// The full path of this DLL.
std::wstring modulePath();

}  // namespace gpmc
