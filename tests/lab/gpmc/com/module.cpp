// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// The DLL itself: class factory and registration.

#include "com/module.h"

#include <windows.h>
#include <olectl.h>

#include "com/dispatch.h"
#include "com/text.h"
#include "objects/ads_security.h"
#include "objects/gpm.h"

namespace {

HINSTANCE moduleInstance;

template <class Interface>
class ClassFactory : public IClassFactory {
public:
    explicit ClassFactory(Interface *(*make)()) : make_(make) {}

    STDMETHODIMP QueryInterface(REFIID iid, void **object) override {
        if (iid == IID_IUnknown || iid == IID_IClassFactory) {
            *object = this;
            return S_OK;
        }
        *object = nullptr;
        return E_NOINTERFACE;
    }

    // A static object: it is never freed.
    STDMETHODIMP_(ULONG) AddRef() override { return 2; }
    STDMETHODIMP_(ULONG) Release() override { return 1; }

    STDMETHODIMP CreateInstance(IUnknown *outer, REFIID iid, void **object) override {
        *object = nullptr;
        if (outer) {
            return CLASS_E_NOAGGREGATION;
        }
        return gpmc::guarded([&] {
            const auto made = gpmc::ComPtr<Interface>::adopt(make_());
            const HRESULT hresult = made->QueryInterface(iid, object);
            if (FAILED(hresult)) {
                throw gpmc::HResultError(hresult);
            }
        });
    }

    STDMETHODIMP LockServer(BOOL) override { return S_OK; }

private:
    Interface *(*make_)();
};

ClassFactory<IGPM> gpmFactory(gpmc::makeGpm);
ClassFactory<IADsAccessControlEntry> aceFactory([]() -> IADsAccessControlEntry * { return new gpmc::AdsAce; });

struct Class {
    CLSID id;
    const wchar_t *progId;
    const wchar_t *description;
    IClassFactory *factory;
};

const Class kClasses[] = {
    {__uuidof(GPM), L"GPMgmt.GPM", L"Group Policy Management (stand-in of the gpvault lab)", &gpmFactory},
    {__uuidof(AccessControlEntry), L"AccessControlEntry", L"Access control entry (stand-in of the gpvault lab)",
     &aceFactory},
};

std::wstring classKey(const Class &which) {
    wchar_t text[39];
    StringFromGUID2(which.id, text, 39);
    return L"CLSID\\" + gpmc::toUpper(text);
}

void setValue(const std::wstring &key, const wchar_t *name, const std::wstring &value) {
    const DWORD bytes = static_cast<DWORD>((value.size() + 1) * sizeof(wchar_t));
    const LSTATUS status = RegSetKeyValueW(HKEY_CLASSES_ROOT, key.c_str(), name, REG_SZ, value.c_str(), bytes);
    if (status != ERROR_SUCCESS) {
        gpmc::throwWin32(status);
    }
}

// The type library goes into the registry too: with it COM can carry the interfaces from one apartment to another.
void registerTypeLibrary() {
    gpmc::ComPtr<ITypeLib> library;
    const HRESULT hresult = LoadTypeLibEx(gpmc::modulePath().c_str(), REGKIND_REGISTER, library.put());
    if (FAILED(hresult)) {
        gpmc::throwWin32(HRESULT_CODE(hresult));
    }
}

HRESULT registerServer(const std::wstring &threadingModel) {
    return gpmc::guarded([&] {
        for (const Class &each : kClasses) {
            const std::wstring key = classKey(each);
            setValue(each.progId, nullptr, each.description);
            setValue(std::wstring(each.progId) + L"\\CLSID", nullptr, key.substr(6));
            setValue(key, nullptr, each.description);
            setValue(key + L"\\ProgID", nullptr, each.progId);
            setValue(key + L"\\InprocServer32", nullptr, gpmc::modulePath());
            setValue(key + L"\\InprocServer32", L"ThreadingModel", threadingModel);
        }
        registerTypeLibrary();
    });
}

}  // namespace

namespace gpmc {

std::wstring modulePath() {
    wchar_t path[MAX_PATH];
    GetModuleFileNameW(moduleInstance, path, MAX_PATH);
    return path;
}

}  // namespace gpmc

extern "C" {

HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **object) {
    for (const Class &each : kClasses) {
        if (clsid == each.id) {
            return each.factory->QueryInterface(iid, object);
        }
    }
    *object = nullptr;
    return CLASS_E_CLASSNOTAVAILABLE;
}

// A backup may be running on a thread of the server's: it stays loaded.
HRESULT WINAPI DllCanUnloadNow() {
    return S_FALSE;
}

HRESULT WINAPI DllRegisterServer() {
    return registerServer(L"Both");
}

// "regsvr32 /i:Apartment": which threading model the genuine server has is not known.
HRESULT WINAPI DllInstall(BOOL install, LPCWSTR commandLine) {
    if (!install || !commandLine) {
        return E_INVALIDARG;
    }
    const std::wstring model = commandLine;
    if (model != L"Both" && model != L"Apartment") {
        return E_INVALIDARG;
    }
    return registerServer(model);
}

HRESULT WINAPI DllUnregisterServer() {
    return gpmc::guarded([] {
        for (const Class &each : kClasses) {
            RegDeleteTreeW(HKEY_CLASSES_ROOT, each.progId);
            RegDeleteTreeW(HKEY_CLASSES_ROOT, classKey(each).c_str());
        }
    });
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *) {
    if (reason == DLL_PROCESS_ATTACH) {
        moduleInstance = instance;
        DisableThreadLibraryCalls(instance);
    }
    return TRUE;
}

}
