# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# The WMI filter of a GPO: what a restore has to do to it.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    $old, $new, $third = '{AAAAAAAA-0000-0000-0000-000000000001}', '{BBBBBBBB-0000-0000-0000-000000000002}',
        '{CCCCCCCC-0000-0000-0000-000000000003}'

    function New-Filter ($Id, $Name = 'Laptops', $Queries = @('root\CIMv2;SELECT * FROM Win32_Battery')) {
        @{ id = $Id; name = $Name; description = ''; queries = $Queries }
    }

    function Get-Plan ($Recorded, $Definition, $LiveId, $Filters) {
        $known = $null
        if ($null -ne $Filters) {
            $known = @{}
            foreach ($filter in $Filters) {
                $known[$filter.id] = $filter
            }
        }
        $state = $null
        if ($null -ne $LiveId) {
            $state = @{ info = @{ wmi_filter = @{ id = $LiveId } } }
        }
        Get-GpmFilterPlan -State $state -Filters $known -Entry @{
            fingerprint = @{ wmi_filter = $Recorded }
            wmi_filter = $Definition
        }
    }
}

Describe 'The WMI filter in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    It 'has no plan when the domain''s filters cannot be read' {
        Get-Plan @{ id = $old } (New-Filter $old) $old $null | Should -BeNullOrEmpty
    }

    It 'that there was none: <planned> is planned when <case>' -ForEach @(
        @{ case = 'there is none'; live = $null; planned = $null }
        @{ case = 'there is an empty one'; live = ''; planned = $null }
        @{ case = 'there is one'; live = '{AAAAAAAA-0000-0000-0000-000000000001}'; planned = 'removed' }
    ) {
        $plan = Get-Plan $null $null $live @(New-Filter $old)
        $plan.planned | Should -Be $planned
        $plan.outcome | Should -Be $(if ($planned) { 'not_attempted' } else { 'unchanged' })
        $plan.linked | Should -BeNullOrEmpty
    }

    It 'is the recorded one' {
        $plan = Get-Plan @{ id = $old } (New-Filter $old) $old @(New-Filter $old)
        $plan.outcome | Should -Be 'unchanged'
        $plan.linked | Should -Be $old
        $plan.name | Should -Be 'Laptops'
    }

    It 'is there by its ID, whatever it is called or asks today' {
        $plan = Get-Plan @{ id = $old } (New-Filter $old) $null @((New-Filter $new), (New-Filter $old 'Renamed' @('x')))
        $plan.planned | Should -Be 'linked'
        $plan.linked | Should -Be $old
    }

    It 'is linked in place of another' {
        (Get-Plan @{ id = $old } (New-Filter $old) $new @((New-Filter $old), (New-Filter $new 'Other'))).planned |
            Should -Be 'linked'
    }

    It 'is another one with its name and queries' {
        $plan = Get-Plan @{ id = $old } (New-Filter $old) $null @((New-Filter $third 'Other'), (New-Filter $new))
        $plan.planned | Should -Be 'linked'
        $plan.id | Should -Be $old
        $plan.linked | Should -Be $new
        (Get-Plan @{ id = $old } (New-Filter $old) $new @(New-Filter $new)).outcome | Should -Be 'unchanged'
    }

    It 'has a name that does not tell upper from lower case' {
        (Get-Plan @{ id = $old } (New-Filter $old 'MINI') $null @(New-Filter $new 'mini')).linked | Should -Be $new
    }

    It 'is missing when the only other one has <what>' -ForEach @(
        @{ what = 'another name'; name = 'Desktops'; queries = @('root\CIMv2;SELECT * FROM Win32_Battery') }
        @{ what = 'a dotless i'; name = "Laptops`u{131}"; queries = @('root\CIMv2;SELECT * FROM Win32_Battery') }
        @{ what = 'a character that nobody sees'; name = "Lap`u{200b}tops"
            queries = @('root\CIMv2;SELECT * FROM Win32_Battery') }
        @{ what = 'another query'; name = 'Laptops'; queries = @('root\CIMv2;select * from Win32_Battery') }
        @{ what = 'one query more'; name = 'Laptops'; queries = @('root\CIMv2;SELECT * FROM Win32_Battery', 'x') }
        @{ what = 'no query'; name = 'Laptops'; queries = @() }
    ) {
        $definition = New-Filter $old
        $plan = Get-Plan @{ id = $old } $definition $null @(New-Filter $new $name $queries)
        $plan.outcome | Should -Be 'missing'
        $plan.linked | Should -BeNullOrEmpty
        $plan.definition | Should -Be $definition
    }

    It 'is missing without a definition, unless its ID is there' {
        $plan = Get-Plan @{ id = $old } $null $old @(New-Filter $new)
        $plan.outcome | Should -Be 'missing'
        $plan.name | Should -BeNullOrEmpty
        (Get-Plan @{ id = $old } $null $null @(New-Filter $old)).planned | Should -Be 'linked'
    }

    It 'that is <what> leaves a reference to one that is gone: <stays>' -ForEach @(
        @{ what = 'missing'; recorded = @{ id = '{AAAAAAAA-0000-0000-0000-000000000001}' }; stays = $true }
        @{ what = 'none'; recorded = $null; stays = $false }
    ) {
        # It keeps the GPO from being applied at all.
        $plan = Get-Plan $recorded $null '' @()
        $log = [System.Collections.Generic.List[String]]::new()
        Invoke-Instead @{
            'Get-GpmFilterInfo' = { @{ id = $null; name = $null } }
            'Clear-GpmFilter' = { $log.Add('cleared') }.GetNewClosure()
        } { Set-GpmPlannedFilter -Plan $plan -Gpo 'gpo' -Context @{} }
        $plan.status | Should -BeNullOrEmpty
        $log.Count | Should -Be ([Int32](-not $stays))
    }

    It 'that <what> keeps a restore from linking the GPO to anybody, unless it is to do without' -ForEach @(
        @{ what = 'is missing of a GPO that is gone'; exists = $false; readable = $true }
        @{ what = 'is missing'; exists = $true; readable = $true }
        @{ what = 'cannot be read of a GPO that is gone'; exists = $false; readable = $false }
        @{ what = 'cannot be read'; exists = $true; readable = $false }
    ) {
        $link = @{ target = 'OU=a'; type = 'ou'; enabled = $true; enforced = $false; order = 1; neighbours = @('{M}') }
        $print = @{ name = 'x'; description = 'x'; status = 'x'; permissions = @(); wmi_filter = @{ id = $old } }
        $entry = @{ fingerprint = $print; wmi_filter = (New-Filter $old); links = @($link) }
        $known = [System.Collections.Generic.HashSet[String]]::new([String[]]'OU=a')
        $context = @{
            gpm = 'gpm'
            options = @{ links = $true; wmi_filter = $true }
            surroundings = @{ links = (New-GpmMap); targets = $known; filters = if ($readable) { New-GpmMap } }
        }
        $state = $null
        if ($exists) {
            $state = @{ info = @{ wmi_filter = $null }; fingerprint = $print.Clone() }
            $state.fingerprint.wmi_filter = $null
        }
        Invoke-Instead @{ 'Compare-GpmWanted' = {}; 'Test-GpmSamePermission' = { $true } } {
            foreach ($isWanted in $true, $false) {
                $context.options.wmi_filter = $isWanted
                $plan = Get-GpmRestorePlan -Recorded $entry -Wanted @{} -Item @{ id = '{M}' } -State $state `
                    -Context $context
                $plan.links[0].outcome | Should -Be $(if ($isWanted) { 'withheld' } else { 'not_attempted' })
                # What is withheld is no difference that the next run would find again.
                $reasons = if ($exists) { if ($isWanted) { @() } else { 'links' } } else { 'missing' }
                @($plan.changes | ForEach-Object { $_.reason }) | Should -Be $reasons
            }
            # One that never had a filter needs none.
            $entry.fingerprint.wmi_filter = $null
            $context.options.wmi_filter = $true
            $plan = Get-GpmRestorePlan -Recorded $entry -Wanted @{} -Item @{ id = '{M}' } -State $state `
                -Context $context
            $plan.links[0].outcome | Should -Be 'not_attempted'
        }
    }

    It 'is missing when the GPO referred to one that was gone' {
        (Get-Plan @{ id = $null } $null $null @(New-Filter $old)).outcome | Should -Be 'missing'
    }
}
