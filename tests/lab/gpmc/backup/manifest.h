// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// manifest.xml of a backup directory, and the same entry in each backup's bkupInfo.xml.

#pragma once

#include <windows.h>

#include <optional>
#include <string>
#include <vector>

namespace gpmc {

struct BackupEntry {
    std::wstring gpoId;
    std::wstring gpoDomain;
    std::wstring gpoDomainGuid;
    std::wstring gpoDomainController;
    std::wstring backupTime;  // UTC, without a zone
    std::wstring id;
    std::wstring comment;
    std::wstring gpoDisplayName;
};

// Writes <folder>\bkupInfo.xml, hidden.
void writeBackupInfo(const std::wstring &folder, const BackupEntry &entry);
// The entry in <folder>\bkupInfo.xml, or nothing if there is none that can be read.
std::optional<BackupEntry> readBackupInfo(const std::wstring &folder);

// The entries of <directory>\manifest.xml; none if there is no such file.
std::vector<BackupEntry> readManifest(const std::wstring &directory);

// Changing the manifest locks it against other processes and other hosts. If it stays locked, the caller gets a sharing
// violation: at once if failAtOnce, else after some seconds.
void addToManifest(const std::wstring &directory, const BackupEntry &entry, bool failAtOnce);
void removeFromManifest(const std::wstring &directory, const std::wstring &id, bool failAtOnce);

}  // namespace gpmc
