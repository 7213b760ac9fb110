# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_backup: select, compare each GPO with its newest backup in the catalog, back up what differs.
#
# The task keeps in the trip's context:
#     now           from Get-GpmDirectoryTime; null without max_age
#     unrecorded    the last backup, while its entry in the catalog is written: @{ entry; recording }, or null

#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._BackupReason
#AnsibleRequires -PowerShell ..module_utils._BackupRecord
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._DomainTrip
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._GpmcBackup
#AnsibleRequires -PowerShell ..module_utils._LiveState
#AnsibleRequires -PowerShell ..module_utils._Trip
#AnsibleRequires -PowerShell ..module_utils._TripLock

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# ERROR_CANCELLED of winerror.h.
$script:Cancelled = @{ hresult = 0x800704C7; message = '' }

Function Backup-GpmItem {
    <#
    .SYNOPSIS
    Backs up one selected GPO if it has to be, or in check mode tells that it would be.

    .PARAMETER Item
    @{ id; name; gpo }; gpo is null when it has yet to be fetched.

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
    $Entry.reasons = @()
    $Entry.changes = @()
    $Entry.backup = $null
    Open-GpmItem -Item $Item -Entry $Entry -Context $Context
    $Context.step = 'compare'
    $problems = New-Object -TypeName System.Collections.Generic.List[Object]
    $newest = Get-GpmCatalogNewest -Path $options.path -Domain $Context.trip.domain -Id $Item.id -Problems $problems
    Add-GpmCatalogProblem -Trip $Context.trip -Problems $problems
    $check = $null
    if ($null -ne $newest) {
        # Goes on while the state of the GPO is read.
        $check = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::BeginCheck(
            [System.IO.Path]::Combine($options.path, $newest.backup.id), $newest.files)
    }
    $state = Get-GpmLiveState -Item $Item -Attached $options.include_links -Context $Context
    $Entry.gpo = $state.info
    if ($null -ne $newest -and $script:SameName.Equals($newest['run_id'], $options._run_id)) {
        Copy-GpmRecordedResult -Recorded $newest -Entry $Entry -Path $options.path
        return
    }

    $changes = @(Get-GpmBackupReason -Entry $newest -State $state -Check $check -Now $Context.task.now `
            -Context $Context)
    $Entry.reasons = @(foreach ($change in $changes) { $change.reason })
    $Entry.changes = @(foreach ($change in $changes) {
            if ($Context.diff -or $change.reason -eq 'backup_damaged') {
                $change
            }
        })
    $Context.trip.milliseconds.compare += $Context.itemClock.Elapsed.TotalMilliseconds
    if (-not $changes.Count) {
        $Entry.outcome = 'unchanged'
        $Entry.backup = Get-GpmRecordedBackup -Entry $newest -Path $options.path
    }
    elseif ($Context.checkMode) {
        $Entry.outcome = 'created'
        $Entry.changed = $true
    }
    else {
        Add-GpmBackup -Item $Item -Entry $Entry -State $state -Context $Context
    }
}

Function Copy-GpmRecordedResult {
    <#
    .SYNOPSIS
    Tells in an entry of the reply of a backup that an earlier trip of this task made, and whose reply was lost.

    .PARAMETER Recorded
    Its entry of the catalog.

    .PARAMETER Entry
    The entry of the reply.

    .PARAMETER Path
    The backup directory.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Recorded,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $Entry.outcome = 'created'
    $Entry.changed = $true
    foreach ($name in 'reasons', 'call_status', 'overall_status', 'status_messages', 'milliseconds') {
        $Entry[$name] = $Recorded[$name]
    }
    $Entry.backup = Get-GpmRecordedBackup -Entry $Recorded -Path $Path
}

Function Add-GpmBackup {
    <#
    .SYNOPSIS
    Backs up a GPO, and begins to record the backup in the catalog.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Entry
    Its entry of the reply.

    .PARAMETER State
    From Get-GpmLiveState.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $clock = $Context.itemClock
    $milliseconds = $Context.trip.milliseconds
    # The entry of a backup is there before the next backup begins: if the process ends in that, nothing is lost.
    # That is not this GPO's time.
    $clock.Stop()
    Complete-GpmRecording -Context $Context
    $clock.Start()
    $compared = $clock.Elapsed.TotalMilliseconds
    $Context.step = 'backup'
    Write-GpmItemInHand -Item $Item -Context $Context
    $made = Backup-GpmGpo -Gpo $Item.gpo -Path $options.path -Comment $options.comment `
        -Timeout ([Int32]$options.gpo_timeout)
    foreach ($name in 'backup', 'call_status', 'overall_status', 'status_messages', 'progress') {
        $Entry[$name] = $made[$name]
    }
    $milliseconds.work += $clock.Elapsed.TotalMilliseconds - $compared
    if ($null -eq $made.backup) {
        Set-GpmBackupFailure -Made $made -Entry $Entry -Context $Context
        return
    }
    $Entry.outcome = 'created'
    $Entry.changed = $true
    $Entry.backup.timestamp = Get-GpmBackupTime -Path $options.path -Id $Entry.backup.id
    $Entry.milliseconds = $clock.ElapsedMilliseconds
    $Context.step = 'record'
    # Goes on while the next GPO is read.
    $recording = Start-GpmBackupEntry -Made $Entry -State $State -Context $Context -Purpose backup
    $Context.task.unrecorded = @{ entry = $Entry; recording = $recording }
    if ($options.fail_fast) {
        Complete-GpmRecording -Context $Context
    }
}

Function Set-GpmBackupFailure {
    <#
    .SYNOPSIS
    Tells in an entry of the reply why there is no backup, where the statuses of the call do not.

    .PARAMETER Made
    From Backup-GpmGpo.

    .PARAMETER Entry
    The entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Made,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($Made.ended -eq 'cancelled') {
        $Entry.outcome = 'cancelled'
        $Entry.trouble = New-GpmTrouble -Step gpo_timeout -Status $script:Cancelled
    }
    elseif ($Made.ended -eq 'lost') {
        $Entry.outcome = 'cancelled'
        $Entry.trouble = New-GpmTrouble -Step given_up -Status $script:Cancelled
        # GPMC's thread is still at work: this process has to end.
        $Context.isLast = $true
    }
    elseif ($Made.call_status.hresult -ge 0 -and $Made.overall_status.hresult -ge 0) {
        $Entry.trouble = New-GpmTrouble -Step no_result
    }
}

Function Complete-GpmRecording {
    <#
    .SYNOPSIS
    Waits until the last backup is recorded. One that cannot be has failed.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $unrecorded = $Context.task['unrecorded']
    $Context.task.unrecorded = $null
    if ($null -ne $unrecorded) {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        try {
            $unrecorded.recording.GetAwaiter().GetResult()
        }
        catch {
            $unrecorded.entry.outcome = 'failed'
            $unrecorded.entry.trouble = New-GpmTrouble -Step record -Status (Get-GpmStatus -ErrorRecord $_)
        }
        $Context.trip.milliseconds.catalog += $clock.Elapsed.TotalMilliseconds
    }
}

Function Get-GpmDirectoryTime {
    <#
    .SYNOPSIS
    Returns what time it is, in UTC, on the clock that gives the files of the catalog their times.

    .DESCRIPTION
    On a share that is the server's clock, which is not the host's. A file that is made and deleted again tells; check
    mode writes nothing, so there the host's own clock has to do.

    .PARAMETER Path
    The backup directory.

    .PARAMETER CheckMode
    Write nothing.
    #>
    [OutputType([DateTime])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [Boolean] $CheckMode
    )

    if ($CheckMode) {
        return [DateTime]::UtcNow
    }
    $probe = [System.IO.Path]::Combine($Path, '.gpvault', 'clock-' + [Guid]::NewGuid().ToString('n'))
    [System.IO.File]::WriteAllBytes($probe, (New-Object -TypeName 'Byte[]' -ArgumentList 1))
    try {
        [System.IO.File]::GetLastWriteTimeUtc($probe)
    }
    finally {
        [System.IO.File]::Delete($probe)
    }
}

Function Initialize-GpmBackup {
    <#
    .SYNOPSIS
    Prepares a trip: connects, looks at the directory, selects, locks.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $trip = $Context.trip
    $Context.task = @{ now = $null; unrecorded = $null }
    Connect-GpmTrip -Context $Context

    # Before the search, which takes its time in a large domain.
    $Context.step = 'path'
    $exists = Confirm-GpmDirectory -Path $options.path -MayBeMissing $options.create_path

    $Context.step = 'select'
    if ($options.include_links -or $options.all) {
        Read-GpmTripSurroundings -Context $Context -Needed $options.include_links
    }
    if ($Context.firstTrip) {
        Select-GpmQueue -Context $Context
    }
    $trip.milliseconds.select = $Context.clock.ElapsedMilliseconds
    if (-not $Context.queue.Count -or $trip.stopped) {
        return
    }

    $Context.step = 'path'
    if (-not $exists -and -not $Context.checkMode) {
        $null = [System.IO.Directory]::CreateDirectory($options.path)
    }
    $trip.path_created = -not $exists

    if (-not $Context.checkMode) {
        Lock-GpmTrip -Context $Context
    }
    if ($options.max_age -and -not $trip.locked) {
        $Context.step = 'catalog'
        $Context.task.now = Get-GpmDirectoryTime -Path $options.path -CheckMode $Context.checkMode
    }
}

Function Invoke-GpmBackup {
    <#
    .SYNOPSIS
    Makes one trip of a gpo_backup task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -Prepare {
        param ($Context)

        Initialize-GpmBackup -Context $Context
    } -Work {
        param ($Item, $Entry, $Context)

        Backup-GpmItem -Item $Item -Entry $Entry -Context $Context
    } -Finish {
        param ($Context)

        Complete-GpmRecording -Context $Context
        Unlock-GpmTrip -Context $Context
    }
}

Export-ModuleMember -Function Invoke-GpmBackup
