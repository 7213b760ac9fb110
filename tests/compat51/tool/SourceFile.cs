// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;

namespace GpVault.Compat51;

/// <summary>A PowerShell file as the engine's own parser sees it.</summary>
public sealed class SourceFile
{
    private SourceFile(string path, string text)
    {
        Path = path;
        Text = text;
        Ast = Parser.ParseInput(text, path, out Token[] tokens, out ParseError[] errors);
        Tokens = tokens;
        Errors = errors;
    }

    public string Path { get; }

    public string Text { get; }

    public ScriptBlockAst Ast { get; }

    public Token[] Tokens { get; }

    public ParseError[] Errors { get; }

    public string Name => System.IO.Path.GetFileName(Path);

    public bool IsModule => Path.EndsWith(".psm1", StringComparison.OrdinalIgnoreCase);

    public static SourceFile Read(string path) => new(path, File.ReadAllText(path));

    /// <summary>All nodes of a kind, those in nested functions and script blocks included.</summary>
    public IEnumerable<T> All<T>()
        where T : Ast => Ast.FindAll(node => node is T, searchNestedScriptBlocks: true).Cast<T>();

    public Finding At(IScriptExtent extent, string rule, string message) =>
        new(Path, extent.StartLineNumber, extent.StartColumnNumber, rule, message);

    public Finding At(Ast node, string rule, string message) => At(node.Extent, rule, message);

    /// <summary>
    /// The text that an expression is, where it is constant: a string, or a variable that is assigned one string and
    /// nothing else in this file. Null otherwise.
    /// </summary>
    public StringConstantExpressionAst? ConstantText(Ast? expression)
    {
        switch (expression)
        {
            case StringConstantExpressionAst text:
                return text;
            case ParenExpressionAst { Pipeline: PipelineAst { PipelineElements: [CommandExpressionAst inner] } }:
                return ConstantText(inner.Expression);
            case VariableExpressionAst variable:
                List<AssignmentStatementAst> assignments = AssignmentsTo(variable);
                return assignments is [{ Operator: TokenKind.Equals, Right: CommandExpressionAst { Expression: var value } }]
                    ? value as StringConstantExpressionAst
                    : null;
            default:
                return null;
        }
    }

    /// <summary>Every assignment to a variable of this name in the file.</summary>
    public List<AssignmentStatementAst> AssignmentsTo(VariableExpressionAst variable) =>
        All<AssignmentStatementAst>()
            .Where(a => a.Left.Find(
                n => n is VariableExpressionAst target
                    && target.VariablePath.UserPath.Equals(variable.VariablePath.UserPath, StringComparison.OrdinalIgnoreCase),
                searchNestedScriptBlocks: false) is not null)
            .ToList();
}
