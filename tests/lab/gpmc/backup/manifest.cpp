// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/manifest.h"

#include <algorithm>

#include "backup/xml_reader.h"
#include "backup/xml_writer.h"
#include "com/error.h"
#include "com/text.h"
#include "store/files.h"

namespace gpmc {

namespace {

constexpr wchar_t kNamespace[] = L"http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest";
constexpr DWORD kPatienceMilliseconds = 15000;
constexpr DWORD kPauseMilliseconds = 20;

constexpr char kEnd[] = "</Backups>\r\n";

std::wstring manifestPath(const std::wstring &directory) {
    return joinPath(directory, L"manifest.xml");
}

std::wstring entryElements(const BackupEntry &entry) {
    return xmlCdataElement(L"GPOGuid", entry.gpoId) + xmlCdataElement(L"GPODomain", entry.gpoDomain) +
           xmlCdataElement(L"GPODomainGuid", entry.gpoDomainGuid) +
           xmlCdataElement(L"GPODomainController", entry.gpoDomainController) +
           xmlCdataElement(L"BackupTime", entry.backupTime) + xmlCdataElement(L"ID", entry.id) +
           xmlCdataElement(L"Comment", entry.comment) + xmlCdataElement(L"GPODisplayName", entry.gpoDisplayName);
}

BackupEntry entryOf(const XmlElement &element) {
    BackupEntry entry;
    entry.gpoId = element.childText(L"GPOGuid");
    entry.gpoDomain = element.childText(L"GPODomain");
    entry.gpoDomainGuid = element.childText(L"GPODomainGuid");
    entry.gpoDomainController = element.childText(L"GPODomainController");
    entry.backupTime = element.childText(L"BackupTime");
    entry.id = element.childText(L"ID");
    entry.comment = element.childText(L"Comment");
    entry.gpoDisplayName = element.childText(L"GPODisplayName");
    return entry;
}

std::vector<BackupEntry> entriesOf(const std::string &content) {
    std::vector<BackupEntry> entries;
    if (content.empty()) {
        return entries;
    }
    const XmlElement root = parseXml(content);
    if (root.name != L"Backups") {
        throwWin32(ERROR_INVALID_DATA);
    }
    for (const XmlElement &child : root.children) {
        if (child.name == L"BackupInst") {
            entries.push_back(entryOf(child));
        }
    }
    return entries;
}

std::wstring instance(const BackupEntry &entry) {
    return L"<BackupInst>" + entryElements(entry) + L"</BackupInst>";
}

std::string manifestOf(const std::vector<BackupEntry> &entries) {
    std::wstring xml = L"<Backups xmlns=\"" + std::wstring(kNamespace) + L"\" xmlns:mfst=\"" + kNamespace +
                       L"\" mfst:version=\"1.0\">";
    for (const BackupEntry &entry : entries) {
        xml += instance(entry);
    }
    return toUtf8(xml) + kEnd;
}

bool isBusy(DWORD error) {
    return error == ERROR_SHARING_VIOLATION || error == ERROR_LOCK_VIOLATION;
}

// The manifest, opened for this process alone.
//
// Not sharing the file keeps out other processes of this host. Another host is another Wine prefix, whose file sharing
// knows nothing of ours, but whose byte-range locks do: Wine makes them locks of the Unix file.
class LockedManifest {
public:
    LockedManifest(const std::wstring &directory, bool failAtOnce)
        : file_(open(manifestPath(directory), failAtOnce)) {}

    std::string read() const { return readFrom(0); }

    // Adds to a manifest as this stand-in writes it, without reading the thousands of entries that it may have; returns
    // false for any other.
    bool append(const std::string &instances) const {
        constexpr LONGLONG endSize = sizeof(kEnd) - 1;
        const LONGLONG start = size() - endSize;
        if (start < 0 || readFrom(start) != kEnd) {
            return false;
        }
        writeAt(start, instances + kEnd);
        return true;
    }

    void write(const std::string &content) const {
        writeAt(0, content);
        if (!SetEndOfFile(file_.get())) {
            throwLastError();
        }
    }

private:
    LONGLONG size() const {
        LARGE_INTEGER size;
        if (!GetFileSizeEx(file_.get(), &size)) {
            throwLastError();
        }
        return size.QuadPart;
    }

