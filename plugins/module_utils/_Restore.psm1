# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_restore: choose each GPO's backup, compare its content with what is there, take a safety copy, restore,
# put back what GPMC's backups do not hold: the links, and a WMI filter that is known by another ID today.

#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._Backup
#AnsibleRequires -PowerShell ..module_utils._BackupDirectory
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# Where the files of a GPO lie in its backup.
$script:FilesInBackup = 'DomainSysvol\GPO\'

# Files of a GPO that are no settings: versions, which a restore may raise, and the description, which is compared as
# such.
$script:NoSettings = @('GPT.INI', 'GPO.cmt')

#region Choose

Function Get-GpmRestoreSource {
    <#
    .SYNOPSIS
    Returns the newest good backup of a GPO as @{ entry; damaged }, where damaged has the IDs of newer ones that are
    not; entry is null when there is none.

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
    $found = @{ entry = $null; damaged = @() }
    $folder = Get-GpmCatalogFolder -Path $options.path -Domain $Context.domain.Domain -Id $Id
    foreach ($file in Get-GpmCatalogFile -Folder $folder) {
        try {
            $entry = Read-GpmCatalogEntry -File $file -Domain $Context.domain.Domain -Id $Id
        }
        catch {
            Add-GpmProblem -Trip $Context.trip -Kind catalog -Subject $file.path -ErrorRecord $_
            continue
        }
        # Both are digits from year to second in UTC, so their order as texts is that of the times.
        $taken = [Regex]::Replace([String]$entry.backup['timestamp'], '[^0-9]', '')
        $isLater = $options.as_of -and [String]::CompareOrdinal($taken, $options.as_of) -gt 0
        if ($entry['purpose'] -ne 'backup' -or $isLater) {
            continue
        }
        $test = Test-GpmBackup -Path $options.path -Id $entry.backup.id -Entry $entry -Verify full
        if ($test.state -eq 'ok') {
            $found.entry = $entry
            return $found
        }
        $found.damaged += $entry.backup.id
    }
    $found
}

Function Get-GpmCatalogGpo {
    <#
    .SYNOPSIS
    Returns the GPOs of a domain that the catalog knows, as @{ id; name; gpo }, sorted by name. The entries of those that
    it knows by unusable ones alone go into $Problems, as @{ path; message }.

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
    $domain = $Context.domain.Domain
    foreach ($id in (Get-GpmCatalogId -Path $Context.options.path -Domain $domain)) {
        $mine = New-Object -TypeName System.Collections.Generic.List[Object]
        $newest = Get-GpmCatalogNewest -Path $Context.options.path -Domain $domain -Id $id -Problems $mine
        if ($null -ne $newest) {
            $found.Add(@{ id = $id; name = [String]$newest.gpo['name']; gpo = $null })
        }
        else {
            $Problems.AddRange($mine)
        }
    }
    , @($found | Sort-Object -Property { $_.name }, { $_.id })
}

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
        $info = $null
        try {
            $info = Read-GpmBackupInfo -Path $options.path -Id $options.backup_id
        }
        catch {
            $trip.selection_errors.Add(@{
                    kind = 'backup'
                    entry = $options.backup_id
                    matches = @()
                    status = Get-GpmStatus -ErrorRecord $_
                })
            return
        }
        if ($info.gpo.domain -ne $Context.domain.Domain) {
            $trip.selection_errors.Add(@{
                    kind = 'domain'
                    entry = $options.backup_id
                    matches = @($info.gpo.domain)
                    status = $null
                })
            return
        }
        $Context.queue.Add(@{ id = $info.gpo.id.ToUpperInvariant(); name = $info.gpo.name; gpo = $null })
    }
    else {
        $wanted = ConvertTo-GpmSelector -Entries $options.gpos
        $exclude = ConvertTo-GpmSelector -Entries $options.exclude
        $problems = New-Object -TypeName System.Collections.Generic.List[Object]
        $known = Get-GpmCatalogGpo -Context $Context -Problems $problems
        $selection = $known
        if (-not $options.all) {
            $selection = Select-GpmGpo -GpmDomain $null -Selector $wanted -Visible $known -Trip $trip
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
    $trip.selected = $Context.queue.Count
}

#endregion

#region Compare

Function Get-GpmSettingsFile {
    <#
    .SYNOPSIS
    Returns the hashes of a GPO's settings files by path.

    .PARAMETER Files
    From FileTree.Hash.

    .PARAMETER InBackup
    The files are those of a backup, and not of the GPO's folder in SYSVOL.

    .PARAMETER Except
    Paths that do not count.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Files,
        [Switch] $InBackup,
        [Parameter(Mandatory = $true)] [String[]] $Except
    )

    $prefix = ''
    if ($InBackup) {
        $prefix = $script:FilesInBackup
    }
    $hashes = New-Object -TypeName System.Collections.Hashtable -ArgumentList ([StringComparer]::OrdinalIgnoreCase)
    foreach ($file in $Files) {
        if ($file.path.StartsWith($prefix, [StringComparison]::OrdinalIgnoreCase)) {
            $path = $file.path.Substring($prefix.Length)
            if ($Except -notcontains $path) {
                $hashes[$path] = $file
            }
        }
    }
    $hashes
}

