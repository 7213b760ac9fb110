// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/search_criteria.h"

#include <algorithm>

#include "com/text.h"
#include "com/variants.h"
#include "objects/domain.h"
#include "objects/gpo.h"
#include "objects/security_info.h"
#include "objects/wmi_filter.h"
#include "store/call_log.h"

namespace gpmc {

namespace {

struct Combination {
    GPMSearchProperty property;
    std::vector<GPMSearchOperation> operations;
};

const Combination kCombinations[] = {
    {gpoPermissions, {opContains, opNotContains}},
    {gpoEffectivePermissions, {opContains, opNotContains}},
    {gpoDisplayName, {opEquals, opContains, opNotContains}},
    {gpoWMIFilter, {opEquals}},
    {gpoID, {opEquals, opNotEquals}},
    {gpoComputerExtensions, {opContains, opNotContains}},
    {gpoUserExtensions, {opContains, opNotContains}},
    {somLinks, {opContains}},
    {gpoDomain, {opEquals}},
    {backupMostRecent, {opEquals}},
};

bool isListed(GPMSearchProperty property, GPMSearchOperation operation) {
    for (const Combination &combination : kCombinations) {
        if (combination.property == property) {
            const auto &operations = combination.operations;
            return std::find(operations.begin(), operations.end(), operation) != operations.end();
        }
    }
    return false;
}

template <class Class>
Class &requireObject(const VARIANT *value) {
    Class *object = implementationOf<Class>(objectOf(value));
    if (!object) {
        throw HResultError(E_INVALIDARG);
    }
    return *object;
}

std::wstring requireString(const VARIANT *value) {
    std::wstring text;
    if (!stringOf(value, text)) {
        throw HResultError(E_INVALIDARG);
    }
    return text;
}

std::wstring requireGuid(const VARIANT *value) {
    const std::wstring guid = normalGuid(requireString(value));
    if (guid.empty()) {
        throw HResultError(E_INVALIDARG);
    }
    return guid;
}

void requireTrue(const VARIANT *value) {
    value = dereference(value);
    if (!value || V_VT(value) != VT_BOOL || V_BOOL(value) != VARIANT_TRUE) {
        throw HResultError(E_INVALIDARG);
    }
}

// Reads the value that this property takes.
void readValue(Criterion &criterion, const VARIANT *value) {
    switch (criterion.property) {
    case gpoPermissions:
    case gpoEffectivePermissions:
        criterion.permission = requireObject<PermissionObject>(value).permission();
        return;
    case gpoDisplayName:
        criterion.text = requireString(value);
        return;
    case gpoWMIFilter:
        criterion.text = requireObject<WmiFilterObject>(value).id();
        return;
    case gpoID:
    case gpoComputerExtensions:
    case gpoUserExtensions:
        criterion.text = requireGuid(value);
        return;
    case somLinks:
        criterion.text = requireObject<GpoObject>(value).id();
        return;
    case gpoDomain:
        // The page asks for a GPMDomain; published scripts pass the name.
        if (!stringOf(value, criterion.text)) {
            criterion.text = requireObject<DomainObject>(value).name();
        }
        return;
    case backupMostRecent:
        requireTrue(value);
        return;
    }
}

}  // namespace

STDMETHODIMP SearchCriteria::Add(GPMSearchProperty property, GPMSearchOperation operation, VARIANT value) {
    return guarded([&] {
        called("IGPMSearchCriteria::Add", std::to_wstring(property) + L" " + std::to_wstring(operation));
        if (!isListed(property, operation)) {
            throw HResultError(E_INVALIDARG);
        }
        Criterion criterion{property, operation, {}, {}};
        readValue(criterion, &value);
        criteria_.push_back(criterion);
    });
}

const std::vector<Criterion> &criteriaOf(IGPMSearchCriteria *object, const std::vector<GPMSearchProperty> &known) {
    const auto *criteria = implementationOf<SearchCriteria>(object);
    if (!criteria) {
        throw HResultError(E_INVALIDARG);
    }
    for (const Criterion &criterion : criteria->criteria()) {
        if (std::find(known.begin(), known.end(), criterion.property) == known.end()) {
            throw HResultError(E_INVALIDARG);
        }
    }
    return criteria->criteria();
}

bool matchesName(const Criterion &criterion, const std::wstring &name) {
    switch (criterion.operation) {
    case opEquals:
        return equalIgnoreCase(name, criterion.text);
    case opContains:
        return containsIgnoreCase(name, criterion.text);
    default:
        return !containsIgnoreCase(name, criterion.text);
    }
}

bool matchesGuid(const Criterion &criterion, const std::wstring &guid) {
    const bool equal = equalIgnoreCase(guid, criterion.text);
    return criterion.operation == opEquals ? equal : !equal;
}

}  // namespace gpmc
