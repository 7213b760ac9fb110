# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The collection's only door to the COM API of the Group Policy Management Console (gpmgmt.dll) is this file, those
# beside it whose names begin with _Gpmc, and their C#. Here is what several tasks need: the domain, its GPOs, what is
# linked to them, and what GPMC says of a call. It runs on Windows PowerShell 5.1.

#AnsibleRequires -CSharpUtil ..module_utils._ComObject
#AnsibleRequires -CSharpUtil ..module_utils._DcLocator
#AnsibleRequires -CSharpUtil ..module_utils._GpoReader
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# Calls whose HRESULT decides something, or is told, go through it. By name: ansible-test imports this file without C#.
$script:Com = 'ansible_collections.gpvault.gpmc.plugins.module_utils._ComObject.ComObject' -as [Type]

# The status of a call that succeeded.
$script:Success = @{ hresult = 0; message = '' }

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# IGPMConstants.SecurityFlags(false, false, true, false): the DACL alone.
$script:DaclOnly = 4

# INHERITED_ACE of winnt.h.
$script:InheritedAce = 16

$script:SidPattern = '^[Ss]-1-[0-9-]+\z'

# The SIDs of names that this process has asked for.
$script:Sids = New-Object -TypeName System.Collections.Hashtable -ArgumentList ([StringComparer]::OrdinalIgnoreCase)

# What a GPO is selected by.
$script:GpoIdentity = @('ID', 'DisplayName')

# What results say of a GPO.
$script:GpoMembers = @(
    'DomainName', 'Description', 'CreationTime', 'ModificationTime', 'ComputerDSVersionNumber',
    'ComputerSysvolVersionNumber', 'UserDSVersionNumber', 'UserSysvolVersionNumber', 'IsComputerEnabled',
    'IsUserEnabled')
# The halves in force: the computer's counts 1, the user's 2.
$script:GpoStates = @(
    'all_settings_disabled', 'user_settings_disabled', 'computer_settings_disabled', 'all_settings_enabled')

$script:GuidPattern = '^\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?\z'

#region Domain

Function New-Gpm {
    <#
    .SYNOPSIS
    Returns the root object of GPMC, the IGPM.
    #>
    param ()

    New-Object -ComObject GPMgmt.GPM
}

Function Get-GpmHostDomain {
    <#
    .SYNOPSIS
    Returns the DNS name of the domain that the host is a member of.
    #>
    [OutputType([String])]
    param ()

    $computer = Get-CimInstance -ClassName Win32_ComputerSystem -Property Domain, PartOfDomain
    if (-not $computer.PartOfDomain) {
        throw 'The host is not a member of a domain.'
    }
    $computer.Domain
}

Function Connect-GpmDomain {
    <#
    .SYNOPSIS
    Returns the domain to work with, as @{ object; name; controller; policies }: the IGPMDomain, the DNS names of the
    domain and of the domain controller in use, the folder of the policies in that controller's SYSVOL.

    .DESCRIPTION
    Not the SYSVOL under the domain's name: another controller may not have replicated yet.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER Domain
    DNS name of the domain.

    .PARAMETER DomainController
    DNS or NetBIOS name of the domain controller; empty to have one located.

    .PARAMETER Locator
    Which one to locate: pdc (the PDC emulator), any, or writable: any that can be written to. GPMC knows no such flag,
    so Windows is asked; where it knows none, the PDC emulator can always be written to, and notLocated is why: a
    status, null otherwise.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [String] $Domain,
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $DomainController,
        [Parameter(Mandatory = $true)] [String] $Locator
    )

    $constants = $Gpm.GetConstants()
    $flags = $constants.UsePDC
    $notLocated = $null
    if (-not $DomainController -and $Locator -eq 'any') {
        $flags = $constants.UseAnyDC
    }
    elseif (-not $DomainController -and $Locator -eq 'writable') {
        $located = [ansible_collections.gpvault.gpmc.plugins.module_utils._DcLocator.DcLocator]::FindWritable($Domain)
        if ($located.error) {
            $notLocated = @{ hresult = $located.error; message = '' }
        }
        $DomainController = [String]$located.controller
    }
    $found = $script:Com::Call($Gpm, 'GetDomain', $Domain, $DomainController, $flags)
    $name = $found.Domain
    $controller = $found.DomainController
    @{
        object = $found
        name = $name
        controller = $controller
        policies = '\\{0}\SYSVOL\{1}\Policies' -f $controller, $name
        notLocated = $notLocated
    }
}

