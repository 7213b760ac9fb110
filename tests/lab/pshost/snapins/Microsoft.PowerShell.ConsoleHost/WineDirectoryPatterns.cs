// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.IO;
using System.Runtime.InteropServices;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>
    /// Makes file patterns that end in ".*" work on Wine. .NET 10.0.9 and later hand such a pattern to
    /// NtQueryDirectoryFile in its DOS form (a quotation mark for the dot; dotnet/runtime pull request 127974), which
    /// Wine 8 does not match with anything. The engine finds every program by such a pattern, and Get-ChildItem uses
    /// them. .NET filters the names again itself, so it is enough to ask Wine for all of them: the entry point is led
    /// through a function that drops patterns with DOS wildcards. Nothing is done where patterns work.
    /// </summary>
    internal static unsafe class WineDirectoryPatterns
    {
        private const uint ExecuteReadWrite = 0x40;
        private const uint CommitAndReserve = 0x3000;

        // A system call stub of Wine's ntdll is shorter than this, and holds no relative address.
        private const int StubSize = 32;

        private static delegate* unmanaged<nint, nint, nint, nint, nint, nint, uint, int, byte, UnicodeString*, byte, int> original;

        /// <summary>Tests for the defect with a pattern that certainly has a match, and works around it.</summary>
        public static void Repair()
        {
            if (PatternsWork() || !IsWine())
            {
                return;
            }

            nint entry = NativeLibrary.GetExport(NativeLibrary.Load("ntdll.dll"), "NtQueryDirectoryFile");
            nint copy = VirtualAlloc(0, StubSize, CommitAndReserve, ExecuteReadWrite);
            if (copy == 0 || !VirtualProtect(entry, StubSize, ExecuteReadWrite, out uint before))
            {
                return;
            }

            Buffer.MemoryCopy((void*)entry, (void*)copy, StubSize, StubSize);
            original = (delegate* unmanaged<nint, nint, nint, nint, nint, nint, uint, int, byte, UnicodeString*, byte, int>)copy;
            delegate* unmanaged<nint, nint, nint, nint, nint, nint, uint, int, byte, UnicodeString*, byte, int> filter = &Query;

            // mov rax, filter; jmp rax
            var code = (byte*)entry;
            code[0] = 0x48;
            code[1] = 0xB8;
            *(nint*)(code + 2) = (nint)filter;
            code[10] = 0xFF;
            code[11] = 0xE0;
            VirtualProtect(entry, StubSize, before, out _);
            Timeline.Mark("directory patterns " + (PatternsWork() ? "repaired" : "still fail"));
        }

        private static bool PatternsWork()
        {
            return Directory.GetFiles(AppContext.BaseDirectory, "powershell.*").Length > 0;
        }

        private static bool IsWine()
        {
            return NativeLibrary.TryGetExport(NativeLibrary.Load("ntdll.dll"), "wine_get_version", out _);
        }

        [UnmanagedCallersOnly]
        private static int Query(
            nint file,
            nint signal,
            nint routine,
            nint context,
            nint status,
            nint buffer,
            uint length,
            int information,
            byte single,
            UnicodeString* pattern,
            byte restart)
        {
            if (pattern != null && HasDosWildcard(pattern))
            {
                pattern = null;
            }

            return original(file, signal, routine, context, status, buffer, length, information, single, pattern, restart);
        }

        private static bool HasDosWildcard(UnicodeString* pattern)
        {
            var text = new ReadOnlySpan<char>(pattern->Buffer, pattern->Length / sizeof(char));
            return text.IndexOfAny('"', '<', '>') >= 0;
        }

        [DllImport("kernel32.dll", SetLastError = true)]
        private static extern nint VirtualAlloc(nint address, nint size, uint type, uint protection);

        [DllImport("kernel32.dll", SetLastError = true)]
        [return: MarshalAs(UnmanagedType.Bool)]
        private static extern bool VirtualProtect(nint address, nint size, uint protection, out uint before);

        [StructLayout(LayoutKind.Sequential)]
        private struct UnicodeString
        {
            public ushort Length;
            public ushort MaximumLength;
            public char* Buffer;
        }
    }
}
