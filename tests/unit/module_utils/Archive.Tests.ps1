# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Backups in an archive: what is packed, and what an archive may bring. Here a backslash is a character of a file's name
# like any other, so files lie flat; tests/unit/plugin_utils/test_vault.py has the same for the controller. Left to the
# lab: folders in a backup, links, and what the file system refuses.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
    $hostileNames = @(
        '..\x', 'a\..\..\x', '\x', '\\server\share\x', 'C:\x', 'C:x', 'a\\b', 'a/b', '/etc/passwd', '', '.', 'a\.', 'a\b.',
        'a\b ', 'x:stream', "a`nb", 'CON', 'a\nul.txt', 'COM1.x', "com`u{b9}", 'LPT9 .y', 'a?', 'a*', 'conin$', ('a' * 256))
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    $id = '{00000000-0000-0000-0000-000000000001}'

    function New-Folder {
        [System.IO.Directory]::CreateDirectory("$TestDrive/" + [Guid]::NewGuid().ToString('n')).FullName
    }

    function New-Source {
        # A backup and its entry: the folder, its files as the catalog records them, and the entry's file.
        $folder = New-Folder
        [System.IO.File]::WriteAllText("$folder/Backup.xml", '<GroupPolicyBackupScheme/>')
        [System.IO.File]::WriteAllText("$folder/empty", '')
        $entry = "$(New-Folder)/entry.json"
        [System.IO.File]::WriteAllText($entry, '{"schema":1}')
        @{ folder = $folder; files = $tree::Hash($folder); entry = $entry }
    }

    function New-Archive ($Source) {
        $path = "$(New-Folder)/a.zip"
        $writer = $type::Create($path)
        $problem = $writer.Add($id, $Source.folder, $Source.files, $Source.entry)
        $writer.Dispose()
        @{ path = $path; problem = $problem }
    }

    function Open-Archive ($Path) {
        $type::Open($Path, $type::Digest($Path))
    }
}

