// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands
{
    [Cmdlet(VerbsCommon.Get, "ItemProperty", DefaultParameterSetName = PathSet)]
    public sealed class GetItemPropertyCommand : FilteredPathCommand
    {
        [Parameter(Position = 1)]
        [Alias("PSProperty")]
        public string[] Name { get; set; }

        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return InvokeProvider.Property.GetPropertyDynamicParameters(FirstPath, Picked(), context);
        }

        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                Attempt(() => InvokeProvider.Property.Get(path, Picked(), NewContext()));
            }
        }

        private Collection<string> Picked()
        {
            return new Collection<string>((Name ?? System.Array.Empty<string>()).ToList());
        }
    }

    [Cmdlet(VerbsCommon.Get, "ItemPropertyValue", DefaultParameterSetName = PathSet)]
    public sealed class GetItemPropertyValueCommand : FilteredPathCommand
    {
        [Parameter(Position = 1, Mandatory = true)]
        [Alias("PSProperty")]
        public string[] Name { get; set; }

        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                Attempt(() => Write(path));
            }
        }

        private void Write(string path)
        {
            foreach (PSObject item in InvokeProvider.Property.Get(new[] { path }, new Collection<string>(Name.ToList()), Literal))
            {
                foreach (PSPropertyInfo property in Name.Select(name => item.Properties[name]).Where(p => p != null))
                {
                    WriteObject(property.Value);
                }
            }
        }
    }

    [Cmdlet(VerbsCommon.Set, "ItemProperty", DefaultParameterSetName = "propertyValuePathSet", SupportsShouldProcess = true)]
    public sealed class SetItemPropertyCommand : ProviderCommand
    {
        private string[] paths;

        [Parameter(Position = 0, ParameterSetName = "propertyPSObjectPathSet", Mandatory = true,
            ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        [Parameter(Position = 0, ParameterSetName = "propertyValuePathSet", Mandatory = true,
            ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        public string[] Path
        {
            get => paths;
            set => paths = value;
        }

        [Parameter(
            ParameterSetName = "propertyValueLiteralPathSet", Mandatory = true,
            ValueFromPipelineByPropertyName = true)]
        [Parameter(
            ParameterSetName = "propertyPSObjectLiteralPathSet", Mandatory = true,
            ValueFromPipelineByPropertyName = true)]
        [Alias("PSPath", "LP")]
        public string[] LiteralPath
        {
            get
            {
                return paths;
            }

            set
            {
                Literal = true;
                paths = value;
            }
        }

        [Parameter(
            Position = 1, ParameterSetName = "propertyValuePathSet", Mandatory = true,
            ValueFromPipelineByPropertyName = true)]
        [Parameter(
            Position = 1, ParameterSetName = "propertyValueLiteralPathSet", Mandatory = true,
            ValueFromPipelineByPropertyName = true)]
        [Alias("PSProperty")]
        public string Name { get; set; }

        [Parameter(
            Position = 2, ParameterSetName = "propertyValuePathSet", Mandatory = true,
            ValueFromPipelineByPropertyName = true)]
        [Parameter(
            Position = 2, ParameterSetName = "propertyValueLiteralPathSet", Mandatory = true,
            ValueFromPipelineByPropertyName = true)]
        [AllowNull]
        public object Value { get; set; }

        [Parameter(
            ParameterSetName = "propertyPSObjectPathSet", Mandatory = true, ValueFromPipelineByPropertyName = true,
            ValueFromPipeline = true)]
        [Parameter(
            ParameterSetName = "propertyPSObjectLiteralPathSet", Mandatory = true,
            ValueFromPipelineByPropertyName = true, ValueFromPipeline = true)]
        public PSObject InputObject { get; set; }

        [Parameter]
        public override SwitchParameter Force { get; set; }

        [Parameter]
        public override string Filter { get; set; }

        [Parameter]
        public override string[] Include { get; set; }

        [Parameter]
        public override string[] Exclude { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        protected override bool HandsOutItems => PassThru;

        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return InvokeProvider.Property.SetPropertyDynamicParameters(
                paths is { Length: > 0 } ? paths[0] : ".", Name == null ? null : Values(), context);
        }

        protected override void ProcessRecord()
        {
            foreach (string path in paths)
            {
                Attempt(() => InvokeProvider.Property.Set(path, Values(), NewContext()));
            }
        }

        private PSObject Values()
        {
            if (Name == null)
            {
                return InputObject;
            }

            var values = new PSObject();
            values.Properties.Add(new PSNoteProperty(Name, Value));
            return values;
        }
    }

    [Cmdlet(VerbsCommon.New, "ItemProperty", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
    public sealed class NewItemPropertyCommand : ForcedPathCommand
    {
        [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [Alias("PSProperty")]
        public string Name { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        [Alias("Type")]
        public string PropertyType { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        public object Value { get; set; }

        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return InvokeProvider.Property.NewPropertyDynamicParameters(FirstPath, Name, PropertyType, Value, context);
        }

        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                Attempt(() => InvokeProvider.Property.New(path, Name, PropertyType, Value, NewContext()));
            }
        }
    }

    [Cmdlet(VerbsCommon.Remove, "ItemProperty", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
    public sealed class RemoveItemPropertyCommand : ForcedPathCommand
    {
        [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [Alias("PSProperty")]
        public string[] Name { get; set; }

        protected override bool HandsOutItems => false;

        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                foreach (string name in Name)
                {
                    Attempt(() => InvokeProvider.Property.Remove(path, name, NewContext()));
                }
            }
        }
    }

    [Cmdlet(VerbsCommon.Clear, "ItemProperty", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
    public sealed class ClearItemPropertyCommand : ForcedPathCommand
    {
        [Parameter(Position = 1, Mandatory = true)]
        public string Name { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        protected override bool HandsOutItems => PassThru;

        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                Attempt(() => InvokeProvider.Property.Clear(path, new Collection<string> { Name }, NewContext()));
            }
        }
    }

    [Cmdlet(VerbsCommon.Rename, "ItemProperty", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
    public sealed class RenameItemPropertyCommand : ForcedPathCommand
    {
        [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [Alias("PSProperty")]
        public string Name { get; set; }

        [Parameter(Position = 2, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        public string NewName { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        protected override bool HandsOutItems => PassThru;

        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                Attempt(() => InvokeProvider.Property.Rename(path, Name, NewName, NewContext()));
            }
        }
    }
}