#endregion

#region GPOs

Function Find-GpmGpo {
    <#
    .SYNOPSIS
    Returns the domain's GPOs that the account can see, as a list of @{ id; name; gpo }, sorted by name.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER GpmDomain
    The IGPMDomain.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Object] $GpmDomain
    )

    # One search of everything, matched here: how GPMC puts a name with * ( or \ into its LDAP filter is not documented,
    # and LDAP would find "Name" for "Name " too.
    $found = New-Object -TypeName System.Collections.Generic.List[Object]
    foreach ($gpo in $script:Com::Call($GpmDomain, 'SearchGPOs', $Gpm.CreateSearchCriteria())) {
        $value = [ansible_collections.gpvault.gpmc.plugins.module_utils._GpoReader.GpoReader]::Values(
            $gpo, $script:GpoIdentity)
        if ($null -eq $value.ID) {
            # Throws why.
            $value.ID = $script:Com::Call($gpo, 'ID')
        }
        $found.Add(@{ id = $value.ID.ToUpperInvariant(); name = [String]$value.DisplayName; gpo = $gpo })
    }
    , (Get-GpmSortedItem -Items $found.ToArray())
}

Function Open-GpmGpo {
    <#
    .SYNOPSIS
    Returns the GPO with an ID as @{ id; name; gpo }. Throws when there is none that the account can see.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Id
    ID of the GPO.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $gpo = $script:Com::Call($GpmDomain, 'GetGPO', $Id)
    @{ id = $Id; name = [String](Get-GpmProperty -Object $gpo -Name DisplayName); gpo = $gpo }
}

Function Find-GpmInaccessible {
    <#
    .SYNOPSIS
    Puts the GPOs that exist but that the account cannot see into $Trip.inaccessible, as @{ id; found_in }.

    .DESCRIPTION
    A search leaves out, without a word, what the account cannot read. Such a GPO shows by its folder in SYSVOL, or by a
    link to it. Where one of the two cannot be read, the other still counts, and the reason goes into
    $Trip.inaccessible_errors: it is no reason to back up nothing.

    .PARAMETER Policies
    The folder of the policies in SYSVOL.

    .PARAMETER Visible
    All GPOs that the account can see, from Find-GpmGpo.

    .PARAMETER Surroundings
    From Get-GpmSurroundings.

    .PARAMETER Exclude
    The option exclude, as a selector: a GPO whose ID it names is not looked for.

    .PARAMETER Trip
    The trip's reply.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Policies,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Visible,
        [Parameter(Mandatory = $true)] [Hashtable] $Surroundings,
        [Parameter(Mandatory = $true)] [Hashtable] $Exclude,
        [Parameter(Mandatory = $true)] [Hashtable] $Trip
    )

    $foundIn = New-Object -TypeName System.Collections.Specialized.OrderedDictionary

    try {
        foreach ($folder in [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Folders(
                $Policies)) {
            if ([System.IO.Path]::GetFileName($folder) -cmatch $script:GuidPattern) {
                $foundIn['{' + $Matches[1].ToUpperInvariant() + '}'] = @('sysvol')
            }
        }
    }
    catch {
        $Trip.inaccessible_errors.Add((Get-GpmStatus -ErrorRecord $_))
    }

    if ($null -eq $Surroundings.links) {
        $Trip.inaccessible_errors.Add($Surroundings.links_error)
    }
    else {
        foreach ($id in $Surroundings.links.Keys) {
            if ($foundIn.Contains($id)) {
                $foundIn[$id] += 'link'
            }
            else {
                $foundIn[$id] = @('link')
            }
        }
    }

    foreach ($item in $Visible) {
        $foundIn.Remove($item.id)
    }
    $Trip.inaccessible = @(foreach ($id in $foundIn.Keys) {
            if (-not $Exclude.ids.Contains($id)) {
                @{ id = $id; found_in = $foundIn[$id] }
            }
        })
}

