// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/xml_reader.h"

#include <cwctype>

#include "com/error.h"
#include "store/text_file.h"

namespace gpmc {

namespace {

constexpr int kDeepest = 64;

class Parser {
public:
    explicit Parser(std::wstring text) : text_(std::move(text)) {}

    XmlElement document() {
        skipMisc();
        XmlElement root = element(0);
        skipMisc();
        if (at_ != text_.size()) {
            fail();
        }
        return root;
    }

private:
    [[noreturn]] static void fail() { throwWin32(ERROR_INVALID_DATA); }

    bool startsWith(std::wstring_view part) const { return text_.compare(at_, part.size(), part) == 0; }

    void expect(std::wstring_view part) {
        if (!startsWith(part)) {
            fail();
        }
        at_ += part.size();
    }

    // The text up to the end mark, which is skipped.
    std::wstring until(std::wstring_view end) {
        const size_t found = text_.find(end, at_);
        if (found == std::wstring::npos) {
            fail();
        }
        const std::wstring part = text_.substr(at_, found - at_);
        at_ = found + end.size();
        return part;
    }

    void skipSpace() {
        while (at_ < text_.size() && iswspace(text_[at_])) {
            ++at_;
        }
    }

    // White space, comments and processing instructions outside the root element.
    void skipMisc() {
        for (;;) {
            skipSpace();
            if (startsWith(L"<?")) {
                until(L"?>");
            } else if (startsWith(L"<!--")) {
                until(L"-->");
            } else {
                return;
            }
        }
    }

    std::wstring name() {
        const size_t start = at_;
        while (at_ < text_.size() && !iswspace(text_[at_]) && !wcschr(L"/>=<", text_[at_])) {
            ++at_;
        }
        if (start == at_) {
            fail();
        }
        const std::wstring qualified = text_.substr(start, at_ - start);
        const size_t colon = qualified.find(L':');
        return colon == std::wstring::npos ? qualified : qualified.substr(colon + 1);
    }

    // The attributes up to the end of the tag.
    std::map<std::wstring, std::wstring> attributes() {
        std::map<std::wstring, std::wstring> found;
        for (;;) {
            skipSpace();
            if (at_ >= text_.size()) {
                fail();
            }
            if (text_[at_] == L'>' || text_[at_] == L'/') {
                return found;
            }
            const std::wstring key = name();
            skipSpace();
            expect(L"=");
            skipSpace();
            const wchar_t quote = startsWith(L"'") ? L'\'' : L'"';
            expect(std::wstring_view(&quote, 1));
            found[key] = attributeValue(quote);
        }
    }

    std::wstring attributeValue(wchar_t quote) {
        std::wstring value;
        while (at_ < text_.size() && text_[at_] != quote) {
            if (text_[at_] == L'<') {
                fail();
            }
            if (text_[at_] == L'&') {
                value += entity();
            } else {
                value += text_[at_++];
            }
        }
        expect(std::wstring_view(&quote, 1));
        return value;
    }

    std::wstring entity() {
        expect(L"&");
        const std::wstring body = until(L";");
        if (body == L"amp") return L"&";
        if (body == L"lt") return L"<";
        if (body == L"gt") return L">";
        if (body == L"quot") return L"\"";
        if (body == L"apos") return L"'";
        if (body.empty() || body[0] != L'#') {
            fail();
        }
        const bool hex = body.size() > 1 && body[1] == L'x';
        const unsigned long code = std::wcstoul(body.c_str() + (hex ? 2 : 1), nullptr, hex ? 16 : 10);
        if (code == 0 || code > 0x10FFFF) {
            fail();
        }
        if (code < 0x10000) {
            return std::wstring(1, static_cast<wchar_t>(code));
        }
        const unsigned long offset = code - 0x10000;
        return {static_cast<wchar_t>(0xD800 + (offset >> 10)), static_cast<wchar_t>(0xDC00 + (offset & 0x3FF))};
    }

    XmlElement element(int depth) {
        if (depth > kDeepest) {
            fail();
        }
        expect(L"<");
        XmlElement result;
        result.name = name();
        result.attributes = attributes();
        if (startsWith(L"/>")) {
            at_ += 2;
            return result;
        }
        expect(L">");
        content(result, depth);
        if (name() != result.name) {
            fail();
        }
        skipSpace();
        expect(L">");
        return result;
    }

    // Everything up to and including "</".
    void content(XmlElement &parent, int depth) {
        while (at_ < text_.size()) {
            if (startsWith(L"</")) {
                at_ += 2;
                return;
            }
            if (startsWith(L"<![CDATA[")) {
                at_ += 9;
                parent.text += until(L"]]>");
            } else if (startsWith(L"<!--")) {
                until(L"-->");
            } else if (startsWith(L"<?")) {
                until(L"?>");
            } else if (text_[at_] == L'<') {
                parent.children.push_back(element(depth + 1));
            } else if (text_[at_] == L'&') {
                parent.text += entity();
            } else {
                parent.text += text_[at_++];
            }
        }
        fail();
    }

    std::wstring text_;
    size_t at_ = 0;
};

}  // namespace

const XmlElement *XmlElement::child(const std::wstring &wanted) const {
    for (const XmlElement &candidate : children) {
        if (candidate.name == wanted) {
            return &candidate;
        }
    }
    return nullptr;
}

std::wstring XmlElement::childText(const std::wstring &wanted) const {
    const XmlElement *found = child(wanted);
    return found ? found->text : std::wstring();
}

std::wstring XmlElement::attribute(const std::wstring &wanted) const {
    const auto found = attributes.find(wanted);
    return found != attributes.end() ? found->second : std::wstring();
}

XmlElement parseXml(const std::string &bytes) {
    return Parser(decodeText(bytes).text).document();
}

}  // namespace gpmc
