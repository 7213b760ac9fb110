# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# IGPMDomain::RestoreGPO, and what it does not bring back: links and the WMI filter.

#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

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
        $result = $GpmDomain.RestoreGPO($Backup, 0)
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
    $GpmDomain.SearchGPOs($criteria).Count -gt 0
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

    foreach ($filter in $GpmDomain.SearchWMIFilters($Gpm.CreateSearchCriteria())) {
        if ($script:SameName.Equals((Get-GpmFilterId -Filter $filter), $Id)) {
            $Gpo.SetWMIFilter($filter)
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
    $Gpo.SetWMIFilter([System.Runtime.InteropServices.DispatchWrapper]::new($null))
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
        return $GpmDomain.GetSOM($Target)
    }
    foreach ($site in (Get-GpmForestSite -Gpm $Gpm -GpmDomain $GpmDomain)) {
        if ($script:SameName.Equals($site.Path, $Target)) {
            return $site
        }
    }
    throw (New-GpmException -HResult $script:NoSuchObject)
}

Function Remove-GpmLink {
    <#
    .SYNOPSIS
    Takes the links of a GPO off a site, the domain or an OU.

    .PARAMETER Som
    The IGPMSOM.

    .PARAMETER Id
    ID of the GPO.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Som,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    foreach ($link in @($Som.GetGPOLinks())) {
        if ($script:SameName.Equals($link.GPOID, $Id)) {
            $link.Delete()
        }
    }
}

Function Set-GpmLink {
    <#
    .SYNOPSIS
    Links a GPO to a site, the domain or an OU as it was recorded, in place of a link that it may have there.

    .DESCRIPTION
    It goes behind the last of those that stood above it and are there today. A link cannot be moved, so it is made
    anew; IGPMSOM::CreateGPOLink counts from 1, and takes -1 for the last place.

    .PARAMETER Som
    The IGPMSOM.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Id
    Its ID.

    .PARAMETER Recorded
    The link, as Get-GpmSomLink has it.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Som,
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Recorded
    )

    Remove-GpmLink -Som $Som -Id $Id
    $above = New-GpmMap
    foreach ($neighbour in $Recorded.neighbours) {
        if ($script:SameName.Equals($neighbour, $Id)) {
            break
        }
        $above[$neighbour] = $true
    }
    $position = 1
    $count = 0
    foreach ($link in $Som.GetGPOLinks()) {
        $count++
        if ($above.ContainsKey($link.GPOID)) {
            $position = $link.SOMLinkOrder + 1
        }
    }
    if ($position -gt $count) {
        $position = -1
    }
    $made = $Som.CreateGPOLink($position, $Gpo)
    # A new link is enabled and not enforced.
    if (-not $Recorded.enabled) {
        $made.Enabled = $false
    }
    if ($Recorded.enforced) {
        $made.Enforced = $true
    }
}

Export-ModuleMember -Function Clear-GpmFilter, Find-GpmExistingGpo, Get-GpmSom, Remove-GpmLink, Restore-GpmGpo,
    Set-GpmFilter, Set-GpmLink
