// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Runtime.InteropServices;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>
    /// The console that nobody sees: WinRM gives one to each command, Wine has none without a terminal. PowerShell's
    /// console host opens it for the size of its screen; without one it ends with 0 and has run nothing, since it takes
    /// "invalid handle" for the end of conhost.exe.
    /// </summary>
    internal static unsafe class AbsentConsole
    {
        private const int True = 1;
        private const uint Utf8 = 65001;
        private const nint InvalidHandle = -1;
        private const short Columns = 120;
        private const short Lines = 50;

        private static delegate* unmanaged<char*, uint, uint, nint, uint, uint, nint, nint> createFile;

        /// <summary>Must run before <see cref="Find"/> is asked.</summary>
        public static void Install()
        {
            createFile = (delegate* unmanaged<char*, uint, uint, nint, uint, uint, nint, nint>)
                NativeLibrary.GetExport(NativeLibrary.Load("kernel32.dll"), "CreateFileW");
        }

        /// <summary>The function of this name that knows the console, or 0.</summary>
        public static nint Find(string name)
        {
            return name switch
            {
                "CreateFileW"
                    => (nint)(delegate* unmanaged<char*, uint, uint, nint, uint, uint, nint, nint>)&CreateFile,
                "GetConsoleScreenBufferInfo" => (nint)(delegate* unmanaged<nint, ScreenBuffer*, int>)&GetScreenBuffer,
                "GetConsoleCP" or "GetConsoleOutputCP" => (nint)(delegate* unmanaged<uint>)&GetCodePage,
                "SetConsoleCP" or "SetConsoleOutputCP" or "SetConsoleTextAttribute" or "SetConsoleTitleW"
                    => (nint)(delegate* unmanaged<nint, nint, int>)&Succeed,
                _ => 0,
            };
        }

        /// <summary>
        /// Whoever opens the console's screen or keyboard gets the null device; whoever opens a file in a folder that is
        /// denied, nothing.
        /// </summary>
        [UnmanagedCallersOnly]
        private static nint CreateFile(
            char* name, uint access, uint sharing, nint security, uint disposition, uint attributes, nint template)
        {
            if (LabDisk.Refuses(name, access))
            {
                return InvalidHandle;
            }

            bool ofConsole = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name) is "CONOUT$" or "CONIN$";
            fixed (char* nothing = "NUL")
            {
                char* opened = ofConsole ? nothing : name;
                return createFile(opened, access, sharing, security, disposition, attributes, template);
            }
        }

        [UnmanagedCallersOnly]
        private static int GetScreenBuffer(nint console, ScreenBuffer* buffer)
        {
            *buffer = new ScreenBuffer
            {
                Width = Columns,
                Height = 3000,
                Attributes = 7, // grey on black
                Right = Columns - 1,
                Bottom = Lines - 1,
                MaximumWidth = Columns,
                MaximumHeight = Lines,
            };
            return True;
        }

        /// <summary>The code page that Ansible asks WinRM for.</summary>
        [UnmanagedCallersOnly]
        private static uint GetCodePage()
        {
            return Utf8;
        }

        /// <summary>What is written to the console is kept nowhere: its title, its colours, its code pages.</summary>
        [UnmanagedCallersOnly]
        private static int Succeed(nint first, nint second)
        {
            return True;
        }

        /// <summary>CONSOLE_SCREEN_BUFFER_INFO of the Windows API.</summary>
        [StructLayout(LayoutKind.Sequential)]
        private struct ScreenBuffer
        {
            public short Width;
            public short Height;
            public short CursorColumn;
            public short CursorLine;
            public short Attributes;
            public short Left;
            public short Top;
            public short Right;
            public short Bottom;
            public short MaximumWidth;
            public short MaximumHeight;
        }
    }
}
