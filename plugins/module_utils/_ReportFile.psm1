# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# GPMC's reports as files on the host: their names, whether two are the same, writing and sending them.

#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -PowerShell ..module_utils._Directory

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# What tells the time at which a report was made: an element of the XML, and the text of the HTML's cell "dtstamp", in
# whatever language it is.
$script:ReadTime = @{
    xml = New-Object -TypeName Regex -ArgumentList '<ReadTime>[^<]*</ReadTime>'
    html = New-Object -TypeName Regex -ArgumentList '(?<=<td id="?dtstamp"?[^>]*>)[^<]*', 'IgnoreCase, CultureInvariant'
}

# Bytes that two reports may differ in by their times alone, with room to spare.
$script:TimeSize = 1024

# Without a byte order mark a text is taken byte by byte, so that no difference is lost.
$script:Latin1 = [System.Text.Encoding]::GetEncoding(28591)

# What Windows takes for a device, with whatever extension.
$script:DeviceName = '^(CON|PRN|AUX|NUL|COM[0-9\u00B9\u00B2\u00B3]|LPT[0-9\u00B9\u00B2\u00B3]) *\.'

# Characters of a name that stay in the name of its file, so that no file system finds it too long.
$script:NameLength = 60

# Characters of reports that one trip sends to the controller; the item in hand is finished.
$script:ReplyLength = 4MB

# Characters of a report that a diff shows; the controller has the same limit for what it compares.
$script:DiffLength = 65536

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
    if ($clean.ToUpperInvariant() -cmatch $script:DeviceName) {
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

    if ($Path.EndsWith('\', [StringComparison]::Ordinal)) {
        return @{ folder = $Path; exists = Confirm-GpmDirectory -Path $Path -MayBeMissing $true }
    }
    if ([ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::FolderExists($Path)) {
        return @{ folder = $Path; exists = $true }
    }
    $parent = [System.IO.Path]::GetDirectoryName($Path)
    if (-not $parent) {
        # A share that is not there.
        $parent = $Path
    }
    $null = Confirm-GpmDirectory -Path $parent
    @{ folder = $null; exists = $true }
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

    $hostFile = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
    [Int64]$size = $hostFile::Length($After)
    [Int64]$oldSize = $hostFile::Length($Before)
    $exists = $oldSize -ge 0
    $was = ''
    # A file of another size is another one: whatever it is, it need not fit into memory.
    $isClose = -not $exists -or [Math]::Abs($oldSize - $size) -le $script:TimeSize
    if ($exists -and ($isClose -or $oldSize -le 2 * $script:DiffLength)) {
        $was = Read-GpmReport -Path $Before -Format $Format
    }
    $is = Read-GpmReport -Path $After -Format $Format
    if ($exists -and $isClose -and [String]::Equals($was, $is, [StringComparison]::Ordinal)) {
        return $null
    }
    $isShown = $Format -eq 'xml' -and $is.Length -le $script:DiffLength -and
        (-not $exists -or $oldSize -le 2 * $script:DiffLength)
    if (-not $isShown) {
        return @{ before = $null; after = $null }
    }
    @{ before = $was; after = $is }
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

    $text = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::ReadText($Path, $script:Latin1)
    $script:ReadTime[$Format].Replace($text, '', 1)
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
        [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Copy($Source, $part)
        [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Replace($part, $Path)
    }
    finally {
        [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::Delete($part)
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
        $file = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]::OpenRead($Path)
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

Function Add-GpmSentReport {
    <#
    .SYNOPSIS
    Counts reports that go to the controller with the trip's reply, in the context's task as sent. Where they are many,
    the item in hand is the trip's last.

    .PARAMETER Length
    Their characters.

    .PARAMETER Context
    The trip's context.
    #>
    param (
        [Parameter(Mandatory = $true)] [Int64] $Length,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Context.task.sent += $Length
    if (Test-GpmReplyFull -Context $Context) {
        $Context.isLast = $true
    }
}

Function Test-GpmReplyFull {
    <#
    .SYNOPSIS
    Returns whether the trip's reply has as many reports as it may.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    $Context.task.sent -ge $script:ReplyLength
}

Export-ModuleMember -Function Add-GpmSentReport, Compare-GpmReport, ConvertTo-GpmReportContent, Get-GpmReportName,
    Get-GpmReportTarget, Save-GpmReport, Test-GpmReplyFull
