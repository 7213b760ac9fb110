// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;

namespace GpVault.Compat51.Rules;

/// <summary>Syntax that came after 5.1 (about_Windows_PowerShell_5.1 and the release notes of 6.0 to 7.6).</summary>
public sealed class SyntaxRule : IRule
{
    private const string Rule = "syntax";

    public IEnumerable<Finding> Check(Context context)
    {
        SourceFile file = context.File;
        IEnumerable<Finding> errors = file.Errors.Select(e => file.At(e.Extent, "parse", e.Message));
        IEnumerable<Finding> newer = file.All<Ast>()
            .Select(node => (Node: node, What: Describe(node)))
            .Where(found => found.What is not null)
            .Select(found => file.At(found.Node, Rule, found.What!));
        return errors.Concat(newer).Concat(LeadingPipes(file));
    }

    private static string? Describe(Ast node) => node switch
    {
        TernaryExpressionAst => "the ternary operator came with 7.0",
        PipelineChainAst { Operator: TokenKind.AndAnd } => "&& came with 7.0",
        PipelineChainAst => "|| came with 7.0",
        PipelineAst { Background: true } => "a trailing & came with 6.0",
        BinaryExpressionAst { Operator: TokenKind.QuestionQuestion } => "?? came with 7.0",
        BinaryExpressionAst { Operator: TokenKind.Ireplace or TokenKind.Creplace } replace when HasScriptBlock(replace.Right) =>
            "-replace with a script block came with 6.1",
        BinaryExpressionAst { Operator: TokenKind.DotDot } range when IsCharacter(range.Left) && IsCharacter(range.Right) =>
            "a range of characters came with 6.0",
        AssignmentStatementAst { Operator: TokenKind.QuestionQuestionEquals } => "??= came with 7.0",
        InvokeMemberExpressionAst { GenericTypeArguments: not null } => "type arguments of a method call came with 7.3",
        MemberExpressionAst { NullConditional: true } => "?. came with 7.1",
        IndexExpressionAst { NullConditional: true } => "?[] came with 7.1",
        ScriptBlockAst { CleanBlock: not null } => "the clean block came with 7.3",
        TypeDefinitionAst { IsEnum: true, BaseTypes.Count: > 0 } => "the underlying type of an enum came with 6.2",
        _ => null,
    };

    /// <summary>A line that goes on with `|` belongs to the one before only since 7.0.</summary>
    private static IEnumerable<Finding> LeadingPipes(SourceFile file)
    {
        TokenKind before = TokenKind.Unknown;
        foreach (Token token in file.Tokens.Where(t => t.Kind != TokenKind.Comment))
        {
            if (token.Kind == TokenKind.Pipe && before == TokenKind.NewLine)
            {
                yield return file.At(token.Extent, Rule, "a line that begins with | came with 7.0");
            }

            before = token.Kind;
        }
    }

    private static bool HasScriptBlock(ExpressionAst expression) =>
        expression is ScriptBlockExpressionAst or ArrayLiteralAst { Elements: [_, ScriptBlockExpressionAst] };

    private static bool IsCharacter(ExpressionAst expression) =>
        expression is StringConstantExpressionAst { Value: [< '0' or > '9'] };
}
