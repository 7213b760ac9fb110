# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# What is on record of the GPO that a drill is about to make, until it is deleted again:
#
#     <backup directory>\.gpvault\.drills\{TOKEN}.json
#
# The record is written before the GPO is made, and its name has the same token: what a run that was broken off has left
# is known by both. No domain has a name that begins with a dot.

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._Json
#AnsibleRequires -PowerShell ..module_utils._BackupFolder
#AnsibleRequires -PowerShell ..module_utils._Error
#AnsibleRequires -PowerShell ..module_utils._Selection
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:SameName = [StringComparer]::OrdinalIgnoreCase

# Before the token in the name of a GPO that is there for a drill alone.
$script:Marker = 'gpvault drill, temporary: '

$script:Schema = 1

$half = @{ 'directory?' = 'integer'; 'sysvol?' = 'integer' }
$script:Shape = @{
    schema = 'integer'
    run_id = 'string'
    domain = 'string'
    domain_controller = 'string'
    backup_id = 'string'
    table = 'string'
    # creating; made: nothing has been imported, or an import was begun; imported.
    stage = 'string'
    # Not known before it is made.
    'gpo_id?' = 'string'
    'versions?' = @{ computer = $half; user = $half }
    'modified?' = 'string'
}

Function New-GpmDrillRecord {
    <#
    .SYNOPSIS
    Writes the record of a GPO that is about to be made, and returns it as @{ name; file; told }: what the GPO is to be
    called, where the record is, and what is in it.

    .PARAMETER Wanted
    From New-GpmWanted.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Wanted,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $token = [Guid]::NewGuid().ToString('B').ToUpperInvariant()
    $folder = Get-GpmDrillFolder -Context $Context
    [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::CreateFolder($folder)
    $record = @{
        name = $script:Marker + $token
        file = [System.IO.Path]::Combine($folder, $token + '.json')
        told = [ordered]@{
            schema = $script:Schema
            run_id = $Context.options._run_id
            host = [Environment]::MachineName
            domain = $Context.trip.domain
            domain_controller = $Context.trip.domain_controller
            backup_id = $Wanted.backup_id
            table = $Wanted.table
            stage = 'creating'
            gpo_id = $null
            versions = $null
            modified = $null
        }
    }
    Write-GpmDrillRecord -Record $record
    $record
}

Function Set-GpmDrillStage {
    <#
    .SYNOPSIS
    Records how far a drill is, and how its GPO is then.

    .PARAMETER Record
    From New-GpmDrillRecord.

    .PARAMETER Stage
    made or imported.

    .PARAMETER Info
    From Get-GpmGpoInfo.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Record,
        [Parameter(Mandatory = $true)] [ValidateSet('made', 'imported')] [String] $Stage,
        [Parameter(Mandatory = $true)] [Hashtable] $Info
    )

    $Record.told.stage = $Stage
    $Record.told.gpo_id = $Info.id
    $Record.told.versions = $Info.versions
    $Record.told.modified = $Info.modified
    Write-GpmDrillRecord -Record $Record
}

Function Write-GpmDrillRecord {
    <#
    .SYNOPSIS
    Writes a record, as a whole or not at all.

    .PARAMETER Record
    @{ file; told }.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Record
    )

    [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Write(
        $Record.file, [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]::Write($Record.told))
}

Function Remove-GpmDrillRecord {
    <#
    .SYNOPSIS
    Removes the record of a GPO that is no more. Where that fails, the next run finds that there is no such GPO.

    .PARAMETER Record
    @{ file }.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Record
    )

    try {
        $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
        $hostFile::Delete($Record.file)
        # Only when nothing else is in it.
        $hostFile::DeleteFolder([System.IO.Path]::GetDirectoryName($Record.file))
    }
    catch {
        $null = $_
    }
}

Function Read-GpmDrillRecord {
    <#
    .SYNOPSIS
    Returns the records of the trip's domain that runs before have left, each as @{ name; file; told }. What cannot be
    used is a problem of the trip, and stays.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $folder = Get-GpmDrillFolder -Context $Context
    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    $json = [ansible_collections.gpvault.gpmc.plugins.module_utils._Json.Json]
    if (-not $hostFile::FolderExists($folder)) {
        return
    }
    foreach ($file in $hostFile::Files($folder)) {
        $token = [System.IO.Path]::GetFileNameWithoutExtension($file)
        if (-not (Test-GpmId -Text $token)) {
            continue
        }
        try {
            $told = $json::ReadFile($file)
            $misfit = $json::Misfit($told, $script:Shape, '')
            if ($null -ne $misfit) {
                throw "It lacks '$misfit', or has something else there."
            }
            # Of a backup a path is made.
            foreach ($id in $told['backup_id'], $told['gpo_id']) {
                if ($null -ne $id -and -not (Test-GpmId -Text $id)) {
                    throw 'An ID in it is none.'
                }
            }
            if ($told['schema'] -ne $script:Schema) {
                throw "Its schema is $($told['schema']); this release of gpvault.gpmc knows $script:Schema."
            }
        }
        catch {
            Add-GpmProblem -Trip $Context.trip -Kind drill -Subject $file -Status (Get-GpmStatus -ErrorRecord $_)
            continue
        }
        if ($script:SameName.Equals($told['domain'], $Context.trip.domain)) {
            @{ name = $script:Marker + $token.ToUpperInvariant(); file = $file; told = $told }
        }
    }
}

Function Get-GpmDrillFolder {
    <#
    .SYNOPSIS
    Returns the folder of the records. It may not exist; throws where it is a link to another place.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $folder = [System.IO.Path]::Combine($Context.options.path, '.gpvault', '.drills')
    if ([ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::FolderExists($folder)) {
        Assert-GpmNoLink -Path $folder
    }
    $folder
}

Export-ModuleMember -Function New-GpmDrillRecord, Read-GpmDrillRecord, Remove-GpmDrillRecord, Set-GpmDrillStage
