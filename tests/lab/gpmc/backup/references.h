// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// What settings refer to outside of their GPO: accounts and UNC paths. Looked for, and replaced, as text in the files
// where the lab's settings carry them: GptTmpl.inf, Group Policy Preferences (*.xml), scripts.ini, psscripts.ini and
// fdeploy*.ini.

#pragma once

#include <string>
#include <vector>

namespace gpmc {

struct References {
    std::vector<std::wstring> accounts;  // SIDs, and names where a setting uses one
    std::vector<std::wstring> paths;
};

// Whether a file of this name is one of those.
bool carriesReferences(const std::wstring &path);

// What those among the files refer to, each once. Of the accounts: every SID of a domain, and who holds a privilege.
References referencesIn(const std::vector<std::wstring> &files);

// The accounts that a security template grants privileges to, in its order, with repetitions.
std::vector<std::wstring> privilegeHolders(const std::wstring &path);

struct Replacement {
    enum class Kind { sid, name, path };

    Kind kind;
    std::wstring from;
    std::wstring to;
};

// Replaces each occurrence that is not part of something longer; a path also where it leads on. What an account is
// replaced by may be nothing: it then leaves the list that it stands in.
std::string replaceReferences(const std::wstring &path, const std::string &content,
                              std::vector<Replacement> replacements);

}  // namespace gpmc
