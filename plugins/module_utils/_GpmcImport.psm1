# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# IGPMGPO::Import, migration tables, and the permissions that an import does not bring.

#AnsibleRequires -CSharpUtil ..module_utils._ComObject
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:Com = 'ansible_collections.gpvault.gpmc.plugins.module_utils._ComObject.ComObject' -as [Type]

# IGPMConstants.SecurityFlags(false, false, true, false): the DACL alone.
$script:DaclOnly = 4

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

# Accounts of domains; in each domain, the number of the group Domain Users, which cannot be deleted.
$script:DomainSid = 'S-1-5-21-'
$script:DomainUsers = '-513'

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

    $gpo = $script:Com::Call($GpmDomain, 'CreateGPO')
    try {
        $script:Com::Put($gpo, 'DisplayName', $Name)
        @{ id = $gpo.ID.ToUpperInvariant(); name = $Name; gpo = $gpo }
    }
    catch {
        # Else each attempt would leave another "New Group Policy Object".
        $null = $script:Com::Call($gpo, 'Delete')
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

    $null = $script:Com::Call($Gpo, 'Delete')
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
            $result = $script:Com::Call($Gpo, 'Import', $flags, $Backup)
        }
        else {
            $result = $script:Com::Call($Gpo, 'Import', $flags, $Backup, $Table)
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
    Returns a migration table, from a file or from entries, as @{ table; valid; status; message; status_messages }.

    .DESCRIPTION
    Throws what makes it no table at all. Whether its entries are valid is the Result of IGPMMigrationTable::Validate,
    and its status messages say why. Not valid, it has a status, or a message that says which entries are wrong.

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
        $table = $script:Com::Call($Gpm, 'GetMigrationTable', $Path)
    }
    else {
        $table = $Gpm.CreateMigrationTable()
        foreach ($entry in $Entries) {
            $destination = $entry['destination']
            if ($entry['destination_option'] -ne 'set') {
                $destination = $script:DestinationOptions[$entry['destination_option']]
            }
            $null = $script:Com::Call(
                $table, 'AddEntry', $entry['source'], $script:EntryTypes[$entry['type']], $destination)
        }
    }
    $validation = $script:Com::Call($table, 'Validate')
    $told = Get-GpmCallResult -Result $validation
    $complaints = @(foreach ($message in $told.status_messages) {
            '{0}: {1}' -f $message.object_path, $message.message
        })
    $status = $null
    if (-not $told.succeeded -and -not $complaints.Count) {
        $status = $told.overall_status
    }
    @{
        table = $table
        valid = $told.succeeded -and (Get-GpmProperty -Object $validation -Name Result) -ne $false
        status = $status
        message = $complaints -join ' '
        status_messages = $told.status_messages
    }
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
    Returns who an account of a DACL is here, as @{ trustee; sid }; sid is empty when a migration table leaves the
    account out. Returns null when nobody here is it.

    .DESCRIPTION
    An account is its SID. By a name alone nobody is found, unless a migration table says so: the account of that name
    in another domain is another one.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER Account
    The account, as Get-GpmRecordedAccount has it.

    .PARAMETER Entries
    From Get-GpmTableEntry.

    .PARAMETER Domain
    DNS name of the domain here.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Hashtable] $Account,
        [Parameter(Mandatory = $true)] [Hashtable] $Entries,
        [Parameter(Mandatory = $true)] [String] $Domain
    )

    $option = $script:DestinationOptions.same_as_source
    foreach ($name in $Account.names) {
        if ($Entries.ContainsKey($name)) {
            $option = $Entries[$name].option
            $destination = $Entries[$name].destination
            break
        }
    }
    if ([Int32]$option -eq $script:DestinationOptions.none) {
        return @{ trustee = $Account.trustee; sid = '' }
    }
    $isSame = [Int32]$option -eq $script:DestinationOptions.same_as_source
    $isByName = [Int32]$option -eq $script:DestinationOptions.by_relative_name
    # A name of a domain that is not this one's is never its own; one that all domains share is.
    if ($isSame -or ($isByName -and $Account.sid -and -not (Test-GpmDomainSid -Sid $Account.sid))) {
        if ($Account.sid -and (Test-GpmKnownSid -Gpm $Gpm -Sid $Account.sid)) {
            return @{ trustee = $Account.trustee; sid = $Account.sid }
        }
        return $null
    }
    if ($isByName) {
        $destination = "$Domain\$($Account.relative)"
    }
    $sid = Find-GpmSid -Name $destination -Gpm $Gpm
    if ($sid) {
        return @{ trustee = $destination; sid = $sid }
    }
    return $null
}

Function Test-GpmDomainSid {
    <#
    .SYNOPSIS
    Returns whether a SID is that of an account of some domain, and not one that means the same everywhere.

    .PARAMETER Sid
    The SID.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [String] $Sid
    )

    $Sid.StartsWith($script:DomainSid, [StringComparison]::OrdinalIgnoreCase)
}

Function Test-GpmKnownSid {
    <#
    .SYNOPSIS
    Returns whether a SID has a meaning here: that of a known account, or of one that is gone from a known domain.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER Sid
    The SID.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [String] $Sid
    )

    if (-not (Test-GpmDomainSid -Sid $Sid)) {
        return $true
    }
    foreach ($known in $Sid, ($Sid.Substring(0, $Sid.LastIndexOf([Char]'-')) + $script:DomainUsers)) {
        try {
            # What has no name is not known, even if GPMC makes a trustee of it.
            if ($Gpm.CreateTrustee($known).TrusteeName) {
                return $true
            }
        }
        catch {
            # Nor is what it makes none of.
            $null = $_
        }
    }
    $false
}

#endregion

#region Permissions

Function Set-GpmAce {
    <#
    .SYNOPSIS
    Gives a GPO the entries of a DACL, in place of its own. Inherited ones are the directory's business.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Aces
    The entries, as Get-GpmAce has them, in their order, each with its SID.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [Object[]] $Aces
    )

    $descriptor = $script:Com::Call($Gpo, 'GetSecurityDescriptor', $script:DaclOnly)
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
        # ADSI takes either. A name is somebody else's in another language or domain.
        $ace.Trustee = $wanted.sid
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
    $null = $script:Com::Call($Gpo, 'SetSecurityDescriptor', $script:DaclOnly, $descriptor)
}

#endregion

Export-ModuleMember -Function ConvertTo-GpmTrustee, Get-GpmMigrationTable, Get-GpmTableEntry, Import-GpmGpo, New-GpmGpo,
    Remove-GpmGpo, Set-GpmAce, Test-GpmDomainSid
