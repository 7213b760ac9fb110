// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;
using GpVault.Compat51.Analysis;
using GpVault.Compat51.Facts;
using Microsoft.CodeAnalysis;

namespace GpVault.Compat51.Rules;

/// <summary>Type names, in literals, casts, attributes, New-Object and Add-Type, that the target does not know.</summary>
public sealed class TypeRule : IRule
{
    public IEnumerable<Finding> Check(Context context)
    {
        HashSet<string> loaded = new(StringComparer.OrdinalIgnoreCase);
        List<Finding> findings = [];
        foreach ((StringConstantExpressionAst where, string name) in AssemblyNames(context))
        {
            string simpleName = name.Split(',')[0];
            if (context.Types.FindAssembly(simpleName) is null)
            {
                findings.Add(context.File.At(where, "assembly", $"there is no assembly {simpleName} in .NET Framework 4.6.2"));
            }

            loaded.Add(simpleName);
        }

        findings.AddRange(Uses(context).SelectMany(use => Judge(context, use.Where, use.Name, use.Type, loaded)));
        return findings;
    }

    private static IEnumerable<(Ast Where, string Name, ResolvedType Type)> Uses(Context context)
    {
        TypeResolver resolver = context.Resolver;
        foreach (Ast node in context.File.All<Ast>())
        {
            switch (node)
            {
                case TypeExpressionAst type:
                    yield return (node, type.TypeName.FullName, resolver.Resolve(type.TypeName));
                    break;
                // [ordered] is syntax, not a type: the parser lets it stand only before a hashtable literal.
                case TypeConstraintAst constraint when !IsOrdered(constraint.TypeName):
                    yield return (node, constraint.TypeName.FullName, resolver.Resolve(constraint.TypeName));
                    break;
                case AttributeAst attribute:
                    yield return (node, attribute.TypeName.FullName, resolver.ResolveAttribute(attribute.TypeName));
                    break;
                case CommandAst command when TypeInference.NewObjectTypeName(command) is { } name:
                    yield return (node, name, resolver.Resolve(name));
                    break;
                case ConvertExpressionAst { Child: StringConstantExpressionAst text } convert when IsType(convert.Type.TypeName):
                    yield return (node, text.Value, resolver.Resolve(text.Value));
                    break;
            }
        }
    }

    private static IEnumerable<Finding> Judge(
        Context context, Ast where, string name, ResolvedType type, HashSet<string> loaded)
    {
        if (!type.Exists)
        {
            yield return context.File.At(where, "type", $"neither .NET Framework 4.6.2 nor 5.1 has a type {name}");
        }
        else if (type.Symbol is INamedTypeSymbol named
            && context.Types.AssemblyToLoad(named) is { } assembly
            && !loaded.Contains(assembly))
        {
            yield return context.File.At(
                where, "assembly", $"{name} is in {assembly}, which 5.1 has not loaded: Add-Type -AssemblyName first");
        }
    }

    /// <summary>The assemblies that the file loads by `Add-Type -AssemblyName`.</summary>
    private static IEnumerable<(StringConstantExpressionAst Where, string Name)> AssemblyNames(Context context) =>
        context.File.All<CommandAst>()
            .Where(c => "Add-Type".Equals(c.GetCommandName(), StringComparison.OrdinalIgnoreCase))
            .Select(c => context.ArgumentsOf(c).Named.GetValueOrDefault("AssemblyName"))
            .OfType<Ast>()
            .SelectMany(argument => argument is ArrayLiteralAst list ? list.Elements.AsEnumerable<Ast>() : [argument])
            .OfType<StringConstantExpressionAst>()
            .Select(text => (text, text.Value));

    private static bool IsOrdered(ITypeName name) => name.Name.Equals("ordered", StringComparison.OrdinalIgnoreCase);

    private static bool IsType(ITypeName name) =>
        name.Name.Equals("type", StringComparison.OrdinalIgnoreCase)
        || name.Name.Equals("System.Type", StringComparison.OrdinalIgnoreCase);
}
