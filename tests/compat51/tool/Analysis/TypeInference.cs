// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;
using GpVault.Compat51.Facts;
using Microsoft.CodeAnalysis;

namespace GpVault.Compat51.Analysis;

/// <summary>
/// Says of which .NET type an expression is, where the script leaves no doubt: literals, casts, type constraints,
/// ::new(), New-Object, and what follows from them. Null means that it is not known, and then nothing is checked.
/// </summary>
public sealed class TypeInference
{
    private readonly TypeFacts facts;
    private readonly TypeResolver resolver;
    private readonly Dictionary<(Ast Scope, string Name), ITypeSymbol?> variables = [];
    private readonly HashSet<(Ast Scope, string Name)> inProgress = [];

    public TypeInference(TypeFacts facts, TypeResolver resolver)
    {
        this.facts = facts;
        this.resolver = resolver;
    }

    public ITypeSymbol? TypeOf(Ast? node) => Known(node switch
    {
        ConvertExpressionAst convert => TypeOfCast(convert),
        ExpandableStringExpressionAst or StringConstantExpressionAst => Clr(typeof(string)),
        ConstantExpressionAst constant => Clr(constant.StaticType),
        HashtableAst => Clr(typeof(System.Collections.Hashtable)),
        ArrayExpressionAst or ArrayLiteralAst => facts.Compilation.CreateArrayTypeSymbol(facts.Object),
        TypeExpressionAst => Clr(typeof(Type)),
        ParenExpressionAst paren => TypeOf(paren.Pipeline),
        CommandExpressionAst command => TypeOf(command.Expression),
        PipelineAst { PipelineElements.Count: 1 } pipeline => TypeOf(pipeline.PipelineElements[0]),
        CommandAst command => TypeOfNewObject(command),
        InvokeMemberExpressionAst invocation => TypeOfInvocation(invocation),
        MemberExpressionAst member => TypeOfProperty(member),
        IndexExpressionAst index => TypeOfElement(index),
        VariableExpressionAst variable => TypeOfVariable(variable),
        BinaryExpressionAst binary => TypeOfOperation(binary),
        _ => null,
    });

    /// <summary>The type that a member is looked for in, and whether the member is static there.</summary>
    public (ITypeSymbol? Type, bool IsStatic) TargetOf(MemberExpressionAst member)
    {
        if (member.Static)
        {
            return (member.Expression is VariableExpressionAst variable ? HeldBy(variable) : Named(member.Expression), true);
        }

        return (TypeOf(member.Expression), false);
    }

