# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154  # variables of setup and versions, which source this

# build/pwsh: PowerShell for Linux with Pester, for the unit tests of the payload and for validate-modules. It is the
# .NET tool PowerShell: a package that no project can refer to, so NuGet's lock files know nothing of it. The packages'
# hashes are in `versions` instead.

# fetch_pwsh: does nothing when it is there. It is not started here: on a new machine ICU may come later.
fetch_pwsh() {
    local start=$SECONDS wanted
    wanted=$(printf '%s\n' "$powershell" "$powershell_sha256" "$pester" "$pester_sha256" \
        "$(content_hash "$root/tests/setup/pwsh.sh")" | sha256sum | cut -d ' ' -f 1)
    # Links into NuGet's folder of packages, which people empty now and then.
    if is_stamped pwsh "$wanted" && [ -e "$build/pwsh/engine/pwsh.dll" ] \
        && [ -e "$build/pwsh/Modules/Pester/Pester.psd1" ]; then
        return
    fi
    unstamp pwsh
    logged pwsh make_pwsh || return
    stamp pwsh "$wanted"
    say "PowerShell for Linux: fetched in $((SECONDS - start)) s"
}

make_pwsh() {
    local project="$build/obj/pwsh" packages
    rm -rf "$project" "$build/pwsh"
    mkdir -p "$project" "$build/pwsh/Modules"
    cat >"$project/pwsh.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net$dotnet_sdk_major.0</TargetFramework>
  </PropertyGroup>
  <ItemGroup>
    <PackageDownload Include="PowerShell" Version="[$powershell]" />
    <PackageDownload Include="Pester" Version="[$pester]" />
  </ItemGroup>
</Project>
XML
    dotnet restore "$project/pwsh.csproj" -nodeReuse:false || return
    packages=$(dotnet nuget locals global-packages --list) || return
    packages=${packages#*: }
    packages=${packages%/}
    sha256sum --check <<SUMS || return
$powershell_sha256  $packages/powershell/$powershell/powershell.$powershell.nupkg
$pester_sha256  $packages/pester/$pester/pester.$pester.nupkg
SUMS
    ln -s "$packages/powershell/$powershell/tools/net$dotnet_sdk_major.0/any/unix" "$build/pwsh/engine"
    ln -s "$packages/pester/$pester/tools" "$build/pwsh/Modules/Pester"
    cat >"$build/pwsh/pwsh" <<SCRIPT
#!/bin/sh
# Cultures are real here, whatever is set for the machine's other .NET programs.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=0
# A run of seconds is over before code that was profiled would pay.
export DOTNET_TieredPGO=0
export POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off
export PSModulePath='$build/pwsh/Modules'
exec dotnet '$build/pwsh/engine/pwsh.dll' "\$@"
SCRIPT
    chmod +x "$build/pwsh/pwsh"
}
