// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;

namespace GpVault.Compat51.Analysis;

/// <summary>
/// The names in a script that other files have to know too: keys of tables, and texts that are given to them.
/// Tests compare them with what these other files say.
/// </summary>
/// <param name="Members">What is read or written of variables' contents.</param>
/// <param name="Texts">What texts names are given.</param>
/// <param name="Calls">Which function calls which.</param>
/// <param name="Tables">Table literals that are put into variables.</param>
public sealed record SharedNames(
    string File,
    IReadOnlyList<SharedNames.Member> Members,
    IReadOnlyList<SharedNames.Text> Texts,
    IReadOnlyList<SharedNames.Call> Calls,
    IReadOnlyList<SharedNames.Table> Tables)
{
    /// <param name="Path">
    /// From the variable on: `Context.options.path`. A key in brackets counts like one behind a dot.
    /// </param>
    public sealed record Member(int Line, string Function, string Path);

    /// <param name="Name">
    /// `$step` of `$Context.step = 'x'`, `-Step` of a parameter, `trouble=step` of `$trip.trouble = @{ step = 'x' }`
    /// and of `$trip.trouble.Add(@{ step = 'x' })`, `=step` of a table elsewhere.
    /// </param>
    /// <param name="Value">The text; null where it is anything else.</param>
    public sealed record Text(int Line, string Function, string Name, string? Value);

    /// <param name="Command">The command that it calls.</param>
    public sealed record Call(int Line, string Function, string Command);

    /// <param name="Value">
    /// The table: for each key a text, number, boolean, null, list or table, and "?" for what is computed.
    /// </param>
    public sealed record Table(int Line, string Function, string Variable, object? Value);

    public static SharedNames In(SourceFile file, Texts texts, Func<CommandAst, CommandArguments> argumentsOf) => new(
        file.Path,
        file.All<Ast>()
            .Where(node => node is MemberExpressionAst or IndexExpressionAst)
            .SelectMany(node => Paths(texts, node).Select(path => new Member(Line(node), Function(node), path)))
            .ToList(),
        Assigned(file, texts).Concat(Keys(file, texts)).Concat(Arguments(file, texts, argumentsOf)).ToList(),
        file.All<CommandAst>()
            .Where(command => command.GetCommandName() is not null)
            .Select(command => new Call(Line(command), Function(command), command.GetCommandName()))
            .ToList(),
        file.All<AssignmentStatementAst>()
            .Where(assignment => assignment.Left is VariableExpressionAst)
            .Where(assignment => assignment.Right is CommandExpressionAst { Expression: HashtableAst })
            .Select(assignment => new Table(
                Line(assignment),
                Function(assignment),
                ((VariableExpressionAst)assignment.Left).VariablePath.UserPath,
                Value(assignment.Right)))
            .ToList());

    private static IEnumerable<string> Paths(Texts texts, Ast? node) => node switch
    {
        VariableExpressionAst variable => [variable.VariablePath.UserPath],
        MemberExpressionAst { Static: false } member => Below(texts, member.Expression, member.Member),
        IndexExpressionAst index => Below(texts, index.Target, index.Index),
        _ => [],
    };

    private static IEnumerable<string> Below(Texts texts, Ast target, Ast key) =>
        Paths(texts, target).SelectMany(path => (texts.Of(key) ?? ["?"]).Select(name => $"{path}.{name}"));

    private static IEnumerable<Text> Assigned(SourceFile file, Texts texts) =>
        from assignment in file.All<AssignmentStatementAst>()
        let name = LastName(assignment.Left)
        where name is not null
        from text in Each(texts, assignment, "$" + name, assignment.Right)
        select text;

    private static IEnumerable<Text> Keys(SourceFile file, Texts texts) =>
        from table in file.All<HashtableAst>()
        from pair in table.KeyValuePairs
        where pair.Item1 is StringConstantExpressionAst
        from text in Each(texts, pair.Item1, $"{Place(table)}={Key(pair.Item1)}", pair.Item2)
        select text;

    private static IEnumerable<Text> Arguments(
        SourceFile file, Texts texts, Func<CommandAst, CommandArguments> argumentsOf) =>
        from command in file.All<CommandAst>()
        from argument in argumentsOf(command).Named
        where argument.Value is not null
        from text in Each(texts, command, "-" + argument.Key, argument.Value)
        select text;

    private static string? LastName(Ast expression) => expression switch
    {
        VariableExpressionAst variable => variable.VariablePath.UserPath,
        MemberExpressionAst { Member: StringConstantExpressionAst member } => member.Value,
        IndexExpressionAst { Index: StringConstantExpressionAst key } => key.Value,
        _ => null,
    };

    /// <summary>What a table literal is put into.</summary>
    private static string? Place(HashtableAst table) => table.Parent switch
    {
        InvokeMemberExpressionAst { Member: StringConstantExpressionAst { Value: "Add" } } add => LastName(add.Expression),
        CommandExpressionAst { Parent: AssignmentStatementAst assignment } => LastName(assignment.Left),
        _ => null,
    };

    private static IEnumerable<Text> Each(Texts texts, Ast where, string name, Ast value) =>
        (texts.Of(value) ?? (IReadOnlyList<string?>)[null])
        .Select(text => new Text(Line(where), Function(where), name, text));

    private static object? Value(Ast node) => node switch
    {
        HashtableAst table =>
            table.KeyValuePairs.ToDictionary(pair => Key(pair.Item1), pair => Value(pair.Item2)),
        ArrayLiteralAst list => list.Elements.Select(Value).ToList(),
        ArrayExpressionAst list => list.SubExpression.Statements.SelectMany(Elements).ToList(),
        PipelineAst { PipelineElements: [CommandExpressionAst inner] } => Value(inner),
        CommandExpressionAst command => Value(command.Expression),
        ConstantExpressionAst constant => constant.Value,
        VariableExpressionAst { VariablePath.UserPath: "true" } => true,
        VariableExpressionAst { VariablePath.UserPath: "false" } => false,
        VariableExpressionAst { VariablePath.UserPath: "null" } => null,
        _ => "?",
    };

    private static IEnumerable<object?> Elements(StatementAst statement) =>
        Value(statement) is List<object?> list ? list : [Value(statement)];

    private static string Key(ExpressionAst key) => (key as StringConstantExpressionAst)?.Value ?? key.Extent.Text;

    private static int Line(Ast node) => node.Extent.StartLineNumber;

    private static string Function(Ast node) =>
        (TypeInference.Scope(node) as FunctionDefinitionAst)?.Name ?? string.Empty;
}