Function Compare-GpmSetting {
    <#
    .SYNOPSIS
    Returns how the settings files that are there differ from those of a backup, as @{ reason; before; after }.

    .PARAMETER Live
    From Get-GpmSettingsFile.

    .PARAMETER Recorded
    From Get-GpmSettingsFile.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Live,
        [Parameter(Mandatory = $true)] [Hashtable] $Recorded
    )

    $differences = @{ computer_settings = @(); user_settings = @(); files = @() }
    foreach ($path in @(@($Live.Keys) + @($Recorded.Keys) | Sort-Object -Unique)) {
        $is = $Live[$path]
        $was = $Recorded[$path]
        if ($null -ne $is -and $null -ne $was -and $is.sha256 -eq $was.sha256) {
            continue
        }
        $reason = 'files'
        if ($path.StartsWith('Machine\', [StringComparison]::OrdinalIgnoreCase)) {
            $reason = 'computer_settings'
        }
        elseif ($path.StartsWith('User\', [StringComparison]::OrdinalIgnoreCase)) {
            $reason = 'user_settings'
        }
        $differences[$reason] += @{ path = $path; before = $is; after = $was }
    }
    foreach ($reason in 'computer_settings', 'user_settings', 'files') {
        if ($differences[$reason].Count) {
            @{ reason = $reason; before = $null; after = $differences[$reason] }
        }
    }
}

Function Get-GpmLinkPlan {
    <#
    .SYNOPSIS
    Returns what has to be done to a GPO's links, as @{ target; type; outcome; recorded }.

    .DESCRIPTION
    Outcomes: unchanged, created, updated, removed, and missing where the target does not exist any more.

    .PARAMETER Recorded
    The links of the catalog's entry.

    .PARAMETER Live
    The links as they are.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Surroundings
    From Get-GpmSurroundings.
    #>
    param (
        [AllowEmptyCollection()] [Object[]] $Recorded,
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Live,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Surroundings
    )

    $there = New-Object -TypeName System.Collections.Hashtable -ArgumentList ([StringComparer]::OrdinalIgnoreCase)
    foreach ($link in $Live) {
        $there[$link.target] = $link
    }
    foreach ($link in $Recorded) {
        $outcome = 'unchanged'
        $is = $there[$link.target]
        $there.Remove($link.target)
        if (-not $Surroundings.targets.Contains($link.target)) {
            $outcome = 'missing'
        }
        elseif ($null -eq $is) {
            $outcome = 'created'
        }
        elseif (-not (Test-GpmSameLink -Before $link -After $is -Id $Id)) {
            $outcome = 'updated'
        }
        @{ target = $link.target; type = $link.type; outcome = $outcome; recorded = $link }
    }
    foreach ($link in $there.Values) {
        @{ target = $link.target; type = $link.type; outcome = 'removed'; recorded = $null }
    }
}

Function Get-GpmFilterPlan {
    <#
    .SYNOPSIS
    Returns what has to be done to a GPO's WMI filter, as @{ outcome; id; name; definition; linked }, or null when nothing
    is recorded of it.

    .DESCRIPTION
    Outcomes: unchanged, linked, removed, and missing where no such filter exists. "linked" is the ID of the filter that
    stands for the recorded one today: itself, or one with its name and queries.

    .PARAMETER Entry
    The catalog's entry.

    .PARAMETER LiveId
    ID of the filter that the GPO has now, or null.

    .PARAMETER Filters
    The domain's filters, by ID.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [AllowNull()] [AllowEmptyString()] [String] $LiveId,
        [AllowNull()] [Hashtable] $Filters
    )

    if ($null -eq $Filters) {
        return $null
    }
    $recorded = $Entry.fingerprint['wmi_filter']
    if ($null -eq $recorded) {
        $outcome = 'unchanged'
        if ($LiveId) {
            $outcome = 'removed'
        }
        return @{ outcome = $outcome; id = $null; name = $null; definition = $null; linked = $null }
    }
    $definition = $Entry['wmi_filter']
    $plan = @{ outcome = 'missing'; id = $recorded['id']; name = $null; definition = $definition; linked = $null }
    if ($recorded['id'] -and $Filters.ContainsKey($recorded['id'])) {
        $plan.linked = $recorded['id']
    }
    if ($null -ne $definition) {
        $plan.name = $definition['name']
        foreach ($filter in $Filters.Values) {
            if (-not $plan.linked -and $filter.name -eq $definition['name'] -and
                (Test-GpmSame -Before $filter.queries -After $definition['queries'])) {
                $plan.linked = $filter.id
            }
        }
    }
    if ($plan.linked) {
        $plan.outcome = 'linked'
        if ($plan.linked -eq $LiveId) {
            $plan.outcome = 'unchanged'
        }
    }
    $plan
}

