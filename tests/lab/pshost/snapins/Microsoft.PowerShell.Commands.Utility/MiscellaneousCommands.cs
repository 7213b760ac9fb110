// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;
using System.Security;

namespace Microsoft.PowerShell.Commands
{
    [Cmdlet(VerbsLifecycle.Invoke, "Expression")]
    public sealed class InvokeExpressionCommand : PSCmdlet
    {
        [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
        [ValidateNotNullOrEmpty]
        public string Command { get; set; }

        protected override void ProcessRecord()
        {
            ScriptBlock script = InvokeCommand.NewScriptBlock(Command);
            if (Context.HasRunspaceEverUsedConstrainedLanguageMode)
            {
                script.LanguageMode = PSLanguageMode.ConstrainedLanguage;
            }

            script.InvokeUsingCmdlet(
                contextCmdlet: this,
                useLocalScope: false,
                errorHandlingBehavior: ScriptBlock.ErrorHandlingBehavior.WriteToCurrentErrorPipe,
                dollarUnder: AutomationNull.Value,
                input: Array.Empty<object>(),
                scriptThis: AutomationNull.Value,
                args: Array.Empty<object>());
        }
    }

    [Cmdlet(VerbsCommon.Get, "Culture")]
    [OutputType(typeof(CultureInfo))]
    public sealed class GetCultureCommand : PSCmdlet
    {
        protected override void EndProcessing()
        {
            WriteObject(Host.CurrentCulture);
        }
    }

    [Cmdlet(VerbsCommon.Get, "UICulture")]
    [OutputType(typeof(CultureInfo))]
    public sealed class GetUICultureCommand : PSCmdlet
    {
        protected override void EndProcessing()
        {
            WriteObject(Host.CurrentUICulture);
        }
    }

    [Cmdlet(VerbsCommon.Get, "Host")]
    [OutputType(typeof(PSHost))]
    public sealed class GetHostCommand : PSCmdlet
    {
        protected override void EndProcessing()
        {
            WriteObject(Host);
        }
    }

    [Cmdlet(VerbsCommunications.Read, "Host")]
    [OutputType(typeof(string), typeof(SecureString))]
    public sealed class ReadHostCommand : PSCmdlet
    {
        [Parameter(Position = 0, ValueFromRemainingArguments = true)]
        [AllowNull]
        public object Prompt { get; set; }

        [Parameter]
        public SwitchParameter AsSecureString { get; set; }

        protected override void BeginProcessing()
        {
            if (AsSecureString)
            {
                WriteObject(Host.UI.ReadLineAsSecureString());
            }
            else
            {
                WriteObject(Host.UI.ReadLine());
            }
        }
    }

    [Cmdlet(VerbsCommon.Get, "PSCallStack")]
    [OutputType(typeof(CallStackFrame))]
    public sealed class GetPSCallStackCommand : PSCmdlet
    {
        protected override void ProcessRecord()
        {
            foreach (CallStackFrame frame in Context.Debugger.GetCallStack())
            {
                WriteObject(frame);
            }
        }
    }

    [Cmdlet(VerbsCommon.New, "TemporaryFile", SupportsShouldProcess = true)]
    [OutputType(typeof(FileInfo))]
    public sealed class NewTemporaryFileCommand : PSCmdlet
    {
        protected override void EndProcessing()
        {
            if (ShouldProcess(Path.GetTempPath()))
            {
                WriteObject(new FileInfo(Path.GetTempFileName()));
            }
        }
    }

    [Cmdlet(VerbsData.ConvertFrom, "StringData")]
    [OutputType(typeof(Hashtable))]
    public sealed class ConvertFromStringDataCommand : PSCmdlet
    {
        [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
        [AllowEmptyString]
        public string StringData { get; set; }

        [Parameter(Position = 1)]
        public char Delimiter { get; set; } = '=';

        protected override void ProcessRecord()
        {
            var table = new Hashtable(StringComparer.OrdinalIgnoreCase);
            foreach (string raw in StringData.Split('\n'))
            {
                string line = raw.Trim();
                if (line.Length == 0 || line[0] == '#')
                {
                    continue;
                }

                string[] parts = line.Split(Delimiter, 2);
                if (parts.Length != 2)
                {
                    throw new PSInvalidOperationException($"Data line '{line}' is not in 'name=value' format.");
                }

                table.Add(parts[0].Trim(), System.Text.RegularExpressions.Regex.Unescape(parts[1].Trim()));
            }

            WriteObject(table);
        }
    }
}
