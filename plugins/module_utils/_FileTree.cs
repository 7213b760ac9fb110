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

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree
{
    /// <summary>
    /// The files below a folder, as the catalog records them. Paths are relative, with backslashes, sorted by their
    /// capitals' code points. In C#: a policy with scripts can have thousands of files.
    /// </summary>
    public static class FileTree
    {
        /// <summary>Returns the files as { path, size, modified }: size in bytes, modified in UTC.</summary>
        public static object[] List(string root)
        {
            List<object> records = new List<object>();
            foreach (KeyValuePair<string, FileInfo> file in Find(root))
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

        /// <summary>Returns the files as { path, size, sha256 }.</summary>
        public static object[] Hash(string root)
        {
            List<object> records = new List<object>();
            // Create() rather than SHA256Managed: it obeys a policy that asks for FIPS 140.
            using (SHA256 algorithm = SHA256.Create())
            {
                foreach (KeyValuePair<string, FileInfo> file in Find(root))
                {
                    using (FileStream stream = new FileStream(
                        file.Value.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
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
            SortedDictionary<string, FileInfo> there = Find(root);
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

        // A listing brings sizes and times along; asking for each file's would cost a round trip to the server each.
        private static SortedDictionary<string, FileInfo> Find(string root)
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
                    if (inner == null)
                    {
                        files[item.FullName.Substring(prefix)] = (FileInfo)item;
                    }
                    else if ((inner.Attributes & FileAttributes.ReparsePoint) == 0)
                    {
                        // A link may lead outside, or round in a circle.
                        folders.Push(inner);
                    }
                }
            }
            return files;
        }

        private static string Hex(byte[] bytes)
        {
            return BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();
        }
    }
}
