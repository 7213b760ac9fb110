# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The lock of a backup directory, <backup directory>\.gpvault\lock.
#
# What keeps two runs apart is a locked byte, which the system sets free when the process ends, however it ends: no
# lock is ever stale. What the file says is for people, and for the next run: who has the lock, and which GPO is in
# hand. It is empty when nobody has it.

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._Error

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# The byte that a run locks, far behind what the file holds: everybody can read whose lock it is.
$script:LockedByte = 0x40000000
$script:ErrorLockViolation = 0x80070021
$script:ErrorSharingViolation = 0x80070020

# What a path answers while another run takes it away: not found, and denied until the last who has it open is gone.
$script:TakenAway = @(0x80070002, 0x80070003, 0x80070005)

# Milliseconds between two looks at a lock that somebody else has.
$script:LockPoll = 200

# How often the path of the lock file may be missing: for a second in all.
$script:MissedAtMost = 5

# Bytes that are read of what the file says.
$script:HolderAtMost = 65536

Function Lock-GpmDirectory {
    <#
    .SYNOPSIS
    Locks a backup directory for this process and returns the lock: @{ stream; holder; previous; made }.

    .DESCRIPTION
    "made" is the folder .gpvault where it was not there before.

    Returns stream = null and the holder when the lock could not be had in time; holder is null when the file could not
    even be opened, because a program that shares it with nobody has it open. "previous" is what a process that did not
    set the lock free in order had written.

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

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $opened = Wait-GpmLockFile -Folder ([System.IO.Path]::Combine($Path, '.gpvault')) -Clock $clock -Timeout $Timeout
    $stream = $opened.stream
    if ($null -eq $stream) {
        return @{ stream = $null; holder = $null; previous = $null }
    }
    try {
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
            made = $opened.made
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

Function Wait-GpmLockFile {
    <#
    .SYNOPSIS
    Makes the folder of the lock file if need be, and opens the file; returns @{ stream; made }, see Lock-GpmDirectory.

    .DESCRIPTION
    Another run that made the folder may just be taking it away again, with the file, see Unlock-GpmDirectory: until that is
    done the path is missing, or denied. Where it stays so, as behind a link to nowhere, that is no wait but an error.

    .PARAMETER Folder
    The folder .gpvault.

    .PARAMETER Clock
    Runs since somebody waits.

    .PARAMETER Timeout
    How long to wait, in seconds.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Folder,
        [Parameter(Mandatory = $true)] [System.Diagnostics.Stopwatch] $Clock,
        [Parameter(Mandatory = $true)] [Int32] $Timeout
    )

    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    $file = [System.IO.Path]::Combine($Folder, 'lock')
    $made = $null
    $missed = 0
    while ($true) {
        try {
            if (-not $hostFile::FolderExists($Folder)) {
                $made = $Folder
            }
            $hostFile::CreateFolder($Folder)
            if ($hostFile::FolderExists($file)) {
                throw (New-Object -TypeName System.IO.IOException -ArgumentList (
                        "$file is a folder, and not the collection's."))
            }
            $stream = Open-GpmLockFile -Path $file
            if ($null -ne $stream -or $Clock.Elapsed.TotalSeconds -ge $Timeout) {
                return @{ stream = $stream; made = $made }
            }
        }
        catch {
            $missed++
            if ($missed -gt $script:MissedAtMost -or
                $script:TakenAway -notcontains (Get-GpmStatus -ErrorRecord $_).hresult) {
                throw
            }
        }
        Start-Sleep -Milliseconds $script:LockPoll
    }
}

Function Open-GpmLockFile {
    <#
    .SYNOPSIS
    Opens the lock file, which is made if need be; returns null while another program has it open and shares it with
    nobody.

    .PARAMETER Path
    The file.
    #>
    [OutputType([System.IO.FileStream])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    try {
        [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Open(
            $Path, 'OpenOrCreate', 'ReadWrite', 'ReadWrite')
    }
    catch {
        if ((Get-GpmStatus -ErrorRecord $_).hresult -ne $script:ErrorSharingViolation) {
            throw
        }
        return $null
    }
}

Function Unlock-GpmDirectory {
    <#
    .SYNOPSIS
    Sets a backup directory free. Where nothing came of the work, what the lock alone has made goes again.

    .PARAMETER Lock
    From Lock-GpmDirectory.
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
    if ($Lock.made) {
        Remove-GpmUnusedFolder -Path $Lock.made
    }
}

Function Remove-GpmUnusedFolder {
    <#
    .SYNOPSIS
    Deletes a folder .gpvault in which there is nothing but the lock file, if nobody else has that open.

    .PARAMETER Path
    The folder.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    try {
        if ($hostFile::Folder($Path).GetFileSystemInfos().Count -eq 1) {
            $hostFile::Delete([System.IO.Path]::Combine($Path, 'lock'))
            $hostFile::DeleteFolder($Path)
        }
    }
    catch {
        # Another run wants it, or the account must not delete: it may as well stay.
        $null = $_
    }
}

Function Write-GpmLockHolder {
    <#
    .SYNOPSIS
    Writes into the locked file whose lock it is.

    .PARAMETER Lock
    From Lock-GpmDirectory.
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
        $bytes = New-Object -TypeName 'Byte[]' -ArgumentList ([Math]::Min($Stream.Length, $script:HolderAtMost))
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

Export-ModuleMember -Function Lock-GpmDirectory, Unlock-GpmDirectory, Write-GpmLockHolder
