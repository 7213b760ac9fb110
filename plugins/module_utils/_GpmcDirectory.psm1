# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# IGPMBackupDir and IGPMBackup: backups that GPMC knows.

#AnsibleRequires -CSharpUtil ..module_utils._ComObject

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:Com = 'ansible_collections.gpvault.gpmc.plugins.module_utils._ComObject.ComObject' -as [Type]

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

    $script:Com::Call($script:Com::Call($Gpm, 'GetBackupDir', $Path), 'GetBackup', $Id)
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

    $null = $script:Com::Call((Get-GpmBackupObject -Gpm $Gpm -Path $Path -Id $Id), 'Delete')
}

Export-ModuleMember -Function Get-GpmBackupObject, Remove-GpmBackup
