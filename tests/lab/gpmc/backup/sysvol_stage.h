// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// A GPO's SYSVOL folder as it shall become: built beside the old one, and put in its place only when it is complete.

#pragma once

#include <string>

#include "store/records.h"

namespace gpmc {

class SysvolStage {
public:
    // Begins with the two halves, empty.
    SysvolStage(const DomainRecord &domain, const std::wstring &gpo);
    SysvolStage(const SysvolStage &) = delete;
    SysvolStage &operator=(const SysvolStage &) = delete;
    // Takes away what was not put in place.
    ~SysvolStage();

    // The paths are relative to the GPO's folder; missing folders on the way are made.
    void addFolder(const std::wstring &relative);
    void copyFrom(const std::wstring &source, const std::wstring &relative);
    void write(const std::wstring &relative, const std::string &content);

    // Replaces the GPO's folder. GPT.INI is the old one's with another number: it is not in a backup.
    void putInPlace(DWORD version);

private:
    std::wstring target_;
    std::wstring folder_;
};

}  // namespace gpmc
