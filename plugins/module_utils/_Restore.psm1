# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_restore: choose each GPO's backup, compare its content with what is there, take a safety copy, restore,
# put back what GPMC's backups do not hold: the links, and a WMI filter that is known by another ID today.
#
# The task keeps in the trip's context:
#     uncatalogued  from Get-GpmUncatalogued, once it was asked for
#     sent          see _ChangeReport.psm1
#     rebuilt       from Get-GpmRebuiltInfo, for a backup that has lost its bkupInfo.xml, with force

#AnsibleRequires -PowerShell ..module_utils._BackupRepair
#AnsibleRequires -PowerShell ..module_utils._ChangeReport
#AnsibleRequires -PowerShell ..module_utils._Compare
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._DomainTrip
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._GpmcRestore
#AnsibleRequires -PowerShell ..module_utils._LiveState
#AnsibleRequires -PowerShell ..module_utils._Plan
#AnsibleRequires -PowerShell ..module_utils._Recovery
#AnsibleRequires -PowerShell ..module_utils._RestoreQueue
#AnsibleRequires -PowerShell ..module_utils._RestoreSource
#AnsibleRequires -PowerShell ..module_utils._RunNote
#AnsibleRequires -PowerShell ..module_utils._SettingsState
#AnsibleRequires -PowerShell ..module_utils._Trip
#AnsibleRequires -PowerShell ..module_utils._TripLock

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# Files of a GPO that are no settings: versions, which a restore may raise, and the description, which is compared as
# such.
$script:NoSettings = @('GPT.INI', 'GPO.cmt')

#region Plan

