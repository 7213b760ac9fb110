# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Which backup is the state that a comparison asks for, and when two states need no reading. Left to the lab: live
# states.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"

    $until = @(
        @{ timestamp = '2026-07-01T12:30:00Z'; state = '20260701123000'; is = $true }
        @{ timestamp = '2026-07-01T12:30:01Z'; state = '20260701123000'; is = $false }
        @{ timestamp = $null; state = '20260701123000'; is = $false }
        @{ timestamp = $null; state = 'newest'; is = $true }
        @{ timestamp = '2026-07-01T12:30:00Z'; state = 'previous'; is = $true }
    )
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    $gpoA = '{AAAAAAAA-0000-0000-0000-00000000000A}'
    $gpoB = '{BBBBBBBB-0000-0000-0000-00000000000B}'

    function Get-Id ($Number) {
        '{{00000000-0000-0000-0000-{0:d12}}}' -f $Number
    }

    function New-Backup ($Number, $Gpo, $Name, $Domain = 'other.example', $Comment = '') {
        $values = [ordered]@{
            GPOGuid = $Gpo; GPODomain = $Domain; BackupTime = '2026-07-01T12:30:{0:d2}' -f $Number
            ID = Get-Id $Number; Comment = $Comment; GPODisplayName = $Name
        }
        $inner = foreach ($key in $values.Keys) {
            "<$key>$([System.Security.SecurityElement]::Escape($values[$key]))</$key>"
        }
        $folder = "$TestDrive/backups/$(Get-Id $Number)"
        $null = [System.IO.Directory]::CreateDirectory($folder)
        $space = 'http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest'
        $xml = "<BackupInst xmlns=""$space"">$($inner -join '')</BackupInst>"
        [System.IO.File]::WriteAllText("$folder/bkupInfo.xml", $xml)
    }

    function Read-Baseline {
        $script:trip = @{ problems = New-Object -TypeName System.Collections.Generic.List[Object] }
        , (Read-GpmBaseline -Path "$TestDrive/backups" -Trip $script:trip)
    }

    function Select-Id ($Backups, $Id, $Name, $Domain = 'corp.example') {
        $gpo = @{ id = $Id; name = $Name; domain = $Domain }
        @(foreach ($backup in (Select-GpmBaseline -Backups $Backups -Gpo $gpo)) {
                $backup.id
            })
    }
}

