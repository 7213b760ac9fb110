# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_backup_prune: list the backups, or delete those that the controller names. The controller decides which
# (plugin_utils/_keep_rules.py); what it must never be wrong about is looked at here once more, under the lock.
#
# The task keeps in the trip's context:
#     list          from Open-GpmBackupList
#     newest        the sequences of each GPO's newest good backup and of its newest approved one, by Get-GpmListKey, as
#                   far as they were looked for

#AnsibleRequires -CSharpUtil ..module_utils._CatalogFolder
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._BackupList
#AnsibleRequires -PowerShell ..module_utils._BackupSurvey
#AnsibleRequires -PowerShell ..module_utils._CatalogIndex
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._DomainTrip
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._GpmcDirectory
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._Trip
#AnsibleRequires -PowerShell ..module_utils._TripLock

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

Function Find-GpmNewestGood {
    <#
    .SYNOPSIS
    Returns the sequence of a GPO's newest backup in the catalog that is whole, or 0.

    .PARAMETER Gpo
    @{ id; domain }.

    .PARAMETER Approved
    Only backups that are approved count.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Int64])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Gpo,
        [Boolean] $Approved = $false,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $newest = $Context.task.newest
    $key = Get-GpmListKey -Domain $Gpo.domain -Id $Gpo.id
    $asked = "$key $Approved"
    if (-not $newest.ContainsKey($asked)) {
        $newest[$asked] = [Int64]0
        $files = @(foreach ($claims in $Context.task.list.index.Values) {
                foreach ($file in $claims) {
                    if ($script:SameName.Equals((Get-GpmListKey -Domain $file.domain -Id $file.gpo_id), $key)) {
                        $file
                    }
                }
            })
        foreach ($file in ($files | Sort-Object -Property { [Int64]$_.sequence } -Descending)) {
            $backup = Get-GpmListedBackup -Id $file.backup_id -List $Context.task.list
            # Whether it is this GPO's the backup says, and not that file.
            if ($null -ne $backup -and $backup.state -ceq 'ok' -and $backup.purpose -ceq 'backup' -and
                ($backup.approved -or -not $Approved) -and
                $script:SameName.Equals((Get-GpmListKey -Domain $backup.gpo.domain -Id $backup.gpo.id), $key)) {
                $newest[$asked] = $backup.sequence
                break
            }
        }
    }
    $newest[$asked]
}

Function Test-GpmExpendable {
    <#
    .SYNOPSIS
    Returns whether a backup may go: it is of a kind that the task names, or a newer good one of its GPO is there, and
    of one that is approved a newer one that is, too.

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

    if ($null -ne $Backup.spared) {
        return $false
    }
    if ($Backup.interrupted) {
        return $true
    }
    $kind = $Backup.state
    if ($Backup.purpose -ceq 'safety') {
        $kind = 'safety'
    }
    if ($kind -cne 'ok') {
        return $Context.options.remove.Contains($kind)
    }
    $Backup.purpose -ceq 'backup' -and
    [Int64](Find-GpmNewestGood -Gpo $Backup.gpo -Approved ([Boolean]$Backup.approved) -Context $Context) -gt
        [Int64]$Backup.sequence
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

    .PARAMETER Entry
    Its entry of the reply: something has changed from the tombstone on, whatever comes of the rest.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $list = $Context.task.list
    $tree = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]
    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    $folder = [System.IO.Path]::Combine($list.path, $Id)
    if ($null -eq $list.manifest) {
        throw 'The manifest.xml of the directory cannot be read.'
    }
    $exists = $hostFile::FolderExists($folder)
    if ($exists -and $tree::HasLink($folder)) {
        throw 'There is a link in its folder, or it is one itself. Look where it leads, and remove it by hand.'
    }
    $tombstone = $list.tombstones[$Id]
    $claim = (Get-GpmListedClaim -Id $Id -List $list).file
    $left = $null
    if ($null -eq $tombstone) {
        $tombstone = Add-GpmTombstone -Path $list.path -Id $Id -File $claim
    }
    elseif ($null -ne $claim) {
        # An entry beside its own tombstone: the catalog was copied back.
        $left = $claim.path
    }
    $Entry.changed = $true
    if ($list.manifest.Contains($Id)) {
        # GPMC had deleted the folder and was interrupted before its manifest: so that it finds what it begins with.
        $hostFile::CreateFolder($folder)
        Remove-GpmBackup -Gpm $Context.gpm -Path $list.path -Id $Id
    }
    elseif ($exists) {
        $tree::Delete($folder)
    }
    if ($hostFile::FolderExists($folder)) {
        throw 'GPMC reported success, but its folder is still there.'
    }
    if ($left) {
        $hostFile::Delete($left)
    }
    # Before the tombstone: who is ended here leaves them to who completes this.
    if ($null -ne $claim) {
        $ofGpo = [System.IO.Path]::GetDirectoryName($claim.path)
    }
    else {
        $ofGpo = Find-GpmTombstoneFolder -Path $list.path -Tombstone $tombstone
    }
    if ($ofGpo) {
        [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]::DeleteOrphans($ofGpo)
    }
    $hostFile::Delete($tombstone)
}

