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

#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -CSharpUtil ..module_utils._OwnFile
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
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [String] $Domain = '',
        [AllowNull()] [AllowEmptyCollection()] [System.Collections.Generic.List[Object]] $Problems
    )

    $index = New-GpmMap
    $root = [System.IO.Path]::Combine($Path, '.gpvault')
    foreach ($domainFolder in Get-GpmInnerFolder -Path $root -Problems $Problems) {
        $isOther = $Domain -and -not $script:SameName.Equals($domainFolder.Name, $Domain)
        if ($isOther -or $domainFolder.Name[0] -eq '.') {
            continue
        }
        foreach ($folder in Get-GpmInnerFolder -Path $domainFolder.FullName -Problems $Problems) {
            if (-not (Test-GpmId -Text $folder.Name)) {
                continue
            }
            $ofGpo = New-GpmMap
            foreach ($file in Get-GpmCatalogFile -Folder $folder.FullName) {
                # Of two entries the newer one, as everywhere: they come first.
                if ($ofGpo.ContainsKey($file.backup_id)) {
                    continue
                }
                $ofGpo[$file.backup_id] = $true
                $file.domain = $domainFolder.Name
                $file.gpo_id = $folder.Name.ToUpperInvariant()
                if (-not $index.ContainsKey($file.backup_id)) {
                    $index[$file.backup_id] = New-Object -TypeName System.Collections.Generic.List[Object]
                }
                $index[$file.backup_id].Add($file)
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
        if ($script:SameName.Equals($domainFolder.Name, $Domain)) {
            foreach ($folder in Get-GpmInnerFolder -Path $domainFolder.FullName -Problems $Problems) {
                if (Test-GpmId -Text $folder.Name) {
                    $folder.Name.ToUpperInvariant()
                }
            }
        }
    }
}

Function Get-GpmInnerFolder {
    <#
    .SYNOPSIS
    Returns the folders in a folder of the catalog, as DirectoryInfo, without those that are links. None when it does
    not exist.

    .PARAMETER Path
    The folder.

    .PARAMETER Problems
    See Get-GpmCatalogIndex.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [AllowNull()] [AllowEmptyCollection()] [System.Collections.Generic.List[Object]] $Problems
    )

    try {
        $items = [System.IO.DirectoryInfo]::new($Path).GetFileSystemInfos()
    }
    catch [System.IO.IOException] {
        # Only what is certainly not there may count as such: a catalog that cannot be read does not make its backups
        # anybody's.
        if ([System.IO.File]::Exists($Path)) {
            $items = @([System.IO.FileInfo]::new($Path))
        }
        elseif ($_.Exception -is [System.IO.DirectoryNotFoundException]) {
            return
        }
        else {
            throw
        }
    }
    foreach ($item in $items) {
        if ($item -isnot [System.IO.DirectoryInfo]) {
            # The lock, and what tells the time, are files.
            if ($null -ne $Problems -and $item.Name -cnotmatch '^(?:lock|clock-[0-9a-f]{32})\z') {
                $Problems.Add(@{ path = $item.FullName; message = 'It is a file, where the catalog has folders only.' })
            }
        }
        elseif (-not ($item.Attributes -band [System.IO.FileAttributes]::ReparsePoint)) {
            $item
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
        if (-not $script:SameName.Equals($folder.Name, '.deleted')) {
            continue
        }
        foreach ($file in $folder.GetFiles()) {
            $id = [System.IO.Path]::GetFileNameWithoutExtension($file.Name).ToUpperInvariant()
            if ((Test-GpmId -Text $id) -and $script:SameName.Equals($file.Extension, '.json')) {
                $tombstones[$id] = $file.FullName
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
    $made = [System.IO.Directory]::CreateDirectory($folder)
    if ($made.Attributes -band [System.IO.FileAttributes]::ReparsePoint) {
        throw "The folder $folder is a link."
    }
    $tombstone = [System.IO.Path]::Combine($folder, "$Id.json")
    if ($null -ne $File) {
        [ansible_collections.gpvault.gpmc.plugins.module_utils._OwnFile.OwnFile]::Move($File.path, $tombstone)
    }
    else {
        [System.IO.File]::WriteAllBytes($tombstone, (New-Object -TypeName 'Byte[]' -ArgumentList 0))
    }
    $tombstone
}

Export-ModuleMember -Function Add-GpmTombstone, Get-GpmCatalogId, Get-GpmCatalogIndex, Get-GpmTombstone,
    Read-GpmTombstone
