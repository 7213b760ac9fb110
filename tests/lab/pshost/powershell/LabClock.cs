// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Buffers.Binary;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>
    /// The clock of the domain's controllers, by SNTP, where the lab's domain file has one: their names lead to this
    /// machine, and port 123 to a server in this process.
    /// </summary>
    internal static unsafe class LabClock
    {
        private const string Winsock = "ws2_32.dll";
        private const ushort SntpPort = 123;
        private const short Internet = 2; // AF_INET

        /// <summary>The function of this name that leads to the clock, or 0.</summary>
        public static nint Find(string name)
        {
            return name switch
            {
                "GetAddrInfoW" => (nint)(delegate* unmanaged<char*, char*, nint, nint, int>)&GetAddress,
                "WSAConnect"
                    => (nint)(delegate* unmanaged<nint, SocketAddress*, int, nint, nint, nint, nint, int>)&Connect,
                _ => 0,
            };
        }

        [UnmanagedCallersOnly]
        private static int GetAddress(char* node, char* service, nint hints, nint result)
        {
            var getAddress = (delegate* unmanaged<char*, char*, nint, nint, int>)
                WineEntryPoints.Genuine(Winsock, "GetAddrInfoW"u8);
            bool isController = TryRead(out _, out string[] controllers)
                && controllers.Contains(new string(node), StringComparer.OrdinalIgnoreCase);
            fixed (char* here = "127.0.0.1")
            {
                return getAddress(isController ? here : node, service, hints, result);
            }
        }

        [UnmanagedCallersOnly]
        private static int Connect(
            nint socket, SocketAddress* name, int length, nint caller, nint callee, nint sendQuality, nint groupQuality)
        {
            var connect = (delegate* unmanaged<nint, SocketAddress*, int, nint, nint, nint, nint, int>)
                WineEntryPoints.Genuine(Winsock, "WSAConnect"u8);
            SocketAddress address = *name;
            bool isClock = address.Family == Internet && BinaryPrimitives.ReverseEndianness(address.Port) == SntpPort;
            if (isClock && TryRead(out double offset, out _))
            {
                address.Port = BinaryPrimitives.ReverseEndianness(Serve(offset));
                return connect(socket, &address, length, caller, callee, sendQuality, groupQuality);
            }

            return connect(socket, name, length, caller, callee, sendQuality, groupQuality);
        }

        private static bool TryRead(out double offset, out string[] controllers)
        {
            bool isKnown = LabDomain.TryRead(out JsonElement domain)
                && domain.TryGetProperty("clock", out JsonElement seconds)
                && seconds.ValueKind == JsonValueKind.Number;
            offset = isKnown ? domain.GetProperty("clock").GetDouble() : 0;
            controllers = isKnown ? LabDomain.Names(domain.GetProperty("dcs")) : null;
            return isKnown;
        }

        /// <summary>Answers until the process ends, and returns the port.</summary>
        private static ushort Serve(double offset)
        {
            var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            var thread = new Thread(() =>
            {
                while (true)
                {
                    IPEndPoint client = null;
                    server.Receive(ref client);
                    server.Send(Answer(DateTime.UtcNow.AddSeconds(offset)), client);
                }
            });
            thread.IsBackground = true;
            thread.Start();
            return (ushort)((IPEndPoint)server.Client.LocalEndPoint).Port;
        }

        /// <summary>An answer of RFC 4330, received and sent at that time.</summary>
        private static byte[] Answer(DateTime now)
        {
            const int received = 32, transmitted = 40;
            var answer = new byte[48];
            answer[0] = 0x24; // version 4, server
            answer[1] = 2; // stratum: not refused
            double seconds = (now - new DateTime(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc)).TotalSeconds;
            foreach (int at in new[] { received, transmitted })
            {
                BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(at), (uint)seconds);
                BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(at + 4), (uint)((seconds % 1) * uint.MaxValue));
            }

            return answer;
        }

        /// <summary>sockaddr_in, or as much of another kind as is looked at.</summary>
        [StructLayout(LayoutKind.Sequential)]
        private struct SocketAddress
        {
            public short Family;
            public ushort Port;
            public uint Address;
            public ulong Zero;
        }
    }
}
