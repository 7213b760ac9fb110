// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// The objects of ADSI that IGPMGPO::GetSecurityDescriptor hands out: every ACE, not GPMC's grouping of them. Of an ACL,
// ACEs can be removed and added; the rest of a descriptor can only be read.

#pragma once

#include "com/dispatch.h"
#include "store/descriptor.h"
#include "store/domain_store.h"

namespace gpmc {

class AdsAce : public Dispatch<IADsAccessControlEntry> {
public:
    // What the class AccessControlEntry makes: an ACE to be filled.
    AdsAce() : AdsAce(Ace(), std::make_shared<const Principals>()) {}
    AdsAce(Ace ace, PrincipalsPtr principals) : ace_(std::move(ace)), principals_(std::move(principals)) {}

    const Ace &ace() const { return ace_; }

    STDMETHODIMP get_AccessMask(LONG *value) override;
    STDMETHODIMP put_AccessMask(LONG mask) override;
    STDMETHODIMP get_AceType(LONG *value) override;
    STDMETHODIMP put_AceType(LONG type) override;
    STDMETHODIMP get_AceFlags(LONG *value) override;
    STDMETHODIMP put_AceFlags(LONG flags) override;
    STDMETHODIMP get_Flags(LONG *value) override;
    STDMETHODIMP put_Flags(LONG flags) override;
    STDMETHODIMP get_ObjectType(BSTR *value) override;
    STDMETHODIMP put_ObjectType(BSTR guid) override;
    STDMETHODIMP get_InheritedObjectType(BSTR *value) override;
    STDMETHODIMP put_InheritedObjectType(BSTR guid) override;
    // DOMAIN\name, or the SID if it has no name.
    STDMETHODIMP get_Trustee(BSTR *value) override;
    // A name that the domain does not know is refused; a SID is taken as it is.
    STDMETHODIMP put_Trustee(BSTR trustee) override;

private:
    Ace ace_;
    PrincipalsPtr principals_;
};

class AdsAcl : public Dispatch<IADsAccessControlList> {
public:
    AdsAcl(LONG revision, std::vector<Ace> aces, PrincipalsPtr principals)
        : revision_(revision), aces_(std::move(aces)), principals_(std::move(principals)) {}

    LONG revision() const { return revision_; }
    const std::vector<Ace> &aces() const { return aces_; }

    STDMETHODIMP get_AclRevision(LONG *value) override;
    STDMETHODIMP put_AclRevision(LONG) override { return notImplemented(); }
    STDMETHODIMP get_AceCount(LONG *value) override;
    STDMETHODIMP put_AceCount(LONG) override { return notImplemented(); }
    // To the front, as documented.
    STDMETHODIMP AddAce(IDispatch *entry) override;
    STDMETHODIMP RemoveAce(IDispatch *entry) override;
    STDMETHODIMP CopyAccessList(IDispatch **value) override;
    STDMETHODIMP get__NewEnum(IUnknown **value) override;

private:
    LONG revision_;
    std::vector<Ace> aces_;
    PrincipalsPtr principals_;
};

class AdsDescriptor : public Dispatch<IADsSecurityDescriptor> {
public:
    // Holds only the parts it is given: no owner and an empty DACL pointer for what a client did not ask for.
    AdsDescriptor(Descriptor descriptor, PrincipalsPtr principals)
        : descriptor_(std::move(descriptor)), principals_(std::move(principals)) {}

    const Descriptor &descriptor() const { return descriptor_; }

    STDMETHODIMP get_Revision(LONG *value) override;
    STDMETHODIMP put_Revision(LONG) override { return notImplemented(); }
    STDMETHODIMP get_Control(LONG *value) override;
    STDMETHODIMP put_Control(LONG) override { return notImplemented(); }
    STDMETHODIMP get_Owner(BSTR *value) override;
    STDMETHODIMP put_Owner(BSTR) override { return notImplemented(); }
    STDMETHODIMP get_OwnerDefaulted(VARIANT_BOOL *value) override;
    STDMETHODIMP put_OwnerDefaulted(VARIANT_BOOL) override { return notImplemented(); }
    STDMETHODIMP get_Group(BSTR *value) override;
    STDMETHODIMP put_Group(BSTR) override { return notImplemented(); }
    STDMETHODIMP get_GroupDefaulted(VARIANT_BOOL *value) override;
    STDMETHODIMP put_GroupDefaulted(VARIANT_BOOL) override { return notImplemented(); }
    STDMETHODIMP get_DiscretionaryAcl(IDispatch **value) override;
    STDMETHODIMP put_DiscretionaryAcl(IDispatch *acl) override;
    STDMETHODIMP get_DaclDefaulted(VARIANT_BOOL *value) override;
    STDMETHODIMP put_DaclDefaulted(VARIANT_BOOL) override { return notImplemented(); }
    STDMETHODIMP get_SystemAcl(IDispatch **value) override;
    STDMETHODIMP put_SystemAcl(IDispatch *) override { return notImplemented(); }
    STDMETHODIMP get_SaclDefaulted(VARIANT_BOOL *value) override;
    STDMETHODIMP put_SaclDefaulted(VARIANT_BOOL) override { return notImplemented(); }
    STDMETHODIMP CopySecurityDescriptor(IDispatch **value) override;

private:
    HRESULT controlFlag(WORD flag, VARIANT_BOOL *value) const;

    Descriptor descriptor_;
    PrincipalsPtr principals_;
};

}  // namespace gpmc
