# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_diff: finds the two states of each GPO, and sends the settings reports of those that can differ. What
# differs the controller tells.
#
# The task keeps in the trip's context:
#     before_id     ID of the GPO whose state is that before, where that is another one of the domain; else null
#     baseline      from Read-GpmBaseline, once it is needed; else null
#     sent          characters of reports that the reply holds

#AnsibleRequires -PowerShell ..module_utils._BackupReason
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._CatalogIndex
#AnsibleRequires -PowerShell ..module_utils._DiffSide
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._DomainTrip
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._LiveState
#AnsibleRequires -PowerShell ..module_utils._ReportFile
#AnsibleRequires -PowerShell ..module_utils._RestoreQueue
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

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
    if ($Context.options.before_path) {
        # It has the state that is not live.
        $path = $Context.options.before_path
    }
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
    $Context.task = @{ before_id = $null; baseline = $null; sent = 0 }
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
    if ($options.before_gpo -and -not $options.before_path) {
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
    $after = Find-GpmSide -Id $Item.id -State $options.after -Path $options.path -Context $Context
    if ($null -ne $after) {
        $Entry.after = $after.told
        Set-GpmComparedGpo -Side $after -Entry $Entry
    }
    $before = Find-GpmSideBefore -Gpo $Entry.gpo -Context $Context
    if ($null -ne $before) {
        $Entry.before = $before.told
        if ($null -eq $after) {
            # The later state has the last word.
            Set-GpmComparedGpo -Side $before -Entry $Entry
        }
    }
    if ($null -eq $before -and $null -eq $after) {
        if ($options.all) {
            # It was made later than either, say: nothing of it differs.
            $Entry.outcome = 'neither'
        }
        else {
            $Entry.trouble = New-GpmTrouble -Step no_state
        }
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
        Add-GpmSentReport -Length ($before.told.content.Length + $after.told.content.Length) -Context $Context
    }
}

Function Set-GpmComparedGpo {
    <#
    .SYNOPSIS
    Lets the reply tell of a GPO what a side knows of it. A side that is of another GPO knows nothing.

    .PARAMETER Side
    From Find-GpmSide.

    .PARAMETER Entry
    The item's entry of the reply.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Side,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry
    )

    $gpo = $Side.told.gpo
    if ($script:SameName.Equals($gpo.id, $Entry.gpo.id) -and $script:SameName.Equals($gpo.domain, $Entry.gpo.domain)) {
        $Entry.gpo = $gpo
    }
}

Function Find-GpmSideBefore {
    <#
    .SYNOPSIS
    Returns the state before, as Find-GpmSide does: of the GPO, of another one, or of its counterpart in another
    directory.

    .PARAMETER Gpo
    @{ id; name; domain } of the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Gpo,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    if ($options.before_path -and $options.before_gpo) {
        return Find-GpmBaselineSide -Gpo $Gpo -State $options.before -Context $Context
    }
    $id = $Gpo.id
    if ($null -ne $Context.task.before_id) {
        $id = $Context.task.before_id
    }
    $path = $options.path
    if ($options.before_path) {
        $path = $options.before_path
    }
    $found = Find-GpmSide -Id $id -State $options.before -Path $path -Context $Context
    if ($null -eq $found -and $options.before_path -and -not (Test-GpmId -Text $options.before)) {
        $found = Find-GpmBaselineSide -Gpo $Gpo -State $options.before -Context $Context
    }
    $found
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
    if ($null -eq $live.item -and $script:SameName.Equals($Before.told.backup.path, $After.told.backup.path)) {
        return $true
    }
    if ($null -eq $saved.entry -or -not $script:SameName.Equals($saved.entry.gpo.id, $live.told.gpo.id)) {
        return $false
    }
    $Context.step = 'compare'
    if ($null -ne $live.item) {
        $state = Get-GpmLiveState -Item $live.item -Info $live.told.gpo -Context $Context
    }
    elseif ($null -ne $live.entry) {
        $state = @{}
        foreach ($name in 'fingerprint', 'links', 'wmi_filter') {
            $state[$name] = $live.entry[$name]
        }
        if ($null -eq $state.links) {
            # Which were not recorded, but reports tell them.
            return $false
        }
    }
    else {
        return $false
    }
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
