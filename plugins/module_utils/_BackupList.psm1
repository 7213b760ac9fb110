# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The backups of a directory, one after the other: ours, anybody's, and what is left of either. GPMC is not needed.
#
# A list is what each of its backups is looked up in:
#     index         from Get-GpmCatalogIndex
#     tombstones    from Get-GpmTombstone
#     manifest      from Read-GpmManifest, or null
#     wanted        the option gpos as a selector, or null
#     exclude       the option exclude as a selector
#     domain        the only domain whose backups count, or empty
#     verify        none, quick or full
#     whole         whether backups that are not asked for are told of, too
#     now           from Measure-GpmDirectoryTime, for a task that deletes; else null
#     known         the IDs of all of them
#     records       the records of what changed, if they are asked for, see Get-GpmCatalogIndex
#     matched       the entries of the option gpos that some backup matches

#AnsibleRequires -CSharpUtil ..module_utils._BackupXml
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._BackupCheck
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._CatalogIndex
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# How long ago anything in a backup that nobody knows must have been written at least: who makes it may not be done yet.
$script:YoungMinutes = 60

# Names of files that a problem gives.
$script:NamedAtMost = 5

#region List

Function Open-GpmBackupList {
    <#
    .SYNOPSIS
    Returns the list of the backups in a directory, and puts their IDs into the trip's queue, from the cursor on.

    .PARAMETER Context
    The trip's context.

    .PARAMETER Verify
    How much of each backup is looked at: none, quick or full.

    .PARAMETER MostRecent
    Only the newest of each GPO.

    .PARAMETER Whole
    The task goes by GPO: every backup of the domain is told of, whether it is asked for or not, so that none is judged
    without the others of its GPO.

    .PARAMETER Deletes
    The trip was given what it has to do: the queue stays as it is.

    .PARAMETER History
    The records of what changed are told, too, also those of backups that are gone.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context,
        [Parameter(Mandatory = $true)] [ValidateSet('none', 'quick', 'full')] [String] $Verify,
        [Boolean] $MostRecent = $false,
        [Boolean] $Whole = $false,
        [Boolean] $Deletes = $false,
        [Boolean] $History = $false
    )

    $options = $Context.options
    $path = $options.path
    $Context.step = 'list'
    $null = Confirm-GpmDirectory -Path $path
    $problems = New-Object -TypeName System.Collections.Generic.List[Object]
    $records = New-GpmMap
    $asked = $null
    if ($History) {
        $asked = $records
    }
    $list = @{
        path = $path
        records = $records
        index = Get-GpmCatalogIndex -Path $path -Problems $problems -Records $asked
        tombstones = Get-GpmTombstone -Path $path
        manifest = $null
        wanted = $null
        exclude = ConvertTo-GpmSelector -Entries $options['exclude']
        domain = [String]$Context.trip.domain
        verify = $Verify
        whole = $Whole
        now = $null
        known = $null
        matched = New-Object -TypeName System.Collections.Generic.HashSet[String] -ArgumentList (
            [StringComparer]::OrdinalIgnoreCase)
    }
    Add-GpmCatalogProblem -Trip $Context.trip -Problems $problems
    if ($options['gpos']) {
        $list.wanted = ConvertTo-GpmSelector -Entries $options['gpos']
    }
    try {
        $list.manifest = Read-GpmManifest -Path $path
    }
    catch {
        Add-GpmProblem -Trip $Context.trip -Kind manifest -Status (Get-GpmStatus -ErrorRecord $_)
    }

    $ids = New-Object -TypeName System.Collections.Generic.SortedSet[String] -ArgumentList ([StringComparer]::Ordinal)
    $ids.UnionWith([String[]]@(Get-GpmBackupId -Path $path))
    $ids.UnionWith([String[]]@($list.index.Keys))
    $ids.UnionWith([String[]]@($list.tombstones.Keys))
    $list.known = $ids
    $Context.trip.matched = $list.matched
    if ($Deletes) {
        return $list
    }
    if ($MostRecent) {
        $ids.IntersectWith([String[]]@(Select-GpmMostRecent -Ids @($ids) -List $list))
    }
    elseif ($History) {
        $ids = New-Object -TypeName System.Collections.Generic.SortedSet[String] -ArgumentList $ids, (
            [StringComparer]::Ordinal)
        $ids.UnionWith([String[]]@($records.Keys))
    }
    $Context.byCursor = $true
    $after = [String]$options['_after']
    foreach ($id in $ids) {
        if ([String]::CompareOrdinal($id, $after) -gt 0) {
            $Context.queue.Add(@{ id = $id; name = $null; gpo = $null })
        }
    }
    if ($Context.firstTrip) {
        $Context.trip.selected = $Context.queue.Count
    }
    $Context.trip.milliseconds.select = $Context.clock.ElapsedMilliseconds
    $list
}

