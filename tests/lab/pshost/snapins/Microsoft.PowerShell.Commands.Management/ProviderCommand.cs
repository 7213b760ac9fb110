// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>
    /// What all cmdlets over providers share: each builds the engine's provider context, so that wildcards, filters,
    /// dynamic parameters, confirmation and error records are the engine's own.
    /// </summary>
    public abstract class ProviderCommand : PSCmdlet, IDynamicParameters
    {
        private object dynamicParameters;

        public virtual SwitchParameter Force { get; set; }

        public virtual string Filter { get; set; }

        public virtual string[] Include { get; set; }

        public virtual string[] Exclude { get; set; }

        /// <summary>Paths are taken as they are, without wildcards.</summary>
        protected bool Literal { get; set; }

        protected virtual bool HandsOutItems => true;

        public object GetDynamicParameters()
        {
            CmdletProviderContext context = NewContext();
            context.PassThru = false;
            try
            {
                dynamicParameters = DynamicParametersFor(context);
            }
            catch (Exception e) when (e is PSNotSupportedException || IsMissing(e))
            {
                // The command itself will report it.
                dynamicParameters = null;
            }

            return dynamicParameters;
        }

        internal CmdletProviderContext NewContext()
        {
            var context = new CmdletProviderContext(this)
            {
                Force = Force,
                SuppressWildcardExpansion = Literal,
                DynamicParameters = dynamicParameters,
                PassThru = HandsOutItems,
            };
            context.SetFilters(List(Include), List(Exclude), Filter);
            return context;
        }

        internal virtual object DynamicParametersFor(CmdletProviderContext context)
        {
            return null;
        }

        /// <summary>Does something for one path; what the engine reports about that path does not end the rest.</summary>
        internal void Attempt(Action action)
        {
            try
            {
                action();
            }
            catch (Exception e) when (e is PSNotSupportedException || IsMissing(e))
            {
                WriteError(new ErrorRecord(((IContainsErrorRecord)e).ErrorRecord, e));
            }
        }

        private static bool IsMissing(Exception e)
        {
            return e is DriveNotFoundException or ProviderNotFoundException or ItemNotFoundException;
        }

        private static Collection<string> List(string[] values)
        {
            return values == null ? null : new Collection<string>(values.ToList());
        }
    }

    /// <summary>A cmdlet with -Path (wildcards) and -LiteralPath (none).</summary>
    public abstract class PathCommand : ProviderCommand
    {
        protected const string PathSet = "Path";
        protected const string LiteralPathSet = "LiteralPath";

        [Parameter(Position = 0, ParameterSetName = PathSet, Mandatory = true,
            ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        public string[] Path { get; set; }

        [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true,
            ValueFromPipeline = false, ValueFromPipelineByPropertyName = true)]
        [Alias("PSPath", "LP")]
        public string[] LiteralPath
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

        protected string FirstPath => Path is { Length: > 0 } ? Path[0] : ".";
    }

    /// <summary>The same with filters.</summary>
    public abstract class FilteredPathCommand : PathCommand
    {
        [Parameter]
        public override string Filter { get; set; }

        [Parameter]
        public override string[] Include { get; set; }

        [Parameter]
        public override string[] Exclude { get; set; }
    }

    /// <summary>The same with filters and -Force.</summary>
    public abstract class ForcedPathCommand : FilteredPathCommand
    {
        [Parameter]
        public override SwitchParameter Force { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        [Credential]
        public PSCredential Credential { get; set; }
    }
}
