// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using GpVault.Compat51.Facts;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace GpVault.Compat51.Rules;

/// <summary>C# that scripts compile on the target: C# 5 against .NET Framework 4.6.2.</summary>
public sealed class CSharpRule : IRule
{
    public IEnumerable<Finding> Check(Context context) =>
        context.CSharp.SelectMany(source => source.Parse(context.File) is { } tree
            ? Judge(tree, context.Types, source.Assemblies, source.FirstLine)
            : [context.File.At(source.Source, "csharp", "the C# source must be a constant here-string, so that it can be checked")]);

    /// <summary>The findings of a C# file.</summary>
    public static IEnumerable<Finding> CheckFile(string path, TypeFacts types) =>
        Judge(CSharpSources.Parse(path), types, [], firstLine: 1);

    private static IEnumerable<Finding> Judge(
        SyntaxTree tree, TypeFacts types, IReadOnlyList<string> assemblies, int firstLine) =>
        CSharpSources.Compile(tree, types, assemblies).Select(diagnostic =>
        {
            LinePosition position = diagnostic.Location.GetLineSpan().StartLinePosition;
            return new Finding(
                tree.FilePath,
                firstLine + position.Line,
                position.Character + 1,
                "csharp",
                $"{diagnostic.Id} {diagnostic.GetMessage()}");
        });
}
