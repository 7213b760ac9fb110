# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# What a drill that was broken off has left: which of it is certainly a drill's. Left to the lab: GPMC.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"

    $same = @{ what = 'as it was left'; outcome = 'removed'; reason = '' }
    $cases = @(
        $same
        @{ what = 'another name'; name = 'Mine'; outcome = 'kept'; reason = 'renamed' }
        @{ what = 'the name in another case'; name = 'GPVAULT'; outcome = 'kept'; reason = 'renamed' }
        @{ what = 'a link'; linked = $true; outcome = 'kept'; reason = 'linked' }
        @{ what = 'links that cannot be read'; unread = 'links_error'; outcome = 'kept'; reason = 'links_unread' }
        @{ what = 'sites that cannot be read'; unread = 'sites_error'; outcome = 'kept'; reason = 'links_unread' }
        @{ what = 'a half enabled'; user = $true; outcome = 'kept'; reason = 'edited' }
        @{ what = 'a WMI filter'; filter = @{ id = '{1}' }; outcome = 'kept'; reason = 'edited' }
        @{ what = 'another version'; version = 9; outcome = 'kept'; reason = 'edited' }
        @{ what = 'another time'; modified = 'later'; outcome = 'kept'; reason = 'edited' }
        @{ what = 'a time that cannot be read'; modified = $null; outcome = 'kept'; reason = 'edited' }
        @{ what = 'no GPO'; missing = $true; outcome = 'gone'; reason = '' }
        @{ what = 'no GPO here'; missing = $true; controller = 'dc2'; outcome = 'kept'; reason = 'other_controller' }
        @{ what = 'files of its own'; clean = $false; outcome = 'kept'; reason = 'edited' }
        @{ what = 'nothing in it yet'; stage = 'made'; outcome = 'removed'; reason = '' }
        @{ what = 'a file from nowhere'; stage = 'made'; files = $true; outcome = 'kept'; reason = 'edited' }
        @{ what = 'no ID, a file'; stage = 'creating'; known = $null; version = 0; files = $true; outcome = 'kept'
            reason = 'edited' }
        @{ what = 'an import broken off'; stage = 'made'; version = 9; clean = $true; outcome = 'removed'; reason = '' }
        @{ what = 'its own settings'; stage = 'made'; version = 9; clean = $false; outcome = 'kept'; reason = 'edited' }
        @{ what = 'a table'; stage = 'made'; version = 9; table = 't'; outcome = 'kept'; reason = 'edited' }
        @{ what = 'a lost trip'; stage = 'made'; version = 9; table = 't'; run = 'run'; outcome = 'removed'
            reason = '' }
        @{ what = 'a lost trip, on'; stage = 'made'; user = $true; run = 'run'; outcome = 'kept'; reason = 'edited' }
        @{ what = 'no ID yet'; stage = 'creating'; known = $null; version = 0; user = $true; outcome = 'removed'
            reason = '' }
        @{ what = 'no ID, edited'; stage = 'creating'; known = $null; version = 1; outcome = 'kept'
            reason = 'edited' }
        @{ what = 'no ID, none'; stage = 'creating'; known = $null; missing = $true; outcome = 'gone'
            reason = 'unnamed' }
        @{ what = 'no ID, twice'; stage = 'creating'; known = $null; twice = $true; outcome = 'kept'
            reason = 'ambiguous' }
    )
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    $id = '{31B2F340-016D-11D2-945F-00C04FB984F9}'
    $token = '{AAAAAAAA-0000-0000-0000-000000000001}'
    $marked = "gpvault drill, temporary: $token"

    function Get-Versions ($Number) {
        @{ computer = @{ directory = $Number; sysvol = $Number }; user = @{ directory = $Number; sysvol = $Number } }
    }

    function Get-Context {
        @{
            options = @{ path = "$TestDrive"; _run_id = 'run' }
            trip = @{ domain = 'corp.example'; domain_controller = 'dc1'
                problems = New-Object -TypeName System.Collections.Generic.List[Object] }
            checkMode = $false; step = ''; gpm = 'gpm'; domain = @{ object = 'domain' }; surroundings = $null
        }
    }

    function Write-Record ($Told, $Name = $token) {
        $folder = "$TestDrive/.gpvault/.drills"
        $null = [System.IO.Directory]::CreateDirectory($folder)
        [System.IO.File]::WriteAllText("$folder/$Name.json", (ConvertTo-Json -InputObject $Told -Depth 5))
    }

    function Get-Record {
        [ordered]@{ schema = 1; run_id = 'other'; domain = 'CORP.example'; domain_controller = 'DC1'; backup_id = $id
            table = ''; stage = 'imported'; gpo_id = $id; versions = (Get-Versions 3); modified = 'then' }
    }

    # What Clear-GpmDrillLeftover does of a record, and what it told, where the domain has such a GPO.
    function Clear-Leftover ($Case, $Context) {
        function Get-Given ($Name, $Usual) { if ($Case.ContainsKey($Name)) { $Case[$Name] } else { $Usual } }
        $gpo = @{ id = $id; name = (Get-Given name $marked); gpo = 'gpo' }
        $info = @{ id = $id; name = $gpo.name; wmi_filter = (Get-Given filter $null)
            versions = (Get-Versions (Get-Given version 3)); modified = (Get-Given modified 'then') }
        $links = New-GpmMap
        if ($Case['linked']) { $links[$id] = @(1) }
        $around = @{ links = $links; links_error = $null; sites_error = $null }
        if ($Case['unread']) { $around[$Case.unread] = @{ hresult = 5 } }
        $found = @(if (-not $Case['missing']) { $gpo; if ($Case['twice']) { $gpo } })
        $user, $clean, $denied = (Get-Given user $false), (Get-Given clean $true), $Case['denied']
        $files = New-GpmMap
        if ($Case['files']) { $files['Machine\a'] = 1 }
        Invoke-Instead @{
            'Read-GpmTripSurroundings' = { $Context.surroundings = $around }.GetNewClosure()
            'Find-GpmExistingGpo' = { $found | Select-Object -First 1 }.GetNewClosure()
            'Find-GpmGpo' = { $found }.GetNewClosure()
            'Get-GpmGpoInfo' = { $info }.GetNewClosure()
            'Get-GpmHalf' = { @{ computer = $false; user = $user } }.GetNewClosure()
            'New-GpmImportWanted' = { @{ table = '' } }
            'Test-GpmNothingAdded' = { $clean }.GetNewClosure()
            'Get-GpmLiveSetting' = { $files }.GetNewClosure()
            'Remove-GpmGpo' = { if ($denied) { throw (New-GpmException -HResult -2147024891) } }.GetNewClosure()
        } { Clear-GpmDrillLeftover -Context $Context }
    }
}

