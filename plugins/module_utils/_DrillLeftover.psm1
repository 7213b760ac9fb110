# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What drills that were broken off have left: their GPOs, deleted where it is certain that they are nothing else.
#
# Certain it is where a GPO has the ID and the name that are on record, is linked nowhere, applies to nobody, and nobody
# has edited it. All else is kept, and told: somebody may have found a use for it.

#AnsibleRequires -PowerShell ..module_utils._DomainTrip
#AnsibleRequires -PowerShell ..module_utils._DrillRecord
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._GpmcImport
#AnsibleRequires -PowerShell ..module_utils._GpmcRestore
#AnsibleRequires -PowerShell ..module_utils._ImportSource
#AnsibleRequires -PowerShell ..module_utils._Settings
#AnsibleRequires -PowerShell ..module_utils._SettingsState

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# What there is in a GPO without a setting.
$script:OfEveryGpo = @('GPT.INI')

Function Clear-GpmDrillLeftover {
    <#
    .SYNOPSIS
    Deletes what drills of the trip's domain have left, or in check mode tells that it would, and puts into the reply
    what became of each, as leftovers: @{ id; name; file; controller; outcome; reason; status }.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Context.step = 'leftover'
    $Context.trip.leftovers = New-Object -TypeName System.Collections.Generic.List[Object]
    $records = @(Read-GpmDrillRecord -Context $Context)
    if ($records.Count) {
        Read-GpmTripSurroundings -Context $Context -Needed $false
    }
    foreach ($record in $records) {
        $leftover = @{
            id = $record.told['gpo_id']
            name = $record.name
            file = $record.file
            controller = $record.told['domain_controller']
            outcome = 'kept'
            reason = ''
            status = $null
        }
        try {
            $item = Find-GpmDrillGpo -Record $record -Leftover $leftover -Context $Context
            if ($null -ne $item) {
                $leftover.reason = Get-GpmDrillDoubt -Record $record -Item $item -Context $Context
                Remove-GpmDrillLeftover -Item $item -Leftover $leftover -Context $Context
            }
            if (@('removed', 'gone') -contains $leftover.outcome -and -not $Context.checkMode) {
                Remove-GpmDrillRecord -Record $record
            }
        }
        catch {
            $leftover.reason = 'failed'
            $leftover.status = Get-GpmStatus -ErrorRecord $_
        }
        $Context.trip.leftovers.Add($leftover)
    }
}

Function Find-GpmDrillGpo {
    <#
    .SYNOPSIS
    Returns the GPO of a record as @{ id; name; gpo }, or null where there is none: why, the leftover tells then.

    .PARAMETER Record
    From Read-GpmDrillRecord.

    .PARAMETER Leftover
    What the reply says of it.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Record,
        [Parameter(Mandatory = $true)] [Hashtable] $Leftover,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $id = $Record.told['gpo_id']
    if ($id) {
        $found = @(Find-GpmExistingGpo -Gpm $Context.gpm -GpmDomain $Context.domain.object -Id $id)
    }
    else {
        # The run ended before it had noted the ID. The token in the name is nobody else's.
        $found = @(foreach ($gpo in (Find-GpmGpo -Gpm $Context.gpm -GpmDomain $Context.domain.object)) {
                if ([String]::Equals($gpo.name, $Record.name, [StringComparison]::Ordinal)) {
                    $gpo
                }
            })
    }
    if ($found.Count -eq 1 -and $null -ne $found[0]) {
        $Leftover.id = $found[0].id
        return $found[0]
    }
    if ($found.Count -gt 1) {
        $Leftover.reason = 'ambiguous'
    }
    elseif (-not $script:SameName.Equals($Record.told['domain_controller'], $Context.trip.domain_controller)) {
        # It may be that this one has not heard of it yet.
        $Leftover.reason = 'other_controller'
    }
    else {
        $Leftover.outcome = 'gone'
        if (-not $id) {
            # It was to get its name in the next moment.
            $Leftover.reason = 'unnamed'
        }
    }
    return $null
}

Function Get-GpmDrillDoubt {
    <#
    .SYNOPSIS
    Returns why it is not certain that a GPO is nothing but what a drill has left, or an empty text.

    .PARAMETER Record
    From Read-GpmDrillRecord.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Record,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $surroundings = $Context.surroundings
    if (-not [String]::Equals($Item.name, $Record.name, [StringComparison]::Ordinal)) {
        return 'renamed'
    }
    if ($null -eq $surroundings.links -or $null -ne $surroundings.links_error -or $null -ne $surroundings.sites_error) {
        return 'links_unread'
    }
    if ($surroundings.links.ContainsKey($Item.id)) {
        return 'linked'
    }
    $info = Get-GpmGpoInfo -Item $Item
    if (Test-GpmDrillUntouched -Record $Record -Item $Item -Info $info -Context $Context) {
        return ''
    }
    'edited'
}

Function Test-GpmDrillUntouched {
    <#
    .SYNOPSIS
    Returns whether a GPO is as a drill has left it.

    .PARAMETER Record
    From Read-GpmDrillRecord.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Info
    From Get-GpmGpoInfo.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Record,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Info,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $told = $Record.told
    $isImported = $told['stage'] -ceq 'imported'
    if ($told['stage'] -ceq 'creating') {
        # Not a setting was ever in it: those of a new GPO are version 0.
        $isAsRecorded = -not @(Get-GpmUsedVersion -Info $Info).Count
    }
    else {
        $halves = Get-GpmHalf -Gpo $Item.gpo
        if ($halves.computer -or $halves.user -or $null -ne $Info.wmi_filter) {
            return $false
        }
        $isAsRecorded = Test-GpmUntouched -Since $told -Info $Info
    }
    if ($isAsRecorded -and -not $isImported) {
        # Files that somebody has put there by hand raise no version.
        return -not (Get-GpmLiveSetting -Id $Item.id -Except $script:OfEveryGpo -Context $Context).get_Count()
    }
    if (-not $isAsRecorded) {
        if ($told['stage'] -cne 'made') {
            return $false
        }
        # It ended in the midst of an import. This task itself was there a moment ago.
        if ($script:SameName.Equals($told['run_id'], $Context.options._run_id)) {
            return $true
        }
        # What a migration table changes cannot be compared.
        if ($told['table']) {
            return $false
        }
    }
    $wanted = New-GpmImportWanted -BackupId $told['backup_id'] -Recorded $null -Table $null -Context $Context
    $wanted.table = $told['table']
    Test-GpmNothingAdded -Wanted $wanted -Item $Item -Reported (-not $isAsRecorded) -Context $Context
}

Function Get-GpmUsedVersion {
    <#
    .SYNOPSIS
    Returns the version numbers of a GPO that are not 0, or not known.

    .PARAMETER Info
    From Get-GpmGpoInfo.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Info
    )

    foreach ($half in 'computer', 'user') {
        foreach ($place in 'directory', 'sysvol') {
            $number = $Info.versions[$half][$place]
            if ($null -eq $number -or $number -ne 0) {
                [String]$number
            }
        }
    }
}

Function Remove-GpmDrillLeftover {
    <#
    .SYNOPSIS
    Deletes a GPO that a drill has left, where there is no doubt, and tells of it.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Leftover
    What the reply says of it, with the reason to keep it, or an empty text.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Leftover,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($Leftover.reason) {
        # The name that it has today: people look for it.
        $Leftover.name = $Item.name
        return
    }
    if (-not $Context.checkMode) {
        Remove-GpmGpo -Gpo $Item.gpo
    }
    $Leftover.outcome = 'removed'
}

Export-ModuleMember -Function Clear-GpmDrillLeftover
