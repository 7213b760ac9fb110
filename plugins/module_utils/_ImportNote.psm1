# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What a migration table changes on the way cannot be compared with the backup. So each import leaves a note of what
# came out of it, <backup directory>\.gpvault\<domain>\{GPO-ID}\import.json: as long as the GPO's files are those, an
# import of the same backup with the same table would change nothing.

#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._Catalog

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

Function Test-GpmImported {
    <#
    .SYNOPSIS
    Returns whether the last import into a GPO was this one and its files are still what came out of it.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Settings
    From Get-GpmLiveSetting.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Settings,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    try {
        $note = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::ReadFile(
            (Get-GpmImportNotePath -Id $Id -Context $Context))
    }
    catch {
        # None, or one that cannot be read: it only saves work.
        return $false
    }
    $note -is [Hashtable] -and $script:SameName.Equals($note['backup_id'], $Context.options.backup_id) -and
    $script:SameName.Equals($note['table'], (Get-GpmTableHash -Options $Context.options)) -and
    $script:SameName.Equals($note['settings'], (Get-GpmSettingsHash -Files $Settings))
}

Function Write-GpmImportNote {
    <#
    .SYNOPSIS
    Notes what came out of an import.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Settings
    From Get-GpmLiveSetting.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Settings,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $path = Get-GpmImportNotePath -Id $Id -Context $Context
    $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($path))
    $bytes = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::Write([ordered]@{
            backup_id = $Context.options.backup_id
            run_id = $Context.options._run_id
            table = Get-GpmTableHash -Options $Context.options
            settings = Get-GpmSettingsHash -Files $Settings
        })
    [System.IO.File]::WriteAllBytes($path, $bytes)
}

Function Get-GpmImportNotePath {
    <#
    .SYNOPSIS
    Returns the path of the note on the last import into a GPO.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $folder = Get-GpmCatalogFolder -Path $Context.options.path -Domain $Context.trip.domain -Id $Id
    [System.IO.Path]::Combine($folder, 'import.json')
}

Function Get-GpmSettingsHash {
    <#
    .SYNOPSIS
    Returns one hash for the settings files of a GPO.

    .PARAMETER Files
    From Get-GpmSettingsFile.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Files
    )

    $lines = @(foreach ($path in $Files.get_Keys()) { $path.ToUpperInvariant() + ' ' + $Files[$path].sha256 })
    [Array]::Sort([Array]$lines, [System.Collections.IComparer][StringComparer]::Ordinal)
    Get-GpmTextHash -Text ($lines -join "`n")
}

Function Get-GpmTableHash {
    <#
    .SYNOPSIS
    Returns one hash for the migration table of a task, so that another table is known as another.

    .PARAMETER Options
    The module's parameters.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Options
    )

    $text = [String]$Options.migration_table_only
    if ($Options.migration_table) {
        $text += [Convert]::ToBase64String([System.IO.File]::ReadAllBytes($Options.migration_table))
    }
    foreach ($entry in $Options.migration_entries) {
        foreach ($name in 'source', 'type', 'destination', 'destination_option') {
            $text += [Char]0 + [String]$entry[$name]
        }
    }
    Get-GpmTextHash -Text $text
}

Function Get-GpmTextHash {
    <#
    .SYNOPSIS
    Returns the SHA-256 of a text, in hexadecimal.

    .PARAMETER Text
    The text.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $Text
    )

    $algorithm = [System.Security.Cryptography.SHA256]::Create()
    try {
        $hash = $algorithm.ComputeHash([System.Text.Encoding]::UTF8.GetBytes($Text))
    }
    finally {
        $algorithm.Dispose()
    }
    [BitConverter]::ToString($hash).Replace('-', '').ToLowerInvariant()
}

Export-ModuleMember -Function Test-GpmImported, Write-GpmImportNote
