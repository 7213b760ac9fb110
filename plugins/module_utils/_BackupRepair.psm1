# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A backup whose bkupInfo.xml was lost: Backup.xml says of which GPO it is. GPMC is not needed.

#AnsibleRequires -CSharpUtil ..module_utils._BackupXml
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._ManifestFile
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Test-GpmInfoLost {
    <#
    .SYNOPSIS
    Returns whether a backup is there, but not its bkupInfo.xml, or nothing in that.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Id
    ID of the backup.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $folder = [System.IO.Path]::Combine($Path, $Id)
    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    $hostFile::FolderExists($folder) -and
        $hostFile::Length([System.IO.Path]::Combine($folder, 'bkupInfo.xml')) -le 0
}

Function Get-GpmRebuiltInfo {
    <#
    .SYNOPSIS
    Returns the elements of the bkupInfo.xml that a backup has lost, by their names. Throws why they cannot be told.

    .DESCRIPTION
    Of which GPO and domain it is Backup.xml says. When it was made nothing else says for sure: the time of that file
    has to do. Its comment is lost.

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
    $file = [System.IO.Path]::Combine($folder, 'Backup.xml')
    Assert-GpmNoLink -Path $folder
    Assert-GpmNoLink -Path $file
    $core = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]::ReadCore($file)
    $written = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::LastWriteTime($file)
    if (-not (Test-GpmId -Text $core['ID']) -or -not $core['Domain']) {
        throw 'Its Backup.xml does not say of which GPO it is.'
    }
    @{
        GPOGuid = $core['ID']
        GPODomain = $core['Domain']
        BackupTime = $written.ToString('s')
        ID = $Id
        GPODisplayName = [String]$core['DisplayName']
    }
}

Function Write-GpmRebuiltInfo {
    <#
    .SYNOPSIS
    Writes the bkupInfo.xml that a backup has lost.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Info
    From Get-GpmRebuiltInfo.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [Hashtable] $Info
    )

    [ansible_collections.gpvault.gpmc.plugins.module_utils._ManifestFile.ManifestFile]::WriteInfo(
        [System.IO.Path]::Combine($Path, $Info['ID'], 'bkupInfo.xml'), $Info)
}

Export-ModuleMember -Function Get-GpmRebuiltInfo, Test-GpmInfoLost, Write-GpmRebuiltInfo
