# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What a migration table changes on the way cannot be compared with the backup, nor what a server writes in its own way.
# So a restore and an import leave a note of what came out, <backup directory>\.gpvault\<domain>\{GPO-ID}\restore.json
# and import.json: as long as the GPO's settings are those, the same backup with the same table would change nothing.

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._Catalog

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

Function New-GpmSettingsNote {
    <#
    .SYNOPSIS
    Returns a note of what came out of a restore or an import.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Files
    From Get-GpmLiveSetting.

    .PARAMETER Report
    From Read-GpmLiveReport.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Files,
        [Parameter(Mandatory = $true)] [Hashtable] $Report,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    [ordered]@{
        backup_id = $Wanted.backup_id
        run_id = $Context.options._run_id
        table = $Wanted.table
        source = Get-GpmSavedHash -Wanted $Wanted -Context $Context
        settings = Get-GpmSettingsHash -Files $Files
        report = $Report
    }
}

Function Read-GpmSettingsNote {
    <#
    .SYNOPSIS
    Returns the note of the last restore or import of a GPO if it was the same one, from a backup with the same content,
    and the GPO's files are still what came out of it, else null.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Files
    From Get-GpmLiveSetting.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Files,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    try {
        $note = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::ReadFile(
            (Get-GpmSettingsNotePath -Wanted $Wanted -Id $Id -Context $Context))
    }
    catch {
        # None, or one that cannot be read: it only saves work.
        return $null
    }
    $isSame = $note -is [Hashtable] -and $note['report'] -is [Hashtable] -and
        $script:SameName.Equals($note['backup_id'], $Wanted.backup_id) -and
        $script:SameName.Equals($note['table'], $Wanted.table) -and
        $script:SameName.Equals($note['settings'], (Get-GpmSettingsHash -Files $Files)) -and
        $script:SameName.Equals($note['source'], (Get-GpmSavedHash -Wanted $Wanted -Context $Context))
    if ($isSame) {
        return $note
    }
    return $null
}

Function Write-GpmSettingsNote {
    <#
    .SYNOPSIS
    Leaves a note of what came out of a restore or an import.

    .PARAMETER Note
    From New-GpmSettingsNote; null when there is nothing to note.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Info
    From Get-GpmGpoInfo, after the last change.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [AllowNull()] [System.Collections.IDictionary] $Note,
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Info,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -eq $Note) {
        return
    }
    $Note.versions = $Info.versions
    $Note.modified = $Info.modified
    $path = Get-GpmSettingsNotePath -Wanted $Wanted -Id $Info.id -Context $Context
    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    $hostFile::CreateFolder([System.IO.Path]::GetDirectoryName($path))
    $hostFile::Write(
        $path, [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::Write($Note))
}

Function Get-GpmSettingsNotePath {
    <#
    .SYNOPSIS
    Returns the path of the note on the last restore or import of a GPO.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $folder = Get-GpmCatalogFolder -Path $Context.options.path -Domain $Context.trip.domain -Id $Id
    [System.IO.Path]::Combine($folder, $Wanted.operation + '.json')
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

Function Get-GpmSavedHash {
    <#
    .SYNOPSIS
    Returns one hash for what a backup has: its settings files and its report. Scripts write backups anew under their ID.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -eq $Wanted.hash) {
        $report = ''
        $file = [System.IO.Path]::Combine($Context.options.path, $Wanted.backup_id, 'gpreport.xml')
        $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
        if ($hostFile::Exists($file)) {
            $report = [Convert]::ToBase64String($hostFile::Read($file))
        }
        $Wanted.hash = Get-GpmTextHash -Text ((Get-GpmSettingsHash -Files $Wanted.files) + $report)
    }
    $Wanted.hash
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
        $table = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Read($Options.migration_table)
        $text += [Convert]::ToBase64String($table)
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

Export-ModuleMember -Function Get-GpmTableHash, New-GpmSettingsNote, Read-GpmSettingsNote, Write-GpmSettingsNote