Function Get-GpmRestorePlan {
    <#
    .SYNOPSIS
    Returns what a restore has to do: @{ changes; restore; links; wmi_filter }. No changes: the content is the same.

    .PARAMETER Recorded
    The catalog's entry; null for a backup that the catalog does not know, which is always restored.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER State
    From Get-GpmLiveState; null when the GPO does not exist.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [Hashtable] $Recorded,
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [AllowNull()] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $id = $Item.id
    $options = $Context.options
    $surroundings = $Context.surroundings
    $plan = @{ changes = @(); restore = $true; links = @(); wmi_filter = $null }
    $liveLinks = @(if ($null -ne $surroundings.links -and $surroundings.links.ContainsKey($id)) {
            $surroundings.links[$id]
        })
    if ($null -ne $Recorded) {
        if ($options.links -and $null -ne $Recorded['links'] -and $null -ne $surroundings.links) {
            $plan.links = @(Get-GpmLinkPlan -Recorded $Recorded.links -Live $liveLinks -Id $id `
                    -Surroundings $surroundings -Exists ($null -ne $State) -Seen $Recorded['link_targets'])
        }
        if ($options.wmi_filter) {
            $plan.wmi_filter = Get-GpmFilterPlan -Entry $Recorded -State $State -Filters $surroundings.filters
            # Filters that cannot be read may be gone.
            $isOpen = $null -eq $plan.wmi_filter -and $null -ne $Recorded.fingerprint['wmi_filter']
            if ($isOpen -or ($null -ne $plan.wmi_filter -and $plan.wmi_filter.outcome -eq 'missing')) {
                # It would apply to everybody there: the filter has to be made, or seen, first.
                Block-GpmLink -Plan $plan.links
            }
        }
    }
    if ($null -eq $State) {
        $plan.changes = @(@{ reason = 'missing'; before = $null; after = $null })
    }
    elseif ($null -eq $Recorded) {
        $plan.changes = @(@{ reason = 'uncatalogued'; before = $null; after = $null })
    }
    else {
        $content = @(Compare-GpmContent -Recorded $Recorded -Wanted $Wanted -Item $Item -State $State `
                -Context $Context)
        # GPMC restores all of that; links and the filter can be put right without.
        $plan.restore = $content.Count -gt 0
        $plan.changes = $content + @(Get-GpmFilterChange -Plan $plan.wmi_filter -Recorded $Recorded -State $State)
        if (@($plan.links | Where-Object -FilterScript { $_.planned }).Count) {
            $plan.changes += @{ reason = 'links'; before = $liveLinks; after = $Recorded.links }
        }
    }
    $plan
}

Function Compare-GpmContent {
    <#
    .SYNOPSIS
    Returns how what is in a backup differs from what is there, as @{ reason; before; after }.

    .PARAMETER Recorded
    The catalog's entry.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER State
    From Get-GpmLiveState.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Recorded,
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    Compare-GpmWanted -Wanted $Wanted -Item $Item -State $State -Context $Context
    $is = $State.fingerprint
    $was = $Recorded.fingerprint
    foreach ($name in 'name', 'description', 'status') {
        if (-not (Test-GpmSame -Before $is[$name] -After $was[$name])) {
            @{ reason = $name; before = $is[$name]; after = $was[$name] }
        }
    }
    if (-not (Test-GpmSamePermission -Before $is.permissions -After $was['permissions'] -Gpm $Context.gpm -Explicit)) {
        @{ reason = 'permissions'; before = $is.permissions; after = $was['permissions'] }
    }
}

#endregion

#region Restore

Function Restore-GpmItem {
    <#
    .SYNOPSIS
    Restores one GPO if its content differs, or in check mode tells that it would be.

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

    $Entry.gpo = @{ id = $Item.id; name = $Item.name; domain = $Context.trip.domain }
    foreach ($name in 'backup', 'safety_backup', 'wmi_filter', 'deviations') {
        $Entry[$name] = $null
    }
    foreach ($name in 'links', 'reasons', 'changes', 'problems') {
        $Entry[$name] = @()
    }
    $run = Resume-GpmEntry -Id $Item.id -Entry $Entry -Context $Context
    if ($run -eq 'done') {
        return
    }
    $Context.step = 'source'
    Repair-GpmLostInfo -Entry $Entry -Context $Context
    $source = Find-GpmEntrySource -Item $Item -Entry $Entry -Context $Context
    if ($null -eq $source) {
        return
    }

    $Context.step = 'compare'
    $state = $null
    $found = Find-GpmExistingGpo -Gpm $Context.gpm -GpmDomain $Context.domain.object -Id $Item.id
    if ($null -ne $found) {
        $Item.gpo = $found.gpo
        $Item.name = $found.name
        $state = Get-GpmLiveState -Item $Item -Context $Context
    }
    $wanted = New-GpmWanted -Operation restore -BackupId $source.backup_id -Recorded $source.entry `
        -Except $script:NoSettings -Context $Context
    $plan = Get-GpmRestorePlan -Recorded $source.entry -Wanted $wanted -Item $Item -State $state -Context $Context
    foreach ($name in 'links', 'wmi_filter', 'changes') {
        $Entry[$name] = $plan[$name]
    }
    if ($run -eq 'new') {
        $Entry.reasons = @(foreach ($change in $plan.changes) { $change.reason })
    }
    $backup = $null
    if ($plan.restore) {
        # Before anything is changed, and in check mode, too: GPMC may not find what manifest.xml does not list.
        $backup = Open-GpmWantedBackup -Id $source.backup_id -Entry $Entry -Context $Context
        if ($null -eq $backup) {
            return
        }
        $Context.step = 'compare'
    }
    if (-not $plan.changes.Count) {
        Set-GpmNothingLeft -Run $run -Entry $Entry -Outcome restored
    }
    elseif ($Context.checkMode) {
        Set-GpmPlannedOutcome -Plan $plan
        $Entry.outcome = 'restored'
        $Entry.changed = $true
        Add-GpmRestoreReport -Item $Item -Entry $Entry -Context $Context
    }
    else {
        Write-GpmItemInHand -Item $Item -Context $Context
        $isFirst = $run -eq 'new' -and $null -ne $state -and $Context.options.backup_first
        if ($isFirst -and -not (Save-GpmSafetyCopy -Item $Item -Entry $Entry -State $state `
                    -BackupId $source.backup_id -Context $Context)) {
            return
        }
        if ($run -eq 'new') {
            Add-GpmRestoreReport -Item $Item -Entry $Entry -Context $Context
        }
        Write-GpmRunNote -Id $Item.id -Entry $Entry -Context $Context
        Invoke-GpmRestorePlan -Plan $plan -Backup $backup -Wanted $wanted -Item $Item -Entry $Entry -Context $Context
        Write-GpmRunNote -Id $Item.id -Entry $Entry -Context $Context
    }
}

Function Add-GpmRestoreReport {
    <#
    .SYNOPSIS
    Puts the settings report of a GPO as it is, and that of the backup, into the reply. One that is not there has none.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Entry
    The item's entry of the reply. The report in its safety copy, if there is one, is that of the GPO as it is.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if (-not $Context.options.changes -or $null -eq $Item.gpo) {
        return
    }
    $path = $Context.options.path
    $reports = Read-GpmReportPair -Entry $Entry -Context $Context -Before {
        if ($null -ne $Entry.safety_backup) {
            Get-GpmSavedReport -Path $path -Id $Entry.safety_backup.id
        }
        else {
            Get-GpmLiveReport -Gpo $Item.gpo -Folder $Context.module.Tmpdir
        }
    } -After {
        Get-GpmSavedReport -Path $path -Id $Entry.backup.id
    }
    Add-GpmReportPair -Reports $reports -Entry $Entry -Context $Context
}

