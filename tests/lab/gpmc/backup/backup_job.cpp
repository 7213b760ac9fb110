// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/backup_job.h"

#include "backup/report.h"
#include "com/error.h"
#include "com/text.h"
#include "store/domain_store.h"
#include "store/files.h"
#include "store/text_file.h"

namespace gpmc {

namespace {

// Steps that every backup has, beside one for each extension: the core settings, and the report with the manifest.
constexpr long kFixedSteps = 2;

// GPMC keeps the comment in an attribute of this size, as far as is known.
constexpr size_t kLongestComment = 2047;

}  // namespace

BackupJob::BackupJob(BackupRequest request) : request_(std::move(request)) {}

void BackupJob::prepare() {
    if (request_.directory.empty() || request_.comment.size() > kLongestComment) {
        throw HResultError(E_INVALIDARG);
    }
    source_.domain = readDomain();
    source_.dc = request_.dc;
    fault_ = hitFault({"refuse"}, request_.gpoId);
    if (fault_) {
        throw HResultError(fault_->hresult);
    }
    requireFolder(request_.directory);
}

JobOutcome BackupJob::run(const Progress &progress) {
    pause(source_.domain.backupMilliseconds);
    loadSource();
    const long steps = kFixedSteps + static_cast<long>(countExtensions(source_.gpo.machineExtensions, source_.gpo.userExtensions));
    fault_ = hitFault({"slow", "access_denied", "hang", "crash", "disk_full", "fail", "messages"}, request_.gpoId);
    if (hit("slow")) {
        pause(fault_->delayMilliseconds);
        fault_ = hitFault({"access_denied", "hang", "crash", "disk_full", "fail", "messages"}, request_.gpoId);
    }
    // A server that hangs has no ear for a cancel either.
    if (!hit("hang")) {
        throwIfCancelled();
    }
    createBackupFolder();
    progress(1, steps);

    plan_ = planBackup(source_.gpo, source_.sysvol);
    runTrouble();
    if (hit("fail")) {
        return failOverall(*fault_);
    }
    long step = 1;
    for (const ExtensionSection &section : plan_.sections) {
        copyObjects(section);
        if (step + 1 < steps) {
            progress(++step, steps);
        }
    }
    while (step + 1 < steps) {
        progress(++step, steps);
    }
    throwIfCancelled();
    writeDescriptions();
    if (hit("messages")) {
        outcome_.messages.insert(outcome_.messages.end(), fault_->messages.begin(), fault_->messages.end());
    }
    addToManifest(request_.directory, entry_, source_.domain.manifestLockFails);
    backup_ = entry_;
    return outcome_;
}

// Reads the GPO anew: the object the client holds may be older than the last change.
void BackupJob::loadSource() {
    source_.gpo = readGpo(request_.gpoId);
    if (!source_.gpo.visible) {
        throw HResultError(kNoSuchObject);
    }
    source_.sysvol = sysvolFolder(source_.domain, request_.gpoId);
    if (!folderExists(source_.sysvol)) {
        throwWin32(ERROR_PATH_NOT_FOUND);
    }
    source_.sysvolVersion = readSysvolVersion(source_.domain, request_.gpoId);
}

void BackupJob::createBackupFolder() {
    if (hit("access_denied")) {
        throwWin32(ERROR_ACCESS_DENIED);
    }
    entry_.gpoId = source_.gpo.id;
    entry_.gpoDomain = source_.domain.name;
    entry_.gpoDomainGuid = source_.domain.guid;
    entry_.gpoDomainController = source_.dc;
    entry_.backupTime = formatTime(nowUtc());
    entry_.id = newGuid();
    entry_.comment = request_.comment;
    entry_.gpoDisplayName = source_.gpo.displayName;
    folder_ = joinPath(request_.directory, entry_.id);
    createFolder(target(L""));
    // Genuine backups hold both halves, also for a GPO that has no settings in one of them.
    createFolders(folder_, L"DomainSysvol\\GPO\\Machine");
    createFolders(folder_, L"DomainSysvol\\GPO\\User");
}

// GPMC writes no path beyond MAX_PATH, as far as is known.
std::wstring BackupJob::target(const std::wstring &relative) const {
    constexpr size_t kLongest = MAX_PATH - 1;
    const std::wstring path = relative.empty() ? folder_ : joinPath(folder_, relative);
    if (path.size() > kLongest && !source_.domain.longPaths) {
        throw HResultError(kPathTooLong);
    }
    return path;
}

void BackupJob::copyObjects(const ExtensionSection &section) {
    for (const FileObject &object : section.objects) {
        throwIfCancelled();
        copyObject(section, object);
    }
}

// A file that cannot be read costs the backup its success, but not the other files.
void BackupJob::copyObject(const ExtensionSection &section, const FileObject &object) {
    if (object.location.empty()) {
        return;
    }
    const std::wstring path = target(object.location);
    if (object.isFolder) {
        createFolders(folder_, object.location);
        return;
    }
    createFolders(folder_, parentOf(object.location));
    const std::wstring source = joinPath(source_.sysvol, object.source);
    const CopyOutcome copied = copyFile(source, path);
    if (FAILED(copied.writeError)) {
        throw HResultError(copied.writeError);
    }
    if (FAILED(copied.readError)) {
        const std::wstring shared = joinPath(sysvolShare(source_.domain, source_.dc, source_.gpo.id), object.source);
        outcome_.overall = SUCCEEDED(outcome_.overall) ? copied.readError : outcome_.overall;
        outcome_.messages.push_back({shared, section.name, L"", L"The file could not be read: " + shared,
                                     copied.readError, copied.readError});
    }
}

// What a backup that stops half way leaves: half of the files, and half of the next one.
void BackupJob::copyHalf() {
    size_t left = plan_.fileCount() / 2;
    for (const ExtensionSection &section : plan_.sections) {
        for (const FileObject &object : section.objects) {
            const bool isFile = !object.isFolder && !object.location.empty();
            if (isFile && left == 0) {
                const std::wstring source = joinPath(source_.sysvol, object.source);
                createFolders(folder_, parentOf(object.location));
                copyFile(source, target(object.location), fileSize(source) / 2);
                return;
            }
            copyObject(section, object);
            left -= isFile;
        }
    }
}

void BackupJob::writeDescriptions() {
    writeFile(target(L"Backup.xml"), backupXml(source_, plan_));
    writeFile(target(L"gpreport.xml"), utf16File(reportXml(source_)));
    writeBackupInfo(folder_, entry_);
}

// The faults that end a backup half way.
void BackupJob::runTrouble() {
    if (hit("hang")) {
        Sleep(INFINITE);
    }
    if (hit("crash")) {
        copyHalf();
        TerminateProcess(GetCurrentProcess(), EXCEPTION_ACCESS_VIOLATION);
    }
    if (hit("disk_full")) {
        copyHalf();
        throwWin32(ERROR_DISK_FULL);
    }
}

JobOutcome BackupJob::failOverall(const Fault &fault) {
    copyHalf();
    outcome_.overall = fault.hresult;
    outcome_.messages = fault.messages;
    return outcome_;
}

bool BackupJob::hit(const char *kind) {
    return fault_ && fault_->kind == kind;
}

}  // namespace gpmc
