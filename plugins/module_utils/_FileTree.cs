// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
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
                    using (FileStream stream = _HostFile.HostFile.OpenRead(Path.Combine(root, file.Key)))
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
                    else if (full && Digest(algorithm, Path.Combine(root, path)) != (string)record["sha256"])
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
            DirectoryInfo folder = _HostFile.HostFile.Folder(root);
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

        /// <summary>Returns whether there is a link in a folder, or it is one itself.</summary>
        public static bool HasLink(string root)
        {
            List<string> links = new List<string>();
            return _HostFile.HostFile.IsLink(root) || (Find(root, links) != null && links.Count > 0);
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
            // Folders stand behind the one that they are in.
            List<string> folders = new List<string>();
            foreach (string file in Find(root, null, folders).Keys)
            {
                string path = Path.Combine(root, file);
                // GPMC makes some of its files hidden, and a copy may be read-only.
                _HostFile.HostFile.SetAttributes(path, FileAttributes.Normal);
                _HostFile.HostFile.Delete(path);
            }
            // Only empty folders are left: whatever has come meanwhile stays, and this throws.
            folders.Reverse();
            foreach (string folder in folders)
            {
                _HostFile.HostFile.DeleteFolder(Path.Combine(root, folder));
            }
        }

        // A listing brings sizes and times along; asking for each file's would cost a round trip to the server each.
        // Links to folders are never followed: they may lead outside, or round in a circle. Links to files are files,
        // unless the caller wants the links by name.
        private static SortedDictionary<string, FileInfo> Find(string root, ICollection<string> links)
        {
            return Find(root, links, new List<string>());
        }

        // To folders are added the paths of the root, which is empty, and of all in it.
        private static SortedDictionary<string, FileInfo> Find(
            string root, ICollection<string> links, List<string> folders)
        {
            SortedDictionary<string, FileInfo> files =
                new SortedDictionary<string, FileInfo>(StringComparer.OrdinalIgnoreCase);
            folders.Add("");
            for (int index = 0; index < folders.Count; index++)
            {
                string folder = folders[index];
                foreach (FileSystemInfo item in
                    _HostFile.HostFile.Folder(Path.Combine(root, folder)).GetFileSystemInfos())
                {
                    string path = Path.Combine(folder, item.Name);
                    FileInfo file = item as FileInfo;
                    if ((file == null || links != null) &&
                        _HostFile.HostFile.IsLink(Path.Combine(root, path), item.Attributes))
                    {
                        if (links != null)
                        {
                            links.Add(path);
                        }
                    }
                    else if (file != null)
                    {
                        files[path] = file;
                    }
                    else
                    {
                        folders.Add(path);
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

        private static string Digest(SHA256 algorithm, string path)
        {
            using (FileStream stream = _HostFile.HostFile.OpenRead(path))
            {
                return Hex(algorithm.ComputeHash(stream));
            }
        }

        private static string Hex(byte[] bytes)
        {
            return BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();
        }
    }
}
