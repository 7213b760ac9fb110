// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Reads a backup back: Backup.xml, and the files that it lists. A backup may come from anywhere, so nothing in it is
// trusted: no path that leads out of it, and no file that is listed but missing.

#pragma once

#include <string>
#include <vector>

#include "store/records.h"

namespace gpmc {

struct SavedFile {
    std::wstring source;  // the full path in the backup
    std::wstring target;  // relative to the GPO's SYSVOL folder
};

struct SavedBackup {
    std::wstring gpoId;
    std::wstring domain;
    std::wstring displayName;
    int options = 0;
    DWORD directoryVersion = 0;  // user half in the high word, as in the directory
    DWORD sysvolVersion = 0;
    std::wstring machineExtensions;
    std::wstring userExtensions;
    std::wstring wmiFilter;  // GUID in lower case and braces, or empty
    std::wstring wmiFilterName;
    std::wstring wireless;  // see GpoRecord
    std::vector<BYTE> securityDescriptor;
    std::vector<PrincipalRecord> principals;  // what the backup says of the accounts it mentions
    std::vector<std::wstring> folders;        // relative to the GPO's SYSVOL folder
    std::vector<SavedFile> files;
};

// Throws "file not found" for a missing file, ERROR_INVALID_DATA for anything that is not as GPMC writes it. What only a
// restore needs may be empty: scripts write such backups for an import.
SavedBackup readSavedBackup(const std::wstring &folder);

}  // namespace gpmc
