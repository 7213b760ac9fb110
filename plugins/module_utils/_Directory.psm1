# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# Directories on the host or on a share that tasks read and write.

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._Error

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# HRESULTs that decide something here (winerror.h).
$script:ErrorFileNotFound = 0x80070002
$script:ErrorPathNotFound = 0x80070003
$script:ErrorAccessDenied = 0x80070005
$script:ErrorInvalidDrive = 0x8007000F
$script:ErrorBadNetName = 0x80070043
$script:ErrorDirectory = 0x8007010B

Function Confirm-GpmDirectory {
    <#
    .SYNOPSIS
    Returns whether a directory exists. Throws, with the reason's HRESULT, when it cannot be used: it is missing and may
    not be, it could not be created, it is a file.

    .PARAMETER Path
    The directory.

    .PARAMETER MayBeMissing
    The task will create it.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Boolean] $MayBeMissing = $false
    )

    if (Test-GpmDirectory -Path $Path) {
        return $true
    }
    if (-not (Test-GpmDirectoryAbove -Path ([System.IO.Path]::GetPathRoot($Path)))) {
        if ($Path.StartsWith('\\', [StringComparison]::Ordinal)) {
            throw (New-GpmException -HResult $script:ErrorBadNetName)
        }
        throw (New-GpmException -HResult $script:ErrorInvalidDrive)
    }
    if (-not $MayBeMissing) {
        throw (New-GpmException -HResult $script:ErrorPathNotFound)
    }
    $false
}

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
        $attributes = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Attributes($Path)
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

Function Test-GpmDirectoryAbove {
    <#
    .SYNOPSIS
    Returns whether a directory exists in which another one is to be, as Test-GpmDirectory does, but true for one that must
    not be read: on a share one may be allowed to write below such a root.

    .PARAMETER Path
    The directory.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    try {
        Test-GpmDirectory -Path $Path
    }
    catch {
        if ((Get-GpmStatus -ErrorRecord $_).hresult -ne $script:ErrorAccessDenied) {
            throw
        }
        $true
    }
}

Function Test-GpmStillToCome {
    <#
    .SYNOPSIS
    Returns whether a directory is missing or empty in check mode: then a task before this one would have filled it. Throws
    like Confirm-GpmDirectory where it cannot be used, and where it is missing and check mode is no reason.

    .PARAMETER Path
    The directory.

    .PARAMETER CheckMode
    Whether the task runs in check mode.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [Boolean] $CheckMode
    )

    $exists = Confirm-GpmDirectory -Path $Path -MayBeMissing $CheckMode
    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    $CheckMode -and (-not $exists -or -not $hostFile::Folder($Path).GetFileSystemInfos().Length)
}

Function Measure-GpmDirectoryTime {
    <#
    .SYNOPSIS
    Returns what time it is, in UTC, on the clock that gives the files of the catalog their times.

    .DESCRIPTION
    On a share that is the server's clock, which is not the host's. A file that is made and deleted again tells; check
    mode writes nothing, so there the host's own clock has to do.

    .PARAMETER Path
    The backup directory.

    .PARAMETER CheckMode
    Write nothing.
    #>
    [OutputType([DateTime])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [Boolean] $CheckMode
    )

    if ($CheckMode) {
        return [DateTime]::UtcNow
    }
    $probe = [System.IO.Path]::Combine($Path, '.gpvault', 'clock-' + [Guid]::NewGuid().ToString('n'))
    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    $hostFile::Create($probe).Dispose()
    try {
        $hostFile::LastWriteTime($probe)
    }
    finally {
        $hostFile::Delete($probe)
    }
}

Export-ModuleMember -Function Confirm-GpmDirectory, Measure-GpmDirectoryTime, Test-GpmDirectory,
    Test-GpmDirectoryAbove, Test-GpmStillToCome
