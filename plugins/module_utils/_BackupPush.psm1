# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The trips of gpo_backup_push: list the backups of a directory, then take in those that the controller sent an archive
# of. GPMC's index is brought up to date afterwards, by gpo_backup_index.
#
# The task keeps in the trip's context:
#     list          from Open-GpmBackupList, of a trip that lists; null where the directory is still to be made
#     archive       the BackupArchive, once there is one
#     incoming      the folder in which backups are put together

#AnsibleRequires -CSharpUtil ..module_utils._BackupArchive
#AnsibleRequires -CSharpUtil ..module_utils._CatalogFolder
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._BackupCheck
#AnsibleRequires -PowerShell ..module_utils._BackupCopy
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._BackupList
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._Trip
#AnsibleRequires -PowerShell ..module_utils._TripLock

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# No backup fits any more (winerror.h).
$script:NoSpace = 0x80070070, 0x80070027

Function Initialize-GpmPush {
    <#
    .SYNOPSIS
    Prepares a trip: makes the directory if it may, lists, and to take backups in locks the directory and opens the
    archive.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $takes = [Boolean]$options['_remaining']
    $Context.task = @{ list = $null; archive = $null; incoming = $null }
    $Context.step = 'path'
    if (-not (Confirm-GpmDirectory -Path $options.path -MayBeMissing $options.create_path)) {
        $Context.trip.path_created = $true
        if ($Context.checkMode) {
            $Context.trip.selected = 0
            return
        }
        [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::CreateFolder($options.path)
    }
    if (-not $takes) {
        $Context.task.list = Open-GpmBackupList -Context $Context -Verify $options.verify
        return
    }
    Lock-GpmTrip -Context $Context
    if (-not $Context.trip.locked) {
        $archive = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupArchive.BackupArchive]
        $Context.step = 'catalog'
        $Context.task.incoming = [System.IO.Path]::Combine($options.path, '.gpvault', '.incoming')
        $archive::MakeEmpty($Context.task.incoming)
        $Context.step = 'archive'
        $Context.task.archive = $archive::Open($options._archive, $options._sha256)
    }
}

Function Read-GpmIncomingEntry {
    <#
    .SYNOPSIS
    Puts the entry of a backup into a file beside its folder to be, and returns what it says, as Read-GpmCatalogEntry
    does. Throws where it cannot be relied on.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER Path
    The file.

    .PARAMETER Archive
    The BackupArchive.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [Object] $Archive
    )

    $Archive.ExtractEntry($Id, $Path)
    $said = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::ReadFile($Path)
    if ($said -isnot [Hashtable] -or $said['gpo'] -isnot [Hashtable] -or $said['sequence'] -isnot [Int64]) {
        throw 'What the controller sent of it is no entry of the catalog.'
    }
    $domain = [String]$said.gpo['domain']
    $gpo = [String]$said.gpo['id']
    # Both are the names of folders.
    if (-not (Test-GpmId -Text $gpo) -or $domain -cmatch '[\\/:*?"<>|\x00-\x1f]|^[. ]|\.\.|[. ]\z|^\z') {
        throw 'What the controller sent of it has no GPO, or no domain.'
    }
    Read-GpmCatalogEntry -File @{ path = $Path; sequence = $said.sequence; backup_id = $Id } -Domain $domain -Id $gpo
}

Function Assert-GpmOwnNumber {
    <#
    .SYNOPSIS
    Throws where the catalog has a backup's number for another backup of its GPO, or it under another number.

    .PARAMETER Folder
    The folder of the GPO in the catalog.

    .PARAMETER Entry
    The backup's entry.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Folder,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry
    )

    foreach ($file in Get-GpmCatalogFile -Folder $Folder) {
        $isItself = $script:SameName.Equals($file.backup_id, $Entry.backup.id)
        if ($isItself -ne ([Int64]$file.sequence -eq [Int64]$Entry.sequence)) {
            throw "The catalog has the number $($file.sequence) for $($file.backup_id) already."
        }
    }
}

