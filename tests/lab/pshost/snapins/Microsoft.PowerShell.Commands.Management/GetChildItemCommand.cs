// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>-File, -Directory, -Hidden, -Attributes and so on are dynamic parameters of the engine's file system.</summary>
    [Cmdlet(VerbsCommon.Get, "ChildItem", DefaultParameterSetName = "Items")]
    public sealed class GetChildItemCommand : ProviderCommand
    {
        private string[] paths;

        [Parameter(
            Position = 0, ParameterSetName = "Items", ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        public string[] Path
        {
            get => paths;
            set => paths = value;
        }

        [Parameter(ParameterSetName = "LiteralItems", Mandatory = true, ValueFromPipelineByPropertyName = true)]
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

        [Parameter(Position = 1)]
        public override string Filter { get; set; }

        [Parameter]
        public override string[] Include { get; set; }

        [Parameter]
        public override string[] Exclude { get; set; }

        [Parameter]
        [Alias("s", "r")]
        public SwitchParameter Recurse { get; set; }

        [Parameter]
        public uint Depth { get; set; } = uint.MaxValue;

        [Parameter]
        public override SwitchParameter Force { get; set; }

        [Parameter]
        public SwitchParameter Name { get; set; }

        // -Depth alone means -Recurse, too.
        private bool Deep => Recurse || MyInvocation.BoundParameters.ContainsKey(nameof(Depth));

        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            string path = paths is { Length: > 0 } ? paths[0] : ".";
            return Name
                ? InvokeProvider.ChildItem.GetChildNamesDynamicParameters(path, context)
                : InvokeProvider.ChildItem.GetChildItemsDynamicParameters(path, Deep, context);
        }

        protected override void ProcessRecord()
        {
            foreach (string path in paths is { Length: > 0 } ? paths : new[] { string.Empty })
            {
                if (Name)
                {
                    Attempt(() => InvokeProvider.ChildItem.GetNames(
                        path, ReturnContainers.ReturnMatchingContainers, Deep, Depth, NewContext()));
                }
                else
                {
                    Attempt(() => InvokeProvider.ChildItem.Get(path, Deep, Depth, NewContext()));
                }
            }
        }
    }
}
