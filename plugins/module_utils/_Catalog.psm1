# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The catalog: what the collection knows of its backups, beside GPMC's own files and never inside them.
#
#     <backup directory>\.gpvault\<domain>\{GPO-ID}\<sequence>_{BACKUP-ID}.json
#
# The default policies have the same ID in every domain, so the key is domain and ID. The newest entry is the one with
# the highest sequence: no clock is asked. An entry is written last and under another name first, so that one that is
# there was finished. Files without an entry are nobody's business here.
#
# What an entry says of whose backup it is counts only where the backup's own bkupInfo.xml says the same: an entry may
# have been copied here from elsewhere, or be anybody's.

#AnsibleRequires -CSharpUtil ..module_utils._BackupXml
#AnsibleRequires -CSharpUtil ..module_utils._CatalogFolder
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._Error

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# The version of the collection, as in galaxy.yml.
$script:CollectionVersion = '0.1.0'

# The version of the entries that this release writes, and the highest that it understands.
$script:Schema = 1

# What an entry has to hold to be of use, see Json.Misfit. The directory may be open to people who are not trusted.
$half = @{ 'directory?' = 'integer'; 'sysvol?' = 'integer' }
$script:EntryShape = @{
    schema = 'integer'
    sequence = 'integer'
    purpose = 'string'
    # The first entries do not say, and are not.
    'approved??' = 'boolean'
    gpo = @{ id = 'string'; domain = 'string' }
    backup = @{ id = 'string'; 'timestamp?' = 'string'; 'comment?' = 'string' }
    files = @(@{ path = 'string'; size = 'integer'; sha256 = 'string' })
    'links?' = @(@{
            target = 'string'
            type = 'string'
            enabled = 'boolean'
            enforced = 'boolean'
            order = 'integer'
            neighbours = @('string')
        })
    # From where links were read, see ConvertTo-GpmTargetRecord. The first entries do not say.
    'link_targets??' = 'string'
    'wmi_filter?' = @{ id = 'string'; 'name?' = 'string'; 'description?' = 'string'; queries = @('string') }
    fingerprint = @{
        'name?' = 'string'
        'description?' = 'string'
        'status?' = 'string'
        versions = @{ computer = $half; user = $half }
        'wmi_filter?' = @{ 'id?' = 'string' }
        'permissions?' = @(@{
                trustee = 'string'
                # The first entries had names alone.
                'sid??' = 'string'
                type = 'integer'
                flags = 'integer'
                mask = 'integer'
                object_flags = 'integer'
                object_type = 'string'
                inherited_object_type = 'string'
            })
        'files?' = @(@{ path = 'string'; size = 'integer'; modified = 'string' })
    }
}

# Bytes of what lies beside an entry: a pair of reports, of which _ChangeRecord.psm1 keeps 1 MB, or the record of what
# changed, which has 256 KB of changes at most (_change_record.py). A reply of gpo_backup_info has 4 MB of them.
$script:LargestChanges = 1MB + 64KB

$script:SameName = [StringComparer]::OrdinalIgnoreCase

Function Get-GpmCatalogFolder {
    <#
    .SYNOPSIS
    Returns the folder of a GPO's entries. It may not exist.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Domain
    DNS name of the GPO's domain.

    .PARAMETER Id
    ID of the GPO, in braces.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Domain,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    [System.IO.Path]::Combine($Path, '.gpvault', $Domain.ToLowerInvariant(), $Id.ToUpperInvariant())
}

Function Get-GpmCatalogFile {
    <#
    .SYNOPSIS
    Returns the files of a GPO's entries as @{ sequence; backup_id; path }, the newest first.

    .PARAMETER Folder
    From Get-GpmCatalogFolder. It may not exist.

    .PARAMETER Kept
    Takes the files of the pairs of reports that are kept there, see _ChangeRecord.psm1.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Folder,
        [AllowNull()] [AllowEmptyCollection()] [System.Collections.Generic.List[String]] $Kept
    )

    [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]::List($Folder, $Kept)
}

Function Read-GpmCatalogEntry {
    <#
    .SYNOPSIS
    Returns an entry, or throws what is wrong with it.

    .PARAMETER File
    From Get-GpmCatalogFile.

    .PARAMETER Domain
    DNS name of the domain that the entry has to be of.

    .PARAMETER Id
    ID of the GPO that the entry has to be of.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $File,
        [Parameter(Mandatory = $true)] [String] $Domain,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $entry = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::ReadFile($File.path)
    if ($entry -isnot [Hashtable] -or $entry['schema'] -isnot [Int64]) {
        throw 'It is not an entry of this catalog.'
    }
    if ($entry['schema'] -lt 1 -or $entry['schema'] -gt $script:Schema) {
        throw "Its schema is $($entry['schema']); this release of gpvault.gpmc knows those up to $script:Schema."
    }
    $misfit = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::Misfit($entry, $script:EntryShape, '')
    if ($null -ne $misfit) {
        throw "It lacks '$misfit', or has something else there."
    }
    if (-not $entry['files'].Count) {
        throw "It lacks 'files'."
    }
    # A file that was copied here from elsewhere.
    $isItsOwn = $script:SameName.Equals($entry['gpo']['id'], $Id) -and
        $script:SameName.Equals($entry['gpo']['domain'], $Domain) -and
        $script:SameName.Equals($entry['backup']['id'], $File.backup_id) -and
        [Int64]$entry['sequence'] -eq [Int64]$File.sequence
    if (-not $isItsOwn) {
        throw 'It belongs to another GPO, domain or backup.'
    }
    $entry
}

