# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Links: whether they are as they were, and what a restore has to do to them and does. The IGPMSOM is an object with the
# same methods, which remembers what was done to it.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    # In place of IDispatch, which none of the objects here has.
    if ($null -eq ('GpmFakeCom' -as [Type])) {
        Add-Type -TypeDefinition '
            using System.Management.Automation;
            public static class GpmFakeCom
            {
                public static object Call(object target, string name, params object[] arguments)
                {
                    return PSObject.AsPSObject(target).Methods[name].Invoke(arguments);
                }
                public static void Put(object target, string name, object value)
                {
                    PSObject.AsPSObject(target).Properties[name].Value = value;
                }
            }'
    }

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

    function Get-Plan (
        $Recorded, $Live, $Targets = @('DC=corp', 'OU=a', 'OU=b'), $Seen = $Targets, $Exists = $false
    ) {
        $known = [System.Collections.Generic.HashSet[String]]::new(
            [String[]]$Targets, [StringComparer]::OrdinalIgnoreCase)
        $plan = @{}
        $surroundings = @{ targets = $known }
        $record = if ($null -ne $Seen) { ConvertTo-GpmTargetRecord -Targets $Seen }
        foreach ($part in (Get-GpmLinkPlan -Recorded $Recorded -Live $Live -Id 'M' -Surroundings $surroundings `
                    -Exists $Exists -Seen $record)) {
            $plan[$part.target] = $part
        }
        $plan
    }

    # The sites, the domain and its OUs as they are read, M linked to each, or to none.
    function New-Surroundings ($Targets, $IsLinked = $true) {
        ConvertTo-GpmSurroundings -Domain 'corp' -Read @{
            links_error = $null; sites_error = $null; filters = @(); filters_error = $null
            soms = @(foreach ($target in $Targets) {
                    @{ path = $target; type = 'ou'; links = @(if ($IsLinked) {
                                @{ id = 'M'; domain = 'corp'; enabled = $true; enforced = $false; order = 1 } }) }
                })
        }
    }

    # Records a backup of M as it is among those targets, and returns its entry as a restore reads it.
    function New-Recorded ($Seen) {
        $folder = [System.IO.Directory]::CreateDirectory("$TestDrive/" + [Guid]::NewGuid().ToString('n')).FullName
        $id = '{AAAAAAAA-0000-0000-0000-000000000001}'
        $null = [System.IO.Directory]::CreateDirectory("$folder/$id")
        [System.IO.File]::WriteAllText("$folder/$id/Backup.xml", '<x/>')
        $context = @{
            options = @{ path = $folder; _run_id = 'r' }
            trip = @{ domain_controller = 'dc' }
            surroundings = New-Surroundings $Seen
        }
        $print = @{ name = 'M'; description = ''; status = 'x'; permissions = @(); files = @(); wmi_filter = $null
            versions = @{ computer = @{ directory = 1; sysvol = 1 }; user = @{ directory = 1; sysvol = 1 } } }
        $state = @{ info = @{ id = 'M'; name = 'M'; domain = 'corp' }; fingerprint = $print; wmi_filter = $null
            links = @(if ($Seen) { $context.surroundings.links['M'].ToArray() }) }
        $made = @{ backup = @{ id = $id; timestamp = $null; comment = '' } }
        foreach ($name in 'reasons', 'milliseconds', 'call_status', 'overall_status', 'status_messages') {
            $made[$name] = $null
        }
        $null = (Start-GpmBackupEntry -Made $made -State $state -Context $context -Purpose backup).GetAwaiter().GetResult()
        $file = Get-GpmCatalogFile -Folder (Get-GpmCatalogFolder -Path $folder -Domain 'corp' -Id 'M')
        Read-GpmCatalogEntry -File $file -Domain 'corp' -Id 'M'
    }

    function Get-RestorePlan ($Entry, $Targets, $Exists = $true, $IsLinked = $true) {
        $surroundings = New-Surroundings $Targets $IsLinked
        $state = if ($Exists) { @{ info = @{ wmi_filter = $null }; fingerprint = $Entry.fingerprint } }
        Invoke-Instead @{ 'Compare-GpmWanted' = {} } {
            Get-GpmRestorePlan -Recorded $Entry -Wanted @{} -Item @{ id = 'M' } -State $state -Context @{
                gpm = 'gpm'; options = @{ links = $true; wmi_filter = $true }; surroundings = $surroundings }
        }
    }

    function New-FakeLink ($Som, $Id, $State) {
        $link = [PSCustomObject]@{
            som = $Som; GPOID = $Id; GPODomain = 'corp'; on = $State -cmatch '[A-Z]'; hard = $State -match '!'
        }
        $link | Add-Member -MemberType ScriptProperty -Name SOMLinkOrder -Value { $this.som.links.IndexOf($this) + 1 }
        $link | Add-Member -MemberType ScriptProperty -Name Enabled -Value { $this.on } -SecondValue {
            param ($value)
            $this.som.Do("enabled $value")
            $this.on = $value
        }
        $link | Add-Member -MemberType ScriptProperty -Name Enforced -Value { $this.hard } -SecondValue {
            param ($value)
            $this.som.Do("enforced $value")
            $this.hard = $value
        }
        $link | Add-Member -PassThru -MemberType ScriptMethod -Name Delete -Value {
            $this.som.Do('delete')
            $null = $this.som.links.Remove($this)
        }
    }

    # GPOs are a letter each, in lower case where the link is disabled, with ! where it is enforced; x is the default
    # policy of another domain that has the ID of the one in hand. What has one of the words in $Refused fails, so
    # often as it is there.
    function New-Som ($Links, $Refused = @()) {
        $som = [PSCustomObject]@{
            links = [System.Collections.Generic.List[Object]]::new()
            log = [System.Collections.Generic.List[String]]::new()
            refused = [System.Collections.Generic.List[String]]::new([String[]]$Refused)
        }
        $som | Add-Member -MemberType ScriptMethod -Name Do -Value {
            param ($what)
            foreach ($word in $this.refused) {
                if ($what -like "$word*") {
                    $null = $this.refused.Remove($word)
                    throw [System.Runtime.InteropServices.COMException]::new($word, 0x80070005)
                }
            }
            $this.log.Add($what)
        }
        $som | Add-Member -MemberType ScriptMethod -Name GetGPOLinks -Value { $this.links.ToArray() }
        $som | Add-Member -MemberType ScriptMethod -Name CreateGPOLink -Value {
            param ($position, $gpo)
            $this.Do("create $position")
            if ($position -eq 0 -or $position -gt $this.links.Count) {
                throw [System.ArgumentException]::new('position')
            }
            $made = New-FakeLink $this $gpo.ID 'M'
            $this.links.Insert($(if ($position -eq -1) { $this.links.Count } else { $position - 1 }), $made)
            $made
        }
        foreach ($match in [Regex]::Matches($Links, '.!?')) {
            $link = New-FakeLink $som $match.Value.Substring(0, 1).ToUpperInvariant() $match.Value
            if ($link.GPOID -eq 'X') {
                $link.GPOID = 'M'
                $link.GPODomain = 'other'
            }
            $som.links.Add($link)
        }
        $som
    }

    function Get-Links ($Som) {
        -join @(foreach ($link in $Som.links) {
                $letter = if ($link.GPODomain -eq 'other') { 'X' } else { $link.GPOID }
                $(if ($link.Enabled) { $letter } else { $letter.ToLowerInvariant() }) + $(if ($link.Enforced) { '!' })
            })
    }

    # M itself, with a letter for each half that is enabled; what is done to it stands in the log of the target.
    function New-FakeGpo ($Som, $Halves = 'CU') {
        $gpo = [PSCustomObject]@{ ID = 'M'; som = $Som; on = @{} }
        foreach ($half in 'Computer', 'User') {
            $gpo.on[$half] = $Halves.Contains($half[0])
            $gpo | Add-Member -MemberType ScriptMethod -Name "Is${half}Enabled" -Value (
                [ScriptBlock]::Create("`$this.on['$half']"))
            $gpo | Add-Member -MemberType ScriptMethod -Name "Set${half}Enabled" -Value ([ScriptBlock]::Create(
                    "param (`$value) `$this.som.Do(""$half `$value""); `$this.on['$half'] = `$value"))
        }
        $gpo
    }

    function New-LinkContext ($Som, $Path = $null) {
        $domain = [PSCustomObject]@{ som = $Som }
        $domain | Add-Member -MemberType ScriptMethod -Name GetSOM -Value { $this.som }
        @{ gpm = 'gpm'; domain = @{ object = $domain }; trip = @{ domain = 'corp' }; step = $null
            options = @{ path = $Path; _run_id = 'one' } }
    }

    # Makes the link of M what it was when $Recorded was read, as a restore of a GPO that is gone does.
    function Set-Link ($Som, $Recorded, $Gpo = (New-FakeGpo $Som), $Entry = @{}, $Path = $null) {
        $was = New-Som $Recorded
        function Read-Link ($From) {
            $order = @(foreach ($link in $From.links) { $link.GPOID })
            $own = @($From.links | Where-Object { $_.GPOID -eq 'M' -and $_.GPODomain -eq 'corp' })
            if ($own.Count) {
                @{ target = 'OU=a'; type = 'ou'; enabled = $own[0].Enabled; enforced = $own[0].Enforced
                    order = $own[0].SOMLinkOrder; neighbours = $order }
            }
        }
        $plan = @(Get-GpmLinkPlan -Recorded @(Read-Link $was) -Live @(Read-Link $Som) -Id 'M' -Exists $false `
                -Surroundings @{ targets = [System.Collections.Generic.HashSet[String]]::new([String[]]'OU=a') } `
                -Seen (ConvertTo-GpmTargetRecord -Targets 'OU=a'))
        $item = @{ id = 'M'; name = 'M'; gpo = $Gpo }
        $context = New-LinkContext $Som $Path
        Set-GpmDisabledLink -Plan $plan -Item $item -Context $context -Entry $Entry
        Set-GpmPlannedLink -Plan $plan -Item $item -Context $context
        $plan[0]
    }
}

