// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// An owning COM pointer.

#pragma once

#include <utility>

namespace gpmc {

template <class Interface>
class ComPtr {
public:
    ComPtr() = default;
    ComPtr(const ComPtr &other) : pointer_(other.pointer_) { addRef(); }
    ComPtr(ComPtr &&other) noexcept : pointer_(std::exchange(other.pointer_, nullptr)) {}
    ~ComPtr() { release(); }

    ComPtr &operator=(ComPtr other) noexcept {
        std::swap(pointer_, other.pointer_);
        return *this;
    }

    // A pointer to what a class is derived from.
    template <class Derived>
    ComPtr(const ComPtr<Derived> &other) : pointer_(other.get()) {
        addRef();
    }

    // Takes over a reference that the caller owns.
    static ComPtr adopt(Interface *pointer) {
        ComPtr result;
        result.pointer_ = pointer;
        return result;
    }

    // Adds a reference of its own.
    static ComPtr share(Interface *pointer) {
        ComPtr result = adopt(pointer);
        result.addRef();
        return result;
    }

    Interface *get() const { return pointer_; }
    Interface *operator->() const { return pointer_; }
    explicit operator bool() const { return pointer_ != nullptr; }

    // For functions that return a reference through a parameter.
    Interface **put() {
        release();
        pointer_ = nullptr;
        return &pointer_;
    }

    // Hands the reference to the caller.
    Interface *detach() { return std::exchange(pointer_, nullptr); }

private:
    void addRef() {
        if (pointer_) {
            pointer_->AddRef();
        }
    }

    void release() {
        if (pointer_) {
            pointer_->Release();
        }
    }

    Interface *pointer_ = nullptr;
};

}  // namespace gpmc
