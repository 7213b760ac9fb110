# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The trip of gpo_import: bring the settings of a backup, of this or another domain, into a GPO.
#
# The task keeps in the trip's context:
#     rebuilt       from Get-GpmRebuiltInfo, for a backup that has lost its bkupInfo.xml, with force
#     table         from Get-GpmMigrationTable, where the task has one

#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._BackupRecord
#AnsibleRequires -PowerShell ..module_utils._BackupRepair
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._DomainTrip
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._GpmcImport
#AnsibleRequires -PowerShell ..module_utils._GpmcRestore
#AnsibleRequires -PowerShell ..module_utils._ImportSource
#AnsibleRequires -PowerShell ..module_utils._LiveState
#AnsibleRequires -PowerShell ..module_utils._PermissionPlan
#AnsibleRequires -PowerShell ..module_utils._Plan
#AnsibleRequires -PowerShell ..module_utils._Recovery
#AnsibleRequires -PowerShell ..module_utils._RunNote
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._SettingsState
#AnsibleRequires -PowerShell ..module_utils._Trip
#AnsibleRequires -PowerShell ..module_utils._TripLock

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# What stands for the ID of a GPO that has yet to be made; any that is nobody else's will do for a plan.
$script:NewId = '{00000000-0000-0000-0000-000000000000}'

#region Choose

Function Select-GpmImportTarget {
    <#
    .SYNOPSIS
    Puts the GPO that gets the settings into the trip's queue; its ID is empty when it has yet to be made.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $trip = $Context.trip
    $selector = ConvertTo-GpmSelector -Entries @($options.gpo)
    $chosen = @(Select-GpmGpo -Selector $selector -Context $Context)
    $errors = $trip.selection_errors
    if ($options.create -and $selector.names.Count -and $errors.Count -and $errors[0].kind -eq 'not_found') {
        $errors.Clear()
        $chosen = @(@{ id = ''; name = $options.gpo; gpo = $null })
    }
    if (-not $errors.Count) {
        $Context.queue.Add($chosen[0])
        $trip.selected = 1
    }
}

Function Read-GpmImportSource {
    <#
    .SYNOPSIS
    Returns the backup to import as @{ gpo; recorded; problems }, and tells of it in the item's entry.

    .DESCRIPTION
    "gpo" is what results say of its GPO, "recorded" its entry of the catalog, or null, and "problems" say what is
    damaged of it.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    Repair-GpmLostInfo -Entry $Entry -Context $Context
    $info = Read-GpmSourceInfo -Id $options.backup_id -Context $Context
    $Entry.source = $info.gpo
    $Entry.backup = Get-GpmRecordedBackup -Path $options.path -Entry @{
        backup = @{ id = $options.backup_id; timestamp = $info.timestamp; comment = $info.comment }
    }
    $named = Get-GpmNamedBackup -Domain $info.gpo.domain -Id $info.gpo.id -Context $Context
    $recorded = $named.entry
    $Entry.problems = $named.problems
    if ($null -ne $recorded) {
        $Entry.recorded = @{
            links = $null -ne $recorded['links']
            wmi_filter = $true
            permissions = $null -ne $recorded.fingerprint['permissions']
        }
    }
    @{ gpo = $info.gpo; recorded = $recorded; problems = $named.problems }
}

#endregion

#region Plan

