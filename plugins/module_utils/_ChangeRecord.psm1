# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What changed with a backup, beside its entry in the catalog:
#
#     <backup directory>\.gpvault\<domain>\{GPO-ID}\<sequence>_{BACKUP-ID}.changes.json
#
# The entry is written when the backup is made and never changed; what changed is known a trip later, on the controller.
# A record is told, and proves nothing: no backup is made, restored or deleted because of it. It stays when its backup
# is deleted, so that the history has no gaps, until the last backup of its GPO goes.

#AnsibleRequires -CSharpUtil ..module_utils._CatalogFolder
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._ChangeReport
#AnsibleRequires -PowerShell ..module_utils._DomainTrip
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# Reasons for a backup that are no change of its GPO.
$script:NoChange = 'first_backup', 'backup_damaged', 'forced', 'max_age', 'approved'

Function Test-GpmChangeReason {
    <#
    .SYNOPSIS
    Returns whether a backup was made, or would be, because its GPO changed.

    .PARAMETER Reasons
    Its reasons.
    #>
    [OutputType([Boolean])]
    param (
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Reasons
    )

    foreach ($reason in $Reasons) {
        if ($script:NoChange -cnotcontains $reason) {
            return $true
        }
    }
    return $false
}

Function Add-GpmChangeReport {
    <#
    .SYNOPSIS
    Puts the reports of a GPO's newest backup and of the one before into the reply, or in check mode that of the GPO as
    it is, if the GPO has changed between them.

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
    param (
        [AllowNull()] [Hashtable] $Since,
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Reasons,
        [AllowNull()] [Object] $Gpo,
        [Boolean] $Approved = $false,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if (-not $Context.options['changes'] -or $null -eq $Since -or -not (Test-GpmChangeReason -Reasons $Reasons)) {
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
    Add-GpmReportPair -Entry $Entry -Context $Context -Told $told -Before {
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

Function Add-GpmMissingChange {
    <#
    .SYNOPSIS
    Puts into the reply what Add-GpmChangeReport does, of a newest backup whose record is missing: the run that made it
    ended before it was written, or told no changes. Nothing, where there is a record, or no backup before it.

    .PARAMETER Recorded
    The catalog's entry of the newest backup.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Recorded,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    $catalog = [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]
    $isDue = $Context.options['changes'] -and -not $Context.checkMode -and
        (Test-GpmChangeReason -Reasons $Recorded['reasons']) -and
        -not $hostFile::Exists($catalog::RecordOf($Recorded.file))
    if (-not $isDue) {
        return
    }
    $path = $Context.options.path
    # What is wrong with those before is no concern of a run that found nothing to do.
    $since = Get-GpmCatalogNewest -Path $path -Domain $Recorded.gpo.domain -Id $Recorded.gpo.id `
        -Below $Recorded.sequence -Problems (New-Object -TypeName System.Collections.Generic.List[Object])
    if ($null -ne $since -and $hostFile::Exists([System.IO.Path]::Combine($path, $since.backup.id, 'gpreport.xml'))) {
        Add-GpmChangeReport -Since $since -Reasons $Recorded.reasons -Approved ([Boolean]$Recorded['approved']) `
            -Entry $Entry -Context $Context
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

Export-ModuleMember -Function Add-GpmChangeReport, Add-GpmMissingChange, Save-GpmChangeRecord
