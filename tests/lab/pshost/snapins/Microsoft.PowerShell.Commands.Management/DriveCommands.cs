// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands
{
    [Cmdlet(VerbsCommon.Get, "PSDrive", DefaultParameterSetName = "Name")]
    [OutputType(typeof(PSDriveInfo))]
    public sealed class GetPSDriveCommand : ProviderCommand
    {
        [Parameter(Position = 0, ParameterSetName = "Name", ValueFromPipelineByPropertyName = true)]
        public string[] Name { get; set; } = { "*" };

        [Parameter(
            Position = 0, ParameterSetName = "LiteralName", Mandatory = true,
            ValueFromPipelineByPropertyName = true)]
        public string[] LiteralName
        {
            get
            {
                return Name;
            }

            set
            {
                Literal = true;
                Name = value;
            }
        }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        public string Scope { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        public string[] PSProvider { get; set; }

        protected override void ProcessRecord()
        {
            var drives = Scope == null ? SessionState.Drive.GetAll() : SessionState.Drive.GetAllAtScope(Scope);
            foreach (string name in Name)
            {
                List<PSDriveInfo> found = drives
                    .Where(d => DriveName.Matches(name, d.Name, Literal))
                    .Where(d => PSProvider == null || PSProvider.Any(p => DriveName.Matches(p, d.Provider.Name, literal: false)))
                    .OrderBy(d => d.Name, StringComparer.OrdinalIgnoreCase)
                    .ToList();
                WriteObject(found, enumerateCollection: true);
                if (found.Count == 0 && (Literal || !WildcardPattern.ContainsWildcardCharacters(name)))
                {
                    DriveName.ReportMissing(this, name);
                }
            }
        }
    }

    [Cmdlet(VerbsCommon.New, "PSDrive", SupportsShouldProcess = true)]
    [OutputType(typeof(PSDriveInfo))]
    public sealed class NewPSDriveCommand : ProviderCommand
    {
        [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        public string Name { get; set; }

        [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        public string PSProvider { get; set; }

        [Parameter(Position = 2, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [AllowEmptyString]
        public string Root { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        public string Description { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        public string Scope { get; set; }

        [Parameter]
        public SwitchParameter Persist { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        [Credential]
        public PSCredential Credential { get; set; }

        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            return SessionState.Drive.NewDriveDynamicParameters(PSProvider, context);
        }

        protected override void ProcessRecord()
        {
            Attempt(() =>
            {
                ProviderInfo provider = SessionState.Provider.GetOne(PSProvider);
                if (ShouldProcess($"Name: {Name} Provider: {provider} Root: {Root}", "New drive"))
                {
                    var drive = new PSDriveInfo(Name, provider, Root, Description ?? string.Empty, Credential, Persist);
                    SessionState.Drive.New(drive, Scope, NewContext());
                }
            });
        }
    }

    [Cmdlet(VerbsCommon.Remove, "PSDrive", DefaultParameterSetName = "Name", SupportsShouldProcess = true)]
    public sealed class RemovePSDriveCommand : ProviderCommand
    {
        [Parameter(Position = 0, ParameterSetName = "Name", Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [AllowNull]
        [AllowEmptyCollection]
        public string[] Name { get; set; }

        [Parameter(
            Position = 0, ParameterSetName = "LiteralName", Mandatory = true,
            ValueFromPipelineByPropertyName = true)]
        public string[] LiteralName
        {
            get
            {
                return Name;
            }

            set
            {
                Literal = true;
                Name = value;
            }
        }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        public string[] PSProvider { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        public string Scope { get; set; }

        [Parameter]
        public override SwitchParameter Force { get; set; }

        protected override void ProcessRecord()
        {
            foreach (string name in Name ?? Array.Empty<string>())
            {
                Attempt(() => Remove(name));
            }
        }

        private void Remove(string name)
        {
            List<PSDriveInfo> found = SessionState.Drive.GetAll()
                .Where(d => DriveName.Matches(name, d.Name, Literal))
                .Where(d => PSProvider == null || PSProvider.Any(p => DriveName.Matches(p, d.Provider.Name, literal: false)))
                .ToList();
            if (found.Count == 0)
            {
                DriveName.ReportMissing(this, name);
            }

            foreach (PSDriveInfo drive in found.Where(d => ShouldProcess(d.Name, "Remove Drive")))
            {
                SessionState.Drive.Remove(drive.Name, Force, Scope, NewContext());
            }
        }
    }

    [Cmdlet(VerbsCommon.Get, "PSProvider")]
    [OutputType(typeof(ProviderInfo))]
    public sealed class GetPSProviderCommand : ProviderCommand
    {
        [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
        public string[] PSProvider { get; set; }

        protected override void ProcessRecord()
        {
            if (PSProvider == null)
            {
                WriteObject(SessionState.Provider.GetAll(), enumerateCollection: true);
                return;
            }

            foreach (string name in PSProvider)
            {
                Attempt(() => WriteObject(SessionState.Provider.Get(name), enumerateCollection: true));
            }
        }
    }

    internal static class DriveName
    {
        public static bool Matches(string wanted, string name, bool literal)
        {
            return literal
                ? string.Equals(wanted, name, StringComparison.OrdinalIgnoreCase)
                : WildcardPattern.Get(wanted, WildcardOptions.IgnoreCase).IsMatch(name);
        }

        public static void ReportMissing(Cmdlet cmdlet, string name)
        {
            var problem = new DriveNotFoundException(
                $"Cannot find drive. A drive with the name '{name}' does not exist.");
            cmdlet.WriteError(new ErrorRecord(problem, "GetLocationNoMatchingDrive", ErrorCategory.ObjectNotFound, name));
        }
    }
}
