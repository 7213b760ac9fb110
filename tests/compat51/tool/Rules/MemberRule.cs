// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;
using GpVault.Compat51.Analysis;
using Microsoft.CodeAnalysis;

namespace GpVault.Compat51.Rules;

/// <summary>Members of .NET types, and overloads of their methods, that the target lacks.</summary>
public sealed class MemberRule : IRule
{
    public IEnumerable<Finding> Check(Context context) =>
        context.File.All<MemberExpressionAst>().SelectMany(member => CheckMember(context, member))
            .Concat(context.File.All<ConvertExpressionAst>().SelectMany(cast => CheckHashtableCast(context, cast)))
            .Concat(context.File.All<CommandAst>().SelectMany(command => CheckNewObject(context, command)));

    private static IEnumerable<Finding> CheckMember(Context context, MemberExpressionAst member)
    {
        if (member.Member is not StringConstantExpressionAst { Value: var name })
        {
            return [];
        }

        (ITypeSymbol? type, bool isStatic) = context.Inference.TargetOf(member);
        IEnumerable<Finding> split = CheckSplit(context, member, name, type);
        if (type is null)
        {
            return split;
        }

        int? arguments = member is InvokeMemberExpressionAst invocation ? invocation.Arguments?.Count ?? 0 : null;
        string? message = isStatic && name.Equals("new", StringComparison.OrdinalIgnoreCase) && arguments is { } count
            ? JudgeConstructor(type, count)
            : Judge(type, name, isStatic, arguments);
        return message is null ? split : split.Append(context.File.At(member, "member", message));
    }

    /// <summary>What is wrong with a member access, or null. An uncertain type gets the benefit of the doubt.</summary>
    private static string? Judge(ITypeSymbol type, string name, bool isStatic, int? arguments)
    {
        if (!isStatic && Members.IsOnEveryObject(type, name))
        {
            return null;
        }

        List<ISymbol> found = Members.Find(type, name, isStatic).ToList();
        if (found.Count == 0)
        {
            return IsCertainlyMissing(type, name, isStatic, arguments)
                ? $"{type.ToDisplayString()} has no {(isStatic ? "static " : string.Empty)}member {name} in .NET Framework 4.6.2"
                : null;
        }

        List<IMethodSymbol> methods = found.OfType<IMethodSymbol>().ToList();
        return arguments is { } count && methods.Count > 0 && !Members.Callable(methods, count).Any()
            ? $"{type.ToDisplayString()}.{name} takes no {count} argument(s) in .NET Framework 4.6.2"
            : null;
    }

    private static bool IsCertainlyMissing(ITypeSymbol type, string name, bool isStatic, int? arguments)
    {
        if (!isStatic && arguments is null && Members.HasOpenProperties(type))
        {
            return false;
        }

        // A collection hands the access on to its elements.
        if (!isStatic && Members.IsEnumerable(type) && !Members.HasOpenProperties(type))
        {
            return Members.ElementType(type) is { SpecialType: not SpecialType.System_Object } element
                ? Judge(element, name, isStatic, arguments) is not null
                : LaterRuntime.HasMember(type, name);
        }

        // An object may be of a type derived from the one that is known. Then only what is known to be newer counts.
        return isStatic || type.IsSealed || type.IsValueType || LaterRuntime.HasMember(type, name);
    }

    private static string? JudgeConstructor(ITypeSymbol type, int arguments)
    {
        if (type is not INamedTypeSymbol named || type.TypeKind == TypeKind.Delegate)
        {
            return null;
        }

        IEnumerable<IMethodSymbol> constructors =
            named.InstanceConstructors.Where(c => c.DeclaredAccessibility == Accessibility.Public);
        return (named.IsValueType && arguments == 0) || Members.Callable(constructors, arguments).Any()
            ? null
            : $"{type.ToDisplayString()} has no constructor with {arguments} argument(s) in .NET Framework 4.6.2";
    }

    /// <summary>`[Type]@{ Name = … }` sets properties.</summary>
    private static IEnumerable<Finding> CheckHashtableCast(Context context, ConvertExpressionAst cast)
    {
        if (cast.Child is not HashtableAst table
            || context.Resolver.Resolve(cast.Type.TypeName).Symbol is not { } type
            || Members.HasOpenProperties(type))
        {
            return [];
        }

        return CheckKeys(context, type, table);
    }

    private static IEnumerable<Finding> CheckNewObject(Context context, CommandAst command)
    {
        if (TypeInference.NewObjectTypeName(command) is not { } name || context.Resolver.Resolve(name).Symbol is not { } type)
        {
            return [];
        }

        CommandArguments arguments = context.ArgumentsOf(command);
        List<Finding> findings = [];
        if (arguments.Splatted.Count == 0 && CountConstructorArguments(arguments) is { } count
            && JudgeConstructor(type, count) is { } message)
        {
            findings.Add(context.File.At(command, "member", message));
        }

        if (arguments.Named.GetValueOrDefault("Property") is HashtableAst table && !Members.HasOpenProperties(type))
        {
            findings.AddRange(CheckKeys(context, type, table));
        }

        return findings;
    }

    private static IEnumerable<Finding> CheckKeys(Context context, ITypeSymbol type, HashtableAst table) =>
        table.KeyValuePairs
            .Select(pair => pair.Item1)
            .OfType<StringConstantExpressionAst>()
            .Where(key => !Members.Find(type, key.Value, isStatic: false).Any())
            .Select(key => context.File.At(
                key, "member", $"{type.ToDisplayString()} has no member {key.Value} in .NET Framework 4.6.2"));

    /// <summary>How many arguments -ArgumentList holds; null where that cannot be seen.</summary>
    private static int? CountConstructorArguments(CommandArguments arguments)
    {
        int typeNamePositions = arguments.Named.ContainsKey("TypeName") ? 0 : 1;
        Ast? list = arguments.Named.GetValueOrDefault("ArgumentList") ?? arguments.Positional.ElementAtOrDefault(typeNamePositions);
        return list switch
        {
            null => 0,
            ArrayLiteralAst array => array.Elements.Count,
            ConstantExpressionAst or ExpandableStringExpressionAst => 1,
            _ => null,
        };
    }

    /// <summary>
    /// 'a--b'.Split('--') splits at a string since .NET Core, but at each character of it in .NET Framework: no error,
    /// another result.
    /// </summary>
    private static IEnumerable<Finding> CheckSplit(Context context, MemberExpressionAst member, string name, ITypeSymbol? type)
    {
        bool mayBeString = type is null || type.SpecialType == SpecialType.System_String;
        if (mayBeString
            && !member.Static
            && name.Equals("Split", StringComparison.OrdinalIgnoreCase)
            && member is InvokeMemberExpressionAst { Arguments: [StringConstantExpressionAst { Value.Length: > 1 }, ..] })
        {
            yield return context.File.At(member, "split", "5.1 splits at each character of this string; use -split");
        }
    }
}
