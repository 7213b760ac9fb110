// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Failures in words.

#include <cwchar>

#include "com/dispatch.h"
#include "com/text.h"
#include "store/domain_store.h"

namespace gpmc {

void describe(EXCEPINFO &exception) {
    if (!readDomain().errorsInWords) {
        return;
    }
    wchar_t text[64];
    std::swprintf(text, sizeof text / sizeof *text, L"The stand-in says no. (0x%08lX)",
                  static_cast<unsigned long>(exception.scode));
    SysFreeString(exception.bstrDescription);
    exception.bstrDescription = toBstr(text);
}

}  // namespace gpmc
