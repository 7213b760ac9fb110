# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# This file is the collection's only door to the COM API of the Group Policy Management Console (gpmgmt.dll). It runs
# on Windows PowerShell 5.1. What it sends back is data; the words for people, and the names of HRESULTs, are made on
# the controller (plugin_utils/_backup_report.py and _hresult.py).

#AnsibleRequires -CSharpUtil ..module_utils._BackupProgress
#AnsibleRequires -CSharpUtil ..module_utils._GpoReader

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:Success = @{ hresult = 0; message = '' }

# IGPMConstants.SecurityFlags(true, false, false, false): the owner alone.
$script:OwnerOnly = 1

# IGPMConstants.SecurityFlags(false, false, true, false): the DACL alone.
$script:DaclOnly = 4

# INHERITED_ACE of winnt.h.
$script:InheritedAce = 16

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

# GPMReportType of gpmgmt.h.
$script:ReportTypes = @{ xml = 0; html = 1 }

# How long a server may take to obey IGPMAsyncCancel.Cancel() before the process is given up, in seconds.
$script:CancelGrace = 10

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

# ERROR_DS_NO_SUCH_OBJECT of winerror.h.
$script:NoSuchObject = 0x80072030

$script:SidPattern = '^S-1-[0-9-]+$'
$script:GuidPattern = '^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$'

#region HRESULTs

Function Get-GpmStatus {
    <#
    .SYNOPSIS
    Returns the HRESULT and text of an error as a status: @{ hresult; message }.

    .DESCRIPTION
    A COM call that fails throws. PowerShell 7 throws the exception that the HRESULT selects; Windows PowerShell may
    wrap it. The HRESULT is that of the first exception that is not one of PowerShell's or reflection's own wrappings.

    .PARAMETER ErrorRecord
    The error, as a catch block has it in $_.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [System.Management.Automation.ErrorRecord] $ErrorRecord
    )

    $exception = $ErrorRecord.Exception
    while ($null -ne $exception.InnerException -and (
            $exception -is [System.Management.Automation.RuntimeException] -or
            $exception -is [System.Reflection.TargetInvocationException])) {
        $exception = $exception.InnerException
    }
    @{ hresult = $exception.HResult; message = $exception.Message }
}

Function New-GpmException {
    <#
    .SYNOPSIS
    Returns an exception that carries an HRESULT.

    .PARAMETER HResult
    The HRESULT.
    #>
    [OutputType([Exception])]
    param (
        [Parameter(Mandatory = $true)] [Int32] $HResult
    )

    # -1: from the HRESULT alone, not from what an earlier COM call left in the thread's error object.
    [System.Runtime.InteropServices.Marshal]::GetExceptionForHR($HResult, [IntPtr](-1))
}

Function Get-GpmMessageCode {
    <#
    .SYNOPSIS
    Returns the status that a method returns as its own HRESULT: IGPMStatusMessage.ErrorCode and OperationCode.

    .PARAMETER Message
    The IGPMStatusMessage.

    .PARAMETER Method
    The method's name.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Message,
        [Parameter(Mandatory = $true)] [ValidateSet('ErrorCode', 'OperationCode')] [String] $Method
    )

    try {
        if ($Method -eq 'ErrorCode') {
            $null = $Message.ErrorCode()
        }
        else {
            $null = $Message.OperationCode()
        }
        $script:Success
    }
    catch {
        Get-GpmStatus -ErrorRecord $_
    }
}

#endregion

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
    Returns the IGPMDomain to work with.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER Domain
    DNS name of the domain.

    .PARAMETER DomainController
    DNS or NetBIOS name of the domain controller; empty to have one located.

    .PARAMETER Locator
    Which one to locate: pdc (the PDC emulator) or any.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [String] $Domain,
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $DomainController,
        [Parameter(Mandatory = $true)] [String] $Locator
    )

    $constants = $Gpm.GetConstants()
    $flags = $constants.UsePDC
    if (-not $DomainController -and $Locator -eq 'any') {
        $flags = $constants.UseAnyDC
    }
    $Gpm.GetDomain($Domain, $DomainController, $flags)
}

