# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# IGPMGPO::Backup.

#AnsibleRequires -CSharpUtil ..module_utils._BackupProgress
#AnsibleRequires -CSharpUtil ..module_utils._ComObject
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Gpmc

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:Com = 'ansible_collections.gpvault.gpmc.plugins.module_utils._ComObject.ComObject' -as [Type]

# The status of a call that succeeded.
$script:Success = @{ hresult = 0; message = '' }

# How long a server may take to obey IGPMAsyncCancel.Cancel() before the process is given up, in seconds.
$script:CancelGrace = 10

Function Backup-GpmGpo {
    <#
    .SYNOPSIS
    Backs up a GPO and returns @{ ended; backup; call_status; overall_status; status_messages; progress }.

    .DESCRIPTION
    Both the call's HRESULT and OverallStatus are checked: a call that returned can still have failed. "backup" is what
    results say of the backup that was made, null when none was. "ended" is from Wait-GpmOperation, and "progress" the
    last that an asynchronous call reported.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Comment
    The comment of the backup.

    .PARAMETER Timeout
    Seconds after which the call is cancelled; 0 for the synchronous call, which cannot be cancelled.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $Comment,
        [Parameter(Mandatory = $true)] [Int32] $Timeout
    )

    $made = @{
        ended = 'done'
        backup = $null
        call_status = $script:Success
        overall_status = $null
        status_messages = @()
        progress = $null
    }
    $progress = $null
    $cancel = [ref]$null
    try {
        if ($Timeout) {
            $progress = New-Object -TypeName `
                ansible_collections.gpvault.gpmc.plugins.module_utils._BackupProgress.BackupProgress
            $null = $script:Com::Call($Gpo, 'Backup', @($Path, $Comment, $progress, $cancel))
        }
        else {
            # Both optional arguments left out: the synchronous call.
            $result = $script:Com::Call($Gpo, 'Backup', $Path, $Comment)
        }
    }
    catch {
        $made.call_status = Get-GpmStatus -ErrorRecord $_
        return $made
    }
    if ($Timeout) {
        $backup = Complete-GpmBackup -Progress $progress -Cancel $cancel.Value -Timeout $Timeout -Made $made
    }
    else {
        $told = Get-GpmCallResult -Result $result
        $made.overall_status = $told.overall_status
        $made.status_messages = $told.status_messages
        $backup = Get-GpmProperty -Object $result -Name Result
    }
    if ($null -ne $backup -and $null -ne $made.overall_status -and $made.overall_status.hresult -eq 0) {
        $made.backup = @{
            id = $backup.ID.ToUpperInvariant()
            path = [System.IO.Path]::Combine($Path, $backup.ID)
            timestamp = $null
            comment = [String](Get-GpmProperty -Object $backup -Name Comment)
        }
    }
    $made
}

Function Complete-GpmBackup {
    <#
    .SYNOPSIS
    Waits for the end of an asynchronous backup and returns the IGPMBackup, or null.

    .PARAMETER Progress
    The BackupProgress that was given to the call.

    .PARAMETER Cancel
    The IGPMAsyncCancel.

    .PARAMETER Timeout
    Seconds after which it is cancelled.

    .PARAMETER Made
    Takes what Backup-GpmGpo returns of it.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Progress,
        [AllowNull()] [Object] $Cancel,
        [Parameter(Mandatory = $true)] [Int32] $Timeout,
        [Parameter(Mandatory = $true)] [Hashtable] $Made
    )

    $Made.ended = Wait-GpmOperation -Progress $Progress -Cancel $Cancel -Timeout $Timeout
    $Made.progress = @{ numerator = $Progress.Numerator; denominator = $Progress.Denominator }
    $Made.status_messages = @(Get-GpmStatusMessage -Collections $Progress.GetMessages())
    if ($Made.ended -eq 'lost') {
        return $null
    }
    $Made.overall_status = $script:Success
    if ($Progress.HResult -lt 0) {
        $failure = New-GpmException -HResult $Progress.HResult
        $Made.overall_status = @{ hresult = $Progress.HResult; message = $failure.Message }
    }
    $Progress.Result
}

Function Wait-GpmOperation {
    <#
    .SYNOPSIS
    Waits for an asynchronous operation, cancels it when it takes too long, and returns how that ended: done, cancelled,
    or lost, when the server did not obey: its thread is still at work, and this process has to end.

    .PARAMETER Progress
    The BackupProgress that was given to the operation.

    .PARAMETER Cancel
    The IGPMAsyncCancel.

    .PARAMETER Timeout
    In seconds.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Progress,
        [AllowNull()] [Object] $Cancel,
        [Parameter(Mandatory = $true)] [Int32] $Timeout
    )

    if ($Progress.Wait($Timeout)) {
        return 'done'
    }
    try {
        $Cancel.Cancel()
    }
    catch {
        # It may have ended in this moment; the wait tells.
        $null = $_
    }
    if (-not $Progress.Wait($script:CancelGrace)) {
        return 'lost'
    }
    # One that was faster than the cancel is as good as any.
    if ($Progress.HResult -ge 0) {
        return 'done'
    }
    'cancelled'
}

Export-ModuleMember -Function Backup-GpmGpo