Function Get-GpmProperty {
    <#
    .SYNOPSIS
    Returns a property of a COM object, or null when it cannot be read.

    .DESCRIPTION
    For what is told of a GPO: a number that cannot be read, say of a damaged GPT.INI, is no reason not to back it up.

    .PARAMETER Object
    The COM object.

    .PARAMETER Name
    The property's name.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Object,
        [Parameter(Mandatory = $true)] [String] $Name
    )

    try {
        $Object.$Name
    }
    catch {
        return $null
    }
}

Function Get-GpmGpoInfo {
    <#
    .SYNOPSIS
    Returns what the results of all modules say of a GPO. What cannot be read is null.

    .PARAMETER Item
    @{ id; name; gpo }, where gpo is the IGPMGPO.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item
    )

    $value = [ansible_collections.gpvault.gpmc.plugins.module_utils._GpoReader.GpoReader]::Values(
        $Item.gpo, $script:GpoMembers)
    foreach ($name in 'CreationTime', 'ModificationTime') {
        if ($value[$name] -is [DateTime]) {
            $value[$name] = ConvertTo-GpmTimeText -Time $value[$name]
        }
    }
    $status = $null
    if ($null -ne $value.IsComputerEnabled -and $null -ne $value.IsUserEnabled) {
        $status = $script:GpoStates[[Int32][Boolean]$value.IsComputerEnabled + 2 * [Int32][Boolean]$value.IsUserEnabled]
    }
    @{
        id = $Item.id
        name = $Item.name
        domain = $value.DomainName
        description = [String]$value.Description
        status = $status
        wmi_filter = Get-GpmFilterInfo -Gpo $Item.gpo
        versions = @{
            computer = @{ directory = $value.ComputerDSVersionNumber; sysvol = $value.ComputerSysvolVersionNumber }
            user = @{ directory = $value.UserDSVersionNumber; sysvol = $value.UserSysvolVersionNumber }
        }
        created = $value.CreationTime
        modified = $value.ModificationTime
    }
}

Function Get-GpmHalfStatus {
    <#
    .SYNOPSIS
    Returns the status of a GPO, as Get-GpmGpoInfo has it, with these halves enabled.

    .PARAMETER Halves
    @{ computer; user }.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Halves
    )

    $script:GpoStates[[Int32]$Halves.computer + 2 * [Int32]$Halves.user]
}

Function ConvertTo-GpmTimeText {
    <#
    .SYNOPSIS
    Returns a time of GPMC's as ISO 8601 with the offset of the zone, or without it in the hour that comes twice, and in
    the one that never comes.

    .DESCRIPTION
    Local time of the host: so the managed API of GPMC documents CreationTime and ModificationTime (Microsoft.GroupPolicy,
    Gpo). The COM interface gives a DATE, and says nothing of its zone.

    .PARAMETER Time
    The time, as GPMC gave it.

    .PARAMETER Zone
    The zone.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [DateTime] $Time,
        [TimeZoneInfo] $Zone = [TimeZoneInfo]::Local
    )

    $plain = [DateTime]::SpecifyKind($Time, [DateTimeKind]::Unspecified)
    if ($Zone.IsAmbiguousTime($plain) -or $Zone.IsInvalidTime($plain)) {
        return $plain.ToString('s')
    }
    $offset = $Zone.GetUtcOffset($plain)
    $sign = '+'
    if ($offset -lt [TimeSpan]::Zero) {
        $sign = '-'
    }
    $plain.ToString('s') + $sign + $offset.ToString('hh\:mm')
}

Function Get-GpmFilterInfo {
    <#
    .SYNOPSIS
    Returns the WMI filter of a GPO as @{ id; name }, or null when it has none.

    .PARAMETER Gpo
    The IGPMGPO.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    try {
        $filter = $script:Com::Call($Gpo, 'GetWMIFilter')
    }
    catch {
        # The GPO refers to a filter that is gone or cannot be read.
        return @{ id = $null; name = $null }
    }
    if ($null -eq $filter) {
        return $null
    }
    @{ id = Get-GpmFilterId -Filter $filter; name = Get-GpmProperty -Object $filter -Name Name }
}

