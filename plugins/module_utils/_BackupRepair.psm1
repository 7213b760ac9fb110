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
#AnsibleRequires -PowerShell ..module_utils._Trip

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

Function Repair-GpmLostInfo {
    <#
    .SYNOPSIS
    Rebuilds the bkupInfo.xml that the backup that the task names has lost, with force and not in check mode.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    # The trip that selected may have been another, which had to wait for the lock.
    Find-GpmLostInfo -Context $Context
    if ($null -ne $Context.task['rebuilt'] -and -not $Context.checkMode) {
        Write-GpmRebuiltInfo -Path $Context.options.path -Info $Context.task.rebuilt
        Add-GpmProblem -Trip $Context.trip -Kind rebuilt -Subject $Context.task.rebuilt['ID']
        $Entry.changed = $true
    }
}

Function Find-GpmLostInfo {
    <#
    .SYNOPSIS
    Finds out what was in the bkupInfo.xml that the backup that the task names has lost, with force.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    if ($options.backup_id -and $options.force -and (Test-GpmInfoLost -Path $options.path -Id $options.backup_id)) {
        $Context.task.rebuilt = Get-GpmRebuiltInfo -Path $options.path -Id $options.backup_id
    }
}

Function Read-GpmSourceInfo {
    <#
    .SYNOPSIS
    Returns what Read-GpmBackupInfo does of the backup that the task names, also where that file is yet to be rebuilt.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $rebuilt = $Context.task['rebuilt']
    if ($null -eq $rebuilt) {
        return (Read-GpmBackupInfo -Path $Context.options.path -Id $Id)
    }
    @{
        gpo = @{
            id = $rebuilt['GPOGuid'].ToUpperInvariant()
            name = $rebuilt['GPODisplayName']
            domain = $rebuilt['GPODomain']
        }
        timestamp = $rebuilt['BackupTime'] + 'Z'
        comment = ''
    }
}

Export-ModuleMember -Function Find-GpmLostInfo, Get-GpmRebuiltInfo, Read-GpmSourceInfo, Repair-GpmLostInfo, Test-GpmInfoLost
