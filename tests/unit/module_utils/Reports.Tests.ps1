# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Reports of gpo_report: the names of their files, and what of them counts as a change.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"

    # The controller has the same rule; it is tested with the same cases.
    $number = 0
    $same = foreach ($case in (Get-Content -Raw -Path "$PSScriptRoot/../same_report.json" | ConvertFrom-Json)) {
        @{
            number = ++$number
            format = $case.format
            before = $case.before
            after = $case.after
            expected = $case.same
            verdict = @('another', 'the same')[[Int32]$case.same]
        }
    }
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    $id = '{31B2F340-016D-11D2-945F-00C04FB984F9}'

    function Get-Name ($Name) {
        $file = Get-GpmReportName -Name $Name -Id $id -Format xml
        $file.EndsWith("_$id.xml", 'Ordinal') | Should -BeTrue
        $file.Substring(0, $file.Length - "_$id.xml".Length)
    }

    function Compare-Text ($Before, $After, $Format = 'xml') {
        $old, $new = "$TestDrive/old", "$TestDrive/new"
        [System.IO.File]::Delete($old)
        if ($null -ne $Before) {
            [System.IO.File]::WriteAllText($old, $Before)
        }
        [System.IO.File]::WriteAllText($new, $After)
        Compare-GpmReport -Before $old -After $new -Format $Format
    }
}

