# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# Backup directories and GPMC's files in them, as far as GPMC itself is not needed.

#AnsibleRequires -CSharpUtil ..module_utils._BackupXml
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -PowerShell ..module_utils._Gpmc

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# HRESULTs that decide something here (winerror.h).
$script:ErrorFileNotFound = 0x80070002
$script:ErrorPathNotFound = 0x80070003
$script:ErrorAccessDenied = 0x80070005
$script:ErrorInvalidDrive = 0x8007000F
$script:ErrorBadNetName = 0x80070043
$script:ErrorDirectory = 0x8007010B

$script:GuidPattern = '^\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$'

# Characters of what an exception says that are repeated: it may quote a hostile file.
$script:SaidAtMost = 200

# UTF-16 units that a value of bkupInfo.xml may have. The comment's is that of IGPMGPO::Backup.
$script:Longest = @{ GPOGuid = 38; GPODomain = 255; BackupTime = 30; ID = 38; Comment = 2047; GPODisplayName = 1024 }

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

Function Get-GpmShortText {
    <#
    .SYNOPSIS
    Returns what an error says, on one line and cut when it is long.

    .PARAMETER ErrorRecord
    The error.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [System.Management.Automation.ErrorRecord] $ErrorRecord
    )

    $text = (Get-GpmStatus -ErrorRecord $ErrorRecord).message -replace '\s+', ' '
    if ($text.Length -gt $script:SaidAtMost) {
        return $text.Substring(0, $script:SaidAtMost) + '...'
    }
    $text
}

Function Get-GpmBackupFolder {
    <#
    .SYNOPSIS
    Returns the IDs of the backups in a directory, the names of their folders, in upper case and sorted.

    .PARAMETER Path
    The backup directory.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $ids = New-Object -TypeName System.Collections.Generic.List[String]
    foreach ($folder in [System.IO.Directory]::GetDirectories($Path)) {
        $name = [System.IO.Path]::GetFileName($folder).ToUpperInvariant()
        if ($name -match $script:GuidPattern) {
            $ids.Add($name)
        }
    }
    $ids.Sort([StringComparer]::Ordinal)
    $ids
}

Function Assert-GpmNoLink {
    <#
    .SYNOPSIS
    Throws when a file or folder is a link to another place, or missing.

    .PARAMETER Path
    The file or folder.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    if ([ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::IsLink($Path)) {
        throw 'It is a link, which is not followed.'
    }
}

Function Read-GpmBackupInfo {
    <#
    .SYNOPSIS
    Returns what the bkupInfo.xml of a backup says: @{ gpo = @{ id; name; domain }; timestamp; comment }. Throws what is
    wrong with it.

    .DESCRIPTION
    The file may be anybody's. The ID is in upper case with braces, the time in UTC (BackupTime is; whether
    IGPMBackup.Timestamp is UTC or local is not documented), the domain fit for the name of a folder.

    Without bkupInfo.xml a backup is damaged, whatever its Backup.xml says: GPMC itself goes by bkupInfo.xml.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Id
    ID of the backup, in braces.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $folder = [System.IO.Path]::Combine($Path, $Id)
    $file = [System.IO.Path]::Combine($folder, 'bkupInfo.xml')
    Assert-GpmNoLink -Path $folder
    Assert-GpmNoLink -Path $file
    $values = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]::ReadInfo($file)
    foreach ($name in $script:Longest.Keys) {
        if ($values[$name] -isnot [String] -and $name -ne 'Comment') {
            throw "It lacks $name."
        }
        if (([String]$values[$name]).Length -gt $script:Longest[$name]) {
            throw "Its $name is longer than a genuine one."
        }
    }
    if ($values['GPOGuid'] -notmatch $script:GuidPattern) {
        throw 'Its GPOGuid is no GUID.'
    }
    # Some folder may be looked for by this name.
    if ($values['GPODomain'] -match '[\\/:*?"<>|\x00-\x1f]|^\.|\.\.|\.$|^\s*$') {
        throw 'Its GPODomain is no name of a domain.'
    }
    if ($values['ID'] -ne $Id) {
        throw 'It is that of another backup.'
    }
    $time = [DateTime]::MinValue
    $read = [DateTime]::TryParseExact(
        $values['BackupTime'], [String[]]@('s', "yyyy-MM-dd'T'HH:mm:ss'Z'"),
        [Globalization.CultureInfo]::InvariantCulture, [Globalization.DateTimeStyles]::None, [ref]$time)
    if (-not $read) {
        throw 'Its BackupTime is no time.'
    }
    @{
        gpo = @{
            id = $values['GPOGuid'].ToUpperInvariant()
            name = $values['GPODisplayName']
            domain = $values['GPODomain']
        }
        timestamp = $time.ToString('s') + 'Z'
        comment = [String]$values['Comment']
    }
}

