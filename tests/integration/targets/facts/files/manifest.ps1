# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Whether GPMC finds backups that manifest.xml does not list.

$gpo = $domain.GetGPO((New-TestGpo -Name manifest).id)
$folder = [System.IO.Path]::Combine($testFolder, 'unlisted')
$manifest = [System.IO.Path]::Combine($folder, 'manifest.xml')
$aside = [System.IO.Path]::Combine($testFolder, 'manifest.xml')

$null = Backup-Gpo -Gpo $gpo -Folder $folder
[System.IO.File]::Copy($manifest, $aside)
$unlisted = Backup-Gpo -Gpo $gpo -Folder $folder
# GPMC hides the file, and a hidden one cannot be overwritten.
[System.IO.File]::Delete($manifest)
[System.IO.File]::Copy($aside, $manifest)

Function Find-Backup {
    <#
    .SYNOPSIS
    Returns the IDs that a search finds.
    #>
    [OutputType([String[]])]
    param ()

    foreach ($backup in $gpm.GetBackupDir($folder).SearchBackups($gpm.CreateSearchCriteria())) {
        $backup.ID
    }
}

New-Fact -Name 'SearchBackups finds an unlisted backup' -How 'two backups, the manifest as after the first' -Measure {
    if (([String[]]@(Find-Backup)).Contains($unlisted.ID)) { 'yes' } else { 'no' }
}

New-Fact -Name 'GetBackup finds an unlisted backup' -How 'the same backups' -Measure {
    try {
        $null = $gpm.GetBackupDir($folder).GetBackup($unlisted.ID)
        'yes'
    }
    catch {
        'no: {0}' -f (Get-HResult -ErrorRecord $_)
    }
}

New-Fact -Name 'SearchBackups without a manifest' -How 'the same backups, no manifest.xml' -Measure {
    [System.IO.File]::Delete($manifest)
    try {
        '{0} of 2 found' -f @(Find-Backup).Count
    }
    catch {
        'fails: {0}' -f (Get-HResult -ErrorRecord $_)
    }
}
