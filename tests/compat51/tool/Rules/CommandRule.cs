// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;
using GpVault.Compat51.Analysis;
using GpVault.Compat51.Facts;

namespace GpVault.Compat51.Rules;

/// <summary>Commands, parameters and arguments that 5.1 lacks on a server without further modules; aliases.</summary>
public sealed class CommandRule : IRule
{
    /// <summary>What -Encoding takes in 5.1, over all cmdlets that have it.</summary>
    private static readonly HashSet<string> Encodings = new(StringComparer.OrdinalIgnoreCase)
    {
        "ASCII", "BigEndianUnicode", "BigEndianUTF32", "Byte", "Default", "OEM", "String", "Unicode", "Unknown", "UTF32",
        "UTF7", "UTF8",
    };

    public IEnumerable<Finding> Check(Context context) =>
        context.File.All<CommandAst>().SelectMany(command => CheckCommand(context, command));

    private static IEnumerable<Finding> CheckCommand(Context context, CommandAst command)
    {
        string? name = command.GetCommandName();
        if (name is null || name.EndsWith(".exe", StringComparison.OrdinalIgnoreCase))
        {
            return [];
        }

        if (context.Commands.Find(name) is { } fact)
        {
            CommandArguments arguments = context.ArgumentsOf(command);
            return CheckParameters(context, command, fact, arguments)
                .Concat(CheckPositional(context, command, fact, arguments))
                .Concat(CheckEncoding(context, arguments));
        }

        return CommandFacts.IsBuiltInAlias(name)
            ? [context.File.At(command, "alias", $"{name} is an alias; write the cmdlet's name")]
            : [context.File.At(command, "command", $"{name} is no cmdlet of 5.1 on a bare server, nor a function of ours or Ansible's")];
    }

    private static IEnumerable<Finding> CheckParameters(
        Context context, CommandAst command, CommandFact fact, CommandArguments arguments)
    {
        IEnumerable<(Ast Where, string Name)> named = arguments.Parameters.Select(p => ((Ast)p, p.ParameterName));
        IEnumerable<(Ast Where, string Name)> splatted = arguments.Splatted
            .SelectMany(variable => SplattedKeys(context, variable))
            .Select(key => ((Ast)key, key.Value));
        return named.Concat(splatted)
            .Where(p => !fact.Parameters.ContainsKey(p.Name)
                && !(fact.HasCommonParameters && CommandFacts.CommonParameterIsSwitch(p.Name) is not null))
            .Select(p => context.File.At(p.Where, "parameter", $"{fact.Name} has no parameter -{p.Name} in 5.1"));
    }

    /// <summary>The keys of a hashtable that is splatted, where they can be seen: literals assigned in this file.</summary>
    private static IEnumerable<StringConstantExpressionAst> SplattedKeys(Context context, VariableExpressionAst variable) =>
        context.File.AssignmentsTo(variable)
            .Where(a => a.Left is VariableExpressionAst)
            .Select(a => a.Right)
            .OfType<CommandExpressionAst>()
            .Select(c => c.Expression)
            .OfType<HashtableAst>()
            .SelectMany(table => table.KeyValuePairs)
            .Select(pair => pair.Item1)
            .OfType<StringConstantExpressionAst>();

    private static IEnumerable<Finding> CheckPositional(
        Context context, CommandAst command, CommandFact fact, CommandArguments arguments)
    {
        if (fact.MaxPositional is { } most && arguments.Positional.Count > most)
        {
            yield return context.File.At(
                command,
                "positional",
                $"{fact.Name} takes at most {most} positional argument(s) in 5.1, not {arguments.Positional.Count}");
        }
    }

    private static IEnumerable<Finding> CheckEncoding(Context context, CommandArguments arguments)
    {
        if (arguments.Named.GetValueOrDefault("Encoding") is StringConstantExpressionAst encoding
            && !Encodings.Contains(encoding.Value))
        {
            yield return context.File.At(encoding, "argument", $"-Encoding does not take {encoding.Value} in 5.1");
        }
    }
}
