// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GpVault.Compat51.Facts;

/// <summary>
/// The types that are there on the target: .NET Framework 4.6.2 (the one of Windows Server 2016), the engine of 5.1, and
/// the C# that Ansible and this collection bring along. Read from reference assemblies; nothing of them is loaded.
/// </summary>
public sealed class TypeFacts
{
    /// <summary>
    /// What powershell.exe 5.1 has loaded when a script starts, so that a type literal finds it. Everything else needs
    /// `Add-Type -AssemblyName` first.
    /// </summary>
    private static readonly HashSet<string> LoadedAssemblies = new(StringComparer.OrdinalIgnoreCase)
    {
        "mscorlib", "System", "System.Core", "System.Configuration.Install", "System.Data", "System.DirectoryServices",
        "Microsoft.Management.Infrastructure", "System.Management", "System.Management.Automation", "System.Numerics", "System.Transactions", "System.Xml",
        "Microsoft.CSharp",
    };

    private readonly Dictionary<string, INamedTypeSymbol> types = new(StringComparer.OrdinalIgnoreCase);

    public TypeFacts(IEnumerable<SyntaxTree> sources)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "reference");
        References = Directory.EnumerateFiles(folder, "*.dll", SearchOption.AllDirectories)
            .Where(IsManaged)
            .Select(file => (MetadataReference)MetadataReference.CreateFromFile(file))
            .ToList();
        Compilation = CSharpCompilation.Create(
            "target",
            sources,
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        Index(Compilation.GlobalNamespace);
        IndexAccelerators();
    }

    private TypeFacts(TypeFacts other, IEnumerable<SyntaxTree> sources)
    {
        References = other.References;
        Compilation = other.Compilation.AddSyntaxTrees(sources);
        Index(Compilation.GlobalNamespace);
        IndexAccelerators();
    }

    /// <summary>The C# among these types.</summary>
    public IEnumerable<SyntaxTree> Sources => Compilation.SyntaxTrees;

    public IReadOnlyList<MetadataReference> References { get; }

    public CSharpCompilation Compilation { get; }

    public INamedTypeSymbol Object => Compilation.ObjectType;

    /// <summary>These types and those of further C# sources (of files that are not among them already).</summary>
    public TypeFacts With(IEnumerable<SyntaxTree?> sources)
    {
        HashSet<string> known = Sources.Select(tree => tree.FilePath).ToHashSet();
        List<SyntaxTree> added = sources.OfType<SyntaxTree>().Where(tree => !known.Contains(tree.FilePath)).ToList();
        return added.Count == 0 ? this : new TypeFacts(this, added);
    }

    /// <summary>A public type by its full metadata name (`Dictionary`2`, `Environment+SpecialFolder`), in any case.</summary>
    public INamedTypeSymbol? Find(string fullName) => types.GetValueOrDefault(fullName);

    /// <summary>A reference assembly by its simple name.</summary>
    public MetadataReference? FindAssembly(string name) =>
        References.FirstOrDefault(r => name.Equals(Path.GetFileNameWithoutExtension(r.Display), StringComparison.OrdinalIgnoreCase));

    /// <summary>The assembly that must be loaded by hand before a type literal finds this type, or null.</summary>
    public string? AssemblyToLoad(INamedTypeSymbol type)
    {
        IAssemblySymbol assembly = type.ContainingAssembly;
        bool isOurs = SymbolEqualityComparer.Default.Equals(assembly, Compilation.Assembly);
        return isOurs || LoadedAssemblies.Contains(assembly.Name) ? null : assembly.Name;
    }

    private static bool IsManaged(string file)
    {
        using FileStream stream = File.OpenRead(file);
        using System.Reflection.PortableExecutable.PEReader reader = new(stream);
        return reader.HasMetadata;
    }

    private void Index(INamespaceSymbol space)
    {
        foreach (INamedTypeSymbol type in space.GetTypeMembers())
        {
            string prefix = space.IsGlobalNamespace ? string.Empty : space.ToDisplayString() + ".";
            Index(type, prefix + type.MetadataName);
        }

        foreach (INamespaceSymbol inner in space.GetNamespaceMembers())
        {
            Index(inner);
        }
    }

    /// <summary>The names that Add-CSharpType gives to types by `//TypeAccelerator` lines.</summary>
    private void IndexAccelerators()
    {
        foreach (SyntaxTree tree in Sources)
        {
            foreach ((string name, string typeName) in CSharpSources.TypeAccelerators(tree))
            {
                INamedTypeSymbol? type = Compilation.GetTypeByMetadataName(typeName)
                    ?? Compilation.GetSymbolsWithName(typeName, SymbolFilter.Type)
                        .OfType<INamedTypeSymbol>()
                        .FirstOrDefault(t => t.DeclaringSyntaxReferences.Any(r => r.SyntaxTree == tree));
                if (type is not null)
                {
                    types.TryAdd(name, type);
                }
            }
        }
    }

    private void Index(INamedTypeSymbol type, string name)
    {
        if (type.DeclaredAccessibility != Accessibility.Public)
        {
            return;
        }

        types.TryAdd(name, type);
        foreach (INamedTypeSymbol nested in type.GetTypeMembers())
        {
            Index(nested, $"{name}+{nested.MetadataName}");
        }
    }
}
