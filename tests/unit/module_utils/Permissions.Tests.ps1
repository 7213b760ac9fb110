# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Permissions of an import: whose they are in another domain, and whether they are there already. The IGPM and the
# migration table are objects with the same methods; of COM there is nothing here to be known.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    # GPMDestinationOption of gpmgmt.h.
    $sameAsSource, $none, $byRelativeName, $set = 0, 1, 2, 3

    function New-Forest ($Accounts) {
        $gpm = [PSCustomObject]@{ accounts = $Accounts }
        $gpm | Add-Member -PassThru -MemberType ScriptMethod -Name CreateTrustee -Value {
            param ($name)
            if ($this.accounts -notcontains $name) {
                throw [System.Runtime.InteropServices.COMException]::new('No such account.', 0x80070534)
            }
            $domain, $relative = $name.Split([Char]'\')
            if ($null -eq $relative) {
                $domain, $relative = '', $name
            }
            [PSCustomObject]@{ TrusteeDomain = $domain; TrusteeName = $relative }
        }
    }

    function New-Ace ($Trustee, $Mask = 1, $Flags = 0, $ObjectType = '') {
        @{
            trustee = $Trustee
            type = 0
            flags = $Flags
            mask = $Mask
            object_flags = 0
            object_type = $ObjectType
            inherited_object_type = ''
        }
    }

    function New-Table ($Entries) {
        $table = [PSCustomObject]@{ entries = @(foreach ($entry in $Entries) { [PSCustomObject]$entry }) }
        $table | Add-Member -PassThru -MemberType ScriptMethod -Name GetEntries -Value { $this.entries }
    }

    function Get-Plan ($Recorded, $Live = @(), $Table = $null, $Accounts = @('OLD\Admins', 'SYSTEM')) {
        Get-GpmPermissionPlan -Recorded $Recorded -Live $Live -Table $Table -Source 'old.example' -Context @{
            gpm = New-Forest $Accounts
            trip = @{ domain = 'new.example' }
        }
    }
}

