# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The catalog as a whole: where the entry of each backup is, and what is being deleted.
#
#     <backup directory>\.gpvault\.deleted\{BACKUP-ID}.json
#
# Before a backup is deleted, its entry is moved to .deleted, in one step: from then on the catalog does not know the
# backup, and the tombstone says that what is left of it is to go. It goes last, so an interrupted deletion is
# completed by the next run. No domain has a name that begins with a dot.

#AnsibleRequires -CSharpUtil ..module_utils._CatalogFolder
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

Function Get-GpmCatalogIndex {
    <#
    .SYNOPSIS
    Returns which entries of the catalog claim each backup: a dictionary of lists of @{ domain; gpo_id; sequence;
    backup_id; path } by the backup's ID.

    .DESCRIPTION
    From names alone: no entry is read, so it serves for any number of them. Read-GpmCatalogEntry reads one. There is
    one claim of each GPO, its newest; where there are several, the backup itself says whose it is. Folders that are
    links are left out, as are those whose names are not of the catalog.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Domain
    DNS name of a domain, for its entries alone.

    .PARAMETER Problems
    Takes what is no folder of the catalog, but stands where one belongs, as @{ path; message }.

    .PARAMETER Records
    Takes the files of the records of what changed, or of the pairs of reports that are kept for one, as
    @{ domain; gpo_id; sequence; backup_id; path } by the backup's ID, those of backups that are gone included. See
    _ChangeRecord.psm1.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [String] $Domain = '',
        [AllowNull()] [Hashtable] $Records,
        [AllowNull()] [AllowEmptyCollection()] [System.Collections.Generic.List[Object]] $Problems
    )

    $catalog = [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]
    $index = New-GpmMap
    $root = [System.IO.Path]::Combine($Path, '.gpvault')
    foreach ($domainFolder in Get-GpmInnerFolder -Path $root -Problems $Problems) {
        $domainName = [System.IO.Path]::GetFileName($domainFolder)
        $isOther = $Domain -and -not $script:SameName.Equals($domainName, $Domain)
        if ($isOther -or $domainName[0] -eq '.') {
            continue
        }
        foreach ($folder in Get-GpmInnerFolder -Path $domainFolder -Problems $Problems) {
            $gpoId = [System.IO.Path]::GetFileName($folder).ToUpperInvariant()
            if (-not (Test-GpmId -Text $gpoId)) {
                continue
            }
            $ofGpo = New-GpmMap
            foreach ($file in Get-GpmCatalogFile -Folder $folder) {
                # Of two entries the newer one, as everywhere: they come first.
                if ($ofGpo.ContainsKey($file.backup_id)) {
                    continue
                }
                $ofGpo[$file.backup_id] = $true
                $file.domain = $domainName
                $file.gpo_id = $gpoId
                if (-not $index.ContainsKey($file.backup_id)) {
                    $index[$file.backup_id] = New-Object -TypeName System.Collections.Generic.List[Object]
                }
                $index[$file.backup_id].Add($file)
            }
            if ($null -ne $Records) {
                foreach ($file in $catalog::Records($folder)) {
                    $file.domain = $domainName
                    $file.gpo_id = $gpoId
                    $Records[$file.backup_id] = $file
                }
            }
        }
    }
    $index
}

Function Get-GpmCatalogId {
    <#
    .SYNOPSIS
    Returns the IDs of the GPOs of a domain that the catalog has a folder of.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Domain
    DNS name of the domain.

    .PARAMETER Problems
    See Get-GpmCatalogIndex.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Domain,
        [AllowNull()] [AllowEmptyCollection()] [System.Collections.Generic.List[Object]] $Problems
    )

    $root = [System.IO.Path]::Combine($Path, '.gpvault')
    foreach ($domainFolder in Get-GpmInnerFolder -Path $root -Problems $Problems) {
        if ($script:SameName.Equals([System.IO.Path]::GetFileName($domainFolder), $Domain)) {
            foreach ($folder in Get-GpmInnerFolder -Path $domainFolder -Problems $Problems) {
                $gpoId = [System.IO.Path]::GetFileName($folder).ToUpperInvariant()
                if (Test-GpmId -Text $gpoId) {
                    $gpoId
                }
            }
        }
    }
}

Function Find-GpmTombstoneFolder {
    <#
    .SYNOPSIS
    Returns the folder in the catalog of the GPO that a tombstone tells of, or null where the catalog has none: only what
    it lists itself can be one, whatever the tombstone says.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Tombstone
    The file.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Tombstone
    )

    $gpo = Read-GpmTombstone -File $Tombstone
    # No domain has a name that begins with a dot.
    if ($gpo.domain -and -not $gpo.domain.StartsWith('.', [StringComparison]::Ordinal)) {
        foreach ($id in Get-GpmCatalogId -Path $Path -Domain $gpo.domain) {
            if ($script:SameName.Equals($id, $gpo.id)) {
                return Get-GpmCatalogFolder -Path $Path -Domain $gpo.domain -Id $id
            }
        }
    }
    return $null
}

