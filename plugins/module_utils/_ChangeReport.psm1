# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# Two settings reports of a GPO in the entry of the reply, for the controller to compare: that of a backup, and another
# backup's or one that is made of the GPO as it is. The task keeps in its context:
#     sent          characters of reports that the reply holds

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._GpmcReport
#AnsibleRequires -PowerShell ..module_utils._ReportFile
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# Bytes of a report that is compared. That of a GPO with thousands of settings has some.
$script:LargestReport = 64MB

Function Get-GpmSavedReport {
    <#
    .SYNOPSIS
    Returns the settings report in a backup as it travels to the controller.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Id
    ID of the backup.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    Get-GpmReportContent -Path ([System.IO.Path]::Combine($Path, $Id, 'gpreport.xml'))
}

Function Get-GpmLiveReport {
    <#
    .SYNOPSIS
    Has GPMC make the settings report of a GPO and returns it as it travels to the controller.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Folder
    Where it may lie meanwhile.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [String] $Folder
    )

    Read-GpmMadeReport -Gpo $Gpo -Folder $Folder -Read {
        param ($File)

        Get-GpmReportContent -Path $File
    }
}

Function Get-GpmReportContent {
    <#
    .SYNOPSIS
    Returns a report as it travels to the controller, unless it is too large to be compared there.

    .PARAMETER Path
    The file.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $size = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Length($Path)
    if ($size -gt $script:LargestReport) {
        throw "The report $Path has $size bytes."
    }
    ConvertTo-GpmReportContent -Path $Path
}

Function Read-GpmReportPair {
    <#
    .SYNOPSIS
    Returns two reports, as @{ before; after }, with what else is to be recorded of them, or null. What keeps them from
    being read is a problem that is told, and nothing else: whatever the task is for has been done, or will be.

    .PARAMETER Before
    Returns the report before.

    .PARAMETER After
    Returns the report after.

    .PARAMETER Told
    What is to be recorded besides.

    .PARAMETER Entry
    The item's entry of the reply, which names the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [ScriptBlock] $Before,
        [Parameter(Mandatory = $true)] [ScriptBlock] $After,
        [Hashtable] $Told = @{},
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    try {
        @{ before = [String](& $Before); after = [String](& $After) } + $Told
    }
    catch {
        Add-GpmProblem -Trip $Context.trip -Kind changes -Subject ([String]$Entry.gpo.name) -Status (
            Get-GpmStatus -ErrorRecord $_)
        return $null
    }
}

Function Add-GpmReportPair {
    <#
    .SYNOPSIS
    Puts two reports into an item's entry of the reply as "reports", if there are any, and counts them.

    .PARAMETER Reports
    From Read-GpmReportPair.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [AllowNull()] [Hashtable] $Reports,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -ne $Reports) {
        Add-GpmSentReport -Length ($Reports.before.Length + $Reports.after.Length) -Context $Context
        $Entry.reports = $Reports
    }
}

Export-ModuleMember -Function Add-GpmReportPair, Get-GpmLiveReport, Get-GpmSavedReport, Read-GpmReportPair