#endregion

#region Selection

Function ConvertTo-GpmSelector {
    <#
    .SYNOPSIS
    Returns a list of selection entries, sorted by kind: @{ ids; names; patterns }.

    .DESCRIPTION
    The grammar of the options gpos and exclude: a GUID with or without braces, a pattern with * or ?, or a display
    name. Names and patterns do not tell upper from lower case. Only * and ? are special.

    .PARAMETER Entries
    The entries.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [AllowEmptyCollection()] [String[]] $Entries
    )

    $selector = @{
        # What the user wrote, by ID. Names are no keys of a dictionary: one called Keys would hide the property.
        ids = New-Object -TypeName System.Collections.Specialized.OrderedDictionary
        names = New-Object -TypeName System.Collections.Generic.HashSet[String] -ArgumentList (
            [StringComparer]::OrdinalIgnoreCase)
        patterns = New-Object -TypeName System.Collections.Generic.List[Object]
    }
    foreach ($entry in $Entries) {
        if ($entry -match $script:GuidPattern) {
            $selector.ids['{' + $Matches[1].ToUpperInvariant() + '}'] = $entry
        }
        elseif ($entry.IndexOfAny([Char[]]'*?') -ge 0) {
            # Not -like: brackets and backticks are ordinary characters here.
            $expression = '\A' + [Regex]::Escape($entry).Replace('\*', '.*').Replace('\?', '.') + '\z'
            $options = [System.Text.RegularExpressions.RegexOptions]'IgnoreCase, CultureInvariant, Singleline'
            $regex = New-Object -TypeName Regex -ArgumentList $expression, $options
            $selector.patterns.Add(@{ entry = $entry; regex = $regex; matched = $false })
        }
        else {
            $null = $selector.names.Add($entry)
        }
    }
    $selector
}

Function Test-GpmSelector {
    <#
    .SYNOPSIS
    Returns whether any entry of a selector names a GPO.

    .PARAMETER Selector
    From ConvertTo-GpmSelector.

    .PARAMETER Item
    @{ id; name }.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Selector,
        [Parameter(Mandatory = $true)] [Hashtable] $Item
    )

    if ($Selector.ids.Contains($Item.id) -or $Selector.names.Contains($Item.name)) {
        return $true
    }
    foreach ($pattern in $Selector.patterns) {
        if ($pattern.regex.IsMatch($Item.name)) {
            return $true
        }
    }
    $false
}

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
    foreach ($gpo in $GpmDomain.SearchGPOs($Gpm.CreateSearchCriteria())) {
        $value = [ansible_collections.gpvault.gpmc.plugins.module_utils._GpoReader.GpoReader]::Values(
            $gpo, $script:GpoIdentity)
        if ($null -eq $value.ID) {
            # Throws why.
            $value.ID = $gpo.ID
        }
        $found.Add(@{ id = $value.ID.ToUpperInvariant(); name = [String]$value.DisplayName; gpo = $gpo })
    }
    [Array]$sorted = $found.ToArray()
    # The GUID settles the order of GPOs that share a name.
    [Array]$keys = @(foreach ($item in $found) { $item.name + [Char]0 + $item.id })
    # As [Array]: for String[] and Object[] PowerShell takes the generic overload, and sorts a copy of the items.
    [Array]::Sort([Array]$keys, [Array]$sorted, [System.Collections.IComparer][StringComparer]::OrdinalIgnoreCase)
    , $sorted
}

