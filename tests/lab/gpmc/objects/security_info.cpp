// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/security_info.h"

#include <algorithm>

#include "com/collection.h"
#include "com/text.h"
#include "com/variants.h"

namespace gpmc {

namespace {

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

const Permission &requirePermission(IGPMPermission *object) {
    const auto *permission = implementationOf<PermissionObject>(object);
    if (!permission) {
        throw HResultError(E_INVALIDARG);
    }
    return permission->permission();
}

// Whether a level holds another: full, edit, read; apply, read. Custom is beside them all.
bool includes(PermissionLevel level, PermissionLevel other) {
    if (level == other) {
        return true;
    }
    switch (level) {
    case PermissionLevel::apply:
    case PermissionLevel::edit:
        return other == PermissionLevel::read;
    case PermissionLevel::editSecurityAndDelete:
        return other == PermissionLevel::read || other == PermissionLevel::edit;
    default:
        return false;
    }
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

// What is inherited or denied cannot be raised here, as Microsoft's page says.
STDMETHODIMP SecurityInfoObject::Add(IGPMPermission *object) {
    bool changed = false;
    const HRESULT failure = guarded([&] {
        const Permission permission = requirePermission(object);
        for (Permission &known : permissions_) {
            if (known.trustee != permission.trustee) {
                continue;
            }
            if (known.inherited || known.denied) {
                throw HResultError(E_INVALIDARG);
            }
            if (includes(known.level, permission.level)) {
                return;
            }
            if (includes(permission.level, known.level)) {
                known = permission;
                changed = true;
                return;
            }
        }
        permissions_.push_back(permission);
        changed = true;
    });
    return FAILED(failure) || changed ? failure : S_FALSE;
}

STDMETHODIMP SecurityInfoObject::Remove(IGPMPermission *object) {
    size_t removed = 0;
    const HRESULT failure = guarded([&] {
        const Permission permission = requirePermission(object);
        removed = removeIf([&](const Permission &known) {
            return known.trustee == permission.trustee && known.denied == permission.denied &&
                   includes(permission.level, known.level);
        });
    });
    return FAILED(failure) || removed > 0 ? failure : S_FALSE;
}

STDMETHODIMP SecurityInfoObject::RemoveTrustee(BSTR trustee) {
    return guarded([&] {
        const std::wstring wanted = fromBstr(trustee);
        const auto principal = principals_->findByName(wanted);
        const std::wstring sid = principal ? principal->sid : wanted;
        if (removeIf([&](const Permission &known) { return equalIgnoreCase(known.trustee, sid); }) == 0) {
            throwWin32(ERROR_NONE_MAPPED);
        }
    });
}

// What is inherited stays.
size_t SecurityInfoObject::removeIf(const std::function<bool(const Permission &)> &matches) {
    const size_t before = permissions_.size();
    const auto isGone = [&](const Permission &known) { return !known.inherited && matches(known); };
    permissions_.erase(std::remove_if(permissions_.begin(), permissions_.end(), isGone), permissions_.end());
    return before - permissions_.size();
}

}  // namespace gpmc
