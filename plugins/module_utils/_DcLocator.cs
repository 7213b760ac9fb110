// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.Collections;
using System.Runtime.InteropServices;

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._DcLocator
{
    /// <summary>Asks Windows for a domain controller: what it knows, GPMC does not tell.</summary>
    public static class DcLocator
    {
        // dsgetdc.h.
        private const uint DirectoryServiceRequired = 0x10;
        private const uint WritableRequired = 0x1000;
        private const uint IsDnsName = 0x20000;
        private const uint ReturnDnsName = 0x40000000;

        /// <summary>DOMAIN_CONTROLLER_INFOW.</summary>
        [StructLayout(LayoutKind.Sequential)]
        private struct Info
        {
            public IntPtr DomainControllerName;
            public IntPtr DomainControllerAddress;
            public uint DomainControllerAddressType;
            public Guid DomainGuid;
            public IntPtr DomainName;
            public IntPtr DnsForestName;
            public uint Flags;
            public IntPtr DcSiteName;
            public IntPtr ClientSiteName;
        }

        /// <summary>
        /// Returns a domain controller that can be written to, and the root of its forest: controller and forest, both
        /// DNS names. Returns null where none can be located.
        /// </summary>
        public static Hashtable FindWritable(string domain)
        {
            IntPtr buffer;
            uint flags = DirectoryServiceRequired | WritableRequired | IsDnsName | ReturnDnsName;
            if (DsGetDcName(null, domain, IntPtr.Zero, null, flags, out buffer) != 0)
            {
                return null;
            }
            try
            {
                Info info = (Info)Marshal.PtrToStructure(buffer, typeof(Info));
                Hashtable found = new Hashtable();
                found["controller"] = Marshal.PtrToStringUni(info.DomainControllerName).TrimStart('\\');
                found["forest"] = Marshal.PtrToStringUni(info.DnsForestName);
                return found;
            }
            finally
            {
                NetApiBufferFree(buffer);
            }
        }

        [DllImport("netapi32.dll", EntryPoint = "DsGetDcNameW", CharSet = CharSet.Unicode)]
        private static extern int DsGetDcName(
            string computer, string domain, IntPtr domainGuid, string site, uint flags, out IntPtr info);

        [DllImport("netapi32.dll")]
        private static extern int NetApiBufferFree(IntPtr buffer);
    }
}
