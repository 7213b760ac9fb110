// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// The pieces of a settings report.

#pragma once

#include <string>

#include "backup/xml_writer.h"
#include "store/domain_store.h"

namespace gpmc {

constexpr wchar_t kTypes[] = L"http://www.microsoft.com/GroupPolicy/Types";

// Indents like the genuine reports do and keeps count of the open elements.
class ReportWriter {
public:
    void open(const std::wstring &name, const std::wstring &attributes = {}) {
        line(L"<" + name + attributes + L">");
        ++depth_;
    }

    void close(const std::wstring &name) {
        --depth_;
        line(L"</" + name + L">");
    }

    void element(const std::wstring &name, const std::wstring &text, const std::wstring &attributes = {}) {
        line(L"<" + name + attributes + L">" + xmlText(text) + L"</" + name + L">");
    }

    void line(const std::wstring &content) { text_ += std::wstring(2 * depth_, L' ') + content + L"\r\n"; }

    // A writer for what comes next, one level down, to be appended once it is whole.
    ReportWriter below() const {
        ReportWriter inner;
        inner.depth_ = depth_ + 1;
        return inner;
    }

    void append(const ReportWriter &inner) { text_ += inner.text_; }

    const std::wstring &text() const { return text_; }

private:
    std::wstring text_;
    size_t depth_ = 0;
};

inline std::wstring inNamespace(const wchar_t *name) {
    return L" xmlns=\"" + std::wstring(name) + L"\"";
}

inline void writePrincipal(ReportWriter &report, const PrincipalRecord &principal) {
    report.element(L"SID", principal.sid, inNamespace(kTypes));
    report.element(L"Name", qualifiedName(principal), inNamespace(kTypes));
}

}  // namespace gpmc