Describe 'States that are compared (<_>)' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    Context 'a directory of backups that no catalog knows' {
        BeforeEach {
            [System.IO.Directory]::CreateDirectory("$TestDrive/backups").Delete($true)
            $null = [System.IO.Directory]::CreateDirectory("$TestDrive/backups")
        }

        It 'has nothing, and so no counterpart' {
            $backups = Read-Baseline
            $backups.Count | Should -Be 0
            Select-Id $backups $gpoA 'Kiosk' | Should -BeNullOrEmpty
        }

        It 'has the backups of a GPO that is called the same, the latest first' {
            New-Backup 1 $gpoB 'Kiosk $it'
            New-Backup 2 $gpoB 'KIOSK $IT'
            New-Backup 3 $gpoA "K$([Char]0x131)osk `$it"
            $backups = Read-Baseline
            Select-Id $backups $gpoA 'kiosk $it' | Should -BeExactly (Get-Id 2), (Get-Id 1)
            Select-Id $backups $gpoA 'Kiosk' | Should -BeNullOrEmpty
            $script:trip.problems.Count | Should -Be 0
        }

        It 'has the backups of the very GPO, whatever it is called' {
            New-Backup 1 $gpoA 'Old name' 'CORP.example'
            New-Backup 2 $gpoB 'Kiosk'
            Select-Id (Read-Baseline) $gpoA 'Kiosk' | Should -BeExactly (Get-Id 1)
        }

        It 'has no GPO of another domain by its ID, as the default policies of all domains have the same' {
            New-Backup 1 $gpoA 'Another one'
            Select-Id (Read-Baseline) $gpoA 'Kiosk' | Should -BeNullOrEmpty
        }

        It 'does not guess which of two is meant' {
            New-Backup 1 $gpoA 'Kiosk'
            New-Backup 2 $gpoB 'Kiosk'
            $backups = Read-Baseline
            { Select-Id $backups '{0}' 'Kiosk' } | Should -Throw "*several GPOs that 'Kiosk' may mean: *$gpoA, *$gpoB*"
            (Select-GpmBaselineByName -Backups $backups -Name $gpoB)[0].id | Should -BeExactly (Get-Id 2)
        }

        It 'leaves out safety copies, and tells of what cannot be read' {
            New-Backup 1 $gpoA 'Kiosk' -Comment (Get-GpmSafetyComment -Id (Get-Id 9))
            New-Backup 2 $gpoA 'Kiosk'
            New-Backup 3 $gpoA 'Kiosk'
            [System.IO.File]::Move("$TestDrive/backups/$(Get-Id 3)/bkupInfo.xml", "$TestDrive/info.xml")
            $null = [System.IO.Directory]::CreateDirectory("$TestDrive/backups/$(Get-Id 4)")
            [System.IO.File]::Move("$TestDrive/info.xml", "$TestDrive/backups/$(Get-Id 4)/bkupInfo.xml")
            $backups = Read-Baseline
            @($backups.id) | Should -BeExactly (Get-Id 2)
            @($script:trip.problems.subject) | Should -BeLike "*$(Get-Id 4)"
        }
    }

    Context 'the time of a state' {
        It '<timestamp> is until <state>: <is>' -ForEach $until {
            Test-GpmOfState -Timestamp $timestamp -State $state | Should -Be $is
        }
    }

    Context 'the report of a backup in the catalog' {
        It 'counts as long as it is the one that was recorded' {
            $folder = "$TestDrive/recorded"
            $null = [System.IO.Directory]::CreateDirectory($folder)
            [System.IO.File]::WriteAllText("$folder/gpreport.xml", '<GPO/>')
            [System.IO.File]::WriteAllText("$folder/other", '1')
            $hashes = ("$Namespace._FileTree.FileTree" -as [Type])::Hash($folder)
            $entry = @{ files = $hashes }
            { Assert-GpmRecordedReport -Folder $folder -Entry $entry } | Should -Not -Throw
            [System.IO.File]::WriteAllText("$folder/other", '2')
            { Assert-GpmRecordedReport -Folder $folder -Entry $entry } | Should -Not -Throw
            [System.IO.File]::WriteAllText("$folder/gpreport.xml", '<GPX/>')
            { Assert-GpmRecordedReport -Folder $folder -Entry $entry } | Should -Throw '*gpreport.xml have changed.'
            { Assert-GpmRecordedReport -Folder $folder -Entry @{ files = @() } } | Should -Throw '*no record*'
        }
    }

    Context 'two backups by the catalog' {
        BeforeAll {
            function New-Side ($Number, $Description = '', $Links = @()) {
                $entry = @{
                    gpo = @{ id = $gpoA }
                    links = $Links
                    wmi_filter = $null
                    fingerprint = @{
                        name = 'Kiosk'; description = $Description; status = 'all_settings_enabled'
                        versions = @{ computer = @{ directory = 1; sysvol = 1 }; user = @{ directory = 0; sysvol = 0 } }
                        wmi_filter = $null; permissions = @(); files = @()
                    }
                }
                @{ item = $null; entry = $entry; told = @{ gpo = $entry.gpo; backup = @{ path = "D:\$Number" } } }
            }

            function Test-Same ($Before, $After) {
                $context = @{ step = ''; gpm = 'no GPM' }
                Test-GpmSameSide -Before $Before -After $After -Context $context
            }
        }

        It 'with the same fingerprint need not be read' {
            Test-Same (New-Side 1) (New-Side 2) | Should -BeTrue
            Test-Same (New-Side 1 'a') (New-Side 2 'b') | Should -BeFalse
        }

        It 'are read when the links of one are not on record' {
            Test-Same (New-Side 1 -Links $null) (New-Side 2) | Should -BeFalse
            Test-Same (New-Side 1) (New-Side 2 -Links $null) | Should -BeFalse
            Test-Same (New-Side 1 -Links $null) (New-Side 2 -Links $null) | Should -BeFalse
        }

        It 'are read when one has no entry, or is of another GPO' {
            $named = New-Side 2
            $named.entry = $null
            Test-Same (New-Side 1) $named | Should -BeFalse
            Test-Same $named (New-Side 1) | Should -BeFalse
            $other = New-Side 2
            $other.entry.gpo.id = $gpoB
            Test-Same (New-Side 1) $other | Should -BeFalse
        }

        It 'are the same when they are one' {
            $named = New-Side 1
            $named.entry = $null
            Test-Same $named (New-Side 1) | Should -BeTrue
        }
    }
}
