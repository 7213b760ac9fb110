# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_report: GPMC writes each report into the module's temporary folder; what differs from the report at the
# destination takes its place, or is sent to the controller.
#
# The task keeps in the trip's context:
#     target        from Get-GpmReportTarget, or null for the controller
#     sent          characters of reports that the reply holds

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._Directory
#AnsibleRequires -PowerShell ..module_utils._DomainTrip
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._GpmcReport
#AnsibleRequires -PowerShell ..module_utils._ReportFile
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Function Select-GpmReportBackup {
    <#
    .SYNOPSIS
    Puts the backup whose report is asked for into the trip's queue, as @{ id; name; gpo; backup }, where gpo is the
    IGPMBackup.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $Context.step = 'gpmc'
    $Context.gpm = New-Gpm
    $Context.step = 'path'
    $null = Confirm-GpmDirectory -Path $options.path
    $Context.step = 'backup_id'
    $backup = Open-GpmBackup -Gpm $Context.gpm -Path $options.path -Id $options.backup_id
    $backup.info.timestamp = Get-GpmBackupTime -Path $options.path -Id $backup.info.id
    $Context.trip.domain = $backup.gpo.domain
    $Context.queue.Add(@{ id = $backup.gpo.id; name = $backup.gpo.name; gpo = $backup.object; backup = $backup })
    $Context.trip.selected = 1
}

Function Export-GpmItem {
    <#
    .SYNOPSIS
    Makes one report, and puts it in its place or into the reply.

    .PARAMETER Item
    @{ id; name; gpo }, where gpo is null when it has yet to be fetched; or from Select-GpmReportBackup.

    .PARAMETER Entry
    Its entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $format = $Context.options.format
    $Entry.backup = $null
    $Entry.dest = $null
    Open-GpmItem -Item $Item -Entry $Entry -Context $Context
    $id = $Item.id
    if ($null -eq $Item['backup']) {
        $Entry.gpo = Get-GpmGpoInfo -Item $Item
    }
    else {
        $Entry.gpo = $Item.backup.gpo
        $Entry.backup = $Item.backup.info
        $id = $Item.backup.info.id
    }
    $file = [System.IO.Path]::Combine($Context.module.Tmpdir, 'report.' + $format)
    try {
        $Context.step = 'report'
        $made = Export-GpmReport -Source $Item.gpo -Format $format -Path $file
        foreach ($name in 'call_status', 'overall_status', 'status_messages') {
            $Entry[$name] = $made[$name]
        }
        if ($made.succeeded) {
            $Entry.size = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Length($file)
            $Entry.file_name = Get-GpmReportName -Name $Item.name -Id $id -Format $format
            $Context.step = 'dest'
            if ($null -eq $Context.task.target) {
                # The controller has the last word on what comes of it.
                $Entry.content = ConvertTo-GpmReportContent -Path $file
                Add-GpmSentReport -Length $Entry.content.Length -Context $Context
            }
            else {
                Set-GpmReport -Source $file -Entry $Entry -Context $Context
            }
        }
    }
    finally {
        [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Delete($file)
    }
}

Function Set-GpmReport {
    <#
    .SYNOPSIS
    Puts a report in its place on the host, unless it is there already.

    .PARAMETER Source
    The new report.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Source,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $Entry.dest = $options.dest
    if ($null -ne $Context.task.target.folder) {
        $Entry.dest = [System.IO.Path]::Combine($Context.task.target.folder, $Entry.file_name)
    }
    $difference = Compare-GpmReport -Before $Entry.dest -After $Source -Format $options.format
    if ($null -eq $difference) {
        $Entry.outcome = 'unchanged'
        return
    }
    if (-not $Context.checkMode) {
        Save-GpmReport -Source $Source -Path $Entry.dest
    }
    $Entry.outcome = 'written'
    $Entry.changed = $true
    if ($Context.diff) {
        $Entry.before = $difference.before
        $Entry.after = $difference.after
    }
}

Function Initialize-GpmReport {
    <#
    .SYNOPSIS
    Prepares a trip: looks at the destination, connects, selects.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $trip = $Context.trip
    $target = $null
    $isSingle = $options['_single']
    if ($options.dest_on -eq 'host') {
        # Before the search, which takes its time in a large domain.
        $Context.step = 'dest'
        $target = Get-GpmReportTarget -Path $options.dest
        $isSingle = $null -eq $target.folder
    }
    $Context.task = @{ target = $target; sent = 0 }
    if ($options.backup_id) {
        Select-GpmReportBackup -Context $Context
    }
    else {
        Connect-GpmTrip -Context $Context
        $Context.step = 'select'
        if ($Context.firstTrip) {
            if ($options.all) {
                Read-GpmTripSurroundings -Context $Context -Needed $false
            }
            Select-GpmQueue -Context $Context
        }
    }
    $trip.milliseconds.select = $Context.clock.ElapsedMilliseconds
    if ($isSingle -and $Context.queue.Count -gt 1) {
        $trip.single = $true
        $trip.stopped = $true
    }
    if (-not $Context.queue.Count -or $trip.stopped) {
        return
    }
    if ($null -ne $target -and -not $target.exists) {
        $Context.step = 'dest'
        if (-not $Context.checkMode) {
            [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::CreateFolder($options.dest)
        }
        $trip.path_created = $true
    }
}

Function Invoke-GpmReport {
    <#
    .SYNOPSIS
    Makes one trip of a gpo_report task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -Prepare {
        param ($Context)

        Initialize-GpmReport -Context $Context
    } -Work {
        param ($Item, $Entry, $Context)

        Export-GpmItem -Item $Item -Entry $Entry -Context $Context
    }
}

Export-ModuleMember -Function Invoke-GpmReport
