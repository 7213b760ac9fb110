// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Text.Json;
using GpVault.Compat51;

// compat51 [--ansible FOLDER] [--allow FILE]... [--json | --names] FILE...
//
// Checks .ps1, .psm1 and .cs files against Windows PowerShell 5.1 and .NET Framework 4.6.2.
//   --ansible FOLDER  ansible's module_utils: its functions and C# types are allowed
//   --allow FILE      a .psm1 or .cs of the collection whose functions or types are allowed
//   --json            prints a list of objects instead of lines
//   --names           checks nothing: prints, as JSON, the names in .ps1 and .psm1 files that others have to know too
// Ends with 1 when there are findings, 2 when it was called wrongly.
List<string> allowed = [];
List<string> files = [];
bool asJson = false;
bool names = false;
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--ansible" when i + 1 < args.Length:
            string folder = args[++i];
            allowed.AddRange(Directory.EnumerateFiles(Path.Combine(folder, "powershell"), "*.psm1"));
            allowed.AddRange(Directory.EnumerateFiles(Path.Combine(folder, "csharp"), "*.cs"));
            break;
        case "--allow" when i + 1 < args.Length:
            allowed.Add(args[++i]);
            break;
        case "--json":
            asJson = true;
            break;
        case "--names":
            names = true;
            break;
        case var option when option.StartsWith("--", StringComparison.Ordinal):
            Console.Error.WriteLine($"compat51: unknown option or missing value: {option}");
            return 2;
        case var file:
            files.Add(file);
            break;
    }
}

Checker checker = new(
    allowed.Where(f => f.EndsWith(".psm1", StringComparison.OrdinalIgnoreCase)),
    allowed.Where(f => f.EndsWith(".cs", StringComparison.OrdinalIgnoreCase)));
if (names)
{
    Console.WriteLine(JsonSerializer.Serialize(files.Select(checker.NamesIn)));
    return 0;
}

List<Finding> findings = files.SelectMany(checker.Check).ToList();
if (asJson)
{
    Console.WriteLine(JsonSerializer.Serialize(findings));
}
else
{
    findings.ForEach(Console.WriteLine);
}

return findings.Count == 0 ? 0 : 1;