Function Get-GpmInnerFolder {
    <#
    .SYNOPSIS
    Returns the paths of the folders in a folder of the catalog, without those that are links. None when it does not
    exist.

    .PARAMETER Path
    The folder.

    .PARAMETER Problems
    See Get-GpmCatalogIndex.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [AllowNull()] [AllowEmptyCollection()] [System.Collections.Generic.List[Object]] $Problems
    )

    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    $files = New-Object -TypeName System.Collections.Generic.List[String]
    try {
        foreach ($item in $hostFile::Folder($Path).GetFileSystemInfos()) {
            if ($item -isnot [System.IO.DirectoryInfo]) {
                $files.Add([System.IO.Path]::Combine($Path, $item.Name))
            }
            elseif (-not ($item.Attributes -band [System.IO.FileAttributes]::ReparsePoint)) {
                [System.IO.Path]::Combine($Path, $item.Name)
            }
        }
    }
    catch [System.IO.IOException] {
        # Only what is certainly not there may count as such: a catalog that cannot be read does not make its backups
        # anybody's.
        if ($hostFile::Exists($Path)) {
            $files.Add($Path)
        }
        elseif ($_.Exception -isnot [System.IO.DirectoryNotFoundException]) {
            throw
        }
    }
    foreach ($file in $files) {
        # The lock, and what tells the time, are files.
        if ($null -ne $Problems -and
            [System.IO.Path]::GetFileName($file) -cnotmatch '^(?:lock|clock-[0-9a-f]{32})\z') {
            $Problems.Add(@{ path = $file; message = 'It is a file, where the catalog has folders only.' })
        }
    }
}

Function Get-GpmTombstone {
    <#
    .SYNOPSIS
    Returns the tombstones of a directory: a dictionary of their files by the backup's ID.

    .PARAMETER Path
    The backup directory.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $tombstones = New-GpmMap
    foreach ($folder in Get-GpmInnerFolder -Path ([System.IO.Path]::Combine($Path, '.gpvault'))) {
        if (-not $script:SameName.Equals([System.IO.Path]::GetFileName($folder), '.deleted')) {
            continue
        }
        foreach ($file in [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Files($folder)) {
            $id = [System.IO.Path]::GetFileNameWithoutExtension($file).ToUpperInvariant()
            if ((Test-GpmId -Text $id) -and $script:SameName.Equals([System.IO.Path]::GetExtension($file), '.json')) {
                $tombstones[$id] = $file
            }
        }
    }
    $tombstones
}

Function Read-GpmTombstone {
    <#
    .SYNOPSIS
    Returns the GPO that a tombstone tells of: @{ id; name; domain }, null where it does not.

    .PARAMETER File
    The file.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $File
    )

    $gpo = @{ id = $null; name = $null; domain = $null }
    try {
        $entry = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::ReadFile($File)
        foreach ($name in @($gpo.Keys)) {
            $gpo[$name] = [String]$entry['gpo'][$name]
        }
    }
    catch {
        # That of a backup that the catalog did not know is empty.
        return @{ id = $null; name = $null; domain = $null }
    }
    $gpo
}

Function Add-GpmTombstone {
    <#
    .SYNOPSIS
    Makes the tombstone of a backup that is to be deleted out of its entry, or an empty one, and returns its file.
    Called under the lock.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Id
    ID of the backup.

    .PARAMETER File
    One that Get-GpmCatalogIndex lists, or null.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Id,
        [AllowNull()] [Hashtable] $File
    )

    $folder = [System.IO.Path]::Combine($Path, '.gpvault', '.deleted')
    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    $hostFile::CreateFolder($folder)
    if ($hostFile::IsLink($folder)) {
        throw "The folder $folder is a link."
    }
    $tombstone = [System.IO.Path]::Combine($folder, "$Id.json")
    if ($null -ne $File) {
        [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]::KeepNumber($File.path)
        $hostFile::Move($File.path, $tombstone)
    }
    else {
        $hostFile::Create($tombstone).Dispose()
    }
    $tombstone
}

Export-ModuleMember -Function Add-GpmTombstone, Find-GpmTombstoneFolder, Get-GpmCatalogId, Get-GpmCatalogIndex,
    Get-GpmTombstone, Read-GpmTombstone
