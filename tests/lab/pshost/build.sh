#!/bin/sh
# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Publishes the PowerShell host into $GPVAULT_BUILD/pshost (default: build/ of the project). Does nothing when
# neither a source nor the SDK has changed. The output is replaced as a whole: a running host keeps its old files.
#
#   build.sh                 build what is out of date
#   build.sh --update-lock   build, and write the resolved packages back to packages.lock.json
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lab/pshost/crossgen.sh
. "$here/crossgen.sh"
build=${GPVAULT_BUILD:-$(cd "$here/../../.." && pwd)/build}
mkdir -p "$build"
build=$(cd "$build" && pwd)
target=$build/pshost
objects=$build/obj/pshost
stamp=$target/.stamp

command -v dotnet >/dev/null || { echo "pshost: the .NET 10 SDK is missing (no 'dotnet' on the PATH)" >&2; exit 1; }
sdk=$(dirname "$(readlink -f "$(command -v dotnet)")")

fingerprint() {
    {
        ls "$sdk/sdk" "$sdk/packs/Microsoft.NETCore.App.Ref"
        cd "$here" && find . -type f ! -name '*.md' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    } | sha256sum | cut -d ' ' -f 1
}

wanted=$(fingerprint)
if [ "${1:-}" != --update-lock ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    exit 0
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
mkdir -p "$objects"
# The lock file gives content hashes to check against. An SDK that resolves otherwise must not change the source.
[ ! -f "$here/packages.lock.json" ] || cp "$here/packages.lock.json" "$objects/packages.lock.json"
project=$here/powershell/powershell.csproj

dotnet_quietly() {
    dotnet "$@" "-p:PshostObjects=$objects" -p:Configuration=Release -nodeReuse:false -v:quiet >&2
}

# compile_roslyn: compiles the C# compiler ahead of time, in one version bubble with the parts of .NET that it is made
# of. So the code of their generics over its types, and of what is inlined, is there when each task compiles
# Ansible.Basic. It binds the compiler to the very .NET beside it, which in this folder is the one it runs on.
compile_roslyn() {
    compiler=$(crossgen_of "$objects/publish")
    set -- System.Private.CoreLib System.Collections System.Collections.Concurrent System.Collections.Immutable \
        System.Linq System.Linq.Expressions System.Memory System.Reflection.Metadata System.Runtime System.Threading \
        Microsoft.CodeAnalysis Microsoft.CodeAnalysis.CSharp
    for name; do
        shift
        set -- "$@" --inputbubbleref "$objects/publish/$name.dll"
    done
    mkdir -p "$objects/roslyn"
    for name in Microsoft.CodeAnalysis Microsoft.CodeAnalysis.CSharp; do
        "$compiler" "$objects/publish/$name.dll" --out "$objects/roslyn/$name.dll" --targetos windows --targetarch x64 \
            -O -r "$objects/publish/*.dll" --inputbubble "$@" --non-local-generics-module '*' >&2
    done
    mv "$objects/roslyn/"*.dll "$objects/publish/"
}

dotnet_quietly restore "$project"

rm -rf "$objects/publish"
dotnet_quietly publish "$project" --no-restore -o "$objects/publish"
compile_roslyn

mkdir -p "$objects/publish/ref"
cp "$sdk"/packs/Microsoft.NETCore.App.Ref/10.*/ref/net10.0/*.dll "$objects/publish/ref/"
echo "$wanted" >"$objects/publish/.stamp"
[ "${1:-}" != --update-lock ] || cp "$objects/packages.lock.json" "$here/packages.lock.json"

rm -rf "$target.old"
[ ! -e "$target" ] || mv "$target" "$target.old"
mv "$objects/publish" "$target"
rm -rf "$target.old"