Function Select-GpmGpo {
    <#
    .SYNOPSIS
    Returns the GPOs that the option gpos names, as @{ id; name; gpo }.

    .DESCRIPTION
    What cannot be selected goes into $Trip: selection_errors and unmatched_patterns.

    .PARAMETER GpmDomain
    The IGPMDomain that has the GPOs whose IDs are named; null to select among $Visible alone.

    .PARAMETER Selector
    The option gpos, as a selector.

    .PARAMETER Visible
    All GPOs that the account can see, from Find-GpmGpo. Not needed for GUIDs when there is a domain.

    .PARAMETER Trip
    The trip's reply.
    #>
    param (
        [Parameter(Mandatory = $true)] [AllowNull()] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [Hashtable] $Selector,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Visible,
        [Parameter(Mandatory = $true)] [Hashtable] $Trip
    )

    # By ID: entries may name a GPO twice.
    $chosen = New-Object -TypeName System.Collections.Specialized.OrderedDictionary
    foreach ($id in $Selector.ids.Keys) {
        if ($null -eq $GpmDomain) {
            foreach ($item in $Visible) {
                if ($item.id -eq $id) {
                    $chosen[$id] = $item
                }
            }
            if (-not $chosen.Contains($id)) {
                $Trip.selection_errors.Add(@{ entry = $Selector.ids[$id]; matches = @(); status = $null })
            }
            continue
        }
        try {
            $gpo = $GpmDomain.GetGPO($id)
            $chosen[$id] = @{ id = $id; name = [String](Get-GpmProperty -Object $gpo -Name DisplayName); gpo = $gpo }
        }
        catch {
            $Trip.selection_errors.Add(@{
                    entry = $Selector.ids[$id]
                    matches = @()
                    status = Get-GpmStatus -ErrorRecord $_
                })
        }
    }

    $namesakes = New-Object -TypeName System.Collections.Hashtable -ArgumentList ([StringComparer]::OrdinalIgnoreCase)
    foreach ($item in $Visible) {
        if ($Selector.names.Contains($item.name)) {
            if (-not $namesakes.ContainsKey($item.name)) {
                $namesakes[$item.name] = New-Object -TypeName System.Collections.Generic.List[String]
            }
            $namesakes[$item.name].Add($item.id)
            $chosen[$item.id] = $item
        }
        foreach ($pattern in $Selector.patterns) {
            if ($pattern.regex.IsMatch($item.name)) {
                $pattern.matched = $true
                $chosen[$item.id] = $item
            }
        }
    }
    foreach ($name in $Selector.names) {
        $ids = @(if ($namesakes.ContainsKey($name)) { $namesakes[$name] })
        if ($ids.Count -ne 1) {
            $Trip.selection_errors.Add(@{ entry = $name; matches = $ids; status = $null })
        }
    }
    foreach ($pattern in $Selector.patterns) {
        if (-not $pattern.matched) {
            $Trip.unmatched_patterns.Add($pattern.entry)
        }
    }
    $chosen.Values
}

