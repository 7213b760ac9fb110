# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Found by the engine's module auto-loading when a script calls Get-CimInstance.
@{
    ModuleVersion = '1.0.0'
    GUID = '5a0f8c0e-2f64-4d0e-9a6f-0a7c9b1f3c11'
    Author = 'the gpvault.gpmc contributors'
    Description = 'Two classes of CIM for the test lab; not the genuine CimCmdlets.'
    RootModule = '..\..\GpVault.Lab.Cim.dll'
    CmdletsToExport = @('Get-CimInstance')
    FunctionsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
}
