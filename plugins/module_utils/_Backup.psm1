# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_backup: select, compare each GPO with its newest backup in the catalog, back up what differs.
#
# The task keeps in the trip's context:
#     now           from Measure-GpmDirectoryTime; null without max_age
#     manifest      from BackupXml.BeginReadManifest
#     unchanged     the IDs of the backups that are still good
#     sent          see _ChangeReport.psm1
#     kept          see _ChangeRecord.psm1
#     unrecorded    the last backup, while its entry in the catalog is written, and then its reports:
#                   @{ entry; recording; keeping }, or null

#AnsibleRequires -CSharpUtil ..module_utils._BackupXml
#AnsibleRequires -CSharpUtil ..module_utils._CatalogFolder
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._BackupReason
#AnsibleRequires -PowerShell ..module_utils._BackupRecord
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._ChangeRecord
#AnsibleRequires -PowerShell ..module_utils._ChangeReport
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

# Backups that a problem names.
$script:NamedAtMost = 5

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
    $candidate = Find-GpmCandidate -Id $Item.id -Context $Context
    # The candidate's backup is looked at while the state of the GPO is read.
    $state = Get-GpmLiveState -Item $Item -Attached $options.include_links -Context $Context
    $Entry.gpo = $state.info
    while ($null -ne $candidate.check -and $candidate.check.GetAwaiter().GetResult()['contradiction']) {
        $candidate = Find-GpmCandidate -Id $Item.id -Instead $candidate -Context $Context
    }
    $newest = $candidate.entry
    if ($null -ne $newest -and $script:SameName.Equals($newest['run_id'], $options._run_id)) {
        Copy-GpmRecordedResult -Recorded $newest -Entry $Entry -Path $options.path
        Add-GpmMissingChange -Recorded $newest -Tell $true -Entry $Entry -Context $Context
        return
    }

    $changes = @(Get-GpmBackupReason -Entry $newest -State $state -Check $candidate.check -Now $Context.task.now `
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
        $Context.task.unchanged.Add($newest.backup.id)
        # Asked in C#, since the call of a function would cost every GPO in which nothing changed.
        $catalog = [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]
        if ($options['changes'] -and -not $Context.checkMode -and
            $catalog::LacksChanges($newest.file, $newest['reasons'])) {
            Add-GpmMissingChange -Recorded $newest -Entry $Entry -Context $Context
        }
    }
    elseif ($null -ne ($fault = Get-GpmManifestFault -Reading $Context.task.manifest)) {
        # GPMC would fail when it comes to that file, and leave a backup that nobody knows.
        $Entry.trouble = New-GpmTrouble -Step manifest -Message $fault
    }
    elseif ($Context.checkMode) {
        $Entry.outcome = 'created'
        $Entry.changed = $true
        $reports = Read-GpmChangeReport -Since $newest -Reasons $Entry.reasons -Gpo $Item.gpo -Entry $Entry `
            -Context $Context
        Add-GpmReportPair -Reports $reports -Entry $Entry -Context $Context
    }
    else {
        Add-GpmBackup -Item $Item -Entry $Entry -State $state -Since $newest -Context $Context
    }
}

Function Add-GpmUnlisted {
    <#
    .SYNOPSIS
    Notes good backups that manifest.xml does not list: GPMC may not find them.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    # Empty, too, when the trip ended before it had begun.
    if ($null -eq $Context.task['manifest'] -or -not $Context.task.unchanged.Count) {
        return
    }
    try {
        $listed = $Context.task.manifest.GetAwaiter().GetResult()
    }
    catch {
        Add-GpmProblem -Trip $Context.trip -Kind manifest -Status (Get-GpmStatus -ErrorRecord $_)
        return
    }
    $unlisted = @(foreach ($id in $Context.task.unchanged) {
            if ($null -eq $listed -or -not $listed.Contains($id)) {
                $id
            }
        })
    if ($unlisted.Count) {
        Add-GpmProblem -Trip $Context.trip -Kind unlisted -Subject $unlisted.Count -Message (
            @($unlisted | Select-Object -First $script:NamedAtMost) -join ', ')
    }
}

