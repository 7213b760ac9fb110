# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# A trip of gpo_report: GPMC writes each report into the module's temporary folder; what differs from the report at the
# destination takes its place, or is sent to the controller.

#AnsibleRequires -PowerShell ..module_utils._BackupDirectory
#AnsibleRequires -PowerShell ..module_utils._Gpmc
#AnsibleRequires -PowerShell ..module_utils._Trip

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# What tells the time at which a report was made: an element of the XML, and the text of the HTML's cell "dtstamp", in
# whatever language it is.
$script:ReadTime = @{
    xml = New-Object -TypeName Regex -ArgumentList '<ReadTime>[^<]*</ReadTime>'
    html = New-Object -TypeName Regex -ArgumentList '(?<=<td id="?dtstamp"?[^>]*>)[^<]*', 'IgnoreCase'
}

# Bytes that two reports may differ in by their times alone, with room to spare.
$script:TimeSize = 1024

# Without a byte order mark a text is taken byte by byte, so that no difference is lost.
$script:Latin1 = [System.Text.Encoding]::GetEncoding(28591)

# Characters of a name that stay in the name of its file, so that no file system finds it too long.
$script:NameLength = 60

# Characters of a report that a diff shows; the controller has the same limit for what it compares.
$script:DiffLength = 65536

# Characters of reports that one trip sends to the controller.
$script:ReplyLength = 4MB

#region Destination

Function Get-GpmReportName {
    <#
    .SYNOPSIS
    Returns the name of the file of a report in a folder: what is left of the display name, and an ID that makes it
    unique.

    .PARAMETER Name
    The display name of the GPO: any text.

    .PARAMETER Id
    ID of the GPO, or of the backup.

    .PARAMETER Format
    xml or html.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyString()] [String] $Name,
        [Parameter(Mandatory = $true)] [String] $Id,
        [Parameter(Mandatory = $true)] [String] $Format
    )

    # What no file name can hold, and what moves the cursor, turns the line around or is half a character.
    $clean = [Regex]::Replace($Name, '[\p{C}\p{Zl}\p{Zp}<>:"/\\|?*]', '_').Trim([Char[]]' .')
    if ($clean.Length -gt $script:NameLength) {
        $clean = $clean.Substring(0, $script:NameLength).TrimEnd([Char[]]' .')
    }
    # What stands before the first dot is a device to Windows, whatever follows.
    if ($clean -match '^(CON|PRN|AUX|NUL|COM[0-9\u00B9\u00B2\u00B3]|LPT[0-9\u00B9\u00B2\u00B3]) *\.') {
        $clean = '_' + $clean
    }
    if (-not $clean) {
        $clean = 'GPO'
    }
    '{0}_{1}.{2}' -f $clean, $Id, $Format
}

Function Get-GpmReportTarget {
    <#
    .SYNOPSIS
    Returns where reports go on the host, as @{ folder; exists }: folder is null when the option dest is a file.

    .DESCRIPTION
    Throws, with the reason's HRESULT, when dest cannot be used. Only a folder that ends in a backslash is created.

    .PARAMETER Path
    The option dest.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    if ($Path.EndsWith('\')) {
        return @{ folder = $Path; exists = Assert-GpmDirectory -Path $Path -Create $true }
    }
    if ([System.IO.Directory]::Exists($Path)) {
        return @{ folder = $Path; exists = $true }
    }
    $parent = [System.IO.Path]::GetDirectoryName($Path)
    if (-not $parent) {
        # A share that is not there.
        $parent = $Path
    }
    $null = Assert-GpmDirectory -Path $parent -Create $false
    @{ folder = $null; exists = $true }
}

Function Read-GpmReport {
    <#
    .SYNOPSIS
    Returns the text of a report without the time at which it was made.

    .PARAMETER Path
    The file.

    .PARAMETER Format
    xml or html.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Format
    )

    $script:ReadTime[$Format].Replace([System.IO.File]::ReadAllText($Path, $script:Latin1), '', 1)
}

