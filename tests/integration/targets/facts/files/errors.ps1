# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What HRESULTs calls give for what is not there.

Function Get-Failure {
    <#
    .SYNOPSIS
    Returns the HRESULT of a call that fails, the exception that PowerShell throws, and its text: when the server gives
    one, PowerShell makes a new exception of it, and the HRESULT is that one's.
    #>
    param (
        [Parameter(Mandatory = $true)] [ScriptBlock] $Call
    )

    try {
        $null = & $Call
        'does not fail'
    }
    catch {
        '{0}, {1}: {2}' -f (Get-HResult -ErrorRecord $_), $_.Exception.GetType().Name, $_.Exception.Message
    }
}

$folder = New-Item -ItemType Directory -Path ([System.IO.Path]::Combine($testFolder, 'empty'))
$directory = $gpm.GetBackupDir($folder.FullName)
$missing = '{' + [Guid]::NewGuid().ToString().ToUpperInvariant() + '}'

New-Fact -Name 'GetGPO of a missing GPO' -How 'a new GUID' -Measure { Get-Failure -Call { $domain.GetGPO($missing) } }

New-Fact -Name 'GetWMIFilter of a missing filter' -How 'a new GUID' -Measure {
    $path = 'MSFT_SomFilter.ID="{0}",Domain="{1}"' -f $missing.ToLowerInvariant(), $domain.Domain
    Get-Failure -Call { $domain.GetWMIFilter($path) }
}

New-Fact -Name 'GetBackup of a missing backup' -How 'a new GUID, in an empty directory' -Measure {
    Get-Failure -Call { $directory.GetBackup($missing) }
}

New-Fact -Name 'SearchBackups in an empty directory' -How 'the same directory' -Measure {
    '{0} found' -f $directory.SearchBackups($gpm.CreateSearchCriteria()).Count
}

# A filter can neither be made nor deleted through GPMC, so only what is there already can tell.
New-Fact -Name 'a GPO whose WMI filter is gone' -How 'GetWMIFilter of every GPO' -Measure {
    $gpos = $domain.SearchGPOs($gpm.CreateSearchCriteria())
    foreach ($gpo in $gpos) {
        $failure = Get-Failure -Call { $gpo.GetWMIFilter() }
        if (-not $failure.Equals('does not fail')) {
            return $failure
        }
    }
    'not measured: none of the {0} GPOs has one, or it reads as none' -f $gpos.Count
}
