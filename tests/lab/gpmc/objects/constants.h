// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPMConstants: the numbers of the object model as properties, for scripts.

#pragma once

#include "com/dispatch.h"

namespace gpmc {

IGPMConstants *makeConstants();

}  // namespace gpmc
