// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/result.h"

#include "com/collection.h"
#include "com/text.h"
#include "com/variants.h"
#include "store/call_log.h"

namespace gpmc {

void resultToVariant(const ResultValue &result, VARIANT *value) {
    VariantInit(value);
    if (const auto *object = std::get_if<ComPtr<IDispatch>>(&result)) {
        itemToVariant(*object, value);
    } else if (const auto *text = std::get_if<std::wstring>(&result)) {
        V_BSTR(value) = toBstr(*text);
        V_VT(value) = VT_BSTR;
    } else if (const auto *truth = std::get_if<bool>(&result)) {
        V_VT(value) = VT_BOOL;
        V_BOOL(value) = variantBool(*truth);
    }
}

STDMETHODIMP StatusMessageObject::get_ObjectPath(BSTR *value) {
    return guarded([&] { *value = toBstr(message_.objectPath); });
}

// Returns the component's error as the result of the call, as the genuine method does.
STDMETHODIMP StatusMessageObject::ErrorCode() {
    return message_.error;
}

STDMETHODIMP StatusMessageObject::get_ExtensionName(BSTR *value) {
    return guarded([&] { *value = toBstr(message_.extension); });
}

STDMETHODIMP StatusMessageObject::get_SettingsName(BSTR *value) {
    return guarded([&] { *value = toBstr(message_.setting); });
}

STDMETHODIMP StatusMessageObject::OperationCode() {
    return message_.operation;
}

STDMETHODIMP StatusMessageObject::get_Message(BSTR *value) {
    return guarded([&] { *value = toBstr(message_.message); });
}

IGPMStatusMsgCollection *makeMessages(const std::vector<StatusMessage> &messages) {
    return makeCollection<IGPMStatusMsgCollection>(
        messages, [](const StatusMessage &message) { return new StatusMessageObject(message); });
}

STDMETHODIMP ResultObject::get_Status(IGPMStatusMsgCollection **messages) {
    return guarded([&] { *messages = makeMessages(messages_); });
}

STDMETHODIMP ResultObject::get_Result(VARIANT *value) {
    return guarded([&] { resultToVariant(result_, value); });
}

STDMETHODIMP ResultObject::OverallStatus() {
    called("IGPMResult::OverallStatus");
    return overall_;
}

}  // namespace gpmc
