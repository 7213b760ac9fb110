// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/gpm.h"

#include "com/text.h"
#include "objects/backup_dir.h"
#include "objects/connection.h"
#include "objects/constants.h"
#include "objects/domain.h"
#include "objects/migration_table.h"
#include "objects/search_criteria.h"
#include "objects/security_info.h"
#include "objects/som.h"
#include "store/call_log.h"
#include "store/faults.h"

namespace gpmc {

namespace {

bool isGpoPermission(GPMPermissionType permission) {
    return permission >= permGPOApply && permission <= permGPOCustom;
}

class GpmObject : public Dispatch<IGPM> {
public:
    STDMETHODIMP GetDomain(BSTR domain, BSTR dc, LONG flags, IGPMDomain **result) override {
        return guarded([&] {
            *result = nullptr;
            calledDirectory("IGPM::GetDomain", fromBstr(domain) + L" " + fromBstr(dc) + L" " + std::to_wstring(flags));
            *result = new DomainObject(connect(fromBstr(domain), fromBstr(dc), flags));
        });
    }

    STDMETHODIMP GetBackupDir(BSTR directory, IGPMBackupDir **result) override {
        return guarded([&] {
            *result = nullptr;
            called("IGPM::GetBackupDir", fromBstr(directory));
            *result = new BackupDirObject(fromBstr(directory));
        });
    }

    // The lab has one forest; its sites are reached through the domain given, the lab's own if none is.
    STDMETHODIMP GetSitesContainer(BSTR forest, BSTR domain, BSTR dc, LONG flags,
                                   IGPMSitesContainer **result) override {
        return guarded([&] {
            *result = nullptr;
            calledDirectory("IGPM::GetSitesContainer", fromBstr(forest));
            const DomainRecord record = readDomain();
            if (!equalIgnoreCase(record.forest, fromBstr(forest))) {
                throw HResultError(kNoSuchDomain);
            }
            const std::wstring through = fromBstr(domain);
            *result =
                new SitesContainerObject(connect(through.empty() ? record.name : through, fromBstr(dc), flags));
        });
    }

    STDMETHODIMP CreatePermission(BSTR trustee, GPMPermissionType level, VARIANT_BOOL inheritable,
                                  IGPMPermission **result) override {
        return guarded([&] {
            *result = nullptr;
            calledDirectory("IGPM::CreatePermission", fromBstr(trustee));
            if (!isGpoPermission(level)) {
                throw HResultError(E_INVALIDARG);
            }
            Permission permission;
            permission.trustee = requirePrincipal(fromBstr(trustee)).sid;
            permission.level = static_cast<PermissionLevel>(level);
            permission.inheritable = inheritable != VARIANT_FALSE;
            *result = new PermissionObject(permission, std::make_shared<const Principals>());
        });
    }

    STDMETHODIMP CreateSearchCriteria(IGPMSearchCriteria **result) override {
        return guarded([&] {
            called("IGPM::CreateSearchCriteria");
            *result = new SearchCriteria;
        });
    }

    STDMETHODIMP CreateTrustee(BSTR trustee, IGPMTrustee **result) override {
        return guarded([&] {
            *result = nullptr;
            calledDirectory("IGPM::CreateTrustee", fromBstr(trustee));
            throwPlanted("refuse_trustee", L"");
            *result = new TrusteeObject(requirePrincipal(fromBstr(trustee)));
        });
    }

    STDMETHODIMP GetConstants(IGPMConstants **result) override {
        return guarded([&] {
            called("IGPM::GetConstants");
            *result = makeConstants();
        });
    }

    STDMETHODIMP GetMigrationTable(BSTR path, IGPMMigrationTable **result) override {
        return guarded([&] {
            *result = nullptr;
            called("IGPM::GetMigrationTable", fromBstr(path));
            if (fromBstr(path).empty()) {
                throw HResultError(E_INVALIDARG);
            }
            *result = new MigrationTableObject(loadMigrationTable(fromBstr(path)));
        });
    }

    STDMETHODIMP CreateMigrationTable(IGPMMigrationTable **result) override {
        return guarded([&] {
            called("IGPM::CreateMigrationTable");
            *result = new MigrationTableObject({});
        });
    }

    STDMETHODIMP GetRSOP(GPMRSOPMode, BSTR, LONG, IDispatch **) override { return notImplemented(); }
    STDMETHODIMP GetClientSideExtensions(IDispatch **) override { return notImplemented(); }
    STDMETHODIMP InitializeReporting(BSTR) override { return notImplemented(); }
};

}  // namespace

IGPM *makeGpm() {
    return new GpmObject;
}

}  // namespace gpmc