Describe 'BackupArchive in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
        $tree = "$Namespace._FileTree.FileTree" -as [Type]
        $type = "$Namespace._BackupArchive.BackupArchive" -as [Type]
    }

    It 'brings what was packed' {
        $source = New-Source
        $packed = New-Archive $source
        $packed.problem | Should -BeNullOrEmpty
        $type::Size([Object[]]$source.files) | Should -Be 26
        $target = New-Folder
        $reader = Open-Archive $packed.path
        $reader.ExtractEntry($id, "$target/entry.json")
        $reader.Extract($id, "$target/new", $source.files)
        $reader.Dispose()
        [System.IO.File]::ReadAllText("$target/entry.json") | Should -BeExactly '{"schema":1}'
        ($tree::Hash("$target/new") | ConvertTo-Json) | Should -BeExactly ($source.files | ConvertTo-Json)
    }

    It 'brings what changed with a backup, where that is known' {
        $source = New-Source
        $path = "$(New-Folder)/a.zip"
        $record = "$(New-Folder)/x.changes.json"
        [System.IO.File]::WriteAllText($record, '{"ß":1}')
        $writer = $type::Create($path)
        $null = $writer.Add($id, $source.folder, $source.files, $source.entry)
        $writer.AddChanges($id, $record)
        $writer.AddChanges('{2}', "$record.not")
        $null = [System.IO.Directory]::CreateDirectory("$record.folder")
        $writer.AddChanges('{3}', "$record.folder")
        $writer.Dispose()
        $target = New-Folder
        $reader = Open-Archive $path
        $reader.ExtractChanges($id, "$target/x") | Should -BeTrue
        $reader.ExtractChanges('{2}', "$target/y") | Should -BeFalse
        $reader.ExtractChanges('{3}', "$target/y") | Should -BeFalse
        $reader.Dispose()
        [System.IO.File]::ReadAllText("$target/x") | Should -BeExactly '{"ß":1}'
    }

    It 'has members without a path in their names' {
        $source = New-Source
        $zip = [System.IO.Compression.ZipFile]::OpenRead((New-Archive $source).path)
        ($zip.Entries.FullName -join ' ') | Should -BeExactly "$id/entry $id/0 $id/1"
        $zip.Dispose()
    }

    It 'says what is not as the catalog recorded it, and leaves the archive fit for others' {
        $source = New-Source
        foreach ($case in @(
                @{ text = '<GroupPolicyBackupSchema/>'; problem = '*Backup.xml have changed.' }
                @{ text = 'short'; problem = '*Backup.xml has 5 bytes instead of 26.' }
                @{ text = 'x' * 100000; problem = '*bytes or more instead of 26.' })) {
            [System.IO.File]::WriteAllText("$($source.folder)/Backup.xml", $case.text)
            $packed = New-Archive $source
            $packed.problem | Should -BeLike $case.problem
            (Open-Archive $packed.path).Dispose()
        }
        [System.IO.File]::Delete("$($source.folder)/Backup.xml")
        (New-Archive $source).problem | Should -BeExactly 'The file Backup.xml is missing.'
        [System.IO.Directory]::Delete($source.folder, $true)
        (New-Archive $source).problem | Should -Not -BeNullOrEmpty
    }

    It 'never opens what the catalog records, but looks it up' {
        $source = New-Source
        [System.IO.File]::WriteAllText("$($source.folder)/../secret", 'x')
        $source.files = @(@{ path = '../secret'; size = 1; sha256 = $type::Digest("$($source.folder)/../secret") })
        (New-Archive $source).problem | Should -BeExactly 'The file ../secret is missing.'
    }

    It 'throws when the archive cannot be written' {
        { $type::Create('/dev/full/x') } | Should -Throw
        $writer = $type::Create("$(New-Folder)/a.zip")
        $writer.Dispose()
        $source = New-Source
        { $writer.Add($id, $source.folder, $source.files, $source.entry) } | Should -Throw
    }

    It 'refuses an archive that was damaged on its way' {
        $path = (New-Archive (New-Source)).path
        $digest = $type::Digest($path)
        [System.IO.File]::AppendAllText($path, 'x')
        { $type::Open($path, $digest) } | Should -Throw '*damaged on its way*'
        { Open-Archive "$PSScriptRoot/Payload.ps1" } | Should -Throw
    }

    It 'refuses what is not the recorded file, and what was not sent' {
        $source = New-Source
        $packed = New-Archive $source
        $reader = Open-Archive $packed.path
        try {
            foreach ($change in @{ sha256 = '0' * 64 }, @{ size = 25 }, @{ size = 27 }, @{ size = 0 }) {
                $wrong = @(@{ path = 'Backup.xml'; size = 26; sha256 = $source.files[0].sha256 }, $source.files[1])
                foreach ($key in $change.Keys) {
                    $wrong[0][$key] = $change[$key]
                }
                { $reader.Extract($id, "$(New-Folder)/new", $wrong) } | Should -Throw
            }
            $more = $source.files + @{ path = 'more'; size = 0; sha256 = $source.files[1].sha256 }
            { $reader.Extract($id, "$(New-Folder)/new", $more) } | Should -Throw '*did not send all*'
            { $reader.ExtractEntry('{other}', "$(New-Folder)/entry.json") } | Should -Throw '*did not send all*'
        }
        finally {
            $reader.Dispose()
        }
    }

    It 'refuses the name <_>' -ForEach @(Get-TextCase -Texts $hostileNames) {
        $source = New-Source
        $reader = Open-Archive (New-Archive $source).path
        $target = New-Folder
        $source.files[0].path = $_.text
        { $reader.Extract($id, "$target/new", $source.files) } | Should -Throw '*outside of the backup*'
        $reader.Dispose()
        [System.IO.Directory]::Exists("$target/new") | Should -BeFalse
    }

    It 'refuses <one> beside <other>' -ForEach @(
        @{ one = 'a'; other = 'A' }, @{ one = 'a\b'; other = 'A\B' }, @{ one = 'a'; other = 'a\b' }
        @{ one = 'A\b'; other = 'a' }, @{ one = "`u{e4}"; other = "`u{c4}" }
    ) {
        $source = New-Source
        $reader = Open-Archive (New-Archive $source).path
        $source.files[0].path = $one
        $source.files[1].path = $other
        { $reader.Extract($id, "$(New-Folder)/new", $source.files) } | Should -Throw '*The catalog lists*'
        $reader.Dispose()
    }

    It 'takes names that only a language calls the same' {
        $source = New-Source
        $reader = Open-Archive (New-Archive $source).path
        $source.files[0].path = "stra`u{df}e"
        $source.files[1].path = 'strasse'
        $target = New-Folder
        $reader.Extract($id, "$target/new", $source.files)
        $reader.Dispose()
        [System.IO.Directory]::GetFiles("$target/new").Count | Should -Be 2
    }

    It 'settles a backup, then its entry, and nothing twice' {
        $root = New-Folder
        $null = [System.IO.Directory]::CreateDirectory("$root/staged")
        [System.IO.File]::WriteAllText("$root/entry", 'a')
        $type::IsSame("$root/entry", "$root/catalog/final") | Should -BeTrue
        $type::Settle("$root/staged", "$root/backup", "$root/entry", "$root/catalog/final")
        [System.IO.Directory]::Exists("$root/backup") | Should -BeTrue
        [System.IO.File]::WriteAllText("$root/entry", 'a')
        $type::IsSame("$root/entry", "$root/catalog/final") | Should -BeTrue
        $type::Settle($null, "$root/backup", "$root/entry", "$root/catalog/final")
        [System.IO.File]::WriteAllText("$root/entry", 'b')
        $type::IsSame("$root/entry", "$root/catalog/final") | Should -BeFalse
        $null = [System.IO.Directory]::CreateDirectory("$root/staged")
        { $type::Settle("$root/staged", "$root/backup", "$root/entry", "$root/catalog/other") } | Should -Throw
        [System.IO.File]::Exists("$root/catalog/other") | Should -BeFalse
    }

    It 'begins with an empty folder' {
        $root = New-Folder
        $type::MakeEmpty("$root/in")
        [System.IO.File]::WriteAllText("$root/in/left", 'x')
        $type::MakeEmpty("$root/in")
        [System.IO.Directory]::GetFileSystemEntries("$root/in").Count | Should -Be 0
        $type::Clear("$root/in")
        $type::Clear("$root/in")
        [System.IO.Directory]::Exists("$root/in") | Should -BeFalse
    }
}
