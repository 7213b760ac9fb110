# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# One side of a comparison: a GPO as it is, or a backup of it.

#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._BackupRecord
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._DiffBaseline
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._GpmcReport
#AnsibleRequires -PowerShell ..module_utils._GpmcRestore
#AnsibleRequires -PowerShell ..module_utils._ReportFile
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

Function Find-GpmSide {
    <#
    .SYNOPSIS
    Returns one side of a comparison as @{ item; path; entry; told }, or null where there is no such state: item is from
    Open-GpmGpo for a live GPO, path the backup directory of a backup, entry the catalog's, if it is by that, and told
    what the reply says of the side.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER State
    live, newest, previous, approved, the ID of a backup, or a time as digits from year to second.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [String] $State,
        [AllowNull()] [AllowEmptyString()] [String] $Path,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($State -ceq 'live') {
        $Context.step = 'open'
        $found = Find-GpmExistingGpo -Gpm $Context.gpm -GpmDomain $Context.domain.object -Id $Id
        if ($null -eq $found) {
            return $null
        }
        $Context.step = 'read'
        $told = @{ gpo = Get-GpmGpoInfo -Item $found; backup = $null }
        return @{ item = $found; path = $null; entry = $null; told = $told }
    }
    $Context.step = 'source'
    if (Test-GpmId -Text $State) {
        $info = Read-GpmBackupInfo -Path $Path -Id $State
        $info.id = $State
        return New-GpmSavedSide -Backup $info -Path $Path
    }
    $entry = Find-GpmStateEntry -Id $Id -State $State -Path $Path -Context $Context
    if ($null -eq $entry) {
        return $null
    }
    $told = @{ gpo = $entry.gpo; backup = Get-GpmRecordedBackup -Entry $entry -Path $Path }
    @{ item = $null; path = $Path; entry = $entry; told = $told }
}

Function Find-GpmBaselineSide {
    <#
    .SYNOPSIS
    Returns what Find-GpmSide does of a directory whose catalog does not know the GPO, by the GPO or else by its name;
    or by another name, and then throws where there is none.

    .PARAMETER Gpo
    @{ id; name; domain } of the GPO.

    .PARAMETER State
    newest, previous, a time as digits from year to second; or approved, which no backup is that only its files tell of.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Gpo,
        [Parameter(Mandatory = $true)] [String] $State,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Context.step = 'source'
    $path = $Context.options.before_path
    $name = $Context.options.before_gpo
    if ($null -eq $Context.task.baseline) {
        $Context.task.baseline = Read-GpmBaseline -Path $path -Trip $Context.trip
    }
    if ($name) {
        $backups = Select-GpmBaselineByName -Backups $Context.task.baseline -Name $name
        if (-not $backups.Count) {
            throw "There is no backup of a GPO '$name' in $path."
        }
    }
    else {
        $backups = Select-GpmBaseline -Backups $Context.task.baseline -Gpo $Gpo
    }
    $left = [Int32]($State -ceq 'previous')
    foreach ($backup in $backups) {
        if (Test-GpmOfState -Timestamp $backup.timestamp -State $State) {
            if ($left -eq 0) {
                return New-GpmSavedSide -Backup $backup -Path $path
            }
            $left--
        }
    }
    return $null
}

Function New-GpmSavedSide {
    <#
    .SYNOPSIS
    Returns a backup that no entry of the catalog tells of as a side of a comparison, see Find-GpmSide.

    .PARAMETER Backup
    From Read-GpmBackupInfo, with its ID.

    .PARAMETER Path
    The backup directory.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Backup,
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $told = Get-GpmRecordedBackup -Entry @{ backup = $Backup } -Path $Path
    @{ item = $null; path = $Path; entry = $null; told = @{ gpo = $Backup.gpo; backup = $told } }
}