Function Invoke-GpmRestorePlan {
    <#
    .SYNOPSIS
    Restores a GPO as planned, and tells of it in its entry.

    .PARAMETER Plan
    From Get-GpmRestorePlan.

    .PARAMETER Backup
    The IGPMBackup; null when only links or the WMI filter are to be put back.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Plan,
        [AllowNull()] [Object] $Backup,
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $note = $null
    if ($Plan.restore) {
        # First: what is restored would be in force there for a moment. So would a GPO that is disabled still since a run
        # was ended in Set-GpmDisabledLink.
        foreach ($part in @($Plan.links)) {
            if ($part.planned -eq 'updated' -and -not $part.recorded.enabled) {
                Set-GpmPlannedLink -Plan @($part) -Item $Item -Context $Context
                $Entry.changed = $Entry.changed -or $part.outcome -eq 'updated'
            }
        }
        $Context.step = 'restore'
        $told = Restore-GpmGpo -GpmDomain $Context.domain.object -Backup $Backup
        foreach ($name in 'call_status', 'overall_status', 'status_messages') {
            $Entry[$name] = $told[$name]
        }
        if (-not $told.succeeded) {
            return
        }
        $Entry.changed = $true
        $Context.step = 'complete'
        $Item.gpo = (Open-GpmGpo -GpmDomain $Context.domain.object -Id $Item.id).gpo
        $note = Confirm-GpmWanted -Wanted $Wanted -Item $Item -Entry $Entry -Context $Context
        if ($null -ne $Entry.trouble) {
            return
        }
    }
    $Entry.outcome = 'restored'
    $Context.step = 'complete'
    Set-GpmPlannedFilter -Plan $Plan.wmi_filter -Gpo $Item.gpo -Context $Context
    if ($null -ne $Plan.wmi_filter -and $Plan.wmi_filter.outcome -eq 'failed') {
        Block-GpmLink -Plan $Plan.links
    }
    Set-GpmDisabledLink -Plan $Plan.links -Item $Item -Context $Context
    Set-GpmPlannedLink -Plan $Plan.links -Item $Item -Context $Context
    Merge-GpmPart -Entry $Entry -Step links -Plan $Plan.links
    Merge-GpmPart -Entry $Entry -Step wmi_filter -Plan $Plan.wmi_filter
    if ($null -ne $note) {
        Complete-GpmSettings -Note $note -Wanted $Wanted -Info (Get-GpmGpoInfo -Item $Item) -Entry $Entry -Context $Context
    }
}

Function Read-GpmRestoreSurroundings {
    <#
    .SYNOPSIS
    Puts links and WMI filters into the context of a trip that has the lock, if it needs one, and hands them on.

    .DESCRIPTION
    The task itself changes no links but those of the GPO in hand, and what is planned of them is done to the links as
    they are by then. After a lost trip the controller hands nothing on, since a GPO may be half done.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    # Not before: the run that is waited for may change them.
    if (-not $Context.trip.locked) {
        $Context.step = 'select'
        $Context.handsOn = $true
        Read-GpmTripSurroundings -Context $Context -Needed $true
    }
}

Function Invoke-GpmRestore {
    <#
    .SYNOPSIS
    Makes one trip of a gpo_restore task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -Prepare {
        param ($Context)

        $Context.task = @{ sent = 0 }
        Connect-GpmTrip -Context $Context -ToWrite $true
        $Context.step = 'path'
        $null = Confirm-GpmDirectory -Path $Context.options.path
        $Context.step = 'catalog'
        if ($Context.firstTrip) {
            Select-GpmRestoreQueue -Context $Context
        }
        if ($Context.queue.Count -and -not $Context.onlySelects) {
            if (-not $Context.checkMode) {
                Lock-GpmTrip -Context $Context
            }
            Read-GpmRestoreSurroundings -Context $Context
        }
        $Context.trip.milliseconds.select = $Context.clock.ElapsedMilliseconds
    } -Work {
        param ($Item, $Entry, $Context)

        Restore-GpmItem -Item $Item -Entry $Entry -Context $Context
    } -Finish {
        param ($Context)

        Unlock-GpmTrip -Context $Context
    }
}

#endregion

Export-ModuleMember -Function Invoke-GpmRestore