    /// <summary>The type that `New-Object [-TypeName] NAME` gives, or null.</summary>
    public static string? NewObjectTypeName(CommandAst command)
    {
        if (!"New-Object".Equals(command.GetCommandName(), StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        CommandArguments arguments = CommandArguments.Of(command, static _ => false);
        Ast? name = arguments.Named.TryGetValue("ComObject", out _)
            ? null
            : arguments.Named.GetValueOrDefault("TypeName") ?? arguments.Positional.FirstOrDefault();
        return (name as StringConstantExpressionAst)?.Value;
    }

    /// <summary>Object, and what has no members of its own to speak of, is as good as unknown.</summary>
    private static ITypeSymbol? Known(ITypeSymbol? type) => type is null
        || type.SpecialType is SpecialType.System_Object or SpecialType.System_Void
        || type.TypeKind is TypeKind.Dynamic or TypeKind.TypeParameter or TypeKind.Error
        || type.Name is "PSObject" or "PSReference"
        ? null
        : type;

    private ITypeSymbol? Clr(Type type) => facts.Find(type.FullName!);

    private ITypeSymbol? TypeOfCast(ConvertExpressionAst convert)
    {
        bool isOrdered = convert.Type.TypeName.Name.Equals("ordered", StringComparison.OrdinalIgnoreCase);
        return isOrdered
            ? Clr(typeof(System.Collections.Specialized.OrderedDictionary))
            : resolver.Resolve(convert.Type.TypeName).Symbol;
    }

    private ITypeSymbol? TypeOfNewObject(CommandAst command) =>
        NewObjectTypeName(command) is { } name ? resolver.Resolve(name).Symbol : null;

    private ITypeSymbol? TypeOfInvocation(InvokeMemberExpressionAst invocation)
    {
        (ITypeSymbol? type, bool isStatic) = TargetOf(invocation);
        if (type is null || invocation.Member is not StringConstantExpressionAst name)
        {
            return null;
        }

        if (isStatic && name.Value.Equals("new", StringComparison.OrdinalIgnoreCase))
        {
            return type;
        }

        IEnumerable<IMethodSymbol> methods = Members.Find(type, name.Value, isStatic).OfType<IMethodSymbol>();
        return OnlyOne(Members.Callable(methods, invocation.Arguments?.Count ?? 0).Select(m => m.ReturnType));
    }

    private ITypeSymbol? TypeOfProperty(MemberExpressionAst member)
    {
        (ITypeSymbol? type, bool isStatic) = TargetOf(member);
        if (type is null || member.Member is not StringConstantExpressionAst name)
        {
            return null;
        }

        return OnlyOne(Members.Find(type, name.Value, isStatic)
            .Select(m => (m as IPropertySymbol)?.Type ?? (m as IFieldSymbol)?.Type)
            .OfType<ITypeSymbol>());
    }

    private ITypeSymbol? TypeOfElement(IndexExpressionAst index)
    {
        ITypeSymbol? type = TypeOf(index.Target);
        if (type is IArrayTypeSymbol array)
        {
            // $array[0..2] and $array[$list] are arrays again.
            return index.Index is ConstantExpressionAst ? array.ElementType : null;
        }

        return type is null || index.Index is ArrayLiteralAst
            ? null
            : OnlyOne(type.GetMembers().OfType<IPropertySymbol>().Where(p => p.IsIndexer).Select(p => p.Type));
    }

    private ITypeSymbol? TypeOfOperation(BinaryExpressionAst operation) => operation.Operator switch
    {
        TokenKind.Join or TokenKind.Format => Clr(typeof(string)),
        TokenKind.Plus when IsString(TypeOf(operation.Left)) => Clr(typeof(string)),
        TokenKind.Ireplace or TokenKind.Creplace when IsString(TypeOf(operation.Left)) => Clr(typeof(string)),
        _ => null,
    };

    private static bool IsString(ITypeSymbol? type) => type?.SpecialType == SpecialType.System_String;

    private ITypeSymbol? Named(Ast? node) => node switch
    {
        TypeExpressionAst type => resolver.Resolve(type.TypeName).Symbol,
        CommandExpressionAst command => Named(command.Expression),
        _ => null,
    };

    /// <summary>The type that a variable stands for, where nothing else is put into it: `$file = [System.IO.File]`.</summary>
    private ITypeSymbol? HeldBy(VariableExpressionAst variable)
    {
        string name = variable.VariablePath.UserPath;
        List<ITypeSymbol?> types = Scope(variable).FindAll(_ => true, searchNestedScriptBlocks: true)
            .OfType<AssignmentStatementAst>()
            .Where(assignment => assignment.Left is VariableExpressionAst target && IsNamed(target, name))
            .Select(assignment => Named(assignment.Right))
            .ToList();
        return types.Contains(null) ? null : OnlyOne(types.OfType<ITypeSymbol>());
    }

    private ITypeSymbol? TypeOfVariable(VariableExpressionAst variable)
    {
        string name = variable.VariablePath.UserPath;
        if (name is "_" or "PSItem")
        {
            return IsInCatch(variable) ? facts.Find("System.Management.Automation.ErrorRecord") : null;
        }

        Ast scope = variable.VariablePath.IsScript ? Root(variable) : Scope(variable);
        (Ast, string) key = (scope, name.ToLowerInvariant());
        if (variables.TryGetValue(key, out ITypeSymbol? known))
        {
            return known;
        }

        if (!inProgress.Add(key))
        {
            return null;
        }

        ITypeSymbol? type = FindVariableType(scope, name);
        inProgress.Remove(key);
        variables[key] = type;
        return type;
    }

    /// <summary>The one type of everything that is ever put into the variable; null if there is anything else.</summary>
    private ITypeSymbol? FindVariableType(Ast scope, string name)
    {
        List<ITypeSymbol?> types = [];
        bool isConstrained = false;
        foreach (Ast node in scope.FindAll(_ => true, searchNestedScriptBlocks: true))
        {
            switch (node)
            {
                case ParameterAst parameter when IsNamed(parameter.Name, name) && Scope(parameter) == scope:
                    types.Add(TypeOfParameter(parameter));
                    isConstrained |= types.Count == 1 && types[0] is not null;
                    break;
                case ConvertExpressionAst { Child: VariableExpressionAst target } convert
                    when IsNamed(target, name) && IsAssigned(convert):
                    types.Add(TypeOfCast(convert));
                    isConstrained |= types.Count == 1;
                    break;
                case AssignmentStatementAst { Operator: TokenKind.Equals, Left: VariableExpressionAst target } assignment
                    when IsNamed(target, name):
                    if (!IsNull(assignment.Right))
                    {
                        types.Add(TypeOf(assignment.Right));
                    }

                    break;
                case ForEachStatementAst loop when IsNamed(loop.Variable, name):
                    types.Add(TypeOf(loop.Condition) is { } collection ? Members.ElementType(collection) : null);
                    break;
                case AssignmentStatementAst assignment when assignment.Left.Find(
                    n => n is VariableExpressionAst v && IsNamed(v, name) && n.Parent is ArrayLiteralAst or AssignmentStatementAst,
                    searchNestedScriptBlocks: false) is not null:
                    types.Add(null); // $a, $b = …, $a += …
                    break;
                case ConvertExpressionAst { Child: VariableExpressionAst target } convert
                    when IsNamed(target, name) && convert.Type.TypeName.Name.Equals("ref", StringComparison.OrdinalIgnoreCase):
                    types.Add(null);
                    break;
            }
        }

        // A constraint at the start holds for the variable, whatever is put into it later.
        if (isConstrained)
        {
            return types[0];
        }

        return types.Count == 0 || types.Any(t => t is null) ? null : OnlyOne(types.OfType<ITypeSymbol>());
    }

    private ITypeSymbol? TypeOfParameter(ParameterAst parameter) =>
        parameter.Attributes.OfType<TypeConstraintAst>().FirstOrDefault() is { } constraint
            ? resolver.Resolve(constraint.TypeName).Symbol
            : null;

    private static ITypeSymbol? OnlyOne(IEnumerable<ITypeSymbol> types)
    {
        List<ITypeSymbol> distinct = types.Distinct<ITypeSymbol>(SymbolEqualityComparer.Default).ToList();
        return distinct.Count == 1 ? distinct[0] : null;
    }

    private static bool IsAssigned(ConvertExpressionAst convert) =>
        convert.Parent is AssignmentStatementAst assignment && assignment.Left == convert;

    private static bool IsNull(StatementAst statement) =>
        statement is CommandExpressionAst { Expression: VariableExpressionAst variable } && IsNamed(variable, "null");

    private static bool IsNamed(VariableExpressionAst variable, string name) =>
        variable.VariablePath.UserPath.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsInCatch(Ast node)
    {
        for (Ast? current = node.Parent; current is not null and not ScriptBlockAst; current = current.Parent)
        {
            if (current is CatchClauseAst)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The function, method or file whose variables a node uses. Script blocks in it see the same ones.</summary>
    public static Ast Scope(Ast node)
    {
        Ast current = node;
        while (current.Parent is not null && current is not FunctionDefinitionAst and not FunctionMemberAst)
        {
            current = current.Parent;
        }

        return current;
    }

    private static Ast Root(Ast node)
    {
        while (node.Parent is not null)
        {
            node = node.Parent;
        }

        return node;
    }
}
