# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The trip of gpo_preflight: looks whether all is there that a backup needs, and changes nothing. Each check tells what
# it found, or the step that failed; the controller judges (plugin_utils/_preflight_result.py). One that fails does not
# keep the others from being made, unless they need what it looked for.

#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._HostProbe
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._DomainTrip
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# Groups that a logon's token has by the kind of the logon (Well-known SIDs).
$script:LogonKinds = @{
    'S-1-5-2' = 'network'
    'S-1-5-3' = 'batch'
    'S-1-5-4' = 'interactive'
    'S-1-5-6' = 'service'
    'S-1-5-14' = 'remote_interactive'
}

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# FACILITY_WIN32 of winerror.h: an error of Windows as HRESULT.
$script:FacilityWin32 = 0x80070000

$script:SntpPort = 123

# What GPMC puts between the backup directory and a GPO's own files, with the backup's ID in braces.
$script:InBackup = '\{00000000-0000-0000-0000-000000000000}\DomainSysvol\GPO\'

Function Invoke-GpmCheck {
    <#
    .SYNOPSIS
    Makes a check and adds what it found to the reply: @{ check; found; step; hresult; message }. Returns whether it
    came to its end.

    .PARAMETER Name
    Name of the check.

    .PARAMETER Look
    Returns what is found, a map. Given the context.

    .PARAMETER Context
    The trip's context. The step in hand is that of the check, unless Look sets another.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [String] $Name,
        [Parameter(Mandatory = $true)] [ScriptBlock] $Look,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $check = @{ check = $Name; found = $null; step = $null; hresult = $null; message = $null }
    try {
        $check.found = & $Look $Context
    }
    catch {
        $status = Get-GpmStatus -ErrorRecord $_
        $check.step = $Context.step
        $check.hresult = $status.hresult
        $check.message = $status.message
    }
    $Context.trip.checks.Add($check)
    $null -eq $check.step
}

Function Get-GpmLogon {
    <#
    .SYNOPSIS
    Returns who the task is on the host, and how it was logged on: @{ user; authentication; kinds }.
    #>
    [OutputType([Hashtable])]
    param ()

    $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
    $kinds = @(foreach ($group in $identity.Groups) {
            if ($script:LogonKinds.ContainsKey($group.Value)) {
                $script:LogonKinds[$group.Value]
            }
        })
    @{ user = $identity.Name; authentication = [String]$identity.AuthenticationType; kinds = $kinds }
}

