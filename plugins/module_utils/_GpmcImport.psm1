# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# IGPMGPO::Import, migration tables, and the permissions that an import does not bring.

#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# IGPMConstants.SecurityFlags(false, false, true, false): the DACL alone.
$script:DaclOnly = 4

# INHERITED_ACE of winnt.h.
$script:InheritedAce = 16

# GPMEntryType and GPMDestinationOption of gpmgmt.h.
$script:EntryTypes = @{
    user = 0
    computer = 1
    local_group = 2
    global_group = 3
    universal_group = 4
    unc_path = 5
    unknown = 6
}
$script:DestinationOptions = @{ same_as_source = 0; none = 1; by_relative_name = 2 }
# GPM_MIGRATIONTABLE_ONLY of gpmgmt.h.
$script:MigrationTableOnly = 1

$script:SidPattern = '^[Ss]-1-[0-9-]+$'

#region Import

Function New-GpmGpo {
    <#
    .SYNOPSIS
    Makes a GPO and returns it as @{ id; name; gpo }.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Name
    Its display name.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [String] $Name
    )

    $gpo = $GpmDomain.CreateGPO()
    try {
        $gpo.DisplayName = $Name
        @{ id = $gpo.ID.ToUpperInvariant(); name = $Name; gpo = $gpo }
    }
    catch {
        # Else each attempt would leave another "New Group Policy Object".
        $gpo.Delete()
        throw
    }
}

Function Remove-GpmGpo {
    <#
    .SYNOPSIS
    Deletes a GPO.

    .PARAMETER Gpo
    The IGPMGPO.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    $null = $Gpo.Delete()
}

Function Import-GpmGpo {
    <#
    .SYNOPSIS
    Imports settings with IGPMGPO::Import and returns @{ succeeded; call_status; overall_status; status_messages }.

    .PARAMETER Gpo
    The IGPMGPO that gets the settings.

    .PARAMETER Backup
    The IGPMBackup.

    .PARAMETER Table
    The IGPMMigrationTable, or null.

    .PARAMETER TableOnly
    Whether a principal or path that the table does not map makes the import fail.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [Object] $Backup,
        [AllowNull()] [Object] $Table,
        [Parameter(Mandatory = $true)] [Boolean] $TableOnly
    )

    $flags = 0
    if ($TableOnly) {
        $flags = $script:MigrationTableOnly
    }
    try {
        if ($null -eq $Table) {
            $result = $Gpo.Import($flags, $Backup)
        }
        else {
            $result = $Gpo.Import($flags, $Backup, $Table)
        }
    }
    catch {
        return (Get-GpmCallFailure -ErrorRecord $_)
    }
    Get-GpmCallResult -Result $result
}

#endregion

#region Migration tables

Function Get-GpmMigrationTable {
    <#
    .SYNOPSIS
    Returns an IGPMMigrationTable that GPMC has found valid, from a file or from entries. Throws what is wrong with it.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER Path
    A .migtable file on the host; empty to make a table of the entries.

    .PARAMETER Entries
    The entries: @{ source; type; destination; destination_option }.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [AllowNull()] [AllowEmptyString()] [String] $Path,
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Entries
    )

    if ($Path) {
        $table = $Gpm.GetMigrationTable($Path)
    }
    else {
        $table = $Gpm.CreateMigrationTable()
        foreach ($entry in $Entries) {
            $destination = $entry['destination']
            if ($entry['destination_option'] -ne 'set') {
                $destination = $script:DestinationOptions[$entry['destination_option']]
            }
            $null = $table.AddEntry($entry['source'], $script:EntryTypes[$entry['type']], $destination)
        }
    }
    $null = $table.Validate().OverallStatus()
    $table
}

Function Get-GpmTableEntry {
    <#
    .SYNOPSIS
    Returns what a migration table makes of each source, by the source: @{ option; destination }.

    .PARAMETER Table
    The IGPMMigrationTable, or null.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [Object] $Table
    )

    $entries = New-GpmMap
    if ($null -ne $Table) {
        foreach ($entry in $Table.GetEntries()) {
            $entries[[String]$entry.Source] = @{
                option = [Int32]$entry.DestinationOption
                # Unreadable where the option says all.
                destination = [String](Get-GpmProperty -Object $entry -Name Destination)
            }
        }
    }
    $entries
}

