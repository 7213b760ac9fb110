// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;

namespace GpVault.Compat51.Rules;

/// <summary>What every module of this project begins with, and how its functions are named.</summary>
public sealed class HouseRule : IRule
{
    private static readonly Type[] VerbGroups =
    [
        typeof(VerbsCommon), typeof(VerbsCommunications), typeof(VerbsData), typeof(VerbsDiagnostic),
        typeof(VerbsLifecycle), typeof(VerbsOther), typeof(VerbsSecurity),
    ];

    /// <summary>Those of 5.1: Build and Deploy came with 6.0 ("Approved Verbs for PowerShell Commands").</summary>
    private static readonly HashSet<string> ApprovedVerbs = new(
        VerbGroups.SelectMany(group => group.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(field => field.Name)
            .Except(["Build", "Deploy"]),
        StringComparer.OrdinalIgnoreCase);

    public IEnumerable<Finding> Check(Context context) =>
        context.File.IsModule ? CheckPreamble(context.File).Concat(CheckVerbs(context.File)) : [];

    /// <summary>Import-Module warns of any other, and takes the time to look for them.</summary>
    private static IEnumerable<Finding> CheckVerbs(SourceFile file) =>
        from function in file.All<FunctionDefinitionAst>()
        let verb = function.Name.Split('-')[0]
        where !ApprovedVerbs.Contains(verb)
        select file.At(function, "verb", $"{function.Name}: {verb} is no approved verb");

    /// <summary>A module sets both at its top: a module's scope does not inherit them from the script that imports it.</summary>
    private static IEnumerable<Finding> CheckPreamble(SourceFile file)
    {
        IReadOnlyList<StatementAst> statements = file.Ast.EndBlock?.Statements ?? (IReadOnlyList<StatementAst>)[];
        if (!statements.Any(IsStrictMode))
        {
            yield return file.At(file.Ast, "strictmode", "a module calls Set-StrictMode -Version at its top");
        }

        if (!statements.Any(IsStop))
        {
            yield return file.At(file.Ast, "errorpreference", "a module sets $ErrorActionPreference = 'Stop' at its top");
        }
    }

    private static bool IsStrictMode(StatementAst statement) =>
        statement is PipelineAst { PipelineElements: [CommandAst command] }
        && "Set-StrictMode".Equals(command.GetCommandName(), StringComparison.OrdinalIgnoreCase)
        && command.CommandElements.OfType<CommandParameterAst>()
            .Any(p => p.ParameterName.Equals("Version", StringComparison.OrdinalIgnoreCase));

    private static bool IsStop(StatementAst statement) =>
        statement is AssignmentStatementAst
        {
            Left: VariableExpressionAst { VariablePath.UserPath: var name },
            Right: CommandExpressionAst { Expression: StringConstantExpressionAst { Value: var value } },
        }
        && name.Equals("ErrorActionPreference", StringComparison.OrdinalIgnoreCase)
        && value.Equals("Stop", StringComparison.OrdinalIgnoreCase);
}
