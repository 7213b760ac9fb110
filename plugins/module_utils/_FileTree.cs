// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Threading.Tasks;

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree
{
    /// <summary>
    /// The files below a folder, as the catalog records them. Paths are relative, with backslashes, sorted by their
    /// capitals' code points. In C#: a policy with scripts can have thousands of files.
    /// </summary>
    public static class FileTree
    {
        /// <summary>What a folder's findings name before they only say how many more there are.</summary>
        private const int NamedAtMost = 20;

        /// <summary>Characters of a path from a file that are repeated.</summary>
        private const int ShownAtMost = 200;

        // Of reparse points, those that stand for another place (winnt.h, IsReparseTagNameSurrogate). Others, such as
        // those of Data Deduplication, are files like any other.
        private const uint NameSurrogate = 0x20000000;

        /// <summary>Returns the files as { path, size, modified }: size in bytes, modified in UTC.</summary>
        public static object[] List(string root)
        {
            List<object> records = new List<object>();
            foreach (KeyValuePair<string, FileInfo> file in Find(root, null))
            {
                Hashtable record = new Hashtable();
                record["path"] = file.Key;
                record["size"] = file.Value.Length;
                record["modified"] = file.Value.LastWriteTimeUtc.ToString(
                    "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
                records.Add(record);
            }
            return records.ToArray();
        }

        /// <summary>Begins what List does, beside the caller's other work.</summary>
        public static Task<object[]> BeginList(string root)
        {
            return Task.Run(() => List(root));
        }

        /// <summary>Returns the files as { path, size, sha256 }.</summary>
        public static object[] Hash(string root)
        {
            List<object> records = new List<object>();
            // Create() rather than SHA256Managed: it obeys a policy that asks for FIPS 140.
            using (SHA256 algorithm = SHA256.Create())
            {
                foreach (KeyValuePair<string, FileInfo> file in Find(root, null))
                {
                    using (FileStream stream = Open(file.Value))
                    {
                        Hashtable record = new Hashtable();
                        record["path"] = file.Key;
                        record["sha256"] = Hex(algorithm.ComputeHash(stream));
                        record["size"] = stream.Length;
                        records.Add(record);
                    }
                }
            }
            return records.ToArray();
        }

        /// <summary>
        /// Returns what is wrong with a folder that ought to hold these files, as { path, size, found }; found is null
        /// where the file is missing. The recorded paths are looked up in what is there, and never opened.
        /// </summary>
        public static object[] Check(string root, object[] recorded)
        {
            SortedDictionary<string, FileInfo> there = Find(root, null);
            List<object> wrong = new List<object>();
            foreach (IDictionary record in recorded)
            {
                FileInfo file;
                bool found = there.TryGetValue((string)record["path"], out file);
                if (!found || file.Length != Convert.ToInt64(record["size"], CultureInfo.InvariantCulture))
                {
                    Hashtable finding = new Hashtable();
                    finding["path"] = record["path"];
                    finding["size"] = record["size"];
                    finding["found"] = found ? (object)file.Length : null;
                    wrong.Add(finding);
                }
            }
            return wrong.ToArray();
        }

        /// <summary>
        /// Compares a folder with the records of its files and returns { files, size, problems }: how much is there,
        /// and what is wrong, as sentences. With full, contents are compared too. As in Check, recorded paths are
        /// never opened; and no link is followed.
        /// </summary>
        public static Hashtable Verify(string root, object[] recorded, bool full)
        {
            List<string> problems = new List<string>();
            SortedDictionary<string, FileInfo> there = FindWithoutLinks(root, problems);
            using (SHA256 algorithm = SHA256.Create())
            {
                foreach (IDictionary record in recorded)
                {
                    string path = (string)record["path"];
                    long size = Convert.ToInt64(record["size"], CultureInfo.InvariantCulture);
                    FileInfo file;
                    if (!there.TryGetValue(path, out file))
                    {
                        problems.Add("The file " + Shown(path) + " is missing.");
                    }
                    else if (file.Length != size)
                    {
                        problems.Add(string.Format(
                            CultureInfo.InvariantCulture, "The file {0} has {1} bytes instead of {2}.",
                            Shown(path), file.Length, size));
                    }
                    else if (full && Digest(algorithm, file) != (string)record["sha256"])
                    {
                        problems.Add("The contents of the file " + Shown(path) + " have changed.");
                    }
                }
            }
            return Findings(there, problems);
        }

        /// <summary>
        /// Compares a folder with the locations that its Backup.xml names and returns what Verify does. Locations are
        /// looked up in what is there, and never opened.
        /// </summary>
        public static Hashtable VerifyLocations(string root, string[] locations)
        {
            List<string> problems = new List<string>();
            SortedDictionary<string, FileInfo> there = FindWithoutLinks(root, problems);
            foreach (string location in locations)
            {
                string path = location.Replace('/', '\\');
                if (path.StartsWith("\\", StringComparison.Ordinal) || path.IndexOf(':') >= 0 ||
                    Array.IndexOf(path.Split('\\'), "..") >= 0)
                {
                    problems.Add("Backup.xml names a file outside of the backup: " + Shown(location) + ".");
                }
                else if (!there.ContainsKey(path))
                {
                    problems.Add("The file " + Shown(location) + " that Backup.xml names is missing.");
                }
            }
            return Findings(there, problems);
        }

        /// <summary>
        /// Returns when, in UTC, anything in a folder was made or written last. A copy may keep the times of what is
        /// copied, but not when it was made.
        /// </summary>
        public static DateTime Newest(string root)
        {
            DateTime newest = DateTime.MinValue;
            DirectoryInfo folder = new DirectoryInfo(root);
            List<FileSystemInfo> items = new List<FileSystemInfo>(Find(root, null).Values);
            items.Add(folder);
            items.AddRange(folder.GetDirectories());
            foreach (FileSystemInfo item in items)
            {
                foreach (DateTime time in new DateTime[] { item.CreationTimeUtc, item.LastWriteTimeUtc })
                {
                    newest = time > newest ? time : newest;
                }
            }
            return newest;
        }

        /// <summary>Returns whether a file or folder is a link to another place. Throws when there is none.</summary>
        public static bool IsLink(string path)
        {
            FileAttributes attributes = File.GetAttributes(path);
            return IsLink((attributes & FileAttributes.Directory) != 0
                ? (FileSystemInfo)new DirectoryInfo(path) : new FileInfo(path));
        }

        /// <summary>Returns whether there is a link in a folder, or it is one itself.</summary>
        public static bool HasLink(string root)
        {
            List<string> links = new List<string>();
            return IsLink(root) || (Find(root, links) != null && links.Count > 0);
        }

        /// <summary>
        /// Deletes a folder and all in it. A link in it throws: what is behind it belongs to others, and whether it may
        /// go is for people to say.
        /// </summary>
        public static void Delete(string root)
        {
            if (HasLink(root))
            {
                throw new IOException("There is a link in the folder, or it is one itself.");
            }
            foreach (FileInfo file in Find(root, null).Values)
            {
                // GPMC makes some of its files hidden, and a copy may be read-only.
                file.Attributes = FileAttributes.Normal;
                file.Delete();
            }
            // Only empty folders are left: whatever has come meanwhile stays, and this throws.
            List<string> folders = new List<string>(
                Directory.GetDirectories(root, "*", SearchOption.AllDirectories));
            folders.Sort(StringComparer.Ordinal);
            folders.Reverse();
            folders.Add(root);
            foreach (string folder in folders)
            {
                Directory.Delete(folder, false);
            }
        }

        // A listing brings sizes and times along; asking for each file's would cost a round trip to the server each.
        // Links to folders are never followed: they may lead outside, or round in a circle. Links to files are files,
        // unless the caller wants the links by name.
        private static SortedDictionary<string, FileInfo> Find(string root, ICollection<string> links)
        {
            SortedDictionary<string, FileInfo> files =
                new SortedDictionary<string, FileInfo>(StringComparer.OrdinalIgnoreCase);
            DirectoryInfo folder = new DirectoryInfo(root);
            int prefix = folder.FullName.TrimEnd('\\').Length + 1;
            Stack<DirectoryInfo> folders = new Stack<DirectoryInfo>();
            folders.Push(folder);
            while (folders.Count > 0)
            {
                foreach (FileSystemInfo item in folders.Pop().GetFileSystemInfos())
                {
                    DirectoryInfo inner = item as DirectoryInfo;
                    if ((inner != null || links != null) && IsLink(item))
                    {
                        if (links != null)
                        {
                            links.Add(item.FullName.Substring(prefix));
                        }
                    }
                    else if (inner == null)
                    {
                        files[item.FullName.Substring(prefix)] = (FileInfo)item;
                    }
                    else
                    {
                        folders.Push(inner);
                    }
                }
            }
            return files;
        }

        private static SortedDictionary<string, FileInfo> FindWithoutLinks(string root, List<string> problems)
        {
            List<string> links = new List<string>();
            SortedDictionary<string, FileInfo> files = Find(root, links);
            foreach (string link in links)
            {
                problems.Add(Shown(link) + " is a link, which is not followed.");
            }
            return files;
        }

        private static bool IsLink(FileSystemInfo item)
        {
            if ((item.Attributes & FileAttributes.ReparsePoint) == 0)
            {
                return false;
            }
            if ((item.Attributes & FileAttributes.Directory) != 0)
            {
                return true;
            }
            // The directory's own record tells the kind of reparse point without opening it.
            FindData data;
            IntPtr search = FindFirstFile(item.FullName, out data);
            if (search == new IntPtr(-1))
            {
                return true;
            }
            FindClose(search);
            return (data.ReparseTag & NameSurrogate) != 0;
        }

        private static Hashtable Findings(SortedDictionary<string, FileInfo> there, List<string> problems)
        {
            long size = 0;
            foreach (FileInfo file in there.Values)
            {
                size += file.Length;
            }
            if (problems.Count > NamedAtMost)
            {
                int more = problems.Count - NamedAtMost;
                problems.RemoveRange(NamedAtMost, more);
                problems.Add(string.Format(CultureInfo.InvariantCulture, "There are {0} more problems.", more));
            }
            Hashtable findings = new Hashtable();
            findings["files"] = there.Count;
            findings["size"] = size;
            findings["problems"] = problems.ToArray();
            return findings;
        }

        private static string Shown(string path)
        {
            return path.Length > ShownAtMost ? path.Substring(0, ShownAtMost) + "..." : path;
        }

        private static FileStream Open(FileInfo file)
        {
            return new FileStream(
                file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }

        private static string Digest(SHA256 algorithm, FileInfo file)
        {
            using (FileStream stream = Open(file))
            {
                return Hex(algorithm.ComputeHash(stream));
            }
        }

        private static string Hex(byte[] bytes)
        {
            return BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();
        }

        [DllImport("kernel32.dll", EntryPoint = "FindFirstFileW", CharSet = CharSet.Unicode, SetLastError = true)]
        private static extern IntPtr FindFirstFile(string path, out FindData data);

        [DllImport("kernel32.dll")]
        [return: MarshalAs(UnmanagedType.Bool)]
        private static extern bool FindClose(IntPtr search);

        /// <summary>WIN32_FIND_DATAW.</summary>
        [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode, Pack = 4)]
        private struct FindData
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
