// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Changes the domain on disk. Each file is replaced as a whole, so that who reads meanwhile sees the old or the new one,
// and holds exactly the keys that the lab's README describes.

#pragma once

#include <functional>

#include "store/records.h"

namespace gpmc {

// The GPO's object in the directory.
void writeGpo(const GpoRecord &gpo);

// Reads the GPO anew, changes it and its time of modification, writes it, and returns it; "no such object" if it is gone.
GpoRecord changeGpo(const std::wstring &id, const std::function<void(GpoRecord &)> &change);

// A GPO without settings, as GPMC's "New" makes it: object and SYSVOL folder.
GpoRecord createGpo(const DomainRecord &domain);

// Takes away the object and its SYSVOL folder; links to it stay.
void deleteGpo(const DomainRecord &domain, const std::wstring &id);

// Reads the scope of management of this path anew, changes it, writes it, and returns it.
SomRecord changeSom(const std::wstring &path, const std::function<void(SomRecord &)> &change);

// GPT.INI with this version number; what else an old one says stays.
std::string gptIni(const std::string &old, DWORD version);

// The file that holds the description; an empty one takes the file away.
void writeDescription(const DomainRecord &domain, const std::wstring &gpo, const std::wstring &description);

}  // namespace gpmc
