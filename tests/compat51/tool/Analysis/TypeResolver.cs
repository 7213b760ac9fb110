// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;
using GpVault.Compat51.Facts;
using Microsoft.CodeAnalysis;

namespace GpVault.Compat51.Analysis;

/// <summary>What became of a type name.</summary>
/// <param name="Exists">Whether the target has a type of this name.</param>
/// <param name="Symbol">The type, where its members are known.</param>
public readonly record struct ResolvedType(bool Exists, ITypeSymbol? Symbol)
{
    public static readonly ResolvedType Missing = new(false, null);

    /// <summary>It is there, but its members are not known (a class of the script, an accelerator of the engine).</summary>
    public static readonly ResolvedType Opaque = new(true, null);

    public static ResolvedType Of(ITypeSymbol symbol) => new(true, symbol);
}

/// <summary>Finds the type that a PowerShell type name means, by the rules of 5.1.</summary>
public sealed class TypeResolver
{
    private readonly TypeFacts facts;
    private readonly HashSet<string> scriptTypes;
    private readonly List<string> namespaces;

    public TypeResolver(SourceFile file, TypeFacts facts)
    {
        this.facts = facts;
        scriptTypes = file.All<TypeDefinitionAst>().Select(t => t.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        namespaces = file.Ast.UsingStatements
            .Where(u => u.UsingStatementKind == UsingStatementKind.Namespace)
            .Select(u => u.Name.Value + ".")
            .Append("System.")
            .ToList();
    }

    /// <summary>Resolves the name of an attribute, which may lack its "Attribute".</summary>
    public ResolvedType ResolveAttribute(ITypeName name)
    {
        ResolvedType resolved = Resolve(name);
        return resolved.Exists ? resolved : ResolveName(name.Name + "Attribute", arity: 0);
    }

    public ResolvedType Resolve(ITypeName name) => name switch
    {
        ArrayTypeName array => Map(
            Resolve(array.ElementType),
            element => facts.Compilation.CreateArrayTypeSymbol(element, array.Rank)),
        GenericTypeName generic => ResolveGeneric(generic),
        _ => ResolveName(name.Name, arity: 0),
    };

    /// <summary>Resolves a type's name in a string, as New-Object and [type]'…' take it.</summary>
    public ResolvedType Resolve(string text)
    {
        Ast parsed = Parser.ParseInput($"[{text}]", out _, out ParseError[] errors);
        TypeExpressionAst? type = errors.Length > 0
            ? null
            : (TypeExpressionAst?)parsed.Find(node => node is TypeExpressionAst, searchNestedScriptBlocks: false);
        return type is null ? ResolvedType.Missing : Resolve(type.TypeName);
    }

    private static ResolvedType Map(ResolvedType type, Func<ITypeSymbol, ITypeSymbol> change) =>
        type.Symbol is null ? type : ResolvedType.Of(change(type.Symbol));

    private ResolvedType ResolveGeneric(GenericTypeName generic)
    {
        ResolvedType definition = ResolveName(generic.TypeName.Name, generic.GenericArguments.Count);
        List<ResolvedType> arguments = generic.GenericArguments.Select(Resolve).ToList();
        if (!definition.Exists || arguments.Any(a => !a.Exists))
        {
            return ResolvedType.Missing;
        }

        return definition.Symbol is INamedTypeSymbol named && arguments.All(a => a.Symbol is not null)
            ? ResolvedType.Of(named.Construct(arguments.Select(a => a.Symbol!).ToArray()))
            : ResolvedType.Opaque;
    }

    private ResolvedType ResolveName(string name, int arity)
    {
        if (scriptTypes.Contains(name))
        {
            return ResolvedType.Opaque;
        }

        string suffix = arity > 0 && !name.Contains('`') ? "`" + arity : string.Empty;
        if (arity == 0 && Accelerators.Find(name) is { } full)
        {
            return facts.Find(full) is { } known ? ResolvedType.Of(known) : ResolvedType.Opaque;
        }

        INamedTypeSymbol? found = facts.Find(name + suffix)
            ?? namespaces.Select(space => facts.Find(space + name + suffix)).FirstOrDefault(type => type is not null);
        return found is null ? ResolvedType.Missing : ResolvedType.Of(found);
    }
}
