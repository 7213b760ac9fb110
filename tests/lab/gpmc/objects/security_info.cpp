// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/security_info.h"

#include "com/collection.h"
#include "com/text.h"

namespace gpmc {

namespace {

VARIANT_BOOL variantBool(bool value) {
    return value ? VARIANT_TRUE : VARIANT_FALSE;
}

LONG sidNameUse(const std::wstring &type) {
    if (type == L"User") {
        return SidTypeUser;
    }
    if (type == L"GlobalGroup" || type == L"UniversalGroup") {
        return SidTypeGroup;
    }
    if (type == L"LocalGroup") {
        return SidTypeAlias;
    }
    if (type == L"WellKnownGroup") {
        return SidTypeWellKnownGroup;
    }
    if (type == L"Computer") {
        return SidTypeComputer;
    }
    return SidTypeUnknown;
}

}  // namespace

STDMETHODIMP TrusteeObject::get_TrusteeSid(BSTR *value) {
    return guarded([&] { *value = toBstr(principal_.sid); });
}

STDMETHODIMP TrusteeObject::get_TrusteeName(BSTR *value) {
    return guarded([&] { *value = toBstr(principal_.name); });
}

STDMETHODIMP TrusteeObject::get_TrusteeDomain(BSTR *value) {
    return guarded([&] { *value = toBstr(principal_.domain); });
}

STDMETHODIMP TrusteeObject::get_TrusteeType(LONG *value) {
    *value = sidNameUse(principal_.type);
    return S_OK;
}

STDMETHODIMP PermissionObject::get_Inherited(VARIANT_BOOL *value) {
    *value = variantBool(permission_.inherited);
    return S_OK;
}

STDMETHODIMP PermissionObject::get_Inheritable(VARIANT_BOOL *value) {
    *value = variantBool(permission_.inheritable);
    return S_OK;
}

STDMETHODIMP PermissionObject::get_Denied(VARIANT_BOOL *value) {
    *value = variantBool(permission_.denied);
    return S_OK;
}

STDMETHODIMP PermissionObject::get_Permission(GPMPermissionType *value) {
    *value = static_cast<GPMPermissionType>(permission_.level);
    return S_OK;
}

STDMETHODIMP PermissionObject::get_Trustee(IGPMTrustee **value) {
    return guarded([&] { *value = new TrusteeObject(principals_->find(permission_.trustee)); });
}

STDMETHODIMP SecurityInfoObject::get_Count(LONG *value) {
    *value = static_cast<LONG>(permissions_.size());
    return S_OK;
}

STDMETHODIMP SecurityInfoObject::get_Item(LONG index, VARIANT *value) {
    return guarded([&] {
        VariantInit(value);
        if (index < 1 || static_cast<size_t>(index) > permissions_.size()) {
            throw HResultError(E_INVALIDARG);
        }
        V_VT(value) = VT_DISPATCH;
        V_DISPATCH(value) = new PermissionObject(permissions_[index - 1], principals_);
    });
}

STDMETHODIMP SecurityInfoObject::get__NewEnum(IEnumVARIANT **value) {
    return guarded([&] {
        ItemList items;
        for (const Permission &permission : permissions_) {
            items.push_back(ComPtr<IDispatch>::adopt(new PermissionObject(permission, principals_)));
        }
        *value = new Enumerator(std::move(items));
    });
}

}  // namespace gpmc
