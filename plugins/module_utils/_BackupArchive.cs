// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

//AssemblyReference -Name System.IO.Compression.dll -CLR Framework

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._BackupArchive
{
    /// <summary>
    /// Backups in an archive, as they travel between a host and the controller. A backup's entry of the catalog is the
    /// member {ID}/entry, its files are {ID}/0, {ID}/1 and so on, in the order in which the entry lists them, and what is
    /// recorded of what changed with it is {ID}/changes, if there is any: no name in an archive is ever a
    /// path. plugin_utils/_archive.py does the same on the controller.
    /// </summary>
    public sealed class BackupArchive : IDisposable
    {
        private const int LargestEntry = 64 * 1024 * 1024;
        private const int LargestChanges = 4 * 1024 * 1024;
        private const int ChunkSize = 128 * 1024;
        private const int LongestName = 255;

        private static readonly Regex NoName = new Regex(
            @"[\x00-\x1f<>:""/\\|?*]|[ .]\z|" +
            @"^(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3])(?:[ .]|\z)",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

        private readonly ZipArchive zip;

        private BackupArchive(string path, FileMode mode, FileAccess access, ZipArchiveMode zipMode)
        {
            zip = new ZipArchive(_HostFile.HostFile.Open(path, mode, access, FileShare.Read), zipMode);
        }

        /// <summary>Begins an archive, in the place of one that is there.</summary>
        public static BackupArchive Create(string path)
        {
            return new BackupArchive(path, FileMode.Create, FileAccess.Write, ZipArchiveMode.Create);
        }

        /// <summary>Opens an archive that came from the controller, if it has this SHA-256.</summary>
        public static BackupArchive Open(string path, string sha256)
        {
            if (Digest(path) != sha256)
            {
                throw new InvalidDataException("The archive was damaged on its way to the host.");
            }
            return new BackupArchive(path, FileMode.Open, FileAccess.Read, ZipArchiveMode.Read);
        }

        /// <summary>Ends it: one that was created is whole from here on.</summary>
        public void Dispose()
        {
            zip.Dispose();
        }

        /// <summary>Returns the SHA-256 of a file.</summary>
        public static string Digest(string path)
        {
            using (SHA256 algorithm = SHA256.Create())
            using (FileStream stream = _HostFile.HostFile.OpenOwn(path))
            {
                return Hex(algorithm.ComputeHash(stream));
            }
        }

        /// <summary>Returns the size of a file in bytes.</summary>
        public static long Size(string path)
        {
            return _HostFile.HostFile.Length(path);
        }

        /// <summary>Returns how many bytes the files of an entry have.</summary>
        public static long Size(object[] recorded)
        {
            long size = 0;
            foreach (IDictionary record in recorded)
            {
                size += SizeOf(record);
            }
            return size;
        }

        /// <summary>
        /// Adds a backup: its entry and the files that the entry records, which are looked up in what is there.
        /// Returns what keeps the backup from being copied, or null; throws when the archive itself fails.
        /// </summary>
        public string Add(string id, string folder, object[] recorded, string entry)
        {
            Dictionary<string, string> there;
            try
            {
                if (_FileTree.FileTree.HasLink(folder))
                {
                    return "There is a link in its folder, or it is one itself.";
                }
                there = Find(folder);
            }
            catch (Exception error)
            {
                return error.Message;
            }
            string problem = AddFile(id + "/entry", entry, null);
            for (int number = 0; number < recorded.Length && problem == null; number++)
            {
                IDictionary record = (IDictionary)recorded[number];
                string path;
                if (!there.TryGetValue((string)record["path"], out path))
                {
                    return "The file " + record["path"] + " is missing.";
                }
                problem = AddFile(id + "/" + number.ToString(CultureInfo.InvariantCulture), path, record);
            }
            return problem;
        }

        /// <summary>
        /// Adds the record of what changed with a backup. Nothing where there is none, or it cannot be read: the backup
        /// is as good without.
        /// </summary>
        public void AddChanges(string id, string path)
        {
            byte[] content;
            try
            {
                long size = _HostFile.HostFile.Length(path);
                if (size < 0 || size > LargestChanges)
                {
                    return;
                }
                using (MemoryStream read = new MemoryStream())
                using (FileStream source = _HostFile.HostFile.OpenOwn(path))
                {
                    source.CopyTo(read);
                    content = read.ToArray();
                }
            }
            catch (IOException)
            {
                return;
            }
            catch (UnauthorizedAccessException)
            {
                return;
            }
            using (Stream target = zip.CreateEntry(id + "/changes").Open())
            {
                target.Write(content, 0, content.Length);
            }
        }

        /// <summary>Puts the record of what changed with a backup into a file. Returns whether there is one.</summary>
        public bool ExtractChanges(string id, string path)
        {
            ZipArchiveEntry member = zip.GetEntry(id + "/changes");
            if (member == null || member.Length > LargestChanges)
            {
                return false;
            }
            Extract(member, path, null);
            return true;
        }

        private string AddFile(string member, string path, IDictionary record)
        {
            Stream source;
            try
            {
                source = _HostFile.HostFile.OpenOwn(path);
            }
            catch (Exception error)
            {
                return error.Message;
            }
            using (source)
            using (Stream target = zip.CreateEntry(member).Open())
            {
                return Copy(source, target, record);
            }
        }

        /// <summary>Puts the entry of a backup into a file.</summary>
        public void ExtractEntry(string id, string path)
        {
            ZipArchiveEntry member = Member(id + "/entry");
            if (member.Length > LargestEntry)
            {
                throw new InvalidDataException("Its catalog entry is too large.");
            }
            Extract(member, path, null);
        }

        /// <summary>
        /// Puts the files that an entry records into a folder of their own, which must not be there yet. Throws where a
        /// name is none of a file below the folder, or a file is not the recorded one.
        /// </summary>
        public void Extract(string id, string folder, object[] recorded)
        {
            AssertNames(recorded);
            _HostFile.HostFile.CreateFolder(folder);
            for (int number = 0; number < recorded.Length; number++)
            {
                IDictionary record = (IDictionary)recorded[number];
                string name = (string)record["path"];
                string path = Path.Combine(folder, name);
                // Not Path.GetDirectoryName: in some hosts of .NET Framework it knows no long paths.
                _HostFile.HostFile.CreateFolder(
                    Path.Combine(folder, name.Substring(0, Math.Max(0, name.LastIndexOf('\\')))));
                ZipArchiveEntry member = Member(id + "/" + number.ToString(CultureInfo.InvariantCulture));
                Extract(member, path, record);
            }
        }

        private ZipArchiveEntry Member(string name)
        {
            ZipArchiveEntry member = zip.GetEntry(name);
            if (member == null)
            {
                throw new InvalidDataException("The controller did not send all of it.");
            }
            return member;
        }

        private static void Extract(ZipArchiveEntry member, string path, IDictionary record)
        {
            using (Stream source = member.Open())
            using (FileStream target = _HostFile.HostFile.Open(
                path, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                string problem = Copy(source, target, record);
                if (problem != null)
                {
                    throw new InvalidDataException(problem);
                }
                target.Flush(true);
            }
        }

        /// <summary>
        /// Copies a file and returns how it is not the recorded one, or null. What cannot be read is such a problem;
        /// what cannot be written throws.
        /// </summary>
        private static string Copy(Stream source, Stream target, IDictionary record)
        {
            long size = 0;
            long most = record == null ? LargestEntry : SizeOf(record);
            byte[] chunk = new byte[ChunkSize];
            using (SHA256 algorithm = SHA256.Create())
            {
                while (true)
                {
                    int length;
                    try
                    {
                        length = source.Read(chunk, 0, chunk.Length);
                    }
                    catch (Exception error)
                    {
                        return error.Message;
                    }
                    size += length;
                    if (length == 0 || size > most)
                    {
                        break;
                    }
                    algorithm.TransformBlock(chunk, 0, length, null, 0);
                    target.Write(chunk, 0, length);
                }
                algorithm.TransformFinalBlock(chunk, 0, 0);
                if (record == null)
                {
                    return size > most ? "Its catalog entry is too large." : null;
                }
                if (size != most)
                {
                    return string.Format(
                        CultureInfo.InvariantCulture, "The file {0} has {1} bytes{2} instead of {3}.",
                        record["path"], size, size > most ? " or more" : "", most);
                }
                return Hex(algorithm.Hash) == (string)record["sha256"]
                    ? null : "The contents of the file " + record["path"] + " have changed.";
            }
        }

        /// <summary>Throws where a recorded path could lead out of a folder, or is no path of one file of its own.</summary>
        private static void AssertNames(object[] recorded)
        {
            HashSet<string> files = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            HashSet<string> folders = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (IDictionary record in recorded)
            {
                string path = (string)record["path"];
                foreach (string name in path.Split('\\'))
                {
                    if (name.Length == 0 || name.Length > LongestName || NoName.IsMatch(name))
                    {
                        throw new InvalidDataException(
                            "The catalog lists a file outside of the backup, or with a name that Windows does not have.");
                    }
                }
                if (!files.Add(path))
                {
                    throw new InvalidDataException("The catalog lists the file " + path + " twice.");
                }
                for (int end = path.IndexOf('\\'); end >= 0; end = path.IndexOf('\\', end + 1))
                {
                    folders.Add(path.Substring(0, end));
                }
            }
            if (files.Overlaps(folders))
            {
                throw new InvalidDataException("The catalog lists something as a file and as a folder.");
            }
        }

        /// <summary>Makes a folder in which backups are put together, after deleting what a run before left in it.</summary>
        public static void MakeEmpty(string folder)
        {
            if (_HostFile.HostFile.FolderExists(folder))
            {
                _FileTree.FileTree.Delete(folder);
            }
            _HostFile.HostFile.CreateFolder(folder);
        }

        /// <summary>Deletes such a folder.</summary>
        public static void Clear(string folder)
        {
            if (_HostFile.HostFile.FolderExists(folder))
            {
                _FileTree.FileTree.Delete(folder);
            }
        }

        /// <summary>Returns whether a file is the same as another one, or there is no other.</summary>
        public static bool IsSame(string path, string other)
        {
            return !_HostFile.HostFile.Exists(other) || Digest(path) == Digest(other);
        }

        /// <summary>Gives a backup its place, and then its entry, as far as they are not there yet.</summary>
        public static void Settle(string staged, string folder, string entry, string final)
        {
            // PowerShell hands null over as an empty text.
            if (!string.IsNullOrEmpty(staged))
            {
                _HostFile.HostFile.MoveFolder(staged, folder);
            }
            if (!_HostFile.HostFile.Exists(final))
            {
                _HostFile.HostFile.CreateFolder(Path.GetDirectoryName(final));
                _HostFile.HostFile.Move(entry, final);
            }
        }

        private static Dictionary<string, string> Find(string folder)
        {
            Dictionary<string, string> found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (IDictionary file in _FileTree.FileTree.List(folder))
            {
                found[(string)file["path"]] = Path.Combine(folder, (string)file["path"]);
            }
            return found;
        }

        private static long SizeOf(IDictionary record)
        {
            return Convert.ToInt64(record["size"], CultureInfo.InvariantCulture);
        }

        private static string Hex(byte[] bytes)
        {
            return BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();
        }
    }
}
