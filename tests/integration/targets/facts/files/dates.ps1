# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# In which zone GPMC's dates are. A GPO and a backup are new here, so their dates are now, in one zone or the other.

Function Get-Zone {
    <#
    .SYNOPSIS
    Returns what a date that is now says it is: UTC, local time, or neither.
    #>
    param (
        [Parameter(Mandatory = $true)] [DateTime] $Date
    )

    # Zones are quarters of an hour apart, and the clocks of host and domain controller by seconds or minutes.
    $near = [TimeSpan]::FromMinutes(7)
    $utc = [DateTime]::UtcNow
    $offset = [System.TimeZoneInfo]::Local.GetUtcOffset($utc)
    if ($offset -eq [TimeSpan]::Zero) {
        return 'not measured: the zone of the host is UTC itself'
    }
    if (($Date - $utc).Duration() -lt $near) {
        return 'UTC'
    }
    if (($Date - $utc - $offset).Duration() -lt $near) {
        return 'local time of the host'
    }
    'neither: {0} from UTC' -f ($Date - $utc)
}

$made = New-TestGpo -Name dates
$gpo = $domain.GetGPO($made.id)
$backup = Backup-Gpo -Gpo $gpo -Folder $backupFolder

New-Fact -Name 'zone of CreationTime' -How 'a new GPO, the clock of the host' -Measure {
    Get-Zone -Date $gpo.CreationTime
}

New-Fact -Name 'zone of ModificationTime' -How 'a new GPO, the clock of the host' -Measure {
    Get-Zone -Date $gpo.ModificationTime
}

New-Fact -Name 'zone of Timestamp of a backup' -How 'a new backup, the clock of the host' -Measure {
    Get-Zone -Date $backup.Timestamp
}

New-Fact -Name 'zone of BackupTime in bkupInfo.xml' -How 'the same backup' -Measure {
    Get-Zone -Date (Get-BackupTime -Backup $backup)
}

New-Fact -Name 'Timestamp against BackupTime' -How 'the same backup' -Measure {
    $backup.Timestamp - (Get-BackupTime -Backup $backup)
}
