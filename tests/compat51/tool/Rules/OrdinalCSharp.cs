// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GpVault.Compat51.Rules;

/// <summary>The rule `ordinal` for C#: what .NET compares by a language unless it is told otherwise.</summary>
public static class OrdinalCSharp
{
    private static readonly string[] Comparers = ["StringComparison", "StringComparer", "IComparer", "Comparison"];

    public static IEnumerable<(SyntaxNode Where, string Message)> Check(SyntaxTree tree, SemanticModel model)
    {
        foreach (SyntaxNode node in tree.GetRoot().DescendantNodes())
        {
            string? message = (node, model.GetSymbolInfo(node).Symbol) switch
            {
                (InvocationExpressionSyntax call, IMethodSymbol method) =>
                    JudgeCall(method) ?? JudgePattern(method, call.ArgumentList),
                (ObjectCreationExpressionSyntax made, IMethodSymbol constructor) =>
                    JudgeSorted(constructor) ?? JudgePattern(constructor, made.ArgumentList),
                (MemberAccessExpressionSyntax, { Kind: SymbolKind.Field or SymbolKind.Property } member) =>
                    JudgeComparer(member),
                _ => null,
            };
            if (message is not null)
            {
                yield return (node, message);
            }
        }
    }

    private static string? JudgeComparer(ISymbol member) =>
        member.ContainingType?.Name is "StringComparison" or "StringComparer"
        && !member.Name.StartsWith("Ordinal", StringComparison.Ordinal)
            ? "is no ordinal comparison"
            : null;

    private static string? JudgeCall(IMethodSymbol method)
    {
        bool isTold = method.Parameters.Any(parameter => Comparers.Contains(parameter.Type.Name));
        bool isText = method.ContainingType.SpecialType == SpecialType.System_String;
        return method.Name switch
        {
            "ToUpper" or "ToLower" when isText =>
                "changes case by the host's language: ToUpperInvariant, ToLowerInvariant",
            "CompareTo" when isText => "compares by the host's language: string.CompareOrdinal",
            "Compare" or "StartsWith" or "EndsWith" when isText && !isTold =>
                "compares by language: add StringComparison.Ordinal",
            "IndexOf" or "LastIndexOf" when isText && !isTold && IsText(method.Parameters[0].Type) =>
                "compares by language: add StringComparison.Ordinal",
            "Sort" or "BinarySearch" or "OrderBy" or "OrderByDescending" or "ThenBy" or "ThenByDescending"
                when !isTold && IsSorting(method) => "sorts by the host's language: give it StringComparer.Ordinal",
            _ => null,
        };
    }

    private static string? JudgeSorted(IMethodSymbol constructor) =>
        constructor.ContainingType is { Name: "SortedDictionary" or "SortedList" or "SortedSet" } type
        && !constructor.Parameters.Any(parameter => Comparers.Contains(parameter.Type.Name))
        && (type.TypeArguments.Length == 0 || IsText(type.TypeArguments[0]))
            ? "sorts by the host's language: give it StringComparer.Ordinal"
            : null;

    private static string? JudgePattern(IMethodSymbol method, ArgumentListSyntax? arguments) =>
        method.ContainingType.Name == "Regex"
        && arguments?.ToString() is { } said
        && said.Contains("IgnoreCase", StringComparison.Ordinal)
        && !said.Contains("CultureInvariant", StringComparison.Ordinal)
            ? "folds case by the host's language: add RegexOptions.CultureInvariant"
            : null;

    /// <summary>Whether it sorts texts, or what may be texts: a list or array of them, or by keys that are.</summary>
    private static bool IsSorting(IMethodSymbol method) => method.ContainingType.Name switch
    {
        "Array" => !method.IsGenericMethod || IsText(method.TypeArguments[0]),
        "List" => IsText(method.ContainingType.TypeArguments[0]),
        "Enumerable" => IsText(method.TypeArguments[^1]),
        "ArrayList" => true,
        _ => false,
    };

    private static bool IsText(ITypeSymbol type) =>
        type.SpecialType is SpecialType.System_String or SpecialType.System_Object;
}
