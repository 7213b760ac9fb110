// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace Microsoft.PowerShell.Commands
{
    [Cmdlet(VerbsCommunications.Write, "Output")]
    public sealed class WriteOutputCommand : PSCmdlet
    {
        [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromRemainingArguments = true)]
        [AllowNull]
        [AllowEmptyCollection]
        public PSObject InputObject { get; set; }

        [Parameter]
        public SwitchParameter NoEnumerate { get; set; }

        protected override void ProcessRecord()
        {
            WriteObject(InputObject, !NoEnumerate);
        }
    }

    /// <summary>Write-Warning, Write-Verbose and Write-Debug.</summary>
    public abstract class WriteMessageCommand : PSCmdlet
    {
        [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
        [AllowEmptyString]
        [Alias("Msg")]
        public string Message { get; set; }
    }

    [Cmdlet(VerbsCommunications.Write, "Warning")]
    public sealed class WriteWarningCommand : WriteMessageCommand
    {
        protected override void ProcessRecord()
        {
            WriteWarning(Message);
        }
    }

    [Cmdlet(VerbsCommunications.Write, "Verbose")]
    public sealed class WriteVerboseCommand : WriteMessageCommand
    {
        protected override void ProcessRecord()
        {
            WriteVerbose(Message);
        }
    }

    [Cmdlet(VerbsCommunications.Write, "Debug")]
    public sealed class WriteDebugCommand : WriteMessageCommand
    {
        protected override void ProcessRecord()
        {
            WriteDebug(Message);
        }
    }

    [Cmdlet(VerbsCommunications.Write, "Information")]
    public sealed class WriteInformationCommand : PSCmdlet
    {
        [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
        [Alias("Msg", "Message")]
        [AllowNull]
        public object MessageData { get; set; }

        [Parameter(Position = 1)]
        public string[] Tags { get; set; } = Array.Empty<string>();

        protected override void ProcessRecord()
        {
            WriteInformation(MessageData, Tags);
        }
    }

    [Cmdlet(VerbsCommunications.Write, "Host")]
    public sealed class WriteHostCommand : PSCmdlet
    {
        [Parameter(Position = 0, ValueFromRemainingArguments = true, ValueFromPipeline = true)]
        [Alias("Msg", "Message")]
        public object Object { get; set; }

        [Parameter]
        public SwitchParameter NoNewline { get; set; }

        [Parameter]
        public object Separator { get; set; } = " ";

        [Parameter]
        public ConsoleColor? ForegroundColor { get; set; }

        [Parameter]
        public ConsoleColor? BackgroundColor { get; set; }

        protected override void ProcessRecord()
        {
            var message = new HostInformationMessage
            {
                Message = Text(Object),
                NoNewLine = NoNewline,
                ForegroundColor = ForegroundColor,
                BackgroundColor = BackgroundColor,
            };
            WriteInformation(message, new[] { "PSHOST" });
        }

        private string Text(object value)
        {
            object plain = PSObject.Base(value);
            if (plain is null or string)
            {
                return (string)plain ?? string.Empty;
            }

            if (plain is not IEnumerable sequence || plain is IDictionary)
            {
                return LanguagePrimitives.ConvertTo<string>(value);
            }

            var parts = new List<string>();
            foreach (object item in sequence)
            {
                parts.Add(Text(item));
            }

            return string.Join(LanguagePrimitives.ConvertTo<string>(Separator), parts);
        }
    }

    [Cmdlet(VerbsCommunications.Write, "Progress")]
    public sealed class WriteProgressCommand : PSCmdlet
    {
        [Parameter(Position = 0)]
        public string Activity { get; set; } = "Processing";

        [Parameter(Position = 1)]
        public string Status { get; set; } = "Processing";

        [Parameter(Position = 2)]
        public int Id { get; set; }

        [Parameter]
        public int PercentComplete { get; set; } = -1;

        [Parameter]
        public int SecondsRemaining { get; set; } = -1;

        [Parameter]
        public string CurrentOperation { get; set; }

        [Parameter]
        public int ParentId { get; set; } = -1;

        [Parameter]
        public int SourceId { get; set; }

        [Parameter]
        public SwitchParameter Completed { get; set; }

        protected override void ProcessRecord()
        {
            WriteProgress(new ProgressRecord(Id, Activity, Status)
            {
                ParentActivityId = ParentId,
                PercentComplete = PercentComplete,
                SecondsRemaining = SecondsRemaining,
                CurrentOperation = CurrentOperation,
                RecordType = Completed ? ProgressRecordType.Completed : ProgressRecordType.Processing,
            });
        }
    }

    [Cmdlet(VerbsCommunications.Write, "Error", DefaultParameterSetName = "NoException")]
    public sealed class WriteErrorCommand : PSCmdlet
    {
        [Parameter(ParameterSetName = "WithException", Mandatory = true)]
        public Exception Exception { get; set; }

        [Parameter(Position = 0, ParameterSetName = "NoException", Mandatory = true, ValueFromPipeline = true)]
        [Parameter(ParameterSetName = "WithException")]
        [AllowNull]
        [AllowEmptyString]
        [Alias("Msg")]
        public string Message { get; set; }

        [Parameter(Position = 0, ParameterSetName = "ErrorRecord", Mandatory = true)]
        public ErrorRecord ErrorRecord { get; set; }

        [Parameter(ParameterSetName = "NoException")]
        [Parameter(ParameterSetName = "WithException")]
        public ErrorCategory Category { get; set; } = ErrorCategory.NotSpecified;

        [Parameter(ParameterSetName = "NoException")]
        [Parameter(ParameterSetName = "WithException")]
        public string ErrorId { get; set; } = string.Empty;

        [Parameter(ParameterSetName = "NoException")]
        [Parameter(ParameterSetName = "WithException")]
        public object TargetObject { get; set; }

        [Parameter]
        public string RecommendedAction { get; set; } = string.Empty;

        [Parameter]
        [Alias("Activity")]
        public string CategoryActivity { get; set; } = string.Empty;

        [Parameter]
        [Alias("Reason")]
        public string CategoryReason { get; set; } = string.Empty;

        [Parameter]
        [Alias("TargetName")]
        public string CategoryTargetName { get; set; } = string.Empty;

        [Parameter]
        [Alias("TargetType")]
        public string CategoryTargetType { get; set; } = string.Empty;

        protected override void ProcessRecord()
        {
            ErrorRecord record = ErrorRecord == null ? NewRecord() : new ErrorRecord(ErrorRecord, null);
            if (RecommendedAction.Length > 0)
            {
                record.ErrorDetails ??= new ErrorDetails(record.ToString());
                record.ErrorDetails.RecommendedAction = RecommendedAction;
            }

            SetUnlessEmpty(CategoryActivity, value => record.CategoryInfo.Activity = value);
            SetUnlessEmpty(CategoryReason, value => record.CategoryInfo.Reason = value);
            SetUnlessEmpty(CategoryTargetName, value => record.CategoryInfo.TargetName = value);
            SetUnlessEmpty(CategoryTargetType, value => record.CategoryInfo.TargetType = value);

            // The position to show is the caller's, not this cmdlet's.
            if (GetVariableValue("MyInvocation") is InvocationInfo caller)
            {
                record.SetInvocationInfo(caller);
                record.PreserveInvocationInfoOnce = true;
                if (CategoryActivity.Length == 0)
                {
                    record.CategoryInfo.Activity = "Write-Error";
                }
            }

            WriteError(record);
        }

        private static void SetUnlessEmpty(string value, Action<string> set)
        {
            if (!string.IsNullOrEmpty(value))
            {
                set(value);
            }
        }

        private ErrorRecord NewRecord()
        {
            Exception exception = Exception ?? new WriteErrorException(Message);
            string id = ErrorId.Length > 0 ? ErrorId : exception.GetType().FullName;
            var record = new ErrorRecord(exception, id, Category, TargetObject);
            if (Exception != null && !string.IsNullOrEmpty(Message))
            {
                record.ErrorDetails = new ErrorDetails(Message);
            }

            return record;
        }
    }

    /// <summary>The exception behind a Write-Error that was given a message only.</summary>
    public class WriteErrorException : SystemException
    {
        public WriteErrorException()
            : base("The Write-Error cmdlet was called without a message.")
        {
        }

        public WriteErrorException(string message)
            : base(message)
        {
        }

        public WriteErrorException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }
}
