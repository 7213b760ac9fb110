// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPMWMIFilter.

#pragma once

#include "com/dispatch.h"
#include "objects/connection.h"

namespace gpmc {

class WmiFilterObject : public Dispatch<IGPMWMIFilter> {
public:
    WmiFilterObject(ConnectionPtr connection, WmiFilterRecord record)
        : connection_(std::move(connection)), record_(std::move(record)) {}

    const std::wstring &id() const { return record_.id; }

    STDMETHODIMP get_Path(BSTR *value) override;
    STDMETHODIMP put_Name(BSTR) override { return notImplemented(); }
    STDMETHODIMP get_Name(BSTR *value) override;
    STDMETHODIMP put_Description(BSTR) override { return notImplemented(); }
    STDMETHODIMP get_Description(BSTR *value) override;
    STDMETHODIMP GetQueryList(VARIANT *queries) override;
    STDMETHODIMP GetSecurityInfo(IGPMSecurityInfo **) override { return notImplemented(); }
    STDMETHODIMP SetSecurityInfo(IGPMSecurityInfo *) override { return notImplemented(); }

private:
    ConnectionPtr connection_;
    WmiFilterRecord record_;
};

}  // namespace gpmc
