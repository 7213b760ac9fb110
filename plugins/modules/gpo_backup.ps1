#!powershell

# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -PowerShell ..module_utils._Backup
#AnsibleRequires -PowerShell ..module_utils._Trip

# One trip of a task. The action plugin has validated the options; what else it sends begins with _.
$spec = @{
    options = @{
        path = @{ type = 'str'; required = $true }
        create_path = @{ type = 'bool'; default = $false }
        gpos = @{ type = 'list'; elements = 'str' }
        all = @{ type = 'bool'; default = $false }
        exclude = @{ type = 'list'; elements = 'str'; default = @() }
        inaccessible = @{ type = 'str'; choices = @('warn', 'fail', 'ignore'); default = 'warn' }
        comment = @{ type = 'str'; default = '' }
        approved = @{ type = 'bool'; default = $false }
        changes = @{ type = 'bool'; default = $true }
        domain = @{ type = 'str' }
        domain_controller = @{ type = 'str' }
        dc_locator = @{ type = 'str'; choices = @('pdc', 'any'); default = 'pdc' }
        force = @{ type = 'bool'; default = $false }
        max_age = @{ type = 'str' }
        include_links = @{ type = 'bool'; default = $true }
        gpo_timeout = @{ type = 'str' }
        trip_time = @{ type = 'str'; default = '60s' }
        step_timeout = @{ type = 'str'; default = '1h' }
        fail_fast = @{ type = 'bool'; default = $false }
        # The action plugin alone reads these, and does not send them: a module takes what its documentation has.
        fail_if_empty = @{ type = 'bool'; default = $false }
        lock_timeout = @{ type = 'str'; default = '5m' }
        detail = @{ type = 'str'; choices = @('all', 'changed', 'summary'); default = 'all' }
        details_file = @{ type = 'str' }
    }
    supports_check_mode = $true
}

Save-GpmTripOption -Argument $complex_args
$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)
Invoke-GpmBackup -Module $module
$module.ExitJson()
