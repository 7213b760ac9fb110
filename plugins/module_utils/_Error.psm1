# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# Errors as replies tell of them: statuses (an HRESULT and a text) and troubles (a status and the step that met with
# it). What is sent is data; the words for people, and the names of HRESULTs, are made on the controller
# (plugin_utils/_status.py and _hresult.py).

#AnsibleRequires -CSharpUtil ..module_utils._HostFile

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# In brackets, as Windows and .NET put it behind a text, in the language of the host: "(Exception from HRESULT: 0x…)",
# "(Ausnahme von HRESULT: 0x…)". A name or a number in the text itself is no HRESULT.
$script:HResultInWords = '\((?:[^()]*HRESULT[^()]*)?0x(8[0-9A-Fa-f]{7})(?: \([A-Z0-9_]+\))?\)'

# Characters of what an exception says that are repeated: it may quote a hostile file.
$script:SaidAtMost = 200

Function Get-GpmStatus {
    <#
    .SYNOPSIS
    Returns the HRESULT and text of an error as a status: @{ hresult; message }.

    .DESCRIPTION
    A COM call that fails throws. PowerShell 7 throws the exception that the HRESULT selects; Windows PowerShell may
    wrap it. The HRESULT is that of the first exception that is not one of PowerShell's or reflection's own wrappings.

    A failure that the server describes in words (EXCEPINFO) PowerShell throws as a new exception with these words.
    Where it is none of COM's own type, it has lost the HRESULT; then an HRESULT that the words name is the better one.

    .PARAMETER ErrorRecord
    The error, as a catch block has it in $_.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [System.Management.Automation.ErrorRecord] $ErrorRecord
    )

    [Exception]$exception = $ErrorRecord.Exception
    while ($null -ne $exception.InnerException -and (
            $exception -is [System.Management.Automation.RuntimeException] -or
            $exception -is [System.Reflection.TargetInvocationException])) {
        $exception = $exception.InnerException
    }
    $hresult = $exception.HResult
    # Facility 0x13 is .NET's own. A file that .NET itself missed has its name in the exception.
    $isLost = ($hresult -band 0x1fff0000) -eq 0x00130000 -or (
        $exception -is [System.IO.FileNotFoundException] -and -not $exception.FileName)
    if ($isLost -and $exception.Message -cmatch $script:HResultInWords) {
        $hresult = [Convert]::ToInt32($Matches[1], 16)
    }
    $message = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Plain($exception.Message)
    @{ hresult = $hresult; message = $message }
}

Function New-GpmException {
    <#
    .SYNOPSIS
    Returns an exception that carries an HRESULT.

    .PARAMETER HResult
    The HRESULT.
    #>
    [OutputType([Exception])]
    param (
        [Parameter(Mandatory = $true)] [Int32] $HResult
    )

    # -1: from the HRESULT alone, not from what an earlier COM call left in the thread's error object.
    [System.Runtime.InteropServices.Marshal]::GetExceptionForHR($HResult, [IntPtr](-1))
}

Function New-GpmTrouble {
    <#
    .SYNOPSIS
    Returns why something failed, as replies tell it: @{ step; hresult; message }.

    .PARAMETER Step
    The step in hand. The controller has the sentence (plugin_utils/_steps.py).

    .PARAMETER Status
    From Get-GpmStatus, or null where neither a call nor an exception stands behind it.

    .PARAMETER Message
    What there is to say without a status.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Step,
        [AllowNull()] [Hashtable] $Status,
        [String] $Message = ''
    )

    if ($null -eq $Status) {
        return @{ step = $Step; hresult = $null; message = $Message }
    }
    @{ step = $Step; hresult = $Status.hresult; message = $Status.message }
}

Function Get-GpmShortText {
    <#
    .SYNOPSIS
    Returns what an error says, on one line and cut when it is long.

    .PARAMETER ErrorRecord
    The error.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [System.Management.Automation.ErrorRecord] $ErrorRecord
    )

    $text = (Get-GpmStatus -ErrorRecord $ErrorRecord).message -replace '\s+', ' '
    if ($text.Length -gt $script:SaidAtMost) {
        return $text.Substring(0, $script:SaidAtMost) + '...'
    }
    $text
}

Export-ModuleMember -Function Get-GpmShortText, Get-GpmStatus, New-GpmException, New-GpmTrouble
