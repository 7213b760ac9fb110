# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# What a preflight asks of the host: the clock of a server, and how long paths are. Left to the lab: free space and
# rights, which are asked of Windows.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    # An answer of a server whose clock is ahead of this machine's.
    function New-Answer ([Double] $Ahead, [Byte] $Mode = 4, [Byte] $Stratum = 2) {
        $answer = [Byte[]]::new(48)
        $answer[0] = 0x20 -bor $Mode
        $answer[1] = $Stratum
        $seconds = ([DateTime]::UtcNow - [DateTime]::new(1900, 1, 1)).TotalSeconds + $Ahead
        foreach ($at in 32, 40) {
            $rest = [Decimal]$seconds % 4294967296
            $whole = [UInt32][Math]::Truncate($rest)
            $part = [UInt32][Math]::Truncate(($rest - $whole) * 4294967296)
            $bytes = [BitConverter]::GetBytes(([UInt64]$whole -shl 32) -bor $part)
            [Array]::Reverse($bytes)
            [Array]::Copy($bytes, 0, $answer, $at, 8)
        }
        , $answer
    }
}

Describe 'The clock of a server in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
        $probe = "$Namespace._HostProbe.HostProbe" -as [Type]
    }

    It 'is <_> s ahead' -ForEach @(0, 12.5, -300, 86400, 400000000) {
        $now = [DateTime]::UtcNow
        $probe::Offset((New-Answer -Ahead $_), $now, $now) | Should -BeGreaterThan ($_ - 5)
        $probe::Offset((New-Answer -Ahead $_), $now, $now) | Should -BeLessThan ($_ + 5)
    }

    It 'is not told by what is no answer' {
        $now = [DateTime]::UtcNow
        foreach ($answer in (New-Answer -Ahead 0 -Mode 3), (New-Answer -Ahead 0 -Stratum 0), [Byte[]]::new(20)) {
            { $probe::Offset($answer, $now, $now) } | Should -Throw -ExpectedMessage '*does not tell the time*'
        }
    }

    It 'is asked for over the network' {
        $server = [System.Net.Sockets.UdpClient]::new([System.Net.IPEndPoint]::new([System.Net.IPAddress]::Loopback, 0))
        try {
            $port = $server.Client.LocalEndPoint.Port
            $asked = $server.ReceiveAsync()
            $script = {
                param ($Server, $Asked, $Answer)
                $null = $Server.Send($Answer, $Answer.Length, $Asked.GetAwaiter().GetResult().RemoteEndPoint)
            }
            $shell = [PowerShell]::Create().AddScript($script).AddArgument($server).AddArgument($asked)
            $null = $shell.AddArgument((New-Answer -Ahead 600))
            $running = $shell.BeginInvoke()
            $offset = $probe::ClockOffset('127.0.0.1', $port)
            $null = $shell.EndInvoke($running)
            $offset | Should -BeGreaterThan 590
            $offset | Should -BeLessThan 610
        }
        finally {
            $server.Dispose()
        }
    }
}

Describe 'The longest path of a backup in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
        $policies = [System.IO.Directory]::CreateDirectory("$TestDrive/" + [Guid]::NewGuid().ToString('n')).FullName
        foreach ($file in '{A}/a', '{B}/0123456789', 'no policy/0123456789012345') {
            $path = [System.IO.Path]::Combine($policies, $file)
            $null = [System.IO.Directory]::CreateDirectory([System.IO.Path]::GetDirectoryName($path))
            [System.IO.File]::WriteAllText($path, '')
        }
    }

    It 'is that of the GPO with the longest name of a file' {
        $found = Measure-GpmLongestPath -Path 'D:\GPO' -Policies $policies -Seconds 60
        $found.gpo | Should -BeExactly '{B}'
        $found.file | Should -BeExactly '0123456789'
        $written = 'D:\GPO\{00000000-0000-0000-0000-000000000000}\DomainSysvol\GPO\0123456789'
        $found.length | Should -Be $written.Length
        $found.policies | Should -Be 2
        $found.whole | Should -BeTrue
    }

    It 'is of none, and that is said, when there was no time' {
        $found = Measure-GpmLongestPath -Path 'D:\GPO\' -Policies $policies -Seconds 0
        $found.whole | Should -BeFalse
        $found.file | Should -BeNullOrEmpty
    }
}
