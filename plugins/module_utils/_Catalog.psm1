# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The catalog: what the collection knows of its backups, beside GPMC's own files and never inside them.
#
#     <backup directory>\.gpvault\lock
#     <backup directory>\.gpvault\<domain>\{GPO-ID}\<sequence>_{BACKUP-ID}.json
#     <backup directory>\.gpvault\.deleted\{BACKUP-ID}.json
#
# The default policies have the same ID in every domain, so the key is domain and ID. The newest entry is the one with
# the highest sequence: no clock is asked. An entry is written last and under another name first, so that one that is
# there was finished. Files without an entry are nobody's business here.
#
# Before a backup is deleted, its entry is moved to .deleted, in one step: from then on the catalog does not know the
# backup, and the tombstone says that what is left of it is to go. It goes last, so an interrupted deletion is
# completed by the next run. No domain has a name that begins with a dot.

#AnsibleRequires -CSharpUtil ..module_utils._CatalogFolder
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._Json

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# The version of the collection, as in galaxy.yml.
$script:CollectionVersion = '0.1.0'

# The version of the entries that this release writes, and the highest that it understands.
$script:Schema = 1
$script:IdPattern = '^\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$'

# What an entry has to hold to be of use, see Json.Misfit. The directory may be open to people who are not trusted.
$half = @{ 'directory?' = 'integer'; 'sysvol?' = 'integer' }
$script:EntryShape = @{
    schema = 'integer'
    sequence = 'integer'
    purpose = 'string'
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
    'wmi_filter?' = @{ id = 'string'; 'name?' = 'string'; 'description?' = 'string'; queries = @('string') }
    fingerprint = @{
        'name?' = 'string'
        'description?' = 'string'
        'status?' = 'string'
        versions = @{ computer = $half; user = $half }
        'wmi_filter?' = @{ 'id?' = 'string' }
        'permissions?' = @(@{
                trustee = 'string'
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

# The byte that a run locks, far behind what the file holds: everybody can read whose lock it is.
$script:LockedByte = 0x40000000
$script:ErrorLockViolation = 0x80070021
$script:LockPoll = 200

#region Entries

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

Function Get-GpmCatalogId {
    <#
    .SYNOPSIS
    Returns the IDs of the GPOs of a domain that the catalog has a folder of.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Domain
    DNS name of the domain.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Domain
    )

    $root = [System.IO.Path]::Combine($Path, '.gpvault', $Domain.ToLowerInvariant())
    try {
        $folders = [System.IO.Directory]::GetDirectories($root)
    }
    catch [System.IO.DirectoryNotFoundException] {
        return
    }
    foreach ($folder in $folders) {
        $name = [System.IO.Path]::GetFileName($folder)
        if ($name -match $script:IdPattern) {
            $name.ToUpperInvariant()
        }
    }
}

Function Get-GpmCatalogFile {
    <#
    .SYNOPSIS
    Returns the files of a GPO's entries as @{ sequence; backup_id; path }, the newest first.

    .PARAMETER Folder
    From Get-GpmCatalogFolder. It may not exist.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Folder
    )

    [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]::List($Folder)
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
    if ($entry['schema'] -gt $script:Schema) {
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
    if ($entry['gpo']['id'] -ne $Id -or $entry['gpo']['domain'] -ne $Domain -or
        $entry['sequence'] -ne $File.sequence -or $entry['backup']['id'] -ne $File.backup_id) {
        throw 'It belongs to another GPO, domain or backup.'
    }
    $entry
}

Function Get-GpmCatalogIndex {
    <#
    .SYNOPSIS
    Returns where the catalog has the entry of each backup: a dictionary of @{ domain; gpo_id; sequence; backup_id;
    path } by the backup's ID.

    .DESCRIPTION
    From names alone: no entry is read, so it serves for any number of them. Read-GpmCatalogEntry reads one. Folders
    that are links are left out, as are those whose names are not of the catalog.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Domain
    DNS name of a domain, for its entries alone.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [String] $Domain = ''
    )

    $index = @{}
    foreach ($domainFolder in Get-GpmInnerFolder -Path ([System.IO.Path]::Combine($Path, '.gpvault'))) {
        if ($domainFolder.Name.StartsWith('.') -or ($Domain -and $domainFolder.Name -ne $Domain)) {
            continue
        }
        foreach ($folder in Get-GpmInnerFolder -Path $domainFolder.FullName) {
            if ($folder.Name -notmatch $script:IdPattern) {
                continue
            }
            foreach ($file in Get-GpmCatalogFile -Folder $folder.FullName) {
                # Of two entries the newer one, as everywhere.
                if (-not $index.ContainsKey($file.backup_id) -or
                    $index[$file.backup_id].sequence -lt $file.sequence) {
                    $file.domain = $domainFolder.Name
                    $file.gpo_id = $folder.Name.ToUpperInvariant()
                    $index[$file.backup_id] = $file
                }
            }
        }
    }
    $index
}

Function Get-GpmInnerFolder {
    <#
    .SYNOPSIS
    Returns the folders in a folder, as DirectoryInfo, without those that are links. None when it does not exist.

    .PARAMETER Path
    The folder.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    try {
        $folders = (New-Object -TypeName System.IO.DirectoryInfo -ArgumentList $Path).GetDirectories()
    }
    catch [System.IO.DirectoryNotFoundException] {
        return
    }
    foreach ($folder in $folders) {
        if (-not ($folder.Attributes -band [System.IO.FileAttributes]::ReparsePoint)) {
            $folder
        }
    }
}

Function Get-GpmCatalogNewest {
    <#
    .SYNOPSIS
    Returns the newest usable entry of a GPO with purpose "backup", or null.

    .DESCRIPTION
    An entry that is corrupt, foreign or of a newer schema goes into $Problems, as @{ path; message }, and counts as
    absent. Safety copies prove nothing about the state of the GPO: they were taken before it was changed.

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
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [System.Collections.Generic.List[Object]] $Problems
    )

    foreach ($file in Get-GpmCatalogFile -Folder (Get-GpmCatalogFolder -Path $Path -Domain $Domain -Id $Id)) {
        try {
            $entry = Read-GpmCatalogEntry -File $file -Domain $Domain -Id $Id
        }
        catch {
            $Problems.Add(@{ path = $file.path; message = (Get-GpmStatus -ErrorRecord $_).message })
            continue
        }
        if ($entry['purpose'] -eq 'backup') {
            # The file's time, not the entry's: both that and the time now come from the clock of who keeps the files.
            $entry['written'] = [System.IO.File]::GetLastWriteTimeUtc($file.path)
            return $entry
        }
    }
    return $null
}

Function Start-GpmCatalogEntry {
    <#
    .SYNOPSIS
    Begins to add the entry of a backup that was just made and returns the task, see CatalogFolder.BeginAdd. Called under
    the lock, which has to be kept until the task has ended; nothing in the entry may be changed until then.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Entry
    The entry, without schema, collection_version, sequence and files.
    #>
    [OutputType([System.Threading.Tasks.Task])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [System.Collections.IDictionary] $Entry
    )

    # BeginAdd sets the sequence; here it gets its place in the file.
    $whole = [ordered]@{ schema = $script:Schema; collection_version = $script:CollectionVersion; sequence = $null }
    foreach ($name in $Entry.Keys) {
        $whole[$name] = $Entry[$name]
    }
    [ansible_collections.gpvault.gpmc.plugins.module_utils._CatalogFolder.CatalogFolder]::BeginAdd(
        (Get-GpmCatalogFolder -Path $Path -Domain $Entry.gpo.domain -Id $Entry.gpo.id), $whole,
        [System.IO.Path]::Combine($Path, $Entry.backup.id))
}

Function Get-GpmDirectoryTime {
    <#
    .SYNOPSIS
    Returns what time it is, in UTC, on the clock that gives the files of the catalog their times.

    .DESCRIPTION
    On a share that is the server's clock, which is not the host's. A file that is made and deleted again tells; check
    mode writes nothing, so there the host's own clock has to do.

    .PARAMETER Path
    The backup directory.

    .PARAMETER CheckMode
    Write nothing.
    #>
    [OutputType([DateTime])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [Boolean] $CheckMode
    )

    if ($CheckMode) {
        return [DateTime]::UtcNow
    }
    $probe = [System.IO.Path]::Combine($Path, '.gpvault', 'clock-' + [Guid]::NewGuid().ToString('n'))
    [System.IO.File]::WriteAllBytes($probe, (New-Object -TypeName 'Byte[]' -ArgumentList 1))
    try {
        [System.IO.File]::GetLastWriteTimeUtc($probe)
    }
    finally {
        [System.IO.File]::Delete($probe)
    }
}

#endregion

#region Tombstones

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

    $tombstones = @{}
    foreach ($folder in Get-GpmInnerFolder -Path ([System.IO.Path]::Combine($Path, '.gpvault'))) {
        if ($folder.Name -ne '.deleted') {
            continue
        }
        foreach ($file in $folder.GetFiles()) {
            $id = [System.IO.Path]::GetFileNameWithoutExtension($file.Name).ToUpperInvariant()
            if ($id -match $script:IdPattern -and $file.Extension -eq '.json') {
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
    From Get-GpmCatalogIndex, or null.
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
        [System.IO.File]::Move($File.path, $tombstone)
    }
    else {
        [System.IO.File]::WriteAllBytes($tombstone, (New-Object -TypeName 'Byte[]' -ArgumentList 0))
    }
    $tombstone
}

#endregion

#region Lock

Function Lock-GpmCatalog {
    <#
    .SYNOPSIS
    Locks a backup directory for this process and returns the lock: @{ stream; holder; previous }.

    .DESCRIPTION
    What keeps two runs apart is a locked byte of <path>\.gpvault\lock, which the system sets free when the process
    ends, however it ends: no lock is ever stale. What the file says is for people, and for the next run: who has the
    lock, and which GPO is in hand. It is empty when nobody has it.

    Returns stream = null and the holder when the lock could not be had in time. "previous" is what a process that did
    not set the lock free in order had written.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Timeout
    How long to wait, in seconds.

    .PARAMETER RunId
    The run that wants the lock.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [Int32] $Timeout,
        [Parameter(Mandatory = $true)] [String] $RunId
    )

    $folder = [System.IO.Path]::Combine($Path, '.gpvault')
    $null = [System.IO.Directory]::CreateDirectory($folder)
    $file = [System.IO.Path]::Combine($folder, 'lock')
    if ([System.IO.Directory]::Exists($file)) {
        throw (New-Object -TypeName System.IO.IOException -ArgumentList "$file is a folder, and not the collection's.")
    }
    $stream = New-Object -TypeName System.IO.FileStream -ArgumentList $file, 'OpenOrCreate', 'ReadWrite', 'ReadWrite'
    try {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        while (-not (Set-GpmFileLock -Stream $stream)) {
            if ($clock.Elapsed.TotalSeconds -ge $Timeout) {
                $holder = Read-GpmLockHolder -Stream $stream
                $stream.Dispose()
                return @{ stream = $null; holder = $holder; previous = $null }
            }
            Start-Sleep -Milliseconds $script:LockPoll
        }
        $lock = @{
            stream = $stream
            previous = Read-GpmLockHolder -Stream $stream
            holder = @{
                run_id = $RunId
                host = [Environment]::MachineName
                process = $PID
                since = [DateTime]::UtcNow.ToString('s') + 'Z'
                gpo = $null
            }
        }
        Write-GpmLockHolder -Lock $lock
        $lock
    }
    catch {
        $stream.Dispose()
        throw
    }
}

Function Unlock-GpmCatalog {
    <#
    .SYNOPSIS
    Sets a backup directory free.

    .PARAMETER Lock
    From Lock-GpmCatalog.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Lock
    )

    try {
        $Lock.stream.SetLength(0)
    }
    finally {
        # Closes the file, and with it goes the lock.
        $Lock.stream.Dispose()
    }
}

