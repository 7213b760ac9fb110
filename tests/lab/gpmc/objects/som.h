// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Scopes of management (sites, domains, organizational units), the links of GPOs to them, and the sites container.

#pragma once

#include <functional>

#include "com/dispatch.h"
#include "objects/connection.h"

namespace gpmc {

class SomObject : public Dispatch<IGPMSOM> {
public:
    SomObject(ConnectionPtr connection, SomRecord record)
        : connection_(std::move(connection)), record_(std::move(record)) {}

    STDMETHODIMP get_GPOInheritanceBlocked(VARIANT_BOOL *value) override;
    STDMETHODIMP put_GPOInheritanceBlocked(VARIANT_BOOL blocked) override;
    STDMETHODIMP get_Name(BSTR *value) override;
    STDMETHODIMP get_Path(BSTR *value) override;
    // Positions count from 1, -1 is the end; where a link is already, it and those after it move down.
    STDMETHODIMP CreateGPOLink(LONG position, IGPMGPO *gpo, IGPMGPOLink **link) override;
    STDMETHODIMP get_Type(GPMSOMType *value) override;
    // In link order, the first being 1.
    STDMETHODIMP GetGPOLinks(IGPMGPOLinksCollection **links) override;
    STDMETHODIMP GetInheritedGPOLinks(IGPMGPOLinksCollection **) override { return notImplemented(); }
    STDMETHODIMP GetSecurityInfo(IGPMSecurityInfo **) override { return notImplemented(); }
    STDMETHODIMP SetSecurityInfo(IGPMSecurityInfo *) override { return notImplemented(); }

private:
    ConnectionPtr connection_;
    SomRecord record_;
};

class GpoLinkObject : public Dispatch<IGPMGPOLink> {
public:
    GpoLinkObject(ConnectionPtr connection, SomRecord som, size_t index)
        : connection_(std::move(connection)), som_(std::move(som)), index_(index) {}

    STDMETHODIMP get_GPOID(BSTR *value) override;
    STDMETHODIMP get_GPODomain(BSTR *value) override;
    STDMETHODIMP get_Enabled(VARIANT_BOOL *value) override;
    STDMETHODIMP put_Enabled(VARIANT_BOOL enabled) override;
    STDMETHODIMP get_Enforced(VARIANT_BOOL *value) override;
    STDMETHODIMP put_Enforced(VARIANT_BOOL enforced) override;
    STDMETHODIMP get_SOMLinkOrder(LONG *value) override;
    STDMETHODIMP get_SOM(IGPMSOM **value) override;
    STDMETHODIMP Delete() override;

private:
    const LinkRecord &link() const { return som_.links[index_]; }
    // Changes the scope in the directory; "no such object" if the link is gone meanwhile.
    void change(const std::function<void(std::vector<LinkRecord> &, size_t)> &edit);

    ConnectionPtr connection_;
    SomRecord som_;
    size_t index_;
};

class SitesContainerObject : public Dispatch<IGPMSitesContainer> {
public:
    explicit SitesContainerObject(ConnectionPtr connection) : connection_(std::move(connection)) {}

    STDMETHODIMP get_DomainController(BSTR *value) override;
    STDMETHODIMP get_Domain(BSTR *value) override;
    STDMETHODIMP get_Forest(BSTR *value) override;
    STDMETHODIMP GetSite(BSTR name, IGPMSOM **site) override;
    STDMETHODIMP SearchSites(IGPMSearchCriteria *criteria, IGPMSOMCollection **sites) override;

private:
    ConnectionPtr connection_;
};

// The sites, or the domains and organizational units, that link every GPO the criteria name.
IGPMSOMCollection *searchSoms(const ConnectionPtr &connection, IGPMSearchCriteria *criteria, bool sites);

// The one with this distinguished name (any kind), or "no such object".
SomRecord findSom(const std::wstring &path);

}  // namespace gpmc
