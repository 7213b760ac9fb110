// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation;
using System.Management.Automation.Language;
using Microsoft.CodeAnalysis;

namespace GpVault.Compat51.Analysis;

/// <summary>
/// Says which texts an expression can be, where the script leaves no doubt, and whether it is certainly no text.
/// </summary>
public sealed class Texts
{
    private readonly SourceFile file;
    private readonly TypeInference inference;
    private readonly HashSet<Ast> inProgress = [];

    public Texts(SourceFile file, TypeInference inference)
    {
        this.file = file;
        this.inference = inference;
    }

    /// <summary>Every text that an expression, or an element of it, can be; null where that is not known.</summary>
    public IReadOnlyList<string>? Of(Ast? node) => node switch
    {
        StringConstantExpressionAst text => [text.Value],
        ArrayLiteralAst list => All(list.Elements),
        ArrayExpressionAst list => All(list.SubExpression.Statements),
        ParenExpressionAst paren => Of(paren.Pipeline),
        PipelineAst { PipelineElements: [CommandExpressionAst inner] } => Of(inner.Expression),
        CommandExpressionAst command => Of(command.Expression),
        ConvertExpressionAst convert => Of(convert.Child),
        ExpandableStringExpressionAst text => Expanded(text),
        BinaryExpressionAst { Operator: TokenKind.Plus } sum => Joined(Of(sum.Left), Of(sum.Right)),
        VariableExpressionAst variable => OfVariable(variable),
        _ => null,
    };

    /// <summary>Whether it is text of our own words: visible ASCII, which no language has its own idea of.</summary>
    public bool IsPlain(Ast? node) =>
        Of(node)?.All(text => text.Length > 0 && text.All(c => c is >= ' ' and <= '~')) == true;

    /// <summary>Whether an expression is certainly neither a text nor a list that may hold texts.</summary>
    public bool IsNoText(Ast? node)
    {
        switch (node)
        {
            case null:
                return false;
            case ParenExpressionAst paren:
                return IsNoText(paren.Pipeline);
            case PipelineAst { PipelineElements: [CommandExpressionAst inner] }:
                return IsNoText(inner.Expression);
            case CommandExpressionAst command:
                return IsNoText(command.Expression);
            case VariableExpressionAst { VariablePath.UserPath: var name } when IsOneOf(name, "null", "true", "false"):
                return true;
            case UnaryExpressionAst { TokenKind: TokenKind.Not or TokenKind.Exclaim or TokenKind.Bnot }:
                return true;
            case UnaryExpressionAst { TokenKind: TokenKind.Minus or TokenKind.PostfixPlusPlus or TokenKind.PlusPlus }:
                return true;
            case BinaryExpressionAst operation:
                return IsNoTextOperation(operation);
            case ArrayLiteralAst list:
                return list.Elements.All(IsNoText);
            case ArrayExpressionAst list:
                return list.SubExpression.Statements.All(IsNoText);
            // What every object has. Keys of our own tables are in lower case.
            case MemberExpressionAst { Member: StringConstantExpressionAst { Value: "Count" or "Length" } }
                and not InvokeMemberExpressionAst:
                return true;
            default:
                return IsNoText(inference.TypeOf(node))
                    || (node is VariableExpressionAst variable && HoldsNoText(variable));
        }
    }

    private bool HoldsNoText(VariableExpressionAst variable)
    {
        if (!inProgress.Add(variable))
        {
            return false;
        }

        List<Ast?> written = Written(variable).ToList();
        bool holdsNone = written.Count > 0 && written.All(IsNoText);
        inProgress.Remove(variable);
        return holdsNone;
    }

    private static bool IsNoTextOperation(BinaryExpressionAst operation) => operation.Operator switch
    {
        TokenKind.And or TokenKind.Or or TokenKind.Xor or TokenKind.Is or TokenKind.IsNot => true,
        TokenKind.Icontains or TokenKind.Inotcontains or TokenKind.Ccontains or TokenKind.Cnotcontains => true,
        TokenKind.In or TokenKind.Inotin or TokenKind.Cin or TokenKind.Cnotin => true,
        TokenKind.Band or TokenKind.Bor or TokenKind.Bxor or TokenKind.Shl or TokenKind.Shr => true,
        TokenKind.Minus or TokenKind.Divide or TokenKind.Rem => true,
        _ => false,
    };

    private static bool IsNoText(ITypeSymbol? type)
    {
        if (type is null || type.SpecialType is SpecialType.System_String or SpecialType.System_Object)
        {
            return false;
        }

        return !Members.IsEnumerable(type) || (Members.ElementType(type) is { } element && IsNoText(element));
    }

    /// <summary>The texts of a variable: of all that is ever put into it.</summary>
    private IReadOnlyList<string>? OfVariable(VariableExpressionAst variable)
    {
        if (!inProgress.Add(variable))
        {
            return null;
        }

        IReadOnlyList<string>? found = All(Written(variable));
        inProgress.Remove(variable);
        return found is { Count: 0 } ? null : found;
    }

    /// <summary>What a variable is given, anywhere in its function; a null for what is not an expression.</summary>
    private IEnumerable<Ast?> Written(VariableExpressionAst variable)
    {
        VariablePath path = variable.VariablePath;
        Ast scope = path.IsScript ? file.Ast : TypeInference.Scope(variable);
        foreach (Ast node in scope.FindAll(_ => true, searchNestedScriptBlocks: true))
        {
            switch (node)
            {
                case ParameterAst parameter when IsOneOf(parameter.Name.VariablePath.UserPath, path.UserPath):
                    foreach (Ast? value in ValidValues(parameter))
                    {
                        yield return value;
                    }

                    break;
                case ForEachStatementAst loop when IsOneOf(loop.Variable.VariablePath.UserPath, path.UserPath):
                    yield return loop.Condition;
                    break;
                case AssignmentStatementAst assignment when Targets(assignment).Any(t => IsOneOf(t, path.UserPath)):
                    bool isSimple = assignment.Operator == TokenKind.Equals
                        && assignment.Left is VariableExpressionAst or ConvertExpressionAst;
                    yield return isSimple ? assignment.Right : null;
                    break;
            }
        }
    }

    private static IEnumerable<string> Targets(AssignmentStatementAst assignment) =>
        (assignment.Left is ArrayLiteralAst list ? list.Elements : [assignment.Left])
        .Select(target => target is ConvertExpressionAst convert ? convert.Child : target)
        .OfType<VariableExpressionAst>()
        .Select(target => target.VariablePath.UserPath);

    private static IEnumerable<Ast?> ValidValues(ParameterAst parameter) =>
        parameter.Attributes.OfType<AttributeAst>()
            .FirstOrDefault(attribute => IsOneOf(attribute.TypeName.Name, "ValidateSet"))
            is { } set ? set.PositionalArguments : [null];

    private IReadOnlyList<string>? Expanded(ExpandableStringExpressionAst text) =>
        text.NestedExpressions is [var only] && text.Value == only.Extent.Text ? Of(only) : null;

    private IReadOnlyList<string>? All(IEnumerable<Ast?> nodes)
    {
        List<string> found = [];
        foreach (Ast? node in nodes)
        {
            if (Of(node) is not { } texts)
            {
                return null;
            }

            found.AddRange(texts);
        }

        return found;
    }

    private static IReadOnlyList<string>? Joined(IReadOnlyList<string>? left, IReadOnlyList<string>? right) =>
        left is null || right is null
            ? null
            : left.SelectMany(first => right.Select(second => first + second)).ToList();

    private static bool IsOneOf(string name, params string[] names) =>
        names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