Function Set-GpmStillToCome {
    <#
    .SYNOPSIS
    Makes the trip one that has listed everything there is, which is nothing yet.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Context.trip.still_to_come = $true
    $Context.trip.selected = 0
    $Context.byCursor = $true
}

Function Get-GpmBackupId {
    <#
    .SYNOPSIS
    Returns the IDs of the backups in a directory, the names of their folders, in upper case and sorted.

    .PARAMETER Path
    The backup directory.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $ids = New-Object -TypeName System.Collections.Generic.List[String]
    foreach ($folder in [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Folders($Path)) {
        $name = [System.IO.Path]::GetFileName($folder).ToUpperInvariant()
        if (Test-GpmId -Text $name) {
            $ids.Add($name)
        }
    }
    $ids.Sort([StringComparer]::Ordinal)
    $ids
}

Function Read-GpmManifest {
    <#
    .SYNOPSIS
    Returns the IDs of the backups that the directory's manifest.xml lists, as a set. Throws when it cannot be read.

    .PARAMETER Path
    The backup directory.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $file = [System.IO.Path]::Combine($Path, 'manifest.xml')
    if (-not [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Exists($file)) {
        return , (New-Object -TypeName System.Collections.Generic.HashSet[String])
    }
    Assert-GpmNoLink -Path $file
    , [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]::ReadManifest($file)
}

#endregion

#region Newest of each GPO

Function Select-GpmMostRecent {
    <#
    .SYNOPSIS
    Returns the IDs of the newest backup of each GPO.

    .DESCRIPTION
    The newest is the one with the highest sequence; safety copies do not count. Of a GPO that the catalog knows no
    backup of, it is the one with the latest time.

    .PARAMETER Ids
    The IDs of all backups.

    .PARAMETER List
    From Open-GpmBackupList.
    #>
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [String[]] $Ids,
        [Parameter(Mandatory = $true)] [Hashtable] $List
    )

    $settled = New-GpmMap
    $newest = Find-GpmNewestEntry -List $List -Settled $settled
    foreach ($id in $Ids) {
        if ($settled.ContainsKey($id)) {
            continue
        }
        try {
            $info = Read-GpmBackupInfo -Path $List.path -Id $id
        }
        catch {
            # Of which GPO it is nobody knows.
            continue
        }
        $key = Get-GpmListKey -Domain $info.gpo.domain -Id $info.gpo.id
        $known = $newest[$key]
        $isLater = $null -eq $known -or
            ($null -ne $known.timestamp -and [String]::CompareOrdinal($known.timestamp, $info.timestamp) -lt 0)
        if ($isLater) {
            $newest[$key] = @{ id = $id; timestamp = [String]$info.timestamp }
        }
    }
    foreach ($found in $newest.Values) {
        $found.id
    }
}

Function Find-GpmNewestEntry {
    <#
    .SYNOPSIS
    Returns the newest backup of each GPO that the catalog knows as @{ id; timestamp }, by Get-GpmListKey; timestamp is
    null: no time counts against the catalog.

    .PARAMETER List
    From Open-GpmBackupList.

    .PARAMETER Settled
    Takes the IDs of the backups whose entries were read: their times do not count.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $List,
        [Parameter(Mandatory = $true)] [Hashtable] $Settled
    )

    $byGpo = New-GpmMap
    foreach ($claims in $List.index.Values) {
        foreach ($file in $claims) {
            $key = Get-GpmListKey -Domain $file.domain -Id $file.gpo_id
            if (-not $byGpo.ContainsKey($key)) {
                $byGpo[$key] = New-Object -TypeName System.Collections.Generic.List[Object]
            }
            $byGpo[$key].Add($file)
        }
    }
    $newest = New-GpmMap
    foreach ($key in $byGpo.Keys) {
        foreach ($file in ($byGpo[$key] | Sort-Object -Property { [Int64]$_.sequence } -Descending)) {
            $entry = (Read-GpmListedEntry -File $file -List $List).value
            if ($null -ne $entry) {
                $Settled[$file.backup_id] = $true
                if ($entry['purpose'] -ceq 'backup') {
                    $newest[$key] = @{ id = $file.backup_id; timestamp = $null }
                    break
                }
            }
        }
    }
    $newest
}

