// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using GpVault.Compat51.Analysis;
using Microsoft.CodeAnalysis;

namespace GpVault.Compat51.Rules;

/// <summary>
/// Comparisons of texts by the rules of a language, where names, paths, IDs and accounts are meant: these are equal
/// unit by unit, or not at all. README.md says what compares how, and where that is known from.
/// </summary>
public sealed partial class OrdinalRule : IRule
{
    private const string Equality =
        "compares by language: [String]::Equals($a, $b, [StringComparison]::OrdinalIgnoreCase)";
    private const string Membership =
        "compares by language: a HashSet[String] made with [StringComparer]::OrdinalIgnoreCase";
    private const string Order = "compares by language: [String]::CompareOrdinal, or a cast to a number";
    private const string Pattern = "folds case by the host's language: -cmatch, -creplace and -csplit do not";
    private const string Wildcard =
        "folds case and compares by the host's language: use an ordinal method or -cmatch";
    private const string Sorting =
        "sorts and compares by the host's language: [Array]::Sort or List.Sort with [StringComparer]::Ordinal";
    private const string Sorted = "sorts by the host's language: give it [StringComparer]::Ordinal";
    private const string Table =
        "finds keys of @{ } by the host's language in 5.1: make it with [StringComparer]::OrdinalIgnoreCase";
    private const string Casing = "changes case by the host's language: ToUpperInvariant, ToLowerInvariant";
    private const string Search = "compares by language: add [StringComparison]::Ordinal, or search for a [Char]";
    private const string Comparer = "is no ordinal comparison";
    private const string Folding = "folds case by the host's language: add CultureInvariant";

    public IEnumerable<Finding> Check(Context context)
    {
        foreach (Ast node in context.File.All<Ast>())
        {
            string? message = node switch
            {
                BinaryExpressionAst operation => Judge(context.Texts, context.File, operation),
                SwitchStatementAst choice => Judge(context, choice),
                CommandAst command => Judge(context, command),
                InvokeMemberExpressionAst { Static: true } call => JudgeStatic(context, call),
                InvokeMemberExpressionAst call => JudgeInstance(context, call),
                MemberExpressionAst { Static: true } member => JudgeComparer(member),
                IndexExpressionAst index when IsFilledTable(context, index.Target) =>
                    JudgeKey(context.Texts, index.Index),
                StringConstantExpressionAst { Value: var name } when IsLinguistic(name) && !IsMember(node) => Comparer,
                _ => null,
            };
            if (message is not null)
            {
                yield return context.File.At(Place(node), "ordinal", message);
            }
        }
    }

    /// <summary>Where people look for it: at the operator or the method's name, not where the expression begins.</summary>
    private static IScriptExtent Place(Ast node) => node switch
    {
        BinaryExpressionAst operation => operation.ErrorPosition,
        MemberExpressionAst member => member.Member.Extent,
        _ => node.Extent,
    };

    private static string? Judge(Texts texts, SourceFile file, BinaryExpressionAst operation)
    {
        bool isNoText = texts.IsNoText(operation.Left) || texts.IsNoText(operation.Right);
        bool isHarmless = isNoText || texts.IsPlain(operation.Left) || texts.IsPlain(operation.Right);
        switch (operation.Operator)
        {
            case TokenKind.Ieq or TokenKind.Ine or TokenKind.Ceq or TokenKind.Cne:
                return isHarmless ? null : Equality;
            case TokenKind.Icontains or TokenKind.Inotcontains or TokenKind.Ccontains or TokenKind.Cnotcontains:
            case TokenKind.In or TokenKind.Inotin or TokenKind.Cin or TokenKind.Cnotin:
                return isHarmless ? null : Membership;
            case TokenKind.Igt or TokenKind.Ilt or TokenKind.Ige or TokenKind.Ile:
            case TokenKind.Cgt or TokenKind.Clt or TokenKind.Cge or TokenKind.Cle:
                return isNoText ? null : Order;
            case TokenKind.Imatch or TokenKind.Inotmatch or TokenKind.Ireplace or TokenKind.Isplit:
                return HasLetters(file, operation.Right, isKnown: false) ? Pattern : null;
            case TokenKind.Cmatch or TokenKind.Cnotmatch or TokenKind.Creplace or TokenKind.Csplit:
                return HasLetters(file, operation.Right, isKnown: true) ? Pattern : null;
            case TokenKind.Ilike or TokenKind.Inotlike:
                return file.ConstantText(operation.Right)?.Value.Any(char.IsLetter) == false ? null : Wildcard;
            case TokenKind.Clike or TokenKind.Cnotlike:
                return texts.IsPlain(operation.Right) ? null : Wildcard;
            default:
                return null;
        }
    }

