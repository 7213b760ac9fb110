// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Management.Automation.Language;
using System.Numerics;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Microsoft.PowerShell.Commands
{
    [Cmdlet(VerbsData.ConvertFrom, "Json")]
    public sealed class ConvertFromJsonCommand : Cmdlet
    {
        private readonly List<string> lines = new List<string>();

        [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
        [AllowEmptyString]
        public string InputObject { get; set; }

        [Parameter]
        public SwitchParameter AsHashtable { get; set; }

        [Parameter]
        [ValidateRange(ValidateRangeKind.Positive)]
        public int Depth { get; set; } = 1024;

        [Parameter]
        public SwitchParameter NoEnumerate { get; set; }

        protected override void ProcessRecord()
        {
            lines.Add(InputObject);
        }

        protected override void EndProcessing()
        {
            // Several strings are either the lines of one document or one document each: the first one decides.
            if (lines.Count > 1 && IsDocument(lines[0]))
            {
                lines.ForEach(Convert);
            }
            else if (lines.Count > 0)
            {
                Convert(string.Join(Environment.NewLine, lines));
            }
        }

        private static bool IsDocument(string text)
        {
            try
            {
                JToken.Parse(text);
                return true;
            }
            catch (JsonException)
            {
                return false;
            }
        }

        private void Convert(string text)
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                return;
            }

            try
            {
                using var reader = new JsonTextReader(new StringReader(text)) { MaxDepth = Depth };
                reader.Read();
                object result = Read(reader);
                while (reader.Read())
                {
                    if (reader.TokenType != JsonToken.Comment)
                    {
                        throw new JsonReaderException("Additional text encountered after finished reading JSON content.");
                    }
                }

                WriteObject(result, !NoEnumerate);
            }
            catch (JsonException e)
            {
                var problem = new ArgumentException("Conversion from JSON failed with error: " + e.Message, e);
                ThrowTerminatingError(new ErrorRecord(
                    problem, "System.ArgumentException", ErrorCategory.NotSpecified, null));
            }
        }

        private object Read(JsonTextReader reader)
        {
            while (reader.TokenType == JsonToken.Comment && reader.Read())
            {
            }

            return reader.TokenType switch
            {
                JsonToken.StartObject => AsHashtable ? ReadHashtable(reader) : ReadObject(reader),
                JsonToken.StartArray => ReadArray(reader),
                JsonToken.Null or JsonToken.Undefined => null,
                JsonToken.Integer when reader.Value is BigInteger big && big >= long.MinValue && big <= long.MaxValue => (long)big,
                _ => reader.Value,
            };
        }

        private object[] ReadArray(JsonTextReader reader)
        {
            var items = new List<object>();
            while (Next(reader) != JsonToken.EndArray)
            {
                items.Add(Read(reader));
            }

            return items.ToArray();
        }

        private PSObject ReadObject(JsonTextReader reader)
        {
            var result = new PSObject();
            while (Next(reader) != JsonToken.EndObject)
            {
                string name = (string)reader.Value;
                Next(reader);
                object value = Read(reader);
                if (name.Length == 0)
                {
                    Refuse("EmptyKeyInJsonString", "The provided JSON includes a property whose name is an empty string, "
                        + "this is only supported using the -AsHashtable switch.");
                }

                if (result.Properties[name] is PSPropertyInfo known && known.Name != name)
                {
                    Refuse("KeysWithDifferentCasingInJsonString", "Cannot convert the JSON string because it contains keys with "
                        + "different casing. Please use the -AsHashTable switch instead. The key that was attempted to be added "
                        + $"to the existing key '{known.Name}' was '{name}'.");
                }

                result.Properties.Remove(name);
                result.Properties.Add(new PSNoteProperty(name, value));
            }

            return result;
        }

        private OrderedHashtable ReadHashtable(JsonTextReader reader)
        {
            var result = new OrderedHashtable();
            while (Next(reader) != JsonToken.EndObject)
            {
                string name = (string)reader.Value;
                Next(reader);
                result[name] = Read(reader);
            }

            return result;
        }

        private void Refuse(string id, string message)
        {
            ThrowTerminatingError(new ErrorRecord(
                new InvalidOperationException(message), id, ErrorCategory.InvalidOperation, null));
        }

        private static JsonToken Next(JsonTextReader reader)
        {
            do
            {
                if (!reader.Read())
                {
                    throw new JsonReaderException("Unexpected end of JSON content.");
                }
            }
            while (reader.TokenType == JsonToken.Comment);

            return reader.TokenType;
        }
    }

    [Cmdlet(VerbsData.ConvertTo, "Json")]
    [OutputType(typeof(string))]
    public sealed class ConvertToJsonCommand : PSCmdlet
    {
        private readonly List<object> objects = new List<object>();
        private bool truncated;

        [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
        [AllowNull]
        public object InputObject { get; set; }

        [Parameter]
        [ValidateRange(0, 100)]
        public int Depth { get; set; } = 2;

        [Parameter]
        public SwitchParameter Compress { get; set; }

        [Parameter]
        public SwitchParameter EnumsAsStrings { get; set; }

        [Parameter]
        public SwitchParameter AsArray { get; set; }

        [Parameter]
        public StringEscapeHandling EscapeHandling { get; set; } = StringEscapeHandling.Default;

        protected override void ProcessRecord()
        {
            objects.Add(InputObject);
        }

        protected override void EndProcessing()
        {
            if (objects.Count == 0)
            {
                return;
            }

            var text = new StringWriter(CultureInfo.InvariantCulture);
            using var writer = new JsonTextWriter(text)
            {
                Formatting = Compress ? Formatting.None : Formatting.Indented,
                StringEscapeHandling = EscapeHandling,
            };
            Write(writer, objects.Count > 1 || AsArray ? objects : objects[0], depth: 0);
            writer.Flush();
            if (truncated)
            {
                WriteWarning($"Resulting JSON is truncated as serialization has exceeded the set depth of {Depth}.");
            }

            WriteObject(text.ToString());
        }

        private static bool IsNull(object value)
        {
            return value == null || value == AutomationNull.Value || value is DBNull || value is NullString;
        }

        private void Write(JsonTextWriter writer, object value, int depth)
        {
            var wrapper = value as PSObject;
            object plain = wrapper == null ? value : wrapper.BaseObject;
            if (IsNull(plain))
            {
                writer.WriteNull();
            }
            else if (!WriteScalar(writer, plain))
            {
                WriteCompound(writer, wrapper, plain, depth);
            }
        }

        private bool WriteScalar(JsonTextWriter writer, object value)
        {
            switch (value)
            {
                case Enum number:
                    WriteEnum(writer, number);
                    return true;
                case Uri address:
                    writer.WriteValue(address.OriginalString);
                    return true;
                case BigInteger big:
                    writer.WriteRawValue(big.ToString(CultureInfo.InvariantCulture));
                    return true;
                case JToken token:
                    token.WriteTo(writer);
                    return true;
                case char character:
                    writer.WriteValue(character.ToString());
                    return true;
                case string or bool or DateTime or DateTimeOffset or Guid or decimal:
                    writer.WriteValue(value);
                    return true;
                default:
                    if (!value.GetType().IsPrimitive || value is IntPtr or UIntPtr)
                    {
                        return false;
                    }

                    writer.WriteValue(value);
                    return true;
            }
        }

        private void WriteEnum(JsonTextWriter writer, Enum value)
        {
            // JSON has no 64-bit integers to rely on, so these two become strings.
            Type number = Enum.GetUnderlyingType(value.GetType());
            if (EnumsAsStrings || number == typeof(long) || number == typeof(ulong))
            {
                writer.WriteValue(value.ToString());
            }
            else
            {
                writer.WriteValue(System.Convert.ChangeType(value, number, CultureInfo.InvariantCulture));
            }
        }

        private void WriteCompound(JsonTextWriter writer, PSObject wrapper, object plain, int depth)
        {
            if (Stopping)
            {
                return;
            }

            if (depth > Depth)
            {
                truncated = true;
                bool hasOwnText = wrapper is { ImmediateBaseObjectIsEmpty: true };
                writer.WriteValue(hasOwnText
                    ? LanguagePrimitives.ConvertTo<string>(wrapper)
                    : LanguagePrimitives.ConvertTo<string>(plain));
                return;
            }

            if (plain is IDictionary dictionary)
            {
                WriteDictionary(writer, wrapper, dictionary, depth);
            }
            else if (plain is IEnumerable sequence)
            {
                WriteArray(writer, sequence, depth);
            }
            else
            {
                writer.WriteStartObject();
                bool custom = plain is PSCustomObject;
                IEnumerable<PSPropertyInfo> properties = custom
                    ? wrapper.Properties
                    : ClrProperties(wrapper ?? PSObject.AsPSObject(plain));
                WriteProperties(writer, properties, depth);
                writer.WriteEndObject();
            }
        }

        /// <summary>The object's own properties and fields, and what was added to this very object.</summary>
        private static IEnumerable<PSPropertyInfo> ClrProperties(PSObject value)
        {
            foreach (PSPropertyInfo property in value.Properties)
            {
                if (property.MemberType == PSMemberTypes.Property || property.IsInstance)
                {
                    yield return property;
                }
            }
        }

        private void WriteArray(JsonTextWriter writer, IEnumerable sequence, int depth)
        {
            writer.WriteStartArray();
            foreach (object item in sequence)
            {
                Write(writer, item, depth + 1);
            }

            writer.WriteEndArray();
        }

        private void WriteDictionary(JsonTextWriter writer, PSObject wrapper, IDictionary dictionary, int depth)
        {
            writer.WriteStartObject();
            foreach (DictionaryEntry entry in dictionary)
            {
                if (entry.Key is not string && LanguagePrimitives.ConvertTo<string>(entry.Key) == null)
                {
                    continue;
                }

                writer.WritePropertyName(LanguagePrimitives.ConvertTo<string>(entry.Key));
                Write(writer, entry.Value, depth + 1);
            }

            if (wrapper != null)
            {
                var added = new List<PSPropertyInfo>();
                foreach (PSPropertyInfo property in wrapper.InstanceMembers.EnumerateProperties())
                {
                    if (!dictionary.Contains(property.Name))
                    {
                        added.Add(property);
                    }
                }

                WriteProperties(writer, added, depth);
            }

            writer.WriteEndObject();
        }

        private void WriteProperties(JsonTextWriter writer, IEnumerable<PSPropertyInfo> properties, int depth)
        {
            foreach (PSPropertyInfo property in properties)
            {
                object value;
                try
                {
                    value = property.Value;
                }
                catch (GetValueException)
                {
                    value = null;
                }

                writer.WritePropertyName(property.Name);
                Write(writer, value, depth + 1);
            }
        }
    }

    internal static class JsonMembers
    {
        public static IEnumerable<PSPropertyInfo> EnumerateProperties(this IEnumerable<PSMemberInfo> members)
        {
            foreach (PSMemberInfo member in members)
            {
                if (member is PSPropertyInfo property)
                {
                    yield return property;
                }
            }
        }
    }
}
