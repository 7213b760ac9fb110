// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Failures inside the server are exceptions that carry an HRESULT; at the COM boundary they become that HRESULT.

#pragma once

#include <windows.h>

#include <exception>
#include <new>

namespace gpmc {

class HResultError : public std::exception {
public:
    explicit HResultError(HRESULT hresult) : hresult_(hresult) {}
    HRESULT hresult() const { return hresult_; }
    const char *what() const noexcept override { return "HRESULT"; }

private:
    HRESULT hresult_;
};

// Throws the HRESULT of a Win32 error code.
[[noreturn]] inline void throwWin32(DWORD error) {
    throw HResultError(HRESULT_FROM_WIN32(error));
}

[[noreturn]] inline void throwLastError() {
    throwWin32(GetLastError());
}

// The HRESULTs of the directory that mingw-w64's winerror.h knows only as Win32 codes.
constexpr HRESULT kNoSuchObject = static_cast<HRESULT>(0x80072030);       // ERROR_DS_NO_SUCH_OBJECT
constexpr HRESULT kOperationsError = static_cast<HRESULT>(0x80072020);    // ERROR_DS_OPERATIONS_ERROR
constexpr HRESULT kServerDown = static_cast<HRESULT>(0x8007203A);         // ERROR_DS_SERVER_DOWN
constexpr HRESULT kNoSuchDomain = static_cast<HRESULT>(0x8007054B);       // ERROR_NO_SUCH_DOMAIN
constexpr HRESULT kCancelled = static_cast<HRESULT>(0x800704C7);          // ERROR_CANCELLED
constexpr HRESULT kPathTooLong = static_cast<HRESULT>(0x800700CE);        // ERROR_FILENAME_EXCED_RANGE

// Runs a method body and turns what it throws into the HRESULT the caller gets.
template <class Body>
HRESULT guarded(Body body) noexcept {
    try {
        body();
        return S_OK;
    } catch (const HResultError &error) {
        return error.hresult();
    } catch (const std::bad_alloc &) {
        return E_OUTOFMEMORY;
    } catch (...) {
        return E_UNEXPECTED;
    }
}

}  // namespace gpmc