    private static string? Judge(Context context, SwitchStatementAst choice)
    {
        IEnumerable<ExpressionAst> clauses =
            choice.Clauses.Select(clause => clause.Item1).Where(clause => clause is not ScriptBlockExpressionAst);
        if (choice.Flags.HasFlag(SwitchFlags.Regex))
        {
            bool isExact = choice.Flags.HasFlag(SwitchFlags.CaseSensitive);
            return clauses.Any(clause => HasLetters(context.File, clause, isExact)) ? Pattern : null;
        }

        if (choice.Flags.HasFlag(SwitchFlags.Wildcard))
        {
            return clauses.Any() ? Wildcard : null;
        }

        return context.Texts.IsNoText(choice.Condition)
            || clauses.All(clause => context.Texts.IsPlain(clause) || context.Texts.IsNoText(clause))
                ? null
                : Equality;
    }

    private static string? Judge(Context context, CommandAst command)
    {
        CommandArguments arguments = context.ArgumentsOf(command);
        switch (command.GetCommandName()?.ToLowerInvariant())
        {
            case "sort-object" or "group-object":
                Ast? keys = arguments.Named.GetValueOrDefault("Property") ?? arguments.Positional.FirstOrDefault();
                IEnumerable<Ast?> each = keys is ArrayLiteralAst list ? list.Elements : [keys];
                return each.All(key => IsNumber(context.Texts, key)) ? null : Sorting;
            case "compare-object" or "get-unique":
            case "select-object" when arguments.Named.ContainsKey("Unique"):
                return Sorting;
            case "where-object" when arguments.Parameters.Any(p => IsOperator(p.ParameterName)):
                return "compares by language: use a script block with an ordinal method";
            default:
                return TypeInference.NewObjectTypeName(command) is { } type
                    && context.Resolver.Resolve(type).Symbol is { } made
                    ? JudgeNew(context, made, [.. arguments.Positional, .. arguments.Named.Values.OfType<Ast>()])
                    : null;
        }
    }

    private static string? JudgeStatic(Context context, InvokeMemberExpressionAst call)
    {
        ITypeSymbol? type = context.Inference.TargetOf(call).Type;
        IReadOnlyList<Ast> arguments = Arguments(call);
        return (type?.ToDisplayString(), Name(call)) switch
        {
            ("string", "compare") => IsOrdinal(arguments) ? null : Search,
            ("System.Array", "sort" or "binarysearch") =>
                IsOrdinal(arguments) || context.Texts.IsNoText(arguments.FirstOrDefault()) ? null : Sorted,
            ("System.Text.RegularExpressions.Regex", not "new") => FoldsCase(context.File, arguments) ? Folding : null,
            ("System.Management.Automation.WildcardPattern", "new" or "get") => Wildcard,
            (_, "new") when type is not null => JudgeNew(context, type, arguments),
            _ => null,
        };
    }

    private static string? JudgeNew(Context context, ITypeSymbol type, IReadOnlyList<Ast> arguments) =>
        type.OriginalDefinition.ToDisplayString() switch
        {
            "System.Text.RegularExpressions.Regex" => FoldsCase(context.File, arguments) ? Folding : null,
            "System.Collections.Generic.SortedDictionary<TKey, TValue>"
                or "System.Collections.Generic.SortedList<TKey, TValue>"
                or "System.Collections.Generic.SortedSet<T>"
                or "System.Collections.SortedList" => IsOrdinal(arguments) || HasNumericKeys(type) ? null : Sorted,
            _ => null,
        };

    private static string? JudgeInstance(Context context, InvokeMemberExpressionAst call)
    {
        ITypeSymbol? type = context.Inference.TypeOf(call.Expression);
        IReadOnlyList<Ast> arguments = Arguments(call);
        if (Name(call) is "containskey" or "contains" or "add" or "remove" && IsFilledTable(context, call.Expression))
        {
            return arguments.Count > 0 ? JudgeKey(context.Texts, arguments[0]) : null;
        }

        if (Name(call) == "sort")
        {
            return arguments.Count > 0 || (type is not null && context.Texts.IsNoText(call.Expression)) ? null : Sorted;
        }

        if (type is not null and not { SpecialType: SpecialType.System_String })
        {
            return null;
        }

        return Name(call) switch
        {
            "toupper" or "tolower" => Casing,
            "compareto" => Order,
            "startswith" or "endswith" => IsOrdinal(arguments) ? null : Search,
            "indexof" or "lastindexof" =>
                IsOrdinal(arguments) || context.Texts.IsNoText(arguments.FirstOrDefault()) ? null : Search,
            _ => null,
        };
    }

