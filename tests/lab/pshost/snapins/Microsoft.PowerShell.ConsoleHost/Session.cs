// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Threading;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>One runspace, and how powershell.exe runs a command line in it.</summary>
    internal sealed class Session
    {
        private const string PolicyVariable = "PSExecutionPolicyPreference";

        private readonly StandardStreams streams;
        private readonly LabHost host;
        private readonly Runspace runspace;

        private Session(StandardStreams streams)
        {
            this.streams = streams;
            host = new LabHost(streams);
            InitialSessionState state = InitialSessionState.CreateDefault();
            state.ThreadOptions = PSThreadOptions.UseCurrentThread;
            runspace = RunspaceFactory.CreateRunspace(host, state);
            runspace.Open();

            // Windows PowerShell's way to show an error, with category and identifier on lines of their own.
            runspace.SessionStateProxy.SetVariable("ErrorView", "NormalView");
        }

        public static Session Open(StandardStreams streams)
        {
            return new Session(streams);
        }

        public void ChangeLocation(string directory)
        {
            if (!string.IsNullOrEmpty(directory) && Directory.Exists(directory))
            {
                Environment.CurrentDirectory = directory;
                runspace.SessionStateProxy.Path.SetLocation(WildcardPattern.Escape(directory));
            }
        }

        /// <summary>Runs what the command line asks for; returns the process's exit code.</summary>
        public int Run(CommandLine line)
        {
            Runspace.DefaultRunspace = runspace;
            streams.Errors.Clixml = line.OutputFormat == null ? line.WasEncoded : IsXml(line.OutputFormat);
            if (line.Error != null)
            {
                streams.Error.WriteLine(line.Error);
                return CommandLine.BadCommandLine;
            }

            ChangeLocation(line.WorkingDirectory);

            // The engine keeps the policy of the process in this variable; the lab trusts its scripts by default.
            Environment.SetEnvironmentVariable(PolicyVariable, line.ExecutionPolicy ?? "Bypass");
            using PowerShell shell = PowerShell.Create(runspace);
            if (!AddCommand(shell, line))
            {
                return CommandLine.BadCommandLine;
            }

            bool failed = Invoke(shell, line);
            Timeline.Mark("script ended");
            if (host.ExitCode is int asked)
            {
                return asked;
            }

            if (failed)
            {
                return 1;
            }

            return line.File != null || runspace.ExecutionContext.QuestionMarkVariableValue ? 0 : 1;
        }

        private static bool IsXml(string format)
        {
            return string.Equals(format, "XML", StringComparison.OrdinalIgnoreCase);
        }

        private bool AddCommand(PowerShell shell, CommandLine line)
        {
            if (line.File == null)
            {
                shell.AddScript(line.ScriptFromStdin ? streams.Input.ReadToEnd() : line.Command, useLocalScope: false);
                return true;
            }

            string path = Path.GetFullPath(line.File);
            if (!File.Exists(path))
            {
                streams.Error.WriteLine(
                    $"The argument '{line.File}' to the -File parameter does not exist. Provide the path to an "
                    + "existing '.ps1' file as an argument to the -File parameter.");
                return false;
            }

            shell.AddCommand(path, useLocalScope: false);
            foreach (string argument in line.FileArguments)
            {
                shell.Commands.Commands[0].Parameters.Add(FileParameter(argument));
            }

            // An "exit" of the script file is the exit code of the process.
            runspace.ExecutionContext.ScriptCommandProcessorShouldRethrowExit = true;
            return true;
        }

        /// <summary>An argument of a script file: "-Name" and "-Name:value" name a parameter.</summary>
        private static CommandParameter FileParameter(string argument)
        {
            bool named = argument.Length > 1 && argument[0] == '-' && (char.IsLetter(argument[1]) || argument[1] == '_');
            if (!named)
            {
                return new CommandParameter(null, argument);
            }

            int colon = argument.IndexOf(':');
            if (colon < 0)
            {
                return new CommandParameter(argument);
            }

            string value = argument.Substring(colon + 1);
            object typed = value.ToLowerInvariant() switch
            {
                "$true" => true,
                "$false" => false,
                _ => value,
            };
            return new CommandParameter(argument.Substring(0, colon + 1), typed);
        }

        /// <summary>Runs the pipeline into Out-Default, errors among the output, as the console host does.</summary>
        private bool Invoke(PowerShell shell, CommandLine line)
        {
            shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
            shell.AddCommand("Out-Default");

            // The engine keeps "$?" of a command only if it goes into the history.
            var settings = new PSInvocationSettings { Host = host, AddToHistory = true };
            try
            {
                shell.Invoke(Input(line), new PSDataCollection<PSObject>(), settings);
                return false;
            }
            catch (RuntimeException error)
            {
                ReportError(error);
                return true;
            }
        }

        /// <summary>The lines of stdin as they come, for $input.</summary>
        private PSDataCollection<object> Input(CommandLine line)
        {
            var input = new PSDataCollection<object>();
            if (line.ScriptFromStdin || string.Equals(line.InputFormat, "None", StringComparison.OrdinalIgnoreCase))
            {
                input.Complete();
                return input;
            }

            var reader = new Thread(() =>
            {
                try
                {
                    while (streams.Input.ReadLine() is string text)
                    {
                        input.Add(text);
                    }
                }
                catch (Exception e) when (e is IOException or PSInvalidOperationException or ObjectDisposedException)
                {
                    // The other side broke off, or the pipeline ended before its input did.
                }
                finally
                {
                    input.Complete();
                }
            });
            reader.IsBackground = true;
            reader.Start();
            return input;
        }

        /// <summary>A terminating error is shown like any other.</summary>
        private void ReportError(RuntimeException error)
        {
            var record = PSObject.AsPSObject(new ErrorRecord(error.ErrorRecord, error.ErrorRecord.Exception));
            record.WriteStream = WriteStreamType.Error;
            using PowerShell shell = PowerShell.Create(runspace);
            shell.AddCommand("Out-Default").AddParameter("InputObject", record);
            try
            {
                shell.Invoke(null, new PSInvocationSettings { Host = host });
            }
            catch (RuntimeException e)
            {
                host.UI.WriteErrorLine(error.Message + Environment.NewLine + e.Message);
            }
        }
    }
}
