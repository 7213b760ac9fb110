// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/domain_store.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "com/error.h"
#include "com/text.h"
#include "store/file_cache.h"
#include "store/text_file.h"

namespace gpmc {

namespace {

using nlohmann::json;

constexpr wchar_t kFolder[] = L"C:\\lab\\domain";

// A file of the lab that is not JSON is a fault of the lab, not of the directory.
json parseJson(const std::string &content) {
    try {
        return json::parse(content);
    } catch (const json::exception &) {
        throwWin32(ERROR_INVALID_DATA);
    }
}

json readJsonIfThere(const std::wstring &path, json otherwise) {
    return fileExists(path) ? parseJson(readFile(path)) : otherwise;
}

std::wstring text(const json &object, const char *key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? fromUtf8(found->get<std::string>()) : std::wstring();
}

bool flag(const json &object, const char *key, bool otherwise) {
    const auto found = object.find(key);
    return found != object.end() && found->is_boolean() ? found->get<bool>() : otherwise;
}

int number(const json &object, const char *key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<int>() : 0;
}

GpoRecord gpoOf(const json &object) {
    GpoRecord gpo;
    gpo.id = toUpper(text(object, "id"));
    gpo.displayName = text(object, "display_name");
    gpo.created = parseTime(text(object, "created"));
    gpo.modified = parseTime(text(object, "modified"));
    const auto version = object.find("version");
    gpo.version = version != object.end() && version->is_number() ? version->get<DWORD>() : 0;
    gpo.flags = number(object, "flags");
    gpo.machineExtensions = text(object, "machine_extensions");
    gpo.userExtensions = text(object, "user_extensions");
    gpo.wmiFilter = text(object, "wmi_filter");
    gpo.wireless = text(object, "wireless");
    gpo.owner = text(object, "owner");
    gpo.securityDescriptor = bytesOfHex(text(object, "security_descriptor"));
    gpo.visible = flag(object, "visible", true);
    return gpo;
}

GpoRecord cachedGpo(const std::wstring &path, const FileStamp &stamp) {
    static FileCache<GpoRecord> cache;
    return *cache.get(path, stamp, [](const std::string &content) { return gpoOf(parseJson(content)); });
}

SomKind somKindOf(const std::wstring &type) {
    if (type == L"site") {
        return SomKind::site;
    }
    return type == L"domain" ? SomKind::domain : SomKind::organizationalUnit;
}

SomRecord somOf(const json &object) {
    SomRecord som;
    som.path = text(object, "path");
    som.name = text(object, "name");
    som.kind = somKindOf(text(object, "type"));
    som.inheritanceBlocked = flag(object, "inheritance_blocked", false);
    for (const json &link : object.value("links", json::array())) {
        som.links.push_back({toUpper(text(link, "gpo")), text(link, "domain"), flag(link, "enabled", true),
                             flag(link, "enforced", false)});
    }
    return som;
}

WmiFilterRecord wmiFilterOf(const json &object) {
    WmiFilterRecord filter{text(object, "id"), text(object, "name"), text(object, "description"), {}};
    for (const json &query : object.value("queries", json::array())) {
        filter.queries.push_back(fromUtf8(query.get<std::string>()));
    }
    return filter;
}

DomainRecord domainOf(const json &object) {
    DomainRecord domain;
    domain.name = text(object, "name");
    domain.netbios = text(object, "netbios");
    domain.guid = toLower(text(object, "guid"));
    domain.sid = text(object, "sid");
    domain.forest = text(object, "forest");
    domain.pdc = text(object, "pdc");
    for (const json &dc : object.value("dcs", json::array())) {
        domain.dcs.push_back(fromUtf8(dc.get<std::string>()));
    }
    const json costs = object.value("costs", json::object());
    domain.backupMilliseconds = number(costs, "backup_ms");
    domain.callMilliseconds = number(costs, "call_ms");
    domain.manifestLockFails = text(object, "manifest") == L"locked-fails";
    domain.localDates = text(object, "dates") == L"local";
    domain.longPaths = flag(object, "long_paths", false);
    domain.restoreRaisesVersions = text(object, "restore_versions") == L"raise";
    domain.rewritesTemplates = text(object, "restore_files") == L"rewritten";
    domain.searchWithoutManifest = flag(object, "search_without_manifest", false);
    domain.errorsInWords = text(object, "errors") == L"words";
    domain.asyncEnd = object.value("async_end", domain.asyncEnd);
    return domain;
}

// Names that exist without a directory, for SIDs that principals.json does not list.
const PrincipalRecord kWellKnown[] = {
    {L"S-1-1-0", L"Everyone", L"", L"", L"WellKnownGroup"},
    {L"S-1-3-0", L"CREATOR OWNER", L"", L"", L"WellKnownGroup"},
    {L"S-1-5-4", L"INTERACTIVE", L"NT AUTHORITY", L"", L"WellKnownGroup"},
    {L"S-1-5-6", L"SERVICE", L"NT AUTHORITY", L"", L"WellKnownGroup"},
    {L"S-1-5-9", L"ENTERPRISE DOMAIN CONTROLLERS", L"NT AUTHORITY", L"", L"WellKnownGroup"},
    {L"S-1-5-11", L"Authenticated Users", L"NT AUTHORITY", L"", L"WellKnownGroup"},
    {L"S-1-5-18", L"SYSTEM", L"NT AUTHORITY", L"", L"WellKnownGroup"},
    {L"S-1-5-19", L"LOCAL SERVICE", L"NT AUTHORITY", L"", L"WellKnownGroup"},
    {L"S-1-5-20", L"NETWORK SERVICE", L"NT AUTHORITY", L"", L"WellKnownGroup"},
    {L"S-1-5-32-544", L"Administrators", L"BUILTIN", L"", L"LocalGroup"},
    {L"S-1-5-32-545", L"Users", L"BUILTIN", L"", L"LocalGroup"},
    {L"S-1-5-32-546", L"Guests", L"BUILTIN", L"", L"LocalGroup"},
    {L"S-1-5-32-551", L"Backup Operators", L"BUILTIN", L"", L"LocalGroup"},
    {L"S-1-5-32-555", L"Remote Desktop Users", L"BUILTIN", L"", L"LocalGroup"},
};

PrincipalRecords principalsOf(const json &objects) {
    PrincipalRecords records;
    for (const PrincipalRecord &principal : kWellKnown) {
        records[principal.sid] = principal;
    }
    for (const auto &[sid, object] : objects.items()) {
        PrincipalRecord principal;
        principal.sid = fromUtf8(sid);
        principal.name = text(object, "name");
        principal.domain = text(object, "domain");
        principal.dnsDomain = text(object, "dns_domain");
        principal.type = text(object, "type");
        records[principal.sid] = principal;
    }
    return records;
}

std::shared_ptr<const PrincipalRecords> readPrincipals() {
    static FileCache<PrincipalRecords> cache;
    const std::wstring path = inDomainFolder(L"principals.json");
    if (!fileExists(path)) {
        return std::make_shared<const PrincipalRecords>(principalsOf(json::object()));
    }
    return cache.get(path, stampOf(path), [](const std::string &content) { return principalsOf(parseJson(content)); });
}

}  // namespace

std::wstring domainFolder() {
    return kFolder;
}

std::wstring inDomainFolder(const std::wstring &name) {
    return joinPath(domainFolder(), name);
}

std::wstring gpoFile(const std::wstring &id) {
    return joinPath(inDomainFolder(L"gpos"), id + L".json");
}

DomainRecord readDomain() {
    static FileCache<DomainRecord> cache;
    const std::wstring path = inDomainFolder(L"domain.json");
    return *cache.get(path, stampOf(path), [](const std::string &content) { return domainOf(parseJson(content)); });
}

std::vector<GpoRecord> readGpos() {
    const std::wstring folder = inDomainFolder(L"gpos");
    std::vector<GpoRecord> gpos;
    for (const FolderEntry &entry : listFolder(folder)) {
        constexpr std::wstring_view kSuffix = L".json";
        const bool isGpo = entry.name.size() == 38 + kSuffix.size() && entry.name.front() == L'{' &&
                           equalIgnoreCase(std::wstring_view(entry.name).substr(38), kSuffix);
        if (!isGpo || entry.isFolder) {
            continue;
        }
        try {
            gpos.push_back(cachedGpo(joinPath(folder, entry.name), entry.stamp));
        } catch (const HResultError &error) {
            // Deleted since the folder was listed.
            if (error.hresult() != HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) {
                throw;
            }
        }
    }
    return gpos;
}

std::optional<GpoRecord> findGpo(const std::wstring &id) {
    const std::wstring path = gpoFile(id);
    return fileExists(path) ? std::optional<GpoRecord>(cachedGpo(path, stampOf(path))) : std::nullopt;
}

GpoRecord readGpo(const std::wstring &id) {
    const std::optional<GpoRecord> gpo = findGpo(id);
    if (!gpo) {
        throw HResultError(kNoSuchObject);
    }
    return *gpo;
}

std::vector<SomRecord> readSoms() {
    std::vector<SomRecord> soms;
    for (const json &som : readJsonIfThere(inDomainFolder(L"soms.json"), json::array())) {
        soms.push_back(somOf(som));
    }
    return soms;
}

std::vector<WmiFilterRecord> readWmiFilters() {
    std::vector<WmiFilterRecord> filters;
    for (const json &filter : readJsonIfThere(inDomainFolder(L"wmi_filters.json"), json::array())) {
        filters.push_back(wmiFilterOf(filter));
    }
    return filters;
}

std::optional<WmiFilterRecord> findWmiFilter(const std::wstring &id) {
    for (const WmiFilterRecord &filter : readWmiFilters()) {
        if (equalIgnoreCase(filter.id, id)) {
            return filter;
        }
    }
    return std::nullopt;
}

Principals::Principals() : records_(readPrincipals()) {}

std::shared_ptr<const Principals> Principals::unresolved() {
    return std::shared_ptr<const Principals>(new Principals(std::make_shared<const PrincipalRecords>()));
}

PrincipalRecord Principals::find(const std::wstring &sid) const {
    const auto found = records_->find(sid);
    if (found != records_->end()) {
        return found->second;
    }
    PrincipalRecord unresolved;
    unresolved.sid = sid;
    return unresolved;
}

std::optional<PrincipalRecord> Principals::findByName(const std::wstring &name) const {
    if (name.empty()) {
        return std::nullopt;
    }
    for (const auto &[sid, principal] : *records_) {
        if (equalIgnoreCase(name, sid) || equalIgnoreCase(name, principal.name) ||
            equalIgnoreCase(name, qualifiedName(principal)) || equalIgnoreCase(name, userPrincipalName(principal)) ||
            equalIgnoreCase(name, principal.dnsDomain + L"\\" + principal.name)) {
            return principal;
        }
    }
    return std::nullopt;
}

PrincipalRecord requirePrincipal(const std::wstring &name) {
    const auto principal = Principals().findByName(name);
    if (!principal) {
        throwWin32(ERROR_NONE_MAPPED);
    }
    return *principal;
}

std::wstring qualifiedName(const PrincipalRecord &principal) {
    if (principal.name.empty()) {
        return principal.sid;
    }
    return principal.domain.empty() ? principal.name : principal.domain + L"\\" + principal.name;
}

std::wstring userPrincipalName(const PrincipalRecord &principal) {
    return principal.name.empty() || principal.dnsDomain.empty() ? std::wstring()
                                                                 : principal.name + L"@" + principal.dnsDomain;
}

bool isDomainSid(const std::wstring &sid) {
    return sid.compare(0, 9, L"S-1-5-21-") == 0;
}

std::wstring sysvolFolder(const DomainRecord &domain, const std::wstring &gpo) {
    return domainFolder() + L"\\sysvol\\" + domain.name + L"\\Policies\\" + gpo;
}

std::wstring sysvolShare(const DomainRecord &domain, const std::wstring &dc, const std::wstring &gpo) {
    return L"\\\\" + dc + L"\\sysvol\\" + domain.name + L"\\Policies\\" + gpo;
}

DWORD readSysvolVersion(const DomainRecord &domain, const std::wstring &gpo) {
    const std::string content = readFile(joinPath(sysvolFolder(domain, gpo), L"GPT.INI"));
    constexpr std::string_view kKey = "version=";
    size_t start = 0;
    while (start < content.size()) {
        size_t end = content.find('\n', start);
        end = end == std::string::npos ? content.size() : end;
        const std::string line = content.substr(start, end - start);
        if (line.size() > kKey.size() && _strnicmp(line.c_str(), kKey.data(), kKey.size()) == 0) {
            return static_cast<DWORD>(std::strtoul(line.c_str() + kKey.size(), nullptr, 10));
        }
        start = end + 1;
    }
    return 0;
}

std::wstring readDescription(const DomainRecord &domain, const std::wstring &gpo) {
    const std::wstring path = joinPath(sysvolFolder(domain, gpo), L"GPO.cmt");
    if (!fileExists(path)) {
        return {};
    }
    return decodeText(readFile(path)).text;
}

std::wstring wmiFilterPath(const std::wstring &filter, const DomainRecord &domain) {
    return L"MSFT_SomFilter.ID=\"" + filter + L"\",Domain=\"" + domain.name + L"\"";
}

std::wstring filterIdOfPath(const std::wstring &path) {
    constexpr std::wstring_view kPrefix = L"MSFT_SomFilter.ID=\"";
    constexpr size_t kGuidLength = 38;
    if (path.size() < kPrefix.size() + kGuidLength ||
        !equalIgnoreCase(std::wstring_view(path).substr(0, kPrefix.size()), kPrefix)) {
        return {};
    }
    return normalGuid(path.substr(kPrefix.size(), kGuidLength));
}

DATE toDate(const SYSTEMTIME &utc, const DomainRecord &domain) {
    SYSTEMTIME time = utc;
    if (domain.localDates) {
        SystemTimeToTzSpecificLocalTime(nullptr, &utc, &time);
    }
    DATE date = 0;
    SystemTimeToVariantTime(&time, &date);
    return date;
}

SYSTEMTIME parseTime(const std::wstring &text) {
    SYSTEMTIME time{};
    const int fields = swscanf(text.c_str(), L"%4hu-%2hu-%2huT%2hu:%2hu:%2hu", &time.wYear, &time.wMonth, &time.wDay,
                               &time.wHour, &time.wMinute, &time.wSecond);
    return fields == 6 ? time : SYSTEMTIME{};
}

std::wstring formatTime(const SYSTEMTIME &time) {
    wchar_t text[32];
    swprintf(text, 32, L"%04u-%02u-%02uT%02u:%02u:%02u", time.wYear, time.wMonth, time.wDay, time.wHour, time.wMinute,
             time.wSecond);
    return text;
}

SYSTEMTIME nowUtc() {
    SYSTEMTIME now;
    GetSystemTime(&now);
    return now;
}

}  // namespace gpmc
