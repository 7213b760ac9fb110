# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_backup: select, compare each GPO with its newest backup in the catalog, back up what differs.

#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._BackupDirectory
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

#region Compare

Function Get-GpmLiveState {
    <#
    .SYNOPSIS
    Returns the state of a GPO as it is now: @{ info; fingerprint; links; wmi_filter }.

    .DESCRIPTION
    "info" is what results say of a GPO. "fingerprint" is what decides whether it changed. "links" and "wmi_filter" are
    null when they are not recorded or could not be read. A part that could not be read goes into $Trip.problems.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    # Beside the questions to the directory, which take their time, too.
    $folder = [System.IO.Path]::Combine($Context.sysvol, $Item.id)
    $files = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::BeginList($folder)
    $info = Get-GpmGpoInfo -Item $Item
    $fingerprint = [ordered]@{
        name = $info.name
        description = $info.description
        status = $info.status
        versions = $info.versions
        wmi_filter = $null
        permissions = $null
        files = $null
    }
    if ($null -ne $info.wmi_filter) {
        $fingerprint.wmi_filter = @{ id = $info.wmi_filter.id }
    }
    try {
        $fingerprint.permissions = Get-GpmAce -Gpo $Item.gpo
    }
    catch {
        Add-GpmProblem -Trip $Context.trip -Kind permissions -Subject $Item.name -ErrorRecord $_
    }
    try {
        $fingerprint.files = $files.GetAwaiter().GetResult()
    }
    catch {
        Add-GpmProblem -Trip $Context.trip -Kind files -Subject $Item.name -ErrorRecord $_
    }

    $state = @{ info = $info; fingerprint = $fingerprint; links = $null; wmi_filter = $null }
    $surroundings = $Context.surroundings
    if ($Context.options.include_links) {
        if ($null -ne $surroundings.links) {
            $state.links = @(if ($surroundings.links.ContainsKey($Item.id)) { $surroundings.links[$Item.id] })
        }
        if ($null -ne $info.wmi_filter -and $info.wmi_filter.id -and $null -ne $surroundings.filters) {
            $state.wmi_filter = $surroundings.filters[$info.wmi_filter.id]
        }
    }
    $state
}

