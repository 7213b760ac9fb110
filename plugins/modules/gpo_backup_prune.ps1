#!powershell

# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -PowerShell ..module_utils._BackupPrune
#AnsibleRequires -PowerShell ..module_utils._Trip

# One trip of a task. The action plugin has validated the options; what else it sends begins with _.
$spec = @{
    options = @{
        path = @{ type = 'str'; required = $true }
        gpos = @{ type = 'list'; elements = 'str' }
        exclude = @{ type = 'list'; elements = 'str'; default = @() }
        domain = @{ type = 'str' }
        domain_controller = @{ type = 'str' }
        dc_locator = @{ type = 'str'; choices = @('pdc', 'any'); default = 'pdc' }
        deleted_gpos = @{ type = 'str'; choices = @('keep', 'prune'); default = 'keep' }
        remove = @{
            type = 'list'
            elements = 'str'
            choices = @('damaged', 'uncatalogued', 'safety')
            default = @()
        }
        trip_time = @{ type = 'str'; default = '60s' }
        step_timeout = @{ type = 'str'; default = '1h' }
        # The action plugin alone reads these, and does not send them: a module takes what its documentation has.
        keep_last = @{ type = 'int' }
        keep_within = @{ type = 'str' }
        keep_daily = @{ type = 'int' }
        keep_weekly = @{ type = 'int' }
        keep_monthly = @{ type = 'int' }
        keep_safety_within = @{ type = 'str' }
        detail = @{ type = 'str'; choices = @('all', 'changed', 'summary'); default = 'all' }
        lock_timeout = @{ type = 'str'; default = '5m' }
    }
    supports_check_mode = $true
}

Save-GpmTripOption -Argument $complex_args
$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)
Invoke-GpmBackupPrune -Module $module
$module.ExitJson()
