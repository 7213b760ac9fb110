# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The state of a GPO as it is: what backups record of it, and restores compare with.

#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Get-GpmLiveState {
    <#
    .SYNOPSIS
    Returns the state of a GPO as it is now: @{ info; fingerprint; links; wmi_filter }.

    .DESCRIPTION
    "info" is what results say of a GPO. "fingerprint" is what decides whether it changed. "links" and "wmi_filter" are
    null when they are not recorded or could not be read. A part that could not be read goes into $Trip.problems.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Info
    From Get-GpmGpoInfo, where that is known already.

    .PARAMETER Attached
    Whether links and the WMI filter's definition belong to it.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [AllowNull()] [Hashtable] $Info,
        [Boolean] $Attached = $true,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    # Beside the questions to the directory, which take their time, too.
    $folder = [System.IO.Path]::Combine($Context.domain.policies, $Item.id)
    $files = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::BeginList($folder)
    if ($null -eq $Info) {
        $Info = Get-GpmGpoInfo -Item $Item
    }
    $fingerprint = [ordered]@{
        name = $info.name
        description = $info.description
        status = $info.status
        versions = $info.versions
        wmi_filter = $null
        permissions = $null
        files = $null
    }
    if ($null -ne $info.wmi_filter) {
        $fingerprint.wmi_filter = @{ id = $info.wmi_filter.id }
    }
    try {
        $fingerprint.permissions = Get-GpmAce -Gpo $Item.gpo -Gpm $Context.gpm
    }
    catch {
        Add-GpmProblem -Trip $Context.trip -Kind permissions -Subject $Item.name -Status (Get-GpmStatus -ErrorRecord $_)
    }
    try {
        $fingerprint.files = $files.GetAwaiter().GetResult()
    }
    catch {
        Add-GpmProblem -Trip $Context.trip -Kind files -Subject $Item.name -Status (Get-GpmStatus -ErrorRecord $_)
    }

    $state = @{ info = $info; fingerprint = $fingerprint; links = $null; wmi_filter = $null }
    $surroundings = $Context.surroundings
    if ($Attached) {
        if ($null -ne $surroundings.links) {
            $state.links = @(if ($surroundings.links.ContainsKey($Item.id)) { $surroundings.links[$Item.id] })
        }
        if ($null -ne $info.wmi_filter -and $info.wmi_filter.id -and $null -ne $surroundings.filters) {
            $state.wmi_filter = $surroundings.filters[$info.wmi_filter.id]
        }
    }
    $state
}

Export-ModuleMember -Function Get-GpmLiveState
