// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Reads the domain on disk: every search and every GetGPO sees what the files hold at that moment (file_cache.h).
// What changes the domain is in domain_writer.h.

#pragma once

#include <memory>
#include <optional>

#include "store/records.h"

namespace gpmc {

// Where the lab puts the domain, and files in it.
std::wstring domainFolder();
std::wstring inDomainFolder(const std::wstring &name);
std::wstring gpoFile(const std::wstring &id);

DomainRecord readDomain();

// All GPOs, also those the account cannot see.
std::vector<GpoRecord> readGpos();
// One GPO; nothing, or "no such object", when there is none.
std::optional<GpoRecord> findGpo(const std::wstring &id);
GpoRecord readGpo(const std::wstring &id);

std::vector<SomRecord> readSoms();
std::vector<WmiFilterRecord> readWmiFilters();
std::optional<WmiFilterRecord> findWmiFilter(const std::wstring &id);

using PrincipalRecords = std::map<std::wstring, PrincipalRecord>;

// The names of a SID; a SID without a record is one that could not be resolved.
class Principals {
public:
    Principals();
    // As if no name could be looked up.
    static std::shared_ptr<const Principals> unresolved();
    PrincipalRecord find(const std::wstring &sid) const;
    std::optional<PrincipalRecord> findByName(const std::wstring &name) const;

private:
    explicit Principals(std::shared_ptr<const PrincipalRecords> records) : records_(std::move(records)) {}

    std::shared_ptr<const PrincipalRecords> records_;
};

// Finds an account by name or SID; what is not known to the domain cannot be mapped (ERROR_NONE_MAPPED).
PrincipalRecord requirePrincipal(const std::wstring &name);

// Read once and shared by all objects that come from one call, so that each name does not cost a file.
using PrincipalsPtr = std::shared_ptr<const Principals>;

// "DOMAIN\name", or the SID where there is no name.
std::wstring qualifiedName(const PrincipalRecord &principal);

// "name@dns.domain", or nothing for an account without a domain.
std::wstring userPrincipalName(const PrincipalRecord &principal);

// Whether an account belongs to a domain rather than to every machine.
bool isDomainSid(const std::wstring &sid);

// Where a GPO's files lie, and how the domain controller's share would be spelled.
std::wstring sysvolFolder(const DomainRecord &domain, const std::wstring &gpo);
std::wstring sysvolShare(const DomainRecord &domain, const std::wstring &dc, const std::wstring &gpo);

// Version in GPT.INI; fails like reading the file fails.
DWORD readSysvolVersion(const DomainRecord &domain, const std::wstring &gpo);

// The description, which GPMC keeps in GPO.cmt; empty without that file.
std::wstring readDescription(const DomainRecord &domain, const std::wstring &gpo);

// MSFT_SomFilter.ID="{guid}",Domain="DNS.NAME"
std::wstring wmiFilterPath(const std::wstring &filter, const DomainRecord &domain);

// The GUID in such a path; empty if the text is none.
std::wstring filterIdOfPath(const std::wstring &path);

// A moment as the DATE a client gets; UTC unless the domain asks for local times.
DATE toDate(const SYSTEMTIME &utc, const DomainRecord &domain);

// "YYYY-MM-DDTHH:MM:SS" with or without a Z; a zeroed time if the text is something else.
SYSTEMTIME parseTime(const std::wstring &text);
std::wstring formatTime(const SYSTEMTIME &time);
SYSTEMTIME nowUtc();

}  // namespace gpmc