Describe 'Links in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
        $com = & $Global:PayloadModules['_GpmcRestore'] { $script:Com }
        & $Global:PayloadModules['_GpmcRestore'] { $script:Com = 'GpmFakeCom' -as [Type] }
    }

    AfterAll {
        & $Global:PayloadModules['_GpmcRestore'] { $script:Com = $args[0] } $com
    }

    Context 'the root of the forest' {
        It 'of <domain> may be <expected>' -ForEach @(
            @{ domain = 'corp.example'; expected = @('corp.example') }
            @{ domain = 'a.b.corp.example'; expected = @('a.b.corp.example', 'b.corp.example', 'corp.example') }
            @{ domain = 'corp'; expected = @('corp') }
        ) {
            @(Get-GpmDomainAbove -Domain $domain) | Should -BeExactly $expected
        }
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
            $plan['OU=a'].planned | Should -Be 'created'
            $plan['OU=a'].recorded.target | Should -Be 'OU=a'
            $plan['OU=b'].planned | Should -Be 'removed'
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
            (Get-Plan @(New-Link 'OU=a') @($is))['OU=a'].planned | Should -Be 'updated'
        }

        It 'makes no disabled link of a GPO that may be in force: GPMC makes them enabled' {
            $recorded = @((New-Link 'DC=corp' -Enabled $false), (New-Link 'OU=a' -Enabled $false), (New-Link 'OU=b'))
            $plan = Get-Plan $recorded @(New-Link 'DC=corp') -Exists $true
            $plan['DC=corp'].planned | Should -Be 'updated'
            $plan['OU=a'].planned, $plan['OU=a'].outcome | Should -Be $null, 'withheld'
            $plan['OU=b'].planned | Should -Be 'created'
            (Get-Plan $recorded @())['OU=a'].planned | Should -Be 'created'
        }

        It 'of a restore makes them of a GPO that is gone alone' {
            $entry = New-Recorded 'DC=corp', 'OU=a'
            $entry.links[1].enabled = $false
            $targets = 'DC=corp', 'OU=a'
            # A link may outlive its GPO.
            (Get-RestorePlan $entry $targets -Exists $false).links[1].planned | Should -Be 'updated'
            $plan = Get-RestorePlan $entry $targets -Exists $false -IsLinked $false
            $plan.links[1].planned | Should -Be 'created'
            $plan = Get-RestorePlan $entry $targets -IsLinked $false
            $plan.links[0].planned, $plan.links[1].outcome | Should -Be 'created', 'withheld'
            $entry.links = @($entry.links[1])
            # What is withheld is no difference that the next run would find again.
            (Get-RestorePlan $entry $targets -IsLinked $false).changes.Count | Should -Be 0
        }

        It 'says that the target is gone' {
            (Get-Plan @(New-Link 'OU=gone') @())['OU=gone'].outcome | Should -Be 'missing'
            (Get-Plan @(New-Link 'OU=ISTANBUL') @() 'OU=istanbul')['OU=ISTANBUL'].planned | Should -Be 'created'
        }

        It 'takes off no link whose target <what>' -ForEach @(
            @{ what = 'the backup did not see'; seen = @('DC=corp', 'OU=a') }
            @{ what = 'is called otherwise than one that it saw'; seen = @("OU=b`u{200b}", 'OU=', 'OU=bb') }
            @{ what = 'nobody knows to have been seen'; seen = $null }
        ) {
            $part = (Get-Plan @() @(New-Link 'OU=b') -Seen $seen)['OU=b']
            $part.planned, $part.outcome, $part.recorded | Should -Be $null, 'kept', $null
            (Get-Plan @() @(New-Link 'ou=B') -Seen 'OU=a', 'OU=b')['ou=B'].planned | Should -Be 'removed'
        }

        It 'of a backup from before <case> was seen leaves the link there' -ForEach @(
            @{ case = 'a site'; later = 'CN=Paris,CN=Sites'; seen = @('DC=corp', 'OU=a') }
            @{ case = 'an OU'; later = 'OU=Tier0'; seen = @('DC=corp', 'OU=a') }
            @{ case = 'anything'; later = 'DC=corp'; seen = @() }
        ) {
            $entry = New-Recorded $seen
            $plan = Get-RestorePlan $entry (@($seen) + $later)
            $part = $plan.links | Where-Object { $_.target -eq $later }
            $part.planned, $part.outcome | Should -Be $null, 'kept'
            @($plan.links | Where-Object { $_.outcome -ne 'kept' }).Count | Should -Be $seen.Count
            $plan.changes.Count | Should -Be 0
            # One that it saw, and whose link came later, loses it.
            $entry.links = @($entry.links | Where-Object { $_.target -ne 'OU=a' })
            @((Get-RestorePlan $entry $seen).links | Where-Object { $_.planned -eq 'removed' } |
                    ForEach-Object { $_.target }) | Should -Be @($seen | Where-Object { $_ -eq 'OU=a' })
        }

        It 'of an entry that does not say what was seen takes off nothing' {
            $entry = New-Recorded @('DC=corp', 'OU=a')
            $entry.Remove('link_targets')
            $entry.links = @()
            $plan = Get-RestorePlan $entry @('DC=corp', 'OU=a')
            @($plan.links | ForEach-Object { $_.outcome }) | Should -Be 'kept', 'kept'
            $plan.changes.Count | Should -Be 0
        }

        It 'tells targets apart that only a language calls equal' {
            $one, $other = "OU=caf`u{e9}", "OU=cafe`u{301}"
            $plan = Get-Plan @(New-Link $one) @(New-Link $other) @($one, $other)
            $plan[$one].planned | Should -Be 'created'
            $plan[$other].planned | Should -Be 'removed'
            (Get-Plan @(New-Link $one) @() @($other))[$one].outcome | Should -Be 'missing'
        }
    }

    Context 'one that is put back' {
        It '<live> becomes <recorded>: <expected>' -ForEach @(
            @{ live = 'AMZ'; recorded = 'AM!Z'; expected = 'AM!Z'; log = 'enforced True' }
            @{ live = 'AM!Z'; recorded = 'AmZ'; expected = 'AmZ'; log = 'enabled False, enforced False' }
            @{ live = 'AmZ'; recorded = 'AM!Z'; expected = 'AM!Z'; log = 'enforced True, enabled True' }
            # In its place, whatever came in between.
            @{ live = 'ABM!Z'; recorded = 'AMZ'; expected = 'ABMZ'; log = 'enforced False' }
            @{ live = 'MA'; recorded = 'AM'; expected = 'AM'; log = 'delete, create -1' }
            @{ live = 'AM!Z'; recorded = 'M!AZ'; expected = 'M!AZ'; log = 'delete, create 1, enforced True' }
            @{ live = 'AZm'; recorded = 'AMZ'; expected = 'AMZ'; log = 'delete, create 2' }
            # One that is disabled stays so, and where it is.
            @{ live = 'mAZ'; recorded = 'AZm'; expected = 'mAZ'; log = '' }
            @{ live = 'mAZ'; recorded = 'AZm!'; expected = 'm!AZ'; log = 'enforced True' }
            @{ live = 'MAZ'; recorded = 'AZm'; expected = 'mAZ'; log = 'enabled False' }
            # One that is made to be disabled: the GPO is, meanwhile.
            @{ live = 'AZ'; recorded = 'Am!Z'; expected = 'Am!Z'
                log = 'Computer False, User False, create 2, enabled False, enforced True, Computer True, User True' }
            @{ live = ''; recorded = 'M'; expected = 'M'; log = 'create -1' }
            # The same ID in another domain is another GPO.
            @{ live = 'AXZ'; recorded = 'AMZ'; expected = 'AMXZ'; log = 'create 2' }
        ) {
            $som = New-Som $live
            (Set-Link $som $recorded).status | Should -BeNullOrEmpty
            Get-Links $som | Should -BeExactly $expected
            $som.log -join ', ' | Should -BeExactly $log
        }

        It '<live> stays when it fails on the way to <recorded>: <refused>' -ForEach @(
            @{ live = 'MAZ'; recorded = 'AMZ'; refused = @('create'); left = 'back' }
            @{ live = 'M!AZ'; recorded = 'AM!Z'; refused = @('enforced'); left = 'back' }
            @{ live = 'AZM'; recorded = 'AM!Z'; refused = @('enforced'); left = 'back' }
            @{ live = 'AZM'; recorded = 'AMZ'; refused = @('delete'); left = $null }
            # A link that is made has to be as it was, or it does not stay.
            @{ live = 'AZ'; recorded = 'AmZ'; refused = @('enabled'); left = $null }
            @{ live = 'AZ'; recorded = 'AM!Z'; refused = @('enforced'); left = $null }
            @{ live = 'AZ'; recorded = 'AMZ'; refused = @('create'); left = $null }
            @{ live = 'AmZ'; recorded = 'AM!Z'; refused = @('enforced'); left = $null }
        ) {
            $som = New-Som $live $refused
            $part = Set-Link $som $recorded
            $part.outcome | Should -Be 'failed'
            $part.status.hresult | Should -Be 0x80070005
            $part.left | Should -Be $left
            Get-Links $som | Should -BeExactly $live
        }

        It 'is not put back where it was disabled: it would be enabled for a moment' {
            $som = New-Som 'm!AZ' 'create'
            $part = Set-Link $som 'AM!Z'
            $part.outcome, $part.left | Should -Be 'failed', 'lost'
            $som.log | Should -Be 'delete'
        }

        It 'leaves the GPO with the halves "<_>"' -ForEach 'C', 'U', '' {
            $halves = $_
            $som = New-Som 'AZ'
            $gpo = New-FakeGpo $som $halves
            (Set-Link $som 'AmZ' $gpo).outcome | Should -Be 'created'
            $gpo.on.Computer, $gpo.on.User | Should -Be $halves.Contains('C'), $halves.Contains('U')
        }

        It 'is not made to be disabled where the GPO cannot be: <refused>' -ForEach @(
            @{ refused = @('Computer False'); left = $null; halves = $true, $true; links = 'AZ' }
            @{ refused = @('User False'); left = $null; halves = $true, $true; links = 'AZ' }
            @{ refused = @('enabled'); left = $null; halves = $true, $true; links = 'AZ' }
            # It is not applied to anybody then, and the next run finds it so.
            @{ refused = @('Computer True'); left = 'off'; halves = $false, $false; links = 'AmZ' }
        ) {
            $som = New-Som 'AZ' $refused
            $gpo = New-FakeGpo $som
            $part = Set-Link $som 'AmZ' $gpo
            $part.outcome, $part.left | Should -Be 'failed', $left
            $part.status.hresult | Should -Be 0x80070005
            $gpo.on.Computer, $gpo.on.User | Should -Be $halves
            Get-Links $som | Should -BeExactly $links
        }

        It 'has in its note which halves are to be enabled again, until they are: <refused>' -ForEach @(
            @{ refused = @(); isOff = $false; on = $true, $false }
            @{ refused = @('Computer True'); isOff = $true; on = $false, $false }
        ) {
            $directory = "$TestDrive/" + [Guid]::NewGuid().ToString('n')
            $som = New-Som 'AZ' $refused
            $gpo = New-FakeGpo $som 'C'
            $entry = @{ outcome = 'imported' }
            $null = Set-Link $som 'AmZ' $gpo $entry $directory
            $gpo.on.Computer, $gpo.on.User | Should -Be $on
            $entry.ContainsKey('halves') | Should -Be $isOff
            # That the note is written again, over this one, is left to the lab: Linux has no such call.
            $noted = ("$Namespace._Json.Json" -as [Type])::ReadFile("$directory/.gpvault/corp/M/run.json").entry
            $noted.halves.computer, $noted.halves.user | Should -Be $true, $false
            # There is more to be done, so the next trip of the same task must not take it for done.
            $noted.outcome, $entry.outcome | Should -Be 'failed', 'imported'
        }

        It 'is disabled before its GPO is restored, and told of whatever comes of that' {
            $som = New-Som 'AMZ'
            $link = @{ target = 'OU=a'; type = 'ou'; enabled = $false; enforced = $false; order = 2; neighbours = 'A', 'M', 'Z' }
            $part = @{ target = 'OU=a'; type = 'ou'; planned = 'updated'; outcome = 'not_attempted'; recorded = $link
                moves = $false; enables = $false; status = $null; left = $null }
            $entry = @{ changed = $false }
            $refuse = { @{ succeeded = $false; call_status = $null; overall_status = $null; status_messages = @() } }
            Invoke-Instead @{ 'Restore-GpmGpo' = $refuse } {
                Invoke-GpmRestorePlan -Plan @{ restore = $true; links = @($part); wmi_filter = $null } -Backup 'backup' `
                    -Wanted @{} -Item @{ id = 'M'; name = 'M'; gpo = $null } -Entry $entry -Context (New-LinkContext $som)
            }
            Get-Links $som | Should -BeExactly 'AmZ'
            $entry.changed | Should -BeTrue
        }

        It 'and the halves of a GPO that is disabled already are enabled again, be there a link to be made or not' -ForEach @(
            'AmZ', 'AZ'
        ) {
            $directory = "$TestDrive/" + [Guid]::NewGuid().ToString('n')
            $som = New-Som 'AZ'
            $gpo = New-FakeGpo $som ''
            $entry = @{ outcome = 'imported'; halves = @{ computer = $true; user = $false } }
            $null = Set-Link $som $_ $gpo $entry $directory
            $gpo.on.Computer, $gpo.on.User | Should -Be $true, $false
            Get-Links $som | Should -BeExactly $_
            $entry.ContainsKey('halves') | Should -BeFalse
        }

        It 'is told of when the old one cannot be put back either' {
            $som = New-Som 'MAZ' 'create', 'create'
            $part = Set-Link $som 'AMZ'
            $part.outcome, $part.left | Should -Be 'failed', 'lost'
            Get-Links $som | Should -BeExactly 'AZ'
        }

        It 'is taken off where there was none, and only its own' {
            $som = New-Som 'AMXZ'
            (Set-Link $som 'AZ').outcome | Should -Be 'removed'
            Get-Links $som | Should -BeExactly 'AXZ'
        }
    }

    It 'are withheld where they would make somebody subject to the GPO' {
        $recorded = @(
            New-Link 'OU=made'
            New-Link 'OU=made, disabled' -Enabled $false
            New-Link 'OU=enabled'
            New-Link 'OU=disabled' -Enabled $false
            # It applies there already.
            New-Link 'OU=enforced' -Enforced $true
        )
        $live = @(
            New-Link 'OU=enabled' -Enabled $false
            New-Link 'OU=disabled'
            New-Link 'OU=enforced'
            New-Link 'OU=removed'
        )
        $plan = Get-Plan $recorded $live $recorded.target -Seen (@($recorded.target) + 'OU=removed')
        Block-GpmLink -Plan @($plan.Values)
        $withheld = @($plan.Values | Where-Object { $_.outcome -eq 'withheld' })
        $withheld.target | Sort-Object | Should -Be 'OU=enabled', 'OU=made'
        $withheld.planned | Should -Be $null, $null
        @($plan.Values | Where-Object { $_.planned }).Count | Should -Be 4
    }

    It 'are told as not attempted until they are what was planned' {
        $plan = (Get-Plan @((New-Link 'DC=corp'), (New-Link 'OU=a'), (New-Link 'OU=gone')) @((New-Link 'DC=corp'),
                (New-Link 'OU=b')))
        $outcomes = { -join @(foreach ($one in 'DC=corp', 'OU=a', 'OU=gone', 'OU=b') { $plan[$one].outcome + ' ' }) }
        $entry = @{ changed = $false; outcome = 'failed'; trouble = $null }
        Merge-GpmPart -Entry $entry -Step links -Plan @($plan.Values)
        & $outcomes | Should -Be 'unchanged not_attempted missing not_attempted '
        $entry.changed | Should -BeFalse
        # In check mode nothing stands in the way.
        $filter = @{ planned = 'linked'; outcome = 'not_attempted' }
        Set-GpmPlannedOutcome -Plan @{ links = @($plan.Values); wmi_filter = $filter }
        & $outcomes | Should -Be 'unchanged created missing removed '
        $filter.outcome | Should -Be 'linked'
        Merge-GpmPart -Entry $entry -Step links -Plan @($plan.Values)
        $entry.changed | Should -BeTrue
    }
}
