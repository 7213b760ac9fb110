// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Globalization;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>powershell.exe: PowerShell's own console host on Wine, at once or on request.</summary>
    internal static class Program
    {
        private const string StandbyOption = "--standby";
        private const string ServerOption = "-ServerMode";

        [STAThread]
        private static int Main(string[] args)
        {
            WineEntryPoints.Install();
            ChooseCulture();
            Timeline.Mark("start");
            if (args is [StandbyOption])
            {
                args = Standby.Await();
                if (args == null)
                {
                    return 0;
                }
            }

            if (args is [ServerOption])
            {
                // The engine's server of PowerShell's remoting protocol: stdin is its own from now on.
                Console.Out.Write("pshost-serving\n");
            }

            int exitCode = ConsoleShell.Start(SessionState(), bannerText: null, helpText: null, args);
            Timeline.Mark("done");

            // Ends the process even if a script left a thread behind.
            Environment.Exit(exitCode);
            return exitCode;
        }

        /// <summary>Wine takes the user's culture from Linux, whose locales are not installed as a rule.</summary>
        private static void ChooseCulture()
        {
            string name = Environment.GetEnvironmentVariable("PSHOST_CULTURE");
            if (!string.IsNullOrEmpty(name))
            {
                CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.GetCultureInfo(name);
            }
        }

        private static InitialSessionState SessionState()
        {
            // All cmdlets from the start, which is sooner than by the modules in which pwsh.exe finds them.
            InitialSessionState state = InitialSessionState.CreateDefault();

            // Windows PowerShell's way to show an error, with category and identifier on lines of their own.
            state.Variables.Add(new SessionStateVariableEntry("ErrorView", "NormalView", null));
            return state;
        }
    }
}
