# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Permissions: whether two DACLs say the same; of an import, whose they are in another domain. The IGPM and the
# migration table are objects with the same methods; of COM there is nothing here to be known.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    # GPMDestinationOption of gpmgmt.h.
    $sameAsSource, $none, $byRelativeName, $set = 0, 1, 2, 3

    # The accounts that are known here, with their SIDs.
    $Here = @{
        'NEW\Admins' = 'S-1-5-21-2-2-2-1104'
        'NEW\Staff' = 'S-1-5-21-2-2-2-1105'
        'NEW\Domain Users' = 'S-1-5-21-2-2-2-513'
        'new.example\Users' = 'S-1-5-21-2-2-2-1106'
        'SYSTEM' = 'S-1-5-18'
        'Everyone' = 'S-1-1-0'
        # Of the old domain, which a trust makes known; and one of the name of another there.
        'OLD\Friends' = 'S-1-5-21-1-1-1-2000'
        'OLD\Users' = 'S-1-5-21-9-9-9-1106'
    }

    # The accounts that the backup names.
    $InBackup = @(foreach ($number in 1104, 1106) {
            $name = @{ 1104 = 'Admins'; 1106 = 'Users' }[$number]
            @{
                Sid = "S-1-5-21-1-1-1-$number"
                SamAccountName = $name
                NetBIOSDomainName = 'OLD'
                DnsDomainName = 'old.example'
                UPN = "$name@old.example"
            }
        })

    function New-Forest ($Accounts = $Here) {
        $gpm = [PSCustomObject]@{ accounts = $Accounts; asked = [System.Collections.Generic.List[String]]::new() }
        $gpm | Add-Member -PassThru -MemberType ScriptMethod -Name CreateTrustee -Value {
            param ($name)
            $this.asked.Add($name)
            foreach ($known in $this.accounts.GetEnumerator()) {
                if ([StringComparer]::OrdinalIgnoreCase.Equals($name, $known.Key) -or $name -eq $known.Value) {
                    return [PSCustomObject]@{ TrusteeName = $known.Key; TrusteeSid = $known.Value }
                }
            }
            throw [System.Runtime.InteropServices.COMException]::new('No such account.', 0x80070534)
        }
    }

    # Without a SID: as earlier releases recorded it.
    function New-Ace ($Trustee, $Sid = $null, $Mask = 1, $Flags = 0, $Type = 0) {
        $ace = @{
            trustee = $Trustee
            type = $Type
            flags = $Flags
            mask = $Mask
            object_flags = 0
            object_type = ''
            inherited_object_type = ''
        }
        if ($Sid) {
            $ace.sid = $Sid
        }
        $ace
    }

    function New-Table ($Entries) {
        $table = [PSCustomObject]@{ entries = @(foreach ($entry in $Entries) { [PSCustomObject]$entry }) }
        $table | Add-Member -PassThru -MemberType ScriptMethod -Name GetEntries -Value { $this.entries }
    }

    function Get-Plan ($Recorded, $Live = @(), $Table = $null, $Source = 'old.example', $Gpm = (New-Forest)) {
        Get-GpmPermissionPlan -Recorded $Recorded -Live $Live -Table $Table -Source $Source -Accounts $InBackup `
            -Context @{ gpm = $Gpm; trip = @{ domain = 'new.example' } }
    }

    # DACLs as texts: each entry is allow (a) or deny (d), an account, and perhaps i for inherited.
    function ConvertTo-Dacl ($Text) {
        , @(foreach ($word in $Text.Split(' ', [StringSplitOptions]::RemoveEmptyEntries)) {
                $inherited = $word.EndsWith('i')
                New-Ace "CORP\$($word[1])" "S-1-5-21-5-5-5-$([Int32]$word[1])" -Flags (16 * [Int32]$inherited) `
                    -Type ([Int32]($word[0] -eq 'd'))
            })
    }
}

