# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh

# crossgen_of FOLDER: the ahead-of-time compiler of the version of .NET that is published in a folder.
crossgen_of() {
    version=$(grep -o -m 1 'runtimepack\.Microsoft\.NETCore\.App\.Runtime\.win-x64/[^"]*' "$1/powershell.deps.json")
    packages=$(dotnet nuget locals global-packages --list | sed 's/^[^/]*//')
    echo "$packages"/microsoft.netcore.app.crossgen2.*/"${version#*/}"/tools/crossgen2
}
