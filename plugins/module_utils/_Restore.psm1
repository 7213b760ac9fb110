# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_restore: choose each GPO's backup, compare its content with what is there, take a safety copy, restore,
# put back what GPMC's backups do not hold: the links, and a WMI filter that is known by another ID today.
#
# The task keeps in the trip's context:
#     uncatalogued  from Get-GpmUncatalogued, once it was asked for
#     rebuilt       from Get-GpmRebuiltInfo, for a backup that has lost its bkupInfo.xml, with force

#AnsibleRequires -PowerShell ..module_utils._BackupCheck
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._BackupRecord
#AnsibleRequires -PowerShell ..module_utils._BackupRepair
#AnsibleRequires -PowerShell ..module_utils._BackupSurvey
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._CatalogIndex
#AnsibleRequires -PowerShell ..module_utils._Compare
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._DomainTrip
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._GpmcRestore
#AnsibleRequires -PowerShell ..module_utils._LiveState
#AnsibleRequires -PowerShell ..module_utils._Plan
#AnsibleRequires -PowerShell ..module_utils._Recovery
#AnsibleRequires -PowerShell ..module_utils._RunNote
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._SettingsNote
#AnsibleRequires -PowerShell ..module_utils._SettingsState
#AnsibleRequires -PowerShell ..module_utils._Trip
#AnsibleRequires -PowerShell ..module_utils._TripLock

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# Files of a GPO that are no settings: versions, which a restore may raise, and the description, which is compared as
# such.
$script:NoSettings = @('GPT.INI', 'GPO.cmt')

#region Choose

Function Select-GpmRestoreQueue {
    <#
    .SYNOPSIS
    Puts the GPOs to restore into the trip's queue.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $trip = $Context.trip
    if ($options.backup_id) {
        Select-GpmNamedGpo -Context $Context
    }
    else {
        $wanted = ConvertTo-GpmSelector -Entries $options.gpos
        $exclude = ConvertTo-GpmSelector -Entries $options.exclude
        $problems = New-Object -TypeName System.Collections.Generic.List[Object]
        $known = Get-GpmCatalogGpo -Context $Context -Problems $problems
        if (-not $known.Count) {
            # Whatever is asked for: the directory may be another than people think.
            $trip.survey = Get-GpmSurvey -Path $options.path -Domain $trip.domain
        }
        if ($options.uncatalogued) {
            $known = Add-GpmUncatalogued -Known $known -Context $Context
        }
        if ($wanted.names.Count + $wanted.patterns.Count + $exclude.names.Count + $exclude.patterns.Count) {
            $others = @(Add-GpmLiveName -Items $known -Context $Context)
            foreach ($selector in $wanted, $exclude) {
                Add-GpmFormerName -Items $known -Selector $selector -Context $Context
            }
            Add-GpmNamesakeError -Known $known -Others $others -Selector $wanted -Trip $trip
        }
        $selection = $known
        if (-not $options.all) {
            $selection = Select-GpmItem -Selector $wanted -Known $known -Trip $trip
        }
        if ($options.all -or $trip.selection_errors.Count) {
            # One of them may be what the task is after. Nobody knows what they were called.
            Add-GpmCatalogProblem -Trip $trip -Problems $problems
        }
        if ($trip.selection_errors.Count) {
            return
        }
        foreach ($item in $selection) {
            if (-not (Test-GpmSelector -Selector $exclude -Item $item)) {
                $Context.queue.Add($item)
            }
        }
    }
    if (-not $trip.selection_errors.Count) {
        $trip.selected = $Context.queue.Count
    }
}

Function Select-GpmNamedGpo {
    <#
    .SYNOPSIS
    Puts the GPO of the backup that the task names into the trip's queue.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $id = $Context.options.backup_id
    try {
        Find-GpmLostInfo -Context $Context
        $info = Read-GpmSourceInfo -Id $id -Context $Context
    }
    catch {
        $status = Get-GpmStatus -ErrorRecord $_
        if (Test-GpmInfoLost -Path $Context.options.path -Id $id) {
            Add-GpmSelectionError -Trip $Context.trip -Fault no_info -Entry $id
            return
        }
        $namesake = Find-GpmGpoOfId -Id $id -Context $Context
        if ($null -ne $namesake) {
            Add-GpmSelectionError -Trip $Context.trip -Fault gpo_id -Entry $id -Found $namesake
        }
        else {
            Add-GpmSelectionError -Trip $Context.trip -Fault no_backup -Entry $id -Status $status
        }
        return
    }
    if ($script:SameName.Equals($info.gpo.domain, $Context.trip.domain)) {
        $Context.queue.Add(@{ id = $info.gpo.id; name = $info.gpo.name; gpo = $null })
    }
    else {
        Add-GpmSelectionError -Trip $Context.trip -Fault other_domain -Entry $id -Found $info.gpo.domain
    }
}

