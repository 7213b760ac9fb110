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

        // winerror.h: an error of Windows as HRESULT.
        private const int FacilityWin32 = unchecked((int)0x80070000);

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
        /// DNS names, null where none can be located; then error is Windows' reason, as HRESULT, and else 0.
        /// </summary>
        public static Hashtable FindWritable(string domain)
        {
            IntPtr buffer;
            uint flags = DirectoryServiceRequired | WritableRequired | IsDnsName | ReturnDnsName;
            int error = DsGetDcName(null, domain, IntPtr.Zero, null, flags, out buffer);
            Hashtable found = new Hashtable();
            found["controller"] = null;
            found["forest"] = null;
            found["error"] = error == 0 ? 0 : FacilityWin32 | error;
            if (error != 0)
            {
                return found;
            }
            try
            {
                Info info = (Info)Marshal.PtrToStructure(buffer, typeof(Info));
                found["controller"] = DnsName(info.DomainControllerName);
                found["forest"] = DnsName(info.DnsForestName);
                return found;
            }
            finally
            {
                NetApiBufferFree(buffer);
            }
        }

        /// <summary>
        /// Returns a name without the marks of one that is absolute. No period may be at its end, as early editions of
        /// the reference tell of DNS names: in a UNC path it would be another server to Kerberos.
        /// </summary>
        private static string DnsName(IntPtr text)
        {
            return text == IntPtr.Zero ? null : Marshal.PtrToStringUni(text).TrimStart('\\').TrimEnd('.');
        }

        [DllImport("netapi32.dll", EntryPoint = "DsGetDcNameW", CharSet = CharSet.Unicode)]
        private static extern int DsGetDcName(
            string computer, string domain, IntPtr domainGuid, string site, uint flags, out IntPtr info);

        [DllImport("netapi32.dll")]
        private static extern int NetApiBufferFree(IntPtr buffer);
    }
}
