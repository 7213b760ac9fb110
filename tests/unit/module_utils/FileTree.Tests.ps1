# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Lists and hashes of files. Here paths have slashes, and a backslash is a character of a file's name like any other;
# where records have backslashes, the files of these tests lie flat and have them in their names. Left to the lab: names
# that do not tell upper from lower case, links to files (their kind is asked of Windows), and paths with a drive.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"

    $hostileNames = @(
        'plain.txt', 'a b', '[x]', 'tick`', '$(x)', "quo'te", 'dou"ble', 'per%cent', 'semi;colon', "line`nbreak", '~',
        '-rf', '..x', 'Machine\Registry.pol', "caf`u{e9}", "cafe`u{301}", "zero`u{200b}width", "`u{202e}txt.exe",
        '🔑', 'ıİ', ('x' * 255))
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    function New-Tree ($Files) {
        $root = [System.IO.Directory]::CreateDirectory("$TestDrive/" + [Guid]::NewGuid().ToString('n')).FullName
        foreach ($name in $Files.Keys) {
            $file = [System.IO.Path]::Combine($root, $name)
            $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($file))
            [System.IO.File]::WriteAllText($file, $Files[$name])
        }
        $root
    }

    function New-Link ($Path, $Target) {
        $null = [System.IO.Directory]::CreateSymbolicLink($Path, $Target)
    }
}

