#!/usr/bin/env bash
# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds the checker into $GPVAULT_BUILD/compat51 (default: build/ of the project). Does nothing when neither a source
# nor the SDK has changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${GPVAULT_BUILD:-$here/../../build}
mkdir -p "$build"
build=$(cd "$build" && pwd)
stamp=$build/compat51/.stamp
wanted=$({
    dotnet --version
    find "$here/tool" "$here/../lab/gpmc/gpmgmt.idl" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
} | sha256sum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    exit 0
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
dotnet publish "$here/tool/compat51.csproj" --configuration Release --output "$build/compat51" \
    -p:Compat51Objects="$build/obj/compat51" -nodeReuse:false -verbosity:quiet
echo "$wanted" >"$stamp"
