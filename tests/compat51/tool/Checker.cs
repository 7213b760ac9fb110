// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using GpVault.Compat51.Analysis;
using GpVault.Compat51.Facts;
using GpVault.Compat51.Rules;
using Microsoft.CodeAnalysis;

namespace GpVault.Compat51;

/// <summary>Checks files of a collection against what the target has.</summary>
public sealed class Checker
{
    private static readonly IRule[] Rules =
    [
        new SyntaxRule(), new TextRule(), new CommandRule(), new TypeRule(), new MemberRule(), new CSharpRule(),
        new HouseRule(), new ComRule(), new FileRule(), new OrdinalRule(), new LengthRule(),
    ];

    private readonly CommandFacts commands;
    private readonly TypeFacts types;

    /// <summary>Takes in what the files may use besides what the target itself has.</summary>
    /// <param name="modules">PowerShell modules whose functions exist on the target: Ansible's and the collection's.</param>
    /// <param name="csharp">C# whose types exist there: Ansible's and the collection's.</param>
    public Checker(IEnumerable<string> modules, IEnumerable<string> csharp)
    {
        List<SourceFile> read = modules.Select(SourceFile.Read).ToList();
        commands = read.Aggregate(new CommandFacts(), (known, module) => known.With(module));
        IEnumerable<SyntaxTree> embedded = read
            .SelectMany(module => EmbeddedCSharp.In(module).Select(source => source.Parse(module)))
            .OfType<SyntaxTree>();
        types = new TypeFacts(csharp.Select(CSharpSources.Parse).Concat(embedded));
    }

    public IEnumerable<Finding> Check(string path)
    {
        if (path.EndsWith(".cs", StringComparison.OrdinalIgnoreCase))
        {
            return CSharpRule.CheckFile(path, types);
        }

        Context context = Read(path);
        return Rules.SelectMany(rule => rule.Check(context)).Distinct().OrderBy(f => f.Line).ThenBy(f => f.Column);
    }

    /// <summary>The names in a PowerShell file that other files have to know too.</summary>
    public SharedNames NamesIn(string path)
    {
        Context context = Read(path);
        return SharedNames.In(context.File, context.Texts, context.ArgumentsOf);
    }

    private Context Read(string path)
    {
        SourceFile file = SourceFile.Read(path);
        return new Context(file, commands.With(file), types);
    }
}