Function Test-GpmSame {
    <#
    .SYNOPSIS
    Returns whether two parts of a fingerprint are the same. What could not be read proves nothing.

    .PARAMETER Before
    The part as it was.

    .PARAMETER After
    The part as it is.
    #>
    [OutputType([Boolean])]
    param (
        [AllowNull()] [Object] $Before,
        [AllowNull()] [Object] $After
    )

    $null -ne $Before -and $null -ne $After -and
    [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::Same($Before, $After)
}

Function Compare-GpmFile {
    <#
    .SYNOPSIS
    Returns how the files in SYSVOL differ, as @{ path; before; after }.

    .PARAMETER Before
    The files of the fingerprint as it was.

    .PARAMETER After
    The files of the fingerprint as it is.

    .PARAMETER Explained
    Path prefixes whose differences another reason explains.
    #>
    param (
        [AllowNull()] [Object[]] $Before,
        [AllowNull()] [Object[]] $After,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [String[]] $Explained
    )

    if (Test-GpmSame -Before $Before -After $After) {
        return
    }
    $was = New-Object -TypeName System.Collections.Hashtable -ArgumentList ([StringComparer]::OrdinalIgnoreCase)
    foreach ($file in $Before) {
        $was[$file.path] = $file
    }
    $differences = @(foreach ($file in $After) {
            $old = $was[$file.path]
            $was.Remove($file.path)
            if ($null -eq $old -or $old.size -ne $file.size -or $old.modified -ne $file.modified) {
                @{ path = $file.path; before = $old; after = $file }
            }
        }
        foreach ($file in $was.Values) {
            @{ path = $file.path; before = $file; after = $null }
        })
    foreach ($difference in $differences) {
        $isExplained = $false
        foreach ($prefix in $Explained) {
            if ($difference.path.StartsWith($prefix, [StringComparison]::OrdinalIgnoreCase)) {
                $isExplained = $true
                break
            }
        }
        if (-not $isExplained) {
            $difference
        }
    }
}

Function Get-GpmLinkPlace {
    <#
    .SYNOPSIS
    Returns how many GPOs stand above one in a list of links, counting those that another list has, too.

    .PARAMETER Neighbours
    The IDs of the GPOs in the order of their links.

    .PARAMETER Others
    The other list.

    .PARAMETER Id
    ID of the GPO.
    #>
    [OutputType([Int32])]
    param (
        [AllowNull()] [Object[]] $Neighbours,
        [AllowNull()] [Object[]] $Others,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $place = 0
    foreach ($neighbour in $Neighbours) {
        if ($neighbour -eq $Id) {
            break
        }
        if ($Others -contains $neighbour) {
            $place++
        }
    }
    $place
}

Function Test-GpmSameLink {
    <#
    .SYNOPSIS
    Returns whether a link is as it was.

    .DESCRIPTION
    Its place counts among those GPOs that are linked there before and after: one that came or went above it has moved
    nothing that its own backup could bring back.

    .PARAMETER Before
    The link as it was.

    .PARAMETER After
    The link as it is.

    .PARAMETER Id
    ID of the GPO.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Before,
        [Parameter(Mandatory = $true)] [Hashtable] $After,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $Before.enabled -eq $After.enabled -and $Before.enforced -eq $After.enforced -and
    (Get-GpmLinkPlace -Neighbours $Before.neighbours -Others $After.neighbours -Id $Id) -eq
    (Get-GpmLinkPlace -Neighbours $After.neighbours -Others $Before.neighbours -Id $Id)
}

Function Compare-GpmLink {
    <#
    .SYNOPSIS
    Returns whether the links of a GPO are as they were.

    .DESCRIPTION
    Links that cannot be read now prove nothing either way. Links that were not recorded then are, now that they are to
    be.

    .PARAMETER Before
    The links as they were, or null.

    .PARAMETER After
    The links as they are, or null.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Sites
    Whether the sites could be read.
    #>
    [OutputType([Boolean])]
    param (
        [AllowNull()] [Object[]] $Before,
        [AllowNull()] [Object[]] $After,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Boolean] $Sites
    )

    if ($null -eq $After) {
        return $true
    }
    if ($null -eq $Before) {
        return $false
    }
    $was = @{}
    foreach ($link in $Before) {
        if ($Sites -or $link.type -ne 'site') {
            $was[$link.target] = $link
        }
    }
    if ($was.Count -ne $After.Count) {
        return $false
    }
    foreach ($link in $After) {
        $old = $was[$link.target]
        if ($null -eq $old -or -not (Test-GpmSameLink -Before $old -After $link -Id $Id)) {
            return $false
        }
    }
    $true
}

Function Compare-GpmState {
    <#
    .SYNOPSIS
    Returns what changed since a backup, as @{ reason; before; after } in the order in which reasons are told.

    .PARAMETER Entry
    The catalog's entry of the backup.

    .PARAMETER State
    From Get-GpmLiveState.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $before = $Entry.fingerprint
    $after = $State.fingerprint
    $explained = New-Object -TypeName System.Collections.Generic.List[String]

    $wasVersions = $before['versions']
    if ($wasVersions -isnot [Hashtable]) {
        $wasVersions = @{}
    }
    foreach ($half in @{ name = 'computer'; folder = 'Machine\' }, @{ name = 'user'; folder = 'User\' }) {
        $was = $wasVersions[$half.name]
        $is = $after.versions[$half.name]
        # A version that cannot be read makes no difference as long as it stays so.
        if (-not [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::Same($was, $is)) {
            @{ reason = $half.name + '_settings'; before = $was; after = $is }
            # The new settings are the reason; that their files changed is no other.
            $explained.Add($half.folder)
            $explained.Add('GPT.INI')
        }
    }
    $sameDescription = Test-GpmSame -Before $before['description'] -After $after.description
    if (-not $sameDescription) {
        $explained.Add('GPO.cmt')
    }
    $files = @(Compare-GpmFile -Before $before['files'] -After $after.files -Explained $explained.ToArray())
    if ($files.Count -or $null -eq $before['files'] -or $null -eq $after.files) {
        @{ reason = 'files'; before = $null; after = $files }
    }
    foreach ($name in 'name', 'description', 'status') {
        if (-not (Test-GpmSame -Before $before[$name] -After $after[$name])) {
            @{ reason = $name; before = $before[$name]; after = $after[$name] }
        }
    }
    $json = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]
    $sameFilter = $json::Same($before['wmi_filter'], $after.wmi_filter) -and
        ($null -eq $State.wmi_filter -or $json::Same($Entry['wmi_filter'], $State.wmi_filter))
    if (-not $sameFilter) {
        $was = $Entry['wmi_filter']
        if ($null -eq $was) {
            $was = $before['wmi_filter']
        }
        $is = $State.wmi_filter
        if ($null -eq $is) {
            $is = $after.wmi_filter
        }
        @{ reason = 'wmi_filter'; before = $was; after = $is }
    }
    if (-not (Test-GpmSame -Before $before['permissions'] -After $after.permissions)) {
        @{ reason = 'permissions'; before = $before['permissions']; after = $after.permissions }
    }
    $sameLinks = Compare-GpmLink -Before $Entry['links'] -After $State.links -Id $State.info.id `
        -Sites ($null -eq $Context.surroundings.sites_error)
    if (-not $sameLinks) {
        @{ reason = 'links'; before = $Entry['links']; after = $State.links }
    }
}

Function Test-GpmSameState {
    <#
    .SYNOPSIS
    Returns whether there is no difference at all between a backup and its GPO, and nothing that could not be read.

    .DESCRIPTION
    What Compare-GpmState would find in more time: most GPOs of most runs are told by this.

    .PARAMETER Entry
    The catalog's entry of the backup.

    .PARAMETER State
    From Get-GpmLiveState.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $State
    )

    $json = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]
    foreach ($name in 'name', 'description', 'status', 'permissions', 'files') {
        if ($null -eq $State.fingerprint[$name]) {
            return $false
        }
    }
    $json::Same($Entry.fingerprint, $State.fingerprint) -and
    ($null -eq $State.links -or $json::Same($Entry['links'], $State.links)) -and
    ($null -eq $State.wmi_filter -or $json::Same($Entry['wmi_filter'], $State.wmi_filter))
}

Function Get-GpmBackupReason {
    <#
    .SYNOPSIS
    Returns why a GPO has to be backed up, as @{ reason; before; after }; nothing when its newest backup will do.

    .PARAMETER Entry
    The newest entry of the catalog, or null.

    .PARAMETER State
    From Get-GpmLiveState.

    .PARAMETER Check
    From FileTree.BeginCheck for the entry's backup, or null.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [AllowNull()] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [AllowNull()] [Object] $Check,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -eq $Entry) {
        return @{ reason = 'first_backup'; before = $null; after = $null }
    }
    $changes = @()
    if (-not (Test-GpmSameState -Entry $Entry -State $State)) {
        $changes = @(Compare-GpmState -Entry $Entry -State $State -Context $Context)
    }
    try {
        $damage = $Check.GetAwaiter().GetResult()
    }
    catch {
        # The folder is gone, or cannot be read: nothing of it is there.
        $folder = [System.IO.Path]::Combine($Context.options.path, $Entry.backup.id)
        $damage = @(@{ path = $folder; size = $null; found = $null })
    }
    if ($damage.Count) {
        $changes += @{ reason = 'backup_damaged'; before = $Entry.backup.id; after = @($damage) }
    }
    if ($changes.Count) {
        return $changes
    }
    if ($Context.options.force) {
        return @{ reason = 'forced'; before = $null; after = $null }
    }
    if ($Context.options.max_age -and
        ($Context.now - $Entry.written).TotalSeconds -gt [Int32]$Context.options.max_age) {
        return @{
            reason = 'max_age'
            before = $Entry.written.ToString('s') + 'Z'
            after = $Context.options.max_age
        }
    }
}

#endregion

#region Backup

Function Start-GpmBackupEntry {
    <#
    .SYNOPSIS
    Begins to record a backup in the catalog and returns the task, see Start-GpmCatalogEntry. Until it has ended, the
    lists and maps in Made and State may not be changed; members of Made may be replaced.

    .PARAMETER Made
    The entry of the reply, with the backup that was made.

    .PARAMETER State
    From Get-GpmLiveState, taken before the backup: had the GPO been changed meanwhile, the next run would see it.

    .PARAMETER Context
    The trip's context.

    .PARAMETER Purpose
    What it was made for: backup, or safety for a copy that is taken before a restore.
    #>
    [OutputType([System.Threading.Tasks.Task])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Made,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [Hashtable] $Context,
        [Parameter(Mandatory = $true)] [ValidateSet('backup', 'safety')] [String] $Purpose
    )

    Start-GpmCatalogEntry -Path $Context.options.path -Entry ([ordered]@{
            run_id = $Context.options._run_id
            purpose = $Purpose
            host = [Environment]::MachineName
            domain_controller = $Context.trip.domain_controller
            gpo = $State.info
            backup = @{
                id = $Made.backup.id
                timestamp = $Made.backup.timestamp
                comment = $Made.backup.comment
            }
            reasons = $Made.reasons
            duration = $Made.duration
            call_status = $Made.call_status
            overall_status = $Made.overall_status
            status_messages = $Made.status_messages
            links = $State.links
            wmi_filter = $State.wmi_filter
            fingerprint = $State.fingerprint
        })
}

Function Complete-GpmBackupEntry {
    <#
    .SYNOPSIS
    Waits until the last backup is recorded. One that cannot be has failed.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $unrecorded = $Context.unrecorded
    $Context.unrecorded = $null
    if ($null -ne $unrecorded) {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        try {
            $unrecorded.task.GetAwaiter().GetResult()
        }
        catch {
            $unrecorded.entry.outcome = 'failed'
            $unrecorded.entry.catalog_status = Get-GpmStatus -ErrorRecord $_
        }
        $Context.trip.seconds.catalog += $clock.Elapsed.TotalSeconds
    }
}

Function Get-GpmRecordedBackup {
    <#
    .SYNOPSIS
    Returns the backup of a catalog entry as results show it.

    .PARAMETER Entry
    The entry.

    .PARAMETER Path
    The backup directory.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [String] $Path
    )

    @{
        id = $Entry.backup.id
        path = [System.IO.Path]::Combine($Path, $Entry.backup.id)
        timestamp = $Entry.backup['timestamp']
        comment = $Entry.backup['comment']
    }
}

Function Get-GpmBackupEntry {
    <#
    .SYNOPSIS
    Backs up one selected GPO if it has to be, or in check mode tells that it would be; returns its entry of the reply.

    .PARAMETER Item
    @{ id; name; gpo }; gpo is null when it has yet to be fetched.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $options = $Context.options
    $seconds = $Context.trip.seconds
    $entry = @{
        outcome = 'failed'
        gpo = @{ id = $Item.id; name = $Item.name; domain = $Context.domain.Domain }
        changes = @()
    }
    try {
        Open-GpmItem -Item $Item -Context $Context
        $problems = New-Object -TypeName System.Collections.Generic.List[Object]
        $newest = Get-GpmCatalogNewest -Path $options.path -Domain $Context.domain.Domain -Id $Item.id `
            -Problems $problems
        Add-GpmCatalogProblem -Trip $Context.trip -Problems $problems
        $check = $null
        if ($null -ne $newest) {
            # Goes on while the state of the GPO is read.
            $check = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::BeginCheck(
                [System.IO.Path]::Combine($options.path, $newest.backup.id), $newest.files)
        }
        $state = Get-GpmLiveState -Item $Item -Context $Context
        $entry.gpo = $state.info

        if ($null -ne $newest -and $newest['run_id'] -eq $options._run_id) {
            # An earlier trip of this task made it, but its reply was lost.
            $entry.outcome = 'created'
            foreach ($name in 'reasons', 'call_status', 'overall_status', 'status_messages') {
                $entry[$name] = $newest[$name]
            }
            $entry.backup = Get-GpmRecordedBackup -Entry $newest -Path $options.path
            $entry.duration = $newest['duration']
            return $entry
        }

        $changes = @(Get-GpmBackupReason -Entry $newest -State $state -Check $check -Context $Context)
        $entry.reasons = @(foreach ($change in $changes) { $change.reason })
        foreach ($change in $changes) {
            if ($Context.diff -or $change.reason -eq 'backup_damaged') {
                $entry.changes += @($change)
            }
        }
        $compared = $clock.Elapsed.TotalSeconds
        $seconds.compare += $compared
        if (-not $changes.Count) {
            $entry.outcome = 'unchanged'
            $entry.backup = Get-GpmRecordedBackup -Entry $newest -Path $options.path
        }
        elseif ($Context.checkMode) {
            $entry.outcome = 'created'
        }
        else {
            # The entry of a backup is there before the next backup begins: if the process ends in that, nothing is lost.
            # That is not this GPO's time.
            $clock.Stop()
            Complete-GpmBackupEntry -Context $Context
            $clock.Start()
            Set-GpmTripItem -Item $Item -Context $Context
            $made = Backup-GpmGpo -Gpo $Item.gpo -Path $options.path -Comment $options.comment `
                -Timeout ([Int32]$options.gpo_timeout)
            foreach ($name in $made.Keys) {
                $entry[$name] = $made[$name]
            }
            $backedUp = $clock.Elapsed.TotalSeconds
            $seconds.work += $backedUp - $compared
            if ($entry.outcome -eq 'created') {
                $entry.backup.timestamp = Get-GpmBackupTime -Path $options.path -Id $entry.backup.id
                $entry.duration = [Math]::Round($backedUp, 3)
                try {
                    # Goes on while the next GPO is read.
                    $task = Start-GpmBackupEntry -Made $entry -State $state -Context $Context -Purpose backup
                    $Context.unrecorded = @{ entry = $entry; task = $task }
                }
                catch {
                    $entry.outcome = 'failed'
                    $entry.catalog_status = Get-GpmStatus -ErrorRecord $_
                }
                $seconds.catalog += $clock.Elapsed.TotalSeconds - $backedUp
                if ($options.fail_fast) {
                    Complete-GpmBackupEntry -Context $Context
                }
            }
        }
    }
    catch {
        # Deleted since it was selected, a DC that went away, what nobody thought of: this GPO's failure, not the run's.
        $entry.call_status = Get-GpmStatus -ErrorRecord $_
    }
    $entry.duration = [Math]::Round($clock.Elapsed.TotalSeconds, 3)
    $entry
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

    Invoke-GpmTrip -Module $Module -GoodOutcomes created, unchanged -Prepare {
        param ($Context)

        $options = $Context.options
        $trip = $Context.trip
        Connect-GpmTrip -Context $Context

        # Before the search, which takes its time in a large domain.
        $Context.stage = 'path'
        $exists = Assert-GpmDirectory -Path $options.path -Create $options.create_path

        $Context.stage = 'select'
        if ($options.include_links -or $options.all) {
            Read-GpmTripSurroundings -Context $Context -Needed $options.include_links
        }
        if ($Context.firstTrip) {
            Select-GpmQueue -Context $Context
        }
        $trip.seconds.select = $Context.clock.Elapsed.TotalSeconds
        if (-not $Context.queue.Count -or $trip.stopped) {
            return
        }

        $Context.stage = 'path'
        if (-not $exists -and -not $Context.checkMode) {
            $null = [System.IO.Directory]::CreateDirectory($options.path)
        }
        $trip.path_created = -not $exists

        $Context.stage = 'catalog'
        if (-not $Context.checkMode) {
            Lock-GpmTrip -Context $Context
        }
        if ($options.max_age -and -not $trip.locked) {
            $Context.now = Get-GpmDirectoryTime -Path $options.path -CheckMode $Context.checkMode
        }
        $Context.stage = 'backup'
    } -Work {
        param ($Item, $Context)

        Get-GpmBackupEntry -Item $Item -Context $Context
    } -Finish {
        param ($Context)

        Complete-GpmBackupEntry -Context $Context
    }
}

#endregion

Export-ModuleMember -Function Get-GpmLiveState, Get-GpmRecordedBackup, Invoke-GpmBackup, Start-GpmBackupEntry,
    Test-GpmSame, Test-GpmSameLink