Function Get-GpmRestorePlan {
    <#
    .SYNOPSIS
    Returns what a restore has to do: @{ changes; links; wmi_filter }. No changes: the content is the same.

    .PARAMETER Entry
    The catalog's entry; null for a backup that the catalog does not know, which is always restored.

    .PARAMETER State
    From Get-GpmLiveState; null when the GPO does not exist.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [Hashtable] $Entry,
        [AllowNull()] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $surroundings = $Context.surroundings
    $plan = @{ changes = @(); links = @(); wmi_filter = $null; restore = $true }
    $liveFilter = $null
    if ($null -ne $State -and $null -ne $State.info.wmi_filter) {
        $liveFilter = $State.info.wmi_filter.id
    }
    $liveLinks = @(if ($null -ne $surroundings.links -and $surroundings.links.ContainsKey($Id)) {
            $surroundings.links[$Id]
        })
    if ($null -ne $Entry) {
        if ($options.links -and $null -ne $Entry['links'] -and $null -ne $surroundings.links) {
            $plan.links = @(Get-GpmLinkPlan -Recorded $Entry.links -Live $liveLinks -Id $Id -Surroundings $surroundings)
        }
        if ($options.wmi_filter) {
            $plan.wmi_filter = Get-GpmFilterPlan -Entry $Entry -LiveId $liveFilter -Filters $surroundings.filters
        }
    }
    if ($null -eq $State) {
        $plan.changes = @(@{ reason = 'missing'; before = $null; after = $null })
        return $plan
    }
    if ($null -eq $Entry) {
        $plan.changes = @(@{ reason = 'uncatalogued'; before = $null; after = $null })
        return $plan
    }

    $changes = New-Object -TypeName System.Collections.Generic.List[Object]
    $live = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::Hash(
        [System.IO.Path]::Combine($Context.sysvol, $Id))
    $settings = Compare-GpmSetting -Live (Get-GpmSettingsFile -Files $live -Except $script:NoSettings) `
        -Recorded (Get-GpmSettingsFile -Files $Entry.files -InBackup -Except $script:NoSettings)
    foreach ($change in $settings) {
        $changes.Add($change)
    }
    foreach ($name in 'name', 'description', 'status', 'permissions') {
        $is = $State.fingerprint[$name]
        $was = $Entry.fingerprint[$name]
        if (-not (Test-GpmSame -Before $is -After $was)) {
            $changes.Add(@{ reason = $name; before = $is; after = $was })
        }
    }
    # GPMC restores all of that; links and the filter can be put right without.
    $plan.restore = $changes.Count -gt 0
    if ($null -ne $plan.wmi_filter -and @('linked', 'removed') -contains $plan.wmi_filter.outcome) {
        $is = $State.fingerprint.wmi_filter
        $changes.Add(@{ reason = 'wmi_filter'; before = $is; after = $Entry.fingerprint['wmi_filter'] })
    }
    if (@($plan.links | Where-Object -FilterScript { @('unchanged', 'missing') -notcontains $_.outcome }).Count) {
        $changes.Add(@{ reason = 'links'; before = $liveLinks; after = $Entry.links })
    }
    $plan.changes = $changes.ToArray()
    $plan
}

#endregion

#region Restore

Function Get-GpmExistingGpo {
    <#
    .SYNOPSIS
    Returns the IGPMGPO with an ID, or null when there is none.

    .DESCRIPTION
    Which HRESULT tells that a GPO does not exist is not documented; a search that finds nothing tells for sure.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    try {
        return $Context.domain.GetGPO($Id)
    }
    catch {
        if (Test-GpmGpo -Gpm $Context.gpm -GpmDomain $Context.domain -Id $Id) {
            throw
        }
    }
    return $null
}

Function Save-GpmSafetyCopy {
    <#
    .SYNOPSIS
    Takes the safety copy of a GPO and returns it as results show a backup. Throws when that fails.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER State
    From Get-GpmLiveState.

    .PARAMETER BackupId
    ID of the backup whose settings the GPO is to get.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [String] $BackupId,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $made = Backup-GpmGpo -Gpo $Item.gpo -Path $Context.options.path -Comment "Before it got the settings of $BackupId" -Timeout 0
    if ($made.outcome -ne 'created') {
        $failed = $made.call_status
        if ($null -ne $made.overall_status) {
            $failed = $made.overall_status
        }
        throw (New-GpmException -HResult $failed.hresult)
    }
    $made.backup.timestamp = Get-GpmBackupTime -Path $Context.options.path -Id $made.backup.id
    $made.reasons = @('safety')
    $made.duration = 0.0
    $recording = Start-GpmBackupEntry -Made $made -State $State -Context $Context -Purpose safety
    $recording.GetAwaiter().GetResult()
    $made.backup
}

Function Set-GpmPlannedLink {
    <#
    .SYNOPSIS
    Puts the links of a GPO back as planned; each part of the plan gets its status, null when all is well.

    .PARAMETER Plan
    From Get-GpmLinkPlan.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [AllowEmptyCollection()] [Object[]] $Plan,
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    foreach ($part in $Plan) {
        $part.status = $null
        if (@('unchanged', 'missing') -contains $part.outcome) {
            continue
        }
        try {
            $som = Get-GpmSom -Gpm $Context.gpm -GpmDomain $Context.domain -Target $part.target -Type $part.type
            if ($part.outcome -eq 'removed') {
                Remove-GpmLink -Som $som -Id $Gpo.ID
            }
            else {
                Set-GpmLink -Som $som -Gpo $Gpo -Recorded $part.recorded
            }
        }
        catch {
            $part.outcome = 'failed'
            $part.status = Get-GpmStatus -ErrorRecord $_
        }
    }
}

Function Set-GpmPlannedFilter {
    <#
    .SYNOPSIS
    Hangs the WMI filter on a GPO as planned; the plan gets its status, null when all is well.

    .PARAMETER Plan
    From Get-GpmFilterPlan.

    .PARAMETER Gpo
    The IGPMGPO as it is after the restore.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [AllowNull()] [Hashtable] $Plan,
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -eq $Plan) {
        return
    }
    $Plan.status = $null
    try {
        $current = Get-GpmFilterInfo -Gpo $Gpo
        if ($Plan.linked -and ($null -eq $current -or $current.id -ne $Plan.linked)) {
            Set-GpmFilter -Gpm $Context.gpm -GpmDomain $Context.domain -Gpo $Gpo -Id $Plan.linked
        }
        elseif (-not $Plan.linked -and $null -ne $current -and ($Plan.outcome -ne 'missing' -or -not $current.id)) {
            # A reference to a filter that is gone keeps the GPO from being applied at all. Another filter that hangs
            # there in place of one that is missing stays.
            Clear-GpmFilter -Gpo $Gpo
        }
    }
    catch {
        $Plan.outcome = 'failed'
        $Plan.status = Get-GpmStatus -ErrorRecord $_
    }
}

Function Get-GpmRestoreEntry {
    <#
    .SYNOPSIS
    Restores one GPO if its content differs, or in check mode tells that it would be; returns its entry of the reply.

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

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $options = $Context.options
    $entry = @{
        outcome = 'failed'
        gpo = @{ id = $Item.id; name = $Item.name; domain = $Context.domain.Domain }
        backup = $null
        safety_backup = $null
        links = @()
        wmi_filter = $null
        reasons = @()
        changes = @()
        trouble = $null
    }
    # The step in hand: what an error is told with.
    $step = 'backup'
    try {
        $source = Get-GpmChosenBackup -Item $Item -Context $Context
        $entry.damaged = $source.damaged
        if (-not $source.backup_id) {
            $entry.trouble = @{ step = 'no_backup'; status = $null }
            return $entry
        }
        if ($null -ne $source.entry) {
            $entry.gpo = $source.entry.gpo
            $entry.backup = Get-GpmRecordedBackup -Entry $source.entry -Path $options.path
        }
        else {
            $info = Read-GpmBackupInfo -Path $options.path -Id $source.backup_id
            $entry.gpo = $info.gpo
            $entry.backup = Get-GpmRecordedBackup -Path $options.path -Entry @{
                backup = @{ id = $source.backup_id; timestamp = $info.timestamp; comment = $info.comment }
            }
        }
        $entry.problems = $source.problems
        if ($source.problems.Count -and -not $options.force) {
            $entry.trouble = @{ step = 'damaged'; status = $null }
            return $entry
        }

        $step = 'compare'
        $Item.gpo = Get-GpmExistingGpo -Id $Item.id -Context $Context
        $state = $null
        if ($null -ne $Item.gpo) {
            $Item.name = [String](Get-GpmProperty -Object $Item.gpo -Name DisplayName)
            $state = Get-GpmLiveState -Item $Item -Context $Context
        }
        $plan = Get-GpmRestorePlan -Entry $source.entry -State $state -Id $Item.id -Context $Context
        $entry.links = $plan.links
        $entry.wmi_filter = $plan.wmi_filter
        $entry.changes = $plan.changes
        $entry.reasons = @(foreach ($change in $plan.changes) { $change.reason })
        if (-not $plan.changes.Count) {
            $entry.outcome = 'unchanged'
            return $entry
        }
        if ($Context.checkMode) {
            $entry.outcome = 'restored'
            return $entry
        }

        Set-GpmTripItem -Item $Item -Context $Context
        if ($null -ne $state -and $options.backup_first) {
            $step = 'safety'
            $entry.safety_backup = Save-GpmSafetyCopy -Item $Item -State $state -Context $Context `
                -BackupId $source.backup_id
        }
        if ($plan.restore) {
            $step = 'open'
            $backup = Get-GpmBackupObject -Gpm $Context.gpm -Path $options.path -Id $source.backup_id
            $step = 'restore'
            $told = Restore-GpmGpo -GpmDomain $Context.domain -Backup $backup
            foreach ($name in 'call_status', 'overall_status', 'status_messages') {
                $entry[$name] = $told[$name]
            }
            if (-not $told.succeeded) {
                return $entry
            }
            $Item.gpo = $Context.domain.GetGPO($Item.id)
        }
        $entry.outcome = 'restored'
        $step = 'links'
        Set-GpmPlannedFilter -Plan $plan.wmi_filter -Gpo $Item.gpo -Context $Context
        Set-GpmPlannedLink -Plan $plan.links -Gpo $Item.gpo -Context $Context
    }
    catch {
        $entry.outcome = 'failed'
        $entry.trouble = @{ step = $step; status = Get-GpmStatus -ErrorRecord $_ }
    }
    finally {
        $entry.duration = [Math]::Round($clock.Elapsed.TotalSeconds, 3)
    }
    $entry
}

