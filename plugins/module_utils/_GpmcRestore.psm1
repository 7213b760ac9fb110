# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# IGPMDomain::RestoreGPO, and what it does not bring back: links and the WMI filter.

#AnsibleRequires -CSharpUtil ..module_utils._ComObject
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:Com = 'ansible_collections.gpvault.gpmc.plugins.module_utils._ComObject.ComObject' -as [Type]
$script:SameName = [StringComparer]::OrdinalIgnoreCase

# ERROR_DS_NO_SUCH_OBJECT of winerror.h.
$script:NoSuchObject = 0x80072030

Function Restore-GpmGpo {
    <#
    .SYNOPSIS
    Restores a GPO with IGPMDomain::RestoreGPO and returns @{ succeeded; call_status; overall_status; status_messages }.

    .DESCRIPTION
    Synchronously: a restore that is cancelled half way would leave neither the old settings nor the new ones.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Backup
    The IGPMBackup.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [Object] $Backup
    )

    try {
        $result = $script:Com::Call($GpmDomain, 'RestoreGPO', $Backup, 0)
    }
    catch {
        return (Get-GpmCallFailure -ErrorRecord $_)
    }
    Get-GpmCallResult -Result $result
}

Function Find-GpmExistingGpo {
    <#
    .SYNOPSIS
    Returns the GPO with an ID as @{ id; name; gpo }, or null when there is none.

    .DESCRIPTION
    Which HRESULT tells that a GPO does not exist is not documented; a search that finds nothing tells for sure.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Id
    ID of the GPO.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    try {
        return (Open-GpmGpo -GpmDomain $GpmDomain -Id $Id)
    }
    catch {
        if (Test-GpmVisible -Gpm $Gpm -GpmDomain $GpmDomain -Id $Id) {
            throw
        }
    }
    return $null
}

Function Test-GpmVisible {
    <#
    .SYNOPSIS
    Returns whether the account can see a GPO with an ID.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Id
    ID of the GPO.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $constants = $Gpm.GetConstants()
    $criteria = $Gpm.CreateSearchCriteria()
    $criteria.Add($constants.SearchPropertyGPOID, $constants.SearchOpEquals, $Id)
    $script:Com::Call($GpmDomain, 'SearchGPOs', $criteria).Count -gt 0
}

Function Set-GpmFilter {
    <#
    .SYNOPSIS
    Hangs a WMI filter on a GPO.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Id
    ID of the filter.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    foreach ($filter in $script:Com::Call($GpmDomain, 'SearchWMIFilters', $Gpm.CreateSearchCriteria())) {
        if ($script:SameName.Equals((Get-GpmFilterId -Filter $filter), $Id)) {
            $null = $script:Com::Call($Gpo, 'SetWMIFilter', $filter)
            return
        }
    }
    throw (New-GpmException -HResult $script:NoSuchObject)
}

Function Clear-GpmFilter {
    <#
    .SYNOPSIS
    Takes the WMI filter off a GPO.

    .PARAMETER Gpo
    The IGPMGPO.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    # A null object of type IDispatch: PowerShell would send $null as an empty VARIANT.
    $null = $script:Com::Call($Gpo, 'SetWMIFilter', [System.Runtime.InteropServices.DispatchWrapper]::new($null))
}

Function Get-GpmHalf {
    <#
    .SYNOPSIS
    Returns which halves of a GPO are enabled, as @{ computer; user }.

    .PARAMETER Gpo
    The IGPMGPO.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    @{
        computer = [Boolean]$script:Com::Call($Gpo, 'IsComputerEnabled')
        user = [Boolean]$script:Com::Call($Gpo, 'IsUserEnabled')
    }
}

Function Set-GpmHalf {
    <#
    .SYNOPSIS
    Enables and disables the halves of a GPO.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Halves
    From Get-GpmHalf; without it both are disabled, so that the GPO is not applied wherever it is linked.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Hashtable] $Halves = @{ computer = $false; user = $false }
    )

    $null = $script:Com::Call($Gpo, 'SetComputerEnabled', $Halves.computer)
    $null = $script:Com::Call($Gpo, 'SetUserEnabled', $Halves.user)
}

Function Get-GpmSom {
    <#
    .SYNOPSIS
    Returns the IGPMSOM of a site, the domain or an OU.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Target
    Its distinguished name.

    .PARAMETER Type
    site, domain or ou.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [String] $Target,
        [Parameter(Mandatory = $true)] [String] $Type
    )

    if ($Type -ne 'site') {
        return $script:Com::Call($GpmDomain, 'GetSOM', $Target)
    }
    foreach ($site in (Get-GpmForestSite -Gpm $Gpm -GpmDomain $GpmDomain)) {
        if ($script:SameName.Equals($site.Path, $Target)) {
            return $site
        }
    }
    throw (New-GpmException -HResult $script:NoSuchObject)
}

Function Get-GpmOwnLink {
    <#
    .SYNOPSIS
    Returns the links of a site, the domain or an OU as @{ own; others }: the IGPMGPOLinks of one GPO, and the IDs of
    the other GPOs in the order of their links.

    .DESCRIPTION
    The default policies have the same ID in every domain, and any domain's GPO can be linked.

    .PARAMETER Som
    The IGPMSOM.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Domain
    DNS name of its domain.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Som,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [String] $Domain
    )

    $own = New-Object -TypeName System.Collections.Generic.List[Object]
    $others = New-Object -TypeName 'System.Collections.Generic.SortedDictionary[Int32, String]'
    foreach ($link in $script:Com::Call($Som, 'GetGPOLinks')) {
        if ($script:SameName.Equals($link.GPOID, $Id) -and $script:SameName.Equals($link.GPODomain, $Domain)) {
            $own.Add($link)
        }
        else {
            $others[[Int32]$link.SOMLinkOrder] = $link.GPOID
        }
    }
    @{ own = $own; others = @($others.Values) }
}

