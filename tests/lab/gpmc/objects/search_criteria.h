// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// IGPMSearchCriteria: what a search looks for. Criteria are combined with "and".

#pragma once

#include <string>
#include <vector>

#include "com/dispatch.h"
#include "store/descriptor.h"

namespace gpmc {

struct Criterion {
    GPMSearchProperty property;
    GPMSearchOperation operation;
    std::wstring text;      // a name, a GUID (upper case, braces), a WMI filter's GUID
    Permission permission;  // for the two permission properties
};

class SearchCriteria : public Dispatch<IGPMSearchCriteria> {
public:
    // Accepts exactly the combinations that Microsoft's page on IGPMSearchCriteria::Add lists.
    STDMETHODIMP Add(GPMSearchProperty property, GPMSearchOperation operation, VARIANT value) override;

    const std::vector<Criterion> &criteria() const { return criteria_; }

private:
    std::vector<Criterion> criteria_;
};

// The criteria behind a client's pointer; E_INVALIDARG if it is no criteria object, or if one of its properties is not
// among those that this kind of search knows.
const std::vector<Criterion> &criteriaOf(IGPMSearchCriteria *object, const std::vector<GPMSearchProperty> &known);

bool matchesName(const Criterion &criterion, const std::wstring &name);
bool matchesGuid(const Criterion &criterion, const std::wstring &guid);

}  // namespace gpmc
