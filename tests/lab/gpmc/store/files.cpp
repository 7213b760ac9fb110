// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/files.h"

#include <algorithm>

#include "com/error.h"
#include "com/text.h"

namespace gpmc {

namespace {

constexpr DWORD kChunk = 64 * 1024;

bool isSeparator(wchar_t character) {
    return character == L'\\' || character == L'/';
}

// The "\\\\server\\share\\" of a UNC path; empty for other paths.
std::wstring shareOf(const std::wstring &path) {
    if (path.size() < 3 || !isSeparator(path[0]) || !isSeparator(path[1]) || path[2] == L'?' || path[2] == L'.') {
        return {};
    }
    const size_t server = path.find_first_of(L"\\/", 2);
    const size_t share = server == std::wstring::npos ? server : path.find_first_of(L"\\/", server + 1);
    return path.substr(0, share) + L"\\";
}

std::string readAll(HANDLE file) {
    std::string content;
    std::vector<char> chunk(kChunk);
    for (;;) {
        DWORD read = 0;
        if (!ReadFile(file, chunk.data(), kChunk, &read, nullptr)) {
            throwLastError();
        }
        if (read == 0) {
            return content;
        }
        content.append(chunk.data(), read);
    }
}

void writeAll(HANDLE file, const char *bytes, size_t count) {
    while (count > 0) {
        DWORD written = 0;
        const DWORD part = static_cast<DWORD>(std::min<size_t>(count, kChunk));
        if (!WriteFile(file, bytes, part, &written, nullptr)) {
            throwLastError();
        }
        bytes += written;
        count -= written;
    }
}

}  // namespace

std::wstring longPath(const std::wstring &path) {
    // Below this length every call takes the path as it is; CreateDirectory keeps room for an 8.3 name.
    constexpr size_t kSafeLength = 247;
    if (path.size() <= kSafeLength || path.compare(0, 4, L"\\\\?\\") == 0) {
        return path;
    }
    if (path.compare(0, 2, L"\\\\") == 0) {
        return L"\\\\?\\UNC\\" + path.substr(2);
    }
    return L"\\\\?\\" + path;
}

std::wstring joinPath(const std::wstring &folder, const std::wstring &name) {
    if (folder.empty() || isSeparator(folder.back())) {
        return folder + name;
    }
    return folder + L"\\" + name;
}

std::wstring parentOf(const std::wstring &relative) {
    const size_t slash = relative.rfind(L'\\');
    return slash == std::wstring::npos ? std::wstring() : relative.substr(0, slash);
}

std::wstring fileName(const std::wstring &path) {
    return path.substr(path.find_last_of(L"\\/") + 1);
}

bool fileExists(const std::wstring &path) {
    const DWORD attributes = GetFileAttributesW(longPath(path).c_str());
    return attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY);
}

bool folderExists(const std::wstring &path) {
    const DWORD attributes = GetFileAttributesW(longPath(path).c_str());
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
}

void requireFolder(const std::wstring &path) {
    const DWORD attributes = GetFileAttributesW(longPath(path).c_str());
    if (attributes != INVALID_FILE_ATTRIBUTES) {
        if (!(attributes & FILE_ATTRIBUTE_DIRECTORY)) {
            throwWin32(ERROR_DIRECTORY);
        }
        return;
    }
    const DWORD error = GetLastError();
    const std::wstring share = shareOf(path);
    // Wine has other errors for a server it does not know.
    if (!share.empty() && GetFileAttributesW(share.c_str()) == INVALID_FILE_ATTRIBUTES) {
        throwWin32(ERROR_BAD_NETPATH);
    }
    throwWin32(error == ERROR_FILE_NOT_FOUND ? ERROR_PATH_NOT_FOUND : error);
}

std::string readFile(const std::wstring &path) {
    const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    Handle file(CreateFileW(longPath(path).c_str(), GENERIC_READ, share, nullptr, OPEN_EXISTING, 0, nullptr));
    if (!file.valid()) {
        throwLastError();
    }
    return readAll(file.get());
}

void writeFile(const std::wstring &path, const std::string &content, DWORD attributes) {
    Handle file(CreateFileW(longPath(path).c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS, attributes, nullptr));
    if (!file.valid()) {
        throwLastError();
    }
    writeAll(file.get(), content.data(), content.size());
}

void replaceFile(const std::wstring &path, const std::string &content) {
    const std::wstring temporary = joinPath(parentOf(path), L".new-" + newGuid());
    writeFile(temporary, content);
    if (!MoveFileExW(longPath(temporary).c_str(), longPath(path).c_str(), MOVEFILE_REPLACE_EXISTING)) {
        const DWORD error = GetLastError();
        DeleteFileW(longPath(temporary).c_str());
        throwWin32(error);
    }
}

