# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What a restore over a GPO that has changed brings back.

Function Get-Version {
    <#
    .SYNOPSIS
    Returns the four version numbers of a GPO.
    #>
    [OutputType([Int32[]])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    $Gpo.ComputerDSVersionNumber
    $Gpo.ComputerSysvolVersionNumber
    $Gpo.UserDSVersionNumber
    $Gpo.UserSysvolVersionNumber
}

Function Get-Ace {
    <#
    .SYNOPSIS
    Returns the entries of a GPO's DACL in their order, each as a line.
    #>
    [OutputType([String[]])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    $daclOnly = $constants.SecurityFlags($false, $false, $true, $false)
    foreach ($ace in $Gpo.GetSecurityDescriptor($daclOnly).DiscretionaryAcl) {
        '{0} {1} {2} {3} {4}' -f $ace.Trustee, $ace.AceType, $ace.AceFlags, $ace.AccessMask, $ace.ObjectType
    }
}

Function Get-Setting {
    <#
    .SYNOPSIS
    Returns the ExtensionData of both halves in the settings report of a GPO or a backup.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Source
    )

    $result = $Source.GenerateReport($constants.ReportXML)
    $null = $result.OverallStatus()
    $report = New-Object -TypeName System.Xml.XmlDocument
    $report.LoadXml($result.Result)
    -join @(foreach ($data in $report.SelectNodes('//*[local-name() = "ExtensionData"]')) { $data.OuterXml })
}

Function Get-File {
    <#
    .SYNOPSIS
    Returns the files of a GPO in SYSVOL, each as a line of its path and its hash. GPT.INI, which has the versions, is
    left out.
    #>
    [OutputType([String[]])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    $folder = '\\{0}\SYSVOL\{1}\Policies\{2}' -f $domain.DomainController, $domain.Domain, $Gpo.ID
    foreach ($file in Get-ChildItem -LiteralPath $folder -Recurse -Force) {
        if (-not $file.PSIsContainer -and -not $file.Name.Equals('GPT.INI', [StringComparison]::OrdinalIgnoreCase)) {
            '{0} {1}' -f $file.FullName, (Get-FileHash -LiteralPath $file.FullName).Hash
        }
    }
}

Function Compare-Text {
    <#
    .SYNOPSIS
    Returns in a word or two how texts, or lists of lines, compare.
    #>
    [OutputType([String])]
    param (
        [AllowEmptyString()] [String[]] $Before,
        [AllowEmptyString()] [String[]] $After
    )

    if ([String]::Equals($Before -join "`n", $After -join "`n")) {
        return 'equal'
    }
    [Array]::Sort($Before, [StringComparer]::Ordinal)
    [Array]::Sort($After, [StringComparer]::Ordinal)
    if ([String]::Equals($Before -join "`n", $After -join "`n")) { 'equal, in another order' } else { 'different' }
}

Function Get-State {
    <#
    .SYNOPSIS
    Returns what a GPO is now: @{ versions; aces; settings; files }.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Id
    )

    $gpo = $domain.GetGPO($Id)
    @{
        versions = @(Get-Version -Gpo $gpo)
        aces = @(Get-Ace -Gpo $gpo)
        settings = Get-Setting -Source $gpo
        files = @(Get-File -Gpo $gpo)
    }
}

$id = (New-TestGpo -Name restore).id
$saved = Get-State -Id $id
$backup = Backup-Gpo -Gpo ($domain.GetGPO($id)) -Folder $backupFolder

$gpo = $domain.GetGPO($id)
Import-TestSetting -Gpo $gpo
Remove-TestPermission -Gpo $gpo
Set-TestFile -Gpo $gpo -Text 'rem changed'
$changed = Get-State -Id $id

$null = $domain.RestoreGPO($backup, 0).OverallStatus()
$restored = Get-State -Id $id

$was = $saved.versions -join ' '
$before = $changed.versions -join ' '
$is = $restored.versions -join ' '
$numbers = "computer in directory and SYSVOL, user likewise: $was in the backup, $before before, $is after"

New-Fact -Name 'versions after an import' -How $numbers -Measure {
    $raised = @(0..3 | Where-Object -FilterScript { [Int32]$changed.versions[$_] -gt [Int32]$saved.versions[$_] })
    if ([String]::Equals($before, $was)) { 'those from before' } else { "$($raised.Count) of 4 are higher than before" }
}

New-Fact -Name 'versions after a restore' -How $numbers -Measure {
    $raised = @(0..3 | Where-Object -FilterScript {
            [Int32]$restored.versions[$_] -gt [Math]::Max([Int32]$saved.versions[$_], [Int32]$changed.versions[$_])
        })
    if ([String]::Equals($before, $was)) { 'not measured: the import before it raised none' }
    elseif ([String]::Equals($is, $was)) { 'those of the backup' }
    elseif ([String]::Equals($is, $before)) { 'those from before' }
    else { "$($raised.Count) of 4 are higher than both" }
}

New-Fact -Name 'settings report of a backup' -How 'ExtensionData, against the GPO when it was backed up' -Measure {
    Compare-Text -Before $saved.settings -After (Get-Setting -Source $backup)
}

New-Fact -Name 'settings report after a restore' -How 'ExtensionData, against that of the backup' -Measure {
    Compare-Text -Before (Get-Setting -Source $backup) -After $restored.settings
}

New-Fact -Name 'files after a restore' -How 'SHA-256 of all but GPT.INI, against those when backed up' -Measure {
    Compare-Text -Before $saved.files -After $restored.files
}

New-Fact -Name 'DACL after a restore' -How "$($saved.aces.Count) entries, against those when backed up" -Measure {
    Compare-Text -Before $saved.aces -After $restored.aces
}

New-Fact -Name 'files changed before the restore' -How 'the same; proof that there was something to restore' -Measure {
    Compare-Text -Before $saved.files -After $changed.files
}
