// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.IO;
using System.Linq;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>The engine's server of PowerShell's remoting protocol, on stdin and stdout.</summary>
    internal static class Server
    {
        /// <summary>Says that stdin is the server's from now on, and returns the console host's arguments.</summary>
        public static string[] Arguments()
        {
            Console.Out.Write("pshost-serving\n");
            return new[] { "-ServerMode", "-Command", ImportCmdlets() };
        }

        /// <summary>
        /// A session's runspace has but the engine's own cmdlets, and finds the others in modules, which are in none of
        /// the packages.
        /// </summary>
        private static string ImportCmdlets()
        {
            string[] names =
            {
                "Microsoft.PowerShell.Commands.Utility",
                "Microsoft.PowerShell.Commands.Management",
                "Microsoft.PowerShell.Commands.Diagnostics",
                "Microsoft.PowerShell.Security",
            };
            return "Import-Module " + string.Join(", ", names.Select(
                name => "'" + Path.Combine(AppContext.BaseDirectory, name + ".dll") + "'"));
        }
    }
}
