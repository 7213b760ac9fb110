# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_diff: finds the two states of each GPO, and sends the settings reports of those that can differ. What
# differs the controller tells.
#
# The task keeps in the trip's context:
#     before_id     ID of the GPO whose state is that before, where that is another one; else null
#     sent          characters of reports that the reply holds

#AnsibleRequires -PowerShell ..module_utils._BackupReason
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._CatalogIndex
#AnsibleRequires -PowerShell ..module_utils._DiffSide
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._DomainTrip
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._LiveState
#AnsibleRequires -PowerShell ..module_utils._RestoreQueue
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# Characters of reports that one trip sends to the controller.
$script:ReplyLength = 4MB

Function Select-GpmDiffQueue {
    <#
    .SYNOPSIS
    Puts the GPOs to compare into the trip's queue: those of the domain, and with "all" those that are deleted, too; or
    those of the directory, where only backups are compared.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    if (@($options.before, $options.after) -cnotcontains 'live') {
        $options.backup_id = $null
        $options.uncatalogued = $false
        Select-GpmRestoreQueue -Context $Context
        return
    }
    Select-GpmQueue -Context $Context
    if ($options.all -and -not $Context.trip.stopped) {
        $known = New-GpmMap
        foreach ($items in $Context.queue, $Context.trip.inaccessible) {
            foreach ($item in $items) {
                $known[$item.id] = $true
            }
        }
        Add-GpmDeletedItem -Known $known -Context $Context
        $Context.trip.selected = $Context.queue.Count
    }
}

Function Add-GpmDeletedItem {
    <#
    .SYNOPSIS
    Adds the GPOs to the queue that the catalog has backups of, and that the domain has no more.

    .PARAMETER Known
    A map with the IDs of those that are there.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Known,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $exclude = ConvertTo-GpmSelector -Entries $Context.options.exclude
    $path = $Context.options.path
    $domain = $Context.trip.domain
    $problems = New-Object -TypeName System.Collections.Generic.List[Object]
    foreach ($id in @(Get-GpmCatalogId -Path $path -Domain $domain -Problems $problems)) {
        if ($Known.ContainsKey($id)) {
            continue
        }
        $newest = Get-GpmCatalogNewest -Path $path -Domain $domain -Id $id -Problems $problems
        if ($null -eq $newest) {
            continue
        }
        $item = @{ id = $id; name = [String]$newest.gpo['name']; gpo = $null }
        if (-not (Test-GpmSelector -Selector $exclude -Item $item)) {
            $Context.queue.Add($item)
        }
    }
    Add-GpmCatalogProblem -Trip $Context.trip -Problems $problems
}

Function Initialize-GpmDiff {
    <#
    .SYNOPSIS
    Prepares a trip: looks at the directories, connects, selects.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $Context.handsOn = $true
    $Context.task = @{ before_id = $null; sent = 0 }
    $Context.step = 'path'
    foreach ($path in $options.path, $options.before_path) {
        if ($path) {
            $null = Confirm-GpmDirectory -Path $path
        }
    }
    Connect-GpmTrip -Context $Context
    $Context.step = 'select'
    if (@($options.before, $options.after) -ccontains 'live') {
        Read-GpmTripSurroundings -Context $Context -Needed $true
    }
    if ($Context.firstTrip) {
        Select-GpmDiffQueue -Context $Context
    }
    if ($options.before_gpo) {
        $other = @(Select-GpmGpo -Selector (ConvertTo-GpmSelector -Entries @($options.before_gpo)) -Context $Context)
        if ($other.Count -eq 1) {
            $Context.task.before_id = $other[0].id
        }
        else {
            # Why, the reply says.
            $Context.queue.Clear()
        }
    }
    $Context.trip.milliseconds.select = $Context.clock.ElapsedMilliseconds
}

Function Compare-GpmItem {
    <#
    .SYNOPSIS
    Finds the two states of a GPO, and adds their reports to the reply unless there can be no difference.

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

    $options = $Context.options
    $Entry.gpo = @{ id = $Item.id; name = $Item.name; domain = $Context.trip.domain }
    $Entry.before = $null
    $Entry.after = $null
    $beforeId = $Item.id
    if ($null -ne $Context.task.before_id) {
        $beforeId = $Context.task.before_id
    }
    $beforePath = $options.path
    if ($options.before_path) {
        $beforePath = $options.before_path
    }
    $after = Find-GpmSide -Id $Item.id -State $options.after -Path $options.path -Context $Context
    $before = Find-GpmSide -Id $beforeId -State $options.before -Path $beforePath -Context $Context
    foreach ($side in $before, $after) {
        if ($null -ne $side) {
            # The later state has the last word.
            $Entry.gpo = $side.told.gpo
        }
    }
    if ($null -ne $before) {
        $Entry.before = $before.told
    }
    if ($null -ne $after) {
        $Entry.after = $after.told
    }
    if ($null -eq $before -and $null -eq $after) {
        $Entry.trouble = New-GpmTrouble -Step no_state
    }
    elseif ($null -eq $before) {
        $Entry.outcome = 'only_after'
    }
    elseif ($null -eq $after) {
        $Entry.outcome = 'only_before'
    }
    elseif (Test-GpmSameSide -Before $before -After $after -Context $Context) {
        $Entry.outcome = 'same'
    }
    elseif ((Add-GpmSideReport -Side $before -Entry $Entry -Context $Context) -and
        (Add-GpmSideReport -Side $after -Entry $Entry -Context $Context)) {
        # The controller has the last word on what differs.
        $Entry.outcome = 'differs'
        $Context.task.sent += $before.told.content.Length + $after.told.content.Length
        $Context.isLast = $Context.task.sent -ge $script:ReplyLength
    }
}

Function Test-GpmSameSide {
    <#
    .SYNOPSIS
    Returns whether two states are known to be the same without their reports: by what the catalog has of the one, and
    the domain of the other.

    .PARAMETER Before
    From Find-GpmSide.

    .PARAMETER After
    From Find-GpmSide.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Before,
        [Parameter(Mandatory = $true)] [Hashtable] $After,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $live = $After
    $saved = $Before
    if ($null -eq $After.item) {
        $live = $Before
        $saved = $After
    }
    if ($null -eq $live.item) {
        return $script:SameName.Equals($Before.told.backup.path, $After.told.backup.path)
    }
    if ($null -eq $saved.entry -or -not $script:SameName.Equals($saved.entry.gpo.id, $live.item.id)) {
        return $false
    }
    $Context.step = 'compare'
    $state = Get-GpmLiveState -Item $live.item -Context $Context
    Test-GpmSameState -Entry $saved.entry -State $state -Gpm $Context.gpm
}

Function Invoke-GpmDiff {
    <#
    .SYNOPSIS
    Makes one trip of a gpo_diff task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -Prepare {
        param ($Context)

        Initialize-GpmDiff -Context $Context
    } -Work {
        param ($Item, $Entry, $Context)

        Compare-GpmItem -Item $Item -Entry $Entry -Context $Context
    }
}

Export-ModuleMember -Function Invoke-GpmDiff
