# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# What every file of tests here begins with: it loads the payload into the session and names the cultures that the tests
# run in.
#
# All functions of plugins/module_utils/*.psm1 can be called by name, whether their module exports them or not: they run
# in their module, with its variables. Which file holds what is nobody's business here, so functions may move. That each
# module requires what it uses is a test of its own, in Payload.Tests.ps1.
#
# C# is compiled once: after a change there, start another PowerShell.

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# Germany sorts and folds as most do; in Turkey the capital of i is not I.
$Cultures = 'en-US', 'de-DE', 'tr-TR'

$PayloadFolder = [System.IO.Path]::GetFullPath("$PSScriptRoot/../../../plugins/module_utils")
$Namespace = 'ansible_collections.gpvault.gpmc.plugins.module_utils'

Function Get-TextCase {
    <#
    .SYNOPSIS
    Returns texts as cases of a test: @{ text; shown }, where shown is fit for the test's name, which has to stand in XML.

    .PARAMETER Texts
    The texts.
    #>
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String[]] $Texts
    )

    foreach ($text in $Texts) {
        $shown = [Regex]::Replace($text, '[^ -~]', { param ($Match) '\u{0:x4}' -f [Int32][Char]$Match.Value })
        @{ text = $text; shown = $shown }
    }
}

Function Invoke-Instead {
    <#
    .SYNOPSIS
    Runs a script while some functions of the payload are others: those that only a domain has an answer for.

    .PARAMETER Functions
    Script blocks by the names of the functions that they stand for.

    .PARAMETER Script
    The script.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Functions,
        [Parameter(Mandatory = $true)] [ScriptBlock] $Script
    )

    $kept = @{}
    foreach ($name in $Functions.Keys) {
        $kept[$name] = Get-Content -Path "Function:Global:$name"
        Set-Item -Path "Function:Global:$name" -Value $Functions[$name]
    }
    try {
        & $Script
    }
    finally {
        foreach ($name in $kept.Keys) {
            Set-Item -Path "Function:Global:$name" -Value $kept[$name]
        }
    }
}

Function Get-Fingerprint {
    <#
    .SYNOPSIS
    Returns a fingerprint of a GPO without settings, for an entry of the catalog.
    #>
    $half = @{ directory = 1; sysvol = 1 }
    @{
        name = 'x'
        description = $null
        status = $null
        versions = @{ computer = $half; user = $half }
        wmi_filter = $null
        permissions = $null
        files = $null
    }
}

Function Import-Payload {
    <#
    .SYNOPSIS
    Goes over to a culture. The first time it compiles all C# of the payload at once, and imports its modules in that
    culture: some have expressions that are made when they are imported.

    .PARAMETER Culture
    The culture.
    #>
    param (
        [Parameter(Mandatory = $true)] [CultureInfo] $Culture
    )

    [CultureInfo]::CurrentCulture = $Culture
    if ($null -eq ("$Namespace._Json.Json" -as [Type])) {
        Add-Type -Path (Get-ChildItem -Path $PayloadFolder -Filter *.cs).FullName
        $Global:PayloadModulesOf = @{}
        $Global:PayloadFunctions = @{}
    }
    if (-not $Global:PayloadFunctions.ContainsKey($Culture.Name)) {
        $files = Get-ChildItem -Path $PayloadFolder -Filter *.psm1
        $modules = @{}
        $Global:PayloadModulesOf[$Culture.Name] = $modules
        $Global:PayloadFunctions[$Culture.Name] = @(foreach ($file in $files) {
                # Each culture keeps modules of its own.
                $module = New-Module -Name $file.BaseName -ScriptBlock (
                    [ScriptBlock]::Create([System.IO.File]::ReadAllText($file.FullName)))
                $modules[$file.BaseName] = $module
                & $module { Get-ChildItem -Path Function:*-Gpm* } | Where-Object { $_.ModuleName -eq $module.Name }
            })
    }
    $Global:PayloadModules = $Global:PayloadModulesOf[$Culture.Name]
    foreach ($function in $Global:PayloadFunctions[$Culture.Name]) {
        Set-Item -Path "Function:Global:$($function.Name)" -Value $function.ScriptBlock
    }
}
