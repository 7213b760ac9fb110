// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>What Get-, Stop- and Wait-Process share: which processes are meant.</summary>
    public abstract class ProcessCommand : PSCmdlet
    {
        internal IEnumerable<Process> Find(string[] names, int[] ids, Process[] given)
        {
            if (given != null)
            {
                return given;
            }

            Process[] all = Process.GetProcesses();
            if (ids != null)
            {
                return ids.SelectMany(id => Report(all.Where(p => p.Id == id).ToArray(), id.ToString(), "NoProcessFoundForGivenId",
                    $"Cannot find a process with the process identifier {id}."));
            }

            return names.SelectMany(name =>
            {
                var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
                Process[] found = all.Where(p => pattern.IsMatch(p.ProcessName)).ToArray();
                return WildcardPattern.ContainsWildcardCharacters(name)
                    ? found
                    : Report(found, name, "NoProcessFoundForGivenName",
                        $"Cannot find a process with the name \"{name}\". Verify the process name and call the cmdlet again.");
            });
        }

        private Process[] Report(Process[] found, string target, string id, string message)
        {
            if (found.Length == 0)
            {
                WriteError(new ErrorRecord(new ProcessCommandException(message), id, ErrorCategory.ObjectNotFound, target));
            }

            return found;
        }
    }

    /// <summary>A process that is not there, or that cannot be stopped.</summary>
    public class ProcessCommandException : SystemException
    {
        public ProcessCommandException()
        {
        }

        public ProcessCommandException(string message)
            : base(message)
        {
        }

        public ProcessCommandException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    [Cmdlet(VerbsCommon.Get, "Process", DefaultParameterSetName = "Name")]
    [OutputType(typeof(Process))]
    public sealed class GetProcessCommand : ProcessCommand
    {
        [Parameter(Position = 0, ParameterSetName = "Name", ValueFromPipelineByPropertyName = true)]
        [Alias("ProcessName")]
        public string[] Name { get; set; } = { "*" };

        [Parameter(ParameterSetName = "Id", Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [Alias("PID")]
        public int[] Id { get; set; }

        [Parameter(ParameterSetName = "InputObject", Mandatory = true, ValueFromPipeline = true)]
        public Process[] InputObject { get; set; }

        [Parameter]
        public SwitchParameter Module { get; set; }

        [Parameter]
        [Alias("FV", "FVI")]
        public SwitchParameter FileVersionInfo { get; set; }

        protected override void ProcessRecord()
        {
            IEnumerable<Process> found = Find(Name, Id, InputObject)
                .OrderBy(p => p.ProcessName, StringComparer.OrdinalIgnoreCase)
                .ThenBy(p => p.Id);
            foreach (Process process in found)
            {
                if (Module)
                {
                    WriteObject(process.Modules, enumerateCollection: true);
                }
                else
                {
                    WriteObject(FileVersionInfo ? process.MainModule?.FileVersionInfo : process);
                }
            }
        }
    }

    [Cmdlet(VerbsLifecycle.Stop, "Process", DefaultParameterSetName = "Id", SupportsShouldProcess = true)]
    [OutputType(typeof(Process))]
    public sealed class StopProcessCommand : ProcessCommand
    {
        [Parameter(ParameterSetName = "Name", Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [Alias("ProcessName")]
        public string[] Name { get; set; }

        [Parameter(Position = 0, ParameterSetName = "Id", Mandatory = true, ValueFromPipelineByPropertyName = true)]
        public int[] Id { get; set; }

        [Parameter(Position = 0, ParameterSetName = "InputObject", Mandatory = true, ValueFromPipeline = true)]
        public Process[] InputObject { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        [Parameter]
        public SwitchParameter Force { get; set; }

        protected override void ProcessRecord()
        {
            foreach (Process process in Find(Name, Id, InputObject))
            {
                if (!ShouldProcess($"{process.ProcessName} ({process.Id})"))
                {
                    continue;
                }

                try
                {
                    process.Kill();
                }
                catch (Exception e) when (e is Win32Exception or InvalidOperationException)
                {
                    WriteError(new ErrorRecord(
                        new ProcessCommandException(
                            $"Cannot stop process \"{process.ProcessName} ({process.Id})\" because of the following error: {e.Message}", e),
                        "CouldNotStopProcess",
                        ErrorCategory.CloseError,
                        process));
                    continue;
                }

                if (PassThru)
                {
                    WriteObject(process);
                }
            }
        }
    }

    [Cmdlet(VerbsLifecycle.Wait, "Process", DefaultParameterSetName = "Name")]
    public sealed class WaitProcessCommand : ProcessCommand
    {
        [Parameter(Position = 0, ParameterSetName = "Name", Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [Alias("ProcessName")]
        public string[] Name { get; set; }

        [Parameter(ParameterSetName = "Id", Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [Alias("PID", "ProcessId")]
        public int[] Id { get; set; }

        [Parameter(ParameterSetName = "InputObject", Mandatory = true, ValueFromPipeline = true)]
        public Process[] InputObject { get; set; }

        [Parameter(Position = 1)]
        [Alias("TimeoutSec")]
        [ValidateRange(0, 32767)]
        public int Timeout { get; set; } = -1;

        protected override void ProcessRecord()
        {
            foreach (Process process in Find(Name, Id, InputObject))
            {
                if (!process.WaitForExit(Timeout < 0 ? -1 : Timeout * 1000))
                {
                    WriteError(new ErrorRecord(
                        new TimeoutException($"Process \"{process.ProcessName} ({process.Id})\" did not stop within the specified Timeout."),
                        "ProcessNotTerminated",
                        ErrorCategory.CloseError,
                        process));
                }
            }
        }
    }

    [Cmdlet(VerbsLifecycle.Start, "Process", DefaultParameterSetName = "Default", SupportsShouldProcess = true)]
    [OutputType(typeof(Process))]
    public sealed class StartProcessCommand : PSCmdlet
    {
        [Parameter(Mandatory = true, Position = 0)]
        [Alias("PSPath", "Path")]
        public string FilePath { get; set; }

        [Parameter(Position = 1)]
        [Alias("Args")]
        public string[] ArgumentList { get; set; }

        [Parameter]
        public string WorkingDirectory { get; set; }

        [Parameter]
        [Alias("nnw")]
        public SwitchParameter NoNewWindow { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        [Parameter]
        [Alias("RSI")]
        public string RedirectStandardInput { get; set; }

        [Parameter]
        [Alias("RSO")]
        public string RedirectStandardOutput { get; set; }

        [Parameter]
        [Alias("RSE")]
        public string RedirectStandardError { get; set; }

        [Parameter]
        public ProcessWindowStyle WindowStyle { get; set; }

        [Parameter]
        public SwitchParameter Wait { get; set; }

        protected override void BeginProcessing()
        {
            if (!ShouldProcess(FilePath))
            {
                return;
            }

            var start = new ProcessStartInfo(Executable(), string.Join(" ", ArgumentList ?? Array.Empty<string>()))
            {
                UseShellExecute = false,
                WorkingDirectory = SessionState.Path.GetUnresolvedProviderPathFromPSPath(
                    WorkingDirectory ?? SessionState.Path.CurrentFileSystemLocation.ProviderPath),
                RedirectStandardInput = RedirectStandardInput != null,
                RedirectStandardOutput = RedirectStandardOutput != null,
                RedirectStandardError = RedirectStandardError != null,
            };
            Process process = Start(start);
            Redirect(process);
            if (Wait)
            {
                process.WaitForExit();
            }

            if (PassThru)
            {
                WriteObject(process);
            }
        }

        private string Executable()
        {
            CommandInfo command = InvokeCommand.GetCommand(FilePath, CommandTypes.Application);
            return command == null ? SessionState.Path.GetUnresolvedProviderPathFromPSPath(FilePath) : command.Definition;
        }

        private Process Start(ProcessStartInfo start)
        {
            try
            {
                return Process.Start(start);
            }
            catch (Win32Exception e)
            {
                ThrowTerminatingError(new ErrorRecord(
                    new InvalidOperationException($"This command cannot be run due to the error: {e.Message}", e),
                    "InvalidOperationException",
                    ErrorCategory.InvalidOperation,
                    null));
                return null;
            }
        }

        private void Redirect(Process process)
        {
            if (RedirectStandardInput != null)
            {
                using StreamWriter input = process.StandardInput;
                input.Write(File.ReadAllText(SessionState.Path.GetUnresolvedProviderPathFromPSPath(RedirectStandardInput)));
            }

            CopyToFile(process, RedirectStandardOutput, p => p.StandardOutput);
            CopyToFile(process, RedirectStandardError, p => p.StandardError);
        }

        private void CopyToFile(Process process, string path, Func<Process, StreamReader> stream)
        {
            if (path == null)
            {
                return;
            }

            FileStream file = File.Create(SessionState.Path.GetUnresolvedProviderPathFromPSPath(path));
            stream(process).BaseStream.CopyToAsync(file).ContinueWith(_ => file.Dispose());
        }
    }
}
