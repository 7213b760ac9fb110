#!/bin/sh
# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds the GPMC stand-in: $GPVAULT_BUILD/gpmc/gpmgmt.dll (GPVAULT_BUILD: default <project root>/build).
#
# Needs (Debian): g++-mingw-w64-x86-64-posix mingw-w64-tools libwine-dev nlohmann-json3-dev, and wine64 for stdole2.tlb.
# Does nothing when no source has changed; otherwise compiles what has (any header counts for all).

set -eu

source_dir=$(cd "$(dirname "$0")" && pwd)
build_root=${GPVAULT_BUILD:-$(cd "$source_dir/../../.." && pwd)/build}
out=$build_root/gpmc
work=$out/work
prefix=x86_64-w64-mingw32
# The posix variant has std::mutex; both may be installed.
compiler=$prefix-g++-posix
jobs=$(nproc)

json_include=/usr/include
flags="-std=c++17 -O1 -Wall -Wextra -DUNICODE -D_UNICODE"

fail() {
    echo "build.sh: $1" >&2
    exit 1
}

# Prints the folder of the first file of that name under a root whose path holds a part.
folder_of() {
    find "$1" -name "$2" -path "*$3*" -printf '%h\n' 2>/dev/null | sort | head -n 1
}

hash_of() {
    cat "$@" | sha256sum | cut -c1-24
}

command -v "$compiler" >/dev/null || fail "$compiler is missing (Debian: g++-mingw-w64-x86-64-posix)"
command -v "$prefix-widl" >/dev/null || fail "$prefix-widl is missing (Debian: mingw-w64-tools)"
[ -f "$json_include/nlohmann/json.hpp" ] || fail "nlohmann/json.hpp is missing (Debian: nlohmann-json3-dev)"
idl_include=$(folder_of /usr/include oaidl.idl wine)
[ -n "$idl_include" ] || fail "oaidl.idl is missing (Debian: libwine-dev)"
stdole=$(folder_of /usr/lib stdole2.tlb x86_64)
[ -n "$stdole" ] || fail "stdole2.tlb is missing (Debian: wine64)"

cd "$source_dir"
stamp=$(find . -type f \( -name '*.cpp' -o -name '*.h' -o -name '*.idl' -o -name '*.rc' -o -name '*.def' \
    -o -name build.sh \) -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-64)
if [ -f "$out/gpmgmt.dll" ] && [ "$(cat "$out/stamp" 2>/dev/null)" = "$stamp" ]; then
    exit 0
fi

mkdir -p "$work"
# nlohmann/json is the only header taken from the host; its folder must not bring the host's C headers along.
mkdir -p "$work/include"
ln -sfn "$json_include/nlohmann" "$work/include/nlohmann"

"$prefix-widl" -I"$idl_include" -L"$stdole" -h -o "$work/gpmgmt_idl.h" gpmgmt.idl
"$prefix-widl" -I"$idl_include" -L"$stdole" -t -o "$work/gpmgmt.tlb" gpmgmt.idl
"$prefix-windres" -I"$work" gpmgmt.rc "$work/resources.o"

headers=$(find . -name '*.h' | sort | xargs sha256sum "$work/gpmgmt_idl.h" | cut -c1-64 | sha256sum | cut -c1-24)
# By name alone, so that a blank in the path of the build folder does no harm.
objects=resources.o
todo=$work/todo
: >"$todo"
for source in com/*.cpp store/*.cpp backup/*.cpp objects/*.cpp; do
    name=$(echo "${source%.cpp}" | tr / -)
    object=$name.$headers.$(hash_of "$source" build.sh).o
    objects="$objects $object"
    if [ ! -f "$work/$object" ]; then
        rm -f "$work/$name".*.o
        echo "$source $object" >>"$todo"
    fi
done
# shellcheck disable=SC2016  # expanded by the inner shell
xargs -a "$todo" -r -P "$jobs" -n 2 sh -c '
    compiler=$1 flags=$2 work=$3 source=$4 object=$3/$5
    "$compiler" $flags -I. -I"$work" -isystem "$work/include" -c -o "$object.part" "$source" &&
    mv "$object.part" "$object"
' sh "$compiler" "$flags" "$work"

cd "$work"
# shellcheck disable=SC2086  # a list of words
"$compiler" -shared -static -s -o gpmgmt.dll $objects "$source_dir/gpmgmt.def" -lole32 -loleaut32 -luuid -ladvapi32
mv gpmgmt.dll "$out/gpmgmt.dll"
echo "$stamp" >"$out/stamp"
