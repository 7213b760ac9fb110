// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Management.Automation.Language;
using System.Reflection;

namespace GpVault.Compat51.Facts;

/// <summary>A command that exists on the target: a cmdlet of Windows PowerShell 5.1, or a function of ours or Ansible's.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">Its parameters, each with whether it is a switch.</param>
/// <param name="MaxPositional">How many positional arguments it takes; null for any number.</param>
/// <param name="HasCommonParameters">Whether -ErrorAction and its like are accepted.</param>
public sealed record CommandFact(
    string Name,
    IReadOnlyDictionary<string, bool> Parameters,
    int? MaxPositional,
    bool HasCommonParameters);

/// <summary>The commands that are there on the target.</summary>
public sealed class CommandFacts
{
    /// <summary>about_CommonParameters of 5.1, each with whether it is a switch. -ProgressAction came with 7.4.</summary>
    private static readonly Dictionary<string, bool> CommonParameters = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Verbose"] = true,
        ["Debug"] = true,
        ["ErrorAction"] = false,
        ["WarningAction"] = false,
        ["InformationAction"] = false,
        ["ErrorVariable"] = false,
        ["WarningVariable"] = false,
        ["InformationVariable"] = false,
        ["OutVariable"] = false,
        ["OutBuffer"] = false,
        ["PipelineVariable"] = false,
        ["WhatIf"] = true,
        ["Confirm"] = true,
    };

    /// <summary>Cmdlets with a parameter that takes all remaining arguments; the table does not tell.</summary>
    private static readonly HashSet<string> TakesRemainingArguments = new(StringComparer.OrdinalIgnoreCase)
    {
        "ForEach-Object", "Write-Host", "Write-Output", "Trace-Command",
    };

    /// <summary>Aliases that are built into 5.1, for a message that says what they are.</summary>
    private static readonly HashSet<string> BuiltInAliases = new(
        ("% ? ac asnp cat cd CFS chdir clc clear clhy cli clp cls clv cnsn compare copy cp cpi cpp curl cvpa dbp del diff dir "
        + "dnsn ebp echo epal epcsv epsn erase etsn exsn fc fhx fl foreach ft fw gal gbp gc gcb gci gcm gcs gdr ghy gi gin "
        + "gjb gl gm gmo gp gps gpv group gsn gsnp gsv gtz gu gv gwmi h history icm iex ihy ii ipal ipcsv ipmo ipsn irm ise "
        + "iwmi iwr kill lp ls man md measure mi mount move mp mv nal ndr ni nmo npssc nsn nv ogv oh popd ps pushd pwd r rbp "
        + "rcjb rcsn rd rdr ren ri rjb rm rmdir rmo rni rnp rp rsn rsnp rujb rv rvpa rwmi sajb sal saps sasv sbp sc scb "
        + "select set shcm si sl sleep sls sort sp spjb spps spsv start stz sujb sv swmi tee trcm type wget where wjb write")
            .Split(' '),
        StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, CommandFact> commands = new(StringComparer.OrdinalIgnoreCase);

    public CommandFacts()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("cmdlets.tsv")!;
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                AddCmdlet(line.Split('\t'));
            }
        }
    }

    private CommandFacts(CommandFacts other) => commands = new(other.commands, other.commands.Comparer);

    public CommandFact? Find(string name) => commands.GetValueOrDefault(name);

    public static bool IsBuiltInAlias(string name) => BuiltInAliases.Contains(name);

    /// <summary>Whether a common parameter of this name is a switch; null when there is none of this name.</summary>
    public static bool? CommonParameterIsSwitch(string name) =>
        CommonParameters.TryGetValue(name, out bool isSwitch) ? isSwitch : null;

    /// <summary>These commands and the functions of a file besides.</summary>
    public CommandFacts With(SourceFile file)
    {
        CommandFacts result = new(this);
        foreach (FunctionDefinitionAst function in file.All<FunctionDefinitionAst>())
        {
            result.commands[function.Name] = Describe(function);
        }

        return result;
    }

    private void AddCmdlet(string[] fields)
    {
        string name = fields[1];
        Dictionary<string, bool> parameters = new(StringComparer.OrdinalIgnoreCase);
        foreach (string parameter in fields[3].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = parameter.IndexOf(':');
            parameters[colon < 0 ? parameter : parameter[..colon]] = colon < 0;
        }

        int? positional = TakesRemainingArguments.Contains(name) ? null : int.Parse(fields[2]);
        commands[name] = new CommandFact(name, parameters, positional, HasCommonParameters: true);
    }

    private static CommandFact Describe(FunctionDefinitionAst function)
    {
        IReadOnlyList<ParameterAst> declared = function.Parameters ?? function.Body.ParamBlock?.Parameters ?? [];
        bool isAdvanced = function.Body.ParamBlock?.Attributes.Any(a => Is(a, "CmdletBinding")) == true
            || declared.Any(p => p.Attributes.Any(a => Is(a, "Parameter")));
        Dictionary<string, bool> parameters = new(StringComparer.OrdinalIgnoreCase);
        foreach (ParameterAst parameter in declared)
        {
            bool isSwitch = parameter.StaticType == typeof(System.Management.Automation.SwitchParameter);
            parameters[parameter.Name.VariablePath.UserPath] = isSwitch;
            IEnumerable<string> aliases = parameter.Attributes.OfType<AttributeAst>()
                .Where(a => Is(a, "Alias"))
                .SelectMany(a => a.PositionalArguments)
                .OfType<StringConstantExpressionAst>()
                .Select(a => a.Value);
            foreach (string alias in aliases)
            {
                parameters[alias] = isSwitch;
            }
        }

        return new CommandFact(function.Name, parameters, isAdvanced ? MaxPositional(function, declared) : null, isAdvanced);
    }

    private static int? MaxPositional(FunctionDefinitionAst function, IReadOnlyList<ParameterAst> parameters)
    {
        if (parameters.Any(p => NamedArguments(p).Any(a => Named(a, "ValueFromRemainingArguments"))))
        {
            return null;
        }

        // A Position anywhere, or PositionalBinding = $false, takes the position from every parameter without one.
        int withPosition = parameters.Count(p => NamedArguments(p).Any(a => Named(a, "Position")));
        bool bindsByName = function.Body.ParamBlock?.Attributes
            .SelectMany(a => a.NamedArguments)
            .Any(a => Named(a, "PositionalBinding")) == true;
        return withPosition > 0 || bindsByName
            ? withPosition
            : parameters.Count(p => p.StaticType != typeof(System.Management.Automation.SwitchParameter));
    }

    private static IEnumerable<NamedAttributeArgumentAst> NamedArguments(ParameterAst parameter) =>
        parameter.Attributes.OfType<AttributeAst>().Where(a => Is(a, "Parameter")).SelectMany(a => a.NamedArguments);

    private static bool Named(NamedAttributeArgumentAst argument, string name) =>
        argument.ArgumentName.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool Is(AttributeBaseAst attribute, string name) =>
        attribute is AttributeAst && attribute.TypeName.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
