# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs in scratch runspaces while the host waits. Each part is a way of using the engine that the wrappers around an
# Ansible module have; what matters is that the engine (its parser, compiler and binders are one set for the whole
# process) has been there once. Nothing that it makes outlives it, apart from one loaded assembly of no meaning.
using namespace System.Collections
using namespace System.Collections.Generic
using namespace System.IO
using namespace System.Linq
using namespace System.Management.Automation
using namespace System.Management.Automation.Language
using namespace System.Management.Automation.Security
using namespace System.Reflection
using namespace System.Security.Cryptography
using namespace System.Text

[CmdletBinding()]
param (
    [Parameter(ValueFromPipeline)]
    [string]
    $InputObject,

    [Parameter()]
    [IDictionary]
    $Table,

    [Parameter()]
    [switch]
    $Flag,

    [Parameter()]
    [string]
    $Sample
)

begin {
    $DebugPreference = 'SilentlyContinue'
    $ErrorActionPreference = 'Stop'
    $ProgressPreference = 'SilentlyContinue'
    if ($PSCommandPath -and (Test-Path -LiteralPath $PSCommandPath)) {
        throw 'This runs from memory.'
    }
    if ($PSVersionTable.PSVersion -lt [Version]'5.1') {
        throw 'This needs 5.1.'
    }

    $Script:Constrained = [SystemPolicy]::GetSystemLockdownPolicy() -eq 'Enforce'
    $Script:Names = [HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    $Script:Warnings = [List[string]]::new()
    $Script:TempPath = @(
        [Environment]::ExpandEnvironmentVariables('%TEMP%')
        [Path]::GetTempPath()
        $pwd.Path
    ) | Where-Object {
        if (-not $_) {
            return $false
        }
        try {
            Test-Path -LiteralPath $_ -ErrorAction Ignore
        }
        catch {
            $false
        }
    } | Select-Object -First 1

    Function Convert-Value {
        param(
            [Parameter(Mandatory, ValueFromPipeline)]
            [AllowNull()]
            [object]
            $InputObject
        )

        process {
            if ($InputObject -is [System.Management.Automation.PSCustomObject]) {
                $value = @{}
                foreach ($property in $InputObject.PSObject.Properties) {
                    $value[$property.Name] = Convert-Value -InputObject $property.Value
                }
                $value
            }
            elseif ($InputObject -is [Array]) {
                , @($InputObject | Convert-Value)
            }
            else {
                $InputObject
            }
        }
    }

    Function Get-Script {
        [CmdletBinding()]
        param (
            [Parameter(Mandatory)]
            [string]
            $Name,

            [Parameter()]
            [switch]
            $IncludeScriptBlock
        )

        if (-not $Script:Manifest.scripts.Contains($Name)) {
            $problem = [ErrorRecord]::new([Exception]::new("No '$Name'."), 'None', [ErrorCategory]::ObjectNotFound, $Name)
            $PSCmdlet.ThrowTerminatingError($problem)
        }
        $info = $Script:Manifest.scripts[$Name]
        $text = [Encoding]::UTF8.GetString([Convert]::FromBase64String($info.script))
        $block = $null
        if ($IncludeScriptBlock) {
            $block = [Parser]::ParseInput($text, $Name, [ref]$null, [ref]$null).GetScriptBlock()
        }
        $result = [PSCustomObject]@{
            Name = $Name
            Script = $text
            Path = $info.path
            ScriptBlock = $block
            ShouldConstrain = $false
        }
        if (-not $Script:Constrained) {
            $result
            return
        }
    }

    Function Get-NextStep {
        [CmdletBinding()]
        param ()

        $step, $rest = $Script:Manifest.actions
        $Script:Manifest.actions = @($rest | Select-Object)
        $parameters = $step.params
        foreach ($pair in $step.secure_params.GetEnumerator()) {
            if (-not $pair.Value) {
                continue
            }
            $name = $pair.Key
            $parameters.$name = $pair.Value | ConvertTo-SecureString -AsPlainText -Force
        }
        [PSCustomObject]@{
            Name = $step.name
            ScriptBlock = (Get-Script -Name $step.name -IncludeScriptBlock).ScriptBlock
            Parameters = $parameters
        }
    }

    Function Import-Util {
        [CmdletBinding()]
        param (
            [Parameter(Mandatory)]
            [string[]]
            $Name
        )

        foreach ($one in $Name) {
            $info = Get-Script -Name $one -IncludeScriptBlock
            $null = New-Module -Name ([Path]::GetFileNameWithoutExtension($one)) -ScriptBlock $info.ScriptBlock |
                Import-Module -Scope Global
        }
    }

    $reading = { ConvertFrom-Json | Convert-Value }.GetSteppablePipeline()
    $reading.Begin($true)
    $running = $null
    $start = {
        [CmdletBinding()]
        param (
            [Parameter()]
            [switch]
            $ExpectingInput
        )

        if ($reading) {
            $Script:Manifest = $reading.End()[0]
            $reading.Dispose()
            $reading = $null
        }
        $step = Get-NextStep
        $stepParameters = $step.Parameters
        $running = { & $step.ScriptBlock @stepParameters }.GetSteppablePipeline()
        $running.Begin($ExpectingInput)
        if (-not $ExpectingInput) {
            $null = $running.Process()
        }
    }
}

process {
    if ($running) {
        $null = $running.Process($InputObject)
    }
    elseif ([string]::Equals($InputObject, "`0`0`0`0")) {
        . $start -ExpectingInput
    }
    elseif ($reading) {
        $reading.Process($InputObject)
    }
}

end {
    try {
        if ($reading) {
            . $start
        }
        $output = $running.End()
        $output
    }
    catch {
        @{
            failed = $true
            msg = "warm-up: $_"
            exception = @("$_", "$($_.InvocationInfo.PositionMessage)", "$($_.ScriptStackTrace)") -join "`r`n"
        } | ConvertTo-Json -Compress
    }
    finally {
        $running.Dispose()
    }
}