Function Get-GpmVisible {
    <#
    .SYNOPSIS
    Returns how many GPOs the account can see, and which exist besides: @{ visible; inaccessible; unsure }.

    .PARAMETER Visible
    From Find-GpmGpo.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Visible,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $trip = $Context.trip
    Read-GpmTripSurroundings -Context $Context -Needed $true
    Find-GpmInaccessible -Policies $Context.domain.policies -Visible $Visible -Surroundings $Context.surroundings `
        -Exclude (ConvertTo-GpmSelector -Entries @()) -Trip $trip
    $hidden = @(foreach ($gpo in $trip.inaccessible) { $gpo.id })
    @{ visible = $Visible.Count; inaccessible = $hidden; unsure = $trip.inaccessible_errors.ToArray() }
}

Function Find-GpmExistingFolder {
    <#
    .SYNOPSIS
    Returns a directory, or the nearest one above it that exists; null where not even the root does.

    .PARAMETER Path
    The directory.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $folder = $Path
    while ($folder -and -not (Test-GpmDirectoryAbove -Path $folder)) {
        $folder = [System.IO.Path]::GetDirectoryName($folder)
    }
    $folder
}

Function Test-GpmRight {
    <#
    .SYNOPSIS
    Returns whether the account may delete what is in the backup directory: @{ folder; delete }. Throws where it may not
    write in it, or above it where it has yet to be made.

    .DESCRIPTION
    Only a folder that is there can say whether it may be deleted. delete is null without one.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Folder
    From Find-GpmExistingFolder.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Folder
    )

    $probe = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostProbe.HostProbe]
    if ($script:SameName.Equals($Folder, $Path)) {
        $refused = $probe::TryWrite($Folder)
    }
    else {
        $refused = $probe::TryMakeFolder($Folder)
    }
    if ($refused) {
        throw (New-GpmException -HResult ($script:FacilityWin32 + $refused))
    }
    $delete = $null
    $catalog = [System.IO.Path]::Combine($Path, '.gpvault')
    if (Test-GpmDirectory -Path $catalog) {
        $delete = -not $probe::TryDelete($catalog)
    }
    @{ folder = $Folder; delete = $delete }
}

Function Measure-GpmLongestPath {
    <#
    .SYNOPSIS
    Returns how long the longest path would be below the backup directory: @{ length; gpo; file; policies; unread;
    whole }.

    .DESCRIPTION
    gpo and file are those with the longest path. unread are policies whose files cannot be listed. whole is whether the
    time was enough for all of them.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Policies
    The folder of the policies in SYSVOL.

    .PARAMETER Seconds
    How long it may take. Each folder of each policy is a question to the server.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Policies,
        [Parameter(Mandatory = $true)] [Int32] $Seconds
    )

    $found = @{ length = 0; gpo = $null; file = $null; policies = 0; unread = @(); whole = $true }
    $prefix = $Path.TrimEnd('\').Length + $script:InBackup.Length
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    foreach ($folder in [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Folders(
            $Policies)) {
        $gpo = [System.IO.Path]::GetFileName($folder)
        if (-not $gpo.StartsWith('{', [StringComparison]::Ordinal)) {
            # Such as PolicyDefinitions.
            continue
        }
        if ($clock.Elapsed.TotalSeconds -ge $Seconds) {
            $found.whole = $false
            break
        }
        $found.policies++
        try {
            $files = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::List($folder)
        }
        catch {
            $found.unread += $gpo
            continue
        }
        foreach ($file in $files) {
            $length = $prefix + $file.path.Length
            if ($length -gt [Int32]$found.length) {
                $found.length = $length
                $found.gpo = $gpo
                $found.file = $file.path
            }
        }
    }
    $found
}

Function Test-GpmDomain {
    <#
    .SYNOPSIS
    Makes the checks of GPMC, the domain, its GPOs and the clock of the domain controller.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $isConnected = Invoke-GpmCheck -Name gpmc -Context $Context -Look {
        param ($Context)

        try {
            Connect-GpmTrip -Context $Context
        }
        catch {
            if ($Context.step -ceq 'gpmc') {
                throw
            }
            $Context.task.refused = $_
        }
        @{}
    }
    if (-not $isConnected) {
        return
    }
    $isReached = Invoke-GpmCheck -Name domain -Context $Context -Look {
        param ($Context)

        if ($Context.task.ContainsKey('refused')) {
            throw $Context.task.refused.Exception
        }
        # GetDomain alone may succeed where no call after it does.
        $Context.step = 'select'
        $Context.task.visible = Find-GpmGpo -Gpm $Context.gpm -GpmDomain $Context.domain.object
        @{ domain = $Context.domain.name; domain_controller = $Context.domain.controller }
    }
    if (-not $isReached) {
        return
    }
    $null = Invoke-GpmCheck -Name gpos -Context $Context -Look {
        param ($Context)

        Get-GpmVisible -Visible $Context.task.visible -Context $Context
    }
    $null = Invoke-GpmCheck -Name clock -Context $Context -Look {
        param ($Context)

        $Context.step = 'clock'
        @{
            offset = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostProbe.HostProbe]::ClockOffset(
                $Context.domain.controller, $script:SntpPort)
        }
    }
}

Function Test-GpmBackupPath {
    <#
    .SYNOPSIS
    Makes the checks of the backup directory.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $isThere = Invoke-GpmCheck -Name path -Context $Context -Look {
        param ($Context)

        $Context.step = 'path'
        $options = $Context.options
        $exists = Confirm-GpmDirectory -Path $options.path -MayBeMissing $options.create_path
        $Context.task.folder = Find-GpmExistingFolder -Path $options.path
        @{ exists = $exists }
    }
    if (-not $isThere) {
        return
    }
    $null = Invoke-GpmCheck -Name rights -Context $Context -Look {
        param ($Context)

        $Context.step = 'path'
        Test-GpmRight -Path $Context.options.path -Folder $Context.task.folder
    }
    $null = Invoke-GpmCheck -Name space -Context $Context -Look {
        param ($Context)

        $Context.step = 'space'
        @{
            free = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostProbe.HostProbe]::FreeSpace(
                $Context.task.folder)
        }
    }
    if ($null -ne $Context.domain -and $Context.task.ContainsKey('visible')) {
        $null = Invoke-GpmCheck -Name path_length -Context $Context -Look {
            param ($Context)

            $Context.step = 'path_length'
            Measure-GpmLongestPath -Path $Context.options.path -Policies $Context.domain.policies `
                -Seconds ([Int32]$Context.options.trip_time)
        }
    }
}

Function Invoke-GpmPreflight {
    <#
    .SYNOPSIS
    Makes the trip of a gpo_preflight task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -Prepare {
        param ($Context)

        $Context.trip.checks = New-Object -TypeName System.Collections.Generic.List[Object]
        $null = Invoke-GpmCheck -Name logon -Context $Context -Look {
            param ($Context)

            $Context.step = 'logon'
            Get-GpmLogon
        }
        Test-GpmDomain -Context $Context
        if ($Context.options.path) {
            Test-GpmBackupPath -Context $Context
        }
    }
}

Export-ModuleMember -Function Find-GpmExistingFolder, Invoke-GpmPreflight, Measure-GpmLongestPath
