// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/som.h"

#include <algorithm>

#include "com/collection.h"
#include "com/text.h"
#include "com/variants.h"
#include "objects/gpo.h"
#include "objects/search_criteria.h"
#include "store/call_log.h"
#include "store/domain_writer.h"
#include "store/faults.h"

namespace gpmc {

namespace {

constexpr LONG kLast = -1;

bool linksGpo(const SomRecord &som, const std::wstring &gpo) {
    return std::any_of(som.links.begin(), som.links.end(),
                       [&](const LinkRecord &link) { return equalIgnoreCase(link.gpo, gpo); });
}

}  // namespace

STDMETHODIMP SomObject::get_GPOInheritanceBlocked(VARIANT_BOOL *value) {
    *value = variantBool(record_.inheritanceBlocked);
    return S_OK;
}

// A site hands nothing down that it could block.
STDMETHODIMP SomObject::put_GPOInheritanceBlocked(VARIANT_BOOL blocked) {
    return guarded([&] {
        calledDirectory("IGPMSOM::put_GPOInheritanceBlocked", record_.path);
        if (record_.kind == SomKind::site) {
            throw HResultError(E_INVALIDARG);
        }
        connection_->requireDirectory();
        record_ = changeSom(record_.path,
                            [&](SomRecord &som) { som.inheritanceBlocked = blocked != VARIANT_FALSE; });
    });
}

STDMETHODIMP SomObject::CreateGPOLink(LONG position, IGPMGPO *gpo, IGPMGPOLink **link) {
    return guarded([&] {
        *link = nullptr;
        calledDirectory("IGPMSOM::CreateGPOLink", record_.path);
        const auto *linked = implementationOf<GpoObject>(gpo);
        if (!linked || position == 0 || position < kLast) {
            throw HResultError(E_INVALIDARG);
        }
        connection_->requireDirectory();
        throwPlanted("refuse_link", linked->id());
        readGpo(linked->id());
        size_t index = 0;
        record_ = changeSom(record_.path, [&](SomRecord &som) {
            if (position != kLast && static_cast<size_t>(position) > som.links.size()) {
                throw HResultError(E_INVALIDARG);
            }
            if (linksGpo(som, linked->id())) {
                throwWin32(ERROR_ALREADY_EXISTS);
            }
            index = position == kLast ? som.links.size() : position - 1;
            som.links.insert(som.links.begin() + index, {linked->id(), linked->domain().name, true, false});
        });
        if (hitFault({"crash_link"}, linked->id())) {
            TerminateProcess(GetCurrentProcess(), EXCEPTION_ACCESS_VIOLATION);
        }
        *link = new GpoLinkObject(connection_, record_, index);
    });
}

STDMETHODIMP SomObject::get_Name(BSTR *value) {
    return guarded([&] { *value = toBstr(record_.name); });
}

STDMETHODIMP SomObject::get_Path(BSTR *value) {
    return guarded([&] { *value = toBstr(record_.path); });
}

STDMETHODIMP SomObject::get_Type(GPMSOMType *value) {
    switch (record_.kind) {
    case SomKind::site:
        *value = somSite;
        break;
    case SomKind::domain:
        *value = somDomain;
        break;
    case SomKind::organizationalUnit:
        *value = somOU;
        break;
    }
    return S_OK;
}

STDMETHODIMP SomObject::GetGPOLinks(IGPMGPOLinksCollection **links) {
    return guarded([&] {
        *links = nullptr;
        calledDirectory("IGPMSOM::GetGPOLinks", record_.path);
        connection_->requireDirectory();
        ItemList items;
        for (size_t index = 0; index < record_.links.size(); ++index) {
            items.push_back(ComPtr<IDispatch>::adopt(new GpoLinkObject(connection_, record_, index)));
        }
        *links = new Collection<IGPMGPOLinksCollection>(std::move(items));
    });
}

STDMETHODIMP GpoLinkObject::get_GPOID(BSTR *value) {
    return guarded([&] { *value = toBstr(link().gpo); });
}

STDMETHODIMP GpoLinkObject::get_GPODomain(BSTR *value) {
    return guarded([&] { *value = toBstr(link().domain); });
}

STDMETHODIMP GpoLinkObject::get_Enabled(VARIANT_BOOL *value) {
    *value = variantBool(link().enabled);
    return S_OK;
}

STDMETHODIMP GpoLinkObject::get_Enforced(VARIANT_BOOL *value) {
    *value = variantBool(link().enforced);
    return S_OK;
}

STDMETHODIMP GpoLinkObject::put_Enabled(VARIANT_BOOL enabled) {
    return guarded([&] {
        calledDirectory("IGPMGPOLink::put_Enabled", som_.path);
        throwPlanted("refuse_link_edit", link().gpo);
        change([&](std::vector<LinkRecord> &links, size_t at) { links[at].enabled = enabled != VARIANT_FALSE; });
    });
}

STDMETHODIMP GpoLinkObject::put_Enforced(VARIANT_BOOL enforced) {
    return guarded([&] {
        calledDirectory("IGPMGPOLink::put_Enforced", som_.path);
        throwPlanted("refuse_link_edit", link().gpo);
        change([&](std::vector<LinkRecord> &links, size_t at) { links[at].enforced = enforced != VARIANT_FALSE; });
    });
}

// The object goes on telling what the link was.
STDMETHODIMP GpoLinkObject::Delete() {
    return guarded([&] {
        calledDirectory("IGPMGPOLink::Delete", som_.path);
        const SomRecord before = som_;
        const size_t place = index_;
        change([](std::vector<LinkRecord> &links, size_t at) { links.erase(links.begin() + at); });
        som_ = before;
        index_ = place;
    });
}

void GpoLinkObject::change(const std::function<void(std::vector<LinkRecord> &, size_t)> &edit) {
    connection_->requireDirectory();
    const std::wstring gpo = link().gpo;
    som_ = changeSom(som_.path, [&](SomRecord &som) {
        const auto found = std::find_if(som.links.begin(), som.links.end(),
                                        [&](const LinkRecord &other) { return equalIgnoreCase(other.gpo, gpo); });
        if (found == som.links.end()) {
            throw HResultError(kNoSuchObject);
        }
        index_ = found - som.links.begin();
        edit(som.links, index_);
    });
}

STDMETHODIMP GpoLinkObject::get_SOMLinkOrder(LONG *value) {
    *value = static_cast<LONG>(index_) + 1;
    return S_OK;
}

STDMETHODIMP GpoLinkObject::get_SOM(IGPMSOM **value) {
    return guarded([&] { *value = new SomObject(connection_, som_); });
}

STDMETHODIMP SitesContainerObject::get_DomainController(BSTR *value) {
    return guarded([&] { *value = toBstr(connection_->dc); });
}

STDMETHODIMP SitesContainerObject::get_Domain(BSTR *value) {
    return guarded([&] { *value = toBstr(connection_->domain.name); });
}

STDMETHODIMP SitesContainerObject::get_Forest(BSTR *value) {
    return guarded([&] { *value = toBstr(connection_->domain.forest); });
}

STDMETHODIMP SitesContainerObject::GetSite(BSTR name, IGPMSOM **site) {
    return guarded([&] {
        *site = nullptr;
        calledDirectory("IGPMSitesContainer::GetSite", fromBstr(name));
        connection_->requireDirectory();
        for (const SomRecord &som : readSoms()) {
            if (som.kind == SomKind::site && equalIgnoreCase(som.name, fromBstr(name))) {
                *site = new SomObject(connection_, som);
                return;
            }
        }
        throw HResultError(kNoSuchObject);
    });
}

STDMETHODIMP SitesContainerObject::SearchSites(IGPMSearchCriteria *criteria, IGPMSOMCollection **sites) {
    return guarded([&] {
        *sites = nullptr;
        calledDirectory("IGPMSitesContainer::SearchSites");
        *sites = searchSoms(connection_, criteria, true);
    });
}

IGPMSOMCollection *searchSoms(const ConnectionPtr &connection, IGPMSearchCriteria *criteria, bool sites) {
    const auto &wanted = criteriaOf(criteria, {somLinks});
    connection->requireDirectory();
    std::vector<SomRecord> found;
    for (const SomRecord &som : readSoms()) {
        const bool ofKind = (som.kind == SomKind::site) == sites;
        const bool all = std::all_of(wanted.begin(), wanted.end(),
                                     [&](const Criterion &criterion) { return linksGpo(som, criterion.text); });
        if (ofKind && all) {
            found.push_back(som);
        }
    }
    return makeCollection<IGPMSOMCollection>(
        found, [&](const SomRecord &som) { return new SomObject(connection, som); });
}

SomRecord findSom(const std::wstring &path) {
    for (const SomRecord &som : readSoms()) {
        if (equalIgnoreCase(som.path, path)) {
            return som;
        }
    }
    throw HResultError(kNoSuchObject);
}

}  // namespace gpmc
