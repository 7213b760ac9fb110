# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# Which GPOs a restore is for: those that the catalog, or else the directory, has backups of, by any of their names.

#AnsibleRequires -PowerShell ..module_utils._BackupRepair
#AnsibleRequires -PowerShell ..module_utils._BackupSurvey
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._CatalogIndex
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._RestoreSource
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

Function Select-GpmRestoreQueue {
    <#
    .SYNOPSIS
    Puts the GPOs to restore into the trip's queue.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $trip = $Context.trip
    if ($options.backup_id) {
        Select-GpmNamedGpo -Context $Context
    }
    else {
        $wanted = ConvertTo-GpmSelector -Entries $options.gpos
        $exclude = ConvertTo-GpmSelector -Entries $options.exclude
        $problems = New-Object -TypeName System.Collections.Generic.List[Object]
        $known = Get-GpmCatalogGpo -Context $Context -Problems $problems
        if (-not $known.Count) {
            # Whatever is asked for: the directory may be another than people think.
            $trip.survey = Get-GpmSurvey -Path $options.path -Domain (Get-GpmSourceDomain -Context $Context)
        }
        if ($options.uncatalogued) {
            $known = Add-GpmUncatalogued -Known $known -Context $Context
        }
        if ($wanted.names.Count + $wanted.patterns.Count + $exclude.names.Count + $exclude.patterns.Count) {
            $others = @(Add-GpmLiveName -Items $known -Context $Context)
            foreach ($selector in $wanted, $exclude) {
                Add-GpmFormerName -Items $known -Selector $selector -Context $Context
            }
            Add-GpmNamesakeError -Known $known -Others $others -Selector $wanted -Trip $trip
        }
        $selection = $known
        if (-not $options.all) {
            $selection = Select-GpmItem -Selector $wanted -Known $known -Trip $trip
        }
        if ($options.all -or $trip.selection_errors.Count) {
            # One of them may be what the task is after. Nobody knows what they were called.
            Add-GpmCatalogProblem -Trip $trip -Problems $problems
        }
        if ($trip.selection_errors.Count) {
            return
        }
        foreach ($item in $selection) {
            if (-not (Test-GpmSelector -Selector $exclude -Item $item)) {
                $Context.queue.Add($item)
            }
        }
    }
    if (-not $trip.selection_errors.Count) {
        $trip.selected = $Context.queue.Count
    }
}

Function Select-GpmNamedGpo {
    <#
    .SYNOPSIS
    Puts the GPO of the backup that the task names into the trip's queue.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $id = $Context.options.backup_id
    try {
        Find-GpmLostInfo -Context $Context
        $info = Read-GpmSourceInfo -Id $id -Context $Context
    }
    catch {
        $status = Get-GpmStatus -ErrorRecord $_
        if (Test-GpmInfoLost -Path $Context.options.path -Id $id) {
            Add-GpmSelectionError -Trip $Context.trip -Fault no_info -Entry $id
            return
        }
        $namesake = Find-GpmGpoOfId -Id $id -Context $Context
        if ($null -ne $namesake) {
            Add-GpmSelectionError -Trip $Context.trip -Fault gpo_id -Entry $id -Found $namesake
        }
        else {
            Add-GpmSelectionError -Trip $Context.trip -Fault no_backup -Entry $id -Status $status
        }
        return
    }
    if ($script:SameName.Equals($info.gpo.domain, (Get-GpmSourceDomain -Context $Context))) {
        $Context.queue.Add(@{ id = $info.gpo.id; name = $info.gpo.name; gpo = $null })
    }
    else {
        $fault = 'other_domain'
        if ($Context.options.ContainsKey('source_domain')) {
            $fault = 'other_source'
        }
        Add-GpmSelectionError -Trip $Context.trip -Fault $fault -Entry $id -Found $info.gpo.domain
    }
}

Function Find-GpmGpoOfId {
    <#
    .SYNOPSIS
    Returns the name of the GPO whose ID was given for a backup's, or null: the directory has backups of no such GPO.

    .PARAMETER Id
    The ID.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $path = $Context.options.path
    $domain = Get-GpmSourceDomain -Context $Context
    $problems = New-Object -TypeName System.Collections.Generic.List[Object]
    $newest = Get-GpmCatalogNewest -Path $path -Domain $domain -Id $Id -Problems $problems
    if ($null -ne $newest) {
        return [String]$newest.gpo['name']
    }
    $uncatalogued = Get-GpmUncatalogued -Path $path -Domain $domain
    if ($uncatalogued.ContainsKey($Id)) {
        return [String]$uncatalogued[$Id][0].name
    }
    return $null
}

Function Add-GpmUncatalogued {
    <#
    .SYNOPSIS
    Returns items with those of the GPOs besides that only backups without an entry are there of, sorted by name.

    .PARAMETER Known
    From Get-GpmCatalogGpo.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Known,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $items = New-Object -TypeName System.Collections.Generic.List[Object]
    $seen = New-GpmMap
    foreach ($item in $Known) {
        $items.Add($item)
        $seen[$item.id] = $true
    }
    $uncatalogued = Get-GpmUncatalogued -Path $Context.options.path -Domain (
        Get-GpmSourceDomain -Context $Context)
    $Context.task.uncatalogued = $uncatalogued
    foreach ($id in $uncatalogued.Keys) {
        if (-not $seen.ContainsKey($id)) {
            $items.Add(@{ id = $id; name = [String]$uncatalogued[$id][0].name; gpo = $null })
        }
    }
    , (Get-GpmSortedItem -Items $items.ToArray())
}

