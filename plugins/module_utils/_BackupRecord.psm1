# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A backup in the catalog: recording one that was made, telling of one that is recorded.

#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Compare

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Start-GpmBackupEntry {
    <#
    .SYNOPSIS
    Begins to record a backup in the catalog and returns the task, see Start-GpmCatalogEntry. Until it has ended, the
    lists and maps in Made and State may not be changed; members of Made may be replaced.

    .PARAMETER Made
    The entry of the reply, with the backup that was made.

    .PARAMETER State
    From Get-GpmLiveState, taken before the backup: had the GPO been changed meanwhile, the next run would see it.

    .PARAMETER Context
    The trip's context.

    .PARAMETER Purpose
    What it was made for: backup, or safety for a copy that is taken before a restore or an import.
    #>
    [OutputType([System.Threading.Tasks.Task])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Made,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [Hashtable] $Context,
        [Parameter(Mandatory = $true)] [ValidateSet('backup', 'safety')] [String] $Purpose
    )

    $targets = $null
    if ($null -ne $State.links) {
        # Made once in a trip: all of its backups have the same.
        if ($null -eq $Context.surroundings['target_record']) {
            $Context.surroundings.target_record = ConvertTo-GpmTargetRecord -Targets @($Context.surroundings.targets)
        }
        $targets = $Context.surroundings.target_record
    }
    Start-GpmCatalogEntry -Path $Context.options.path -Entry ([ordered]@{
            run_id = $Context.options._run_id
            purpose = $Purpose
            approved = $Purpose -ceq 'backup' -and [Boolean]$Context.options['approved']
            host = [Environment]::MachineName
            domain_controller = $Context.trip.domain_controller
            gpo = $State.info
            backup = @{
                id = $Made.backup.id
                timestamp = $Made.backup.timestamp
                comment = $Made.backup.comment
            }
            reasons = $Made.reasons
            milliseconds = $Made.milliseconds
            call_status = $Made.call_status
            overall_status = $Made.overall_status
            status_messages = $Made.status_messages
            links = $State.links
            link_targets = $targets
            wmi_filter = $State.wmi_filter
            fingerprint = $State.fingerprint
        })
}

Function Get-GpmRecordedBackup {
    <#
    .SYNOPSIS
    Returns the backup of a catalog entry as results show it.

    .PARAMETER Entry
    The entry.

    .PARAMETER Path
    The backup directory.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [String] $Path
    )

    @{
        id = $Entry.backup.id
        path = [System.IO.Path]::Combine($Path, $Entry.backup.id)
        timestamp = $Entry.backup['timestamp']
        comment = $Entry.backup['comment']
    }
}

Export-ModuleMember -Function Get-GpmRecordedBackup, Start-GpmBackupEntry
