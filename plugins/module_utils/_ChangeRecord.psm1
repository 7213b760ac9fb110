# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What changed with a backup, beside its entry in the catalog:
#
#     <backup directory>\.gpvault\<domain>\{GPO-ID}\<sequence>_{BACKUP-ID}.reports.json
#     <backup directory>\.gpvault\<domain>\{GPO-ID}\<sequence>_{BACKUP-ID}.changes.json
#
# What changed is known a trip later, on the controller. So that no trip has to be made for that alone, the two reports
# are kept with the entry, and whoever asks for the history compares them. A later trip of the same run puts the record in
# their place, and one of its own is made once a trip's GPOs have many, or for a pair that is too large to be kept.
# Either is told, and proves nothing: no backup is made, restored or deleted because of it. It stays when its backup
# is deleted, so that the history has no gaps, until the last backup of its GPO goes.
#
# The task keeps in its context:
#     kept          the files of the pairs that are kept of its GPOs

#AnsibleRequires -CSharpUtil ..module_utils._CatalogFolder
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._ChangeReport
#AnsibleRequires -PowerShell ..module_utils._DomainTrip
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._ReportFile
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# The version of what is kept, as in _change_record.py.
$script:Schema = 1

# Characters of a pair of reports that is kept: one of the usual size has some ten thousand.
$script:LargestKept = 1MB

# So many pairs are kept, to compare which takes the controller seconds, and so many bytes of them: what one reply takes
# (_ReportFile.psm1), so that one more trip records them all.
$script:KeptAtMost = 100
$script:KeptBytesAtMost = 4MB

# What a pair that is kept has to say of whose it is.
$script:Shape = @{
    schema = 'integer'
    backup = @{ id = 'string' }
    gpo = @{ id = 'string'; domain = 'string' }
    reports = @{ before = 'string'; after = 'string' }
}

Function Read-GpmChangeReport {
    <#
    .SYNOPSIS
    Returns the reports of a GPO's newest backup and of the one before, or in check mode that of the GPO as it is, if the
    task asks for them and the GPO has changed between them. Null: no, or they cannot be read.

    .PARAMETER Since
    The catalog's entry of the backup before.

    .PARAMETER Reasons
    Why the newest was made, or would be.

    .PARAMETER Gpo
    The IGPMGPO, in check mode.

    .PARAMETER Approved
    Whether the newest is approved.

    .PARAMETER Entry
    The item's entry of the reply, which has the newest backup.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [Hashtable] $Since,
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Reasons,
        [AllowNull()] [Object] $Gpo,
        [Boolean] $Approved = $false,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $catalog = [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]
    if (-not $Context.options['changes'] -or $null -eq $Since -or -not $catalog::AreChange($Reasons)) {
        return
    }
    $path = $Context.options.path
    $told = @{
        backup = $null
        since = @{ id = $Since.backup.id; timestamp = $Since.backup['timestamp'] }
        reasons = @($Reasons)
        approved = $Approved
    }
    if ($null -ne $Entry.backup) {
        $told.backup = @{
            id = $Entry.backup.id
            timestamp = $Entry.backup['timestamp']
            comment = $Entry.backup['comment']
        }
    }
    Read-GpmReportPair -Entry $Entry -Context $Context -Told $told -Before {
        Get-GpmSavedReport -Path $path -Id $Since.backup.id
    } -After {
        if ($null -ne $Entry.backup) {
            Get-GpmSavedReport -Path $path -Id $Entry.backup.id
        }
        else {
            Get-GpmLiveReport -Gpo $Gpo -Folder $Context.module.Tmpdir
        }
    }
}

Function ConvertTo-GpmKept {
    <#
    .SYNOPSIS
    Returns what is to be kept of reports beside the catalog's entry, or null where nothing can be.

    .PARAMETER Reports
    From Read-GpmChangeReport.

    .PARAMETER Gpo
    @{ id; name; domain }.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [Hashtable] $Reports,
        [Parameter(Mandatory = $true)] [Hashtable] $Gpo
    )

    if ($null -eq $Reports -or $null -eq $Reports.backup -or
        $Reports.before.Length + $Reports.after.Length -gt $script:LargestKept) {
        return $null
    }
    @{
        schema = $script:Schema
        backup = $Reports.backup
        gpo = @{ id = $Gpo.id; name = $Gpo.name; domain = $Gpo.domain }
        since = $Reports.since
        reasons = $Reports.reasons
        approved = $Reports.approved
        reports = @{ before = $Reports.before; after = $Reports.after }
    }
}

