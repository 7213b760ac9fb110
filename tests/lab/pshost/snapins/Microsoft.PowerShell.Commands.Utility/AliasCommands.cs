// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands
{
    [Cmdlet(VerbsCommon.Get, "Alias", DefaultParameterSetName = "Default")]
    [OutputType(typeof(AliasInfo))]
    public sealed class GetAliasCommand : PSCmdlet
    {
        [Parameter(
            Position = 0, ParameterSetName = "Default", ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        public string[] Name { get; set; } = { "*" };

        [Parameter]
        public string[] Exclude { get; set; } = Array.Empty<string>();

        [Parameter]
        public string Scope { get; set; }

        [Parameter(ParameterSetName = "Definition")]
        public string[] Definition { get; set; }

        protected override void ProcessRecord()
        {
            IEnumerable<AliasInfo> all = Scope == null
                ? SessionState.Internal.GetAliasTable().Values
                : SessionState.Internal.GetAliasTableAtScope(Scope).Values;
            AliasInfo[] aliases = all.Where(a => !Exclude.Any(e => Matches(e, a.Name))).OrderBy(a => a.Name).ToArray();
            bool byDefinition = ParameterSetName == "Definition";
            foreach (string wanted in byDefinition ? Definition : Name)
            {
                AliasInfo[] found = aliases.Where(a => Matches(wanted, byDefinition ? a.Definition : a.Name)).ToArray();
                WriteObject(found, enumerateCollection: true);
                if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(wanted))
                {
                    string what = byDefinition ? "definition" : "name";
                    var problem = new ItemNotFoundException("This command cannot find a matching alias because an alias with "
                        + $"the {what} '{wanted}' does not exist.");
                    WriteError(new ErrorRecord(problem, "ItemNotFoundException", ErrorCategory.ObjectNotFound, wanted));
                }
            }
        }

        private static bool Matches(string pattern, string text)
        {
            return WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch(text);
        }
    }

    /// <summary>Set-Alias and New-Alias.</summary>
    public abstract class WriteAliasCommand : PSCmdlet
    {
        [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        public string Name { get; set; }

        [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        public string Value { get; set; }

        [Parameter]
        public string Description { get; set; } = string.Empty;

        [Parameter]
        public ScopedItemOptions Option { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        [Parameter]
        public string Scope { get; set; }

        [Parameter]
        public SwitchParameter Force { get; set; }

        protected void Store()
        {
            if (!ShouldProcess($"Name: {Name} Value: {Value}", MyInvocation.MyCommand.Name))
            {
                return;
            }

            var alias = new AliasInfo(Name, Value, Context, Option) { Description = Description };
            try
            {
                AliasInfo stored = Scope == null
                    ? SessionState.Internal.SetAliasItem(alias, Force, CommandOrigin)
                    : SessionState.Internal.SetAliasItemAtScope(alias, Scope, Force, CommandOrigin);
                if (PassThru)
                {
                    WriteObject(stored);
                }
            }
            catch (SessionStateException e)
            {
                WriteError(new ErrorRecord(e.ErrorRecord, e));
            }
        }
    }

    [Cmdlet(VerbsCommon.Set, "Alias", SupportsShouldProcess = true)]
    [OutputType(typeof(AliasInfo))]
    public sealed class SetAliasCommand : WriteAliasCommand
    {
        protected override void ProcessRecord()
        {
            Store();
        }
    }

    [Cmdlet(VerbsCommon.New, "Alias", SupportsShouldProcess = true)]
    [OutputType(typeof(AliasInfo))]
    public sealed class NewAliasCommand : WriteAliasCommand
    {
        protected override void ProcessRecord()
        {
            AliasInfo known = Scope == null
                ? SessionState.Internal.GetAlias(Name)
                : SessionState.Internal.GetAliasAtScope(Name, Scope);
            if (!Force && known != null)
            {
                var problem = new SessionStateException(
                    Name,
                    SessionStateCategory.Alias,
                    "AliasAlreadyExists",
                    "The alias is not allowed, because an alias with the name '{0}' already exists.",
                    ErrorCategory.ResourceExists);
                WriteError(new ErrorRecord(problem.ErrorRecord, problem));
                return;
            }

            Store();
        }
    }
}
