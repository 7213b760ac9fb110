// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// gpreport.xml: the settings report. Its frame follows the genuine schema; of the settings themselves it only names the
// extensions, since reading registry.pol and its like is not what the lab is about.

#pragma once

#include <string>

#include "backup/backup_xml.h"

namespace gpmc {

// UTF-16LE with a byte order mark.
std::string reportXml(const BackupSource &source);

}  // namespace gpmc
