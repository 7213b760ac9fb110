// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/domain_writer.h"

#include <nlohmann/json.hpp>
#include <regex>

#include "com/error.h"
#include "com/text.h"
#include "store/descriptor_writer.h"
#include "store/domain_store.h"
#include "store/files.h"
#include "store/text_file.h"

namespace gpmc {

namespace {

using nlohmann::ordered_json;

// One change at a time, among all processes of this host: a file is read, changed and written back.
class DomainLock {
public:
    DomainLock() : mutex_(CreateMutexW(nullptr, FALSE, L"gpvault-lab-domain")) {
        if (!mutex_.valid()) {
            throwLastError();
        }
        // A process that died while it held the lock leaves whole files behind, so that its lock is as good as free.
        WaitForSingleObject(mutex_.get(), INFINITE);
    }
    DomainLock(const DomainLock &) = delete;
    DomainLock &operator=(const DomainLock &) = delete;
    ~DomainLock() { ReleaseMutex(mutex_.get()); }

private:
    Handle mutex_;
};

// As the lab command writes its files; a lone surrogate of a client's name must not fail the call.
void writeJson(const std::wstring &path, const ordered_json &value) {
    replaceFile(path, value.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

std::string hexOf(const std::vector<BYTE> &bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const BYTE byte : bytes) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 0xF];
    }
    return text;
}

const char *typeName(SomKind kind) {
    switch (kind) {
    case SomKind::site:
        return "site";
    case SomKind::domain:
        return "domain";
    case SomKind::organizationalUnit:
        break;
    }
    return "ou";
}

ordered_json jsonOf(const SomRecord &som) {
    ordered_json links = ordered_json::array();
    for (const LinkRecord &link : som.links) {
        links.push_back({{"gpo", toUtf8(link.gpo)},
                         {"domain", toUtf8(link.domain)},
                         {"enabled", link.enabled},
                         {"enforced", link.enforced}});
    }
    return {{"path", toUtf8(som.path)},
            {"name", toUtf8(som.name)},
            {"type", typeName(som.kind)},
            {"inheritance_blocked", som.inheritanceBlocked},
            {"links", links}};
}

}  // namespace

void writeGpo(const GpoRecord &gpo) {
    const ordered_json filter = gpo.wmiFilter.empty() ? ordered_json() : ordered_json(toUtf8(gpo.wmiFilter));
    writeJson(gpoFile(gpo.id), {{"id", toUtf8(gpo.id)},
                                {"display_name", toUtf8(gpo.displayName)},
                                {"created", toUtf8(formatTime(gpo.created)) + "Z"},
                                {"modified", toUtf8(formatTime(gpo.modified)) + "Z"},
                                {"version", gpo.version},
                                {"flags", gpo.flags},
                                {"machine_extensions", toUtf8(gpo.machineExtensions)},
                                {"user_extensions", toUtf8(gpo.userExtensions)},
                                {"wmi_filter", filter},
                                {"wireless", toUtf8(gpo.wireless)},
                                {"security_descriptor", hexOf(gpo.securityDescriptor)},
                                {"owner", toUtf8(gpo.owner)},
                                {"visible", gpo.visible}});
}

GpoRecord changeGpo(const std::wstring &id, const std::function<void(GpoRecord &)> &change) {
    const DomainLock lock;
    GpoRecord gpo = readGpo(id);
    change(gpo);
    gpo.modified = nowUtc();
    writeGpo(gpo);
    return gpo;
}

GpoRecord createGpo(const DomainRecord &domain) {
    GpoRecord gpo;
    gpo.id = newGuid();
    gpo.displayName = L"New Group Policy Object";
    gpo.created = nowUtc();
    gpo.modified = gpo.created;
    gpo.owner = domain.sid + L"-512";
    gpo.securityDescriptor = serializeDescriptor(defaultGpoDescriptor(domain.sid));
    const std::wstring folder = sysvolFolder(domain, gpo.id);
    createFolders(domainFolder(), folder.substr(domainFolder().size() + 1));
    createFolder(joinPath(folder, L"Machine"));
    createFolder(joinPath(folder, L"User"));
    replaceFile(joinPath(folder, L"GPT.INI"), gptIni({}, 0));
    writeGpo(gpo);
    return gpo;
}

void deleteGpo(const DomainRecord &domain, const std::wstring &id) {
    const DomainLock lock;
    readGpo(id);
    if (!DeleteFileW(gpoFile(id).c_str())) {
        throwLastError();
    }
    const std::wstring folder = sysvolFolder(domain, id);
    if (folderExists(folder)) {
        removeTree(folder);
    }
}

SomRecord changeSom(const std::wstring &path, const std::function<void(SomRecord &)> &change) {
    const DomainLock lock;
    ordered_json all = ordered_json::array();
    std::optional<SomRecord> changed;
    for (SomRecord &som : readSoms()) {
        if (equalIgnoreCase(som.path, path)) {
            change(som);
            changed = som;
        }
        all.push_back(jsonOf(som));
    }
    if (!changed) {
        throw HResultError(kNoSuchObject);
    }
    writeJson(inDomainFolder(L"soms.json"), all);
    return *changed;
}

std::string gptIni(const std::string &old, DWORD version) {
    static const std::regex kVersion("(^|\n)([ \t]*version[ \t]*=[ \t]*)[0-9]+", std::regex::icase);
    std::smatch match;
    if (!std::regex_search(old, match, kVersion)) {
        return "[General]\r\nVersion=" + std::to_string(version) + "\r\ndisplayName=New Group Policy Object\r\n";
    }
    return match.prefix().str() + match[1].str() + match[2].str() + std::to_string(version) + match.suffix().str();
}

void writeDescription(const DomainRecord &domain, const std::wstring &gpo, const std::wstring &description) {
    const std::wstring path = joinPath(sysvolFolder(domain, gpo), L"GPO.cmt");
    if (!description.empty()) {
        replaceFile(path, utf16File(description));
    } else if (fileExists(path) && !DeleteFileW(path.c_str())) {
        throwLastError();
    }
}

}  // namespace gpmc