Function Remove-GpmLink {
    <#
    .SYNOPSIS
    Takes the links of a GPO off a site, the domain or an OU.

    .PARAMETER Som
    The IGPMSOM.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Domain
    DNS name of its domain.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Som,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [String] $Domain
    )

    foreach ($link in (Get-GpmOwnLink -Som $Som -Id $Id -Domain $Domain).own) {
        $null = $script:Com::Call($link, 'Delete')
    }
}

Function Set-GpmLink {
    <#
    .SYNOPSIS
    Links a GPO to a site, the domain or an OU as it was recorded, or makes the link that it has there as it was.

    .DESCRIPTION
    A link cannot be moved: it is deleted and made anew. When that fails, the old one is put back, unless it was
    disabled: GPMC would make it enabled. $Part.left tells: back, or lost.

    .PARAMETER Som
    The IGPMSOM.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Domain
    DNS name of the GPO's domain.

    .PARAMETER Part
    The part of the plan, from Get-GpmLinkPlan.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Som,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [String] $Domain,
        [Parameter(Mandatory = $true)] [Hashtable] $Part
    )

    $links = Get-GpmOwnLink -Som $Som -Id $Item.id -Domain $Domain
    $recorded = @{ enabled = $Part.recorded.enabled; enforced = $Part.recorded.enforced }
    if ($links.own.Count -and -not $Part.moves) {
        Set-GpmLinkState -Link $links.own[0] -State $recorded
        return
    }
    $old = $null
    foreach ($link in $links.own) {
        $old = @{ enabled = $link.Enabled; enforced = $link.Enforced }
        $oldPosition = [Int32]$link.SOMLinkOrder
        $null = $script:Com::Call($link, 'Delete')
    }
    $count = $links.others.Count
    try {
        $position = Get-GpmLinkPosition -Recorded $Part.recorded -Others $links.others -Id $Item.id
        New-GpmLink -Som $Som -Gpo $Item.gpo -Position $position -Count $count -State $recorded
    }
    catch {
        if ($null -ne $old) {
            $Part.left = 'lost'
            try {
                if ($old.enabled) {
                    New-GpmLink -Som $Som -Gpo $Item.gpo -Position $oldPosition -Count $count -State $old
                    $Part.left = 'back'
                }
            }
            catch {
                # Why the first one failed tells more.
                $null = $_
            }
        }
        throw
    }
}

Function Get-GpmLinkPosition {
    <#
    .SYNOPSIS
    Returns where a link belongs, from 1: behind the last of those that stood above it and are there today.

    .PARAMETER Recorded
    The link, as Get-GpmSomLink has it.

    .PARAMETER Others
    IDs of the GPOs that are linked there, in the order of their links, without its own.

    .PARAMETER Id
    ID of its GPO.
    #>
    [OutputType([Int32])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Recorded,
        [AllowEmptyCollection()] [String[]] $Others,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $above = New-GpmMap
    foreach ($neighbour in $Recorded.neighbours) {
        if ($script:SameName.Equals($neighbour, $Id)) {
            break
        }
        $above[$neighbour] = $true
    }
    $position = 1
    for ($index = 0; $index -lt $Others.Count; $index++) {
        if ($above.ContainsKey($Others[$index])) {
            $position = $index + 2
        }
    }
    $position
}

Function New-GpmLink {
    <#
    .SYNOPSIS
    Links a GPO to a site, the domain or an OU. A link that cannot be made as it is wanted does not stay: GPMC makes it
    enabled, so of one that is to be disabled the GPO has to be, too, see Set-GpmHalf.

    .PARAMETER Som
    The IGPMSOM.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Position
    Its place, from 1.

    .PARAMETER Count
    How many links there are.

    .PARAMETER State
    @{ enabled; enforced }.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Som,
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [Int32] $Position,
        [Parameter(Mandatory = $true)] [Int32] $Count,
        [Parameter(Mandatory = $true)] [Hashtable] $State
    )

    if ($Position -gt $Count) {
        # IGPMSOM::CreateGPOLink takes no place behind the last, but this for the last.
        $Position = -1
    }
    $made = $script:Com::Call($Som, 'CreateGPOLink', $Position, $Gpo)
    try {
        Set-GpmLinkState -Link $made -State $State
    }
    catch {
        $null = $script:Com::Call($made, 'Delete')
        throw
    }
}

Function Set-GpmLinkState {
    <#
    .SYNOPSIS
    Enables or disables a link and makes it enforced or not, what of it is not so: disabled first, and enabled last.

    .PARAMETER Link
    The IGPMGPOLink.

    .PARAMETER State
    @{ enabled; enforced }.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Link,
        [Parameter(Mandatory = $true)] [Hashtable] $State
    )

    if (-not $State.enabled -and $Link.Enabled) {
        $script:Com::Put($Link, 'Enabled', $false)
    }
    if ([Boolean]$Link.Enforced -ne [Boolean]$State.enforced) {
        $script:Com::Put($Link, 'Enforced', [Boolean]$State.enforced)
    }
    if ($State.enabled -and -not $Link.Enabled) {
        $script:Com::Put($Link, 'Enabled', $true)
    }
}

Export-ModuleMember -Function Clear-GpmFilter, Find-GpmExistingGpo, Get-GpmHalf, Get-GpmSom, Remove-GpmLink,
    Restore-GpmGpo, Set-GpmFilter, Set-GpmHalf, Set-GpmLink
