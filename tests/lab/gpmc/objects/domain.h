// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPMDomain.

#pragma once

#include "com/dispatch.h"
#include "objects/connection.h"

namespace gpmc {

class DomainObject : public Dispatch<IGPMDomain> {
public:
    explicit DomainObject(ConnectionPtr connection) : connection_(std::move(connection)) {}

    const std::wstring &name() const { return connection_->domain.name; }

    STDMETHODIMP get_DomainController(BSTR *value) override;
    STDMETHODIMP get_Domain(BSTR *value) override;
    STDMETHODIMP CreateGPO(IGPMGPO **gpo) override;
    STDMETHODIMP GetGPO(BSTR guid, IGPMGPO **gpo) override;
    STDMETHODIMP SearchGPOs(IGPMSearchCriteria *criteria, IGPMGPOCollection **gpos) override;
    STDMETHODIMP RestoreGPO(IGPMBackup *backup, LONG flags, VARIANT *progress, VARIANT *cancel,
                            IGPMResult **result) override;
    STDMETHODIMP GetSOM(BSTR path, IGPMSOM **som) override;
    STDMETHODIMP SearchSOMs(IGPMSearchCriteria *criteria, IGPMSOMCollection **soms) override;
    STDMETHODIMP GetWMIFilter(BSTR path, IGPMWMIFilter **filter) override;
    STDMETHODIMP SearchWMIFilters(IGPMSearchCriteria *criteria, IGPMWMIFilterCollection **filters) override;

private:
    ConnectionPtr connection_;
};

}  // namespace gpmc
