#!powershell

# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -PowerShell ..module_utils._Diff
#AnsibleRequires -PowerShell ..module_utils._Trip

# One trip of a task. The action plugin has validated the options; what else it sends begins with _.
$spec = @{
    options = @{
        gpos = @{ type = 'list'; elements = 'str' }
        all = @{ type = 'bool'; default = $false }
        exclude = @{ type = 'list'; elements = 'str'; default = @() }
        path = @{ type = 'str' }
        before = @{ type = 'str'; default = 'newest' }
        after = @{ type = 'str'; default = 'live' }
        before_path = @{ type = 'str' }
        before_gpo = @{ type = 'str' }
        domain = @{ type = 'str' }
        domain_controller = @{ type = 'str' }
        dc_locator = @{ type = 'str'; choices = @('pdc', 'any'); default = 'pdc' }
        trip_time = @{ type = 'str'; default = '60s' }
        step_timeout = @{ type = 'str'; default = '1h' }
        # The action plugin alone reads these, and does not send them: a module takes what its documentation has.
        inaccessible = @{ type = 'str'; choices = @('warn', 'fail', 'ignore'); default = 'warn' }
        detail = @{ type = 'str'; choices = @('all', 'changed', 'summary'); default = 'all' }
    }
    supports_check_mode = $true
}

Save-GpmTripOption -Argument $complex_args
$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)
Invoke-GpmDiff -Module $module
$module.ExitJson()