    private static string? JudgeComparer(MemberExpressionAst member) =>
        member is { Expression: TypeExpressionAst type, Member: StringConstantExpressionAst { Value: var name } }
        && type.TypeName.Name.Split('.')[^1] is var owner
        && (Is(owner, "StringComparison") || Is(owner, "StringComparer"))
        && !name.StartsWith("Ordinal", StringComparison.OrdinalIgnoreCase)
            ? Comparer
            : null;

    private static string? JudgeKey(Texts texts, Ast key) => texts.IsPlain(key) || texts.IsNoText(key) ? null : Table;

    /// <summary>
    /// A variable that is given an empty table literal, to be filled: 5.1 looks its keys up by the host's language. One
    /// that has entries is a record, whose keys are words of our own.
    /// </summary>
    private static bool IsFilledTable(Context context, Ast target) =>
        target is VariableExpressionAst variable
        && context.File.AssignmentsTo(variable).Any(assignment =>
            assignment.Left is VariableExpressionAst
            && TypeInference.Scope(assignment) == TypeInference.Scope(variable)
            && assignment.Right is CommandExpressionAst { Expression: var value }
            && (value is ConvertExpressionAst cast ? cast.Child : value) is HashtableAst { KeyValuePairs.Count: 0 });

    /// <summary>`{ [Int64]$_.sequence }`: the one kind of property whose order is certain.</summary>
    private static bool IsNumber(Texts texts, Ast? key) =>
        key is ScriptBlockExpressionAst { ScriptBlock.EndBlock.Statements: [.., PipelineAst last] }
        && texts.IsNoText(last);

    private static bool HasNumericKeys(ITypeSymbol type) =>
        type is INamedTypeSymbol { TypeArguments: [var key, ..] }
        && key.SpecialType is not (SpecialType.System_String or SpecialType.System_Object);

    /// <summary>Whether a comparison or comparer among the arguments says that it is ordinal.</summary>
    private static bool IsOrdinal(IReadOnlyList<Ast> arguments) =>
        arguments.Any(argument => argument.Find(
            node => node is StringConstantExpressionAst text
                && text.Value.StartsWith("Ordinal", StringComparison.OrdinalIgnoreCase),
            searchNestedScriptBlocks: false) is not null);

    /// <summary>Whether a regular expression is told to ignore case, but not to leave language out of it.</summary>
    private static bool FoldsCase(SourceFile file, IReadOnlyList<Ast> arguments)
    {
        bool Says(string word) => arguments.Any(a => a.Extent.Text.Contains(word, StringComparison.OrdinalIgnoreCase));
        bool ignores = Says("IgnoreCase")
            || arguments.Any(argument => file.ConstantText(argument) is { } text && Inline().IsMatch(text.Value));
        return ignores && !Says("CultureInvariant");
    }

    /// <summary>
    /// Whether a pattern has letters whose case a language may fold in its own way. The operators in c fold none,
    /// unless the pattern says so itself.
    /// </summary>
    private static bool HasLetters(SourceFile file, Ast pattern, bool isKnown)
    {
        if (file.ConstantText(pattern is ArrayLiteralAst list ? list.Elements[0] : pattern) is not { Value: var text })
        {
            return !isKnown;
        }

        return Inline().IsMatch(text) || (!isKnown && Escape().Replace(text, string.Empty).Any(char.IsLetter));
    }

    private static bool IsOperator(string parameter) => WhereOperator().IsMatch(parameter);

    private static bool IsLinguistic(string name) =>
        Is(name, "CurrentCulture") || Is(name, "CurrentCultureIgnoreCase")
        || Is(name, "InvariantCulture") || Is(name, "InvariantCultureIgnoreCase");

    private static bool Is(string name, string wanted) => name.Equals(wanted, StringComparison.OrdinalIgnoreCase);

    private static bool IsMember(Ast name) => name.Parent is MemberExpressionAst access && access.Member == name;

    private static string? Name(InvokeMemberExpressionAst call) =>
        (call.Member as StringConstantExpressionAst)?.Value.ToLowerInvariant();

    private static IReadOnlyList<Ast> Arguments(InvokeMemberExpressionAst call) =>
        (IReadOnlyList<Ast>?)call.Arguments ?? [];

    [GeneratedRegex(@"\(\?[a-z]*i")]
    private static partial Regex Inline();

    /// <summary>Escapes whose letters are none of the pattern's own, and groups' names.</summary>
    [GeneratedRegex(@"\\[pP]\{\w+\}|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\c[A-Z]|\\[a-zA-Z]|\(\?<\w+>")]
    private static partial Regex Escape();

    [GeneratedRegex("^[ic]?(eq|ne|[gl][et]|(not)?(like|match|contains|in))$", RegexOptions.IgnoreCase)]
    private static partial Regex WhereOperator();
}
