#!powershell

# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -PowerShell ..module_utils._Preflight

# The trip of a task. The action plugin has validated the options.
$spec = @{
    options = @{
        path = @{ type = 'str' }
        create_path = @{ type = 'bool'; default = $false }
        domain = @{ type = 'str' }
        domain_controller = @{ type = 'str' }
        dc_locator = @{ type = 'str'; choices = @('pdc', 'any'); default = 'pdc' }
        trip_time = @{ type = 'str'; default = '60s' }
        step_timeout = @{ type = 'str'; default = '1h' }
        # The action plugin alone reads these, and does not send them: a module takes what its documentation has.
        min_free = @{ type = 'int'; default = 500 }
        detail = @{ type = 'str'; choices = @('all', 'summary'); default = 'all' }
    }
    supports_check_mode = $true
}

$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)
Invoke-GpmPreflight -Module $module
$module.ExitJson()
