# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The folder of one backup, as GPMC writes it and as anybody may have changed it. GPMC itself is not needed.

#AnsibleRequires -CSharpUtil ..module_utils._BackupXml
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# How the comment of a safety copy begins, which the ID of the backup follows.
$script:SafetyComment = 'Before it got the settings of '

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# UTF-16 units that a value of bkupInfo.xml may have. The comment's is that of IGPMGPO::Backup.
$script:Longest = @{ GPOGuid = 38; GPODomain = 255; BackupTime = 30; ID = 38; Comment = 2047; GPODisplayName = 1024 }

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

    if ([ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::IsLink($Path)) {
        throw 'It is a link, which is not followed.'
    }
}

Function Get-GpmFolderKind {
    <#
    .SYNOPSIS
    Returns what lies in a folder that is named like a backup, as @{ exists; own; strange }: whether there is what only
    GPMC writes, and the names of what GPMC does not write there.

    .DESCRIPTION
    Anybody can name a folder by a GUID, and GPOs in SYSVOL are: the name makes no backup.

    .PARAMETER Path
    The folder.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $found = @{ own = $false; strange = @() }
    try {
        if (-not (Test-GpmDirectory -Path $Path)) {
            return @{ exists = $false; own = $false; strange = @() }
        }
        if (-not [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::IsLink($Path)) {
            $found = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]::Recognise($Path)
        }
    }
    catch {
        # A file, or a folder that must not be listed: nothing shows that it is GPMC's.
        $found.strange = @()
    }
    $found.exists = $true
    $found
}

Function Get-GpmManifestFault {
    <#
    .SYNOPSIS
    Returns what is wrong with the manifest.xml of a directory, so that GPMC can neither add to it nor go by it, or null.

    .PARAMETER Reading
    From BackupXml.BeginReadManifest; null where there is no directory yet.
    #>
    [OutputType([String])]
    param (
        [AllowNull()] [Object] $Reading
    )

    if ($null -eq $Reading) {
        return $null
    }
    try {
        $null = $Reading.GetAwaiter().GetResult()
    }
    catch {
        $exception = $_.Exception.GetBaseException()
        # Somebody may just have it open, or it must not be read: that says nothing of what is in it.
        if ($exception -is [FormatException] -or $exception -is [System.Xml.XmlException]) {
            return (Get-GpmShortText -ErrorRecord $_)
        }
    }
    return $null
}

Function Read-GpmBackupInfo {
    <#
    .SYNOPSIS
    Returns what the bkupInfo.xml of a backup says: @{ gpo = @{ id; name; domain }; timestamp; comment }. Throws what is
    wrong with it.

    .DESCRIPTION
    The file may be anybody's. The ID is in upper case with braces, the time in UTC (BackupTime is; whether
    IGPMBackup.Timestamp is UTC or local is not documented), the domain fit for the name of a folder. GPODomain,
    BackupTime and GPODisplayName may be empty, and the time is then null: scripts write such backups for an import.

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
    if (-not (Test-GpmId -Text $values['GPOGuid'])) {
        throw 'Its GPOGuid is no GUID.'
    }
    # Some folder may be looked for by this name.
    if ($values['GPODomain'] -cmatch '[\\/:*?"<>|\x00-\x1f]|^\.|\.\.|\.$') {
        throw 'Its GPODomain is no name of a domain.'
    }
    if (-not $script:SameName.Equals($values['ID'], $Id)) {
        throw 'It is that of another backup.'
    }
    $timestamp = $null
    $time = [DateTime]::MinValue
    $read = [DateTime]::TryParseExact(
        $values['BackupTime'], [String[]]@('s', "yyyy-MM-dd'T'HH:mm:ss'Z'"),
        [Globalization.CultureInfo]::InvariantCulture, [Globalization.DateTimeStyles]::None, [ref]$time)
    if ($read) {
        $timestamp = $time.ToString('s') + 'Z'
    }
    elseif ($values['BackupTime'].Length) {
        throw 'Its BackupTime is no time.'
    }
    @{
        gpo = @{
            id = $values['GPOGuid'].ToUpperInvariant()
            name = $values['GPODisplayName']
            domain = $values['GPODomain']
        }
        timestamp = $timestamp
        comment = [String]$values['Comment']
    }
}

Function Read-GpmBackupAccount {
    <#
    .SYNOPSIS
    Returns the accounts of domains that the Backup.xml of a backup names, with the names of its elements: Sid,
    SamAccountName, NetBIOSDomainName, DnsDomainName, UPN. Throws what is wrong with it.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Id
    ID of the backup.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $folder = [System.IO.Path]::Combine($Path, $Id)
    $file = [System.IO.Path]::Combine($folder, 'Backup.xml')
    Assert-GpmNoLink -Path $folder
    Assert-GpmNoLink -Path $file
    , [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]::ReadAccounts($file)
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

Function Get-GpmSafetyComment {
    <#
    .SYNOPSIS
    Returns the comment of a safety copy, by which it is known where the catalog is lost.

    .PARAMETER Id
    ID of the backup whose settings the GPO gets.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $script:SafetyComment + $Id
}

Function Test-GpmSafetyComment {
    <#
    .SYNOPSIS
    Returns whether a backup's comment is that of a safety copy.

    .PARAMETER Comment
    The comment.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $Comment
    )

    $Comment -cmatch "^$script:SafetyComment\{[0-9A-F-]{36}\}\z"
}

Export-ModuleMember -Function Assert-GpmNoLink, Get-GpmBackupTime, Get-GpmFolderKind, Get-GpmManifestFault,
    Get-GpmSafetyComment, Read-GpmBackupAccount, Read-GpmBackupInfo, Test-GpmSafetyComment