Function Get-GpmImportPlan {
    <#
    .SYNOPSIS
    Returns what an import has to do: @{ changes; import; halves; links; wmi_filter; permissions }. No changes: all is
    there. halves: those that are to be enabled again, from Get-GpmDisabledHalf.

    .PARAMETER Source
    From Read-GpmImportSource.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Table
    The IGPMMigrationTable, or null.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER State
    From Get-GpmLiveState; null when the GPO has yet to be made.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Source,
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [AllowNull()] [Object] $Table,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [AllowNull()] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $recorded = $Source.recorded
    $plan = @{ changes = @(); import = $true; halves = $null; links = @(); wmi_filter = $null; permissions = $null }
    if ($null -eq $State) {
        $plan.changes = @(@{ reason = 'missing'; before = $null; after = $null })
    }
    else {
        $plan.changes = @(Compare-GpmWanted -Wanted $Wanted -Item $Item -State $State -Context $Context)
        $plan.import = $plan.changes.Count -gt 0
        Add-GpmDisabledHalf -Plan $plan -Recorded $recorded -Item $Item -State $State -Context $Context
    }
    if ($null -ne $recorded) {
        if ($options.wmi_filter) {
            $plan.wmi_filter = Get-GpmFilterPlan -Entry $recorded -State $State -Filters $Context.surroundings.filters
            $plan.changes += @(Get-GpmFilterChange -Plan $plan.wmi_filter -Recorded $recorded -State $State)
        }
        if ($options.permissions) {
            $live = Get-GpmLiveAce -Item $Item -State $State -Context $Context
            $plan.permissions = Get-GpmPermissionPlan -Recorded $recorded.fingerprint['permissions'] -Live $live `
                -Source $Source.gpo.domain -Table $Table -Context $Context `
                -Accounts (Read-GpmBackupAccount -Path $options.path -Id $options.backup_id)
            if ($null -ne $plan.permissions -and $plan.permissions.planned) {
                $plan.changes += @{ reason = 'permissions'; before = $live; after = $plan.permissions.aces }
            }
        }
        if ($options.links -and $null -ne $Context.surroundings.links) {
            # Behind the others, on which it depends.
            Add-GpmImportLink -Plan $plan -Source $Source -Id $Item.id -Context $Context
        }
    }
    $plan
}

Function Add-GpmDisabledHalf {
    <#
    .SYNOPSIS
    Adds to the plan of an import the halves of the GPO that a run which was ended in the midst has left disabled. Where the
    links are not put right with them, the GPO stays disabled, which is told: one of them may be enabled that is not to be.

    .PARAMETER Plan
    From Get-GpmImportPlan.

    .PARAMETER Recorded
    The catalog's entry of the backup, or null.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER State
    From Get-GpmLiveState.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Plan,
        [AllowNull()] [Hashtable] $Recorded,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $halves = Get-GpmDisabledHalf -Id $Item.id -Live (Get-GpmHalf -Gpo $Item.gpo) -Context $Context
    if ($null -eq $halves) {
        return
    }
    $kind = 'stays_off'
    if ($Context.options.links -and $null -ne $Recorded -and $null -ne $Context.surroundings.links) {
        $kind = 'left_off'
        $Plan.halves = $halves
        $Plan.changes += @{
            reason = 'status'
            before = $State.fingerprint.status
            after = Get-GpmHalfStatus -Halves $halves
        }
    }
    Add-GpmProblem -Trip $Context.trip -Kind $kind -Subject $Item.name
}

Function Get-GpmLiveAce {
    <#
    .SYNOPSIS
    Returns the entries of a GPO's DACL; none when it has yet to be made. Throws why they cannot be read: what cannot be
    read cannot be set either.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER State
    From Get-GpmLiveState, or null.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [AllowNull()] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -eq $State) {
        return , @()
    }
    if ($null -ne $State.fingerprint.permissions) {
        return , $State.fingerprint.permissions
    }
    , (Get-GpmAce -Gpo $Item.gpo -Gpm $Context.gpm)
}

