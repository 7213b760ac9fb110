// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder
{
    /// <summary>
    /// The folder of a GPO in the catalog. In C#, so that an entry can be written while the next GPO is read.
    /// </summary>
    public static class CatalogFolder
    {
        private const long LastSequence = 999999999;
        private const string Unfinished = ".tmp";
        private const string Gone = ".gone";
        private const string Record = ".changes";
        private const string Kept = ".reports";

        // A number that begins with another digit is none of ours; it would leave none for those that follow.
        private static readonly Regex Name = new Regex(
            @"^(0[0-9]{9})_(\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\})\.json$",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

        private static readonly Regex RecordName = new Regex(
            @"^(0[0-9]{9})_(\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\})\.(?:changes|reports)\.json$",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

        // Reasons for a backup that are no change of its GPO.
        private static readonly string[] NoChange = { "first_backup", "backup_damaged", "forced", "max_age", "approved" };

        private static readonly Regex GoneName = new Regex(@"^(0[0-9]{9})\.gone$", RegexOptions.CultureInvariant);

        /// <summary>
        /// Returns the files of the entries as { sequence, backup_id, path }, the newest first; none when there is no
        /// such folder. Files with other names are not entries: what a killed run had not finished, or somebody's
        /// notes. Throws when the folder, or one above it, is a file.
        /// </summary>
        public static object[] List(string folder)
        {
            return List(folder, null);
        }

        /// <summary>Does the same, and adds to a list the files of the pairs of reports that are kept there.</summary>
        public static object[] List(string folder, IList kept)
        {
            try
            {
                string[] files = _HostFile.HostFile.Files(folder);
                if (kept != null)
                {
                    foreach (string file in files)
                    {
                        if (IsKept(file))
                        {
                            kept.Add(file);
                        }
                    }
                }
                return Named(files, Name);
            }
            catch (IOException)
            {
                // Which of them says what is not the same everywhere.
                AssertNoFile(folder);
                if (_HostFile.HostFile.FolderExists(folder))
                {
                    throw;
                }
                return new object[0];
            }
        }

        /// <summary>Throws when the folder of a GPO, that of its domain, or that of the catalog is a file.</summary>
        private static void AssertNoFile(string folder)
        {
            for (int level = 0; level < 3 && folder != null; level++)
            {
                if (_HostFile.HostFile.Exists(folder))
                {
                    throw new IOException(folder + " is a file, where the catalog has a folder.");
                }
                folder = Path.GetDirectoryName(folder);
            }
        }

        private static bool IsKept(string file)
        {
            return file.EndsWith(Kept + ".json", StringComparison.OrdinalIgnoreCase) &&
                RecordName.IsMatch(Path.GetFileName(file));
        }

        /// <summary>
        /// Returns the records of what changed in the same way, and the pairs of reports that are kept until there is
        /// one; of a backup that has both, the record comes last. See _ChangeRecord.psm1.
        /// </summary>
        public static object[] Records(string folder)
        {
            return Named(_HostFile.HostFile.Files(folder), RecordName);
        }

        /// <summary>Returns the file of the record that belongs to an entry.</summary>
        public static string RecordOf(string entry)
        {
            return Path.ChangeExtension(entry, Record + Path.GetExtension(entry));
        }

        /// <summary>Returns the file of the pair of reports that is kept beside an entry.</summary>
        public static string KeptOf(string entry)
        {
            return Path.ChangeExtension(entry, Kept + Path.GetExtension(entry));
        }

        /// <summary>Returns what there is of the two, the record before the pair, or null.</summary>
        public static string ChangesOf(string entry)
        {
            return Array.Find(new[] { RecordOf(entry), KeptOf(entry) }, _HostFile.HostFile.Exists);
        }

        /// <summary>
        /// Returns whether a backup was made, or would be, because its GPO changed: one of its reasons is a change. Where
        /// an entry has something else than a list of them, nothing is known of a change.
        /// </summary>
        public static bool AreChange(object reasons)
        {
            foreach (object reason in reasons as IList ?? new string[0])
            {
                if (Array.IndexOf(NoChange, Convert.ToString(reason, CultureInfo.InvariantCulture)) < 0)
                {
                    return true;
                }
            }
            return false;
        }

        /// <summary>
        /// Returns whether a backup of which the entry has these reasons was made because its GPO changed, and nothing
        /// is there that tells what.
        /// </summary>
        public static bool LacksChanges(string entry, object reasons)
        {
            return AreChange(reasons) && ChangesOf(entry) == null;
        }

        /// <summary>
        /// Writes the record of a backup, whole or not at all; the pair of reports that it came of goes. A backup that
        /// has neither an entry nor such a pair any more gets none. Called under the lock.
        /// </summary>
        public static void AddRecord(string folder, string backupId, string content)
        {
            string entry = EntryOf(folder, backupId);
            if (entry != null)
            {
                WriteWhole(RecordOf(entry), new UTF8Encoding(false).GetBytes(content));
                _HostFile.HostFile.Delete(KeptOf(entry));
            }
        }

        /// <summary>Keeps a pair of reports beside an entry, whole or not at all. Called under the lock.</summary>
        public static void Keep(string entry, IDictionary kept)
        {
            WriteWhole(KeptOf(entry), _Json.Json.Write(kept));
        }

        /// <summary>
        /// Returns the file of a backup's entry, or null. The entry may be gone where its reports are not.
        /// </summary>
        private static string EntryOf(string folder, string backupId)
        {
            List<object> kept = new List<object>();
            foreach (IDictionary entry in List(folder, kept))
            {
                if (string.Equals((string)entry["backup_id"], backupId, StringComparison.OrdinalIgnoreCase))
                {
                    return (string)entry["path"];
                }
            }
            foreach (string file in kept)
            {
                string entry = Path.ChangeExtension(Path.ChangeExtension(file, null), ".json");
                if (string.Equals(Name.Match(Path.GetFileName(entry)).Groups[2].Value, backupId,
                    StringComparison.OrdinalIgnoreCase))
                {
                    return entry;
                }
            }
            return null;
        }

        private static void WriteWhole(string final, byte[] bytes)
        {
            WriteUnfinished(final, bytes);
            _HostFile.HostFile.Replace(final + Unfinished, final);
        }

        private static void WriteUnfinished(string final, byte[] bytes)
        {
            _HostFile.HostFile.Delete(final + Unfinished);
            using (FileStream stream = _HostFile.HostFile.Create(final + Unfinished))
            {
                stream.Write(bytes, 0, bytes.Length);
                stream.Flush(true);
            }
        }

        /// <summary>Deletes the records of a GPO that has no entry any more: there is no history of nothing.</summary>
        public static void DeleteOrphans(string folder)
        {
            if (List(folder).Length == 0)
            {
                DeleteUnfinished(_HostFile.HostFile.Files(folder));
                foreach (IDictionary record in Records(folder))
                {
                    _HostFile.HostFile.Delete((string)record["path"]);
                }
            }
        }

        private static object[] Named(string[] files, Regex name)
        {
            // The names begin with ten digits, so their order is that of the sequence.
            Array.Sort(files, StringComparer.OrdinalIgnoreCase);
            Array.Reverse(files);
            List<object> entries = new List<object>();
            foreach (string file in files)
            {
                Match match = name.Match(Path.GetFileName(file));
                if (match.Success)
                {
                    Hashtable entry = new Hashtable();
                    entry["sequence"] = long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
                    entry["backup_id"] = match.Groups[2].Value.ToUpperInvariant();
                    entry["path"] = file;
                    entries.Add(entry);
                }
            }
            return entries.ToArray();
        }

        /// <summary>
        /// Begins to add the entry of a backup, after setting its "sequence", the "history" that this counts in (a GUID
        /// that all backups of a GPO in a directory have, and in its copies), and its "files" with their hashes. Nobody
        /// may change the entry, or anything in it, nor add another to the folder, until the task has ended. The file
        /// gets its name once its content is on the disk: a process that ends in between leaves one that nobody takes
        /// for an entry. The task's result is the entry's file.
        /// </summary>
        public static Task<string> BeginAdd(string folder, IDictionary entry, string backup)
        {
            return Task.Run(() => Add(folder, entry, backup));
        }

        /// <summary>
        /// Begins to keep a pair of reports beside an entry, once BeginAdd has added that. The task's result is whether
        /// they are kept: the backup is as good without.
        /// </summary>
        public static Task<bool> BeginKeep(Task<string> adding, IDictionary kept)
        {
            return adding.ContinueWith(
                added =>
                {
                    // Throws what kept the entry from being added.
                    string entry = added.GetAwaiter().GetResult();
                    return IsWritten(() => Keep(entry, kept));
                },
                TaskScheduler.Default);
        }

        /// <summary>
        /// Keeps the number of an entry that is about to go, where it is the highest: copies of the directory have it, and
        /// would take another backup with this number for a history of its own. A file says so by its name, and has
        /// the history.
        /// </summary>
        public static void KeepNumber(string file)
        {
            string folder = Path.GetDirectoryName(file);
            long sequence = long.Parse(Path.GetFileName(file).Substring(0, 10), CultureInfo.InvariantCulture);
            if (sequence == Highest(_HostFile.HostFile.Files(folder)))
            {
                Hashtable kept = new Hashtable();
                bool isUnknown = false;
                kept["history"] = HistoryOf(file, ref isUnknown);
                byte[] bytes = _Json.Json.Write(kept);
                string name = sequence.ToString("d10", CultureInfo.InvariantCulture) + Gone;
                using (FileStream stream = _HostFile.HostFile.Create(Path.Combine(folder, name)))
                {
                    stream.Write(bytes, 0, bytes.Length);
                }
            }
        }

        private static string Add(string folder, IDictionary entry, string backup)
        {
            object[] files = _FileTree.FileTree.Hash(backup);
            if (!Array.Exists(files, IsBackupXml))
            {
                throw new FileNotFoundException("GPMC reported success, but there is no Backup.xml in " + backup + ".");
            }
            _HostFile.HostFile.CreateFolder(folder);
            string[] there = _HostFile.HostFile.Files(folder);
            DeleteUnfinished(there);
            long sequence = NextSequence(folder, there);
            entry["sequence"] = sequence;
            entry["history"] = History(there);
            entry["files"] = files;
            byte[] bytes = _Json.Json.Write(entry);
            string final = Path.Combine(folder, string.Format(
                CultureInfo.InvariantCulture, "{0:d10}_{1}.json", sequence, Path.GetFileName(backup)));
            WriteUnfinished(final, bytes);
            _HostFile.HostFile.Move(final + Unfinished, final);
            return final;
        }

        private static bool IsWritten(Action write)
        {
            try
            {
                write();
                return true;
            }
            catch (IOException)
            {
                return false;
            }
            catch (UnauthorizedAccessException)
            {
                return false;
            }
        }

        // What runs that were killed here have left: whoever has the lock is the only one to write entries. A file that
        // cannot be deleted is in nobody's way.
        private static void DeleteUnfinished(string[] files)
        {
            foreach (string file in files)
            {
                string name = Path.GetFileNameWithoutExtension(file);
                if (!(Name.IsMatch(name) || RecordName.IsMatch(name)) ||
                    !file.EndsWith(Unfinished, StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }
                try
                {
                    _HostFile.HostFile.Delete(file);
                }
                catch (IOException)
                {
                }
                catch (UnauthorizedAccessException)
                {
                }
            }
        }

        private static bool IsBackupXml(object file)
        {
            string path = (string)((Hashtable)file)["path"];
            return string.Equals(path, "Backup.xml", StringComparison.OrdinalIgnoreCase);
        }

        private static long NextSequence(string folder, string[] files)
        {
            long sequence = Highest(files) + 1;
            if (sequence > LastSequence)
            {
                throw new IOException("The numbers of the catalog are used up in " + folder + ".");
            }
            return sequence;
        }

        /// <summary>
        /// Returns the history of the newest of these files that has one, or a new one. By its number alone nobody can
        /// tell whether a backup of another directory belongs behind those of this one. Null, which says nothing, where
        /// one may be in a file that cannot be read: two histories in one directory would keep copies apart for good.
        /// </summary>
        private static string History(string[] files)
        {
            string[] newestFirst = Array.FindAll(
                files, file => Name.IsMatch(Path.GetFileName(file)) || GoneName.IsMatch(Path.GetFileName(file)));
            Array.Sort(newestFirst, StringComparer.OrdinalIgnoreCase);
            Array.Reverse(newestFirst);
            bool isUnknown = false;
            foreach (string file in newestFirst)
            {
                string history = HistoryOf(file, ref isUnknown);
                if (history != null)
                {
                    return history;
                }
            }
            return isUnknown ? null : Guid.NewGuid().ToString("B").ToUpperInvariant();
        }

        /// <summary>Returns the history that a file has, or null; isUnknown is set where it cannot be read.</summary>
        private static string HistoryOf(string file, ref bool isUnknown)
        {
            IDictionary said;
            try
            {
                said = _Json.Json.ReadFile(file) as IDictionary;
            }
            catch (Exception)
            {
                // Those of a backup that is gone were empty in an earlier release.
                isUnknown = isUnknown || Name.IsMatch(Path.GetFileName(file)) || !IsEmpty(file);
                return null;
            }
            string history = said == null ? null : said["history"] as string;
            Guid parsed;
            return Guid.TryParseExact(history, "B", out parsed) ? history.ToUpperInvariant() : null;
        }

        private static bool IsEmpty(string file)
        {
            try
            {
                return _HostFile.HostFile.Length(file) == 0;
            }
            catch (Exception)
            {
                return false;
            }
        }

        /// <summary>Returns the highest number that was ever given. Those of unusable entries are taken, too.</summary>
        private static long Highest(string[] files)
        {
            long highest = 0;
            foreach (string file in files)
            {
                string name = Path.GetFileName(file);
                if (Name.IsMatch(name) || GoneName.IsMatch(name))
                {
                    highest = Math.Max(highest, long.Parse(name.Substring(0, 10), CultureInfo.InvariantCulture));
                }
            }
            return highest;
        }
    }
}
