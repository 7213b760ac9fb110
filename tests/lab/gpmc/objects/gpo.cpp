// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/gpo.h"

#include "backup/backup_job.h"
#include "backup/import_job.h"
#include "backup/report.h"
#include "com/text.h"
#include "com/variants.h"
#include "objects/ads_security.h"
#include "objects/backup_dir.h"
#include "objects/migration_table.h"
#include "objects/security_info.h"
#include "objects/wmi_filter.h"
#include "store/call_log.h"
#include "store/descriptor_writer.h"
#include "store/domain_writer.h"
#include "store/faults.h"

namespace gpmc {

namespace {

// The bits of IGPMConstants::SecurityFlags, those of SECURITY_INFORMATION.
constexpr long kOwner = OWNER_SECURITY_INFORMATION;
constexpr long kGroup = GROUP_SECURITY_INFORMATION;
constexpr long kDacl = DACL_SECURITY_INFORMATION;
constexpr long kSacl = SACL_SECURITY_INFORMATION;
constexpr long kAllParts = kOwner | kGroup | kDacl | kSacl;
// The bits of a descriptor's control word that belong to its DACL.
constexpr WORD kDaclControl = SE_DACL_PRESENT | SE_DACL_PROTECTED | SE_DACL_AUTO_INHERITED | SE_DACL_AUTO_INHERIT_REQ |
                              SE_DACL_DEFAULTED;

constexpr LONG kMigrationTableOnly = 1;

// The entries of the table that an import was given; none if it was given none.
MigrationTable tableOf(const VARIANT *argument) {
    if (isMissing(argument)) {
        return {};
    }
    const auto *table = implementationOf<MigrationTableObject>(objectOf(argument));
    if (!table) {
        throw HResultError(E_INVALIDARG);
    }
    return table->entries();
}

void enableHalf(GpoRecord &gpo, int disabledBit, bool enabled) {
    gpo.flags = enabled ? gpo.flags & ~disabledBit : gpo.flags | disabledBit;
}

// "corp.example" as "DC=corp,DC=example".
std::wstring distinguishedName(const std::wstring &dnsName) {
    std::wstring name = L"DC=";
    for (const wchar_t character : dnsName) {
        if (character == L'.') {
            name += L",DC=";
        } else {
            name += character;
        }
    }
    return name;
}

}  // namespace

STDMETHODIMP GpoObject::get_DisplayName(BSTR *value) {
    return guarded([&] { *value = toBstr(record_.displayName); });
}

STDMETHODIMP GpoObject::put_DisplayName(BSTR name) {
    return guarded([&] {
        calledDirectory("IGPMGPO::put_DisplayName", record_.id);
        const std::wstring wanted = fromBstr(name);
        if (wanted.empty()) {
            throw HResultError(E_INVALIDARG);
        }
        change([&](GpoRecord &gpo) { gpo.displayName = wanted; });
    });
}

STDMETHODIMP GpoObject::get_Path(BSTR *value) {
    return guarded([&] {
        *value = toBstr(L"cn=" + record_.id + L",cn=policies,cn=system," +
                        distinguishedName(connection_->domain.name));
    });
}

STDMETHODIMP GpoObject::get_ID(BSTR *value) {
    return guarded([&] { *value = toBstr(record_.id); });
}

STDMETHODIMP GpoObject::get_DomainName(BSTR *value) {
    return guarded([&] { *value = toBstr(connection_->domain.name); });
}

STDMETHODIMP GpoObject::get_CreationTime(DATE *value) {
    *value = toDate(record_.created, connection_->domain);
    return S_OK;
}

STDMETHODIMP GpoObject::get_ModificationTime(DATE *value) {
    *value = toDate(record_.modified, connection_->domain);
    return S_OK;
}

STDMETHODIMP GpoObject::get_UserDSVersionNumber(LONG *value) {
    *value = HIWORD(record_.version);
    return S_OK;
}

STDMETHODIMP GpoObject::get_ComputerDSVersionNumber(LONG *value) {
    *value = LOWORD(record_.version);
    return S_OK;
}

STDMETHODIMP GpoObject::get_UserSysvolVersionNumber(LONG *value) {
    return guarded([&] { *value = HIWORD(sysvolVersion()); });
}

STDMETHODIMP GpoObject::get_ComputerSysvolVersionNumber(LONG *value) {
    return guarded([&] { *value = LOWORD(sysvolVersion()); });
}

// Null without a filter. A link to a filter that is gone fails like every missing object.
STDMETHODIMP GpoObject::GetWMIFilter(IGPMWMIFilter **filter) {
    return guarded([&] {
        *filter = nullptr;
        // The reference is an attribute of the GPO and came with it: without one there is nothing to ask for.
        if (record_.wmiFilter.empty()) {
            called("IGPMGPO::GetWMIFilter", record_.id);
            connection_->requireDirectory();
            return;
        }
        calledDirectory("IGPMGPO::GetWMIFilter", record_.id);
        connection_->requireDirectory();
        const auto found = findWmiFilter(record_.wmiFilter);
        if (!found) {
            throw HResultError(kNoSuchObject);
        }
        *filter = new WmiFilterObject(connection_, *found);
    });
}

// Null takes the filter off.
STDMETHODIMP GpoObject::SetWMIFilter(IGPMWMIFilter *filter) {
    return guarded([&] {
        calledDirectory("IGPMGPO::SetWMIFilter", record_.id);
        const auto *wanted = implementationOf<WmiFilterObject>(filter);
        if (filter && !wanted) {
            throw HResultError(E_INVALIDARG);
        }
        if (wanted && !findWmiFilter(wanted->id())) {
            throw HResultError(kNoSuchObject);
        }
        change([&](GpoRecord &gpo) { gpo.wmiFilter = wanted ? toLower(wanted->id()) : std::wstring(); });
    });
}

STDMETHODIMP GpoObject::SetUserEnabled(VARIANT_BOOL enabled) {
    return guarded([&] {
        calledDirectory("IGPMGPO::SetUserEnabled", record_.id);
        change([&](GpoRecord &gpo) { enableHalf(gpo, GpoRecord::kUserDisabled, enabled != VARIANT_FALSE); });
    });
}

STDMETHODIMP GpoObject::SetComputerEnabled(VARIANT_BOOL enabled) {
    return guarded([&] {
        calledDirectory("IGPMGPO::SetComputerEnabled", record_.id);
        change([&](GpoRecord &gpo) { enableHalf(gpo, GpoRecord::kComputerDisabled, enabled != VARIANT_FALSE); });
    });
}

STDMETHODIMP GpoObject::IsUserEnabled(VARIANT_BOOL *enabled) {
    *enabled = record_.userEnabled() ? VARIANT_TRUE : VARIANT_FALSE;
    return S_OK;
}

STDMETHODIMP GpoObject::IsComputerEnabled(VARIANT_BOOL *enabled) {
    *enabled = record_.computerEnabled() ? VARIANT_TRUE : VARIANT_FALSE;
    return S_OK;
}

STDMETHODIMP GpoObject::GetSecurityInfo(IGPMSecurityInfo **info) {
    return guarded([&] {
        *info = nullptr;
        calledDirectory("IGPMGPO::GetSecurityInfo", record_.id);
        connection_->requireDirectory();
        *info = new SecurityInfoObject(groupPermissions(parseDescriptor(record_.securityDescriptor)),
                                       std::make_shared<const Principals>());
    });
}

STDMETHODIMP GpoObject::SetSecurityInfo(IGPMSecurityInfo *info) {
    return guarded([&] {
        calledDirectory("IGPMGPO::SetSecurityInfo", record_.id);
        const auto *wanted = implementationOf<SecurityInfoObject>(info);
        if (!wanted) {
            throw HResultError(E_INVALIDARG);
        }
        throwPlanted("refuse_security", record_.id);
        change([&](GpoRecord &gpo) {
            Descriptor descriptor = parseDescriptor(gpo.securityDescriptor);
            setPermissions(descriptor, wanted->permissions());
            gpo.securityDescriptor = serializeDescriptor(descriptor);
        });
    });
}

STDMETHODIMP GpoObject::Delete() {
    return guarded([&] {
        calledDirectory("IGPMGPO::Delete", record_.id);
        connection_->requireDirectory();
        deleteGpo(connection_->domain, record_.id);
    });
}

STDMETHODIMP GpoObject::Backup(BSTR directory, BSTR comment, VARIANT *progress, VARIANT *cancel,
                               IGPMResult **result) {
    return guarded([&] {
        *result = nullptr;
        called("IGPMGPO::Backup", fromBstr(directory));
        connection_->requireDirectory();
        const BackupRequest request{connection_->dc, record_.id, fromBstr(directory), fromBstr(comment)};
        const auto job = std::make_shared<BackupJob>(request);
        const auto resultOf = [job, directory = request.directory] {
            return job->backup() ? ResultValue(ComPtr<IDispatch>(make<BackupObject>(directory, *job->backup())))
                                 : ResultValue();
        };
        runJob(job, resultOf, progress, cancel, result);
    });
}

STDMETHODIMP GpoObject::Import(LONG flags, IGPMBackup *backup, VARIANT *table, VARIANT *progress, VARIANT *cancel,
                               IGPMResult **result) {
    return guarded([&] {
        *result = nullptr;
        called("IGPMGPO::Import", record_.id);
        const auto *saved = implementationOf<BackupObject>(backup);
        const bool tableOnly = flags == kMigrationTableOnly;
        if (!saved || (flags != 0 && !tableOnly) || (tableOnly && isMissing(table))) {
            throw HResultError(E_INVALIDARG);
        }
        connection_->requireDirectory();
        // How the domain behaves may have changed since the client connected.
        const auto job = std::make_shared<ImportJob>(readDomain(), saved->reference(),
                                                     ImportRequest{record_.id, tableOf(table), tableOnly});
        const auto resultOf = [job, connection = connection_, id = record_.id] {
            return gpoResult(connection, job->imported() ? id : std::wstring());
        };
        runJob(job, resultOf, progress, cancel, result);
    });
}

STDMETHODIMP GpoObject::GenerateReport(GPMReportType type, VARIANT *progress, VARIANT *cancel, IGPMResult **result) {
    return guarded([&] {
        *result = nullptr;
        calledDirectory("IGPMGPO::GenerateReport", record_.id);
        connection_->requireDirectory();
        generateReport(reportSource(), type, progress, cancel, result);
    });
}

STDMETHODIMP GpoObject::GenerateReportToFile(GPMReportType type, BSTR path, IGPMResult **result) {
    return guarded([&] {
        *result = nullptr;
        calledDirectory("IGPMGPO::GenerateReportToFile", fromBstr(path));
        connection_->requireDirectory();
        generateReportToFile(reportSource(), type, fromBstr(path), result);
    });
}

STDMETHODIMP GpoObject::SetSecurityDescriptor(LONG flags, IDispatch *descriptor) {
    return guarded([&] {
        calledDirectory("IGPMGPO::SetSecurityDescriptor", record_.id);
        const auto *wanted = implementationOf<AdsDescriptor>(descriptor);
        if (!wanted || (flags & ~kAllParts) || ((flags & kDacl) && !wanted->descriptor().hasDacl)) {
            throw HResultError(E_INVALIDARG);
        }
        throwPlanted("refuse_security", record_.id);
        const Descriptor &parts = wanted->descriptor();
        change([&](GpoRecord &gpo) {
            Descriptor changed = parseDescriptor(gpo.securityDescriptor);
            if (flags & kDacl) {
                changed.control = (changed.control & ~kDaclControl) | (parts.control & kDaclControl);
                changed.hasDacl = true;
                changed.daclRevision = parts.daclRevision;
                changed.dacl = parts.dacl;
            }
            // A descriptor of the lab holds the DACL only; the owner has a place of its own.
            if (flags & kOwner) {
                (changed.owner.empty() ? gpo.owner : changed.owner) = parts.owner;
            }
            if (flags & kGroup) {
                changed.group = parts.group;
            }
            gpo.securityDescriptor = serializeDescriptor(changed);
        });
    });
}

STDMETHODIMP GpoObject::GetSecurityDescriptor(LONG flags, IDispatch **descriptor) {
    return guarded([&] {
        *descriptor = nullptr;
        calledDirectory("IGPMGPO::GetSecurityDescriptor", record_.id);
        if (flags & ~kAllParts) {
            throw HResultError(E_INVALIDARG);
        }
        connection_->requireDirectory();
        if (hitFault({"hang_read"}, record_.id)) {
            Sleep(INFINITE);
        }
        Descriptor parts = parseDescriptor(record_.securityDescriptor);
        if (parts.owner.empty()) {
            parts.owner = record_.owner;
        }
        if (!(flags & kOwner)) {
            parts.owner.clear();
        }
        if (!(flags & kGroup)) {
            parts.group.clear();
        }
        if (!(flags & kDacl)) {
            parts.hasDacl = false;
            parts.control &= ~(SE_DACL_PRESENT | SE_DACL_PROTECTED | SE_DACL_AUTO_INHERITED);
        }
        const bool named = !hitFault({"no_names"}, record_.id);
        *descriptor = new AdsDescriptor(std::move(parts),
                                        named ? std::make_shared<const Principals>() : Principals::unresolved());
    });
}

// The lab keeps no ACLs on SYSVOL, so they cannot disagree with the directory's.
STDMETHODIMP GpoObject::IsACLConsistent(VARIANT_BOOL *consistent) {
    return guarded([&] {
        calledDirectory("IGPMGPO::IsACLConsistent", record_.id);
        connection_->requireDirectory();
        *consistent = VARIANT_TRUE;
    });
}

STDMETHODIMP GpoObject::get_Description(BSTR *value) {
    return guarded([&] { *value = toBstr(readDescription(connection_->domain, record_.id)); });
}

STDMETHODIMP GpoObject::put_Description(BSTR description) {
    return guarded([&] {
        calledDirectory("IGPMGPO2::put_Description", record_.id);
        connection_->requireDirectory();
        readGpo(record_.id);
        writeDescription(connection_->domain, record_.id, fromBstr(description));
    });
}

DWORD GpoObject::sysvolVersion() const {
    return readSysvolVersion(connection_->domain, record_.id);
}

void GpoObject::change(const std::function<void(GpoRecord &)> &edit) {
    connection_->requireDirectory();
    record_ = changeGpo(record_.id, edit);
}

ReportSource GpoObject::reportSource() const {
    return [connection = connection_, id = record_.id] {
        const DomainRecord &domain = connection->domain;
        const DWORD sysvolVersion = readSysvolVersion(domain, id);
        return reportXml({domain, connection->dc, readGpo(id), sysvolVersion, sysvolFolder(domain, id)});
    };
}

ResultValue gpoResult(const ConnectionPtr &connection, const std::wstring &id) {
    return id.empty() ? ResultValue() : ResultValue(ComPtr<IDispatch>(make<GpoObject>(connection, readGpo(id))));
}

}  // namespace gpmc
