// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
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

        /// <summary>Returns the elements of a bkupInfo.xml by their names.</summary>
        public static Hashtable ReadInfo(string path)
        {
            using (XmlReader reader = Open(path, LargestInfo))
            {
                MoveToRoot(reader, "BackupInst", ManifestNamespace);
                Hashtable values = ReadElements(reader);
                ReadToEnd(reader);
                return values;
            }
        }

        /// <summary>Returns the locations of the files that a Backup.xml lists.</summary>
        public static string[] ReadLocations(string path)
        {
            List<string> locations = new List<string>();
            using (XmlReader reader = Open(path, LargestBackup))
            {
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
            }
            return locations.ToArray();
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
            using (XmlReader reader = Open(path, LargestManifest))
            {
                MoveToRoot(reader, "Backups", ManifestNamespace);
                while (reader.Read())
                {
                    if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "BackupInst")
                    {
                        object id = ReadElements(reader)["ID"];
                        if (id != null)
                        {
                            ids.Add(((string)id).ToUpperInvariant());
                        }
                    }
                }
            }
            return ids;
        }

        private static XmlReader Open(string path, long largest)
        {
            FileStream stream = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
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

        private static void MoveToRoot(XmlReader reader, string name, string space)
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
