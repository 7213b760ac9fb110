# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What the trips of all tasks have in common: connect, select, lock, work until the time is over, reply.
#
# A trip's context is what each of its steps needs:
#     trip          the reply
#     options       the module's parameters
#     checkMode, diff
#     module        the Ansible.Basic.AnsibleModule
#     clock         runs since the trip began
#     stage         the step in hand: what an error that ends the trip is told with
#     firstTrip     whether the selection has yet to be made
#     queue         the items that the trip is to work on: @{ id; name; gpo }
#     gpm, domain, sysvol   the IGPM, the IGPMDomain, its folder of policies
#     surroundings  from Get-GpmSurroundings
#     lock          from Lock-GpmCatalog, or null
#     full          whether the reply is as large as it should get
#     now           from Get-GpmDirectoryTime, or null
#     unrecorded    the last backup, while its entry in the catalog is written: @{ entry; task }, or null
#     byCursor      whether the next trip goes on behind the last item, in the order of the IDs, instead of being given
#                   what remains: for tasks whose items are too many to be named

#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Gpmc

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Add-GpmProblem {
    <#
    .SYNOPSIS
    Notes something that does not keep a trip from its work, but that people have to know.

    .PARAMETER Trip
    The trip's reply.

    .PARAMETER Kind
    What it is about; the controller has the sentence.

    .PARAMETER Subject
    The GPO or file that it is about.

    .PARAMETER ErrorRecord
    The error.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Trip,
        [Parameter(Mandatory = $true)] [String] $Kind,
        [String] $Subject = '',
        [Parameter(Mandatory = $true)] [System.Management.Automation.ErrorRecord] $ErrorRecord
    )

    $Trip.problems.Add(@{ kind = $Kind; subject = $Subject; status = Get-GpmStatus -ErrorRecord $ErrorRecord })
}

Function Add-GpmCatalogProblem {
    <#
    .SYNOPSIS
    Notes the catalog's entries that cannot be used.

    .PARAMETER Trip
    The trip's reply.

    .PARAMETER Problems
    From Get-GpmCatalogNewest.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Trip,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [System.Collections.Generic.List[Object]] $Problems
    )

    foreach ($problem in $Problems) {
        $Trip.problems.Add(@{ kind = 'catalog'; subject = $problem.path; text = $problem.message })
    }
}

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

    $options = $Context.options
    $trip = $Context.trip
    $Context.stage = 'gpmc'
    $Context.gpm = New-Gpm
    if (-not $trip.domain) {
        $Context.stage = 'host_domain'
        $trip.domain = Get-GpmHostDomain
    }
    $Context.stage = 'connect'
    $Context.domain = Connect-GpmDomain -Gpm $Context.gpm -Domain $trip.domain -Locator $options.dc_locator `
        -DomainController ([String]$trip.domain_controller)
    $trip.domain = $Context.domain.Domain
    $trip.domain_controller = $Context.domain.DomainController
    $Context.sysvol = Get-GpmSysvolFolder -GpmDomain $Context.domain
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

    $found = Get-GpmSurroundings -Gpm $Context.gpm -GpmDomain $Context.domain
    $Context.surroundings = $found
    foreach ($part in 'links', 'sites', 'filters') {
        $status = $found[$part + '_error']
        if ($Needed -and $null -ne $status) {
            $Context.trip.problems.Add(@{ kind = $part; subject = ''; status = $status })
        }
    }
}

Function Select-GpmQueue {
    <#
    .SYNOPSIS
    Puts what the options gpos, all and exclude select into the trip's queue, as @{ id; name; gpo }, and what is told of
    the selection into its reply. The queue stays empty when the trip must not go on.

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
    # GUIDs alone need no search of the whole domain.
    $visible = @()
    if ($options.all -or $wanted.names.Count -or $wanted.patterns.Count) {
        $visible = Find-GpmGpo -Gpm $Context.gpm -GpmDomain $Context.domain
    }
    $selection = $visible
    if (-not $options.all) {
        $selection = Select-GpmGpo -GpmDomain $Context.domain -Selector $wanted -Visible $visible -Trip $trip
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
        Find-GpmInaccessible -GpmDomain $Context.domain -Visible $visible -Surroundings $Context.surroundings `
            -Exclude $exclude -Trip $trip
        $trip.stopped = $options['fail_fast'] -and $options.inaccessible -eq 'fail' -and
            ($trip.inaccessible.Count + $trip.inaccessible_errors.Count) -gt 0
    }
}

Function Lock-GpmTrip {
    <#
    .SYNOPSIS
    Locks the backup directory for the trip, or notes in its reply who has it locked.

    .DESCRIPTION
    If the process of an earlier trip of this task ended while it backed up a GPO of the queue, that GPO goes last: it
    may end this process, too, and nothing else shall be lost with it.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $lock = Lock-GpmCatalog -Path $options.path -Timeout ([Int32]$options._lock_wait) -RunId $options._run_id
    if ($null -eq $lock.stream) {
        $Context.trip.locked = $true
        $Context.trip.locked_by = $lock.holder
        return
    }
    $Context.lock = $lock
    $queue = $Context.queue
    $previous = $lock.previous
    if ($null -ne $previous -and $previous['run_id'] -eq $options._run_id -and $previous['gpo'] -is [Hashtable]) {
        foreach ($item in $queue.ToArray()) {
            if ($item.id -eq $previous.gpo['id']) {
                $null = $queue.Remove($item)
                $queue.Add($item)
                $Context.trip.suspect = $item.id
            }
        }
    }
}

