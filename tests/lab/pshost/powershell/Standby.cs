// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>A host that is started ahead: it warms up, waits, and becomes the process that was asked for.</summary>
    internal static class Standby
    {
        /// <summary>The arguments of the process; null when the other side went away without a request.</summary>
        public static string[] Await()
        {
            WarmUp.Engine();
            GC.Collect();
            Timeline.Mark("warm");
            Console.Out.Write("pshost-ready\n");

            StandbyRequest request = StandbyRequest.Read(Console.In);
            if (request == null)
            {
                return null;
            }

            Timeline.Mark("request");
            PromiseSentinel(request.Sentinel);
            foreach (KeyValuePair<string, string> variable in request.Environment)
            {
                Environment.SetEnvironmentVariable(variable.Key, variable.Value);
            }

            if (Directory.Exists(request.WorkingDirectory))
            {
                Environment.CurrentDirectory = request.WorkingDirectory;
            }

            return request.Arguments;
        }

        /// <summary>From now on the process ends its stderr with this, unless it is killed or crashes.</summary>
        private static void PromiseSentinel(string value)
        {
            Stream error = Console.OpenStandardError();
            AppDomain.CurrentDomain.ProcessExit += (sender, e) =>
            {
                uint code = unchecked((uint)Environment.ExitCode);
                error.Write(Encoding.UTF8.GetBytes($"\x1epshost-ran {value} {code}\n"));
            };
        }
    }
}
