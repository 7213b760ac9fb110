// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Reading the VARIANTs that late-bound clients send.

#pragma once

#include <windows.h>
#include <oleauto.h>

#include <string>

namespace gpmc {

// Follows VT_BYREF|VT_VARIANT to the value behind it; a null pointer stays null.
const VARIANT *dereference(const VARIANT *value);

// True for what an optional argument looks like when it was left out: no pointer, VT_EMPTY, VT_NULL, VT_ERROR with
// DISP_E_PARAMNOTFOUND, or an object variable that holds Nothing.
bool isMissing(const VARIANT *value);

// The object in a VARIANT, or null; no reference is added.
IUnknown *objectOf(const VARIANT *value);

// Whether the VARIANT holds a string, and the string.
bool stringOf(const VARIANT *value, std::wstring &text);

inline VARIANT_BOOL variantBool(bool value) {
    return value ? VARIANT_TRUE : VARIANT_FALSE;
}

// Puts an object into the caller's variable, which may be a VARIANT of its own or a reference to one.
void returnObject(VARIANT *variable, IDispatch *object);

}  // namespace gpmc
