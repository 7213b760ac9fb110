# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# This file is the collection's only door to the COM API of the Group Policy Management Console (gpmgmt.dll). It runs
# on Windows PowerShell 5.1. What it sends back is data; the words for people, and the names of HRESULTs, are made on
# the controller (plugin_utils/_backup_report.py and _hresult.py).

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:Success = @{ hresult = 0; message = '' }

# HRESULTs that decide something here (winerror.h).
$script:ErrorFileNotFound = 0x80070002
$script:ErrorPathNotFound = 0x80070003
$script:ErrorAccessDenied = 0x80070005
$script:ErrorInvalidDrive = 0x8007000F
$script:ErrorBadNetName = 0x80070043
$script:ErrorDirectory = 0x8007010B
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
        $name = [String](Get-GpmProperty -Object $gpo -Name DisplayName)
        $found.Add(@{ id = $gpo.ID.ToUpperInvariant(); name = $name; gpo = $gpo })
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
    The IGPMDomain.

    .PARAMETER Selector
    The option gpos, as a selector.

    .PARAMETER Visible
    All GPOs that the account can see, from Find-GpmGpo. Not needed for GUIDs.

    .PARAMETER Trip
    The trip's reply.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [Hashtable] $Selector,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Visible,
        [Parameter(Mandatory = $true)] [Hashtable] $Trip
    )

    # By ID: entries may name a GPO twice.
    $chosen = New-Object -TypeName System.Collections.Specialized.OrderedDictionary
    foreach ($id in $Selector.ids.Keys) {
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
    link on the domain or an OU. Where one of the two cannot be read, the other still counts, and the reason goes into
    $Trip.inaccessible_errors: it is no reason to back up nothing.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Visible
    All GPOs that the account can see, from Find-GpmGpo.

    .PARAMETER Exclude
    The option exclude, as a selector: a GPO whose ID it names is not looked for.

    .PARAMETER Trip
    The trip's reply.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Visible,
        [Parameter(Mandatory = $true)] [Hashtable] $Exclude,
        [Parameter(Mandatory = $true)] [Hashtable] $Trip
    )

    $foundIn = New-Object -TypeName System.Collections.Specialized.OrderedDictionary

    try {
        # The DC in use, not the domain's name: another DC may not have replicated yet.
        $policies = '\\{0}\SYSVOL\{1}\Policies' -f $GpmDomain.DomainController, $GpmDomain.Domain
        foreach ($folder in [System.IO.Directory]::GetDirectories($policies)) {
            if ([System.IO.Path]::GetFileName($folder) -match $script:GuidPattern) {
                $foundIn['{' + $Matches[1].ToUpperInvariant() + '}'] = @('sysvol')
            }
        }
    }
    catch {
        $Trip.inaccessible_errors.Add((Get-GpmStatus -ErrorRecord $_))
    }

    try {
        foreach ($som in $GpmDomain.SearchSOMs($Gpm.CreateSearchCriteria())) {
            foreach ($link in $som.GetGPOLinks()) {
                $id = $link.GPOID.ToUpperInvariant()
                # A link may lead to a GPO of another domain.
                if ($link.GPODomain -eq $GpmDomain.Domain) {
                    if (-not $foundIn.Contains($id)) {
                        $foundIn[$id] = @('link')
                    }
                    elseif ($foundIn[$id] -notcontains 'link') {
                        $foundIn[$id] += 'link'
                    }
                }
            }
        }
    }
    catch {
        $Trip.inaccessible_errors.Add((Get-GpmStatus -ErrorRecord $_))
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

Function Get-GpmGpoState {
    <#
    .SYNOPSIS
    Returns which halves of a GPO are in force, or null when it cannot be told.

    .PARAMETER Gpo
    The IGPMGPO.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    try {
        $computer = $Gpo.IsComputerEnabled()
        $user = $Gpo.IsUserEnabled()
    }
    catch {
        return $null
    }
    if ($computer -and $user) {
        return 'all_settings_enabled'
    }
    if ($computer) {
        return 'user_settings_disabled'
    }
    if ($user) {
        return 'computer_settings_disabled'
    }
    'all_settings_disabled'
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

    $value = @{}
    foreach ($name in @(
            'DomainName', 'Description', 'CreationTime', 'ModificationTime', 'ComputerDSVersionNumber',
            'ComputerSysvolVersionNumber', 'UserDSVersionNumber', 'UserSysvolVersionNumber')) {
        $value[$name] = Get-GpmProperty -Object $Item.gpo -Name $name
    }
    # Whether GPMC's dates are UTC or local is not documented: they are given as they come, without a zone.
    foreach ($name in 'CreationTime', 'ModificationTime') {
        if ($value[$name] -is [DateTime]) {
            $value[$name] = $value[$name].ToString('s')
        }
    }
    @{
        id = $Item.id
        name = $Item.name
        domain = $value.DomainName
        description = $value.Description
        status = Get-GpmGpoState -Gpo $Item.gpo
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
    # Path is a WMI object path: MSFT_SomFilter.ID="{...}",Domain="..."
    $id = $null
    if ((Get-GpmProperty -Object $filter -Name Path) -match 'ID="(\{[0-9a-fA-F-]{36}\})"') {
        $id = $Matches[1].ToUpperInvariant()
    }
    @{ id = $id; name = Get-GpmProperty -Object $filter -Name Name }
}

#endregion

#region Backup

Function Test-GpmDirectory {
    <#
    .SYNOPSIS
    Returns whether a directory exists. Throws, with the reason's HRESULT, when it cannot be told or is a file.

    .PARAMETER Path
    The directory.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    try {
        # Directory.Exists would say no as well to a server that is down and to a refused access.
        $attributes = [System.IO.File]::GetAttributes($Path)
    }
    catch {
        if (@($script:ErrorFileNotFound, $script:ErrorPathNotFound) -contains (Get-GpmStatus -ErrorRecord $_).hresult) {
            return $false
        }
        throw
    }
    if (-not ($attributes -band [System.IO.FileAttributes]::Directory)) {
        throw (New-GpmException -HResult $script:ErrorDirectory)
    }
    $true
}

Function Assert-GpmDirectory {
    <#
    .SYNOPSIS
    Returns whether the backup directory exists. Throws, with the reason's HRESULT, when it is missing and may not, or
    cannot, be created.

    .PARAMETER Path
    The directory.

    .PARAMETER Create
    Whether it may be created.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [Boolean] $Create
    )

    if (Test-GpmDirectory -Path $Path) {
        return $true
    }
    try {
        $hasRoot = Test-GpmDirectory -Path ([System.IO.Path]::GetPathRoot($Path))
    }
    catch {
        # On a share one may be allowed to write below a root that one must not read.
        $hasRoot = (Get-GpmStatus -ErrorRecord $_).hresult -eq $script:ErrorAccessDenied
        if (-not $hasRoot) {
            throw
        }
    }
    if (-not $hasRoot) {
        if ($Path.StartsWith('\\')) {
            throw (New-GpmException -HResult $script:ErrorBadNetName)
        }
        throw (New-GpmException -HResult $script:ErrorInvalidDrive)
    }
    if (-not $Create) {
        throw (New-GpmException -HResult $script:ErrorPathNotFound)
    }
    $false
}

Function Get-GpmBackupTime {
    <#
    .SYNOPSIS
    Returns the time of a backup in UTC, as bkupInfo.xml has it, or null when the file does not tell.

    .DESCRIPTION
    Whether IGPMBackup.Timestamp is UTC or local is not documented; BackupTime in bkupInfo.xml is UTC.

    .PARAMETER Path
    The folder of the backup.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $settings = New-Object -TypeName System.Xml.XmlReaderSettings
    $settings.DtdProcessing = [System.Xml.DtdProcessing]::Prohibit
    $settings.XmlResolver = $null
    try {
        $reader = [System.Xml.XmlReader]::Create([System.IO.Path]::Combine($Path, 'bkupInfo.xml'), $settings)
        try {
            if (-not $reader.ReadToFollowing('BackupTime')) {
                return $null
            }
            $reader.ReadElementContentAsString() + 'Z'
        }
        finally {
            $reader.Dispose()
        }
    }
    catch {
        # The backup is made: a time that cannot be read is no reason to call it failed.
        return $null
    }
}

Function Get-GpmStatusMessage {
    <#
    .SYNOPSIS
    Returns the status messages of an IGPMResult, whole.

    .PARAMETER Result
    The IGPMResult.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Result
    )

    foreach ($message in (Get-GpmProperty -Object $Result -Name Status)) {
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

Function Backup-GpmGpo {
    <#
    .SYNOPSIS
    Backs up a GPO with IGPMGPO::Backup and returns its part of an entry: outcome, backup, statuses, messages.

    .DESCRIPTION
    Both the call's HRESULT and OverallStatus are checked: a call that returned can still have failed.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Comment
    The comment of the backup.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $Comment
    )

    $entry = @{
        outcome = 'failed'
        backup = $null
        call_status = $script:Success
        overall_status = $null
        status_messages = @()
    }
    try {
        # Both optional arguments left out: the synchronous call.
        $result = $Gpo.Backup($Path, $Comment)
    }
    catch {
        $entry.call_status = Get-GpmStatus -ErrorRecord $_
        return $entry
    }
    try {
        $null = $result.OverallStatus()
        $entry.overall_status = $script:Success
    }
    catch {
        $entry.overall_status = Get-GpmStatus -ErrorRecord $_
    }
    # Messages that cannot be read must not cost the outcome.
    try {
        $entry.status_messages = @(Get-GpmStatusMessage -Result $result)
    }
    catch {
        $entry.status_messages = @()
    }
    if ($entry.overall_status.hresult -eq 0) {
        $backup = Get-GpmProperty -Object $result -Name Result
        if ($null -ne $backup) {
            $folder = [System.IO.Path]::Combine($Path, $backup.ID)
            $entry.backup = @{
                id = $backup.ID
                path = $folder
                timestamp = Get-GpmBackupTime -Path $folder
                comment = Get-GpmProperty -Object $backup -Name Comment
            }
            $entry.outcome = 'created'
        }
    }
    $entry
}

Function Get-GpmBackupEntry {
    <#
    .SYNOPSIS
    Backs up one selected GPO, or in check mode tells that it would be, and returns its entry of the reply.

    .PARAMETER GpmDomain
    The IGPMDomain.

    .PARAMETER Item
    @{ id; name; gpo }; gpo is null when it has yet to be fetched.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Comment
    The comment of the backup.

    .PARAMETER CheckMode
    Change nothing.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $GpmDomain,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $Comment,
        [Parameter(Mandatory = $true)] [Boolean] $CheckMode
    )

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $entry = @{ outcome = 'failed'; gpo = @{ id = $Item.id; name = $Item.name; domain = $GpmDomain.Domain } }
    try {
        if ($null -eq $Item.gpo) {
            $Item.gpo = $GpmDomain.GetGPO($Item.id)
            $Item.name = Get-GpmProperty -Object $Item.gpo -Name DisplayName
        }
        $entry.gpo = Get-GpmGpoInfo -Item $Item
        # Nothing is known of earlier backups, so each is the GPO's first.
        $entry.reasons = @('first_backup')
        if ($CheckMode) {
            $entry.outcome = 'created'
        }
        else {
            $made = Backup-GpmGpo -Gpo $Item.gpo -Path $Path -Comment $Comment
            foreach ($key in $made.Keys) {
                $entry[$key] = $made[$key]
            }
        }
    }
    catch {
        # Deleted since it was selected, a DC that went away, what nobody thought of: this GPO's failure, not the run's.
        $entry.call_status = Get-GpmStatus -ErrorRecord $_
    }
    $entry.duration = [Math]::Round($clock.Elapsed.TotalSeconds, 3)
    $entry
}

