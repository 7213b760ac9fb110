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
    [Cmdlet(VerbsCommon.Select, "Object", DefaultParameterSetName = DefaultSet)]
    public sealed class SelectObjectCommand : PSCmdlet
    {
        private const string DefaultSet = "DefaultParameter";
        private const string IndexSet = "IndexParameter";
        private const string SkipLastSet = "SkipLastParameter";

        private readonly Queue<PSObject> held = new Queue<PSObject>();
        private readonly List<PSObject> unique = new List<PSObject>();
        private PropertyExpression[] properties;
        private PropertyExpression expand;
        private WildcardPattern[] excluded = Array.Empty<WildcardPattern>();
        private int seen;
        private int given;

        [Parameter(ValueFromPipeline = true)]
        public PSObject InputObject { get; set; } = AutomationNull.Value;

        [Parameter(Position = 0, ParameterSetName = DefaultSet)]
        [Parameter(Position = 0, ParameterSetName = SkipLastSet)]
        public object[] Property { get; set; }

        [Parameter(ParameterSetName = DefaultSet)]
        [Parameter(ParameterSetName = SkipLastSet)]
        public string[] ExcludeProperty { get; set; }

        [Parameter(ParameterSetName = DefaultSet)]
        [Parameter(ParameterSetName = SkipLastSet)]
        public string ExpandProperty { get; set; }

        [Parameter]
        public SwitchParameter Unique { get; set; }

        [Parameter]
        public SwitchParameter CaseInsensitive { get; set; }

        [Parameter(ParameterSetName = DefaultSet)]
        [ValidateRange(0, int.MaxValue)]
        public int Last { get; set; }

        [Parameter(ParameterSetName = DefaultSet)]
        [ValidateRange(0, int.MaxValue)]
        public int First { get; set; }

        [Parameter(ParameterSetName = DefaultSet)]
        [Parameter(ParameterSetName = SkipLastSet)]
        [ValidateRange(0, int.MaxValue)]
        public int Skip { get; set; }

        [Parameter(ParameterSetName = SkipLastSet)]
        [ValidateRange(0, int.MaxValue)]
        public int SkipLast { get; set; }

        [Parameter(ParameterSetName = DefaultSet)]
        [Parameter(ParameterSetName = IndexSet)]
        public SwitchParameter Wait { get; set; }

        [Parameter(ParameterSetName = IndexSet)]
        public int[] Index { get; set; }

        private bool FirstGiven => MyInvocation.BoundParameters.ContainsKey(nameof(First));

        private bool LastGiven => MyInvocation.BoundParameters.ContainsKey(nameof(Last));

        protected override void BeginProcessing()
        {
            properties = PropertyExpression.Parse(this, Property);
            if (ExpandProperty != null)
            {
                expand = PropertyExpression.Parse(this, new object[] { ExpandProperty })[0];
            }

            if (ExcludeProperty != null)
            {
                excluded = ExcludeProperty.Select(e => WildcardPattern.Get(e, WildcardOptions.IgnoreCase)).ToArray();

                // -ExcludeProperty alone is a selection of everything else.
                properties ??= PropertyExpression.Parse(this, new object[] { "*" });
            }
        }

        protected override void ProcessRecord()
        {
            if (InputObject == AutomationNull.Value)
            {
                return;
            }

            int number = seen++;
            if (ParameterSetName == IndexSet)
            {
                TakeIndexed(number);
            }
            else if (ParameterSetName == SkipLastSet)
            {
                TakeUntilLast(number);
            }
            else if (LastGiven)
            {
                TakeLast(number);
            }
            else if (number >= Skip)
            {
                TakeFirst();
            }
        }

        protected override void EndProcessing()
        {
            if (LastGiven)
            {
                // -Skip counts from the end here.
                foreach (PSObject item in held.Take(held.Count - (FirstGiven ? 0 : Skip)))
                {
                    Select(item);
                }
            }

            if (Unique)
            {
                unique.ForEach(WriteObject);
            }
        }

        private void TakeIndexed(int number)
        {
            if (Index.Contains(number))
            {
                Select(InputObject);
            }

            if (!Wait && Index.Length > 0 && number >= Index.Max())
            {
                StopUpstream();
            }
        }

        private void TakeUntilLast(int number)
        {
            if (number < Skip)
            {
                return;
            }

            held.Enqueue(InputObject);
            if (held.Count > SkipLast)
            {
                Select(held.Dequeue());
            }
        }

        private void TakeLast(int number)
        {
            if (FirstGiven && number >= Skip && given < First)
            {
                given++;
                Select(InputObject);
                return;
            }

            held.Enqueue(InputObject);
            if (held.Count > Last + (FirstGiven ? 0 : Skip))
            {
                held.Dequeue();
            }
        }

        private void TakeFirst()
        {
            if (!FirstGiven)
            {
                Select(InputObject);
                return;
            }

            if (given < First)
            {
                given++;
                Select(InputObject);
            }

            if (given >= First && !Wait)
            {
                StopUpstream();
            }
        }

        /// <summary>Enough: tells the commands before this one in the pipeline to stop.</summary>
        private void StopUpstream()
        {
            EndProcessing();
            throw new StopUpstreamCommandsException(this);
        }

        private void Select(PSObject item)
        {
            if (expand != null)
            {
                Expand(item);
            }
            else
            {
                Emit(properties == null ? item : Shape(item));
            }
        }

        private PSObject Shape(PSObject item)
        {
            var result = new PSObject();
            if (item != null)
            {
                result.TypeNames.Insert(0, "Selected." + item.TypeNames[0]);
            }

            foreach (PropertyExpression property in properties)
            {
                bool any = false;
                foreach ((string name, object value, Exception problem) in property.Evaluate(item ?? new PSObject()))
                {
                    any = true;
                    if (property.IsPattern && (excluded.Any(e => e.IsMatch(name)) || result.Properties[name] != null))
                    {
                        continue;
                    }

                    Add(result, name, problem == null ? value : null);
                }

                if (!any && !property.IsPattern)
                {
                    Add(result, property.Label ?? property.Text, null);
                }
            }

            return result;
        }

        private void Add(PSObject result, string name, object value)
        {
            if (excluded.Any(e => e.IsMatch(name)))
            {
                return;
            }

            if (result.Properties[name] != null)
            {
                WriteError(new ErrorRecord(
                    new PSArgumentException($"The property cannot be processed because the property \"{name}\" already exists."),
                    "AlreadyExistingUserSpecifiedPropertyNoExpand",
                    ErrorCategory.InvalidOperation,
                    result));
                return;
            }

            result.Properties.Add(new PSNoteProperty(name, value));
        }

        private void Expand(PSObject item)
        {
            var found = expand.Evaluate(item ?? new PSObject()).ToArray();
            if (found.Length == 0)
            {
                WriteError(new ErrorRecord(
                    new PSArgumentException($"Property \"{ExpandProperty}\" cannot be found."),
                    "ExpandPropertyNotFound",
                    ErrorCategory.InvalidArgument,
                    item));
                return;
            }

            if (found.Length > 1)
            {
                WriteError(new ErrorRecord(
                    new PSArgumentException("Multiple properties cannot be expanded."),
                    "MutlipleExpandProperties",
                    ErrorCategory.InvalidArgument,
                    item));
                return;
            }

            if (found[0].Problem != null)
            {
                WriteError(new ErrorRecord(found[0].Problem, "PropertyEvaluationExpand", ErrorCategory.InvalidResult, item));
                return;
            }

            var values = LanguagePrimitives.GetEnumerable(found[0].Value);
            foreach (object value in values ?? new[] { found[0].Value })
            {
                EmitExpanded(item, value);
            }
        }

        /// <summary>With -Property as well, what was selected is added to each expanded value.</summary>
        private void EmitExpanded(PSObject item, object value)
        {
            if (value == null)
            {
                if (!Unique)
                {
                    WriteObject(null);
                }

                return;
            }

            PSObject expanded = PSObject.AsPSObject(value, storeTypeNameAndInstanceMembersLocally: properties != null);
            if (properties != null)
            {
                foreach (PSPropertyInfo property in Shape(item).Properties)
                {
                    if (expanded.Properties[property.Name] == null)
                    {
                        expanded.Properties.Add(new PSNoteProperty(property.Name, property.Value));
                    }
                }
            }

            Emit(expanded);
        }

        private void Emit(PSObject item)
        {
            if (!Unique)
            {
                WriteObject(item);
            }
            else if (!unique.Any(u => ObjectEquality.SameContent(u, item, CaseInsensitive)))
            {
                unique.Add(item);
            }
        }
    }
}
