# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# GPMC's reports of GPOs and of backups.

#AnsibleRequires -CSharpUtil ..module_utils._ComObject
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._GpmcDirectory

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:Com = 'ansible_collections.gpvault.gpmc.plugins.module_utils._ComObject.ComObject' -as [Type]

# GPMReportType of gpmgmt.h.
$script:ReportTypes = @{ xml = 0; html = 1 }

Function Open-GpmBackup {
    <#
    .SYNOPSIS
    Returns a backup as @{ object; info; gpo }: the IGPMBackup, what results say of it, and of its GPO.

    .PARAMETER Gpm
    The IGPM.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Id
    ID of the backup.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpm,
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $backup = Get-GpmBackupObject -Gpm $Gpm -Path $Path -Id $Id
    @{
        object = $backup
        info = @{
            id = $Id
            path = [System.IO.Path]::Combine($Path, $Id)
            timestamp = $null
            comment = [String](Get-GpmProperty -Object $backup -Name Comment)
        }
        gpo = @{
            id = ([String]$backup.GPOID).ToUpperInvariant()
            name = [String]$backup.GPODisplayName
            domain = [String]$backup.GPODomain
        }
    }
}

Function Export-GpmReport {
    <#
    .SYNOPSIS
    Has GPMC write a report into a file and returns the statuses and messages of the call.

    .PARAMETER Source
    The IGPMGPO or the IGPMBackup.

    .PARAMETER Format
    xml or html.

    .PARAMETER Path
    The file.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Source,
        [Parameter(Mandatory = $true)] [String] $Format,
        [Parameter(Mandatory = $true)] [String] $Path
    )

    try {
        $result = $script:Com::Call($Source, 'GenerateReportToFile', $script:ReportTypes[$Format], $Path)
    }
    catch {
        return (Get-GpmCallFailure -ErrorRecord $_)
    }
    Get-GpmCallResult -Result $result
}

Function Read-GpmMadeReport {
    <#
    .SYNOPSIS
    Has GPMC make the settings report of a GPO as it is, and returns what is read of it. Throws why GPMC makes none.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Folder
    Where the report may lie meanwhile.

    .PARAMETER Read
    Returns what is wanted of the file that it is given.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [String] $Folder,
        [Parameter(Mandatory = $true)] [ScriptBlock] $Read
    )

    $file = [System.IO.Path]::Combine($Folder, 'settings.xml')
    try {
        $made = Export-GpmReport -Source $Gpo -Format xml -Path $file
        if (-not $made.succeeded) {
            $failed = $made.call_status
            if ($null -ne $made.overall_status) {
                $failed = $made.overall_status
            }
            throw (New-GpmException -HResult $failed.hresult)
        }
        & $Read $file
    }
    finally {
        [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Delete($file)
    }
}

Export-ModuleMember -Function Export-GpmReport, Open-GpmBackup, Read-GpmMadeReport