Function Get-GpmListKey {
    <#
    .SYNOPSIS
    Returns what a GPO is known by in a list: IDs alone do not tell the default policies of two domains apart.

    .PARAMETER Domain
    DNS name of its domain; empty where its backup does not say.

    .PARAMETER Id
    Its ID.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $Domain,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $Domain + '\' + $Id
}

#endregion

#region One backup

Function Read-GpmListedEntry {
    <#
    .SYNOPSIS
    Returns @{ value; file; fault; problem }: a catalog entry that counts, its file, and what keeps it from being
    confirmed (see Get-GpmClaimFault); or a null value and what is wrong with it.

    .PARAMETER File
    One that the list's index has.

    .PARAMETER List
    From Open-GpmBackupList.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $File,
        [Parameter(Mandatory = $true)] [Hashtable] $List
    )

    $read = @{ value = $null; file = $File; fault = $null; problem = $null }
    try {
        $entry = Read-GpmCatalogEntry -File $File -Domain $File.domain -Id $File.gpo_id
    }
    catch {
        $why = Get-GpmShortText -ErrorRecord $_
        $read.problem = 'The catalog entry {0} cannot be used: {1}' -f $File.path, $why
        return $read
    }
    $read.fault = Get-GpmClaimFault -Path $List.path -Entry $entry
    if ($null -ne $read.fault -and $read.fault.denied) {
        $read.problem = 'The catalog entry {0} does not count: {1}' -f $File.path, $read.fault.message
    }
    else {
        $read.value = $entry
    }
    $read
}

Function Get-GpmListedClaim {
    <#
    .SYNOPSIS
    Returns @{ entry; file; confirmed; fault; unread; problems }: which of the entries that claim a backup is the
    backup's, null when none is; whether the backup says so itself, if not why, and whether it just cannot be read; and
    what is wrong with the others. A file without an entry is the one that alone claims the backup, but cannot be used.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER List
    From Open-GpmBackupList.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $List
    )

    $found = @{ entry = $null; file = $null; confirmed = $false; fault = $null; unread = $false; problems = @() }
    $unconfirmed = @()
    $files = $List.index[$Id]
    foreach ($file in $files) {
        $read = Read-GpmListedEntry -File $file -List $List
        if ($null -ne $read.problem) {
            $found.problems += $read.problem
        }
        elseif ($null -ne $read.fault) {
            $unconfirmed += $read
        }
        else {
            $found.entry = $read.value
            $found.file = $file
            $found.confirmed = $true
        }
    }
    if ($unconfirmed.Count -gt 1) {
        $found.problems += 'Several GPOs claim it in the catalog, and it does not say whose it is: ' +
            $unconfirmed[0].fault.message
    }
    elseif ($unconfirmed.Count) {
        # The backup is damaged, and cannot say whose it is.
        $found.entry = $unconfirmed[0].value
        $found.file = $unconfirmed[0].file
        $found.fault = $unconfirmed[0].fault.message
        $found.unread = $unconfirmed[0].fault.unread
    }
    elseif (-not $found.confirmed -and $null -ne $files -and $files.Count -eq 1) {
        $found.file = $files[0]
    }
    $found
}

