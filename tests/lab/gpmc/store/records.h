// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// What the domain on disk holds, as plain data. The JSON files it comes from are described in the lab's README.

#pragma once

#include <windows.h>
#include <oleauto.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/descriptor.h"

namespace gpmc {

struct DomainRecord {
    std::wstring name;     // DNS name
    std::wstring netbios;
    std::wstring guid;     // lower case, in braces, as GPMC writes a domain's GUID
    std::wstring sid;
    std::wstring forest;
    std::wstring pdc;
    std::vector<std::wstring> dcs;

    // How the stand-in behaves where GPMC's own behaviour is not known, or to be slow or awkward on purpose.
    int backupMilliseconds = 0;
    int callMilliseconds = 0;
    bool manifestLockFails = false;      // "manifest": "locked-fails"
    bool localDates = false;             // "dates": "local"
    bool longPaths = false;              // "long_paths": true
    bool restoreRaisesVersions = false;  // "restore_versions": "raise"
    bool searchWithoutManifest = false;  // "search_without_manifest": true
    bool rewritesTemplates = false;      // "restore_files": "rewritten"
    bool errorsInWords = false;          // "errors": "words"
    std::string asyncEnd = "result";     // "async_end"
};

struct GpoRecord {
    // The bits of flags.
    static constexpr int kUserDisabled = 1;
    static constexpr int kComputerDisabled = 2;

    std::wstring id;
    std::wstring displayName;
    SYSTEMTIME created{};
    SYSTEMTIME modified{};
    DWORD version = 0;  // user half in the high word, computer half in the low word
    int flags = 0;
    std::wstring machineExtensions;
    std::wstring userExtensions;
    std::wstring wmiFilter;  // GUID in lower case and braces, or empty
    std::wstring wireless;   // name of its wireless policy, a setting that is in no file; or empty
    std::wstring owner;      // SID
    std::vector<BYTE> securityDescriptor;
    bool visible = true;

    bool userEnabled() const { return !(flags & kUserDisabled); }
    bool computerEnabled() const { return !(flags & kComputerDisabled); }
};

struct LinkRecord {
    std::wstring gpo;
    std::wstring domain;
    bool enabled = true;
    bool enforced = false;
};

enum class SomKind { site, domain, organizationalUnit };

struct SomRecord {
    std::wstring path;
    std::wstring name;
    SomKind kind = SomKind::organizationalUnit;
    bool inheritanceBlocked = false;
    std::vector<LinkRecord> links;  // the first has link order 1
};

struct WmiFilterRecord {
    std::wstring id;  // lower case, in braces
    std::wstring name;
    std::wstring description;
    std::vector<std::wstring> queries;
};

struct PrincipalRecord {
    std::wstring sid;
    std::wstring name;       // empty: the SID could not be resolved
    std::wstring domain;     // NetBIOS name or NT AUTHORITY and the like
    std::wstring dnsDomain;
    std::wstring type = L"Unknown";
};

}  // namespace gpmc