Function Find-GpmInaccessible {
    <#
    .SYNOPSIS
    Puts the GPOs that exist but that the account cannot see into $Trip.inaccessible, as @{ id; found_in }.

    .DESCRIPTION
    A search leaves out, without a word, what the account cannot read. Such a GPO shows by its folder in SYSVOL, or by a
    link to it. Where one of the two cannot be read, the other still counts, and the reason goes into
    $Trip.inaccessible_errors: it is no reason to back up nothing.

    .PARAMETER GpmDomain
    The IGPMDomain.

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
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Visible,
        [Parameter(Mandatory = $true)] [Hashtable] $Surroundings,
        [Parameter(Mandatory = $true)] [Hashtable] $Exclude,
        [Parameter(Mandatory = $true)] [Hashtable] $Trip
    )

    $foundIn = New-Object -TypeName System.Collections.Specialized.OrderedDictionary

    try {
        foreach ($folder in [System.IO.Directory]::GetDirectories((Get-GpmSysvolFolder -GpmDomain $GpmDomain))) {
            if ([System.IO.Path]::GetFileName($folder) -match $script:GuidPattern) {
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

#endregion

#region Links and WMI filters

Function Get-GpmForestSite {
    <#
    .SYNOPSIS
    Returns the IGPMSOMs of the forest's sites.

    .DESCRIPTION
    GPMC asks for the forest's name and tells it nowhere. It is the domain's own, or that of a domain above it, or that
    of another tree, which Win32_NTDomain knows; its answer is slow, so it is asked last.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER GpmDomain
    The IGPMDomain.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Object] $GpmDomain
    )

    $candidates = New-Object -TypeName System.Collections.Generic.List[String]
    for ($name = $GpmDomain.Domain; $name; $name = $name.Substring($name.IndexOf('.') + 1)) {
        $candidates.Add($name)
        if ($name.IndexOf('.') -lt 0) {
            break
        }
    }
    $asked = $false
    $first = $null
    for ($index = 0; $index -lt $candidates.Count; $index++) {
        try {
            $container = $Gpm.GetSitesContainer(
                $candidates[$index], $GpmDomain.Domain, $GpmDomain.DomainController, 0)
            return $container.SearchSites($Gpm.CreateSearchCriteria())
        }
        catch {
            if ($null -eq $first) {
                $first = $_
            }
        }
        if ($index -eq $candidates.Count - 1 -and -not $asked) {
            $asked = $true
            try {
                foreach ($known in (Get-CimInstance -ClassName Win32_NTDomain -Property DnsForestName)) {
                    if ($known.DnsForestName -and -not $candidates.Contains($known.DnsForestName)) {
                        $candidates.Add($known.DnsForestName)
                    }
                }
            }
            catch {
                # What GPMC said of the first name tells more.
                break
            }
        }
    }
    throw $first.Exception
}

Function Get-GpmSomLink {
    <#
    .SYNOPSIS
    Returns the links of a site, the domain or an OU as @{ id; link }, where id is the GPO's.

    .PARAMETER Som
    The IGPMSOM.

    .PARAMETER Domain
    DNS name of the domain: a link may lead to a GPO of another one, and is then left out.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Som,
        [Parameter(Mandatory = $true)] [String] $Domain
    )

    $links = @(foreach ($link in $Som.GetGPOLinks()) {
            @{
                id = $link.GPOID.ToUpperInvariant()
                domain = $link.GPODomain
                enabled = $link.Enabled
                enforced = $link.Enforced
                order = $link.SOMLinkOrder
            }
        })
    if (-not $links.Count) {
        return
    }
    # GPMSOMType of gpmgmt.h.
    $type = @('site', 'domain', 'ou')[[Int32]$Som.Type]
    # Whom it stands between says where a link belongs, even when others have come or gone.
    [Array]$neighbours = @(foreach ($link in $links) { $link.id })
    [Array]$orders = @(foreach ($link in $links) { $link.order })
    [Array]::Sort([Array]$orders, [Array]$neighbours)
    $path = $Som.Path
    foreach ($link in $links) {
        if ($link.domain -eq $Domain) {
            @{
                id = $link.id
                link = @{
                    target = $path
                    type = $type
                    enabled = $link.enabled
                    enforced = $link.enforced
                    order = $link.order
                    neighbours = $neighbours
                }
            }
        }
    }
}

