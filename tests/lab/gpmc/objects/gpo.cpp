// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/gpo.h"

#include "com/text.h"
#include "com/variants.h"
#include "objects/ads_security.h"
#include "objects/backup_call.h"
#include "objects/security_info.h"
#include "objects/wmi_filter.h"
#include "store/call_log.h"

namespace gpmc {

namespace {

// The bits of IGPMConstants::SecurityFlags, those of SECURITY_INFORMATION.
constexpr long kOwner = OWNER_SECURITY_INFORMATION;
constexpr long kGroup = GROUP_SECURITY_INFORMATION;
constexpr long kDacl = DACL_SECURITY_INFORMATION;
constexpr long kSacl = SACL_SECURITY_INFORMATION;

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
        called("IGPMGPO::GetWMIFilter", record_.id);
        connection_->requireDirectory();
        if (record_.wmiFilter.empty()) {
            return;
        }
        const auto found = findWmiFilter(record_.wmiFilter);
        if (!found) {
            throw HResultError(kNoSuchObject);
        }
        *filter = new WmiFilterObject(connection_, *found);
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
        called("IGPMGPO::GetSecurityInfo", record_.id);
        connection_->requireDirectory();
        *info = new SecurityInfoObject(groupPermissions(parseDescriptor(record_.securityDescriptor)),
                                       std::make_shared<const Principals>());
    });
}

STDMETHODIMP GpoObject::Backup(BSTR directory, BSTR comment, VARIANT *progress, VARIANT *cancel,
                               IGPMResult **result) {
    return guarded([&] {
        *result = nullptr;
        called("IGPMGPO::Backup", fromBstr(directory));
        connection_->requireDirectory();
        backUp({connection_->dc, record_.id, fromBstr(directory), fromBstr(comment)}, progress, cancel, result);
    });
}

STDMETHODIMP GpoObject::GetSecurityDescriptor(LONG flags, IDispatch **descriptor) {
    return guarded([&] {
        *descriptor = nullptr;
        called("IGPMGPO::GetSecurityDescriptor", record_.id);
        if (flags & ~(kOwner | kGroup | kDacl | kSacl)) {
            throw HResultError(E_INVALIDARG);
        }
        connection_->requireDirectory();
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
        *descriptor = new AdsDescriptor(std::move(parts), std::make_shared<const Principals>());
    });
}

// The lab keeps no ACLs on SYSVOL, so they cannot disagree with the directory's.
STDMETHODIMP GpoObject::IsACLConsistent(VARIANT_BOOL *consistent) {
    return guarded([&] {
        called("IGPMGPO::IsACLConsistent", record_.id);
        connection_->requireDirectory();
        *consistent = VARIANT_TRUE;
    });
}

STDMETHODIMP GpoObject::get_Description(BSTR *value) {
    return guarded([&] { *value = toBstr(readDescription(connection_->domain, record_.id)); });
}

DWORD GpoObject::sysvolVersion() const {
    return readSysvolVersion(connection_->domain, record_.id);
}

}  // namespace gpmc
