#!powershell

# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -PowerShell ..module_utils._BackupIndex
#AnsibleRequires -PowerShell ..module_utils._Trip

# The trip of a task. The action plugin has validated the options; what else it sends begins with _.
$spec = @{
    options = @{
        path = @{ type = 'str'; required = $true }
        step_timeout = @{ type = 'str'; default = '1h' }
        # The action plugin alone reads these, and does not send them: a module takes what its documentation has.
        lock_timeout = @{ type = 'str'; default = '5m' }
        detail = @{ type = 'str'; choices = @('all', 'summary'); default = 'all' }
    }
    supports_check_mode = $true
}

Save-GpmTripOption -Argument $complex_args
$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)
Invoke-GpmBackupIndex -Module $module
$module.ExitJson()
