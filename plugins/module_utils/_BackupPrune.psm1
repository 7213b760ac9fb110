# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_backup_prune: list the backups, or delete those that the controller names. The controller decides which
# (plugin_utils/_keep_rules.py); what it must never be wrong about is looked at here once more, under the lock.

#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -PowerShell ..module_utils._BackupDirectory
#AnsibleRequires -PowerShell ..module_utils._BackupList
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Find-GpmNewestGood {
    <#
    .SYNOPSIS
    Returns the sequence of a GPO's newest backup in the catalog that is whole, or 0.

    .PARAMETER File
    The catalog's file of one of its backups.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Int64])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $File,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $key = $File.domain + '\' + $File.gpo_id
    if (-not $Context.newestGood.ContainsKey($key)) {
        $Context.newestGood[$key] = [Int64]0
        $files = $Context.list.index.Values |
            Where-Object -FilterScript { $_.domain -eq $File.domain -and $_.gpo_id -eq $File.gpo_id } |
            Sort-Object -Property { $_.sequence } -Descending
        foreach ($candidate in $files) {
            $backup = Get-GpmListedBackup -Id $candidate.backup_id -List $Context.list
            if ($null -ne $backup -and $backup.state -eq 'ok' -and $backup.purpose -eq 'backup') {
                $Context.newestGood[$key] = $candidate.sequence
                break
            }
        }
    }
    $Context.newestGood[$key]
}

Function Test-GpmExpendable {
    <#
    .SYNOPSIS
    Returns whether a backup may go: it is of a kind that the task names, or a newer good one of its GPO is there.

    .PARAMETER Backup
    From Get-GpmListedBackup.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Backup,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($Backup.interrupted) {
        return $true
    }
    if ($Backup.unusable) {
        return $false
    }
    $kind = $Backup.state
    if ($Backup.purpose -eq 'safety') {
        $kind = 'safety'
    }
    if ($kind -ne 'ok') {
        return @($Context.options.remove) -contains $kind
    }
    $file = $Context.list.index[$Backup.id]
    $Backup.purpose -eq 'backup' -and (Find-GpmNewestGood -File $file -Context $Context) -gt $file.sequence
}

Function Remove-GpmListedBackup {
    <#
    .SYNOPSIS
    Deletes a backup: a tombstone, the backup itself, the tombstone.

    .DESCRIPTION
    GPMC deletes what its manifest lists. What it does not list GPMC may not find, so the folder is deleted here. A
    folder with a link in it is left alone: whether GPMC follows it is not known.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $list = $Context.list
    $tree = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]
    $folder = [System.IO.Path]::Combine($list.path, $Id)
    if ($null -eq $list.manifest) {
        throw 'The manifest.xml of the directory cannot be read.'
    }
    $exists = [System.IO.Directory]::Exists($folder)
    if ($exists -and $tree::HasLink($folder)) {
        throw 'There is a link in its folder, or it is one itself. Look where it leads, and remove it by hand.'
    }
    $tombstone = $list.tombstones[$Id]
    if ($null -eq $tombstone) {
        $tombstone = Add-GpmTombstone -Path $list.path -Id $Id -File $list.index[$Id]
    }
    if ($list.manifest.Contains($Id)) {
        # GPMC had deleted the folder and was interrupted before its manifest: so that it finds what it begins with.
        $null = [System.IO.Directory]::CreateDirectory($folder)
        Remove-GpmBackup -Gpm $Context.gpm -Path $list.path -Id $Id
    }
    elseif ($exists) {
        $tree::Delete($folder)
    }
    if ([System.IO.Directory]::Exists($folder)) {
        throw 'GPMC reported success, but its folder is still there.'
    }
    [System.IO.File]::Delete($tombstone)
}

Function Get-GpmPruneEntry {
    <#
    .SYNOPSIS
    Deletes one backup that the controller names, and returns its entry of the reply.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $list = $Context.list
    $entry = @{ id = $Id; outcome = 'failed'; call_status = $null }
    try {
        if (-not $list.known.Contains($Id)) {
            # An earlier trip of this task deleted it, but its reply was lost.
            $entry.outcome = 'pruned'
        }
        else {
            $backup = Get-GpmListedBackup -Id $Id -List $list
            if ($null -eq $backup -or -not (Test-GpmExpendable -Backup $backup -Context $Context)) {
                $entry.outcome = 'kept'
            }
            else {
                Remove-GpmListedBackup -Id $Id -Context $Context
                $entry.outcome = 'pruned'
            }
        }
    }
    catch {
        $entry.call_status = Get-GpmStatus -ErrorRecord $_
    }
    $entry.duration = [Math]::Round($clock.Elapsed.TotalSeconds, 3)
    $Context.trip.seconds.work += $clock.Elapsed.TotalSeconds
    $entry
}

Function Invoke-GpmBackupPrune {
    <#
    .SYNOPSIS
    Makes one trip of a gpo_backup_prune task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -GoodOutcomes pruned, kept -Prepare {
        param ($Context)

        $options = $Context.options
        $trip = $Context.trip
        $deletes = [Boolean]$options._remaining
        $Context.newestGood = @{}
        if ($deletes) {
            $Context.stage = 'gpmc'
            $Context.gpm = New-Gpm
        }
        elseif ($options.deleted_gpos -eq 'keep' -and $Context.firstTrip) {
            Connect-GpmTrip -Context $Context
            $Context.stage = 'select'
            $visible = Find-GpmGpo -Gpm $Context.gpm -GpmDomain $Context.domain
            $trip.existing = @(foreach ($gpo in $visible) { $gpo.id })
        }
        elseif (-not $trip.domain) {
            $Context.stage = 'host_domain'
            $trip.domain = Get-GpmHostDomain
        }
        if (-not $Context.checkMode) {
            # Before the lock, which makes a folder.
            $Context.stage = 'list'
            $null = Assert-GpmDirectory -Path $options.path -Create $false
            $Context.stage = 'catalog'
            Lock-GpmTrip -Context $Context
        }
        $Context.list = Open-GpmBackupList -Context $Context -Verify quick -Whole $true `
            -Deletes $deletes
    } -Work {
        param ($Item, $Context)

        if ($Context.byCursor) {
            Get-GpmListedBackup -Id $Item.id -List $Context.list
        }
        else {
            Get-GpmPruneEntry -Id $Item.id -Context $Context
        }
    }
}

Export-ModuleMember -Function Invoke-GpmBackupPrune
