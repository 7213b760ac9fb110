# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# The lock of a backup directory. Two runs on one directory are left to the lab: Linux gives a process its own lock
# twice, and tells of another's with an error that has no HRESULT of Windows.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    function New-Directory {
        [System.IO.Directory]::CreateDirectory("$TestDrive/" + [Guid]::NewGuid().ToString('n')).FullName
    }

    function Read-Holder ($Bytes) {
        $file = "$TestDrive/" + [Guid]::NewGuid().ToString('n')
        [System.IO.File]::WriteAllBytes($file, $Bytes)
        $stream = [System.IO.File]::OpenRead($file)
        try {
            Read-GpmLockHolder -Stream $stream
        }
        finally {
            $stream.Dispose()
        }
    }

    function Get-Bytes ($Text) {
        , [System.Text.Encoding]::UTF8.GetBytes($Text)
    }
}

Describe 'The lock in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    BeforeEach {
        $directory = New-Directory
        $file = "$directory/.gpvault/lock"
    }

    It 'is had, and says whose it is' {
        $lock = Lock-GpmDirectory -Path $directory -Timeout 0 -RunId 'r1'
        try {
            $lock.previous | Should -BeNullOrEmpty
            $holder = ("$Namespace._Json.Json" -as [Type])::ReadFile($file)
            $holder.run_id | Should -Be 'r1'
            $holder.process | Should -Be $PID
            $holder.host | Should -Be ([Environment]::MachineName)
            $holder.since | Should -Match '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$'
            $holder.gpo | Should -BeNullOrEmpty
        }
        finally {
            Unlock-GpmDirectory -Lock $lock
        }
        $lock.stream.CanRead | Should -BeFalse
    }

    It 'leaves nothing behind that nothing came of' {
        Unlock-GpmDirectory -Lock (Lock-GpmDirectory -Path $directory -Timeout 0 -RunId 'r1')
        [System.IO.Directory]::GetFileSystemEntries($directory) | Should -BeNullOrEmpty

        $lock = Lock-GpmDirectory -Path $directory -Timeout 0 -RunId 'r2'
        $null = [System.IO.Directory]::CreateDirectory("$directory/.gpvault/corp.example")
        Unlock-GpmDirectory -Lock $lock
        [System.IO.FileInfo]::new($file).Length | Should -Be 0

        # Nor is anything taken away that was there before.
        [System.IO.Directory]::Delete("$directory/.gpvault/corp.example")
        Unlock-GpmDirectory -Lock (Lock-GpmDirectory -Path $directory -Timeout 0 -RunId 'r3')
        [System.IO.FileInfo]::new($file).Length | Should -Be 0
    }

    It 'is had where the run that made the folder takes it away just then' {
        $open = ${Function:Open-GpmLockFile}
        $state = @{ removals = 2 }
        $instead = {
            param ($Path)
            if ($state.removals) {
                $state.removals--
                [System.IO.Directory]::Delete([System.IO.Path]::GetDirectoryName($Path), $true)
            }
            & $open -Path $Path
        }.GetNewClosure()
        $null = [System.IO.Directory]::CreateDirectory("$directory/.gpvault")
        & $open.Module { Set-Item -Path Function:Script:Open-GpmLockFile -Value $args[0] } $instead
        try {
            $lock = Lock-GpmDirectory -Path $directory -Timeout 0 -RunId 'r1'
        }
        finally {
            & $open.Module { Set-Item -Path Function:Script:Open-GpmLockFile -Value $args[0] } $open
        }
        $state.removals | Should -Be 0
        [System.IO.File]::Exists($file) | Should -BeTrue
        # This run made the folder, so it takes it away.
        Unlock-GpmDirectory -Lock $lock
        [System.IO.Directory]::GetFileSystemEntries($directory) | Should -BeNullOrEmpty
    }

    It 'is not had where <what> leads nowhere, and nobody waits for that' -ForEach @(
        @{ what = '.gpvault' }, @{ what = '.gpvault/lock' }
    ) {
        $link = "$directory/$what"
        $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($link))
        $null = [System.IO.File]::CreateSymbolicLink($link, "$directory/nowhere/at all")
        { Lock-GpmDirectory -Path $directory -Timeout 600 -RunId 'r1' } | Should -Throw
    }

    It 'says which GPO is in hand, and nothing of one before' {
        $lock = Lock-GpmDirectory -Path $directory -Timeout 0 -RunId 'r1'
        foreach ($name in ('long name ' * 100), 'a "[$x]` é 🔑') {
            $lock.holder.gpo = @{ id = '{1}'; name = $name }
            Write-GpmLockHolder -Lock $lock
            (Read-GpmLockHolder -Stream $lock.stream).gpo.name | Should -BeExactly $name
        }
        Unlock-GpmDirectory -Lock $lock
    }

    It 'tells what a process that did not set it free had written' {
        $lock = Lock-GpmDirectory -Path $directory -Timeout 0 -RunId 'r1'
        $lock.holder.gpo = @{ id = '{1}'; name = 'x' }
        Write-GpmLockHolder -Lock $lock
        $lock.stream.Dispose()
        $lock = Lock-GpmDirectory -Path $directory -Timeout 0 -RunId 'r2'
        $lock.previous.run_id | Should -Be 'r1'
        $lock.previous.gpo.id | Should -Be '{1}'
        $lock.holder.run_id | Should -Be 'r2'
        Unlock-GpmDirectory -Lock $lock
        (Lock-GpmDirectory -Path $directory -Timeout 0 -RunId 'r3').previous | Should -BeNullOrEmpty
    }

    It 'is had whatever stands in the file' {
        $null = [System.IO.Directory]::CreateDirectory("$directory/.gpvault")
        [System.IO.File]::WriteAllText($file, 'junk ' * 100000)
        $lock = Lock-GpmDirectory -Path $directory -Timeout 0 -RunId 'r1'
        $lock.previous | Should -BeNullOrEmpty
        (Read-GpmLockHolder -Stream $lock.stream).run_id | Should -Be 'r1'
        Unlock-GpmDirectory -Lock $lock
    }

    It 'is not had where a folder has its name' {
        $null = [System.IO.Directory]::CreateDirectory($file)
        { Lock-GpmDirectory -Path $directory -Timeout 0 -RunId 'r1' } | Should -Throw '*is a folder*'
    }

    Context 'its holder' {
        It 'is not told by <shown>' -ForEach (
            Get-TextCase '', ' ', 'junk', 'null', '[]', '[{}]', '"text"', '42', '{', '{"run_id": ', '<x/>', "`0`0`0"
        ) {
            Read-Holder (Get-Bytes $text) | Should -BeNullOrEmpty
        }

        It 'is not told by bytes that are no UTF-8' {
            Read-Holder ([Byte[]](0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d)) | Should -BeNullOrEmpty
        }

        It 'is not told by a file that is longer than any of ours' {
            Read-Holder (Get-Bytes ('{"a": "' + 'x' * 70000 + '"}')) | Should -BeNullOrEmpty
        }

        It 'is told by what a file has' {
            (Read-Holder (Get-Bytes '{"run_id": "r", "more": 1}')).run_id | Should -Be 'r'
        }
    }
}
