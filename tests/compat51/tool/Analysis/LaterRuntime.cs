// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Reflection;
using Microsoft.CodeAnalysis;

namespace GpVault.Compat51.Analysis;

/// <summary>The .NET that this tool itself runs on: what it has and .NET Framework lacks is newer.</summary>
public static class LaterRuntime
{
    private const BindingFlags AnyPublic =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.IgnoreCase | BindingFlags.FlattenHierarchy;

    private static readonly Lazy<List<string>> Assemblies = new(() =>
        ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(file => Path.GetFileNameWithoutExtension(file)!)
            .ToList());

    public static bool HasMember(ITypeSymbol type, string name) =>
        Find(type.OriginalDefinition)?.GetMember(name, AnyPublic).Length > 0;

    private static Type? Find(ITypeSymbol type)
    {
        string name = type.MetadataName;
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            name = outer.MetadataName + "+" + name;
        }

        string full = type.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{space.ToDisplayString()}.{name}" : name;
        return Assemblies.Value
            .Select(assembly => Type.GetType($"{full}, {assembly}", throwOnError: false))
            .FirstOrDefault(found => found is not null);
    }
}
