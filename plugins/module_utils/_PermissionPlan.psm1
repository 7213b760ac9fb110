# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The permissions of a GPO, which no import brings: what has to be done to have them as they are recorded, and doing it.

#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._GpmcImport
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Get-GpmPermissionPlan {
    <#
    .SYNOPSIS
    Returns what has to be done to a GPO's permissions, as @{ outcome; unknown; aces }, or null when nothing is recorded
    of them.

    .DESCRIPTION
    Outcomes: unchanged, set, missing where there are accounts that this domain does not know (permissions without them
    would be other permissions, so they stay as they are), and empty where nobody would have any permission.

    .PARAMETER Recorded
    The entries of the DACL in the catalog, or null.

    .PARAMETER Live
    Those of the GPO; none when it has yet to be made.

    .PARAMETER Source
    DNS name of the domain of the backup.

    .PARAMETER Table
    The IGPMMigrationTable, or null.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Recorded,
        [AllowEmptyCollection()] [Object[]] $Live,
        [AllowNull()] [Object] $Table,
        [Parameter(Mandatory = $true)] [String] $Source,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -eq $Recorded) {
        return $null
    }
    $entries = Get-GpmTableEntry -Table $Table
    $names = New-GpmMap
    $unknown = New-Object -TypeName System.Collections.Generic.List[String]
    $aces = New-Object -TypeName System.Collections.Generic.List[Object]
    foreach ($ace in $Recorded) {
        if (Test-GpmInherited -Flags $ace.flags) {
            continue
        }
        if (-not $names.ContainsKey($ace.trustee)) {
            $names[$ace.trustee] = ConvertTo-GpmTrustee -Gpm $Context.gpm -Trustee $ace.trustee -Entries $entries `
                -Source $Source -Domain $Context.trip.domain
            if ($null -eq $names[$ace.trustee]) {
                $unknown.Add($ace.trustee)
            }
        }
        if ($names[$ace.trustee]) {
            $moved = $ace.Clone()
            $moved.trustee = $names[$ace.trustee]
            $aces.Add($moved)
        }
    }
    $outcome = 'set'
    if ($unknown.Count) {
        $outcome = 'missing'
    }
    elseif (-not $aces.Count) {
        $outcome = 'empty'
    }
    elseif ([String]::Equals((Get-GpmAceKey -Aces $Live), (Get-GpmAceKey -Aces $aces.ToArray()))) {
        $outcome = 'unchanged'
    }
    @{ outcome = $outcome; unknown = $unknown.ToArray(); aces = $aces.ToArray() }
}

Function Get-GpmAceKey {
    <#
    .SYNOPSIS
    Returns one text for the entries of a DACL without the inherited ones. Neither their order nor that one is there
    twice counts: the directory puts them in the canonical order.

    .PARAMETER Aces
    The entries, as Get-GpmAce has them.
    #>
    [OutputType([String])]
    param (
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Aces
    )

    $keys = New-Object -TypeName System.Collections.Generic.SortedSet[String] -ArgumentList ([StringComparer]::Ordinal)
    foreach ($ace in $Aces) {
        if (-not (Test-GpmInherited -Flags $ace.flags)) {
            $fields = $ace.trustee, $ace.type, $ace.flags, $ace.mask, $ace.object_flags, $ace.object_type,
                $ace.inherited_object_type
            $null = $keys.Add(($fields -join '|').ToUpperInvariant())
        }
    }
    $keys -join "`n"
}

Function Set-GpmPlannedPermission {
    <#
    .SYNOPSIS
    Gives a GPO its permissions as planned; the plan gets its status, null when all is well.

    .PARAMETER Plan
    From Get-GpmPermissionPlan.

    .PARAMETER Gpo
    The IGPMGPO.
    #>
    param (
        [AllowNull()] [Hashtable] $Plan,
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    if ($null -eq $Plan) {
        return
    }
    $Plan.status = $null
    if ($Plan.outcome -eq 'set') {
        try {
            Set-GpmAce -Gpo $Gpo -Aces $Plan.aces
        }
        catch {
            $Plan.outcome = 'failed'
            $Plan.status = Get-GpmStatus -ErrorRecord $_
        }
    }
}

Export-ModuleMember -Function Get-GpmPermissionPlan, Set-GpmPlannedPermission
