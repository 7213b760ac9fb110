// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// gpreport.xml, and the reports that a client asks for. Their frame follows the genuine schema. Of the settings they tell
// those that report_settings.h reads from files, and the name of the wireless policy.

#pragma once

#include <string>

#include "backup/backup_xml.h"

namespace gpmc {

std::wstring reportXml(const BackupSource &source);

// A report that was made before, as it would be given out now: GPMC says when it did so.
std::wstring withReadTime(const std::wstring &report);

// The same report as a page to read.
std::wstring reportHtml(const std::wstring &report);

}  // namespace gpmc