Function Get-GpmFilterId {
    <#
    .SYNOPSIS
    Returns the ID of a WMI filter, in braces, or null when it cannot be told.

    .PARAMETER Filter
    The IGPMWMIFilter.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Filter
    )

    # Path is a WMI object path: MSFT_SomFilter.ID="{...}",Domain="..."
    if ((Get-GpmProperty -Object $Filter -Name Path) -cmatch 'ID="(\{[0-9a-fA-F-]{36}\})"') {
        return $Matches[1].ToUpperInvariant()
    }
    return $null
}

Function Get-GpmAce {
    <#
    .SYNOPSIS
    Returns the entries of a GPO's DACL, in their order.

    .DESCRIPTION
    GPMC's own permissions (IGPMSecurityInfo) group entries and call what fits no group "custom"; a change inside such
    a one would not show. The members are those of IADsAccessControlEntry, and sid, see Add-GpmSid.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Gpm
    The IGPM.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [Object] $Gpm
    )

    $aces = [ansible_collections.gpvault.gpmc.plugins.module_utils._GpoReader.GpoReader]::Aces($Gpo, $script:DaclOnly)
    Add-GpmSid -Aces $aces -Gpm $Gpm
    , $aces
}

Function Add-GpmSid {
    <#
    .SYNOPSIS
    Adds to the entries of a DACL whose SIDs are not known the SIDs of their trustees; null where nobody knows one.

    .DESCRIPTION
    ADSI tells trustees by names, and catalogs of earlier releases have nothing else. A name is in the host's language,
    changes with the account, and is the SID itself when it could not be looked up; the SID stays. Each name is asked
    for once in a process.

    .PARAMETER Aces
    The entries.

    .PARAMETER Gpm
    The IGPM.
    #>
    param (
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Aces,
        [Parameter(Mandatory = $true)] [Object] $Gpm
    )

    foreach ($ace in $Aces) {
        if ($ace['sid']) {
            continue
        }
        $name = $ace.trustee
        if (-not $script:Sids.ContainsKey($name)) {
            $script:Sids[$name] = Find-GpmSid -Name $name -Gpm $Gpm
        }
        $ace.sid = $script:Sids[$name]
    }
}

Function Find-GpmSid {
    <#
    .SYNOPSIS
    Returns the SID of an account, or null when nobody knows one of that name.

    .PARAMETER Name
    Its name, or its SID.

    .PARAMETER Gpm
    The IGPM.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $Name,
        [Parameter(Mandatory = $true)] [Object] $Gpm
    )

    if ($Name -cmatch $script:SidPattern) {
        return $Name.ToUpperInvariant()
    }
    try {
        # The host itself knows its own language, and asks nobody about most; in a list, what it does not know is no
        # exception.
        $names = New-Object -TypeName System.Security.Principal.IdentityReferenceCollection
        $names.Add([System.Security.Principal.NTAccount]$Name)
        $found = $names.Translate([System.Security.Principal.SecurityIdentifier], $false)[0]
        if ($found -is [System.Security.Principal.SecurityIdentifier]) {
            return $found.Value
        }
    }
    catch {
        # No name at all, or nobody answers.
        $null = $_
    }
    try {
        # GPMC asks the domain, whose language may be another.
        return $Gpm.CreateTrustee($Name).TrusteeSid.ToUpperInvariant()
    }
    catch {
        return $null
    }
}

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

#endregion

#region Links and WMI filters

