# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# Links and the WMI filter, which neither a restore nor an import brings: what has to be done to have them as they are
# recorded, and doing it.
#
# Each part of a plan says what has to be done (planned, null for nothing) and what became of it (outcome). Until it is
# done that is not_attempted: whatever ends the work, the reply then says no more than what there was.

#AnsibleRequires -PowerShell ..module_utils._Compare
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._GpmcRestore
#AnsibleRequires -PowerShell ..module_utils._RunNote
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

#region Links

Function Get-GpmLinkPlan {
    <#
    .SYNOPSIS
    Returns what has to be done to a GPO's links, as @{ target; type; planned; outcome; recorded; moves; enables;
    status; left }.

    .DESCRIPTION
    Planned: created, updated, removed. Outcomes of the others: unchanged; missing where the target does not exist any
    more; kept where a link is not recorded, but may have been there unseen: its target was not read then, or nobody
    knows whether it was; withheld where one that is to be disabled would have to be made, of a GPO that may be in
    force: GPMC makes links enabled.

    "moves" is whether one that is updated has to change its place: then it is made anew. One that is to be disabled
    never does; its place has no effect. "enables" is whether the GPO applies by it to whom it does not apply now.

    .PARAMETER Recorded
    The links of the catalog's entry.

    .PARAMETER Live
    The links as they are.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Surroundings
    From Get-GpmSurroundings.

    .PARAMETER Exists
    Whether the GPO is there already.

    .PARAMETER Seen
    From where links were read when these were recorded, see Test-GpmTargetRecorded.
    #>
    param (
        [AllowEmptyCollection()] [Object[]] $Recorded,
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Live,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Surroundings,
        [Parameter(Mandatory = $true)] [Boolean] $Exists,
        [AllowNull()] [AllowEmptyString()] [String] $Seen
    )

    $there = New-GpmMap
    foreach ($link in $Live) {
        $there[$link.target] = $link
    }
    foreach ($link in $Recorded) {
        $planned = $null
        $outcome = 'unchanged'
        $moves = $false
        $is = $there[$link.target]
        $there.Remove($link.target)
        if (-not $Surroundings.targets.Contains($link.target)) {
            $outcome = 'missing'
        }
        elseif ($null -eq $is -and $Exists -and -not $link.enabled) {
            $outcome = 'withheld'
        }
        elseif ($null -eq $is) {
            $planned = 'created'
        }
        else {
            $moves = [Boolean]$link.enabled -and -not (Test-GpmSamePlace -Before $link -After $is -Id $Id)
            if ($moves -or [Boolean]$link.enabled -ne [Boolean]$is.enabled -or
                [Boolean]$link.enforced -ne [Boolean]$is.enforced) {
                $planned = 'updated'
            }
        }
        if ($planned) {
            $outcome = 'not_attempted'
        }
        @{
            target = $link.target
            type = $link.type
            planned = $planned
            outcome = $outcome
            recorded = $link
            moves = $moves
            enables = [Boolean]$link.enabled -and ($null -eq $is -or -not $is.enabled)
            status = $null
            left = $null
        }
    }
    foreach ($link in $there.get_Values()) {
        $planned = $null
        $outcome = 'kept'
        if (Test-GpmTargetRecorded -Record $Seen -Target $link.target) {
            $planned = 'removed'
            $outcome = 'not_attempted'
        }
        @{
            target = $link.target
            type = $link.type
            planned = $planned
            outcome = $outcome
            recorded = $null
            moves = $false
            enables = $false
            status = $null
            left = $null
        }
    }
}

