// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;
using GpVault.Compat51.Facts;
using Microsoft.CodeAnalysis;

namespace GpVault.Compat51.Analysis;

/// <summary>C# in a script, given to Add-Type -TypeDefinition or to Ansible's Add-CSharpType.</summary>
/// <param name="Source">The argument that is the source.</param>
/// <param name="Text">The constant that it stands for; null where it is not constant.</param>
/// <param name="Assemblies">What -ReferencedAssemblies names.</param>
public sealed record EmbeddedCSharp(Ast Source, StringConstantExpressionAst? Text, IReadOnlyList<string> Assemblies)
{
    /// <summary>The line of the file that the first line of the C# is on.</summary>
    public int FirstLine => Text is null
        ? Source.Extent.StartLineNumber
        : Text.Extent.StartLineNumber + (IsHereString(Text) ? 1 : 0);

    public SyntaxTree? Parse(SourceFile file) => Text is null ? null : CSharpSources.Parse(Text.Value, file.Path);

    public static IEnumerable<EmbeddedCSharp> In(SourceFile file)
    {
        foreach (CommandAst command in file.All<CommandAst>())
        {
            CommandArguments arguments = CommandArguments.Of(command, IsSwitch);
            Ast? source = command.GetCommandName()?.ToLowerInvariant() switch
            {
                "add-type" => arguments.Named.GetValueOrDefault("TypeDefinition"),
                "add-csharptype" => arguments.Named.GetValueOrDefault("References") ?? arguments.Positional.FirstOrDefault(),
                _ => null,
            };
            if (source is not null)
            {
                yield return new EmbeddedCSharp(source, file.ConstantText(source), ReferencedAssemblies(arguments));
            }
        }
    }

    /// <summary>The switches of the two commands.</summary>
    private static bool IsSwitch(string parameter) =>
        parameter.ToLowerInvariant() is "passthru" or "ignorewarnings" or "includedebuginfo";

    private static bool IsHereString(StringConstantExpressionAst text) =>
        text.StringConstantType is StringConstantType.SingleQuotedHereString or StringConstantType.DoubleQuotedHereString;

    private static List<string> ReferencedAssemblies(CommandArguments arguments)
    {
        Ast? list = arguments.Named.GetValueOrDefault("ReferencedAssemblies");
        IEnumerable<Ast> items = list is ArrayLiteralAst array ? array.Elements : list is null ? [] : [list];
        return items.OfType<StringConstantExpressionAst>().Select(text => text.Value).ToList();
    }
}
