# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# The settings of a GPO as GPMC reports them. Some are in no file: wireless and wired networks, deployed printers,
# software installation and the assignment of an IPsec policy are objects below the GPO in the directory.

#AnsibleRequires -CSharpUtil ..module_utils._BackupXml
#AnsibleRequires -CSharpUtil ..module_utils._FileTree
#AnsibleRequires -CSharpUtil ..module_utils._HostFile
#AnsibleRequires -CSharpUtil ..module_utils._ReportXml
#AnsibleRequires -PowerShell ..module_utils._GpmcReport

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# Its settings are in registry.pol alone. What the report says of them are the words of the templates that the host has
# today, in its language.
$script:OfTemplates = @('Computer Registry', 'User Registry')

Function Read-GpmLiveReport {
    <#
    .SYNOPSIS
    Returns the digests of the extensions that a GPO has settings of, by their names. Throws why GPMC makes no report.

    .PARAMETER Gpo
    The IGPMGPO.

    .PARAMETER Context
    The trip's context.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [Object] $Gpo,
        [Parameter(Mandatory = $true)] [Hashtable] $Context
    )

    Read-GpmMadeReport -Gpo $Gpo -Folder $Context.module.Tmpdir -Read {
        param ($File)

        [ansible_collections.gpvault.gpmc.plugins.module_utils._ReportXml.ReportXml]::ReadExtensions($File)
    }
}

Function Read-GpmSavedReport {
    <#
    .SYNOPSIS
    Returns the digests of the extensions that a backup has settings of, by their names, or null when it has no report
    that could be read: backups that a script has written have none.

    .PARAMETER Path
    The backup directory.

    .PARAMETER Id
    ID of the backup.
    #>
    [OutputType([Hashtable])]
    param (
        [Parameter(Mandatory = $true)] [String] $Path,
        [Parameter(Mandatory = $true)] [String] $Id
    )

    try {
        [ansible_collections.gpvault.gpmc.plugins.module_utils._ReportXml.ReportXml]::ReadExtensions(
            [System.IO.Path]::Combine($Path, $Id, 'gpreport.xml'))
    }
    catch {
        return $null
    }
}

Function Compare-GpmExtension {
    <#
    .SYNOPSIS
    Returns the names of the extensions whose settings differ. What a report could not tell proves nothing.

    .PARAMETER Before
    The digests as they were.

    .PARAMETER After
    The digests as they are.
    #>
    param (
        [Parameter(Mandatory = $true)] [System.Collections.IDictionary] $Before,
        [Parameter(Mandatory = $true)] [System.Collections.IDictionary] $After
    )

    $names = New-Object -TypeName System.Collections.Generic.SortedSet[String] -ArgumentList ([StringComparer]::Ordinal)
    $names.UnionWith([String[]]@($Before.get_Keys()))
    $names.UnionWith([String[]]@($After.get_Keys()))
    $names.ExceptWith([String[]]$script:OfTemplates)
    foreach ($name in $names) {
        $was = $Before[$name]
        if (-not $was -or -not [String]::Equals($was, $After[$name], [StringComparison]::Ordinal)) {
            $name
        }
    }
}

Export-ModuleMember -Function Compare-GpmExtension, Read-GpmLiveReport, Read-GpmSavedReport