Function Compare-GpmReport {
    <#
    .SYNOPSIS
    Returns null when a report is as it was but for its time, else @{ before; after }: the texts for a diff, or null
    where there is none to show.

    .PARAMETER Before
    The file at the destination, which may be missing.

    .PARAMETER After
    The new report.

    .PARAMETER Format
    xml or html.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Before,
        [Parameter(Mandatory = $true)] [String] $After,
        [Parameter(Mandatory = $true)] [String] $Format
    )

    $size = (New-Object -TypeName System.IO.FileInfo -ArgumentList $After).Length
    $old = New-Object -TypeName System.IO.FileInfo -ArgumentList $Before
    $was = ''
    # A file of another size is another one: whatever it is, it need not fit into memory.
    $isClose = -not $old.Exists -or [Math]::Abs($old.Length - $size) -le $script:TimeSize
    if ($old.Exists -and ($isClose -or $old.Length -le 2 * $script:DiffLength)) {
        $was = Read-GpmReport -Path $Before -Format $Format
    }
    $is = Read-GpmReport -Path $After -Format $Format
    if ($old.Exists -and $isClose -and [String]::Equals($was, $is, [StringComparison]::Ordinal)) {
        return $null
    }
    $isShown = $Format -eq 'xml' -and $is.Length -le $script:DiffLength -and
        (-not $old.Exists -or $old.Length -le 2 * $script:DiffLength)
    if (-not $isShown) {
        return @{ before = $null; after = $null }
    }
    @{ before = $was; after = $is }
}

Function Save-GpmReport {
    <#
    .SYNOPSIS
    Puts a report in its place: whole, or not at all.

    .PARAMETER Source
    The new report.

    .PARAMETER Path
    Its place.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Source,
        [Parameter(Mandatory = $true)] [String] $Path
    )

    # In the same folder, because only there a file can be moved at once.
    $part = '{0}.{1}.tmp' -f $Path, [Guid]::NewGuid().ToString('N').Substring(0, 8)
    try {
        [System.IO.File]::Copy($Source, $part)
        if ([System.IO.File]::Exists($Path)) {
            # [NullString]: PowerShell makes an empty text of a null, which Replace refuses.
            [System.IO.File]::Replace($part, $Path, [NullString]::Value)
        }
        else {
            [System.IO.File]::Move($part, $Path)
        }
    }
    finally {
        [System.IO.File]::Delete($part)
    }
}

Function ConvertTo-GpmReportContent {
    <#
    .SYNOPSIS
    Returns a report as it travels to the controller: compressed, since reports are megabytes that say much twice.

    .PARAMETER Path
    The report.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path
    )

    $packed = New-Object -TypeName System.IO.MemoryStream
    # As an enum: a text would fit several constructors.
    $mode = [System.IO.Compression.CompressionMode]::Compress
    $gzip = New-Object -TypeName System.IO.Compression.GZipStream -ArgumentList $packed, $mode
    try {
        $file = [System.IO.File]::OpenRead($Path)
        try {
            $file.CopyTo($gzip)
        }
        finally {
            $file.Dispose()
        }
    }
    finally {
        $gzip.Dispose()
    }
    [Convert]::ToBase64String($packed.ToArray())
}

#endregion

#region Trip

Function Get-GpmReportSource {
    <#
    .SYNOPSIS
    Puts the backup whose report is asked for into the trip's queue.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $options = $Context.options
    $Context.stage = 'gpmc'
    $gpm = New-Gpm
    $Context.stage = 'backups'
    $null = Assert-GpmDirectory -Path $options.path -Create $false
    $Context.stage = 'backup_id'
    $backup = Open-GpmBackup -Gpm $gpm -Path $options.path -Id $options.backup_id
    $backup.info.timestamp = Get-GpmBackupTime -Path $Context.options.path -Id $backup.info.id
    $Context.trip.domain = $backup.gpo.domain
    $Context.queue.Add(@{ id = $backup.gpo.id; name = $backup.gpo.name; gpo = $backup.object; backup = $backup })
    $Context.trip.selected = 1
}

