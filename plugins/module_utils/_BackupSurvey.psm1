# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What lies in a directory in which a task finds nothing: the path may be one level off, the catalog may have been left
# behind by a copy. GPMC is not needed.

#AnsibleRequires -CSharpUtil ..module_utils._BackupXml
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._CatalogIndex
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# Folders that a survey names.
$script:NamedAtMost = 10

Function Test-GpmBackupDirectory {
    <#
    .SYNOPSIS
    Returns whether there is at least one backup in a directory, whole or not, or what the catalog knows of one.

    .PARAMETER Path
    The directory.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    foreach ($folder in [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Folders($Path)) {
        if ((Test-GpmId -Text ([System.IO.Path]::GetFileName($folder))) -and (Get-GpmFolderKind -Path $folder).own) {
            return $true
        }
    }
    (Get-GpmCatalogIndex -Path $Path).Count -gt 0 -or (Get-GpmTombstone -Path $Path).Count -gt 0
}

Function Get-GpmUncatalogued {
    <#
    .SYNOPSIS
    Returns the backups of a domain that the catalog does not know, as lists of @{ id; name; timestamp } by the ID of
    their GPO, the latest first.

    .DESCRIPTION
    Those whose bkupInfo.xml cannot be read are nobody's, and those that are being deleted are none.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Domain
    DNS name of the domain.

    .PARAMETER OtherDomains
    Takes the names of the other domains that there are backups of, with or without an entry.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Domain,
        [AllowNull()] [System.Collections.Generic.HashSet[String]] $OtherDomains
    )

    $index = Get-GpmCatalogIndex -Path $Path
    $tombstones = Get-GpmTombstone -Path $Path
    $found = New-GpmMap
    foreach ($folder in [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Folders($Path)) {
        $id = [System.IO.Path]::GetFileName($folder).ToUpperInvariant()
        if (-not (Test-GpmId -Text $id) -or $tombstones.ContainsKey($id)) {
            continue
        }
        try {
            $info = Read-GpmBackupInfo -Path $Path -Id $id
        }
        catch {
            continue
        }
        if (-not $script:SameName.Equals($info.gpo.domain, $Domain)) {
            if ($null -ne $OtherDomains) {
                $null = $OtherDomains.Add($info.gpo.domain)
            }
        }
        elseif (-not (Test-GpmClaimed -Files $index[$id] -Gpo $info.gpo)) {
            if (-not $found.ContainsKey($info.gpo.id)) {
                $found[$info.gpo.id] = New-Object -TypeName System.Collections.Generic.List[Object]
            }
            $found[$info.gpo.id].Add(@{
                    id = $id
                    name = $info.gpo.name
                    timestamp = $info.timestamp
                    safety = Test-GpmSafetyComment -Comment $info.comment
                })
        }
    }
    foreach ($id in @($found.Keys)) {
        # Times as texts, whose order is that of the times; the ID settles it for those of one second. A safety copy has
        # the state that somebody went back from, and comes last however new it is.
        [Array]$backups = $found[$id].ToArray()
        [Array]$keys = @(foreach ($backup in $backups) {
                '{0}{1}{2}' -f [Int32](-not $backup.safety), $backup.timestamp, $backup.id
            })
        [Array]::Sort([Array]$keys, [Array]$backups, [System.Collections.IComparer][StringComparer]::Ordinal)
        [Array]::Reverse($backups)
        $found[$id] = $backups
    }
    $found
}

Function Test-GpmClaimed {
    <#
    .SYNOPSIS
    Returns whether the GPO of a backup has an entry of it in the catalog. One that cannot be used says nothing: whoever
    looks for backups without an entry must find this one.

    .PARAMETER Files
    From Get-GpmCatalogIndex, or null.

    .PARAMETER Gpo
    @{ id; domain }, as the backup says.
    #>
    [OutputType([Boolean])]
    param (
        [AllowNull()] [Object[]] $Files,
        [Parameter(Mandatory = $true)] [Hashtable] $Gpo
    )

    foreach ($file in $Files) {
        if (-not $script:SameName.Equals($file.gpo_id, $Gpo.id) -or
            -not $script:SameName.Equals($file.domain, $Gpo.domain)) {
            continue
        }
        try {
            $null = Read-GpmCatalogEntry -File $file -Domain $file.domain -Id $file.gpo_id
            return $true
        }
        catch {
            continue
        }
    }
    $false
}

Function Get-GpmSurvey {
    <#
    .SYNOPSIS
    Returns what lies in a directory in which the task found nothing, see docs/design.md. What cannot be read is left
    out.

    .PARAMETER Path
    The directory.

    .PARAMETER Domain
    DNS name of the domain that the task is about, or empty.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [AllowEmptyString()] [String] $Domain = ''
    )

    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    $survey = @{
        catalog = $hostFile::FolderExists([System.IO.Path]::Combine($Path, '.gpvault'))
        uncatalogued = @{ backups = 0; gpos = 0 }
        domains = @()
        renamed = @()
        below = @()
        above = $null
        gone = 0
    }
    if ($Domain) {
        $others = New-Object -TypeName System.Collections.Generic.HashSet[String] -ArgumentList (
            [StringComparer]::OrdinalIgnoreCase)
        $uncatalogued = Get-GpmUncatalogued -Path $Path -Domain $Domain -OtherDomains $others
        foreach ($list in $uncatalogued.Values) {
            $survey.uncatalogued.gpos++
            $survey.uncatalogued.backups += $list.Count
        }
        $survey.domains = @($others)
    }
    Add-GpmMisplaced -Survey $survey -Path $Path
    try {
        foreach ($id in [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]::ReadManifest(
                [System.IO.Path]::Combine($Path, 'manifest.xml'))) {
            if (-not $hostFile::FolderExists([System.IO.Path]::Combine($Path, $id))) {
                $survey.gone++
            }
        }
    }
    catch {
        # There is none, or none that could help.
        $survey.gone = 0
    }
    $survey
}

Function Add-GpmMisplaced {
    <#
    .SYNOPSIS
    Adds to a survey the backups that lie one level lower or higher, or under other names than their IDs.

    .PARAMETER Survey
    See Get-GpmSurvey.

    .PARAMETER Path
    The directory.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Survey,
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $xml = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]
    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    foreach ($folder in $hostFile::Folders($Path)) {
        $name = [System.IO.Path]::GetFileName($folder)
        if ($Survey.below.Count + $Survey.renamed.Count -ge $script:NamedAtMost) {
            break
        }
        if ((Test-GpmId -Text $name) -or $script:SameName.Equals($name, '.gpvault')) {
            continue
        }
        try {
            $file = [System.IO.Path]::Combine($folder, 'bkupInfo.xml')
            if ($hostFile::Exists($file)) {
                $Survey.renamed += @{ folder = $name; id = [String]$xml::ReadInfo($file)['ID'] }
            }
            elseif (Test-GpmBackupDirectory -Path $folder) {
                $Survey.below += $name
            }
        }
        catch {
            # One that must not be read is no help.
            $null = $_
        }
    }
    try {
        $parent = [System.IO.Path]::GetDirectoryName($Path)
        if ($parent -and (Test-GpmBackupDirectory -Path $parent)) {
            $Survey.above = $parent
        }
    }
    catch {
        $Survey.above = $null
    }
}

Export-ModuleMember -Function Get-GpmSurvey, Get-GpmUncatalogued, Test-GpmBackupDirectory
