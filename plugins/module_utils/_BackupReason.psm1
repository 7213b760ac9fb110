# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# Why a GPO has to be backed up: what has changed since its newest backup.

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._Compare
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

Function Get-GpmBackupReason {
    <#
    .SYNOPSIS
    Returns why a GPO has to be backed up, as @{ reason; before; after }; nothing when its newest backup will do.

    .PARAMETER Entry
    The newest entry of the catalog, or null.

    .PARAMETER State
    From Get-GpmLiveState.

    .PARAMETER Check
    From BackupXml.BeginCheck for the entry's backup, or null.

    .PARAMETER Now
    What time it is, as Measure-GpmDirectoryTime tells it; null where no age counts.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [AllowNull()] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [AllowNull()] [Object] $Check,
        [AllowNull()] [Object] $Now,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -eq $Entry) {
        return @{ reason = 'first_backup'; before = $null; after = $null }
    }
    $changes = @()
    if (-not (Test-GpmSameState -Entry $Entry -State $State -Gpm $Context.gpm)) {
        $changes = @(Compare-GpmState -Entry $Entry -State $State -Context $Context)
    }
    $damage = $Check.GetAwaiter().GetResult().damage
    if ($damage.Count) {
        $changes += @{ reason = 'backup_damaged'; before = $Entry.backup.id; after = @($damage) }
    }
    if ($changes.Count) {
        return $changes
    }
    if ($Context.options.force) {
        return @{ reason = 'forced'; before = $null; after = $null }
    }
    if ($Context.options['approved'] -and -not $Entry['approved']) {
        return @{ reason = 'approved'; before = $null; after = $null }
    }
    if ($Context.options.max_age -and
        ($Now - $Entry.written).TotalSeconds -gt [Int32]$Context.options.max_age) {
        return @{
            reason = 'max_age'
            before = $Entry.written.ToString('s') + 'Z'
            after = $Context.options.max_age
        }
    }
}

Function Test-GpmSameState {
    <#
    .SYNOPSIS
    Returns whether there is no difference at all between a backup and its GPO, and nothing that could not be read.

    .DESCRIPTION
    What Compare-GpmState would find in more time: most GPOs of most runs are told by this.

    .PARAMETER Entry
    The catalog's entry of the backup.

    .PARAMETER State
    From Get-GpmLiveState.

    .PARAMETER Gpm
    The IGPM.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [Object] $Gpm
    )

    $json = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]
    $was = $Entry.fingerprint
    $is = $State.fingerprint
    foreach ($name in 'name', 'description', 'status', 'permissions', 'files') {
        if ($null -eq $is[$name]) {
            return $false
        }
    }
    if (-not $json::Same($was, $is)) {
        # Most often because somebody in the permissions is called by another name.
        foreach ($name in 'name', 'description', 'status', 'versions', 'wmi_filter', 'files') {
            if (-not $json::Same($was[$name], $is[$name])) {
                return $false
            }
        }
        if (-not (Test-GpmSamePermission -Before $was['permissions'] -After $is.permissions -Gpm $Gpm)) {
            return $false
        }
    }
    ($null -eq $State.links -or $json::Same($Entry['links'], $State.links)) -and
    ($null -eq $State.wmi_filter -or $json::Same($Entry['wmi_filter'], $State.wmi_filter))
}