Function Get-GpmChosenBackup {
    <#
    .SYNOPSIS
    Returns the backup to restore a GPO from, as @{ backup_id; entry; problems; damaged }: entry is null when the catalog
    does not know it, problems say what is damaged of it, damaged has the IDs of newer ones that were passed over.

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
    if (-not $options.backup_id) {
        $found = Get-GpmRestoreSource -Id $Item.id -Context $Context
        $id = $null
        if ($null -ne $found.entry) {
            $id = $found.entry.backup.id
        }
        return @{ backup_id = $id; entry = $found.entry; problems = @(); damaged = $found.damaged }
    }
    $named = Get-GpmNamedBackup -Domain $Context.domain.Domain -Id $Item.id -Context $Context
    @{ backup_id = $options.backup_id; entry = $named.entry; problems = $named.problems; damaged = @() }
}

Function Get-GpmNamedBackup {
    <#
    .SYNOPSIS
    Returns what is known of the backup that the option backup_id names, as @{ entry; problems }: entry is null when the
    catalog does not know it, problems say what is damaged of it.

    .PARAMETER Domain
    DNS name of the domain that the backup is of.

    .PARAMETER Id
    ID of the GPO that the backup is of.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Domain,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $entry = $null
    foreach ($file in Get-GpmCatalogFile -Folder (Get-GpmCatalogFolder -Path $options.path -Domain $Domain -Id $Id)) {
        if ($file.backup_id -eq $options.backup_id) {
            try {
                $entry = Read-GpmCatalogEntry -File $file -Domain $Domain -Id $Id
            }
            catch {
                Add-GpmProblem -Trip $Context.trip -Kind catalog -Subject $file.path -ErrorRecord $_
            }
        }
    }
    $test = Test-GpmBackup -Path $options.path -Id $options.backup_id -Entry $entry -Verify full
    @{ entry = $entry; problems = @($test.problems) }
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

    Invoke-GpmTrip -Module $Module -GoodOutcomes restored, unchanged -Prepare {
        param ($Context)

        $options = $Context.options
        # What Get-GpmLiveState records; a safety copy holds it, too.
        $options.include_links = $true
        Connect-GpmTrip -Context $Context

        $Context.stage = 'path'
        $null = Assert-GpmDirectory -Path $options.path -Create $false

        $Context.stage = 'select'
        Read-GpmTripSurroundings -Context $Context -Needed $true

        $Context.stage = 'catalog'
        if ($Context.firstTrip) {
            Select-GpmRestoreQueue -Context $Context
        }
        $Context.trip.seconds.select = $Context.clock.Elapsed.TotalSeconds
        if ($Context.queue.Count -and -not $Context.checkMode) {
            Lock-GpmTrip -Context $Context
        }
        $Context.stage = 'restore'
    } -Work {
        param ($Item, $Context)

        Get-GpmRestoreEntry -Item $Item -Context $Context
    }
}

#endregion

Export-ModuleMember -Function Compare-GpmSetting, Get-GpmFilterPlan, Get-GpmLinkPlan, Get-GpmNamedBackup,
    Get-GpmSettingsFile, Invoke-GpmRestore, Save-GpmSafetyCopy, Set-GpmPlannedFilter, Set-GpmPlannedLink
