// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using Microsoft.CodeAnalysis;

namespace GpVault.Compat51.Analysis;

/// <summary>The members of a .NET type as PowerShell looks them up: public, in any case, inherited ones included.</summary>
public static class Members
{
    /// <summary>What PowerShell itself gives every object.</summary>
    private static readonly HashSet<string> OnEveryObject = new(StringComparer.OrdinalIgnoreCase)
    {
        "PSObject", "PSBase", "PSAdapted", "PSExtended", "PSTypeNames", "Count", "Length", "ForEach", "Where",
    };

    /// <summary>What types.ps1xml of 5.1 adds to .NET types that scripts of this kind meet.</summary>
    private static readonly Dictionary<string, string[]> Extended = new()
    {
        ["System.IO.FileInfo"] = ["BaseName", "LinkType", "Mode", "Target", "VersionInfo"],
        ["System.IO.DirectoryInfo"] = ["BaseName", "LinkType", "Mode", "Target"],
        ["System.IO.FileSystemInfo"] = ["BaseName", "LinkType", "Mode", "Target", "VersionInfo", "Length"],
        ["System.DateTime"] = ["DateTime"],
        ["System.Guid"] = ["Guid"],
        ["System.Security.AccessControl.ObjectSecurity"] = ["Access", "Group", "Owner", "Path", "Sddl", "AccessToString"],
        ["System.Diagnostics.Process"] = ["Name", "Path", "Company", "CPU", "FileVersion", "ProductVersion", "Description", "Product"],
    };

    /// <summary>Types whose properties are data, or come from an adapter; nothing can be said about a name.</summary>
    private static readonly string[] OpenTypes =
    [
        "System.Collections.IDictionary",
        "System.Xml.XmlNode",
        "System.Management.ManagementBaseObject",
        "System.DirectoryServices.DirectoryEntry",
        "System.Data.DataRow",
        "Microsoft.Management.Infrastructure.CimInstance",
        "System.Management.Automation.PSObject",
    ];

    public static IEnumerable<ISymbol> Find(ITypeSymbol type, string name, bool isStatic) =>
        Lineage(type)
            .SelectMany(t => t.GetMembers())
            .Where(member => member.DeclaredAccessibility == Accessibility.Public
                && member.IsStatic == isStatic
                && member.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The methods of a name that could be called with so many arguments.</summary>
    public static IEnumerable<IMethodSymbol> Callable(IEnumerable<IMethodSymbol> methods, int arguments) =>
        methods.Where(method => Accepts(method, arguments));

    public static bool IsOnEveryObject(ITypeSymbol type, string name) =>
        OnEveryObject.Contains(name)
        || Lineage(type).Any(t => Extended.TryGetValue(t.ToDisplayString(), out string[]? names)
            && names.Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether the properties of this type are not only those that it declares.</summary>
    public static bool HasOpenProperties(ITypeSymbol type) =>
        Lineage(type).Any(t => OpenTypes.Contains(t.OriginalDefinition.ToDisplayString()));

    /// <summary>What a member access falls back to on a collection: the type of its elements, if it is one.</summary>
    public static ITypeSymbol? ElementType(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol array)
        {
            return array.ElementType;
        }

        if (type.SpecialType == SpecialType.System_String)
        {
            return null;
        }

        return Lineage(type)
            .OfType<INamedTypeSymbol>()
            .FirstOrDefault(t => t.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T)
            ?.TypeArguments[0];
    }

    public static bool IsEnumerable(ITypeSymbol type) =>
        type.SpecialType != SpecialType.System_String
        && Lineage(type).Any(t => t.SpecialType == SpecialType.System_Collections_IEnumerable);

    /// <summary>The type, its bases and all its interfaces (PowerShell also calls explicitly implemented members).</summary>
    private static IEnumerable<ITypeSymbol> Lineage(ITypeSymbol type)
    {
        for (ITypeSymbol? current = type; current is not null; current = current.BaseType)
        {
            yield return current;
        }

        foreach (INamedTypeSymbol contract in type.AllInterfaces)
        {
            yield return contract;
        }
    }

    private static bool Accepts(IMethodSymbol method, int arguments)
    {
        int total = method.Parameters.Length;
        int required = method.Parameters.Count(p => !p.IsOptional && !p.IsParams);
        bool takesMore = total > 0 && method.Parameters[^1].IsParams;
        return arguments >= required && (takesMore || arguments <= total);
    }
}
