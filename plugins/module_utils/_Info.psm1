# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_info: select, and read of each GPO what is asked for.

#AnsibleRequires -PowerShell ..module_utils._DomainTrip
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._GpmcInfo
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Read-GpmItem {
    <#
    .SYNOPSIS
    Reads one selected GPO.

    .PARAMETER Item
    @{ id; name; gpo }; gpo is null when it has yet to be fetched.

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

    Open-GpmItem -Item $Item -Entry $Entry -Context $Context
    # A part that the account may not read is a failure of its own.
    $Context.step = 'read'
    $Entry.gpo = Get-GpmGpoInfo -Item $Item
    Add-GpmInfoDetail -Info $Entry.gpo -Item $Item -Context $Context
    $Entry.outcome = 'read'
}

Function Add-GpmInfoDetail {
    <#
    .SYNOPSIS
    Adds to what all results say of a GPO what the option gather asks for.

    .PARAMETER Info
    From Get-GpmGpoInfo. What is not asked for, or cannot be read, stays away.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Info,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $gather = $Context.options.gather
    $surroundings = $Context.surroundings
    $Info.path = Get-GpmGpoPath -Gpo $Item.gpo
    if ($gather -contains 'links' -and $null -ne $surroundings.links) {
        $Info.links = @(if ($surroundings.links.ContainsKey($Item.id)) {
                foreach ($link in $surroundings.links[$Item.id]) {
                    @{
                        target = $link.target
                        type = $link.type
                        enabled = $link.enabled
                        enforced = $link.enforced
                        order = $link.order
                    }
                }
            })
    }
    $filter = $Info.wmi_filter
    if ($gather -contains 'wmi_filters' -and $null -ne $filter -and $filter.id -and $null -ne $surroundings.filters) {
        $known = $surroundings.filters[$filter.id]
        if ($null -ne $known) {
            $Info.wmi_filter = $known
        }
    }
    if ($gather -contains 'consistency') {
        $Info.acl_consistent = Test-GpmAclConsistent -Gpo $Item.gpo
    }
    if ($gather -contains 'permissions') {
        $Info.owner = Get-GpmOwner -Gpo $Item.gpo
        $Info.permissions = @(Get-GpmPermission -Gpo $Item.gpo)
        $Info.aces = Get-GpmAce -Gpo $Item.gpo -Gpm $Context.gpm
    }
}

Function Invoke-GpmInfo {
    <#
    .SYNOPSIS
    Makes one trip of a gpo_info task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -Prepare {
        param ($Context)

        $options = $Context.options
        Connect-GpmTrip -Context $Context
        $Context.step = 'select'
        $needed = $options.gather -contains 'links' -or $options.gather -contains 'wmi_filters'
        if ($needed -or $options.all) {
            $Context.handsOn = $true
            Read-GpmTripSurroundings -Context $Context -Needed $needed
        }
        if ($Context.firstTrip) {
            Select-GpmQueue -Context $Context
        }
        $Context.trip.milliseconds.select = $Context.clock.ElapsedMilliseconds
    } -Work {
        param ($Item, $Entry, $Context)

        Read-GpmItem -Item $Item -Entry $Entry -Context $Context
    }
}

Export-ModuleMember -Function Invoke-GpmInfo