Function Test-GpmListed {
    <#
    .SYNOPSIS
    Returns whether the backups of a GPO are asked for, and notes what they match.

    .PARAMETER Gpo
    @{ id; name; domain }, null where unknown.

    .PARAMETER List
    From Open-GpmBackupList.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Gpo,
        [Parameter(Mandatory = $true)] [Hashtable] $List
    )

    if ($null -eq $Gpo.id) {
        # Whose it is cannot be told: it is nobody's that is asked for by name, and everybody's otherwise.
        return $null -eq $List.wanted
    }
    $item = @{ id = $Gpo.id; name = [String]$Gpo.name }
    if ($null -ne $List.wanted) {
        if (-not (Test-GpmSelector -Selector $List.wanted -Item $item)) {
            return $false
        }
        if ($List.wanted.ids.Contains($item.id)) {
            $null = $List.matched.Add($List.wanted.ids[$item.id])
        }
        $null = $List.matched.Add($item.name)
        foreach ($pattern in $List.wanted.patterns) {
            if ($pattern.regex.IsMatch($item.name)) {
                $null = $List.matched.Add($pattern.entry)
            }
        }
    }
    -not (Test-GpmSelector -Selector $List.exclude -Item $item)
}

Function Get-GpmListedBackup {
    <#
    .SYNOPSIS
    Returns what is to be told of a backup, or null when there is nothing: it is not asked for, or another domain's.

    .DESCRIPTION
    Besides what results show: "asked" (it is asked for), "interrupted" (its deletion was begun) and "spared" (why it
    must not be deleted, whatever the task says, or null).

    .PARAMETER Id
    ID of the backup.

    .PARAMETER List
    From Open-GpmBackupList.

    .PARAMETER KeepClaim
    The caller needs what Get-GpmListedClaim returned, too, as "claim".
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $List,
        [Boolean] $KeepClaim = $false
    )

    if (Test-GpmOtherDomainsAlone -Id $Id -List $List) {
        # Without a look at the entries: there may be thousands of other domains'.
        return $null
    }
    $claim = Get-GpmListedClaim -Id $Id -List $List
    $backup = Get-GpmKnownBackup -Id $Id -Claim $claim -List $List
    if ($null -ne $backup.gpo.id -and (Test-GpmOtherDomain -Domain $backup.gpo.domain -List $List)) {
        return $null
    }
    $backup.asked = Test-GpmListed -Gpo $backup.gpo -List $List
    if (-not $backup.asked -and -not $List.whole) {
        return $null
    }
    if ($null -ne $List.manifest) {
        $backup.in_manifest = $List.manifest.Contains($Id)
    }
    if ($List.verify -ne 'none') {
        $found = Test-GpmBackup -Path $List.path -Id $Id -Entry $claim.entry -Verify $List.verify
        foreach ($name in $found.Keys) {
            $backup[$name] = $found[$name]
        }
    }
    Set-GpmListedState -Backup $backup -Claim $claim -List $List
    if ($backup.in_manifest -eq $false -and @('ok', 'uncatalogued') -ccontains $backup.state) {
        $backup.problems += 'manifest.xml does not list it, so GPMC may not find it. gpo_backup_index mends that.'
    }
    if ($KeepClaim) {
        $backup.claim = $claim
    }
    $backup
}

