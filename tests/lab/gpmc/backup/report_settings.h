// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// What the element of an extension has in a settings report, read from a file of the GPO. Names are those of genuine
// reports and of the published schemas; q is the prefix of the extension's namespace. A file that cannot be read throws.

#pragma once

#include <string>

#include "backup/report_writer.h"

namespace gpmc {

// registry.pol
void writeRegistry(ReportWriter &report, const std::string &file, const std::wstring &q);

// GptTmpl.inf (MS-GPSB 2.2)
void writeSecurityTemplate(ReportWriter &report, const std::string &file, const std::wstring &q);

// audit.csv (MS-GPAC 2.2.1)
void writeAuditPolicy(ReportWriter &report, const std::string &file, const std::wstring &q);

// scripts.ini (MS-GPSCR 2.2.2)
void writeScripts(ReportWriter &report, const std::string &file, const std::wstring &q);

// A file of Preferences (MS-GPPREF 2.2.1): its root has another name in reports.
void writePreferences(ReportWriter &report, const std::string &file, const std::wstring &root, const std::wstring &q);

}  // namespace gpmc