Function Read-GpmChangesFile {
    <#
    .SYNOPSIS
    Returns what lies beside an entry, a record of what changed or a pair of reports. Throws where it is no JSON, or
    larger than either: the file may be anybody's.

    .PARAMETER Path
    The file.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $size = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Length($Path)
    if ($size -gt $script:LargestChanges) {
        throw "It has $size bytes, more than this release writes."
    }
    [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::ReadFile($Path)
}

Function Assert-GpmChangesOwn {
    <#
    .SYNOPSIS
    Throws where what lies beside an entry, a record of what changed or a pair of reports, is about another backup, GPO or
    domain than its place says.

    .PARAMETER Changes
    What the file has: backup.id, gpo.id and gpo.domain are there.

    .PARAMETER File
    Its place, as @{ domain; gpo_id; backup_id }.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Changes,
        [Parameter(Mandatory = $true)] [Hashtable] $File
    )

    $isItsOwn = $script:SameName.Equals($Changes.backup.id, $File.backup_id) -and
        $script:SameName.Equals($Changes.gpo.id, $File.gpo_id) -and
        $script:SameName.Equals($Changes.gpo.domain, $File.domain)
    if (-not $isItsOwn) {
        throw 'It belongs to another GPO, domain or backup.'
    }
}

Function Get-GpmClaimFault {
    <#
    .SYNOPSIS
    Returns what is wrong with the claim of an entry that its backup is that of its GPO, as @{ denied; unread;
    message }, or null when the backup's bkupInfo.xml confirms it.

    .DESCRIPTION
    "denied": the file says that the backup is another GPO's, so the entry counts for nothing. "unread": it is there,
    but just cannot be read. Else the backup is damaged.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Entry
    The entry.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry
    )

    $xml = [ansible_collections.gpvault.gpmc.plugins.module_utils._BackupXml.BackupXml]
    try {
        $contradiction = $xml::Contradiction(
            [System.IO.Path]::Combine($Path, $Entry.backup.id), $Entry.backup.id, $Entry.gpo.id, $Entry.gpo.domain)
    }
    catch {
        return @{
            denied = $false
            unread = $xml::IsUnread($_.Exception)
            message = 'bkupInfo.xml cannot be used: ' + (Get-GpmShortText -ErrorRecord $_)
        }
    }
    if ($null -ne $contradiction) {
        return @{ denied = $true; unread = $false; message = $contradiction }
    }
    return $null
}

Function Get-GpmCatalogNewest {
    <#
    .SYNOPSIS
    Returns the newest usable entry of a GPO with purpose "backup", or null. It has besides: written (when its file
    was), file (the file).

    .DESCRIPTION
    An entry that is corrupt, foreign or of a newer schema goes into $Problems, as @{ path; message }, and counts as
    absent. Safety copies prove nothing about the state of the GPO: they were taken before it was changed.

    .PARAMETER Unconfirmed
    The caller looks itself whether the backup's bkupInfo.xml confirms the entry.

    .PARAMETER Below
    Only entries with a lower sequence.

    .PARAMETER Kept
    See Get-GpmCatalogFile.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Domain
    DNS name of the GPO's domain.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Problems
    The list that takes the problems.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Domain,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [System.Collections.Generic.List[Object]] $Problems,
        [Boolean] $Unconfirmed = $false,
        [Int64] $Below = [Int64]::MaxValue,
        [AllowNull()] [AllowEmptyCollection()] [System.Collections.Generic.List[String]] $Kept
    )

    $folder = Get-GpmCatalogFolder -Path $Path -Domain $Domain -Id $Id
    foreach ($file in Get-GpmCatalogFile -Folder $folder -Kept $Kept) {
        if ([Int64]$file.sequence -ge $Below) {
            continue
        }
        try {
            $entry = Read-GpmCatalogEntry -File $file -Domain $Domain -Id $Id
            if ($entry['purpose'] -cne 'backup') {
                continue
            }
            $fault = $null
            if (-not $Unconfirmed) {
                $fault = Get-GpmClaimFault -Path $Path -Entry $entry
            }
            if ($null -ne $fault -and $fault.denied) {
                throw $fault.message
            }
            # The file's time, not the entry's: both that and the time now come from the clock of who keeps the files.
            $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
            $entry['written'] = $hostFile::LastWriteTime($file.path)
            $entry['file'] = $file.path
            return $entry
        }
        catch {
            $Problems.Add(@{ path = $file.path; message = (Get-GpmStatus -ErrorRecord $_).message })
        }
    }
    return $null
}

Function Start-GpmCatalogEntry {
    <#
    .SYNOPSIS
    Begins to add the entry of a backup that was just made and returns the task, see CatalogFolder.BeginAdd. Called
    under the lock, which has to be kept until the task has ended; nothing in the entry may be changed until then.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Entry
    The entry, without schema, collection_version, sequence, history and files.
    #>
    [OutputType([System.Threading.Tasks.Task])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [System.Collections.IDictionary] $Entry
    )

    # BeginAdd sets the sequence and the history; here they get their place in the file.
    $whole = [ordered]@{
        schema = $script:Schema
        collection_version = $script:CollectionVersion
        sequence = $null
        history = $null
    }
    foreach ($name in $Entry.Keys) {
        $whole[$name] = $Entry[$name]
    }
    [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]::BeginAdd(
        (Get-GpmCatalogFolder -Path $Path -Domain $Entry.gpo.domain -Id $Entry.gpo.id), $whole,
        [System.IO.Path]::Combine($Path, $Entry.backup.id))
}

Export-ModuleMember -Function Assert-GpmChangesOwn, Get-GpmCatalogFile, Get-GpmCatalogFolder, Get-GpmCatalogNewest,
    Get-GpmClaimFault, Read-GpmCatalogEntry, Read-GpmChangesFile, Start-GpmCatalogEntry
