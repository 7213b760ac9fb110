// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/domain.h"

#include <algorithm>

#include "backup/restore_job.h"
#include "com/collection.h"
#include "com/text.h"
#include "objects/backup_dir.h"
#include "objects/gpo.h"
#include "objects/job_call.h"
#include "objects/search_criteria.h"
#include "objects/som.h"
#include "objects/wmi_filter.h"
#include "store/call_log.h"
#include "store/domain_writer.h"
#include "store/faults.h"

namespace gpmc {

namespace {

constexpr LONG kDoNotValidateDc = 1;

bool hasPermission(const GpoRecord &gpo, const Permission &wanted) {
    const std::vector<Permission> permissions = groupPermissions(parseDescriptor(gpo.securityDescriptor));
    return std::any_of(permissions.begin(), permissions.end(), [&](const Permission &permission) {
        return permission.trustee == wanted.trustee && permission.level == wanted.level && !permission.denied;
    });
}

// Effective permissions are taken for the direct ones: the lab knows no group membership.
bool matches(const Criterion &criterion, const GpoRecord &gpo, const DomainRecord &domain) {
    const bool negated = criterion.operation == opNotContains;
    switch (criterion.property) {
    case gpoPermissions:
    case gpoEffectivePermissions:
        return hasPermission(gpo, criterion.permission) != negated;
    case gpoDisplayName:
        return matchesName(criterion, gpo.displayName);
    case gpoWMIFilter:
        return equalIgnoreCase(criterion.text, gpo.wmiFilter);
    case gpoID:
        return matchesGuid(criterion, gpo.id);
    case gpoComputerExtensions:
        return containsIgnoreCase(gpo.machineExtensions, criterion.text) != negated;
    case gpoUserExtensions:
        return containsIgnoreCase(gpo.userExtensions, criterion.text) != negated;
    case gpoDomain:
        return equalIgnoreCase(criterion.text, domain.name);
    default:
        return false;
    }
}

const std::vector<GPMSearchProperty> kGpoProperties = {
    gpoPermissions, gpoEffectivePermissions, gpoDisplayName,    gpoWMIFilter,
    gpoID,          gpoComputerExtensions,   gpoUserExtensions, gpoDomain,
};

}  // namespace

STDMETHODIMP DomainObject::get_DomainController(BSTR *value) {
    return guarded([&] { *value = toBstr(connection_->dc); });
}

STDMETHODIMP DomainObject::get_Domain(BSTR *value) {
    return guarded([&] { *value = toBstr(connection_->domain.name); });
}

STDMETHODIMP DomainObject::CreateGPO(IGPMGPO **gpo) {
    return guarded([&] {
        *gpo = nullptr;
        calledDirectory("IGPMDomain::CreateGPO");
        connection_->requireDirectory();
        *gpo = new GpoObject(connection_, createGpo(connection_->domain));
    });
}

STDMETHODIMP DomainObject::RestoreGPO(IGPMBackup *backup, LONG flags, VARIANT *progress, VARIANT *cancel,
                                      IGPMResult **result) {
    return guarded([&] {
        *result = nullptr;
        const auto *saved = implementationOf<BackupObject>(backup);
        called("IGPMDomain::RestoreGPO", saved ? saved->reference().entry.id : std::wstring());
        if (!saved || (flags != 0 && flags != kDoNotValidateDc)) {
            throw HResultError(E_INVALIDARG);
        }
        connection_->requireDirectory();
        // How the domain behaves may have changed since the client connected.
        const auto job = std::make_shared<RestoreJob>(readDomain(), saved->reference());
        const auto resultOf = [job, connection = connection_] { return gpoResult(connection, job->restored()); };
        runJob(job, resultOf, progress, cancel, result);
    });
}

STDMETHODIMP DomainObject::GetGPO(BSTR guid, IGPMGPO **gpo) {
    return guarded([&] {
        *gpo = nullptr;
        calledDirectory("IGPMDomain::GetGPO", fromBstr(guid));
        const std::wstring id = normalGuid(fromBstr(guid));
        if (id.empty()) {
            throw HResultError(E_INVALIDARG);
        }
        connection_->requireDirectory();
        GpoRecord record = readGpo(id);
        if (!record.visible) {
            throw HResultError(kNoSuchObject);
        }
        *gpo = new GpoObject(connection_, std::move(record));
    });
}

// A GPO that the account cannot read is left out without a word.
STDMETHODIMP DomainObject::SearchGPOs(IGPMSearchCriteria *criteria, IGPMGPOCollection **gpos) {
    return guarded([&] {
        *gpos = nullptr;
        calledDirectory("IGPMDomain::SearchGPOs");
        const auto &wanted = criteriaOf(criteria, kGpoProperties);
        connection_->requireDirectory();
        std::vector<GpoRecord> found;
        for (const GpoRecord &gpo : readGpos()) {
            const bool all = std::all_of(wanted.begin(), wanted.end(), [&](const Criterion &criterion) {
                return matches(criterion, gpo, connection_->domain);
            });
            if (gpo.visible && all) {
                found.push_back(gpo);
            }
        }
        *gpos = makeCollection<IGPMGPOCollection>(
            found, [&](const GpoRecord &gpo) { return new GpoObject(connection_, gpo); });
    });
}

// The path is the distinguished name; an empty one means the domain itself.
STDMETHODIMP DomainObject::GetSOM(BSTR path, IGPMSOM **som) {
    return guarded([&] {
        *som = nullptr;
        calledDirectory("IGPMDomain::GetSOM", fromBstr(path));
        connection_->requireDirectory();
        const std::wstring wanted = fromBstr(path);
        if (!wanted.empty()) {
            *som = new SomObject(connection_, findSom(wanted));
            return;
        }
        for (const SomRecord &record : readSoms()) {
            if (record.kind == SomKind::domain) {
                *som = new SomObject(connection_, record);
                return;
            }
        }
        throw HResultError(kNoSuchObject);
    });
}

STDMETHODIMP DomainObject::SearchSOMs(IGPMSearchCriteria *criteria, IGPMSOMCollection **soms) {
    return guarded([&] {
        *soms = nullptr;
        calledDirectory("IGPMDomain::SearchSOMs");
        throwPlanted("refuse_search", L"");
        *soms = searchSoms(connection_, criteria, false);
    });
}

STDMETHODIMP DomainObject::GetWMIFilter(BSTR path, IGPMWMIFilter **filter) {
    return guarded([&] {
        *filter = nullptr;
        calledDirectory("IGPMDomain::GetWMIFilter", fromBstr(path));
        const std::wstring id = filterIdOfPath(fromBstr(path));
        if (id.empty()) {
            throw HResultError(E_INVALIDARG);
        }
        connection_->requireDirectory();
        const auto record = findWmiFilter(id);
        if (!record) {
            throw HResultError(kNoSuchObject);
        }
        *filter = new WmiFilterObject(connection_, *record);
    });
}

// No property of the criteria belongs to a filter, so only an empty object is accepted: all filters.
STDMETHODIMP DomainObject::SearchWMIFilters(IGPMSearchCriteria *criteria, IGPMWMIFilterCollection **filters) {
    return guarded([&] {
        *filters = nullptr;
        calledDirectory("IGPMDomain::SearchWMIFilters");
        throwPlanted("refuse_search", L"");
        criteriaOf(criteria, {});
        connection_->requireDirectory();
        *filters = makeCollection<IGPMWMIFilterCollection>(readWmiFilters(), [&](const WmiFilterRecord &record) {
            return new WmiFilterObject(connection_, record);
        });
    });
}

}  // namespace gpmc
