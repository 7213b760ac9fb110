#!powershell

# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -PowerShell ..module_utils._Drill
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
        uncatalogued = @{ type = 'bool'; default = $false }
        source_domain = @{ type = 'str' }
        migration_table = @{ type = 'str' }
        migration_entries = @{
            type = 'list'
            elements = 'dict'
            default = @()
            options = @{
                source = @{ type = 'str'; required = $true }
                type = @{
                    type = 'str'
                    required = $true
                    choices = @(
                        'user', 'computer', 'local_group', 'global_group', 'universal_group', 'unc_path', 'unknown')
                }
                destination = @{ type = 'str' }
                destination_option = @{
                    type = 'str'
                    choices = @('set', 'same_as_source', 'none', 'by_relative_name')
                    default = 'set'
                }
            }
        }
        migration_table_only = @{ type = 'bool'; default = $false }
        domain = @{ type = 'str' }
        domain_controller = @{ type = 'str' }
        dc_locator = @{ type = 'str'; choices = @('pdc', 'any'); default = 'pdc' }
        trip_time = @{ type = 'str'; default = '60s' }
        step_timeout = @{ type = 'str'; default = '1h' }
        fail_fast = @{ type = 'bool'; default = $false }
        # The action plugin alone reads these, and does not send them: a module takes what its documentation has.
        lock_timeout = @{ type = 'str'; default = '5m' }
        detail = @{ type = 'str'; choices = @('all', 'summary'); default = 'all' }
    }
    supports_check_mode = $true
}

Save-GpmTripOption -Argument $complex_args
$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)
Invoke-GpmDrill -Module $module
$module.ExitJson()