Function Get-GpmSurroundings {
    <#
    .SYNOPSIS
    Returns what hangs on the domain's GPOs without being part of them: the links, and the WMI filters' definitions.

    .DESCRIPTION
    Three searches, however many GPOs there are. The result is @{ targets; links; links_error; sites_error; filters;
    filters_error }: targets are the names of the sites, the domain and the OUs, links is a dictionary of lists by the
    GPO's ID, filters one of @{ id; name; description; queries } by the filter's ID. What could not be read is null, and
    the error beside it has the status. Sites can fail alone.

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

    $targets = New-Object -TypeName System.Collections.Generic.HashSet[String] -ArgumentList (
        [StringComparer]::OrdinalIgnoreCase)
    $found = @{ targets = $targets; links = $null; links_error = $null; sites_error = $null; filters = $null; filters_error = $null }
    $domain = $GpmDomain.Domain
    $links = @{}
    try {
        $soms = New-Object -TypeName System.Collections.Generic.List[Object]
        foreach ($som in $GpmDomain.SearchSOMs($Gpm.CreateSearchCriteria())) {
            $soms.Add($som)
        }
        try {
            foreach ($som in (Get-GpmForestSite -Gpm $Gpm -GpmDomain $GpmDomain)) {
                $soms.Add($som)
            }
        }
        catch {
            $found.sites_error = Get-GpmStatus -ErrorRecord $_
        }
        foreach ($som in $soms) {
            $null = $targets.Add($som.Path)
            foreach ($entry in (Get-GpmSomLink -Som $som -Domain $domain)) {
                if (-not $links.ContainsKey($entry.id)) {
                    $links[$entry.id] = New-Object -TypeName System.Collections.Generic.List[Object]
                }
                $links[$entry.id].Add($entry.link)
            }
        }
        $found.links = $links
    }
    catch {
        $found.links_error = Get-GpmStatus -ErrorRecord $_
    }

    $filters = @{}
    try {
        foreach ($filter in $GpmDomain.SearchWMIFilters($Gpm.CreateSearchCriteria())) {
            $id = Get-GpmFilterId -Filter $filter
            if ($id) {
                $filters[$id] = @{
                    id = $id
                    name = $filter.Name
                    description = [String]$filter.Description
                    queries = @(foreach ($query in $filter.GetQueryList()) { [String]$query })
                }
            }
        }
        $found.filters = $filters
    }
    catch {
        $found.filters_error = Get-GpmStatus -ErrorRecord $_
    }
    $found
}

#endregion

#region GPO

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
    # Whether GPMC's dates are UTC or local is not documented: they are given as they come, without a zone.
    foreach ($name in 'CreationTime', 'ModificationTime') {
        if ($value[$name] -is [DateTime]) {
            $value[$name] = $value[$name].ToString('s')
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
        $filter = $Gpo.GetWMIFilter()
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
    if ((Get-GpmProperty -Object $Filter -Name Path) -match 'ID="(\{[0-9a-fA-F-]{36}\})"') {
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
    a one would not show. The members are those of IADsAccessControlEntry.

    .PARAMETER Gpo
    The IGPMGPO.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    , [ansible_collections.gpvault.gpmc.plugins.module_utils._GpoReader.GpoReader]::Aces($Gpo, $script:DaclOnly)
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

Function Get-GpmSysvolFolder {
    <#
    .SYNOPSIS
    Returns the folder of the domain's policies in SYSVOL, or that of one GPO.

    .DESCRIPTION
    On the domain controller in use, not by the domain's name: another one may not have replicated yet.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Id
    ID of the GPO.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [String] $Id = ''
    )

    [System.IO.Path]::Combine(('\\{0}\SYSVOL\{1}\Policies' -f $GpmDomain.DomainController, $GpmDomain.Domain), $Id)
}

#endregion

#region Backup

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
                    error = Get-GpmMessageCode -Message $message -Method ErrorCode
                    operation = Get-GpmMessageCode -Message $message -Method OperationCode
                }
            }
        }
    }
    catch {
        $null = $_
    }
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

    $told = @{ succeeded = $true; call_status = $script:Success; overall_status = $script:Success }
    try {
        $null = $Result.OverallStatus()
    }
    catch {
        $told.succeeded = $false
        $told.overall_status = Get-GpmStatus -ErrorRecord $_
    }
    $told.status_messages = @(Get-GpmStatusMessage -Collections (, (Get-GpmProperty -Object $Result -Name Status)))
    $told
}

