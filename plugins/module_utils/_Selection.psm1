# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the gpvault.gpmc collection: its functions may change in any release.
#
# Which items a task is about: the grammar of the options gpos and exclude. An item is @{ id; name; gpo }, and "names" has
# all its names where there are others as good; names and IDs are compared by code points, without regard to case,
# whatever the host's language.

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$script:GuidPattern = '^\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?\z'

# As GPMC writes the IDs of GPOs and backups, and names their folders.
$script:IdPattern = '^\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}\z'

# Names that are told in place of one that nothing has.
$script:NearAtMost = 50

Function ConvertTo-GpmSelector {
    <#
    .SYNOPSIS
    Returns a list of selection entries, sorted by kind: @{ ids; names; patterns }.

    .DESCRIPTION
    The grammar of the options gpos and exclude: a GUID with or without braces, a pattern with * or ?, or a display
    name. Names and patterns do not tell upper from lower case. Only * and ? are special.

    .PARAMETER Entries
    The entries.
    #>
    [OutputType([Hashtable])]
    param (
        [AllowNull()] [AllowEmptyCollection()] [String[]] $Entries
    )

    $selector = @{
        # What the user wrote, by ID. Names are no keys of a dictionary: one called Keys would hide the property.
        ids = New-Object -TypeName System.Collections.Specialized.OrderedDictionary
        names = New-Object -TypeName System.Collections.Generic.HashSet[String] -ArgumentList (
            [StringComparer]::OrdinalIgnoreCase)
        patterns = New-Object -TypeName System.Collections.Generic.List[Object]
    }
    foreach ($entry in $Entries) {
        if ($entry -cmatch $script:GuidPattern) {
            $selector.ids['{' + $Matches[1].ToUpperInvariant() + '}'] = $entry
        }
        elseif ($entry.IndexOfAny([Char[]]'*?') -ge 0) {
            # Not -like: brackets and backticks are ordinary characters here.
            $expression = '\A' + [Regex]::Escape($entry).Replace('\*', '.*').Replace('\?', '.') + '\z'
            $options = [System.Text.RegularExpressions.RegexOptions]'IgnoreCase, CultureInvariant, Singleline'
            $regex = New-Object -TypeName Regex -ArgumentList $expression, $options
            $selector.patterns.Add(@{ entry = $entry; regex = $regex; matched = $false })
        }
        else {
            $null = $selector.names.Add($entry)
        }
    }
    $selector
}

Function Test-GpmSelector {
    <#
    .SYNOPSIS
    Returns whether any entry of a selector names a GPO.

    .PARAMETER Selector
    From ConvertTo-GpmSelector.

    .PARAMETER Item
    @{ id; name }.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Selector,
        [Parameter(Mandatory = $true)] [Hashtable] $Item
    )

    if ($Selector.ids.Contains($Item.id)) {
        return $true
    }
    foreach ($name in (Get-GpmItemName -Item $Item)) {
        if ($Selector.names.Contains($name)) {
            return $true
        }
        foreach ($pattern in $Selector.patterns) {
            if ($pattern.regex.IsMatch($name)) {
                return $true
            }
        }
    }
    $false
}

Function Select-GpmItem {
    <#
    .SYNOPSIS
    Returns the items that a selector names.

    .DESCRIPTION
    What cannot be selected goes into $Trip: selection_errors and unmatched_patterns.

    .PARAMETER Selector
    From ConvertTo-GpmSelector.

    .PARAMETER Known
    The items there are.

    .PARAMETER Failures
    Why IDs that are named are not among them, as statuses by the ID; those that are simply not there are left out.

    .PARAMETER Trip
    The trip's reply.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Selector,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Known,
        [Hashtable] $Failures = @{},
        [Parameter(Mandatory = $true)] [Hashtable] $Trip
    )

    # By ID: entries may name a GPO twice.
    $chosen = New-Object -TypeName System.Collections.Specialized.OrderedDictionary
    foreach ($id in $Selector.ids.Keys) {
        # Keeps the place that the entries give it.
        $chosen[$id] = $null
    }
    $namesakes = New-GpmMap
    foreach ($item in $Known) {
        $isChosen = $Selector.ids.Contains($item.id)
        foreach ($name in (Get-GpmItemName -Item $item)) {
            if ($Selector.names.Contains($name)) {
                if (-not $namesakes.ContainsKey($name)) {
                    $namesakes[$name] = New-Object -TypeName System.Collections.Generic.List[String]
                }
                $namesakes[$name].Add($item.id)
                $isChosen = $true
            }
            foreach ($pattern in $Selector.patterns) {
                if ($pattern.regex.IsMatch($name)) {
                    $pattern.matched = $true
                    $isChosen = $true
                }
            }
        }
        if ($isChosen) {
            $chosen[$item.id] = $item
        }
    }

    foreach ($id in $Selector.ids.Keys) {
        if ($null -ne $chosen[$id]) {
            continue
        }
        if ($Failures.ContainsKey($id)) {
            Add-GpmSelectionError -Trip $Trip -Fault unreadable -Entry $Selector.ids[$id] -Status $Failures[$id]
        }
        else {
            Add-GpmSelectionError -Trip $Trip -Fault not_found -Entry $Selector.ids[$id]
        }
    }
    foreach ($name in $Selector.names) {
        if (-not $namesakes.ContainsKey($name)) {
            Add-GpmSelectionError -Trip $Trip -Fault not_found -Entry $name -Found (
                Get-GpmNearName -Name $name -Known $Known)
        }
        elseif ($namesakes[$name].Count -gt 1) {
            Add-GpmSelectionError -Trip $Trip -Fault ambiguous -Entry $name -Found $namesakes[$name].ToArray()
        }
    }
    foreach ($pattern in $Selector.patterns) {
        if (-not $pattern.matched) {
            $Trip.unmatched_patterns.Add($pattern.entry)
        }
    }
    foreach ($item in $chosen.Values) {
        if ($null -ne $item) {
            $item
        }
    }
}

