# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# What changed with a backup: which reports are sent to be compared, and the records that come of it. Left to the lab:
# the report of a live GPO.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    $domain = 'corp.example'
    $gpoId = '{AAAAAAAA-0000-0000-0000-00000000000A}'

    function Get-Id ($Number) {
        '{{00000000-0000-0000-0000-{0:d12}}}' -f $Number
    }

    function New-Context ($Options = @{}) {
        $all = @{ path = $directory; changes = $true }
        foreach ($name in $Options.Keys) {
            $all[$name] = $Options[$name]
        }
        @{
            options = $all
            trip = New-GpmReply -Options @{ domain = $domain; domain_controller = '' }
            checkMode = $false
            isLast = $false
            module = @{ Tmpdir = $directory }
            task = @{ sent = 0; kept = [System.Collections.Generic.List[String]]::new() }
        }
    }

    # Makes a backup with a report, and its entry.
    function Add-Backup ($Number, $Reasons = @('computer_settings'), $Approved = $null, $Kept = $null) {
        $folder = [System.IO.Directory]::CreateDirectory("$directory/$(Get-Id $Number)").FullName
        $space = 'http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest'
        [System.IO.File]::WriteAllText("$folder/bkupInfo.xml", "<BackupInst xmlns=""$space"">" +
            "<GPOGuid>$gpoId</GPOGuid><GPODomain>$domain</GPODomain><BackupTime>2026-07-01T12:30:00</BackupTime><ID>$(Get-Id $Number)</ID>" +
            '<Comment></Comment><GPODisplayName>x</GPODisplayName></BackupInst>')
        [System.IO.File]::WriteAllText("$folder/Backup.xml",
            '<GroupPolicyBackupScheme xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations"/>')
        [System.IO.File]::WriteAllText("$folder/gpreport.xml", "report $Number")
        $entry = [ordered]@{
            run_id = 'r1'
            purpose = 'backup'
            gpo = @{ id = $gpoId; name = 'x'; domain = $domain }
            backup = @{ id = Get-Id $Number; timestamp = '2026-07-01T12:30:00Z'; comment = '' }
            reasons = $Reasons
            links = $null
            wmi_filter = $null
            fingerprint = Get-Fingerprint
        }
        if ($null -ne $Approved) {
            $entry.approved = $Approved
        }
        $recording = Start-GpmCatalogEntry -Path $directory -Entry $entry
        $null = $recording.GetAwaiter().GetResult()
        if ($null -ne $Kept) {
            $catalog = "$Namespace._CatalogFolder.CatalogFolder" -as [Type]
            $script:isKept = $catalog::BeginKeep($recording, $Kept).GetAwaiter().GetResult()
        }
    }

    # As a trip does it: into the reply, and what is to be kept.
    function Add-ChangeReport ($Since, $Reasons, $Approved = $false, $Entry, $Context) {
        $reports = Read-GpmChangeReport -Since $Since -Reasons $Reasons -Approved $Approved -Entry $Entry `
            -Context $Context
        Add-GpmReportPair -Reports $reports -Entry $Entry -Context $Context
        ConvertTo-GpmKept -Reports $reports -Gpo $Entry.gpo
    }

    function Get-Newest ($Below = [Int64]::MaxValue) {
        $problems = [System.Collections.Generic.List[Object]]::new()
        Get-GpmCatalogNewest -Path $directory -Domain $domain -Id $gpoId -Problems $problems -Below $Below
    }

    function New-ReplyEntry ($Number) {
        @{ gpo = @{ id = $gpoId; name = 'x'; domain = $domain }
            backup = @{ id = Get-Id $Number; timestamp = 't'; comment = 'c'; path = 'p' } }
    }

    # What is kept of a backup that has a report, or gets one.
    function Get-Kept ($Number) {
        $folder = [System.IO.Directory]::CreateDirectory("$directory/$(Get-Id $Number)").FullName
        [System.IO.File]::WriteAllText("$folder/gpreport.xml", "report $Number")
        Add-ChangeReport -Since (Get-Newest $Number) -Reasons @('name') -Entry (New-ReplyEntry $Number) `
            -Context (New-Context)
    }

    function Read-Content ($Packed) {
        $gzip = [System.IO.Compression.GZipStream]::new(
            [System.IO.MemoryStream]::new([Convert]::FromBase64String($Packed)),
            [System.IO.Compression.CompressionMode]::Decompress)
        [System.IO.StreamReader]::new($gzip).ReadToEnd()
    }

    # As the controller sends them.
    function Get-Packed ($Records) {
        $json = "$Namespace._Json.Json" -as [Type]
        $bytes = $json::Write($Records)
        $packed = [System.IO.MemoryStream]::new()
        $gzip = [System.IO.Compression.GZipStream]::new($packed, [System.IO.Compression.CompressionMode]::Compress)
        $gzip.Write($bytes, 0, $bytes.Length)
        $gzip.Dispose()
        [Convert]::ToBase64String($packed.ToArray())
    }

    function Save-Record ($Number, $Content = '{"x": "ß"}', $Gpo = $gpoId) {
        $records = @(@{ domain = $domain; gpo_id = $Gpo; backup_id = Get-Id $Number; content = $Content })
        $context = New-Context @{ _records = Get-Packed $records }
        Save-GpmChangeRecord -Context $context
        $context.trip
    }

    function Get-CatalogFiles {
        $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
        [String[]]@(Get-ChildItem -Path $folder -File | ForEach-Object { $_.Name } | Sort-Object)
    }
}

