// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// The base of every object of the server: reference count, QueryInterface, and IDispatch through the type library that
// is embedded in the DLL (without type information PowerShell reads every property as $null).

#pragma once

#include <windows.h>
#include <oleauto.h>

#include <utility>

#include "com/error.h"
#include "com/pointer.h"
#include "gpmgmt_idl.h"

namespace gpmc {

// The type information of an interface; throws if the type library cannot be read.
ComPtr<ITypeInfo> loadTypeInfo(REFIID iid);

// Puts a text into what a client is told of a failure, where the domain says so.
void describe(EXCEPINFO &exception);

// How a method gets back at the C++ object behind an interface pointer that a client handed in.
class LabObject {
public:
    virtual ~LabObject() = default;
};

// Only this server answers this private IID; no proxy can marshal it.
// {9a3b5d8e-6a53-4a0e-8c1b-1f0a2f6f7c11}
constexpr IID kLabObjectIid = {0x9a3b5d8e, 0x6a53, 0x4a0e, {0x8c, 0x1b, 0x1f, 0x0a, 0x2f, 0x6f, 0x7c, 0x11}};

// The object of the wanted class behind a client's pointer, or null if it is another kind of object.
template <class Class>
Class *implementationOf(IUnknown *unknown) {
    if (!unknown) {
        return nullptr;
    }
    void *found = nullptr;
    if (FAILED(unknown->QueryInterface(kLabObjectIid, &found))) {
        return nullptr;
    }
    // The private QueryInterface takes no reference: the caller's argument keeps the object alive.
    return dynamic_cast<Class *>(static_cast<LabObject *>(found));
}

// Interface is the most derived dual interface; Parents are the interfaces it inherits from, IDispatch excepted.
template <class Interface, class... Parents>
class Dispatch : public Interface, public ISupportErrorInfo, public LabObject {
public:
    STDMETHODIMP QueryInterface(REFIID iid, void **object) override {
        if (!object) {
            return E_POINTER;
        }
        if (iid == kLabObjectIid) {
            *object = static_cast<LabObject *>(this);
            return S_OK;
        }
        const bool ours = iid == IID_IUnknown || iid == IID_IDispatch || iid == __uuidof(Interface) ||
                          (... || (iid == __uuidof(Parents)));
        if (ours) {
            *object = static_cast<Interface *>(this);
        } else if (iid == IID_ISupportErrorInfo) {
            *object = static_cast<ISupportErrorInfo *>(this);
        } else {
            *object = nullptr;
            return E_NOINTERFACE;
        }
        AddRef();
        return S_OK;
    }

    STDMETHODIMP_(ULONG) AddRef() override { return InterlockedIncrement(&references_); }

    STDMETHODIMP_(ULONG) Release() override {
        const LONG left = InterlockedDecrement(&references_);
        if (left == 0) {
            delete this;
        }
        return left;
    }

    STDMETHODIMP GetTypeInfoCount(UINT *count) override {
        *count = 1;
        return S_OK;
    }

    STDMETHODIMP GetTypeInfo(UINT index, LCID, ITypeInfo **info) override {
        *info = nullptr;
        if (index != 0) {
            return DISP_E_BADINDEX;
        }
        return guarded([&] { *info = typeInfo().detach(); });
    }

    STDMETHODIMP GetIDsOfNames(REFIID, LPOLESTR *names, UINT count, LCID, DISPID *ids) override {
        HRESULT result = E_FAIL;
        const HRESULT loaded = guarded([&] { result = DispGetIDsOfNames(typeInfo().get(), names, count, ids); });
        return FAILED(loaded) ? loaded : result;
    }

    STDMETHODIMP Invoke(DISPID id, REFIID, LCID, WORD flags, DISPPARAMS *arguments, VARIANT *value,
                        EXCEPINFO *exception, UINT *badArgument) override {
        // A stale error description of an earlier call must not be taken for this one's.
        SetErrorInfo(0, nullptr);
        HRESULT result = E_FAIL;
        const HRESULT loaded = guarded([&] {
            result = DispInvoke(static_cast<Interface *>(this), typeInfo().get(), id, flags, arguments, value,
                                exception, badArgument);
            if (result == DISP_E_EXCEPTION && exception) {
                describe(*exception);
            }
        });
        return FAILED(loaded) ? loaded : result;
    }

    // Says that errors may carry a description. The genuine texts are not known, and clients must go by the HRESULT.
    STDMETHODIMP InterfaceSupportsErrorInfo(REFIID iid) override {
        return iid == __uuidof(Interface) ? S_OK : S_FALSE;
    }

protected:
    ~Dispatch() override = default;

private:
    static ComPtr<ITypeInfo> typeInfo() { return loadTypeInfo(__uuidof(Interface)); }

    LONG references_ = 1;
};

// Makes an object and returns the only reference to it.
template <class Class, class... Arguments>
ComPtr<Class> make(Arguments &&...arguments) {
    return ComPtr<Class>::adopt(new Class(std::forward<Arguments>(arguments)...));
}

// For the members of an interface that this server does not implement.
inline HRESULT notImplemented() {
    return E_NOTIMPL;
}

}  // namespace gpmc
