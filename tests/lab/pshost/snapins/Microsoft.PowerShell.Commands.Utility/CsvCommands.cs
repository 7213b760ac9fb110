// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>Writing objects as CSV: the first one gives the columns.</summary>
    internal sealed class CsvWriter
    {
        private readonly char delimiter;
        private readonly Func<string, bool> quote;
        private string[] columns;

        public CsvWriter(char delimiter, Func<string, bool> quote)
        {
            this.delimiter = delimiter;
            this.quote = quote;
        }

        public void UseColumns(string[] existing)
        {
            columns = existing;
        }

        /// <summary>The lines for an object: before the first one the header.</summary>
        public IEnumerable<string> Lines(PSObject item, bool typeInformation, bool header)
        {
            if (columns == null)
            {
                columns = Columns(item);
                if (typeInformation)
                {
                    yield return "#TYPE " + item.TypeNames[0];
                }

                if (header)
                {
                    yield return string.Join(delimiter, columns.Select(Quoted));
                }
            }

            yield return string.Join(delimiter, columns.Select(c => Value(item, c)));
        }

        private static string[] Columns(PSObject item)
        {
            return item.BaseObject is IDictionary table
                ? table.Keys.Cast<object>().Select(k => LanguagePrimitives.ConvertTo<string>(k)).ToArray()
                : item.Properties.Select(p => p.Name).ToArray();
        }

        private string Value(PSObject item, string column)
        {
            object value;
            try
            {
                value = item.BaseObject is IDictionary table && table.Contains(column)
                    ? table[column]
                    : item.Properties[column]?.Value;
            }
            catch (GetValueException)
            {
                value = null;
            }

            return value == null ? string.Empty : Quoted(Convert.ToString(PSObject.Base(value) is IFormattable formattable
                ? formattable.ToString(null, CultureInfo.CurrentCulture)
                : LanguagePrimitives.ConvertTo<string>(value), CultureInfo.CurrentCulture));
        }

        private string Quoted(string text)
        {
            return quote(text) ? "\"" + text.Replace("\"", "\"\"") + "\"" : text;
        }
    }

    /// <summary>Reading CSV: quoted fields may hold delimiters, quotes and line ends.</summary>
    internal sealed class CsvReader
    {
        private readonly TextReader reader;
        private readonly char delimiter;

        public CsvReader(TextReader reader, char delimiter)
        {
            this.reader = reader;
            this.delimiter = delimiter;
        }

        /// <summary>The objects after the header line (or under the given one).</summary>
        public IEnumerable<PSObject> Objects(string[] header)
        {
            string typeName = null;
            List<string> record = Record();
            while (header == null && record != null && record[0].StartsWith('#'))
            {
                if (record[0].StartsWith("#TYPE ", StringComparison.Ordinal))
                {
                    typeName = record[0].Substring("#TYPE ".Length);
                }

                record = Record();
            }

            if (header == null)
            {
                header = record?.Select((name, i) => name.Length == 0 ? "H" + (i + 1) : name).ToArray();
                record = record == null ? null : Record();
            }

            for (; record != null; record = Record())
            {
                var result = new PSObject();
                if (typeName != null)
                {
                    result.TypeNames.Insert(0, "CSV:" + typeName);
                }

                for (int i = 0; i < header.Length; i++)
                {
                    result.Properties.Add(new PSNoteProperty(header[i], i < record.Count ? record[i] : null));
                }

                yield return result;
            }
        }

        /// <summary>The fields of the next line that is not empty, or null.</summary>
        private List<string> Record()
        {
            int first = reader.Peek();
            while (first is '\r' or '\n')
            {
                reader.Read();
                first = reader.Peek();
            }

            if (first < 0)
            {
                return null;
            }

            var fields = new List<string>();
            do
            {
                fields.Add(Field());
            }
            while (reader.Peek() == delimiter && reader.Read() >= 0);
            return fields;
        }

        private string Field()
        {
            var text = new StringBuilder();
            while (reader.Peek() == ' ' && delimiter != ' ')
            {
                reader.Read();
            }

            if (reader.Peek() == '"')
            {
                reader.Read();
                ReadQuoted(text);
            }

            for (int c = reader.Peek(); c >= 0 && c != delimiter && c != '\r' && c != '\n'; c = reader.Peek())
            {
                text.Append((char)reader.Read());
            }

            return text.ToString();
        }

        private void ReadQuoted(StringBuilder text)
        {
            for (int c = reader.Read(); c >= 0; c = reader.Read())
            {
                if (c == '"')
                {
                    if (reader.Peek() != '"')
                    {
                        return;
                    }

                    reader.Read();
                }

                text.Append((char)c);
            }
        }
    }

    /// <summary>What the four cmdlets for CSV share.</summary>
    public abstract class CsvCommand : PSCmdlet
    {
        [Parameter(Position = 1)]
        public char Delimiter { get; set; } = ',';

        [Parameter]
        public SwitchParameter UseCulture { get; set; }

        protected char Separator => UseCulture ? CultureInfo.CurrentCulture.TextInfo.ListSeparator[0] : Delimiter;
    }

    /// <summary>ConvertTo-Csv and Export-Csv.</summary>
    public abstract class WriteCsvCommand : CsvCommand
    {
        [Parameter]
        [Alias("ITI")]
        public SwitchParameter IncludeTypeInformation { get; set; }

        [Parameter]
        [Alias("NTI")]
        public SwitchParameter NoTypeInformation { get; set; }

        [Parameter]
        [Alias("QF")]
        public string[] QuoteFields { get; set; }

        [Parameter]
        [Alias("UQ")]
        [ValidateSet("Never", "Always", "AsNeeded")]
        public string UseQuotes { get; set; } = "Always";

        [Parameter]
        public SwitchParameter NoHeader { get; set; }

        internal CsvWriter NewWriter()
        {
            char separator = Separator;
            return new CsvWriter(separator, text => UseQuotes.ToLowerInvariant() switch
            {
                "never" => false,
                "asneeded" => text.Contains(separator) || text.IndexOfAny(new[] { '"', '\r', '\n' }) >= 0,
                _ => true,
            });
        }
    }

    [Cmdlet(VerbsData.ConvertTo, "Csv")]
    [OutputType(typeof(string))]
    public sealed class ConvertToCsvCommand : WriteCsvCommand
    {
        private CsvWriter writer;

        [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
        public PSObject InputObject { get; set; }

        protected override void BeginProcessing()
        {
            writer = NewWriter();
        }

        protected override void ProcessRecord()
        {
            if (InputObject != null)
            {
                WriteObject(writer.Lines(InputObject, IncludeTypeInformation, !NoHeader), enumerateCollection: true);
            }
        }
    }

    [Cmdlet(VerbsData.Export, "Csv", SupportsShouldProcess = true)]
    public sealed class ExportCsvCommand : WriteCsvCommand, IDisposable
    {
        private CsvWriter writer;
        private StreamWriter file;

        [Parameter(Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        public PSObject InputObject { get; set; }

        [Parameter(Position = 0)]
        public string Path { get; set; }

        [Parameter]
        [Alias("PSPath", "LP")]
        public string LiteralPath { get; set; }

        [Parameter]
        public SwitchParameter Force { get; set; }

        [Parameter]
        [Alias("NoOverwrite")]
        public SwitchParameter NoClobber { get; set; }

        [Parameter]
        [ArgumentToEncodingTransformation]
        public Encoding Encoding { get; set; } = Encoding.Default;

        [Parameter]
        public SwitchParameter Append { get; set; }

        protected override void BeginProcessing()
        {
            writer = NewWriter();
            if ((Path == null) == (LiteralPath == null))
            {
                ThrowTerminatingError(new ErrorRecord(
                    new InvalidOperationException("You must specify either the -Path or -LiteralPath parameters, but not both."),
                    "CannotSpecifyPathAndLiteralPath",
                    ErrorCategory.InvalidData,
                    null));
            }

            if (ShouldProcess(Path ?? LiteralPath))
            {
                ReuseHeader();
                file = OutputFile.Open(this, Path, LiteralPath, Encoding, Append, Force, NoClobber);
            }
        }

        protected override void ProcessRecord()
        {
            if (file == null || InputObject == null)
            {
                return;
            }

            foreach (string line in writer.Lines(InputObject, IncludeTypeInformation, !NoHeader))
            {
                file.WriteLine(line);
            }
        }

        protected override void EndProcessing()
        {
            Dispose();
        }

        public void Dispose()
        {
            file?.Dispose();
        }

        /// <summary>What is appended goes under the columns that are there.</summary>
        private void ReuseHeader()
        {
            string path = OutputFile.Resolve(this, Path, LiteralPath);
            if (!Append || !File.Exists(path))
            {
                return;
            }

            using var reader = new StreamReader(path, Encoding);
            PSObject first = new CsvReader(reader, Separator).Objects(null).FirstOrDefault();
            if (first != null)
            {
                writer.UseColumns(first.Properties.Select(p => p.Name).ToArray());
            }
        }
    }

    [Cmdlet(VerbsData.ConvertFrom, "Csv")]
    public sealed class ConvertFromCsvCommand : CsvCommand
    {
        private readonly StringBuilder text = new StringBuilder();

        [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
        [AllowEmptyString]
        public PSObject[] InputObject { get; set; }

        [Parameter]
        public string[] Header { get; set; }

        protected override void ProcessRecord()
        {
            foreach (PSObject line in InputObject)
            {
                text.AppendLine(line?.ToString());
            }
        }

        protected override void EndProcessing()
        {
            WriteObject(new CsvReader(new StringReader(text.ToString()), Separator).Objects(Header), enumerateCollection: true);
        }
    }

    [Cmdlet(VerbsData.Import, "Csv", DefaultParameterSetName = "DelimiterPath")]
    public sealed class ImportCsvCommand : CsvCommand
    {
        [Parameter(Position = 0, ValueFromPipeline = true)]
        public string[] Path { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        [Alias("PSPath", "LP")]
        public string[] LiteralPath { get; set; }

        [Parameter]
        public string[] Header { get; set; }

        [Parameter]
        [ArgumentToEncodingTransformation]
        public Encoding Encoding { get; set; } = Encoding.Default;

        protected override void ProcessRecord()
        {
            foreach (string file in InputFile.Resolve(this, LiteralPath == null ? Path : null, LiteralPath))
            {
                using StreamReader reader = InputFile.Open(this, file, Encoding);
                if (reader != null)
                {
                    WriteObject(new CsvReader(reader, Separator).Objects(Header), enumerateCollection: true);
                }
            }
        }
    }
}