Function Add-GpmImportLink {
    <#
    .SYNOPSIS
    Adds to the plan of an import the links that the GPO is to get. Links that it has besides are its own.

    .PARAMETER Plan
    From Get-GpmImportPlan.

    .PARAMETER Source
    From Read-GpmImportSource.

    .PARAMETER Id
    ID of the GPO, empty when it has yet to be made.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Plan,
        [Parameter(Mandatory = $true)] [Hashtable] $Source,
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $exists = [Boolean]$Id
    if (-not $exists) {
        $Id = $script:NewId
    }
    $surroundings = $Context.surroundings
    $live = @(if ($surroundings.links.ContainsKey($Id)) { $surroundings.links[$Id] })
    $recorded = @(Get-GpmImportLink -Links $Source.recorded['links'] -Source $Source.gpo.id -Id $Id)
    # One that is disabled just now is as good as new.
    $links = @(Get-GpmLinkPlan -Recorded $recorded -Live $live -Id $Id -Surroundings $surroundings `
            -Exists ($exists -and $null -eq $Plan.halves))
    $Plan.links = @(foreach ($link in $links) {
            if ($null -ne $link.recorded) {
                $link
            }
        })
    Block-GpmImportLink -Plan $Plan -Options $Context.options
    if (@($Plan.links | Where-Object -FilterScript { $_.planned }).Count) {
        $Plan.changes += @{ reason = 'links'; before = $live; after = $recorded }
    }
}

Function Block-GpmImportLink {
    <#
    .SYNOPSIS
    Withholds the links of an import that are not there yet, where the permissions or the WMI filter are not as the task
    asks: the GPO would apply to others than it is for.

    .PARAMETER Plan
    From Get-GpmImportPlan, done or not.

    .PARAMETER Options
    The module's parameters.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Plan,
        [Parameter(Mandatory = $true)] [Object] $Options
    )

    $isReady = $true
    foreach ($name in 'permissions', 'wmi_filter') {
        $part = $Plan[$name]
        if ($Options[$name] -and ($null -eq $part -or @('missing', 'empty', 'failed') -contains $part.outcome)) {
            $isReady = $false
        }
    }
    if (-not $isReady) {
        Block-GpmLink -Plan $Plan.links
    }
}

Function Get-GpmImportLink {
    <#
    .SYNOPSIS
    Returns the recorded links of a GPO as those of another, which stands right behind it.

    .PARAMETER Links
    The recorded links.

    .PARAMETER Source
    ID of the GPO whose links they are.

    .PARAMETER Id
    ID of the other GPO.
    #>
    param (
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Links,
        [Parameter(Mandatory = $true)] [String] $Source,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    foreach ($link in $Links) {
        $moved = $link.Clone()
        $moved.neighbours = @(foreach ($neighbour in $link.neighbours) {
                $neighbour
                if ($script:SameName.Equals($neighbour, $Source) -and -not $script:SameName.Equals($Source, $Id)) {
                    $Id
                }
            })
        $moved
    }
}

#endregion

#region Import

Function Import-GpmItem {
    <#
    .SYNOPSIS
    Imports the settings if they differ, or in check mode tells that they would be.

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

    $options = $Context.options
    $run = Initialize-GpmImportEntry -Item $Item -Entry $Entry -Context $Context
    if ($run -eq 'done') {
        return
    }
    $Context.step = 'source'
    $source = Read-GpmImportSource -Entry $Entry -Context $Context
    if ($source.problems.Count -and -not $options.force) {
        $Entry.trouble = New-GpmDamageTrouble -Problems $source.problems
        return
    }
    # Before anything is touched.
    $Context.step = 'table'
    $table = Read-GpmImportTable -Entry $Entry -Context $Context
    if ($null -ne $Entry.trouble) {
        return
    }
    $Context.step = 'compare'
    $state = $null
    if ($Item.id) {
        $state = Get-GpmLiveState -Item $Item -Context $Context
        $Entry.gpo = $state.info
    }
    $recorded = $null
    if (-not $source.problems.Count) {
        # Each file has just been found to have the hash that the catalog has.
        $recorded = $source.recorded
    }
    $wanted = New-GpmImportWanted -BackupId $options.backup_id -Recorded $recorded -Table $table -Context $Context
    $plan = Get-GpmImportPlan -Source $source -Wanted $wanted -Table $table -Item $Item -State $state -Context $Context
    foreach ($name in 'changes', 'links', 'wmi_filter', 'permissions') {
        $Entry[$name] = $plan[$name]
    }
    if ($run -eq 'new') {
        $Entry.reasons = @(foreach ($change in $plan.changes) { $change.reason })
    }
    if ($null -ne $plan.halves) {
        $Entry.halves = $plan.halves
    }
    $backup = $null
    if ($plan.import) {
        # Before anything is changed, and in check mode, too: GPMC may not find what manifest.xml does not list.
        $backup = Open-GpmWantedBackup -Id $options.backup_id -Entry $Entry -Context $Context
        if ($null -eq $backup) {
            return
        }
        $Context.step = 'compare'
    }
    if (-not $plan.changes.Count) {
        Set-GpmNothingLeft -Run $run -Entry $Entry -Outcome imported
    }
    elseif ($Context.checkMode) {
        Set-GpmPlannedOutcome -Plan $plan
        $Entry.outcome = 'imported'
        $Entry.changed = $true
        $Entry.gpo_created = $null -eq $state
    }
    else {
        if ($null -ne $state) {
            Write-GpmItemInHand -Item $Item -Context $Context
            $isFirst = $run -eq 'new' -and $options.backup_first
            if ($isFirst -and -not (Save-GpmSafetyCopy -Item $Item -Entry $Entry -State $state `
                        -BackupId $options.backup_id -Context $Context)) {
                return
            }
            Write-GpmRunNote -Id $Item.id -Entry $Entry -Context $Context
        }
        $source = @{ backup = $backup; table = $table; wanted = $wanted }
        Invoke-GpmImportPlan -Plan $plan -Source $source -Item $Item -Entry $Entry -Context $Context
    }
    # One that is to be disabled would apply to nobody.
    $withheld = @($plan.links | Where-Object -FilterScript { $_.outcome -eq 'withheld' -and $_.recorded.enabled })
    if ($withheld.Count -and @('imported', 'unchanged') -contains $Entry.outcome) {
        $Entry.outcome = 'failed'
        $Entry.trouble = New-GpmTrouble -Step withheld
    }
    if ($plan.changes.Count -and -not $Context.checkMode -and ($Entry.gpo_created -or $null -ne $state)) {
        Write-GpmRunNote -Id $Item.id -Entry $Entry -Context $Context
    }
}

