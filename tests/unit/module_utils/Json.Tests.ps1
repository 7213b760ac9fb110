# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# The catalog's JSON: what is the same, what has a shape, and what comes back from a file.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"

    $texts = @(
        '', ' ', 'null', '2026-07-01T00:00:00Z', '/Date(0)/', '"quoted"', '\\server\share', '</root>', '&amp;', '$x`y',
        "tab`t, line`r`nand`0null", "caf`u{e9}", "cafe`u{301}", "`u{202e}", "`u{200b}", "`u{feff}", '🔑', 'İıIi',
        'ß')
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    function Get-Bytes ($Text) {
        , [System.Text.Encoding]::UTF8.GetBytes($Text)
    }
}

Describe 'JSON in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
        $json = "$Namespace._Json.Json" -as [Type]
    }

    Context 'Same' {
        It 'is <expected> for <left> and <right>' -ForEach @(
            @{ left = $null; right = $null; expected = $true }
            @{ left = $null; right = ''; expected = $false }
            @{ left = 'a'; right = 'a'; expected = $true }
            @{ left = 'a'; right = 'A'; expected = $false }
            @{ left = "`u{e9}"; right = "e`u{301}"; expected = $false }
            @{ left = "a`u{200b}"; right = 'a'; expected = $false }
            @{ left = 'ß'; right = 'ss'; expected = $false }
            @{ left = 'i'; right = 'İ'; expected = $false }
            @{ left = 1; right = [Int64]1; expected = $true }
            @{ left = 1; right = 1.0; expected = $true }
            @{ left = 1; right = 2; expected = $false }
            @{ left = 1; right = '1'; expected = $false }
            @{ left = 1; right = $true; expected = $false }
            @{ left = $true; right = 1; expected = $false }
            @{ left = $true; right = $true; expected = $true }
            @{ left = $false; right = $null; expected = $false }
            @{ left = 1; right = @(1); expected = $false }
            @{ left = @(); right = @(); expected = $true }
            @{ left = @(); right = @{}; expected = $false }
            @{ left = @(1, 2); right = @(2, 1); expected = $false }
            @{ left = @(1, 2); right = @(1); expected = $false }
            @{ left = 'ab'; right = @('a', 'b'); expected = $false }
            @{ left = @{ a = 1; b = @($null) }; right = [ordered]@{ b = @($null); a = 1 }; expected = $true }
            @{ left = @{ a = 1 }; right = @{ a = 1; b = $null }; expected = $false }
            @{ left = @{ a = $null }; right = @{ b = $null }; expected = $false }
        ) {
            $json::Same($left, $right) | Should -Be $expected
            $json::Same($right, $left) | Should -Be $expected
        }

        It 'looks into what PowerShell wraps' {
            $json::Same([PSObject]'a', 'a') | Should -BeTrue
            $json::Same([PSObject]@([PSObject]1), @(1)) | Should -BeTrue
        }

        It 'tells a list by its items, whatever holds them' {
            $json::Same([System.Collections.Generic.List[Object]]@(1, 'a'), @(1, 'a')) | Should -BeTrue
        }
    }

    Context 'Misfit' {
        It 'is <expected> for <value>' -ForEach @(
            @{ shape = 'string'; value = 'a'; expected = $null }
            @{ shape = 'string'; value = 1; expected = '' }
            @{ shape = 'string'; value = $null; expected = '' }
            @{ shape = 'integer'; value = [Int64]1; expected = $null }
            @{ shape = 'integer'; value = 1.5; expected = '' }
            @{ shape = 'integer'; value = '1'; expected = '' }
            @{ shape = 'boolean'; value = $false; expected = $null }
            @{ shape = 'boolean'; value = [Int64]0; expected = '' }
            @{ shape = @('string'); value = @(); expected = $null }
            @{ shape = @('string'); value = @('a', $null); expected = '[1]' }
            @{ shape = @('string'); value = 'a'; expected = '' }
            @{ shape = @('string'); value = @{}; expected = '' }
            @{ shape = @{ a = 'string' }; value = @{ a = 'x'; more = 1 }; expected = $null }
            @{ shape = @{ a = 'string' }; value = @{}; expected = 'a' }
            @{ shape = @{ a = 'string' }; value = @{ a = $null }; expected = 'a' }
            @{ shape = @{ a = 'string' }; value = @('a'); expected = '' }
            @{ shape = @{ 'a?' = 'string' }; value = @{ a = $null }; expected = $null }
            @{ shape = @{ 'a?' = 'string' }; value = @{}; expected = 'a' }
            @{ shape = @{ 'a?' = 'string' }; value = @{ a = [Int64]1 }; expected = 'a' }
            @{ shape = @{ 'a??' = 'string' }; value = @{}; expected = $null }
            @{ shape = @{ 'a??' = 'string' }; value = @{ a = $null }; expected = $null }
            @{ shape = @{ 'a??' = 'string' }; value = @{ a = [Int64]1 }; expected = 'a' }
            @{ shape = @{ a = @(@{ b = 'string' }) }; value = @{ a = @(@{ b = '' }, @{ b = 1 }) }; expected = 'a[1].b' }
        ) {
            $json::Misfit($value, $shape, '') | Should -Be $expected
        }
    }

    Context 'Write and Read' {
        It 'bring back the text <shown>' -ForEach (Get-TextCase $texts) {
            $json::Read($json::Write($text)) | Should -BeExactly $text
            $back = $json::Read($json::Write(@{ value = @($text) }))
            [String]::Equals($back['value'][0], $text, 'Ordinal') | Should -BeTrue
        }

        It 'bring back what is no text' {
            $value = [ordered]@{
                nothing = $null
                yes = $true
                no = $false
                number = 42
                largest = [Int64]::MaxValue
                least = [Int64]::MinValue
                fraction = 1.25
                none = @()
                empty = @{}
                list = @(1, $null, @(2, @{ deep = 'x' }))
            }
            $back = $json::Read($json::Write($value))
            $json::Same($back, $value) | Should -BeTrue
            $back['number'] | Should -BeOfType [Int64]
            $back['fraction'] | Should -BeOfType [Double]
            , $back['none'] | Should -BeOfType [Object[]]
            $back['empty'] | Should -BeOfType [Hashtable]
        }

        It 'write UTF-8 without a byte order mark' {
            $json::Write('é')[0..2] | Should -Be 0x22, 0xc3, 0xa9
        }
    }

    Context 'Read' {
        It 'reads <text>' -ForEach @(
            @{ text = ' [1] '; expected = @(1) }
            @{ text = '{"a b": 1, "<x>": 2, "ünï": 3}'; expected = @{ 'a b' = 1; '<x>' = 2; 'ünï' = 3 } }
            @{ text = '{"i": 1, "I": 2}'; expected = $null }
            @{ text = '"\u00e9\ud83d\udd11\/"'; expected = 'é🔑/' }
            @{ text = '-1.5e2'; expected = -150.0 }
            @{ text = '12345678901234567890'; expected = 12345678901234567890.0 }
        ) {
            $read = $json::Read((Get-Bytes $text))
            if ($null -eq $expected) {
                # Names of members are texts, and two of them.
                $read.Count | Should -Be 2
            }
            else {
                $json::Same($read, $expected) | Should -BeTrue
            }
        }

        It 'refuses <shown>' -ForEach (
            Get-TextCase '', '{', '{"a":}', '[1 2]', 'nul', '[1] [2]', '1 2', '{"a":1}x', '"open', "{'a':1}", '<root/>',
                "`0", '{"a" 1}'
        ) {
            { $json::Read((Get-Bytes $text)) } | Should -Throw
        }

        It 'refuses what is nested without end' {
            $json::Read((Get-Bytes ('[' * 10 + ']' * 10))) | Should -Not -BeNullOrEmpty -Because 'ten levels are few'
            { $json::Read((Get-Bytes ('[' * 100000))) } | Should -Throw
            { $json::Read((Get-Bytes ('[' * 20 + ']' * 20))) } | Should -Throw
        }
    }

    Context 'ReadFile' {
        It 'reads a file, and while another process has it open' {
            $file = "$TestDrive/open.json"
            [System.IO.File]::WriteAllText($file, '{"a": 1}')
            $stream = [System.IO.File]::Open($file, 'Open', 'ReadWrite', 'ReadWrite')
            try {
                $json::ReadFile($file)['a'] | Should -Be 1
            }
            finally {
                $stream.Dispose()
            }
        }

        It 'refuses one that is too large, before it reads it' {
            $file = "$TestDrive/large.json"
            $stream = [System.IO.File]::Create($file)
            $stream.SetLength(64MB + 1)
            $stream.Dispose()
            { $json::ReadFile($file) } | Should -Throw '*too large*'
        }

        It 'throws when there is none' {
            { $json::ReadFile("$TestDrive/none.json") } | Should -Throw '*none.json*'
        }
    }
}