Function Get-GpmCatalogGpo {
    <#
    .SYNOPSIS
    Returns the GPOs of a domain that the catalog knows, as @{ id; name; gpo }, sorted by name.

    .DESCRIPTION
    One whose entries all are unusable is among them where a backup of it lies there: a restore of everything must not
    pass over it. The entries of the others without a usable one go into $Problems, as @{ path; message }.

    .PARAMETER Context
    The trip's context.

    .PARAMETER Problems
    The list that takes the problems.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [System.Collections.Generic.List[Object]] $Problems
    )

    $found = New-Object -TypeName System.Collections.Generic.List[Object]
    $path = $Context.options.path
    $domain = Get-GpmSourceDomain -Context $Context
    foreach ($id in (Get-GpmCatalogId -Path $path -Domain $domain -Problems $Problems)) {
        $mine = New-Object -TypeName System.Collections.Generic.List[Object]
        $newest = Get-GpmCatalogNewest -Path $path -Domain $domain -Id $id -Problems $mine
        if ($null -ne $newest) {
            $found.Add(@{ id = $id; name = [String]$newest.gpo['name']; gpo = $null })
            continue
        }
        # A usable one of a safety copy is no problem, and none to restore from.
        $unusable = New-GpmMap
        foreach ($problem in $mine) {
            $unusable[$problem.path] = $true
        }
        $infos = @(foreach ($file in Get-GpmCatalogFile -Folder (
                    Get-GpmCatalogFolder -Path $path -Domain $domain -Id $id)) {
                if ($unusable.ContainsKey($file.path)) {
                    Get-GpmUnusableInfo -Id $file.backup_id -GpoId $id -Context $Context
                }
            })
        if ($infos.Count) {
            $found.Add(@{ id = $id; name = [String]$infos[0].gpo.name; gpo = $null })
        }
        else {
            $Problems.AddRange($mine)
        }
    }
    , (Get-GpmSortedItem -Items $found.ToArray())
}

Function Add-GpmLiveName {
    <#
    .SYNOPSIS
    Lets GPOs that the catalog knows be selected by the names that they have in the domain, too. Returns the GPOs of the
    domain that it does not know.

    .PARAMETER Items
    From Get-GpmCatalogGpo.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Items,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $live = New-GpmMap
    # What GPOs of another domain are called says nothing.
    if ($script:SameName.Equals((Get-GpmSourceDomain -Context $Context), $Context.trip.domain)) {
        foreach ($gpo in (Find-GpmGpo -Gpm $Context.gpm -GpmDomain $Context.domain.object)) {
            $live[$gpo.id] = $gpo.name
        }
    }
    $known = New-GpmMap
    foreach ($item in $Items) {
        $known[$item.id] = $true
    }
    foreach ($id in $live.Keys) {
        if (-not $known.ContainsKey($id)) {
            @{ id = $id; name = $live[$id] }
        }
    }
    foreach ($item in $Items) {
        $item.names = New-Object -TypeName System.Collections.Generic.HashSet[String] -ArgumentList $script:SameName
        $null = $item.names.Add($item.name)
        if ($live.ContainsKey($item.id)) {
            $null = $item.names.Add($live[$item.id])
        }
    }
}

Function Add-GpmNamesakeError {
    <#
    .SYNOPSIS
    Refuses a name that a GPO of the domain has of which there is no backup, and that would select another one.

    .PARAMETER Known
    From Get-GpmCatalogGpo, with all their names.

    .PARAMETER Others
    From Add-GpmLiveName.

    .PARAMETER Selector
    From ConvertTo-GpmSelector.

    .PARAMETER Trip
    The trip's reply.
    #>
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Known,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Others,
        [Parameter(Mandatory = $true)] [Hashtable] $Selector,
        [Parameter(Mandatory = $true)] [Hashtable] $Trip
    )

    foreach ($other in $Others) {
        if (-not $Selector.names.Contains($other.name)) {
            continue
        }
        $meant = @(foreach ($item in $Known) {
                if ($item.names.Contains($other.name)) {
                    $item.id
                }
            })
        if ($meant.Count) {
            Add-GpmSelectionError -Trip $Trip -Fault ambiguous -Entry $other.name -Found (@($other.id) + $meant)
        }
    }
}

Function Add-GpmFormerName {
    <#
    .SYNOPSIS
    Lets GPOs be selected by a name that only older entries of the catalog have, when no GPO has it today.

    .PARAMETER Items
    From Get-GpmCatalogGpo, with their live names.

    .PARAMETER Selector
    From ConvertTo-GpmSelector.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Items,
        [Parameter(Mandatory = $true)] [Hashtable] $Selector,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $lost = New-Object -TypeName System.Collections.Generic.HashSet[String] -ArgumentList $script:SameName
    $lost.UnionWith($Selector.names)
    foreach ($item in $Items) {
        $lost.ExceptWith($item.names)
    }
    if (-not $lost.Count) {
        return
    }
    $domain = Get-GpmSourceDomain -Context $Context
    foreach ($item in $Items) {
        $folder = Get-GpmCatalogFolder -Path $Context.options.path -Domain $domain -Id $item.id
        foreach ($file in (Get-GpmCatalogFile -Folder $folder)) {
            try {
                $entry = Read-GpmCatalogEntry -File $file -Domain $domain -Id $item.id
            }
            catch {
                # It is told of when a backup is chosen, and says nothing of names.
                continue
            }
            if ($lost.Contains([String]$entry.gpo['name'])) {
                $null = $item.names.Add([String]$entry.gpo['name'])
            }
        }
    }
}

Export-ModuleMember -Function Select-GpmRestoreQueue
