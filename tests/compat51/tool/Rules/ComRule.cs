// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GpVault.Compat51.Rules;

/// <summary>
/// COM anywhere but behind its door. An object that comes out of the door may be handed on, but nothing else calls it.
/// </summary>
public sealed partial class ComRule : IRule
{
    private const string Message = "only _Gpmc talks to COM";

    private static readonly string[] ComWords = ["ComObject", "GPMgmt"];

    /// <summary>How C# reaches a COM object without its type library.</summary>
    private static readonly string[] CSharpWords =
        ["InvokeMember", "GetTypeFromProgID", "GetTypeFromCLSID", "GetActiveObject", "dynamic"];

    /// <summary>What collections and files of .NET have too, whose type does not always show.</summary>
    private static readonly string[] OfOthersToo = ["Count", "Item", "Add", "Remove", "Name"];

    /// <summary>The members of GPMC's interfaces and of ADSI's security descriptors.</summary>
    private static readonly HashSet<string> ComMembers = ReadMembers();

    public IEnumerable<Finding> Check(Context context)
    {
        SourceFile file = context.File;
        if (IsDoor(file.Path))
        {
            return [];
        }

        IEnumerable<Finding> words = file.Tokens
            .Where(token => token.Kind != TokenKind.Comment)
            .Where(token => ComWords.Any(word => token.Text.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .Select(token => file.At(token.Extent, "com", Message));
        IEnumerable<Finding> members = file.All<MemberExpressionAst>()
            .Where(member => IsComMember(context, member))
            .Select(member => file.At(member.Member, "com", $"{Message}, whose member this is: {member.Member}"));
        return words.Concat(members);
    }

    /// <summary>The findings of a C# file.</summary>
    public static IEnumerable<Finding> CheckFile(SyntaxTree tree) =>
        from name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>()
        where !IsDoor(tree.FilePath) && CSharpWords.Contains(name.Identifier.Text)
        let start = name.GetLocation().GetLineSpan().StartLinePosition
        select new Finding(tree.FilePath, start.Line + 1, start.Character + 1, "com", Message);

    /// <summary>_Gpmc, the parts that it may be split into, and the C# that reads for it.</summary>
    private static bool IsDoor(string path) =>
        Path.GetFileName(path) is var name
        && (name.StartsWith("_Gpmc", StringComparison.Ordinal) || name == "_GpoReader.cs");

    /// <summary>
    /// By exact case, since PowerShell takes a key of a table for a property: members of COM are written as they are
    /// documented, in PascalCase, and keys of our own tables in lower case.
    /// </summary>
    private static bool IsComMember(Context context, MemberExpressionAst member) =>
        member is { Static: false, Member: StringConstantExpressionAst { Value: var name } }
        && ComMembers.Contains(name)
        && context.Inference.TypeOf(member.Expression) is null;

    private static HashSet<string> ReadMembers()
    {
        using Stream resource = typeof(ComRule).Assembly.GetManifestResourceStream("gpmgmt.idl")!;
        using StreamReader reader = new(resource);
        return Member().Matches(reader.ReadToEnd())
            .Select(match => match.Groups["name"].Value)
            .Except(OfOthersToo)
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>A method or property of an interface.</summary>
    [GeneratedRegex(@"\[id\([^\]]*\]\s+HRESULT\s+(?<name>\w+)\(")]
    private static partial Regex Member();
}