Function Initialize-GpmImportEntry {
    <#
    .SYNOPSIS
    Gives an entry of the reply what a trip always tells, and what an earlier one of this task did; returns how far that
    came, see Resume-GpmEntry.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Entry
    Its entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Entry.gpo = @{ id = $Item.id; name = $Item.name; domain = $Context.trip.domain }
    $Entry.gpo_created = $false
    $Entry.recorded = @{ links = $false; wmi_filter = $false; permissions = $false }
    foreach ($name in 'source', 'backup', 'safety_backup', 'wmi_filter', 'permissions', 'deviations') {
        $Entry[$name] = $null
    }
    foreach ($name in 'links', 'reasons', 'changes', 'problems') {
        $Entry[$name] = @()
    }
    if ($Item.id) {
        return (Resume-GpmEntry -Id $Item.id -Entry $Entry -Context $Context)
    }
    'new'
}

Function Invoke-GpmImportPlan {
    <#
    .SYNOPSIS
    Brings a GPO what is planned, and tells of it in its entry.

    .PARAMETER Plan
    From Get-GpmImportPlan.

    .PARAMETER Source
    @{ backup; table; wanted }: the IGPMBackup, null when the settings are there already; the IGPMMigrationTable or null;
    and from New-GpmWanted.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Plan,
        [Parameter(Mandatory = $true)] [Hashtable] $Source,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $note = $null
    if ($Plan.import) {
        if (-not (Import-GpmSetting -Source $Source -Item $Item -Entry $Entry -Context $Context)) {
            return
        }
        # Before permissions may forbid to look.
        $note = Confirm-GpmWanted -Wanted $Source.wanted -Item $Item -Entry $Entry -Context $Context
        if ($null -ne $Entry.trouble) {
            return
        }
    }
    $Entry.outcome = 'imported'
    $Context.step = 'complete'
    Set-GpmPlannedFilter -Plan $Plan.wmi_filter -Gpo $Item.gpo -Context $Context
    foreach ($link in $Plan.links) {
        $link.recorded.neighbours = @(foreach ($neighbour in $link.recorded.neighbours) {
                if ($neighbour -ceq $script:NewId) { $Item.id } else { $neighbour }
            })
    }
    Set-GpmDisabledLink -Plan $Plan.links -Item $Item -Context $Context -Entry $Entry
    $Entry.changed = $Entry.changed -or ($null -ne $Plan.halves -and -not $Entry.ContainsKey('halves'))
    # Behind the last change of the GPO itself, which they may forbid, and before it is linked to anybody.
    Set-GpmPlannedPermission -Plan $Plan.permissions -Gpo $Item.gpo
    Block-GpmImportLink -Plan $Plan -Options $Context.options
    Set-GpmPlannedLink -Plan $Plan.links -Item $Item -Context $Context
    Merge-GpmPart -Entry $Entry -Step links -Plan $Plan.links
    Merge-GpmPart -Entry $Entry -Step wmi_filter -Plan $Plan.wmi_filter
    Merge-GpmPart -Entry $Entry -Step permissions -Plan $Plan.permissions
    $Entry.gpo = Get-GpmGpoInfo -Item $Item
    Complete-GpmSettings -Note $note -Wanted $Source.wanted -Info $Entry.gpo -Entry $Entry -Context $Context
}

