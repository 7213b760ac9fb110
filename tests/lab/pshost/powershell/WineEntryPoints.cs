// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.IO;
using System.Runtime.InteropServices;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>
    /// A few functions of Windows that Wine 8 has not, or not right, given to managed code: the runtime looks up every
    /// native function with GetProcAddress, and here its import of that is led through <see cref="Find"/>.
    /// Outside Wine nothing is done.
    /// </summary>
    internal static unsafe class WineEntryPoints
    {
        private const uint ReadWrite = 0x04;
        private const int NotSupported = 50;
        private const nint InvalidHandle = -1;
        private const int StatusNotImplemented = unchecked((int)0xC0000002);
        private const int StatusInvalidParameter = unchecked((int)0xC000000D);

        private static delegate* unmanaged<nint, byte*, nint> getProcAddress;
        private static delegate* unmanaged<nint, nint, nint, nint, nint, nint, uint, int, byte, UnicodeString*, byte, int> queryDirectory;
        private static delegate* unmanaged<nint, nint, nint, uint, int, int> setInformation;

        /// <summary>Must run before the first folder is listed: .NET looks each function up once.</summary>
        public static void Install()
        {
            nint ntdll = NativeLibrary.Load("ntdll.dll");
            if (!NativeLibrary.TryGetExport(ntdll, "wine_get_version", out _))
            {
                return;
            }

            queryDirectory = (delegate* unmanaged<nint, nint, nint, nint, nint, nint, uint, int, byte, UnicodeString*, byte, int>)
                NativeLibrary.GetExport(ntdll, "NtQueryDirectoryFile");
            setInformation = (delegate* unmanaged<nint, nint, nint, uint, int, int>)
                NativeLibrary.GetExport(ntdll, "NtSetInformationFile");
            AbsentConsole.Install();
            LabDisk.Install();
            nint runtime = NativeLibrary.Load(Path.Combine(AppContext.BaseDirectory, "coreclr.dll"));
            nint* slot = ImportSlot((byte*)runtime, "GetProcAddress"u8);
            if (slot != null)
            {
                getProcAddress = (delegate* unmanaged<nint, byte*, nint>)(*slot);
                Write(slot, (nint)(delegate* unmanaged<nint, byte*, nint>)&Find);

                // The runtime uses the function once more when it can no longer run managed code.
                AppDomain.CurrentDomain.ProcessExit += (sender, e) => Write(slot, (nint)getProcAddress);
            }
        }

        private static void Write(nint* slot, nint function)
        {
            if (VirtualProtect((nint)slot, sizeof(nint), ReadWrite, out uint before))
            {
                *slot = function;
                VirtualProtect((nint)slot, sizeof(nint), before, out _);
            }
        }

        /// <summary>Wine's own function, where NativeLibrary would get the one in its place.</summary>
        public static nint Genuine(string library, ReadOnlySpan<byte> function)
        {
            fixed (byte* name = function)
            {
                return getProcAddress(NativeLibrary.Load(library), name);
            }
        }

        /// <summary>GetProcAddress, apart from these functions.</summary>
        [UnmanagedCallersOnly]
        private static nint Find(nint module, byte* name)
        {
            // A small number is an ordinal, not a name.
            if ((nuint)name > ushort.MaxValue)
            {
                nint function = Replacement(Marshal.PtrToStringUTF8((nint)name));
                if (function != 0)
                {
                    return function;
                }
            }

            return getProcAddress(module, name);
        }

        private static nint Replacement(string name)
        {
            return name switch
            {
                "NtQueryDirectoryFile"
                    => (nint)(delegate* unmanaged<nint, nint, nint, nint, nint, nint, uint, int, byte, UnicodeString*, byte, int>)
                        &QueryDirectory,
                "NtSetInformationFile" => (nint)(delegate* unmanaged<nint, nint, nint, uint, int, int>)&SetInformation,
                "FindFirstFileNameW" => (nint)(delegate* unmanaged<nint, uint, nint, nint, nint>)&FindFirstFileName,
                "DsGetDcNameW"
                    => (nint)(delegate* unmanaged<char*, char*, Guid*, char*, uint, DomainLocator.Controller**, int>)
                        &DomainLocator.GetName,
                _ => First(AbsentConsole.Find(name), LabDisk.Find(name), LabClock.Find(name)),
            };
        }

        private static nint First(params nint[] functions)
        {
            return Array.Find(functions, function => function != 0);
        }

        /// <summary>
        /// Drops patterns with DOS wildcards. .NET 10.0.9 and later hand a pattern that ends in ".*" down in its DOS
        /// form, with a quotation mark for the dot (dotnet/runtime pull request 127974), which Wine 8 matches with
        /// nothing. The engine finds every program by such a pattern, and Get-ChildItem uses them. .NET filters the
        /// names again itself, so it is enough to ask Wine for all of them.
        /// </summary>
        [UnmanagedCallersOnly]
        private static int QueryDirectory(
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

            return queryDirectory(file, signal, routine, context, status, buffer, length, information, single, pattern, restart);
        }

        private static bool HasDosWildcard(UnicodeString* pattern)
        {
            var text = new ReadOnlySpan<char>(pattern->Buffer, pattern->Length / sizeof(char));
            return text.IndexOfAny('"', '<', '>') >= 0;
        }

        /// <summary>
        /// Says of what Wine does not know what older Windows says of it. Ansible deletes its temporary folder the
        /// POSIX way, and turns to the old way only on this answer.
        /// </summary>
        [UnmanagedCallersOnly]
        private static int SetInformation(nint file, nint status, nint value, uint length, int information)
        {
            int result = setInformation(file, status, value, length, information);
            return result == StatusNotImplemented ? StatusInvalidParameter : result;
        }

        /// <summary>
        /// The names of a file with hard links. Wine 8 lacks the function; this says what a file system without hard
        /// links says. Ansible asks it for each file that win_stat or win_find reports.
        /// </summary>
        [UnmanagedCallersOnly]
        private static nint FindFirstFileName(nint fileName, uint flags, nint length, nint linkName)
        {
            Marshal.SetLastSystemError(NotSupported);
            return InvalidHandle;
        }

        /// <summary>Where a module keeps the address of a function that it imports by name; null if it does not.</summary>
        private static nint* ImportSlot(byte* module, ReadOnlySpan<byte> function)
        {
            // The layout is that of 64-bit Windows programs: "PE Format" in Microsoft's reference.
            const int newHeader = 0x3C, importDirectory = 24 + 120, descriptorSize = 20, nameTable = 0, addressTable = 16, hintSize = 2;
            byte* header = module + *(int*)(module + newHeader);
            byte* descriptor = module + *(int*)(header + importDirectory);
            for (; *(int*)(descriptor + addressTable) != 0; descriptor += descriptorSize)
            {
                long* names = (long*)(module + *(int*)(descriptor + nameTable));
                nint* addresses = (nint*)(module + *(int*)(descriptor + addressTable));
                for (int i = 0; names[i] != 0; i++)
                {
                    bool byName = names[i] > 0;
                    if (byName && MemoryMarshal.CreateReadOnlySpanFromNullTerminated(module + names[i] + hintSize).SequenceEqual(function))
                    {
                        return addresses + i;
                    }
                }
            }

            return null;
        }

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
