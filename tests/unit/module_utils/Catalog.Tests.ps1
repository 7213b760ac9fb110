# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# The catalog: what it reads, what it refuses, and which entry is the newest. Its folders are as on Windows, but for
# this system's separator.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"

    # Each member of an entry that has to be there, and a value that it cannot have. A star is the first item of a list.
    $integer, $text = @{ wrong = 'x' }, @{ wrong = [Int64]1 }
    $members = @(
        @{ path = 'schema' } + $integer
        @{ path = 'sequence' } + $integer
        @{ path = 'purpose' } + $text
        foreach ($path in 'gpo', 'backup', 'fingerprint', 'fingerprint.versions', 'fingerprint.versions.computer',
            'fingerprint.versions.user', 'wmi_filter', 'fingerprint.wmi_filter') {
            @{ path = $path; wrong = @('x') }
        }
        foreach ($path in 'gpo.id', 'gpo.domain', 'backup.id', 'backup.timestamp', 'backup.comment', 'files.*.path',
            'files.*.sha256', 'links.*.target', 'links.*.type', 'links.*.neighbours.*', 'wmi_filter.id',
            'wmi_filter.name', 'wmi_filter.description', 'wmi_filter.queries.*', 'fingerprint.name',
            'fingerprint.description', 'fingerprint.status', 'fingerprint.wmi_filter.id',
            'fingerprint.permissions.*.trustee', 'fingerprint.permissions.*.object_type',
            'fingerprint.permissions.*.inherited_object_type', 'fingerprint.files.*.path',
            'fingerprint.files.*.modified') {
            @{ path = $path } + $text
        }
        foreach ($path in 'files.*.size', 'links.*.order', 'fingerprint.permissions.*.type',
            'fingerprint.permissions.*.flags', 'fingerprint.permissions.*.mask',
            'fingerprint.permissions.*.object_flags', 'fingerprint.files.*.size',
            'fingerprint.versions.computer.directory', 'fingerprint.versions.computer.sysvol',
            'fingerprint.versions.user.directory', 'fingerprint.versions.user.sysvol') {
            @{ path = $path } + $integer
        }
        foreach ($path in 'links.*.enabled', 'links.*.enforced') {
            @{ path = $path; wrong = 'true' }
        }
        foreach ($path in 'files', 'links', 'links.*.neighbours', 'wmi_filter.queries', 'fingerprint.permissions',
            'fingerprint.files') {
            @{ path = $path; wrong = @{} }
        }
    )
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    $domain = 'CORP.FINANCE.EXAMPLE'
    $gpoId = '{31B2F340-016D-11D2-945F-00C04FB984F9}'

    # Those of its members that may be null.
    $nullable = 'backup.timestamp', 'backup.comment', 'links', 'wmi_filter', 'wmi_filter.name',
        'wmi_filter.description', 'fingerprint.name', 'fingerprint.description', 'fingerprint.status',
        'fingerprint.versions.computer.directory', 'fingerprint.versions.computer.sysvol',
        'fingerprint.versions.user.directory', 'fingerprint.versions.user.sysvol', 'fingerprint.wmi_filter',
        'fingerprint.wmi_filter.id', 'fingerprint.permissions', 'fingerprint.files'

    function New-Directory {
        [System.IO.Directory]::CreateDirectory("$TestDrive/" + [Guid]::NewGuid().ToString('n')).FullName
    }

    function Get-BackupId ($Number) {
        '{{AAAAAAAA-0000-0000-0000-{0:d12}}}' -f $Number
    }

    function New-Entry ($Number, $Purpose = 'backup') {
        [ordered]@{
            run_id = 'r1'
            purpose = $Purpose
            gpo = @{ id = $gpoId; name = 'A "hostile" name'; domain = $domain }
            backup = @{ id = Get-BackupId $Number; timestamp = '2026-07-01T12:30:00Z'; comment = '' }
            links = @(@{
                    target = 'DC=corp'
                    type = 'domain'
                    enabled = $true
                    enforced = $false
                    order = 1
                    neighbours = @($gpoId)
                })
            wmi_filter = @{ id = '{F}'; name = 'f'; description = ''; queries = @('q') }
            fingerprint = [ordered]@{
                name = 'A "hostile" name'
                description = ''
                status = 'all_settings_enabled'
                versions = @{ computer = @{ directory = 1; sysvol = 1 }; user = @{ directory = 0; sysvol = 0 } }
                wmi_filter = @{ id = '{F}' }
                permissions = @(@{
                        trustee = 'SYSTEM'
                        type = 0
                        flags = 0
                        mask = 1
                        object_flags = 0
                        object_type = ''
                        inherited_object_type = ''
                    })
                files = @(@{ path = 'GPT.INI'; size = 1; modified = '2026-07-01T12:30:00.0000000Z' })
            }
        }
    }

    function Add-Entry ($Directory, $Number, $Purpose = 'backup') {
        $folder = [System.IO.Directory]::CreateDirectory("$Directory/$(Get-BackupId $Number)").FullName
        [System.IO.File]::WriteAllText("$folder/Backup.xml", "<x>$Number</x>")
        $null = (Start-GpmCatalogEntry -Path $Directory -Entry (New-Entry $Number $Purpose)).GetAwaiter().GetResult()
    }

    function Get-Files ($Directory) {
        Get-GpmCatalogFile -Folder (Get-GpmCatalogFolder -Path $Directory -Domain $domain -Id $gpoId)
    }

    function Read-Entry ($File) {
        Read-GpmCatalogEntry -File $File -Domain $domain -Id $gpoId
    }

    function Get-Newest ($Directory, $Problems = [System.Collections.Generic.List[Object]]::new()) {
        Get-GpmCatalogNewest -Path $Directory -Domain $domain -Id $gpoId -Problems $Problems
    }

    # Writes the entry of a file anew, after something was done to a member: $Change gets what holds it, and its name.
    function Edit-Entry ($File, $Path, [ScriptBlock] $Change) {
        $json = "$Namespace._Json.Json" -as [Type]
        $holder = $entry = $json::ReadFile($File.path)
        $steps = @(foreach ($step in $Path.Split([Char]'.')) { if ($step -eq '*') { 0 } else { $step } })
        for ($index = 0; $index -lt $steps.Count - 1; $index++) {
            $holder = $holder[$steps[$index]]
        }
        & $Change $holder $steps[-1]
        [System.IO.File]::WriteAllBytes($File.path, $json::Write($entry))
    }
}

