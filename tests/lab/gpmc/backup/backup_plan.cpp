// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/backup_plan.h"

#include "com/text.h"
#include "store/files.h"

namespace gpmc {

namespace {

constexpr wchar_t kRegistry[] = L"{35378EAC-683F-11D2-A89A-00C04FBBCFA2}";
constexpr wchar_t kSecurity[] = L"{827D319E-6EAC-11D2-A4EA-00C04F79F83A}";
constexpr wchar_t kWireless[] = L"{0ACDD40C-75AC-47AB-BAA0-BF6DE7E7FE63}";
constexpr wchar_t kUnknown[] = L"{F15C46CD-82A0-4C2D-A210-5D0D3182A418}";

constexpr wchar_t kBackupRoot[] = L"DomainSysvol\\GPO";
// The one spelling GPMC uses for this file, however SYSVOL spells it.
constexpr wchar_t kSecurityTemplate[] = L"microsoft\\windows nt\\SecEdit\\GptTmpl.inf";
constexpr wchar_t kRegistryFile[] = L"registry.pol";

// A part of the GPO's folder and the variable that stands for it in bkp:Path.
struct Half {
    const wchar_t *folder;
    const wchar_t *variable;
};

constexpr Half kMachine = {L"Machine", L"%GPO_MACH_FSPATH%"};
constexpr Half kUser = {L"User", L"%GPO_USER_FSPATH%"};

FileObject objectIn(const Half &half, const std::wstring &relative, bool isFolder) {
    FileObject object;
    object.isFolder = isFolder;
    object.path = std::wstring(half.variable) + L"\\" + relative;
    object.source = std::wstring(half.folder) + L"\\" + relative;
    object.location = std::wstring(kBackupRoot) + L"\\" + object.source;
    return object;
}

FileObject objectInRoot(const std::wstring &relative) {
    FileObject object;
    object.path = L"%GPO_FSPATH%\\" + relative;
    object.source = relative;
    object.location = std::wstring(kBackupRoot) + L"\\" + relative;
    return object;
}

bool names(const std::wstring &extensions, const std::wstring &id) {
    return containsIgnoreCase(extensions, id);
}

// Files that a section of their own has taken; everything else is the unknown extension's.
class Taken {
public:
    void add(const FileObject &object) { sources_.push_back(object.source); }

    bool has(const std::wstring &source) const {
        for (const std::wstring &taken : sources_) {
            if (equalIgnoreCase(taken, source)) {
                return true;
            }
        }
        return false;
    }

private:
    std::vector<std::wstring> sources_;
};

// Administrative templates of old: GPMC's template names them by a pattern, which genuine backups of GPOs without an
// Adm folder show. With one, each file is listed (not seen in a genuine backup).
void addAdm(ExtensionSection &section, const std::wstring &sysvol) {
    const std::wstring folder = joinPath(sysvol, L"Adm");
    bool any = false;
    if (folderExists(folder)) {
        for (const FolderEntry &entry : listFolder(folder)) {
            if (!entry.isFolder) {
                section.objects.push_back(objectInRoot(L"Adm\\" + entry.name));
                any = true;
            }
        }
    }
    if (!any) {
        FileObject pattern = objectInRoot(L"Adm\\*.*");
        pattern.location.clear();
        section.objects.push_back(pattern);
    }
}

// Always there, whether the GPO has registry settings or not.
ExtensionSection registrySection(const std::wstring &sysvol, Taken &taken) {
    ExtensionSection section{kRegistry, L"Registry", {}, {}};
    for (const Half &half : {kMachine, kUser}) {
        const FileObject object = objectIn(half, kRegistryFile, false);
        if (fileExists(joinPath(sysvol, object.source))) {
            section.objects.push_back(object);
            taken.add(object);
        }
    }
    addAdm(section, sysvol);
    return section;
}

// Only if the GPO names the security extension: otherwise its template is a file of the unknown extension.
void addSecuritySection(BackupPlan &plan, const GpoRecord &gpo, const std::wstring &sysvol, Taken &taken) {
    FileObject object = objectIn(kMachine, kSecurityTemplate, false);
    object.reEvaluate = L"SecurityValidateSettings";
    if (names(gpo.machineExtensions, kSecurity) && fileExists(joinPath(sysvol, object.source))) {
        taken.add(object);
        plan.sections.push_back({kSecurity, L"Security", {object}, {}});
    }
}

// Depth first, in NTFS's order, each folder before what it holds.
void walk(const Half &half, const std::wstring &sysvol, const std::wstring &relative, const Taken &taken,
          std::vector<FileObject> &objects) {
    const std::wstring folder = joinPath(joinPath(sysvol, half.folder), relative);
    for (const FolderEntry &entry : listFolder(folder)) {
        const std::wstring child = relative.empty() ? entry.name : relative + L"\\" + entry.name;
        const FileObject object = objectIn(half, child, entry.isFolder);
        if (!taken.has(object.source)) {
            objects.push_back(object);
        }
        if (entry.isFolder) {
            walk(half, sysvol, child, taken, objects);
        }
    }
}

void addUnknownSection(BackupPlan &plan, const std::wstring &sysvol, const Taken &taken) {
    ExtensionSection section{kUnknown, L"Unknown Extension", {}, {}};
    if (fileExists(joinPath(sysvol, L"GPO.cmt"))) {
        section.objects.push_back(objectInRoot(L"GPO.cmt"));
    }
    for (const Half &half : {kMachine, kUser}) {
        if (folderExists(joinPath(sysvol, half.folder))) {
            walk(half, sysvol, L"", taken, section.objects);
        }
    }
    if (!section.objects.empty()) {
        plan.sections.push_back(section);
    }
}

size_t countIn(const std::wstring &extensions) {
    size_t count = 0;
    for (const wchar_t character : extensions) {
        count += character == L'[';
    }
    return count;
}

}  // namespace

size_t BackupPlan::fileCount() const {
    size_t count = 0;
    for (const ExtensionSection &section : sections) {
        for (const FileObject &object : section.objects) {
            count += !object.isFolder && !object.location.empty();
        }
    }
    return count;
}

BackupPlan planBackup(const GpoRecord &gpo, const std::wstring &sysvol) {
    BackupPlan plan;
    Taken taken;
    plan.sections.push_back(registrySection(sysvol, taken));
    addSecuritySection(plan, gpo, sysvol, taken);
    if (!gpo.wireless.empty()) {
        plan.sections.push_back({kWireless, L"Wireless Group Policy", {}, gpo.wireless});
    }
    addUnknownSection(plan, sysvol, taken);
    return plan;
}

size_t countExtensions(const std::wstring &machineExtensions, const std::wstring &userExtensions) {
    return countIn(machineExtensions) + countIn(userExtensions);
}

}  // namespace gpmc
