# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# GPMC's own files of a backup directory, which anybody may have written. Left to the lab: that the files are no links,
# whose kind is asked of Windows.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"

    $names = 'GPOGuid', 'GPODomain', 'BackupTime', 'ID', 'Comment', 'GPODisplayName'
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    $manifestSpace = 'http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest'
    $id = '{AAAAAAAA-0000-0000-0000-000000000001}'
    $folder = [System.IO.Directory]::CreateDirectory("$TestDrive/$id").FullName
    $info = "$folder/bkupInfo.xml"
    $manifest = "$TestDrive/manifest.xml"

    function Get-Values {
        [ordered]@{
            GPOGuid = '{31B2F340-016D-11D2-945F-00C04FB984F9}'
            GPODomain = 'corp.example'
            GPODomainGuid = '{6ef50b4d-0000-0000-0000-000000000000}'
            GPODomainController = 'dc1.corp.example'
            BackupTime = '2026-07-01T12:30:00'
            ID = $id
            Comment = 'a comment'
            GPODisplayName = 'Default Domain Policy'
        }
    }

    function Write-Info ($Values, $Head = '', $Tail = '', $Name = 'BackupInst', $Space = $manifestSpace) {
        $elements = foreach ($key in $Values.Keys) {
            "<$key>" + [System.Security.SecurityElement]::Escape($Values[$key]) + "</$key>"
        }
        [System.IO.File]::WriteAllText($info, "$Head<$Name xmlns=""$Space"">$($elements -join '')</$Name>$Tail")
    }

    function Read-Info {
        Read-GpmBackupInfo -Path $TestDrive -Id $id
    }
}