Describe 'What changed in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    BeforeEach {
        $directory = [System.IO.Directory]::CreateDirectory("$TestDrive/" + [Guid]::NewGuid().ToString('n')).FullName
    }

    Context 'of a backup that was made' {
        It 'is told by the reports of both' {
            Add-Backup 1
            Add-Backup 2
            $entry = New-ReplyEntry 2
            $kept = Add-ChangeReport -Since (Get-Newest 2) -Reasons @('files', 'forced') -Approved $true `
                -Entry $entry -Context (New-Context)
            Read-Content $entry.reports.before | Should -BeExactly 'report 1'
            Read-Content $entry.reports.after | Should -BeExactly 'report 2'
            $entry.reports.backup.id | Should -BeExactly (Get-Id 2)
            $entry.reports.backup.comment | Should -BeExactly 'c'
            $entry.reports.since.id | Should -BeExactly (Get-Id 1)
            $entry.reports.reasons | Should -Be 'files', 'forced'
            $entry.reports.approved | Should -BeTrue
            # Only what is kept for certain makes no further trip.
            $entry.reports.ContainsKey('kept') | Should -BeFalse
            $kept.reports.before | Should -BeExactly $entry.reports.before
            $kept.gpo.id | Should -BeExactly $gpoId
        }

        It 'is kept with the entry, and told of as kept only where it is' {
            Add-Backup 1
            $kept = Get-Kept 2
            Add-Backup 2 -Kept $kept
            $isKept | Should -BeTrue
            $names = @(Get-CatalogFiles)
            $names | Should -Contain "0000000002_$(Get-Id 2).reports.json"
            $names.Count | Should -Be 3
            $json = "$Namespace._Json.Json" -as [Type]
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            $read = $json::ReadFile("$folder/0000000002_$(Get-Id 2).reports.json")
            Read-Content $read.reports.after | Should -BeExactly 'report 2'

            # Whatever is in its way, the backup is recorded.
            $null = [System.IO.Directory]::CreateDirectory("$folder/0000000003_$(Get-Id 3).reports.json.tmp")
            $kept = Get-Kept 3
            Add-Backup 3 -Kept $kept
            $isKept | Should -BeFalse
            (Get-Newest).backup.id | Should -BeExactly (Get-Id 3)
        }

        It 'is read once the backup is recorded: a share that hangs just then does not cost it its entry' {
            Add-Backup 1
            Add-Backup 2
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            $file = "$folder/0000000002_$(Get-Id 2).json"
            [System.IO.File]::Delete($file)
            # The report before is a pipe: it hangs until the entry is there, or for five seconds.
            $hanging = "$directory/$(Get-Id 1)/gpreport.xml"
            [System.IO.File]::Delete($hanging)
            $seen = "$directory/seen"
            [System.IO.File]::WriteAllText("$directory/share.sh",
                "for i in `$(seq 100); do [ -e '$file' ] && touch '$seen' && break; sleep 0.05; done
printf 'report 1' > '$hanging'")
            & mkfifo $hanging
            $share = Start-Process -FilePath sh -ArgumentList """$directory/share.sh""" -PassThru
            $context = New-Context @{ comment = ''; gpo_timeout = 0; approved = $false; fail_fast = $false; _run_id = 'r' }
            $context.itemClock = [System.Diagnostics.Stopwatch]::StartNew()
            $context.task.unrecorded = $null
            $entry = New-ReplyEntry 2
            $entry.reasons = @('files')
            $state = @{ info = $entry.gpo; links = $null; wmi_filter = $null; fingerprint = Get-Fingerprint }
            $status = @{ hresult = 0; message = '' }
            $made = @{ backup = $entry.backup; call_status = $status; overall_status = $status; status_messages = @()
                progress = $null }
            Invoke-Instead @{ 'Backup-GpmGpo' = { $made }; 'Write-GpmItemInHand' = {} } {
                Add-GpmBackup -Item @{ id = $gpoId; name = 'x'; gpo = 'none' } -Entry $entry -State $state `
                    -Since (Get-Newest) -Context $context
            }
            Complete-GpmRecording -Context $context
            $share.WaitForExit(10000) | Should -BeTrue
            Test-Path -LiteralPath $seen | Should -BeTrue
            $entry.outcome | Should -BeExactly 'created'
            Read-Content $entry.reports.before | Should -BeExactly 'report 1'
            $entry.reports.kept | Should -BeTrue
            Get-CatalogFiles | Should -Contain "0000000002_$(Get-Id 2).reports.json"
        }

        It 'is nothing where the backup cannot be recorded' {
            Add-Backup 1
            $kept = Get-Kept 2
            $catalog = "$Namespace._CatalogFolder.CatalogFolder" -as [Type]
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            # Without a Backup.xml.
            $adding = $catalog::BeginAdd($folder, @{}, "$directory/$(Get-Id 2)")
            { $catalog::BeginKeep($adding, $kept).GetAwaiter().GetResult() } | Should -Throw '*there is no Backup.xml*'
            @(Get-CatalogFiles).Count | Should -Be 1
        }

        It 'is not kept where it is too large: then a trip records it' {
            Add-Backup 1
            $random = [Byte[]]::new(1MB)
            [Random]::new(1).NextBytes($random)
            $entry = New-ReplyEntry 2
            Add-Backup 2
            [System.IO.File]::WriteAllBytes("$directory/$(Get-Id 2)/gpreport.xml", $random)
            $kept = Add-ChangeReport -Since (Get-Newest 2) -Reasons @('name') -Entry $entry -Context (New-Context)
            $kept | Should -BeNullOrEmpty
            $entry.reports.after.Length | Should -BeGreaterThan 1MB
            Add-GpmMissingChange -Recorded (Get-Newest) -Entry $entry -Context (New-Context)
            $entry.reports.ContainsKey('kept') | Should -BeFalse
        }

        It 'is nothing where it was made for <reasons>' -ForEach @(
            foreach ($one in 'first_backup', 'forced', 'max_age', 'approved', 'backup_damaged') {
                @{ reasons = @($one) }
            }
            @{ reasons = @() }
        ) {
            Add-Backup 1
            $entry = New-ReplyEntry 1
            $null = Add-ChangeReport -Since (Get-Newest) -Reasons $reasons -Entry $entry -Context (New-Context)
            $entry.ContainsKey('reports') | Should -BeFalse
        }

        It 'is not looked for unless the task asks' {
            Add-Backup 1
            $entry = New-ReplyEntry 1
            $null = Add-ChangeReport -Since (Get-Newest) -Reasons @('name') -Entry $entry -Context (
                New-Context @{ changes = $false })
            $entry.ContainsKey('reports') | Should -BeFalse
        }

        It 'is a problem where a report is gone, and nothing more' {
            Add-Backup 1
            Add-Backup 2
            [System.IO.File]::Delete("$directory/$(Get-Id 1)/gpreport.xml")
            $entry = New-ReplyEntry 2
            $context = New-Context
            $null = Add-ChangeReport -Since (Get-Newest 2) -Reasons @('name') -Entry $entry -Context $context
            $entry.ContainsKey('reports') | Should -BeFalse
            $context.trip.problems.kind | Should -Be 'changes'
            $context.trip.problems.subject | Should -Be 'x'
        }

        It 'ends the trip when the reply has many reports' {
            Add-Backup 1
            Add-Backup 2
            $context = New-Context
            $context.task.sent = 4MB - 10
            $null = Add-ChangeReport -Since (Get-Newest 2) -Reasons @('name') -Entry (New-ReplyEntry 2) `
                -Context $context
            $context.isLast | Should -BeTrue
        }
    }

    Context 'of a newest backup without a record' {
        It 'is kept, without a word to the controller' {
            Add-Backup 1
            Add-Backup 2
            $entry = New-ReplyEntry 2
            Add-GpmMissingChange -Recorded (Get-Newest) -Entry $entry -Context (New-Context)
            $entry.ContainsKey('reports') | Should -BeFalse
            Get-CatalogFiles | Should -Contain "0000000002_$(Get-Id 2).reports.json"
        }

        It 'does not count for what a trip may send, unless it is sent' {
            Add-Backup 1
            Add-Backup 2
            $context = New-Context
            Add-GpmMissingChange -Recorded (Get-Newest) -Entry (New-ReplyEntry 2) -Context $context
            $context.task.sent | Should -Be 0
            $entry = New-ReplyEntry 2
            Add-GpmMissingChange -Recorded (Get-Newest) -Tell $true -Entry $entry -Context $context
            $context.task.sent | Should -Be ($entry.reports.before.Length + $entry.reports.after.Length)
        }

        It 'is nothing where there is <name> already' -ForEach @(@{ name = 'reports' }, @{ name = 'changes' }) {
            Add-Backup 1
            Add-Backup 2
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            [System.IO.File]::WriteAllText("$folder/0000000002_$(Get-Id 2).$name.json", 'as it is')
            Add-GpmMissingChange -Recorded (Get-Newest) -Entry (New-ReplyEntry 2) -Context (New-Context)
            [System.IO.File]::ReadAllText("$folder/0000000002_$(Get-Id 2).$name.json") | Should -BeExactly 'as it is'
            @(Get-CatalogFiles).Count | Should -Be 3
        }

        It 'is told all the same of one that a lost trip has made: kept before: <before>' -ForEach @(
            @{ before = $true }, @{ before = $false }
        ) {
            Add-Backup 1
            $kept = $null
            if ($before) {
                $kept = Get-Kept 2
            }
            Add-Backup 2 -Kept $kept
            $entry = New-ReplyEntry 2
            Add-GpmMissingChange -Recorded (Get-Newest) -Tell $true -Entry $entry -Context (New-Context)
            Read-Content $entry.reports.before | Should -BeExactly 'report 1'
            $entry.reports.kept | Should -BeTrue
            Get-CatalogFiles | Should -Contain "0000000002_$(Get-Id 2).reports.json"
        }

        It 'is nothing, without a word, where <shown>' -ForEach @(
            @{ shown = 'it is the first'; reasons = 'first_backup'; older = $false; report = $false }
            @{ shown = 'the one before is pruned'; reasons = 'name'; older = $false; report = $false }
            @{ shown = 'the report before is gone'; reasons = 'name'; older = $true; report = $false }
        ) {
            if ($older) {
                Add-Backup 1
                [System.IO.File]::Delete("$directory/$(Get-Id 1)/gpreport.xml")
            }
            Add-Backup 2 @($reasons)
            $entry = New-ReplyEntry 2
            $context = New-Context
            Add-GpmMissingChange -Recorded (Get-Newest) -Entry $entry -Context $context
            $entry.ContainsKey('reports') | Should -BeFalse
            $context.trip.problems.Count | Should -Be 0
        }

        It 'is missing where <reasons> has a change: <expected>' -ForEach @(
            @{ reasons = @('first_backup'); expected = $false }
            @{ reasons = @('max_age', 'forced'); expected = $false }
            @{ reasons = @('forced', 'links'); expected = $true }
            @{ reasons = @('FORCED'); expected = $true }
            @{ reasons = @(); expected = $false }
            @{ reasons = $null; expected = $false }
            @{ reasons = 'links'; expected = $false }
        ) {
            Add-Backup 1
            ("$Namespace._CatalogFolder.CatalogFolder" -as [Type])::LacksChanges((Get-Newest).file, $reasons) | Should -Be $expected
        }

        It 'is left alone in check mode' {
            Add-Backup 1
            Add-Backup 2
            $entry = New-ReplyEntry 2
            $context = New-Context
            $context.checkMode = $true
            Add-GpmMissingChange -Recorded (Get-Newest) -Entry $entry -Context $context
            $entry.ContainsKey('reports') | Should -BeFalse
        }
    }

    Context 'recorded' {
        It 'stands beside the entry, whole' {
            Add-Backup 1
            $trip = Save-Record 1
            $trip.recorded | Should -BeTrue
            $names = "0000000001_$(Get-Id 1).changes.json", "0000000001_$(Get-Id 1).json"
            Get-CatalogFiles | Should -Be $names
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            [System.IO.File]::ReadAllText("$folder/$($names[0])") | Should -BeExactly '{"x": "ß"}'
            # No entry is taken for it, nor it for one.
            @(Get-GpmCatalogFile -Folder $folder).Count | Should -Be 1
            (Get-Newest).backup.id | Should -BeExactly (Get-Id 1)
        }

        It 'is nothing of a backup that has no entry, or is another GPO''s' {
            Add-Backup 1
            (Save-Record 2).problems.Count | Should -Be 0
            (Save-Record 1 '{}' '{BBBBBBBB-0000-0000-0000-00000000000B}').problems.Count | Should -Be 0
            Get-CatalogFiles | Should -Be "0000000001_$(Get-Id 1).json"
            Test-Path -Path "$directory/.gpvault/$domain/{BBBBBBBB-0000-0000-0000-00000000000B}" | Should -BeFalse
        }

        It 'takes the place of the reports that were kept, also where the backup is pruned meanwhile' {
            Add-Backup 1
            Add-Backup 2 -Kept (Get-Kept 2)
            Add-Backup 3 -Kept (Get-Kept 3)
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            [System.IO.File]::Delete("$folder/0000000002_$(Get-Id 2).json")
            foreach ($number in 2, 3) {
                (Save-Record $number).problems.Count | Should -Be 0
            }
            Get-CatalogFiles | Should -Be "0000000001_$(Get-Id 1).json", "0000000002_$(Get-Id 2).changes.json",
                "0000000003_$(Get-Id 3).changes.json", "0000000003_$(Get-Id 3).json"
        }

        It 'is due of what is kept once that is much, and then as much as a reply takes' {
            Add-Backup 1
            Add-Backup 2 -Kept (Get-Kept 2)
            $context = New-Context
            $problems = [System.Collections.Generic.List[Object]]::new()
            $null = Get-GpmCatalogNewest -Path $directory -Domain $domain -Id $gpoId -Problems $problems `
                -Kept $context.task.kept
            $context.task.kept.Count | Should -Be 1
            $file = $context.task.kept[0]
            Add-GpmKeptReport -Context $context
            $context.trip.ContainsKey('kept') | Should -BeFalse
            # What is none of ours is passed over: no pair, of another place, of another release, too large.
            $bad = "$directory/bad.json"
            [System.IO.File]::WriteAllText($bad, '{"reports": 1}')
            $text = [System.IO.File]::ReadAllText($file)
            $newer = Join-Path ([System.IO.Path]::GetDirectoryName($file)) "0000000003_$(Get-Id 3).reports.json"
            [System.IO.File]::WriteAllText($newer, $text)
            $strangers = foreach ($change in @{ of = $domain; by = '../../elsewhere' }, @{ of = $gpoId; by = Get-Id 9 },
                @{ of = '"schema": *1'; by = '"schema": 2' }, @{ of = '^\{'; by = '{"more": "' + 'x' * 2MB + '",' }) {
                $place = Join-Path $directory "$([Guid]::NewGuid())/$domain/$gpoId"
                $null = New-Item -ItemType Directory -Path $place
                $stranger = Join-Path $place ([System.IO.Path]::GetFileName($file))
                $of = if ($change.of -match '[*^]') { $change.of } else { [regex]::Escape($change.of) }
                $other = [regex]::Replace($text, $of, $change.by)
                $other | Should -Not -BeExactly $text
                [System.IO.File]::WriteAllText($stranger, $other)
                $stranger
            }
            $context.task.kept.Clear()
            $context.task.kept.AddRange([String[]]@($bad; "$directory/gone.json"; $newer; $strangers; @($file) * 98))
            Add-GpmKeptReport -Context $context
            $context.trip.kept.Count | Should -Be 98
            $context.trip.kept[0].Keys | Sort-Object |
                Should -BeExactly 'approved', 'backup', 'gpo', 'reasons', 'reports', 'since'
            $context.trip.kept[0].backup.id | Should -BeExactly (Get-Id 2)
            $context.task.sent = 4MB - 1
            Add-GpmKeptReport -Context $context
            $context.trip.kept.Count | Should -Be 1
            $context.options.changes = $false
            $context.trip.Remove('kept')
            Add-GpmKeptReport -Context $context
            $context.trip.ContainsKey('kept') | Should -BeFalse
        }

        It 'is due of few that are large, too' {
            $files = foreach ($number in 1..4) {
                [System.IO.File]::WriteAllBytes("$directory/$number", [Byte[]]::new(1MB - 1))
                "$directory/$number"
            }
            $context = New-Context
            $context.task.kept.AddRange([String[]]$files)
            Add-GpmKeptReport -Context $context
            $context.trip.ContainsKey('kept') | Should -BeFalse
            [System.IO.File]::WriteAllBytes("$directory/5", [Byte[]]::new(4))
            $context.task.kept.Add("$directory/5")
            Add-GpmKeptReport -Context $context
            # None of them is a pair.
            $context.trip.kept.Count | Should -Be 0
            $context.trip.ContainsKey('kept') | Should -BeTrue
        }

        It 'that a killed run had not finished is replaced, or goes with the next entry' {
            Add-Backup 1
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            $unfinished = "$folder/0000000001_$(Get-Id 1).changes.json.tmp"
            [System.IO.File]::WriteAllText($unfinished, 'half')
            Add-Backup 2
            Test-Path -LiteralPath $unfinished | Should -BeFalse
        }

        It 'waits while another run has the directory' {
            Add-Backup 1
            $context = New-Context @{ _records = Get-Packed @(@{}) }
            $context.trip.locked = $true
            Save-GpmChangeRecord -Context $context
            $context.trip.ContainsKey('recorded') | Should -BeFalse
        }

        It 'is a problem where it cannot be' {
            Add-Backup 1
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            $null = [System.IO.Directory]::CreateDirectory("$folder/0000000001_$(Get-Id 1).changes.json.tmp")
            $trip = Save-Record 1
            $trip.problems.kind | Should -Be 'unrecorded'
            $trip.recorded | Should -BeTrue
        }

        It 'stays when its backup goes, until the last one of the GPO does' {
            Add-Backup 1
            Add-Backup 2 -Kept (Get-Kept 2)
            $null = Save-Record 1
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            $catalog = "$Namespace._CatalogFolder.CatalogFolder" -as [Type]
            [System.IO.File]::Delete("$folder/0000000001_$(Get-Id 1).json")
            $catalog::DeleteOrphans($folder)
            @($catalog::Records($folder)).Count | Should -Be 2
            [System.IO.File]::Delete("$folder/0000000002_$(Get-Id 2).json")
            $catalog::DeleteOrphans($folder)
            @($catalog::Records($folder)).Count | Should -Be 0
        }
    }

    Context 'of a GPO whose last backup went in a prune that was interrupted' {
        BeforeAll {
            function Complete-Prune ($Tombstone) {
                $context = New-Context @{ gpos = @(); exclude = @() }
                $context.step = ''
                $context.task = @{ list = Open-GpmBackupList -Context $context -Verify none -Deletes $true }
                $entry = @{ changed = $false }
                Remove-GpmListedBackup -Id (Get-Id 2) -Entry $entry -Context $context
                [System.IO.File]::Exists($Tombstone) | Should -BeFalse
            }
        }

        It 'goes with what is left, when <others> other backups are there' -ForEach @(
            @{ others = 0 }, @{ others = 1 }
        ) {
            Add-Backup 1
            Add-Backup 2 -Kept (Get-Kept 2)
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            if (-not $others) {
                [System.IO.File]::Delete("$folder/0000000001_$(Get-Id 1).json")
            }
            # Ended just after the tombstone.
            Complete-Prune (Add-GpmTombstone -Path $directory -Id (Get-Id 2) -File @{
                    path = "$folder/0000000002_$(Get-Id 2).json" })
            @(Get-CatalogFiles | Where-Object { $_ -like '*.reports.json' }).Count | Should -Be $others
            Test-Path -LiteralPath "$directory/$(Get-Id 2)" | Should -BeFalse
        }

        It 'stays where the tombstone <shown>' -ForEach @(
            @{ shown = 'names nothing'; said = '' }
            @{ shown = 'names a folder elsewhere'; said = '../elsewhere/corp.example' }
            @{ shown = 'names a folder that is no domain''s'; said = '.drills' }
        ) {
            Add-Backup 2
            foreach ($place in '.gpvault/.drills', 'elsewhere/corp.example') {
                $null = New-Item -ItemType Directory -Path "$directory/$place/$gpoId"
                [System.IO.File]::WriteAllText("$directory/$place/$gpoId/0000000002_$(Get-Id 2).reports.json", 'x')
            }
            $null = New-Item -ItemType Directory -Path "$directory/.gpvault/.deleted"
            $tombstone = "$directory/.gpvault/.deleted/$(Get-Id 2).json"
            $json = "$Namespace._Json.Json" -as [Type]
            [System.IO.File]::WriteAllBytes($tombstone, $json::Write(@{ gpo = @{ domain = $said; id = $gpoId; name = 'x' } }))
            Find-GpmTombstoneFolder -Path $directory -Tombstone $tombstone | Should -BeNullOrEmpty
        }
    }

    Context 'told' {
        BeforeAll {
            function Get-History ($Number, $Options = @{}) {
                $context = New-Context @{ gpos = $Options['gpos']; exclude = @() }
                $context.step = ''
                $context.queue = [System.Collections.Generic.List[Object]]::new()
                $context.clock = [System.Diagnostics.Stopwatch]::StartNew()
                $context.firstTrip = $true
                $context.trip.domain = $Options['domain']
                $context.task = @{ sent = 0 }
                $list = Open-GpmBackupList -Context $context -Verify none -History $true
                @{ trip = $context.trip; context = $context; ids = @($context.queue | ForEach-Object { $_.id })
                    told = Get-GpmBackupHistory -Id (Get-Id $Number) -List $list -Context $context }
            }

            function Get-Record ($Number, $Gpo = $gpoId) {
                '{"schema": 1, "backup": {"id": "' + (Get-Id $Number) + '", "timestamp": "t", "comment": null}, ' +
                '"gpo": {"id": "' + $Gpo + '", "name": "x", "domain": "CORP.example"}, "changes": []}'
            }
        }

        It 'comes with the backup, and with why that was made' {
            Add-Backup 1
            $null = Save-Record 1 (Get-Record 1)
            $history = Get-History 1
            $history.told.change_record.changes.Count | Should -Be 0
            $history.told.reasons | Should -Be 'computer_settings'
            $history.told.state | Should -Be 'ok'
            $history.told.ContainsKey('claim') | Should -BeFalse
            $history.trip.problems.Count | Should -Be 0
        }

        It 'is the reports that are kept, whether the backup is there or not, unless there is a record' {
            Add-Backup 1
            Add-Backup 2 -Kept (Get-Kept 2)
            $history = Get-History 2
            Read-Content $history.told.change_record.reports.before | Should -BeExactly 'report 1'
            $history.told.change_record.reasons | Should -Be 'name'
            $history.context.task.sent | Should -BeGreaterThan 0
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            [System.IO.Directory]::Delete("$directory/$(Get-Id 2)", $true)
            [System.IO.File]::Delete("$folder/0000000002_$(Get-Id 2).json")
            $history = Get-History 2
            $history.told.gone | Should -BeTrue
            Read-Content $history.told.change_record.reports.after | Should -BeExactly 'report 2'
            # As a process leaves it that ends just then.
            [System.IO.File]::WriteAllText("$folder/0000000002_$(Get-Id 2).changes.json", (Get-Record 2))
            (Get-History 2).told.change_record.ContainsKey('reports') | Should -BeFalse
        }

        It 'is read of nothing that is not asked for' {
            Add-Backup 1
            $null = Save-Record 1 'no JSON'
            $history = Get-History 1 @{ gpos = @('y') }
            $history.told | Should -BeNullOrEmpty
            $history.trip.problems.Count | Should -Be 0
        }

        It 'comes without the backup when that is gone, if its GPO is asked for' {
            Add-Backup 1
            Add-Backup 2
            $null = Save-Record 1 (Get-Record 1)
            $folder = Get-GpmCatalogFolder -Path $directory -Domain $domain -Id $gpoId
            [System.IO.Directory]::Delete("$directory/$(Get-Id 1)", $true)
            [System.IO.File]::Delete("$folder/0000000001_$(Get-Id 1).json")
            $history = Get-History 1
            $history.ids | Should -Be (Get-Id 1), (Get-Id 2)
            $history.told.gone | Should -BeTrue
            $history.told.sequence | Should -Be 1
            $history.told.gpo.name | Should -BeExactly 'x'
            (Get-History 1 @{ gpos = @('X') }).told.gone | Should -BeTrue
            (Get-History 1 @{ gpos = @('y') }).told | Should -BeNullOrEmpty
            (Get-History 1 @{ domain = 'other.example' }).told | Should -BeNullOrEmpty
        }

        It 'counts for nothing where the record <shown>' -ForEach @(
            @{ shown = 'is no JSON'; content = { 'x' } }
            @{ shown = 'is of a later release'; content = { (Get-Record 1).Replace('"schema": 1', '"schema": 2') } }
            @{ shown = 'is another backup''s'; content = { Get-Record 2 } }
            @{ shown = 'is another GPO''s'; content = { Get-Record 1 '{BBBBBBBB-0000-0000-0000-00000000000B}' } }
            @{ shown = 'is larger than any of ours'; content = { (Get-Record 1) + ' ' * 2MB } }
            @{ shown = 'lacks the GPO'; content = { (Get-Record 1).Replace('"gpo"', '"x"') } }
        ) {
            Add-Backup 1
            $null = Save-Record 1 (& $content)
            $history = Get-History 1
            $history.told.change_record | Should -BeNullOrEmpty
            $history.told.state | Should -Be 'ok'
            $history.trip.problems.kind | Should -Be 'catalog'
        }
    }

    Context 'and approval' {
        It 'is a reason for a backup of what has not changed: newest approved: <given>' -ForEach @(
            @{ given = $null; expected = 'approved' }
            @{ given = $false; expected = 'approved' }
            @{ given = $true; expected = $null }
        ) {
            $fingerprint = @{ name = 'x'; description = ''; status = 's'; versions = @{}; wmi_filter = $null
                permissions = @(); files = @() }
            $state = @{ fingerprint = $fingerprint; links = $null; wmi_filter = $null }
            $entry = $state + @{ backup = @{ id = Get-Id 1 }; approved = $given }
            $context = New-Context @{ approved = $true; force = $false; max_age = $null }
            $context.gpm = 'none'
            $check = [System.Threading.Tasks.Task]::FromResult[Object](@{ damage = @() })
            $reason = Get-GpmBackupReason -Entry $entry -State $state -Check $check -Context $context
            if ($null -eq $expected) {
                $reason | Should -BeNullOrEmpty
            }
            else {
                $reason.reason | Should -Be $expected
            }
        }

        It 'is what a state is found by' {
            Add-Backup 1 @('forced') $true
            Add-Backup 2 @('forced') $true
            Add-Backup 3
            $context = New-Context
            $find = { param ($State) Find-GpmStateEntry -Id $gpoId -State $State -Path $directory -Context $context }
            (& $find 'approved').backup.id | Should -BeExactly (Get-Id 2)
            (& $find 'newest').backup.id | Should -BeExactly (Get-Id 3)
            (& $find 'previous').backup.id | Should -BeExactly (Get-Id 2)
            (Get-Newest)['approved'] | Should -BeNullOrEmpty
        }

        It 'of another kind than true or false makes an entry unusable' {
            Add-Backup 1 @('forced') 'yes'
            Get-Newest | Should -BeNullOrEmpty
            Add-Backup 2 @('forced') $true
            (Get-Newest).approved | Should -BeTrue
        }
    }
}
