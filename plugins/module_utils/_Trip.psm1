# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What the trips of all tasks have in common: work until the time is over, reply.
#
# A trip's context is what each of its steps needs. No other key is added to it:
#     trip          the reply
#     options       the module's parameters, and what the action plugin sends beside them: see Save-GpmTripOption
#     checkMode, diff
#     module        the Ansible.Basic.AnsibleModule
#     clock         runs since the trip began
#     workClock     runs since its first item was begun: trip_time is the time for these
#     itemClock     runs while the item in hand is worked on
#     step          the step in hand: what an error is told with
#     entry         the entry of the item in hand, or null: what is told of it should the trip be given up
#     firstTrip     whether the selection has yet to be made
#     queue         the items that the trip is to work on: @{ id; name; gpo }
#     done          how many items of the queue are done with
#     byCursor      whether the next trip goes on behind the last item, in the order of the IDs, instead of being given
#                   what remains: for tasks whose items are too many to be named
#     isLast        whether the item in hand is the trip's last, whatever time is left
#     onlySelects   whether the trip only finds a domain controller and selects; the next trips do the work, on that one
#     gpm, domain   the IGPM, and what Connect-GpmDomain returns
#     surroundings  from ConvertTo-GpmSurroundings
#     handsOn       whether the surroundings are for the next trip, too
#     lock          from Lock-GpmDirectory, or null
#     task          what the task itself keeps from one item to the next: a map, described in its file

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -CSharpUtil ..module_utils._TripWatch
#AnsibleRequires -PowerShell ..module_utils._Error

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# What Save-GpmTripOption has kept.
$script:TripOption = New-Object -TypeName System.Collections.Hashtable -ArgumentList $script:SameName

Function Add-GpmProblem {
    <#
    .SYNOPSIS
    Notes something that does not keep a trip from its work, but that people have to know.

    .PARAMETER Trip
    The trip's reply.

    .PARAMETER Kind
    What it is about; the controller has the sentence (plugin_utils/_notice.py).

    .PARAMETER Subject
    The GPO or file that it is about.

    .PARAMETER Status
    From Get-GpmStatus; null where only a text says what it is.

    .PARAMETER Message
    The text.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Trip,
        [Parameter(Mandatory = $true)] [String] $Kind,
        [String] $Subject = '',
        [AllowNull()] [Hashtable] $Status,
        [String] $Message = ''
    )

    $problem = @{ kind = $Kind; subject = $Subject; hresult = $null; message = $Message }
    if ($null -ne $Status) {
        $problem.hresult = $Status.hresult
        $problem.message = $Status.message
    }
    $Trip.problems.Add($problem)
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
        Add-GpmProblem -Trip $Trip -Kind catalog -Subject $problem.path -Message $problem.message
    }
}

Function New-GpmReply {
    <#
    .SYNOPSIS
    Returns the reply of a trip before it has begun. docs/design.md says what its keys mean.

    .PARAMETER Options
    The module's parameters.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Options
    )

    @{
        domain = $Options['domain']
        domain_controller = $Options['domain_controller']
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
        surroundings = $null
        stopped = $false
        trouble = $null
        milliseconds = @{ select = 0; compare = 0; work = 0; catalog = 0; whole = 0 }
    }
}

Function Save-GpmTripOption {
    <#
    .SYNOPSIS
    Takes what the action plugin sends beside the options out of a module's arguments, and keeps it for the context.

    .DESCRIPTION
    The names begin with an underscore. The module's argument spec lacks them, since it is that of the documentation, and
    the AnsibleModule would refuse them. So it neither writes them to the host's event log nor sends them back.

    .PARAMETER Argument
    $complex_args, in which Ansible has the arguments; null where it asks for the spec alone.
    #>
    param (
        [AllowNull()] [System.Collections.IDictionary] $Argument
    )

    if ($null -eq $Argument) {
        return
    }
    foreach ($name in @($Argument.Keys)) {
        # Those of Ansible itself are the AnsibleModule's.
        if ($name.StartsWith('_', 'Ordinal') -and -not $name.StartsWith('_ansible_', 'Ordinal')) {
            $script:TripOption[$name] = $Argument[$name]
            $Argument.Remove($name)
        }
    }
}

Function New-GpmContext {
    <#
    .SYNOPSIS
    Returns the context of a trip, see above, and puts its reply into the module's result as trip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Ansible.Basic.AnsibleModule] $Module
    )

    $options = New-Object -TypeName System.Collections.Hashtable -ArgumentList $script:SameName
    foreach ($given in $Module.Params, $script:TripOption) {
        foreach ($name in $given.Keys) {
            $options[$name] = $given[$name]
        }
    }
    $Module.Result.trip = New-GpmReply -Options $options
    $queue = New-Object -TypeName System.Collections.Generic.List[Object]
    foreach ($id in $options['_remaining']) {
        $queue.Add(@{ id = $id; name = $null; gpo = $null })
    }
    $context = @{
        trip = $Module.Result.trip
        options = $options
        checkMode = $Module.CheckMode
        diff = $Module.DiffMode
        module = $Module
        clock = [System.Diagnostics.Stopwatch]::StartNew()
        workClock = New-Object -TypeName System.Diagnostics.Stopwatch
        itemClock = $null
        step = 'gpmc'
        entry = $null
        firstTrip = -not $queue.Count -and -not $options['_after']
        queue = $queue
        done = 0
        byCursor = $false
        isLast = $false
        onlySelects = $false
        gpm = $null
        domain = $null
        surroundings = @{ links = $null; links_error = $null; sites_error = $null; filters = $null; read = $null }
        handsOn = $false
        lock = $null
        task = @{}
    }
    $context
}

