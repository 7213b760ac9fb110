// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPMGPO and IGPMGPO2.

#pragma once

#include "com/dispatch.h"
#include "objects/connection.h"
#include "objects/reports.h"

namespace gpmc {

class GpoObject : public Dispatch<IGPMGPO2, IGPMGPO> {
public:
    GpoObject(ConnectionPtr connection, GpoRecord record)
        : connection_(std::move(connection)), record_(std::move(record)) {}

    const std::wstring &id() const { return record_.id; }
    const DomainRecord &domain() const { return connection_->domain; }
    const GpoRecord &record() const { return record_; }

    STDMETHODIMP get_DisplayName(BSTR *value) override;
    STDMETHODIMP put_DisplayName(BSTR name) override;
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
    STDMETHODIMP SetWMIFilter(IGPMWMIFilter *filter) override;
    STDMETHODIMP SetUserEnabled(VARIANT_BOOL enabled) override;
    STDMETHODIMP SetComputerEnabled(VARIANT_BOOL enabled) override;
    STDMETHODIMP IsUserEnabled(VARIANT_BOOL *enabled) override;
    STDMETHODIMP IsComputerEnabled(VARIANT_BOOL *enabled) override;
    STDMETHODIMP GetSecurityInfo(IGPMSecurityInfo **info) override;
    STDMETHODIMP SetSecurityInfo(IGPMSecurityInfo *info) override;
    // Links to the GPO stay, as Microsoft's page says.
    STDMETHODIMP Delete() override;
    STDMETHODIMP Backup(BSTR directory, BSTR comment, VARIANT *progress, VARIANT *cancel,
                        IGPMResult **result) override;
    STDMETHODIMP Import(LONG flags, IGPMBackup *backup, VARIANT *table, VARIANT *progress, VARIANT *cancel,
                        IGPMResult **result) override;
    STDMETHODIMP GenerateReport(GPMReportType type, VARIANT *progress, VARIANT *cancel, IGPMResult **result) override;
    STDMETHODIMP GenerateReportToFile(GPMReportType type, BSTR path, IGPMResult **result) override;
    STDMETHODIMP CopyTo(LONG, IGPMDomain *, VARIANT *, VARIANT *, VARIANT *, VARIANT *, IGPMResult **) override {
        return notImplemented();
    }
    // Takes what GetSecurityDescriptor of any GPO gave.
    STDMETHODIMP SetSecurityDescriptor(LONG flags, IDispatch *descriptor) override;
    STDMETHODIMP GetSecurityDescriptor(LONG flags, IDispatch **descriptor) override;
    STDMETHODIMP IsACLConsistent(VARIANT_BOOL *consistent) override;
    STDMETHODIMP MakeACLConsistent() override { return notImplemented(); }
    STDMETHODIMP get_Description(BSTR *value) override;
    STDMETHODIMP put_Description(BSTR description) override;

private:
    DWORD sysvolVersion() const;
    // Changes the GPO in the directory, and with it what this object knows of it.
    void change(const std::function<void(GpoRecord &)> &edit);
    ReportSource reportSource() const;

    ConnectionPtr connection_;
    GpoRecord record_;
};

// The GPO as a result, read anew; nothing for an empty ID.
ResultValue gpoResult(const ConnectionPtr &connection, const std::wstring &id);

}  // namespace gpmc
