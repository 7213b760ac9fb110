# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# Whether the settings of a GPO are those of a backup: before a restore or an import, and after it.

#AnsibleRequires -PowerShell ..module_utils._Compare
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Settings
#AnsibleRequires -PowerShell ..module_utils._SettingsNote
#AnsibleRequires -PowerShell ..module_utils._SettingsReport

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# The one file that GPMC has a function of its own evaluate on the way, as Backup.xml says (ReEvaluateFunction). All that
# it says is in the report.
$script:Template = '\GptTmpl.inf'

Function New-GpmWanted {
    <#
    .SYNOPSIS
    Returns the settings that a GPO is to have, as @{ operation; backup_id; files; except; table; versions; modified;
    hash }. hash is for Get-GpmSavedHash, which keeps there what it has found.

    .PARAMETER Operation
    What brings them: restore, or import.

    .PARAMETER BackupId
    ID of the backup.

    .PARAMETER Recorded
    The catalog's entry of the backup; null where its files have yet to be read.

    .PARAMETER Except
    Paths of files that do not count.

    .PARAMETER Table
    From Get-GpmTableHash, or empty where no migration table changes anything.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [ValidateSet('restore', 'import')] [String] $Operation,
        [Parameter(Mandatory = $true)] [String] $BackupId,
        [AllowNull()] [Hashtable] $Recorded,
        [Parameter(Mandatory = $true)] [String[]] $Except,
        [String] $Table = '',
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $wanted = @{
        operation = $Operation
        backup_id = $BackupId
        files = $null
        except = $Except
        table = $Table
        versions = $null
        modified = $null
        hash = $null
    }
    $files = $null
    if ($null -ne $Recorded) {
        $files = $Recorded.files
        if ($Operation -eq 'restore') {
            # The numbers of another GPO say nothing.
            $wanted.versions = $Recorded.fingerprint['versions']
            $wanted.modified = $Recorded.gpo['modified']
        }
    }
    $wanted.files = Get-GpmSavedSetting -Files $files -BackupId $BackupId -Except $Except -Context $Context
    $wanted
}

Function Compare-GpmWanted {
    <#
    .SYNOPSIS
    Returns how the settings that a GPO has differ from those that it is to have, as @{ reason; before; after }.

    .DESCRIPTION
    Equal files do not prove equal settings: some are in none. Where nothing tells that the GPO is untouched since it
    was the same, GPMC's reports are compared.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER State
    From Get-GpmLiveState.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $State,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    try {
        $files = Get-GpmLiveSetting -Id $Item.id -Except $Wanted.except -Context $Context
    }
    catch {
        # A GPO that has lost its folder in SYSVOL is one to be restored.
        return @{ reason = 'files'; before = $null; after = @() }
    }
    $note = Read-GpmSettingsNote -Wanted $Wanted -Id $Item.id -Files $files -Context $Context
    if ($null -ne $note) {
        if (Test-GpmUntouched -Since $note -Info $State.info) {
            return
        }
        $report = $note.report
    }
    else {
        $differences = @(Compare-GpmSetting -Live $files -Recorded $Wanted.files)
        if (-not $differences.Count -and $Wanted.table) {
            # The table may change what is the same now.
            $differences = @(@{ reason = 'migration_table'; before = $null; after = $null })
        }
        if ($differences.Count -or (Test-GpmUntouched -Since $Wanted -Info $State.info)) {
            return $differences
        }
        $report = Read-GpmSavedReport -Path $Context.options.path -Id $Wanted.backup_id
    }
    try {
        $names = @(Compare-GpmExtension -Before (Read-GpmLiveReport -Gpo $Item.gpo -Context $Context) -After $report)
    }
    catch {
        # One of the reports could not be had, which proves nothing.
        $names = @('')
    }
    if ($names.Count) {
        @{ reason = 'directory_settings'; before = $names; after = $names }
    }
}

Function Test-GpmUntouched {
    <#
    .SYNOPSIS
    Returns whether a GPO has the versions and the time of change that it had.

    .PARAMETER Since
    @{ versions; modified } as they were.

    .PARAMETER Info
    From Get-GpmGpoInfo.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Since,
        [Parameter(Mandatory = $true)] [Hashtable] $Info
    )

    (Test-GpmSame -Before $Since['versions'] -After $Info.versions) -and
    (Test-GpmSame -Before $Since['modified'] -After $Info.modified)
}

