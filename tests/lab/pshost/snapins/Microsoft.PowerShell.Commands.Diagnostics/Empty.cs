// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

namespace GpVault.Lab
{
    /// <summary>The engine insists on loading this assembly; the lab needs no cmdlet of it.</summary>
    internal static class Empty
    {
    }
}