Describe 'FileTree in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
        $tree = "$Namespace._FileTree.FileTree" -as [Type]
    }

    It 'hashes contents' {
        $files = $tree::Hash((New-Tree @{ 'a' = 'abc'; 'sub/empty' = '' }))
        $files.path | Should -Be 'a', 'sub/empty'
        $files.size | Should -Be 3, 0
        $files[0].sha256 | Should -BeExactly 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
        $files[1].sha256 | Should -BeExactly 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    }

    It 'lists sizes and times in UTC, whatever the culture''s calendar' {
        $root = New-Tree @{ 'a' = 'abc' }
        [System.IO.File]::SetLastWriteTimeUtc("$root/a", [DateTime]::new(2026, 7, 1, 12, 30, 0).AddTicks(1234567))
        foreach ($files in $tree::List($root), $tree::BeginList($root).GetAwaiter().GetResult()) {
            $files.size | Should -Be 3
            $files.modified | Should -BeExactly '2026-07-01T12:30:00.1234567Z'
        }
    }

    It 'has no files in an empty folder, and throws when there is none' {
        $root = New-Tree @{}
        $null = [System.IO.Directory]::CreateDirectory("$root/empty")
        $tree::List($root).Count | Should -Be 0
        { $tree::List("$root/none") } | Should -Throw
        { $tree::Check("$root/none", @()) } | Should -Throw
    }

    It 'sorts by capitals'' code points' {
        $names = 'ı', 'Z', 'é', 'b', 'i', "e`u{301}", 'A', '_', 'ß', 'ss'
        $files = $tree::List((New-Tree ($names | ForEach-Object { $all = @{} } { $all[$_] = '' } { $all })))
        ($files.path -join ' ') | Should -BeExactly "A b e`u{301} i ss Z _ é ß ı"
    }

    It 'finds the file <shown>' -ForEach (Get-TextCase $hostileNames) {
        $root = New-Tree @{ $text = 'content' }
        $files = $tree::Hash($root)
        $files.Count | Should -Be 1
        [String]::Equals($files[0].path, $text, 'Ordinal') | Should -BeTrue
        $tree::Check($root, $files).Count | Should -Be 0
        $tree::Verify($root, $files, $true).problems.Count | Should -Be 0
    }

    It 'takes names that only a language calls equal for different files' {
        $root = New-Tree @{ "caf`u{e9}" = 'one'; "cafe`u{301}" = 'two'; "caf`u{e9}`u{200b}" = 'three' }
        $files = $tree::Hash($root)
        $files.Count | Should -Be 3
        ($files.sha256 | Select-Object -Unique).Count | Should -Be 3
    }

    It 'finds hidden files and those far down' {
        $deep = (, ('d' * 100) * 5) -join '/'
        $files = $tree::List((New-Tree @{ '.hidden' = ''; "$deep/file" = 'x' }))
        $files.path | Should -Be '.hidden', "$deep/file"
    }

    It 'follows no link to a folder' {
        $outside = New-Tree @{ 'secret' = 'x' }
        $root = New-Tree @{ 'sub/file' = '' }
        New-Link "$root/out" $outside
        New-Link "$root/sub/round" $root
        $tree::List($root).path | Should -Be 'sub/file'
        $tree::HasLink($root) | Should -BeTrue
        $tree::HasLink($outside) | Should -BeFalse
        $problems = $tree::Verify($root, @(), $false).problems
        $problems | Should -Be 'out is a link, which is not followed.', 'sub/round is a link, which is not followed.'
    }

    Context 'Check' {
        It 'tells what is missing or has another size' {
            $root = New-Tree @{ 'a' = 'abc'; 'b' = 'abc' }
            $recorded = $tree::Hash($root) + @{ path = 'c'; size = 1 }
            [System.IO.File]::WriteAllText("$root/b", 'abcd')
            $wrong = $tree::Check($root, $recorded)
            $wrong.path | Should -Be 'b', 'c'
            $wrong.size | Should -Be 3, 1
            $wrong[0].found | Should -Be 4
            $wrong[1].found | Should -BeNullOrEmpty
        }

        It 'does not mind what else is there' {
            $root = New-Tree @{ 'a' = ''; 'more' = '' }
            $tree::Check($root, @(@{ path = 'a'; size = 0 })).Count | Should -Be 0
        }

        It 'never looks outside: <_>' -ForEach '../a', '/etc/passwd', '..', '', '.', 'sub/../a', 'a/' {
            $root = New-Tree @{ 'a' = ''; 'sub/b' = '' }
            $wrong = $tree::Check("$root/sub", @(@{ path = $_; size = 0 }))
            $wrong.path | Should -Be $_
            $wrong.found | Should -BeNullOrEmpty
        }
    }

    Context 'Verify' {
        It 'compares contents when it is to' {
            $root = New-Tree @{ 'a' = 'abc' }
            $recorded = $tree::Hash($root)
            [System.IO.File]::WriteAllText("$root/a", 'abd')
            $tree::Verify($root, $recorded, $false).problems.Count | Should -Be 0
            $tree::Verify($root, $recorded, $true).problems | Should -Be 'The contents of the file a have changed.'
        }

        It 'says what is missing, and how much is there' {
            $root = New-Tree @{ 'a' = 'abc'; 'b' = 'x' }
            $found = $tree::Verify($root, @(@{ path = 'a'; size = 4 }, @{ path = 'c'; size = 1 }), $true)
            $found.files | Should -Be 2
            $found.size | Should -Be 4
            $found.problems | Should -Be 'The file a has 3 bytes instead of 4.', 'The file c is missing.'
        }

        It 'names twenty, and says how many more there are; long paths are cut' {
            $recorded = @(1..25 | ForEach-Object { @{ path = "$_" + 'x' * 300; size = 1 } })
            $problems = $tree::Verify((New-Tree @{}), $recorded, $false).problems
            $problems.Count | Should -Be 21
            $problems[0].Length | Should -BeLessThan 240
            $problems[20] | Should -Be 'There are 5 more problems.'
        }
    }

    Context 'VerifyLocations' {
        It 'finds <_>' -ForEach 'Backup.xml', 'Machine\Registry.pol', 'Machine/Registry.pol' {
            # A flat file whose name has the backslash that a path has on Windows.
            $root = New-Tree @{ 'Backup.xml' = ''; 'Machine\Registry.pol' = '' }
            $tree::VerifyLocations($root, @($_)).problems.Count | Should -Be 0
        }

        It 'says that <_> is missing' -ForEach 'none', '..x\y', '' {
            $tree::VerifyLocations((New-Tree @{ 'a' = '' }), @($_)).problems |
                Should -Be "The file $_ that Backup.xml names is missing."
        }

        It 'refuses <_>' -ForEach '..\a', 'x\..\..\a', '\a', '/a', '\\server\share\a', 'C:\a', 'C:a', 'a:stream' {
            $tree::VerifyLocations((New-Tree @{ 'a' = '' }), @($_)).problems |
                Should -Be "Backup.xml names a file outside of the backup: $_."
        }
    }

    Context 'Delete' {
        It 'deletes a folder with all that GPMC leaves in it' {
            $deep = (, ('d' * 100) * 5) -join '/'
            $root = New-Tree @{ 'a' = ''; 'sub/.hidden' = ''; "sub/$deep/b" = ''; 'sub2/c' = '' }
            $null = [System.IO.Directory]::CreateDirectory("$root/sub/$deep/empty")
            [System.IO.File]::SetAttributes("$root/a", 'ReadOnly')
            $tree::Delete($root)
            [System.IO.Directory]::Exists($root) | Should -BeFalse
        }

        It 'deletes nothing where a link is' {
            $outside = New-Tree @{ 'keep' = '' }
            $root = New-Tree @{ 'a' = '' }
            New-Link "$root/out" $outside
            { $tree::Delete($root) } | Should -Throw '*link*'
            { $tree::Delete("$root/out") } | Should -Throw '*link*'
            [System.IO.File]::Exists("$root/a") | Should -BeTrue
            [System.IO.File]::Exists("$outside/keep") | Should -BeTrue
        }
    }
}
