# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What changed with each backup of a directory, read from what _ChangeRecord.psm1 writes: records, or the pairs of
# reports that the controller makes one of. The task keeps in its context:
#     sent          see _ChangeReport.psm1

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._BackupList
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._ReportFile
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# What a record has to say of whose it is. The rest the controller looks at.
$script:Shape = @{
    schema = 'integer'
    backup = @{ id = 'string'; 'timestamp?' = 'string'; 'comment?' = 'string' }
    gpo = @{ id = 'string'; 'name?' = 'string'; domain = 'string' }
    'reports??' = @{ before = 'string'; after = 'string' }
}

# The highest version of records that this release understands, and writes: as in _change_record.py.
$script:Schema = 1

Function Get-GpmBackupHistory {
    <#
    .SYNOPSIS
    Returns what is to be told of a backup, as Get-GpmListedBackup does, with "reasons" (why it was made, null where
    unknown) and "change_record" (what changed with it, or null). Of one that is gone, but whose record is there, it is
    @{ id; gone; gpo; sequence; change_record }.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER List
    From Open-GpmBackupList.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $List,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $file = $List.records[$Id]
    if (-not $List.known.Contains($Id)) {
        # The record has the name of the GPO, which may be what is asked for.
        $record = Read-GpmChangeRecord -Id $Id -List $List -Context $Context
        if ($null -eq $record) {
            return $null
        }
        $gpo = @{ id = $file.gpo_id; name = [String]$record.gpo['name']; domain = $file.domain }
        if ((Test-GpmOtherDomain -Domain $gpo.domain -List $List) -or -not (Test-GpmListed -Gpo $gpo -List $List)) {
            return $null
        }
        Add-GpmSentPair -Record $record -Context $Context
        return @{ id = $Id; gone = $true; gpo = $gpo; sequence = $file.sequence; change_record = $record }
    }
    $backup = Get-GpmListedBackup -Id $Id -List $List -KeepClaim $true
    if ($null -eq $backup) {
        return $null
    }
    $claim = $backup.claim
    $backup.Remove('claim')
    $backup.reasons = $null
    $backup.change_record = $null
    if ($null -ne $claim.entry) {
        $backup.reasons = $claim.entry['reasons']
        # Only what lies beside its own entry is about it.
        if ($null -ne $file -and $script:SameName.Equals($file.gpo_id, $claim.file.gpo_id) -and
            $script:SameName.Equals($file.domain, $claim.file.domain)) {
            $backup.change_record = Read-GpmChangeRecord -Id $Id -List $List -Context $Context
            Add-GpmSentPair -Record $backup.change_record -Context $Context
        }
    }
    $backup
}

Function Add-GpmSentPair {
    <#
    .SYNOPSIS
    Counts the reports in a record that is told, if it has some: a reply has not more than a trip may send.

    .PARAMETER Record
    From Read-GpmChangeRecord.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [AllowNull()] [Hashtable] $Record,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -ne $Record -and $null -ne $Record['reports']) {
        Add-GpmSentReport -Length ($Record.reports.before.Length + $Record.reports.after.Length) -Context $Context
    }
}

Function Read-GpmChangeRecord {
    <#
    .SYNOPSIS
    Returns the record of a backup, or the pair of reports that is kept of it, or null where there is none that is
    about it.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER List
    From Open-GpmBackupList.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $List,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $file = $List.records[$Id]
    if ($null -eq $file) {
        return $null
    }
    $json = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]
    try {
        $record = Read-GpmChangesFile -Path $file.path
        $misfit = $json::Misfit($record, $script:Shape, '')
        if ($null -ne $misfit) {
            throw "It lacks '$misfit', or has something else there."
        }
        if ($record.schema -lt 1 -or $record.schema -gt $script:Schema) {
            throw "Its schema is $($record.schema); this release of gpvault.gpmc knows those up to $script:Schema."
        }
        Assert-GpmChangesOwn -Changes $record -File $file
        $record
    }
    catch {
        Add-GpmProblem -Trip $Context.trip -Kind catalog -Subject $file.path -Status (Get-GpmStatus -ErrorRecord $_)
        $null
    }
}

Export-ModuleMember -Function Get-GpmBackupHistory