Function Find-GpmLostInfo {
    <#
    .SYNOPSIS
    Finds out what was in the bkupInfo.xml that the backup that the task names has lost, with force.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    if ($options.backup_id -and $options.force -and (Test-GpmInfoLost -Path $options.path -Id $options.backup_id)) {
        $Context.task.rebuilt = Get-GpmRebuiltInfo -Path $options.path -Id $options.backup_id
    }
}

Function Read-GpmSourceInfo {
    <#
    .SYNOPSIS
    Returns what Read-GpmBackupInfo does of the backup that the task names, also where that file is yet to be rebuilt.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $rebuilt = $Context.task['rebuilt']
    if ($null -eq $rebuilt) {
        return (Read-GpmBackupInfo -Path $Context.options.path -Id $Id)
    }
    @{
        gpo = @{
            id = $rebuilt['GPOGuid'].ToUpperInvariant()
            name = $rebuilt['GPODisplayName']
            domain = $rebuilt['GPODomain']
        }
        timestamp = $rebuilt['BackupTime'] + 'Z'
        comment = ''
    }
}

Function Find-GpmGpoOfId {
    <#
    .SYNOPSIS
    Returns the name of the GPO whose ID was given for a backup's, or null: the directory has backups of no such GPO.

    .PARAMETER Id
    The ID.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $path = $Context.options.path
    $domain = $Context.trip.domain
    $problems = New-Object -TypeName System.Collections.Generic.List[Object]
    $newest = Get-GpmCatalogNewest -Path $path -Domain $domain -Id $Id -Problems $problems
    if ($null -ne $newest) {
        return [String]$newest.gpo['name']
    }
    $uncatalogued = Get-GpmUncatalogued -Path $path -Domain $domain
    if ($uncatalogued.ContainsKey($Id)) {
        return [String]$uncatalogued[$Id][0].name
    }
    return $null
}

Function Add-GpmUncatalogued {
    <#
    .SYNOPSIS
    Returns items with those of the GPOs besides that only backups without an entry are there of, sorted by name.

    .PARAMETER Known
    From Get-GpmCatalogGpo.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Known,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $items = New-Object -TypeName System.Collections.Generic.List[Object]
    $seen = New-GpmMap
    foreach ($item in $Known) {
        $items.Add($item)
        $seen[$item.id] = $true
    }
    $uncatalogued = Get-GpmUncatalogued -Path $Context.options.path -Domain $Context.trip.domain
    $Context.task.uncatalogued = $uncatalogued
    foreach ($id in $uncatalogued.Keys) {
        if (-not $seen.ContainsKey($id)) {
            $items.Add(@{ id = $id; name = [String]$uncatalogued[$id][0].name; gpo = $null })
        }
    }
    , (Get-GpmSortedItem -Items $items.ToArray())
}

Function Get-GpmCatalogGpo {
    <#
    .SYNOPSIS
    Returns the GPOs of a domain that the catalog knows, as @{ id; name; gpo }, sorted by name. The entries of those
    that it knows by unusable ones alone go into $Problems, as @{ path; message }.

    .PARAMETER Context
    The trip's context.

    .PARAMETER Problems
    The list that takes the problems.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [System.Collections.Generic.List[Object]] $Problems
    )

    $found = New-Object -TypeName System.Collections.Generic.List[Object]
    $domain = $Context.trip.domain
    foreach ($id in (Get-GpmCatalogId -Path $Context.options.path -Domain $domain -Problems $Problems)) {
        $mine = New-Object -TypeName System.Collections.Generic.List[Object]
        $newest = Get-GpmCatalogNewest -Path $Context.options.path -Domain $domain -Id $id -Problems $mine
        if ($null -ne $newest) {
            $found.Add(@{ id = $id; name = [String]$newest.gpo['name']; gpo = $null })
        }
        else {
            $Problems.AddRange($mine)
        }
    }
    , (Get-GpmSortedItem -Items $found.ToArray())
}

