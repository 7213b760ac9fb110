// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>The PSHost of a process without a console.</summary>
    internal sealed class LabHost : PSHost
    {
        private readonly LabHostUserInterface userInterface;

        public LabHost(StandardStreams streams)
        {
            userInterface = new LabHostUserInterface(streams);

            // There is nobody to see colours, and Ansible reads the text.
            PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        }

        /// <summary>What a script's "exit" asked for, or null.</summary>
        public int? ExitCode { get; private set; }

        // Scripts ask for this name to know that they run in powershell.exe.
        public override string Name => "ConsoleHost";

        public override Version Version => PSVersionInfo.PSVersion;

        public override Guid InstanceId { get; } = Guid.NewGuid();

        public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

        public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

        public override PSHostUserInterface UI => userInterface;

        public override PSObject PrivateData { get; } = new PSObject();

        public override void SetShouldExit(int exitCode)
        {
            ExitCode = exitCode;
        }

        public override void EnterNestedPrompt()
        {
            throw new PSNotSupportedException("A nested prompt needs a console.");
        }

        public override void ExitNestedPrompt()
        {
            throw new PSNotSupportedException("A nested prompt needs a console.");
        }

        public override void NotifyBeginApplication()
        {
        }

        public override void NotifyEndApplication()
        {
        }
    }
}
