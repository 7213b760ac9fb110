// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// GPMC's collections: Count, Item counted from 1, and an enumerator.

#pragma once

#include <vector>

#include "com/dispatch.h"

namespace gpmc {

using ItemList = std::vector<ComPtr<IDispatch>>;

inline void itemToVariant(const ComPtr<IDispatch> &item, VARIANT *value) {
    VariantInit(value);
    V_VT(value) = VT_DISPATCH;
    V_DISPATCH(value) = ComPtr<IDispatch>(item).detach();
}

class Enumerator : public IEnumVARIANT {
public:
    explicit Enumerator(ItemList items, size_t position = 0) : items_(std::move(items)), position_(position) {}
    virtual ~Enumerator() = default;

    STDMETHODIMP QueryInterface(REFIID iid, void **object) override {
        if (iid == IID_IUnknown || iid == IID_IEnumVARIANT) {
            *object = static_cast<IEnumVARIANT *>(this);
            AddRef();
            return S_OK;
        }
        *object = nullptr;
        return E_NOINTERFACE;
    }

    STDMETHODIMP_(ULONG) AddRef() override { return InterlockedIncrement(&references_); }

    STDMETHODIMP_(ULONG) Release() override {
        const LONG left = InterlockedDecrement(&references_);
        if (left == 0) {
            delete this;
        }
        return left;
    }

    STDMETHODIMP Next(ULONG wanted, VARIANT *values, ULONG *fetched) override {
        ULONG count = 0;
        while (count < wanted && position_ < items_.size()) {
            itemToVariant(items_[position_++], &values[count++]);
        }
        if (fetched) {
            *fetched = count;
        }
        return count == wanted ? S_OK : S_FALSE;
    }

    STDMETHODIMP Skip(ULONG count) override {
        const size_t left = items_.size() - position_;
        position_ += count < left ? count : left;
        return count <= left ? S_OK : S_FALSE;
    }

    STDMETHODIMP Reset() override {
        position_ = 0;
        return S_OK;
    }

    STDMETHODIMP Clone(IEnumVARIANT **copy) override {
        return guarded([&] { *copy = new Enumerator(items_, position_); });
    }

private:
    LONG references_ = 1;
    ItemList items_;
    size_t position_;
};

template <class Interface>
class Collection : public Dispatch<Interface> {
public:
    explicit Collection(ItemList items) : items_(std::move(items)) {}

    STDMETHODIMP get_Count(LONG *count) override {
        *count = static_cast<LONG>(items_.size());
        return S_OK;
    }

    STDMETHODIMP get_Item(LONG index, VARIANT *value) override {
        VariantInit(value);
        if (index < 1 || static_cast<size_t>(index) > items_.size()) {
            return E_INVALIDARG;
        }
        itemToVariant(items_[index - 1], value);
        return S_OK;
    }

    STDMETHODIMP get__NewEnum(IEnumVARIANT **enumerator) override {
        return guarded([&] { *enumerator = new Enumerator(items_); });
    }

private:
    ItemList items_;
};

// A collection of the objects that make(record) builds from a list of records.
template <class Interface, class Records, class Make>
Interface *makeCollection(const Records &records, Make make) {
    ItemList items;
    for (const auto &record : records) {
        items.push_back(ComPtr<IDispatch>::adopt(make(record)));
    }
    return new Collection<Interface>(std::move(items));
}

}  // namespace gpmc
