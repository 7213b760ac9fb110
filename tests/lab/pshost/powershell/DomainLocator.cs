// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>
    /// The locator of domain controllers (DsGetDcName), for the lab's domain: Wine's knows none. The nearest controller
    /// is the last of the domain file's, as it is for GPMC; those that the file calls read-only are no use to who asks
    /// for a writable one.
    /// </summary>
    internal static unsafe class DomainLocator
    {
        private const int NoSuchDomain = 1355;

        // dsgetdc.h: what is asked for.
        private const uint PdcRequired = 0x80;
        private const uint WritableRequired = 0x1000;

        // And what is answered: LDAP, directory service, KDC, time server, closest site, DNS names.
        private const uint EveryController = 0x8 | 0x10 | 0x20 | 0x40 | 0x80 | 0xE0000000;
        private const uint IsPdc = 0x1;
        private const uint IsWritable = 0x100;
        private const uint IsReadOnly = 0x800;
        private const uint InternetAddress = 1;

        /// <summary>DsGetDcNameW, as who wants DNS names calls it.</summary>
        [UnmanagedCallersOnly]
        public static int GetName(char* computer, char* domain, Guid* guid, char* site, uint flags, Controller** answer)
        {
            *answer = null;
            if (!LabDomain.TryRead(out JsonElement known))
            {
                return NoSuchDomain;
            }

            int refusal = known.TryGetProperty("locator", out JsonElement locator) ? locator.GetInt32() : 0;
            if (refusal != 0)
            {
                return refusal;
            }

            // Without a name the host's own domain is meant.
            string name = new string(domain).TrimEnd('.');
            if (name.Length != 0 && !IsSame(name, Text(known, "name")) && !IsSame(name, Text(known, "netbios")))
            {
                return NoSuchDomain;
            }

            string pdc = Text(known, "pdc");
            string[] readOnly = Names(known, "read_only_dcs");
            bool isReadOnly(string dc) => readOnly.Any(other => IsSame(other, dc));
            bool isFit(string dc) => ((flags & PdcRequired) == 0 || dc == pdc)
                && ((flags & WritableRequired) == 0 || !isReadOnly(dc));
            string nearest = Names(known, "dcs").LastOrDefault(isFit);
            if (nearest == null)
            {
                return NoSuchDomain;
            }

            uint kind = (nearest == pdc ? IsPdc : 0) | (isReadOnly(nearest) ? IsReadOnly : IsWritable);
            *answer = Describe(known, nearest, EveryController | kind);
            return 0;
        }

        private static Controller* Describe(JsonElement known, string dc, uint flags)
        {
            // DNS names end in a period, as the Platform SDK of 2000 has it (DOMAIN_CONTROLLER_INFO). Later editions do
            // not say; who can take it can take either.
            string[] texts =
            {
                @"\\" + dc + ".",
                @"\\127.0.0.1",
                Text(known, "name") + ".",
                Text(known, "forest") + ".",
                Text(known, "site"),
            };
            int length = sizeof(Controller) + texts.Sum(text => (text.Length + 1) * sizeof(char));
            if (NetApiBufferAllocate((uint)length, out nint buffer) != 0)
            {
                throw new OutOfMemoryException();
            }

            var at = (char*)(buffer + sizeof(Controller));
            var places = new nint[texts.Length];
            for (int i = 0; i < texts.Length; i++)
            {
                places[i] = (nint)at;
                texts[i].CopyTo(new Span<char>(at, texts[i].Length));
                at[texts[i].Length] = '\0';
                at += texts[i].Length + 1;
            }

            var info = (Controller*)buffer;
            *info = new Controller
            {
                Name = places[0],
                Address = places[1],
                AddressType = InternetAddress,
                DomainGuid = Guid.Parse(Text(known, "guid")),
                DomainName = places[2],
                ForestName = places[3],
                Flags = flags,
                Site = places[4],
                ClientSite = places[4],
            };
            return info;
        }

        private static bool IsSame(string one, string other)
        {
            return one.Equals(other, StringComparison.OrdinalIgnoreCase);
        }

        private static string Text(JsonElement known, string key)
        {
            return known.TryGetProperty(key, out JsonElement text) ? text.GetString() : "";
        }

        private static string[] Names(JsonElement known, string key)
        {
            return known.TryGetProperty(key, out JsonElement names) ? LabDomain.Names(names) : Array.Empty<string>();
        }

        [DllImport("netapi32.dll")]
        private static extern int NetApiBufferAllocate(uint length, out nint buffer);

        /// <summary>DOMAIN_CONTROLLER_INFOW.</summary>
        [StructLayout(LayoutKind.Sequential)]
        public struct Controller
        {
            public nint Name;
            public nint Address;
            public uint AddressType;
            public Guid DomainGuid;
            public nint DomainName;
            public nint ForestName;
            public uint Flags;
            public nint Site;
            public nint ClientSite;
        }
    }
}
