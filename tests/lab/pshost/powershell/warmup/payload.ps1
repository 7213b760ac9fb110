# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Stands for the module itself: a specification, a result, a few cmdlets, a failure that is caught.
$spec = @{
    options = @{
        name = @{ type = 'str'; required = $true }
        state = @{ type = 'str'; choices = 'absent', 'present'; default = 'present' }
        items = @{ type = 'list'; elements = 'str' }
    }
    mutually_exclusive = @(
        , @('name', 'items')
    )
    supports_check_mode = $true
}
$module = [GpVault.Lab.WarmUpSample.Node]::Create($args, @{ name = 'a'; check = $true; secret = 'hidden' })
$module.Result.items = @()
$module.Result.table = @{}
$name = $module.Name
try {
    $found = Get-Item -LiteralPath $env:SystemRoot -Force
    $module.Result.path = $found.FullName
    $module.Result.exists = Test-Path -LiteralPath "$($found.FullName)\none" -PathType Leaf
    $module.Result.items = @(Get-ChildItem -LiteralPath $env:SystemRoot -Force | Where-Object { $_.PSIsContainer } |
            Sort-Object -Property Name | Select-Object -Property Name, FullName -First 3 | ForEach-Object { $_.Name })
    throw [InvalidOperationException]::new("expected by the warm-up: $name")
}
catch [InvalidOperationException] {
    $module.Result.msg = '{0}: {1}' -f $_.Exception.GetType().Name, $_
}
catch {
    throw
}
$null = $spec | ConvertTo-Json -Depth 5 | ConvertFrom-Json
$module.Describe($null)
[GpVault.Lab.WarmUpSample.Node]::Exit(0)
