# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# When parts of two states of a GPO are the same, for backups and restores alike.

#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

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

    $place = Get-GpmLinkPlace -Neighbours $Before.neighbours -Others $After.neighbours -Id $Id
    [Boolean]$Before.enabled -eq [Boolean]$After.enabled -and
    [Boolean]$Before.enforced -eq [Boolean]$After.enforced -and
    [Int32]$place -eq [Int32](Get-GpmLinkPlace -Neighbours $After.neighbours -Others $Before.neighbours -Id $Id)
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

    $known = New-GpmMap
    foreach ($other in $Others) {
        $known[$other] = $true
    }
    $place = 0
    foreach ($neighbour in $Neighbours) {
        if ($script:SameName.Equals($neighbour, $Id)) {
            break
        }
        if ($known.ContainsKey($neighbour)) {
            $place++
        }
    }
    $place
}

Export-ModuleMember -Function Test-GpmSame, Test-GpmSameLink