Function Set-GpmTripItem {
    <#
    .SYNOPSIS
    Writes into the lock file which GPO is in hand, for who waits, and for the next trip should this process end.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Context.lock.holder.gpo = @{ id = $Item.id; name = $Item.name }
    Write-GpmLockHolder -Lock $Context.lock
}

Function Open-GpmItem {
    <#
    .SYNOPSIS
    Fetches the GPO of an item that has only its ID.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -eq $Item.gpo) {
        $Item.gpo = $Context.domain.GetGPO($Item.id)
        $Item.name = [String](Get-GpmProperty -Object $Item.gpo -Name DisplayName)
    }
}

Function Invoke-GpmTrip {
    <#
    .SYNOPSIS
    Makes one trip of a task and puts its reply into the module's result as trip.

    .DESCRIPTION
    The trip works for at most trip_time (the item in hand is finished, and there is always one), then names what
    remains. Whatever goes wrong, the reply tells what was done until then, and what was not.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.

    .PARAMETER Prepare
    Fills the context's queue and gets the lock, if the task needs one. Given the context.

    .PARAMETER Work
    Does the task's work on one item of the queue and returns its entry of the reply, or nothing when there is nothing
    to tell. Given the item and the context.

    .PARAMETER GoodOutcomes
    Outcomes of an entry that fail_fast does not stop at.

    .PARAMETER Finish
    Ends what Work left under way, before the lock is set free. Given the context. Must not throw.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module,
        [Parameter(Mandatory = $true)] [ScriptBlock] $Prepare,
        [Parameter(Mandatory = $true)] [ScriptBlock] $Work,
        [Parameter(Mandatory = $true)] [String[]] $GoodOutcomes,
        [ScriptBlock] $Finish = {}
    )

    $options = $Module.Params
    $trip = @{
        domain = $options['domain']
        domain_controller = $options['domain_controller']
        selected = $null
        selection_errors = New-Object -TypeName System.Collections.Generic.List[Object]
        unmatched_patterns = New-Object -TypeName System.Collections.Generic.List[String]
        inaccessible = @()
        inaccessible_errors = New-Object -TypeName System.Collections.Generic.List[Object]
        problems = New-Object -TypeName System.Collections.Generic.List[Object]
        path_created = $false
        locked = $false
        locked_by = $null
        suspect = $null
        entries = New-Object -TypeName System.Collections.Generic.List[Object]
        remaining = @()
        cursor = $null
        stopped = $false
        error = $null
        seconds = @{ select = 0.0; compare = 0.0; work = 0.0; catalog = 0.0; whole = 0.0 }
    }
    $Module.Result.trip = $trip
    $queue = New-Object -TypeName System.Collections.Generic.List[Object]
    foreach ($id in $options['_remaining']) {
        $queue.Add(@{ id = $id; name = $null; gpo = $null })
    }
    $context = @{
        trip = $trip
        options = $options
        checkMode = $Module.CheckMode
        diff = $Module.DiffMode
        module = $Module
        clock = [System.Diagnostics.Stopwatch]::StartNew()
        stage = 'gpmc'
        firstTrip = -not $queue.Count -and -not $options['_after']
        queue = $queue
        gpm = $null
        domain = $null
        sysvol = $null
        surroundings = @{ links = $null; sites_error = $null; filters = $null }
        lock = $null
        full = $false
        now = $null
        unrecorded = $null
        byCursor = $false
    }
    # Entries of the queue that are done.
    $next = 0
    $after = $options['_after']
    try {
        & $Prepare $context
        while ($next -lt $queue.Count -and -not $trip.stopped -and -not $trip.locked) {
            $item = $queue[$next]
            if ($next -and $item.id -eq $trip.suspect) {
                # In a trip of its own.
                break
            }
            # Done with, whatever comes of it; and the COM object may go.
            $queue[$next] = $null
            $next++
            $after = $item.id
            $entry = & $Work $item $context
            if ($null -ne $entry) {
                $trip.entries.Add($entry)
                $trip.stopped = $options['fail_fast'] -and $GoodOutcomes -notcontains $entry.outcome
                if ($entry['lost']) {
                    break
                }
            }
            if ($context.full -or $context.clock.Elapsed.TotalSeconds -ge [Int32]$options.trip_time) {
                break
            }
        }
    }
    catch {
        $trip.error = Get-GpmStatus -ErrorRecord $_
        $trip.error.stage = $context.stage
    }
    finally {
        & $Finish $context
        if ($null -ne $context.lock) {
            try {
                Unlock-GpmCatalog -Lock $context.lock
            }
            catch {
                # The share went away, and the lock with it. What was done until then has to be told all the same.
                $null = $_
            }
        }
        if ($context.byCursor) {
            $trip.cursor = @{ after = $after; done = $next; more = $next -lt $queue.Count }
        }
        else {
            $trip.remaining = @(for (; $next -lt $queue.Count; $next++) {
                    @{ id = $queue[$next].id; name = $queue[$next].name }
                })
        }
        $trip.seconds.whole = $context.clock.Elapsed.TotalSeconds
    }
}

Export-ModuleMember -Function Add-GpmCatalogProblem, Add-GpmProblem, Connect-GpmTrip, Invoke-GpmTrip, Lock-GpmTrip,
    Open-GpmItem, Read-GpmTripSurroundings, Select-GpmQueue, Set-GpmTripItem
