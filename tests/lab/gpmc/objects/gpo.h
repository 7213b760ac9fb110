// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPMGPO and IGPMGPO2.

#pragma once

#include "com/dispatch.h"
#include "objects/connection.h"

namespace gpmc {

class GpoObject : public Dispatch<IGPMGPO2, IGPMGPO> {
public:
    GpoObject(ConnectionPtr connection, GpoRecord record)
        : connection_(std::move(connection)), record_(std::move(record)) {}

    const std::wstring &id() const { return record_.id; }

    STDMETHODIMP get_DisplayName(BSTR *value) override;
    STDMETHODIMP put_DisplayName(BSTR) override { return notImplemented(); }
    STDMETHODIMP get_Path(BSTR *value) override;
    STDMETHODIMP get_ID(BSTR *value) override;
    STDMETHODIMP get_DomainName(BSTR *value) override;
    STDMETHODIMP get_CreationTime(DATE *value) override;
    STDMETHODIMP get_ModificationTime(DATE *value) override;
    STDMETHODIMP get_UserDSVersionNumber(LONG *value) override;
    STDMETHODIMP get_ComputerDSVersionNumber(LONG *value) override;
    STDMETHODIMP get_UserSysvolVersionNumber(LONG *value) override;
    STDMETHODIMP get_ComputerSysvolVersionNumber(LONG *value) override;
    STDMETHODIMP GetWMIFilter(IGPMWMIFilter **filter) override;
    STDMETHODIMP SetWMIFilter(IGPMWMIFilter *) override { return notImplemented(); }
    STDMETHODIMP SetUserEnabled(VARIANT_BOOL) override { return notImplemented(); }
    STDMETHODIMP SetComputerEnabled(VARIANT_BOOL) override { return notImplemented(); }
    STDMETHODIMP IsUserEnabled(VARIANT_BOOL *enabled) override;
    STDMETHODIMP IsComputerEnabled(VARIANT_BOOL *enabled) override;
    STDMETHODIMP GetSecurityInfo(IGPMSecurityInfo **info) override;
    STDMETHODIMP SetSecurityInfo(IGPMSecurityInfo *) override { return notImplemented(); }
    STDMETHODIMP Delete() override { return notImplemented(); }
    STDMETHODIMP Backup(BSTR directory, BSTR comment, VARIANT *progress, VARIANT *cancel,
                        IGPMResult **result) override;
    STDMETHODIMP Import(LONG, IGPMBackup *, VARIANT *, VARIANT *, VARIANT *, IGPMResult **) override {
        return notImplemented();
    }
    STDMETHODIMP GenerateReport(GPMReportType, VARIANT *, VARIANT *, IGPMResult **) override {
        return notImplemented();
    }
    STDMETHODIMP GenerateReportToFile(GPMReportType, BSTR, IGPMResult **) override { return notImplemented(); }
    STDMETHODIMP CopyTo(LONG, IGPMDomain *, VARIANT *, VARIANT *, VARIANT *, VARIANT *, IGPMResult **) override {
        return notImplemented();
    }
    STDMETHODIMP SetSecurityDescriptor(LONG, IDispatch *) override { return notImplemented(); }
    STDMETHODIMP GetSecurityDescriptor(LONG flags, IDispatch **descriptor) override;
    STDMETHODIMP IsACLConsistent(VARIANT_BOOL *consistent) override;
    STDMETHODIMP MakeACLConsistent() override { return notImplemented(); }
    STDMETHODIMP get_Description(BSTR *value) override;
    STDMETHODIMP put_Description(BSTR) override { return notImplemented(); }

private:
    DWORD sysvolVersion() const;

    ConnectionPtr connection_;
    GpoRecord record_;
};

}  // namespace gpmc