Function Add-GpmLiveName {
    <#
    .SYNOPSIS
    Lets GPOs that the catalog knows be selected by the names that they have in the domain, too. Returns the GPOs of the
    domain that it does not know.

    .PARAMETER Items
    From Get-GpmCatalogGpo.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Items,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $live = New-GpmMap
    foreach ($gpo in (Find-GpmGpo -Gpm $Context.gpm -GpmDomain $Context.domain.object)) {
        $live[$gpo.id] = $gpo.name
    }
    $known = New-GpmMap
    foreach ($item in $Items) {
        $known[$item.id] = $true
    }
    foreach ($id in $live.Keys) {
        if (-not $known.ContainsKey($id)) {
            @{ id = $id; name = $live[$id] }
        }
    }
    foreach ($item in $Items) {
        $item.names = New-Object -TypeName System.Collections.Generic.HashSet[String] -ArgumentList $script:SameName
        $null = $item.names.Add($item.name)
        if ($live.ContainsKey($item.id)) {
            $null = $item.names.Add($live[$item.id])
        }
    }
}

Function Add-GpmNamesakeError {
    <#
    .SYNOPSIS
    Refuses a name that a GPO of the domain has of which there is no backup, and that would select another one.

    .PARAMETER Known
    From Get-GpmCatalogGpo, with all their names.

    .PARAMETER Others
    From Add-GpmLiveName.

    .PARAMETER Selector
    From ConvertTo-GpmSelector.

    .PARAMETER Trip
    The trip's reply.
    #>
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Known,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Others,
        [Parameter(Mandatory = $true)] [Hashtable] $Selector,
        [Parameter(Mandatory = $true)] [Hashtable] $Trip
    )

    foreach ($other in $Others) {
        if (-not $Selector.names.Contains($other.name)) {
            continue
        }
        $meant = @(foreach ($item in $Known) {
                if ($item.names.Contains($other.name)) {
                    $item.id
                }
            })
        if ($meant.Count) {
            Add-GpmSelectionError -Trip $Trip -Fault ambiguous -Entry $other.name -Found (@($other.id) + $meant)
        }
    }
}

