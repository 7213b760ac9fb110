# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What every script of the targets begins with: the host's domain through its PDC emulator, GPOs and a folder for tests.
#
# GPOs whose display name begins with the prefix are the tests', and nothing else is changed. The prefix is new in each
# run. In parameters, so that an empty one cannot make it match everything.
param (
    [Parameter(Mandatory = $true)] [ValidatePattern('^gpvault-test-[0-9a-f]{8}$')] [String] $Prefix,
    [String] $OrganizationalUnit = ''
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$defaultDomainPolicy = '{31B2F340-016D-11D2-945F-00C04FB984F9}'
$testFolder = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), $Prefix)
$backupFolder = [System.IO.Path]::Combine($testFolder, 'backups')

$gpm = New-Object -ComObject GPMgmt.GPM
$constants = $gpm.GetConstants()
$domain = $gpm.GetDomain((Get-CimInstance -ClassName Win32_ComputerSystem).Domain, '', $constants.UsePDC)

Function Get-TestGpo {
    <#
    .SYNOPSIS
    Returns the test GPOs.
    #>
    $criteria = $gpm.CreateSearchCriteria()
    $criteria.Add($constants.SearchPropertyGPODisplayName, $constants.SearchOpContains, $Prefix)
    foreach ($gpo in $domain.SearchGPOs($criteria)) {
        if ($gpo.DisplayName.StartsWith($Prefix, [System.StringComparison]::Ordinal)) {
            $gpo
        }
    }
}

Function Backup-Gpo {
    <#
    .SYNOPSIS
    Backs a GPO up, without the collection, and returns the backup.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [String] $Folder
    )

    $null = New-Item -ItemType Directory -Path $Folder -Force
    $result = $Gpo.Backup($Folder, 'Made without the collection')
    $null = $result.OverallStatus()
    $result.Result
}

Function Import-TestSetting {
    <#
    .SYNOPSIS
    Gives a test GPO the settings of the Default Domain Policy, which every domain has and which is only read.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    $folder = [System.IO.Path]::Combine($testFolder, 'settings')
    $source = Backup-Gpo -Gpo ($domain.GetGPO($defaultDomainPolicy)) -Folder $folder
    $null = $Gpo.Import(0, $source).OverallStatus()
}

Function Get-TestFile {
    <#
    .SYNOPSIS
    Returns the path of a script in a GPO's folder in SYSVOL. Nothing runs it: scripts.ini does not name it.
    #>
    [OutputType([String])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    '\\{0}\SYSVOL\{1}\Policies\{2}\Machine\Scripts\Startup\test.cmd' -f (
        $domain.DomainController, $domain.Domain, $Gpo.ID)
}

Function Set-TestFile {
    <#
    .SYNOPSIS
    Writes that script, as somebody does who drops one there: no version rises.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [String] $Text
    )

    $path = Get-TestFile -Gpo $Gpo
    $null = New-Item -ItemType Directory -Path ([System.IO.Path]::GetDirectoryName($path)) -Force
    [System.IO.File]::WriteAllText($path, $Text)
}

Function New-TestGpo {
    <#
    .SYNOPSIS
    Makes a GPO with settings, a script and, where there is an OU for tests, a link. It applies to nobody: both halves
    are disabled before anything else. Returns @{ id; name; folder }, the last one for backups.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Name
    )

    $gpo = $domain.CreateGPO()
    try {
        $gpo.DisplayName = "$Prefix $Name"
    }
    catch {
        # Nobody would find it by its name.
        $gpo.Delete()
        throw
    }
    $gpo.SetComputerEnabled($false)
    $gpo.SetUserEnabled($false)
    Import-TestSetting -Gpo $gpo
    $gpo.Description = "A test of gpvault.gpmc, which deletes it again"
    Set-TestFile -Gpo $gpo -Text 'rem as made'
    if ($OrganizationalUnit) {
        $null = $domain.GetSOM($OrganizationalUnit).CreateGPOLink(-1, $gpo)
    }
    @{ id = $gpo.ID; name = $gpo.DisplayName; folder = $backupFolder }
}

Function Remove-TestLink {
    <#
    .SYNOPSIS
    Takes the links of a test GPO away: IGPMGPO::Delete leaves them, pointing at nothing.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    $criteria = $gpm.CreateSearchCriteria()
    $criteria.Add($constants.SearchPropertySOMLinks, $constants.SearchOpContains, $Gpo)
    foreach ($som in $domain.SearchSOMs($criteria)) {
        foreach ($link in @($som.GetGPOLinks())) {
            if ([String]::Equals($link.GPOID, $Gpo.ID, [StringComparison]::OrdinalIgnoreCase)) {
                $link.Delete()
            }
        }
    }
}

Function Remove-TestPermission {
    <#
    .SYNOPSIS
    Takes the permissions of Authenticated Users away, which a new GPO has.
    #>
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo
    )

    $permissions = $Gpo.GetSecurityInfo()
    foreach ($permission in @($permissions)) {
        if ($permission.Trustee.TrusteeSid -eq 'S-1-5-11') {
            $permissions.Remove($permission)
        }
    }
    $Gpo.SetSecurityInfo($permissions)
}

Function Remove-TestGpo {
    <#
    .SYNOPSIS
    Deletes the test GPOs, every one that it can, and then fails if there was one that it could not.
    #>
    $failures = @(
        foreach ($gpo in @(Get-TestGpo)) {
            try {
                Remove-TestLink -Gpo $gpo
                $gpo.Delete()
            }
            catch {
                '{0} {1}: {2}' -f $gpo.DisplayName, $gpo.ID, $_.Exception.Message
            }
        }
    )
    if ($failures) {
        throw "Delete by hand: $($failures -join '; ')"
    }
}

Function Remove-TestFolder {
    <#
    .SYNOPSIS
    Deletes the folder that the tests work in.
    #>
    for ($attempt = 1; [System.IO.Directory]::Exists($testFolder); $attempt++) {
        try {
            [System.IO.Directory]::Delete($testFolder, $true)
        }
        catch {
            # A virus scanner may still have a file open.
            if ($attempt -eq 5) {
                throw
            }
            Start-Sleep -Seconds 1
        }
    }
}
