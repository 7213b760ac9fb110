// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPMMigrationTable and its entries.

#pragma once

#include "backup/migration_table.h"
#include "com/dispatch.h"

namespace gpmc {

class MapEntryObject : public Dispatch<IGPMMapEntry> {
public:
    explicit MapEntryObject(MapEntry entry) : entry_(std::move(entry)) {}

    STDMETHODIMP get_Source(BSTR *value) override;
    STDMETHODIMP get_Destination(BSTR *value) override;
    STDMETHODIMP get_DestinationOption(GPMDestinationOption *value) override;
    STDMETHODIMP get_EntryType(GPMEntryType *value) override;

private:
    MapEntry entry_;
};

class MigrationTableObject : public Dispatch<IGPMMigrationTable> {
public:
    explicit MigrationTableObject(MigrationTable entries) : entries_(std::move(entries)) {}

    const MigrationTable &entries() const { return entries_; }

    STDMETHODIMP Save(BSTR path) override;
    // Finds the references in a backup or a GPO; with the flag ProcessSecurity also the accounts of its permissions.
    STDMETHODIMP Add(LONG flags, VARIANT backupOrGpo) override;
    STDMETHODIMP AddEntry(BSTR source, GPMEntryType type, VARIANT *destination, IGPMMapEntry **entry) override;
    STDMETHODIMP GetEntry(BSTR source, IGPMMapEntry **entry) override;
    STDMETHODIMP DeleteEntry(BSTR source) override;
    STDMETHODIMP UpdateDestination(BSTR source, VARIANT *destination, IGPMMapEntry **entry) override;
    // The result is whether the table is valid; what is wrong stands in the messages.
    STDMETHODIMP Validate(IGPMResult **result) override;
    STDMETHODIMP GetEntries(IGPMMapEntryCollection **entries) override;

private:
    // The entry of that source, or ERROR_NOT_FOUND.
    MapEntry &require(BSTR source);

    MigrationTable entries_;
};

}  // namespace gpmc
