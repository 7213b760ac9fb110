// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPMResult and the status messages in it.

#pragma once

#include <variant>

#include "com/dispatch.h"
#include "store/faults.h"

namespace gpmc {

// What an operation made: an object, a report's text, whether a table is valid; or nothing.
using ResultValue = std::variant<std::monostate, ComPtr<IDispatch>, std::wstring, bool>;

// Fills an empty VARIANT, which is the caller's afterwards.
void resultToVariant(const ResultValue &result, VARIANT *value);

class StatusMessageObject : public Dispatch<IGPMStatusMessage> {
public:
    explicit StatusMessageObject(StatusMessage message) : message_(std::move(message)) {}

    STDMETHODIMP get_ObjectPath(BSTR *value) override;
    STDMETHODIMP ErrorCode() override;
    STDMETHODIMP get_ExtensionName(BSTR *value) override;
    STDMETHODIMP get_SettingsName(BSTR *value) override;
    STDMETHODIMP OperationCode() override;
    STDMETHODIMP get_Message(BSTR *value) override;

private:
    StatusMessage message_;
};

IGPMStatusMsgCollection *makeMessages(const std::vector<StatusMessage> &messages);

class ResultObject : public Dispatch<IGPMResult> {
public:
    ResultObject(HRESULT overall, std::vector<StatusMessage> messages, ResultValue result)
        : overall_(overall), messages_(std::move(messages)), result_(std::move(result)) {}

    STDMETHODIMP get_Status(IGPMStatusMsgCollection **messages) override;
    STDMETHODIMP get_Result(VARIANT *value) override;
    STDMETHODIMP OverallStatus() override;

private:
    HRESULT overall_;
    std::vector<StatusMessage> messages_;
    ResultValue result_;
};

}  // namespace gpmc
