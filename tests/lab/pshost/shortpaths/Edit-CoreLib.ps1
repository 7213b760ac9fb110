# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes a System.Private.CoreLib.dll that treats long paths as .NET Framework does: it never adds the prefix \\?\, and
# what lies beyond MAX_PATH cannot be reached without it. Edit-CoreLib.ps1 SOURCE TARGET
#
# .NET adds the prefix in one place, System.IO.PathInternal.EnsureExtendedPrefix. The method gets another body, which
# EnsureExtendedPrefixIfNeeded shares:
#
#     return path == null || path.Length < 260 || IsDevice(path) ? path : throw new PathTooLongException();
#
# The native code beside the IL is given up, since the old method is compiled into its callers there; the compiler of
# ahead-of-time code takes the result.

param (
    [Parameter(Mandatory = $true)] [String] $Source,
    [Parameter(Mandatory = $true)] [String] $Target
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$MethodTable = [System.Reflection.Metadata.Ecma335.TableIndex]::MethodDef
$Tables = [System.Reflection.Metadata.Ecma335.MetadataReaderExtensions]
$Tokens = [System.Reflection.Metadata.Ecma335.MetadataTokens]

$bytes = [System.IO.File]::ReadAllBytes($Source)
$image = [System.Reflection.PortableExecutable.PEReader]::new([System.IO.MemoryStream]::new($bytes))
$metadata = [System.Reflection.Metadata.PEReaderExtensions]::GetMetadataReader($image)
$headers = $image.PEHeaders

Function Find-Method ($Namespace, $Type, $Name) {
    foreach ($typeHandle in $metadata.TypeDefinitions) {
        $definition = $metadata.GetTypeDefinition($typeHandle)
        if ($metadata.GetString($definition.Name) -cne $Type -or
            $metadata.GetString($definition.Namespace) -cne $Namespace) {
            continue
        }
        foreach ($method in $definition.GetMethods()) {
            if ($metadata.GetString($metadata.GetMethodDefinition($method).Name) -ceq $Name) {
                return $method
            }
        }
    }
    throw "$Source has no $Namespace.$Type.$Name"
}

Function Get-Token ($Namespace, $Type, $Name) {
    [BitConverter]::GetBytes([Int32]$Tokens::GetToken(
            [System.Reflection.Metadata.EntityHandle](Find-Method $Namespace $Type $Name)))
}

Function Get-FileOffset ($Address) {
    $section = $headers.SectionHeaders[$headers.GetContainingSectionIndex($Address)]
    $Address - $section.VirtualAddress + $section.PointerToRawData
}

# The numbers of branches are counted from their ends.
$body = [Byte[]](
    0x02, 0x2C, 32,                                                     # ldarg.0, brfalse.s to the end
    0x02, 0x6F + (Get-Token 'System' 'String' 'get_Length') +           # ldarg.0, callvirt
    0x20, 0x04, 0x01, 0x00, 0x00, 0x32, 19 +                            # ldc.i4 260, blt.s to the end
    0x02, 0x28 + (Get-Token 'System' 'String' 'op_Implicit') +          # ldarg.0, call: as a ReadOnlySpan<char>
    0x28 + (Get-Token 'System.IO' 'PathInternal' 'IsDevice') +          # call
    0x2D, 6, 0x73 + (Get-Token 'System.IO' 'PathTooLongException' '.ctor') +    # brtrue.s to the end, newobj
    0x7A,                                                               # throw
    0x02, 0x2A)                                                         # ldarg.0, ret
$address = $metadata.GetMethodDefinition(
    (Find-Method 'System.IO' 'PathInternal' 'EnsureExtendedPrefix')).RelativeVirtualAddress
$old = [System.Reflection.Metadata.PEReaderExtensions]::GetMethodBody($image, $address)
if ($body.Length + 1 -gt $old.Size -or $body.Length -ge 64) {
    throw "The new body has $($body.Length + 1) bytes, and there are $($old.Size)."
}
# The header of a small method: its length, and 2 in the lowest bits.
$offset = Get-FileOffset $address
$bytes[$offset] = [Byte](($body.Length -shl 2) -bor 2)
$body.CopyTo($bytes, $offset + 1)

$row = $Tokens::GetRowNumber(
    [System.Reflection.Metadata.EntityHandle](Find-Method 'System.IO' 'PathInternal' 'EnsureExtendedPrefixIfNeeded'))
$offset = $headers.MetadataStartOffset + $Tables::GetTableMetadataOffset($metadata, $MethodTable) +
    ($row - 1) * $Tables::GetTableRowSize($metadata, $MethodTable)
[BitConverter]::GetBytes([Int32]$address).CopyTo($bytes, $offset)

# The header of the CLI (ECMA-335 II.25.3.3): flags, where 1 is "IL only" and 4 "library with native code", and the
# directory of that code.
$flags, $nativeCode = ($headers.CorHeaderStartOffset + 16), ($headers.CorHeaderStartOffset + 64)
$bytes[$flags] = [Byte](($bytes[$flags] -bor 1) -band -bnot 4)
[Array]::Clear($bytes, $nativeCode, 8)
[System.IO.File]::WriteAllBytes($Target, $bytes)
