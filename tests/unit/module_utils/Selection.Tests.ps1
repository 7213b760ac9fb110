# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# The grammar of the options gpos and exclude.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"

    $hostileNames = @(
        'a[b]c', '[a-z]', 'tick`s', '``', "O'Brien", 'quo"te', '$env:HOME', '$(throw)', '%TEMP%', '~', 'a,b', '(x)',
        '.+^$|{}', '\d', 'C:\x', '#', ' leading', 'trailing ', "line`nbreak", '{31B2F340-016D-11D2-945F}', 'Keys',
        'Count', 'Straße', "caf`u{e9}", "cafe`u{301}", "`u{202e}right to left", "zero`u{200b}width", '🔑')
    $guid = '31b2f340-016d-11d2-945f-00c04fb984f9'
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    function New-Candidate ($Name, $Number = 1) {
        @{ id = '{{00000000-0000-0000-0000-{0:d12}}}' -f $Number; name = $Name; gpo = $null }
    }

    function New-Trip {
        @{
            selection_errors = [System.Collections.Generic.List[Object]]::new()
            unmatched_patterns = [System.Collections.Generic.List[String]]::new()
        }
    }

    function Select-Name ($Entries, $Visible) {
        $trip = New-Trip
        $selector = ConvertTo-GpmSelector -Entries $Entries
        $chosen = @(Select-GpmItem -Selector $selector -Known $Visible -Trip $trip)
        @{ names = @($chosen | ForEach-Object { $_.name }); items = $chosen; trip = $trip }
    }
}

