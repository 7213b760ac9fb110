# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# The times of GPOs. That GPMC gives local time is not proven here: no test of this project has a genuine one.

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    function New-Zone ($Minutes, [Switch] $Summer) {
        $rules = [TimeZoneInfo+AdjustmentRule[]]@()
        if ($Summer) {
            # As in Central Europe: the last Sundays of March and October.
            $begins = [TimeZoneInfo+TransitionTime]::CreateFloatingDateRule([DateTime]'0001-01-01T02:00', 3, 5, 'Sunday')
            $ends = [TimeZoneInfo+TransitionTime]::CreateFloatingDateRule([DateTime]'0001-01-01T03:00', 10, 5, 'Sunday')
            $rules = @([TimeZoneInfo+AdjustmentRule]::CreateAdjustmentRule(
                    [DateTime]::MinValue.Date, [DateTime]::MaxValue.Date, [TimeSpan]::FromHours(1), $begins, $ends))
        }
        [TimeZoneInfo]::CreateCustomTimeZone('Test', [TimeSpan]::FromMinutes($Minutes), 'Test', 'Test', 'Test', $rules)
    }
}

Describe 'Times of GPOs in <_>' -ForEach 'en-US', 'de-DE', 'tr-TR', 'fa-IR' {
    BeforeAll {
        Import-Payload -Culture $_
        $central = New-Zone 60 -Summer
    }

    It '<time> is <text>' -ForEach @(
        @{ time = '2026-01-02T03:04:05'; text = '2026-01-02T03:04:05+01:00' }
        @{ time = '2026-07-02T03:04:05'; text = '2026-07-02T03:04:05+02:00' }
        # Comes twice, and never.
        @{ time = '2026-10-25T02:30:00'; text = '2026-10-25T02:30:00' }
        @{ time = '2026-03-29T02:30:00'; text = '2026-03-29T02:30:00' }
    ) {
        $moment = [DateTime]::ParseExact($time, 's', [CultureInfo]::InvariantCulture)
        ConvertTo-GpmTimeText -Time $moment -Zone $central | Should -BeExactly $text
        # Whatever kind the binder gives it: the digits stay.
        foreach ($kind in [DateTimeKind].GetEnumValues()) {
            ConvertTo-GpmTimeText -Time ([DateTime]::SpecifyKind($moment, $kind)) -Zone $central |
                Should -BeExactly $text
        }
    }

    It 'has an offset of <minutes> minutes' -ForEach @(
        @{ minutes = 0; offset = '+00:00' }, @{ minutes = 345; offset = '+05:45' }, @{ minutes = -210; offset = '-03:30' }
    ) {
        ConvertTo-GpmTimeText -Time ([DateTime]::new(2026, 1, 2)) -Zone (New-Zone $minutes) |
            Should -BeExactly "2026-01-02T00:00:00$offset"
    }
}