Function Wait-GpmOperation {
    <#
    .SYNOPSIS
    Waits for an asynchronous operation, cancels it when it takes too long, and returns how that ended: done, cancelled,
    or lost, when the server did not obey: its thread is still at work, and this process has to end.

    .PARAMETER Progress
    The BackupProgress that was given to the operation.

    .PARAMETER Cancel
    The IGPMAsyncCancel.

    .PARAMETER Timeout
    In seconds.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Progress,
        [AllowNull()] [Object] $Cancel,
        [Parameter(Mandatory = $true)] [Int32] $Timeout
    )

    if ($Progress.Wait($Timeout)) {
        return 'done'
    }
    try {
        $Cancel.Cancel()
    }
    catch {
        # It may have ended in this moment; the wait tells.
        $null = $_
    }
    if (-not $Progress.Wait($script:CancelGrace)) {
        return 'lost'
    }
    # One that was faster than the cancel is as good as any.
    if ($Progress.HResult -ge 0) {
        return 'done'
    }
    'cancelled'
}

Function Backup-GpmGpo {
    <#
    .SYNOPSIS
    Backs up a GPO with IGPMGPO::Backup and returns its part of an entry: outcome, backup, statuses, messages.

    .DESCRIPTION
    Both the call's HRESULT and OverallStatus are checked: a call that returned can still have failed. "lost" is true
    when a cancelled call goes on, see Wait-GpmOperation. "progress" is the last that an asynchronous call reported.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Comment
    The comment of the backup.

    .PARAMETER Timeout
    Seconds after which the call is cancelled; 0 for the synchronous call, which cannot be cancelled.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $Comment,
        [Parameter(Mandatory = $true)] [Int32] $Timeout
    )

    $entry = @{
        outcome = 'failed'
        backup = $null
        call_status = $script:Success
        overall_status = $null
        status_messages = @()
        progress = $null
        lost = $false
    }
    $backup = $null
    if ($Timeout) {
        $progress = New-Object -TypeName `
            ansible_collections.gpvault.gpmc.plugins.module_utils._BackupProgress.BackupProgress
        $cancel = $null
        try {
            # Without [ref] the cancel object would be lost without a word.
            $null = $Gpo.Backup($Path, $Comment, $progress, [ref]$cancel)
        }
        catch {
            $entry.call_status = Get-GpmStatus -ErrorRecord $_
            return $entry
        }
        $ended = Wait-GpmOperation -Progress $progress -Cancel $cancel -Timeout $Timeout
        $entry.progress = @{ numerator = $progress.Numerator; denominator = $progress.Denominator }
        $entry.status_messages = @(Get-GpmStatusMessage -Collections $progress.GetMessages())
        if ($ended -ne 'done') {
            $entry.outcome = 'cancelled'
            $entry.lost = $ended -eq 'lost'
        }
        if (-not $entry.lost) {
            $entry.overall_status = $script:Success
            if ($progress.HResult -lt 0) {
                $failure = New-GpmException -HResult $progress.HResult
                $entry.overall_status = @{ hresult = $progress.HResult; message = $failure.Message }
            }
            $backup = $progress.Result
        }
    }
    else {
        try {
            # Both optional arguments left out: the synchronous call.
            $result = $Gpo.Backup($Path, $Comment)
        }
        catch {
            $entry.call_status = Get-GpmStatus -ErrorRecord $_
            return $entry
        }
        $told = Get-GpmCallResult -Result $result
        $entry.overall_status = $told.overall_status
        $entry.status_messages = $told.status_messages
        $backup = Get-GpmProperty -Object $result -Name Result
    }
    if ($null -ne $backup -and $null -ne $entry.overall_status -and $entry.overall_status.hresult -eq 0) {
        $entry.backup = @{
            id = $backup.ID.ToUpperInvariant()
            path = [System.IO.Path]::Combine($Path, $backup.ID)
            timestamp = $null
            comment = [String](Get-GpmProperty -Object $backup -Name Comment)
        }
        $entry.outcome = 'created'
    }
    $entry
}

#endregion

#region Backups and restore

Function Get-GpmBackupObject {
    <#
    .SYNOPSIS
    Returns the IGPMBackup of a backup.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Id
    ID of the backup.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $Gpm.GetBackupDir($Path).GetBackup($Id)
}

Function Remove-GpmBackup {
    <#
    .SYNOPSIS
    Deletes a backup that GPMC knows with IGPMBackup::Delete, which also takes it out of manifest.xml.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Id
    ID of the backup.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $null = (Get-GpmBackupObject -Gpm $Gpm -Path $Path -Id $Id).Delete()
}

Function Restore-GpmGpo {
    <#
    .SYNOPSIS
    Restores a GPO with IGPMDomain::RestoreGPO and returns @{ succeeded; call_status; overall_status; status_messages }.

    .DESCRIPTION
    Synchronously: a restore that is cancelled half way would leave neither the old settings nor the new ones.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Backup
    The IGPMBackup.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [Object] $Backup
    )

    try {
        $result = $GpmDomain.RestoreGPO($Backup, 0)
    }
    catch {
        return (Get-GpmCallFailure -ErrorRecord $_)
    }
    Get-GpmCallResult -Result $result
}

Function New-GpmGpo {
    <#
    .SYNOPSIS
    Makes a GPO and returns its IGPMGPO.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Name
    Its display name.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [String] $Name
    )

    $gpo = $GpmDomain.CreateGPO()
    try {
        $gpo.DisplayName = $Name
    }
    catch {
        # Else each attempt would leave another "New Group Policy Object".
        $gpo.Delete()
        throw
    }
    $gpo
}

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

    $entries = New-Object -TypeName System.Collections.Hashtable -ArgumentList ([StringComparer]::OrdinalIgnoreCase)
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
    Returns what an account of a DACL is called here: DOMAIN\name or a SID, an empty text when a migration table leaves it
    out, or null when there is none of that name.

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

    $relative = $Trustee.Substring($Trustee.IndexOf('\') + 1)
    $entry = $Entries[$Trustee]
    if ($null -eq $entry) {
        $entry = $Entries["$relative@$Source"]
    }
    $names = @($Trustee)
    if ($null -ne $entry) {
        if ($entry.option -eq $script:DestinationOptions.none) {
            return ''
        }
        if ($entry.option -eq $script:DestinationOptions.by_relative_name) {
            # An account of the domain before one of the host that has the same name.
            $names = @("$Domain\$relative", $relative)
        }
        elseif ($entry.option -ne $script:DestinationOptions.same_as_source) {
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
        if ($name -eq $Trustee -and $name -notmatch $script:SidPattern) {
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
    if ($names[0] -match $script:SidPattern) {
        # That of an account that is gone has no name, and can be set all the same.
        return $names[0]
    }
    return $null
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

Function Test-GpmGpo {
    <#
    .SYNOPSIS
    Returns whether the account can see a GPO with an ID.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Id
    ID of the GPO.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $constants = $Gpm.GetConstants()
    $criteria = $Gpm.CreateSearchCriteria()
    $criteria.Add($constants.SearchPropertyGPOID, $constants.SearchOpEquals, $Id)
    $GpmDomain.SearchGPOs($criteria).Count -gt 0
}

Function Set-GpmFilter {
    <#
    .SYNOPSIS
    Hangs a WMI filter on a GPO.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Id
    ID of the filter.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    foreach ($filter in $GpmDomain.SearchWMIFilters($Gpm.CreateSearchCriteria())) {
        if ((Get-GpmFilterId -Filter $filter) -eq $Id) {
            $Gpo.SetWMIFilter($filter)
            return
        }
    }
    throw (New-GpmException -HResult $script:NoSuchObject)
}

Function Clear-GpmFilter {
    <#
    .SYNOPSIS
    Takes the WMI filter off a GPO.

    .PARAMETER Gpo
    The IGPMGPO.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    # A null object of type IDispatch: PowerShell would send $null as an empty VARIANT.
    $Gpo.SetWMIFilter([System.Runtime.InteropServices.DispatchWrapper]::new($null))
}

Function Get-GpmSom {
    <#
    .SYNOPSIS
    Returns the IGPMSOM of a site, the domain or an OU.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Target
    Its distinguished name.

    .PARAMETER Type
    site, domain or ou.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [String] $Target,
        [Parameter(Mandatory = $true)] [String] $Type
    )

    if ($Type -ne 'site') {
        return $GpmDomain.GetSOM($Target)
    }
    foreach ($site in (Get-GpmForestSite -Gpm $Gpm -GpmDomain $GpmDomain)) {
        if ($site.Path -eq $Target) {
            return $site
        }
    }
    throw (New-GpmException -HResult $script:NoSuchObject)
}

Function Remove-GpmLink {
    <#
    .SYNOPSIS
    Takes the links of a GPO off a site, the domain or an OU.

    .PARAMETER Som
    The IGPMSOM.

    .PARAMETER Id
    ID of the GPO.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Som,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    foreach ($link in @($Som.GetGPOLinks())) {
        if ($link.GPOID -eq $Id) {
            $link.Delete()
        }
    }
}

Function Set-GpmLink {
    <#
    .SYNOPSIS
    Links a GPO to a site, the domain or an OU as it was recorded, in place of a link that it may have there.

    .DESCRIPTION
    It goes behind the last of those that stood above it and are there today. A link cannot be moved, so it is made
    anew; IGPMSOM::CreateGPOLink counts from 1, and takes -1 for the last place.

    .PARAMETER Som
    The IGPMSOM.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Recorded
    The link, as Get-GpmSomLink has it.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Som,
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [Hashtable] $Recorded
    )

    $id = $Gpo.ID.ToUpperInvariant()
    Remove-GpmLink -Som $Som -Id $id
    $above = @(foreach ($neighbour in $Recorded.neighbours) {
            if ($neighbour -eq $id) {
                break
            }
            $neighbour
        })
    $position = 1
    $count = 0
    foreach ($link in $Som.GetGPOLinks()) {
        $count++
        if ($above -contains $link.GPOID) {
            $position = $link.SOMLinkOrder + 1
        }
    }
    if ($position -gt $count) {
        $position = -1
    }
    $made = $Som.CreateGPOLink($position, $Gpo)
    # A new link is enabled and not enforced.
    if (-not $Recorded.enabled) {
        $made.Enabled = $false
    }
    if ($Recorded.enforced) {
        $made.Enforced = $true
    }
}

#endregion

#region Reports

Function Open-GpmBackup {
    <#
    .SYNOPSIS
    Returns a backup as @{ object; info; gpo }: the IGPMBackup, what results say of it, and of its GPO.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Id
    ID of the backup.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $backup = Get-GpmBackupObject -Gpm $Gpm -Path $Path -Id $Id
    @{
        object = $backup
        info = @{
            id = $Id
            path = [System.IO.Path]::Combine($Path, $Id)
            timestamp = $null
            comment = [String](Get-GpmProperty -Object $backup -Name Comment)
        }
        gpo = @{
            id = ([String]$backup.GPOID).ToUpperInvariant()
            name = [String]$backup.GPODisplayName
            domain = [String]$backup.GPODomain
        }
    }
}

Function Export-GpmReport {
    <#
    .SYNOPSIS
    Has GPMC write a report into a file and returns the statuses and messages of the call.

    .PARAMETER Source
    The IGPMGPO or the IGPMBackup.

    .PARAMETER Format
    xml or html.

    .PARAMETER Path
    The file.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Source,
        [Parameter(Mandatory = $true)] [String] $Format,
        [Parameter(Mandatory = $true)] [String] $Path
    )

    try {
        $result = $Source.GenerateReportToFile($script:ReportTypes[$Format], $Path)
    }
    catch {
        return (Get-GpmCallFailure -ErrorRecord $_)
    }
    Get-GpmCallResult -Result $result
}

#endregion

Export-ModuleMember -Function *-Gpm*
