# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The trip of gpo_import: bring the settings of a backup, of this or another domain, into a GPO.
#
# What a migration table changes on the way cannot be compared with the backup. So each import leaves a note of what came
# out of it, <backup directory>\.gpvault\<domain>\{GPO-ID}\import.json: as long as the GPO's files are those, an import of
# the same backup with the same table would change nothing.

#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._Backup
#AnsibleRequires -PowerShell ..module_utils._BackupDirectory
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Restore
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# Versions are no settings. The description (GPO.cmt) is imported with them.
$script:NoSettings = @('GPT.INI')

Function Get-GpmTextHash {
    <#
    .SYNOPSIS
    Returns the SHA-256 of a text, in hexadecimal.

    .PARAMETER Text
    The text.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $Text
    )

    $algorithm = [System.Security.Cryptography.SHA256]::Create()
    try {
        $hash = $algorithm.ComputeHash([System.Text.Encoding]::UTF8.GetBytes($Text))
    }
    finally {
        $algorithm.Dispose()
    }
    [BitConverter]::ToString($hash).Replace('-', '').ToLowerInvariant()
}

Function Get-GpmSettingsHash {
    <#
    .SYNOPSIS
    Returns one hash for the settings files of a GPO.

    .PARAMETER Files
    From Get-GpmSettingsFile.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Files
    )

    $lines = @(foreach ($path in $Files.Keys) { $path.ToUpperInvariant() + ' ' + $Files[$path].sha256 })
    [Array]::Sort([Array]$lines, [System.Collections.IComparer][StringComparer]::Ordinal)
    Get-GpmTextHash -Text ($lines -join "`n")
}

Function Get-GpmTableHash {
    <#
    .SYNOPSIS
    Returns one hash for the migration table of a task, so that another table is known as another.

    .PARAMETER Options
    The module's parameters.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Options
    )

    $text = [String]$Options.migration_table_only
    if ($Options.migration_table) {
        $text += [Convert]::ToBase64String([System.IO.File]::ReadAllBytes($Options.migration_table))
    }
    foreach ($entry in $Options.migration_entries) {
        foreach ($name in 'source', 'type', 'destination', 'destination_option') {
            $text += [Char]0 + [String]$entry[$name]
        }
    }
    Get-GpmTextHash -Text $text
}

Function Get-GpmImportNote {
    <#
    .SYNOPSIS
    Returns the path of the note on the last import into a GPO.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $folder = Get-GpmCatalogFolder -Path $Context.options.path -Domain $Context.domain.Domain -Id $Id
    [System.IO.Path]::Combine($folder, 'import.json')
}

Function Test-GpmImported {
    <#
    .SYNOPSIS
    Returns whether the last import into a GPO was this one and its files are still what came out of it.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER SettingsHash
    From Get-GpmSettingsHash, of the GPO as it is.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [String] $SettingsHash,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    try {
        $note = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::ReadFile(
            (Get-GpmImportNote -Id $Id -Context $Context))
    }
    catch {
        # None, or one that cannot be read: it only saves work.
        return $false
    }
    $note -is [Hashtable] -and $note['backup_id'] -eq $Context.options.backup_id -and
    $note['table'] -eq (Get-GpmTableHash -Options $Context.options) -and $note['settings'] -eq $SettingsHash
}

Function Write-GpmImportNote {
    <#
    .SYNOPSIS
    Notes what came out of an import.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $path = Get-GpmImportNote -Id $Id -Context $Context
    $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($path))
    $bytes = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::Write([ordered]@{
            backup_id = $Context.options.backup_id
            run_id = $Context.options._run_id
            table = Get-GpmTableHash -Options $Context.options
            settings = Get-GpmSettingsHash -Files (Get-GpmLiveSetting -Id $Id -Context $Context)
        })
    [System.IO.File]::WriteAllBytes($path, $bytes)
}

