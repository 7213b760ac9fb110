# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The backups of a directory, one after the other: ours, anybody's, and what is left of either. GPMC is not needed.
#
# A list is what each of its backups is looked up in:
#     index         from Get-GpmCatalogIndex
#     tombstones    from Get-GpmTombstone
#     manifest      from Read-GpmManifest, or null
#     wanted        the option gpos as a selector, or null
#     exclude       the option exclude as a selector
#     domain        the only domain whose backups count, or empty
#     verify        none, quick or full
#     whole         whether backups that are not asked for are told of, too
#     known         the IDs of all of them
#     matched       the entries of the option gpos that some backup matches

#AnsibleRequires -PowerShell ..module_utils._BackupDirectory
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Open-GpmBackupList {
    <#
    .SYNOPSIS
    Returns the list of the backups in a directory, and puts their IDs into the trip's queue, from the cursor on.

    .PARAMETER Context
    The trip's context.

    .PARAMETER Verify
    How much of each backup is looked at: none, quick or full.

    .PARAMETER MostRecent
    Only the newest of each GPO.

    .PARAMETER Whole
    The task goes by GPO: every backup of the domain is told of, whether it is asked for or not, so that none is judged
    without the others of its GPO.

    .PARAMETER Deletes
    The trip was given what it has to do: the queue stays as it is.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context,
        [Parameter(Mandatory = $true)] [ValidateSet('none', 'quick', 'full')] [String] $Verify,
        [Boolean] $MostRecent = $false,
        [Boolean] $Whole = $false,
        [Boolean] $Deletes = $false
    )

    $options = $Context.options
    $path = $options.path
    $Context.stage = 'list'
    $null = Assert-GpmDirectory -Path $path -Create $false
    $list = @{
        path = $path
        index = Get-GpmCatalogIndex -Path $path
        tombstones = Get-GpmTombstone -Path $path
        manifest = $null
        wanted = $null
        exclude = ConvertTo-GpmSelector -Entries $options.exclude
        domain = [String]$Context.trip.domain
        verify = $Verify
        whole = $Whole
        known = $null
        matched = New-Object -TypeName System.Collections.Generic.HashSet[String] -ArgumentList (
            [StringComparer]::OrdinalIgnoreCase)
    }
    if ($options.gpos) {
        $list.wanted = ConvertTo-GpmSelector -Entries $options.gpos
    }
    try {
        $list.manifest = Read-GpmManifest -Path $path
    }
    catch {
        Add-GpmProblem -Trip $Context.trip -Kind manifest -ErrorRecord $_
    }

    $ids = New-Object -TypeName System.Collections.Generic.SortedSet[String] -ArgumentList ([StringComparer]::Ordinal)
    $ids.UnionWith([String[]]@(Get-GpmBackupFolder -Path $path))
    $ids.UnionWith([String[]]@($list.index.Keys))
    $ids.UnionWith([String[]]@($list.tombstones.Keys))
    $list.known = $ids
    $Context.trip.matched = $list.matched
    if ($Deletes) {
        return $list
    }
    if ($MostRecent) {
        $ids.IntersectWith([String[]]@(Select-GpmMostRecent -Ids @($ids) -List $list))
    }
    $Context.byCursor = $true
    $after = [String]$options['_after']
    foreach ($id in $ids) {
        if ([String]::CompareOrdinal($id, $after) -gt 0) {
            $Context.queue.Add(@{ id = $id; name = $null; gpo = $null })
        }
    }
    if ($Context.firstTrip) {
        $Context.trip.selected = $Context.queue.Count
    }
    $Context.trip.seconds.select = $Context.clock.Elapsed.TotalSeconds
    $list
}

Function Select-GpmMostRecent {
    <#
    .SYNOPSIS
    Returns the IDs of the newest backup of each GPO.

    .DESCRIPTION
    The newest is the one with the highest sequence; safety copies do not count. Of a GPO that the catalog knows no
    backup of, it is the one with the latest time.

    .PARAMETER Ids
    The IDs of all backups.

    .PARAMETER List
    From Open-GpmBackupList.
    #>
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [String[]] $Ids,
        [Parameter(Mandatory = $true)] [Hashtable] $List
    )

    $byGpo = @{}
    foreach ($file in $List.index.Values) {
        $key = $file.domain.ToLowerInvariant() + '\' + $file.gpo_id
        if (-not $byGpo.ContainsKey($key)) {
            $byGpo[$key] = New-Object -TypeName System.Collections.Generic.List[Object]
        }
        $byGpo[$key].Add($file)
    }
    $newest = @{}
    $settled = New-Object -TypeName System.Collections.Generic.HashSet[String]
    foreach ($key in $byGpo.Keys) {
        foreach ($file in ($byGpo[$key] | Sort-Object -Property { $_.sequence } -Descending)) {
            $entry = (Read-GpmListedEntry -File $file).value
            if ($null -ne $entry) {
                $null = $settled.Add($file.backup_id)
                if ($entry['purpose'] -eq 'backup') {
                    $newest[$key] = @{ id = $file.backup_id; timestamp = $null }
                    break
                }
            }
        }
    }
    foreach ($id in $Ids) {
        $file = $List.index[$id]
        if ($settled.Contains($id) -or
            ($null -ne $file -and $newest.ContainsKey($file.domain.ToLowerInvariant() + '\' + $file.gpo_id))) {
            continue
        }
        try {
            $info = Read-GpmBackupInfo -Path $List.path -Id $id
        }
        catch {
            # Of which GPO it is nobody knows.
            continue
        }
        $key = $info.gpo.domain.ToLowerInvariant() + '\' + $info.gpo.id
        $known = $newest[$key]
        if ($null -eq $known -or ($known.timestamp -and $known.timestamp -lt $info.timestamp)) {
            $newest[$key] = @{ id = $id; timestamp = $info.timestamp }
        }
    }
    foreach ($found in $newest.Values) {
        $found.id
    }
}

Function Read-GpmListedEntry {
    <#
    .SYNOPSIS
    Returns @{ value; problem }: a catalog entry, or null and what is wrong with it.

    .PARAMETER File
    From Get-GpmCatalogIndex, or null.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [Hashtable] $File
    )

    if ($null -eq $File) {
        return @{ value = $null; problem = $null }
    }
    try {
        @{ value = Read-GpmCatalogEntry -File $File -Domain $File.domain -Id $File.gpo_id; problem = $null }
    }
    catch {
        @{
            value = $null
            problem = 'The catalog entry {0} cannot be used: {1}' -f $File.path, (Get-GpmShortText -ErrorRecord $_)
        }
    }
}

