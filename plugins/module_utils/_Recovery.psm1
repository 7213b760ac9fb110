# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What restoring and importing share: the backup that the task names, the safety copy taken before anything is changed.

#AnsibleRequires -CSharpUtil ..module_utils._BackupXml
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
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
    DNS name of the domain that the backup is of; empty where it does not say.

    .PARAMETER Id
    ID of the GPO that the backup is of.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $Domain,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $entry = $null
    $files = @()
    if ($Domain) {
        $files = Get-GpmCatalogFile -Folder (Get-GpmCatalogFolder -Path $options.path -Domain $Domain -Id $Id)
    }
    foreach ($file in $files) {
        if ($script:SameName.Equals($file.backup_id, $options.backup_id)) {
            try {
                $entry = Read-GpmCatalogEntry -File $file -Domain $Domain -Id $Id
                # The newest comes first.
                break
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

Function Get-GpmIndexFault {
    <#
    .SYNOPSIS
    Returns why GPMC does not find a backup by the manifest.xml of a directory, in a sentence, or an empty text.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Id
    ID of the backup.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $file = [System.IO.Path]::Combine($Path, 'manifest.xml')
    $reading = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]::BeginReadManifest($file)
    $fault = Get-GpmManifestFault -Reading $reading
    if ($fault) {
        return "$file cannot be read: $fault"
    }
    try {
        $ids = $reading.GetAwaiter().GetResult()
    }
    catch {
        # Open elsewhere, say: then GPMC has more to say than that.
        return ''
    }
    if ($null -eq $ids) {
        return "There is no $file."
    }
    if (-not $ids.Contains($Id.ToUpperInvariant())) {
        return "$file does not list the backup $Id."
    }
    ''
}

Function Open-GpmWantedBackup {
    <#
    .SYNOPSIS
    Returns the IGPMBackup of a backup, or null when GPMC knows none for want of an index: that is then the trouble of
    the item's entry.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Context.step = 'open_backup'
    try {
        Get-GpmBackupObject -Gpm $Context.gpm -Path $Context.options.path -Id $Id
    }
    catch {
        $fault = Get-GpmIndexFault -Path $Context.options.path -Id $Id
        if (-not $fault) {
            throw
        }
        $Entry.trouble = New-GpmTrouble -Step not_listed -Message $fault
        return $null
    }
}

Function Save-GpmSafetyCopy {
    <#
    .SYNOPSIS
    Takes the safety copy of a GPO, tells of it in the item's entry, and returns whether it was taken. Throws when that
    fails.

    .DESCRIPTION
    GPMC writes a backup as a whole before it finds that it cannot add it to manifest.xml, so that is looked at before.

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
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [String] $BackupId,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Context.step = 'safety'
    $path = $Context.options.path
    $fault = Get-GpmManifestFault -Reading (
        [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]::BeginReadManifest(
            [System.IO.Path]::Combine($path, 'manifest.xml')))
    if ($fault) {
        $Entry.trouble = New-GpmTrouble -Step manifest -Message $fault
        return $false
    }
    $made = Backup-GpmGpo -Gpo $Item.gpo -Path $path -Timeout 0 `
        -Comment (Get-GpmSafetyComment -Id $BackupId)
    if ($null -eq $made.backup) {
        $failed = $made.call_status
        if ($null -ne $made.overall_status) {
            $failed = $made.overall_status
        }
        if (-not $failed.hresult) {
            $Entry.trouble = New-GpmTrouble -Step no_result
            return $false
        }
        throw (New-GpmException -HResult $failed.hresult)
    }
    # It lies in the directory, whatever comes after it.
    $Entry.changed = $true
    $made.backup.timestamp = Get-GpmBackupTime -Path $path -Id $made.backup.id
    $made.reasons = @('safety')
    $made.milliseconds = 0
    $recording = Start-GpmBackupEntry -Made $made -State $State -Context $Context -Purpose safety
    $null = $recording.GetAwaiter().GetResult()
    $Entry.safety_backup = $made.backup
    $true
}

Export-ModuleMember -Function Get-GpmNamedBackup, New-GpmDamageTrouble, Open-GpmWantedBackup, Save-GpmSafetyCopy