Function Get-GpmBackupTime {
    <#
    .SYNOPSIS
    Returns the time of a backup in UTC, or null when its bkupInfo.xml does not tell.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Id
    ID of the backup.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    try {
        (Read-GpmBackupInfo -Path $Path -Id $Id).timestamp
    }
    catch {
        # The backup is made: a time that cannot be read is no reason to call it failed.
        return $null
    }
}

Function Read-GpmManifest {
    <#
    .SYNOPSIS
    Returns the IDs of the backups that the directory's manifest.xml lists, as a set. Throws when it cannot be read.

    .PARAMETER Path
    The backup directory.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $file = [System.IO.Path]::Combine($Path, 'manifest.xml')
    if (-not [System.IO.File]::Exists($file)) {
        return , (New-Object -TypeName System.Collections.Generic.HashSet[String])
    }
    Assert-GpmNoLink -Path $file
    , [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]::ReadManifest($file)
}

Function Test-GpmForeignBackup {
    <#
    .SYNOPSIS
    Returns what can be said of a backup that the catalog does not know: @{ files; size; problems }.

    .DESCRIPTION
    Its bkupInfo.xml and Backup.xml can be read, and each file that Backup.xml has a location for is there. An empty
    folder may be missing: copies lose them.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Id
    ID of the backup.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $folder = [System.IO.Path]::Combine($Path, $Id)
    $problems = New-Object -TypeName System.Collections.Generic.List[String]
    $locations = New-Object -TypeName 'String[]' -ArgumentList 0
    try {
        $null = Read-GpmBackupInfo -Path $Path -Id $Id
    }
    catch {
        $problems.Add('bkupInfo.xml cannot be used: ' + (Get-GpmShortText -ErrorRecord $_))
    }
    try {
        $file = [System.IO.Path]::Combine($folder, 'Backup.xml')
        Assert-GpmNoLink -Path $file
        $locations = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]::ReadLocations($file)
    }
    catch {
        $problems.Add('Backup.xml cannot be used: ' + (Get-GpmShortText -ErrorRecord $_))
    }
    $found = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::VerifyLocations(
        $folder, $locations)
    $problems.AddRange([String[]]$found.problems)
    @{ files = $found.files; size = $found.size; problems = $problems.ToArray() }
}

Function Test-GpmBackup {
    <#
    .SYNOPSIS
    Returns the state of a backup: @{ state; problems; files; size }.

    .DESCRIPTION
    "state" is ok when the catalog knows it and all its files are there; uncatalogued when the catalog does not, but
    nothing is wrong as far as can be told; damaged otherwise. "problems" says what is wrong, in sentences. "files" and
    "size" say how much is there, null when that cannot be told. Nothing outside of the backup's own folder is opened.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER Entry
    The catalog's entry of the backup, from Read-GpmCatalogEntry, or null.

    .PARAMETER Verify
    What of a catalogued backup is compared with its entry: quick (the files are there with their sizes), or full (their
    SHA-256, too).
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Id,
        [AllowNull()] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [ValidateSet('quick', 'full')] [String] $Verify
    )

    $folder = [System.IO.Path]::Combine($Path, $Id)
    $found = @{ files = $null; size = $null; problems = @() }
    $good = 'uncatalogued'
    try {
        if (-not (Test-GpmDirectory -Path $folder)) {
            throw 'It is gone.'
        }
        Assert-GpmNoLink -Path $folder
        if ($null -ne $Entry) {
            $good = 'ok'
            $found = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::Verify(
                $folder, $Entry.files, $Verify -eq 'full')
        }
        else {
            $found = Test-GpmForeignBackup -Path $Path -Id $Id
        }
    }
    catch {
        $found.problems = @("The folder $Id cannot be used: " + (Get-GpmShortText -ErrorRecord $_))
    }
    $state = $good
    if ($found.problems.Count) {
        $state = 'damaged'
    }
    @{ state = $state; problems = @($found.problems); files = $found.files; size = $found.size }
}

Export-ModuleMember -Function Assert-GpmDirectory, Get-GpmBackupFolder, Get-GpmBackupTime, Get-GpmShortText,
    Read-GpmBackupInfo, Read-GpmManifest, Test-GpmBackup
