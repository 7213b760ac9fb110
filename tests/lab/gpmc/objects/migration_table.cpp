// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/migration_table.h"

#include "backup/migration.h"
#include "backup/saved_backup.h"
#include "com/collection.h"
#include "com/text.h"
#include "com/variants.h"
#include "objects/backup_dir.h"
#include "objects/gpo.h"
#include "objects/result.h"
#include "store/call_log.h"

namespace gpmc {

namespace {

constexpr LONG kProcessSecurity = 2;

// A string is a destination of its own, a number one of the options, nothing means "same as source".
void readDestination(const VARIANT *argument, MapEntry &entry) {
    entry.destination.clear();
    if (isMissing(argument)) {
        entry.option = DestinationOption::sameAsSource;
        return;
    }
    if (stringOf(argument, entry.destination)) {
        entry.option = DestinationOption::set;
        if (entry.destination.empty()) {
            throw HResultError(E_INVALIDARG);
        }
        return;
    }
    VARIANT number;
    VariantInit(&number);
    const HRESULT converted = VariantChangeType(&number, const_cast<VARIANT *>(dereference(argument)), 0, VT_I4);
    if (FAILED(converted) || V_I4(&number) < opDestinationSameAsSource ||
        V_I4(&number) > opDestinationByRelativeName) {
        throw HResultError(E_INVALIDARG);
    }
    entry.option = static_cast<DestinationOption>(V_I4(&number));
}

// "You cannot use the No Destination option for UNC paths": nor any that is calculated from an account.
void requireFit(const MapEntry &entry) {
    const bool calculated =
        entry.option == DestinationOption::none || entry.option == DestinationOption::byRelativeName;
    if (!isSourceOf(entry.type, entry.source) || (entry.type == EntryType::uncPath && calculated)) {
        throw HResultError(E_INVALIDARG);
    }
}

// What a backup or a GPO refers to.
struct Sources {
    std::vector<std::wstring> files;
    std::vector<PrincipalRecord> principals;
    std::vector<BYTE> securityDescriptor;
};

Sources sourcesOf(const VARIANT *argument) {
    IUnknown *object = objectOf(argument);
    Sources sources;
    if (const auto *backup = implementationOf<BackupObject>(object)) {
        const SavedBackup saved = readSavedBackup(backup->folder());
        for (const SavedFile &file : saved.files) {
            sources.files.push_back(file.source);
        }
        sources.principals = saved.principals;
        sources.securityDescriptor = saved.securityDescriptor;
    } else if (const auto *gpo = implementationOf<GpoObject>(object)) {
        sources.files = filesBelow(sysvolFolder(gpo->domain(), gpo->id()));
        sources.securityDescriptor = readGpo(gpo->id()).securityDescriptor;
    } else {
        throw HResultError(E_INVALIDARG);
    }
    return sources;
}

}  // namespace

STDMETHODIMP MapEntryObject::get_Source(BSTR *value) {
    return guarded([&] { *value = toBstr(entry_.source); });
}

STDMETHODIMP MapEntryObject::get_Destination(BSTR *value) {
    return guarded([&] { *value = toBstr(entry_.destination); });
}

STDMETHODIMP MapEntryObject::get_DestinationOption(GPMDestinationOption *value) {
    *value = static_cast<GPMDestinationOption>(entry_.option);
    return S_OK;
}

STDMETHODIMP MapEntryObject::get_EntryType(GPMEntryType *value) {
    *value = static_cast<GPMEntryType>(entry_.type);
    return S_OK;
}

STDMETHODIMP MigrationTableObject::Save(BSTR path) {
    return guarded([&] {
        called("IGPMMigrationTable::Save", fromBstr(path));
        if (fromBstr(path).empty()) {
            throw HResultError(E_INVALIDARG);
        }
        saveMigrationTable(fromBstr(path), entries_);
    });
}

STDMETHODIMP MigrationTableObject::Add(LONG flags, VARIANT backupOrGpo) {
    return guarded([&] {
        called("IGPMMigrationTable::Add");
        if (flags != 0 && flags != kProcessSecurity) {
            throw HResultError(E_INVALIDARG);
        }
        const Sources sources = sourcesOf(&backupOrGpo);
        References references = referencesIn(sources.files);
        if (flags == kProcessSecurity) {
            for (const Ace &ace : parseDescriptor(sources.securityDescriptor).dacl) {
                references.accounts.push_back(ace.trustee);
            }
        }
        const AccountNames names(sources.principals);
        for (const std::wstring &reference : references.accounts) {
            const PrincipalRecord account = names.find(reference);
            if (!isEverywhereTheSame(account, names.domain())) {
                putEntry(entries_, {sourceName(account), entryTypeOf(account), DestinationOption::sameAsSource, L""});
            }
        }
        for (const std::wstring &path : references.paths) {
            putEntry(entries_, {path, EntryType::uncPath, DestinationOption::sameAsSource, L""});
        }
    });
}

STDMETHODIMP MigrationTableObject::AddEntry(BSTR source, GPMEntryType type, VARIANT *destination,
                                            IGPMMapEntry **entry) {
    return guarded([&] {
        *entry = nullptr;
        called("IGPMMigrationTable::AddEntry", fromBstr(source));
        if (type < typeUser || type > typeUnknown) {
            throw HResultError(E_INVALIDARG);
        }
        MapEntry wanted;
        wanted.source = fromBstr(source);
        wanted.type = static_cast<EntryType>(type);
        readDestination(destination, wanted);
        requireFit(wanted);
        *entry = new MapEntryObject(putEntry(entries_, wanted));
    });
}

STDMETHODIMP MigrationTableObject::GetEntry(BSTR source, IGPMMapEntry **entry) {
    return guarded([&] {
        *entry = nullptr;
        called("IGPMMigrationTable::GetEntry", fromBstr(source));
        *entry = new MapEntryObject(require(source));
    });
}

STDMETHODIMP MigrationTableObject::DeleteEntry(BSTR source) {
    return guarded([&] {
        called("IGPMMigrationTable::DeleteEntry", fromBstr(source));
        entries_.erase(entries_.begin() + (&require(source) - entries_.data()));
    });
}

STDMETHODIMP MigrationTableObject::UpdateDestination(BSTR source, VARIANT *destination, IGPMMapEntry **entry) {
    return guarded([&] {
        *entry = nullptr;
        called("IGPMMigrationTable::UpdateDestination", fromBstr(source));
        MapEntry changed = require(source);
        readDestination(destination, changed);
        requireFit(changed);
        *entry = new MapEntryObject(putEntry(entries_, changed));
    });
}

STDMETHODIMP MigrationTableObject::Validate(IGPMResult **result) {
    return guarded([&] {
        *result = nullptr;
        called("IGPMMigrationTable::Validate");
        const HRESULT invalid = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
        const Principals principals;
        std::vector<StatusMessage> messages;
        for (const MapEntry &entry : entries_) {
            const auto complaint = complaintAbout(entry, principals);
            if (complaint) {
                messages.push_back({entry.source, L"", L"", *complaint, invalid, invalid});
            }
        }
        *result = new ResultObject(S_OK, messages, messages.empty());
    });
}

STDMETHODIMP MigrationTableObject::GetEntries(IGPMMapEntryCollection **entries) {
    return guarded([&] {
        *entries = nullptr;
        called("IGPMMigrationTable::GetEntries");
        *entries = makeCollection<IGPMMapEntryCollection>(
            entries_, [](const MapEntry &entry) { return new MapEntryObject(entry); });
    });
}

MapEntry &MigrationTableObject::require(BSTR source) {
    MapEntry *entry = findEntry(entries_, fromBstr(source));
    if (!entry) {
        throwWin32(ERROR_NOT_FOUND);
    }
    return *entry;
}

}  // namespace gpmc