Function Get-GpmItemName {
    <#
    .SYNOPSIS
    Returns the names that an item can be selected by.

    .PARAMETER Item
    The item.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Item
    )

    if ($null -ne $Item['names']) {
        return $Item['names']
    }
    $Item.name
}

Function Get-GpmNearName {
    <#
    .SYNOPSIS
    Returns the names that may be meant by one that nothing has, as an array: those that have half of its pairs of
    letters. The controller has the last word (plugin_utils/_words.py).

    .PARAMETER Name
    The name.

    .PARAMETER Known
    The items there are.
    #>
    param (
        [Parameter(Mandatory = $true)] [String] $Name,
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Known
    )

    $upper = $Name.ToUpperInvariant()
    [String[]]$pairs = @(for ($at = 0; $at -lt $upper.Length - 1; $at++) { $upper.Substring($at, 2) })
    $near = New-Object -TypeName System.Collections.Generic.List[String]
    foreach ($item in $Known) {
        foreach ($other in (Get-GpmItemName -Item $item)) {
            $shared = 0
            foreach ($pair in $pairs) {
                # Ordinal, whatever the host's language.
                if ($other.ToUpperInvariant().Contains($pair)) {
                    $shared++
                }
            }
            if ($shared -and 2 * $shared -ge $pairs.Length -and $near.Count -lt $script:NearAtMost) {
                $near.Add($other)
            }
        }
    }
    , $near.ToArray()
}

Function Add-GpmSelectionError {
    <#
    .SYNOPSIS
    Notes an entry of a selection that does not name exactly one thing.

    .PARAMETER Trip
    The trip's reply.

    .PARAMETER Fault
    What is wrong with it; the controller has the sentence (plugin_utils/_notice.py).

    .PARAMETER Entry
    What the user wrote.

    .PARAMETER Found
    What it names instead.

    .PARAMETER Status
    The failure that is behind it, from Get-GpmStatus, or null.
    #>
    param (
        [Parameter(Mandatory = $true)] [Hashtable] $Trip,
        [Parameter(Mandatory = $true)] [String] $Fault,
        [Parameter(Mandatory = $true)] [String] $Entry,
        [String[]] $Found = @(),
        [AllowNull()] [Hashtable] $Status
    )

    $told = @{ kind = $Fault; entry = $Entry; matches = $Found; hresult = $null; message = $null }
    if ($null -ne $Status) {
        $told.hresult = $Status.hresult
        $told.message = $Status.message
    }
    $Trip.selection_errors.Add($told)
}

Function Get-GpmSortedItem {
    <#
    .SYNOPSIS
    Returns items as an array, sorted by name; the ID settles the order of those that share one.

    .PARAMETER Items
    The items.
    #>
    param (
        [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [Object[]] $Items
    )

    # As [Array]: for String[] and Object[] PowerShell takes the generic overload, and sorts a copy of the items.
    [Array]$sorted = @($Items)
    [Array]$keys = @(foreach ($item in $Items) { $item.name + [Char]0 + $item.id })
    [Array]::Sort([Array]$keys, [Array]$sorted, [System.Collections.IComparer][StringComparer]::OrdinalIgnoreCase)
    , $sorted
}

Function Test-GpmId {
    <#
    .SYNOPSIS
    Returns whether a text is an ID of a GPO or a backup: a GUID in braces.

    .PARAMETER Text
    The text.
    #>
    [OutputType([Boolean])]
    param (
        [Parameter(Mandatory = $true)] [AllowNull()] [AllowEmptyString()] [String] $Text
    )

    $Text -cmatch $script:IdPattern
}

Function New-GpmMap {
    <#
    .SYNOPSIS
    Returns an empty map whose keys are names, IDs or paths: compared by code points, without regard to case.

    .DESCRIPTION
    For keys that are data. A literal @{} of Windows PowerShell compares them by the rules of the host's language.
    #>
    [OutputType([Hashtable])]
    param ()

    New-Object -TypeName System.Collections.Hashtable -ArgumentList ([StringComparer]::OrdinalIgnoreCase)
}

Export-ModuleMember -Function Add-GpmSelectionError, ConvertTo-GpmSelector, Get-GpmSortedItem, New-GpmMap,
    Select-GpmItem, Test-GpmId, Test-GpmSelector
