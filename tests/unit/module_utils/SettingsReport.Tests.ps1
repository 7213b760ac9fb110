# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# GPMC's reports as digests of settings, which are the same when the settings are. Left to the lab: that GPMC makes them.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    $file = "$TestDrive/gpreport.xml"
    $settings = 'http://www.microsoft.com/GroupPolicy/Settings'
    $types = 'http://www.microsoft.com/GroupPolicy/Types'

    # A report with an extension in the computer half.
    function Write-Report ($Content, $Prefix = 'q1', $Schema = 'WLanSvc', $Type = 'WLanSvcSettings', $Behind = '',
        $Head = '<?xml version="1.0" encoding="utf-16"?>', $Version = 1, $Encoding = [System.Text.Encoding]::Unicode) {
        [System.IO.File]::WriteAllText($file, @"
$Head
<GPO xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="$settings">
  <Name>Name $Version</Name>
  <ReadTime>2026-07-0${Version}T00:00:00</ReadTime>
  <Computer>
    <VersionDirectory>$Version</VersionDirectory>
    <ExtensionData>
      <Extension xmlns:$Prefix="$settings/$Schema" xsi:type="${Prefix}:$Type">$Content</Extension>
      <Name>Name of the extension $Version</Name>$Behind
    </ExtensionData>
  </Computer>
  <User><Enabled>true</Enabled></User>
  <LinksTo><SOMName>place $Version</SOMName></LinksTo>
</GPO>
"@, $Encoding)
    }

    function Read-Report {
        ("$Namespace._ReportXml.ReportXml" -as [Type])::ReadExtensions($file)
    }

    function Read-Digest ($Content) {
        Write-Report $Content
        (Read-Report)['Computer WLanSvc']
    }
}

