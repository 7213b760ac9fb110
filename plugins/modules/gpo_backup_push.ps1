#!powershell

# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -PowerShell ..module_utils._BackupPush

# One trip of a task. The action plugin has validated the options; those that begin with _ are its own.
$spec = @{
    options = @{
        path = @{ type = 'str'; required = $true }
        create_path = @{ type = 'bool'; default = $false }
        domain = @{ type = 'str' }
        verify = @{ type = 'str'; choices = @('quick', 'full'); default = 'quick' }
        trip_time = @{ type = 'str'; default = '60s' }
        step_timeout = @{ type = 'str'; default = '1h' }
        _after = @{ type = 'str' }
        _archive = @{ type = 'str' }
        _lock_wait = @{ type = 'str' }
        _remaining = @{ type = 'list'; elements = 'str' }
        _run_id = @{ type = 'str' }
        _sha256 = @{ type = 'str' }
    }
    supports_check_mode = $true
}

$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)
Invoke-GpmBackupPush -Module $module
$module.ExitJson()
