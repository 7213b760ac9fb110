# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# The trip: the envelope that each item is worked on in, the queue, and what the reply says of both.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    function New-Context ($Ids = @(), $Options = @{}) {
        $Options.trip_time = $Options['trip_time'] ?? '60'
        $queue = [System.Collections.Generic.List[Object]]::new()
        foreach ($id in $Ids) {
            $queue.Add(@{ id = $id; name = "GPO $id"; gpo = $null })
        }
        $trip = New-GpmReply -Options @{ domain = 'x.example'; domain_controller = '' }
        @{
            trip = $trip
            options = $Options
            clock = [System.Diagnostics.Stopwatch]::StartNew()
            workClock = [System.Diagnostics.Stopwatch]::new()
            itemClock = $null
            step = 'gpmc'
            checkMode = $false
            gpm = $null
            domain = $null
            queue = $queue
            done = 0
            byCursor = $false
            isLast = $false
            onlySelects = $false
            surroundings = @{ read = @{ soms = @(); filters = @() } }
            handsOn = $false
            entry = $null
            task = @{}
        }
    }

    $succeed = { param ($Item, $Entry, $Context) $Entry.outcome = 'created' }
}

Describe 'A trip in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    Context 'with what the action plugin sends beside the options' {
        It 'keeps it for the context, and from the module, which would refuse it' {
            $sent = @{ path = 'D:\x'; _run_id = 'r'; _remaining = @('{1}'); _ansible_check_mode = $true }
            Save-GpmTripOption -Argument $sent
            $sent.Keys | Sort-Object | Should -Be @('_ansible_check_mode', 'path')
            $kept = & ${Function:Save-GpmTripOption}.Module { $script:TripOption }
            $kept._run_id | Should -Be 'r'
            $kept._remaining | Should -Be @('{1}')
        }

        It 'takes nothing where only the argument spec is asked for' {
            { Save-GpmTripOption -Argument $null } | Should -Not -Throw
        }
    }

    Context 'with an item' {
        It 'has what every entry has' {
            $entry = Invoke-GpmItem -Item @{ id = '{1}' } -Work $succeed -Context (New-Context)
            $entry.id | Should -Be '{1}'
            $entry.outcome | Should -Be 'created'
            $entry.trouble | Should -BeNullOrEmpty
            $entry.milliseconds | Should -BeOfType [Int64]
            @('changed', 'call_status', 'overall_status', 'status_messages') | ForEach-Object {
                $entry.ContainsKey($_) | Should -BeTrue
            }
        }

        It 'has failed with the step that was in hand, and keeps what the work had told' {
            $entry = Invoke-GpmItem -Item @{ id = '{1}' } -Context (New-Context) -Work {
                param ($Item, $Entry, $Context)
                $Entry.outcome = 'created'
                $Entry.changed = $true
                $Context.step = 'record'
                throw [System.Runtime.InteropServices.COMException]::new('Denied.', 0x80070005)
            }
            $entry.outcome | Should -Be 'failed'
            $entry.changed | Should -BeTrue
            $entry.trouble.step | Should -Be 'record'
            $entry.trouble.hresult | Should -Be 0x80070005
            $entry.trouble.message | Should -Be 'Denied.'
        }

        It 'begins with a step of its own' {
            $context = New-Context
            $context.step = 'delete'
            $entry = Invoke-GpmItem -Item @{ id = '{1}' } -Context $context -Work { throw 'x' }
            $entry.trouble.step | Should -Be 'open'
        }

        It 'has failed when its work says nothing' {
            (Invoke-GpmItem -Item @{ id = '{1}' } -Context (New-Context) -Work {}).outcome | Should -Be 'failed'
        }

        It 'gives nothing of the work''s own output away' {
            @(Invoke-GpmItem -Item @{ id = '{1}' } -Context (New-Context) -Work { 1; 2; 3 }).Count | Should -Be 1
        }
    }

    Context 'that is given up' {
        BeforeAll {
            $watch = "$Namespace._TripWatch.TripWatch" -as [Type]
        }

        It 'says which item and which step were in hand, and names what remains' {
            $context = New-Context 'a', 'b', 'c'
            $null = Invoke-GpmQueue -Context $context -Work {
                param ($Item, $Entry, $Context)
                $Entry.outcome = 'created'
                $Context.step = 'compare'
                if ($Item.id -eq 'b') {
                    $watch::Complete($Context, (New-GpmTrouble -Step step_timeout))
                    $Context.isLast = $true
                }
            }
            # Told once; the second is the queue's own, whose process goes on here.
            $told = $context.trip.entries[1]
            $told.id, $told.outcome, $told.trouble.step, $told.trouble.message |
                Should -Be 'b', 'failed', 'step_timeout', 'compare'
            $context.trip.trouble | Should -BeNullOrEmpty
            $context.trip.remaining.id | Should -Be 'c'
        }

        It 'blames the backup whose entry is not written, not the one that waits for it' {
            $context = New-Context 'a', 'b', 'c'
            $unwritten = [System.Threading.Tasks.TaskCompletionSource[Object]]::new()
            $null = Invoke-GpmQueue -Context $context -Work {
                param ($Item, $Entry, $Context)
                $Entry.outcome = 'created'
                if ($Item.id -eq 'a') {
                    $Context.task.unrecorded = @{ entry = $Entry; recording = $unwritten.Task }
                    return
                }
                $Context.step = 'record'
                $watch::Complete($Context, (New-GpmTrouble -Step step_timeout))
                $Context.isLast = $true
            }
            $told = $context.trip.entries[0]
            $told.id, $told.outcome, $told.trouble.step, $told.trouble.message |
                Should -Be 'a', 'failed', 'step_timeout', 'record'
            $context.trip.trouble | Should -BeNullOrEmpty
            $context.trip.remaining.id | Should -Be 'b', 'c'
        }

        It 'blames neither where it is the reports of a recorded backup that hang' {
            $context = New-Context 'a', 'b', 'c'
            $written = [System.Threading.Tasks.Task]::CompletedTask
            $hanging = [System.Threading.Tasks.TaskCompletionSource[Boolean]]::new()
            $null = Invoke-GpmQueue -Context $context -Work {
                param ($Item, $Entry, $Context)
                $Entry.outcome = 'created'
                $Entry.gpo = @{ name = $Item.id }
                if ($Item.id -eq 'a') {
                    $Context.task.unrecorded = @{ entry = $Entry; recording = $written; keeping = $hanging.Task }
                    return
                }
                $Context.step = 'record'
                $watch::Complete($Context, (New-GpmTrouble -Step step_timeout))
                $Context.isLast = $true
            }
            $told = $context.trip.entries[0]
            $told.id, $told.outcome | Should -Be 'a', 'created'
            $told.trouble | Should -BeNullOrEmpty
            $context.trip.remaining.id | Should -Be 'b', 'c'
            $context.trip.problems.kind, $context.trip.problems.subject | Should -Be 'changes', 'a'
        }

        It 'tells a recorded backup as made where its reports cannot be read' {
            $context = New-Context 'a', 'b'
            $null = Invoke-GpmQueue -Context $context -Work {
                param ($Item, $Entry, $Context)
                $Entry.outcome = 'created'
                $Entry.gpo = @{ name = $Item.id }
                $Context.step = 'record'
                $written = [System.Threading.Tasks.Task]::CompletedTask
                $Context.task.unrecorded = @{ entry = $Entry; recording = $written; keeping = $null }
                $watch::Complete($Context, (New-GpmTrouble -Step step_timeout))
                $Context.isLast = $true
            }
            $told = $context.trip.entries[0]
            $told.id, $told.outcome | Should -Be 'a', 'created'
            $told.trouble | Should -BeNullOrEmpty
            $context.trip.remaining.id | Should -Be 'b'
            $context.trip.problems.kind, $context.trip.problems.subject | Should -Be 'changes', 'a'
        }

        It 'says so of itself where no item was in hand' {
            $context = New-Context 'a', 'b'
            $context.entry = $null
            $context.step = 'select'
            $watch::Complete($context, (New-GpmTrouble -Step step_timeout))
            $context.trip.trouble.step, $context.trip.trouble.message | Should -Be 'step_timeout', 'select'
            $context.trip.remaining.id | Should -Be 'a', 'b'
            $context.trip.entries.Count | Should -Be 0
        }
    }

    Context 'with a queue' {
        It 'works on all of it' {
            $context = New-Context 'a', 'b', 'c'
            Invoke-GpmQueue -Work $succeed -Context $context
            $context.trip.entries.id | Should -Be 'a', 'b', 'c'
            Complete-GpmReply -Context $context
            $context.trip.remaining | Should -BeNullOrEmpty
        }

        It 'names what remains when the time is over, but works on one item at least' {
            $context = New-Context 'a', 'b', 'c' @{ trip_time = '0' }
            Invoke-GpmQueue -Work $succeed -Context $context
            Complete-GpmReply -Context $context
            $context.trip.entries.id | Should -Be 'a'
            $context.trip.remaining.id | Should -Be 'b', 'c'
            $context.trip.remaining.name | Should -Be 'GPO b', 'GPO c'
        }

        It 'has its time for the items, however long it took to prepare' {
            $context = New-Context 'a', 'b', 'c' @{ trip_time = '1' }
            Start-Sleep -Milliseconds 1100
            Invoke-GpmQueue -Work $succeed -Context $context
            $context.trip.entries.Count | Should -Be 3
        }

        It 'hands on what was read, once, and only where items remain' -ForEach @(
            @{ ids = @('a', 'b'); given = @{}; may = $true; handsOn = $true }
            @{ ids = @('a'); given = @{}; may = $true; handsOn = $false }
            @{ ids = @('a', 'b'); given = @{ _surroundings = 'x' }; may = $true; handsOn = $false }
            @{ ids = @('a', 'b'); given = @{}; may = $false; handsOn = $false }
        ) {
            $context = New-Context $ids (@{ trip_time = '0' } + $given)
            $context.handsOn = $may
            Invoke-GpmQueue -Work $succeed -Context $context
            Complete-GpmReply -Context $context
            ($null -ne $context.trip.surroundings) | Should -Be $handsOn
        }

        It 'ends behind an item that says so' {
            $context = New-Context 'a', 'b'
            Invoke-GpmQueue -Context $context -Work {
                param ($Item, $Entry, $Context)
                $Context.isLast = $true
            }
            $context.trip.entries.Count | Should -Be 1
        }

        It 'is stopped by <outcome> when fail_fast is <failFast>: <stopped>' -ForEach @(
            @{ outcome = 'failed'; failFast = $true; stopped = $true }
            @{ outcome = 'cancelled'; failFast = $true; stopped = $true }
            @{ outcome = 'unchanged'; failFast = $true; stopped = $false }
            @{ outcome = 'failed'; failFast = $false; stopped = $false }
        ) {
            $told = $outcome
            $context = New-Context 'a', 'b' @{ fail_fast = $failFast }
            Invoke-GpmQueue -Context $context -Work {
                param ($Item, $Entry, $Context)
                $Entry.outcome = $told
            }.GetNewClosure()
            $context.trip.stopped | Should -Be $stopped
            $context.trip.entries.Count | Should -Be @(2, 1)[[Int32]$stopped]
        }

        It 'is stopped by the work itself' {
            $context = New-Context 'a', 'b' @{ fail_fast = $false }
            Invoke-GpmQueue -Context $context -Work {
                param ($Item, $Entry, $Context)
                $Context.trip.stopped = $true
                throw 'No space is left.'
            }
            $context.trip.entries.id | Should -Be 'a'
        }

        It 'leaves an item that may end the process to a trip of its own' {
            $context = New-Context 'a', 'b'
            $context.trip.suspect = 'b'
            Invoke-GpmQueue -Work $succeed -Context $context
            $context.trip.entries.id | Should -Be 'a'
            $context = New-Context 'b'
            $context.trip.suspect = 'b'
            Invoke-GpmQueue -Work $succeed -Context $context
            $context.trip.entries.id | Should -Be 'b'
        }

        It 'works on nothing while somebody else has the lock' {
            $context = New-Context 'a'
            $context.trip.locked = $true
            Invoke-GpmQueue -Work $succeed -Context $context
            Complete-GpmReply -Context $context
            $context.trip.entries.Count | Should -Be 0
            $context.trip.remaining.id | Should -Be 'a'
        }

        It 'that changes the domain does so on the domain controller that the first trip found' -ForEach @(
            @{ write = $true; locator = 'any'; controller = ''; check = $false; works = $false }
            @{ write = $true; locator = 'any'; controller = 'dc2.x.example'; check = $false; works = $true }
            @{ write = $true; locator = 'any'; controller = ''; check = $true; works = $true }
            @{ write = $true; locator = 'pdc'; controller = ''; check = $false; works = $true }
            @{ write = $false; locator = 'any'; controller = ''; check = $false; works = $true }
        ) {
            $context = New-Context 'a' @{ dc_locator = $locator }
            $context.checkMode = $check
            $context.trip.domain_controller = $controller
            Invoke-Instead @{
                'New-Gpm' = { 'gpm' }
                'Connect-GpmDomain' = { @{ name = 'x.example'; controller = 'dc2.x.example'; notLocated = $null } }
            } { Connect-GpmTrip -Context $context -ToWrite $write }
            Invoke-GpmQueue -Work $succeed -Context $context
            Complete-GpmReply -Context $context
            $context.trip.domain_controller | Should -Be 'dc2.x.example'
            $context.trip.entries.Count | Should -Be ([Int32]$works)
            @($context.trip.remaining).Count | Should -Be ([Int32](-not $works))
        }

        It 'knows how far it came when a look at an item ends it' {
            $context = New-Context 'a', 'b', 'c' @{ _after = '' }
            $context.byCursor = $true
            $look = { param ($Item, $Context) if ($Item.id -eq 'b') { throw 'x' } $Item.id }
            { Invoke-GpmQueue -Look $look -Context $context } | Should -Throw
            Complete-GpmReply -Context $context
            $context.trip.cursor.done | Should -Be 2
            $context.trip.cursor.more | Should -BeTrue
        }

        It 'by cursor goes on behind the last item, told of or not' {
            $context = New-Context 'a', 'b' @{ _after = '' }
            $context.byCursor = $true
            Invoke-GpmQueue -Context $context -Look { param ($Item, $Context) if ($Item.id -eq 'a') { @{ id = 'a' } } }
            Complete-GpmReply -Context $context
            $context.trip.entries.Count | Should -Be 1
            $context.trip.cursor.after | Should -Be 'b'
            $context.trip.cursor.more | Should -BeFalse
        }
    }

    It 'tells where its time went in whole milliseconds' {
        $context = New-Context
        $context.trip.milliseconds.compare += 1.6
        Complete-GpmReply -Context $context
        $context.trip.milliseconds.compare | Should -Be 2
        $context.trip.milliseconds.Values | ForEach-Object { $_ | Should -BeOfType [Int64] }
    }

    It 'tells of a problem with a status, or with words' {
        $trip = (New-Context).trip
        Add-GpmProblem -Trip $trip -Kind links -Status @{ hresult = 0x80070005; message = 'Denied.' }
        Add-GpmProblem -Trip $trip -Kind catalog -Subject 'x.json' -Message 'It lacks files.'
        $trip.problems[0].hresult, $trip.problems[0].message | Should -Be 0x80070005, 'Denied.'
        $trip.problems[1].hresult | Should -BeNullOrEmpty
        $trip.problems[1].subject, $trip.problems[1].message | Should -Be 'x.json', 'It lacks files.'
    }
}
