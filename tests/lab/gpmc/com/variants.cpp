// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "com/variants.h"

#include "com/text.h"

namespace gpmc {

const VARIANT *dereference(const VARIANT *value) {
    while (value && V_VT(value) == (VT_BYREF | VT_VARIANT)) {
        value = V_VARIANTREF(value);
    }
    return value;
}

bool isMissing(const VARIANT *value) {
    value = dereference(value);
    if (!value) {
        return true;
    }
    switch (V_VT(value)) {
    case VT_EMPTY:
    case VT_NULL:
        return true;
    case VT_ERROR:
        return V_ERROR(value) == DISP_E_PARAMNOTFOUND;
    case VT_DISPATCH:
    case VT_UNKNOWN:
        return V_UNKNOWN(value) == nullptr;
    case VT_BYREF | VT_DISPATCH:
    case VT_BYREF | VT_UNKNOWN:
        return V_UNKNOWNREF(value) == nullptr || *V_UNKNOWNREF(value) == nullptr;
    default:
        return false;
    }
}

IUnknown *objectOf(const VARIANT *value) {
    value = dereference(value);
    if (!value) {
        return nullptr;
    }
    switch (V_VT(value)) {
    case VT_DISPATCH:
    case VT_UNKNOWN:
        return V_UNKNOWN(value);
    case VT_BYREF | VT_DISPATCH:
    case VT_BYREF | VT_UNKNOWN:
        return V_UNKNOWNREF(value) ? *V_UNKNOWNREF(value) : nullptr;
    default:
        return nullptr;
    }
}

bool stringOf(const VARIANT *value, std::wstring &text) {
    value = dereference(value);
    if (!value) {
        return false;
    }
    if (V_VT(value) == VT_BSTR) {
        text = fromBstr(V_BSTR(value));
        return true;
    }
    if (V_VT(value) == (VT_BYREF | VT_BSTR)) {
        text = fromBstr(*V_BSTRREF(value));
        return true;
    }
    return false;
}

void returnObject(VARIANT *variable, IDispatch *object) {
    while (V_VT(variable) == (VT_BYREF | VT_VARIANT)) {
        variable = V_VARIANTREF(variable);
    }
    VariantClear(variable);
    V_VT(variable) = VT_DISPATCH;
    V_DISPATCH(variable) = object;
    object->AddRef();
}

}  // namespace gpmc
