# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# The payload as a whole: each file requires what it uses, since Ansible sends no other. The rest of the tests here load
# all of it.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"

    $scripts = @(
        Get-ChildItem -Path $PayloadFolder -Filter *.psm1
        Get-ChildItem -Path "$PayloadFolder/../modules" -Filter *.ps1
    ) | ForEach-Object { @{ name = $_.Name; path = $_.FullName } }
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    function Get-Required ($Path, $Kind) {
        foreach ($line in [System.IO.File]::ReadAllLines($Path)) {
            if ($line -cmatch "^#AnsibleRequires -$Kind \.\.module_utils\.(_\w+)$") {
                $Matches[1]
            }
        }
    }

    function Find-Ast ($Path, $Type) {
        $ast = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref]$null, [ref]$null)
        $ast.FindAll({ param ($Node) $Node.GetType().Name -eq $Type }, $true)
    }
}

Describe 'The payload' {
    BeforeAll {
        Import-Payload -Culture 'en-US'
    }

    It 'of <name> requires the modules whose functions it calls, which export them' -ForEach $scripts {
        $own = Find-Ast $path 'FunctionDefinitionAst' | ForEach-Object { $_.Name }
        $required = @(Get-Required $path 'PowerShell')
        $known = @($own) + @($required | ForEach-Object { $Global:PayloadModules[$_].ExportedFunctions.Keys })
        $calls = @(Find-Ast $path 'CommandAst' | ForEach-Object { $_.GetCommandName() })
        $calls -like '*-Gpm*' | Where-Object { $_ -notin $known } | Should -BeNullOrEmpty
    }

    It 'of <name> sets each variable of its own' -ForEach $scripts {
        # Strict mode would say so where it is used, and not before.
        $set = @(Find-Ast $path 'AssignmentStatementAst' | ForEach-Object { $_.Left.Extent.Text })
        Find-Ast $path 'VariableExpressionAst' | Where-Object { $_.VariablePath.IsScript } |
            ForEach-Object { $_.Extent.Text } | Where-Object { $_ -notin $set } | Should -BeNullOrEmpty
    }

    It 'of <name> requires the C# that it names' -ForEach $scripts {
        $text = [System.IO.File]::ReadAllText($path)
        $required = @(Get-Required $path 'CSharpUtil')
        [Regex]::Matches($text, [Regex]::Escape($Namespace) + '\.(_\w+)') | ForEach-Object { $_.Groups[1].Value } |
            Where-Object { $_ -cnotin $required } | Should -BeNullOrEmpty
    }

    It 'of <name> requires nothing that is not there' -ForEach $scripts {
        foreach ($module in Get-Required $path 'PowerShell') {
            "$PayloadFolder/$module.psm1" | Should -Exist
        }
        foreach ($source in Get-Required $path 'CSharpUtil') {
            "$PayloadFolder/$source.cs" | Should -Exist
        }
    }

    It 'has each function once' {
        Get-ChildItem -Path $PayloadFolder -Filter *.psm1 |
            ForEach-Object { Find-Ast $_.FullName 'FunctionDefinitionAst' } |
            Group-Object -Property Name | Where-Object { $_.Count -gt 1 } | Should -BeNullOrEmpty
    }

    It 'is tested with genuine cultures' {
        [CultureInfo]::new('tr-TR').TextInfo.ToUpper([Char]'i') | Should -BeExactly ([Char]'İ')
        [String]::Equals("`u{e9}", "e`u{301}", 'InvariantCulture') | Should -BeTrue
    }
}
