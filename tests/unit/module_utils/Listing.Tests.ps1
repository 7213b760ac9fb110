# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# What lies in a backup directory, whose it is, and what may be deleted of it. Left to the lab: backups that GPMC's
# manifest lists, which GPMC deletes.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"

    # What is in a folder that is named like a backup, but is none that may be deleted: names of files, * for one with
    # what GPMC writes.
    $foreign = @(
        @{ shown = 'a file of somebody''s'; files = @('readme.txt') }
        @{ shown = 'a GPO of SYSVOL'; files = @('GPT.INI', 'Machine/registry.pol', 'User/x') }
        @{ shown = 'a Backup.xml of something else'; files = @('Backup.xml') }
        @{ shown = 'a report'; files = @('gpreport.xml') }
        @{ shown = 'nothing'; files = @() }
        @{ shown = 'half a backup, and a file of somebody''s'; files = @('bkupInfo.xml*', 'readme.txt') }
        @{ shown = 'half a backup, and a folder of somebody''s'; files = @('Backup.xml*', 'mine/a') }
        @{ shown = 'half a backup, and something in DomainSysvol'; files = @('bkupInfo.xml*', 'DomainSysvol/mine') }
    )
    $remains = @(
        @{ shown = 'the files of a GPO'; files = @('DomainSysvol/GPO/Machine/registry.pol') }
        @{ shown = 'bkupInfo.xml'; files = @('bkupInfo.xml*') }
        @{ shown = 'Backup.xml'; files = @('Backup.xml*', 'gpreport.xml') }
        @{ shown = 'bkupInfo.xml, which is empty'; files = @('bkupInfo.xml') }
    )
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    $domain = 'corp.example'
    $gpoA = '{AAAAAAAA-0000-0000-0000-00000000000A}'
    $gpoB = '{BBBBBBBB-0000-0000-0000-00000000000B}'

    function Get-Id ($Number) {
        '{{00000000-0000-0000-0000-{0:d12}}}' -f $Number
    }

    function Write-File ($Path, $Content = '') {
        $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($Path))
        [System.IO.File]::WriteAllText($Path, $Content)
    }

    function Get-Info ($Number, $Gpo, $Domain, $Comment = '') {
        $values = [ordered]@{
            GPOGuid = $Gpo
            GPODomain = $Domain
            BackupTime = '2026-07-01T12:30:00'
            ID = Get-Id $Number
            Comment = $Comment
            GPODisplayName = "GPO $Gpo"
        }
        $inner = foreach ($name in $values.Keys) { "<$name>$($values[$name])</$name>" }
        $space = 'http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest'
        "<BackupInst xmlns=""$space"">$($inner -join '')</BackupInst>"
    }

    $backupXml = '<GroupPolicyBackupScheme xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations"/>'

    # Makes a folder as half of GPMC, or somebody else, has left it.
    function Add-Folder ($Number, $Files) {
        $folder = [System.IO.Directory]::CreateDirectory("$directory/$(Get-Id $Number)").FullName
        foreach ($file in $Files) {
            $content = @{ 'bkupInfo.xml*' = Get-Info $Number $gpoA $domain; 'Backup.xml*' = $backupXml }[$file]
            Write-File ("$folder/$file" -replace '\*$') ($content ?? '')
        }
        $folder
    }

    function Add-Backup ($Number, $Gpo = $gpoA, $Domain = $domain, $Comment = '') {
        $folder = "$directory/$(Get-Id $Number)"
        Write-File "$folder/bkupInfo.xml" (Get-Info $Number $Gpo $Domain $Comment)
        Write-File "$folder/Backup.xml" $backupXml
        Write-File "$folder/gpreport.xml"
    }

    # Adds to the catalog what claims that a backup is a GPO's.
    function Add-Claim ($Number, $Gpo = $gpoA, $Domain = $domain, $Purpose = 'backup', $Approved = $false) {
        $null = (Start-GpmCatalogEntry -Path $directory -Entry ([ordered]@{
                    run_id = 'r1'
                    purpose = $Purpose
                    approved = $Approved
                    gpo = @{ id = $Gpo; name = "GPO $Gpo"; domain = $Domain }
                    backup = @{ id = Get-Id $Number; timestamp = '2026-07-01T12:30:00Z'; comment = '' }
                    links = $null
                    wmi_filter = $null
                    fingerprint = Get-Fingerprint
                })).GetAwaiter().GetResult()
    }

    function New-Context ($Options = @{}) {
        $all = @{ path = $directory; gpos = $null; exclude = @(); remove = @() }
        foreach ($name in $Options.Keys) {
            $all[$name] = $Options[$name]
        }
        $reply = New-GpmReply -Options @{ domain = $domain; domain_controller = '' }
        @{
            options = $all
            trip = $reply
            step = ''
            queue = [System.Collections.Generic.List[Object]]::new()
            clock = [System.Diagnostics.Stopwatch]::StartNew()
            firstTrip = $true
            byCursor = $false
            task = @{}
        }
    }

    function Open-List ($Context, $Hours = 2) {
        $list = Open-GpmBackupList -Context $Context -Verify quick -Whole $true
        $list.now = [DateTime]::UtcNow.AddHours($Hours)
        $Context.task = @{ list = $list; newest = New-GpmMap }
        $list
    }

    function Get-Listed ($Number, $List = (Open-List (New-Context))) {
        Get-GpmListedBackup -Id (Get-Id $Number) -List $List
    }

    # Runs a script while somebody has files open, and shares them with nobody.
    function Invoke-WhileOpen ($Files, [ScriptBlock] $Script) {
        $streams = foreach ($file in $Files) { [System.IO.File]::Open("$directory/$file", 'Open', 'Read', 'None') }
        try {
            & $Script
        }
        finally {
            foreach ($stream in $streams) {
                $stream.Dispose()
            }
        }
    }

    # Returns the outcomes of deleting backups whatever the controller thinks of them.
    function Remove-Backups ($Numbers, $Remove = @('damaged', 'uncatalogued', 'safety'), $Hours = 2) {
        $context = New-Context @{ remove = $Remove }
        $null = Open-List $context $Hours
        foreach ($number in $Numbers) {
            $entry = @{ outcome = 'failed'; changed = $false }
            Remove-GpmItem -Item @{ id = Get-Id $number } -Entry $entry -Context $context
            $entry.outcome
        }
    }
}

