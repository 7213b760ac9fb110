#!powershell

# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -PowerShell ..module_utils._BackupIndex

# The trip of a task. The action plugin has validated the options; those that begin with _ are its own.
$spec = @{
    options = @{
        path = @{ type = 'str'; required = $true }
        step_timeout = @{ type = 'str'; default = '1h' }
        _lock_wait = @{ type = 'str' }
        _run_id = @{ type = 'str' }
    }
    supports_check_mode = $true
}

$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)
Invoke-GpmBackupIndex -Module $module
$module.ExitJson()