Function Get-GpmReportEntry {
    <#
    .SYNOPSIS
    Makes one report and returns its entry of the reply.

    .PARAMETER Item
    @{ id; name; gpo } or @{ id; name; gpo; backup }, where gpo is the IGPMGPO (null when it has yet to be fetched) or
    the IGPMBackup.

    .PARAMETER Context
    The trip's context. target is from Get-GpmReportTarget, or null for the controller.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $options = $Context.options
    $format = $options.format
    $entry = @{
        outcome = 'failed'
        gpo = @{ id = $Item.id; name = $Item.name; domain = $Context.trip.domain }
        backup = $null
        dest = $null
    }
    $file = [System.IO.Path]::Combine($Context.module.Tmpdir, 'report.' + $format)
    $isMade = $false
    try {
        if ($null -eq $Item['backup']) {
            Open-GpmItem -Item $Item -Context $Context
            $entry.gpo = Get-GpmGpoInfo -Item $Item
            $id = $Item.id
        }
        else {
            $entry.gpo = $Item.backup.gpo
            $entry.backup = $Item.backup.info
            $id = $Item.backup.info.id
        }
        $made = Export-GpmReport -Source $Item.gpo -Format $format -Path $file
        foreach ($name in $made.Keys) {
            $entry[$name] = $made[$name]
        }
        if ($null -ne $made.overall_status -and $made.overall_status.hresult -eq 0) {
            $entry.size = (New-Object -TypeName System.IO.FileInfo -ArgumentList $file).Length
            $isMade = $true
            $entry.file_name = Get-GpmReportName -Name $Item.name -Id $id -Format $format
            if ($null -eq $Context.target) {
                # The controller has the last word on what comes of it.
                $entry.content = ConvertTo-GpmReportContent -Path $file
                $Context.sent += $entry.content.Length
                $Context.full = $Context.sent -ge $script:ReplyLength
            }
            else {
                $entry.dest = $options.dest
                if ($null -ne $Context.target.folder) {
                    $entry.dest = [System.IO.Path]::Combine($Context.target.folder, $entry.file_name)
                }
                $difference = Compare-GpmReport -Before $entry.dest -After $file -Format $format
                if ($null -eq $difference) {
                    $entry.outcome = 'unchanged'
                }
                else {
                    if (-not $Context.checkMode) {
                        Save-GpmReport -Source $file -Path $entry.dest
                    }
                    $entry.outcome = 'written'
                    if ($Context.diff) {
                        $entry.before = $difference.before
                        $entry.after = $difference.after
                    }
                }
            }
        }
    }
    catch {
        # This GPO's failure, not the run's.
        $status = Get-GpmStatus -ErrorRecord $_
        if ($isMade) {
            $entry.dest_status = $status
        }
        else {
            $entry.call_status = $status
        }
    }
    finally {
        [System.IO.File]::Delete($file)
    }
    $entry.duration = [Math]::Round($clock.Elapsed.TotalSeconds, 3)
    $entry
}

Function Invoke-GpmReport {
    <#
    .SYNOPSIS
    Makes one trip of a gpo_report task, see Invoke-GpmTrip.

    .PARAMETER Module
    The Ansible.Basic.AnsibleModule.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Module
    )

    Invoke-GpmTrip -Module $Module -GoodOutcomes written, unchanged -Prepare {
        param ($Context)

        $options = $Context.options
        $trip = $Context.trip
        $Context.target = $null
        $Context.sent = 0
        $isSingle = $options._single
        if ($options.dest_on -eq 'host') {
            # Before the search, which takes its time in a large domain.
            $Context.stage = 'dest'
            $Context.target = Get-GpmReportTarget -Path $options.dest
            $isSingle = $null -eq $Context.target.folder
        }
        if ($options.backup_id) {
            Get-GpmReportSource -Context $Context
        }
        else {
            Connect-GpmTrip -Context $Context
            $Context.stage = 'select'
            if ($Context.firstTrip) {
                if ($options.all) {
                    Read-GpmTripSurroundings -Context $Context -Needed $false
                }
                Select-GpmQueue -Context $Context
            }
        }
        $trip.seconds.select = $Context.clock.Elapsed.TotalSeconds
        if ($isSingle -and $Context.queue.Count -gt 1) {
            $trip.single = $true
            $trip.stopped = $true
        }
        if (-not $Context.queue.Count -or $trip.stopped) {
            return
        }
        if ($null -ne $Context.target -and -not $Context.target.exists) {
            $Context.stage = 'dest'
            if (-not $Context.checkMode) {
                $null = [System.IO.Directory]::CreateDirectory($options.dest)
            }
            $trip.path_created = $true
        }
        $Context.stage = 'report'
    } -Work {
        param ($Item, $Context)

        Get-GpmReportEntry -Item $Item -Context $Context
    }
}

#endregion

Export-ModuleMember -Function Invoke-GpmReport
