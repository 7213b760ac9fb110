# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Whether the settings of a GPO are those of a backup. Left to the lab: what GPMC does, and files in SYSVOL.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    $id = '{31B2F340-016D-11D2-945F-00C04FB984F9}'
    $backupId = '{AAAAAAAA-0000-0000-0000-000000000001}'
    $template = 'Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf'

    function Get-Files ($Hashes) {
        $files = New-GpmMap
        foreach ($path in $Hashes.get_Keys()) {
            $files[$path] = @{ path = $path; sha256 = $Hashes[$path]; size = 1 }
        }
        $files
    }

    function Get-Wanted ($Files = @{}, $Table = '') {
        @{ operation = 'import'; backup_id = $backupId; files = (Get-Files $Files); except = @('GPT.INI'); table = $Table
            versions = $null; modified = $null; hash = $null }
    }

    function Get-Context {
        @{ options = @{ path = "$TestDrive"; _run_id = 'run' }; trip = @{ domain = 'corp.example' } }
    }

    # The report of the backup, with an extension of this content.
    function Write-SavedReport ($Content) {
        $settings = 'http://www.microsoft.com/GroupPolicy/Settings'
        $null = [System.IO.Directory]::CreateDirectory("$TestDrive/$backupId")
        [System.IO.File]::WriteAllText("$TestDrive/$backupId/gpreport.xml", @"
<GPO xmlns="$settings" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Computer><ExtensionData>
<Extension xmlns:q="$settings/WLanSvc" xsi:type="q:T">$Content</Extension></ExtensionData></Computer></GPO>
"@)
        Read-GpmSavedReport -Path $TestDrive -Id $backupId
    }

    function Get-Deviation ($Files, $Wanted, $Report) {
        Find-GpmDeviation -Wanted $Wanted -Files (Get-Files $Files) -Report $Report -Context (Get-Context)
    }
}

