// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Xml;

//AssemblyReference -Name System.Xml.dll -CLR Framework

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._ReportXml
{
    /// <summary>
    /// The settings in a report of GPMC, as digests that are the same when the settings are: names count by their
    /// namespaces and not by their prefixes, attributes in any order, accounts by their SIDs. A report may be that of a
    /// backup, which anybody may have written: it is read without DTDs, and never as a whole.
    /// </summary>
    public static class ReportXml
    {
        private const string Settings = "http://www.microsoft.com/GroupPolicy/Settings";
        private const string Types = "http://www.microsoft.com/GroupPolicy/Types";
        private const string Schema = "http://www.w3.org/2001/XMLSchema-instance";
        private const string Declarations = "http://www.w3.org/2000/xmlns/";

        /// <summary>Bytes of a report: the largest known have some ten million.</summary>
        private const long LargestReport = 512 * 1024 * 1024;

        /// <summary>Extensions of a report: Windows itself comes with some fifty.</summary>
        private const int MostExtensions = 1000;

        // What stands between the parts of what is hashed. XML can hold none of them.
        private const char ElementMark = '\u0001';
        private const char AttributeMark = '\u0002';
        private const char ValueMark = '\u0003';
        private const char EndMark = '\u0004';
        private const char NameMark = '\u0005';

        /// <summary>
        /// Returns the digest of each extension that has settings, by the half of the GPO and the extension's schema,
        /// as in "Computer WLanSvc". It is null where the report itself says that it could not be told.
        /// </summary>
        public static Hashtable ReadExtensions(string path)
        {
            Hashtable digests = new Hashtable(StringComparer.Ordinal);
            using (XmlReader reader = _BackupXml.BackupXml.Open(path, LargestReport))
            {
                _BackupXml.BackupXml.MoveToRoot(reader, "GPO", Settings);
                string half = null;
                string extension = null;
                while (reader.Read())
                {
                    if (reader.NodeType != XmlNodeType.Element || reader.NamespaceURI != Settings)
                    {
                        continue;
                    }
                    if (reader.Depth == 1)
                    {
                        half = reader.LocalName == "Computer" || reader.LocalName == "User" ? reader.LocalName : null;
                    }
                    else if (half != null && reader.Depth == 2)
                    {
                        extension = half;
                    }
                    else if (half != null && reader.Depth == 3 && reader.LocalName == "Extension")
                    {
                        extension = half + " " + ExtensionName(reader);
                        AddDigest(digests, extension, reader);
                    }
                    else if (half != null && reader.Depth == 3 && reader.LocalName == "Error")
                    {
                        digests[extension] = null;
                    }
                }
            }
            return digests;
        }

        /// <summary>The schema of an extension, without what all of GPMC's have in common.</summary>
        private static string ExtensionName(XmlReader extension)
        {
            string type = extension.GetAttribute("type", Schema);
            string space = (type == null ? null : extension.LookupNamespace(Prefix(type))) ?? "";
            return space.StartsWith(Settings + "/", StringComparison.Ordinal)
                ? space.Substring(Settings.Length + 1) : space;
        }

        private static void AddDigest(Hashtable digests, string name, XmlReader extension)
        {
            bool any;
            using (SHA256 algorithm = SHA256.Create())
            {
                using (CryptoStream stream = new CryptoStream(Stream.Null, algorithm, CryptoStreamMode.Write))
                using (StreamWriter writer = new StreamWriter(stream, new UTF8Encoding(false)))
                using (XmlReader content = extension.ReadSubtree())
                {
                    // Of one that is there twice, both count.
                    writer.Write(digests[name]);
                    any = WriteContent(content, writer);
                }
                if (any)
                {
                    digests[name] = BitConverter.ToString(algorithm.Hash).Replace("-", "").ToLowerInvariant();
                }
            }
            if (digests.Count > MostExtensions)
            {
                throw new FormatException("The report has more extensions than a genuine one.");
            }
        }

        /// <summary>Writes what counts of an element, and returns whether there is anything in it.</summary>
        private static bool WriteContent(XmlReader reader, TextWriter writer)
        {
            char[] chunk = new char[4096];
            // Where in the tree the last SID was, as long as its siblings follow.
            int sid = -1;
            bool any = false;
            bool more = reader.Read();
            while (more)
            {
                if (reader.Depth < sid)
                {
                    sid = -1;
                }
                if (reader.NodeType == XmlNodeType.Element)
                {
                    if (reader.Depth == sid && IsOfTypes(reader, "Name"))
                    {
                        // What the account is called, in whatever language: its SID has been told.
                        reader.Skip();
                        more = !reader.EOF;
                        continue;
                    }
                    any = any || reader.Depth > 0;
                    sid = IsOfTypes(reader, "SID") && !reader.IsEmptyElement ? reader.Depth : sid;
                    WriteElement(reader, writer);
                }
                else if (reader.NodeType == XmlNodeType.EndElement)
                {
                    writer.Write(EndMark);
                }
                else if (reader.CanReadValueChunk && reader.HasValue)
                {
                    any = true;
                    int read;
                    while ((read = reader.ReadValueChunk(chunk, 0, chunk.Length)) > 0)
                    {
                        writer.Write(chunk, 0, read);
                    }
                }
                more = reader.Read();
            }
            return any;
        }

        private static void WriteElement(XmlReader reader, TextWriter writer)
        {
            bool isEmpty = reader.IsEmptyElement;
            writer.Write(ElementMark);
            writer.Write(reader.NamespaceURI + NameMark + reader.LocalName);
            List<string> attributes = new List<string>();
            while (reader.MoveToNextAttribute())
            {
                if (reader.NamespaceURI == Declarations)
                {
                    continue;
                }
                string value = reader.Value;
                if (reader.NamespaceURI == Schema && reader.LocalName == "type")
                {
                    string prefix = Prefix(value);
                    value = reader.LookupNamespace(prefix) + NameMark + value.Substring(prefix.Length).TrimStart(':');
                }
                attributes.Add(reader.NamespaceURI + NameMark + reader.LocalName + ValueMark + value);
            }
            reader.MoveToElement();
            attributes.Sort(StringComparer.Ordinal);
            foreach (string attribute in attributes)
            {
                writer.Write(AttributeMark);
                writer.Write(attribute);
            }
            writer.Write(ValueMark);
            if (isEmpty)
            {
                writer.Write(EndMark);
            }
        }

        private static bool IsOfTypes(XmlReader reader, string name)
        {
            return reader.LocalName == name && reader.NamespaceURI == Types;
        }

        private static string Prefix(string name)
        {
            int colon = name.IndexOf(':');
            return colon < 0 ? "" : name.Substring(0, colon);
        }
    }
}
