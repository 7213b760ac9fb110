// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._HostProbe
{
    /// <summary>Asks the host, and servers, what a preflight wants to know and .NET does not tell.</summary>
    public static class HostProbe
    {
        // winnt.h: what a backup does in its directory.
        private const uint ListDirectory = 0x1;
        private const uint AddFile = 0x2;
        private const uint AddSubdirectory = 0x4;
        private const uint DeleteAccess = 0x10000;

        private const uint ShareAll = 7;
        private const uint OpenExisting = 3;
        private const uint BackupSemantics = 0x02000000;

        private const int SntpMilliseconds = 3000;
        // Seconds from 1900, where NTP counts from, to 1970.
        private const double EpochOffset = 2208988800.0;

        /// <summary>
        /// Returns the Win32 error with which a directory is refused to be written in, or 0. The system itself says: it
        /// is opened with the rights to list it and to add to it, by which nothing is changed. So the permissions of a
        /// share count as well, groups are those of this logon, and what an administrator has denied is denied.
        /// </summary>
        public static int TryWrite(string path)
        {
            return TryOpen(path, ListDirectory | AddFile | AddSubdirectory);
        }

        /// <summary>
        /// Returns the Win32 error with which a directory is refused to be made in another one, or 0. Files are not
        /// asked for: who is no administrator may make folders at a drive's root, and no files.
        /// </summary>
        public static int TryMakeFolder(string path)
        {
            return TryOpen(path, AddSubdirectory);
        }

        /// <summary>Returns the Win32 error with which a directory is refused to be deleted, or 0; it is not.</summary>
        public static int TryDelete(string path)
        {
            return TryOpen(path, DeleteAccess);
        }

        /// <summary>Returns the bytes that the account may still write in a directory, local or on a share.</summary>
        public static long FreeSpace(string path)
        {
            ulong free, whole, all;
            // On a share it has to end in a backslash.
            if (!GetDiskFreeSpaceEx(path.TrimEnd('\\') + "\\", out free, out whole, out all))
            {
                Marshal.ThrowExceptionForHR(Marshal.GetHRForLastWin32Error());
            }
            return (long)Math.Min(free, (ulong)long.MaxValue);
        }

        /// <summary>
        /// Returns how many seconds a server's clock is ahead of this host's, as the server itself says over SNTP,
        /// which every domain controller speaks with the members of its domain. It needs no logon. Throws where it does
        /// not answer.
        /// </summary>
        public static double ClockOffset(string server, int port)
        {
            // RFC 4330: version 4, client.
            byte[] packet = new byte[48];
            packet[0] = 0x23;
            try
            {
                using (UdpClient client = new UdpClient(server, port))
                {
                    client.Client.ReceiveTimeout = SntpMilliseconds;
                    IPEndPoint from = null;
                    DateTime sent = DateTime.UtcNow;
                    client.Send(packet, packet.Length);
                    byte[] answer = client.Receive(ref from);
                    return Offset(answer, sent, DateTime.UtcNow);
                }
            }
            catch (SocketException error)
            {
                // Its number is one of sockets, and no HRESULT in every .NET.
                throw new IOException(error.Message, error);
            }
        }

        /// <summary>Returns the seconds that the clock of an answer is ahead.</summary>
        public static double Offset(byte[] answer, DateTime sent, DateTime received)
        {
            // Mode 4 is a server's; stratum 0 is one that refuses to serve.
            if (answer.Length < 48 || (answer[0] & 7) != 4 || answer[1] == 0)
            {
                throw new FormatException("The server does not tell the time.");
            }
            double arrived = Time(answer, 32) - Seconds(sent);
            double left = Time(answer, 40) - Seconds(received);
            return (arrived + left) / 2;
        }

        private static double Time(byte[] answer, int at)
        {
            double seconds = 0;
            for (int index = 0; index < 8; index++)
            {
                seconds = seconds * 256 + answer[at + index];
            }
            seconds /= 4294967296.0;
            // From 2036 on the seconds count from there: RFC 4330, section 3.
            return (seconds < 2147483648.0 ? seconds + 4294967296.0 : seconds) - EpochOffset;
        }

        private static double Seconds(DateTime time)
        {
            return (time - new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc)).TotalSeconds;
        }

        private static int TryOpen(string path, uint access)
        {
            IntPtr handle = CreateFile(path, access, ShareAll, IntPtr.Zero, OpenExisting, BackupSemantics, IntPtr.Zero);
            if (handle == new IntPtr(-1))
            {
                return Marshal.GetLastWin32Error();
            }
            CloseHandle(handle);
            return 0;
        }

        [DllImport("kernel32.dll", EntryPoint = "CreateFileW", CharSet = CharSet.Unicode, SetLastError = true)]
        private static extern IntPtr CreateFile(
            string path, uint access, uint share, IntPtr security, uint creation, uint flags, IntPtr template);

        [DllImport("kernel32.dll")]
        private static extern bool CloseHandle(IntPtr handle);

        [DllImport("kernel32.dll", EntryPoint = "GetDiskFreeSpaceExW", CharSet = CharSet.Unicode, SetLastError = true)]
        [return: MarshalAs(UnmanagedType.Bool)]
        private static extern bool GetDiskFreeSpaceEx(string path, out ulong free, out ulong whole, out ulong all);
    }
}