Function Remove-GpmItem {
    <#
    .SYNOPSIS
    Deletes one backup that the controller names, if it may go.

    .PARAMETER Item
    @{ id }: ID of the backup.

    .PARAMETER Entry
    Its entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Context.step = 'delete'
    $list = $Context.task.list
    if ($list.known.Contains($Item.id)) {
        $backup = Get-GpmListedBackup -Id $Item.id -List $list
        if ($null -eq $backup -or -not (Test-GpmExpendable -Backup $backup -Context $Context)) {
            $Entry.outcome = 'kept'
            return
        }
        Remove-GpmListedBackup -Id $Item.id -Entry $Entry -Context $Context
    }
    # Else an earlier trip of this task deleted it, but its reply was lost.
    $Entry.outcome = 'pruned'
    $Entry.changed = $true
}

Function Get-GpmUnfitness {
    <#
    .SYNOPSIS
    Returns why backups must not be deleted in a directory, or null: a mistyped path must not cost anybody's folders.

    .PARAMETER Path
    The directory.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    if ($Path -cmatch '^(?:[A-Za-z]:|\\\\[^\\]+\\[A-Za-z]\$)\\?$') {
        return 'It is the root of a drive.'
    }
    foreach ($name in $Path.Split([Char]'\')) {
        # The second is what a domain that went over to DFS Replication has.
        if ($script:SameName.Equals($name, 'SYSVOL') -or $script:SameName.Equals($name, 'SYSVOL_DFSR')) {
            return 'It is in SYSVOL, where the folders are the GPOs themselves.'
        }
    }
    if (-not (Test-GpmBackupDirectory -Path $Path)) {
        return 'There is no backup in it.'
    }
    return $null
}

Function Initialize-GpmPrune {
    <#
    .SYNOPSIS
    Prepares a trip: connects where it has to, looks whether the directory is one of backups, locks, lists.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $trip = $Context.trip
    $deletes = [Boolean]$options['_remaining']
    if ($deletes) {
        $Context.step = 'gpmc'
        $Context.gpm = New-Gpm
    }
    elseif ($options.deleted_gpos -eq 'keep' -and $Context.firstTrip) {
        Connect-GpmTrip -Context $Context
        $Context.step = 'select'
        $visible = Find-GpmGpo -Gpm $Context.gpm -GpmDomain $Context.domain.object
        $trip.existing = @(foreach ($gpo in $visible) { $gpo.id })
    }
    elseif (-not $trip.domain) {
        $Context.step = 'host_domain'
        $trip.domain = Get-GpmHostDomain
    }
    # Before the lock, which makes a folder.
    $Context.step = 'list'
    if (Test-GpmStillToCome -Path $options.path -CheckMode $Context.checkMode) {
        Set-GpmStillToCome -Context $Context
        return
    }
    $unfit = $null
    if (-not $deletes) {
        $unfit = Get-GpmUnfitness -Path $options.path
    }
    if ($null -ne $unfit) {
        $trip.trouble = New-GpmTrouble -Step unfit -Message $unfit
        $trip.stopped = $true
        return
    }
    if (-not $Context.checkMode) {
        Lock-GpmTrip -Context $Context
    }
    $list = Open-GpmBackupList -Context $Context -Verify quick -Whole $true -Deletes $deletes
    if (-not $trip.locked) {
        $list.now = Measure-GpmDirectoryTime -Path $options.path -CheckMode $Context.checkMode
    }
    $Context.task = @{ list = $list; newest = New-GpmMap }
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

    Invoke-GpmTrip -Module $Module -Prepare {
        param ($Context)

        Initialize-GpmPrune -Context $Context
    } -Look {
        param ($Item, $Context)

        Get-GpmListedBackup -Id $Item.id -List $Context.task.list
    } -Work {
        param ($Item, $Entry, $Context)

        try {
            Remove-GpmItem -Item $Item -Entry $Entry -Context $Context
        }
        finally {
            $Context.trip.milliseconds.work += $Context.itemClock.Elapsed.TotalMilliseconds
        }
    } -Finish {
        param ($Context)

        Unlock-GpmTrip -Context $Context
    }
}

Export-ModuleMember -Function Invoke-GpmBackupPrune
