// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>The line of JSON that tells a waiting host what it is to be.</summary>
    internal sealed class StandbyRequest
    {
        private StandbyRequest()
        {
        }

        public string[] Arguments { get; private set; }

        public IReadOnlyDictionary<string, string> Environment { get; private set; }

        public string WorkingDirectory { get; private set; }

        public string Sentinel { get; private set; }

        /// <summary>Reads the request; null when the other side went away without one.</summary>
        public static StandbyRequest Read(TextReader input)
        {
            string line = input.ReadLine();
            return string.IsNullOrEmpty(line) ? null : Parse(line);
        }

        internal static StandbyRequest Parse(string line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            var request = new StandbyRequest
            {
                Arguments = root.GetProperty("args").EnumerateArray().Select(a => a.GetString()).ToArray(),
                Environment = new Dictionary<string, string>(),
                WorkingDirectory = Optional(root, "cwd"),
                Sentinel = Optional(root, "sentinel"),
            };
            if (root.TryGetProperty("env", out JsonElement variables) && variables.ValueKind == JsonValueKind.Object)
            {
                request.Environment = variables.EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString());
            }

            return request;
        }

        private static string Optional(JsonElement root, string name)
        {
            return root.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
        }
    }
}
