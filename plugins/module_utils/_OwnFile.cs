// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.ComponentModel;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._OwnFile
{
    /// <summary>
    /// What is done to files of the collection's own. A virus scanner or an indexer opens what was just written, for
    /// a moment and without sharing: each call is tried again a few times, for a second in all.
    /// </summary>
    public static class OwnFile
    {
        private const int AccessDenied = unchecked((int)0x80070005);
        private const int SharingViolation = unchecked((int)0x80070020);
        private const int LockViolation = unchecked((int)0x80070021);

        private static readonly int[] PausesInMilliseconds = { 20, 50, 100, 250, 500 };

        /// <summary>Gives a file another name in its folder. Throws where that is taken.</summary>
        public static void Move(string from, string to)
        {
            Persist(delegate { File.Move(from, to); });
        }

        /// <summary>
        /// Puts a file into the place of another one, or of none. Not File.Replace, which takes over the permissions
        /// of the other one: that needs WRITE_DAC, and who may but change files on a share does not have it.
        /// </summary>
        public static void Replace(string from, string to)
        {
            if (!File.Exists(to))
            {
                Move(from, to);
                return;
            }
            Persist(delegate
            {
                if (!NativeMethods.MoveFileEx(from, to, NativeMethods.ReplaceExisting | NativeMethods.WriteThrough))
                {
                    int error = Marshal.GetLastWin32Error();
                    throw new IOException(new Win32Exception(error).Message, unchecked((int)0x80070000 | error));
                }
            });
        }

        /// <summary>Writes a file, whole or not at all.</summary>
        public static void Write(string path, byte[] content)
        {
            string part = path + ".tmp";
            try
            {
                Persist(delegate { File.WriteAllBytes(part, content); });
                Replace(part, path);
            }
            finally
            {
                Delete(part);
            }
        }

        /// <summary>Deletes a file, if it is there.</summary>
        public static void Delete(string path)
        {
            Persist(delegate { File.Delete(path); });
        }

        /// <summary>Opens a file to be read, whoever else has it open.</summary>
        public static FileStream OpenRead(string path)
        {
            FileStream stream = null;
            Persist(delegate
            {
                stream = new FileStream(
                    path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            });
            return stream;
        }

        private static void Persist(Action action)
        {
            foreach (int pause in PausesInMilliseconds)
            {
                try
                {
                    action();
                    return;
                }
                catch (Exception error)
                {
                    if (!IsPassing(error))
                    {
                        throw;
                    }
                }
                Thread.Sleep(pause);
            }
            action();
        }

        /// <summary>A file whose deletion waits for who has it open answers with access denied.</summary>
        private static bool IsPassing(Exception error)
        {
            // Not Marshal.GetHRForException: it leaves the error to the thread as a COM object, which outlives the runtime.
            int code = error.HResult;
            return code == SharingViolation || code == LockViolation || code == AccessDenied;
        }

        private static class NativeMethods
        {
            public const uint ReplaceExisting = 1;
            public const uint WriteThrough = 8;

            [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
            [return: MarshalAs(UnmanagedType.Bool)]
            public static extern bool MoveFileEx(string existing, string replacement, uint flags);
        }
    }
}
