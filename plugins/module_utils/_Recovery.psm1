# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What restoring and importing share: the backup that the task names, the safety copy taken before anything is changed.

#AnsibleRequires -CSharpUtil ..module_utils._BackupXml
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -PowerShell ..module_utils._BackupCheck
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._BackupRecord
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._GpmcBackup
#AnsibleRequires -PowerShell ..module_utils._GpmcDirectory
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# Problems of a backup that its trouble names.
$script:NamedAtMost = 5

Function Get-GpmNamedBackup {
    <#
    .SYNOPSIS
    Returns what is known of the backup that the option backup_id names, as @{ entry; problems }: entry is null when the
    catalog does not know it, problems say what is damaged of it.

    .PARAMETER Domain
    DNS name of the domain that the backup is of.

    .PARAMETER Id
    ID of the GPO that the backup is of.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Domain,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $entry = $null
    foreach ($file in Get-GpmCatalogFile -Folder (Get-GpmCatalogFolder -Path $options.path -Domain $Domain -Id $Id)) {
        if ($script:SameName.Equals($file.backup_id, $options.backup_id)) {
            try {
                $entry = Read-GpmCatalogEntry -File $file -Domain $Domain -Id $Id
            }
            catch {
                $status = Get-GpmStatus -ErrorRecord $_
                Add-GpmProblem -Trip $Context.trip -Kind catalog -Subject $file.path -Status $status
            }
        }
    }
    $test = Test-GpmBackup -Path $options.path -Id $options.backup_id -Entry $entry -Verify full
    @{ entry = $entry; problems = @($test.problems) }
}

Function Open-GpmRecoveryBackup {
    <#
    .SYNOPSIS
    Returns the IGPMBackup of a backup. Throws why GPMC cannot open it; the context's step says then whether that is
    because of manifest.xml.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Context.step = 'open_backup'
    $path = $Context.options.path
    try {
        Get-GpmBackupObject -Gpm $Context.gpm -Path $path -Id $Id
    }
    catch {
        $failure = $_
        # Some releases go by that index alone.
        try {
            $xml = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]
            if (-not $xml::ReadManifest([System.IO.Path]::Combine($path, 'manifest.xml')).Contains($Id)) {
                $Context.step = 'not_listed'
            }
        }
        catch {
            $Context.step = 'not_listed'
        }
        throw $failure
    }
}

Function New-GpmDamageTrouble {
    <#
    .SYNOPSIS
    Returns the trouble of a backup that is damaged.

    .PARAMETER Problems
    What is damaged of it.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String[]] $Problems
    )

    $said = @($Problems | Select-Object -First $script:NamedAtMost) -join ' '
    if ($Problems.Count -gt $script:NamedAtMost) {
        $said += ' ...'
    }
    New-GpmTrouble -Step damaged -Message $said
}

Function Save-GpmSafetyCopy {
    <#
    .SYNOPSIS
    Takes the safety copy of a GPO, and tells of it in the item's entry. Throws when that fails.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER State
    From Get-GpmLiveState.

    .PARAMETER BackupId
    ID of the backup whose settings the GPO is to get.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [String] $BackupId,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Context.step = 'safety'
    $path = $Context.options.path
    $made = Backup-GpmGpo -Gpo $Item.gpo -Path $path -Comment "Before it got the settings of $BackupId" -Timeout 0
    if ($null -eq $made.backup) {
        $failed = $made.call_status
        if ($null -ne $made.overall_status) {
            $failed = $made.overall_status
        }
        throw (New-GpmException -HResult $failed.hresult)
    }
    # It lies in the directory, whatever comes after it.
    $Entry.changed = $true
    $made.backup.timestamp = Get-GpmBackupTime -Path $path -Id $made.backup.id
    $made.reasons = @('safety')
    $made.milliseconds = 0
    $recording = Start-GpmBackupEntry -Made $made -State $State -Context $Context -Purpose safety
    $recording.GetAwaiter().GetResult()
    $Entry.safety_backup = $made.backup
}

Export-ModuleMember -Function Get-GpmNamedBackup, New-GpmDamageTrouble, Open-GpmRecoveryBackup, Save-GpmSafetyCopy
