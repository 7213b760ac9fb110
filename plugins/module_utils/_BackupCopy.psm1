# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What the tasks that copy backups between a directory and the controller share.

#AnsibleRequires -CSharpUtil ..module_utils._BackupArchive
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._BackupList
#AnsibleRequires -PowerShell ..module_utils._Catalog

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Get-GpmCopySource {
    <#
    .SYNOPSIS
    Returns what is to be told of a backup, as Get-GpmListedBackup does, with "record": what its entry is known by on
    both sides, or null where it has none that counts. What its content is worth "state" says.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER List
    From Open-GpmBackupList.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $List
    )

    $backup = Get-GpmListedBackup -Id $Id -List $List -KeepClaim $true
    if ($null -eq $backup) {
        return $null
    }
    $claim = $backup.claim
    $backup.Remove('claim')
    $backup.record = $null
    if ($null -ne $claim.entry) {
        $backup.record = Get-GpmCopyRecord -Entry $claim.entry -File $claim.file
    }
    $backup
}

Function Get-GpmCopyRecord {
    <#
    .SYNOPSIS
    Returns what an entry is known by on both sides: @{ domain; gpo_id; sequence; history; sha256; size }.

    .PARAMETER Entry
    From Read-GpmCatalogEntry.

    .PARAMETER File
    The entry's file, from Get-GpmCatalogIndex.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $File
    )

    $archive = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupArchive.BackupArchive]
    @{
        domain = $File.domain
        gpo_id = $File.gpo_id
        sequence = $File.sequence
        history = $Entry['history']
        sha256 = $archive::Digest($File.path)
        size = $archive::Size([Object[]]$Entry.files)
    }
}

Export-ModuleMember -Function Get-GpmCopySource
