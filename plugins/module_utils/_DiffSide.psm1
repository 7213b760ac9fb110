# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# One side of a comparison: a GPO as it is, or a backup of it.

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._BackupRecord
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._GpmcReport
#AnsibleRequires -PowerShell ..module_utils._GpmcRestore
#AnsibleRequires -PowerShell ..module_utils._ReportFile
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Find-GpmSide {
    <#
    .SYNOPSIS
    Returns one side of a comparison as @{ item; path; entry; told }, or null where there is no such state: item is from
    Open-GpmGpo for a live GPO, path the backup directory of a backup, entry the catalog's, if it is by that, and told
    what the reply says of the side.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER State
    live, newest, previous, the ID of a backup, or a time as digits from year to second.

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
        return @{ item = $found; path = $null; entry = $null; told = @{ gpo = Get-GpmGpoInfo -Item $found; backup = $null } }
    }
    $Context.step = 'source'
    if (Test-GpmId -Text $State) {
        $info = Read-GpmBackupInfo -Path $Path -Id $State
        $backup = @{
            id = $State
            path = [System.IO.Path]::Combine($Path, $State)
            timestamp = $info.timestamp
            comment = $info.comment
        }
        return @{ item = $null; path = $Path; entry = $null; told = @{ gpo = $info.gpo; backup = $backup } }
    }
    $entry = Find-GpmStateEntry -Id $Id -State $State -Path $Path -Context $Context
    if ($null -eq $entry) {
        return $null
    }
    $told = @{ gpo = $entry.gpo; backup = Get-GpmRecordedBackup -Entry $entry -Path $Path }
    @{ item = $null; path = $Path; entry = $entry; told = $told }
}

Function Find-GpmStateEntry {
    <#
    .SYNOPSIS
    Returns the catalog's entry of the newest backup of a GPO, of the one before it, or of the newest one that was made
    until a time; null where there is none.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER State
    newest, previous, or a time as digits from year to second.

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
        $isIt = $left -eq 0
        $left--
        if (@('newest', 'previous') -cnotcontains $State) {
            # Both are digits from year to second in UTC, so their order as texts is that of the times.
            $taken = [Regex]::Replace([String]$entry.backup['timestamp'], '[^0-9]', '')
            $isIt = [String]::CompareOrdinal($taken, $State) -le 0
        }
    } until ($isIt)
    Add-GpmCatalogProblem -Trip $Context.trip -Problems $problems
    $entry
}

Function Add-GpmSideReport {
    <#
    .SYNOPSIS
    Adds the settings report of a side to what the reply says of it, as content: that which is in the backup, or one that
    GPMC makes. Returns whether there is one.

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
        $Side.told.content = ConvertTo-GpmReportContent -Path (
            [System.IO.Path]::Combine($Side.path, $Side.told.backup.id, 'gpreport.xml'))
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

Export-ModuleMember -Function Add-GpmSideReport, Find-GpmSide
