// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

#include "backup/references.h"

#include <algorithm>
#include <cwctype>

#include "backup/xml_writer.h"
#include "com/text.h"
#include "store/files.h"
#include "store/text_file.h"

namespace gpmc {

namespace {

constexpr wchar_t kDomainSid[] = L"S-1-5-21-";
// What ends a path in an INI file or an XML attribute.
constexpr wchar_t kPathEnd[] = L"\r\n\t\"'<>|,;";

bool endsWith(const std::wstring &name, std::wstring_view end) {
    return name.size() >= end.size() && equalIgnoreCase(std::wstring_view(name).substr(name.size() - end.size()), end);
}

bool startsWith(const std::wstring &name, std::wstring_view start) {
    return equalIgnoreCase(std::wstring_view(name).substr(0, start.size()), start);
}

bool isXml(const std::wstring &path) {
    return endsWith(path, L".xml");
}

std::wstring trimmed(const std::wstring &text) {
    const size_t first = text.find_first_not_of(L" \t*");
    const size_t last = text.find_last_not_of(L" \t");
    return first == std::wstring::npos ? std::wstring() : text.substr(first, last - first + 1);
}

void addOnce(std::vector<std::wstring> &list, const std::wstring &item) {
    const bool known =
        std::any_of(list.begin(), list.end(), [&](const std::wstring &other) { return equalIgnoreCase(other, item); });
    if (!known && !item.empty()) {
        list.push_back(item);
    }
}

std::wstring withoutEntities(std::wstring text) {
    static const std::pair<const wchar_t *, const wchar_t *> kEntities[] = {
        {L"&lt;", L"<"}, {L"&gt;", L">"}, {L"&quot;", L"\""}, {L"&apos;", L"'"}, {L"&amp;", L"&"}};
    for (const auto &[entity, character] : kEntities) {
        replaceAll(text, entity, character);
    }
    return text;
}

void findSids(const std::wstring &text, References &found) {
    const std::wstring upper = toUpper(text);
    for (size_t at = upper.find(kDomainSid); at != std::wstring::npos; at = upper.find(kDomainSid, at + 1)) {
        const size_t end = upper.find_first_not_of(L"-0123456789", at + 1);
        std::wstring sid = upper.substr(at, end == std::wstring::npos ? end : end - at);
        sid.erase(sid.find_last_not_of(L'-') + 1);
        addOnce(found.accounts, sid);
    }
}

// \\server\share and what follows.
void findPaths(const std::wstring &text, References &found) {
    for (size_t at = text.find(L"\\\\"); at != std::wstring::npos;) {
        const size_t end = std::min(text.find_first_of(kPathEnd, at), text.size());
        const std::wstring path = text.substr(at, end - at);
        const size_t share = path.find(L'\\', 2);
        const bool named = path.size() > 3 && path[2] != L'\\' && path[2] != L'?' && path[2] != L'.';
        if (named && share != std::wstring::npos && share + 1 < path.size()) {
            addOnce(found.paths, trimmed(path));
        }
        at = text.find(L"\\\\", std::max(end, at + 2));
    }
}

bool isOneOf(wchar_t character, const wchar_t *list) {
    return character != 0 && wcschr(list, character);
}

// The character beside a place, blanks skipped; 0 at the text's ends.
wchar_t before(const std::wstring &text, size_t at) {
    while (at > 0 && text[at - 1] == L' ') {
        --at;
    }
    return at > 0 ? text[at - 1] : 0;
}

wchar_t after(const std::wstring &text, size_t at) {
    while (at < text.size() && text[at] == L' ') {
        ++at;
    }
    return at < text.size() ? text[at] : 0;
}

bool standsAlone(const std::wstring &text, size_t at, const Replacement &replacement) {
    const size_t end = at + replacement.from.size();
    const wchar_t next = end < text.size() ? text[end] : 0;
    const wchar_t previous = at > 0 ? text[at - 1] : 0;
    switch (replacement.kind) {
    case Replacement::Kind::sid:
        return !iswalnum(previous) && previous != L'-' && !iswdigit(next) && next != L'-';
    case Replacement::Kind::name: {
        const wchar_t left = before(text, at);
        const wchar_t right = after(text, end);
        return (left == 0 || isOneOf(left, L"=,*\"'>[;\r\n")) && (right == 0 || isOneOf(right, L",\"'<]=;\r\n"));
    }
    case Replacement::Kind::path:
        return previous != L'\\' && (next == 0 || next == L'\\' || isOneOf(next, kPathEnd));
    }
    return false;
}

// A list in a template from which accounts were taken: "a,*,b" becomes "a,b".
std::wstring withoutEmptyItems(const std::wstring &line) {
    const size_t equals = line.find(L'=');
    if (equals == std::wstring::npos || line.find(L'*', equals) == std::wstring::npos) {
        return line;
    }
    std::wstring kept;
    for (size_t start = equals + 1; start != std::wstring::npos;) {
        const size_t comma = line.find(L',', start);
        const std::wstring item = line.substr(start, comma == std::wstring::npos ? comma : comma - start);
        if (!trimmed(item).empty()) {
            kept += (kept.empty() ? L"" : L",") + item;
        }
        start = comma == std::wstring::npos ? comma : comma + 1;
    }
    return line.substr(0, equals + 1) + kept;
}

std::wstring replaced(const std::wstring &text, const std::vector<Replacement> &replacements) {
    std::wstring result;
    for (size_t at = 0; at < text.size();) {
        const auto found = std::find_if(replacements.begin(), replacements.end(), [&](const Replacement &candidate) {
            return equalIgnoreCase(std::wstring_view(text).substr(at, candidate.from.size()), candidate.from) &&
                   standsAlone(text, at, candidate);
        });
        if (found != replacements.end()) {
            result += found->to;
            at += found->from.size();
        } else {
            result += text[at++];
        }
    }
    return result;
}

template <class Change>
std::wstring changeLines(const std::wstring &text, Change change) {
    std::wstring result;
    for (size_t start = 0; start < text.size();) {
        const size_t end = std::min(text.find_first_of(L"\r\n", start), text.size());
        result += change(text.substr(start, end - start));
        start = std::min(text.find_first_not_of(L"\r\n", end), text.size());
        result += text.substr(end, start - end);
    }
    return result;
}

}  // namespace

bool carriesReferences(const std::wstring &path) {
    const std::wstring name = fileName(path);
    return isXml(name) || equalIgnoreCase(name, L"GptTmpl.inf") || equalIgnoreCase(name, L"scripts.ini") ||
           equalIgnoreCase(name, L"psscripts.ini") || (startsWith(name, L"fdeploy") && endsWith(name, L".ini"));
}

References referencesIn(const std::vector<std::wstring> &files) {
    References found;
    for (const std::wstring &path : files) {
        if (!carriesReferences(path)) {
            continue;
        }
        const std::wstring text = decodeText(readFile(path)).text;
        findSids(text, found);
        findPaths(isXml(path) ? withoutEntities(text) : text, found);
        if (equalIgnoreCase(fileName(path), L"GptTmpl.inf")) {
            for (const std::wstring &holder : privilegeHolders(path)) {
                addOnce(found.accounts, holder);
            }
        }
    }
    return found;
}

std::vector<std::wstring> privilegeHolders(const std::wstring &path) {
    std::vector<std::wstring> holders;
    bool inSection = false;
    changeLines(decodeText(readFile(path)).text, [&](const std::wstring &line) {
        size_t start = line.find(L'=');
        if (!line.empty() && line[0] == L'[') {
            inSection = equalIgnoreCase(line, L"[Privilege Rights]");
        } else if (inSection) {
            // name = *SID,account,…
            while (start != std::wstring::npos) {
                const size_t end = line.find(L',', start + 1);
                const std::wstring holder =
                    trimmed(line.substr(start + 1, end == std::wstring::npos ? end : end - start - 1));
                if (!holder.empty()) {
                    holders.push_back(holder);
                }
                start = end;
            }
        }
        return line;
    });
    return holders;
}

std::string replaceReferences(const std::wstring &path, const std::string &content,
                              std::vector<Replacement> replacements) {
    TextFile file = decodeText(content);
    bool removes = false;
    for (Replacement &replacement : replacements) {
        removes |= replacement.to.empty();
        if (isXml(path)) {
            replacement.from = xmlAttribute(replacement.from);
            replacement.to = xmlAttribute(replacement.to);
        }
    }
    // The longest first, or a share would hide the folder in it that has an entry of its own.
    std::stable_sort(replacements.begin(), replacements.end(), [](const Replacement &left, const Replacement &right) {
        return left.from.size() > right.from.size();
    });
    file.text = replaced(file.text, replacements);
    if (removes && !isXml(path)) {
        file.text = changeLines(file.text, withoutEmptyItems);
    }
    return encodeText(file);
}

}  // namespace gpmc