Describe 'What a drill has left, in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    BeforeEach {
        $context = Get-Context
        Remove-Item -LiteralPath "$TestDrive/.gpvault" -Recurse -ErrorAction Ignore
    }

    It 'is <outcome> where it has <what>' -ForEach $cases {
        $record = Get-Record
        foreach ($pair in @('stage', 'stage'), @('table', 'table'), @('run', 'run_id'), @('known', 'gpo_id'),
            @('controller', 'domain_controller')) {
            if ($_.ContainsKey($pair[0])) { $record[$pair[1]] = $_[$pair[0]] }
        }
        Write-Record $record
        Clear-Leftover $_ $context
        $told = $context.trip.leftovers.ToArray()
        $told.Count | Should -Be 1
        $told[0].outcome | Should -BeExactly $outcome
        $told[0].reason | Should -BeExactly $reason
        [System.IO.File]::Exists("$TestDrive/.gpvault/.drills/$token.json") | Should -Be ($outcome -eq 'kept')
    }

    It 'stays in check mode' {
        Write-Record (Get-Record)
        $context.checkMode = $true
        Clear-Leftover @{} $context
        $context.trip.leftovers[0].outcome | Should -BeExactly 'removed'
        [System.IO.File]::Exists("$TestDrive/.gpvault/.drills/$token.json") | Should -BeTrue
    }

    It 'stays where it cannot be deleted, and is told of' {
        Write-Record (Get-Record)
        Clear-Leftover @{ denied = $true } $context
        $context.trip.leftovers[0].reason | Should -BeExactly 'failed'
        $context.trip.leftovers[0].status.hresult | Should -Be -2147024891
        [System.IO.File]::Exists("$TestDrive/.gpvault/.drills/$token.json") | Should -BeTrue
    }

    It 'is not told of by <what>' -ForEach @(
        @{ what = 'a record of another domain'; change = @{ domain = 'other.example' }; problems = 0 }
        @{ what = 'a record without a stage'; change = @{ stage = $null }; problems = 1 }
        @{ what = 'a newer record'; change = @{ schema = 2 }; problems = 1 }
        @{ what = 'a path in the place of a backup'; change = @{ backup_id = '..\..\x' }; problems = 1 }
        @{ what = 'an ID that is none'; change = @{ gpo_id = 'x' }; problems = 1 }
        @{ what = 'a file of another name'; change = @{}; file = 'notes'; problems = 0 }
    ) {
        $record = Get-Record
        foreach ($name in $change.Keys) { $record[$name] = $change[$name] }
        $file = $token
        if ($_['file']) { $file = $_.file }
        Write-Record $record $file
        Clear-Leftover @{} $context
        $context.trip.leftovers.Count | Should -Be 0
        $context.trip.problems.Count | Should -Be $problems
        [System.IO.File]::Exists("$TestDrive/.gpvault/.drills/$file.json") | Should -BeTrue
    }
}

Describe 'The record of a drill' {
    BeforeAll {
        Import-Payload -Culture en-US
    }

    It 'is there before the GPO, follows it, and goes with it' {
        $context = Get-Context
        $record = New-GpmDrillRecord -Wanted @{ backup_id = $id; table = '' } -Context $context
        (Read-GpmDrillRecord -Context $context).told['stage'] | Should -BeExactly 'creating'
        $record.name | Should -BeLike 'gpvault drill, temporary: {*}'
        $info = @{ id = $id; versions = (Get-Versions 2); modified = 'now' }
        # To put one file in the place of another takes Windows.
        [System.IO.File]::Delete($record.file)
        Set-GpmDrillStage -Record $record -Stage imported -Info $info
        $read = Read-GpmDrillRecord -Context $context
        $read.name | Should -BeExactly $record.name
        $read.told['gpo_id'] | Should -BeExactly $id
        $read.told['run_id'] | Should -BeExactly 'run'
        Remove-GpmDrillRecord -Record $record
        [System.IO.Directory]::Exists("$TestDrive/.gpvault/.drills") | Should -BeFalse
    }
}
