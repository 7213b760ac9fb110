// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Collections;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Provider;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>-Raw, -Encoding, -AsByteStream, -Delimiter and -Stream are dynamic parameters of the engine's file system.</summary>
    [Cmdlet(VerbsCommon.Get, "Content", DefaultParameterSetName = PathSet)]
    public sealed class GetContentCommand : ForcedPathCommand
    {
        [Parameter(ValueFromPipelineByPropertyName = true)]
        public long ReadCount { get; set; } = 1;

        [Parameter(ValueFromPipelineByPropertyName = true)]
        [Alias("First", "Head")]
        public long TotalCount { get; set; } = -1;

        [Parameter(ValueFromPipelineByPropertyName = true)]
        [Alias("Last")]
        public int Tail { get; set; } = -1;

        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return InvokeProvider.Content.GetContentReaderDynamicParameters(FirstPath, context);
        }

        protected override void ProcessRecord()
        {
            if (TotalCount >= 0 && Tail >= 0)
            {
                string message = "The parameters TotalCount and Tail cannot be used in the same command. "
                    + "Specify only one of the parameters.";
                ThrowTerminatingError(new ErrorRecord(
                    new PSInvalidOperationException(message), "TailAndHeadCannotCoexist", ErrorCategory.InvalidOperation, null));
            }

            foreach (string path in Path)
            {
                Attempt(() => ReadAll(path));
            }
        }

        private void ReadAll(string path)
        {
            foreach (PathInfo found in SessionState.Path.GetResolvedPSPathFromPSPath(path, NewContext()))
            {
                CmdletProviderContext context = NewContext();
                context.SuppressWildcardExpansion = true;
                foreach (IContentReader reader in InvokeProvider.Content.GetReader(found.Path, context) ?? new Collection<IContentReader>())
                {
                    using (reader)
                    {
                        Read(reader, new ContentOrigin(found));
                    }
                }
            }
        }

        private void Read(IContentReader reader, ContentOrigin origin)
        {
            if (Tail >= 0)
            {
                ReadTail(reader, origin);
                return;
            }

            long left = TotalCount < 0 ? long.MaxValue : TotalCount;
            while (left > 0 && !Stopping)
            {
                IList block = reader.Read(ReadCount <= 0 ? 0 : System.Math.Min(ReadCount, left));
                if (block == null || block.Count == 0)
                {
                    return;
                }

                left -= block.Count;
                origin.LinesRead += block.Count;
                if (block.Count == 1)
                {
                    WriteObject(origin.Mark(block[0]));
                }
                else
                {
                    WriteObject(origin.Mark(block));
                }
            }
        }

        private void ReadTail(IContentReader reader, ContentOrigin origin)
        {
            var last = new Queue<object>();
            for (IList block = reader.Read(1); block != null && block.Count > 0; block = reader.Read(1))
            {
                foreach (object line in block)
                {
                    last.Enqueue(line);
                    if (last.Count > Tail)
                    {
                        last.Dequeue();
                    }
                }
            }

            foreach (object line in last)
            {
                origin.LinesRead++;
                WriteObject(origin.Mark(line));
            }
        }

        /// <summary>Where a line came from; Get-Content says so on every object.</summary>
        private sealed class ContentOrigin
        {
            private readonly PSNoteProperty[] properties;

            public ContentOrigin(PathInfo path)
            {
                string qualified = path.Provider.FullName + "::" + path.ProviderPath;
                properties = new[]
                {
                    new PSNoteProperty("PSPath", qualified),
                    new PSNoteProperty("PSParentPath", path.Provider.FullName + "::" + System.IO.Path.GetDirectoryName(path.ProviderPath)),
                    new PSNoteProperty("PSChildName", System.IO.Path.GetFileName(path.ProviderPath)),
                    new PSNoteProperty("PSDrive", path.Drive),
                    new PSNoteProperty("PSProvider", path.Provider),
                };
            }

            public long LinesRead { get; set; }

            public PSObject Mark(object content)
            {
                PSObject marked = PSObject.AsPSObject(content);
                foreach (PSNoteProperty property in properties)
                {
                    marked.Properties.Add(property, preValidated: true);
                }

                marked.Properties.Add(new PSNoteProperty("ReadCount", LinesRead), preValidated: true);
                return marked;
            }
        }
    }

    /// <summary>Set-Content and Add-Content: the writers stay open for the whole pipeline.</summary>
    public abstract class WriteContentCommand : ForcedPathCommand
    {
        private List<IContentWriter> writers;

        [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        [AllowNull]
        [AllowEmptyCollection]
        public object[] Value { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return InvokeProvider.Content.GetContentWriterDynamicParameters(FirstPath, context);
        }

        protected override void ProcessRecord()
        {
            if (writers == null)
            {
                writers = new List<IContentWriter>();
                foreach (string path in Path)
                {
                    Attempt(() => Open(path));
                }
            }

            object[] content = Value ?? new object[] { null };
            foreach (IContentWriter writer in writers)
            {
                writer.Write(content);
            }

            if (PassThru && writers.Count > 0)
            {
                WriteObject(content, enumerateCollection: true);
            }
        }

        protected override void EndProcessing()
        {
            Close();
        }

        protected override void StopProcessing()
        {
            Close();
        }

        /// <summary>Prepares a target before it is opened.</summary>
        internal virtual void Prepare(string path)
        {
        }

        protected abstract void Position(IContentWriter writer);

        private void Open(string path)
        {
            if (!ShouldProcess(path))
            {
                return;
            }

            Prepare(path);
            foreach (IContentWriter writer in InvokeProvider.Content.GetWriter(path, Quiet()) ?? new Collection<IContentWriter>())
            {
                Position(writer);
                writers.Add(writer);
            }
        }

        /// <summary>A context that does not ask for confirmation a second time.</summary>
        internal CmdletProviderContext Quiet()
        {
            CmdletProviderContext context = NewContext();
            context.PassThru = false;
            return context;
        }

        private void Close()
        {
            foreach (IContentWriter writer in writers ?? new List<IContentWriter>())
            {
                writer.Close();
                writer.Dispose();
            }

            writers = null;
        }
    }

    [Cmdlet(VerbsCommon.Set, "Content", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
    public sealed class SetContentCommand : WriteContentCommand
    {
        internal override void Prepare(string path)
        {
            try
            {
                InvokeProvider.Content.Clear(path, Quiet());
            }
            catch (System.Exception e) when (e is ItemNotFoundException or PSNotSupportedException)
            {
                // Nothing to clear, or a provider that replaces content without clearing.
            }
        }

        protected override void Position(IContentWriter writer)
        {
        }
    }

    [Cmdlet(VerbsCommon.Add, "Content", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
    public sealed class AddContentCommand : WriteContentCommand
    {
        protected override void Position(IContentWriter writer)
        {
            writer.Seek(0, SeekOrigin.End);
        }
    }

    [Cmdlet(VerbsCommon.Clear, "Content", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
    public sealed class ClearContentCommand : ForcedPathCommand
    {
        protected override bool HandsOutItems => false;

        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return InvokeProvider.Content.ClearContentDynamicParameters(FirstPath, context);
        }

        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                Attempt(() => InvokeProvider.Content.Clear(path, NewContext()));
            }
        }
    }
}