Function Import-GpmSetting {
    <#
    .SYNOPSIS
    Imports the settings, into a new GPO if need be; returns whether they are there.

    .PARAMETER Source
    @{ backup; table; wanted }.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Source,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $domain = $Context.domain.object
    if (-not $Item.id) {
        $Context.step = 'create'
        $made = New-GpmGpo -GpmDomain $domain -Name $Item.name
        $Item.gpo = $made.gpo
        $Item.id = $made.id
        $Entry.gpo.id = $made.id
        $Entry.gpo_created = $true
        $Entry.changed = $true
        Write-GpmRunNote -Id $Item.id -Entry $Entry -Context $Context
    }
    $Context.step = 'import'
    if (-not (Import-GpmFromBackup -Source $Source -Gpo $Item.gpo -Entry $Entry -Context $Context)) {
        if ($Entry.gpo_created) {
            # It was made for this import alone.
            $Context.step = 'remove'
            Remove-GpmGpo -Gpo $Item.gpo
            Remove-GpmRunNote -Id $Item.id -Context $Context
            $Entry.gpo_created = $false
            $Entry.changed = $false
        }
        return $false
    }
    $Entry.changed = $true
    $Context.step = 'complete'
    $Item.gpo = (Open-GpmGpo -GpmDomain $domain -Id $Item.id).gpo
    $true
}

Function Invoke-GpmImport {
    <#
    .SYNOPSIS
    Makes the trip of a gpo_import task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -Prepare {
        param ($Context)

        # A trip that had to wait for the lock named the GPO that remains.
        $Context.queue.Clear()
        Connect-GpmTrip -Context $Context -ToWrite $true
        $Context.step = 'path'
        $null = Confirm-GpmDirectory -Path $Context.options.path
        $Context.step = 'select'
        if (-not $Context.onlySelects) {
            Read-GpmTripSurroundings -Context $Context -Needed $true
        }
        Select-GpmImportTarget -Context $Context
        if ($Context.queue.Count -and -not $Context.checkMode -and -not $Context.onlySelects) {
            Lock-GpmTrip -Context $Context
        }
    } -Work {
        param ($Item, $Entry, $Context)

        Import-GpmItem -Item $Item -Entry $Entry -Context $Context
    } -Finish {
        param ($Context)

        Unlock-GpmTrip -Context $Context
    }
}

#endregion

Export-ModuleMember -Function Invoke-GpmImport
