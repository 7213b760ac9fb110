// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation;

namespace Microsoft.PowerShell.Commands
{
    [Cmdlet(VerbsCommon.Get, "Location", DefaultParameterSetName = "Location")]
    [OutputType(typeof(PathInfo), typeof(PathInfoStack))]
    public sealed class GetLocationCommand : ProviderCommand
    {
        [Parameter(ParameterSetName = "Location", ValueFromPipelineByPropertyName = true)]
        public string[] PSProvider { get; set; }

        [Parameter(ParameterSetName = "Location", ValueFromPipelineByPropertyName = true)]
        public string[] PSDrive { get; set; }

        [Parameter(ParameterSetName = "Stack")]
        public SwitchParameter Stack { get; set; }

        [Parameter(ParameterSetName = "Stack", ValueFromPipelineByPropertyName = true)]
        public string[] StackName { get; set; }

        protected override void ProcessRecord()
        {
            if (ParameterSetName == "Stack")
            {
                foreach (string name in StackName ?? new string[] { null })
                {
                    Attempt(() => WriteObject(SessionState.Path.LocationStack(name)));
                }
            }
            else if (PSDrive != null)
            {
                foreach (string drive in PSDrive)
                {
                    Attempt(() => WriteObject(CurrentOf(SessionState.Drive.Get(drive))));
                }
            }
            else if (PSProvider != null)
            {
                foreach (string provider in PSProvider)
                {
                    Attempt(() => WriteObject(SessionState.Path.CurrentProviderLocation(provider)));
                }
            }
            else
            {
                WriteObject(SessionState.Path.CurrentLocation);
            }
        }

        private PathInfo CurrentOf(PSDriveInfo drive)
        {
            return new PathInfo(drive, drive.Provider, drive.CurrentLocation, SessionState);
        }
    }

    /// <summary>Set-Location and Push-Location.</summary>
    public abstract class ChangeLocationCommand : ProviderCommand
    {
        [Parameter(
            Position = 0, ParameterSetName = "Path", ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        public string Path { get; set; }

        [Parameter(ParameterSetName = "LiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [Alias("PSPath", "LP")]
        public string LiteralPath
        {
            get
            {
                return Path;
            }

            set
            {
                Literal = true;
                Path = value;
            }
        }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        protected void Change(string path)
        {
            Attempt(() =>
            {
                PathInfo location = SessionState.Path.SetLocation(path, NewContext(), Literal);
                if (PassThru)
                {
                    WriteObject(location);
                }
            });
        }
    }

    [Cmdlet(VerbsCommon.Set, "Location", DefaultParameterSetName = "Path")]
    public sealed class SetLocationCommand : ChangeLocationCommand
    {
        [Parameter(ParameterSetName = "Stack", ValueFromPipelineByPropertyName = true)]
        public string StackName { get; set; }

        protected override void ProcessRecord()
        {
            if (ParameterSetName == "Stack")
            {
                Attempt(() => SessionState.Path.SetDefaultLocationStack(StackName));
            }
            else
            {
                Change(string.IsNullOrEmpty(Path) ? "~" : Path);
            }
        }
    }

    [Cmdlet(VerbsCommon.Push, "Location", DefaultParameterSetName = "Path")]
    public sealed class PushLocationCommand : ChangeLocationCommand
    {
        [Parameter(ValueFromPipelineByPropertyName = true)]
        public string StackName { get; set; }

        protected override void ProcessRecord()
        {
            SessionState.Path.PushCurrentLocation(StackName);
            if (Path != null)
            {
                Change(Path);
            }
        }
    }

    [Cmdlet(VerbsCommon.Pop, "Location")]
    public sealed class PopLocationCommand : ProviderCommand
    {
        [Parameter(ValueFromPipelineByPropertyName = true)]
        public string StackName { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        protected override void ProcessRecord()
        {
            Attempt(() =>
            {
                PathInfo location = SessionState.Path.PopLocation(StackName);
                if (PassThru)
                {
                    WriteObject(location);
                }
            });
        }
    }
}
