# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A directory of backups that GPOs are compared with and whose catalog does not know them: a baseline that somebody
# published, or backups of another domain. Its GPOs have other IDs, so what they are called decides.

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

Function Read-GpmBaseline {
    <#
    .SYNOPSIS
    Returns the backups in a directory as @{ id; gpo; timestamp; comment }, the latest first. Safety copies are none,
    and what cannot be read is told of.

    .PARAMETER Path
    The directory.

    .PARAMETER Trip
    The trip's reply.
    #>
    [OutputType([Object[]])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [Hashtable] $Trip
    )

    $found = New-Object -TypeName System.Collections.Generic.List[Object]
    $keys = New-Object -TypeName System.Collections.Generic.List[String]
    foreach ($folder in [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Folders($Path)) {
        $id = [System.IO.Path]::GetFileName($folder).ToUpperInvariant()
        if (-not (Test-GpmId -Text $id) -or -not (Get-GpmFolderKind -Path $folder).own) {
            continue
        }
        try {
            $info = Read-GpmBackupInfo -Path $Path -Id $id
        }
        catch {
            Add-GpmProblem -Trip $Trip -Kind baseline -Subject $folder -Status (Get-GpmStatus -ErrorRecord $_)
            continue
        }
        if (-not (Test-GpmSafetyComment -Comment $info.comment)) {
            $info.id = $id
            $found.Add($info)
            # Times as texts, whose order is that of the times; the ID settles it for those of one second.
            $keys.Add([String]$info.timestamp + $id)
        }
    }
    [Array]$backups = $found.ToArray()
    [Array]::Sort([Array]$keys.ToArray(), $backups, [System.Collections.IComparer][StringComparer]::Ordinal)
    [Array]::Reverse($backups)
    , $backups
}

Function Select-GpmBaseline {
    <#
    .SYNOPSIS
    Returns those backups that are the counterpart of a GPO, the latest first: those of the very GPO, or else those of
    one that is called the same. Throws when several are.

    .PARAMETER Backups
    From Read-GpmBaseline.

    .PARAMETER Gpo
    @{ id; name; domain } of the GPO.
    #>
    [OutputType([Object[]])]
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Backups,
        [Parameter(Mandatory = $true)] [Hashtable] $Gpo
    )

    # The default policies have the same ID in every domain, and other settings.
    $own = @(foreach ($backup in $Backups) {
            if ($script:SameName.Equals($backup.gpo.id, $Gpo.id) -and
                $script:SameName.Equals($backup.gpo.domain, $Gpo.domain)) {
                $backup
            }
        })
    if ($own.Count) {
        return , $own
    }
    , (Select-GpmBaselineByName -Backups $Backups -Name ([String]$Gpo.name))
}

Function Select-GpmBaselineByName {
    <#
    .SYNOPSIS
    Returns the backups of the one GPO that is called by a name, or has a GUID, the latest first. Throws when several
    are.

    .PARAMETER Backups
    From Read-GpmBaseline.

    .PARAMETER Name
    The name, or the GUID in braces.
    #>
    [OutputType([Object[]])]
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Backups,
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $Name
    )

    $gpos = New-GpmMap
    $found = @(foreach ($backup in $Backups) {
            if ($Name -and
                ($script:SameName.Equals($backup.gpo.name, $Name) -or $script:SameName.Equals($backup.gpo.id, $Name))) {
                $gpos["$($backup.gpo.domain) $($backup.gpo.id)"] = $true
                $backup
            }
        })
    if ($gpos.Count -gt 1) {
        $names = @($gpos.Keys)
        [Array]::Sort($names, [StringComparer]::OrdinalIgnoreCase)
        throw ("The directory has backups of several GPOs that '$Name' may mean: $($names -join ', '). " +
            'Give the GUID of one as before_gpo, or the ID of a backup as before.')
    }
    , $found
}

Export-ModuleMember -Function Read-GpmBaseline, Select-GpmBaseline, Select-GpmBaselineByName
