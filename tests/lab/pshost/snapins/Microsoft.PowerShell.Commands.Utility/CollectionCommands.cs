// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Internal;

namespace Microsoft.PowerShell.Commands
{
    [Cmdlet("Sort", "Object", DefaultParameterSetName = "Default")]
    public sealed class SortObjectCommand : PSCmdlet
    {
        private readonly List<PSObject> items = new List<PSObject>();

        [Parameter(ValueFromPipeline = true)]
        public PSObject InputObject { get; set; } = AutomationNull.Value;

        [Parameter(Position = 0)]
        public object[] Property { get; set; }

        [Parameter]
        public SwitchParameter Descending { get; set; }

        [Parameter]
        public SwitchParameter Unique { get; set; }

        [Parameter]
        public SwitchParameter CaseSensitive { get; set; }

        [Parameter]
        public SwitchParameter Stable { get; set; }

        [Parameter]
        public string Culture { get; set; }

        [Parameter(ParameterSetName = "Top", Mandatory = true)]
        [ValidateRange(1, int.MaxValue)]
        public int Top { get; set; }

        [Parameter(ParameterSetName = "Bottom", Mandatory = true)]
        [ValidateRange(1, int.MaxValue)]
        public int Bottom { get; set; }

        protected override void ProcessRecord()
        {
            if (InputObject != null && InputObject != AutomationNull.Value)
            {
                items.Add(InputObject);
            }
        }

        protected override void EndProcessing()
        {
            PropertyExpression[] properties = PropertyExpression.Parse(this, Property);
            var keyed = items.Select(i => (Item: i, Keys: Keys(properties, i))).ToArray();
            IEnumerable<(PSObject Item, SortKey[] Keys)> sorted = keyed.OrderBy(
                k => k.Keys, Comparer<SortKey[]>.Create((a, b) => CompareKeys(properties, a, b)));
            if (Unique)
            {
                sorted = WithoutRepeats(properties, sorted);
            }

            var result = sorted.Select(s => s.Item).ToList();
            if (Top > 0)
            {
                result = result.Take(Top).ToList();
            }
            else if (Bottom > 0)
            {
                result = result.Skip(result.Count - Bottom).ToList();
            }

            result.ForEach(WriteObject);
        }

        private static SortKey[] Keys(PropertyExpression[] properties, PSObject item)
        {
            return properties == null
                ? new[] { new SortKey(true, item) }
                : properties.Select(p => new SortKey(p.IsPresentOn(item), p.Value(item))).ToArray();
        }

        private IEnumerable<(PSObject Item, SortKey[] Keys)> WithoutRepeats(
            PropertyExpression[] properties, IEnumerable<(PSObject Item, SortKey[] Keys)> sorted)
        {
            SortKey[] previous = null;
            foreach (var entry in sorted)
            {
                if (previous == null || CompareKeys(properties, previous, entry.Keys) != 0)
                {
                    previous = entry.Keys;
                    yield return entry;
                }
            }
        }

        private int CompareKeys(PropertyExpression[] properties, SortKey[] first, SortKey[] second)
        {
            for (int i = 0; i < first.Length; i++)
            {
                // What lacks the property comes last, whatever the direction.
                if (first[i].Present != second[i].Present)
                {
                    return first[i].Present ? -1 : 1;
                }

                int result = ObjectEquality.Compare(first[i].Value, second[i].Value, !CaseSensitive);
                if (result != 0)
                {
                    return properties?[i].Descending ?? Descending ? -result : result;
                }
            }

            return 0;
        }

        private readonly record struct SortKey(bool Present, object Value);
    }

    [Cmdlet(VerbsCommon.Get, "Unique", DefaultParameterSetName = "AsString")]
    public sealed class GetUniqueCommand : PSCmdlet
    {
        private PSObject last;

        [Parameter(ValueFromPipeline = true)]
        public PSObject InputObject { get; set; } = AutomationNull.Value;

        [Parameter(ParameterSetName = "AsString")]
        public SwitchParameter AsString { get; set; }

        [Parameter(ParameterSetName = "UniqueByType")]
        public SwitchParameter OnType { get; set; }

        [Parameter]
        public SwitchParameter CaseInsensitive { get; set; }

        protected override void ProcessRecord()
        {
            bool same = last != null && (OnType
                ? string.Equals(InputObject.TypeNames[0], last.TypeNames[0], StringComparison.OrdinalIgnoreCase)
                : AsString || InputObject.BaseObject is string
                    ? string.Equals(
                        InputObject.ToString(),
                        last.ToString(),
                        CaseInsensitive ? StringComparison.CurrentCultureIgnoreCase : StringComparison.CurrentCulture)
                    : ObjectEquality.Compare(InputObject, last, CaseInsensitive) == 0);
            if (!same)
            {
                WriteObject(InputObject);
                last = InputObject;
            }
        }
    }

    /// <summary>A group that Group-Object found.</summary>
    public class GroupInfo
    {
        internal GroupInfo(string name, IEnumerable<object> values)
        {
            Name = name;
            Values = new ArrayList(values.ToArray());
        }

        public ArrayList Values { get; }

        public Collection<PSObject> Group { get; internal set; } = new Collection<PSObject>();

        public string Name { get; }

        public int Count { get; internal set; }

        internal void Add(PSObject item)
        {
            Group.Add(item);
            Count++;
        }
    }

    /// <summary>A group of which only the number is wanted.</summary>
    public sealed class GroupInfoNoElement : GroupInfo
    {
        internal GroupInfoNoElement(GroupInfo full)
            : base(full.Name, full.Values.Cast<object>())
        {
            Count = full.Count;
        }
    }