Describe 'The listing in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    BeforeEach {
        $directory = [System.IO.Directory]::CreateDirectory("$TestDrive/" + [Guid]::NewGuid().ToString('n')).FullName
    }

    Context 'what nobody catalogued' {
        It 'is foreign with <shown>, and stays' -ForEach $foreign {
            $null = Add-Folder 1 $files
            $listed = Get-Listed 1
            $listed.state | Should -BeExactly 'foreign'
            $listed.spared | Should -BeExactly 'foreign'
            $listed.problems[-1] | Should -Match '^(It is no backup: |GPMC does not write what is in it: )'
            Remove-Backups 1 | Should -Be 'kept'
            [System.IO.Directory]::Exists("$directory/$(Get-Id 1)") | Should -BeTrue
            [System.IO.Directory]::Exists("$directory/.gpvault") | Should -BeFalse
        }

        It 'is foreign when it is a link, and stays' {
            $outside = [System.IO.Directory]::CreateDirectory("$directory/outside/DomainSysvol").Parent.FullName
            $null = [System.IO.Directory]::CreateSymbolicLink("$directory/$(Get-Id 1)", $outside)
            (Get-Listed 1).state | Should -BeExactly 'foreign'
            Remove-Backups 1 | Should -Be 'kept'
            [System.IO.Directory]::Exists("$outside/DomainSysvol") | Should -BeTrue
        }

        It 'is damaged with <shown> alone, and goes where that is asked for' -ForEach $remains {
            $folder = Add-Folder 1 $files
            $listed = Get-Listed 1
            $listed.state | Should -BeExactly 'damaged'
            $listed.spared | Should -BeNullOrEmpty
            Remove-Backups 1 -Remove 'uncatalogued' | Should -Be 'kept'
            Remove-Backups 1 | Should -Be 'pruned'
            [System.IO.Directory]::Exists($folder) | Should -BeFalse
        }

        It 'is a backup that can be restored with a file of somebody''s, and stays' {
            Add-Backup 1
            Write-File "$directory/$(Get-Id 1)/readme.txt"
            $listed = Get-Listed 1
            $listed.state + ' ' + $listed.spared | Should -BeExactly 'uncatalogued foreign'
            $listed.problems[0] | Should -Be 'GPMC does not write what is in it: readme.txt'
            Remove-Backups 1 | Should -Be 'kept'
        }

        It 'stays for an hour' {
            Add-Backup 1
            Add-Backup 2
            foreach ($number in 1, 2) {
                foreach ($file in [System.IO.Directory]::GetFiles("$directory/$(Get-Id $number)")) {
                    [System.IO.File]::SetLastWriteTimeUtc($file, '2020-01-01')
                }
            }
            $list = Open-List (New-Context) -Hours 0.9
            (Get-Listed 1 $list).spared | Should -BeExactly 'young'
            Remove-Backups 1 -Hours 0.9 | Should -Be 'kept'
            Remove-Backups 2 -Hours 1.1 | Should -Be 'pruned'
        }

        It 'does not stay for an hour when the catalog knows it' {
            1..2 | ForEach-Object { Add-Backup $_; Add-Claim $_ }
            Remove-Backups 1 -Hours 0 | Should -Be 'pruned'
        }
    }

    Context 'whose a backup is' {
        It 'the backup says, and not an entry that another GPO has of it' {
            Add-Backup 1 $gpoA
            Add-Claim 1 $gpoA
            Add-Backup 2 $gpoB
            Add-Claim 2 $gpoB
            # The newest of A, and higher than those of B.
            Add-Claim 2 $gpoA
            $context = New-Context
            $list = Open-List $context
            $listed = Get-Listed 2 $list
            $listed.gpo.id + ' ' + $listed.state + ' ' + $listed.sequence | Should -BeExactly "$gpoB ok 1"
            $listed.problems[0] | Should -BeLike 'The catalog entry * does not count: The bkupInfo.xml of the backup *'
            (Get-Listed 1 $list).state | Should -BeExactly 'ok'
            Find-GpmNewestGood -Gpo @{ id = $gpoA; domain = $domain } -Context $context | Should -Be 1
            Find-GpmNewestGood -Gpo @{ id = $gpoB; domain = $domain } -Context $context | Should -Be 1
            Remove-Backups 1, 2 | Should -Be 'kept', 'kept'
        }

        It 'the backup says where <shown> claims it alone' -ForEach @(
            @{ shown = 'another GPO'; gpo = '{AAAAAAAA-0000-0000-0000-00000000000A}'; of = 'corp.example' }
            @{ shown = 'another domain'; gpo = '{BBBBBBBB-0000-0000-0000-00000000000B}'; of = 'other.example' }
        ) {
            Add-Backup 2 $gpoB $of
            Add-Claim 2 $gpo
            $list = Open-List (New-Context)
            $list.domain = ''
            $listed = Get-Listed 2 $list
            $listed.gpo.id + ' ' + $listed.gpo.domain | Should -BeExactly "$gpoB $of"
            $listed.state + ' ' + $listed.spared | Should -BeExactly 'uncatalogued entry_unusable'
            $listed.sequence | Should -BeNullOrEmpty
            Remove-Backups 2 | Should -Be 'kept'
        }

        It 'nobody knows where it is damaged and two GPOs claim it' {
            Add-Backup 2 $gpoB
            Add-Claim 2 $gpoB
            Add-Claim 2 $gpoA
            [System.IO.File]::Delete("$directory/$(Get-Id 2)/bkupInfo.xml")
            $listed = Get-Listed 2
            $listed.gpo.id | Should -BeNullOrEmpty
            $listed.spared | Should -BeExactly 'entry_unusable'
            $listed.problems[0] | Should -BeLike 'Several GPOs claim it*'
            Remove-Backups 2 | Should -Be 'kept'
        }

        It 'its entry says where it is damaged, and it goes as such' {
            Add-Backup 1
            Add-Claim 1
            Add-Backup 2
            Add-Claim 2
            # Of the same size, so that a quick look does not see it.
            $file = "$directory/$(Get-Id 1)/bkupInfo.xml"
            Write-File $file ('x' * [System.IO.FileInfo]::new($file).Length)
            $listed = Get-Listed 1
            $listed.gpo.id + ' ' + $listed.state + ' ' + $listed.sequence | Should -BeExactly "$gpoA damaged 1"
            $listed.problems | Should -BeLike 'bkupInfo.xml cannot be used:*'
            Remove-Backups 1 -Remove @() | Should -Be 'kept'
            Remove-Backups 1 | Should -Be 'pruned'
        }

        It 'cannot be read just now of any of its GPO''s, so all stay' {
            1..2 | ForEach-Object { Add-Backup $_; Add-Claim $_ }
            Add-Backup 3
            Add-Claim 3 -Purpose safety
            Invoke-WhileOpen (1..3 | ForEach-Object { "$(Get-Id $_)/bkupInfo.xml" }) {
                foreach ($number in 1..3) {
                    $listed = Get-Listed $number
                    $listed.state + ' ' + $listed.spared | Should -BeExactly 'damaged unreadable'
                    $listed.problems | Should -BeLike 'bkupInfo.xml cannot be used:*'
                    # The controller knows no such key.
                    $listed.ContainsKey('unread') | Should -BeFalse
                }
                Remove-Backups 1, 2, 3 | Should -Be 'kept', 'kept', 'kept'
            }
            (Get-Listed 1).state | Should -BeExactly 'ok'
            Remove-Backups 1, 2, 3 | Should -Be 'pruned', 'kept', 'pruned'
        }

        It 'cannot be read just now, so what was not catalogued stays for <_>' -ForEach 'bkupInfo.xml', 'Backup.xml' {
            Add-Backup 1
            $file = $_
            Invoke-WhileOpen "$(Get-Id 1)/$file" {
                $listed = Get-Listed 1
                # A Backup.xml that is not read is not known to be GPMC's, but bkupInfo.xml is there.
                $listed.state + ' ' + $listed.spared | Should -BeExactly 'damaged unreadable'
                Remove-Backups 1 | Should -Be 'kept'
            }
            Write-File "$directory/$(Get-Id 1)/$file" 'junk'
            (Get-Listed 1).spared | Should -BeNullOrEmpty
            Remove-Backups 1 | Should -Be 'pruned'
        }

        It 'cannot be told where its folder must not be listed' {
            Add-Backup 1
            Add-Claim 1
            $file = (Get-GpmCatalogIndex -Path $directory)[(Get-Id 1)][0]
            $entry = Read-GpmCatalogEntry -File $file -Domain $domain -Id $gpoA
            $denied = { throw [UnauthorizedAccessException]::new('Denied.') }
            foreach ($known in $entry, $null) {
                $test = Invoke-Instead @{ 'Assert-GpmNoLink' = $denied } {
                    Test-GpmBackup -Path $directory -Id (Get-Id 1) -Entry $known -Verify quick
                }
                $test.state, $test.unread | Should -Be 'damaged', $true
            }
            [System.IO.Directory]::Delete("$directory/$(Get-Id 1)", $true)
            (Test-GpmBackup -Path $directory -Id (Get-Id 1) -Entry $entry -Verify quick).unread | Should -BeFalse
        }

        It 'a file does not tell that <what>: <expected>' -ForEach @(
            @{ what = 'is denied'; thrown = [UnauthorizedAccessException]::new(); expected = $true }
            @{ what = 'is open'; thrown = [System.IO.IOException]::new('x', 0x80070020); expected = $true }
            @{ what = 'is offline'; thrown = [System.IO.IOException]::new('x', 0x800710FE); expected = $true }
            @{ what = 'nobody knows'; thrown = [NotSupportedException]::new(); expected = $true }
            @{ what = 'is gone'; thrown = [System.IO.FileNotFoundException]::new(); expected = $false }
            @{ what = 'is gone with all'; thrown = [System.IO.DirectoryNotFoundException]::new(); expected = $false }
            @{ what = 'is no XML'; thrown = [System.Xml.XmlException]::new(); expected = $false }
            @{ what = 'has other XML'; thrown = [FormatException]::new(); expected = $false }
            @{ what = 'is XML of wrong bytes'; expected = $false
                thrown = [System.Xml.XmlException]::new('x', [System.IO.IOException]::new()) }
            @{ what = 'lacks something'; thrown = 'It lacks ID.'; expected = $false }
        ) {
            $xml = "$Namespace._BackupXml.BackupXml" -as [Type]
            try {
                throw $thrown
            }
            catch {
                $exception = $_.Exception
            }
            $xml::IsUnread($exception) | Should -Be $expected
            # As PowerShell wraps it.
            $wrapped = [System.Management.Automation.MethodInvocationException]::new('x', $exception)
            $xml::IsUnread($wrapped) | Should -Be $expected
        }

        It 'no entry makes its own' {
            $null = Add-Folder 1 'readme.txt', 'Backup.xml*'
            Add-Claim 1
            [System.IO.File]::Delete("$directory/$(Get-Id 1)/Backup.xml")
            (Get-Listed 1).state | Should -BeExactly 'foreign'
            Remove-Backups 1 | Should -Be 'kept'
            [System.IO.File]::Exists("$directory/$(Get-Id 1)/readme.txt") | Should -BeTrue
        }

        It 'a newest entry that the backup denies is not that of its GPO' {
            Add-Backup 1 $gpoA
            Add-Claim 1 $gpoA
            Add-Backup 2 $gpoB
            Add-Claim 2 $gpoA
            $problems = [System.Collections.Generic.List[Object]]::new()
            $newest = Get-GpmCatalogNewest -Path $directory -Domain $domain -Id $gpoA -Problems $problems
            $newest.backup.id | Should -BeExactly (Get-Id 1)
            $problems.message | Should -BeLike "The bkupInfo.xml of the backup $(Get-Id 2) has the GPOGuid $gpoB, *"
            $context = New-Context
            $first = Find-GpmCandidate -Id $gpoA -Context $context
            $first.entry.backup.id | Should -BeExactly (Get-Id 2)
            $first.check.GetAwaiter().GetResult().contradiction | Should -BeLike "* $gpoB, *"
            $second = Find-GpmCandidate -Id $gpoA -Instead $first -Context $context
            $second.entry.backup.id | Should -BeExactly (Get-Id 1)
            $second.check.GetAwaiter().GetResult().contradiction | Should -BeNullOrEmpty
            $context.trip.problems.subject | Should -BeExactly $first.entry.file
            # And with most_recent neither.
            Select-GpmMostRecent -Ids (Get-Id 1), (Get-Id 2) -List (Open-List $context) |
                Sort-Object | Should -Be (Get-Id 1), (Get-Id 2)
        }
    }

    Context 'what is approved' {
        It 'stays, the newest of it, and goes where a newer one is' {
            foreach ($number in 1..4) {
                Add-Backup $number
                Add-Claim $number -Approved ($number -lt 3)
            }
            (Get-Listed 2).approved | Should -BeTrue
            (Get-Listed 3).approved | Should -BeFalse
            Remove-Backups (1..4) | Should -Be 'pruned', 'kept', 'pruned', 'kept'
        }

        It 'is all that a restore takes where that is asked for' {
            foreach ($number in 1..2) {
                Add-Backup $number
                Add-Claim $number -Approved ($number -eq 1)
            }
            $context = New-Context @{ backup_id = $null; as_of = $null; uncatalogued = $false; approved = $true }
            (Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context).backup_id | Should -BeExactly (Get-Id 1)
        }
    }

    Context 'what a restore takes' {
        BeforeEach {
            $context = New-Context @{ backup_id = $null; as_of = $null; uncatalogued = $false; all = $true }
        }

        It 'is never a backup that an entry of another GPO names' {
            Add-Backup 1 $gpoA
            Add-Claim 1 $gpoA
            Add-Backup 2 $gpoB
            Add-Claim 2 $gpoA
            $found = Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context
            $found.backup_id | Should -BeExactly (Get-Id 1)
            $found.damaged | Should -BeNullOrEmpty
            $context.trip.problems.kind | Should -Be 'catalog'
        }

        It 'is nothing of a GPO that only an entry for another''s backup tells of, which is told' {
            Add-Backup 2 $gpoB
            Add-Claim 2 $gpoA
            $problems = [System.Collections.Generic.List[Object]]::new()
            Get-GpmCatalogGpo -Context $context -Problems $problems | Should -BeNullOrEmpty
            $problems.message | Should -BeLike 'The bkupInfo.xml of the backup *'
        }

        It 'is not there yet where all backups are later' {
            1..2 | ForEach-Object { Add-Backup $_; Add-Claim $_ }
            $context.options.as_of = '20260701122959'
            $found = Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context
            $found.backup_id | Should -BeNullOrEmpty
            $found.later | Should -BeTrue
            $context.options.as_of = '20260701123000'
            $found = Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context
            $found.backup_id | Should -BeExactly (Get-Id 2)
        }

        It 'is wanting, and not only later, where an entry cannot be used' {
            1..2 | ForEach-Object { Add-Backup $_; Add-Claim $_ }
            [System.IO.File]::WriteAllText((Get-GpmCatalogIndex -Path $directory)[(Get-Id 1)][0].path, '{}')
            $context.options.as_of = '20260701122959'
            (Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context).later | Should -BeFalse
        }

        It 'is the latest whole one without an entry where that is asked for, and the catalog has none' {
            1..3 | ForEach-Object { Add-Backup $_ }
            Add-Backup 4 $gpoB
            Add-Claim 4 $gpoB
            Add-Backup 5 $gpoB
            Add-Backup 6 $gpoB 'other.example'
            [System.IO.File]::Delete("$directory/$(Get-Id 3)/Backup.xml")
            (Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context).backup_id | Should -BeNullOrEmpty
            $context.options.uncatalogued = $true
            $known = Get-GpmCatalogGpo -Context $context -Problems ([System.Collections.Generic.List[Object]]::new())
            (Add-GpmUncatalogued -Known $known -Context $context).id | Should -Be $gpoA, $gpoB
            $found = Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context
            $found.backup_id | Should -BeExactly (Get-Id 2)
            $found.damaged | Should -BeExactly (Get-Id 3)
            (Get-GpmChosenBackup -Item @{ id = $gpoB } -Context $context).backup_id | Should -BeExactly (Get-Id 4)
        }

        It 'is not passed over without a word where its entry is <shown>' -ForEach @(
            @{ shown = 'empty'; content = '' }
            @{ shown = 'a pointer of Git LFS'; content = "version https://git-lfs.github.com/spec/v1`noid sha256:1`nsize 9`n" }
            @{ shown = 'of a newer schema'; content = '{"schema": 99}' }
        ) {
            1..2 | ForEach-Object { Add-Backup $_; Add-Claim $_ }
            $break = { param ($Number) Write-File (Get-GpmCatalogIndex -Path $directory)[(Get-Id $Number)][0].path $content }
            & $break 2
            # The newest: an older one is taken, and that is told.
            $found = Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context
            $found.backup_id | Should -BeExactly (Get-Id 1)
            $found.damaged | Should -BeExactly (Get-Id 2)
            # All of them: the GPO is one to restore, and its backups have no entry.
            & $break 1
            $known = Get-GpmCatalogGpo -Context $context -Problems ([System.Collections.Generic.List[Object]]::new())
            $known.id | Should -BeExactly $gpoA
            $known.name | Should -BeExactly "GPO $gpoA"
            (Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context).backup_id | Should -BeNullOrEmpty
            (Get-GpmSurvey -Path $directory -Domain $domain).uncatalogued.backups | Should -Be 2
            $context.options.uncatalogued = $true
            (Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context).backup_id | Should -BeExactly (Get-Id 2)
        }

        It 'is a safety copy without an entry only where there is nothing else' {
            $context.options.uncatalogued = $true
            Add-Backup 1
            Add-Backup 2 $gpoA $domain (Get-GpmSafetyComment -Id (Get-Id 1))
            Add-Backup 3 $gpoB $domain (Get-GpmSafetyComment -Id (Get-Id 4))
            (Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context).backup_id | Should -BeExactly (Get-Id 1)
            (Get-GpmChosenBackup -Item @{ id = $gpoB } -Context $context).backup_id | Should -BeExactly (Get-Id 3)
        }

        It 'is not an older one because the newest just cannot be read' {
            1..2 | ForEach-Object { Add-Backup $_; Add-Claim $_ }
            $stream = [System.IO.File]::Open("$directory/$(Get-Id 2)/bkupInfo.xml", 'Open', 'Read', 'None')
            try {
                { Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context } | Should -Throw '*just cannot be read*'
            }
            finally {
                $stream.Dispose()
            }
            (Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context).backup_id | Should -BeExactly (Get-Id 2)
        }

        It 'is missed where it is damaged, whatever a safety copy of later says' {
            $context.options.uncatalogued = $true
            $context.options.as_of = '20260701123000'
            Add-Backup 1
            [System.IO.File]::Delete("$directory/$(Get-Id 1)/Backup.xml")
            Add-Backup 2 $gpoA $domain (Get-GpmSafetyComment -Id (Get-Id 1))
            Write-File "$directory/$(Get-Id 2)/bkupInfo.xml" ((
                    Get-Info 2 $gpoA $domain (Get-GpmSafetyComment -Id (Get-Id 1))) -replace '2026-07-01T', '2026-07-02T')
            $found = Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context
            $found.backup_id | Should -BeNullOrEmpty
            $found.later | Should -BeFalse
        }

        It 'is nothing of a GPO that only safety copies are there of, usable or not' {
            Add-Backup 1 $gpoA $domain (Get-GpmSafetyComment -Id (Get-Id 9))
            Add-Claim 1 $gpoA $domain 'safety'
            Add-Backup 2 $gpoB $domain (Get-GpmSafetyComment -Id (Get-Id 9))
            Add-Claim 2 $gpoB $domain 'safety'
            Write-File (Get-GpmCatalogIndex -Path $directory)[(Get-Id 2)][0].path
            $problems = [System.Collections.Generic.List[Object]]::new()
            Get-GpmCatalogGpo -Context $context -Problems $problems | Should -BeNullOrEmpty
            $problems.Count | Should -Be 1
        }

        It 'is never one whose time nobody knows where a time is asked for' {
            Add-Backup 1
            Write-File "$directory/$(Get-Id 1)/bkupInfo.xml" (
                (Get-Info 1 $gpoA $domain) -replace '<BackupTime>.*</BackupTime>', '<BackupTime></BackupTime>')
            $context.options.uncatalogued = $true
            (Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context).backup_id | Should -BeExactly (Get-Id 1)
            $context.options.as_of = '20300101000000'
            $found = Get-GpmChosenBackup -Item @{ id = $gpoA } -Context $context
            $found.backup_id | Should -BeNullOrEmpty
            $found.later | Should -BeTrue
        }

        It 'is told when it is a GPO''s ID' {
            Add-Backup 1
            Find-GpmGpoOfId -Id $gpoA -Context $context | Should -BeExactly "GPO $gpoA"
            Add-Claim 1
            Find-GpmGpoOfId -Id $gpoA -Context $context | Should -BeExactly "GPO $gpoA"
            Find-GpmGpoOfId -Id $gpoB -Context $context | Should -BeNullOrEmpty
        }
    }

    Context 'a directory in which nothing is found' {
        It 'has what the catalog does not know, and of which domains' {
            1..3 | ForEach-Object { Add-Backup $_ }
            Add-Backup 4 $gpoB 'other.example'
            $survey = Get-GpmSurvey -Path $directory -Domain 'CORP.example'
            $survey.uncatalogued.backups, $survey.uncatalogued.gpos | Should -Be 3, 1
            $survey.domains | Should -Be 'other.example'
            $survey.catalog | Should -BeFalse
        }

        It 'has backups one level off, and under other names' {
            $directory = "$directory/GPO"
            Add-Backup 1
            [System.IO.Directory]::Move("$directory/$(Get-Id 1)", "$directory/Kiosk")
            Add-Backup 2
            (Get-GpmSurvey -Path ([System.IO.Path]::GetDirectoryName($directory))).below | Should -Be 'GPO'
            $survey = Get-GpmSurvey -Path $directory
            $survey.renamed.folder + ' ' + $survey.renamed.id | Should -BeExactly "Kiosk $(Get-Id 1)"
            (Get-GpmSurvey -Path "$directory/$(Get-Id 2)").above | Should -BeExactly $directory
        }

        It 'has a manifest.xml that does not list what is there' {
            Add-Backup 1
            Add-Claim 1
            Add-Backup 2
            $space = 'http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest'
            Write-File "$directory/manifest.xml" "<Backups xmlns=""$space"">$(Get-Info 2 $gpoA $domain)</Backups>"
            $list = Open-List (New-Context)
            (Get-Listed 1 $list).state | Should -BeExactly 'ok'
            (Get-Listed 1 $list).problems | Should -BeLike 'manifest.xml does not list it, *'
            (Get-Listed 2 $list).problems | Should -BeNullOrEmpty
            $context = New-Context
            $context.task = @{ manifest = $null; unchanged = [System.Collections.Generic.List[String]]::new() }
            $xml = "$Namespace._BackupXml.BackupXml" -as [Type]
            foreach ($number in 1, 2) {
                $context.task.unchanged.Add((Get-Id $number))
            }
            $context.task.manifest = $xml::BeginReadManifest("$directory/manifest.xml")
            Add-GpmUnlisted -Context $context
            $context.trip.problems.kind + ' ' + $context.trip.problems.subject | Should -BeExactly 'unlisted 1'
            $context.trip.problems.message | Should -BeExactly (Get-Id 1)
        }

        It 'is the same to who adds to it and to who goes by it: <what>' -ForEach @(
            @{ what = 'none'; text = $null; adds = $null; goes = 'There is no *' }
            @{ what = 'a page'; text = '<html/>'; adds = 'It is a page of HTML*'; goes = '*cannot be read: It is a page*' }
            @{ what = 'others'; text = $null; adds = $null; goes = '*does not list the backup *' }
            @{ what = 'it'; text = $null; adds = $null; goes = '' }
            # That says nothing of what is in it.
            @{ what = 'open elsewhere'; text = '<html/>'; adds = $null; goes = '' }
        ) {
            $space = 'http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest'
            $file = "$directory/manifest.xml"
            if ($what -in 'others', 'it') {
                $number = if ($what -eq 'it') { 1 } else { 2 }
                $text = "<Backups xmlns=""$space"">$(Get-Info $number $gpoA $domain)</Backups>"
            }
            if ($null -ne $text) {
                Write-File $file $text
            }
            $stream = if ($what -eq 'open elsewhere') { [System.IO.File]::Open($file, 'Open', 'Read', 'None') }
            try {
                $reading = ("$Namespace._BackupXml.BackupXml" -as [Type])::BeginReadManifest($file)
                $adds = Get-GpmManifestFault -Reading $reading
                $goes = Get-GpmIndexFault -Path $directory -Id (Get-Id 1)
            }
            finally {
                if ($null -ne $stream) {
                    $stream.Dispose()
                }
            }
            [String]$adds | Should -BeLike ([String]$_.adds)
            $goes | Should -BeLike $_.goes
            Get-GpmManifestFault -Reading $null | Should -BeNullOrEmpty
        }

        It 'has an index that can be made anew' {
            Add-Backup 2
            Add-Backup 1 $gpoB
            $null = Add-Folder 3 'bkupInfo.xml'
            $null = Add-Folder 4 'readme.txt'
            $manifest = "$Namespace._ManifestFile.ManifestFile" -as [Type]
            $found = $manifest::Survey($directory)
            $found.entries.ID | Should -BeExactly (Get-Id 1), (Get-Id 2)
            $found.left.id | Sort-Object | Should -BeExactly (Get-Id 3), (Get-Id 4)
            $index = Update-GpmIndex -Path $directory -CheckMode $true
            $index.changed | Should -BeTrue
            $index.added | Should -BeExactly (Get-Id 1), (Get-Id 2)
            $index.fault | Should -BeExactly 'It is not there.'
            [System.IO.File]::Exists("$directory/manifest.xml") | Should -BeFalse
            # As it was when GPO 2 had another name, with one that is gone, and without GPO 1.
            $info = (Get-Info 2 $gpoA $domain).Replace('GPO {', 'Former {') + (Get-Info 9 $gpoA $domain)
            $space = 'http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest'
            Write-File "$directory/manifest.xml" "<Backups xmlns=""$space"">$info</Backups>"
            $index = Update-GpmIndex -Path $directory -CheckMode $true
            $index.added + $index.mended + $index.dropped | Should -BeExactly (Get-Id 1), (Get-Id 2), (Get-Id 9)
            $index.fault | Should -BeNullOrEmpty
        }

        It 'keeps in its index a backup that just cannot be read' {
            Add-Backup 1
            # As it is for a file that is denied: what stands there cannot be opened.
            $null = [System.IO.Directory]::CreateDirectory("$directory/$(Get-Id 5)/bkupInfo.xml")
            $info = (Get-Info 1 $gpoA $domain) + (Get-Info 5 $gpoA $domain) + (Get-Info 9 $gpoA $domain)
            $space = 'http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest'
            Write-File "$directory/manifest.xml" "<Backups xmlns=""$space"">$info</Backups>"
            $index = Update-GpmIndex -Path $directory -CheckMode $true
            $index.dropped | Should -BeExactly (Get-Id 9)
            $index.left.id | Should -BeExactly (Get-Id 5)
        }

        It 'has a manifest.xml whose backups are gone' {
            Add-Backup 1
            $inner = 1..3 | ForEach-Object { Get-Info $_ $gpoA $domain }
            $space = 'http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest'
            Write-File "$directory/manifest.xml" "<Backups xmlns=""$space"">$($inner -join '')</Backups>"
            (Get-GpmSurvey -Path $directory).gone | Should -Be 2
        }
    }

    Context 'a check of a backup that the catalog knows' {
        BeforeEach {
            Add-Backup 1
            Add-Claim 1
            $folder = "$directory/$(Get-Id 1)"
            $xml = "$Namespace._BackupXml.BackupXml" -as [Type]
            $files = ("$Namespace._FileTree.FileTree" -as [Type])::Hash($folder)
            $check = { $xml::BeginCheck($folder, (Get-Id 1), $gpoA, 'CORP.example', $files).GetAwaiter().GetResult() }
        }

        It 'finds nothing' {
            $found = & $check
            $found.damage.Count | Should -Be 0
            $found.contradiction | Should -BeNullOrEmpty
        }

        It 'finds a bkupInfo.xml that cannot be read' {
            $file = "$folder/bkupInfo.xml"
            Write-File $file ('x' * [System.IO.FileInfo]::new($file).Length)
            (& $check).damage.path | Should -Be 'bkupInfo.xml'
        }

        It 'finds that nothing is there' {
            [System.IO.Directory]::Delete($folder, $true)
            (& $check).damage.path | Should -Be $folder
        }
    }

    Context 'a tombstone' {
        BeforeEach {
            Add-Backup 1 $gpoA
            Add-Claim 1 $gpoA
            Add-Backup 2 $gpoB
            $stones = [System.IO.Directory]::CreateDirectory("$directory/.gpvault/.deleted").FullName
            $file = (Get-GpmCatalogIndex -Path $directory)[(Get-Id 1)][0].path
        }

        It 'completes a deletion' {
            [System.IO.File]::Move($file, "$stones/$(Get-Id 1).json")
            (Get-Listed 1).interrupted | Should -BeTrue
            Remove-Backups 1 -Remove @() | Should -Be 'pruned'
        }

        It 'deletes nothing where the entry is still there, and right' {
            [System.IO.File]::Copy($file, "$stones/$(Get-Id 1).json")
            (Get-Listed 1).interrupted | Should -BeFalse
            Remove-Backups 1 | Should -Be 'kept'
        }

        It 'deletes nothing while the backup cannot be read' {
            [System.IO.File]::Move($file, "$stones/$(Get-Id 1).json")
            Invoke-WhileOpen "$(Get-Id 1)/bkupInfo.xml" {
                $listed = Get-Listed 1
                $listed.interrupted | Should -BeFalse
                $listed.spared | Should -BeExactly 'unreadable'
                Remove-Backups 1 | Should -Be 'kept'
            }
            Remove-Backups 1 -Remove @() | Should -Be 'pruned'
        }

        It 'deletes nothing of another GPO' {
            [System.IO.File]::Move($file, "$stones/$(Get-Id 2).json")
            $listed = Get-Listed 2
            $listed.interrupted | Should -BeFalse
            $listed.spared | Should -BeExactly 'entry_unusable'
            Remove-Backups 2 | Should -Be 'kept'
        }

        It 'deletes nothing that GPMC does not write' {
            [System.IO.File]::Move($file, "$stones/$(Get-Id 1).json")
            Write-File "$directory/$(Get-Id 1)/readme.txt"
            (Get-Listed 1).interrupted | Should -BeFalse
            Remove-Backups 1 | Should -Be 'kept'
        }
    }

    Context 'a directory' {
        It 'is none of backups with <shown>' -ForEach ($foreign | Where-Object shown -NotLike 'half*') {
            $null = Add-Folder 1 $files
            Test-GpmBackupDirectory -Path $directory | Should -BeFalse
            Get-GpmUnfitness -Path $directory | Should -BeExactly 'There is no backup in it.'
        }

        It 'is one with <shown>' -ForEach $remains {
            $null = Add-Folder 1 $files
            Get-GpmUnfitness -Path $directory | Should -BeNullOrEmpty
        }

        It 'is one with an entry of the catalog alone' {
            Add-Backup 1
            Add-Claim 1
            [System.IO.Directory]::Delete("$directory/$(Get-Id 1)", $true)
            Get-GpmUnfitness -Path $directory | Should -BeNullOrEmpty
        }

        It 'is never pruned at <_>' -ForEach 'D:\', '\\host\D$', '\\host\c$\',
            '\\corp.example\SYSVOL\corp.example\Policies', 'C:\Windows\SYSVOL\domain\Policies', 'C:\Windows\sysvol_dfsr\domain\Policies', '\\dc1\sysvol' {
            Get-GpmUnfitness -Path $_ | Should -Match '^It is '
        }
    }
}
