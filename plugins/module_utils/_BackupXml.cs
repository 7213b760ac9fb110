// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using System.Xml;

//AssemblyReference -Name System.Xml.dll -CLR Framework

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml
{
    /// <summary>
    /// Reads GPMC's own files of a backup directory, which anybody may have written: without DTDs and whatever they
    /// could refer to, and no more than a genuine file has. Throws XmlException or FormatException where a file is not
    /// what it ought to be, and what .NET throws where it cannot be read.
    /// </summary>
    public static class BackupXml
    {
        private const string ManifestNamespace = "http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest";
        private const string BackupNamespace = "http://www.microsoft.com/GroupPolicy/GPOOperations";

        /// <summary>Bytes of bkupInfo.xml: 2,047 units of comment, escaped at worst, and some names.</summary>
        private const long LargestInfo = 64 * 1024;

        /// <summary>Bytes of Backup.xml: room for a GPO of 100,000 files.</summary>
        private const long LargestBackup = 64 * 1024 * 1024;

        /// <summary>Bytes of manifest.xml: room for 100,000 backups with long comments.</summary>
        private const long LargestManifest = 256 * 1024 * 1024;

        /// <summary>Bytes at both ends of a file that tell what it is.</summary>
        private const int Sample = 256;

        private const int ManifestTries = 4;
        private const int ManifestPause = 300;

        /// <summary>Characters of a value from a file that are repeated.</summary>
        private const int ShownAtMost = 100;

        /// <summary>
        /// Returns whether an error says nothing of what is in a file or folder: it is there, and just cannot be read.
        /// It is open elsewhere, not for this account, encrypted, or away on other storage. Not so what is gone, what
        /// is not as it ought to be, and what a script of ours throws of it.
        /// </summary>
        public static bool IsUnread(Exception error)
        {
            // What a call throws PowerShell wraps.
            while (error is RuntimeException && error.InnerException != null)
            {
                error = error.InnerException;
            }
            return !(error is XmlException || error is FormatException || error is FileNotFoundException ||
                error is DirectoryNotFoundException || error is RuntimeException);
        }

        /// <summary>
        /// Returns how the bkupInfo.xml in a folder contradicts what is claimed of its backup, as a sentence, or null.
        /// Throws when it cannot be read: then nothing is confirmed.
        /// </summary>
        public static string Contradiction(string folder, string id, string gpo, string domain)
        {
            Hashtable said = ReadInfo(Path.Combine(folder, "bkupInfo.xml"));
            string differs =
                Differs(said, "ID", id) ?? Differs(said, "GPOGuid", gpo) ?? Differs(said, "GPODomain", domain);
            return differs == null ? null : "The bkupInfo.xml of the backup " + id + " has " + differs + ".";
        }

        /// <summary>
        /// Begins to look at a backup that the catalog has an entry of, beside the caller's other work. Returns
        /// { contradiction, damage }: from Contradiction, and what FileTree.Check says.
        /// </summary>
        public static Task<Hashtable> BeginCheck(
            string folder, string id, string gpo, string domain, object[] recorded)
        {
            return Task.Run(() => Check(folder, id, gpo, domain, recorded));
        }

        /// <summary>
        /// Returns whether a folder is a backup, whole or not, as { own, strange }: whether there is in it what only
        /// GPMC writes, and the names of what GPMC does not write there. No link is followed.
        /// </summary>
        public static Hashtable Recognise(string folder)
        {
            bool own = false;
            List<string> strange = new List<string>();
            foreach (FileSystemInfo item in _HostFile.HostFile.Folder(folder).GetFileSystemInfos())
            {
                bool isFolder = (item.Attributes & FileAttributes.Directory) != 0;
                string path = Path.Combine(folder, item.Name);
                if (isFolder && Is(item, "DomainSysvol") && !_HostFile.HostFile.IsLink(path, item.Attributes))
                {
                    own = true;
                    foreach (FileSystemInfo inner in _HostFile.HostFile.Folder(path).GetFileSystemInfos())
                    {
                        if (!Is(inner, "GPO") || (inner.Attributes & FileAttributes.Directory) == 0)
                        {
                            strange.Add(item.Name + "\\" + inner.Name);
                        }
                    }
                }
                else if (!isFolder && Is(item, "bkupInfo.xml"))
                {
                    own = true;
                }
                else if (!isFolder && Is(item, "Backup.xml"))
                {
                    // Others, too, call a file so.
                    own = own || IsBackupXml(path);
                }
                else if (isFolder || !Is(item, "gpreport.xml"))
                {
                    strange.Add(item.Name);
                }
            }
            Hashtable found = new Hashtable();
            found["own"] = own;
            found["strange"] = strange.ToArray();
            return found;
        }

        private static bool Is(FileSystemInfo item, string name)
        {
            return string.Equals(item.Name, name, StringComparison.OrdinalIgnoreCase);
        }

        private static bool IsBackupXml(string path)
        {
            try
            {
                using (XmlReader reader = Open(path, LargestBackup))
                {
                    MoveToRoot(reader, "GroupPolicyBackupScheme", BackupNamespace);
                    return true;
                }
            }
            catch (Exception)
            {
                // Whatever it is: it is no proof.
                return false;
            }
        }

        private static Hashtable Check(string folder, string id, string gpo, string domain, object[] recorded)
        {
            Hashtable found = new Hashtable();
            try
            {
                found["damage"] = _FileTree.FileTree.Check(folder, recorded);
            }
            catch (Exception)
            {
                // The folder is gone, or cannot be read: nothing of it is there.
                found["damage"] = Lost(folder);
                return found;
            }
            try
            {
                found["contradiction"] = Contradiction(folder, id, gpo, domain);
            }
            catch (Exception)
            {
                // Whose backup it is nobody confirms.
                if (((object[])found["damage"]).Length == 0)
                {
                    found["damage"] = Lost("bkupInfo.xml");
                }
            }
            return found;
        }

        private static object[] Lost(string path)
        {
            Hashtable finding = new Hashtable();
            finding["path"] = path;
            finding["size"] = null;
            finding["found"] = null;
            return new object[] { finding };
        }

        private static string Differs(Hashtable said, string name, string claimed)
        {
            string value = said[name] as string;
            if (string.Equals(value, claimed, StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }
            if (string.IsNullOrEmpty(value))
            {
                return "no " + name + ", and not " + claimed;
            }
            string shown = value.Length > ShownAtMost ? value.Substring(0, ShownAtMost) + "..." : value;
            return "the " + name + " " + shown + ", and not " + claimed;
        }

        /// <summary>Returns the elements of a bkupInfo.xml by their names.</summary>
        public static Hashtable ReadInfo(string path)
        {
            return Read(path, LargestInfo, delegate(XmlReader reader)
            {
                MoveToRoot(reader, "BackupInst", ManifestNamespace);
                Hashtable values = ReadElements(reader);
                ReadToEnd(reader);
                return values;
            });
        }

        /// <summary>Returns the locations of the files that a Backup.xml lists.</summary>
        public static string[] ReadLocations(string path)
        {
            return Read(path, LargestBackup, delegate(XmlReader reader)
            {
                List<string> locations = new List<string>();
                MoveToRoot(reader, "GroupPolicyBackupScheme", BackupNamespace);
                while (reader.Read())
                {
                    if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "FSObjectFile")
                    {
                        string location = reader.GetAttribute("Location", BackupNamespace);
                        if (!string.IsNullOrEmpty(location))
                        {
                            locations.Add(location);
                        }
                    }
                }
                return locations.ToArray();
            });
        }

        /// <summary>Returns the texts of what a Backup.xml says of the GPO itself, by their names.</summary>
        public static Hashtable ReadCore(string path)
        {
            return Read(path, LargestBackup, delegate(XmlReader reader)
            {
                MoveToRoot(reader, "GroupPolicyBackupScheme", BackupNamespace);
                if (!reader.ReadToFollowing("GroupPolicyCoreSettings", BackupNamespace))
                {
                    throw new FormatException("It lacks GroupPolicyCoreSettings.");
                }
                return ReadElements(reader);
            });
        }

        /// <summary>
        /// Returns the accounts that a Backup.xml names, by the names of their elements: Sid, SamAccountName,
        /// NetBIOSDomainName, DnsDomainName, UPN.
        /// </summary>
        public static Hashtable[] ReadAccounts(string path)
        {
            List<Hashtable> accounts = new List<Hashtable>();
            using (XmlReader reader = Open(path, LargestBackup))
            {
                MoveToRoot(reader, "GroupPolicyBackupScheme", BackupNamespace);
                if (reader.ReadToDescendant("SecurityGroups", BackupNamespace))
                {
                    // Of this element alone.
                    using (XmlReader groups = reader.ReadSubtree())
                    {
                        while (groups.Read())
                        {
                            if (groups.NodeType == XmlNodeType.Element && groups.LocalName == "Group")
                            {
                                accounts.Add(ReadElements(groups));
                            }
                        }
                    }
                }
            }
            return accounts.ToArray();
        }

        /// <summary>Returns the IDs of the backups that a manifest.xml lists, in upper case.</summary>
        public static HashSet<string> ReadManifest(string path)
        {
            HashSet<string> ids = new HashSet<string>(StringComparer.Ordinal);
            foreach (Hashtable values in ReadManifestEntries(path))
            {
                ids.Add(((string)values["ID"]).ToUpperInvariant());
            }
            return ids;
        }

        /// <summary>Returns the elements of each backup that a manifest.xml lists with an ID, by their names.</summary>
        public static List<Hashtable> ReadManifestEntries(string path)
        {
            return Read(path, LargestManifest, delegate(XmlReader reader)
            {
                List<Hashtable> entries = new List<Hashtable>();
                MoveToRoot(reader, "Backups", ManifestNamespace);
                while (reader.Read())
                {
                    if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "BackupInst")
                    {
                        Hashtable values = ReadElements(reader);
                        if (values["ID"] != null)
                        {
                            entries.Add(values);
                        }
                    }
                }
                return entries;
            });
        }

        /// <summary>
        /// Begins to read the manifest.xml of a directory, beside the caller's other work. Returns what ReadManifest
        /// does, or null when there is none. The console may be writing it: what is broken is read again.
        /// </summary>
        public static Task<HashSet<string>> BeginReadManifest(string path)
        {
            return Task.Run(() => ReadManifestPatiently(path));
        }

        private static HashSet<string> ReadManifestPatiently(string path)
        {
            for (int left = ManifestTries; ; left--)
            {
                try
                {
                    return ReadManifest(path);
                }
                catch (FileNotFoundException)
                {
                    return null;
                }
                catch (Exception)
                {
                    if (left == 1)
                    {
                        throw;
                    }
                }
                Thread.Sleep(ManifestPause);
            }
        }

        private static T Read<T>(string path, long largest, Func<XmlReader, T> read)
        {
            try
            {
                using (XmlReader reader = Open(path, largest))
                {
                    return read(reader);
                }
            }
            catch (XmlException)
            {
                AssertWholeXml(path, largest);
                throw;
            }
            catch (FormatException)
            {
                AssertWholeXml(path, largest);
                throw;
            }
        }

        /// <summary>Throws what a file is that is no XML, or only half of it, where that can be told.</summary>
        private static void AssertWholeXml(string path, long largest)
        {
            byte[] bytes = new byte[Sample];
            string end;
            using (FileStream stream = _HostFile.HostFile.OpenRead(path))
            {
                if (stream.Length > largest)
                {
                    return;
                }
                string start = Printable(bytes, stream.Read(bytes, 0, Sample));
                if (start.Length == 0)
                {
                    throw new FormatException("It is empty.");
                }
                if (start.StartsWith("version https://git-lfs.", StringComparison.Ordinal))
                {
                    throw new FormatException(
                        "It is a pointer of Git LFS and not the file itself, which 'git lfs pull' brings.");
                }
                if (start.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) ||
                    start.StartsWith("<html", StringComparison.OrdinalIgnoreCase))
                {
                    throw new FormatException("It is a page of HTML, such as a web server gives in a file's place.");
                }
                stream.Position = Math.Max(0, stream.Length - Sample);
                end = Printable(bytes, stream.Read(bytes, 0, Sample));
            }
            if (!end.EndsWith(">", StringComparison.Ordinal))
            {
                throw new FormatException("It ends in the middle.");
            }
        }

        /// <summary>Returns the ASCII characters of a text in whatever encoding, without blanks around them.</summary>
        private static string Printable(byte[] bytes, int length)
        {
            StringBuilder text = new StringBuilder();
            for (int index = 0; index < length; index++)
            {
                if (bytes[index] > 0 && bytes[index] < 128)
                {
                    text.Append((char)bytes[index]);
                }
            }
            return text.ToString().Trim();
        }

        /// <summary>Opens a file of XML that may have so many bytes.</summary>
        public static XmlReader Open(string path, long largest)
        {
            FileStream stream = _HostFile.HostFile.OpenRead(path);
            try
            {
                if (stream.Length > largest)
                {
                    throw new FormatException("The file is too large.");
                }
                XmlReaderSettings settings = new XmlReaderSettings();
                settings.CloseInput = true;
                settings.DtdProcessing = DtdProcessing.Prohibit;
                settings.XmlResolver = null;
                settings.MaxCharactersInDocument = largest;
                settings.IgnoreComments = true;
                settings.IgnoreProcessingInstructions = true;
                settings.IgnoreWhitespace = true;
                return XmlReader.Create(stream, settings);
            }
            catch
            {
                stream.Dispose();
                throw;
            }
        }

        /// <summary>Moves to the root element, which has to be this one.</summary>
        public static void MoveToRoot(XmlReader reader, string name, string space)
        {
            if (reader.MoveToContent() != XmlNodeType.Element || reader.LocalName != name ||
                reader.NamespaceURI != space)
            {
                throw new FormatException("Its root is not the element " + name + " of GPMC.");
            }
        }

        /// <summary>Returns the texts of the child elements, and leaves the reader at the element's end.</summary>
        private static Hashtable ReadElements(XmlReader reader)
        {
            Hashtable values = new Hashtable();
            if (reader.IsEmptyElement)
            {
                return values;
            }
            reader.ReadStartElement();
            while (reader.MoveToContent() == XmlNodeType.Element)
            {
                string name = reader.LocalName;
                values[name] = reader.ReadElementContentAsString();
            }
            if (reader.NodeType != XmlNodeType.EndElement)
            {
                throw new FormatException("It has text between its elements.");
            }
            return values;
        }

        /// <summary>What follows has to be well-formed, too.</summary>
        private static void ReadToEnd(XmlReader reader)
        {
            while (reader.Read())
            {
            }
        }
    }
}
