// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;

//AssemblyReference -Name System.Xml.dll -CLR Framework

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._ManifestFile
{
    /// <summary>
    /// GPMC's index of a backup directory, manifest.xml, made of what the backups say themselves; and the same of one
    /// backup, its bkupInfo.xml.
    /// </summary>
    public static class ManifestFile
    {
        private const string Namespace = "http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest";

        // The elements of a backup, in GPMC's order.
        private static readonly string[] Names =
        {
            "GPOGuid", "GPODomain", "GPODomainGuid", "GPODomainController", "BackupTime", "ID", "Comment",
            "GPODisplayName"
        };

        private static readonly Regex Guid = new Regex(
            @"^\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}\z",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

        /// <summary>
        /// Returns what the index of a directory ought to be, as { entries, left }: the elements of each backup, the
        /// oldest first, and { id, why } of the folders that cannot be in it. Folders that are links are not followed.
        /// </summary>
        public static Hashtable Survey(string directory)
        {
            List<Hashtable> entries = new List<Hashtable>();
            List<object> left = new List<object>();
            foreach (string folder in _HostFile.HostFile.Folders(directory))
            {
                string id = Path.GetFileName(folder);
                if (!Guid.IsMatch(id))
                {
                    continue;
                }
                try
                {
                    entries.Add(ReadEntry(folder, id));
                }
                catch (Exception error)
                {
                    Hashtable one = new Hashtable();
                    one["id"] = id.ToUpperInvariant();
                    one["why"] = _HostFile.HostFile.Plain(error.Message);
                    // Not there to be read now, which says nothing of what is in it.
                    one["unread"] = _BackupXml.BackupXml.IsUnread(error);
                    left.Add(one);
                }
            }
            entries.Sort(delegate(Hashtable one, Hashtable other)
            {
                return string.CompareOrdinal(
                    (string)one["BackupTime"] + one["ID"], (string)other["BackupTime"] + other["ID"]);
            });
            Hashtable found = new Hashtable();
            found["entries"] = entries;
            found["left"] = left.ToArray();
            return found;
        }

        /// <summary>
        /// Adds to what an index ought to be the entries that it has of folders that just could not be read.
        /// </summary>
        public static void Keep(List<Hashtable> before, Hashtable found)
        {
            List<Hashtable> entries = (List<Hashtable>)found["entries"];
            foreach (object left in (object[])found["left"])
            {
                Hashtable one = (Hashtable)left;
                Hashtable had = before.Find(delegate(Hashtable entry)
                {
                    return string.Equals(
                        (string)entry["ID"], (string)one["id"], StringComparison.OrdinalIgnoreCase);
                });
                if ((bool)one["unread"] && had != null)
                {
                    entries.Add(had);
                }
                one.Remove("unread");
            }
        }

        /// <summary>
        /// Compares what an index has with what it ought to have, and returns { added, dropped, mended }: the IDs of
        /// backups that it lacks, of those that are not there, and of those that it tells something else of.
        /// </summary>
        public static Hashtable Compare(List<Hashtable> before, List<Hashtable> after)
        {
            Dictionary<string, Hashtable> was = new Dictionary<string, Hashtable>(StringComparer.OrdinalIgnoreCase);
            List<string> added = new List<string>();
            List<string> mended = new List<string>();
            foreach (Hashtable entry in before)
            {
                was[(string)entry["ID"]] = entry;
            }
            foreach (Hashtable entry in after)
            {
                string id = (string)entry["ID"];
                Hashtable old;
                if (!was.TryGetValue(id, out old))
                {
                    added.Add(id);
                }
                else if (!Array.TrueForAll(Names, name => Text(entry, name) == Text(old, name)))
                {
                    mended.Add(id);
                }
                was.Remove(id);
            }
            Hashtable found = new Hashtable();
            found["added"] = added.ToArray();
            found["mended"] = mended.ToArray();
            found["dropped"] = new List<string>(was.Keys).ToArray();
            return found;
        }

        /// <summary>Writes an index, whole or not at all.</summary>
        public static void Write(string path, List<Hashtable> entries)
        {
            WriteFile(path, delegate(XmlWriter writer)
            {
                writer.WriteStartElement("Backups", Namespace);
                writer.WriteAttributeString("xmlns", "mfst", null, Namespace);
                writer.WriteAttributeString("mfst", "version", Namespace, "1.0");
                foreach (Hashtable entry in entries)
                {
                    WriteEntry(writer, entry);
                }
                writer.WriteEndElement();
            });
        }

        /// <summary>Writes the bkupInfo.xml of a backup, whole or not at all.</summary>
        public static void WriteInfo(string path, Hashtable entry)
        {
            WriteFile(path, delegate(XmlWriter writer) { WriteEntry(writer, entry); });
        }

        // Under another name first, then over the old one in one step.
        private static void WriteFile(string path, Action<XmlWriter> write)
        {
            string part = path + ".gpvault";
            XmlWriterSettings settings = new XmlWriterSettings();
            settings.Encoding = new UTF8Encoding(false);
            settings.OmitXmlDeclaration = true;
            // A comment may have line breaks of its own.
            settings.NewLineHandling = NewLineHandling.None;
            try
            {
                using (FileStream stream = _HostFile.HostFile.Create(part))
                {
                    using (XmlWriter writer = XmlWriter.Create(stream, settings))
                    {
                        write(writer);
                    }
                    stream.Flush(true);
                }
                // As GPMC has it.
                _HostFile.HostFile.SetAttributes(part, FileAttributes.Hidden);
                _HostFile.HostFile.Replace(part, path);
            }
            catch
            {
                _HostFile.HostFile.Delete(part);
                throw;
            }
        }

        private static Hashtable ReadEntry(string folder, string id)
        {
            string file = Path.Combine(folder, "bkupInfo.xml");
            if (_HostFile.HostFile.IsLink(folder) || _HostFile.HostFile.IsLink(file))
            {
                throw new IOException("It is a link, which is not followed.");
            }
            Hashtable entry = _BackupXml.BackupXml.ReadInfo(file);
            if (!string.Equals(Text(entry, "ID"), id, StringComparison.OrdinalIgnoreCase))
            {
                throw new FormatException("Its bkupInfo.xml is that of another backup.");
            }
            if (!Guid.IsMatch(Text(entry, "GPOGuid")))
            {
                throw new FormatException("Its bkupInfo.xml does not say of which GPO it is.");
            }
            return entry;
        }

        private static void WriteEntry(XmlWriter writer, Hashtable entry)
        {
            writer.WriteStartElement("BackupInst", Namespace);
            foreach (string name in Names)
            {
                writer.WriteStartElement(name, Namespace);
                writer.WriteCData(Text(entry, name));
                writer.WriteEndElement();
            }
            writer.WriteEndElement();
        }

        private static string Text(Hashtable entry, string name)
        {
            return (string)entry[name] ?? "";
        }
    }
}
