// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPMSecurityInfo, IGPMPermission and IGPMTrustee: GPMC's own view of a GPO's ACL.

#pragma once

#include <functional>

#include "com/dispatch.h"
#include "store/descriptor.h"
#include "store/domain_store.h"

namespace gpmc {

class TrusteeObject : public Dispatch<IGPMTrustee> {
public:
    explicit TrusteeObject(PrincipalRecord principal) : principal_(std::move(principal)) {}

    STDMETHODIMP get_TrusteeSid(BSTR *value) override;
    STDMETHODIMP get_TrusteeName(BSTR *value) override;
    STDMETHODIMP get_TrusteeDomain(BSTR *value) override;
    STDMETHODIMP get_TrusteeDSPath(BSTR *) override { return notImplemented(); }
    // A SID_NAME_USE.
    STDMETHODIMP get_TrusteeType(LONG *value) override;

private:
    PrincipalRecord principal_;
};

class PermissionObject : public Dispatch<IGPMPermission> {
public:
    PermissionObject(Permission permission, PrincipalsPtr principals)
        : permission_(std::move(permission)), principals_(std::move(principals)) {}

    const Permission &permission() const { return permission_; }

    STDMETHODIMP get_Inherited(VARIANT_BOOL *value) override;
    STDMETHODIMP get_Inheritable(VARIANT_BOOL *value) override;
    STDMETHODIMP get_Denied(VARIANT_BOOL *value) override;
    STDMETHODIMP get_Permission(GPMPermissionType *value) override;
    STDMETHODIMP get_Trustee(IGPMTrustee **value) override;

private:
    Permission permission_;
    PrincipalsPtr principals_;
};

class SecurityInfoObject : public Dispatch<IGPMSecurityInfo> {
public:
    SecurityInfoObject(std::vector<Permission> permissions, PrincipalsPtr principals)
        : permissions_(std::move(permissions)), principals_(std::move(principals)) {}

    STDMETHODIMP get_Count(LONG *value) override;
    STDMETHODIMP get_Item(LONG index, VARIANT *value) override;
    STDMETHODIMP get__NewEnum(IEnumVARIANT **value) override;
    // A higher level takes the place of a lower one of the same trustee. S_FALSE if the trustee has it already, or more.
    STDMETHODIMP Add(IGPMPermission *permission) override;
    // Takes away that level, or a lower one. S_FALSE if the trustee has a higher one, or none.
    STDMETHODIMP Remove(IGPMPermission *permission) override;
    STDMETHODIMP RemoveTrustee(BSTR trustee) override;

    const std::vector<Permission> &permissions() const { return permissions_; }

private:
    size_t removeIf(const std::function<bool(const Permission &)> &matches);

    std::vector<Permission> permissions_;
    PrincipalsPtr principals_;
};

}  // namespace gpmc