Function Add-GpmMissingChange {
    <#
    .SYNOPSIS
    Keeps the reports of a newest backup of which neither they nor a record are there: the run that made it was ended
    just then, or told no changes. Nothing, where there is no backup before it. Called under the lock.

    .PARAMETER Recorded
    The catalog's entry of the newest backup.

    .PARAMETER Tell
    They go into the reply, whatever is there. Else only those do that cannot be kept.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Recorded,
        [Boolean] $Tell = $false,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    $catalog = [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]
    if (-not $Context.options['changes'] -or $Context.checkMode -or -not $catalog::AreChange($Recorded['reasons'])) {
        return
    }
    $isThere = [Boolean]$catalog::ChangesOf($Recorded.file)
    if ($isThere -and -not $Tell) {
        return
    }
    $path = $Context.options.path
    # What is wrong with those before is no concern of a run that found nothing to do.
    $since = Get-GpmCatalogNewest -Path $path -Domain $Recorded.gpo.domain -Id $Recorded.gpo.id `
        -Below $Recorded.sequence -Problems (New-Object -TypeName System.Collections.Generic.List[Object])
    if ($null -eq $since -or
        -not $hostFile::Exists([System.IO.Path]::Combine($path, $since.backup.id, 'gpreport.xml'))) {
        return
    }
    $reports = Read-GpmChangeReport -Since $since -Reasons $Recorded.reasons -Approved ([Boolean]$Recorded['approved']) `
        -Entry $Entry -Context $Context
    $kept = ConvertTo-GpmKept -Reports $reports -Gpo $Entry.gpo
    if (-not $isThere -and $null -ne $kept) {
        try {
            $catalog::Keep($Recorded.file, $kept)
            $isThere = $true
        }
        catch {
            Add-GpmProblem -Trip $Context.trip -Kind unrecorded -Subject $Recorded.backup.id -Status (
                Get-GpmStatus -ErrorRecord $_)
        }
    }
    if ($Tell -or -not $isThere) {
        Add-GpmReportPair -Reports $reports -Entry $Entry -Context $Context
    }
    if ($isThere) {
        Set-GpmKept -Entry $Entry
    }
}

Function Set-GpmKept {
    <#
    .SYNOPSIS
    Notes that the reports in an item's entry of the reply are kept: they are no reason for a further trip.

    .PARAMETER Entry
    The entry.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry
    )

    if ($null -ne $Entry['reports']) {
        $Entry.reports.kept = $true
    }
}

Function Add-GpmKeptReport {
    <#
    .SYNOPSIS
    Puts pairs of reports that are kept into the reply, for records to be made of them, once there are many.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $kept = $Context.task['kept']
    if (-not $Context.options['changes'] -or $Context.checkMode -or -not (Test-GpmKeptMany -Kept $kept)) {
        return
    }
    $Context.trip.kept = @(foreach ($file in $kept) {
            if (Test-GpmReplyFull -Context $Context) {
                break
            }
            try {
                $pair = Read-GpmKeptReport -File $file
                Add-GpmSentReport -Length ($pair.reports.before.Length + $pair.reports.after.Length) -Context $Context
                $pair
            }
            catch {
                # Whoever asks for the history is told.
                $null = $_
            }
        })
}

Function Test-GpmKeptMany {
    <#
    .SYNOPSIS
    Returns whether so many pairs of reports are kept, or so large ones, that a trip is to record them.

    .PARAMETER Kept
    Their files; null where the trip ended before it had begun.
    #>
    [OutputType([Boolean])]
    param (
        [AllowNull()] [AllowEmptyCollection()] [System.Collections.Generic.List[String]] $Kept
    )

    if ($null -eq $Kept -or $Kept.Count -ge $script:KeptAtMost) {
        return $null -ne $Kept
    }
    $size = 0
    foreach ($file in $Kept) {
        $size += [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Length($file)
        if ($size -ge $script:KeptBytesAtMost) {
            return $true
        }
    }
    return $false
}

Function Read-GpmKeptReport {
    <#
    .SYNOPSIS
    Returns a pair of reports that is kept, and nothing else that its file may hold. Throws for one that is too large, or
    of another backup, GPO or domain than the folder and the name of the file say.

    .PARAMETER File
    The file.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $File
    )

    $pair = Read-GpmChangesFile -Path $File
    $json = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]
    $misfit = $json::Misfit($pair, $script:Shape, '')
    if ($null -ne $misfit -or $pair.schema -ne $script:Schema) {
        throw "It lacks '$misfit', or is of another release."
    }
    $folder = [System.IO.Path]::GetDirectoryName($File)
    Assert-GpmChangesOwn -Changes $pair -File @{
        domain = [System.IO.Path]::GetFileName([System.IO.Path]::GetDirectoryName($folder))
        gpo_id = [System.IO.Path]::GetFileName($folder)
        # <sequence>_{BACKUP-ID}.reports.json
        backup_id = ([System.IO.Path]::GetFileName($File) -split '[_.]')[1]
    }
    @{
        backup = $pair.backup; gpo = $pair.gpo; since = $pair['since']; reasons = $pair['reasons']
        approved = $pair['approved']; reports = @{ before = $pair.reports.before; after = $pair.reports.after }
    }
}

Function Save-GpmChangeRecord {
    <#
    .SYNOPSIS
    Writes the records that the controller sends, each beside the entry of its backup. Called under the lock.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $sent = $Context.options['_records']
    if (-not $sent -or $Context.trip.locked) {
        return
    }
    $catalog = [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]
    foreach ($record in ConvertFrom-GpmHandedOn -Packed $sent) {
        try {
            $folder = Get-GpmCatalogFolder -Path $Context.options.path -Domain $record.domain -Id $record.gpo_id
            $catalog::AddRecord($folder, $record.backup_id, $record.content)
        }
        catch {
            Add-GpmProblem -Trip $Context.trip -Kind unrecorded -Subject $record.backup_id -Status (
                Get-GpmStatus -ErrorRecord $_)
        }
    }
    $Context.trip.recorded = $true
}

Export-ModuleMember -Function Add-GpmKeptReport, Add-GpmMissingChange, ConvertTo-GpmKept, Read-GpmChangeReport,
    Save-GpmChangeRecord, Set-GpmKept
