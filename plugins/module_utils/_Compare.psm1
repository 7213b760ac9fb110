# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# When parts of two states of a GPO are the same, for backups and restores alike.

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# Bytes of the hash that a target of links is recorded by. Of 3,000 OUs none is taken for another, but in one of 10^11.
$script:TargetBytes = 6

# The types of entries that deny, of winnt.h: plain, for an object, and both with a condition.
$script:Denials = @(1, 6, 10, 12)

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

Function Test-GpmSamePermission {
    <#
    .SYNOPSIS
    Returns whether two DACLs say the same. What could not be read proves nothing.

    .DESCRIPTION
    Accounts are told by their SIDs. Only where one has none that anybody knows, all are told by their names.

    .PARAMETER Before
    The entries as they were.

    .PARAMETER After
    The entries as they are.

    .PARAMETER Gpm
    The IGPM: entries of earlier releases have names alone.

    .PARAMETER Explicit
    Leave out what is inherited, which is the directory's business.
    #>
    [OutputType([Boolean])]
    param (
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Before,
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $After,
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Switch] $Explicit
    )

    if ($null -eq $Before -or $null -eq $After) {
        return $false
    }
    $by = 'sid'
    foreach ($aces in $Before, $After) {
        Add-GpmSid -Aces $aces -Gpm $Gpm
        foreach ($ace in $aces) {
            if (-not $ace.sid) {
                $by = 'trustee'
            }
        }
    }
    [String]::Equals(
        (Get-GpmAceKey -Aces $Before -By $by -Explicit $Explicit),
        (Get-GpmAceKey -Aces $After -By $by -Explicit $Explicit))
}

Function Get-GpmAceKey {
    <#
    .SYNOPSIS
    Returns one text for the entries of a DACL.

    .DESCRIPTION
    Entries are gone through until one decides, so the order counts between those that deny and those that allow. Among
    neighbours of one kind it does not, nor does it matter that one is there twice.

    .PARAMETER Aces
    The entries, as Get-GpmAce has them.

    .PARAMETER By
    What accounts are told by: sid or trustee.

    .PARAMETER Explicit
    Leave out what is inherited.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Aces,
        [Parameter(Mandatory = $true)] [ValidateSet('sid', 'trustee')] [String] $By,
        [Parameter(Mandatory = $true)] [Boolean] $Explicit
    )

    $lines = New-Object -TypeName System.Collections.Generic.List[String]
    $run = New-Object -TypeName System.Collections.Generic.SortedSet[String] -ArgumentList ([StringComparer]::Ordinal)
    $denies = $false
    foreach ($ace in $Aces) {
        if ($Explicit -and (Test-GpmInherited -Flags $ace.flags)) {
            continue
        }
        if (($script:Denials -contains $ace.type) -ne $denies) {
            $lines.AddRange($run)
            $run.Clear()
            $denies = -not $denies
        }
        $fields = $ace[$By], $ace.type, $ace.flags, $ace.mask, $ace.object_flags, $ace.object_type,
            $ace.inherited_object_type
        $null = $run.Add(($fields -join '|').ToUpperInvariant())
    }
    $lines.AddRange($run)
    $lines -join "`n"
}

Function Test-GpmSameLink {
    <#
    .SYNOPSIS
    Returns whether a link is as it was.

    .DESCRIPTION
    Its place counts, see Test-GpmSamePlace.

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

    [Boolean]$Before.enabled -eq [Boolean]$After.enabled -and
    [Boolean]$Before.enforced -eq [Boolean]$After.enforced -and
    (Test-GpmSamePlace -Before $Before -After $After -Id $Id)
}

Function Test-GpmSamePlace {
    <#
    .SYNOPSIS
    Returns whether a link stands where it stood.

    .DESCRIPTION
    Among those GPOs that are linked there before and after: one that came or went above it has moved nothing that its
    own backup could bring back.

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

Function ConvertTo-GpmTargetRecord {
    <#
    .SYNOPSIS
    Returns from where links were read, as an entry of the catalog has it: a key of 8 characters for each target, and
    blanks between them.

    .DESCRIPTION
    Each entry has it, of each GPO, and a domain may have thousands of OUs: their names would be longer than the rest.

    .PARAMETER Targets
    The names of the sites, the domain and the OUs.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [String[]] $Targets
    )

    $algorithm = [System.Security.Cryptography.SHA256]::Create()
    try {
        $keys = foreach ($target in $Targets) {
            $hash = $algorithm.ComputeHash([System.Text.Encoding]::UTF8.GetBytes($target.ToUpperInvariant()))
            [Convert]::ToBase64String($hash, 0, $script:TargetBytes)
        }
    }
    finally {
        $algorithm.Dispose()
    }
    $keys -join ' '
}

Function Test-GpmTargetRecorded {
    <#
    .SYNOPSIS
    Returns whether links were read from a target when a backup was recorded. What does not tell proves nothing.

    .PARAMETER Record
    From ConvertTo-GpmTargetRecord; null or empty where it is not known, as in the first entries.

    .PARAMETER Target
    The name of the site, the domain or the OU.
    #>
    [OutputType([Boolean])]
    param (
        [AllowNull()] [AllowEmptyString()] [String] $Record,
        [Parameter(Mandatory = $true)] [String] $Target
    )

    " $Record ".Contains(' ' + (ConvertTo-GpmTargetRecord -Targets $Target) + ' ')
}

Export-ModuleMember -Function ConvertTo-GpmTargetRecord, Test-GpmSame, Test-GpmSameLink, Test-GpmSamePermission,
    Test-GpmSamePlace, Test-GpmTargetRecorded