Describe 'Reports in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    Context 'the name of a file' {
        It 'of <name> begins with <expected>' -ForEach @(
            @{ name = 'Default Domain Policy'; expected = 'Default Domain Policy' }
            @{ name = ''; expected = 'GPO' }
            @{ name = ' . '; expected = 'GPO' }
            @{ name = '  a. '; expected = 'a' }
            @{ name = '..\..\etc'; expected = '_.._etc' }
            @{ name = 'a/b:c*d?e"f<g>h|i'; expected = 'a_b_c_d_e_f_g_h_i' }
            @{ name = "a`tb`nc`u{7f}d"; expected = 'a_b_c_d' }
            @{ name = "a`u{202e}b`u{200b}c`u{2028}d"; expected = 'a_b_c_d' }
            @{ name = "[x] `$y 'z' ``w``"; expected = "[x] `$y 'z' ``w``" }
            @{ name = 'Straße café ıİ'; expected = 'Straße café ıİ' }
            @{ name = "a`u{1F511}b"; expected = 'a__b' }
            @{ name = 'CON'; expected = 'CON' }
            @{ name = 'con.txt'; expected = '_con.txt' }
            @{ name = 'Aux .x'; expected = '_Aux .x' }
            @{ name = 'COM1.'; expected = 'COM1' }
            @{ name = 'lpt³.x.y'; expected = '_lpt³.x.y' }
            @{ name = 'CONSOLE.txt'; expected = 'CONSOLE.txt' }
            @{ name = 'COM10.txt'; expected = 'COM10.txt' }
        ) {
            Get-Name $name | Should -BeExactly $expected
        }

        It 'is cut, and not at a blank' {
            Get-Name ('x' * 500) | Should -BeExactly ('x' * 60)
            Get-Name ('x' * 59 + '  y') | Should -BeExactly ('x' * 59)
        }
    }

    Context 'a report' {
        It 'is as it was but for its time' {
            Compare-Text '<r><ReadTime>1</ReadTime>x</r>' '<r><ReadTime>22</ReadTime>x</r>' | Should -BeNullOrEmpty
            Compare-Text 'a<td id="dtstamp">one</td>b' 'a<td id="dtstamp">another</td>b' html | Should -BeNullOrEmpty
            Compare-Text 'a<td id=dtstamp class="x">one</td>b' 'a<td id=dtstamp class="x">two</td>b' html |
                Should -BeNullOrEmpty
        }

        It 'of case <number> is <verdict>, as on the controller' -ForEach $same {
            $isSame = $null -eq (Compare-Text $before $after $format)
            $isSame | Should -Be $expected
        }

        It 'is as it was but for its time, whatever the case of its tags' {
            Compare-Text '<TD ID="DTSTAMP">one</TD>' '<TD ID="DTSTAMP">two</TD>' html | Should -BeNullOrEmpty
        }

        It 'has changed, and a diff shows how' {
            $difference = Compare-Text '<r><ReadTime>1</ReadTime>x</r>' '<r><ReadTime>2</ReadTime>y</r>'
            $difference.before | Should -BeExactly '<r>x</r>'
            $difference.after | Should -BeExactly '<r>y</r>'
        }

        It 'has changed by <what>' -ForEach @(
            @{ what = 'case'; before = 'Text'; after = 'text' }
            @{ what = 'code points'; before = "caf`u{e9}"; after = "cafe`u{301}" }
            @{ what = 'what nobody sees'; before = 'ab'; after = "a`u{200b}b" }
            @{ what = 'a second time'; before = '<ReadTime>1</ReadTime><ReadTime>1</ReadTime>'
                after = '<ReadTime>1</ReadTime><ReadTime>2</ReadTime>' }
            @{ what = 'a time that is none'; before = '<Readtime>1</Readtime>'; after = '<Readtime>2</Readtime>' }
        ) {
            Compare-Text $before $after | Should -Not -BeNullOrEmpty
        }

        It 'has changed when the time stands in another format''s place' {
            Compare-Text '<td id="dtstamp">1</td>' '<td id="dtstamp">2</td>' xml | Should -Not -BeNullOrEmpty
            Compare-Text '<ReadTime>1</ReadTime>' '<ReadTime>2</ReadTime>' html | Should -Not -BeNullOrEmpty
        }

        It 'is new' {
            $difference = Compare-Text $null '<r/>'
            $difference.before | Should -BeExactly ''
            $difference.after | Should -BeExactly '<r/>'
        }

        It 'in HTML shows no diff' {
            $difference = Compare-Text 'a' 'b' html
            $difference.before | Should -BeNullOrEmpty
            $difference.after | Should -BeNullOrEmpty
        }

        It 'that is large shows no diff' {
            (Compare-Text 'a' ('x' * 70000)).after | Should -BeNullOrEmpty
            (Compare-Text ('x' * 140000) 'a').after | Should -BeNullOrEmpty
            Compare-Text ('x' * 140000) ('x' * 140000) | Should -BeNullOrEmpty
        }

        It 'takes its place whole and leaves nothing beside it' {
            $folder = [System.IO.Directory]::CreateDirectory("$TestDrive/" + [Guid]::NewGuid()).FullName
            # That it takes the place of another one is Windows' own work: tests/integration has it.
            [System.IO.File]::WriteAllText("$TestDrive/source", 'first')
            Save-GpmReport -Source "$TestDrive/source" -Path "$folder/[x].xml"
            [System.IO.File]::ReadAllText("$folder/[x].xml") | Should -BeExactly 'first'
            [System.IO.Directory]::GetFileSystemEntries($folder).Count | Should -Be 1
        }

        It 'travels compressed and arrives whole' {
            $bytes = [Byte[]](0..255) * 50
            [System.IO.File]::WriteAllBytes("$TestDrive/source", $bytes)
            $content = ConvertTo-GpmReportContent -Path "$TestDrive/source"
            $content.Length | Should -BeLessThan 2000
            $packed = [System.IO.MemoryStream]::new([Convert]::FromBase64String($content))
            $gzip = [System.IO.Compression.GZipStream]::new(
                $packed, [System.IO.Compression.CompressionMode]::Decompress)
            $unpacked = [System.IO.MemoryStream]::new()
            $gzip.CopyTo($unpacked)
            [Convert]::ToHexString($unpacked.ToArray()) | Should -BeExactly ([Convert]::ToHexString($bytes))
        }
    }
}
