# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# HRESULTs out of exceptions, however PowerShell or reflection has wrapped them. The way back, New-GpmException, is left
# to the lab: outside of Windows .NET makes no exception of an HRESULT without COM's error object.

BeforeDiscovery {
    . "$PSScriptRoot/Payload.ps1"
}

BeforeAll {
    . "$PSScriptRoot/Payload.ps1"

    $denied = [System.Runtime.InteropServices.COMException]::new('Denied.', 0x80070005)

    function Get-Status ([Exception] $Exception) {
        Get-GpmStatus -ErrorRecord (
            [System.Management.Automation.ErrorRecord]::new($Exception, 'id', 'NotSpecified', $null))
    }
}

Describe 'Get-GpmStatus in <_>' -ForEach $Cultures {
    BeforeAll {
        Import-Payload -Culture $_
    }

    It 'takes a bare exception''s' {
        $status = Get-Status $denied
        $status.hresult | Should -Be 0x80070005
        $status.message | Should -BeExactly 'Denied.'
    }

    It 'tells paths as people write them' {
        (Get-Status ([System.IO.IOException]::new('No ''\\?\UNC\server\share\a''.'))).message |
            Should -BeExactly 'No ''\\server\share\a''.'
    }

    It 'looks into <_>' -ForEach @(
        'System.Management.Automation.RuntimeException'
        'System.Management.Automation.MethodInvocationException'
        'System.Management.Automation.GetValueInvocationException'
        'System.Management.Automation.SetValueInvocationException'
        'System.Management.Automation.CmdletInvocationException'
        'System.Reflection.TargetInvocationException'
    ) {
        $wrapping = [Type]$_
        $flags = [System.Reflection.BindingFlags]'Instance, Public, NonPublic'
        $constructor = $wrapping.GetConstructor($flags, $null, [Type[]]@([String], [Exception]), $null)
        $status = Get-Status ($constructor.Invoke(@('Wrapped.', $denied)))
        $status.hresult | Should -Be 0x80070005
        $status.message | Should -BeExactly 'Denied.'
    }

    It 'looks through several' {
        $inner = [System.Reflection.TargetInvocationException]::new($denied)
        $outer = [System.Management.Automation.MethodInvocationException]::new('Outer.', $inner)
        (Get-Status ([System.Management.Automation.RuntimeException]::new('Outermost.', $outer))).hresult |
            Should -Be 0x80070005
    }

    It 'stops at the first that is no wrapping' {
        $io = [System.IO.IOException]::new('Disk.', $denied)
        $status = Get-Status ([System.Management.Automation.MethodInvocationException]::new('Outer.', $io))
        $status.hresult | Should -Be $io.HResult
        $status.message | Should -BeExactly 'Disk.'
    }

    It 'has nothing to look into in a wrapping that is empty' {
        $status = Get-Status ([System.Management.Automation.RuntimeException]::new('Alone.'))
        $status.hresult | Should -Be ([System.Management.Automation.RuntimeException]::new('').HResult)
        $status.message | Should -BeExactly 'Alone.'
    }

    It 'takes what a script throws' {
        try {
            throw 'Words.'
        }
        catch {
            (Get-GpmStatus -ErrorRecord $_).message | Should -BeExactly 'Words.'
        }
        try {
            throw $denied
        }
        catch {
            (Get-GpmStatus -ErrorRecord $_).hresult | Should -Be 0x80070005
        }
    }

    It 'takes what a method throws, which PowerShell wraps' {
        try {
            [System.IO.File]::GetAttributes("$TestDrive/missing")
        }
        catch {
            $_.Exception | Should -BeOfType [System.Management.Automation.MethodInvocationException]
            (Get-GpmStatus -ErrorRecord $_).hresult | Should -Be 0x80070002
        }
    }

    It 'has the HRESULT that the words name where the exception has lost its own: <code> of <type>' -ForEach @(
        @{ type = 'System.IO.FileLoadException'; code = 0x80070020; told = 'In use. (0x80070020)' }
        @{ type = 'System.IO.FileNotFoundException'; code = 0x80070035; told = 'No. (0x80070035)' }
        @{ type = 'System.Exception'; code = 0x80070043; told = 'No. (Exception from HRESULT: 0x80070043)' }
        @{ type = 'System.Exception'; code = 0x80070043; told = 'Nein. (Ausnahme von HRESULT: 0x80070043 (ERROR_BAD_NET_NAME))' }
        @{ type = 'System.Exception'; code = 0x80070043; told = "Non. (Exception de HRESULT$([Char]160): 0x80070043)" }
        @{ type = 'System.Exception'; code = 0x80070005; told = 'No. (0x80070005 (E_ACCESSDENIED))' }
    ) {
        (Get-Status (New-Object -TypeName $type -ArgumentList $told)).hresult | Should -Be $code
    }

    It 'keeps its own where the words only quote something' {
        (Get-Status ([System.IO.IOException]::new("Could not find '(0x80070043)'.", 0x80070002))).hresult |
            Should -Be 0x80070002
        (Get-Status ([System.IO.FileNotFoundException]::new('No (0x80070043).', 'x'))).hresult |
            Should -Be 0x80070002
        (Get-Status ([FormatException]::new('0x80070043 is no number.'))).hresult | Should -Be 0x80131537
    }

    It 'is cut to one line where it is repeated to people' {
        try {
            throw [FormatException]::new("two`r`n  lines " + 'x' * 500)
        }
        catch {
            $text = Get-GpmShortText -ErrorRecord $_
        }
        $text | Should -Match '^two lines x+\.\.\.$'
        $text.Length | Should -Be 203
    }
}
