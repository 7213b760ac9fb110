// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;
using GpVault.Compat51.Analysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GpVault.Compat51.Rules;

/// <summary>
/// Files reached anywhere but through their door, which knows how a path beyond MAX_PATH is written: on 5.1 whatever
/// else takes a path does not.
/// </summary>
public sealed class FileRule : IRule
{
    private const string Door = "_HostFile.cs";

    private const string Message = "only _HostFile reaches files";

    /// <summary>The types whose static members take paths.</summary>
    private static readonly string[] OfPaths = ["System.IO.File", "System.IO.Directory"];

    /// <summary>The types that are made of a path. Others can be made of a stream, too.</summary>
    private static readonly string[] MadeOfPath =
        ["System.IO.FileStream", "System.IO.FileInfo", "System.IO.DirectoryInfo"];

    private static readonly string[] MadeOfPathOrStream = ["System.IO.StreamReader", "System.IO.StreamWriter"];

    /// <summary>What a listing brought of a file or folder, and listing what is in one.</summary>
    private static readonly string[] OfListing =
    [
        "Attributes", "BaseName", "CreationTimeUtc", "Extension", "GetDirectories", "GetFileSystemInfos", "LastWriteTimeUtc",
        "Length", "Name",
    ];

    private static readonly string[] Cmdlets =
    [
        "Add-Content", "Clear-Content", "Copy-Item", "Get-Acl", "Get-ChildItem", "Get-Content", "Get-FileHash", "Get-Item",
        "Get-ItemProperty", "Import-Csv", "Move-Item", "New-Item", "Out-File", "Remove-Item", "Rename-Item",
        "Resolve-Path", "Set-Acl", "Set-Content", "Set-ItemProperty", "Test-Path",
    ];

    public IEnumerable<Finding> Check(Context context)
    {
        SourceFile file = context.File;
        IEnumerable<Ast> members = file.All<MemberExpressionAst>().Where(member => IsOfFile(context, member));
        IEnumerable<Ast> casts = file.All<ConvertExpressionAst>()
            .Where(cast => cast.Child is not HashtableAst)
            .Where(cast => MadeOfPath.Contains(Name(context.Resolver.Resolve(cast.Type.TypeName).Symbol)));
        IEnumerable<Ast> commands = file.All<CommandAst>().Where(command => IsOfFile(context, command));
        return members.Concat(casts).Concat(commands).Select(found => file.At(found, "file", Message));
    }

    /// <summary>What C# reaches past the door.</summary>
    public static IEnumerable<(SyntaxNode Where, string Message)> CheckCSharp(SyntaxTree tree, SemanticModel model) =>
        from node in tree.GetRoot().DescendantNodes()
        where Path.GetFileName(tree.FilePath) != Door
        let found = model.GetSymbolInfo(node).Symbol
        where node switch
        {
            InvocationExpressionSyntax => found is IMethodSymbol method && IsOfFile(method),
            ObjectCreationExpressionSyntax => found is IMethodSymbol constructor && IsOfFile(constructor),
            MemberAccessExpressionSyntax => found is IPropertySymbol or IFieldSymbol && IsOfItem(found.ContainingType, found.Name),
            _ => false,
        }
        select (node, Message);

    private static bool IsOfFile(Context context, MemberExpressionAst member)
    {
        (ITypeSymbol? type, bool isStatic) = context.Inference.TargetOf(member);
        if (member.Member is not StringConstantExpressionAst { Value: var name })
        {
            return false;
        }

        bool isMade = isStatic && name.Equals("new", StringComparison.OrdinalIgnoreCase);
        return (isStatic && OfPaths.Contains(Name(type)))
            || (isMade && MadeOfPath.Concat(MadeOfPathOrStream).Contains(Name(type)))
            || (!isStatic && IsOfItem(type, name))
            || (context.File.IsModule && type is null && IsFullName(member));
    }

    /// <summary>Nothing else that our modules meet has one, but types.</summary>
    private static bool IsFullName(MemberExpressionAst member) =>
        member is { Static: false, Member: StringConstantExpressionAst { Value: "FullName" } }
        && member.Expression is not InvokeMemberExpressionAst { Member: StringConstantExpressionAst { Value: "GetType" } };

    private static bool IsOfFile(Context context, CommandAst command) =>
        (context.File.IsModule && Cmdlets.Contains(command.GetCommandName(), StringComparer.OrdinalIgnoreCase))
        || (TypeInference.NewObjectTypeName(command) is { } made
            && MadeOfPath.Concat(MadeOfPathOrStream).Contains(Name(context.Resolver.Resolve(made).Symbol)));

    private static bool IsOfFile(IMethodSymbol method) => Name(method.ContainingType) switch
    {
        var type when OfPaths.Contains(type) || MadeOfPath.Contains(type) => IsNoListing(method),
        var type when MadeOfPathOrStream.Contains(type) => method.MethodKind == MethodKind.Constructor && TakesText(method),
        "System.Xml.XmlReader" or "System.Xml.XmlWriter" => method.Name == "Create" && TakesText(method),
        "System.Xml.XmlDocument" => method.Name is "Load" or "Save" && TakesText(method),
        _ => IsOfItem(method.ContainingType, method.Name),
    };

    /// <summary>A stream that is open, and the items of a listing, are used by everybody.</summary>
    private static bool IsNoListing(IMethodSymbol method) =>
        method.IsStatic || method.MethodKind == MethodKind.Constructor || IsOfItem(method.ContainingType, method.Name);

    private static bool IsOfItem(ITypeSymbol? type, string name) =>
        (Name(type) is "System.IO.FileSystemInfo" or "System.IO.FileInfo" or "System.IO.DirectoryInfo")
        && !OfListing.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool TakesText(IMethodSymbol method) =>
        method.Parameters.FirstOrDefault()?.Type.SpecialType == SpecialType.System_String;

    private static string? Name(ITypeSymbol? type) => type?.ToDisplayString();
}
