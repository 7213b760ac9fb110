// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;
using GpVault.Compat51.Analysis;
using GpVault.Compat51.Facts;

namespace GpVault.Compat51.Rules;

/// <summary>What a rule needs to judge one file.</summary>
public sealed class Context
{
    public Context(SourceFile file, CommandFacts commands, TypeFacts types)
    {
        File = file;
        Commands = commands;
        CSharp = EmbeddedCSharp.In(file).ToList();
        Types = types.With(CSharp.Select(source => source.Parse(file)));
        Resolver = new TypeResolver(file, Types);
        Inference = new TypeInference(Types, Resolver);
        Texts = new Texts(file, Inference);
    }

    public SourceFile File { get; }

    public CommandFacts Commands { get; }

    /// <summary>The types of the target, and those of the file's own C#.</summary>
    public TypeFacts Types { get; }

    public IReadOnlyList<EmbeddedCSharp> CSharp { get; }

    public TypeResolver Resolver { get; }

    public TypeInference Inference { get; }

    public Texts Texts { get; }

    public CommandArguments ArgumentsOf(CommandAst command)
    {
        CommandFact? fact = command.GetCommandName() is { } name ? Commands.Find(name) : null;
        return CommandArguments.Of(
            command,
            parameter => fact?.Parameters.TryGetValue(parameter, out bool isSwitch) == true
                ? isSwitch
                : CommandFacts.CommonParameterIsSwitch(parameter) == true);
    }
}

/// <summary>One thing that is looked for.</summary>
public interface IRule
{
    IEnumerable<Finding> Check(Context context);
}
