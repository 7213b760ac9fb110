#!powershell

# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -PowerShell ..module_utils._Report

# One trip of a task. The action plugin has validated the options; those that begin with _ are its own.
$spec = @{
    options = @{
        gpos = @{ type = 'list'; elements = 'str' }
        all = @{ type = 'bool'; default = $false }
        exclude = @{ type = 'list'; elements = 'str'; default = @() }
        path = @{ type = 'str' }
        backup_id = @{ type = 'str' }
        format = @{ type = 'str'; choices = @('xml', 'html'); default = 'xml' }
        dest = @{ type = 'str'; required = $true }
        dest_on = @{ type = 'str'; choices = @('host', 'controller'); default = 'host' }
        domain = @{ type = 'str' }
        domain_controller = @{ type = 'str' }
        dc_locator = @{ type = 'str'; choices = @('pdc', 'any'); default = 'pdc' }
        trip_time = @{ type = 'str'; default = '60s' }
        step_timeout = @{ type = 'str'; default = '1h' }
        _remaining = @{ type = 'list'; elements = 'str' }
        _single = @{ type = 'bool' }
    }
    supports_check_mode = $true
}

$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)
Invoke-GpmReport -Module $module
$module.ExitJson()
