# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Links and WMI filters, as they are read and as the work on a GPO finds them.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    function New-SomLink ($Id, $Order, $Domain = 'corp.example') {
        @{ id = $Id; domain = $Domain; enabled = $true; enforced = $false; order = $Order }
    }

    function New-Read ($Errors = @{}) {
        $read = @{
            soms = @(
                @{
                    path = 'DC=corp'
                    type = 'domain'
                    links = @((New-SomLink '{B}' 2), (New-SomLink '{X}' 3 'other.example'), (New-SomLink '{A}' 1))
                }
                @{ path = 'OU=a'; type = 'ou'; links = @((New-SomLink '{A}' 1)) }
                @{ path = 'OU=empty'; type = 'ou'; links = @() }
            )
            filters = @(@{ id = '{F}'; name = 'Laptops'; description = '2020-01-01T00:00:00'; queries = @('ns;select 1') })
            links_error = $null
            sites_error = $null
            filters_error = $null
        }
        foreach ($name in $Errors.Keys) {
            $read[$name] = $Errors[$name]
        }
        $read
    }
}

Describe 'Surroundings in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    It 'are by GPO, each link with the GPOs around it in their order' {
        $found = ConvertTo-GpmSurroundings -Read (New-Read) -Domain 'CORP.example'
        $found.targets.Contains('ou=EMPTY') | Should -BeTrue
        $found.links['{a}'].target | Should -Be 'DC=corp', 'OU=a'
        $found.links['{B}'][0].neighbours | Should -Be '{A}', '{B}', '{X}'
        $found.links.ContainsKey('{X}') | Should -BeFalse
        $found.filters['{f}'].queries | Should -Be 'ns;select 1'
    }

    It 'are the same when they came from another trip' {
        $json = "$Namespace._Json.Json" -as [Type]
        $plain = $json::Write((New-Read))
        $packed = [System.IO.MemoryStream]::new()
        $gzip = [System.IO.Compression.GZipStream]::new($packed, [System.IO.Compression.CompressionMode]::Compress)
        $gzip.Write($plain, 0, $plain.Length)
        $gzip.Dispose()
        $read = ConvertFrom-GpmHandedOn -Packed ([Convert]::ToBase64String($packed.ToArray()))
        $found = ConvertTo-GpmSurroundings -Read $read -Domain 'corp.example'
        $fresh = ConvertTo-GpmSurroundings -Read (New-Read) -Domain 'corp.example'
        $found.links.Count, $found.filters.Count | Should -Be $fresh.links.Count, $fresh.filters.Count
        foreach ($id in $fresh.links.Keys) {
            $json::Same($found.links[$id].ToArray(), $fresh.links[$id].ToArray()) | Should -BeTrue
        }
        foreach ($id in $fresh.filters.Keys) {
            $json::Same($found.filters[$id], $fresh.filters[$id]) | Should -BeTrue
        }
        [String[]]$found.targets | Should -Be ([String[]]$fresh.targets)
    }

    It 'are handed on when nothing is missing' {
        $read = New-Read
        (ConvertTo-GpmSurroundings -Read $read -Domain 'corp.example').read | Should -Be $read
    }

    It 'are read again by the next trip when <_> is known' -ForEach 'links_error', 'sites_error', 'filters_error' {
        $read = New-Read @{ $_ = @{ hresult = 0x80070005; message = 'Denied.' } }
        (ConvertTo-GpmSurroundings -Read $read -Domain 'corp.example').read | Should -BeNullOrEmpty
    }

    It 'are null where they could not be read' {
        $found = ConvertTo-GpmSurroundings -Read (New-Read @{ soms = $null; filters = $null }) -Domain 'corp.example'
        $found.links | Should -BeNullOrEmpty
        $found.filters | Should -BeNullOrEmpty
        $found.targets.Count | Should -Be 0
    }

    It 'tell why links could not be read where GPOs that cannot be seen are looked for' {
        $denied = @{ hresult = 0x80070005; message = 'Denied.' }
        $found = ConvertTo-GpmSurroundings -Domain 'corp.example' -Read (
            New-Read @{ soms = $null; links_error = $denied })
        $policies = Join-Path $TestDrive 'Policies'
        $hidden = '{0C2B1D5E-1111-4222-8333-444455556666}'
        $null = New-Item -ItemType Directory -Force -Path (Join-Path $policies $hidden)
        $trip = @{ inaccessible = $null; inaccessible_errors = [System.Collections.Generic.List[Object]]::new() }
        Find-GpmInaccessible -Policies $policies -Visible @() -Surroundings $found -Trip $trip -Exclude (
            ConvertTo-GpmSelector -Entries @())
        $trip.inaccessible_errors | Should -Be @($denied)
        $trip.inaccessible.id | Should -Be $hidden
    }
}