Function Add-GpmFormerName {
    <#
    .SYNOPSIS
    Lets GPOs be selected by a name that only older entries of the catalog have, when no GPO has it today.

    .PARAMETER Items
    From Get-GpmCatalogGpo, with their live names.

    .PARAMETER Selector
    From ConvertTo-GpmSelector.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Items,
        [Parameter(Mandatory = $true)] [Hashtable] $Selector,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $lost = New-Object -TypeName System.Collections.Generic.HashSet[String] -ArgumentList $script:SameName
    $lost.UnionWith($Selector.names)
    foreach ($item in $Items) {
        $lost.ExceptWith($item.names)
    }
    if (-not $lost.Count) {
        return
    }
    $domain = $Context.trip.domain
    foreach ($item in $Items) {
        $folder = Get-GpmCatalogFolder -Path $Context.options.path -Domain $domain -Id $item.id
        foreach ($file in (Get-GpmCatalogFile -Folder $folder)) {
            try {
                $entry = Read-GpmCatalogEntry -File $file -Domain $domain -Id $item.id
            }
            catch {
                # It is told of when a backup is chosen, and says nothing of names.
                continue
            }
            if ($lost.Contains([String]$entry.gpo['name'])) {
                $null = $item.names.Add([String]$entry.gpo['name'])
            }
        }
    }
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
        $named = Get-GpmNamedBackup -Domain $Context.trip.domain -Id $Item.id -Context $Context
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

Function Test-GpmLater {
    <#
    .SYNOPSIS
    Returns whether a backup was made after the time that the task is about.

    .PARAMETER Timestamp
    When it was made, or null.

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
    $Context.options.as_of -and [String]::CompareOrdinal($taken, $Context.options.as_of) -gt 0
}

Function Find-GpmGoodBackup {
    <#
    .SYNOPSIS
    Returns the newest good backup of a GPO that the catalog knows as @{ backup_id; entry; damaged; later; known },
    where damaged has the IDs of newer ones that are not. Without one entry is null; known says whether the catalog has
    any of it, later that all of those were made after the time that the task is about.

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
    $folder = Get-GpmCatalogFolder -Path $options.path -Domain $Context.trip.domain -Id $Id
    foreach ($file in Get-GpmCatalogFile -Folder $folder) {
        try {
            $entry = Read-GpmCatalogEntry -File $file -Domain $Context.trip.domain -Id $Id
            $fault = Get-GpmClaimFault -Path $options.path -Entry $entry
            if ($null -ne $fault -and $fault.denied) {
                throw $fault.message
            }
        }
        catch {
            Add-GpmProblem -Trip $Context.trip -Kind catalog -Subject $file.path -Status (Get-GpmStatus -ErrorRecord $_)
            $others = $true
            continue
        }
        if ($entry['purpose'] -cne 'backup') {
            continue
        }
        $found.known = $true
        if (Test-GpmLater -Timestamp $entry.backup['timestamp'] -Context $Context) {
            $found.later = $true
            continue
        }
        $others = $true
        $test = Test-GpmBackup -Path $options.path -Id $entry.backup.id -Entry $entry -Verify full
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
        $Context.task.uncatalogued = Get-GpmUncatalogued -Path $path -Domain $Context.trip.domain
    }
    $found = @{ backup_id = $null; entry = $null; damaged = @(); later = $false }
    foreach ($backup in $Context.task.uncatalogued[$Id]) {
        if (Test-GpmLater -Timestamp $backup.timestamp -Context $Context) {
            $found.later = $true
            continue
        }
        $found.later = $false
        $test = Test-GpmBackup -Path $path -Id $backup.id -Entry $null -Verify full
        if ($test.state -eq 'uncatalogued') {
            $found.backup_id = $backup.id
            return $found
        }
        $found.damaged += $backup.id
    }
    $found
}

#endregion

#region Plan

Function Get-GpmRestorePlan {
    <#
    .SYNOPSIS
    Returns what a restore has to do: @{ changes; restore; links; wmi_filter }. No changes: the content is the same.

    .PARAMETER Recorded
    The catalog's entry; null for a backup that the catalog does not know, which is always restored.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER State
    From Get-GpmLiveState; null when the GPO does not exist.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [Hashtable] $Recorded,
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [AllowNull()] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $id = $Item.id
    $options = $Context.options
    $surroundings = $Context.surroundings
    $plan = @{ changes = @(); restore = $true; links = @(); wmi_filter = $null }
    $liveLinks = @(if ($null -ne $surroundings.links -and $surroundings.links.ContainsKey($id)) {
            $surroundings.links[$id]
        })
    if ($null -ne $Recorded) {
        if ($options.links -and $null -ne $Recorded['links'] -and $null -ne $surroundings.links) {
            $plan.links = @(Get-GpmLinkPlan -Recorded $Recorded.links -Live $liveLinks -Id $id `
                    -Surroundings $surroundings)
        }
        if ($options.wmi_filter) {
            $plan.wmi_filter = Get-GpmFilterPlan -Entry $Recorded -State $State -Filters $surroundings.filters
        }
        if ($null -ne $plan.wmi_filter -and $plan.wmi_filter.outcome -eq 'missing') {
            # It would apply to everybody there: the filter has to be made first.
            Block-GpmLink -Plan $plan.links
        }
    }
    if ($null -eq $State) {
        $plan.changes = @(@{ reason = 'missing'; before = $null; after = $null })
    }
    elseif ($null -eq $Recorded) {
        $plan.changes = @(@{ reason = 'uncatalogued'; before = $null; after = $null })
    }
    else {
        $content = @(Compare-GpmContent -Recorded $Recorded -Wanted $Wanted -Item $Item -State $State `
                -Context $Context)
        # GPMC restores all of that; links and the filter can be put right without.
        $plan.restore = $content.Count -gt 0
        $plan.changes = $content + @(Get-GpmFilterChange -Plan $plan.wmi_filter -Recorded $Recorded -State $State)
        if (@($plan.links | Where-Object -FilterScript { $_.planned }).Count) {
            $plan.changes += @{ reason = 'links'; before = $liveLinks; after = $Recorded.links }
        }
    }
    $plan
}

Function Compare-GpmContent {
    <#
    .SYNOPSIS
    Returns how what is in a backup differs from what is there, as @{ reason; before; after }.

    .PARAMETER Recorded
    The catalog's entry.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER State
    From Get-GpmLiveState.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Recorded,
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    Compare-GpmWanted -Wanted $Wanted -Item $Item -State $State -Context $Context
    $is = $State.fingerprint
    $was = $Recorded.fingerprint
    foreach ($name in 'name', 'description', 'status') {
        if (-not (Test-GpmSame -Before $is[$name] -After $was[$name])) {
            @{ reason = $name; before = $is[$name]; after = $was[$name] }
        }
    }
    if (-not (Test-GpmSamePermission -Before $is.permissions -After $was['permissions'] -Gpm $Context.gpm -Explicit)) {
        @{ reason = 'permissions'; before = $is.permissions; after = $was['permissions'] }
    }
}

#endregion

#region Restore

Function Restore-GpmItem {
    <#
    .SYNOPSIS
    Restores one GPO if its content differs, or in check mode tells that it would be.

    .PARAMETER Item
    @{ id; name; gpo }.

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

    $Entry.gpo = @{ id = $Item.id; name = $Item.name; domain = $Context.trip.domain }
    foreach ($name in 'backup', 'safety_backup', 'wmi_filter', 'deviations') {
        $Entry[$name] = $null
    }
    foreach ($name in 'links', 'reasons', 'changes', 'problems') {
        $Entry[$name] = @()
    }
    $run = Resume-GpmEntry -Id $Item.id -Entry $Entry -Context $Context
    if ($run -eq 'done') {
        return
    }
    $Context.step = 'source'
    # The trip that selected may have been another, which had to wait for the lock.
    Find-GpmLostInfo -Context $Context
    if ($null -ne $Context.task['rebuilt'] -and -not $Context.checkMode) {
        Write-GpmRebuiltInfo -Path $Context.options.path -Info $Context.task.rebuilt
        Add-GpmProblem -Trip $Context.trip -Kind rebuilt -Subject $Context.task.rebuilt['ID']
        $Entry.changed = $true
    }
    $source = Get-GpmChosenBackup -Item $Item -Context $Context
    $Entry.damaged = $source.damaged
    if (-not $source.backup_id) {
        if ($source.later -and $Context.options.all) {
            $Entry.outcome = 'not_there_yet'
        }
        else {
            $Entry.trouble = New-GpmTrouble -Step no_backup
        }
        return
    }
    Set-GpmEntrySource -Source $source -Entry $Entry -Context $Context
    if ($source.problems.Count -and -not $Context.options.force) {
        $Entry.trouble = New-GpmDamageTrouble -Problems $source.problems
        return
    }

    $Context.step = 'compare'
    $state = $null
    $found = Find-GpmExistingGpo -Gpm $Context.gpm -GpmDomain $Context.domain.object -Id $Item.id
    if ($null -ne $found) {
        $Item.gpo = $found.gpo
        $Item.name = $found.name
        $state = Get-GpmLiveState -Item $Item -Context $Context
    }
    $wanted = New-GpmWanted -Operation restore -BackupId $source.backup_id -Recorded $source.entry `
        -Except $script:NoSettings -Context $Context
    $plan = Get-GpmRestorePlan -Recorded $source.entry -Wanted $wanted -Item $Item -State $state -Context $Context
    foreach ($name in 'links', 'wmi_filter', 'changes') {
        $Entry[$name] = $plan[$name]
    }
    if ($run -eq 'new') {
        $Entry.reasons = @(foreach ($change in $plan.changes) { $change.reason })
    }
    $backup = $null
    if ($plan.restore) {
        # Before anything is changed, and in check mode, too: GPMC may not find what manifest.xml does not list.
        $backup = Open-GpmWantedBackup -Id $source.backup_id -Entry $Entry -Context $Context
        if ($null -eq $backup) {
            return
        }
        $Context.step = 'compare'
    }
    if (-not $plan.changes.Count) {
        Set-GpmNothingLeft -Run $run -Entry $Entry -Outcome restored
    }
    elseif ($Context.checkMode) {
        Set-GpmPlannedOutcome -Plan $plan
        $Entry.outcome = 'restored'
        $Entry.changed = $true
    }
    else {
        Write-GpmItemInHand -Item $Item -Context $Context
        $isFirst = $run -eq 'new' -and $null -ne $state -and $Context.options.backup_first
        if ($isFirst -and -not (Save-GpmSafetyCopy -Item $Item -Entry $Entry -State $state `
                    -BackupId $source.backup_id -Context $Context)) {
            return
        }
        Write-GpmRunNote -Id $Item.id -Entry $Entry -Context $Context
        Invoke-GpmRestorePlan -Plan $plan -Backup $backup -Wanted $wanted -Item $Item -Entry $Entry -Context $Context
        Write-GpmRunNote -Id $Item.id -Entry $Entry -Context $Context
    }
}

