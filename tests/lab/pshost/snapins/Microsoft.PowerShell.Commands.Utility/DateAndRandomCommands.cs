// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Security.Cryptography;
using System.Text;
using System.Threading;

namespace Microsoft.PowerShell.Commands
{
    [Cmdlet(VerbsCommon.New, "Guid")]
    [OutputType(typeof(Guid))]
    public sealed class NewGuidCommand : PSCmdlet
    {
        [Parameter]
        public SwitchParameter Empty { get; set; }

        protected override void EndProcessing()
        {
            WriteObject(Empty ? Guid.Empty : Guid.NewGuid());
        }
    }

    /// <summary>What of a date is shown.</summary>
    public enum DisplayHintType
    {
        Date,
        Time,
        DateTime,
    }

    [Cmdlet(VerbsCommon.Get, "Date", DefaultParameterSetName = "DateAndFormat")]
    [OutputType(typeof(DateTime), typeof(string))]
    public sealed class GetDateCommand : PSCmdlet
    {
        [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        [Alias("LastWriteTime")]
        public DateTime Date { get; set; }

        [Parameter]
        public double UnixTimeSeconds { get; set; }

        [Parameter]
        public int Year { get; set; }

        [Parameter]
        public int Month { get; set; }

        [Parameter]
        public int Day { get; set; }

        [Parameter]
        public int Hour { get; set; }

        [Parameter]
        public int Minute { get; set; }

        [Parameter]
        public int Second { get; set; }

        [Parameter]
        public int Millisecond { get; set; }

        [Parameter]
        public DisplayHintType DisplayHint { get; set; } = DisplayHintType.DateTime;

        [Parameter]
        public string Format { get; set; }

        [Parameter]
        public string UFormat { get; set; }

        [Parameter]
        public SwitchParameter AsUTC { get; set; }

        protected override void ProcessRecord()
        {
            DateTime date = AsUTC ? Chosen().ToUniversalTime() : Chosen();
            if (UFormat != null)
            {
                WriteObject(UnixFormat(date));
            }
            else if (Format != null)
            {
                WriteObject(date.ToString(StandardFormat(Format), CultureInfo.CurrentCulture));
            }
            else
            {
                var result = new PSObject(date);
                result.Properties.Add(new PSNoteProperty("DisplayHint", DisplayHint));
                WriteObject(result);
            }
        }

        private static string StandardFormat(string format)
        {
            return format.ToLowerInvariant() switch
            {
                "filedate" => "yyyyMMdd",
                "filedateuniversal" => "yyyyMMddZ",
                "filedatetime" => "yyyyMMddTHHmmssffff",
                "filedatetimeuniversal" => "yyyyMMddTHHmmssffffZ",
                _ => format,
            };
        }

        private bool Given(string parameter)
        {
            return MyInvocation.BoundParameters.ContainsKey(parameter);
        }

        private DateTime Chosen()
        {
            DateTime date = Given(nameof(Date)) ? Date
                : Given(nameof(UnixTimeSeconds)) ? DateTime.UnixEpoch.AddSeconds(UnixTimeSeconds).ToLocalTime()
                : DateTime.Now;
            int Part(string name, int value, int current) => Given(name) ? value - current : 0;
            return date
                .AddYears(Part(nameof(Year), Year, date.Year))
                .AddMonths(Part(nameof(Month), Month, date.Month))
                .AddDays(Part(nameof(Day), Day, date.Day))
                .AddHours(Part(nameof(Hour), Hour, date.Hour))
                .AddMinutes(Part(nameof(Minute), Minute, date.Minute))
                .AddSeconds(Part(nameof(Second), Second, date.Second))
                .AddMilliseconds(Part(nameof(Millisecond), Millisecond, date.Millisecond));
        }

        /// <summary>The specifiers of the Unix date command that scripts use.</summary>
        private string UnixFormat(DateTime date)
        {
            string Net(string format) => date.ToString(format, CultureInfo.CurrentCulture);
            var result = new StringBuilder();
            string text = UFormat.StartsWith('+') ? UFormat.Substring(1) : UFormat;
            for (int i = 0; i < text.Length; i++)
            {
                if (text[i] != '%' || i + 1 == text.Length)
                {
                    result.Append(text[i]);
                    continue;
                }

                result.Append(text[++i] switch
                {
                    'Y' => Net("yyyy"),
                    'y' => Net("yy"),
                    'm' => Net("MM"),
                    'd' => Net("dd"),
                    'e' => date.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
                    'H' => Net("HH"),
                    'I' => Net("hh"),
                    'M' => Net("mm"),
                    'S' => Net("ss"),
                    'p' => Net("tt"),
                    'j' => date.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
                    'A' => Net("dddd"),
                    'a' => Net("ddd"),
                    'B' => Net("MMMM"),
                    'b' or 'h' => Net("MMM"),
                    'D' => Net("MM/dd/yy"),
                    'F' => Net("yyyy-MM-dd"),
                    'T' or 'X' => Net("HH:mm:ss"),
                    'R' => Net("HH:mm"),
                    'Z' => Net("zz"),
                    'u' => ((int)date.DayOfWeek == 0 ? 7 : (int)date.DayOfWeek).ToString(CultureInfo.InvariantCulture),
                    's' => new DateTimeOffset(date).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                    'n' => "\n",
                    't' => "\t",
                    '%' => "%",
                    _ => text[i].ToString(),
                });
            }

            return result.ToString();
        }
    }

