# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What HRESULTs calls give for what is not there.

Function Get-Failure {
    <#
    .SYNOPSIS
    Returns the HRESULT of a call that fails, and how PowerShell throws it. PowerShell makes a new exception from the
    text when the server gives one, so the code is that of the runtime's own binder.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Object,
        [Parameter(Mandatory = $true)] [String] $Method,
        [Parameter(Mandatory = $true)] [String] $Argument
    )

    try {
        $null = $Object.GetType().InvokeMember($Method, [System.Reflection.BindingFlags]::InvokeMethod, $null,
            $Object, @($Argument))
        return 'no failure'
    }
    catch {
        $code = Get-HResult -ErrorRecord $_
    }
    try {
        $null = $Object.$Method($Argument)
    }
    catch {
        '{0}; PowerShell throws {1} {2}' -f $code, $_.Exception.GetType().Name, (Get-HResult -ErrorRecord $_)
    }
}

$null = New-Item -ItemType Directory -Path $backupFolder -Force
$directory = $gpm.GetBackupDir($backupFolder)
$missing = '{' + [Guid]::NewGuid().ToString().ToUpperInvariant() + '}'

New-Fact -Name 'GetGPO of a missing GPO' -How 'a new GUID' -Measure { Get-Failure -Object $domain -Method GetGPO -Argument $missing }

New-Fact -Name 'GetWMIFilter of a missing filter' -How 'a new GUID' -Measure {
    Get-Failure -Object $domain -Method GetWMIFilter -Argument (
        'MSFT_SomFilter.ID="{0}",Domain="{1}"' -f $missing.ToLowerInvariant(), $domain.Domain)
}

New-Fact -Name 'GetBackup of a missing backup' -How 'a new GUID, in a directory without backups' -Measure {
    Get-Failure -Object $directory -Method GetBackup -Argument $missing
}

New-Fact -Name 'SearchBackups in an empty directory' -How 'the same directory' -Measure {
    '{0} found' -f $directory.SearchBackups($gpm.CreateSearchCriteria()).Count
}

# A filter can neither be made nor deleted through GPMC, so only what is there already can tell.
New-Fact -Name 'a GPO whose WMI filter is gone' -How 'GetWMIFilter of every GPO' -Measure {
    $gpos = $domain.SearchGPOs($gpm.CreateSearchCriteria())
    foreach ($gpo in $gpos) {
        try {
            $null = $gpo.GetWMIFilter()
        }
        catch {
            return '{0}; PowerShell throws {1}' -f (Get-HResult -ErrorRecord $_), $_.Exception.GetType().Name
        }
    }
    'not measured: none of the {0} GPOs has one, or it reads as none' -f $gpos.Count
}
