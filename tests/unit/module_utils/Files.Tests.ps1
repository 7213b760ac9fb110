# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# How the files of a GPO are compared: those in SYSVOL with a fingerprint, and settings with those of a backup. Paths
# are texts here, with backslashes as on Windows.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    function New-File ($Path, $Size = 1, $Modified = '2026-07-01T00:00:00.0000000Z') {
        @{ path = $Path; size = $Size; modified = $Modified }
    }

    function Get-Difference ($Before, $After, $Explained = @()) {
        Compare-GpmFile -Before $Before -After $After -Explained $Explained
    }

    function Get-Settings ($Files) {
        Get-GpmSettingsFile -Except 'none' -Files @(foreach ($path in $Files.get_Keys()) {
                @{ path = $path; sha256 = $Files[$path]; size = 1 }
            })
    }

    function Get-SettingChange ($Live, $Recorded) {
        $changes = @{}
        foreach ($change in (Compare-GpmSetting -Live (Get-Settings $Live) -Recorded (Get-Settings $Recorded))) {
            $changes[$change.reason] = $change.after
        }
        $changes
    }
}

Describe 'Files in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    Context 'of a fingerprint' {
        It 'are the same' {
            $files = @((New-File 'Machine\a'), (New-File 'b' 2))
            Get-Difference $files @((New-File 'Machine\a'), (New-File 'b' 2)) | Should -BeNullOrEmpty
            Get-Difference @() @() | Should -BeNullOrEmpty
        }

        It 'are the same in another order or case' {
            Get-Difference @((New-File 'Machine\I'), (New-File 'b')) @((New-File 'B'), (New-File 'MACHINE\i')) |
                Should -BeNullOrEmpty
        }

        It 'differ by <what>' -ForEach @(
            @{ what = 'size'; file = @{ path = 'a'; size = 2; modified = '2026-07-01T00:00:00.0000000Z' } }
            @{ what = 'time'; file = @{ path = 'a'; size = 1; modified = '2026-07-01T00:00:00.0000001Z' } }
        ) {
            $differences = @(Get-Difference @(New-File 'a') @($file))
            $differences.Count | Should -Be 1
            $differences[0].path | Should -BeExactly 'a'
            $differences[0].before.size | Should -Be 1
            $differences[0].after | Should -Be $file
        }

        It 'have come or gone' {
            $differences = Get-Difference @((New-File 'a'), (New-File 'b')) @((New-File 'b'), (New-File 'c'))
            $gone, $come = $differences | Sort-Object -Property { $_.path }
            $gone.path + $come.path | Should -BeExactly 'ac'
            $gone.after | Should -BeNullOrEmpty
            $come.before | Should -BeNullOrEmpty
        }

        It 'are all different from those that could not be read' {
            (Get-Difference $null @((New-File 'a'), (New-File 'b'))).path | Should -BeExactly 'a', 'b'
            (Get-Difference @(New-File 'a') $null).path | Should -BeExactly 'a'
            Get-Difference $null $null | Should -BeNullOrEmpty
        }

        It 'are different files when only a language calls their names equal: <one>, <other>' -ForEach @(
            @{ one = "caf`u{e9}"; other = "cafe`u{301}" }
            @{ one = "a`u{200b}"; other = 'a' }
            @{ one = 'straße'; other = 'strasse' }
            @{ one = 'i'; other = 'İ' }
            @{ one = 'I'; other = 'ı' }
        ) {
            $differences = @(Get-Difference @(New-File $one) @(New-File $other))
            $differences.Count | Should -Be 2
            Get-Difference @((New-File $one), (New-File $other 2)) @((New-File $other 2), (New-File $one)) |
                Should -BeNullOrEmpty
        }

        It 'are explained by another reason: <path> by <prefix>, <expected>' -ForEach @(
            @{ path = 'Machine\Registry.pol'; prefix = 'Machine\'; expected = $true }
            @{ path = 'MACHINE\SCRIPTS\i.cmd'; prefix = 'Machine\'; expected = $true }
            @{ path = 'gpt.ini'; prefix = 'GPT.INI'; expected = $true }
            @{ path = 'Machine2\x'; prefix = 'Machine\'; expected = $false }
            @{ path = 'User\Machine\x'; prefix = 'Machine\'; expected = $false }
            @{ path = "Mac`u{200b}hine\x"; prefix = 'Machine\'; expected = $false }
        ) {
            $differences = Get-Difference @(New-File $path) @((New-File $path 2), (New-File 'other')) @($prefix)
            ($differences.path -ccontains $path) | Should -Be (-not $expected)
            ($differences.path -ccontains 'other') | Should -BeTrue
        }
    }

    Context 'of a backup' {
        It 'are those of the GPO, by their paths there' {
            $files = @('Backup.xml', 'DomainSysvol\GPO\Machine\a', 'domainsysvol\gpo\User\b', 'DomainSysvol\GPO2\c',
                "Domain`u{200b}Sysvol\GPO\d", 'DomainSysvol\GPO\GPT.INI', 'DomainSysvol\GPO\Machine\GPT.INI')
            $found = Get-GpmSettingsFile -InBackup -Except 'gpt.ini' -Files @(
                foreach ($path in $files) { @{ path = $path; sha256 = 'x' } })
            $found.Keys | Sort-Object | Should -BeExactly 'Machine\a', 'Machine\GPT.INI', 'User\b'
            $found['MACHINE\A'].sha256 | Should -Be 'x'
        }

        It 'are all of SYSVOL''s but what is no setting' {
            $found = Get-GpmSettingsFile -Except 'GPT.INI', 'GPO.cmt' -Files @(
                foreach ($path in 'Gpt.ini', 'gpo.CMT', 'gpo.cmt.bak', 'Machine\GPO.cmt') { @{ path = $path } })
            $found.Keys | Sort-Object | Should -BeExactly 'gpo.cmt.bak', 'Machine\GPO.cmt'
        }

        It 'are settings when only a language calls them what is none' {
            $path = "GPT.INI`u{200b}"
            (Get-GpmSettingsFile -Except 'GPT.INI' -Files @(@{ path = $path })).Keys | Should -BeExactly $path
        }

        It 'are none where there is none' {
            foreach ($none in $null, @()) {
                (Get-GpmSettingsFile -Except 'x' -Files $none).Count | Should -Be 0
            }
        }
    }

    Context 'with settings' {
        It 'are the same' {
            (Get-SettingChange @{ 'Machine\i' = '01'; 'b' = '02' } @{ 'MACHINE\I' = '01'; 'B' = '02' }).Count |
                Should -Be 0
            (Get-SettingChange @{} @{}).Count | Should -Be 0
        }

        It 'are told by half' {
            $changes = Get-SettingChange @{} @{ 'machine\a' = '1'; 'MACHINE\b' = '2'; 'User\c' = '3'; 'Users\d' = '4' }
            @($changes.Keys).Count | Should -Be 3
            $changes.computer_settings.path | Should -HaveCount 2
            $changes.computer_settings.path -ccontains 'machine\a' | Should -BeTrue
            $changes.computer_settings.path -ccontains 'MACHINE\b' | Should -BeTrue
            $changes.user_settings.path | Should -BeExactly 'User\c'
            $changes.files.path | Should -BeExactly 'Users\d'
        }

        It 'are told one by one when only a language calls their paths equal: <one>, <other>' -ForEach @(
            @{ one = "caf`u{e9}"; other = "cafe`u{301}" }
            @{ one = "a`u{200b}"; other = 'a' }
            @{ one = 'straße'; other = 'strasse' }
            @{ one = 'i'; other = 'İ' }
            @{ one = 'I'; other = 'ı' }
        ) {
            $changes = Get-SettingChange @{ $one = '1'; $other = '2' } @{ $one = '3'; $other = '4' }
            $changes.files | Should -HaveCount 2
            (Get-SettingChange @{ $one = '1'; $other = '2' } @{ $one = '1'; $other = '3' }).files.path |
                Should -BeExactly $other
            (Get-SettingChange @{ $one = '1'; $other = '2' } @{ $one = '3'; $other = '2' }).files.path |
                Should -BeExactly $one
        }

        It 'are told in one order in every culture' {
            $changes = Get-SettingChange @{} @{
                'Machine\z' = '1'
                'MACHINE\i' = '1'
                'machine\A' = '1'
                'Machine\ä' = '1'
            }
            $changes.computer_settings.path | Should -BeExactly 'machine\A', 'MACHINE\i', 'Machine\z', 'Machine\ä'
        }

        It 'are told as they are and as they will be' {
            $changes = Get-SettingChange @{ 'changed' = '1'; 'more' = '2' } @{ 'changed' = '3'; 'missing' = '4' }
            $byPath = @{}
            foreach ($change in $changes.files) {
                $byPath[$change.path] = $change
            }
            $byPath.Count | Should -Be 3
            $byPath.changed.before.sha256 + $byPath.changed.after.sha256 | Should -Be '13'
            $byPath.more.before.sha256 | Should -Be '2'
            $byPath.more.after | Should -BeNullOrEmpty
            $byPath.missing.before | Should -BeNullOrEmpty
            $byPath.missing.after.sha256 | Should -Be '4'
        }

        It 'may be called <_>' -ForEach 'Keys', 'Values', 'Count' {
            $changes = Get-SettingChange @{ $_ = '1'; 'Machine\a' = '2' } @{ $_ = '3'; 'Machine\a' = '4' }
            $changes.files.path | Should -BeExactly $_
            $changes.computer_settings.path | Should -BeExactly 'Machine\a'
            Get-GpmSettingsHash -Files (Get-Settings @{ $_ = '1' }) | Should -Match '^[0-9a-f]{64}$'
            (Get-Difference @((New-File $_), (New-File 'gone')) @(New-File $_)).path | Should -BeExactly 'gone'
        }

        It 'have one hash, whatever their order and case, and another for each change' {
            $hash = Get-GpmSettingsHash -Files (Get-Settings @{ 'Machine\i' = '01'; 'b' = '02' })
            $hash | Should -Match '^[0-9a-f]{64}$'
            Get-GpmSettingsHash -Files (Get-Settings @{ 'B' = '02'; 'MACHINE\I' = '01' }) | Should -BeExactly $hash
            foreach ($other in @{ 'b' = '02' }, @{ 'Machine\i' = '02'; 'b' = '01' },
                @{ 'Machine\İ' = '01'; 'b' = '02' }, @{ "Machine\i`u{200b}" = '01'; 'b' = '02' }) {
                Get-GpmSettingsHash -Files (Get-Settings $other) | Should -Not -Be $hash
            }
        }
    }
}
