// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/registry_pol.h"

#include <cstring>

#include "com/error.h"

namespace gpmc {

namespace {

constexpr char kSignature[] = {'P', 'R', 'e', 'g', 1, 0, 0, 0};

// [key;value;type;size;data]: brackets and semicolons are characters of UTF-16, numbers have 32 bits.
class Reader {
public:
    explicit Reader(const std::string &bytes) : bytes_(bytes) {}

    bool atEnd() const { return at_ == bytes_.size(); }

    std::string take(size_t length) {
        if (length > bytes_.size() - at_) {
            throwWin32(ERROR_INVALID_DATA);
        }
        at_ += length;
        return bytes_.substr(at_ - length, length);
    }

    void expect(char sign) {
        if (take(2) != std::string{sign, '\0'}) {
            throwWin32(ERROR_INVALID_DATA);
        }
    }

    DWORD number() {
        DWORD value;
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }

    std::wstring text() {
        std::wstring result;
        wchar_t unit;
        while (std::memcpy(&unit, take(sizeof unit).data(), sizeof unit), unit) {
            result += unit;
        }
        return result;
    }

private:
    const std::string &bytes_;
    size_t at_ = 0;
};

}  // namespace

std::vector<RegistryValue> parseRegistryPol(const std::string &bytes) {
    Reader reader(bytes);
    if (reader.take(sizeof kSignature) != std::string(kSignature, sizeof kSignature)) {
        throwWin32(ERROR_INVALID_DATA);
    }
    std::vector<RegistryValue> values;
    while (!reader.atEnd()) {
        RegistryValue value;
        reader.expect('[');
        value.key = reader.text();
        reader.expect(';');
        value.name = reader.text();
        reader.expect(';');
        value.type = reader.number();
        reader.expect(';');
        const DWORD size = reader.number();
        reader.expect(';');
        value.data = reader.take(size);
        reader.expect(']');
        values.push_back(value);
    }
    return values;
}

}  // namespace gpmc
