// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/sysvol_stage.h"

#include "com/error.h"
#include "com/text.h"
#include "store/domain_store.h"
#include "store/domain_writer.h"
#include "store/files.h"

namespace gpmc {

SysvolStage::SysvolStage(const DomainRecord &domain, const std::wstring &gpo)
    : target_(sysvolFolder(domain, gpo)), folder_(joinPath(parentOf(target_), L".new-" + newGuid())) {
    createFolder(folder_);
    addFolder(L"Machine");
    addFolder(L"User");
}

SysvolStage::~SysvolStage() {
    guarded([&] {
        if (folderExists(folder_)) {
            removeTree(folder_);
        }
    });
}

void SysvolStage::addFolder(const std::wstring &relative) {
    createFolders(folder_, relative);
}

void SysvolStage::copyFrom(const std::wstring &source, const std::wstring &relative) {
    addFolder(parentOf(relative));
    const CopyOutcome copied = copyFile(source, joinPath(folder_, relative));
    if (FAILED(copied.readError) || FAILED(copied.writeError)) {
        throw HResultError(FAILED(copied.readError) ? copied.readError : copied.writeError);
    }
}

void SysvolStage::write(const std::wstring &relative, const std::string &content) {
    addFolder(parentOf(relative));
    writeFile(joinPath(folder_, relative), content);
}

void SysvolStage::putInPlace(DWORD version) {
    const std::wstring old = joinPath(target_, L"GPT.INI");
    write(L"GPT.INI", gptIni(fileExists(old) ? readFile(old) : std::string(), version));
    const std::wstring aside = joinPath(parentOf(target_), L".old-" + newGuid());
    const bool replaces = folderExists(target_);
    if (replaces) {
        movePath(target_, aside);
    }
    movePath(folder_, target_);
    if (replaces) {
        removeTree(aside);
    }
}

}  // namespace gpmc
