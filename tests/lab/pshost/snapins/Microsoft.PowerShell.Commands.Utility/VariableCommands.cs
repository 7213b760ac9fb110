// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Internal;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>What the cmdlets for variables share: scopes and name patterns.</summary>
    public abstract class VariableCommand : PSCmdlet
    {
        [Parameter]
        [ValidateNotNullOrEmpty]
        public string Scope { get; set; }

        /// <summary>The variables of the scope (default: of this one and those around it) whose names match.</summary>
        internal List<PSVariable> Find(string[] names, string[] include, string[] exclude, bool onlyThisScope)
        {
            var found = new List<PSVariable>();
            foreach (string name in names)
            {
                if (!WildcardPattern.ContainsWildcardCharacters(name))
                {
                    PSVariable exact = Get(name, onlyThisScope);
                    if (exact == null)
                    {
                        ReportMissing(name);
                    }
                    else if (IsWanted(exact.Name, include, exclude))
                    {
                        found.Add(exact);
                    }

                    continue;
                }

                var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
                found.AddRange(Table(onlyThisScope)
                    .Where(v => pattern.IsMatch(v.Name) && IsWanted(v.Name, include, exclude))
                    .OrderBy(v => v.Name, StringComparer.CurrentCultureIgnoreCase));
            }

            return found;
        }

        internal PSVariable Get(string name, bool onlyThisScope)
        {
            string scope = Scope ?? (onlyThisScope ? "local" : null);
            return scope == null
                ? SessionState.Internal.GetVariable(name)
                : SessionState.Internal.GetVariableAtScope(name, scope);
        }

        internal void Store(PSVariable variable, bool force)
        {
            if (Scope == null)
            {
                SessionState.Internal.SetVariable(variable, force, Context.EngineSessionState.CurrentScope is null
                    ? CommandOrigin.Internal
                    : CommandOrigin);
            }
            else
            {
                SessionState.Internal.SetVariableAtScope(variable, Scope, force, CommandOrigin);
            }
        }

        internal static void Attempt(Cmdlet cmdlet, Action action)
        {
            try
            {
                action();
            }
            catch (SessionStateException e)
            {
                cmdlet.WriteError(new ErrorRecord(e.ErrorRecord, e));
            }
            catch (PSArgumentException e)
            {
                cmdlet.WriteError(new ErrorRecord(e.ErrorRecord, e));
            }
        }

        private static bool IsWanted(string name, string[] include, string[] exclude)
        {
            bool Matches(string pattern) => WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch(name);
            return (include == null || include.Any(Matches)) && (exclude == null || !exclude.Any(Matches));
        }

        private IEnumerable<PSVariable> Table(bool onlyThisScope)
        {
            string scope = Scope ?? (onlyThisScope ? "local" : null);
            return scope == null
                ? SessionState.Internal.GetVariableTable().Values.ToArray()
                : SessionState.Internal.GetVariableTableAtScope(scope).Values.ToArray();
        }

        private void ReportMissing(string name)
        {
            var problem = new ItemNotFoundException(
                name, "VariableNotFound", "Cannot find a variable with the name '{0}'.");
            WriteError(new ErrorRecord(problem.ErrorRecord, problem));
        }
    }

    [Cmdlet(VerbsCommon.Get, "Variable")]
    [OutputType(typeof(PSVariable))]
    public sealed class GetVariableCommand : VariableCommand
    {
        [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        public string[] Name { get; set; } = { "*" };

        [Parameter]
        public SwitchParameter ValueOnly { get; set; }

        [Parameter]
        public string[] Include { get; set; }

        [Parameter]
        public string[] Exclude { get; set; }

        protected override void ProcessRecord()
        {
            foreach (PSVariable variable in Find(Name, Include, Exclude, onlyThisScope: false))
            {
                WriteObject(ValueOnly ? variable.Value : variable);
            }
        }
    }

    [Cmdlet(VerbsCommon.Set, "Variable", SupportsShouldProcess = true)]
    [OutputType(typeof(PSVariable))]
    public sealed class SetVariableCommand : VariableCommand
    {
        private readonly List<object> collected = new List<object>();
        private bool valueIsArgument;

        [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        public string[] Name { get; set; }

        [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        public object Value { get; set; } = AutomationNull.Value;

        [Parameter]
        public string[] Include { get; set; }

        [Parameter]
        public string[] Exclude { get; set; }

        [Parameter]
        public string Description { get; set; }

        [Parameter]
        public ScopedItemOptions Option { get; set; }

        [Parameter]
        public SessionStateEntryVisibility Visibility { get; set; }

        [Parameter]
        public SwitchParameter Force { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        protected override void BeginProcessing()
        {
            valueIsArgument = MyInvocation.BoundParameters.ContainsKey(nameof(Value));
        }

        protected override void ProcessRecord()
        {
            if (!valueIsArgument && Value != AutomationNull.Value)
            {
                collected.Add(Value);
            }
        }

        protected override void EndProcessing()
        {
            object value = Value == AutomationNull.Value ? null : Value;
            if (!valueIsArgument && collected.Count != 1)
            {
                value = collected.Count == 0 ? null : collected.ToArray();
            }

            foreach (string name in Name)
            {
                foreach (string target in Targets(name))
                {
                    Attempt(this, () => Set(target, value));
                }
            }
        }

        /// <summary>A pattern names the variables that exist; a name may be new.</summary>
        private IEnumerable<string> Targets(string name)
        {
            return WildcardPattern.ContainsWildcardCharacters(name)
                ? Find(new[] { name }, Include, Exclude, onlyThisScope: false).Select(v => v.Name).ToArray()
                : new[] { name };
        }

        private void Set(string name, object value)
        {
            if (!ShouldProcess($"Name: {name} Value: {value}", "Set variable"))
            {
                return;
            }

            bool Given(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
            PSVariable variable = Get(name, onlyThisScope: Scope == null);
            if (variable == null)
            {
                variable = new PSVariable(name, value, Given(nameof(Option)) ? Option : ScopedItemOptions.None)
                {
                    Description = Description ?? string.Empty,
                };
                if (Given(nameof(Visibility)))
                {
                    variable.Visibility = Visibility;
                }

                Store(variable, Force);
            }
            else
            {
                if (Force && (variable.Options & ScopedItemOptions.ReadOnly) != 0)
                {
                    variable.SetOptions(variable.Options & ~ScopedItemOptions.ReadOnly, true);
                }

                variable.Value = value;
                variable.Description = Description ?? variable.Description;
                if (Given(nameof(Option)))
                {
                    variable.SetOptions(Option, Force);
                }

                if (Given(nameof(Visibility)))
                {
                    variable.Visibility = Visibility;
                }
            }

            if (PassThru)
            {
                WriteObject(Get(name, onlyThisScope: Scope == null));
            }
        }
    }

    [Cmdlet(VerbsCommon.New, "Variable", SupportsShouldProcess = true)]
    public sealed class NewVariableCommand : VariableCommand
    {
        [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        public string Name { get; set; }

        [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        public object Value { get; set; }

        [Parameter]
        public string Description { get; set; }

        [Parameter]
        public ScopedItemOptions Option { get; set; }

        [Parameter]
        public SessionStateEntryVisibility Visibility { get; set; } = SessionStateEntryVisibility.Public;

        [Parameter]
        public SwitchParameter Force { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        protected override void ProcessRecord()
        {
            if (!Force && Get(Name, onlyThisScope: true) != null)
            {
                var problem = new SessionStateException(
                    Name,
                    SessionStateCategory.Variable,
                    "VariableAlreadyExists",
                    "A variable with name '{0}' already exists.",
                    ErrorCategory.ResourceExists);
                WriteError(new ErrorRecord(problem.ErrorRecord, problem));
                return;
            }

            if (!ShouldProcess($"Name: {Name} Value: {Value}", "New variable"))
            {
                return;
            }

            var variable = new PSVariable(Name, Value, Option) { Visibility = Visibility };
            if (Description != null)
            {
                variable.Description = Description;
            }

            Attempt(this, () =>
            {
                SessionState.Internal.NewVariableAtScope(variable, Scope ?? "local", Force);
                if (PassThru)
                {
                    WriteObject(variable);
                }
            });
        }
    }

    [Cmdlet(VerbsCommon.Remove, "Variable", SupportsShouldProcess = true)]
    public sealed class RemoveVariableCommand : VariableCommand
    {
        [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        public string[] Name { get; set; }

        [Parameter]
        public string[] Include { get; set; }

        [Parameter]
        public string[] Exclude { get; set; }

        [Parameter]
        public SwitchParameter Force { get; set; }

        protected override void ProcessRecord()
        {
            foreach (PSVariable variable in Find(Name, Include, Exclude, onlyThisScope: true))
            {
                if (ShouldProcess($"Name: {variable.Name}", "Remove variable"))
                {
                    Attempt(this, () => SessionState.Internal.RemoveVariableAtScope(variable, Scope ?? "local", Force));
                }
            }
        }
    }

    [Cmdlet(VerbsCommon.Clear, "Variable", SupportsShouldProcess = true)]
    public sealed class ClearVariableCommand : VariableCommand
    {
        [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        public string[] Name { get; set; }

        [Parameter]
        public string[] Include { get; set; }

        [Parameter]
        public string[] Exclude { get; set; }

        [Parameter]
        public SwitchParameter Force { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        protected override void ProcessRecord()
        {
            foreach (PSVariable variable in Find(Name, Include, Exclude, onlyThisScope: false))
            {
                if (!ShouldProcess($"Name: {variable.Name}", "Clear variable"))
                {
                    continue;
                }

                Attempt(this, () =>
                {
                    if (Force && (variable.Options & ScopedItemOptions.ReadOnly) != 0)
                    {
                        variable.SetOptions(variable.Options & ~ScopedItemOptions.ReadOnly, true);
                    }

                    variable.Value = null;
                    if (PassThru)
                    {
                        WriteObject(variable);
                    }
                });
            }
        }
    }
}
