# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The lock of the backup directory during a trip.

#AnsibleRequires -PowerShell ..module_utils._Lock

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

Function Lock-GpmTrip {
    <#
    .SYNOPSIS
    Locks the backup directory for the trip, or notes in its reply who has it locked.

    .DESCRIPTION
    If the process of an earlier trip of this task ended while it backed up a GPO of the queue, that GPO goes last: it
    may end this process, too, and nothing else shall be lost with it.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $Context.step = 'lock'
    $lock = Lock-GpmDirectory -Path $options.path -Timeout ([Int32]$options._lock_wait) -RunId $options._run_id
    if ($null -eq $lock.stream) {
        $Context.trip.locked = $true
        $Context.trip.locked_by = $lock.holder
        return
    }
    $Context.lock = $lock
    $queue = $Context.queue
    $previous = $lock.previous
    $isOurs = $null -ne $previous -and $script:SameName.Equals($previous['run_id'], $options._run_id) -and
        $previous['gpo'] -is [Hashtable]
    if ($isOurs) {
        foreach ($item in $queue.ToArray()) {
            if ($script:SameName.Equals($item.id, $previous.gpo['id'])) {
                $null = $queue.Remove($item)
                $queue.Add($item)
                $Context.trip.suspect = $item.id
            }
        }
    }
}

Function Write-GpmItemInHand {
    <#
    .SYNOPSIS
    Writes into the lock file which GPO is in hand, for who waits, and for the next trip should this process end.

    .PARAMETER Item
    @{ id; name; gpo }.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Context.lock.holder.gpo = @{ id = $Item.id; name = $Item.name }
    Write-GpmLockHolder -Lock $Context.lock
}

Function Unlock-GpmTrip {
    <#
    .SYNOPSIS
    Sets the backup directory free, if the trip has it locked.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    if ($null -eq $Context.lock) {
        return
    }
    try {
        Unlock-GpmDirectory -Lock $Context.lock
    }
    catch {
        # The share went away, and the lock with it. What was done until then has to be told all the same.
        $null = $_
    }
}

Export-ModuleMember -Function Lock-GpmTrip, Write-GpmItemInHand, Unlock-GpmTrip
