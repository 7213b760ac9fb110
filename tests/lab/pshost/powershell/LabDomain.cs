// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.IO;
using System.Linq;
using System.Text.Json;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>What the lab's domain file says now; tests/lab/README.md describes it.</summary>
    internal static class LabDomain
    {
        private const string DomainFile = @"C:\lab\domain\domain.json";

        /// <summary>Returns whether there is a domain, and its file.</summary>
        public static bool TryRead(out JsonElement domain)
        {
            domain = default;
            if (!File.Exists(DomainFile))
            {
                return false;
            }

            using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(DomainFile));
            domain = file.RootElement.Clone();
            return true;
        }

        /// <summary>The names in a list.</summary>
        public static string[] Names(JsonElement list)
        {
            return list.EnumerateArray().Select(name => name.GetString()).ToArray();
        }
    }
}
