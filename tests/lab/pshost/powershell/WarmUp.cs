// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;
using System.Text.Json;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>
    /// Does once, before a command is there, what every command of Ansible's does first. It all happens in
    /// runspaces that are thrown away: a script cannot tell a warm host from a cold one.
    /// </summary>
    internal static class WarmUp
    {
        /// <summary>Lets the engine do, in another runspace, what Ansible's wrappers do.</summary>
        public static void Engine()
        {
            Attempt("engine", () =>
            {
                using Runspace scratch = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault());
                scratch.Open();
                using PowerShell shell = PowerShell.Create(scratch);
                shell.AddScript(Resource("bootstrap.ps1"), useLocalScope: false);
                shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
                shell.AddCommand("Out-String");
                using var input = new PSDataCollection<object>();
                foreach (string line in EngineInput())
                {
                    input.Add(line);
                }

                input.Complete();
                foreach (PSObject text in shell.Invoke(input))
                {
                    Timeline.Mark("warm-up: " + text);
                }
            });
            StandbyRequest.Parse("""{"args": ["-NoProfile"], "env": {"A": "b"}, "cwd": "C:\\", "sentinel": "0"}""");
        }

        /// <summary>What the winrm connection writes to stdin: what to run, four NULs, then its manifest.</summary>
        private static IEnumerable<string> EngineInput()
        {
            var scripts = new Dictionary<string, object>();
            foreach (string name in new[] { "module.ps1", "WarmUp.Compile.psm1", "sample.cs", "payload.ps1" })
            {
                string text = Convert.ToBase64String(Encoding.UTF8.GetBytes(Resource(name)));
                scripts[name] = new Dictionary<string, object> { ["path"] = null, ["script"] = text };
            }

            var parameters = new Dictionary<string, object>
            {
                ["Script"] = "payload.ps1",
                ["Variables"] = new[] { new Dictionary<string, object> { ["Name"] = "a", ["Value"] = 1, ["Scope"] = "Global" } },
                ["Environment"] = new Dictionary<string, object>(),
                ["Utilities"] = new[] { "WarmUp.Compile.psm1" },
                ["ForModule"] = true,
            };
            var step = new Dictionary<string, object>
            {
                ["name"] = "module.ps1",
                ["params"] = parameters,
                ["secure_params"] = new Dictionary<string, object>(),
            };
            yield return JsonSerializer.Serialize(new Dictionary<string, object>
            {
                ["name"] = "engine",
                ["script"] = Resource("engine.ps1"),
                ["params"] = new Dictionary<string, object> { ["Flag"] = true },
            });
            yield return "\0\0\0\0";
            yield return JsonSerializer.Serialize(new Dictionary<string, object>
            {
                ["scripts"] = scripts,
                ["actions"] = new[] { step },
            });
        }

        private static string Resource(string name)
        {
            using Stream stream = typeof(WarmUp).Assembly.GetManifestResourceStream("warmup." + name);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }

        /// <summary>Warming up is never worth failing for.</summary>
        private static void Attempt(string what, Action action)
        {
            try
            {
                action();
                Timeline.Mark(what + " is warm");
            }
            catch (Exception e)
            {
                Timeline.Mark($"warming up the {what} failed: {e}");
            }
        }
    }
}
