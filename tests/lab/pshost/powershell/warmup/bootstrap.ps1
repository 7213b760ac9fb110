# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# The first script of all: its input up to four NULs says what to run with the rest of the input.
$json = foreach ($line in $input) {
    if ([string]::Equals($line, "`0`0`0`0")) {
        break
    }
    $line
}
$code = ConvertFrom-Json -InputObject $json
$splat = @{}
foreach ($property in $code.params.PSObject.Properties) {
    $splat[$property.Name] = $property.Value
}
$file = $null
try {
    $command = if ($ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage') {
        [System.Management.Automation.Language.Parser]::ParseInput(
            $code.script,
            "$($code.name).ps1",
            [ref]$null,
            [ref]$null).GetScriptBlock()
    }
    $input | & $command @splat
}
finally {
    if ($file -and (Test-Path -LiteralPath $file)) {
        throw 'This runs from memory.'
    }
}