Function Set-GpmListedState {
    <#
    .SYNOPSIS
    Settles the state of a backup, what is wrong with it, and whether it must not be deleted.

    .PARAMETER Backup
    From Get-GpmKnownBackup, with what Test-GpmBackup found.

    .PARAMETER Claim
    From Get-GpmListedClaim.

    .PARAMETER List
    From Open-GpmBackupList.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Backup,
        [Parameter(Mandatory = $true)] [Hashtable] $Claim,
        [Parameter(Mandatory = $true)] [Hashtable] $List
    )

    $Backup.spared = $null
    $Backup.problems = @($Backup.problems)
    if ($Claim.confirmed) {
        # The entry is there, and the backup says that it is right: it was not being deleted.
        $Backup.interrupted = $false
    }
    else {
        if ($null -ne $Claim.fault -and $Backup.state -ceq 'ok') {
            $Backup.state = 'damaged'
            $Backup.problems = @($Claim.fault)
        }
        $isUnknown = $null -eq $Claim.entry -and -not $Claim.problems.Count
        Set-GpmFolderState -Backup $Backup -IsUnknown $isUnknown -List $List
        if ($null -eq $Claim.entry -and $Claim.problems.Count -and $null -eq $Backup.spared) {
            $Backup.spared = 'entry_unusable'
        }
    }
    # Read another time it may be whole: so it is not what may go as damaged.
    if ($null -eq $Backup.spared -and ($Claim.unread -or $Backup['unread'])) {
        $Backup.spared = 'unreadable'
    }
    $Backup.Remove('unread')
    $Backup.problems = $Claim.problems + $Backup.problems
    if ($Backup.interrupted -and $null -ne $Backup.spared) {
        $Backup.interrupted = $false
    }
    elseif ($Backup.interrupted) {
        $Backup.state = 'damaged'
        $Backup.problems = @('It was being deleted by gpo_backup_prune, whose next run completes that.')
    }
}

Function Set-GpmFolderState {
    <#
    .SYNOPSIS
    Settles, of a backup that no entry of the catalog is confirmed for, what can be told by what lies in its folder.

    .DESCRIPTION
    Foreign is a folder in which nothing is GPMC's; and one with something of GPMC's and something that is not, unless
    it is a whole backup. Neither is anybody's to delete.

    .PARAMETER Backup
    See Set-GpmListedState.

    .PARAMETER IsUnknown
    Nobody claims it.

    .PARAMETER List
    From Open-GpmBackupList.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Backup,
        [Parameter(Mandatory = $true)] [Boolean] $IsUnknown,
        [Parameter(Mandatory = $true)] [Hashtable] $List
    )

    $folder = Get-GpmFolderKind -Path $Backup.path
    if (-not $folder.exists) {
        return
    }
    if ($Backup.interrupted) {
        # Half of it may be gone: what is left has to be GPMC's, or nothing.
        $claimed = Read-GpmTombstone -File $List.tombstones[$Backup.id]
        $isOther = $claimed.id -and $Backup.gpo.id -and -not (
            $script:SameName.Equals($claimed.id, $Backup.gpo.id) -and
            $script:SameName.Equals($claimed.domain, $Backup.gpo.domain))
        if ($isOther) {
            $Backup.spared = 'entry_unusable'
            $Backup.problems += "The tombstone in .gpvault says that it is another GPO's, $($claimed.id)."
        }
        elseif ($folder.strange.Count) {
            $Backup.spared = 'foreign'
        }
        return
    }
    if (-not $folder.own) {
        if ($null -ne $Backup.files) {
            # What a backup ought to have is beside the point.
            $Backup.problems = @()
        }
        $Backup.problems += 'It is no backup: nothing in it is what only GPMC writes.'
    }
    elseif ($folder.strange.Count) {
        $Backup.problems += 'GPMC does not write what is in it: {0}' -f (
            @($folder.strange | Select-Object -First $script:NamedAtMost) -join ', ')
    }
    if (-not $folder.own -or $folder.strange.Count) {
        $Backup.spared = 'foreign'
        if (-not $folder.own -or $Backup.state -ceq 'damaged') {
            $Backup.state = 'foreign'
        }
    }
    elseif ($IsUnknown -and $null -ne $List.now) {
        $newest = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::Newest($Backup.path)
        if (($List.now - $newest).TotalMinutes -lt $script:YoungMinutes) {
            # The console may be at work on it.
            $Backup.spared = 'young'
        }
    }
}

