// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Finds the type library that is embedded in this DLL.

#include <mutex>

#include "com/dispatch.h"
#include "com/module.h"

namespace gpmc {

ComPtr<ITypeInfo> loadTypeInfo(REFIID iid) {
    static std::mutex mutex;
    static ComPtr<ITypeLib> *library = nullptr;

    std::lock_guard<std::mutex> lock(mutex);
    if (!library) {
        ComPtr<ITypeLib> loaded;
        const HRESULT hresult = LoadTypeLibEx(modulePath().c_str(), REGKIND_NONE, loaded.put());
        if (FAILED(hresult)) {
            throw HResultError(hresult);
        }
        // Never freed: the server stays loaded as long as its process.
        library = new ComPtr<ITypeLib>(std::move(loaded));
    }
    ComPtr<ITypeInfo> info;
    const HRESULT hresult = (*library)->GetTypeInfoOfGuid(iid, info.put());
    if (FAILED(hresult)) {
        throw HResultError(hresult);
    }
    return info;
}

}  // namespace gpmc
