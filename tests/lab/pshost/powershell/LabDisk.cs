// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>
    /// What the lab's domain file says of the host's disks: how much is free, and what the account is denied in a folder
    /// and below it. Wine has no permissions of folders. It binds .NET alone, not GPMC, and nothing on drive C:.
    /// </summary>
    internal static unsafe class LabDisk
    {
        private const int True = 1;
        private const int False = 0;
        private const int AccessDenied = 5;

        // winnt.h: generic write and all; to write or add files, to add folders or append.
        private const uint ToWrite = 0x40000000 | 0x10000000 | 0x2 | 0x4;
        private const uint ToDelete = 0x10000;

        private static delegate* unmanaged<char*, nint, int> createDirectory;
        private static delegate* unmanaged<char*, int> deleteFile;
        private static delegate* unmanaged<char*, int> removeDirectory;
        private static delegate* unmanaged<char*, ulong*, ulong*, ulong*, int> freeSpace;

        private static Dictionary<string, string[]> denied;

        /// <summary>Must run before <see cref="Find"/> is asked.</summary>
        public static void Install()
        {
            nint kernel = NativeLibrary.Load("kernel32.dll");
            createDirectory = (delegate* unmanaged<char*, nint, int>)NativeLibrary.GetExport(kernel, "CreateDirectoryW");
            deleteFile = (delegate* unmanaged<char*, int>)NativeLibrary.GetExport(kernel, "DeleteFileW");
            removeDirectory = (delegate* unmanaged<char*, int>)NativeLibrary.GetExport(kernel, "RemoveDirectoryW");
            freeSpace = (delegate* unmanaged<char*, ulong*, ulong*, ulong*, int>)
                NativeLibrary.GetExport(kernel, "GetDiskFreeSpaceExW");
        }

        /// <summary>The function of this name that knows the disks, or 0.</summary>
        public static nint Find(string name)
        {
            return name switch
            {
                "CreateDirectoryW" => (nint)(delegate* unmanaged<char*, nint, int>)&CreateDirectory,
                "DeleteFileW" => (nint)(delegate* unmanaged<char*, int>)&DeleteFile,
                "RemoveDirectoryW" => (nint)(delegate* unmanaged<char*, int>)&RemoveDirectory,
                "GetDiskFreeSpaceExW" => (nint)(delegate* unmanaged<char*, ulong*, ulong*, ulong*, int>)&FreeSpace,
                _ => 0,
            };
        }

        /// <summary>Whether a file or folder is denied to be opened; then that is the thread's last error.</summary>
        public static bool Refuses(char* path, uint access)
        {
            return ((access & ToWrite) != 0 && Denies(path, "write"))
                || ((access & ToDelete) != 0 && Denies(path, "delete"));
        }

        [UnmanagedCallersOnly]
        private static int CreateDirectory(char* path, nint security)
        {
            return Denies(path, "write") ? False : createDirectory(path, security);
        }

        [UnmanagedCallersOnly]
        private static int DeleteFile(char* path)
        {
            return Denies(path, "delete") ? False : deleteFile(path);
        }

        [UnmanagedCallersOnly]
        private static int RemoveDirectory(char* path)
        {
            return Denies(path, "delete") ? False : removeDirectory(path);
        }

        [UnmanagedCallersOnly]
        private static int FreeSpace(char* path, ulong* available, ulong* whole, ulong* free)
        {
            int done = freeSpace(path, available, whole, free);
            if (done == True
                && LabDomain.TryRead(out JsonElement domain)
                && domain.TryGetProperty("free_space", out JsonElement mebibytes)
                && mebibytes.ValueKind == JsonValueKind.Number)
            {
                *available = mebibytes.GetUInt64() << 20;
            }

            return done;
        }

        private static bool Denies(char* path, string right)
        {
            string name = new string(path).Replace(@"\\?\UNC\", @"\\").Replace(@"\\?\", "");
            bool isDevice = name.StartsWith(@"\\.\", StringComparison.Ordinal) || !Path.IsPathFullyQualified(name);
            if (isDevice || name.StartsWith(@"C:\", StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            // Once for the process, which is one command's: there are many files. In standby it has opened none.
            denied ??= Read();
            name = name.TrimEnd('\\');
            if (!denied.TryGetValue(right, out string[] folders) || !folders.Any(folder => IsBelow(name, folder)))
            {
                return false;
            }

            Marshal.SetLastSystemError(AccessDenied);
            return true;
        }

        private static bool IsBelow(string name, string folder)
        {
            return name.StartsWith(folder, StringComparison.OrdinalIgnoreCase)
                && (name.Length == folder.Length || name[folder.Length] == '\\');
        }

        private static Dictionary<string, string[]> Read()
        {
            return LabDomain.TryRead(out JsonElement domain) && domain.TryGetProperty("denied", out JsonElement rights)
                ? rights.EnumerateObject().ToDictionary(right => right.Name, right => LabDomain.Names(right.Value))
                : new Dictionary<string, string[]>();
        }
    }
}