    void seek(LONGLONG position) const {
        LARGE_INTEGER target;
        target.QuadPart = position;
        SetFilePointerEx(file_.get(), target, nullptr, FILE_BEGIN);
    }

    std::string readFrom(LONGLONG position) const {
        std::string content(static_cast<size_t>(size() - position), '\0');
        DWORD read = 0;
        seek(position);
        if (!ReadFile(file_.get(), content.data(), static_cast<DWORD>(content.size()), &read, nullptr)) {
            throwLastError();
        }
        content.resize(read);
        return content;
    }

    void writeAt(LONGLONG position, const std::string &content) const {
        DWORD written = 0;
        seek(position);
        if (!WriteFile(file_.get(), content.data(), static_cast<DWORD>(content.size()), &written, nullptr)) {
            throwLastError();
        }
    }

    static HANDLE tryOpen(const std::wstring &path) {
        HANDLE file = CreateFileW(longPath(path).c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_ALWAYS,
                                  FILE_ATTRIBUTE_HIDDEN, nullptr);
        if (file == INVALID_HANDLE_VALUE) {
            return file;
        }
        // Far behind the end, so that who only reads is not stopped by the lock.
        OVERLAPPED range{};
        range.OffsetHigh = 0x10;
        const DWORD flags = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
        if (!LockFileEx(file, flags, 0, 1, 0, &range)) {
            const DWORD error = GetLastError();
            CloseHandle(file);
            SetLastError(error);
            return INVALID_HANDLE_VALUE;
        }
        return file;
    }

    static HANDLE open(const std::wstring &path, bool failAtOnce) {
        const ULONGLONG start = GetTickCount64();
        for (;;) {
            HANDLE file = tryOpen(path);
            if (file != INVALID_HANDLE_VALUE) {
                return file;
            }
            const DWORD error = GetLastError();
            if (!isBusy(error)) {
                throwWin32(error);
            }
            if (failAtOnce || GetTickCount64() - start > kPatienceMilliseconds) {
                throwWin32(ERROR_SHARING_VIOLATION);
            }
            Sleep(kPauseMilliseconds);
        }
    }

    Handle file_;
};

}  // namespace

void writeBackupInfo(const std::wstring &folder, const BackupEntry &entry) {
    const std::wstring xml =
        L"<BackupInst xmlns=\"" + std::wstring(kNamespace) + L"\">" + entryElements(entry) + L"</BackupInst>\r\n";
    writeFile(joinPath(folder, L"bkupInfo.xml"), toUtf8(xml), FILE_ATTRIBUTE_HIDDEN);
}

std::optional<BackupEntry> readBackupInfo(const std::wstring &folder) {
    std::optional<BackupEntry> entry;
    guarded([&] {
        const XmlElement root = parseXml(readFile(joinPath(folder, L"bkupInfo.xml")));
        if (root.name == L"BackupInst") {
            entry = entryOf(root);
        }
    });
    return entry;
}

std::vector<BackupEntry> readManifest(const std::wstring &directory) {
    const std::wstring path = manifestPath(directory);
    return fileExists(path) ? entriesOf(readFile(path)) : std::vector<BackupEntry>();
}

void addToManifest(const std::wstring &directory, const BackupEntry &entry, bool failAtOnce) {
    const LockedManifest manifest(directory, failAtOnce);
    if (manifest.append(toUtf8(instance(entry)))) {
        return;
    }
    std::vector<BackupEntry> entries = entriesOf(manifest.read());
    entries.push_back(entry);
    manifest.write(manifestOf(entries));
}

void removeFromManifest(const std::wstring &directory, const std::wstring &id, bool failAtOnce) {
    if (!fileExists(manifestPath(directory))) {
        return;
    }
    const LockedManifest manifest(directory, failAtOnce);
    std::vector<BackupEntry> entries = entriesOf(manifest.read());
    const auto isOurs = [&](const BackupEntry &entry) { return equalIgnoreCase(entry.id, id); };
    entries.erase(std::remove_if(entries.begin(), entries.end(), isOurs), entries.end());
    manifest.write(manifestOf(entries));
}

}  // namespace gpmc