Function Add-GpmIncoming {
    <#
    .SYNOPSIS
    Takes one backup in: its files in a folder aside, checked, then the folder in its place, then its entry.

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
    $archive = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupArchive.BackupArchive]
    $path = $Context.options.path
    $id = $Item.id
    if (-not (Test-GpmId -Text $id)) {
        throw 'It has no ID.'
    }
    $incoming = $Context.task.incoming
    $file = [System.IO.Path]::Combine($incoming, "$id.json")
    $new = Read-GpmIncomingEntry -Id $id -Path $file -Archive $Context.task.archive
    $catalog = Get-GpmCatalogFolder -Path $path -Domain $new.gpo.domain -Id $new.gpo.id
    Assert-GpmOwnNumber -Folder $catalog -Entry $new
    $final = [System.IO.Path]::Combine($catalog, ('{0:d10}_{1}.json' -f [Int64]$new.sequence, $id))
    if (-not $archive::IsSame($file, $final)) {
        throw 'The catalog has another entry of it, which is left as it is.'
    }
    $folder = [System.IO.Path]::Combine($path, $id)
    $staged = $null
    if (Test-GpmDirectory -Path $folder) {
        # A run that was killed may have left it without its entry.
        $found = Test-GpmBackup -Path $path -Id $id -Entry $new -Verify full
        if ($found.problems.Count) {
            throw 'There is a folder of that name, which is left as it is, and it is not this backup: {0}' -f (
                $found.problems -join ' ')
        }
        $kept = $path
    }
    else {
        $staged = [System.IO.Path]::Combine($incoming, $id)
        $Context.task.archive.Extract($id, $staged, $new.files)
        $kept = $incoming
    }
    $fault = Get-GpmClaimFault -Path $kept -Entry $new
    if ($null -ne $fault) {
        throw $fault.message
    }
    foreach ($above in [System.IO.Path]::GetDirectoryName($catalog), $catalog) {
        # What lies behind a link is not in the catalog.
        if (Test-GpmDirectory -Path $above) {
            Assert-GpmNoLink -Path $above
        }
    }
    $archive::Settle($staged, $folder, $file, $final)
    Add-GpmIncomingChange -Id $id -EntryFile $final -Context $Context
    $Entry.outcome = 'copied'
    $Entry.changed = $true
}

Function Add-GpmIncomingChange {
    <#
    .SYNOPSIS
    Puts what changed with a backup beside its entry, where the controller sent that and there is nothing yet.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER EntryFile
    The file of its entry.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [String] $EntryFile,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    $catalog = [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]
    $record = $catalog::RecordOf($EntryFile)
    $staged = [System.IO.Path]::Combine($Context.task.incoming, "$Id.changes")
    try {
        if ($Context.task.archive.ExtractChanges($Id, $staged) -and -not $hostFile::Exists($record)) {
            $hostFile::Move($staged, $record)
        }
    }
    catch {
        # The backup is there, and as good without.
        $null = $_
    }
}

Function Complete-GpmPush {
    <#
    .SYNOPSIS
    Closes the archive, deletes what was not taken in, and sets the directory free. Must not throw.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    try {
        if ($null -ne $Context.task['archive']) {
            $Context.task.archive.Dispose()
        }
        if ($null -ne $Context.task['incoming']) {
            [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupArchive.BackupArchive]::Clear(
                $Context.task.incoming)
        }
    }
    catch {
        # The next run deletes it.
        $null = $_
    }
    Unlock-GpmTrip -Context $Context
}

Function Invoke-GpmBackupPush {
    <#
    .SYNOPSIS
    Makes one trip of a gpo_backup_push task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -Prepare {
        param ($Context)

        Initialize-GpmPush -Context $Context
    } -Look {
        param ($Item, $Context)

        Get-GpmCopySource -Id $Item.id -List $Context.task.list
    } -Work {
        param ($Item, $Entry, $Context)

        try {
            Add-GpmIncoming -Item $Item -Entry $Entry -Context $Context
        }
        catch {
            if ($script:NoSpace -contains (Get-GpmStatus -ErrorRecord $_).hresult) {
                $Context.trip.stopped = $true
            }
            throw
        }
    } -Finish {
        param ($Context)

        Complete-GpmPush -Context $Context
    }
}

Export-ModuleMember -Function Invoke-GpmBackupPush
