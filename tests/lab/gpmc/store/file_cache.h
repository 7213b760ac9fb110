// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Remembers what was made of a file until the file changes: a search among thousands of GPOs must not parse each of
// them again, nor every call domain.json. The files on disk stay the truth.

#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "store/files.h"

namespace gpmc {

template <class Value>
class FileCache {
public:
    // What make(content) made of the file, as long as size and time of the last write are these.
    template <class Make>
    std::shared_ptr<const Value> get(const std::wstring &path, const FileStamp &stamp, Make make) {
        {
            std::lock_guard<std::mutex> lock(mutex_);
            const auto found = entries_.find(path);
            if (found != entries_.end() && found->second.stamp == stamp) {
                return found->second.value;
            }
        }
        const bool settled = stamp.isSettled();
        auto value = std::make_shared<const Value>(make(readFile(path)));
        if (settled) {
            std::lock_guard<std::mutex> lock(mutex_);
            entries_[path] = {stamp, value};
        }
        return value;
    }

private:
    struct Entry {
        FileStamp stamp;
        std::shared_ptr<const Value> value;
    };

    std::mutex mutex_;
    std::map<std::wstring, Entry> entries_;
};

}  // namespace gpmc
