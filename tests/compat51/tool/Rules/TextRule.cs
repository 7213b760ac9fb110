// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace GpVault.Compat51.Rules;

/// <summary>Numbers, escapes and variables that 5.1 reads otherwise.</summary>
public sealed partial class TextRule : IRule
{
    /// <summary>Automatic variables that came later; under strict mode 5.1 fails on them.</summary>
    private static readonly HashSet<string> LaterVariables = new(StringComparer.OrdinalIgnoreCase)
    {
        "EnabledExperimentalFeatures", "IsCoreCLR", "IsLinux", "IsMacOS", "IsWindows", "PSNativeCommandArgumentPassing",
        "PSNativeCommandUseErrorActionPreference", "PSStyle",
    };

    public IEnumerable<Finding> Check(Context context)
    {
        SourceFile file = context.File;
        foreach (Token token in Flatten(file.Tokens))
        {
            if (token is NumberToken && LaterNumber().IsMatch(token.Text))
            {
                yield return file.At(token.Extent, "literal", $"5.1 does not know the number {token.Text}");
            }

            if (token is StringExpandableToken && LaterEscape().Match(OwnText((StringExpandableToken)token)) is { Success: true } escape)
            {
                yield return file.At(token.Extent, "escape", $"the escape {escape.Groups["escape"].Value} came with 6.0");
            }
        }

        foreach (VariableExpressionAst variable in file.All<VariableExpressionAst>())
        {
            if (LaterVariables.Contains(variable.VariablePath.UserPath))
            {
                yield return file.At(variable, "variable", $"5.1 has no variable ${variable.VariablePath.UserPath}");
            }
        }
    }

    private static IEnumerable<Token> Flatten(IEnumerable<Token> tokens) =>
        tokens.SelectMany(token => token is StringExpandableToken { NestedTokens: not null } text
            ? Flatten(text.NestedTokens).Prepend(token)
            : [token]);

    /// <summary>The text of a string without the $( ) and variables in it, which are tokens of their own.</summary>
    private static string OwnText(StringExpandableToken token)
    {
        char[] text = token.Text.ToCharArray();
        foreach (Token nested in token.NestedTokens ?? [])
        {
            int start = nested.Extent.StartOffset - token.Extent.StartOffset;
            Array.Fill(text, ' ', start, nested.Extent.EndOffset - nested.Extent.StartOffset);
        }

        return new string(text);
    }

    /// <summary>5.1 knows l, d and the multipliers kb to pb, and hexadecimal. Later: u, s, y, n, their pairs, and 0b.</summary>
    [GeneratedRegex("^[-+]?(0b|(0x[0-9a-f]+|[0-9.]+(e[-+]?[0-9]+)?)(u[syl]?|s|n|(?<!0x[0-9a-f]*)y)(?=$|[kmgtp]b))", RegexOptions.IgnoreCase)]
    private static partial Regex LaterNumber();

    /// <summary>`e and `u{…}, unless the backtick is itself escaped.</summary>
    [GeneratedRegex("(?<!`)(``)*(?<escape>`(e|u\\{[^}]*\\}))")]
    private static partial Regex LaterEscape();
}
