# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Links: whether they are as they were, and what a restore has to do to them.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    # GPOs are a letter each; the one in hand is M.
    function New-Link (
        $Target = 'DC=corp', $Neighbours = 'AMZ', $Type = 'domain', $Enabled = $true, $Enforced = $false
    ) {
        @{
            target = $Target
            type = $Type
            enabled = $Enabled
            enforced = $Enforced
            order = $Neighbours.ToUpperInvariant().IndexOf([Char]'M') + 1
            neighbours = @(foreach ($letter in $Neighbours.ToCharArray()) { [String]$letter })
        }
    }

    function Get-Plan ($Recorded, $Live, $Targets = @('DC=corp', 'OU=a', 'OU=b')) {
        $known = [System.Collections.Generic.HashSet[String]]::new(
            [String[]]$Targets, [StringComparer]::OrdinalIgnoreCase)
        $plan = @{}
        $surroundings = @{ targets = $known }
        foreach ($part in (Get-GpmLinkPlan -Recorded $Recorded -Live $Live -Id 'M' -Surroundings $surroundings)) {
            $plan[$part.target] = $part
        }
        $plan
    }
}

Describe 'Links in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    Context 'one link' {
        It 'among <before>, then among <after>: the same is <expected>' -ForEach @(
            @{ before = 'AMZ'; after = 'AMZ'; expected = $true }
            @{ before = 'AMZ'; after = 'amz'; expected = $true }
            @{ before = 'AMZ'; after = 'ABMZ'; expected = $true }
            @{ before = 'AMZ'; after = 'MZ'; expected = $true }
            @{ before = 'AMZ'; after = 'M'; expected = $true }
            @{ before = 'M'; after = 'AMZ'; expected = $true }
            @{ before = 'ABM'; after = 'BAM'; expected = $true }
            @{ before = 'AMZ'; after = 'MAZ'; expected = $false }
            @{ before = 'AMZ'; after = 'AZM'; expected = $false }
            @{ before = 'ABMZ'; after = 'AMBZ'; expected = $false }
            @{ before = 'AMZ'; after = 'QMA'; expected = $false }
        ) {
            Test-GpmSameLink -Before (New-Link -Neighbours $before) -After (New-Link -Neighbours $after) -Id 'M' |
                Should -Be $expected
        }

        It 'is another when it is disabled or enforced' {
            Test-GpmSameLink -Before (New-Link) -After (New-Link -Enabled $false) -Id 'M' | Should -BeFalse
            Test-GpmSameLink -Before (New-Link) -After (New-Link -Enforced $true) -Id 'M' | Should -BeFalse
            Test-GpmSameLink -Before (New-Link -Enabled $false) -After (New-Link -Enabled $false) -Id 'M' |
                Should -BeTrue
        }
    }

    Context 'all links of a GPO' {
        It 'are the same: <case>' -ForEach @(
            @{ case = 'none'; before = @(); after = @(); expected = $true }
            @{ case = 'unreadable now'; before = @('OU=a'); after = $null; expected = $true }
            @{ case = 'not recorded then'; before = $null; after = @(); expected = $false }
            @{ case = 'in another order'; before = @('OU=a', 'OU=b'); after = @('OU=b', 'OU=a'); expected = $true }
            @{ case = 'in capitals'; before = @('OU=istanbul'); after = @('OU=ISTANBUL'); expected = $true }
            @{ case = 'one came'; before = @('OU=a'); after = @('OU=a', 'OU=b'); expected = $false }
            @{ case = 'one went'; before = @('OU=a', 'OU=b'); after = @('OU=a'); expected = $false }
            @{ case = 'another'; before = @('OU=a'); after = @('OU=b'); expected = $false }
            @{ case = 'the first of many'; before = @(); after = @('OU=b'); expected = $false }
            @{
                case = 'targets that only a language calls equal'
                before = @("OU=caf`u{e9}", "OU=cafe`u{301}")
                after = @("OU=cafe`u{301}", "OU=caf`u{e9}")
                expected = $true
            }
            @{
                case = 'one for another that only a language calls equal'
                before = @("OU=caf`u{e9}")
                after = @("OU=cafe`u{301}")
                expected = $false
            }
        ) {
            $was = if ($null -ne $before) { , @(foreach ($target in $before) { New-Link $target }) }
            $is = if ($null -ne $after) { , @(foreach ($target in $after) { New-Link $target }) }
            Test-GpmSameLinkList -Before $was -After $is -Id 'M' -Sites $true | Should -Be $expected
        }

        It 'differ when one of them does' {
            Test-GpmSameLinkList -Before @((New-Link 'OU=a'), (New-Link 'OU=b')) -Id 'M' -Sites $true `
                -After @((New-Link 'OU=a'), (New-Link 'OU=b' -Enforced $true)) | Should -BeFalse
        }

        It 'leave sites aside that cannot be read' {
            $before = @((New-Link 'OU=a'), (New-Link 'CN=site' -Type 'site'))
            Test-GpmSameLinkList -Before $before -After @(New-Link 'OU=a') -Id 'M' -Sites $false | Should -BeTrue
            Test-GpmSameLinkList -Before $before -After @(New-Link 'OU=a') -Id 'M' -Sites $true | Should -BeFalse
        }
    }

    Context 'the plan' {
        It 'is nothing for nothing' {
            foreach ($live in $null, @()) {
                (Get-Plan @() $live).Count | Should -Be 0
            }
        }

        It 'leaves a link alone, makes, changes and takes off' {
            $plan = Get-Plan @((New-Link 'DC=corp'), (New-Link 'OU=a')) @((New-Link 'dc=corp'), (New-Link 'OU=b'))
            $plan.Count | Should -Be 3
            $plan['DC=corp'].outcome | Should -Be 'unchanged'
            $plan['OU=a'].outcome | Should -Be 'created'
            $plan['OU=a'].recorded.target | Should -Be 'OU=a'
            $plan['OU=b'].outcome | Should -Be 'removed'
            $plan['OU=b'].recorded | Should -BeNullOrEmpty
            $plan['OU=b'].type | Should -Be 'domain'
        }

        It 'changes one that is <what>' -ForEach @(
            @{ what = 'disabled'; live = @{ enabled = $false } }
            @{ what = 'enforced'; live = @{ enforced = $true } }
            @{ what = 'moved'; live = @{ neighbours = @('M', 'A', 'Z') } }
        ) {
            $is = New-Link 'OU=a'
            foreach ($name in $live.Keys) {
                $is[$name] = $live[$name]
            }
            (Get-Plan @(New-Link 'OU=a') @($is))['OU=a'].outcome | Should -Be 'updated'
        }

        It 'says that the target is gone' {
            (Get-Plan @(New-Link 'OU=gone') @())['OU=gone'].outcome | Should -Be 'missing'
            (Get-Plan @(New-Link 'OU=ISTANBUL') @() 'OU=istanbul')['OU=ISTANBUL'].outcome | Should -Be 'created'
        }

        It 'tells targets apart that only a language calls equal' {
            $one, $other = "OU=caf`u{e9}", "OU=cafe`u{301}"
            $plan = Get-Plan @(New-Link $one) @(New-Link $other) @($one, $other)
            $plan[$one].outcome | Should -Be 'created'
            $plan[$other].outcome | Should -Be 'removed'
            (Get-Plan @(New-Link $one) @() @($other))[$one].outcome | Should -Be 'missing'
        }
    }
}
