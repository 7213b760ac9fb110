// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Backup.xml: what was backed up.

#pragma once

#include <string>

#include "backup/backup_plan.h"
#include "store/records.h"

namespace gpmc {

// How a setting in the directory stands in Backup.xml. That there is an element DSObject is seen in genuine backups, what
// is in it is ours.
constexpr wchar_t kDirectoryObject[] = L"DSObject";
constexpr wchar_t kDirectoryAttribute[] = L"ms-net-ieee-80211-GP-PolicyData";

struct BackupSource {
    DomainRecord domain;
    std::wstring dc;
    GpoRecord gpo;
    DWORD sysvolVersion = 0;
    std::wstring sysvol;  // the folder the files are read from
};

std::string backupXml(const BackupSource &source, const BackupPlan &plan);

}  // namespace gpmc
