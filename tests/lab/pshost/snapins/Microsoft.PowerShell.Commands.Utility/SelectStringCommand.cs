// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Text.RegularExpressions;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>The lines around a match.</summary>
    public sealed class MatchInfoContext
    {
        public string[] PreContext { get; internal set; } = Array.Empty<string>();

        public string[] PostContext { get; internal set; } = Array.Empty<string>();
    }

    /// <summary>A line that Select-String found.</summary>
    public class MatchInfo
    {
        internal const string FromInput = "InputStream";

        public bool IgnoreCase { get; internal set; }

        public long LineNumber { get; internal set; }

        public string Line { get; internal set; }

        public string Filename => Path == FromInput ? FromInput : System.IO.Path.GetFileName(Path);

        public string Path { get; internal set; } = FromInput;

        public string Pattern { get; internal set; }

        public MatchInfoContext Context { get; internal set; }

        public Match[] Matches { get; internal set; } = Array.Empty<Match>();

        public override string ToString()
        {
            return Path == FromInput ? Line : $"{Path}:{LineNumber}:{Line}";
        }
    }

    [Cmdlet(VerbsCommon.Select, "String", DefaultParameterSetName = "File")]
    [OutputType(typeof(MatchInfo), typeof(bool), typeof(string))]
    public sealed class SelectStringCommand : PSCmdlet
    {
        private readonly List<string> inputLines = new List<string>();
        private Regex[] expressions;
        private bool done;

        [Parameter(ValueFromPipeline = true, Mandatory = true, ParameterSetName = "Object")]
        [AllowNull]
        [AllowEmptyString]
        public PSObject InputObject { get; set; }

        [Parameter(Mandatory = true, Position = 0)]
        public string[] Pattern { get; set; }

        [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = "File")]
        public string[] Path { get; set; }

        [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralFile")]
        [Alias("PSPath", "LP")]
        public string[] LiteralPath { get; set; }

        [Parameter]
        public SwitchParameter Raw { get; set; }

        [Parameter]
        public SwitchParameter SimpleMatch { get; set; }

        [Parameter]
        public SwitchParameter CaseSensitive { get; set; }

        [Parameter]
        public SwitchParameter Quiet { get; set; }

        [Parameter]
        public SwitchParameter List { get; set; }

        [Parameter]
        public SwitchParameter NotMatch { get; set; }

        [Parameter]
        public SwitchParameter AllMatches { get; set; }

        [Parameter]
        [ArgumentToEncodingTransformation]
        public Encoding Encoding { get; set; } = Encoding.Default;

        [Parameter]
        [ValidateCount(1, 2)]
        public new int[] Context { get; set; } = { 0, 0 };

        protected override void BeginProcessing()
        {
            RegexOptions options = CaseSensitive ? RegexOptions.None : RegexOptions.IgnoreCase;
            try
            {
                expressions = Pattern.Select(p => new Regex(SimpleMatch ? Regex.Escape(p) : p, options)).ToArray();
            }
            catch (ArgumentException e)
            {
                ThrowTerminatingError(new ErrorRecord(
                    new ArgumentException($"The string {string.Join(", ", Pattern)} is not a valid regular expression: {e.Message}", e),
                    "InvalidRegex",
                    ErrorCategory.InvalidArgument,
                    null));
            }
        }

        protected override void ProcessRecord()
        {
            if (ParameterSetName != "Object")
            {
                foreach (string file in InputFile.Resolve(this, Path, LiteralPath).Where(f => !Directory.Exists(f)))
                {
                    SearchFile(file);
                }
            }
            else if (InputObject?.BaseObject is FileInfo file)
            {
                SearchFile(file.FullName);
            }
            else
            {
                inputLines.Add(InputObject?.ToString() ?? string.Empty);
            }
        }

        protected override void EndProcessing()
        {
            Search(inputLines, MatchInfo.FromInput);
            if (Quiet && !done)
            {
                WriteObject(false);
            }
        }

        private void SearchFile(string file)
        {
            using StreamReader reader = InputFile.Open(this, file, Encoding);
            if (reader == null)
            {
                return;
            }

            var lines = new List<string>();
            while (reader.ReadLine() is string line)
            {
                lines.Add(line);
            }

            Search(lines, file);
        }

        private void Search(List<string> lines, string path)
        {
            for (int i = 0; i < lines.Count && !(Quiet && done); i++)
            {
                MatchInfo match = Find(lines[i]);
                if (match == null)
                {
                    continue;
                }

                match.LineNumber = i + 1;
                match.Path = path;
                AddContext(match, lines, i);
                Emit(match);
                if (List && path != MatchInfo.FromInput)
                {
                    return;
                }
            }
        }

        private MatchInfo Find(string line)
        {
            for (int i = 0; i < expressions.Length; i++)
            {
                Match[] matches = AllMatches
                    ? expressions[i].Matches(line).ToArray()
                    : new[] { expressions[i].Match(line) }.Where(m => m.Success).ToArray();
                if (matches.Length > 0)
                {
                    return NotMatch ? null : new MatchInfo
                    {
                        Line = line,
                        Pattern = Pattern[i],
                        IgnoreCase = !CaseSensitive,
                        Matches = SimpleMatch ? Array.Empty<Match>() : matches,
                    };
                }
            }

            return NotMatch ? new MatchInfo { Line = line, Pattern = Pattern[^1], IgnoreCase = !CaseSensitive } : null;
        }

        private void AddContext(MatchInfo match, List<string> lines, int index)
        {
            int before = Context[0];
            int after = Context[^1];
            if (before == 0 && after == 0)
            {
                return;
            }

            int first = Math.Max(0, index - before);
            match.Context = new MatchInfoContext
            {
                PreContext = lines.GetRange(first, index - first).ToArray(),
                PostContext = lines.Skip(index + 1).Take(after).ToArray(),
            };
        }

        private void Emit(MatchInfo match)
        {
            done = true;
            if (Quiet)
            {
                WriteObject(true);
            }
            else if (Raw)
            {
                WriteObject(match.Line);
            }
            else
            {
                WriteObject(match);
            }
        }
    }
}
