// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Diagnostics;
using System.Runtime;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>Where start-up time goes: set PSHOST_TIMELINE to have it on stderr.</summary>
    internal static class Timeline
    {
        private static readonly bool Wanted = Environment.GetEnvironmentVariable("PSHOST_TIMELINE") != null;
        private static readonly Stopwatch Clock = Stopwatch.StartNew();

        public static void Mark(string what)
        {
            if (Wanted)
            {
                double sinceStart = (DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds;
                double jit = JitInfo.GetCompilationTime().TotalMilliseconds;
                Console.Error.WriteLine($"[pshost] {sinceStart,6:F0} ms  (+{Clock.ElapsedMilliseconds,5})  "
                    + $"compiled {JitInfo.GetCompiledMethodCount(),6} methods in {jit,5:F0} ms, "
                    + $"{GC.CollectionCount(0),3} collections  {what}");
            }
        }
    }
}