Function Get-GpmForestSite {
    <#
    .SYNOPSIS
    Returns the IGPMSOMs of the forest's sites.

    .DESCRIPTION
    GPMC asks for the forest's name and tells it nowhere; Windows' locator knows it. Where that finds no domain
    controller, it is the domain's own name, or that of a domain above it, or that of another tree, which Win32_NTDomain
    knows; its answer is slow, so it is asked last.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER GpmDomain
    The IGPMDomain.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Object] $GpmDomain
    )

    $domain = $GpmDomain.Domain
    $located = [ansible_collections.gpvault.gpmc.plugins.module_utils._DcLocator.DcLocator]::FindWritable($domain)
    if ($located.forest) {
        return (Get-GpmSiteOfForest -Gpm $Gpm -GpmDomain $GpmDomain -Forest $located.forest)
    }
    $first = $null
    foreach ($ask in 'Get-GpmDomainAbove', 'Get-GpmKnownForest') {
        foreach ($forest in (& $ask -Domain $domain)) {
            try {
                return (Get-GpmSiteOfForest -Gpm $Gpm -GpmDomain $GpmDomain -Forest $forest)
            }
            catch {
                # What GPMC says of the first name tells most.
                if ($null -eq $first) {
                    $first = $_
                }
            }
        }
    }
    throw $first.Exception
}

Function Get-GpmDomainAbove {
    <#
    .SYNOPSIS
    Returns the name of a domain and of those above it that can be domains: a name of one label, com for one, is none,
    unless it is the domain's own.

    .PARAMETER Domain
    DNS name of the domain.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Domain
    )

    $Domain
    $labels = $Domain.Split([Char]'.')
    for ($first = 1; $first -lt $labels.Length - 1; $first++) {
        $labels[$first..($labels.Length - 1)] -join '.'
    }
}

Function Get-GpmKnownForest {
    <#
    .SYNOPSIS
    Returns the forests of the domains that the host knows, but for those that the name of a domain tells.

    .PARAMETER Domain
    DNS name of the domain.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Domain
    )

    $told = New-GpmMap
    foreach ($name in (Get-GpmDomainAbove -Domain $Domain)) {
        $told[$name] = $true
    }
    try {
        foreach ($known in (Get-CimInstance -ClassName Win32_NTDomain -Property DnsForestName)) {
            if ($known.DnsForestName -and -not $told.ContainsKey($known.DnsForestName)) {
                $known.DnsForestName
            }
        }
    }
    catch {
        return
    }
}

Function Get-GpmSiteOfForest {
    <#
    .SYNOPSIS
    Returns the IGPMSOMs of a forest's sites.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Forest
    DNS name of its root.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [String] $Forest
    )

    $container = $script:Com::Call(
        $Gpm, 'GetSitesContainer', $Forest, $GpmDomain.Domain, $GpmDomain.DomainController, 0)
    $script:Com::Call($container, 'SearchSites', $Gpm.CreateSearchCriteria())
}

Function Read-GpmSom {
    <#
    .SYNOPSIS
    Returns a site, the domain or an OU as @{ path; type; links }, where links are of @{ id; domain; enabled; enforced;
    order }, those to GPOs of other domains among them.

    .PARAMETER Som
    The IGPMSOM.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Som
    )

    @{
        path = $Som.Path
        # GPMSOMType of gpmgmt.h.
        type = @('site', 'domain', 'ou')[[Int32]$Som.Type]
        links = @(foreach ($link in $script:Com::Call($Som, 'GetGPOLinks')) {
                @{
                    id = $link.GPOID.ToUpperInvariant()
                    domain = $link.GPODomain
                    enabled = $link.Enabled
                    enforced = $link.Enforced
                    order = [Int32]$link.SOMLinkOrder
                }
            })
    }
}

Function Get-GpmFilter {
    <#
    .SYNOPSIS
    Returns the domain's WMI filters, each as @{ id; name; description; queries }; not those whose ID cannot be told.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER GpmDomain
    The IGPMDomain.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Object] $GpmDomain
    )

    foreach ($filter in $script:Com::Call($GpmDomain, 'SearchWMIFilters', $Gpm.CreateSearchCriteria())) {
        $id = Get-GpmFilterId -Filter $filter
        if ($id) {
            @{
                id = $id
                name = $filter.Name
                description = [String]$filter.Description
                queries = @(foreach ($query in $filter.GetQueryList()) { [String]$query })
            }
        }
    }
}

