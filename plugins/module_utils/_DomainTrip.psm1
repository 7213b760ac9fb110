# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What the trips of tasks on the GPOs of a domain have in common: connect, select, open.

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

Function Connect-GpmTrip {
    <#
    .SYNOPSIS
    Connects a trip to GPMC and the domain.

    .DESCRIPTION
    A trip whose reply is lost is made again as it was. If it changed the domain, that must not happen on another domain
    controller, which does not know of it yet: a GPO would be made twice. So where any will do, the first trip changes
    nothing; the others are given the one that it found.

    .PARAMETER Context
    The trip's context.

    .PARAMETER ToWrite
    Whether the task changes the domain: any domain controller will not do then.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context,
        [Boolean] $ToWrite = $false
    )

    $trip = $Context.trip
    $Context.step = 'gpmc'
    $Context.gpm = New-Gpm
    if (-not $trip.domain) {
        $Context.step = 'host_domain'
        $trip.domain = Get-GpmHostDomain
    }
    $Context.step = 'connect'
    $locator = $Context.options.dc_locator
    if ($ToWrite -and $locator -eq 'any') {
        $locator = 'writable'
        $Context.onlySelects = -not $trip.domain_controller -and -not $Context.checkMode
    }
    $Context.domain = Connect-GpmDomain -Gpm $Context.gpm -Domain $trip.domain -Locator $locator `
        -DomainController ([String]$trip.domain_controller)
    $trip.domain = $Context.domain.name
    $trip.domain_controller = $Context.domain.controller
    if ($null -ne $Context.domain.notLocated) {
        Add-GpmProblem -Trip $trip -Kind locator -Subject $Context.domain.controller -Status $Context.domain.notLocated
    }
}

Function Read-GpmTripSurroundings {
    <#
    .SYNOPSIS
    Puts links and WMI filters into the trip's context: those that the task's first trip read, where it handed them on.

    .PARAMETER Context
    The trip's context.

    .PARAMETER Needed
    Whether what cannot be read is a problem to be told.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context,
        [Parameter(Mandatory = $true)] [Boolean] $Needed
    )

    $handedOn = $Context.options['_surroundings']
    if ($handedOn) {
        $read = ConvertFrom-GpmHandedOn -Packed $handedOn
    }
    else {
        $read = Get-GpmSurroundings -Gpm $Context.gpm -GpmDomain $Context.domain.object
    }
    $Context.surroundings = ConvertTo-GpmSurroundings -Read $read -Domain $Context.domain.name
    foreach ($kind in 'links', 'sites', 'filters') {
        $status = $read[$kind + '_error']
        if ($Needed -and $null -ne $status) {
            Add-GpmProblem -Trip $Context.trip -Kind $kind -Status $status
        }
    }
}

Function ConvertTo-GpmSurroundings {
    <#
    .SYNOPSIS
    Returns links and WMI filters as the work on a GPO needs them, by the GPO's and the filter's ID.

    .DESCRIPTION
    The result is @{ targets; links; links_error; sites_error; filters; read }: targets are the names of the sites, the
    domain and the OUs, links is a dictionary of lists by the GPO's ID, filters one by the filter's. What could not be
    read is null. read is what the next trip may be given: null where something is missing, since it may be there by
    then.

    .PARAMETER Read
    From Get-GpmSurroundings.

    .PARAMETER Domain
    DNS name of the domain: a link may lead to a GPO of another one, and is then left out.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Read,
        [Parameter(Mandatory = $true)] [String] $Domain
    )

    $targets = New-Object -TypeName System.Collections.Generic.HashSet[String] -ArgumentList (
        [StringComparer]::OrdinalIgnoreCase)
    $found = @{
        targets = $targets
        links = $null
        links_error = $Read.links_error
        sites_error = $Read.sites_error
        filters = $null
        read = $null
    }
    if ($null -ne $Read.soms) {
        $found.links = New-GpmMap
        foreach ($som in $Read.soms) {
            $null = $targets.Add($som.path)
            Add-GpmSomLink -Links $found.links -Som $som -Domain $Domain
        }
    }
    if ($null -ne $Read.filters) {
        $found.filters = New-GpmMap
        foreach ($filter in $Read.filters) {
            $found.filters[$filter.id] = $filter
        }
    }
    if ($null -eq $Read.links_error -and $null -eq $Read.sites_error -and $null -eq $Read.filters_error) {
        $found.read = $Read
    }
    $found
}

Function Add-GpmSomLink {
    <#
    .SYNOPSIS
    Adds the links of a site, the domain or an OU to those of the GPOs.

    .PARAMETER Links
    A dictionary of lists by the GPO's ID.

    .PARAMETER Som
    From Read-GpmSom.

    .PARAMETER Domain
    DNS name of the domain.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Links,
        [Parameter(Mandatory = $true)] [Hashtable] $Som,
        [Parameter(Mandatory = $true)] [String] $Domain
    )

    $all = @($Som.links)
    if (-not $all.Count) {
        return
    }
    # Whom it stands between says where a link belongs, even when others have come or gone.
    [Array]$neighbours = @(foreach ($link in $all) { $link.id })
    [Array]$orders = @(foreach ($link in $all) { $link.order })
    # Numbers compare themselves, whatever the comparer.
    [Array]::Sort($orders, $neighbours, [System.Collections.IComparer][StringComparer]::Ordinal)
    foreach ($link in $all) {
        if (-not $script:SameName.Equals($link.domain, $Domain)) {
            continue
        }
        $id = $link.id
        if (-not $Links.ContainsKey($id)) {
            $Links[$id] = New-Object -TypeName System.Collections.Generic.List[Object]
        }
        $Links[$id].Add(@{
                target = $Som.path
                type = $Som.type
                enabled = $link.enabled
                enforced = $link.enforced
                order = $link.order
                neighbours = $neighbours
            })
    }
}

Function ConvertFrom-GpmHandedOn {
    <#
    .SYNOPSIS
    Returns what an earlier trip of the task read, from how the controller hands it on: JSON, gzip, Base64.

    .PARAMETER Packed
    The text.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Packed
    )

    $bytes = New-Object -TypeName System.IO.MemoryStream -ArgumentList (, [Convert]::FromBase64String($Packed))
    $gzip = New-Object -TypeName System.IO.Compression.GZipStream -ArgumentList $bytes, (
        [System.IO.Compression.CompressionMode]::Decompress)
    $plain = New-Object -TypeName System.IO.MemoryStream
    $gzip.CopyTo($plain)
    # Not ConvertFrom-Json: that of PowerShell 7 takes a description that looks like a date for one.
    [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::Read($plain.ToArray())
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

Export-ModuleMember -Function Connect-GpmTrip, ConvertFrom-GpmHandedOn, Open-GpmItem, Read-GpmTripSurroundings,
    Select-GpmGpo, Select-GpmQueue
