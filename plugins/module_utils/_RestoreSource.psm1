# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The backup that a GPO is restored from: the one that the task names, or the newest that is good. What is kept in the
# context of the trip is told in _Restore.psm1.

#AnsibleRequires -PowerShell ..module_utils._BackupCheck
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._BackupRecord
#AnsibleRequires -PowerShell ..module_utils._BackupRepair
#AnsibleRequires -PowerShell ..module_utils._BackupSurvey
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Recovery
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

Function Get-GpmSourceDomain {
    <#
    .SYNOPSIS
    Returns the DNS name of the domain that the backups are of: the one that the task works in, unless it names another.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($Context.options['source_domain']) {
        return $Context.options.source_domain
    }
    $Context.trip.domain
}

Function Get-GpmChosenBackup {
    <#
    .SYNOPSIS
    Returns the backup to restore a GPO from, as @{ backup_id; entry; problems; damaged; later }: entry is null when the
    catalog does not know it, problems say what is damaged of it, damaged has the IDs of newer ones that were passed
    over. Where there is none, later says that all there are were made after the time that is asked for.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    if ($options.backup_id) {
        $named = Get-GpmNamedBackup -Domain (Get-GpmSourceDomain -Context $Context) -Id $Item.id -Context $Context
        return @{
            backup_id = $options.backup_id
            entry = $named.entry
            problems = $named.problems
            damaged = @()
            later = $false
        }
    }
    $found = Find-GpmGoodBackup -Id $Item.id -Context $Context
    if ($null -ne $found.entry) {
        $found.backup_id = $found.entry.backup.id
    }
    elseif (-not $found.known -and $options.uncatalogued) {
        $found = Find-GpmUncatalogued -Id $Item.id -Context $Context
    }
    $found.problems = @()
    $found
}

Function Get-GpmUnusableInfo {
    <#
    .SYNOPSIS
    Returns what Read-GpmBackupInfo does of a backup whose entry cannot be used; nothing where the backup is not of this
    GPO, or a safety copy.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER GpoId
    ID of the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [String] $GpoId,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    try {
        $info = Read-GpmBackupInfo -Path $Context.options.path -Id $Id
    }
    catch {
        return
    }
    if ($script:SameName.Equals($info.gpo.id, $GpoId) -and
        $script:SameName.Equals($info.gpo.domain, (Get-GpmSourceDomain -Context $Context)) -and
        -not (Test-GpmSafetyComment -Comment $info.comment)) {
        $info
    }
}

Function Test-GpmLater {
    <#
    .SYNOPSIS
    Returns whether a backup was made after the time that the task is about, or may have been.

    .PARAMETER Timestamp
    When it was made; null or empty where nobody knows.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Boolean])]
    param (
        [AllowNull()] [AllowEmptyString()] [String] $Timestamp,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    # Both are digits from year to second in UTC, so their order as texts is that of the times.
    $taken = [Regex]::Replace([String]$Timestamp, '[^0-9]', '')
    $Context.options.as_of -and (-not $taken -or [String]::CompareOrdinal($taken, $Context.options.as_of) -gt 0)
}

