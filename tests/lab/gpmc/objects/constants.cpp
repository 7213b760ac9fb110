// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/constants.h"

namespace gpmc {

namespace {

// Bits of RSOP planning with loopback processing: merge, replace.
constexpr LONG kLoopbackMerge = 0x2;
constexpr LONG kLoopbackReplace = 0x4;

template <class Type, class Value>
HRESULT give(Type *target, Value value) {
    *target = static_cast<Type>(value);
    return S_OK;
}

#define GPM_CONSTANT(name, type, constant) \
    STDMETHODIMP get_##name(type *value) override { return give(value, constant); }

// One line per member of the interface; values as in gpmgmt.h.
class ConstantsObject : public Dispatch<IGPMConstants> {
public:
    GPM_CONSTANT(PermGPOApply, GPMPermissionType, permGPOApply)
    GPM_CONSTANT(PermGPORead, GPMPermissionType, permGPORead)
    GPM_CONSTANT(PermGPOEdit, GPMPermissionType, permGPOEdit)
    GPM_CONSTANT(PermGPOEditSecurityAndDelete, GPMPermissionType, permGPOEditSecurityAndDelete)
    GPM_CONSTANT(PermGPOCustom, GPMPermissionType, permGPOCustom)
    GPM_CONSTANT(PermWMIFilterEdit, GPMPermissionType, permWMIFilterEdit)
    GPM_CONSTANT(PermWMIFilterFullControl, GPMPermissionType, permWMIFilterFullControl)
    GPM_CONSTANT(PermWMIFilterCustom, GPMPermissionType, permWMIFilterCustom)
    GPM_CONSTANT(PermSOMLink, GPMPermissionType, permSOMLink)
    GPM_CONSTANT(PermSOMLogging, GPMPermissionType, permSOMLogging)
    GPM_CONSTANT(PermSOMPlanning, GPMPermissionType, permSOMPlanning)
    GPM_CONSTANT(PermSOMGPOCreate, GPMPermissionType, permSOMGPOCreate)
    GPM_CONSTANT(PermSOMWMICreate, GPMPermissionType, permSOMWMICreate)
    GPM_CONSTANT(PermSOMWMIFullControl, GPMPermissionType, permSOMWMIFullControl)
    GPM_CONSTANT(SearchPropertyGPOPermissions, GPMSearchProperty, gpoPermissions)
    GPM_CONSTANT(SearchPropertyGPOEffectivePermissions, GPMSearchProperty, gpoEffectivePermissions)
    GPM_CONSTANT(SearchPropertyGPODisplayName, GPMSearchProperty, gpoDisplayName)
    GPM_CONSTANT(SearchPropertyGPOWMIFilter, GPMSearchProperty, gpoWMIFilter)
    GPM_CONSTANT(SearchPropertyGPOID, GPMSearchProperty, gpoID)
    GPM_CONSTANT(SearchPropertyGPOComputerExtensions, GPMSearchProperty, gpoComputerExtensions)
    GPM_CONSTANT(SearchPropertyGPOUserExtensions, GPMSearchProperty, gpoUserExtensions)
    GPM_CONSTANT(SearchPropertySOMLinks, GPMSearchProperty, somLinks)
    GPM_CONSTANT(SearchPropertyGPODomain, GPMSearchProperty, gpoDomain)
    GPM_CONSTANT(SearchPropertyBackupMostRecent, GPMSearchProperty, backupMostRecent)
    GPM_CONSTANT(SearchOpEquals, GPMSearchOperation, opEquals)
    GPM_CONSTANT(SearchOpContains, GPMSearchOperation, opContains)
    GPM_CONSTANT(SearchOpNotContains, GPMSearchOperation, opNotContains)
    GPM_CONSTANT(SearchOpNotEquals, GPMSearchOperation, opNotEquals)
    GPM_CONSTANT(UsePDC, LONG, 0)
    GPM_CONSTANT(UseAnyDC, LONG, 1)
    GPM_CONSTANT(DoNotUseW2KDC, LONG, 2)
    GPM_CONSTANT(SOMSite, GPMSOMType, somSite)
    GPM_CONSTANT(SOMDomain, GPMSOMType, somDomain)
    GPM_CONSTANT(SOMOU, GPMSOMType, somOU)
    GPM_CONSTANT(DoNotValidateDC, LONG, 1)
    GPM_CONSTANT(ReportHTML, GPMReportType, repHTML)
    GPM_CONSTANT(ReportXML, GPMReportType, repXML)
    GPM_CONSTANT(RSOPModeUnknown, GPMRSOPMode, rsopUnknown)
    GPM_CONSTANT(RSOPModePlanning, GPMRSOPMode, rsopPlanning)
    GPM_CONSTANT(RSOPModeLogging, GPMRSOPMode, rsopLogging)
    GPM_CONSTANT(EntryTypeUser, GPMEntryType, typeUser)
    GPM_CONSTANT(EntryTypeComputer, GPMEntryType, typeComputer)
    GPM_CONSTANT(EntryTypeLocalGroup, GPMEntryType, typeLocalGroup)
    GPM_CONSTANT(EntryTypeGlobalGroup, GPMEntryType, typeGlobalGroup)
    GPM_CONSTANT(EntryTypeUniversalGroup, GPMEntryType, typeUniversalGroup)
    GPM_CONSTANT(EntryTypeUNCPath, GPMEntryType, typeUNCPath)
    GPM_CONSTANT(EntryTypeUnknown, GPMEntryType, typeUnknown)
    GPM_CONSTANT(DestinationOptionSameAsSource, GPMDestinationOption, opDestinationSameAsSource)
    GPM_CONSTANT(DestinationOptionNone, GPMDestinationOption, opDestinationNone)
    GPM_CONSTANT(DestinationOptionByRelativeName, GPMDestinationOption, opDestinationByRelativeName)
    GPM_CONSTANT(DestinationOptionSet, GPMDestinationOption, opDestinationSet)
    GPM_CONSTANT(MigrationTableOnly, LONG, 0x1)
    GPM_CONSTANT(ProcessSecurity, LONG, 0x2)
    GPM_CONSTANT(RsopLoggingNoComputer, LONG, 0x10000)
    GPM_CONSTANT(RsopLoggingNoUser, LONG, 0x20000)
    GPM_CONSTANT(RsopPlanningAssumeSlowLink, LONG, 0x1)
    GPM_CONSTANT(RsopPlanningAssumeUserWQLFilterTrue, LONG, 0x8)
    GPM_CONSTANT(RsopPlanningAssumeCompWQLFilterTrue, LONG, 0x10)

    STDMETHODIMP get_SecurityFlags(VARIANT_BOOL owner, VARIANT_BOOL group, VARIANT_BOOL dacl, VARIANT_BOOL sacl,
                                   LONG *value) override {
        LONG flags = 0;
        flags |= owner ? OWNER_SECURITY_INFORMATION : 0;
        flags |= group ? GROUP_SECURITY_INFORMATION : 0;
        flags |= dacl ? DACL_SECURITY_INFORMATION : 0;
        flags |= sacl ? SACL_SECURITY_INFORMATION : 0;
        return give(value, flags);
    }

    STDMETHODIMP get_RsopPlanningLoopbackOption(VARIANT_BOOL merge, LONG *value) override {
        return give(value, merge ? kLoopbackMerge : kLoopbackReplace);
    }
};

#undef GPM_CONSTANT

}  // namespace

IGPMConstants *makeConstants() {
    return new ConstantsObject;
}

}  // namespace gpmc
