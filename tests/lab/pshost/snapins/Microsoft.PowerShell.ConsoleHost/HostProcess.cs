// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>The life of one powershell.exe process.</summary>
    public static class HostProcess
    {
        private const string StandbyOption = "--standby";

        // Deep recursion in scripts needs more than the default stack, as in the genuine host.
        private const int StackSize = 16 * 1024 * 1024;

        public static int Run(string[] args)
        {
            WineEntryPoints.Install();

            // The names ANSI and OEM, and numbered code pages, are encodings that scripts may ask for.
            Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
            var streams = new StandardStreams();
            Timeline.Mark("start");

            if (args.Contains(StandbyOption))
            {
                return RunStandby(streams);
            }

            var session = Session.Open(streams);
            Timeline.Mark("session open");
            return Leave(Execute(session, CommandLine.Parse(args)));
        }

        /// <summary>Warms up, waits for a command, and is from then on the process that was asked for.</summary>
        private static int RunStandby(StandardStreams streams)
        {
            var session = Session.Open(streams);
            WarmUp.Engine();
            GC.Collect();
            Timeline.Mark("warm");
            streams.Output.Write("pshost-ready\n");

            StandbyRequest request = StandbyRequest.Read(streams.Input);
            if (request == null)
            {
                return 0;
            }

            Timeline.Mark("request");
            streams.PromiseSentinel(request.Sentinel);
            foreach (var variable in request.Environment)
            {
                Environment.SetEnvironmentVariable(variable.Key, variable.Value);
            }

            session.ChangeLocation(request.WorkingDirectory);
            return Leave(Execute(session, CommandLine.Parse(request.Arguments)));
        }

        private static int Execute(Session session, CommandLine line)
        {
            AddToPath(AppContext.BaseDirectory.TrimEnd('\\'));
            int exitCode = 0;
            var thread = new Thread(() => exitCode = session.Run(line), StackSize) { Name = "Pipeline Execution Thread" };
            thread.SetApartmentState(line.Mta ? ApartmentState.MTA : ApartmentState.STA);
            thread.Start();
            thread.Join();
            Timeline.Mark("done");
            return exitCode;
        }

        /// <summary>"powershell" must be a command here, too: some of Ansible's scripts call it from within.</summary>
        private static void AddToPath(string folder)
        {
            string path = Environment.GetEnvironmentVariable("PATH") ?? string.Empty;
            if (!path.Split(';').Contains(folder, StringComparer.OrdinalIgnoreCase))
            {
                Environment.SetEnvironmentVariable("PATH", folder + ";" + path);
            }
        }

        /// <summary>Ends the process even if a script left a thread behind; the streams are closed on the way.</summary>
        private static int Leave(int exitCode)
        {
            Environment.Exit(exitCode);
            return exitCode;
        }
    }
}
