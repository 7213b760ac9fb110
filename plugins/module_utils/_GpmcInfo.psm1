# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What gpo_info asks GPMC of a GPO beyond what every task does.

#AnsibleRequires -PowerShell ..module_utils._Gpmc

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# IGPMConstants.SecurityFlags(true, false, false, false): the owner alone.
$script:OwnerOnly = 1

Function Get-GpmGpoPath {
    <#
    .SYNOPSIS
    Returns the distinguished name of a GPO, or null when it cannot be read.

    .PARAMETER Gpo
    The IGPMGPO.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    Get-GpmProperty -Object $Gpo -Name Path
}

Function Get-GpmPermission {
    <#
    .SYNOPSIS
    Returns the permissions of a GPO as GPMC groups them: @{ trustee; permission; denied; inherited }.

    .DESCRIPTION
    permission and the trustee's type are numbers here; the controller has the words.

    .PARAMETER Gpo
    The IGPMGPO.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    foreach ($permission in $Gpo.GetSecurityInfo()) {
        $trustee = $permission.Trustee
        @{
            trustee = @{
                sid = [String](Get-GpmProperty -Object $trustee -Name TrusteeSid)
                # An account that is gone has no name.
                name = Get-GpmProperty -Object $trustee -Name TrusteeName
                domain = Get-GpmProperty -Object $trustee -Name TrusteeDomain
                type = Get-GpmProperty -Object $trustee -Name TrusteeType
            }
            permission = [Int32]$permission.Permission
            denied = $permission.Denied
            inherited = $permission.Inherited
        }
    }
}

Function Get-GpmOwner {
    <#
    .SYNOPSIS
    Returns the owner of a GPO as its security descriptor names it, or null when it cannot be read.

    .PARAMETER Gpo
    The IGPMGPO.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    try {
        $owner = $Gpo.GetSecurityDescriptor($script:OwnerOnly).Owner
    }
    catch {
        return $null
    }
    if (-not $owner) {
        return $null
    }
    $owner
}

Function Test-GpmAclConsistent {
    <#
    .SYNOPSIS
    Returns whether a GPO has the same permissions in the directory and in SYSVOL, or null when it cannot be told.

    .PARAMETER Gpo
    The IGPMGPO.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    try {
        $Gpo.IsACLConsistent()
    }
    catch {
        # Its folder in SYSVOL is gone or closed to the account.
        return $null
    }
}

Export-ModuleMember -Function Get-GpmOwner, Get-GpmGpoPath, Get-GpmPermission, Test-GpmAclConsistent
