#!powershell

# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -PowerShell ..module_utils._BackupPush
#AnsibleRequires -PowerShell ..module_utils._Trip

# One trip of a task. The action plugin has validated the options; what else it sends begins with _.
$spec = @{
    options = @{
        src = @{ type = 'str'; required = $true }
        path = @{ type = 'str'; required = $true }
        create_path = @{ type = 'bool'; default = $false }
        domain = @{ type = 'str' }
        verify = @{ type = 'str'; choices = @('quick', 'full'); default = 'quick' }
        trip_time = @{ type = 'str'; default = '60s' }
        step_timeout = @{ type = 'str'; default = '1h' }
        # The action plugin alone reads these, and does not send them: a module takes what its documentation has.
        domain_controller = @{ type = 'str' }
        most_recent = @{ type = 'bool'; default = $false }
        detail = @{ type = 'str'; choices = @('all', 'changed', 'summary'); default = 'all' }
        lock_timeout = @{ type = 'str'; default = '5m' }
    }
    supports_check_mode = $true
}

Save-GpmTripOption -Argument $complex_args
$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)
Invoke-GpmBackupPush -Module $module
$module.ExitJson()
