#!powershell

# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -PowerShell ..module_utils._BackupInfo
#AnsibleRequires -PowerShell ..module_utils._Trip

# One trip of a task. The action plugin has validated the options; what else it sends begins with _.
$spec = @{
    options = @{
        path = @{ type = 'str'; required = $true }
        gpos = @{ type = 'list'; elements = 'str' }
        exclude = @{ type = 'list'; elements = 'str'; default = @() }
        domain = @{ type = 'str' }
        most_recent = @{ type = 'bool'; default = $false }
        verify = @{ type = 'str'; choices = @('none', 'quick', 'full'); default = 'quick' }
        changes = @{ type = 'bool'; default = $false }
        trip_time = @{ type = 'str'; default = '60s' }
        step_timeout = @{ type = 'str'; default = '1h' }
        # The action plugin alone reads these, and does not send them: a module takes what its documentation has.
        domain_controller = @{ type = 'str' }
        states = @{
            type = 'list'
            elements = 'str'
            choices = @('ok', 'uncatalogued', 'damaged', 'foreign')
            default = @('ok', 'uncatalogued', 'damaged', 'foreign')
        }
        detail = @{ type = 'str'; choices = @('all', 'summary'); default = 'all' }
        fail_if_empty = @{ type = 'bool'; default = $false }
    }
    supports_check_mode = $true
}

Save-GpmTripOption -Argument $complex_args
$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)
Invoke-GpmBackupInfo -Module $module
$module.ExitJson()
