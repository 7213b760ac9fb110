// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/wmi_filter.h"

#include "com/text.h"
#include "store/call_log.h"

namespace gpmc {

namespace {

// Owns a SAFEARRAY until it is handed out.
class SafeArray {
public:
    explicit SafeArray(ULONG count) : array_(SafeArrayCreateVector(VT_VARIANT, 0, count)) {
        if (!array_) {
            throw std::bad_alloc();
        }
    }
    SafeArray(const SafeArray &) = delete;
    SafeArray &operator=(const SafeArray &) = delete;
    ~SafeArray() {
        if (array_) {
            SafeArrayDestroy(array_);
        }
    }

    void put(LONG index, const std::wstring &text) {
        VARIANT value;
        V_VT(&value) = VT_BSTR;
        V_BSTR(&value) = toBstr(text);
        // The array takes a copy.
        const HRESULT hresult = SafeArrayPutElement(array_, &index, &value);
        VariantClear(&value);
        if (FAILED(hresult)) {
            throw HResultError(hresult);
        }
    }

    SAFEARRAY *detach() { return std::exchange(array_, nullptr); }

private:
    SAFEARRAY *array_;
};

}  // namespace

STDMETHODIMP WmiFilterObject::get_Path(BSTR *value) {
    return guarded([&] { *value = toBstr(wmiFilterPath(record_.id, connection_->domain)); });
}

STDMETHODIMP WmiFilterObject::get_Name(BSTR *value) {
    return guarded([&] { *value = toBstr(record_.name); });
}

STDMETHODIMP WmiFilterObject::get_Description(BSTR *value) {
    return guarded([&] { *value = toBstr(record_.description); });
}

// An array of strings "namespace;query".
STDMETHODIMP WmiFilterObject::GetQueryList(VARIANT *queries) {
    return guarded([&] {
        VariantInit(queries);
        called("IGPMWMIFilter::GetQueryList", record_.id);
        SafeArray array(static_cast<ULONG>(record_.queries.size()));
        for (size_t index = 0; index < record_.queries.size(); ++index) {
            array.put(static_cast<LONG>(index), record_.queries[index]);
        }
        V_VT(queries) = VT_ARRAY | VT_VARIANT;
        V_ARRAY(queries) = array.detach();
    });
}

}  // namespace gpmc