Function Test-GpmOfState {
    <#
    .SYNOPSIS
    Returns whether a backup may be that of a state: whether it is approved, or was made until the time that the state is;
    any is where it is neither. One of which nobody knows when it was made may be younger.

    .PARAMETER Timestamp
    When it was made, or null.

    .PARAMETER State
    newest, previous, approved, or a time as digits from year to second.

    .PARAMETER Approved
    Whether the catalog says that it is approved.
    #>
    [OutputType([Boolean])]
    param (
        [AllowNull()] [AllowEmptyString()] [String] $Timestamp,
        [Parameter(Mandatory = $true)] [String] $State,
        [Boolean] $Approved = $false
    )

    if ($State -ceq 'approved') {
        return $Approved
    }
    # Both are digits from year to second in UTC, so their order as texts is that of the times.
    $taken = [Regex]::Replace([String]$Timestamp, '[^0-9]', '')
    @('newest', 'previous') -ccontains $State -or ($taken -and [String]::CompareOrdinal($taken, $State) -le 0)
}

Function Find-GpmStateEntry {
    <#
    .SYNOPSIS
    Returns the catalog's entry of the newest backup of a GPO, of the one before it, of the newest one that is approved, or
    that was made until a time; null where there is none.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER State
    newest, previous, approved, or a time as digits from year to second.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [String] $State,
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $problems = New-Object -TypeName System.Collections.Generic.List[Object]
    $below = [Int64]::MaxValue
    $left = [Int32]($State -ceq 'previous')
    do {
        $entry = Get-GpmCatalogNewest -Path $Path -Domain $Context.trip.domain -Id $Id -Problems $problems -Below $below
        if ($null -eq $entry) {
            break
        }
        $below = [Int64]$entry.sequence
        $isIt = $left -eq 0 -and (Test-GpmOfState -Timestamp $entry.backup['timestamp'] -State $State `
                -Approved ([Boolean]$entry['approved']))
        $left = [Math]::Max($left - 1, 0)
    } until ($isIt)
    Add-GpmCatalogProblem -Trip $Context.trip -Problems $problems
    $entry
}

Function Assert-GpmRecordedReport {
    <#
    .SYNOPSIS
    Throws unless the settings report of a backup is the one that the catalog's entry was written for.

    .PARAMETER Folder
    The folder of the backup.

    .PARAMETER Entry
    The entry.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Folder,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry
    )

    $recorded = @(foreach ($file in $Entry.files) {
            if ($script:SameName.Equals($file.path, 'gpreport.xml')) {
                $file
            }
        })
    if (-not $recorded.Count) {
        throw 'The catalog has no record of it.'
    }
    $found = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::Verify(
        $Folder, $recorded, $true)
    if ($found.problems.Count) {
        throw $found.problems[0]
    }
}

Function Add-GpmSideReport {
    <#
    .SYNOPSIS
    Adds the settings report of a side to what the reply says of it, as content: that which is in the backup, or one
    that GPMC makes. Returns whether there is one.

    .PARAMETER Side
    From Find-GpmSide.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Side,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -eq $Side.item) {
        $Context.step = 'saved_report'
        $folder = [System.IO.Path]::Combine($Side.path, $Side.told.backup.id)
        if ($null -ne $Side.entry) {
            Assert-GpmRecordedReport -Folder $folder -Entry $Side.entry
        }
        $Side.told.content = ConvertTo-GpmReportContent -Path ([System.IO.Path]::Combine($folder, 'gpreport.xml'))
        return $true
    }
    $Context.step = 'report'
    $file = [System.IO.Path]::Combine($Context.module.Tmpdir, 'report.xml')
    try {
        $made = Export-GpmReport -Source $Side.item.gpo -Format xml -Path $file
        foreach ($name in 'call_status', 'overall_status', 'status_messages') {
            $Entry[$name] = $made[$name]
        }
        if ($made.succeeded) {
            $Side.told.content = ConvertTo-GpmReportContent -Path $file
        }
        $made.succeeded
    }
    finally {
        [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Delete($file)
    }
}

Export-ModuleMember -Function Add-GpmSideReport, Find-GpmBaselineSide, Find-GpmSide
