// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Text;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>Formatting into text, by the engine's own formatter.</summary>
    public abstract class FormattedTextCommand : FrontEndCommandBase
    {
        // What scripts see that run without a console.
        protected const int DefaultWidth = 120;

        internal void StartFormatting(TextWriter writer, int width, bool suppressNewline)
        {
            implementation = new OutputManagerInner
            {
                LineOutput = new TextWriterLineOutput(writer, width, suppressNewline),
            };
            base.BeginProcessing();
        }
    }

    [Cmdlet(VerbsData.Out, "String", DefaultParameterSetName = "NoNewLineFormatting")]
    [OutputType(typeof(string))]
    public sealed class OutStringCommand : FormattedTextCommand
    {
        private readonly StringBuilder text = new StringBuilder();

        [Parameter(ParameterSetName = "StreamFormatting")]
        public SwitchParameter Stream { get; set; }

        [Parameter]
        [ValidateRange(2, int.MaxValue)]
        public int Width { get; set; } = DefaultWidth;

        [Parameter(ParameterSetName = "NoNewLineFormatting")]
        public SwitchParameter NoNewline { get; set; }

        protected override void BeginProcessing()
        {
            StartFormatting(new StreamingTextWriter(TakeLine, Host.CurrentCulture), Width, suppressNewline: false);
        }

        protected override void EndProcessing()
        {
            base.EndProcessing();
            if (!Stream)
            {
                WriteObject(text.ToString());
            }
        }

        private void TakeLine(string line)
        {
            if (Stream)
            {
                WriteObject(line);
            }
            else if (NoNewline)
            {
                text.Append(line);
            }
            else
            {
                text.AppendLine(line);
            }
        }
    }

    [Cmdlet(VerbsData.Out, "File", DefaultParameterSetName = "ByPath", SupportsShouldProcess = true)]
    public sealed class OutFileCommand : FormattedTextCommand
    {
        private StreamWriter writer;

        [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ByPath")]
        [Alias("Path")]
        public string FilePath { get; set; }

        [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "ByLiteralPath")]
        [Alias("PSPath", "LP")]
        public string LiteralPath { get; set; }

        [Parameter(Position = 1)]
        [ArgumentToEncodingTransformation]
        public Encoding Encoding { get; set; } = Encoding.Default;

        [Parameter]
        public SwitchParameter Append { get; set; }

        [Parameter]
        public SwitchParameter Force { get; set; }

        [Parameter]
        [Alias("NoOverwrite")]
        public SwitchParameter NoClobber { get; set; }

        [Parameter]
        [ValidateRange(2, int.MaxValue)]
        public int Width { get; set; } = DefaultWidth;

        [Parameter]
        public SwitchParameter NoNewline { get; set; }

        protected override void BeginProcessing()
        {
            TextWriter target = TextWriter.Null;
            if (ShouldProcess(FilePath ?? LiteralPath))
            {
                target = writer = OutputFile.Open(this, FilePath, LiteralPath, Encoding, Append, Force, NoClobber);
            }

            // Lines of text go to a file as long as they are; only tables and lists are laid out to a width.
            StartFormatting(target, MyInvocation.BoundParameters.ContainsKey(nameof(Width)) ? Width : int.MaxValue - 1, NoNewline);
        }

        protected override void EndProcessing()
        {
            base.EndProcessing();
            writer?.Dispose();
        }

        protected override void InternalDispose()
        {
            base.InternalDispose();
            writer?.Dispose();
        }
    }

    /// <summary>Opening a file that a cmdlet writes: path resolution and error records.</summary>
    internal static class OutputFile
    {
        public static string Resolve(PSCmdlet cmdlet, string path, string literalPath)
        {
            if (path != null && WildcardPattern.ContainsWildcardCharacters(path))
            {
                try
                {
                    var found = cmdlet.SessionState.Path.GetResolvedProviderPathFromPSPath(path, out _);
                    if (found.Count == 1)
                    {
                        return found[0];
                    }
                }
                catch (ItemNotFoundException)
                {
                    // A new file whose name looks like a pattern.
                }
            }

            return cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(literalPath ?? path);
        }

        public static StreamWriter Open(
            PSCmdlet cmdlet, string path, string literalPath, Encoding encoding, bool append, bool force, bool noClobber)
        {
            string file = Resolve(cmdlet, path, literalPath);
            try
            {
                if (force && File.Exists(file))
                {
                    File.SetAttributes(file, File.GetAttributes(file) & ~FileAttributes.ReadOnly);
                }

                FileMode mode = append ? FileMode.Append : noClobber ? FileMode.CreateNew : FileMode.Create;
                return new StreamWriter(new FileStream(file, mode, FileAccess.Write, FileShare.Read), encoding);
            }
            catch (IOException e) when (noClobber && File.Exists(file))
            {
                Fail(cmdlet, new IOException($"The file '{file}' already exists.", e), "NoClobber", ErrorCategory.ResourceExists, file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
            {
                Fail(cmdlet, e, "FileOpenFailure", ErrorCategory.OpenError, file);
            }

            return null;
        }

        private static void Fail(PSCmdlet cmdlet, Exception problem, string id, ErrorCategory category, string target)
        {
            cmdlet.ThrowTerminatingError(new ErrorRecord(problem, id, category, target));
        }
    }

    [Cmdlet(VerbsCommon.Format, "Table")]
    public sealed class FormatTableCommand : OuterFormatTableBase
    {
        public FormatTableCommand()
        {
            implementation = new InnerFormatShapeCommand(FormatShape.Table);
        }
    }

    [Cmdlet(VerbsCommon.Format, "List")]
    public sealed class FormatListCommand : OuterFormatTableAndListBase
    {
        public FormatListCommand()
        {
            implementation = new InnerFormatShapeCommand(FormatShape.List);
        }
    }

    [Cmdlet(VerbsCommon.Format, "Wide")]
    public sealed class FormatWideCommand : OuterFormatShapeCommandBase
    {
        public FormatWideCommand()
        {
            implementation = new InnerFormatShapeCommand(FormatShape.Wide);
        }

        [Parameter(Position = 0)]
        public object Property { get; set; }

        [Parameter]
        public SwitchParameter AutoSize { get; set; }

        [Parameter]
        public int Column { get; set; }

        internal override FormattingCommandLineParameters GetCommandLineParameters()
        {
            var parameters = new FormattingCommandLineParameters();
            if (Property != null)
            {
                var processor = new ParameterProcessor(new FormatWideParameterDefinition());
                var context = new TerminatingErrorContext(this);
                parameters.mshParameterList = processor.ProcessParameters(new[] { Property }, context);
            }

            parameters.groupByParameter = ProcessGroupByParameter();
            parameters.forceFormattingAlsoOnOutOfBand = Force;
            parameters.expansion = ProcessExpandParameter();
            var specific = new WideSpecificParameters();
            if (Column > 0)
            {
                specific.columns = Column;
            }

            parameters.shapeParameters = specific;
            if (AutoSize)
            {
                parameters.autosize = true;
            }

            return parameters;
        }
    }

    [Cmdlet(VerbsCommon.Format, "Custom")]
    public sealed class FormatCustomCommand : OuterFormatShapeCommandBase
    {
        public FormatCustomCommand()
        {
            implementation = new InnerFormatShapeCommand(FormatShape.Complex);
        }

        [Parameter(Position = 0)]
        public object[] Property { get; set; }

        [Parameter]
        public int Depth { get; set; } = ComplexSpecificParameters.maxDepthAllowable;

        internal override FormattingCommandLineParameters GetCommandLineParameters()
        {
            var parameters = new FormattingCommandLineParameters();
            if (Property != null)
            {
                var processor = new ParameterProcessor(new FormatObjectParameterDefinition());
                parameters.mshParameterList = processor.ProcessParameters(Property, new TerminatingErrorContext(this));
            }

            parameters.groupByParameter = ProcessGroupByParameter();
            parameters.forceFormattingAlsoOnOutOfBand = Force;
            parameters.expansion = ProcessExpandParameter();
            parameters.shapeParameters = new ComplexSpecificParameters { maxDepth = Depth };
            return parameters;
        }
    }

    [Cmdlet("Tee", "Object", DefaultParameterSetName = "File")]
    public sealed class TeeObjectCommand : FormattedTextCommand
    {
        private readonly List<object> kept = new List<object>();
        private StreamWriter writer;

        [Parameter(Mandatory = true, Position = 0, ParameterSetName = "File")]
        [Alias("Path")]
        public string FilePath { get; set; }

        [Parameter(Mandatory = true, ParameterSetName = "LiteralFile")]
        [Alias("PSPath", "LP")]
        public string LiteralPath { get; set; }

        [Parameter(ParameterSetName = "File")]
        public SwitchParameter Append { get; set; }

        [Parameter(ParameterSetName = "File")]
        [Parameter(ParameterSetName = "LiteralFile")]
        [ArgumentToEncodingTransformation]
        public Encoding Encoding { get; set; } = Encoding.Default;

        [Parameter(Mandatory = true, ParameterSetName = "Variable")]
        public string Variable { get; set; }

        protected override void BeginProcessing()
        {
            TextWriter target = TextWriter.Null;
            if (Variable == null)
            {
                target = writer = OutputFile.Open(this, FilePath, LiteralPath, Encoding, Append, force: false, noClobber: false);
            }

            StartFormatting(target, int.MaxValue - 1, suppressNewline: false);
        }

        protected override void ProcessRecord()
        {
            if (Variable == null)
            {
                base.ProcessRecord();
            }
            else
            {
                kept.Add(InputObject);
            }

            WriteObject(InputObject);
        }

        protected override void EndProcessing()
        {
            base.EndProcessing();
            writer?.Dispose();
            if (Variable != null)
            {
                SessionState.PSVariable.Set(Variable, kept.Count == 1 ? kept[0] : kept.ToArray());
            }
        }

        protected override void InternalDispose()
        {
            base.InternalDispose();
            writer?.Dispose();
        }
    }
}
