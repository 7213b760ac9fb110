// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/ads_security.h"

#include <algorithm>
#include <tuple>

#include "com/collection.h"
#include "com/text.h"

namespace gpmc {

namespace {

std::wstring nameOf(const std::wstring &sid, const Principals &principals) {
    return sid.empty() ? sid : qualifiedName(principals.find(sid));
}

// ADSI writes the GUIDs of an object ACE in braces and upper case.
std::wstring bracedGuid(const std::wstring &guid) {
    return guid.empty() ? guid : L"{" + toUpper(guid) + L"}";
}

std::wstring bareGuid(BSTR guid) {
    const std::wstring text = toLower(fromBstr(guid));
    return text.size() > 2 && text.front() == L'{' ? text.substr(1, text.size() - 2) : text;
}

bool isSid(const std::wstring &text) {
    return toUpper(text).rfind(L"S-1-", 0) == 0;
}

auto fieldsOf(const Ace &ace) {
    return std::tie(ace.type, ace.flags, ace.mask, ace.objectFlags, ace.objectType, ace.inheritedObjectType,
                    ace.trustee);
}

const Ace &requireAce(IDispatch *entry) {
    const auto *ace = implementationOf<AdsAce>(entry);
    if (!ace) {
        throw HResultError(E_INVALIDARG);
    }
    return ace->ace();
}

}  // namespace

STDMETHODIMP AdsAce::get_AccessMask(LONG *value) {
    *value = static_cast<LONG>(ace_.mask);
    return S_OK;
}

STDMETHODIMP AdsAce::get_AceType(LONG *value) {
    *value = ace_.type;
    return S_OK;
}

STDMETHODIMP AdsAce::get_AceFlags(LONG *value) {
    *value = ace_.flags;
    return S_OK;
}

STDMETHODIMP AdsAce::get_Flags(LONG *value) {
    *value = static_cast<LONG>(ace_.objectFlags);
    return S_OK;
}

STDMETHODIMP AdsAce::get_ObjectType(BSTR *value) {
    return guarded([&] { *value = toBstr(bracedGuid(ace_.objectType)); });
}

STDMETHODIMP AdsAce::get_InheritedObjectType(BSTR *value) {
    return guarded([&] { *value = toBstr(bracedGuid(ace_.inheritedObjectType)); });
}

STDMETHODIMP AdsAce::get_Trustee(BSTR *value) {
    return guarded([&] { *value = toBstr(nameOf(ace_.trustee, *principals_)); });
}

STDMETHODIMP AdsAce::put_AccessMask(LONG mask) {
    ace_.mask = static_cast<DWORD>(mask);
    return S_OK;
}

STDMETHODIMP AdsAce::put_AceType(LONG type) {
    ace_.type = static_cast<BYTE>(type);
    return S_OK;
}

STDMETHODIMP AdsAce::put_AceFlags(LONG flags) {
    ace_.flags = static_cast<BYTE>(flags);
    return S_OK;
}

STDMETHODIMP AdsAce::put_Flags(LONG flags) {
    ace_.objectFlags = static_cast<DWORD>(flags);
    return S_OK;
}

STDMETHODIMP AdsAce::put_ObjectType(BSTR guid) {
    return guarded([&] { ace_.objectType = bareGuid(guid); });
}

STDMETHODIMP AdsAce::put_InheritedObjectType(BSTR guid) {
    return guarded([&] { ace_.inheritedObjectType = bareGuid(guid); });
}

STDMETHODIMP AdsAce::put_Trustee(BSTR trustee) {
    return guarded([&] {
        const std::wstring text = fromBstr(trustee);
        ace_.trustee = isSid(text) ? toUpper(text) : requirePrincipal(text).sid;
    });
}

STDMETHODIMP AdsAcl::AddAce(IDispatch *entry) {
    return guarded([&] { aces_.insert(aces_.begin(), requireAce(entry)); });
}

STDMETHODIMP AdsAcl::RemoveAce(IDispatch *entry) {
    return guarded([&] {
        const Ace &wanted = requireAce(entry);
        const auto found = std::find_if(aces_.begin(), aces_.end(),
                                        [&](const Ace &ace) { return fieldsOf(ace) == fieldsOf(wanted); });
        if (found == aces_.end()) {
            throw HResultError(E_INVALIDARG);
        }
        aces_.erase(found);
    });
}

STDMETHODIMP AdsAcl::get_AclRevision(LONG *value) {
    *value = revision_;
    return S_OK;
}

STDMETHODIMP AdsAcl::get_AceCount(LONG *value) {
    *value = static_cast<LONG>(aces_.size());
    return S_OK;
}

STDMETHODIMP AdsAcl::CopyAccessList(IDispatch **value) {
    return guarded([&] { *value = new AdsAcl(revision_, aces_, principals_); });
}

STDMETHODIMP AdsAcl::get__NewEnum(IUnknown **value) {
    return guarded([&] {
        ItemList items;
        for (const Ace &ace : aces_) {
            items.push_back(ComPtr<IDispatch>::adopt(new AdsAce(ace, principals_)));
        }
        *value = new Enumerator(std::move(items));
    });
}

STDMETHODIMP AdsDescriptor::get_Revision(LONG *value) {
    *value = SECURITY_DESCRIPTOR_REVISION;
    return S_OK;
}

STDMETHODIMP AdsDescriptor::get_Control(LONG *value) {
    *value = descriptor_.control;
    return S_OK;
}

STDMETHODIMP AdsDescriptor::get_Owner(BSTR *value) {
    return guarded([&] { *value = toBstr(nameOf(descriptor_.owner, *principals_)); });
}

STDMETHODIMP AdsDescriptor::get_OwnerDefaulted(VARIANT_BOOL *value) {
    return controlFlag(SE_OWNER_DEFAULTED, value);
}

STDMETHODIMP AdsDescriptor::get_Group(BSTR *value) {
    return guarded([&] { *value = toBstr(nameOf(descriptor_.group, *principals_)); });
}

STDMETHODIMP AdsDescriptor::get_GroupDefaulted(VARIANT_BOOL *value) {
    return controlFlag(SE_GROUP_DEFAULTED, value);
}

STDMETHODIMP AdsDescriptor::get_DiscretionaryAcl(IDispatch **value) {
    return guarded([&] {
        *value = nullptr;
        if (descriptor_.hasDacl) {
            *value = new AdsAcl(descriptor_.daclRevision, descriptor_.dacl, principals_);
        }
    });
}

STDMETHODIMP AdsDescriptor::put_DiscretionaryAcl(IDispatch *acl) {
    return guarded([&] {
        const auto *wanted = implementationOf<AdsAcl>(acl);
        if (!wanted) {
            throw HResultError(E_INVALIDARG);
        }
        descriptor_.dacl = wanted->aces();
        descriptor_.daclRevision = static_cast<BYTE>(wanted->revision());
        descriptor_.hasDacl = true;
        descriptor_.control |= SE_DACL_PRESENT;
    });
}

STDMETHODIMP AdsDescriptor::get_DaclDefaulted(VARIANT_BOOL *value) {
    return controlFlag(SE_DACL_DEFAULTED, value);
}

STDMETHODIMP AdsDescriptor::get_SystemAcl(IDispatch **value) {
    *value = nullptr;
    return S_OK;
}

STDMETHODIMP AdsDescriptor::get_SaclDefaulted(VARIANT_BOOL *value) {
    return controlFlag(SE_SACL_DEFAULTED, value);
}

STDMETHODIMP AdsDescriptor::CopySecurityDescriptor(IDispatch **value) {
    return guarded([&] { *value = new AdsDescriptor(descriptor_, principals_); });
}

HRESULT AdsDescriptor::controlFlag(WORD flag, VARIANT_BOOL *value) const {
    *value = descriptor_.control & flag ? VARIANT_TRUE : VARIANT_FALSE;
    return S_OK;
}

}  // namespace gpmc
