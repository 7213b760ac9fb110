// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using GpVault.Lab.PowerShellHost;

namespace GpVault.Lab
{
    /// <summary>The executable itself; everything else is in the ConsoleHost assembly, as in the genuine one.</summary>
    internal static class Program
    {
        // The main thread only waits; scripts run on a thread of the apartment that was asked for.
        [MTAThread]
        private static int Main(string[] args)
        {
            return HostProcess.Run(args);
        }
    }
}
