# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The trips of gpo_backup_fetch: list the backups of a directory, then pack into an archive those that the controller
# names.
#
# The task keeps in the trip's context:
#     list          from Open-GpmBackupList
#     archive       the BackupArchive, once there is one

#AnsibleRequires -CSharpUtil ..module_utils._BackupArchive
#AnsibleRequires -CSharpUtil ..module_utils._CatalogFolder
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._BackupCopy
#AnsibleRequires -PowerShell ..module_utils._BackupList
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Trip
#AnsibleRequires -PowerShell ..module_utils._TripLock

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Initialize-GpmFetch {
    <#
    .SYNOPSIS
    Prepares a trip: lists, and to pack locks the directory and begins the archive.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $packs = [Boolean]$options['_remaining']
    $Context.step = 'list'
    if (-not $packs -and (Test-GpmStillToCome -Path $options.path -CheckMode $Context.checkMode)) {
        Set-GpmStillToCome -Context $Context
        return
    }
    $list = Open-GpmBackupList -Context $Context -Verify none -MostRecent $options.most_recent -Deletes $packs
    $Context.task = @{ list = $list; archive = $null }
    if ($packs) {
        $Context.trip.archive = $null
        Lock-GpmTrip -Context $Context
        if (-not $Context.trip.locked) {
            $Context.step = 'archive'
            $archive = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupArchive.BackupArchive]
            $Context.task.archive = $archive::Create($options._archive)
        }
    }
}

Function Add-GpmToArchive {
    <#
    .SYNOPSIS
    Packs one backup, if it is whole and its own.

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

    $Context.step = 'copy'
    $catalog = [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]
    $list = $Context.task.list
    $claim = Get-GpmListedClaim -Id $Item.id -List $list
    if (-not $claim.confirmed) {
        $told = @($claim.problems; $claim.fault; 'It is gone, or its entry does not count any more.')
        throw (@($told -ne $null) -join ' ')
    }
    try {
        $problem = $Context.task.archive.Add(
            $Item.id, [System.IO.Path]::Combine($list.path, $Item.id), $claim.entry.files, $claim.file.path)
        if ($null -eq $problem) {
            $changes = $catalog::ChangesOf($claim.file.path)
            if ($changes) {
                $Context.task.archive.AddChanges($Item.id, $changes)
            }
        }
    }
    catch {
        # What is in it so far is of no use without its end: the trip tells of none of it.
        $Context.task.archive = $null
        $Context.trip.stopped = $true
        $Context.trip.trouble = New-GpmTrouble -Step archive -Status (Get-GpmStatus -ErrorRecord $_)
        throw
    }
    if ($null -ne $problem) {
        throw $problem
    }
    $Entry.outcome = 'packed'
}

Function Complete-GpmArchive {
    <#
    .SYNOPSIS
    Ends the archive, and puts its size and SHA-256 into the reply. Must not throw.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -eq $Context.task['archive']) {
        return
    }
    $archive = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupArchive.BackupArchive]
    $file = $Context.options._archive
    try {
        $Context.task.archive.Dispose()
        $Context.trip.archive = @{ sha256 = $archive::Digest($file); size = $archive::Size($file) }
    }
    catch {
        $Context.trip.trouble = New-GpmTrouble -Step archive -Status (Get-GpmStatus -ErrorRecord $_)
    }
}

Function Invoke-GpmBackupFetch {
    <#
    .SYNOPSIS
    Makes one trip of a gpo_backup_fetch task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -Prepare {
        param ($Context)

        Initialize-GpmFetch -Context $Context
    } -Look {
        param ($Item, $Context)

        Get-GpmCopySource -Id $Item.id -List $Context.task.list
    } -Work {
        param ($Item, $Entry, $Context)

        Add-GpmToArchive -Item $Item -Entry $Entry -Context $Context
    } -Finish {
        param ($Context)

        Complete-GpmArchive -Context $Context
        Unlock-GpmTrip -Context $Context
    }
}

Export-ModuleMember -Function Invoke-GpmBackupFetch
