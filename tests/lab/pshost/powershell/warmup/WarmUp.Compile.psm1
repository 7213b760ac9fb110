# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Compiles from within a script, with the reference assemblies of the SDK, as Ansible's AddType utility does.
Function Add-SampleType {
    param(
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][String[]]$References,
        [Switch]$IgnoreWarnings,
        [Switch]$PassThru,
        [Parameter(Mandatory = $true, ParameterSetName = 'Module')][Object]$Module,
        [Parameter(ParameterSetName = 'Manual')][String]$TempPath,
        [String[]]$CompileSymbols = @()
    )
    if ($null -eq $References -or $References.Length -eq 0) {
        return
    }

    $symbols = [System.Collections.ArrayList]$CompileSymbols
    $symbols.Add('AMD64') > $null
    foreach ($name in 'IsCoreCLR', 'IsWindows') {
        $variable = Get-Variable -Name $name -ErrorAction SilentlyContinue
        if ($null -ne $variable -and $variable.Value) {
            $symbols.Add($name.Substring(2).ToUpper()) > $null
        }
    }
    $accelerators = [System.Collections.Generic.List`1[Hashtable]]@()
    $assemblyPattern = [Regex]'//\s*AssemblyReference\s+-(?<Parameter>(Name)|(Type))\s+(?<Name>[\w.]*)(\s+-CLR\s+(?<CLR>Core|Framework))?'
    $warningPattern = [Regex]'//\s*NoWarn\s+-Name\s+(?<Name>[\w\d]*)(\s+-CLR\s+(?<CLR>Core|Framework))?'
    $typePattern = [Regex]'//\s*TypeAccelerator\s+-Name\s+(?<Name>[\w.]*)\s+-TypeName\s+(?<TypeName>[\w.]*)'

    $assemblies = [System.Collections.Generic.HashSet`1[Microsoft.CodeAnalysis.MetadataReference]]@(
        [Microsoft.CodeAnalysis.CompilationReference]::CreateFromFile(([System.Reflection.Assembly]::GetAssembly([PSObject])).Location)
    )
    $folder = [System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName([PSObject].Assembly.Location), 'ref')
    foreach ($file in [System.IO.Directory]::EnumerateFiles($folder, '*.dll', [System.IO.SearchOption]::TopDirectoryOnly)) {
        $assemblies.Add([Microsoft.CodeAnalysis.MetadataReference]::CreateFromFile($file)) > $null
    }

    $ignored = New-Object -TypeName 'System.Collections.Generic.Dictionary`2[[String], [Microsoft.CodeAnalysis.ReportDiagnostic]]'
    $parseOptions = ([Microsoft.CodeAnalysis.CSharp.CSharpParseOptions]::Default).WithPreprocessorSymbols($symbols)
    $trees = [System.Collections.Generic.List`1[Microsoft.CodeAnalysis.SyntaxTree]]@()
    foreach ($reference in $References) {
        foreach ($match in $assemblyPattern.Matches($reference)) {
            $clr = $match.Groups['CLR'].Value
            if ($clr -and $clr -ne 'Core') {
                continue
            }
            $path = $match.Groups['Name'].Value
            if ($match.Groups['Parameter'].Value -eq 'Type') {
                $path = ([Type]$path).Assembly.Location
            }
            elseif (-not ([System.IO.Path]::IsPathRooted($path))) {
                $path = Join-Path -Path $folder -ChildPath $path
            }
            $assemblies.Add([Microsoft.CodeAnalysis.MetadataReference]::CreateFromFile($path)) > $null
        }
        foreach ($match in $warningPattern.Matches($reference)) {
            $ignored.Add($match.Groups['Name'], [Microsoft.CodeAnalysis.ReportDiagnostic]::Suppress)
        }
        $trees.Add([Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree]::ParseText($reference, $parseOptions)) > $null
        foreach ($match in $typePattern.Matches($reference)) {
            $accelerators.Add(@{Name = $match.Groups['Name'].Value; TypeName = $match.Groups['TypeName'].Value })
        }
    }

    $options = (New-Object -TypeName Microsoft.CodeAnalysis.CSharp.CSharpCompilationOptions -ArgumentList @(
            [Microsoft.CodeAnalysis.OutputKind]::DynamicallyLinkedLibrary
        )).WithOptimizationLevel([Microsoft.CodeAnalysis.OptimizationLevel]::Release)
    if (-not $IgnoreWarnings.IsPresent) {
        $options = $options.WithGeneralDiagnosticOption([Microsoft.CodeAnalysis.ReportDiagnostic]::Error)
        $options = $options.WithSpecificDiagnosticOptions($ignored)
    }
    $compilation = [Microsoft.CodeAnalysis.CSharp.CSharpCompilation]::Create(
        [System.Guid]::NewGuid().ToString(),
        $trees,
        $assemblies,
        $options
    )

    $code = New-Object -TypeName System.IO.MemoryStream
    $debug = New-Object -TypeName System.IO.MemoryStream
    try {
        $emitted = $compilation.Emit($code, $debug)
        if (-not $emitted.Success) {
            throw [InvalidOperationException]"warm-up: $($emitted.Diagnostics -join "`r`n")"
        }
        $code.Seek(0, [System.IO.SeekOrigin]::Begin) > $null
        $debug.Seek(0, [System.IO.SeekOrigin]::Begin) > $null
        $compiled = [System.Runtime.Loader.AssemblyLoadContext]::Default.LoadFromStream($code, $debug)
    }
    finally {
        $code.Close()
        $debug.Close()
    }
    foreach ($accelerator in $accelerators) {
        throw 'The warm-up adds no type accelerator.'
    }
    if ($PassThru) {
        return $compiled
    }
}

Export-ModuleMember -Function Add-SampleType
