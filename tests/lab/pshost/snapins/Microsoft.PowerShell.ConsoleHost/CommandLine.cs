// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>What powershell.exe understands on its command line, with its abbreviations.</summary>
    /// <remarks>Rules: "powershell.exe -?" and about_PowerShell_exe of Windows PowerShell 5.1.</remarks>
    public sealed class CommandLine
    {
        /// <summary>What 5.1 exits with when it does not understand its command line (0xFFFD0000).</summary>
        public const int BadCommandLine = unchecked((int)0xFFFD0000);

        /// <summary>Full name, shortest abbreviation, and other accepted spelling of every option.</summary>
        private static readonly (string Name, int Shortest, string Alias, Action<CommandLine, string> Apply)[] ValueOptions =
        {
            ("executionpolicy", 2, "ep", (line, value) => line.ExecutionPolicy = value),
            ("inputformat", 1, "if", (line, value) => line.InputFormat = value),
            ("outputformat", 1, "of", (line, value) => line.OutputFormat = value),
            ("windowstyle", 1, null, (line, value) => { }),
            ("version", 1, null, (line, value) => { }),
            ("psconsolefile", 1, null, (line, value) => { }),
            ("configurationname", 6, null, (line, value) => { }),
            ("workingdirectory", 2, "wd", (line, value) => line.WorkingDirectory = value),
        };

        private static readonly (string Name, int Shortest, Action<CommandLine> Apply)[] SwitchOptions =
        {
            ("nologo", 3, line => { }),
            ("noexit", 3, line => { }),
            ("noprofile", 3, line => { }),
            ("noninteractive", 4, line => { }),
            ("sta", 1, line => line.Mta = false),
            ("mta", 1, line => line.Mta = true),
        };

        private CommandLine()
        {
        }

        /// <summary>The script text to run, or null.</summary>
        public string Command { get; private set; }

        /// <summary>The script file to run, or null.</summary>
        public string File { get; private set; }

        /// <summary>What follows the script file.</summary>
        public IReadOnlyList<string> FileArguments { get; private set; } = Array.Empty<string>();

        /// <summary>The command came base64-encoded; then the error stream is CLIXML.</summary>
        public bool WasEncoded { get; private set; }

        /// <summary>The script is what stdin holds ("-Command -", "-File -", or nothing at all).</summary>
        public bool ScriptFromStdin { get; private set; }

        /// <summary>Run in a multi-threaded apartment; powershell.exe's default is STA.</summary>
        public bool Mta { get; private set; }

        public string ExecutionPolicy { get; private set; }

        public string InputFormat { get; private set; }

        public string OutputFormat { get; private set; }

        public string WorkingDirectory { get; private set; }

        /// <summary>Why the command line cannot be run, or null.</summary>
        public string Error { get; private set; }

        public static CommandLine Parse(IReadOnlyList<string> args)
        {
            var line = new CommandLine();
            line.ParseFrom(args);
            if (line.Error == null && line.Command == null && line.File == null)
            {
                line.ScriptFromStdin = true;
            }

            return line;
        }

        private void ParseFrom(IReadOnlyList<string> args)
        {
            for (int i = 0; i < args.Count; i++)
            {
                string key = OptionName(args[i]);
                if (key == null)
                {
                    TakeCommand(args, i);
                    return;
                }

                if (Matches(key, "command", 1))
                {
                    TakeCommand(args, i + 1);
                    return;
                }

                if (Matches(key, "file", 1))
                {
                    TakeFile(args, i + 1);
                    return;
                }

                if (Matches(key, "encodedcommand", 1) || Same(key, "ec"))
                {
                    i++;
                    TakeEncodedCommand(i < args.Count ? args[i] : null);
                }
                else if (!TakeSwitch(key) && !TakeValue(key, args, ref i))
                {
                    // 5.1 takes what it does not know, and all after it, as the command.
                    TakeCommand(args, i);
                    return;
                }

                if (Error != null)
                {
                    return;
                }
            }
        }

        /// <summary>The name in "-name", "--name" or "/name", or null when the argument is no option.</summary>
        private static string OptionName(string argument)
        {
            if (argument.Length < 2 || (argument[0] != '-' && argument[0] != '/'))
            {
                return null;
            }

            return argument.Substring(argument.StartsWith("--", StringComparison.Ordinal) ? 2 : 1);
        }

        private static bool Same(string key, string name)
        {
            return string.Equals(key, name, StringComparison.OrdinalIgnoreCase);
        }

        private static bool Matches(string key, string name, int shortest)
        {
            return key.Length >= shortest && name.StartsWith(key, StringComparison.OrdinalIgnoreCase);
        }

        private bool TakeSwitch(string key)
        {
            foreach (var option in SwitchOptions.Where(o => Matches(key, o.Name, o.Shortest)))
            {
                option.Apply(this);
                return true;
            }

            return false;
        }

        private bool TakeValue(string key, IReadOnlyList<string> args, ref int index)
        {
            foreach (var option in ValueOptions.Where(o => Matches(key, o.Name, o.Shortest) || Same(key, o.Alias)))
            {
                index++;
                if (index >= args.Count)
                {
                    Error = $"Cannot process the command because of a missing parameter. A value must follow -{option.Name}.";
                }
                else
                {
                    option.Apply(this, args[index]);
                }

                return true;
            }

            return false;
        }

        private void TakeEncodedCommand(string value)
        {
            try
            {
                Command = Encoding.Unicode.GetString(Convert.FromBase64String(value ?? throw new FormatException()));
                WasEncoded = true;
            }
            catch (FormatException)
            {
                Error = "Cannot process the command because the value specified with -EncodedCommand is not properly "
                    + "encoded. The value must be Base64 encoded.";
            }
        }

        private void TakeCommand(IReadOnlyList<string> args, int first)
        {
            if (first >= args.Count)
            {
                Error = "Cannot process the command because of a missing parameter. A command must follow -Command.";
            }
            else if (args[first] == "-")
            {
                if (first + 1 < args.Count)
                {
                    Error = "'-' was specified with the -Command parameter; no other arguments to -Command are permitted.";
                }

                ScriptFromStdin = true;
            }
            else
            {
                Command = string.Join(" ", args.Skip(first));
            }
        }

        private void TakeFile(IReadOnlyList<string> args, int first)
        {
            if (first >= args.Count)
            {
                Error = "Cannot process the command because of a missing parameter. A file path must follow -File.";
            }
            else if (args[first] == "-")
            {
                ScriptFromStdin = true;
            }
            else
            {
                File = args[first];
                FileArguments = args.Skip(first + 1).ToArray();
            }
        }
    }
}
