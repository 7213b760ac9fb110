// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Security.AccessControl;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>Reads only. Under Wine an ACL is made up from the Unix mode.</summary>
    [Cmdlet(VerbsCommon.Get, "Acl", DefaultParameterSetName = "ByPath")]
    [OutputType(typeof(FileSecurity), typeof(DirectorySecurity), typeof(RegistrySecurity))]
    public sealed class GetAclCommand : PSCmdlet
    {
        [Parameter(
            Position = 0, ParameterSetName = "ByPath", ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        public string[] Path { get; set; }

        [Parameter(ParameterSetName = "ByLiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [Alias("PSPath", "LP")]
        public string[] LiteralPath { get; set; }

        [Parameter]
        public SwitchParameter Audit { get; set; }

        protected override void ProcessRecord()
        {
            AccessControlSections sections = AccessControlSections.Owner | AccessControlSections.Group | AccessControlSections.Access;
            if (Audit)
            {
                sections |= AccessControlSections.Audit;
            }

            foreach (string path in LiteralPath ?? Path ?? new[] { "." })
            {
                try
                {
                    foreach (string one in Resolve(path))
                    {
                        WriteObject(InvokeProvider.SecurityDescriptor.Get(WildcardPattern.Escape(one), sections), enumerateCollection: true);
                    }
                }
                catch (ItemNotFoundException e)
                {
                    WriteError(new ErrorRecord(e.ErrorRecord, e));
                }
            }
        }

        private string[] Resolve(string path)
        {
            string pattern = LiteralPath == null ? path : WildcardPattern.Escape(path);
            return SessionState.Path.GetResolvedPSPathFromPSPath(pattern).Select(p => p.Path).ToArray();
        }
    }

    [Cmdlet(VerbsCommon.Get, "ExecutionPolicy")]
    [OutputType(typeof(ExecutionPolicy))]
    public sealed class GetExecutionPolicyCommand : PSCmdlet
    {
        [Parameter(Position = 0)]
        public ExecutionPolicyScope Scope { get; set; }

        protected override void BeginProcessing()
        {
            bool scoped = MyInvocation.BoundParameters.ContainsKey(nameof(Scope));
            WriteObject(scoped
                ? SecuritySupport.GetExecutionPolicy(Utils.DefaultPowerShellShellID, Scope)
                : SecuritySupport.GetExecutionPolicy(Utils.DefaultPowerShellShellID));
        }
    }

    /// <summary>For this process only: the lab keeps no policy.</summary>
    [Cmdlet(VerbsCommon.Set, "ExecutionPolicy", SupportsShouldProcess = true)]
    public sealed class SetExecutionPolicyCommand : PSCmdlet
    {
        [Parameter(Position = 0, Mandatory = true)]
        public ExecutionPolicy ExecutionPolicy { get; set; }

        [Parameter(Position = 1)]
        public ExecutionPolicyScope Scope { get; set; } = ExecutionPolicyScope.LocalMachine;

        [Parameter]
        public SwitchParameter Force { get; set; }

        protected override void ProcessRecord()
        {
            if (ShouldProcess(ExecutionPolicy.ToString()))
            {
                SecuritySupport.SetExecutionPolicy(ExecutionPolicyScope.Process, ExecutionPolicy, Utils.DefaultPowerShellShellID);
            }
        }
    }
}
