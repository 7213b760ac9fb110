// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>Writes to the process's streams; asks nobody anything.</summary>
    internal sealed class LabHostUserInterface : PSHostUserInterface
    {
        private readonly StandardStreams streams;
        private readonly LabRawUserInterface rawUserInterface = new LabRawUserInterface();

        public LabHostUserInterface(StandardStreams streams)
        {
            this.streams = streams;
        }

        public override PSHostRawUserInterface RawUI => rawUserInterface;

        public override void Write(string value)
        {
            streams.Output.Write(Plain(value));
        }

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
        {
            streams.Output.Write(Plain(value));
        }

        public override void WriteLine(string value)
        {
            streams.Output.WriteLine(Plain(value));
        }

        public override void WriteErrorLine(string value)
        {
            streams.Errors.WriteLine("Error", Plain(value));
        }

        public override void WriteDebugLine(string message)
        {
            WriteRemark("debug", "DEBUG", message);
        }

        public override void WriteVerboseLine(string message)
        {
            WriteRemark("verbose", "VERBOSE", message);
        }

        public override void WriteWarningLine(string message)
        {
            WriteRemark("warning", "WARNING", message);
        }

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
        }

        public override string ReadLine()
        {
            throw NonInteractive("Read-Host");
        }

        public override SecureString ReadLineAsSecureString()
        {
            throw NonInteractive("Read-Host");
        }

        public override Dictionary<string, PSObject> Prompt(
            string caption, string message, Collection<FieldDescription> descriptions)
        {
            throw NonInteractive("prompt");
        }

        public override int PromptForChoice(
            string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            throw NonInteractive("prompt");
        }

        public override PSCredential PromptForCredential(
            string caption, string message, string userName, string targetName)
        {
            throw NonInteractive("Get-Credential");
        }

        public override PSCredential PromptForCredential(
            string caption,
            string message,
            string userName,
            string targetName,
            PSCredentialTypes allowedCredentialTypes,
            PSCredentialUIOptions options)
        {
            throw NonInteractive("Get-Credential");
        }

        private static PSInvalidOperationException NonInteractive(string what)
        {
            return new PSInvalidOperationException(
                "PowerShell is in NonInteractive mode. Read and Prompt functionality is not available: " + what);
        }

        /// <summary>Without the colours that the engine's formatter puts into tables.</summary>
        private static string Plain(string text)
        {
            return GetOutputString(text, supportsVirtualTerminal: false);
        }

        /// <summary>powershell.exe writes these to stdout, or into the CLIXML of stderr.</summary>
        private void WriteRemark(string stream, string label, string message)
        {
            if (streams.Errors.Clixml)
            {
                streams.Errors.WriteLine(stream, message);
            }
            else
            {
                streams.Output.WriteLine(label + ": " + message);
            }
        }
    }
}