    [Cmdlet(VerbsData.Group, "Object", DefaultParameterSetName = "HashTable")]
    [OutputType(typeof(Hashtable), typeof(GroupInfo))]
    public sealed class GroupObjectCommand : PSCmdlet
    {
        private readonly List<PSObject> items = new List<PSObject>();

        [Parameter(ValueFromPipeline = true)]
        public PSObject InputObject { get; set; } = AutomationNull.Value;

        [Parameter(Position = 0)]
        public object[] Property { get; set; }

        [Parameter]
        public SwitchParameter NoElement { get; set; }

        [Parameter]
        [Alias("AHT")]
        public SwitchParameter AsHashTable { get; set; }

        [Parameter]
        public SwitchParameter AsString { get; set; }

        [Parameter]
        public SwitchParameter CaseSensitive { get; set; }

        [Parameter]
        public string Culture { get; set; }

        protected override void ProcessRecord()
        {
            if (InputObject != AutomationNull.Value)
            {
                items.Add(InputObject);
            }
        }

        protected override void EndProcessing()
        {
            PropertyExpression[] properties = PropertyExpression.Parse(this, Property);
            var groups = new List<GroupInfo>();
            foreach (PSObject item in items)
            {
                object[] values = properties == null
                    ? new object[] { item }
                    : properties.Select(p => p.Value(item)).ToArray();
                GroupInfo group = groups.Find(g => Same(g, values));
                if (group == null)
                {
                    group = new GroupInfo(string.Join(", ", values.Select(Text)), values);
                    groups.Add(group);
                }

                group.Add(item);
            }

            if (AsHashTable)
            {
                WriteObject(Table(groups));
                return;
            }

            IComparer<object> order = Comparer<object>.Create((a, b) => ObjectEquality.Compare(a, b, !CaseSensitive));
            IEnumerable<GroupInfo> sorted = groups.OrderBy(g => g.Values[0], order).ThenBy(g => g.Name, order);
            foreach (GroupInfo group in sorted)
            {
                WriteObject(NoElement ? new GroupInfoNoElement(group) : group);
            }
        }

        private static string Text(object value)
        {
            return value == null ? string.Empty : LanguagePrimitives.ConvertTo<string>(value);
        }

        private bool Same(GroupInfo group, object[] values)
        {
            for (int i = 0; i < values.Length; i++)
            {
                if (ObjectEquality.Compare(group.Values[i], values[i], !CaseSensitive) != 0)
                {
                    return false;
                }
            }

            return true;
        }

        private Hashtable Table(List<GroupInfo> groups)
        {
            var table = CaseSensitive ? new Hashtable() : new Hashtable(StringComparer.CurrentCultureIgnoreCase);
            foreach (GroupInfo group in groups)
            {
                object key = AsString ? group.Name : PSObject.Base(group.Values[0]) ?? string.Empty;
                table[key] = group.Group;
            }

            return table;
        }
    }

    [Cmdlet(VerbsData.Compare, "Object")]
    public sealed class CompareObjectCommand : PSCmdlet
    {
        private readonly List<PSObject> right = new List<PSObject>();

        [Parameter(Position = 0, Mandatory = true)]
        [AllowEmptyCollection]
        public PSObject[] ReferenceObject { get; set; }

        [Parameter(Position = 1, Mandatory = true, ValueFromPipeline = true)]
        [AllowEmptyCollection]
        public PSObject[] DifferenceObject { get; set; }

        [Parameter]
        [ValidateRange(0, int.MaxValue)]
        public int SyncWindow { get; set; } = int.MaxValue;

        [Parameter]
        public object[] Property { get; set; }

        [Parameter]
        public SwitchParameter ExcludeDifferent { get; set; }

        [Parameter]
        public SwitchParameter IncludeEqual { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        [Parameter]
        public SwitchParameter CaseSensitive { get; set; }

        [Parameter]
        public string Culture { get; set; }

        protected override void ProcessRecord()
        {
            right.AddRange(DifferenceObject.Where(d => d != null));
        }

        protected override void EndProcessing()
        {
            PropertyExpression[] properties = PropertyExpression.Parse(this, Property);
            var left = ReferenceObject.Where(r => r != null).ToList();
            var equal = new List<PSObject>();
            foreach (PSObject item in left.ToArray())
            {
                int match = right.FindIndex(other => Same(properties, item, other));
                if (match >= 0)
                {
                    equal.Add(item);
                    left.Remove(item);
                    right.RemoveAt(match);
                }
            }

            if (IncludeEqual || ExcludeDifferent)
            {
                equal.ForEach(e => Report(properties, e, "=="));
            }

            if (!ExcludeDifferent)
            {
                right.ForEach(r => Report(properties, r, "=>"));
                left.ForEach(l => Report(properties, l, "<="));
            }
        }

        private bool Same(PropertyExpression[] properties, PSObject first, PSObject second)
        {
            return properties == null
                ? ObjectEquality.Compare(first, second, !CaseSensitive) == 0
                : properties.All(p => ObjectEquality.Compare(p.Value(first), p.Value(second), !CaseSensitive) == 0);
        }

        private void Report(PropertyExpression[] properties, PSObject item, string side)
        {
            PSObject result = item;
            if (!PassThru)
            {
                result = new PSObject();
                if (properties == null)
                {
                    result.Properties.Add(new PSNoteProperty("InputObject", item));
                }

                foreach (PropertyExpression property in properties ?? Array.Empty<PropertyExpression>())
                {
                    result.Properties.Add(new PSNoteProperty(property.Label ?? property.Text, property.Value(item)));
                }
            }

            result.Properties.Remove("SideIndicator");
            result.Properties.Add(new PSNoteProperty("SideIndicator", side));
            WriteObject(result);
        }
    }
}