Function Get-GpmLiveSetting {
    <#
    .SYNOPSIS
    Returns the hashes of a GPO's settings files in SYSVOL by path.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $files = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::Hash(
        [System.IO.Path]::Combine($Context.sysvol, $Id))
    Get-GpmSettingsFile -Files $files -Except $script:NoSettings
}

Function Get-GpmImportLink {
    <#
    .SYNOPSIS
    Returns the recorded links of a GPO as those of another, which stands right behind it.

    .PARAMETER Links
    The recorded links.

    .PARAMETER Source
    ID of the GPO whose links they are.

    .PARAMETER Id
    ID of the other GPO.
    #>
    param (
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Links,
        [Parameter(Mandatory = $true)] [String] $Source,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    foreach ($link in $Links) {
        $moved = $link.Clone()
        $moved.neighbours = @(foreach ($neighbour in $link.neighbours) {
                $neighbour
                if ($neighbour -eq $Source -and $Source -ne $Id) {
                    $Id
                }
            })
        $moved
    }
}

Function Get-GpmAceKey {
    <#
    .SYNOPSIS
    Returns one text for the entries of a DACL without the inherited ones. Neither their order nor that one is there twice
    counts: the directory puts them in the canonical order.

    .PARAMETER Aces
    The entries, as Get-GpmAce has them.
    #>
    [OutputType([String])]
    param (
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Aces
    )

    $keys = New-Object -TypeName System.Collections.Generic.SortedSet[String] -ArgumentList ([StringComparer]::Ordinal)
    foreach ($ace in $Aces) {
        if (-not (Test-GpmInherited -Flags $ace.flags)) {
            $fields = $ace.trustee, $ace.type, $ace.flags, $ace.mask, $ace.object_flags, $ace.object_type,
                $ace.inherited_object_type
            $null = $keys.Add(($fields -join '|').ToUpperInvariant())
        }
    }
    $keys -join "`n"
}

Function Get-GpmPermissionPlan {
    <#
    .SYNOPSIS
    Returns what has to be done to a GPO's permissions, as @{ outcome; unknown; aces }, or null when nothing is recorded of
    them.

    .DESCRIPTION
    Outcomes: unchanged, set, missing where there are accounts that this domain does not know (permissions without them
    would be other permissions, so they stay as they are), and empty where nobody would have any permission.

    .PARAMETER Recorded
    The entries of the DACL in the catalog, or null.

    .PARAMETER Live
    Those of the GPO; none when it has yet to be made.

    .PARAMETER Source
    DNS name of the domain of the backup.

    .PARAMETER Table
    The IGPMMigrationTable, or null.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [AllowEmptyCollection()] [Object[]] $Recorded,
        [AllowEmptyCollection()] [Object[]] $Live,
        [AllowNull()] [Object] $Table,
        [Parameter(Mandatory = $true)] [String] $Source,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -eq $Recorded) {
        return $null
    }
    $entries = Get-GpmTableEntry -Table $Table
    $names = New-Object -TypeName System.Collections.Hashtable -ArgumentList ([StringComparer]::OrdinalIgnoreCase)
    $unknown = New-Object -TypeName System.Collections.Generic.List[String]
    $aces = New-Object -TypeName System.Collections.Generic.List[Object]
    foreach ($ace in $Recorded) {
        if (Test-GpmInherited -Flags $ace.flags) {
            continue
        }
        if (-not $names.ContainsKey($ace.trustee)) {
            $names[$ace.trustee] = ConvertTo-GpmTrustee -Gpm $Context.gpm -Trustee $ace.trustee -Entries $entries `
                -Source $Source -Domain $Context.domain.Domain
            if ($null -eq $names[$ace.trustee]) {
                $unknown.Add($ace.trustee)
            }
        }
        if ($names[$ace.trustee]) {
            $moved = $ace.Clone()
            $moved.trustee = $names[$ace.trustee]
            $aces.Add($moved)
        }
    }
    $outcome = 'set'
    if ($unknown.Count) {
        $outcome = 'missing'
    }
    elseif (-not $aces.Count) {
        $outcome = 'empty'
    }
    elseif ((Get-GpmAceKey -Aces $Live) -eq (Get-GpmAceKey -Aces $aces.ToArray())) {
        $outcome = 'unchanged'
    }
    @{ outcome = $outcome; unknown = $unknown.ToArray(); aces = $aces.ToArray() }
}

Function Set-GpmPlannedPermission {
    <#
    .SYNOPSIS
    Gives a GPO its permissions as planned; the plan gets its status, null when all is well.

    .PARAMETER Plan
    From Get-GpmPermissionPlan.

    .PARAMETER Gpo
    The IGPMGPO.
    #>
    param (
        [AllowNull()] [Hashtable] $Plan,
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    if ($null -eq $Plan) {
        return
    }
    $Plan.status = $null
    if ($Plan.outcome -eq 'set') {
        try {
            Set-GpmAce -Gpo $Gpo -Aces $Plan.aces
        }
        catch {
            $Plan.outcome = 'failed'
            $Plan.status = Get-GpmStatus -ErrorRecord $_
        }
    }
}

Function Select-GpmImportTarget {
    <#
    .SYNOPSIS
    Puts the GPO that gets the settings into the trip's queue; its ID is empty when it has yet to be made.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $trip = $Context.trip
    $selector = ConvertTo-GpmSelector -Entries @($options.gpo)
    $visible = @()
    if (-not $selector.ids.Count) {
        $visible = Find-GpmGpo -Gpm $Context.gpm -GpmDomain $Context.domain
    }
    $chosen = @(Select-GpmGpo -GpmDomain $Context.domain -Selector $selector -Visible $visible -Trip $trip)
    $isUnknown = $selector.names.Count -and $trip.selection_errors.Count -and
        -not $trip.selection_errors[0].matches.Count
    if ($isUnknown -and $options.create) {
        $trip.selection_errors.Clear()
        $chosen = @(@{ id = ''; name = $options.gpo; gpo = $null })
    }
    if (-not $trip.selection_errors.Count) {
        $Context.queue.Add($chosen[0])
        $trip.selected = 1
    }
}

Function Get-GpmImportEntry {
    <#
    .SYNOPSIS
    Imports the settings if they differ, or in check mode tells that they would be; returns the entry of the reply.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $options = $Context.options
    $surroundings = $Context.surroundings
    $entry = @{
        outcome = 'failed'
        gpo = @{ id = $Item.id; name = $Item.name; domain = $Context.domain.Domain }
        source = $null
        backup = $null
        safety_backup = $null
        gpo_created = $false
        recorded = @{ links = $false; wmi_filter = $false; permissions = $false }
        links = @()
        wmi_filter = $null
        permissions = $null
        reasons = @()
        changes = @()
        problems = @()
        trouble = $null
    }
    # The step in hand: what an error is told with.
    $step = 'backup'
    try {
        $info = Read-GpmBackupInfo -Path $options.path -Id $options.backup_id
        $entry.source = $info.gpo
        $entry.backup = Get-GpmRecordedBackup -Path $options.path -Entry @{
            backup = @{ id = $options.backup_id; timestamp = $info.timestamp; comment = $info.comment }
        }
        $named = Get-GpmNamedBackup -Domain $info.gpo.domain -Id $info.gpo.id -Context $Context
        $entry.problems = $named.problems
        if ($named.problems.Count -and -not $options.force) {
            $entry.trouble = @{ step = 'damaged'; status = $null }
            return $entry
        }

        # Before anything is touched.
        $step = 'table'
        $table = $null
        if ($options.migration_table -or $options.migration_entries) {
            $table = Get-GpmMigrationTable -Gpm $Context.gpm -Path $options.migration_table `
                -Entries $options.migration_entries
        }

        $step = 'compare'
        $state = $null
        if (-not $Item.id) {
            $entry.changes = @(@{ reason = 'missing'; before = $null; after = $null })
        }
        else {
            $state = Get-GpmLiveState -Item $Item -Context $Context
            $entry.gpo = $state.info
            $live = Get-GpmLiveSetting -Id $Item.id -Context $Context
            if (-not (Test-GpmImported -Id $Item.id -SettingsHash (Get-GpmSettingsHash -Files $live) -Context $Context)) {
                if ($null -ne $named.entry -and -not $named.problems.Count) {
                    # Each file has just been found to have the hash that the catalog has.
                    $files = $named.entry.files
                }
                else {
                    $files = [ansible_collections.gpvault.gpmc.plugins.module_utils._FileTree.FileTree]::Hash(
                        $entry.backup.path)
                }
                $recorded = Get-GpmSettingsFile -Files $files -InBackup -Except $script:NoSettings
                $entry.changes = @(Compare-GpmSetting -Live $live -Recorded $recorded)
                if ($null -ne $table -and -not $entry.changes.Count) {
                    # The table may change what is the same now.
                    $entry.changes = @(@{ reason = 'migration_table'; before = $null; after = $null })
                }
            }
        }
        $import = $entry.changes.Count -gt 0
        $recordedEntry = $named.entry
        if ($null -ne $recordedEntry) {
            $entry.recorded.links = $null -ne $recordedEntry['links']
            $entry.recorded.wmi_filter = $true
            $entry.recorded.permissions = $null -ne $recordedEntry.fingerprint['permissions']
        }
        if ($null -ne $recordedEntry -and $options.wmi_filter) {
            $liveFilter = $null
            $wasFilter = $null
            if ($null -ne $state -and $null -ne $state.info.wmi_filter) {
                $liveFilter = $state.info.wmi_filter.id
                $wasFilter = $state.fingerprint.wmi_filter
            }
            $entry.wmi_filter = Get-GpmFilterPlan -Entry $recordedEntry -LiveId $liveFilter -Filters $surroundings.filters
            if ($null -ne $entry.wmi_filter -and @('linked', 'removed') -contains $entry.wmi_filter.outcome) {
                $entry.changes += @{
                    reason = 'wmi_filter'
                    before = $wasFilter
                    after = $recordedEntry.fingerprint['wmi_filter']
                }
            }
        }
        if ($null -ne $recordedEntry -and $options.permissions) {
            $liveAces = @()
            if ($null -ne $state) {
                $liveAces = $state.fingerprint.permissions
                if ($null -eq $liveAces) {
                    # Throws why: what cannot be read cannot be set either.
                    $liveAces = Get-GpmAce -Gpo $Item.gpo
                }
            }
            $entry.permissions = Get-GpmPermissionPlan -Recorded $recordedEntry.fingerprint['permissions'] `
                -Live $liveAces -Table $table -Source $info.gpo.domain -Context $Context
            if ($null -ne $entry.permissions -and $entry.permissions.outcome -eq 'set') {
                $entry.changes += @{ reason = 'permissions'; before = $liveAces; after = $entry.permissions.aces }
            }
        }
        $newId = $Item.id
        if ($null -ne $recordedEntry -and $options.links -and $null -ne $surroundings.links) {
            if (-not $newId) {
                # It has none yet; any that is nobody else's will do for the plan.
                $newId = '{00000000-0000-0000-0000-000000000000}'
            }
            $liveLinks = @(if ($surroundings.links.ContainsKey($newId)) { $surroundings.links[$newId] })
            $recordedLinks = @(Get-GpmImportLink -Links $recordedEntry['links'] -Source $info.gpo.id -Id $newId)
            # Links that it has besides are its own.
            $entry.links = @(Get-GpmLinkPlan -Recorded $recordedLinks -Live $liveLinks -Id $newId `
                    -Surroundings $surroundings | Where-Object -FilterScript { $_.outcome -ne 'removed' })
            if (@($entry.links | Where-Object -FilterScript { @('created', 'updated') -contains $_.outcome }).Count) {
                $entry.changes += @{ reason = 'links'; before = $liveLinks; after = $recordedLinks }
            }
        }
        $entry.reasons = @(foreach ($change in $entry.changes) { $change.reason })
        if (-not $entry.changes.Count) {
            $entry.outcome = 'unchanged'
            return $entry
        }
        if ($Context.checkMode) {
            $entry.outcome = 'imported'
            $entry.gpo_created = -not $Item.id
            return $entry
        }

        if ($null -ne $state) {
            Set-GpmTripItem -Item $Item -Context $Context
            if ($options.backup_first) {
                $step = 'safety'
                $entry.safety_backup = Save-GpmSafetyCopy -Item $Item -State $state -BackupId $options.backup_id `
                    -Context $Context
            }
        }
        if ($import) {
            $step = 'open'
            $backup = Get-GpmBackupObject -Gpm $Context.gpm -Path $options.path -Id $options.backup_id
            if (-not $Item.id) {
                $step = 'create'
                $Item.gpo = New-GpmGpo -GpmDomain $Context.domain -Name $Item.name
                $Item.id = $Item.gpo.ID.ToUpperInvariant()
                $entry.gpo_created = $true
                $entry.gpo.id = $Item.id
            }
            $step = 'import'
            $told = Import-GpmGpo -Gpo $Item.gpo -Backup $backup -Table $table `
                -TableOnly $options.migration_table_only
            foreach ($name in 'call_status', 'overall_status', 'status_messages') {
                $entry[$name] = $told[$name]
            }
            if (-not $told.succeeded) {
                if ($entry.gpo_created) {
                    # It was made for this import alone.
                    $step = 'remove'
                    $Item.gpo.Delete()
                    $entry.gpo_created = $false
                }
                return $entry
            }
            $Item.gpo = $Context.domain.GetGPO($Item.id)
            $step = 'note'
            Write-GpmImportNote -Id $Item.id -Context $Context
        }
        $entry.outcome = 'imported'
        $step = 'links'
        Set-GpmPlannedFilter -Plan $entry.wmi_filter -Gpo $Item.gpo -Context $Context
        # Behind the last change of the GPO itself, which they may forbid, and before it is linked to anybody.
        Set-GpmPlannedPermission -Plan $entry.permissions -Gpo $Item.gpo
        foreach ($link in $entry.links) {
            if ($null -ne $link.recorded) {
                $link.recorded.neighbours = @(foreach ($neighbour in $link.recorded.neighbours) {
                        if ($neighbour -eq $newId) { $Item.id } else { $neighbour }
                    })
            }
        }
        Set-GpmPlannedLink -Plan $entry.links -Gpo $Item.gpo -Context $Context
        $entry.gpo = Get-GpmGpoInfo -Item $Item
    }
    catch {
        $entry.outcome = 'failed'
        $entry.trouble = @{ step = $step; status = Get-GpmStatus -ErrorRecord $_ }
    }
    finally {
        $entry.duration = [Math]::Round($clock.Elapsed.TotalSeconds, 3)
    }
    $entry
}

Function Invoke-GpmImport {
    <#
    .SYNOPSIS
    Makes the trip of a gpo_import task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -GoodOutcomes imported, unchanged -Prepare {
        param ($Context)

        $options = $Context.options
        # What Get-GpmLiveState records; a safety copy holds it, too.
        $options.include_links = $true
        # A trip that had to wait for the lock named the GPO that remains.
        $Context.queue.Clear()
        Connect-GpmTrip -Context $Context

        $Context.stage = 'path'
        $null = Assert-GpmDirectory -Path $options.path -Create $false

        $Context.stage = 'select'
        Read-GpmTripSurroundings -Context $Context -Needed $true
        Select-GpmImportTarget -Context $Context

        $Context.stage = 'catalog'
        if ($Context.queue.Count -and -not $Context.checkMode) {
            Lock-GpmTrip -Context $Context
        }
        $Context.stage = 'import'
    } -Work {
        param ($Item, $Context)

        Get-GpmImportEntry -Item $Item -Context $Context
    }
}

Export-ModuleMember -Function Invoke-GpmImport
