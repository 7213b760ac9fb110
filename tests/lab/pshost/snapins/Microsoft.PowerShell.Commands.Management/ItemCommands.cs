// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands
{
    [Cmdlet(VerbsCommon.Get, "Item", DefaultParameterSetName = PathSet)]
    public sealed class GetItemCommand : ForcedPathCommand
    {
        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return InvokeProvider.Item.GetItemDynamicParameters(FirstPath, context);
        }

        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                Attempt(() => InvokeProvider.Item.Get(path, NewContext()));
            }
        }
    }

    [Cmdlet(VerbsCommon.New, "Item", DefaultParameterSetName = "pathSet", SupportsShouldProcess = true)]
    public sealed class NewItemCommand : ProviderCommand
    {
        [Parameter(
            Position = 0, ParameterSetName = "pathSet", Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [Parameter(Position = 0, ParameterSetName = "nameSet", ValueFromPipelineByPropertyName = true)]
        public string[] Path { get; set; }

        [Parameter(ParameterSetName = "nameSet", Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [AllowNull]
        [AllowEmptyString]
        public string Name { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        [Alias("Type")]
        public string ItemType { get; set; }

        [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        [Alias("Target")]
        public object Value { get; set; }

        [Parameter]
        public override SwitchParameter Force { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        [Credential]
        public PSCredential Credential { get; set; }

        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return InvokeProvider.Item.NewItemDynamicParameters(Path is { Length: > 0 } ? Path[0] : ".", ItemType, Value, context);
        }

        protected override void ProcessRecord()
        {
            foreach (string path in Path is { Length: > 0 } ? Path : new[] { string.Empty })
            {
                Attempt(() => InvokeProvider.Item.New(path, Name, ItemType, Value, NewContext()));
            }
        }
    }

    [Cmdlet(VerbsCommon.Set, "Item", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
    public sealed class SetItemCommand : ForcedPathCommand
    {
        [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        public object Value { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        protected override bool HandsOutItems => PassThru;

        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return InvokeProvider.Item.SetItemDynamicParameters(FirstPath, Value, context);
        }

        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                Attempt(() => InvokeProvider.Item.Set(path, Value, NewContext()));
            }
        }
    }

    [Cmdlet(VerbsCommon.Clear, "Item", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
    public sealed class ClearItemCommand : ForcedPathCommand
    {
        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return InvokeProvider.Item.ClearItemDynamicParameters(FirstPath, context);
        }

        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                Attempt(() => InvokeProvider.Item.Clear(path, NewContext()));
            }
        }
    }

    [Cmdlet(VerbsCommon.Remove, "Item", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
    public sealed class RemoveItemCommand : ForcedPathCommand
    {
        private bool yesToAll;
        private bool noToAll;

        [Parameter]
        public SwitchParameter Recurse { get; set; }

        protected override bool HandsOutItems => false;

        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return InvokeProvider.Item.RemoveItemDynamicParameters(FirstPath, Recurse, context);
        }

        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                Attempt(() => Remove(path));
            }
        }

        private void Remove(string path)
        {
            foreach (PathInfo found in Resolve(path))
            {
                CmdletProviderContext context = NewContext();
                context.SuppressWildcardExpansion = true;
                bool recurse = Recurse;
                if (!recurse && HasChildren(found.Path))
                {
                    // An interactive host asks; one that cannot ask fails here, as powershell.exe -NonInteractive does.
                    string question = $"The item at {found.Path} has children and the Recurse parameter was not specified. "
                        + "If you continue, all children will be removed with the item. Are you sure you want to continue?";
                    if (!ShouldContinue(question, "Confirm", ref yesToAll, ref noToAll))
                    {
                        continue;
                    }

                    recurse = true;
                }

                Attempt(() => InvokeProvider.Item.Remove(found.Path, recurse, context));
            }
        }

        private IEnumerable<PathInfo> Resolve(string path)
        {
            CmdletProviderContext context = NewContext();
            context.PassThru = false;
            return SessionState.Path.GetResolvedPSPathFromPSPath(path, context).ToArray();
        }

        private bool HasChildren(string path)
        {
            CmdletProviderContext context = new CmdletProviderContext(this) { SuppressWildcardExpansion = true };
            try
            {
                return InvokeProvider.Item.IsContainer(path, context) && InvokeProvider.ChildItem.HasChild(path, context);
            }
            catch (PSNotSupportedException)
            {
                return false;
            }
        }
    }

    /// <summary>Copy-Item and Move-Item: from here to there.</summary>
    public abstract class TransferItemCommand : ForcedPathCommand
    {
        [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
        public string Destination { get; set; } = ".";

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        protected override bool HandsOutItems => PassThru;
    }

    [Cmdlet(VerbsCommon.Copy, "Item", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
    public sealed class CopyItemCommand : TransferItemCommand
    {
        [Parameter]
        public SwitchParameter Container { get; set; } = true;

        [Parameter]
        public SwitchParameter Recurse { get; set; }

        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return InvokeProvider.Item.CopyItemDynamicParameters(FirstPath, Destination, Recurse, context);
        }

        protected override void ProcessRecord()
        {
            CopyContainers containers = Container ? CopyContainers.CopyTargetContainer : CopyContainers.CopyChildrenOfTargetContainer;
            foreach (string path in Path)
            {
                Attempt(() => InvokeProvider.Item.Copy(path, Destination, Recurse, containers, NewContext()));
            }
        }
    }

    [Cmdlet(VerbsCommon.Move, "Item", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
    public sealed class MoveItemCommand : TransferItemCommand
    {
        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return InvokeProvider.Item.MoveItemDynamicParameters(FirstPath, Destination, context);
        }

        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                Attempt(() => InvokeProvider.Item.Move(path, Destination, NewContext()));
            }
        }
    }

    [Cmdlet(VerbsCommon.Rename, "Item", DefaultParameterSetName = "ByPath", SupportsShouldProcess = true)]
    public sealed class RenameItemCommand : ProviderCommand
    {
        [Parameter(Position = 0, Mandatory = true, ParameterSetName = "ByPath",
            ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        public string Path { get; set; }

        [Parameter(Mandatory = true, ParameterSetName = "ByLiteralPath", ValueFromPipelineByPropertyName = true)]
        [Alias("PSPath", "LP")]
        public string LiteralPath
        {
            get
            {
                return Path;
            }

            set
            {
                Literal = true;
                Path = value;
            }
        }

        [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        public string NewName { get; set; }

        [Parameter]
        public override SwitchParameter Force { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        protected override bool HandsOutItems => PassThru;

        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return InvokeProvider.Item.RenameItemDynamicParameters(Path, NewName, context);
        }

        protected override void ProcessRecord()
        {
            Attempt(() => InvokeProvider.Item.Rename(Path, NewName, NewContext()));
        }
    }
}
