// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;

namespace GpVault.Compat51.Rules;

/// <summary>This project's own rules for PowerShell.</summary>
public sealed class HouseRule : IRule
{
    /// <summary>The only file that may talk to COM.</summary>
    private const string ComModule = "_Gpmc.psm1";

    private static readonly string[] ComWords = ["ComObject", "GPMgmt"];

    public IEnumerable<Finding> Check(Context context)
    {
        SourceFile file = context.File;
        return file.IsModule ? CheckCom(file).Concat(CheckPreamble(file)) : CheckCom(file);
    }

    private static IEnumerable<Finding> CheckCom(SourceFile file)
    {
        if (file.Name == ComModule)
        {
            return [];
        }

        return file.Tokens
            .Where(token => token.Kind != TokenKind.Comment)
            .Where(token => ComWords.Any(word => token.Text.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .Select(token => file.At(token.Extent, "com", $"only {ComModule} talks to COM"));
    }

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
