# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The host and the server that the facts are of.

$clsid = (Get-ItemProperty -LiteralPath 'HKLM:\SOFTWARE\Classes\GPMgmt.GPM\CLSID').'(default)'
$server = Get-ItemProperty -LiteralPath "HKLM:\SOFTWARE\Classes\CLSID\$clsid\InprocServer32"

New-Fact -Name 'Windows' -How 'the system' -Measure { [Environment]::OSVersion.Version }

New-Fact -Name 'PowerShell' -How '$PSVersionTable' -Measure {
    '{0} {1}' -f $PSVersionTable.PSVersion, $PSVersionTable.PSEdition
}

New-Fact -Name 'version of gpmgmt.dll' -How 'the file that InprocServer32 names' -Measure {
    $file = [Environment]::ExpandEnvironmentVariables($server.'(default)')
    [System.Diagnostics.FileVersionInfo]::GetVersionInfo($file).FileVersion
}

New-Fact -Name 'threading model of gpmgmt.dll' -How 'ThreadingModel in InprocServer32' -Measure {
    $server.ThreadingModel
}

New-Fact -Name 'apartment of the modules' -How 'GetApartmentState in win_powershell' -Measure {
    [System.Threading.Thread]::CurrentThread.GetApartmentState()
}

New-Fact -Name 'language of Windows' -How 'InstalledUICulture' -Measure {
    [System.Globalization.CultureInfo]::InstalledUICulture.Name
}

New-Fact -Name 'zone of the host' -How 'its offset from UTC now' -Measure {
    [System.TimeZoneInfo]::Local.GetUtcOffset([DateTime]::UtcNow)
}
