// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GpVault.Compat51.Facts;

/// <summary>C# as Add-Type and Ansible's Add-CSharpType of Windows PowerShell 5.1 compile it: C# 5, by CodeDom.</summary>
public static partial class CSharpSources
{
    /// <summary>Ansible defines these for 64-bit Windows PowerShell; CORECLR is what it does not define there.</summary>
    private static readonly CSharpParseOptions ParseOptions =
        new CSharpParseOptions(LanguageVersion.CSharp5).WithPreprocessorSymbols("WINDOWS", "AMD64");

    /// <summary>What both add to a compilation without being asked.</summary>
    private static readonly string[] DefaultReferences = ["mscorlib", "System", "System.Core", "System.Management.Automation"];

    public static SyntaxTree Parse(string file) => CSharpSyntaxTree.ParseText(File.ReadAllText(file), ParseOptions, file);

    public static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(text, ParseOptions, path);

    /// <summary>
    /// One source, compiled. It may use what Ansible's and the collection's other sources declare, the given assemblies,
    /// and those of `//AssemblyReference -Name` lines.
    /// </summary>
    public static SemanticModel Compile(SyntaxTree tree, TypeFacts types, IReadOnlyList<string> assemblies)
    {
        List<SyntaxTree> trees = WithUsed(tree, types);
        List<MetadataReference> references = DefaultReferences
            .Concat(trees.SelectMany(NamedAssemblies))
            .Concat(assemblies)
            .Select(name => types.FindAssembly(WithoutExtension(name)))
            .OfType<MetadataReference>()
            .Distinct()
            .ToList();
        return CSharpCompilation.Create(
            "source",
            trees,
            references,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: OptimizationLevel.Release,
                warningLevel: 4,
                allowUnsafe: true))
            .GetSemanticModel(tree);
    }

    /// <summary>The errors and warnings of a source. Warnings count: Add-CSharpType makes errors of them.</summary>
    public static IEnumerable<Diagnostic> Diagnostics(SemanticModel source) =>
        source.Compilation.GetDiagnostics()
            .Where(d => d.Severity >= DiagnosticSeverity.Warning && d.Location.SourceTree == source.SyntaxTree);

    /// <summary>
    /// The source and, of the others, those whose namespaces it uses (or one of these does), and those of the same
    /// collection, which it names from within its own namespace.
    /// </summary>
    private static List<SyntaxTree> WithUsed(SyntaxTree tree, TypeFacts types)
    {
        List<SyntaxTree> result = [tree];
        for (int i = 0; i < result.Count; i++)
        {
            HashSet<string> used = Names<UsingDirectiveSyntax>(result[i], directive => directive.Name);
            HashSet<string> parents = Parents(result[i]);
            result.AddRange(types.Sources.Where(other => other.FilePath != tree.FilePath
                && !result.Contains(other)
                && (Namespaces(other).Overlaps(used) || Parents(other).Overlaps(parents))));
        }

        return result;
    }

    private static HashSet<string> Namespaces(SyntaxTree tree) =>
        Names<NamespaceDeclarationSyntax>(tree, space => space.Name);

    private static HashSet<string> Parents(SyntaxTree tree) =>
        Names<NamespaceDeclarationSyntax>(tree, space => (space.Name as QualifiedNameSyntax)?.Left)
            .Where(name => name.StartsWith("ansible_collections.", StringComparison.Ordinal))
            .ToHashSet();

    private static HashSet<string> Names<T>(SyntaxTree tree, Func<T, NameSyntax?> name)
        where T : SyntaxNode =>
        tree.GetRoot().DescendantNodes().OfType<T>().Select(node => name(node)?.ToString() ?? string.Empty).ToHashSet();

    /// <summary>The `//TypeAccelerator -Name … -TypeName …` lines of a source.</summary>
    public static IEnumerable<(string Name, string TypeName)> TypeAccelerators(SyntaxTree tree) =>
        TypeAccelerator().Matches(tree.ToString())
            .Select(match => (match.Groups["name"].Value, match.Groups["type"].Value));

    private static IEnumerable<string> NamedAssemblies(SyntaxTree tree) =>
        AssemblyReference().Matches(tree.ToString())
            .Where(match => match.Groups["clr"].Value != "Core")
            .Select(match => match.Groups["name"].Value);

    private static string WithoutExtension(string name) =>
        name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;

    [GeneratedRegex(@"//\s*TypeAccelerator\s+-Name\s+(?<name>[\w.]+)\s+-TypeName\s+(?<type>[\w.]+)")]
    private static partial Regex TypeAccelerator();

    [GeneratedRegex(@"//\s*AssemblyReference\s+-Name\s+(?<name>[\w.]*)(\s+-CLR\s+(?<clr>Core|Framework))?")]
    private static partial Regex AssemblyReference();
}
