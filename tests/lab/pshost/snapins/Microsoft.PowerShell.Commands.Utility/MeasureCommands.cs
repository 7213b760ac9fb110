// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Internal;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>What Measure-Object found, as far as it was asked.</summary>
    public abstract class MeasureInfo
    {
        public string Property { get; internal set; }
    }

    public sealed class GenericMeasureInfo : MeasureInfo
    {
        public int Count { get; internal set; }

        public double? Average { get; internal set; }

        public double? Sum { get; internal set; }

        public double? Maximum { get; internal set; }

        public double? Minimum { get; internal set; }

        public double? StandardDeviation { get; internal set; }
    }

    /// <summary>Maximum and minimum of what is no number.</summary>
    public sealed class GenericObjectMeasureInfo : MeasureInfo
    {
        public int Count { get; internal set; }

        public double? Average { get; internal set; }

        public double? Sum { get; internal set; }

        public object Maximum { get; internal set; }

        public object Minimum { get; internal set; }

        public double? StandardDeviation { get; internal set; }
    }

    public sealed class TextMeasureInfo : MeasureInfo
    {
        public int? Lines { get; internal set; }

        public int? Words { get; internal set; }

        public int? Characters { get; internal set; }
    }

    [Cmdlet(VerbsDiagnostic.Measure, "Object", DefaultParameterSetName = GenericSet)]
    [OutputType(typeof(GenericMeasureInfo), typeof(TextMeasureInfo), typeof(GenericObjectMeasureInfo))]
    public sealed class MeasureObjectCommand : PSCmdlet
    {
        private const string GenericSet = "GenericMeasure";
        private const string TextSet = "TextMeasure";

        private readonly List<PSObject> items = new List<PSObject>();

        [Parameter(ValueFromPipeline = true)]
        public PSObject InputObject { get; set; } = AutomationNull.Value;

        [Parameter(Position = 0)]
        public object[] Property { get; set; }

        [Parameter(ParameterSetName = GenericSet)]
        public SwitchParameter Sum { get; set; }

        [Parameter(ParameterSetName = GenericSet)]
        public SwitchParameter Average { get; set; }

        [Parameter(ParameterSetName = GenericSet)]
        public SwitchParameter Maximum { get; set; }

        [Parameter(ParameterSetName = GenericSet)]
        public SwitchParameter Minimum { get; set; }

        [Parameter(ParameterSetName = GenericSet)]
        public SwitchParameter StandardDeviation { get; set; }

        [Parameter(ParameterSetName = GenericSet)]
        public SwitchParameter AllStats { get; set; }

        [Parameter(ParameterSetName = TextSet)]
        public SwitchParameter Line { get; set; }

        [Parameter(ParameterSetName = TextSet)]
        public SwitchParameter Word { get; set; }

        [Parameter(ParameterSetName = TextSet)]
        public SwitchParameter Character { get; set; }

        [Parameter(ParameterSetName = TextSet)]
        public SwitchParameter IgnoreWhiteSpace { get; set; }

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
            if (properties == null)
            {
                WriteObject(Measure(null, items.Select(i => i.BaseObject).ToList()));
                return;
            }

            // A pattern measures every property that it names on the first object.
            var names = properties.SelectMany(p => p.IsPattern && items.Count > 0
                ? p.Evaluate(items[0]).Select(r => (r.Name, Get: (Func<PSObject, object>)(i => i.Properties[r.Name]?.Value)))
                : new[] { (Name: p.Label ?? p.Text, Get: (Func<PSObject, object>)p.Value) });
            foreach ((string name, Func<PSObject, object> get) in names)
            {
                List<object> values = items.Select(i => PSObject.Base(get(i))).Where(v => v != null).ToList();
                if (values.Count == 0 && items.Count > 0)
                {
                    WriteError(new ErrorRecord(
                        new PSArgumentException($"The property \"{name}\" cannot be found in the input for any objects."),
                        "GenericMeasurePropertyNotFound",
                        ErrorCategory.InvalidArgument,
                        null));
                }
                else
                {
                    WriteObject(Measure(name, values));
                }
            }
        }

        private MeasureInfo Measure(string property, List<object> values)
        {
            return ParameterSetName == TextSet ? MeasureText(property, values) : MeasureValues(property, values);
        }

        private MeasureInfo MeasureText(string property, List<object> values)
        {
            List<string> texts = values.Select(v => LanguagePrimitives.ConvertTo<string>(v)).ToList();
            return new TextMeasureInfo
            {
                Property = property,
                Lines = Line ? texts.Sum(CountLines) : null,
                Words = Word ? texts.Sum(t => t.Split((char[])null, StringSplitOptions.RemoveEmptyEntries).Length) : null,
                Characters = Character ? texts.Sum(t => IgnoreWhiteSpace ? t.Count(c => !char.IsWhiteSpace(c)) : t.Length) : null,
            };
        }

        private int CountLines(string text)
        {
            if (text.Length == 0)
            {
                return IgnoreWhiteSpace ? 0 : 1;
            }

            string[] lines = text.EndsWith('\n') ? text.Substring(0, text.Length - 1).Split('\n') : text.Split('\n');
            return lines.Count(l => !IgnoreWhiteSpace || !string.IsNullOrWhiteSpace(l));
        }

        private MeasureInfo MeasureValues(string property, List<object> values)
        {
            List<double> numbers = Numbers(values);
            bool wantsNumbers = Sum || Average || StandardDeviation || AllStats;
            bool wantsExtremes = Maximum || Minimum || AllStats;
            double? Statistic(bool wanted, Func<double> compute) => wanted && numbers.Count > 0 ? compute() : null;
            if (wantsNumbers)
            {
                ReportNonNumbers(values);
            }

            double? average = Statistic(Average || AllStats, () => numbers.Average());
            double? sum = Statistic(Sum || AllStats, () => numbers.Sum());
            double? deviation = Statistic(StandardDeviation || AllStats, () => Deviation(numbers));
            if (wantsExtremes && !wantsNumbers && numbers.Count != values.Count)
            {
                var order = Comparer<object>.Create((a, b) => ObjectEquality.Compare(a, b, ignoreCase: true));
                List<object> sorted = values.OrderBy(v => v, order).ToList();
                return new GenericObjectMeasureInfo
                {
                    Property = property,
                    Count = values.Count,
                    Maximum = Maximum ? sorted[^1] : null,
                    Minimum = Minimum ? sorted[0] : null,
                };
            }

            return new GenericMeasureInfo
            {
                Property = property,
                Count = values.Count,
                Average = average,
                Sum = sum,
                Maximum = Statistic(Maximum || AllStats, () => numbers.Max()),
                Minimum = Statistic(Minimum || AllStats, () => numbers.Min()),
                StandardDeviation = deviation,
            };
        }

        private static double Deviation(List<double> numbers)
        {
            double mean = numbers.Average();
            return numbers.Count < 2 ? 0 : Math.Sqrt(numbers.Sum(n => (n - mean) * (n - mean)) / (numbers.Count - 1));
        }

        private static List<double> Numbers(List<object> values)
        {
            var numbers = new List<double>();
            foreach (object value in values)
            {
                if (LanguagePrimitives.TryConvertTo(value, out double number))
                {
                    numbers.Add(number);
                }
            }

            return numbers;
        }

        private void ReportNonNumbers(List<object> values)
        {
            foreach (object value in values.Where(v => !LanguagePrimitives.TryConvertTo(v, out double _)))
            {
                WriteError(new ErrorRecord(
                    new PSArgumentException($"Input object \"{value}\" is not numeric."),
                    "NonNumericInputObject",
                    ErrorCategory.InvalidType,
                    value));
            }
        }
    }

    [Cmdlet(VerbsDiagnostic.Measure, "Command")]
    [OutputType(typeof(TimeSpan))]
    public sealed class MeasureCommandCommand : PSCmdlet
    {
        private readonly Stopwatch watch = new Stopwatch();

        [Parameter(ValueFromPipeline = true)]
        public PSObject InputObject { get; set; } = AutomationNull.Value;

        [Parameter(Position = 0, Mandatory = true)]
        public ScriptBlock Expression { get; set; }

        protected override void ProcessRecord()
        {
            watch.Start();
            Expression.InvokeWithPipe(
                useLocalScope: false,
                errorHandlingBehavior: ScriptBlock.ErrorHandlingBehavior.WriteToCurrentErrorPipe,
                dollarUnder: InputObject,
                input: Array.Empty<object>(),
                scriptThis: AutomationNull.Value,
                outputPipe: new Pipe { NullPipe = true },
                invocationInfo: null);
            watch.Stop();
        }

        protected override void EndProcessing()
        {
            WriteObject(watch.Elapsed);
        }
    }
}