    [Cmdlet(VerbsCommon.New, "TimeSpan", DefaultParameterSetName = "Date")]
    [OutputType(typeof(TimeSpan))]
    public sealed class NewTimeSpanCommand : PSCmdlet
    {
        private readonly DateTime now = DateTime.Now;

        [Parameter(
            Position = 0, ParameterSetName = "Date", ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        [Alias("LastWriteTime")]
        public DateTime Start { get; set; }

        [Parameter(Position = 1, ParameterSetName = "Date", ValueFromPipelineByPropertyName = true)]
        public DateTime End { get; set; }

        [Parameter(ParameterSetName = "Time")]
        public int Days { get; set; }

        [Parameter(ParameterSetName = "Time")]
        public int Hours { get; set; }

        [Parameter(ParameterSetName = "Time")]
        public int Minutes { get; set; }

        [Parameter(ParameterSetName = "Time")]
        public int Seconds { get; set; }

        [Parameter(ParameterSetName = "Time")]
        public int Milliseconds { get; set; }

        protected override void ProcessRecord()
        {
            if (ParameterSetName == "Time")
            {
                WriteObject(new TimeSpan(Days, Hours, Minutes, Seconds, Milliseconds));
                return;
            }

            DateTime Or(string name, DateTime value) => MyInvocation.BoundParameters.ContainsKey(name) ? value : now;
            WriteObject(Or(nameof(End), End) - Or(nameof(Start), Start));
        }
    }

    [Cmdlet(VerbsLifecycle.Start, "Sleep", DefaultParameterSetName = "Seconds")]
    public sealed class StartSleepCommand : PSCmdlet
    {
        private readonly ManualResetEvent stop = new ManualResetEvent(false);

        [Parameter(
            Position = 0, Mandatory = true, ParameterSetName = "Seconds", ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        [ValidateRange(0.0, (double)(int.MaxValue / 1000))]
        public double Seconds { get; set; }

        [Parameter(Mandatory = true, ParameterSetName = "Milliseconds", ValueFromPipelineByPropertyName = true)]
        [ValidateRange(0, int.MaxValue)]
        [Alias("ms")]
        public int Milliseconds { get; set; }

        protected override void ProcessRecord()
        {
            // A wait on a handle pumps COM messages in an STA; a plain sleep would not.
            stop.WaitOne(ParameterSetName == "Seconds" ? (int)(Seconds * 1000) : Milliseconds);
        }

        protected override void StopProcessing()
        {
            stop.Set();
        }
    }

    [Cmdlet(VerbsCommon.Get, "Random", DefaultParameterSetName = "RandomNumber")]
    public sealed class GetRandomCommand : PSCmdlet
    {
        private readonly List<object> items = new List<object>();
        private Random random;

        [Parameter(Position = 0, ParameterSetName = "RandomNumber")]
        public object Maximum { get; set; }

        [Parameter(ParameterSetName = "RandomNumber")]
        public object Minimum { get; set; }

        [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ParameterSetName = "RandomListItem")]
        [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Shuffle")]
        [AllowNull]
        public object[] InputObject { get; set; }

        [Parameter]
        [ValidateRange(1, int.MaxValue)]
        public int Count { get; set; } = 1;

        [Parameter(Mandatory = true, ParameterSetName = "Shuffle")]
        public SwitchParameter Shuffle { get; set; }

        [Parameter]
        public int? SetSeed { get; set; }

        protected override void ProcessRecord()
        {
            if (InputObject != null)
            {
                items.AddRange(InputObject);
            }
        }

        protected override void EndProcessing()
        {
            random = SetSeed is int seed ? new Random(seed) : new Random(RandomNumberGenerator.GetInt32(int.MaxValue));
            if (ParameterSetName == "RandomNumber")
            {
                for (int i = 0; i < Count; i++)
                {
                    WriteObject(Number());
                }

                return;
            }

            object[] order = items.ToArray();
            random.Shuffle(order);
            WriteObject(order.Take(Shuffle ? order.Length : Count), enumerateCollection: true);
        }

        private object Number()
        {
            object low = PSObject.Base(Minimum) ?? 0;
            object high = PSObject.Base(Maximum) ?? int.MaxValue;
            if (IsFraction(low) || IsFraction(high))
            {
                double from = LanguagePrimitives.ConvertTo<double>(low);
                double to = LanguagePrimitives.ConvertTo<double>(high);
                Check(from < to, low, high);
                return from + (random.NextDouble() * (to - from));
            }

            long first = LanguagePrimitives.ConvertTo<long>(low);
            long last = LanguagePrimitives.ConvertTo<long>(high);
            Check(first < last, low, high);
            long value = random.NextInt64(first, last);
            return low is long || high is long ? value : value is >= int.MinValue and <= int.MaxValue ? (int)value : value;
        }

        private static bool IsFraction(object value)
        {
            return value is double or float or decimal || (value is string text && text.Contains('.'));
        }

        private void Check(bool valid, object low, object high)
        {
            if (!valid)
            {
                var problem = new ArgumentException(
                    $"The Minimum value ({low}) cannot be greater than or equal to the Maximum value ({high}).");
                ThrowTerminatingError(new ErrorRecord(
                    problem, "MinGreaterThanOrEqualMax", ErrorCategory.InvalidArgument, null));
            }
        }
    }
}
