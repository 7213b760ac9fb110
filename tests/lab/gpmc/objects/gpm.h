// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPM, the root object (ProgID GPMgmt.GPM).

#pragma once

#include "com/dispatch.h"

namespace gpmc {

IGPM *makeGpm();

}  // namespace gpmc
