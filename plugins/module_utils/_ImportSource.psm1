# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What importing and drilling share: the migration table of the task, what an import brings, and the import itself.

#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._GpmcImport
#AnsibleRequires -PowerShell ..module_utils._SettingsNote
#AnsibleRequires -PowerShell ..module_utils._SettingsState

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# Versions are no settings. The description (GPO.cmt) is imported with them.
$script:NoSettings = @('GPT.INI')

Function Read-GpmImportTable {
    <#
    .SYNOPSIS
    Returns the IGPMMigrationTable of the task, or null where it has none. One that is not valid is the trouble of the
    item's entry. It is read once in a trip, and kept in the context's task as table.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    if (-not $options.migration_table -and -not $options.migration_entries) {
        return $null
    }
    if ($null -eq $Context.task['table']) {
        $Context.task.table = Get-GpmMigrationTable -Gpm $Context.gpm -Path $options.migration_table `
            -Entries $options.migration_entries
    }
    $checked = $Context.task.table
    $Entry.status_messages = $checked.status_messages
    if (-not $checked.valid) {
        $Entry.trouble = New-GpmTrouble -Step table -Status $checked.status -Message $checked.message
        return $null
    }
    $checked.table
}

Function New-GpmImportWanted {
    <#
    .SYNOPSIS
    Returns the settings that an import brings, see New-GpmWanted.

    .PARAMETER BackupId
    ID of the backup.

    .PARAMETER Recorded
    The catalog's entry of the backup; null where its files have yet to be read.

    .PARAMETER Table
    The IGPMMigrationTable, or null.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $BackupId,
        [AllowNull()] [Hashtable] $Recorded,
        [AllowNull()] [Object] $Table,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $hash = ''
    if ($null -ne $Table) {
        $hash = Get-GpmTableHash -Options $Context.options
    }
    New-GpmWanted -Operation import -BackupId $BackupId -Recorded $Recorded -Except $script:NoSettings -Table $hash `
        -Context $Context
}

Function Import-GpmFromBackup {
    <#
    .SYNOPSIS
    Imports the settings of a backup into a GPO, tells of it in the item's entry, and returns whether GPMC reported
    success.

    .PARAMETER Source
    @{ backup; table }: the IGPMBackup; the IGPMMigrationTable or null.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Entry
    The item's entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Source,
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $told = Import-GpmGpo -Gpo $Gpo -Backup $Source.backup -Table $Source.table `
        -TableOnly $Context.options.migration_table_only
    foreach ($name in 'call_status', 'overall_status') {
        $Entry[$name] = $told[$name]
    }
    # Behind what GPMC said of the table.
    $Entry.status_messages = @($Entry.status_messages) + @($told.status_messages)
    $told.succeeded
}

Export-ModuleMember -Function Import-GpmFromBackup, New-GpmImportWanted, Read-GpmImportTable