void movePath(const std::wstring &from, const std::wstring &to) {
    if (!MoveFileExW(longPath(from).c_str(), longPath(to).c_str(), 0)) {
        throwLastError();
    }
}

void createFolder(const std::wstring &path) {
    if (!CreateDirectoryW(longPath(path).c_str(), nullptr)) {
        throwLastError();
    }
}

void createFolders(const std::wstring &root, const std::wstring &relative) {
    size_t end = 0;
    while (end != std::wstring::npos && !relative.empty()) {
        end = relative.find(L'\\', end ? end + 1 : 0);
        const std::wstring folder = joinPath(root, relative.substr(0, end));
        if (!CreateDirectoryW(longPath(folder).c_str(), nullptr) && GetLastError() != ERROR_ALREADY_EXISTS) {
            throwLastError();
        }
    }
}

void removeTree(const std::wstring &path) {
    for (const FolderEntry &entry : listFolder(path)) {
        const std::wstring child = joinPath(path, entry.name);
        if (entry.isFolder) {
            removeTree(child);
            continue;
        }
        SetFileAttributesW(longPath(child).c_str(), FILE_ATTRIBUTE_NORMAL);
        if (!DeleteFileW(longPath(child).c_str())) {
            throwLastError();
        }
    }
    if (!RemoveDirectoryW(longPath(path).c_str())) {
        throwLastError();
    }
}

std::vector<FolderEntry> listFolder(const std::wstring &path) {
    std::vector<FolderEntry> entries;
    WIN32_FIND_DATAW data;
    HANDLE search = FindFirstFileW(longPath(joinPath(path, L"*")).c_str(), &data);
    if (search == INVALID_HANDLE_VALUE) {
        if (GetLastError() == ERROR_FILE_NOT_FOUND) {
            return entries;
        }
        throwLastError();
    }
    do {
        const std::wstring name = data.cFileName;
        if (name != L"." && name != L"..") {
            entries.push_back({name, (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0});
        }
    } while (FindNextFileW(search, &data));
    const DWORD error = GetLastError();
    FindClose(search);
    if (error != ERROR_NO_MORE_FILES) {
        throwWin32(error);
    }
    std::sort(entries.begin(), entries.end(), [](const FolderEntry &left, const FolderEntry &right) {
        return compareIgnoreCase(left.name, right.name) < 0;
    });
    return entries;
}

std::vector<std::wstring> filesBelow(const std::wstring &folder) {
    std::vector<std::wstring> files;
    for (const FolderEntry &entry : listFolder(folder)) {
        const std::wstring path = joinPath(folder, entry.name);
        if (entry.isFolder) {
            const std::vector<std::wstring> inside = filesBelow(path);
            files.insert(files.end(), inside.begin(), inside.end());
        } else {
            files.push_back(path);
        }
    }
    return files;
}

CopyOutcome copyFile(const std::wstring &source, const std::wstring &target, ULONGLONG limit) {
    CopyOutcome outcome;
    const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    Handle from(CreateFileW(longPath(source).c_str(), GENERIC_READ, share, nullptr, OPEN_EXISTING,
                            FILE_FLAG_SEQUENTIAL_SCAN, nullptr));
    if (!from.valid()) {
        outcome.readError = HRESULT_FROM_WIN32(GetLastError());
        return outcome;
    }
    Handle to(CreateFileW(longPath(target).c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL,
                          nullptr));
    if (!to.valid()) {
        outcome.writeError = HRESULT_FROM_WIN32(GetLastError());
        return outcome;
    }
    std::vector<char> chunk(kChunk);
    while (limit > 0) {
        DWORD read = 0;
        const DWORD wanted = static_cast<DWORD>(std::min<ULONGLONG>(limit, kChunk));
        if (!ReadFile(from.get(), chunk.data(), wanted, &read, nullptr)) {
            outcome.readError = HRESULT_FROM_WIN32(GetLastError());
            return outcome;
        }
        if (read == 0) {
            break;
        }
        outcome.writeError = guarded([&] { writeAll(to.get(), chunk.data(), read); });
        if (FAILED(outcome.writeError)) {
            return outcome;
        }
        limit -= read;
    }
    FILETIME written;
    if (GetFileTime(from.get(), nullptr, nullptr, &written)) {
        SetFileTime(to.get(), nullptr, nullptr, &written);
    }
    return outcome;
}

ULONGLONG fileSize(const std::wstring &path) {
    WIN32_FILE_ATTRIBUTE_DATA data;
    if (!GetFileAttributesExW(longPath(path).c_str(), GetFileExInfoStandard, &data)) {
        throwLastError();
    }
    return (static_cast<ULONGLONG>(data.nFileSizeHigh) << 32) | data.nFileSizeLow;
}

}  // namespace gpmc