Function Invoke-GpmBackup {
    <#
    .SYNOPSIS
    Makes one trip of a gpo_backup task and puts its reply into the module's result as trip.

    .DESCRIPTION
    The trip works for at most trip_time (the GPO in hand is finished, and there is always one), then names what
    remains. Whatever goes wrong, the reply tells what was done until then, and what was not.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $options = $Module.Params
    $trip = @{
        domain = $options.domain
        domain_controller = $options.domain_controller
        selected = $null
        selection_errors = New-Object -TypeName System.Collections.Generic.List[Object]
        unmatched_patterns = New-Object -TypeName System.Collections.Generic.List[String]
        inaccessible = @()
        inaccessible_errors = New-Object -TypeName System.Collections.Generic.List[Object]
        path_created = $false
        backups = New-Object -TypeName System.Collections.Generic.List[Object]
        remaining = @()
        stopped = $false
        error = $null
    }
    $Module.Result.trip = $trip
    $queue = New-Object -TypeName System.Collections.Generic.Queue[Object]
    foreach ($id in $options._remaining) {
        $queue.Enqueue(@{ id = $id; name = $null; gpo = $null })
    }
    $firstTrip = -not $queue.Count

    # The step in hand: what an error that ends the trip is told with.
    $stage = 'gpmc'
    try {
        $gpm = New-Object -ComObject GPMgmt.GPM

        if (-not $trip.domain) {
            $stage = 'host_domain'
            $trip.domain = Get-GpmHostDomain
        }

        $stage = 'connect'
        $gpmDomain = Connect-GpmDomain -Gpm $gpm -Domain $trip.domain -Locator $options.dc_locator `
            -DomainController ([String]$trip.domain_controller)
        $trip.domain = $gpmDomain.Domain
        $trip.domain_controller = $gpmDomain.DomainController

        # Before the search, which takes its time in a large domain.
        $stage = 'path'
        $exists = Assert-GpmDirectory -Path $options.path -Create $options.create_path

        if ($firstTrip) {
            $stage = 'select'
            $wanted = ConvertTo-GpmSelector -Entries $options.gpos
            $exclude = ConvertTo-GpmSelector -Entries $options.exclude
            # GUIDs alone need no search of the whole domain.
            $visible = @()
            if ($options.all -or $wanted.names.Count -or $wanted.patterns.Count) {
                $visible = Find-GpmGpo -Gpm $gpm -GpmDomain $gpmDomain
            }
            $selection = $visible
            if (-not $options.all) {
                $selection = Select-GpmGpo -GpmDomain $gpmDomain -Selector $wanted -Visible $visible -Trip $trip
                if ($trip.selection_errors.Count) {
                    return
                }
            }
            foreach ($item in $selection) {
                if (-not (Test-GpmSelector -Selector $exclude -Item $item)) {
                    $queue.Enqueue($item)
                }
            }
            $trip.selected = $queue.Count
            if ($options.all) {
                Find-GpmInaccessible -Gpm $gpm -GpmDomain $gpmDomain -Visible $visible -Exclude $exclude -Trip $trip
            }
        }

        $trip.stopped = $options.fail_fast -and $options.inaccessible -eq 'fail' -and
            ($trip.inaccessible.Count + $trip.inaccessible_errors.Count) -gt 0
        if (-not $queue.Count -or $trip.stopped) {
            return
        }

        $stage = 'path'
        if (-not $exists -and -not $Module.CheckMode) {
            $null = [System.IO.Directory]::CreateDirectory($options.path)
        }
        $trip.path_created = -not $exists

        $stage = 'backup'
        while ($queue.Count -and -not $trip.stopped) {
            $entry = Get-GpmBackupEntry -GpmDomain $gpmDomain -Item $queue.Dequeue() -Path $options.path `
                -Comment $options.comment -CheckMode $Module.CheckMode
            $trip.backups.Add($entry)
            $trip.stopped = $options.fail_fast -and $entry.outcome -ne 'created'
            if ($clock.Elapsed.TotalSeconds -ge [Int32]$options.trip_time) {
                break
            }
        }
    }
    catch {
        $trip.error = Get-GpmStatus -ErrorRecord $_
        $trip.error.stage = $stage
    }
    finally {
        $trip.remaining = @(foreach ($item in $queue) { @{ id = $item.id; name = $item.name } })
    }
}

#endregion

Export-ModuleMember -Function Invoke-GpmBackup
