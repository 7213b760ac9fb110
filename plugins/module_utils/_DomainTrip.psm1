# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What the trips of tasks on the GPOs of a domain have in common: connect, select, open.

#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Connect-GpmTrip {
    <#
    .SYNOPSIS
    Connects a trip to GPMC and the domain.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $trip = $Context.trip
    $Context.step = 'gpmc'
    $Context.gpm = New-Gpm
    if (-not $trip.domain) {
        $Context.step = 'host_domain'
        $trip.domain = Get-GpmHostDomain
    }
    $Context.step = 'connect'
    $Context.domain = Connect-GpmDomain -Gpm $Context.gpm -Domain $trip.domain -Locator $Context.options.dc_locator `
        -DomainController ([String]$trip.domain_controller)
    $trip.domain = $Context.domain.name
    $trip.domain_controller = $Context.domain.controller
}

Function Read-GpmTripSurroundings {
    <#
    .SYNOPSIS
    Reads links and WMI filters, see Get-GpmSurroundings.

    .PARAMETER Context
    The trip's context.

    .PARAMETER Needed
    Whether what cannot be read is a problem to be told.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context,
        [Parameter(Mandatory = $true)] [Boolean] $Needed
    )

    $found = Get-GpmSurroundings -Gpm $Context.gpm -GpmDomain $Context.domain.object
    $Context.surroundings = $found
    foreach ($kind in 'links', 'sites', 'filters') {
        $status = $found[$kind + '_error']
        if ($Needed -and $null -ne $status) {
            Add-GpmProblem -Trip $Context.trip -Kind $kind -Status $status
        }
    }
}

Function Select-GpmQueue {
    <#
    .SYNOPSIS
    Puts what the options gpos, all and exclude select into the trip's queue, and what is told of the selection into its
    reply. The queue stays empty when the trip must not go on.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $trip = $Context.trip
    $wanted = ConvertTo-GpmSelector -Entries $options.gpos
    $exclude = ConvertTo-GpmSelector -Entries $options.exclude
    if ($options.all) {
        $visible = Find-GpmGpo -Gpm $Context.gpm -GpmDomain $Context.domain.object
        $selection = $visible
    }
    else {
        $selection = @(Select-GpmGpo -Selector $wanted -Context $Context)
        if ($trip.selection_errors.Count) {
            return
        }
    }
    foreach ($item in $selection) {
        if (-not (Test-GpmSelector -Selector $exclude -Item $item)) {
            $Context.queue.Add($item)
        }
    }
    $trip.selected = $Context.queue.Count
    if ($options.all) {
        Find-GpmInaccessible -Policies $Context.domain.policies -Visible $visible -Surroundings $Context.surroundings `
            -Exclude $exclude -Trip $trip
        $trip.stopped = $options['fail_fast'] -and $options['inaccessible'] -eq 'fail' -and
            ($trip.inaccessible.Count + $trip.inaccessible_errors.Count) -gt 0
    }
}

Function Select-GpmGpo {
    <#
    .SYNOPSIS
    Returns the GPOs of the domain that a selector names, as items; what cannot be selected goes into the trip's reply.

    .PARAMETER Selector
    From ConvertTo-GpmSelector.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Selector,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $known = New-Object -TypeName System.Collections.Generic.List[Object]
    $seen = New-GpmMap
    # GUIDs alone need no search of the whole domain.
    if ($Selector.names.Count -or $Selector.patterns.Count) {
        foreach ($item in (Find-GpmGpo -Gpm $Context.gpm -GpmDomain $Context.domain.object)) {
            $known.Add($item)
            $seen[$item.id] = $true
        }
    }
    $failures = New-GpmMap
    foreach ($id in $Selector.ids.Keys) {
        if (-not $seen.ContainsKey($id)) {
            try {
                $known.Add((Open-GpmGpo -GpmDomain $Context.domain.object -Id $id))
            }
            catch {
                $failures[$id] = Get-GpmStatus -ErrorRecord $_
            }
        }
    }
    Select-GpmItem -Selector $Selector -Known $known.ToArray() -Failures $failures -Trip $Context.trip
}

Function Open-GpmItem {
    <#
    .SYNOPSIS
    Tells in an entry which GPO it is about, and fetches the GPO of an item that has only its ID.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Entry.gpo = @{ id = $Item.id; name = $Item.name; domain = $Context.trip.domain }
    if ($null -eq $Item.gpo) {
        $found = Open-GpmGpo -GpmDomain $Context.domain.object -Id $Item.id
        $Item.gpo = $found.gpo
        $Item.name = $found.name
    }
}

Export-ModuleMember -Function Connect-GpmTrip, Open-GpmItem, Read-GpmTripSurroundings, Select-GpmGpo, Select-GpmQueue