Describe 'A report in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    It 'is the same with other versions, times, names of extensions and links' {
        $first = Read-Digest '<q1:a>x</q1:a>'
        $first | Should -MatchExactly '^[0-9a-f]{64}$'
        Write-Report '<q1:a>x</q1:a>' -Version 2
        (Read-Report)['Computer WLanSvc'] | Should -BeExactly $first
    }

    It 'is the same with <what>' -ForEach @(
        @{ what = 'another prefix'; other = '<q7:a b="1" c="2">x<q7:d/></q7:a>'; prefix = 'q7' }
        @{ what = 'attributes in another order'; other = '<q1:a c="2" b="1">x<q1:d/></q1:a>'; prefix = 'q1' }
        @{ what = 'white space between elements'; other = "`n<q1:a b='1' c=`"2`">x<q1:d></q1:d>  </q1:a>`r`n"; prefix = 'q1' }
        @{ what = 'a namespace as default'; other = "<a xmlns='{0}/WLanSvc' b='1' c='2'>x<d/></a>"; prefix = 'q1' }
        @{ what = 'CDATA, comments and instructions'; other = '<?i?><q1:a b="1" c="2"><!-- c --><![CDATA[x]]><q1:d/></q1:a>'
            prefix = 'q1' }
        @{ what = 'references'; other = '<q1:a b="&#49;" c="2">&#x78;<q1:d/></q1:a>'; prefix = 'q1' }
    ) {
        $first = Read-Digest '<q1:a b="1" c="2">x<q1:d/></q1:a>'
        Write-Report ($other -f $settings) -Prefix $prefix
        (Read-Report)['Computer WLanSvc'] | Should -BeExactly $first
    }

    It 'is another with <_>' -ForEach @(
        '<q1:a b="1">y</q1:a>', '<q1:a b="2">x</q1:a>', '<q1:a>x</q1:a>', '<q1:A b="1">x</q1:A>', '<a b="1">x</a>'
        '<q1:a b="1">x</q1:a><q1:a b="1">x</q1:a>', '<q1:a b="1">x<q1:c/></q1:a>', '<q1:a b="1" q1:b="1">x</q1:a>'
        '<q1:a b="1">X</q1:a>', "<q1:a b='1'>x`u{301}</q1:a>", '<q1:a q1:b="1">x</q1:a>', '<q1:a b="1"/>x'
        '<q1:a b="1">x </q1:a>'
    ) {
        Read-Digest $_ | Should -Not -BeExactly (Read-Digest '<q1:a b="1">x</q1:a>')
    }

    It 'tells what is in an element from what stands behind it' {
        Read-Digest '<q1:a><q1:b/></q1:a><q1:c/>' | Should -Not -BeExactly (Read-Digest '<q1:a/><q1:b/><q1:c/>')
        Read-Digest '<q1:a>xy</q1:a>' | Should -Not -BeExactly (Read-Digest '<q1:a>x</q1:a>y')
    }

    It 'goes by the type that a prefix stands for' {
        $one = Read-Digest '<q1:a xsi:type="q1:T"/>'
        Write-Report '<q2:a xsi:type="q2:T"/>' -Prefix 'q2'
        (Read-Report)['Computer WLanSvc'] | Should -BeExactly $one
        Read-Digest '<q1:a xsi:type="T"/>' | Should -Not -BeExactly $one
    }

    It 'knows accounts by their SIDs, in whatever language' {
        $account = '<q1:m><SID xmlns="{0}">{1}</SID><Name xmlns="{0}">{2}</Name></q1:m><q1:n/>'
        $one = Read-Digest ($account -f $types, 'S-1-5-32-544', 'Administrators')
        Read-Digest ($account -f $types, 'S-1-5-32-544', 'Administratoren') | Should -BeExactly $one
        Read-Digest "<q1:m><SID xmlns='$types'>S-1-5-32-544</SID></q1:m><q1:n/>" | Should -BeExactly $one
        Read-Digest ($account -f $types, 'S-1-5-32-545', 'Administrators') | Should -Not -BeExactly $one
    }

    It 'knows an account without a SID by its name, and no other name as an account''s' -ForEach @(
        "<SID xmlns='{0}'/><Name xmlns='{0}'>{1}</Name>", "<Name xmlns='{0}'>{1}</Name>"
        "<SID xmlns='{0}'>S-1-1-0</SID><q1:Name>{1}</q1:Name>"
        "<q1:b><SID xmlns='{0}'>S-1-1-0</SID></q1:b><q1:b><Name xmlns='{0}'>{1}</Name></q1:b>"
        "<SID xmlns='{0}'>S-1-1-0</SID><q1:b><Name xmlns='{0}'>{1}</Name></q1:b>"
    ) {
        $one, $other = foreach ($name in 'one', 'other') { Read-Digest "<q1:a>$($_ -f $types, $name)</q1:a>" }
        $one | Should -Not -BeExactly $other
    }

    It 'has the extensions of both halves, by their schemas' {
        [System.IO.File]::WriteAllText($file, @"
<GPO xmlns="$settings" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<Computer><ExtensionData><Extension xmlns:q1="$settings/Registry" xsi:type="q1:RegistrySettings"><q1:a/></Extension>
</ExtensionData><ExtensionData><Extension xmlns:q1="$settings/Windows/Registry" xsi:type="q1:RegistrySettings"><q1:a/>
</Extension></ExtensionData></Computer>
<User><ExtensionData><Extension xmlns:q2="urn:x" xsi:type="q2:X">text</Extension></ExtensionData>
<ExtensionData><Extension><a/></Extension></ExtensionData></User></GPO>
"@)
        (Read-Report).Keys | Sort-Object |
            Should -BeExactly 'Computer Registry', 'Computer Windows/Registry', 'User ', 'User urn:x'
    }

    It 'goes by both of an extension that it has twice' {
        $twice = "</Extension></ExtensionData><ExtensionData><Extension xmlns:q2='$settings/WLanSvc' xsi:type='q2:T'><q2:b/>"
        $digests = '<q1:a/>', '<q1:b/>', "<q1:a/>$twice", "<q1:c/>$twice" | ForEach-Object { Read-Digest $_ }
        @($digests | Select-Object -Unique).Count | Should -Be 4
    }

    It 'is refused with an endless number of extensions' {
        $others = foreach ($number in 1..1001) {
            "</Extension></ExtensionData><ExtensionData><Extension xmlns:q='urn:$number' xsi:type='q:T'><q:b/>"
        }
        Write-Report "<q1:a/>$others"
        { Read-Report } | Should -Throw '*more extensions*'
    }

    It 'leaves an extension without settings out' {
        Write-Report ''
        (Read-Report).Count | Should -Be 0
    }

    It 'cannot tell an extension that GPMC had trouble with' {
        Write-Report '<q1:a/>' -Behind '<Error><Details>x</Details></Error>'
        $read = Read-Report
        $read.Contains('Computer WLanSvc') | Should -BeTrue
        $read['Computer WLanSvc'] | Should -BeNullOrEmpty
        Compare-GpmExtension -Before $read -After $read | Should -BeExactly 'Computer WLanSvc'
    }

    It 'is read in pieces' {
        $long = 'x' * 100000
        $one = Read-Digest "<q1:a>$long</q1:a>"
        Read-Digest "<q1:a>$long</q1:a>" | Should -BeExactly $one
        Read-Digest "<q1:a>${long}y</q1:a>" | Should -Not -BeExactly $one
    }

    It 'is refused as <_>' -ForEach '', '<GPO/>', '<!DOCTYPE GPO><GPO xmlns="{0}"/>', '<GPO xmlns="{0}">',
    '<GPO xmlns="{0}"><Computer><ExtensionData><Extension>&x;</Extension></ExtensionData></Computer></GPO>' {
        [System.IO.File]::WriteAllText($file, ($_ -f $settings))
        { Read-Report } | Should -Throw
        Read-GpmSavedReport -Path $TestDrive -Id '.' | Should -BeNullOrEmpty
    }

    Context 'and another' {
        It 'differ in <expected>' -ForEach @(
            @{ before = @{ a = '1' }; after = @{ a = '1' }; expected = @() }
            @{ before = @{ a = '1'; b = '2' }; after = @{ a = '1' }; expected = @('b') }
            @{ before = @{}; after = @{ a = '1'; B = '2' }; expected = @('B', 'a') }
            @{ before = @{ a = '1' }; after = @{ a = '2' }; expected = @('a') }
            @{ before = @{ a = $null }; after = @{ a = $null }; expected = @('a') }
            @{ before = @{ a = 'i' }; after = @{ a = 'I' }; expected = @('a') }
            @{ before = @{ 'Computer Registry' = '1' }; after = @{ 'User Registry' = '2' }; expected = @() }
            @{ before = @{ 'Computer Windows/Registry' = '1' }; after = @{}; expected = @('Computer Windows/Registry') }
        ) {
            @(Compare-GpmExtension -Before $before -After $after) | Should -BeExactly $expected
        }
    }
}
