# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# What engine.ps1 runs as its step: a runspace of its own for the module, with variables, utilities and C#.
using namespace System.Collections
using namespace System.IO
using namespace System.Management.Automation
using namespace System.Management.Automation.Language
using namespace System.Text

[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string]
    $Script,

    [Parameter()]
    [IDictionary[]]
    [AllowEmptyCollection()]
    $Variables = @(),

    [Parameter()]
    [IDictionary]
    $Environment,

    [Parameter()]
    [AllowEmptyCollection()]
    [string[]]
    $Utilities,

    [Parameter()]
    [switch]
    $ForModule
)

$shell = [PowerShell]::Create()
if ($ForModule) {
    $shell.Runspace.SessionStateProxy.SetVariable('ErrorActionPreference', 'Stop')
}
foreach ($variable in $Variables) {
    $null = $shell.AddCommand('Set-Variable').AddParameters($variable).AddStatement()
}
foreach ($item in $Environment.GetEnumerator()) {
    throw 'The warm-up sets no environment variable.'
}
$null = $shell.AddScript('Function Write-Host($msg) { Write-Output -InputObject $msg }').AddStatement()
$info = Get-Script -Name $Script
foreach ($name in $Utilities) {
    $utility = Get-Script -Name $name
    $null = $shell.AddScript(@'
param ($Name, $Script)

$moduleName = [System.IO.Path]::GetFileNameWithoutExtension($Name)
$block = [System.Management.Automation.Language.Parser]::ParseInput(
    $Script,
    $Name,
    [ref]$null,
    [ref]$null).GetScriptBlock()

New-Module -Name $moduleName -ScriptBlock $block |
    Import-Module -WarningAction SilentlyContinue -Scope Global
'@, $true)
    $null = $shell.AddParameters(
        @{
            Name = $name
            Script = $utility.Script
        }
    ).AddStatement()
}

Import-Util -Name 'WarmUp.Compile.psm1'
$fake = [PSCustomObject]@{ Tmpdir = $Script:TempPath }
$fake.PSObject.Members.Add([PSScriptMethod]::new('Warn', { param($message) $Script:Warnings.Add($message) }))
Add-SampleType -References @((Get-Script -Name 'sample.cs').Script) -Module $fake

$null = $shell.AddScript(@'
${function:<WarmUp>} = [System.Management.Automation.Language.Parser]::ParseInput(
    $args[0],
    $args[1],
    [ref]$null,
    [ref]$null).GetScriptBlock()
'@).AddArgument($info.Script).AddArgument($Script).AddStatement()
$null = $shell.AddCommand('<WarmUp>', $false).AddStatement()

$builder = [StringBuilder]::new()
$writer = [StringWriter]::new($builder)
try {
    $result = @($shell.Invoke())
}
finally {
    $writer.Dispose()
}
$text = $builder.ToString()
if ($text) {
    $text
}
if ($result.Count) {
    $result -join "`r`n"
}
$code = $shell.Runspace.SessionStateProxy.GetVariable('LASTEXITCODE')
if ($null -ne $code) {
    $null = $code
}
foreach ($problem in $shell.Streams.Error) {
    "warm-up: $problem $($problem.InvocationInfo.PositionMessage)"
}