Function Set-GpmDisabledLink {
    <#
    .SYNOPSIS
    Makes the links of a GPO that are to be disabled, as planned; each part gets its status, null when all is well, and
    left: off where the GPO could not be enabled again.

    .DESCRIPTION
    GPMC makes links enabled, so meanwhile the GPO is disabled. It was made just before: nobody misses it. The halves
    that are put back then are in the entry's note meanwhile, for who comes next, should the process end in between.

    .PARAMETER Plan
    From Get-GpmLinkPlan.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Context
    The trip's context.

    .PARAMETER Entry
    The item's entry of the reply; without it nothing is noted. With halves, from Get-GpmDisabledHalf, the GPO is
    disabled already.
    #>
    param (
        [AllowEmptyCollection()] [Object[]] $Plan,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Context,
        [Hashtable] $Entry = @{}
    )

    $halves = $Entry['halves']
    $parts = @(foreach ($part in $Plan) {
            # One that the run which was ended had just made may still be enabled.
            $isMeant = $part.planned -eq 'created' -or ($part.planned -eq 'updated' -and $null -ne $halves)
            if ($isMeant -and -not $part.recorded.enabled) {
                $part
            }
        })
    if (-not $parts.Count -and $null -eq $halves) {
        return
    }
    $left = $null
    try {
        if ($null -eq $halves) {
            $halves = Get-GpmHalf -Gpo $Item.gpo
            if ($Entry.Count) {
                $Entry.halves = $halves
                Write-GpmRunNote -Id $Item.id -Entry (Get-GpmUnfinished -Entry $Entry) -Context $Context
            }
        }
        $left = 'off'
        try {
            Set-GpmHalf -Gpo $Item.gpo
            Set-GpmPlannedLink -Plan $parts -Item $Item -Context $Context
        }
        finally {
            # One that is there and cannot be disabled would be in force.
            $inForce = @($parts | Where-Object -FilterScript { $_.planned -eq 'updated' -and $_.outcome -eq 'failed' })
            if (-not $inForce.Count) {
                Set-GpmHalf -Gpo $Item.gpo -Halves $halves
                $left = $null
            }
        }
        if ($left) {
            foreach ($part in $parts) {
                $part.left = $left
            }
        }
        elseif ($Entry.Count) {
            # From here on it is as somebody wants it.
            $Entry.Remove('halves')
            Write-GpmRunNote -Id $Item.id -Entry (Get-GpmUnfinished -Entry $Entry) -Context $Context
        }
    }
    catch {
        if (-not $parts.Count) {
            throw
        }
        foreach ($part in $parts) {
            $part.outcome = 'failed'
            $part.status = Get-GpmStatus -ErrorRecord $_
            $part.left = $left
        }
    }
}

Function Get-GpmUnfinished {
    <#
    .SYNOPSIS
    Returns an entry of the reply as it is noted while there is more to be done: what is noted as done is not resumed.

    .PARAMETER Entry
    The entry.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry
    )

    $unfinished = $Entry.Clone()
    $unfinished.outcome = 'failed'
    $unfinished
}

Function Set-GpmPlannedLink {
    <#
    .SYNOPSIS
    Puts the links of a GPO back as planned, what has not been attempted yet; each part of the plan gets its status,
    null when all is well, and left, see Set-GpmLink.

    .PARAMETER Plan
    From Get-GpmLinkPlan.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [AllowEmptyCollection()] [Object[]] $Plan,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    foreach ($part in $Plan) {
        if ($part.outcome -ne 'not_attempted') {
            continue
        }
        try {
            $som = Get-GpmSom -Gpm $Context.gpm -GpmDomain $Context.domain.object -Target $part.target -Type $part.type
            if ($part.planned -eq 'removed') {
                Remove-GpmLink -Som $som -Id $Item.id -Domain $Context.trip.domain
            }
            else {
                Set-GpmLink -Som $som -Item $Item -Domain $Context.trip.domain -Part $part
            }
            $part.outcome = $part.planned
        }
        catch {
            $part.outcome = 'failed'
            $part.status = Get-GpmStatus -ErrorRecord $_
        }
    }
}

Function Block-GpmLink {
    <#
    .SYNOPSIS
    Withholds the links that have yet to be made or enabled: the GPO would apply to others than it is for.

    .PARAMETER Plan
    From Get-GpmLinkPlan.
    #>
    param (
        [AllowEmptyCollection()] [Object[]] $Plan
    )

    foreach ($part in $Plan) {
        if ($part.planned -and $part.enables) {
            $part.planned = $null
            $part.outcome = 'withheld'
        }
    }
}

#endregion

#region WMI filter

Function Get-GpmFilterPlan {
    <#
    .SYNOPSIS
    Returns what has to be done to a GPO's WMI filter, as @{ planned; outcome; id; name; definition; linked }, or null
    when that cannot be told: the domain's filters could not be read.

    .DESCRIPTION
    Planned: linked, removed. Outcomes of the others: unchanged, and missing where no such filter exists. "linked" is the
    ID of the filter that stands for the recorded one today: itself, or one with its name and queries.

    .PARAMETER Entry
    The catalog's entry.

    .PARAMETER State
    From Get-GpmLiveState; null when the GPO does not exist.

    .PARAMETER Filters
    The domain's filters, by ID.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [AllowNull()] [Hashtable] $State,
        [AllowNull()] [Hashtable] $Filters
    )

    if ($null -eq $Filters) {
        return $null
    }
    $liveId = $null
    if ($null -ne $State -and $null -ne $State.info.wmi_filter) {
        $liveId = $State.info.wmi_filter.id
    }
    $plan = @{ planned = $null; outcome = 'unchanged'; id = $null; name = $null; definition = $null; linked = $null }
    $recorded = $Entry.fingerprint['wmi_filter']
    if ($null -eq $recorded) {
        if ($liveId) {
            $plan.planned = 'removed'
            $plan.outcome = 'not_attempted'
        }
        return $plan
    }
    $definition = $Entry['wmi_filter']
    $plan.id = $recorded['id']
    $plan.definition = $definition
    if ($recorded['id'] -and $Filters.ContainsKey($recorded['id'])) {
        $plan.linked = $recorded['id']
    }
    if ($null -ne $definition -and $null -ne $definition['name']) {
        $plan.name = $definition['name']
        foreach ($filter in $Filters.Values) {
            if (-not $plan.linked -and $script:SameName.Equals($filter.name, $definition['name']) -and
                (Test-GpmSame -Before $filter.queries -After $definition['queries'])) {
                $plan.linked = $filter.id
            }
        }
    }
    if (-not $plan.linked) {
        $plan.outcome = 'missing'
    }
    elseif (-not $script:SameName.Equals($plan.linked, $liveId)) {
        $plan.planned = 'linked'
        $plan.outcome = 'not_attempted'
    }
    $plan
}