Describe 'Permissions in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    Context 'two DACLs' {
        It '<before> and <after> are the same: <expected>, the explicit ones alone: <explicit>' -ForEach @(
            @{ before = 'aX aY'; after = 'aX aY'; expected = $true; explicit = $true }
            @{ before = 'aX aY'; after = 'aY aX'; expected = $true; explicit = $true }
            @{ before = 'aX aY'; after = 'aY aX aY'; expected = $true; explicit = $true }
            @{ before = 'dX dY aZ'; after = 'dY dX aZ'; expected = $true; explicit = $true }
            @{ before = 'dX aY'; after = 'aY dX'; expected = $false; explicit = $false }
            @{ before = 'dX aX'; after = 'dX'; expected = $false; explicit = $false }
            @{ before = 'aX dY aZ'; after = 'aX aZ dY'; expected = $false; explicit = $false }
            @{ before = 'aX'; after = 'aX aYi'; expected = $false; explicit = $true }
            @{ before = 'aX aYi'; after = 'aYi aX'; expected = $true; explicit = $true }
            @{ before = ''; after = ''; expected = $true; explicit = $true }
            @{ before = 'aX'; after = ''; expected = $false; explicit = $false }
        ) {
            $was, $is = (ConvertTo-Dacl $before), (ConvertTo-Dacl $after)
            Test-GpmSamePermission -Before $was -After $is -Gpm (New-Forest) | Should -Be $expected
            Test-GpmSamePermission -Before $was -After $is -Gpm (New-Forest) -Explicit | Should -Be $explicit
        }

        It 'are different when one cannot be read' {
            Test-GpmSamePermission -Before $null -After @() -Gpm (New-Forest) | Should -BeFalse
            Test-GpmSamePermission -Before @() -After $null -Gpm (New-Forest) | Should -BeFalse
        }

        It 'are the same whatever an account is called' {
            $before = @((New-Ace 'CORP\Old' 'S-1-5-21-5-5-5-1'), (New-Ace 'NT AUTHORITY\SYSTEM' 'S-1-5-18'))
            $after = @((New-Ace "NT-AUTORIT\u{c4}T\SYSTEM" 's-1-5-18'), (New-Ace 'S-1-5-21-5-5-5-1' 'S-1-5-21-5-5-5-1'))
            Test-GpmSamePermission -Before $before -After $after -Gpm (New-Forest) | Should -BeTrue
        }

        It 'are different when another account has got the name' {
            Test-GpmSamePermission -Before @(New-Ace 'CORP\It' 'S-1-5-21-5-5-5-1') -Gpm (New-Forest) `
                -After @(New-Ace 'CORP\It' 'S-1-5-21-5-5-5-2') | Should -BeFalse
        }

        It 'of which one has names alone are compared by what the names stand for' {
            $gpm = New-Forest
            $is = @((New-Ace 'NEW\Admins' $Here['NEW\Admins']), (New-Ace 'NEW\Renamed' $Here['NEW\Staff']))
            $was = @((New-Ace 'new\admins'), (New-Ace $Here['NEW\Staff']))
            Test-GpmSamePermission -Before $was -After $is -Gpm $gpm | Should -BeTrue
            $was = @((New-Ace 'NEW\Staff'), (New-Ace $Here['NEW\Staff']))
            Test-GpmSamePermission -Before $was -After $is -Gpm $gpm | Should -BeFalse
        }

        It 'are compared by names when nobody knows the SID of one' {
            $was = @((New-Ace 'X\one' 'S-1-5-21-5-5-5-1'), (New-Ace 'X\two' 'S-1-5-21-5-5-5-2'))
            Test-GpmSamePermission -Before $was -After @((New-Ace 'X\one'), (New-Ace 'x\TWO')) -Gpm (New-Forest @{}) |
                Should -BeTrue
            Test-GpmSamePermission -Before $was -After @((New-Ace 'X\one'), (New-Ace 'X\new')) -Gpm (New-Forest @{}) |
                Should -BeFalse
        }

        It 'cost one question for each name, however many there are' {
            $gpm = New-Forest @{ 'ASK\Once' = 'S-1-5-21-5-5-5-7' }
            foreach ($turn in 1, 2) {
                $aces = @(foreach ($name in 'ASK\Once', 'ask\once', 'ASK\Never', 'S-1-5-21-6-6-6-1') { New-Ace $name })
                Add-GpmSid -Aces $aces -Gpm $gpm
                $aces.sid | Should -Be 'S-1-5-21-5-5-5-7', 'S-1-5-21-5-5-5-7', $null, 'S-1-5-21-6-6-6-1'
            }
            $gpm.asked | Should -BeExactly 'ASK\Once', 'ASK\Never'
            # In the next culture, too.
            & (Get-Command -Name Add-GpmSid).ScriptBlock.Module { $script:Sids.Clear() }
        }
    }

    Context 'the plan' {
        It 'is none when none were recorded' {
            Get-Plan $null | Should -BeNullOrEmpty
        }

        It 'leaves them as they are, whatever their order and their names, and however often one is there' {
            $admins = $Here['NEW\Admins']
            $recorded = @((New-Ace 'NEW\Admins' $admins), (New-Ace 'SYSTEM' 'S-1-5-18' 2))
            $live = @((New-Ace 'X' 'S-1-5-18' 2), (New-Ace 'Y' $admins), (New-Ace 'NEW\Admins' $admins))
            (Get-Plan $recorded $live).outcome | Should -Be 'unchanged'
        }

        It 'does not count inherited ones' {
            $plan = Get-Plan @((New-Ace 'SYSTEM' 'S-1-5-18'), (New-Ace 'Nobody' $null 1 16)) @(
                (New-Ace 'SYSTEM' 'S-1-5-18'), (New-Ace 'Everyone' 'S-1-1-0' 1 16))
            $plan.outcome | Should -Be 'unchanged'
            $plan.aces.trustee | Should -Be 'SYSTEM'
        }

        It 'sets them when they differ by <what>' -ForEach @(
            @{ what = 'mask'; live = @{ mask = 3 } }
            @{ what = 'type'; live = @{ type = 1 } }
            @{ what = 'flags'; live = @{ flags = 2 } }
            @{ what = 'object type'; live = @{ object_type = '{edacfd8f-ffb3-11d1-b41d-00a0c968f939}' } }
            @{ what = 'account'; live = @{ sid = 'S-1-5-19' } }
        ) {
            $ace = New-Ace 'SYSTEM' 'S-1-5-18'
            foreach ($name in $live.Keys) {
                $ace[$name] = $live[$name]
            }
            $plan = Get-Plan @(New-Ace 'SYSTEM' 'S-1-5-18') @($ace)
            $plan.planned | Should -Be 'set'
            $plan.aces.Count | Should -Be 1
            $plan.aces[0].mask | Should -Be 1
            $plan.aces[0].sid | Should -Be 'S-1-5-18'
        }

        It 'sets them when the GPO has yet to be made' {
            (Get-Plan @(New-Ace 'SYSTEM' 'S-1-5-18') @()).planned | Should -Be 'set'
        }

        It 'leaves them when an account is missing, and names it once' {
            $gone = 'S-1-5-21-1-1-1-1104'
            $plan = Get-Plan @((New-Ace 'OLD\Gone' $gone), (New-Ace 'old\GONE' $gone 2), (New-Ace 'SYSTEM' 'S-1-5-18'))
            $plan.outcome | Should -Be 'missing'
            $plan.unknown | Should -BeExactly 'OLD\Gone'
        }

        It 'leaves them when nobody would have any' {
            $table = New-Table @{ Source = 'OLD\Admins'; DestinationOption = $none; Destination = '' }
            (Get-Plan @(New-Ace 'OLD\Admins') @() $table).outcome | Should -Be 'empty'
            (Get-Plan @()).outcome | Should -Be 'empty'
        }

        It 'changes nothing in what was recorded' {
            $recorded = New-Ace 'OLD\Admins' 'S-1-5-21-1-1-1-1104'
            $table = New-Table @{ Source = 'OLD\Admins'; DestinationOption = $set; Destination = 'NEW\Staff' }
            $plan = Get-Plan @($recorded) @() $table
            $plan.aces[0].trustee, $plan.aces[0].sid | Should -Be 'NEW\Staff', $Here['NEW\Staff']
            $recorded.trustee, $recorded.sid | Should -Be 'OLD\Admins', 'S-1-5-21-1-1-1-1104'
        }

        It 'asks for each account once' {
            $gpm = New-Forest
            $sid = $Here['NEW\Admins']
            $plan = Get-Plan @((New-Ace 'NEW\Admins' $sid), (New-Ace 'new\ADMINS' $sid 2)) -Gpm $gpm
            $plan.aces.Count | Should -Be 2
            $gpm.asked | Should -BeExactly $sid
        }

        It 'tells accounts apart that only a language calls equal' {
            $one, $other = "NEW\caf`u{e9}", "NEW\cafe`u{301}"
            $gpm = New-Forest @{ $one = 'S-1-5-21-2-2-2-1'; $other = 'S-1-5-21-2-2-2-2' }
            $plan = Get-Plan @((New-Ace $one), (New-Ace $other)) @(New-Ace $one) -Source 'new.example' -Gpm $gpm
            $plan.planned | Should -Be 'set'
            $plan.aces.sid | Should -Be 'S-1-5-21-2-2-2-1', 'S-1-5-21-2-2-2-2'
        }
    }

    Context 'an account' {
        It '<trustee> is <expected>' -ForEach @(
            # Without a table: whoever it is, here, too.
            @{ trustee = 'OLD\Friends'; sid = 'S-1-5-21-1-1-1-2000'; expected = 'S-1-5-21-1-1-1-2000' }
            # Known by a name that the old domain gave to another account.
            @{ trustee = 'OLD\Users'; sid = 'S-1-5-21-8-8-8-1106'; expected = $null }
            @{ trustee = 'BUILTIN\Whatever'; sid = 'S-1-5-32-544'; expected = 'S-1-5-32-544' }
            # Gone from this domain, and from one that nobody knows.
            @{ trustee = 'S-1-5-21-2-2-2-4711'; sid = 'S-1-5-21-2-2-2-4711'; expected = 'S-1-5-21-2-2-2-4711' }
            @{ trustee = 'S-1-5-21-7-7-7-4711'; sid = 'S-1-5-21-7-7-7-4711'; expected = $null }
            # With one, by any of its names.
            @{ trustee = 'OLD\Users'; sid = 'S-1-5-21-1-1-1-1106'; source = 'old\users'; option = 1; expected = '' }
            @{ trustee = 'OLD\Users'; sid = 'S-1-5-21-1-1-1-1106'; source = 'OLD\Users'; option = 2
                expected = 'S-1-5-21-2-2-2-1106' }
            @{ trustee = 'OLD\Renamed'; sid = 'S-1-5-21-1-1-1-1106'; source = 'Users@old.example'; option = 2
                expected = 'S-1-5-21-2-2-2-1106' }
            @{ trustee = 'OLD\Users'; sid = 'S-1-5-21-1-1-1-1106'; source = 'USERS@OLD.EXAMPLE'; option = 3
                to = 'NEW\Staff'; expected = 'S-1-5-21-2-2-2-1105' }
            @{ trustee = 'x'; sid = 'S-1-5-21-1-1-1-1106'; source = 's-1-5-21-1-1-1-1106'; option = 3
                to = 'S-1-5-21-2-2-2-1105'; expected = 'S-1-5-21-2-2-2-1105' }
            @{ trustee = 'Jeder'; sid = 'S-1-1-0'; source = 'Jeder'; option = 2; expected = 'S-1-1-0' }
            # One of the same name in a third domain is not the one that the table names.
            @{ trustee = 'THIRD\Users'; sid = 'S-1-5-21-3-3-3-1106'; source = 'Users@old.example'; option = 3
                to = 'NEW\Staff'; expected = $null }
            @{ trustee = 'OLD\Users'; sid = 'S-1-5-21-1-1-1-1106'; source = 'OLD\Users'; option = 3; to = 'NEW\Nobody'
                expected = $null }
            # Recorded by name alone: its SID is what the backup says, and not what the name finds here.
            @{ trustee = 'OLD\Users'; source = 'OLD\Users'; option = 0; expected = $null }
            @{ trustee = 'OLD\Friends'; expected = $null }
            @{ trustee = 'SYSTEM'; expected = 'S-1-5-18' }
            @{ trustee = 'NEW\Staff'; domain = 'NEW.example'; expected = 'S-1-5-21-2-2-2-1105' }
        ) {
            $case = @{ sid = $null; source = 'nobody'; option = 0; to = ''; domain = 'old.example' }
            foreach ($name in @($_.Keys)) {
                $case[$name] = $_[$name]
            }
            $table = New-Table @{ Source = $case.source; DestinationOption = $case.option; Destination = $case.to }
            $plan = Get-Plan @((New-Ace $trustee $case.sid), (New-Ace 'Everyone' 'S-1-1-0' 4)) @() $table $case.domain
            $found = @($plan.aces | Where-Object { $_.mask -eq 1 })
            if ($expected) {
                $found.sid | Should -Be $expected
            }
            else {
                $found.Count | Should -Be 0
            }
            $plan.outcome | Should -Be $(if ($null -eq $expected) { 'missing' } else { 'not_attempted' })
            $plan.unknown | Should -Be @(if ($null -eq $expected) { $trustee })
        }
    }
}
