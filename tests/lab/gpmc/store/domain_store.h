// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Reads the domain on disk. Nothing is cached: every search and every GetGPO sees what the files hold at that moment.

#pragma once

#include <memory>
#include <optional>

#include "store/records.h"

namespace gpmc {

// Where the lab puts the domain.
std::wstring domainFolder();

DomainRecord readDomain();

// All GPOs, also those the account cannot see.
std::vector<GpoRecord> readGpos();
// One GPO; throws "no such object" when there is none.
GpoRecord readGpo(const std::wstring &id);

std::vector<SomRecord> readSoms();
std::vector<WmiFilterRecord> readWmiFilters();
std::optional<WmiFilterRecord> findWmiFilter(const std::wstring &id);

// The names of a SID; a SID without a record is one that could not be resolved.
class Principals {
public:
    Principals();
    PrincipalRecord find(const std::wstring &sid) const;
    std::optional<PrincipalRecord> findByName(const std::wstring &name) const;

private:
    std::map<std::wstring, PrincipalRecord> records_;
};

// Read once and shared by all objects that come from one call, so that each name does not cost a file.
using PrincipalsPtr = std::shared_ptr<const Principals>;

// "DOMAIN\name", or the SID where there is no name.
std::wstring qualifiedName(const PrincipalRecord &principal);

// Where a GPO's files lie, and how the domain controller's share would be spelled.
std::wstring sysvolFolder(const DomainRecord &domain, const std::wstring &gpo);
std::wstring sysvolShare(const DomainRecord &domain, const std::wstring &dc, const std::wstring &gpo);

// Version in GPT.INI; fails like reading the file fails.
DWORD readSysvolVersion(const DomainRecord &domain, const std::wstring &gpo);

// The description, which GPMC keeps in GPO.cmt; empty without that file.
std::wstring readDescription(const DomainRecord &domain, const std::wstring &gpo);

// MSFT_SomFilter.ID="{guid}",Domain="DNS.NAME"
std::wstring wmiFilterPath(const std::wstring &filter, const DomainRecord &domain);

// A moment as the DATE a client gets; UTC unless the domain asks for local times.
DATE toDate(const SYSTEMTIME &utc, const DomainRecord &domain);

// "YYYY-MM-DDTHH:MM:SS" with or without a Z; a zeroed time if the text is something else.
SYSTEMTIME parseTime(const std::wstring &text);
std::wstring formatTime(const SYSTEMTIME &time);

}  // namespace gpmc