Function Get-GpmFilterChange {
    <#
    .SYNOPSIS
    Returns the planned change of the WMI filter as @{ reason; before; after }, or nothing.

    .PARAMETER Plan
    From Get-GpmFilterPlan.

    .PARAMETER Recorded
    The catalog's entry of the backup.

    .PARAMETER State
    From Get-GpmLiveState; null when the GPO does not exist.
    #>
    param (
        [AllowNull()] [Hashtable] $Plan,
        [Parameter(Mandatory = $true)] [Hashtable] $Recorded,
        [AllowNull()] [Hashtable] $State
    )

    if ($null -ne $Plan -and $Plan.planned) {
        $is = $null
        if ($null -ne $State) {
            $is = $State.fingerprint.wmi_filter
        }
        @{ reason = 'wmi_filter'; before = $is; after = $Recorded.fingerprint['wmi_filter'] }
    }
}

Function Set-GpmPlannedFilter {
    <#
    .SYNOPSIS
    Hangs the WMI filter on a GPO as planned; the plan gets its status, null when all is well.

    .PARAMETER Plan
    From Get-GpmFilterPlan.

    .PARAMETER Gpo
    The IGPMGPO as it is after the restore or import.

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
        if ($Plan.linked -and ($null -eq $current -or -not $script:SameName.Equals($current.id, $Plan.linked))) {
            Set-GpmFilter -Gpm $Context.gpm -GpmDomain $Context.domain.object -Gpo $Gpo -Id $Plan.linked
        }
        elseif (-not $Plan.linked -and $null -ne $current -and $Plan.outcome -ne 'missing') {
            # Where the recorded filter is missing, what hangs there stays: another one, or the reference to one that is
            # gone, which keeps the GPO from being applied at all. Without it the GPO would apply to everybody.
            Clear-GpmFilter -Gpo $Gpo
        }
        if ($Plan.planned) {
            $Plan.outcome = $Plan.planned
        }
    }
    catch {
        $Plan.outcome = 'failed'
        $Plan.status = Get-GpmStatus -ErrorRecord $_
    }
}

#endregion

Function Set-GpmPlannedOutcome {
    <#
    .SYNOPSIS
    Has the parts of a plan say what would become of them, in check mode.

    .PARAMETER Plan
    From Get-GpmRestorePlan or Get-GpmImportPlan.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Plan
    )

    foreach ($part in @($Plan.links) + @($Plan.wmi_filter, $Plan['permissions'])) {
        if ($null -ne $part -and $part.planned) {
            $part.outcome = $part.planned
        }
    }
}

Function Merge-GpmPart {
    <#
    .SYNOPSIS
    Tells in an item's entry what became of the parts of a plan: whether any was changed, and as its trouble the first
    that failed, unless it has one.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Step
    Which part of the plan it is.

    .PARAMETER Plan
    The parts, with planned, outcome and status; null where there is none.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [ValidateSet('links', 'wmi_filter', 'permissions')] [String] $Step,
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Plan
    )

    foreach ($part in $Plan) {
        if ($null -eq $part) {
            continue
        }
        if ($part.outcome -ne 'failed') {
            $Entry.changed = $Entry.changed -or ($part.planned -and $part.outcome -ne 'not_attempted')
        }
        elseif ($null -eq $Entry.trouble) {
            $Entry.outcome = 'failed'
            $Entry.trouble = New-GpmTrouble -Step $Step -Status $part.status
        }
    }
}

Export-ModuleMember -Function Block-GpmLink, Get-GpmFilterChange, Get-GpmFilterPlan, Get-GpmLinkPlan, Merge-GpmPart,
    Set-GpmDisabledLink, Set-GpmPlannedFilter, Set-GpmPlannedLink, Set-GpmPlannedOutcome
