#!powershell

# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -PowerShell ..module_utils._Restore
#AnsibleRequires -PowerShell ..module_utils._Trip

# One trip of a task. The action plugin has validated the options; what else it sends begins with _.
$spec = @{
    options = @{
        path = @{ type = 'str'; required = $true }
        backup_id = @{ type = 'str' }
        gpos = @{ type = 'list'; elements = 'str' }
        all = @{ type = 'bool'; default = $false }
        exclude = @{ type = 'list'; elements = 'str'; default = @() }
        as_of = @{ type = 'str' }
        approved = @{ type = 'bool'; default = $false }
        uncatalogued = @{ type = 'bool'; default = $false }
        backup_first = @{ type = 'bool'; default = $true }
        links = @{ type = 'bool'; default = $true }
        wmi_filter = @{ type = 'bool'; default = $true }
        force = @{ type = 'bool'; default = $false }
        changes = @{ type = 'bool'; default = $true }
        domain = @{ type = 'str' }
        domain_controller = @{ type = 'str' }
        dc_locator = @{ type = 'str'; choices = @('pdc', 'any'); default = 'pdc' }
        trip_time = @{ type = 'str'; default = '60s' }
        step_timeout = @{ type = 'str'; default = '1h' }
        fail_fast = @{ type = 'bool'; default = $false }
        # The action plugin alone reads these, and does not send them: a module takes what its documentation has.
        fail_if_empty = @{ type = 'bool'; default = $false }
        lock_timeout = @{ type = 'str'; default = '5m' }
        detail = @{ type = 'str'; choices = @('all', 'changed', 'summary'); default = 'all' }
    }
    supports_check_mode = $true
}

Save-GpmTripOption -Argument $complex_args
$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)
Invoke-GpmRestore -Module $module
$module.ExitJson()
