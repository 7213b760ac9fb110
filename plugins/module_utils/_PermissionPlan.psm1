# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The permissions of a GPO, which no import brings: what has to be done to have them as they are recorded, and doing it.

#AnsibleRequires -PowerShell ..module_utils._Compare
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._GpmcImport
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

Function Get-GpmPermissionPlan {
    <#
    .SYNOPSIS
    Returns what has to be done to a GPO's permissions, as @{ planned; outcome; unknown; aces }, or null when nothing is
    recorded of them.

    .DESCRIPTION
    Planned: set, see _Plan.psm1. Outcomes else: unchanged, missing where there are accounts that this domain does not
    know (permissions without them would be other permissions, so they stay as they are), and empty where nobody would
    have any permission.

    .PARAMETER Recorded
    The entries of the DACL in the catalog, or null.

    .PARAMETER Live
    Those of the GPO; none when it has yet to be made.

    .PARAMETER Source
    DNS name of the domain of the backup.

    .PARAMETER Accounts
    The accounts that the backup names, from Read-GpmBackupAccount.

    .PARAMETER Table
    The IGPMMigrationTable, or null.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Recorded,
        [AllowEmptyCollection()] [Object[]] $Live,
        [Parameter(Mandatory = $true)] [String] $Source,
        [AllowEmptyCollection()] [Object[]] $Accounts,
        [AllowNull()] [Object] $Table,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -eq $Recorded) {
        return $null
    }
    $entries = Get-GpmTableEntry -Table $Table
    $found = New-GpmMap
    $unknown = New-Object -TypeName System.Collections.Generic.List[String]
    $aces = New-Object -TypeName System.Collections.Generic.List[Object]
    foreach ($ace in $Recorded) {
        if (Test-GpmInherited -Flags $ace.flags) {
            continue
        }
        # Two accounts may have had one name, before the one was renamed and the other got it.
        $key = $ace.trustee + [Char]0 + $ace['sid']
        if (-not $found.ContainsKey($key)) {
            $account = Get-GpmRecordedAccount -Ace $ace -Accounts $Accounts -Source $Source -Context $Context
            $found[$key] = ConvertTo-GpmTrustee -Gpm $Context.gpm -Account $account -Entries $entries `
                -Domain $Context.trip.domain
            if ($null -eq $found[$key]) {
                $unknown.Add($ace.trustee)
            }
        }
        if ($null -ne $found[$key] -and $found[$key].sid) {
            $moved = $ace.Clone()
            $moved.trustee = $found[$key].trustee
            $moved.sid = $found[$key].sid
            $aces.Add($moved)
        }
    }
    $planned = $null
    if ($unknown.Count) {
        $outcome = 'missing'
    }
    elseif (-not $aces.Count) {
        $outcome = 'empty'
    }
    elseif (Test-GpmSamePermission -Before $Live -After $aces.ToArray() -Gpm $Context.gpm -Explicit) {
        $outcome = 'unchanged'
    }
    else {
        $planned = 'set'
        $outcome = 'not_attempted'
    }
    @{ planned = $planned; outcome = $outcome; unknown = $unknown.ToArray(); aces = $aces.ToArray() }
}

Function Get-GpmRecordedAccount {
    <#
    .SYNOPSIS
    Returns who an entry of a recorded DACL is for, as @{ trustee; sid; relative; names }: relative is the name without
    its domain, names are all that a migration table may call it. sid is null where nobody can tell it for sure.

    .DESCRIPTION
    Catalogs of earlier releases have names alone. Whose they were the backup itself tells, but for the accounts that
    all domains have. Looked up here, a name may find the account of another domain.

    .PARAMETER Ace
    The entry.

    .PARAMETER Accounts
    From Read-GpmBackupAccount.

    .PARAMETER Source
    DNS name of the domain of the backup.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Ace,
        [AllowEmptyCollection()] [Object[]] $Accounts,
        [Parameter(Mandatory = $true)] [String] $Source,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $trustee = $Ace.trustee
    $sid = $Ace['sid']
    $found = $null
    foreach ($account in $Accounts) {
        $isIt = if ($sid) {
            $script:SameName.Equals($account['Sid'], $sid)
        }
        else {
            $script:SameName.Equals($account['Sid'], $trustee) -or
            $script:SameName.Equals($account['NetBIOSDomainName'] + '\' + $account['SamAccountName'], $trustee)
        }
        if ($isIt) {
            $found = $account
            break
        }
    }
    $names = New-Object -TypeName System.Collections.Generic.List[String]
    $names.Add($trustee)
    $relative = $trustee.Substring($trustee.IndexOf([Char]'\') + 1)
    if ($null -ne $found) {
        $sid = $found['Sid']
        if ($found['SamAccountName']) {
            $relative = $found['SamAccountName']
        }
        $names.Add($found['NetBIOSDomainName'] + '\' + $relative)
        $names.Add($relative + '@' + $found['DnsDomainName'])
        $names.Add([String]$found['UPN'])
    }
    elseif (-not $sid) {
        $sid = Find-GpmSid -Name $trustee -Gpm $Context.gpm
        $isSure = $script:SameName.Equals($sid, $trustee) -or $script:SameName.Equals($Source, $Context.trip.domain)
        if ($sid -and -not $isSure -and (Test-GpmDomainSid -Sid $sid)) {
            $sid = $null
        }
    }
    if ($sid) {
        $names.Insert(0, $sid)
    }
    @{ trustee = $trustee; sid = $sid; relative = $relative; names = $names.ToArray() }
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
    if ($Plan.planned) {
        try {
            Set-GpmAce -Gpo $Gpo -Aces $Plan.aces
            $Plan.outcome = $Plan.planned
        }
        catch {
            $Plan.outcome = 'failed'
            $Plan.status = Get-GpmStatus -ErrorRecord $_
        }
    }
}

Export-ModuleMember -Function Get-GpmPermissionPlan, Set-GpmPlannedPermission