Function Compare-GpmState {
    <#
    .SYNOPSIS
    Returns what changed since a backup, as @{ reason; before; after } in the order in which reasons are told.

    .PARAMETER Entry
    The catalog's entry of the backup.

    .PARAMETER State
    From Get-GpmLiveState.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $before = $Entry.fingerprint
    $after = $State.fingerprint
    $explained = New-Object -TypeName System.Collections.Generic.List[String]

    $wasVersions = $before['versions']
    foreach ($half in @{ name = 'computer'; folder = 'Machine\' }, @{ name = 'user'; folder = 'User\' }) {
        $was = $wasVersions[$half.name]
        $is = $after.versions[$half.name]
        # A version that cannot be read makes no difference as long as it stays so.
        if (-not [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::Same($was, $is)) {
            @{ reason = $half.name + '_settings'; before = $was; after = $is }
            # The new settings are the reason; that their files changed is no other.
            $explained.Add($half.folder)
            $explained.Add('GPT.INI')
        }
    }
    $sameDescription = Test-GpmSame -Before $before['description'] -After $after.description
    if (-not $sameDescription) {
        $explained.Add('GPO.cmt')
    }
    $files = @(Compare-GpmFile -Before $before['files'] -After $after.files -Explained $explained.ToArray())
    if ($files.Count -or $null -eq $before['files'] -or $null -eq $after.files) {
        @{ reason = 'files'; before = $null; after = $files }
    }
    foreach ($name in 'name', 'description', 'status') {
        if (-not (Test-GpmSame -Before $before[$name] -After $after[$name])) {
            @{ reason = $name; before = $before[$name]; after = $after[$name] }
        }
    }
    Compare-GpmFilter -Entry $Entry -State $State
    if (-not (Test-GpmSamePermission -Before $before['permissions'] -After $after.permissions -Gpm $Context.gpm)) {
        @{ reason = 'permissions'; before = $before['permissions']; after = $after.permissions }
    }
    $sameLinks = Test-GpmSameLinkList -Before $Entry['links'] -After $State.links -Id $State.info.id `
        -Sites ($null -eq $Context.surroundings.sites_error)
    if (-not $sameLinks) {
        @{ reason = 'links'; before = $Entry['links']; after = $State.links }
    }
}

Function Compare-GpmFilter {
    <#
    .SYNOPSIS
    Returns how the WMI filter, or its definition, has changed, as @{ reason; before; after }; nothing when it has not.

    .PARAMETER Entry
    The catalog's entry of the backup.

    .PARAMETER State
    From Get-GpmLiveState.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $State
    )

    $json = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]
    $isSame = $json::Same($Entry.fingerprint['wmi_filter'], $State.fingerprint.wmi_filter) -and
        ($null -eq $State.wmi_filter -or $json::Same($Entry['wmi_filter'], $State.wmi_filter))
    if ($isSame) {
        return
    }
    $was = $Entry['wmi_filter']
    if ($null -eq $was) {
        $was = $Entry.fingerprint['wmi_filter']
    }
    $is = $State.wmi_filter
    if ($null -eq $is) {
        $is = $State.fingerprint.wmi_filter
    }
    @{ reason = 'wmi_filter'; before = $was; after = $is }
}

Function Compare-GpmFile {
    <#
    .SYNOPSIS
    Returns how the files in SYSVOL differ, as @{ path; before; after }.

    .PARAMETER Before
    The files of the fingerprint as it was.

    .PARAMETER After
    The files of the fingerprint as it is.

    .PARAMETER Explained
    Path prefixes whose differences another reason explains.
    #>
    param (
        [AllowNull()] [Object[]] $Before,
        [AllowNull()] [Object[]] $After,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [String[]] $Explained
    )

    if (Test-GpmSame -Before $Before -After $After) {
        return
    }
    $was = New-GpmMap
    foreach ($file in $Before) {
        $was[$file.path] = $file
    }
    $differences = @(foreach ($file in $After) {
            $old = $was[$file.path]
            $was.Remove($file.path)
            if ($null -eq $old -or [Int64]$old.size -ne [Int64]$file.size -or
                -not $script:SameName.Equals($old.modified, $file.modified)) {
                @{ path = $file.path; before = $old; after = $file }
            }
        }
        foreach ($file in $was.get_Values()) {
            @{ path = $file.path; before = $file; after = $null }
        })
    foreach ($difference in $differences) {
        $isExplained = $false
        foreach ($prefix in $Explained) {
            if ($difference.path.StartsWith($prefix, [StringComparison]::OrdinalIgnoreCase)) {
                $isExplained = $true
                break
            }
        }
        if (-not $isExplained) {
            $difference
        }
    }
}

Function Test-GpmSameLinkList {
    <#
    .SYNOPSIS
    Returns whether the links of a GPO are as they were.

    .DESCRIPTION
    Links that cannot be read now prove nothing either way. Links that were not recorded then are, now that they are to
    be.

    .PARAMETER Before
    The links as they were, or null.

    .PARAMETER After
    The links as they are, or null.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Sites
    Whether the sites could be read.
    #>
    [OutputType([Boolean])]
    param (
        [AllowNull()] [Object[]] $Before,
        [AllowNull()] [Object[]] $After,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Boolean] $Sites
    )

    if ($null -eq $After) {
        return $true
    }
    if ($null -eq $Before) {
        return $false
    }
    $was = New-GpmMap
    foreach ($link in $Before) {
        if ($Sites -or $link.type -cne 'site') {
            $was[$link.target] = $link
        }
    }
    if ($was.Count -ne $After.Count) {
        return $false
    }
    foreach ($link in $After) {
        $old = $was[$link.target]
        if ($null -eq $old -or -not (Test-GpmSameLink -Before $old -After $link -Id $Id)) {
            return $false
        }
    }
    $true
}

Export-ModuleMember -Function Get-GpmBackupReason, Test-GpmSameState
