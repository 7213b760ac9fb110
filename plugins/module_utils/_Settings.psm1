# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The settings files of a GPO: those of a backup against those in SYSVOL.

#AnsibleRequires -CSharpUtil ..module_utils._BackupXml
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# Where the files of a GPO lie in its backup.
$script:FilesInBackup = 'DomainSysvol\GPO\'

Function Get-GpmSettingsFile {
    <#
    .SYNOPSIS
    Returns the hashes of a GPO's settings files by path.

    .PARAMETER Files
    From FileTree.Hash.

    .PARAMETER InBackup
    The files are those of a backup, and not of the GPO's folder in SYSVOL.

    .PARAMETER Except
    Paths that do not count.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Files,
        [Switch] $InBackup,
        [Parameter(Mandatory = $true)] [String[]] $Except
    )

    $prefix = ''
    if ($InBackup) {
        $prefix = $script:FilesInBackup
    }
    $ignored = New-GpmMap
    foreach ($path in $Except) {
        $ignored[$path] = $true
    }
    $hashes = New-GpmMap
    foreach ($file in $Files) {
        if ($file.path.StartsWith($prefix, [StringComparison]::OrdinalIgnoreCase)) {
            $path = $file.path.Substring($prefix.Length)
            if (-not $ignored.ContainsKey($path)) {
                $hashes[$path] = $file
            }
        }
    }
    $hashes
}

Function Get-GpmLiveSetting {
    <#
    .SYNOPSIS
    Returns the hashes of a GPO's settings files in SYSVOL by path.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Except
    Paths that do not count.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [String[]] $Except,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $files = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::Hash(
        [System.IO.Path]::Combine($Context.domain.policies, $Id))
    Get-GpmSettingsFile -Files $files -Except $Except
}

Function Get-GpmSavedSetting {
    <#
    .SYNOPSIS
    Returns the hashes of the settings files of a backup by path: of those that its Backup.xml names. What somebody has
    put beside them, GPMC does not bring back.

    .PARAMETER Files
    The backup's files, from its entry of the catalog; null to read them.

    .PARAMETER BackupId
    ID of the backup.

    .PARAMETER Except
    Paths that do not count.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [Object[]] $Files,
        [Parameter(Mandatory = $true)] [String] $BackupId,
        [Parameter(Mandatory = $true)] [String[]] $Except,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $folder = [System.IO.Path]::Combine($Context.options.path, $BackupId)
    if ($null -eq $Files) {
        $Files = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::Hash($folder)
    }
    $named = New-GpmMap
    try {
        foreach ($location in [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]::ReadLocations(
                [System.IO.Path]::Combine($folder, 'Backup.xml'))) {
            $named[$location.Replace('/', '\')] = $true
        }
    }
    catch {
        # A damaged backup, used all the same: GPMC will say what it makes of it.
        return (Get-GpmSettingsFile -Files $Files -InBackup -Except $Except)
    }
    $known = @(foreach ($file in $Files) { if ($named.ContainsKey($file.path)) { $file } })
    Get-GpmSettingsFile -Files $known -InBackup -Except $Except
}

Function Compare-GpmSetting {
    <#
    .SYNOPSIS
    Returns how the settings files that are there differ from those of a backup, as @{ reason; before; after }.

    .PARAMETER Live
    From Get-GpmSettingsFile.

    .PARAMETER Recorded
    From Get-GpmSettingsFile.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Live,
        [Parameter(Mandatory = $true)] [Hashtable] $Recorded
    )

    $differences = @{ computer_settings = @(); user_settings = @(); files = @() }
    $paths = New-Object -TypeName System.Collections.Generic.SortedSet[String] -ArgumentList (
        [StringComparer]::OrdinalIgnoreCase)
    # get_Keys(): a file may be called Keys, and then hides the property.
    $paths.UnionWith([String[]]@($Live.get_Keys()))
    $paths.UnionWith([String[]]@($Recorded.get_Keys()))
    foreach ($path in $paths) {
        $is = $Live[$path]
        $was = $Recorded[$path]
        if ($null -ne $is -and $null -ne $was -and $script:SameName.Equals($is.sha256, $was.sha256)) {
            continue
        }
        $reason = 'files'
        if ($path.StartsWith('Machine\', [StringComparison]::OrdinalIgnoreCase)) {
            $reason = 'computer_settings'
        }
        elseif ($path.StartsWith('User\', [StringComparison]::OrdinalIgnoreCase)) {
            $reason = 'user_settings'
        }
        $differences[$reason] += @{ path = $path; before = $is; after = $was }
    }
    foreach ($reason in 'computer_settings', 'user_settings', 'files') {
        if ($differences[$reason].Count) {
            @{ reason = $reason; before = $null; after = $differences[$reason] }
        }
    }
}

Export-ModuleMember -Function Compare-GpmSetting, Get-GpmLiveSetting, Get-GpmSavedSetting