Function Write-GpmLockHolder {
    <#
    .SYNOPSIS
    Writes into the locked file whose lock it is.

    .PARAMETER Lock
    From Lock-GpmCatalog.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Lock
    )

    $bytes = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::Write($Lock.holder)
    $Lock.stream.Position = 0
    $Lock.stream.Write($bytes, 0, $bytes.Length)
    $Lock.stream.SetLength($bytes.Length)
    $Lock.stream.Flush()
}

Function Read-GpmLockHolder {
    <#
    .SYNOPSIS
    Returns whose lock it is, or null when the file does not say.

    .PARAMETER Stream
    The open file.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [System.IO.FileStream] $Stream
    )

    if (-not $Stream.Length) {
        return $null
    }
    try {
        $bytes = New-Object -TypeName 'Byte[]' -ArgumentList ([Math]::Min($Stream.Length, 65536))
        $Stream.Position = 0
        $length = $Stream.Read($bytes, 0, $bytes.Length)
        [Array]::Resize([ref]$bytes, $length)
        $holder = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::Read($bytes)
        if ($holder -is [Hashtable]) {
            return $holder
        }
    }
    catch {
        # Read while it was written, say: the byte decides, not the text.
        return $null
    }
    return $null
}

Function Set-GpmFileLock {
    <#
    .SYNOPSIS
    Locks the byte; returns whether this process has it now.

    .PARAMETER Stream
    The open file.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [System.IO.FileStream] $Stream
    )

    try {
        $Stream.Lock($script:LockedByte, 1)
        $true
    }
    catch {
        if ((Get-GpmStatus -ErrorRecord $_).hresult -ne $script:ErrorLockViolation) {
            throw
        }
        $false
    }
}

#endregion

Export-ModuleMember -Function *-Gpm*
