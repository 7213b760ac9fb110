# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# The door to files. Here no path is of Windows, so none gets the prefix but those that are given as texts. Left to the
# lab: what the prefix is good for, normalisation, sharing violations, and putting a file in another one's place.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"
}

Describe 'HostFile in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
        $door = "$Namespace._HostFile.HostFile" -as [Type]
        $root = [System.IO.Directory]::CreateDirectory("$TestDrive/" + [Guid]::NewGuid().ToString('n')).FullName
        $deep = $root + ('/' + 'd' * 100) * 5
    }

    It 'writes <path> as <expected>' -ForEach @(
        @{ path = 'D:\GPO\a'; expected = '\\?\D:\GPO\a' }
        @{ path = 'i:\'; expected = '\\?\i:' }
        @{ path = 'D:\GPO\'; expected = '\\?\D:\GPO' }
        @{ path = '\\server\share\a'; expected = '\\?\UNC\server\share\a' }
        @{ path = '\\server\share\'; expected = '\\?\UNC\server\share' }
        @{ path = '\\?\D:\GPO'; expected = '\\?\D:\GPO' }
        @{ path = '\\?\UNC\server\share'; expected = '\\?\UNC\server\share' }
        @{ path = '\\.\pipe\a'; expected = '\\.\pipe\a' }
        @{ path = '/srv/gpo/'; expected = '/srv/gpo/' }
        @{ path = 'D:a'; expected = 'D:a' }
        @{ path = ''; expected = '' }
    ) {
        $door::Prefixed($path) | Should -BeExactly $expected
    }

    It 'leaves a short path, one that is extended and one that is not of Windows' {
        foreach ($path in 'D:\GPO\..\a/b', ('D:\' + 'x' * 244), ('\\?\D:\' + 'x' * 300), ('/' + 'x' * 300)) {
            $door::Extended($path) | Should -BeExactly $path
        }
    }

    It 'tells paths as people write them' {
        $door::Plain("No '\\?\D:\a' and no '\\?\UNC\server\share\b'.") |
            Should -BeExactly "No 'D:\a' and no '\\server\share\b'."
        $door::Plain('None.') | Should -BeExactly 'None.'
    }

    It 'makes, lists, moves and deletes far down' {
        $door::CreateFolder($deep)
        $door::CreateFolder($deep)
        $door::Write("$deep/a", [Byte[]](1, 2))
        $door::Copy("$deep/a", "$deep/b")
        { $door::Copy("$deep/a", "$deep/b") } | Should -Throw
        { $door::Move("$deep/a", "$deep/b") } | Should -Throw
        $door::Move("$deep/b", "$deep/c")
        $door::Create("$deep/e").Dispose()
        $door::Files($deep) | Sort-Object | Should -BeExactly "$deep/a", "$deep/c", "$deep/e"
        $door::Folders([System.IO.Path]::GetDirectoryName($deep)) | Should -BeExactly $deep
        $door::Read("$deep/c") | Should -Be 1, 2
        $door::Length("$deep/e") | Should -Be 0
        $door::Exists("$deep/c") -and -not $door::Exists($deep) | Should -BeTrue
        $door::FolderExists($deep) -and -not $door::FolderExists("$deep/c") | Should -BeTrue
        { $door::DeleteFolder($deep) } | Should -Throw
        foreach ($name in 'a', 'c', 'e', 'none') {
            $door::Delete("$deep/$name")
        }
        $door::DeleteFolder($deep)
        $door::FolderExists($deep) | Should -BeFalse
    }

    It 'has no length of what is no file' {
        $door::Length($root) | Should -Be -1
        $door::Length("$root/none") | Should -Be -1
    }

    It 'knows links' {
        $null = [System.IO.Directory]::CreateDirectory("$root/folder")
        $null = [System.IO.Directory]::CreateSymbolicLink("$root/link", "$root/folder")
        $door::IsLink("$root/link") | Should -BeTrue
        $door::IsLink("$root/folder") | Should -BeFalse
        { $door::IsLink("$root/none") } | Should -Throw
    }

    It 'reads a text in the encoding that its mark tells' {
        $latin1 = [System.Text.Encoding]::GetEncoding(28591)
        [System.IO.File]::WriteAllText("$root/utf-16", 'ä', [System.Text.Encoding]::Unicode)
        [System.IO.File]::WriteAllBytes("$root/plain", [Byte[]](0xe4))
        $door::ReadText("$root/utf-16", $latin1) | Should -BeExactly 'ä'
        $door::ReadText("$root/plain", $latin1) | Should -BeExactly 'ä'
    }
}
