// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// GenerateReport and GenerateReportToFile, which a GPO and a backup have alike.

#pragma once

#include "objects/job_call.h"

namespace gpmc {

// Makes the XML of a report.
using ReportSource = std::function<std::wstring()>;

// The result is the report's text.
void generateReport(ReportSource source, GPMReportType type, VARIANT *progress, VARIANT *cancel, IGPMResult **result);

// Writes it to a file, in UTF-16; there is no other result.
void generateReportToFile(const ReportSource &source, GPMReportType type, const std::wstring &path,
                          IGPMResult **result);

}  // namespace gpmc
