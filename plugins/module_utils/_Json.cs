// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Xml;

//AssemblyReference -Name System.Runtime.Serialization.dll -CLR Framework
//AssemblyReference -Name System.Xml.dll -CLR Framework

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._Json
{
    /// <summary>
    /// The JSON of the catalog: objects are Hashtables, arrays are Object[], numbers are Int64 or Double.
    ///
    /// .NET's own reader and writer do the work, the same in .NET Framework and .NET. The cmdlets do not serve here:
    /// those of PowerShell 7 take a text that looks like a date for one, and neither limits what a hostile file costs.
    /// </summary>
    public static class Json
    {
        /// <summary>Nested levels that a file may have: ours have five, and each takes some of the stack.</summary>
        private const int DeepestLevel = 16;

        /// <summary>Bytes that a file may have: room for a GPO of 100,000 files.</summary>
        private const int LargestFile = 64 * 1024 * 1024;

        /// <summary>Reads a file. Throws what .NET throws where it cannot be read, and XmlException or
        /// FormatException where it is not JSON.</summary>
        public static object ReadFile(string path)
        {
            byte[] bytes;
            using (FileStream file = _HostFile.HostFile.OpenOwn(path))
            {
                if (file.Length > LargestFile)
                {
                    throw new FormatException("The file is too large.");
                }
                bytes = new byte[file.Length];
                int read = 0;
                while (read < bytes.Length)
                {
                    int part = file.Read(bytes, read, bytes.Length - read);
                    if (part == 0)
                    {
                        throw new EndOfStreamException();
                    }
                    read += part;
                }
            }
            return Read(bytes);
        }

        /// <summary>Reads JSON in UTF-8.</summary>
        public static object Read(byte[] bytes)
        {
            XmlDictionaryReaderQuotas quotas = new XmlDictionaryReaderQuotas();
            quotas.MaxDepth = DeepestLevel;
            quotas.MaxStringContentLength = LargestFile;
            quotas.MaxArrayLength = LargestFile;
            quotas.MaxNameTableCharCount = LargestFile;
            quotas.MaxBytesPerRead = LargestFile;
            using (XmlDictionaryReader reader = JsonReaderWriterFactory.CreateJsonReader(bytes, quotas))
            {
                reader.MoveToContent();
                object value = ReadValue(reader);
                if (reader.MoveToContent() != XmlNodeType.None)
                {
                    throw new FormatException("There is more than one value.");
                }
                return value;
            }
        }

        /// <summary>Returns a value as JSON in UTF-8, indented for people.</summary>
        public static byte[] Write(object value)
        {
            using (MemoryStream stream = new MemoryStream())
            {
                using (XmlDictionaryWriter writer = JsonReaderWriterFactory.CreateJsonWriter(
                    stream, new UTF8Encoding(false), false, true, " "))
                {
                    writer.WriteStartElement("root");
                    WriteValue(writer, value);
                    writer.WriteEndElement();
                }
                return stream.ToArray();
            }
        }

        /// <summary>Returns whether two values would be the same JSON.</summary>
        public static bool Same(object left, object right)
        {
            left = Bare(left);
            right = Bare(right);
            if (left == null || right == null)
            {
                return left == null && right == null;
            }
            if (left is string || right is string)
            {
                return string.Equals(left as string, right as string, StringComparison.Ordinal);
            }
            IDictionary map = left as IDictionary;
            if (map != null)
            {
                return SameMap(map, right as IDictionary);
            }
            IList list = left as IList;
            if (list != null)
            {
                return SameList(list, right as IList);
            }
            if (left is bool || right is bool)
            {
                return left.Equals(right);
            }
            return !(right is ICollection) && Number(left).Equals(Number(right));
        }

        /// <summary>
        /// Returns where a value does not have a shape, as a path like files[3].size, or null where it has.
        ///
        /// A shape is "string", "integer" or "boolean"; a list of one shape, for any number of it; or a map of members
        /// that have to be there, where those may be null whose name ends in a question mark, and absent, too, where it
        /// ends in two.
        /// </summary>
        public static string Misfit(object value, object shape, string path)
        {
            value = Bare(value);
            shape = Bare(shape);
            IDictionary members = shape as IDictionary;
            IList items = shape as IList;
            if (members != null)
            {
                return MisfitOfMap(value as IDictionary, members, path);
            }
            if (items != null)
            {
                return MisfitOfList(value as IList, items[0], path);
            }
            bool fits = (string)shape == "string" ? value is string
                : (string)shape == "boolean" ? value is bool
                : value is long;
            return fits ? null : path;
        }

        private static string MisfitOfMap(IDictionary value, IDictionary members, string path)
        {
            if (value == null)
            {
                return path;
            }
            foreach (DictionaryEntry member in members)
            {
                string name = ((string)member.Key).TrimEnd('?');
                string inner = path.Length == 0 ? name : path + "." + name;
                if (!value.Contains(name) && ((string)member.Key).EndsWith("??", StringComparison.Ordinal))
                {
                    continue;
                }
                if (!value.Contains(name))
                {
                    return inner;
                }
                bool absent = value[name] == null && name != (string)member.Key;
                string misfit = absent ? null : Misfit(value[name], member.Value, inner);
                if (misfit != null)
                {
                    return misfit;
                }
            }
            return null;
        }

        private static string MisfitOfList(IList value, object shape, string path)
        {
            for (int index = 0; value != null && index < value.Count; index++)
            {
                string misfit = Misfit(
                    value[index], shape, path + "[" + index.ToString(CultureInfo.InvariantCulture) + "]");
                if (misfit != null)
                {
                    return misfit;
                }
            }
            return value == null ? path : null;
        }

        private static bool SameMap(IDictionary left, IDictionary right)
        {
            if (right == null || left.Count != right.Count)
            {
                return false;
            }
            foreach (DictionaryEntry entry in left)
            {
                if (!right.Contains(entry.Key) || !Same(entry.Value, right[entry.Key]))
                {
                    return false;
                }
            }
            return true;
        }

        private static bool SameList(IList left, IList right)
        {
            if (right == null || left.Count != right.Count)
            {
                return false;
            }
            for (int index = 0; index < left.Count; index++)
            {
                if (!Same(left[index], right[index]))
                {
                    return false;
                }
            }
            return true;
        }

        private static decimal Number(object value)
        {
            return Convert.ToDecimal(value, CultureInfo.InvariantCulture);
        }

        /// <summary>PowerShell hands some values over in a wrapping of its own.</summary>
        public static object Bare(object value)
        {
            PSObject wrapped = value as PSObject;
            return wrapped == null ? value : wrapped.BaseObject;
        }

        // The reader shows JSON as XML: each value is an element whose attribute "type" tells what it is, and which
        // bears the member's name, or "item" as its attribute where that is no name for an element.
        private static object ReadValue(XmlDictionaryReader reader)
        {
            string type = reader.GetAttribute("type") ?? "string";
            switch (type)
            {
                case "object":
                    return ReadObject(reader);
                case "array":
                    return ReadArray(reader);
                case "null":
                    reader.ReadElementContentAsString();
                    return null;
                case "boolean":
                    return reader.ReadElementContentAsBoolean();
                case "number":
                    string digits = reader.ReadElementContentAsString();
                    long number;
                    return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
                        ? (object)number
                        : double.Parse(digits, CultureInfo.InvariantCulture);
                default:
                    return reader.ReadElementContentAsString();
            }
        }

        private static Hashtable ReadObject(XmlDictionaryReader reader)
        {
            Hashtable map = new Hashtable();
            foreach (string name in Children(reader))
            {
                map[name] = ReadValue(reader);
            }
            return map;
        }

        private static object[] ReadArray(XmlDictionaryReader reader)
        {
            List<object> items = new List<object>();
            foreach (string name in Children(reader))
            {
                items.Add(ReadValue(reader));
            }
            return items.ToArray();
        }

        /// <summary>Stops at each child of the element in hand, whose value the caller then reads.</summary>
        private static IEnumerable<string> Children(XmlDictionaryReader reader)
        {
            if (reader.IsEmptyElement)
            {
                reader.Read();
                yield break;
            }
            reader.ReadStartElement();
            while (reader.MoveToContent() == XmlNodeType.Element)
            {
                yield return reader.GetAttribute("item") ?? reader.LocalName;
            }
            reader.ReadEndElement();
        }

        private static void WriteValue(XmlDictionaryWriter writer, object value)
        {
            value = Bare(value);
            IDictionary map = value as IDictionary;
            IEnumerable list = value as IEnumerable;
            if (value == null)
            {
                writer.WriteAttributeString("type", "null");
            }
            else if (value is string)
            {
                writer.WriteAttributeString("type", "string");
                writer.WriteString((string)value);
            }
            else if (value is bool)
            {
                writer.WriteAttributeString("type", "boolean");
                writer.WriteValue((bool)value);
            }
            else if (map != null)
            {
                writer.WriteAttributeString("type", "object");
                foreach (DictionaryEntry entry in map)
                {
                    // Names of members are the catalog's own: each of them is a name for an element.
                    writer.WriteStartElement((string)Bare(entry.Key));
                    WriteValue(writer, entry.Value);
                    writer.WriteEndElement();
                }
            }
            else if (list != null)
            {
                writer.WriteAttributeString("type", "array");
                foreach (object item in list)
                {
                    writer.WriteStartElement("item");
                    WriteValue(writer, item);
                    writer.WriteEndElement();
                }
            }
            else
            {
                writer.WriteAttributeString("type", "number");
                writer.WriteString(Convert.ToString(value, CultureInfo.InvariantCulture));
            }
        }
    }
}
