# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# What a restore or an import notes of a GPO, and what the next trip of the same task makes of it.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    function New-Context ($RunId = 'one') {
        @{ options = @{ path = $directory; _run_id = $RunId }; trip = @{ domain = 'corp.example' } }
    }

    # As a trip begins with it.
    function New-Entry {
        @{ id = '{A}'; outcome = 'failed'; changed = $false; reasons = @(); safety_backup = $null; trouble = $null
            links = @(); changes = @(); milliseconds = $null; call_status = $null }
    }

    function Resume-Entry ($RunId = 'one') {
        $entry = New-Entry
        @{ entry = $entry; run = Resume-GpmEntry -Id '{A}' -Entry $entry -Context (New-Context $RunId) }
    }

    function Write-Note ($With) {
        $entry = New-Entry
        foreach ($name in $With.Keys) {
            $entry[$name] = $With[$name]
        }
        Write-GpmRunNote -Id '{A}' -Entry $entry -Context (New-Context)
    }
}

Describe 'The note of a run in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    BeforeEach {
        $directory = "$TestDrive/" + [Guid]::NewGuid().ToString('n')
        $file = "$directory/.gpvault/corp.example/{A}/run.json"
    }

    It 'that is not there says that nothing was begun' {
        (Resume-Entry).run | Should -Be 'new'
    }

    It 'tells what was done when it did not come to the end' {
        Write-Note @{ outcome = 'failed'; changed = $true; reasons = @('name'); safety_backup = @{ id = '{S}' }
            call_status = @{ hresult = -1; message = '' } }
        $resumed = Resume-Entry
        $resumed.run | Should -Be 'begun'
        $resumed.entry.changed | Should -BeTrue
        $resumed.entry.reasons | Should -Be 'name'
        $resumed.entry.safety_backup.id | Should -Be '{S}'
        # It is tried again.
        $resumed.entry.call_status | Should -BeNullOrEmpty
        $resumed.entry.ContainsKey('gpo_created') | Should -BeFalse
    }

    It 'tells all when it is <_>' -ForEach 'restored', 'imported' {
        Write-Note @{ outcome = $_; changed = $true; gpo_created = $true; changes = @(@{ reason = 'name' })
            links = @(@{ target = 'OU=a'; recorded = @{ enabled = $true; neighbours = @('{A}') } }) }
        $resumed = Resume-Entry
        $resumed.run | Should -Be 'done'
        $resumed.entry.outcome | Should -Be $_
        $resumed.entry.links[0].target | Should -Be 'OU=a'
        $resumed.entry.gpo_created | Should -BeTrue
        $resumed.entry.changes | Should -BeNullOrEmpty
        $resumed.entry.milliseconds | Should -BeNullOrEmpty
    }

    It 'tells the next import of that backup which halves a run that was ended has left disabled: <why>' -ForEach @(
        @{ why = 'both'; live = $false, $false; expected = $true, $true }
        @{ why = 'one of them'; live = $true, $false; expected = $true, $true }
        @{ why = 'one, and the other always was'; halves = $true, $false; live = $false, $false; expected = $true, $false }
        @{ why = 'none'; live = $true, $true }
        @{ why = 'none, and somebody has disabled what was'; halves = $false, $true; live = $false, $true }
        @{ why = 'another backup'; backup = '{C}'; live = $false, $false }
        @{ why = 'a run that came to its end'; halves = $null; live = $false, $false }
    ) {
        $case = @{ backup = '{B}'; halves = @($true, $true); expected = $null }
        foreach ($name in 'backup', 'halves', 'expected') {
            if ($_.ContainsKey($name)) {
                $case[$name] = $_[$name]
            }
        }
        $with = @{ outcome = 'failed'; backup = @{ id = '{b}' } }
        if ($null -ne $case.halves) {
            $with.halves = @{ computer = $case.halves[0]; user = $case.halves[1] }
        }
        Write-Note $with
        $context = New-Context 'another'
        $context.options.backup_id = $case.backup
        $found = Get-GpmDisabledHalf -Id '{A}' -Live @{ computer = $live[0]; user = $live[1] } -Context $context
        if ($null -eq $case.expected) {
            $found | Should -BeNullOrEmpty
        }
        else {
            $found.computer, $found.user | Should -Be $case.expected
        }
    }

    It 'of another task counts for nothing' {
        Write-Note @{ outcome = 'restored'; changed = $true }
        (Resume-Entry 'two').run | Should -Be 'new'
    }

    It 'that is <_> counts for nothing' -ForEach '', '{', '[]', '{"run_id":"one"}', '{"run_id":"one","entry":[]}' {
        Write-Note @{ outcome = 'restored' }
        [System.IO.File]::WriteAllText($file, $_)
        $resumed = Resume-Entry
        $resumed.run | Should -Be 'new'
        $resumed.entry.changed | Should -BeFalse
    }

    It 'that cannot be written stops nothing' {
        [System.IO.File]::WriteAllText($directory, 'a file')
        { Write-Note @{ outcome = 'restored' } } | Should -Not -Throw
        (Resume-Entry).run | Should -Be 'new'
    }

    It 'goes with a GPO that is gone again, and nothing else does' {
        Write-Note @{ gpo_created = $true }
        Remove-GpmRunNote -Id '{A}' -Context (New-Context)
        [System.IO.Directory]::Exists([System.IO.Path]::GetDirectoryName($file)) | Should -BeFalse
        Write-Note @{ gpo_created = $true }
        [System.IO.File]::WriteAllText("$file.other", '')
        Remove-GpmRunNote -Id '{A}' -Context (New-Context)
        [System.IO.File]::Exists("$file.other") | Should -BeTrue
    }

    It 'makes what is the same now a change of this task: <run> is <expected>' -ForEach @(
        @{ run = 'new'; expected = 'unchanged'; changed = $false }
        @{ run = 'begun'; expected = 'imported'; changed = $true }
    ) {
        $entry = New-Entry
        Set-GpmNothingLeft -Run $run -Entry $entry -Outcome imported
        $entry.outcome | Should -Be $expected
        $entry.changed | Should -Be $changed
    }
}
