# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_backup_info: list, look.
#
# The task keeps in the trip's context:
#     list          from Open-GpmBackupList
#     sent          see _ChangeHistory.psm1

#AnsibleRequires -PowerShell ..module_utils._BackupList
#AnsibleRequires -PowerShell ..module_utils._BackupSurvey
#AnsibleRequires -PowerShell ..module_utils._ChangeHistory
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Invoke-GpmBackupInfo {
    <#
    .SYNOPSIS
    Makes one trip of a gpo_backup_info task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -Prepare {
        param ($Context)

        $Context.step = 'list'
        if (Test-GpmStillToCome -Path $Context.options.path -CheckMode $Context.checkMode) {
            Set-GpmStillToCome -Context $Context
            return
        }
        $list = Open-GpmBackupList -Context $Context -Verify $Context.options.verify `
            -MostRecent $Context.options.most_recent -History $Context.options.changes
        $Context.task = @{ list = $list; sent = 0 }
        if ($Context.firstTrip -and -not (Test-GpmBackupDirectory -Path $list.path)) {
            $Context.trip.survey = Get-GpmSurvey -Path $list.path -Domain $list.domain
        }
    } -Look {
        param ($Item, $Context)

        if ($Context.options.changes) {
            return Get-GpmBackupHistory -Id $Item.id -List $Context.task.list -Context $Context
        }
        Get-GpmListedBackup -Id $Item.id -List $Context.task.list
    }
}

Export-ModuleMember -Function Invoke-GpmBackupInfo