Function Invoke-GpmItem {
    <#
    .SYNOPSIS
    Has a task work on one item and returns its entry of the reply: what every entry has, and what the task adds.

    .DESCRIPTION
    Whatever ends the work is this item's trouble, not the run's: deleted since it was selected, a domain controller
    that went away, what nobody thought of.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Work
    See Invoke-GpmTrip.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [ScriptBlock] $Work,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $entry = @{
        id = $Item.id
        outcome = 'failed'
        changed = $false
        call_status = $null
        overall_status = $null
        status_messages = @()
        trouble = $null
        milliseconds = $null
    }
    $Context.step = 'open'
    $Context.itemClock = [System.Diagnostics.Stopwatch]::StartNew()
    $Context.entry = $entry
    try {
        $null = & $Work $Item $entry $Context
    }
    catch {
        $entry.outcome = 'failed'
        $entry.trouble = New-GpmTrouble -Step $Context.step -Status (Get-GpmStatus -ErrorRecord $_)
    }
    if ($null -eq $entry.milliseconds) {
        $entry.milliseconds = $Context.itemClock.ElapsedMilliseconds
    }
    $Context.entry = $null
    $entry
}

Function Invoke-GpmQueue {
    <#
    .SYNOPSIS
    Works on the queue until the trip's time is over.

    .PARAMETER Look
    See Invoke-GpmTrip.

    .PARAMETER Work
    See Invoke-GpmTrip.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [ScriptBlock] $Look,
        [ScriptBlock] $Work,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $trip = $Context.trip
    $queue = $Context.queue
    # Not since the trip began: a domain of thousands of OUs takes a while to be read.
    $Context.workClock.Start()
    while ($Context.done -lt $queue.Count -and -not ($trip.stopped -or $trip.locked -or $Context.onlySelects)) {
        $item = $queue[$Context.done]
        if ($Context.done -and $script:SameName.Equals($item.id, $trip.suspect)) {
            # In a trip of its own.
            break
        }
        # Done with, whatever comes of it; and the COM object may go.
        $queue[$Context.done] = @{ id = $item.id }
        $Context.done++
        if ($Context.byCursor) {
            $entry = & $Look $item $Context
        }
        else {
            $entry = Invoke-GpmItem -Item $item -Work $Work -Context $Context
            if ($Context.options['fail_fast'] -and @('failed', 'cancelled') -contains $entry.outcome) {
                $trip.stopped = $true
            }
        }
        if ($null -ne $entry) {
            $trip.entries.Add($entry)
        }
        if ($Context.isLast -or $Context.workClock.Elapsed.TotalSeconds -ge [Int32]$Context.options.trip_time) {
            break
        }
    }
}

Function Invoke-GpmTrip {
    <#
    .SYNOPSIS
    Makes one trip of a task and puts its reply into the module's result as trip.

    .DESCRIPTION
    The trip prepares, works for at most trip_time (the item in hand is finished, and there is always one), then names
    what remains. Whatever goes wrong, the reply tells what was done until then, and what was not. When nothing has moved
    for step_timeout, the process ends with a reply that tells what was in hand.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.

    .PARAMETER Prepare
    Fills the context's queue and gets the lock, if the task needs one. Given the context.

    .PARAMETER Work
    Does the task's work on one item of the queue and completes its entry of the reply. Given the item, the entry (from
    Invoke-GpmItem) and the context.

    .PARAMETER Look
    The same for a trip by cursor, which only looks: given the item and the context, it returns what is to be told of
    it, or nothing.

    .PARAMETER Finish
    Ends what is still under way, and sets the lock free. Given the context. Must not throw.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module,
        [Parameter(Mandatory = $true)] [ScriptBlock] $Prepare,
        [ScriptBlock] $Work = {},
        [ScriptBlock] $Look = {},
        [ScriptBlock] $Finish = {}
    )

    $context = New-GpmContext -Module $Module
    $trip = $context.trip
    # GPMC itself may take as long as gpo_timeout.
    $patience = [Int32]$context.options.step_timeout + [Int32]$context.options['gpo_timeout']
    $watch = [ansible_collections.gpvault.gpmc.plugins.module_utils._TripWatch.TripWatch]::new(
        $context, $patience, (New-GpmTrouble -Step step_timeout))
    try {
        $null = & $Prepare $context
        Invoke-GpmQueue -Look $Look -Work $Work -Context $context
    }
    catch {
        $trip.trouble = New-GpmTrouble -Step $context.step -Status (Get-GpmStatus -ErrorRecord $_)
    }
    finally {
        $null = & $Finish $context
        Complete-GpmReply -Context $context
        $watch.Dispose()
    }
}

Function Complete-GpmReply {
    <#
    .SYNOPSIS
    Adds to the reply of a trip what remains, and where its time went.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $trip = $Context.trip
    $queue = $Context.queue
    $done = $Context.done
    if ($Context.byCursor) {
        $after = $Context.options['_after']
        if ($done) {
            $after = $queue[$done - 1].id
        }
        $trip.cursor = @{ after = $after; done = $done; more = $done -lt $queue.Count }
    }
    else {
        $trip.remaining = @(for ($index = $done; $index -lt $queue.Count; $index++) {
                @{ id = $queue[$index].id; name = $queue[$index].name }
            })
    }
    # Links and filters are read once for the whole task.
    if ($done -lt $queue.Count -and $Context.handsOn -and -not $Context.options['_surroundings']) {
        $trip.surroundings = $Context.surroundings.read
    }
    $trip.milliseconds.whole = $Context.clock.ElapsedMilliseconds
    foreach ($name in @($trip.milliseconds.Keys)) {
        $trip.milliseconds[$name] = [Int64]$trip.milliseconds[$name]
    }
}

Export-ModuleMember -Function Add-GpmCatalogProblem, Add-GpmProblem, Invoke-GpmTrip, Save-GpmTripOption