Function Test-GpmOtherDomainsAlone {
    <#
    .SYNOPSIS
    Returns whether the task is about one domain, and only GPOs of others claim a backup.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER List
    From Open-GpmBackupList.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $List
    )

    if (-not $List.domain -or -not $List.index.ContainsKey($Id)) {
        return $false
    }
    foreach ($file in $List.index[$Id]) {
        if (-not (Test-GpmOtherDomain -Domain $file.domain -List $List)) {
            return $false
        }
    }
    $true
}

Function Test-GpmOtherDomain {
    <#
    .SYNOPSIS
    Returns whether the task is about one domain, and it is another one.

    .PARAMETER Domain
    DNS name of a domain.

    .PARAMETER List
    From Open-GpmBackupList.
    #>
    [OutputType([Boolean])]
    param (
        [AllowNull()] [AllowEmptyString()] [String] $Domain,
        [Parameter(Mandatory = $true)] [Hashtable] $List
    )

    $List.domain -and -not $script:SameName.Equals($Domain, $List.domain)
}

Function Get-GpmKnownBackup {
    <#
    .SYNOPSIS
    Returns what is known of a backup without a look at its files: by its entry, or else by its bkupInfo.xml.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER Claim
    From Get-GpmListedClaim.

    .PARAMETER List
    From Open-GpmBackupList.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Claim,
        [Parameter(Mandatory = $true)] [Hashtable] $List
    )

    $entry = $Claim.entry
    $backup = @{
        id = $Id
        path = [System.IO.Path]::Combine($List.path, $Id)
        timestamp = $null
        comment = $null
        gpo = @{ id = $null; name = $null; domain = $null }
        purpose = $null
        state = 'uncatalogued'
        problems = @()
        sequence = $null
        run_id = $null
        approved = $null
        in_manifest = $null
        files = $null
        size = $null
        interrupted = $List.tombstones.ContainsKey($Id)
    }
    if ($null -ne $entry) {
        $backup.gpo = @{ id = $Claim.file.gpo_id; name = [String]$entry.gpo['name']; domain = $Claim.file.domain }
        $backup.state = 'ok'
        $backup.timestamp = $entry.backup['timestamp']
        $backup.comment = $entry.backup['comment']
        foreach ($name in 'purpose', 'sequence', 'run_id') {
            $backup[$name] = $entry[$name]
        }
        $backup.approved = [Boolean]$entry['approved']
        return $backup
    }
    if ($null -ne $Claim.file) {
        $backup.gpo.id = $Claim.file.gpo_id
        $backup.gpo.domain = $Claim.file.domain
    }
    try {
        $info = Read-GpmBackupInfo -Path $List.path -Id $Id
        foreach ($name in 'gpo', 'timestamp', 'comment') {
            $backup[$name] = $info[$name]
        }
    }
    catch {
        # What is wrong with it is told by Test-GpmBackup, if anybody asks.
        if ($backup.interrupted) {
            $backup.gpo = Read-GpmTombstone -File $List.tombstones[$Id]
        }
    }
    $backup
}

#endregion

Export-ModuleMember -Function Get-GpmListKey, Get-GpmListedBackup, Get-GpmListedClaim, Open-GpmBackupList,
    Set-GpmStillToCome, Test-GpmListed, Test-GpmOtherDomain