Describe 'GPMC''s XML in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    Context 'bkupInfo.xml' {
        It 'tells GPO, time and comment' {
            Write-Info (Get-Values) -Head '<?xml version="1.0"?><!-- a comment --><?instruction?>'
            $read = Read-Info
            $read.gpo.id | Should -BeExactly '{31B2F340-016D-11D2-945F-00C04FB984F9}'
            $read.gpo.name | Should -BeExactly 'Default Domain Policy'
            $read.gpo.domain | Should -BeExactly 'corp.example'
            $read.timestamp | Should -BeExactly '2026-07-01T12:30:00Z'
            $read.comment | Should -BeExactly 'a comment'
            Get-GpmBackupTime -Path $TestDrive -Id $id | Should -BeExactly '2026-07-01T12:30:00Z'
        }

        It 'keeps the text <shown>' -ForEach (
            Get-TextCase '<b>&amp;', '$(x)`', "caf`u{e9}", "cafe`u{301}", "`u{202e}x", '🔑', ' x '
        ) {
            $values = Get-Values
            $values.GPODisplayName = $values.Comment = $text
            Write-Info $values
            $read = Read-Info
            $read.gpo.name | Should -BeExactly $text
            $read.comment | Should -BeExactly $text
        }

        It 'is refused without <_>' -ForEach ($names -ne 'Comment') {
            $values = Get-Values
            $values.Remove($_)
            Write-Info $values
            { Read-Info } | Should -Throw "It lacks $_."
            Get-GpmBackupTime -Path $TestDrive -Id $id | Should -BeNullOrEmpty
        }

        It 'may have no comment' {
            $values = Get-Values
            $values.Remove('Comment')
            Write-Info $values
            (Read-Info).comment | Should -BeExactly ''
        }

        It 'is refused with an endless <_>' -ForEach $names {
            $values = Get-Values
            $values[$_] = 'x' * 2048
            Write-Info $values
            { Read-Info } | Should -Throw "Its $_ is longer*"
        }

        It 'may leave GPODomain, BackupTime and GPODisplayName empty, as scripts write it for an import' {
            $values = Get-Values
            $values.GPODomain = $values.BackupTime = $values.GPODisplayName = ''
            Write-Info $values
            $read = Read-Info
            $read.gpo.domain + $read.gpo.name | Should -BeExactly ''
            $read.timestamp | Should -BeNullOrEmpty
        }

        It 'is refused with <name> = <value>' -ForEach @(
            @{ name = 'GPOGuid'; value = '' }
            @{ name = 'GPOGuid'; value = '..\..' }
            @{ name = 'GPOGuid'; value = '31B2F340-016D-11D2-945F-00C04FB984F9' }
            @{ name = 'GPOGuid'; value = '{31B2F340-016D-11D2-945F-00C04FB984FG}' }
            @{ name = 'GPODomain'; value = '..' }
            @{ name = 'GPODomain'; value = 'a\..\b' }
            @{ name = 'GPODomain'; value = 'a/b' }
            @{ name = 'GPODomain'; value = 'C:' }
            @{ name = 'GPODomain'; value = '.deleted' }
            @{ name = 'GPODomain'; value = 'corp.' }
            @{ name = 'GPODomain'; value = 'a..b' }
            @{ name = 'GPODomain'; value = 'a*' }
            @{ name = 'GPODomain'; value = "a`nb" }
            @{ name = 'ID'; value = '{AAAAAAAA-0000-0000-0000-000000000002}' }
            @{ name = 'ID'; value = '' }
            @{ name = 'BackupTime'; value = 'yesterday' }
            @{ name = 'BackupTime'; value = '01.07.2026 12:30' }
            @{ name = 'BackupTime'; value = '2026-13-01T00:00:00' }
            @{ name = 'BackupTime'; value = '2026-07-01T12:30:00+02:00' }
        ) {
            $values = Get-Values
            $values[$name] = $value
            Write-Info $values
            { Read-Info } | Should -Throw
        }

        It 'gives identifiers in capitals' {
            $values = Get-Values
            $values.GPOGuid = $values.GPOGuid.ToLowerInvariant()
            $values.ID = $id.ToLowerInvariant()
            Write-Info $values
            (Read-Info).gpo.id | Should -BeExactly '{31B2F340-016D-11D2-945F-00C04FB984F9}'
        }

        It 'is refused with a DTD' -ForEach @(
            '<!DOCTYPE BackupInst>'
            '<!DOCTYPE BackupInst [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
            '<!DOCTYPE BackupInst SYSTEM "http://127.0.0.1:9/x.dtd">'
            '<!DOCTYPE BackupInst [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        ) {
            Write-Info (Get-Values) -Head $_
            { Read-Info } | Should -Throw '*DTD*'
        }

        It 'is refused with an entity that nobody declared' {
            $text = "<BackupInst xmlns='$manifestSpace'><Comment>&x;</Comment></BackupInst>"
            [System.IO.File]::WriteAllText($info, $text)
            { Read-Info } | Should -Throw
        }

        It 'is refused when its root is another' {
            Write-Info (Get-Values) -Name 'Backups'
            { Read-Info } | Should -Throw '*root*'
            Write-Info (Get-Values) -Space 'http://example.com'
            { Read-Info } | Should -Throw '*root*'
        }

        It 'is refused when it is no whole XML: <_>' -ForEach @(
            '', 'x', '<BackupInst', "<BackupInst xmlns='{0}'>", "<BackupInst xmlns='{0}'/>",
            "<BackupInst xmlns='{0}'>text</BackupInst>", "<BackupInst xmlns='{0}'><ID><b/></ID></BackupInst>"
        ) {
            [System.IO.File]::WriteAllText($info, ($_ -f $manifestSpace))
            { Read-Info } | Should -Throw
        }

        It 'is refused with something behind its end' {
            Write-Info (Get-Values) -Tail '<more/>'
            { Read-Info } | Should -Throw
        }

        It 'is refused when it is too large, before it is read' {
            Write-Info (Get-Values) -Tail (' ' * 65536)
            { Read-Info } | Should -Throw '*too large*'
        }

        It 'is refused when it or its folder is not there' {
            [System.IO.File]::Delete($info)
            { Read-Info } | Should -Throw
            { Read-GpmBackupInfo -Path $TestDrive -Id '{AAAAAAAA-0000-0000-0000-00000000000F}' } | Should -Throw
        }

        It 'is not looked for behind a link' {
            $target = [System.IO.Directory]::CreateDirectory("$TestDrive/" + [Guid]::NewGuid()).FullName
            $linked = '{{AAAAAAAA-0000-0000-0000-{0:d12}}}' -f (Get-Random -Maximum 1000000)
            $null = [System.IO.Directory]::CreateSymbolicLink("$TestDrive/$linked", $target)
            { Read-GpmBackupInfo -Path $TestDrive -Id $linked } | Should -Throw '*link*'
        }
    }

    Context 'manifest.xml' {
        It 'lists IDs, in capitals and once each' {
            $ids = '{aaaaaaaa-0000-0000-0000-000000000001}', '{BBBBBBBB-0000-0000-0000-000000000002}',
                '{AAAAAAAA-0000-0000-0000-000000000001}'
            $items = foreach ($one in $ids) { "<BackupInst><GPOGuid>x</GPOGuid><ID>$one</ID></BackupInst>" }
            [System.IO.File]::WriteAllText($manifest, "<Backups xmlns='$manifestSpace'>$items<BackupInst/></Backups>")
            $read = Read-GpmManifest -Path $TestDrive
            $read | Sort-Object |
                Should -BeExactly '{AAAAAAAA-0000-0000-0000-000000000001}', '{BBBBBBBB-0000-0000-0000-000000000002}'
        }

        It 'is empty when there is none' {
            [System.IO.File]::Delete($manifest)
            (Read-GpmManifest -Path $TestDrive).Count | Should -Be 0
        }

        It 'is refused as <_>' -ForEach @(
            '', '<Backups/>', "<BackupInst xmlns='{0}'/>", "<!DOCTYPE Backups><Backups xmlns='{0}'/>",
            "<Backups xmlns='{0}'><BackupInst><ID>&x;</ID></BackupInst></Backups>", "<Backups xmlns='{0}'>",
            "<Backups xmlns='{0}'><BackupInst>x</BackupInst></Backups>"
        ) {
            [System.IO.File]::WriteAllText($manifest, ($_ -f $manifestSpace))
            { Read-GpmManifest -Path $TestDrive } | Should -Throw
        }

        It 'is named for what it is: <said>' -ForEach @(
            @{ said = 'It is empty.'; content = " `r`n" }
            @{ said = 'It is a pointer of Git LFS *'; content = "version https://git-lfs.github.com/spec/v1`noid x`n" }
            @{ said = 'It is a page of HTML*'; content = "`u{feff}<!DOCTYPE html><html><body>404</body></html>" }
            @{ said = 'It is a page of HTML*'; content = '<HTML></HTML>' }
            @{ said = 'It ends in the middle.'; content = "<Backups xmlns='{0}'><BackupInst><ID>{{AAAAAAAA-00" }
        ) {
            [System.IO.File]::WriteAllText($manifest, ($content -f $manifestSpace))
            { Read-GpmManifest -Path $TestDrive } | Should -Throw "*""$said"""
        }

        It 'is read beside other work, and is null when there is none' {
            $xml = "$Namespace._BackupXml.BackupXml" -as [Type]
            $xml::BeginReadManifest("$TestDrive/none.xml").GetAwaiter().GetResult() | Should -Be $null
            [System.IO.File]::WriteAllText($manifest, "<Backups xmlns='$manifestSpace'/>")
            $xml::BeginReadManifest($manifest).GetAwaiter().GetResult().Count | Should -Be 0
        }
    }

    Context 'Backup.xml' {
        BeforeAll {
            $xml = "$Namespace._BackupXml.BackupXml" -as [Type]
            $backup = "$TestDrive/Backup.xml"
        }

        It 'tells the locations of its files' {
            [System.IO.File]::WriteAllText($backup, @'
<GroupPolicyBackupScheme xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations"
    xmlns:bkp="http://www.microsoft.com/GroupPolicy/GPOOperations">
<FSObjectFile bkp:Location="DomainSysvol\GPO\Machine\registry.pol"/><x><FSObjectFile bkp:Location="a &amp; b"/></x>
<FSObjectFile bkp:Location=""/><FSObjectFile Location="other"/></GroupPolicyBackupScheme>
'@)
            $xml::ReadLocations($backup) | Should -BeExactly 'DomainSysvol\GPO\Machine\registry.pol', 'a & b'
        }

        It 'tells the accounts that it names' {
            [System.IO.File]::WriteAllText($backup, @'
<GroupPolicyBackupScheme xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations"
    xmlns:bkp="http://www.microsoft.com/GroupPolicy/GPOOperations"><GroupPolicyObject><SecurityGroups>
<Group bkp:Source="FromDACL"><Sid><![CDATA[S-1-5-21-1-2-3-512]]></Sid><SamAccountName><![CDATA[A & B]]></SamAccountName>
<Type>GlobalGroup</Type><NetBIOSDomainName>CORP</NetBIOSDomainName><DnsDomainName>corp.example</DnsDomainName></Group>
<Group bkp:Source="FromDACL"><Sid>S-1-5-21-1-2-3-4711</Sid><SamAccountName/></Group><Group/></SecurityGroups>
<Group><Sid>S-1-1-0</Sid></Group></GroupPolicyObject></GroupPolicyBackupScheme>
'@)
            $accounts = $xml::ReadAccounts($backup)
            $accounts.Count | Should -Be 3
            $accounts[0].Sid, $accounts[0].SamAccountName, $accounts[0].NetBIOSDomainName, $accounts[0].DnsDomainName |
                Should -BeExactly 'S-1-5-21-1-2-3-512', 'A & B', 'CORP', 'corp.example'
            $accounts[1].Sid | Should -Be 'S-1-5-21-1-2-3-4711'
        }

        It 'may name none: <_>' -ForEach '', '<x/>', '<x><SecurityGroups/></x>' {
            [System.IO.File]::WriteAllText($backup, '<GroupPolicyBackupScheme xmlns="' +
                "http://www.microsoft.com/GroupPolicy/GPOOperations`">$_</GroupPolicyBackupScheme>")
            , $xml::ReadAccounts($backup) | Should -BeNullOrEmpty
        }

        It 'is refused as <_>' -ForEach '', '<x/>', '<!DOCTYPE x><x/>', '<GroupPolicyBackupScheme/>' {
            [System.IO.File]::WriteAllText($backup, $_)
            { $xml::ReadLocations($backup) } | Should -Throw
            { $xml::ReadAccounts($backup) } | Should -Throw
        }

        It 'tells what bkupInfo.xml said, where that is lost' {
            $one = '{{AAAAAAAA-0000-0000-0000-{0:d12}}}' -f (Get-Random -Maximum 1000000)
            $folder = [System.IO.Directory]::CreateDirectory("$TestDrive/$one").FullName
            Test-GpmInfoLost -Path $TestDrive -Id $one | Should -BeTrue
            { Get-GpmRebuiltInfo -Path $TestDrive -Id $one } | Should -Throw
            $space = 'http://www.microsoft.com/GroupPolicy/GPOOperations'
            $core = '<ID>{31b2f340-016d-11d2-945f-00c04fb984f9}</ID><Domain>corp.example</Domain>'
            foreach ($case in @{ inner = ''; fits = $false }, @{ inner = $core; fits = $true }) {
                $inner = "<GroupPolicyCoreSettings>$($case.inner)<DisplayName>A &amp; B</DisplayName>" +
                    '</GroupPolicyCoreSettings>'
                $xml = "<GroupPolicyBackupScheme xmlns=""$space""><x/>$inner</GroupPolicyBackupScheme>"
                [System.IO.File]::WriteAllText("$folder/Backup.xml", $xml)
                if (-not $case.fits) {
                    { Get-GpmRebuiltInfo -Path $TestDrive -Id $one } | Should -Throw '*does not say*'
                }
            }
            [System.IO.File]::SetLastWriteTimeUtc("$folder/Backup.xml", [DateTime]::new(2026, 7, 1, 12, 30, 0))
            $rebuilt = Get-GpmRebuiltInfo -Path $TestDrive -Id $one
            $rebuilt.GPODisplayName + ' ' + $rebuilt.GPODomain + ' ' + $rebuilt.BackupTime |
                Should -BeExactly 'A & B corp.example 2026-07-01T12:30:00'
            $context = @{ options = @{ path = $TestDrive }; task = @{ rebuilt = $rebuilt } }
            (Read-GpmSourceInfo -Id $one -Context $context).gpo.id |
                Should -BeExactly '{31B2F340-016D-11D2-945F-00C04FB984F9}'

            # The trip that selected was another, which found the directory locked.
            $entry = @{ changed = $false }
            $context = @{
                options = @{ path = $TestDrive; backup_id = $one; force = $true; as_of = $null; _run_id = 'run' }
                trip = @{ domain = 'corp.example'; problems = [System.Collections.Generic.List[Object]]::new() }
                task = @{}
                checkMode = $false
            }
            { Restore-GpmItem -Item @{ id = '{31B2F340-016D-11D2-945F-00C04FB984F9}'; name = $null } -Entry $entry `
                    -Context $context } | Should -Throw
            # It got as far as to look for the GPO in the domain, which is not there.
            $context.step | Should -Be 'compare'
            $entry.backup.id | Should -Be $one
            $entry.changed | Should -BeTrue
            (Read-GpmBackupInfo -Path $TestDrive -Id $one).gpo.name | Should -Be 'A & B'
            $context.trip.problems.kind | Should -Be 'rebuilt'
        }
    }
}