Function Find-GpmGoodBackup {
    <#
    .SYNOPSIS
    Returns the newest good backup of a GPO that the catalog knows as @{ backup_id; entry; damaged; later; known },
    where damaged has the IDs of newer ones that are not. Without one entry is null; known says whether the catalog has
    any of it, later that all of those were made after the time that the task is about. Throws where a newer one just
    cannot be read.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $found = @{ backup_id = $null; entry = $null; damaged = @(); later = $false; known = $false }
    $others = $false
    $folder = Get-GpmCatalogFolder -Path $options.path -Domain (Get-GpmSourceDomain -Context $Context) -Id $Id
    foreach ($file in Get-GpmCatalogFile -Folder $folder) {
        try {
            $entry = Read-GpmCatalogEntry -File $file -Domain (Get-GpmSourceDomain -Context $Context) -Id $Id
            $fault = Get-GpmClaimFault -Path $options.path -Entry $entry
            if ($null -ne $fault -and $fault.denied) {
                throw $fault.message
            }
        }
        catch {
            Add-GpmProblem -Trip $Context.trip -Kind catalog -Subject $file.path -Status (Get-GpmStatus -ErrorRecord $_)
            $others = $true
            $info = Get-GpmUnusableInfo -Id $file.backup_id -GpoId $Id -Context $Context
            if ($null -ne $info -and -not (Test-GpmLater -Timestamp $info.timestamp -Context $Context)) {
                # It is this GPO's: what is restored may be older than it needs to be.
                $found.damaged += $file.backup_id
            }
            continue
        }
        if ($entry['purpose'] -cne 'backup') {
            continue
        }
        $found.known = $true
        if ($options['approved'] -and -not $entry['approved']) {
            continue
        }
        if (Test-GpmLater -Timestamp $entry.backup['timestamp'] -Context $Context) {
            $found.later = $true
            continue
        }
        $others = $true
        $test = Test-GpmBackup -Path $options.path -Id $entry.backup.id -Entry $entry -Verify full
        if (($null -ne $fault -and $fault.unread) -or $test.unread) {
            # It may be as good as ever, and an older one is not what was asked for.
            $why = $test.problems + @(if ($null -ne $fault) { $fault.message })
            throw "The backup $($entry.backup.id) just cannot be read, so nobody knows whether it is good: $($why[0])"
        }
        if ($null -eq $fault -and $test.state -eq 'ok') {
            $found.entry = $entry
            return $found
        }
        $found.damaged += $entry.backup.id
    }
    $found.later = $found.later -and -not $others
    $found
}

Function Find-GpmUncatalogued {
    <#
    .SYNOPSIS
    Returns the latest whole backup of a GPO that the catalog does not know, as @{ backup_id; entry; damaged; later }.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $path = $Context.options.path
    if ($null -eq $Context.task['uncatalogued']) {
        $Context.task.uncatalogued = Get-GpmUncatalogued -Path $path -Domain (Get-GpmSourceDomain -Context $Context)
    }
    $found = @{ backup_id = $null; entry = $null; damaged = @(); later = $false }
    $others = $false
    foreach ($backup in $Context.task.uncatalogued[$Id]) {
        if (Test-GpmLater -Timestamp $backup.timestamp -Context $Context) {
            $found.later = $true
            continue
        }
        $others = $true
        $test = Test-GpmBackup -Path $path -Id $backup.id -Entry $null -Verify full
        if ($test.state -eq 'uncatalogued') {
            $found.backup_id = $backup.id
            return $found
        }
        $found.damaged += $backup.id
    }
    $found.later = $found.later -and -not $others
    $found
}

Function Find-GpmEntrySource {
    <#
    .SYNOPSIS
    Returns the backup that a GPO is recovered from, as Get-GpmChosenBackup does, and tells of it in the item's entry; or
    null, and then the entry has why.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $source = Get-GpmChosenBackup -Item $Item -Context $Context
    $Entry.damaged = $source.damaged
    if (-not $source.backup_id) {
        if ($source.later -and $Context.options.all) {
            $Entry.outcome = 'not_there_yet'
        }
        else {
            $Entry.trouble = New-GpmTrouble -Step no_backup
        }
        return $null
    }
    Set-GpmEntrySource -Source $source -Entry $Entry -Context $Context
    if ($source.problems.Count -and -not $Context.options.force) {
        $Entry.trouble = New-GpmDamageTrouble -Problems $source.problems
        return $null
    }
    $source
}

Function Set-GpmEntrySource {
    <#
    .SYNOPSIS
    Tells in an entry of the reply which backup the GPO is recovered from.

    .PARAMETER Source
    From Get-GpmChosenBackup.

    .PARAMETER Entry
    The entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Source,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $path = $Context.options.path
    $Entry.problems = $Source.problems
    if ($null -ne $Source.entry) {
        $Entry.gpo = $Source.entry.gpo
        $Entry.backup = Get-GpmRecordedBackup -Entry $Source.entry -Path $path
        return
    }
    $info = Read-GpmSourceInfo -Id $Source.backup_id -Context $Context
    $Entry.gpo = $info.gpo
    $Entry.backup = Get-GpmRecordedBackup -Path $path -Entry @{
        backup = @{ id = $Source.backup_id; timestamp = $info.timestamp; comment = $info.comment }
    }
}

Export-ModuleMember -Function Find-GpmEntrySource, Get-GpmChosenBackup, Get-GpmSourceDomain, Get-GpmUnusableInfo