Describe 'The catalog in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    BeforeEach {
        $directory = New-Directory
    }

    Context 'an entry' {
        BeforeAll {
            $recorded = New-Directory
            Add-Entry $recorded 1
            $bytes = [System.IO.File]::ReadAllBytes((Get-Files $recorded).path)
        }

        BeforeEach {
            # Each test begins with the entry as it was recorded.
            $directory = $recorded
            [System.IO.File]::WriteAllBytes((Get-Files $recorded).path, $bytes)
        }

        It 'comes back as it was recorded' {
            $entry = Read-Entry (Get-Files $directory)
            $json = "$Namespace._Json.Json" -as [Type]
            foreach ($name in 'run_id', 'purpose', 'gpo', 'backup', 'links', 'wmi_filter', 'fingerprint') {
                $json::Same($entry[$name], (New-Entry 1)[$name]) | Should -BeTrue -Because $name
            }
            $entry.schema | Should -Be 1
            $entry.sequence | Should -Be 1
            $entry.files.path | Should -Be 'Backup.xml'
            $entry.files.size | Should -Be 8
            $entry.files.sha256 | Should -Match '^[0-9a-f]{64}$'
        }

        It 'lies where the domain''s name is in small letters and the GPO''s ID in capitals' {
            Get-GpmCatalogFolder -Path '/d' -Domain 'CORP.FINANCE.EXAMPLE' -Id '{aif}' |
                Should -BeExactly '/d/.gpvault/corp.finance.example/{AIF}'
        }

        It 'needs <path>' -ForEach $members {
            $file = Get-Files $directory
            $lacks = "It lacks '$($path.Replace('.*', '[[]0]'))', or has something else there."
            if ($path -eq 'schema') {
                $lacks = 'It is not an entry of this catalog.'
            }
            Edit-Entry $file $path { param ($Holder, $Name) $Holder[$Name] = $wrong }
            { Read-Entry $file } | Should -Throw $lacks
            if (-not $path.EndsWith('*')) {
                Edit-Entry $file $path { param ($Holder, $Name) $Holder.Remove($Name) }
                { Read-Entry $file } | Should -Throw $lacks
            }
            Edit-Entry $file $path { param ($Holder, $Name) $Holder[$Name] = $null }
            if ($path -in $nullable) {
                Read-Entry $file | Should -Not -BeNullOrEmpty
            }
            else {
                { Read-Entry $file } | Should -Throw $lacks
            }
        }

        It 'may have permissions without SIDs, as the first ones had, but none of another kind' {
            $file = Get-Files $directory
            foreach ($sid in $null, 'S-1-5-18') {
                Edit-Entry $file 'fingerprint.permissions.*.sid' { param ($Holder, $Name) $Holder[$Name] = $sid }
                (Read-Entry $file).fingerprint.permissions[0]['sid'] | Should -Be $sid
            }
            Edit-Entry $file 'fingerprint.permissions.*.sid' { param ($Holder, $Name) $Holder[$Name] = @{} }
            { Read-Entry $file } | Should -Throw "It lacks 'fingerprint.permissions[[]0].sid', *"
        }

        It 'may say from where its links were read, as the first ones did not' {
            $file = Get-Files $directory
            foreach ($targets in $null, '', 'qrvM3e7/ AAECAwQF') {
                Edit-Entry $file 'link_targets' { param ($Holder, $Name) $Holder[$Name] = $targets }
                (Read-Entry $file)['link_targets'] | Should -BeExactly $targets
            }
            Edit-Entry $file 'link_targets' { param ($Holder, $Name) $Holder[$Name] = @() }
            { Read-Entry $file } | Should -Throw "It lacks 'link_targets', *"
        }

        It 'is refused without any file' {
            $file = Get-Files $directory
            Edit-Entry $file 'files' { param ($Holder, $Name) $Holder[$Name] = @() }
            { Read-Entry $file } | Should -Throw "It lacks 'files'."
        }

        It 'is refused when another release, or nobody of ours, wrote it: schema <schema>' -ForEach @(
            @{ schema = 2 }
            @{ schema = 0 }
            @{ schema = -1 }
        ) {
            $file = Get-Files $directory
            Edit-Entry $file 'schema' { param ($Holder, $Name) $Holder[$Name] = $schema }
            { Read-Entry $file } | Should -Throw "Its schema is $schema;*"
        }

        It 'is refused when it belongs elsewhere by <path>' -ForEach @(
            @{ path = 'gpo.id'; value = '{31B2F340-016D-11D2-945F-00C04FB984F8}' }
            @{ path = 'gpo.domain'; value = 'other.example' }
            @{ path = 'gpo.domain'; value = 'corp.fınance.example' }
            @{ path = 'gpo.domain'; value = "corp.finance.exam`u{200b}ple" }
            @{ path = 'backup.id'; value = '{AAAAAAAA-0000-0000-0000-000000000002}' }
            @{ path = 'sequence'; value = 2 }
        ) {
            $file = Get-Files $directory
            Edit-Entry $file $path { param ($Holder, $Name) $Holder[$Name] = $value }
            { Read-Entry $file } | Should -Throw 'It belongs to another*'
        }

        It 'is that of its domain, however that is written' {
            $file = Get-Files $directory
            Read-GpmCatalogEntry -File $file -Domain 'corp.finance.example' -Id $gpoId.ToLowerInvariant() |
                Should -Not -BeNullOrEmpty
        }

        It 'is refused when it is <_>' -ForEach '', '[]', 'null', '"text"', '{', '{}', '<x/>' {
            $file = Get-Files $directory
            [System.IO.File]::WriteAllText($file.path, $_)
            { Read-Entry $file } | Should -Throw
        }
    }

    Context 'adding' {
        It 'counts up, and unusable entries count' {
            Add-Entry $directory 1
            Add-Entry $directory 2
            [System.IO.File]::WriteAllText((Get-Files $directory)[0].path, 'junk')
            Add-Entry $directory 3
            (Get-Files $directory).sequence | Should -Be 3, 2, 1
        }

        It 'counts in one history, another one in each directory, whatever becomes of single entries' {
            Add-Entry $directory 1
            $history = (Read-Entry @(Get-Files $directory)[0]).history
            $history | Should -Match '^\{[0-9A-F-]{36}\}$'
            Add-Entry $directory 2 safety
            [System.IO.File]::WriteAllText((Get-Files $directory)[0].path, 'junk')
            Add-Entry $directory 3
            (Read-Entry @(Get-Files $directory)[0]).history | Should -BeExactly $history
            $other = New-Directory
            Add-Entry $other 1
            (Read-Entry @(Get-Files $other)[0]).history | Should -Not -Be $history
        }

        It 'begins no history where an entry that may have one cannot be read' {
            Add-Entry $directory 1
            [System.IO.File]::WriteAllText(@(Get-Files $directory)[0].path, 'junk')
            Add-Entry $directory 2
            (Read-Entry @(Get-Files $directory)[0]).history | Should -BeNullOrEmpty
        }

        It 'begins a history behind entries that have none: <_>' -ForEach 'null', '"x"', '1', '{}' {
            Add-Entry $directory 1
            $file = @(Get-Files $directory)[0].path
            $said = [System.IO.File]::ReadAllText($file)
            [System.IO.File]::WriteAllText($file, [Regex]::Replace($said, '"history": ?"[^"]*"', "`"history"": $_"))
            Add-Entry $directory 2
            Add-Entry $directory 3
            $found = @(Get-Files $directory | ForEach-Object -Process { (Read-Entry $_).history })
            $found[0] | Should -Match '^\{[0-9A-F-]{36}\}$'
            $found[1] | Should -BeExactly $found[0]
            $found[2] | Should -Not -Be $found[0]
        }

        It 'clears away what a run that was killed has left, and nothing else' {
            Add-Entry $directory 1
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            $left = "$folder/0000000002_$(Get-BackupId 9).json.tmp"
            foreach ($file in $left, "$folder/notes.tmp", "$folder/0000000002_x.json.tmp") {
                [System.IO.File]::WriteAllText($file, '')
            }
            Add-Entry $directory 2
            [System.IO.File]::Exists($left) | Should -BeFalse
            [System.IO.Directory]::GetFiles($folder).Count | Should -Be 4
        }

        It 'fails where there is no Backup.xml' {
            $null = [System.IO.Directory]::CreateDirectory("$directory/$(Get-BackupId 1)")
            { (Start-GpmCatalogEntry -Path $directory -Entry (New-Entry 1)).GetAwaiter().GetResult() } |
                Should -Throw '*Backup.xml*'
            Get-Files $directory | Should -BeNullOrEmpty
        }

        It 'fails when the numbers are used up' {
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            $null = [System.IO.Directory]::CreateDirectory($folder)
            [System.IO.File]::WriteAllText("$folder/0999999999_$(Get-BackupId 9).json", '')
            { Add-Entry $directory 1 } | Should -Throw '*used up*'
        }
    }

    Context 'the files of a GPO' {
        It 'are none where there is no folder' {
            Get-Files $directory | Should -BeNullOrEmpty
        }

        It 'are those with names of ours alone, the highest sequence first' {
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            $null = [System.IO.Directory]::CreateDirectory($folder)
            $id = Get-BackupId 1
            foreach ($name in "0000000009_$id.json", "0000000010_$($id.ToLowerInvariant()).json", "1000000000_$id.json",
                "000000011_$id.json", "00000000012_$id.json", "0000000013_$id.json.tmp", '0000000014_x.json',
                "0000000015_$id", 'import.json', "٠٠٠٠٠٠٠٠١٦_$id.json") {
                [System.IO.File]::WriteAllText("$folder/$name", '')
            }
            $files = Get-Files $directory
            $files.sequence | Should -Be 10, 9
            $files.backup_id | Should -BeExactly $id, $id
        }
    }

    Context 'the newest entry' {
        It 'is none where there is none' {
            Get-Newest $directory | Should -BeNullOrEmpty
        }

        It 'is that with the highest sequence, whatever the clocks say' {
            1..3 | ForEach-Object { Add-Entry $directory $_ }
            [System.IO.File]::SetLastWriteTimeUtc((Get-Files $directory)[0].path, '1990-01-01')
            $newest = Get-Newest $directory
            $newest.backup.id | Should -Be (Get-BackupId 3)
            $newest.written.Year | Should -Be 1990
        }

        It 'is no safety copy' {
            Add-Entry $directory 1
            Add-Entry $directory 2 safety
            (Get-Newest $directory).backup.id | Should -Be (Get-BackupId 1)
        }

        It 'is none that cannot be used, and that is told' {
            1..3 | ForEach-Object { Add-Entry $directory $_ }
            $files = Get-Files $directory
            [System.IO.File]::WriteAllText($files[0].path, '{}')
            Edit-Entry $files[1] 'schema' { param ($Holder, $Name) $Holder[$Name] = 99 }
            $problems = [System.Collections.Generic.List[Object]]::new()
            (Get-Newest $directory $problems).backup.id | Should -Be (Get-BackupId 1)
            $problems.path | Should -Be $files[0].path, $files[1].path
            $problems.message | Should -BeLike 'It*'
        }
    }

    Context 'the index' {
        It 'is empty where there is no catalog' {
            (Get-GpmCatalogIndex -Path $directory).Count | Should -Be 0
            Get-GpmCatalogId -Path $directory -Domain $domain | Should -BeNullOrEmpty
        }

        It 'has every backup by its ID' {
            Add-Entry $directory 1
            Add-Entry $directory 2
            $index = Get-GpmCatalogIndex -Path $directory
            $index.Keys | Sort-Object | Should -Be (Get-BackupId 1), (Get-BackupId 2)
            $file = $index[(Get-BackupId 2)][0]
            $file.domain + ' ' + $file.gpo_id | Should -BeExactly "corp.finance.example $gpoId"
            Read-GpmCatalogEntry -File $file -Domain $file.domain -Id $file.gpo_id | Should -Not -BeNullOrEmpty
            Get-GpmCatalogId -Path $directory -Domain $domain | Should -BeExactly $gpoId
        }

        It 'has the newer of two entries of a backup' {
            Add-Entry $directory 1
            $file = Get-Files $directory
            [System.IO.File]::Copy($file.path, $file.path.Replace('/0000000001_', '/0000000007_'))
            (Get-GpmCatalogIndex -Path $directory)[(Get-BackupId 1)].sequence | Should -Be 7
        }

        It 'has all GPOs that claim a backup' {
            Add-Entry $directory 1
            $file = (Get-Files $directory).path
            $other = $file.Replace($gpoId, '{31B2F340-016D-11D2-945F-00C04FB984F8}')
            $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($other))
            [System.IO.File]::Copy($file, $other)
            (Get-GpmCatalogIndex -Path $directory)[(Get-BackupId 1)].Count | Should -Be 2
        }

        It 'tells of a file in place of <_>' -ForEach '.gpvault', 'the domain''s folder', 'the GPO''s folder' {
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            $parent = [System.IO.Path]::GetDirectoryName($folder)
            $file = @{ '.gpvault' = "$directory/.gpvault"; 'the domain''s folder' = $parent }[$_] ?? $folder
            $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($file))
            [System.IO.File]::WriteAllText($file, '')
            foreach ($listing in 'Get-GpmCatalogIndex', 'Get-GpmCatalogId') {
                $problems = [System.Collections.Generic.List[Object]]::new()
                @(& $listing -Path $directory -Domain $domain -Problems $problems).Count | Should -BeLessThan 2
                $problems.path | Should -Be ([System.IO.Path]::GetFullPath($file))
                $problems.message | Should -BeLike 'It is a file*'
            }
            { Get-Newest $directory } | Should -Throw '* is a file, where the catalog has a folder.*'
        }

        It 'can be one domain''s' {
            Add-Entry $directory 1
            (Get-GpmCatalogIndex -Path $directory -Domain $domain).Count | Should -Be 1
            (Get-GpmCatalogIndex -Path $directory -Domain 'other.example').Count | Should -Be 0
            (Get-GpmCatalogIndex -Path $directory -Domain "corp.finance.exam`u{200b}ple").Count | Should -Be 0
        }

        It 'knows nothing of tombstones, other folders, and what lies behind links' {
            Add-Entry $directory 1
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            $parent = [System.IO.Path]::GetDirectoryName($folder)
            [System.IO.Directory]::Move($folder, "$directory/elsewhere")
            $null = [System.IO.Directory]::CreateSymbolicLink($folder, "$directory/elsewhere")
            (Get-GpmCatalogIndex -Path $directory).Count | Should -Be 0
            foreach ($other in "$parent/{31B2F340}", "$directory/.gpvault/.deleted/$gpoId") {
                $null = [System.IO.Directory]::CreateDirectory($other)
                [System.IO.File]::WriteAllText("$other/0000000001_$(Get-BackupId 1).json", '')
            }
            (Get-GpmCatalogIndex -Path $directory).Count | Should -Be 0
        }
    }

    Context 'tombstones' {
        It 'are none where there is no catalog' {
            (Get-GpmTombstone -Path $directory).Count | Should -Be 0
        }

        It 'are made of an entry, which is no more, and say whose the backup was' {
            Add-Entry $directory 1
            $id = Get-BackupId 1
            $stone = Add-GpmTombstone -Path $directory -Id $id -File (Get-GpmCatalogIndex -Path $directory)[$id][0]
            Get-Files $directory | Should -BeNullOrEmpty
            Get-Newest $directory | Should -BeNullOrEmpty
            $found = Get-GpmTombstone -Path $directory
            $found.Keys | Should -BeExactly $id
            $found[$id] | Should -BeExactly $stone
            $gpo = Read-GpmTombstone -File $stone
            $gpo.id + $gpo.name + $gpo.domain | Should -BeExactly ($gpoId + 'A "hostile" name' + $domain)
        }

        It 'keep the number of the newest backup from being given again, and its history' {
            1..3 | ForEach-Object -Process { Add-Entry $directory $_ }
            $history = (Read-Entry @(Get-Files $directory)[0]).history
            foreach ($number in 1, 3, 2) {
                $id = Get-BackupId $number
                $null = Add-GpmTombstone -Path $directory -Id $id -File (Get-GpmCatalogIndex -Path $directory)[$id][0]
            }
            Add-Entry $directory 4
            (Get-Files $directory).sequence | Should -Be 4
            (Read-Entry @(Get-Files $directory)[0]).history | Should -BeExactly $history
        }

        It 'of a backup that the catalog does not know are empty' {
            $stone = Add-GpmTombstone -Path $directory -Id (Get-BackupId 1) -File $null
            [System.IO.FileInfo]::new($stone).Length | Should -Be 0
            (Get-GpmTombstone -Path $directory).Count | Should -Be 1
            (Read-GpmTombstone -File $stone).id | Should -BeNullOrEmpty
        }

        It 'say nothing when they are <_>' -ForEach '', 'junk', '[]', '{}', '{"gpo": null}', '{"gpo": []}' {
            [System.IO.File]::WriteAllText("$directory/stone.json", $_)
            $gpo = Read-GpmTombstone -File "$directory/stone.json"
            $gpo.Keys | Sort-Object | Should -Be 'domain', 'id', 'name'
            -join $gpo.Values | Should -BeExactly ''
        }

        It 'have names of ours' {
            $null = Add-GpmTombstone -Path $directory -Id (Get-BackupId 1) -File $null
            foreach ($name in 'notes.json', "$(Get-BackupId 2).txt", "$(Get-BackupId 3)") {
                [System.IO.File]::WriteAllText("$directory/.gpvault/.deleted/$name", '')
            }
            (Get-GpmTombstone -Path $directory).Keys | Should -Be (Get-BackupId 1)
        }

        It 'are never made behind a link' {
            $target = New-Directory
            $null = [System.IO.Directory]::CreateDirectory("$directory/.gpvault")
            $null = [System.IO.Directory]::CreateSymbolicLink("$directory/.gpvault/.deleted", $target)
            { Add-GpmTombstone -Path $directory -Id (Get-BackupId 1) -File $null } | Should -Throw '*is a link*'
            [System.IO.Directory]::GetFileSystemEntries($target).Count | Should -Be 0
            [System.IO.File]::WriteAllText("$target/$(Get-BackupId 1).json", '')
            (Get-GpmTombstone -Path $directory).Count | Should -Be 0
        }
    }

    Context 'the clock of the directory' {
        It 'tells a time and leaves nothing' {
            $null = [System.IO.Directory]::CreateDirectory("$directory/.gpvault")
            (Measure-GpmDirectoryTime -Path $directory -CheckMode $false).Kind | Should -Be 'Utc'
            [System.IO.Directory]::GetFileSystemEntries("$directory/.gpvault").Count | Should -Be 0
        }

        It 'writes nothing in check mode' {
            (Measure-GpmDirectoryTime -Path $directory -CheckMode $true).Kind | Should -Be 'Utc'
            [System.IO.Directory]::GetFileSystemEntries($directory).Count | Should -Be 0
        }
    }
}