Describe 'Selection in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    Context 'a GUID' {
        It 'is one as <entry>' -ForEach @(
            @{ entry = $guid }, @{ entry = $guid.ToUpperInvariant() }, @{ entry = "{$guid}" }
        ) {
            $selector = ConvertTo-GpmSelector -Entries $entry
            @($selector.ids.Keys) | Should -Be '{31B2F340-016D-11D2-945F-00C04FB984F9}'
            $selector.ids[0] | Should -BeExactly $entry
            $selector.names.Count + $selector.patterns.Count | Should -Be 0
        }

        It 'is a name when it is <entry>' -ForEach @(
            @{ entry = $guid.Substring(1) }, @{ entry = "($guid)" }, @{ entry = " $guid" }, @{ entry = $guid + '0' },
            @{ entry = $guid.Replace('-', '') }, @{ entry = $guid.Replace('f', 'g') }
        ) {
            $selector = ConvertTo-GpmSelector -Entries $entry
            $selector.ids.Count | Should -Be 0
            $selector.names.Contains($entry) | Should -BeTrue
        }

        It 'is an ID as GPMC writes it: <text> is <expected>' -ForEach @(
            @{ text = '{31B2F340-016D-11D2-945F-00C04FB984F9}'; expected = $true }
            @{ text = '{31b2f340-016d-11d2-945f-00c04fb984f9}'; expected = $true }
            @{ text = '31B2F340-016D-11D2-945F-00C04FB984F9'; expected = $false }
            @{ text = "{31B2F340-016D-11D2-945F-00C04FB984F9}`n"; expected = $false }
            @{ text = '{31B2F340-016D-11D2-945F-00C04FB984FG}'; expected = $false }
            @{ text = ''; expected = $false }
            @{ text = $null; expected = $false }
        ) {
            Test-GpmId -Text $text | Should -Be $expected
        }

        It 'names a GPO once, however often it is written' {
            $selector = ConvertTo-GpmSelector -Entries '{31B2F340-016D-11D2-945F-00C04FB984F9}',
                '31b2f340-016d-11d2-945f-00c04fb984f9'
            $selector.ids.Count | Should -Be 1
        }

        It 'is looked up in the domain, and what the domain says is told' {
            $open = ${Function:Global:Open-GpmGpo}
            ${Function:Global:Open-GpmGpo} = {
                param ($GpmDomain, $Id)
                if ($Id -eq '{00000000-0000-0000-0000-000000000001}') {
                    return @{ id = $Id; name = 'Found'; gpo = $null }
                }
                throw [System.Runtime.InteropServices.COMException]::new('No such GPO.', 0x80072030)
            }
            $selector = ConvertTo-GpmSelector -Entries '00000000-0000-0000-0000-000000000001',
                '{00000000-0000-0000-0000-00000000000a}'
            $trip = New-Trip
            try {
                $chosen = @(Select-GpmGpo -Selector $selector -Context @{ domain = @{ object = 'x' }; trip = $trip })
            }
            finally {
                ${Function:Global:Open-GpmGpo} = $open
            }
            $chosen.name | Should -Be 'Found'
            $trip.selection_errors.Count | Should -Be 1
            $trip.selection_errors[0].kind | Should -Be 'unreadable'
            $trip.selection_errors[0].entry | Should -BeExactly '{00000000-0000-0000-0000-00000000000a}'
            $trip.selection_errors[0].hresult | Should -Be 0x80072030
        }

        It 'is looked up among what is known' {
            $visible = @((New-Candidate 'One' 1), (New-Candidate 'Two' 2))
            $selection = Select-Name -Visible $visible -Entries '00000000-0000-0000-0000-000000000002',
                '00000000-0000-0000-0000-000000000003'
            $selection.names | Should -Be 'Two'
            $selection.trip.selection_errors.Count | Should -Be 1
            $selection.trip.selection_errors[0].kind | Should -Be 'not_found'
            $selection.trip.selection_errors[0].matches | Should -BeNullOrEmpty
        }

        It 'keeps the place that the entries give it' {
            $visible = @((New-Candidate 'One' 1), (New-Candidate 'Two' 2), (New-Candidate 'Three' 3))
            (Select-Name -Visible $visible -Entries 'One', '{00000000-0000-0000-0000-000000000003}').names |
                Should -Be 'Three', 'One'
        }
    }

    Context 'a name' {
        It 'is itself and nothing else: <shown>' -ForEach (Get-TextCase $hostileNames) {
            $selector = ConvertTo-GpmSelector -Entries $text
            $selector.ids.Count + $selector.patterns.Count | Should -Be 0
            $others = @('a', 'b', 'abc', '', 'x', "caf`u{e9}", "cafe`u{301}", 'zerowidth', 'Strasse') -cne $text
            $visible = @(New-Candidate $text 1; foreach ($other in $others) { New-Candidate $other 2 })
            $selection = Select-Name -Entries $text -Visible $visible
            $selection.trip.selection_errors.Count | Should -Be 0
            $selection.names.Count | Should -Be 1
            $selection.names[0] | Should -BeExactly $text
            $visible | Where-Object { Test-GpmSelector -Selector $selector -Item $_ } |
                ForEach-Object { $_.name } | Should -BeExactly $text
        }

        It 'does not tell upper from lower case' {
            (Select-Name -Entries 'MINIMUM' -Visible @(New-Candidate 'minimum')).names | Should -Be 'minimum'
            (Select-Name -Entries 'ürün' -Visible @(New-Candidate 'ÜRÜN')).names | Should -Be 'ÜRÜN'
        }

        It 'tells the dotted from the dotless i' {
            $visible = @((New-Candidate 'I' 1), (New-Candidate 'ı' 2), (New-Candidate 'İ' 3))
            $selection = Select-Name -Entries 'i' -Visible $visible
            $selection.names | Should -BeExactly 'I'
        }

        It 'that nothing has is an error' {
            $selection = Select-Name -Entries 'Nobody' -Visible @(New-Candidate 'Kiosk')
            $selection.names | Should -BeNullOrEmpty
            $selection.trip.selection_errors[0].entry | Should -Be 'Nobody'
            $selection.trip.selection_errors[0].matches | Should -BeNullOrEmpty
        }

        It 'that nothing has is told with those that may be meant' {
            $visible = @(
                (New-Candidate 'Default Domain Policy'), (New-Candidate 'Kiosk' 2), (New-Candidate 'I' 3),
                (New-Candidate "caf`u{e9}" 4))
            foreach ($case in @(
                    @{ entry = 'dfault domain polici'; near = @('Default Domain Policy') }
                    @{ entry = 'KISK'; near = @('Kiosk') }
                    @{ entry = "cafe`u{301}"; near = @("caf`u{e9}") }
                    @{ entry = 'Printers'; near = @() }
                    @{ entry = 'x'; near = @() })) {
                $picked = Select-Name $case.entry $visible
                $picked.trip.selection_errors[0].kind | Should -Be 'not_found'
                , $picked.trip.selection_errors[0].matches | Should -BeOfType [String[]]
                $picked.trip.selection_errors[0].matches -join '|' | Should -BeExactly ($case.near -join '|')
            }
        }

        It 'that several have is an error that names them' {
            $selection = Select-Name -Entries 'Same' -Visible @((New-Candidate 'Same' 1), (New-Candidate 'same' 2))
            $selection.trip.selection_errors.Count | Should -Be 1
            $selection.trip.selection_errors[0].kind | Should -Be 'ambiguous'
            $selection.trip.selection_errors[0].matches | Should -Be @(
                '{00000000-0000-0000-0000-000000000001}', '{00000000-0000-0000-0000-000000000002}')
        }
    }

    Context 'a GPO with several names' {
        BeforeAll {
            $today = [System.Collections.Generic.HashSet[String]]::new(
                [String[]]@('Kiosk', 'Counters'), [StringComparer]::OrdinalIgnoreCase)
            $visible = @((@{ names = $today } + (New-Candidate 'Kiosk')), (New-Candidate 'Printers' 2))
        }

        It 'is chosen, once, by <_>' -ForEach 'kiosk', 'COUNTERS', 'Count*', 'Kios?', ('Kiosk', 'Counters') {
            $selection = Select-Name $_ $visible
            $selection.names | Should -BeExactly 'Kiosk'
            $selection.trip.selection_errors.Count + $selection.trip.unmatched_patterns.Count | Should -Be 0
            Test-GpmSelector -Selector (ConvertTo-GpmSelector -Entries $_) -Item $visible[0] | Should -BeTrue
            Test-GpmSelector -Selector (ConvertTo-GpmSelector -Entries $_) -Item $visible[1] | Should -BeFalse
        }

        It 'is not chosen by a name that another has, too' {
            $selection = Select-Name 'Counters' ($visible + (New-Candidate 'Counters' 3))
            $selection.trip.selection_errors[0].kind | Should -Be 'ambiguous'
            $selection.trip.selection_errors[0].matches.Count | Should -Be 2
        }

        It 'may be meant by any' {
            (Select-Name 'Countrs' $visible).trip.selection_errors[0].matches | Should -BeExactly 'Counters'
        }
    }

    Context 'a pattern' {
        It '<entry> matches <name>: <expected>' -ForEach @(
            @{ entry = '*'; name = ''; expected = $true }
            @{ entry = '*'; name = "two`nlines"; expected = $true }
            @{ entry = 'a*'; name = 'Abc'; expected = $true }
            @{ entry = 'a*'; name = 'bac'; expected = $false }
            @{ entry = '*a'; name = "a`n"; expected = $false }
            @{ entry = 'a?c'; name = 'abc'; expected = $true }
            @{ entry = 'a?c'; name = 'ac'; expected = $false }
            @{ entry = 'a?c'; name = "a`nc"; expected = $true }
            @{ entry = '??'; name = '🔑'; expected = $true }
            @{ entry = '[ab]*'; name = 'abc'; expected = $false }
            @{ entry = '[ab]*'; name = '[AB]c'; expected = $true }
            @{ entry = 'a`*'; name = 'a`b'; expected = $true }
            @{ entry = 'a`*'; name = 'a*'; expected = $false }
            @{ entry = 'a.*'; name = 'abc'; expected = $false }
            @{ entry = '(a|b)?'; name = '(a|b)c'; expected = $true }
            @{ entry = '\d?'; name = '\d1'; expected = $true }
            @{ entry = '$*'; name = '$x'; expected = $true }
            @{ entry = 'MIN*'; name = 'minimum'; expected = $true }
            @{ entry = 'i*'; name = 'Istanbul'; expected = $true }
            @{ entry = 'i*'; name = 'İstanbul'; expected = $false }
            @{ entry = "*`u{e9}"; name = "cafe`u{301}"; expected = $false }
            @{ entry = 'x*y'; name = "x`u{200b}y"; expected = $true }
            @{ entry = 'x?y'; name = 'xy'; expected = $false }
        ) {
            $selector = ConvertTo-GpmSelector -Entries $entry
            $selector.names.Count + $selector.ids.Count | Should -Be 0
            Test-GpmSelector -Selector $selector -Item (New-Candidate $name) | Should -Be $expected
            (Select-Name -Entries $entry -Visible @(New-Candidate $name)).items.Count | Should -Be ([Int32]$expected)
        }

        It 'that matches nothing is told, and no error' {
            $selection = Select-Name -Entries 'x*', 'o*' -Visible @(New-Candidate 'One')
            $selection.names | Should -Be 'One'
            $selection.trip.selection_errors.Count | Should -Be 0
            $selection.trip.unmatched_patterns | Should -Be 'x*'
        }

        It 'chooses a GPO once, whatever else names it' {
            $selection = Select-Name -Entries 'One', 'o*', '*e', '{00000000-0000-0000-0000-000000000001}' `
                -Visible @(New-Candidate 'One')
            $selection.names | Should -Be 'One'
            $selection.trip.selection_errors.Count | Should -Be 0
        }
    }

    It 'names nothing without entries' {
        foreach ($none in $null, @()) {
            $selector = ConvertTo-GpmSelector -Entries $none
            Test-GpmSelector -Selector $selector -Item (New-Candidate '') | Should -BeFalse
        }
    }

    It 'of a restore is refused where a GPO without a backup has that name: <name> refuses <errors>' -ForEach @(
        @{ name = 'Kiosk'; errors = 1 }
        @{ name = 'kiosk OLD'; errors = 0 }
        @{ name = 'New'; errors = 0 }
    ) {
        # Kiosk was renamed, and another GPO has its name now.
        $names = [System.Collections.Generic.HashSet[String]]::new([StringComparer]::OrdinalIgnoreCase)
        $null = $names.Add('Kiosk')
        $null = $names.Add('Kiosk old')
        $known = @(@{ id = '{1}'; name = 'Kiosk'; names = $names })
        $others = @(@{ id = '{2}'; name = 'KIOSK' }, @{ id = '{3}'; name = 'New' })
        $trip = New-Trip
        $selector = ConvertTo-GpmSelector -Entries $name
        Add-GpmNamesakeError -Known $known -Others $others -Selector $selector -Trip $trip
        $trip.selection_errors.Count | Should -Be $errors
        if ($errors) {
            $trip.selection_errors[0].kind | Should -Be 'ambiguous'
            $trip.selection_errors[0].matches | Should -Be '{2}', '{1}'
        }
    }
}
