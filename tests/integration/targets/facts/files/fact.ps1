# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What every script that measures begins with, after gpmc.ps1.

Function New-Fact {
    <#
    .SYNOPSIS
    Returns a row of the table. A measurement that fails says so, and the others go on.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Name,
        [Parameter(Mandatory = $true)] [String] $How,
        [Parameter(Mandatory = $true)] [ScriptBlock] $Measure
    )

    try {
        $value = [String](& $Measure)
        if (-not $value) {
            $value = 'empty'
        }
    }
    catch {
        $value = "not measured: $($_.Exception.Message)"
    }
    # One line each.
    @{ name = $Name; value = $value -replace '\s+', ' '; how = $How }
}

Function Get-HResult {
    <#
    .SYNOPSIS
    Returns the HRESULT of an error: that of the first exception that is not a wrapping of PowerShell's or reflection's.
    #>
    param (
        [Parameter(Mandatory = $true)] [System.Management.Automation.ErrorRecord] $ErrorRecord
    )

    $exception = $ErrorRecord.Exception
    while ($null -ne $exception.InnerException -and (
            $exception -is [System.Management.Automation.RuntimeException] -or
            $exception -is [System.Reflection.TargetInvocationException])) {
        $exception = $exception.InnerException
    }
    '0x{0:X8}' -f $exception.HResult
}

Function Get-BackupTime {
    <#
    .SYNOPSIS
    Returns the BackupTime in a backup's bkupInfo.xml.
    #>
    [OutputType([DateTime])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Backup
    )

    $info = New-Object -TypeName System.Xml.XmlDocument
    $info.Load([System.IO.Path]::Combine($Backup.BackupDir, $Backup.ID, 'bkupInfo.xml'))
    [DateTime]::Parse($info.DocumentElement.SelectSingleNode('*[local-name() = "BackupTime"]').InnerText,
        [System.Globalization.CultureInfo]::InvariantCulture)
}
