// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;

namespace GpVault.Compat51.Analysis;

/// <summary>The arguments of a command, sorted into named and positional ones.</summary>
public sealed class CommandArguments
{
    private readonly Dictionary<string, Ast?> named = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Ast> positional = [];
    private readonly List<CommandParameterAst> parameters = [];
    private readonly List<VariableExpressionAst> splatted = [];

    /// <summary>The named parameters with their values; the value of a switch is null.</summary>
    public IReadOnlyDictionary<string, Ast?> Named => named;

    public IReadOnlyList<Ast> Positional => positional;

    public IReadOnlyList<CommandParameterAst> Parameters => parameters;

    public IReadOnlyList<VariableExpressionAst> Splatted => splatted;

    public static CommandArguments Of(CommandAst command, Func<string, bool> isSwitch)
    {
        CommandArguments result = new();
        string? waiting = null;
        foreach (CommandElementAst element in command.CommandElements.Skip(1))
        {
            switch (element)
            {
                case CommandParameterAst parameter:
                    result.parameters.Add(parameter);
                    result.named[parameter.ParameterName] = parameter.Argument;
                    bool takesNext = parameter.Argument is null && !isSwitch(parameter.ParameterName);
                    waiting = takesNext ? parameter.ParameterName : null;
                    break;
                case VariableExpressionAst { Splatted: true } variable:
                    result.splatted.Add(variable);
                    break;
                case var value when waiting is not null:
                    result.named[waiting] = value;
                    waiting = null;
                    break;
                default:
                    result.positional.Add(element);
                    break;
            }
        }

        return result;
    }
}