Function Test-GpmListed {
    <#
    .SYNOPSIS
    Returns whether the backups of a GPO are asked for, and notes what they match.

    .PARAMETER Gpo
    @{ id; name; domain }, null where unknown.

    .PARAMETER List
    From Open-GpmBackupList.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Gpo,
        [Parameter(Mandatory = $true)] [Hashtable] $List
    )

    if ($null -eq $Gpo.id) {
        # Whose it is cannot be told: it is nobody's that is asked for by name, and everybody's otherwise.
        return $null -eq $List.wanted
    }
    $item = @{ id = $Gpo.id; name = [String]$Gpo.name }
    if ($null -ne $List.wanted) {
        if (-not (Test-GpmSelector -Selector $List.wanted -Item $item)) {
            return $false
        }
        if ($List.wanted.ids.Contains($item.id)) {
            $null = $List.matched.Add($List.wanted.ids[$item.id])
        }
        $null = $List.matched.Add($item.name)
        foreach ($pattern in $List.wanted.patterns) {
            if ($pattern.regex.IsMatch($item.name)) {
                $null = $List.matched.Add($pattern.entry)
            }
        }
    }
    -not (Test-GpmSelector -Selector $List.exclude -Item $item)
}

Function Get-GpmListedBackup {
    <#
    .SYNOPSIS
    Returns what is to be told of a backup, or null when there is nothing: it is not asked for, or another domain's.

    .DESCRIPTION
    Besides what results show: "asked" (it is asked for), "unusable" (there is an entry of the catalog that cannot be
    used) and "interrupted" (its deletion was begun).

    .PARAMETER Id
    ID of the backup.

    .PARAMETER List
    From Open-GpmBackupList.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $List
    )

    $file = $List.index[$Id]
    $gpo = @{ id = $null; name = $null; domain = $null }
    if ($null -ne $file) {
        # Without a look at the entry: there may be thousands of other domains'.
        if ($List.domain -and $file.domain -ne $List.domain) {
            return $null
        }
        $gpo.id = $file.gpo_id
        $gpo.domain = $file.domain
    }
    $read = Read-GpmListedEntry -File $file
    $entry = $read.value
    $backup = @{
        id = $Id
        path = [System.IO.Path]::Combine($List.path, $Id)
        timestamp = $null
        comment = $null
        gpo = $gpo
        purpose = $null
        state = 'uncatalogued'
        problems = @()
        sequence = $null
        run_id = $null
        in_manifest = $null
        files = $null
        size = $null
        unusable = $null -ne $read.problem
        interrupted = $List.tombstones.ContainsKey($Id)
    }
    if ($null -ne $entry) {
        $gpo.name = [String]$entry.gpo['name']
        $backup.state = 'ok'
        $backup.timestamp = $entry.backup['timestamp']
        $backup.comment = $entry.backup['comment']
        foreach ($name in 'purpose', 'sequence', 'run_id') {
            $backup[$name] = $entry[$name]
        }
    }
    else {
        try {
            $info = Read-GpmBackupInfo -Path $List.path -Id $Id
            foreach ($name in 'gpo', 'timestamp', 'comment') {
                $backup[$name] = $info[$name]
            }
        }
        catch {
            # What is wrong with it is told below, if anybody asks.
            if ($backup.interrupted) {
                $backup.gpo = Read-GpmTombstone -File $List.tombstones[$Id]
            }
        }
    }
    if ($List.domain -and $null -ne $backup.gpo.id -and $backup.gpo.domain -ne $List.domain) {
        return $null
    }
    $backup.asked = Test-GpmListed -Gpo $backup.gpo -List $List
    if (-not $backup.asked -and -not $List.whole) {
        return $null
    }
    if ($null -ne $List.manifest) {
        $backup.in_manifest = $List.manifest.Contains($Id)
    }
    if ($List.verify -ne 'none') {
        $found = Test-GpmBackup -Path $List.path -Id $Id -Entry $entry -Verify $List.verify
        foreach ($name in $found.Keys) {
            $backup[$name] = $found[$name]
        }
    }
    if ($backup.unusable) {
        $backup.problems = @($read.problem) + $backup.problems
    }
    if ($backup.interrupted) {
        $backup.state = 'damaged'
        $backup.problems = @('It was being deleted by gpo_backup_prune, whose next run completes that.')
    }
    $backup
}

Export-ModuleMember -Function Get-GpmListedBackup, Open-GpmBackupList
