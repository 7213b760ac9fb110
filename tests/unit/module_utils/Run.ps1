# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs all tests of this folder and writes their results as JUnit XML: Run.ps1 RESULT-FILE. Ends with 5 when there is no
# test, as pytest does.

param (
    [Parameter(Mandatory = $true)] [String] $ResultFile
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

Import-Module -Name Pester
$result = Invoke-Pester -Configuration @{
    Run = @{ Path = $PSScriptRoot; PassThru = $true }
    Output = @{ Verbosity = 'Normal'; CIFormat = 'None'; RenderMode = 'Plaintext' }
    TestResult = @{ Enabled = $true; OutputFormat = 'JUnitXml'; OutputPath = $ResultFile }
}
if (-not ($result.PassedCount + $result.FailedCount)) {
    exit 5
}
# Failed, too, when a file or a block could not be run.
exit [Int32]($result.Result -ne 'Passed')
