# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_drill: imports each GPO's backup into a GPO that is there for that alone, linked nowhere and with both
# halves disabled, compares what came out with the backup, and deletes it again.
#
# The task keeps in the trip's context:
#     uncatalogued  from Get-GpmUncatalogued, once it was asked for
#     table         from Get-GpmMigrationTable, where the task has one

#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._DomainTrip
#AnsibleRequires -PowerShell ..module_utils._DrillLeftover
#AnsibleRequires -PowerShell ..module_utils._DrillRecord
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._GpmcImport
#AnsibleRequires -PowerShell ..module_utils._GpmcRestore
#AnsibleRequires -PowerShell ..module_utils._ImportSource
#AnsibleRequires -PowerShell ..module_utils._Recovery
#AnsibleRequires -PowerShell ..module_utils._RestoreQueue
#AnsibleRequires -PowerShell ..module_utils._RestoreSource
#AnsibleRequires -PowerShell ..module_utils._SettingsState
#AnsibleRequires -PowerShell ..module_utils._Trip
#AnsibleRequires -PowerShell ..module_utils._TripLock

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Initialize-GpmDrill {
    <#
    .SYNOPSIS
    Prepares a trip: connects, selects, and takes away what drills before have left.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    # A drill uses no backup as it is not.
    $options.force = $false
    $isCleaner = [Boolean]$options['_clean']
    Connect-GpmTrip -Context $Context -ToWrite $true
    $Context.step = 'path'
    $null = Confirm-GpmDirectory -Path $options.path
    $Context.step = 'catalog'
    if ($Context.firstTrip -and -not $isCleaner) {
        Select-GpmRestoreQueue -Context $Context
    }
    $Context.trip.milliseconds.select = $Context.clock.ElapsedMilliseconds
    if ($Context.onlySelects -or -not ($Context.queue.Count -or $isCleaner)) {
        return
    }
    if (-not $Context.checkMode) {
        Lock-GpmTrip -Context $Context
    }
    if ($Context.checkMode -or $null -ne $Context.lock) {
        Clear-GpmDrillLeftover -Context $Context
    }
}

Function Invoke-GpmDrillItem {
    <#
    .SYNOPSIS
    Drills one GPO, or in check mode tells that it would be.

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

    $Entry.gpo = @{ id = $Item.id; name = $Item.name; domain = (Get-GpmSourceDomain -Context $Context) }
    foreach ($name in 'backup', 'temporary', 'deviations', 'import_milliseconds') {
        $Entry[$name] = $null
    }
    $Entry.problems = @()
    $Context.step = 'source'
    $source = Find-GpmEntrySource -Item $Item -Entry $Entry -Context $Context
    if ($null -eq $source) {
        return
    }
    $Context.step = 'table'
    $table = Read-GpmImportTable -Entry $Entry -Context $Context
    if ($null -ne $Entry.trouble) {
        return
    }
    $backup = Open-GpmWantedBackup -Id $source.backup_id -Entry $Entry -Context $Context
    if ($null -eq $backup) {
        return
    }
    if (-not $Context.checkMode) {
        Write-GpmItemInHand -Item $Item -Context $Context
        $Context.step = 'source'
        $wanted = New-GpmImportWanted -BackupId $source.backup_id -Recorded $source.entry -Table $table `
            -Context $Context
        Invoke-GpmDrillBackup -Source @{ backup = $backup; table = $table; wanted = $wanted } -Entry $Entry `
            -Context $Context
    }
    if ($null -ne $Entry.trouble -or ($null -eq $Entry.import_milliseconds -and -not $Context.checkMode)) {
        return
    }
    if ($source.damaged.Count) {
        # A restore would take this one, and it is good: but it is not what there should be.
        $Entry.trouble = New-GpmTrouble -Step outdated -Message ($source.damaged -join ', ')
        return
    }
    $Entry.outcome = 'drilled'
}

Function Invoke-GpmDrillBackup {
    <#
    .SYNOPSIS
    Imports a backup into a GPO that is made for that, compares, and deletes it again, whatever came of it.

    .PARAMETER Source
    @{ backup; table; wanted }.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Source,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Context.step = 'drill_record'
    $record = New-GpmDrillRecord -Wanted $Source.wanted -Context $Context
    $made = $null
    try {
        $Context.step = 'create'
        $made = New-GpmGpo -GpmDomain $Context.domain.object -Name $record.name
        $Entry.temporary = @{ id = $made.id; name = $made.name; deleted = $false }
        Import-GpmDrill -Made $made -Record $record -Source $Source -Entry $Entry -Context $Context
    }
    catch {
        $Entry.trouble = New-GpmTrouble -Step $Context.step -Status (Get-GpmStatus -ErrorRecord $_)
    }
    if ($null -ne $made) {
        $Context.step = 'temporary'
        try {
            Remove-GpmGpo -Gpo $made.gpo
            $Entry.temporary.deleted = $true
        }
        catch {
            # Its record stays, and the next run tries again. Why it failed before, the call's status still tells.
            $Entry.trouble = New-GpmTrouble -Step temporary -Status (Get-GpmStatus -ErrorRecord $_)
            $Entry.changed = $true
            return
        }
    }
    Remove-GpmDrillRecord -Record $record
}

Function Import-GpmDrill {
    <#
    .SYNOPSIS
    Imports a backup into the GPO that was made for that, and compares.

    .PARAMETER Made
    From New-GpmGpo.

    .PARAMETER Record
    From New-GpmDrillRecord.

    .PARAMETER Source
    @{ backup; table; wanted }.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Made,
        [Parameter(Mandatory = $true)] [Hashtable] $Record,
        [Parameter(Mandatory = $true)] [Hashtable] $Source,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    # Whatever happens to it: it applies to nobody.
    Set-GpmHalf -Gpo $Made.gpo
    Set-GpmDrillStage -Record $Record -Stage made -Info (Get-GpmGpoInfo -Item $Made)
    $Context.step = 'import'
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $isImported = Import-GpmFromBackup -Source $Source -Gpo $Made.gpo -Entry $Entry -Context $Context
    if (-not $isImported) {
        return
    }
    $Entry.import_milliseconds = $clock.ElapsedMilliseconds
    $Context.step = 'compare'
    $Made.gpo = (Open-GpmGpo -GpmDomain $Context.domain.object -Id $Made.id).gpo
    Set-GpmDrillStage -Record $Record -Stage imported -Info (Get-GpmGpoInfo -Item $Made)
    Confirm-GpmWanted -Wanted $Source.wanted -Item $Made -Entry $Entry -Noted $false -Context $Context
    if ($null -ne $Entry.deviations) {
        $Entry.trouble = New-GpmTrouble -Step deviating
    }
}

Function Invoke-GpmDrill {
    <#
    .SYNOPSIS
    Makes one trip of a gpo_drill task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -Prepare {
        param ($Context)

        Initialize-GpmDrill -Context $Context
    } -Work {
        param ($Item, $Entry, $Context)

        Invoke-GpmDrillItem -Item $Item -Entry $Entry -Context $Context
    } -Finish {
        param ($Context)

        Unlock-GpmTrip -Context $Context
    }
}

Export-ModuleMember -Function Invoke-GpmDrill