Describe 'Settings in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    Context 'after a restore or an import' {
        BeforeAll {
            $report = Write-SavedReport '<q:a/>'
            $other = @{ 'Computer WLanSvc' = 'other' }
        }

        It 'deviate by <what>' -ForEach @(
            @{ what = 'a lost file'; live = @{}; wanted = @{ 'Machine\a' = '1' }; missing = 'Machine\a' }
            @{ what = 'a lost file of the root'; live = @{}; wanted = @{ 'Adm\i.adm' = '1' }; missing = 'Adm\i.adm' }
            @{ what = 'another content'; live = @{ 'User\a' = '1' }; wanted = @{ 'user\A' = '2' }; altered = 'User\a' }
            @{ what = 'a file too many'; live = @{ 'USER\i' = '1' }; wanted = @{}; extra = 'USER\i' }
        ) {
            foreach ($table in '', 'table') {
                $found = Get-Deviation $live (Get-Wanted $wanted $table) $report
                # A migration table may change what is in a file, and nothing else.
                if ($_['altered'] -and $table) {
                    $found | Should -BeNullOrEmpty
                    continue
                }
                foreach ($kind in 'missing', 'altered', 'extra') {
                    @($found[$kind]) -join ' ' | Should -BeExactly ([String]$_[$kind])
                }
            }
        }

        It 'do not deviate by <what>' -ForEach @(
            @{ what = 'nothing'; live = @{ 'User\a' = '1' }; wanted = @{ 'user\A' = '1' } }
            @{ what = 'what GPMC does not carry'; live = @{ 'root.txt' = '1' }; wanted = @{} }
        ) {
            Get-Deviation $live (Get-Wanted $wanted) $report | Should -BeNullOrEmpty
        }

        It 'may have a security template that was written anew, when the report says the same' {
            $live, $wanted = @{ $template.ToUpperInvariant() = '1' }, (Get-Wanted @{ $template = '2' })
            Get-Deviation $live $wanted $report | Should -BeNullOrEmpty
            $found = Get-Deviation $live $wanted $other
            $found.settings | Should -BeExactly 'Computer WLanSvc'
            $found.altered.Count | Should -Be 1
            [System.IO.File]::Delete("$TestDrive/$backupId/gpreport.xml")
            (Get-Deviation $live $wanted $report).altered.Count | Should -Be 1
            $null = Write-SavedReport '<q:a/>'
        }

        It 'have failed when of files not one came out, and are told of when some did not' -ForEach @(
            @{ live = @{}; wanted = @{ 'User\a' = '1'; 'b' = '1' }; step = 'nothing_there' }
            @{ live = @{ 'User\other' = '1' }; wanted = @{ 'User\a' = '1' }; step = 'nothing_there' }
            @{ live = @{ 'b' = '1' }; wanted = @{ 'User\a' = '1'; 'b' = '1' }; step = $null }
            @{ live = @{ 'b' = '2' }; wanted = @{ 'b' = '1' }; step = $null }
            @{ live = @{}; wanted = @{}; step = $null }
        ) {
            $files = Get-Files $live
            $entry = @{ trouble = $null; problems = @(); deviations = $null }
            Invoke-Instead @{
                'Get-GpmLiveSetting' = { $files }.GetNewClosure()
                'Read-GpmLiveReport' = { @{} }
            } {
                Confirm-GpmWanted -Wanted (Get-Wanted $wanted 'table') -Item @{ id = $id; gpo = 'gpo' } -Entry $entry `
                    -Context (Get-Context)
            }
            $(if ($entry.trouble) { $entry.trouble.step }) | Should -Be $step
        }

        It 'deviate by what is in no file, where no table changes it' {
            (Get-Deviation @{} (Get-Wanted) $other).settings | Should -BeExactly 'Computer WLanSvc'
            (Get-Deviation @{} (Get-Wanted) @{}).settings | Should -BeExactly 'Computer WLanSvc'
            Get-Deviation @{} (Get-Wanted @{} 'table') $other | Should -BeNullOrEmpty
        }
    }

    Context 'as noted' {
        BeforeAll {
            $info = @{ id = $id; versions = @{ computer = @{ directory = 1; sysvol = 1 } }; modified = '2026-07-01T00:00:00' }
            $files = Get-Files @{ 'Machine\i' = '1'; 'b' = '2' }
            $note = New-GpmSettingsNote -Wanted (Get-Wanted) -Files $files -Report @{ x = '1' } -Context (Get-Context)
            Write-GpmSettingsNote -Note $note -Wanted (Get-Wanted) -Info $info -Context (Get-Context)

            function Read-Note ($Files, $Wanted) {
                Read-GpmSettingsNote -Wanted $Wanted -Id $id -Files $Files -Context (Get-Context)
            }
        }

        It 'are known again, with their report' {
            $read = Read-Note (Get-Files @{ 'B' = '2'; 'MACHINE\I' = '1' }) (Get-Wanted)
            $read.report['x'] | Should -BeExactly '1'
            Test-GpmUntouched -Since $read -Info $info | Should -BeTrue
        }

        It 'are others with other <what>' -ForEach @(
            @{ what = 'files'; live = @{ 'Machine\i' = '1' }; key = 'table'; value = '' }
            @{ what = 'contents'; live = @{ 'Machine\i' = '2'; 'b' = '2' }; key = 'table'; value = '' }
            @{ what = 'tables'; live = @{ 'Machine\i' = '1'; 'b' = '2' }; key = 'table'; value = 'x' }
            @{ what = 'operations'; live = @{ 'Machine\i' = '1'; 'b' = '2' }; key = 'operation'; value = 'restore' }
            @{ what = 'backups'; live = @{ 'Machine\i' = '1'; 'b' = '2' }; key = 'backup_id'; value = '{B}' }
        ) {
            $wanted = Get-Wanted
            $wanted[$key] = $value
            Read-Note (Get-Files $live) $wanted | Should -BeNullOrEmpty
        }

        It 'are others when the backup was written anew under its ID' {
            $same = @{ 'Machine\i' = '1'; 'b' = '2' }
            Read-Note (Get-Files $same) (Get-Wanted @{ 'c' = '3' }) | Should -BeNullOrEmpty
            $null = Write-SavedReport 'new'
            Read-Note (Get-Files $same) (Get-Wanted) | Should -BeNullOrEmpty
            [System.IO.File]::Delete("$TestDrive/$backupId/gpreport.xml")
            Read-Note (Get-Files $same) (Get-Wanted) | Should -Not -BeNullOrEmpty
        }

        It 'have a hash that is made once, from what was compared' {
            $null = Write-SavedReport '<q:b/>'
            $wanted = Get-Wanted @{ 'a' = '1' }
            $hash = Get-GpmSavedHash -Wanted $wanted -Context (Get-Context)
            [System.IO.File]::Delete("$TestDrive/$backupId/gpreport.xml")
            Get-GpmSavedHash -Wanted $wanted -Context (Get-Context) | Should -BeExactly $hash
            Get-GpmSavedHash -Wanted (Get-Wanted @{ 'a' = '1' }) -Context (Get-Context) | Should -Not -Be $hash
        }

        It 'are not known by what is no note: <_>' -ForEach '', '[]', '{"backup_id": "{AAAAAAAA-0000-0000-0000-000000000001}"}' {
            $path = Get-GpmSettingsNotePath -Wanted (Get-Wanted) -Id $id -Context (Get-Context)
            $saved = [System.IO.File]::ReadAllBytes($path)
            [System.IO.File]::WriteAllText($path, $_)
            Read-Note $files (Get-Wanted) | Should -BeNullOrEmpty
            [System.IO.File]::WriteAllBytes($path, $saved)
        }

        It 'are touched by <what>' -ForEach @(
            @{ what = 'a version'; versions = @{ computer = @{ directory = 2; sysvol = 1 } }; modified = '2026-07-01T00:00:00' }
            @{ what = 'a time'; versions = @{ computer = @{ directory = 1; sysvol = 1 } }; modified = '2026-07-01T00:00:01' }
            @{ what = 'what cannot be read'; versions = $null; modified = '2026-07-01T00:00:00' }
        ) {
            Test-GpmUntouched -Since $info -Info @{ versions = $versions; modified = $modified } | Should -BeFalse
            Test-GpmUntouched -Since @{} -Info $info | Should -BeFalse
        }
    }
}

Describe 'The files of a backup' {
    BeforeAll {
        Import-Payload -Culture 'en-US'
        $backup = "$TestDrive/$backupId/Backup.xml"
        $null = [System.IO.Directory]::CreateDirectory("$TestDrive/$backupId")
        $files = foreach ($path in 'Machine\a', 'Machine\a.backup', 'User\Nested\b', 'User\c', 'GPT.INI') {
            @{ path = "DomainSysvol\GPO\$path"; sha256 = 'x'; size = 1 }
        }

        function Get-Saved {
            (Get-GpmSavedSetting -Files $files -BackupId $backupId -Except 'GPT.INI' -Context (Get-Context)).Keys |
                Sort-Object
        }
    }

    It 'are those that Backup.xml names, also within other entries' {
        [System.IO.File]::WriteAllText($backup, @'
<GroupPolicyBackupScheme xmlns="http://www.microsoft.com/GroupPolicy/GPOOperations"
    xmlns:bkp="http://www.microsoft.com/GroupPolicy/GPOOperations"><GroupPolicyObject><GroupPolicyExtension>
<FSObjectFile bkp:Location="domainsysvol\gpo\MACHINE\A"/><FSObjectFile bkp:Path="*"><FSObjectFile
    bkp:Location="DomainSysvol\GPO\User\Nested\b"/></FSObjectFile><DSObject><FSObjectFile
    bkp:Location="DomainSysvol/GPO/User/c"/></DSObject><FSObjectDir bkp:Location="DomainSysvol\GPO\Machine\a.backup"/>
</GroupPolicyExtension></GroupPolicyObject></GroupPolicyBackupScheme>
'@)
        Get-Saved | Should -BeExactly 'Machine\a', 'User\c', 'User\Nested\b'
    }

    It 'are all of them when Backup.xml cannot be read' {
        [System.IO.File]::WriteAllText($backup, 'damaged')
        Get-Saved | Should -BeExactly 'Machine\a', 'Machine\a.backup', 'User\c', 'User\Nested\b'
    }
}
