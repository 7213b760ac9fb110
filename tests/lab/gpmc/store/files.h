// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Files and folders, with errors as HRESULTs and with paths of any length.

#pragma once

#include <windows.h>

#include <string>
#include <vector>

namespace gpmc {

// The form of a path that Win32 accepts beyond 260 characters.
std::wstring longPath(const std::wstring &path);

std::wstring joinPath(const std::wstring &folder, const std::wstring &name);

// The folder part of a relative path; empty for a bare name.
std::wstring parentOf(const std::wstring &relative);
// The last part of a path.
std::wstring fileName(const std::wstring &path);

bool fileExists(const std::wstring &path);
bool folderExists(const std::wstring &path);

// Throws what Windows says of a folder that is not there: "network path not found" if its share cannot be reached,
// "path not found" otherwise, "not a directory" for a file.
void requireFolder(const std::wstring &path);

std::string readFile(const std::wstring &path);

// Creates the file or replaces its content; attributes such as FILE_ATTRIBUTE_HIDDEN are set when it is created.
void writeFile(const std::wstring &path, const std::string &content, DWORD attributes = FILE_ATTRIBUTE_NORMAL);

// The same so that a reader sees the old content or the new, never half of one.
void replaceFile(const std::wstring &path, const std::string &content);
// Renames a file or a folder on the same drive.
void movePath(const std::wstring &from, const std::wstring &to);

void createFolder(const std::wstring &path);
// Creates every missing folder of relative below root.
void createFolders(const std::wstring &root, const std::wstring &relative);
void removeTree(const std::wstring &path);

struct FolderEntry {
    std::wstring name;
    bool isFolder;
};

// What a folder holds, sorted by name without regard to case, as NTFS lists it.
std::vector<FolderEntry> listFolder(const std::wstring &path);

// The full paths of all files below a folder, in that order, folder by folder.
std::vector<std::wstring> filesBelow(const std::wstring &folder);

// The two halves of copying a file: a source that cannot be read is the source's trouble, everything else the target's.
struct CopyOutcome {
    HRESULT readError = S_OK;
    HRESULT writeError = S_OK;
};

// Copies at most limit bytes (all by default) and the time of the last write.
CopyOutcome copyFile(const std::wstring &source, const std::wstring &target, ULONGLONG limit = ~0ULL);

ULONGLONG fileSize(const std::wstring &path);

// Closes a Win32 handle at the end of its scope.
class Handle {
public:
    explicit Handle(HANDLE handle) : handle_(handle) {}
    Handle(const Handle &) = delete;
    Handle &operator=(const Handle &) = delete;
    ~Handle() {
        if (valid()) {
            CloseHandle(handle_);
        }
    }
    HANDLE get() const { return handle_; }
    bool valid() const { return handle_ != INVALID_HANDLE_VALUE && handle_ != nullptr; }

private:
    HANDLE handle_;
};

}  // namespace gpmc
