#!/bin/sh
# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes $GPVAULT_BUILD/pshost-short (default: build/ of the project): the PowerShell host with a .NET that treats long
# paths as .NET Framework does (shortpaths/Edit-CoreLib.ps1). `lab up --short-paths on` calls it. Does nothing when
# neither the host nor a source here has changed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lab/pshost/crossgen.sh
. "$here/crossgen.sh"
build=${GPVAULT_BUILD:-$(cd "$here/../../.." && pwd)/build}
build=$(cd "$build" && pwd)
host=$build/pshost
target=$build/pshost-short
library=System.Private.CoreLib.dll

exec 9>"$target.lock"
flock 9
wanted=$(cat "$host/.stamp" "$here/short-paths.sh" "$here/shortpaths/Edit-CoreLib.ps1" | sha256sum | cut -d ' ' -f 1)
if [ -f "$target/.stamp" ] && [ "$(cat "$target/.stamp")" = "$wanted" ]; then
    exit 0
fi

objects=$build/obj/pshost-short
new=$target.new
rm -rf "$new" "$objects"
mkdir -p "$objects"
# The same files, but for one.
cp -al "$host" "$new"
rm "$new/$library" "$new/.stamp"
"$build/pwsh/pwsh" -NoProfile -NonInteractive -File "$here/shortpaths/Edit-CoreLib.ps1" \
    "$host/$library" "$objects/$library" >&2
"$(crossgen_of "$host")" "$objects/$library" --out "$new/$library" --targetos windows --targetarch x64 -O >&2
echo "$wanted" >"$new/.stamp"
rm -rf "$target"
mv "$new" "$target"