Function Find-GpmCandidate {
    <#
    .SYNOPSIS
    Returns the newest entry of a GPO, and begins to look at its backup: @{ entry; check }, both null without an entry.

    .DESCRIPTION
    Whether the entry counts only the check tells: its backup may say that it is another GPO's.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Instead
    A candidate whose backup did so: the next older one is wanted.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [AllowNull()] [Hashtable] $Instead,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $path = $Context.options.path
    $problems = New-Object -TypeName System.Collections.Generic.List[Object]
    $below = [Int64]::MaxValue
    $kept = $Context.task['kept']
    if ($null -ne $Instead) {
        # They were counted with the newest.
        $kept = $null
        $below = $Instead.entry.sequence
        $message = $Instead.check.GetAwaiter().GetResult()['contradiction']
        $problems.Add(@{ path = $Instead.entry.file; message = $message })
    }
    $entry = Get-GpmCatalogNewest -Path $path -Domain $Context.trip.domain -Id $Id -Problems $problems `
        -Unconfirmed $true -Below $below -Kept $kept
    Add-GpmCatalogProblem -Trip $Context.trip -Problems $problems
    $check = $null
    if ($null -ne $entry) {
        $check = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]::BeginCheck(
            [System.IO.Path]::Combine($path, $entry.backup.id), $entry.backup.id, $entry.gpo.id, $entry.gpo.domain,
            $entry.files)
    }
    @{ entry = $entry; check = $check }
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

    .PARAMETER Since
    The catalog's entry of its newest backup so far, or null.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [AllowNull()] [Hashtable] $Since,
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
    # Goes on while the reports are read, and the next GPO: a share that hangs there costs no backup its entry.
    $recording = Start-GpmBackupEntry -Made $Entry -State $State -Context $Context -Purpose backup
    $Context.task.unrecorded = @{ entry = $Entry; recording = $recording; keeping = $null }
    $reports = Read-GpmChangeReport -Since $Since -Reasons $Entry.reasons -Approved $options.approved -Entry $Entry `
        -Context $Context
    Add-GpmReportPair -Reports $reports -Entry $Entry -Context $Context
    $kept = ConvertTo-GpmKept -Reports $reports -Gpo $Entry.gpo
    if ($null -ne $kept) {
        $catalog = [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]
        $Context.task.unrecorded.keeping = $catalog::BeginKeep($recording, $kept)
    }
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
    if ($null -ne $unrecorded) {
        $Context.step = 'record'
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        try {
            $null = $unrecorded.recording.GetAwaiter().GetResult()
        }
        catch {
            $unrecorded.entry.outcome = 'failed'
            $unrecorded.entry.trouble = New-GpmTrouble -Step record -Status (Get-GpmStatus -ErrorRecord $_)
        }
        if ($unrecorded.entry.outcome -cne 'failed' -and $null -ne $unrecorded.keeping) {
            Complete-GpmKeeping -Keeping $unrecorded.keeping -Entry $unrecorded.entry -Context $Context
        }
        $Context.task.unrecorded = $null
        $Context.trip.milliseconds.catalog += $clock.Elapsed.TotalMilliseconds
    }
}

Function Complete-GpmKeeping {
    <#
    .SYNOPSIS
    Waits until the reports of the last backup are kept. It is as good without.

    .PARAMETER Keeping
    From CatalogFolder.BeginKeep.

    .PARAMETER Entry
    The backup's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [System.Threading.Tasks.Task] $Keeping,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    try {
        if ($Keeping.Result) {
            Set-GpmKept -Entry $Entry
        }
    }
    catch {
        Add-GpmProblem -Trip $Context.trip -Kind changes -Subject ([String]$Entry.gpo.name) -Status (
            Get-GpmStatus -ErrorRecord $_)
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
    $Context.task = @{
        now = $null
        manifest = $null
        unchanged = New-Object -TypeName System.Collections.Generic.List[String]
        sent = 0
        kept = New-Object -TypeName System.Collections.Generic.List[String]
        unrecorded = $null
    }
    if ($options['_only_records']) {
        Lock-GpmTrip -Context $Context
        Save-GpmChangeRecord -Context $Context
        return
    }
    Connect-GpmTrip -Context $Context

    # Before the search, which takes its time in a large domain.
    $Context.step = 'path'
    $exists = Confirm-GpmDirectory -Path $options.path -MayBeMissing $options.create_path

    $Context.step = 'select'
    if ($options.include_links -or $options.all) {
        $Context.handsOn = $true
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
        [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::CreateFolder($options.path)
    }
    $trip.path_created = -not $exists

    if (-not $Context.checkMode) {
        Lock-GpmTrip -Context $Context
        Save-GpmChangeRecord -Context $Context
    }
    if ($exists -and -not $trip.locked) {
        # Under the lock, so that no other run is at it; nobody waits for it before there is something to back up.
        $xml = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]
        $Context.task.manifest = $xml::BeginReadManifest([System.IO.Path]::Combine($options.path, 'manifest.xml'))
    }
    if ($options.max_age -and -not $trip.locked) {
        $Context.step = 'catalog'
        $Context.task.now = Measure-GpmDirectoryTime -Path $options.path -CheckMode $Context.checkMode
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
        Add-GpmUnlisted -Context $Context
        Add-GpmKeptReport -Context $Context
        Unlock-GpmTrip -Context $Context
    }
}

Export-ModuleMember -Function Invoke-GpmBackup
