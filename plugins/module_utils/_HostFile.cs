// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.ComponentModel;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile
{
    /// <summary>
    /// The door to the host's files: nothing else in the payload opens, lists, writes or deletes one. It reaches those
    /// beyond MAX_PATH on a server as it is delivered, and it is patient where something is done to files of our own: a
    /// virus scanner or an indexer opens what was just written, for a moment and without sharing, so each of these
    /// calls is tried again a few times, for a second in all.
    /// </summary>
    public static class HostFile
    {
        /// <summary>
        /// Characters that Windows takes in any path without the prefix: 259 in a file's, 247 in that of a folder that
        /// is made, which leave room for a name of 8.3 (MS: Maximum Path Length Limitation).
        /// </summary>
        private const int LongestPlain = 247;

        private const string Prefix = @"\\?\";
        private const string SharePrefix = @"\\?\UNC\";

        private const int AccessDenied = unchecked((int)0x80070005);
        private const int SharingViolation = unchecked((int)0x80070020);
        private const int LockViolation = unchecked((int)0x80070021);

        private static readonly int[] PausesInMilliseconds = { 20, 50, 100, 250, 500 };

        private static bool takesPrefix;

        /// <summary>
        /// Returns a path as Windows takes it at any length. Only a long one is changed: behind the prefix nothing is
        /// normalised any more, so that is done here.
        /// </summary>
        public static string Extended(string path)
        {
            if (path.Length <= LongestPlain || IsDevice(path))
            {
                return path;
            }
            TakePrefix();
            return Prefixed(Path.GetFullPath(path));
        }

        /// <summary>Returns an absolute path with the prefix. One that is not of Windows stays as it is.</summary>
        public static string Prefixed(string path)
        {
            if (IsDevice(path))
            {
                return path;
            }
            if (path.StartsWith(@"\\", StringComparison.Ordinal))
            {
                return SharePrefix + path.Substring(2).TrimEnd('\\');
            }
            bool hasDrive = path.Length > 2 && path[1] == ':' && path[2] == '\\';
            return hasDrive ? Prefix + path.TrimEnd('\\') : path;
        }

        /// <summary>Returns a text, such as an error's, with its paths as people write them.</summary>
        public static string Plain(string text)
        {
            return text.Replace(SharePrefix, @"\\").Replace(Prefix, "");
        }

        /// <summary>Returns whether there is a file; false, too, where that cannot be told.</summary>
        public static bool Exists(string path)
        {
            return File.Exists(Extended(path));
        }

        /// <summary>Returns whether there is a folder; false, too, where that cannot be told.</summary>
        public static bool FolderExists(string path)
        {
            return Directory.Exists(Extended(path));
        }

        /// <summary>Returns the attributes of a file or folder.</summary>
        public static FileAttributes Attributes(string path)
        {
            return File.GetAttributes(Extended(path));
        }

        /// <summary>Returns how many bytes a file has, or -1 when there is none.</summary>
        public static long Length(string path)
        {
            FileInfo file = new FileInfo(Extended(path));
            return file.Exists ? file.Length : -1;
        }

        /// <summary>Returns when a file was written last, in UTC.</summary>
        public static DateTime LastWriteTime(string path)
        {
            return File.GetLastWriteTimeUtc(Extended(path));
        }

        /// <summary>
        /// Returns a folder. Only what the system said of it, or of what it holds, is of use: names, attributes, sizes,
        /// times. Their paths (FullName) are not the caller's, and their methods know no long ones.
        /// </summary>
        public static DirectoryInfo Folder(string path)
        {
            return new DirectoryInfo(Extended(path));
        }

        /// <summary>Returns the paths of the folders in a folder.</summary>
        public static string[] Folders(string path)
        {
            return Below(path, Directory.GetDirectories(Extended(path)));
        }

        /// <summary>Returns the paths of the files in a folder.</summary>
        public static string[] Files(string path)
        {
            return Below(path, Directory.GetFiles(Extended(path)));
        }

        /// <summary>Returns whether a file or folder is a link to another place. Throws when there is none.</summary>
        public static bool IsLink(string path)
        {
            return IsLink(path, Attributes(path));
        }

        /// <summary>Returns whether a file or folder with these attributes is a link to another place.</summary>
        public static bool IsLink(string path, FileAttributes attributes)
        {
            if ((attributes & FileAttributes.ReparsePoint) == 0)
            {
                return false;
            }
            if ((attributes & FileAttributes.Directory) != 0)
            {
                return true;
            }
            // The directory's own record tells the kind of reparse point without opening it.
            NativeMethods.FindData data;
            IntPtr search = NativeMethods.FindFirstFile(Extended(path), out data);
            if (search == new IntPtr(-1))
            {
                return true;
            }
            NativeMethods.FindClose(search);
            return (data.ReparseTag & NativeMethods.NameSurrogate) != 0;
        }

        /// <summary>Opens a file.</summary>
        public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
        {
            return new FileStream(Extended(path), mode, access, share);
        }

        /// <summary>Opens a file to be read, whoever else has it open.</summary>
        public static FileStream OpenRead(string path)
        {
            return Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }

        /// <summary>Returns what a file holds.</summary>
        public static byte[] Read(string path)
        {
            return File.ReadAllBytes(Extended(path));
        }

        /// <summary>Returns the text of a file, in this encoding where it has no byte order mark.</summary>
        public static string ReadText(string path, Encoding encoding)
        {
            return File.ReadAllText(Extended(path), encoding);
        }

        /// <summary>Opens a file of our own to be read, whoever else has it open.</summary>
        public static FileStream OpenOwn(string path)
        {
            return Persist(() => OpenRead(path));
        }

        /// <summary>Makes a file of our own, over one that may be there.</summary>
        public static FileStream Create(string path)
        {
            return Persist(() => Open(path, FileMode.Create, FileAccess.Write, FileShare.None));
        }

        /// <summary>Writes a file, whole or not at all.</summary>
        public static void Write(string path, byte[] content)
        {
            string part = path + ".tmp";
            try
            {
                Persist(() => File.WriteAllBytes(Extended(part), content));
                Replace(part, path);
            }
            finally
            {
                Delete(part);
            }
        }

        /// <summary>Copies a file to where there is none.</summary>
        public static void Copy(string from, string to)
        {
            Persist(() => File.Copy(Extended(from), Extended(to)));
        }

        /// <summary>Gives a file another name in its folder. Throws where that is taken.</summary>
        public static void Move(string from, string to)
        {
            Persist(() => File.Move(Extended(from), Extended(to)));
        }

        /// <summary>Gives a folder another name on its volume. Throws where that is taken.</summary>
        public static void MoveFolder(string from, string to)
        {
            Persist(() => Directory.Move(Extended(from), Extended(to)));
        }

        /// <summary>
        /// Puts a file into the place of another one, or of none. Not File.Replace, which takes over the permissions
        /// of the other one: that needs WRITE_DAC, and who may but change files on a share does not have it.
        /// </summary>
        public static void Replace(string from, string to)
        {
            if (!Exists(to))
            {
                Move(from, to);
                return;
            }
            Persist(() =>
            {
                if (!NativeMethods.MoveFileEx(
                    Extended(from), Extended(to), NativeMethods.ReplaceExisting | NativeMethods.WriteThrough))
                {
                    int error = Marshal.GetLastWin32Error();
                    throw new IOException(new Win32Exception(error).Message, unchecked((int)0x80070000 | error));
                }
            });
        }

        /// <summary>Sets the attributes of a file.</summary>
        public static void SetAttributes(string path, FileAttributes attributes)
        {
            Persist(() => File.SetAttributes(Extended(path), attributes));
        }

        /// <summary>Deletes a file, if it is there.</summary>
        public static void Delete(string path)
        {
            Persist(() => File.Delete(Extended(path)));
        }

        /// <summary>Makes a folder, and those above it, if it is not there.</summary>
        public static void CreateFolder(string path)
        {
            Persist(() => Directory.CreateDirectory(Extended(path)));
        }

        /// <summary>Deletes an empty folder.</summary>
        public static void DeleteFolder(string path)
        {
            Persist(() => Directory.Delete(Extended(path), false));
        }

        private static bool IsDevice(string path)
        {
            return path.StartsWith(Prefix, StringComparison.Ordinal) ||
                path.StartsWith(@"\\.\", StringComparison.Ordinal);
        }

        private static string[] Below(string folder, string[] found)
        {
            return Array.ConvertAll(found, path => Path.Combine(folder, Path.GetFileName(path)));
        }

        /// <summary>
        /// .NET Framework never adds the prefix. It takes it since 4.6.2, but only in a program that opts into the
        /// newer handling of paths, as powershell.exe does (J. Kuhne: More on new .NET path handling, 2016) and not
        /// every host of Windows PowerShell: in others, such as its ISE, the prefix has "Illegal characters in path".
        /// Fields keep the two switches once they were asked for; -1 is no. .NET Core has neither.
        /// </summary>
        private static void TakePrefix()
        {
            if (takesPrefix)
            {
                return;
            }
            Type switches = typeof(object).Assembly.GetType("System.AppContextSwitches");
            foreach (string name in new string[] { "_useLegacyPathHandling", "_blockLongPaths" })
            {
                FieldInfo field = switches == null
                    ? null : switches.GetField(name, BindingFlags.Static | BindingFlags.NonPublic);
                if (field != null)
                {
                    field.SetValue(null, -1);
                }
            }
            takesPrefix = true;
        }

        private static void Persist(Action action)
        {
            Persist(() =>
            {
                action();
                return true;
            });
        }

        private static T Persist<T>(Func<T> action)
        {
            foreach (int pause in PausesInMilliseconds)
            {
                try
                {
                    return action();
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
            return action();
        }

        /// <summary>A file whose deletion waits for who has it open answers with access denied.</summary>
        private static bool IsPassing(Exception error)
        {
            // Not Marshal.GetHRForException: it leaves the error to the thread as a COM object, which outlives the
            // runtime.
            int code = error.HResult;
            return code == SharingViolation || code == LockViolation || code == AccessDenied;
        }

        private static class NativeMethods
        {
            public const uint ReplaceExisting = 1;
            public const uint WriteThrough = 8;

            // Of reparse points, those that stand for another place (winnt.h, IsReparseTagNameSurrogate). Others, such
            // as those of Data Deduplication, are files like any other.
            public const uint NameSurrogate = 0x20000000;

            [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
            [return: MarshalAs(UnmanagedType.Bool)]
            public static extern bool MoveFileEx(string existing, string replacement, uint flags);

            [DllImport("kernel32.dll", EntryPoint = "FindFirstFileW", CharSet = CharSet.Unicode, SetLastError = true)]
            public static extern IntPtr FindFirstFile(string path, out FindData data);

            [DllImport("kernel32.dll")]
            [return: MarshalAs(UnmanagedType.Bool)]
            public static extern bool FindClose(IntPtr search);

            /// <summary>WIN32_FIND_DATAW.</summary>
            [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode, Pack = 4)]
            public struct FindData
            {
                public uint Attributes;
                public long Created;
                public long Accessed;
                public long Written;
                public ulong Size;
                public uint ReparseTag;
                public uint Reserved;
                [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 260)]
                public string Name;
                [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 14)]
                public string ShortName;
            }
        }
    }
}
