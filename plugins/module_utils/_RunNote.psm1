# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What the last restore or import did to a GPO, <backup directory>\.gpvault\<domain>\{GPO-ID}\run.json. When the reply
# of a trip is lost, the next trip of the same task finds there what was done: else it would say that nothing was, and
# take a safety copy of what is no longer as it was. And whoever imports the same backup next finds there that the GPO was
# disabled for a moment, see Set-GpmDisabledLink, in which the run was ended.

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._Catalog
#AnsibleRequires -PowerShell ..module_utils._Selection

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# What is noted when a GPO is about to be changed; the rest of an entry is known when it has been.
$script:FromTheStart = @('changed', 'gpo_created', 'reasons', 'safety_backup')

# Not noted: what --diff shows can be large, and is for those who saw the reply.
$script:NotNoted = @('id', 'changes', 'milliseconds')

Function Write-GpmRunNote {
    <#
    .SYNOPSIS
    Notes what is done to a GPO: before it is changed, and when that is over.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Entry
    Its entry of the reply.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $told = New-GpmMap
    foreach ($name in $Entry.Keys) {
        if ($script:NotNoted -notcontains $name) {
            $told[$name] = $Entry[$name]
        }
    }
    try {
        $path = Get-GpmRunNotePath -Id $Id -Context $Context
        $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
        $hostFile::CreateFolder([System.IO.Path]::GetDirectoryName($path))
        $bytes = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::Write(
            [ordered]@{ run_id = $Context.options._run_id; entry = $told })
        $hostFile::Write($path, $bytes)
    }
    catch {
        # It serves only when a reply is lost, and is no reason not to go on.
        $null = $_
    }
}

Function Remove-GpmRunNote {
    <#
    .SYNOPSIS
    Removes the note on a GPO that was made and is gone again.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    try {
        $path = Get-GpmRunNotePath -Id $Id -Context $Context
        $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
        $hostFile::Delete($path)
        # Only when nothing else is in it.
        $hostFile::DeleteFolder([System.IO.Path]::GetDirectoryName($path))
    }
    catch {
        # It is in nobody's way.
        $null = $_
    }
}

Function Resume-GpmEntry {
    <#
    .SYNOPSIS
    Tells in an entry of the reply what an earlier trip of this task, whose reply was lost, did to its GPO. Returns new
    when there was none, begun when it did not come to the end or failed, and done.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Entry
    The entry.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $note = Read-GpmRunNote -Id $Id -Context $Context
    if ($null -eq $note -or -not $script:SameName.Equals($note['run_id'], $Context.options._run_id)) {
        return 'new'
    }
    $told = $note['entry']
    $isDone = @('restored', 'imported') -contains $told['outcome']
    $names = $script:FromTheStart
    if ($isDone) {
        $names = @($told.get_Keys())
    }
    foreach ($name in $names) {
        if ($told.ContainsKey($name)) {
            $Entry[$name] = $told[$name]
        }
    }
    if ($isDone) {
        return 'done'
    }
    return 'begun'
}

Function Get-GpmDisabledHalf {
    <#
    .SYNOPSIS
    Returns which halves of a GPO were enabled, as @{ computer; user }, before an import of this backup that was ended in
    the midst disabled it, see Set-GpmDisabledLink; null where none has, or somebody has enabled them since.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Live
    The halves as they are, from Get-GpmHalf.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Live,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $note = Read-GpmRunNote -Id $Id -Context $Context
    if ($null -eq $note -or $note.entry['halves'] -isnot [Hashtable] -or $note.entry['backup'] -isnot [Hashtable] -or
        -not $script:SameName.Equals($note.entry.backup['id'], $Context.options.backup_id)) {
        return $null
    }
    $were = @{ computer = [Boolean]$note.entry.halves['computer']; user = [Boolean]$note.entry.halves['user'] }
    if (($were.computer -and -not $Live.computer) -or ($were.user -and -not $Live.user)) {
        return $were
    }
    return $null
}

Function Set-GpmNothingLeft {
    <#
    .SYNOPSIS
    Tells in an entry of the reply that a GPO is as it is to be: unchanged, unless an earlier trip of this task made it
    so.

    .PARAMETER Run
    From Resume-GpmEntry.

    .PARAMETER Entry
    The entry.

    .PARAMETER Outcome
    What the outcome is when the task made it so.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Run,
        [Parameter(Mandatory = $true)] [Hashtable] $Entry,
        [Parameter(Mandatory = $true)] [ValidateSet('restored', 'imported')] [String] $Outcome
    )

    $Entry.outcome = 'unchanged'
    if ($Run -eq 'begun') {
        $Entry.outcome = $Outcome
        $Entry.changed = $true
    }
}

Function Read-GpmRunNote {
    <#
    .SYNOPSIS
    Returns the note on a GPO as @{ run_id; entry }; null where there is none, or one that was not written to its end.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    try {
        $note = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::ReadFile(
            (Get-GpmRunNotePath -Id $Id -Context $Context))
    }
    catch {
        return $null
    }
    if ($note -is [Hashtable] -and $note['entry'] -is [Hashtable]) {
        return $note
    }
    return $null
}

Function Get-GpmRunNotePath {
    <#
    .SYNOPSIS
    Returns the path of the note on the last restore of, or import into, a GPO.

    .PARAMETER Id
    ID of the GPO.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $folder = Get-GpmCatalogFolder -Path $Context.options.path -Domain $Context.trip.domain -Id $Id
    [System.IO.Path]::Combine($folder, 'run.json')
}

Export-ModuleMember -Function Get-GpmDisabledHalf, Remove-GpmRunNote, Resume-GpmEntry, Set-GpmNothingLeft, Write-GpmRunNote
