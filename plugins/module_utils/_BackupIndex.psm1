# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The trip of gpo_backup_index: write GPMC's index of a backup directory anew, from what the backups say. One trip does
# it: 10,000 backups take some seconds.

#AnsibleRequires -CSharpUtil ..module_utils._BackupXml
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._ManifestFile
#AnsibleRequires -PowerShell ..module_utils._BackupSurvey
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Trip
#AnsibleRequires -PowerShell ..module_utils._TripLock

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Update-GpmIndex {
    <#
    .SYNOPSIS
    Writes manifest.xml anew where it is not what it ought to be, and returns what of it is not: @{ fault; listed;
    added; mended; dropped; left }, see docs/design.md.

    .PARAMETER Path
    The backup directory.

    .PARAMETER CheckMode
    Write nothing.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [Boolean] $CheckMode
    )

    $manifest = [ansible_collections.gpvault.gpmc.plugins.module_utils._ManifestFile.ManifestFile]
    $file = [System.IO.Path]::Combine($Path, 'manifest.xml')
    $found = $manifest::Survey($Path)
    $before = New-Object -TypeName System.Collections.Generic.List[Hashtable]
    $fault = $null
    if (-not [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Exists($file)) {
        $fault = 'It is not there.'
    }
    else {
        try {
            $before = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]::ReadManifestEntries(
                $file)
        }
        catch [FormatException], [System.Xml.XmlException] {
            $fault = Get-GpmShortText -ErrorRecord $_
        }
    }
    $manifest::Keep($before, $found)
    $index = $manifest::Compare($before, $found.entries)
    $index.fault = $fault
    $index.listed = $found.entries.Count
    $index.left = $found.left
    $differs = $index.added.Count + $index.mended.Count + $index.dropped.Count -gt 0
    $index.changed = $differs -or $null -ne $fault
    if ($index.changed -and -not $CheckMode) {
        $manifest::Write($file, $found.entries)
    }
    $index
}

Function Invoke-GpmBackupIndex {
    <#
    .SYNOPSIS
    Makes the trip of a gpo_backup_index task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -Prepare {
        param ($Context)

        $Context.step = 'list'
        $path = $Context.options.path
        $null = Confirm-GpmDirectory -Path $path
        if (-not (Test-GpmBackupDirectory -Path $path)) {
            # Before the lock, which makes a folder.
            $Context.trip.trouble = New-GpmTrouble -Step unfit -Message 'There is no backup in it.'
            return
        }
        if (-not $Context.checkMode) {
            Lock-GpmTrip -Context $Context
        }
        if (-not $Context.trip.locked) {
            $Context.step = 'index'
            $Context.trip.index = Update-GpmIndex -Path $path -CheckMode $Context.checkMode
        }
    } -Finish {
        param ($Context)

        Unlock-GpmTrip -Context $Context
    }
}

Export-ModuleMember -Function Invoke-GpmBackupIndex