Function Confirm-GpmWanted {
    <#
    .SYNOPSIS
    Tells in an item's entry how what came out of a restore or an import differs from what the backup has, and returns a
    note for Write-GpmSettingsNote, or null: what was lost is never the wanted state.

    .DESCRIPTION
    Where files are lost there is a warning. Where not one of them came out, that is no success, whatever GPMC said: it
    is the entry's trouble.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Noted
    Whether a note is wanted, for which the report of the backup is read once more.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Boolean] $Noted = $true,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    try {
        $files = Get-GpmLiveSetting -Id $Item.id -Except $Wanted.except -Context $Context
        $report = Read-GpmLiveReport -Gpo $Item.gpo -Context $Context
        $deviations = Find-GpmDeviation -Wanted $Wanted -Files $files -Report $report -Context $Context
    }
    catch {
        $why = Get-GpmShortText -ErrorRecord $_
        $deviations = @{ missing = @(); altered = @(); extra = @(); settings = @(); unread = $why }
    }
    # What came out of a damaged backup is no state to want.
    if ($Noted -and $null -eq $deviations -and -not @($Entry.problems).Count) {
        New-GpmSettingsNote -Wanted $Wanted -Files $files -Report $report -Context $Context
    }
    $Entry.deviations = $deviations
    if ($Wanted.files.get_Count() -and $null -ne $deviations -and
        $deviations.missing.Count -eq $Wanted.files.get_Count()) {
        $Entry.trouble = New-GpmTrouble -Step nothing_there
    }
}

Function Complete-GpmSettings {
    <#
    .SYNOPSIS
    Leaves the note of what came out. Where that fails, and nothing else has, it is the trouble of the item's entry.

    .PARAMETER Note
    From Confirm-GpmWanted.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Info
    From Get-GpmGpoInfo, after the last change.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [AllowNull()] [System.Collections.IDictionary] $Note,
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Info,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Context.step = 'note'
    try {
        Write-GpmSettingsNote -Note $Note -Wanted $Wanted -Info $Info -Context $Context
    }
    catch {
        if ($null -eq $Entry.trouble) {
            $Entry.outcome = 'failed'
            $Entry.trouble = New-GpmTrouble -Step note -Status (Get-GpmStatus -ErrorRecord $_)
        }
    }
}

Function Find-GpmDeviation {
    <#
    .SYNOPSIS
    Returns how what came out differs from what the backup has, as @{ missing; altered; extra; settings; unread }: paths
    of files and names of extensions; null when it does not.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Files
    From Get-GpmLiveSetting.

    .PARAMETER Report
    From Read-GpmLiveReport.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Files,
        [Parameter(Mandatory = $true)] [Hashtable] $Report,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $found = @{ missing = @(); altered = @(); extra = @(); settings = @(); unread = '' }
    $isJudged = $false
    $saved = Read-GpmSavedReport -Path $Context.options.path -Id $Wanted.backup_id
    if (-not $Wanted.table -and $null -ne $saved) {
        $found.settings = @(Compare-GpmExtension -Before $saved -After $Report)
        $isJudged = -not $found.settings.Count
    }
    foreach ($change in (Compare-GpmSetting -Live $Files -Recorded $Wanted.files)) {
        foreach ($file in $change.after) {
            if ($null -eq $file.before) {
                $found.missing += $file.path
            }
            elseif ($null -eq $file.after) {
                # In the GPO's root there may be what GPMC neither backs up nor takes away.
                if ($change.reason -ne 'files') {
                    $found.extra += $file.path
                }
            }
            elseif (-not $Wanted.table -and -not (
                    $isJudged -and $file.path.EndsWith($script:Template, [StringComparison]::OrdinalIgnoreCase))) {
                $found.altered += $file.path
            }
        }
    }
    if ($found.missing.Count -or $found.altered.Count -or $found.extra.Count -or $found.settings.Count) {
        return $found
    }
    return $null
}

Function Test-GpmNothingAdded {
    <#
    .SYNOPSIS
    Returns whether a GPO has no file that a backup has not, or has otherwise where no migration table may have changed
    it: it may lack some, as in the midst of an import. Throws why that cannot be told.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Reported
    Whether the settings that are in no file count, too: of a backup without a report nobody can tell then.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Boolean] $Reported,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($Reported -and $null -eq (Read-GpmSavedReport -Path $Context.options.path -Id $Wanted.backup_id)) {
        return $false
    }
    $files = Get-GpmLiveSetting -Id $Item.id -Except $Wanted.except -Context $Context
    $report = Read-GpmLiveReport -Gpo $Item.gpo -Context $Context
    $found = Find-GpmDeviation -Wanted $Wanted -Files $files -Report $report -Context $Context
    if ($null -eq $found) {
        return $true
    }
    $other = @($found.settings | Where-Object -FilterScript { $Reported -and $report.Contains($_) })
    -not ($found.altered.Count + $found.extra.Count + $other.Count)
}

Export-ModuleMember -Function Compare-GpmWanted, Complete-GpmSettings, Confirm-GpmWanted, New-GpmWanted,
    Test-GpmNothingAdded, Test-GpmUntouched