Function Get-GpmSurroundings {
    <#
    .SYNOPSIS
    Returns what hangs on the domain's GPOs without being part of them: the links, and the WMI filters' definitions.

    .DESCRIPTION
    Three searches, and a call for each site and OU. The result is @{ soms; links_error; sites_error; filters;
    filters_error }, see Read-GpmSom and Get-GpmFilter: plain data, which a trip hands on to the next one. What could not
    be read is null, and the error beside it has the status. Sites can fail alone.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER GpmDomain
    The IGPMDomain.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Object] $GpmDomain
    )

    $found = @{ soms = $null; links_error = $null; sites_error = $null; filters = $null; filters_error = $null }
    try {
        $soms = New-Object -TypeName System.Collections.Generic.List[Object]
        foreach ($som in $script:Com::Call($GpmDomain, 'SearchSOMs', $Gpm.CreateSearchCriteria())) {
            $soms.Add((Read-GpmSom -Som $som))
        }
        try {
            foreach ($site in Get-GpmForestSite -Gpm $Gpm -GpmDomain $GpmDomain) {
                $soms.Add((Read-GpmSom -Som $site))
            }
        }
        catch {
            $found.sites_error = Get-GpmStatus -ErrorRecord $_
        }
        $found.soms = $soms.ToArray()
    }
    catch {
        $found.links_error = Get-GpmStatus -ErrorRecord $_
    }
    try {
        $found.filters = @(Get-GpmFilter -Gpm $Gpm -GpmDomain $GpmDomain)
    }
    catch {
        $found.filters_error = Get-GpmStatus -ErrorRecord $_
    }
    $found
}

#endregion

#region Calls

Function Get-GpmCallResult {
    <#
    .SYNOPSIS
    Returns what an IGPMResult says as @{ succeeded; call_status; overall_status; status_messages }.

    .PARAMETER Result
    The IGPMResult of a call that returned.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Result
    )

    $status = $script:Com::Status($Result, 'OverallStatus')
    $told = @{ succeeded = $status.hresult -ge 0; call_status = $script:Success; overall_status = $status }
    $told.status_messages = @(Get-GpmStatusMessage -Collections (, (Get-GpmProperty -Object $Result -Name Status)))
    $told
}

Function Get-GpmCallFailure {
    <#
    .SYNOPSIS
    Returns what Get-GpmCallResult does, for a call that did not return.

    .PARAMETER ErrorRecord
    The error.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [System.Management.Automation.ErrorRecord] $ErrorRecord
    )

    @{
        succeeded = $false
        call_status = Get-GpmStatus -ErrorRecord $ErrorRecord
        overall_status = $null
        status_messages = @()
    }
}

Function Get-GpmStatusMessage {
    <#
    .SYNOPSIS
    Returns status messages, whole. Messages that cannot be read must not cost the outcome: they are left out.

    .PARAMETER Collections
    The IGPMStatusMsgCollections; any may be null.
    #>
    param (
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Collections
    )

    try {
        foreach ($collection in $Collections) {
            foreach ($message in $collection) {
                @{
                    object_path = Get-GpmProperty -Object $message -Name ObjectPath
                    extension = Get-GpmProperty -Object $message -Name ExtensionName
                    setting = Get-GpmProperty -Object $message -Name SettingsName
                    message = Get-GpmProperty -Object $message -Name Message
                    error = $script:Com::Status($message, 'ErrorCode')
                    operation = $script:Com::Status($message, 'OperationCode')
                }
            }
        }
    }
    catch {
        $null = $_
    }
}

#endregion

Export-ModuleMember -Function Add-GpmSid, Connect-GpmDomain, Find-GpmGpo, Find-GpmInaccessible, Find-GpmSid, Get-GpmAce,
    Get-GpmCallFailure, Get-GpmCallResult, Get-GpmFilterId, Get-GpmFilterInfo, Get-GpmForestSite, Get-GpmGpoInfo,
    Get-GpmHalfStatus, Get-GpmHostDomain, Get-GpmProperty, Get-GpmStatusMessage, Get-GpmSurroundings, New-Gpm, Open-GpmGpo,
    Test-GpmInherited
