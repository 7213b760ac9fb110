// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using GpVault.Compat51.Facts;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace GpVault.Compat51.Rules;

/// <summary>C# that scripts compile on the target: C# 5 against .NET Framework 4.6.2, and our rules for it.</summary>
public sealed class CSharpRule : IRule
{
    public IEnumerable<Finding> Check(Context context) =>
        context.CSharp.SelectMany(source => source.Parse(context.File) is { } tree
            ? Judge(tree, context.Types, source.Assemblies, source.FirstLine)
            : [context.File.At(source.Source, "csharp", "the C# source must be a constant here-string, so that it can be checked")]);

    /// <summary>The findings of a C# file.</summary>
    public static IEnumerable<Finding> CheckFile(string path, TypeFacts types)
    {
        SyntaxTree tree = CSharpSources.Parse(path);
        return Judge(tree, types, [], firstLine: 1).Concat(UsedUtils(tree)).Concat(ComRule.CheckFile(tree));
    }

    /// <summary>
    /// A collection's C# that a `using` brings in. ansible-core before 2.19 keeps it by the name it is asked for
    /// (executor/powershell/module_manifest.py), so a script that asks for it by another compiles it a second time.
    /// </summary>
    private static IEnumerable<Finding> UsedUtils(SyntaxTree tree) =>
        from directive in tree.GetRoot().DescendantNodes().OfType<UsingDirectiveSyntax>()
        where directive.Name?.ToString().StartsWith("ansible_collections.", StringComparison.Ordinal) == true
        let start = directive.GetLocation().GetLineSpan().StartLinePosition
        select new Finding(
            tree.FilePath,
            start.Line + 1,
            start.Character + 1,
            "csharp",
            "name the other class with its namespace: a using may compile it twice before ansible-core 2.19");

    private static IEnumerable<Finding> Judge(
        SyntaxTree tree, TypeFacts types, IReadOnlyList<string> assemblies, int firstLine)
    {
        SemanticModel model = CSharpSources.Compile(tree, types, assemblies);
        return CSharpSources.Diagnostics(model)
            .Select(d => At(d.Location, firstLine, "csharp", $"{d.Id} {d.GetMessage()}"))
            .Concat(OrdinalCSharp.Check(tree, model)
                .Select(found => At(found.Where.GetLocation(), firstLine, "ordinal", found.Message)))
            .Concat(FileRule.CheckCSharp(tree, model)
                .Select(found => At(found.Where.GetLocation(), firstLine, "file", found.Message)))
            .Concat(LengthRule.CheckCSharp(tree)
                .Select(found => At(found.Where.GetLocation(), firstLine, "length", found.Message)));
    }

    private static Finding At(Location location, int firstLine, string rule, string message)
    {
        LinePosition position = location.GetLineSpan().StartLinePosition;
        string file = location.SourceTree!.FilePath;
        return new Finding(file, firstLine + position.Line, position.Character + 1, rule, message);
    }
}