Function ConvertTo-GpmTrustee {
    <#
    .SYNOPSIS
    Returns what an account of a DACL is called here: DOMAIN\name or a SID, an empty text when a migration table leaves
    it out, or null when there is none of that name.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER Trustee
    The account, as Get-GpmAce has it.

    .PARAMETER Entries
    From Get-GpmTableEntry.

    .PARAMETER Source
    DNS name of the domain that the account is of: GPMC's tables name accounts name@domain, too.

    .PARAMETER Domain
    DNS name of the domain here.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [String] $Trustee,
        [Parameter(Mandatory = $true)] [Hashtable] $Entries,
        [Parameter(Mandatory = $true)] [String] $Source,
        [Parameter(Mandatory = $true)] [String] $Domain
    )

    $relative = $Trustee.Substring($Trustee.IndexOf([Char]'\') + 1)
    $entry = $Entries[$Trustee]
    if ($null -eq $entry) {
        $entry = $Entries["$relative@$Source"]
    }
    $names = @($Trustee)
    if ($null -ne $entry) {
        if ([Int32]$entry.option -eq $script:DestinationOptions.none) {
            return ''
        }
        if ([Int32]$entry.option -eq $script:DestinationOptions.by_relative_name) {
            # An account of the domain before one of the host that has the same name.
            $names = @("$Domain\$relative", $relative)
        }
        elseif ([Int32]$entry.option -ne $script:DestinationOptions.same_as_source) {
            $names = @($entry.destination)
        }
    }
    foreach ($name in $names) {
        try {
            $found = $Gpm.CreateTrustee($name)
        }
        catch {
            continue
        }
        # As the directory will tell it.
        if ($script:SameName.Equals($name, $Trustee) -and $name -cnotmatch $script:SidPattern) {
            return $name
        }
        if ($found.TrusteeDomain) {
            return $found.TrusteeDomain + '\' + $found.TrusteeName
        }
        if ($found.TrusteeName) {
            return $found.TrusteeName
        }
        return $name
    }
    if ($names[0] -cmatch $script:SidPattern) {
        # That of an account that is gone has no name, and can be set all the same.
        return $names[0]
    }
    return $null
}

#endregion

#region Permissions

Function Test-GpmInherited {
    <#
    .SYNOPSIS
    Returns whether an entry of a DACL comes from above.

    .PARAMETER Flags
    Its IADsAccessControlEntry.AceFlags.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Int32] $Flags
    )

    ($Flags -band $script:InheritedAce) -ne 0
}

Function Set-GpmAce {
    <#
    .SYNOPSIS
    Gives a GPO the entries of a DACL, in place of its own. Inherited ones are the directory's business.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Aces
    The entries, as Get-GpmAce has them, in their order.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [Object[]] $Aces
    )

    $descriptor = $Gpo.GetSecurityDescriptor($script:DaclOnly)
    $acl = $descriptor.DiscretionaryAcl
    foreach ($ace in @($acl)) {
        if (-not (Test-GpmInherited -Flags $ace.AceFlags)) {
            $null = $acl.RemoveAce($ace)
        }
    }
    # From the last to the first: IADsAccessControlList::AddAce adds to the front, says its documentation.
    for ($index = $Aces.Count - 1; $index -ge 0; $index--) {
        $wanted = $Aces[$index]
        $ace = New-Object -ComObject AccessControlEntry
        $ace.Trustee = $wanted.trustee
        $ace.AceType = [Int32]$wanted.type
        $ace.AceFlags = [Int32]$wanted.flags
        $ace.AccessMask = [Int32]$wanted.mask
        $ace.Flags = [Int32]$wanted.object_flags
        if ($wanted.object_type) {
            $ace.ObjectType = $wanted.object_type
        }
        if ($wanted.inherited_object_type) {
            $ace.InheritedObjectType = $wanted.inherited_object_type
        }
        $null = $acl.AddAce($ace)
    }
    $descriptor.DiscretionaryAcl = $acl
    $null = $Gpo.SetSecurityDescriptor($script:DaclOnly, $descriptor)
}

#endregion

Export-ModuleMember -Function ConvertTo-GpmTrustee, Get-GpmMigrationTable, Get-GpmTableEntry, Import-GpmGpo, New-GpmGpo,
    Remove-GpmGpo, Set-GpmAce, Test-GpmInherited
