// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace GpVault.Compat51.Rules;

/// <summary>
/// Functions that do not fit on a page. A line counts when code stands on it: not blank ones, not comments, not the
/// help, not the declaration of the parameters.
/// </summary>
public sealed class LengthRule : IRule
{
    private const int Most = 80;

    public IEnumerable<Finding> Check(Context context) =>
        from function in context.File.All<FunctionDefinitionAst>()
        let lines = CodeLines(context.File, function)
        where lines > Most
        select context.File.At(function, "length", Describe(function.Name, lines));

    /// <summary>The methods of C# that are too long.</summary>
    public static IEnumerable<(SyntaxNode Where, string Message)> CheckCSharp(SyntaxTree tree) =>
        from method in tree.GetRoot().DescendantNodes()
        let body = Body(method)
        where body is not null
        let lines = CodeLines(tree, body)
        where lines > Most
        select (method, Describe(Name(method), lines));

    private static string Describe(string name, int lines) =>
        $"{name} has {lines} lines of code, more than {Most}";

    private static int CodeLines(SourceFile file, FunctionDefinitionAst function)
    {
        IScriptExtent body = function.Body.Extent;
        IScriptExtent? parameters = function.Body.ParamBlock?.Extent;
        return file.Tokens
            .Where(token => token.Kind is not (TokenKind.Comment or TokenKind.NewLine or TokenKind.EndOfInput))
            .Select(token => token.Extent)
            .Where(token => IsWithin(token, body) && (parameters is null || !IsWithin(token, parameters)))
            .SelectMany(token => Lines(token.StartLineNumber, token.EndLineNumber))
            .Where(line => line > body.StartLineNumber && line < body.EndLineNumber)
            .Distinct()
            .Count();
    }

    private static IEnumerable<int> Lines(int first, int last) => Enumerable.Range(first, last - first + 1);

    private static bool IsWithin(IScriptExtent inner, IScriptExtent outer) =>
        inner.StartOffset >= outer.StartOffset && inner.EndOffset <= outer.EndOffset;

    private static SyntaxNode? Body(SyntaxNode method) => method switch
    {
        BaseMethodDeclarationSyntax declaration => declaration.Body,
        AccessorDeclarationSyntax accessor => accessor.Body,
        _ => null,
    };

    private static string Name(SyntaxNode method) => method switch
    {
        MethodDeclarationSyntax declaration => declaration.Identifier.Text,
        ConstructorDeclarationSyntax declaration => declaration.Identifier.Text,
        _ => method.Kind().ToString(),
    };

    private static int CodeLines(SyntaxTree tree, SyntaxNode body)
    {
        FileLinePositionSpan whole = tree.GetLineSpan(body.Span);
        return body.DescendantTokens()
            .Select(token => tree.GetLineSpan(token.Span))
            .SelectMany(span => Lines(span.StartLinePosition.Line, span.EndLinePosition.Line))
            .Where(line => line > whole.StartLinePosition.Line && line < whole.EndLinePosition.Line)
            .Distinct()
            .Count();
    }
}
