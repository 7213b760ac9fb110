// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Makes security descriptors: their bytes, a new GPO's default, and what becomes of one when GPMC's view of it is edited.

#pragma once

#include "store/descriptor.h"

namespace gpmc {

// A self-relative descriptor: the header, the DACL, then owner and group, in the order of the genuine backups.
std::vector<BYTE> serializeDescriptor(const Descriptor &descriptor);

// What the directory gives a new GPO that a domain administrator makes.
Descriptor defaultGpoDescriptor(const std::wstring &domainSid);

// Puts a list of permissions in place of the one that groupPermissions finds: what is the same keeps its ACEs, and what
// GPMC does not show (inherit-only ACEs) stays. E_INVALIDARG for a new permission of the level "custom".
void setPermissions(Descriptor &descriptor, const std::vector<Permission> &permissions);

}  // namespace gpmc