Function Set-GpmEntrySource {
    <#
    .SYNOPSIS
    Tells in an entry of the reply which backup the GPO is restored from.

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

Function Invoke-GpmRestorePlan {
    <#
    .SYNOPSIS
    Restores a GPO as planned, and tells of it in its entry.

    .PARAMETER Plan
    From Get-GpmRestorePlan.

    .PARAMETER Backup
    The IGPMBackup; null when only links or the WMI filter are to be put back.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Plan,
        [AllowNull()] [Object] $Backup,
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $note = $null
    if ($Plan.restore) {
        $Context.step = 'restore'
        $told = Restore-GpmGpo -GpmDomain $Context.domain.object -Backup $Backup
        foreach ($name in 'call_status', 'overall_status', 'status_messages') {
            $Entry[$name] = $told[$name]
        }
        if (-not $told.succeeded) {
            return
        }
        $Entry.changed = $true
        $Context.step = 'complete'
        $Item.gpo = (Open-GpmGpo -GpmDomain $Context.domain.object -Id $Item.id).gpo
        $note = Confirm-GpmWanted -Wanted $Wanted -Item $Item -Entry $Entry -Context $Context
        if ($null -ne $Entry.trouble) {
            return
        }
    }
    $Entry.outcome = 'restored'
    $Context.step = 'complete'
    Set-GpmPlannedFilter -Plan $Plan.wmi_filter -Gpo $Item.gpo -Context $Context
    if ($null -ne $Plan.wmi_filter -and $Plan.wmi_filter.outcome -eq 'failed') {
        Block-GpmLink -Plan $Plan.links
    }
    Set-GpmPlannedLink -Plan $Plan.links -Item $Item -Context $Context
    Merge-GpmPart -Entry $Entry -Step links -Plan $Plan.links
    Merge-GpmPart -Entry $Entry -Step wmi_filter -Plan $Plan.wmi_filter
    if ($null -ne $note) {
        Complete-GpmSettings -Note $note -Wanted $Wanted -Info (Get-GpmGpoInfo -Item $Item) -Entry $Entry -Context $Context
    }
}

Function Invoke-GpmRestore {
    <#
    .SYNOPSIS
    Makes one trip of a gpo_restore task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -Prepare {
        param ($Context)

        Connect-GpmTrip -Context $Context -ToWrite $true
        $Context.step = 'path'
        $null = Confirm-GpmDirectory -Path $Context.options.path
        $Context.step = 'select'
        if (-not $Context.onlySelects) {
            Read-GpmTripSurroundings -Context $Context -Needed $true
        }
        $Context.step = 'catalog'
        if ($Context.firstTrip) {
            Select-GpmRestoreQueue -Context $Context
        }
        $Context.trip.milliseconds.select = $Context.clock.ElapsedMilliseconds
        if ($Context.queue.Count -and -not $Context.checkMode -and -not $Context.onlySelects) {
            Lock-GpmTrip -Context $Context
        }
    } -Work {
        param ($Item, $Entry, $Context)

        Restore-GpmItem -Item $Item -Entry $Entry -Context $Context
    } -Finish {
        param ($Context)

        Unlock-GpmTrip -Context $Context
    }
}

#endregion

Export-ModuleMember -Function Invoke-GpmRestore
