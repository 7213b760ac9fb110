# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# Whether a backup is whole. GPMC itself is not needed.

#AnsibleRequires -CSharpUtil ..module_utils._BackupXml
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._Error

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Test-GpmBackup {
    <#
    .SYNOPSIS
    Returns the state of a backup: @{ state; problems; unread; files; size }.

    .DESCRIPTION
    "state" is ok when the catalog knows it and all its files are there; uncatalogued when the catalog does not, but
    nothing is wrong as far as can be told; damaged otherwise. "problems" says what is wrong, in sentences, and "unread"
    whether part of that is what is there, but just cannot be read. "files" and "size" say how much is there, null when
    that cannot be told. Nothing outside of the backup's own folder is opened.

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
    $unread = $false
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
            $found = Test-GpmUncataloguedBackup -Path $Path -Id $Id
            $unread = $found.unread
        }
    }
    catch {
        $unread = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]::IsUnread($_.Exception)
        $found.problems = @("The folder $Id cannot be used: " + (Get-GpmShortText -ErrorRecord $_))
    }
    $state = $good
    if ($found.problems.Count) {
        $state = 'damaged'
    }
    @{ state = $state; problems = @($found.problems); unread = $unread; files = $found.files; size = $found.size }
}

Function Test-GpmUncataloguedBackup {
    <#
    .SYNOPSIS
    Returns what can be said of a backup that the catalog does not know: @{ files; size; problems; unread }.

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
    $xml = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]
    $unread = $false
    try {
        if (-not [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Exists(
                [System.IO.Path]::Combine($folder, 'bkupInfo.xml'))) {
            throw 'It is missing. gpo_restore rebuilds it from Backup.xml with force: true.'
        }
        $null = Read-GpmBackupInfo -Path $Path -Id $Id
    }
    catch {
        $unread = $xml::IsUnread($_.Exception)
        $problems.Add('bkupInfo.xml cannot be used: ' + (Get-GpmShortText -ErrorRecord $_))
    }
    try {
        $file = [System.IO.Path]::Combine($folder, 'Backup.xml')
        Assert-GpmNoLink -Path $file
        $locations = $xml::ReadLocations($file)
    }
    catch {
        $unread = $unread -or $xml::IsUnread($_.Exception)
        $problems.Add('Backup.xml cannot be used: ' + (Get-GpmShortText -ErrorRecord $_))
    }
    $found = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::VerifyLocations(
        $folder, $locations)
    $problems.AddRange([String[]]$found.problems)
    @{ files = $found.files; size = $found.size; problems = $problems.ToArray(); unread = $unread }
}

Export-ModuleMember -Function Test-GpmBackup
