# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# Backup directories and GPMC's files in them, as far as GPMC itself is not needed.

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

Export-ModuleMember -Function Assert-GpmDirectory, Get-GpmBackupTime