Describe 'Permissions in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    Context 'the plan' {
        It 'is none when none were recorded' {
            Get-Plan $null | Should -BeNullOrEmpty
        }

        It 'leaves them as they are, whatever their order, and however often one is there' {
            $recorded = @((New-Ace 'OLD\Admins'), (New-Ace 'SYSTEM' 2))
            (Get-Plan $recorded @((New-Ace 'SYSTEM' 2), (New-Ace 'old\admins'), (New-Ace 'OLD\Admins'))).outcome |
                Should -Be 'unchanged'
        }

        It 'does not count inherited ones' {
            $plan = Get-Plan @((New-Ace 'OLD\Admins'), (New-Ace 'Nobody' 1 16)) @(
                (New-Ace 'OLD\Admins'), (New-Ace 'SYSTEM' 1 16))
            $plan.outcome | Should -Be 'unchanged'
            $plan.aces.trustee | Should -Be 'OLD\Admins'
        }

        It 'sets them when they differ by <what>' -ForEach @(
            @{ what = 'mask'; live = @{ mask = 3 } }
            @{ what = 'type'; live = @{ type = 1 } }
            @{ what = 'flags'; live = @{ flags = 2 } }
            @{ what = 'object type'; live = @{ object_type = '{edacfd8f-ffb3-11d1-b41d-00a0c968f939}' } }
            @{ what = 'trustee'; live = @{ trustee = 'OLD\Others' } }
        ) {
            $ace = New-Ace 'OLD\Admins'
            foreach ($name in $live.Keys) {
                $ace[$name] = $live[$name]
            }
            $plan = Get-Plan @(New-Ace 'OLD\Admins') @($ace)
            $plan.outcome | Should -Be 'set'
            $plan.aces.Count | Should -Be 1
            $plan.aces[0].mask | Should -Be 1
        }

        It 'sets them when the GPO has yet to be made' {
            (Get-Plan @(New-Ace 'SYSTEM') @()).outcome | Should -Be 'set'
        }

        It 'leaves them when an account is missing, and names it once' {
            $plan = Get-Plan @((New-Ace 'OLD\Gone'), (New-Ace 'old\GONE' 2), (New-Ace 'SYSTEM'))
            $plan.outcome | Should -Be 'missing'
            $plan.unknown | Should -BeExactly 'OLD\Gone'
        }

        It 'leaves them when nobody would have any' {
            $table = New-Table @{ Source = 'OLD\Admins'; DestinationOption = $none; Destination = '' }
            (Get-Plan @(New-Ace 'OLD\Admins') @() $table).outcome | Should -Be 'empty'
            (Get-Plan @()).outcome | Should -Be 'empty'
        }

        It 'changes nothing in what was recorded' {
            $recorded = New-Ace 'OLD\Admins'
            $table = New-Table @{ Source = 'OLD\Admins'; DestinationOption = $set; Destination = 'SYSTEM' }
            (Get-Plan @($recorded) @() $table).aces[0].trustee | Should -Be 'SYSTEM'
            $recorded.trustee | Should -Be 'OLD\Admins'
        }

        It 'asks for each account once' {
            $plan = Get-Plan @((New-Ace 'OLD\Admins' 1), (New-Ace 'old\ADMINS' 2))
            $plan.aces.trustee | Should -BeExactly 'OLD\Admins', 'OLD\Admins'
        }

        It 'tells accounts apart that only a language calls equal' {
            $one, $other = "OLD\caf`u{e9}", "OLD\cafe`u{301}"
            $plan = Get-Plan @((New-Ace $one), (New-Ace $other)) @(New-Ace $one) -Accounts $one, $other
            $plan.outcome | Should -Be 'set'
            $plan.aces.Count | Should -Be 2
            (Get-Plan @(New-Ace $one) @(New-Ace $other) -Accounts $one, $other).outcome | Should -Be 'set'
        }
    }

    Context 'an account' {
        It '<trustee> with option <option> is <expected>' -ForEach @(
            @{ trustee = 'OLD\Users'; source = 'OLD\Users'; option = 0; to = ''; expected = 'OLD\Users' }
            @{ trustee = 'OLD\Users'; source = 'old\users'; option = 1; to = ''; expected = $null }
            @{ trustee = 'OLD\Users'; source = 'OLD\Users'; option = 2; to = ''; expected = 'new.example\Users' }
            @{ trustee = 'OLD\Users'; source = 'Users@old.example'; option = 2; to = ''
                expected = 'new.example\Users' }
            @{ trustee = 'OLD\Users'; source = 'USERS@OLD.EXAMPLE'; option = 3; to = 'NEW\Staff'
                expected = 'NEW\Staff' }
            @{ trustee = 'Everyone'; source = 'Everyone'; option = 2; to = ''; expected = 'Everyone' }
            @{ trustee = 'OLD\Users'; source = 'OLD\Others'; option = 3; to = 'NEW\Staff'; expected = 'OLD\Users' }
        ) {
            $table = New-Table @{ Source = $source; DestinationOption = $option; Destination = $to }
            $plan = Get-Plan @((New-Ace $trustee), (New-Ace 'SYSTEM')) @() $table `
                -Accounts 'OLD\Users', 'new.example\Users', 'NEW\Staff', 'Everyone', 'SYSTEM'
            @($plan.aces.trustee) -ne 'SYSTEM' | Should -BeExactly @($expected | Where-Object { $_ })
        }

        It 'that the table names but nobody knows is missing' {
            $table = New-Table @{ Source = 'OLD\Admins'; DestinationOption = $set; Destination = 'NEW\Nobody' }
            $plan = Get-Plan @(New-Ace 'OLD\Admins') @() $table
            $plan.outcome | Should -Be 'missing'
            $plan.unknown | Should -Be 'OLD\Admins'
        }

        It 'that is only a SID can be set all the same' {
            $plan = Get-Plan @(New-Ace 'S-1-5-21-1-2-3-1104')
            $plan.outcome | Should -Be 'set'
            $plan.aces[0].trustee | Should -Be 'S-1-5-21-1-2-3-1104'
        }
    }
}
