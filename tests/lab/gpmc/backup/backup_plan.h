// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// What a backup will hold: the files and folders of a GPO's SYSVOL folder, sorted into the sections that GPMC writes
// to Backup.xml. The rules are those that six genuine backups show; see backup_plan.cpp.

#pragma once

#include <string>
#include <vector>

#include "store/records.h"

namespace gpmc {

struct FileObject {
    bool isFolder = false;
    std::wstring path;        // bkp:Path, below %GPO_FSPATH% and its like
    std::wstring source;      // relative to the GPO's SYSVOL folder, as bkp:SourceExpandedPath spells it
    std::wstring location;    // relative to the backup's folder; empty: nothing was copied
    std::wstring reEvaluate;  // bkp:ReEvaluateFunction, or empty
};

struct ExtensionSection {
    std::wstring id;
    std::wstring name;
    std::vector<FileObject> objects;
    std::wstring directorySettings;  // what the extension keeps in the directory, or empty
};

struct BackupPlan {
    std::vector<ExtensionSection> sections;

    size_t fileCount() const;
};

BackupPlan planBackup(const GpoRecord &gpo, const std::wstring &sysvol);

// How many client-side extensions the lists of the two halves name together.
size_t countExtensions(const std::wstring &machineExtensions, const std::wstring &userExtensions);

}  // namespace gpmc
