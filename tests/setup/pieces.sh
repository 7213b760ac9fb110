# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154  # variables of setup and versions, which source this

# What the project builds itself: the PowerShell host, the GPMC stand-in, the checker for Windows PowerShell 5.1, and
# the Wine prefix that the lab's hosts are copied from. Each has its own build script; here is only the order.

# require_dotnet: the SDK is a prerequisite, since Debian has no package of it.
require_dotnet() {
    if have dotnet && dotnet --list-sdks | grep -q "^$dotnet_sdk_major\."; then
        return
    fi
    die "the .NET $dotnet_sdk_major SDK (command dotnet) is missing; install it from Microsoft's package feed or archive"
}

# build_piece NAME FOLDER: calls the piece's own build script, which does nothing when no source has changed.
build_piece() {
    local name=$1 start=$SECONDS
    logged "$name" "$root/$2/build.sh" || return
    if [ $((SECONDS - start)) -gt 2 ]; then
        say "$name: built in $((SECONDS - start)) s"
    fi
}

# build_dotnet_pieces: one after the other, since each keeps both cores busy; PowerShell for Linux has only to be fetched.
build_dotnet_pieces() {
    local pwsh
    fetch_pwsh &
    pwsh=$!
    build_piece pshost tests/lab/pshost && build_piece compat51 tests/compat51 && wait "$pwsh"
}

# start_dotnet_pieces, finish_dotnet_pieces: they need nothing from Debian, so they run beside apt's work; as a process
# group of their own, to be ended if set-up ends early.
start_dotnet_pieces() {
    dotnet_start=$SECONDS
    set -m
    build_dotnet_pieces &
    dotnet_job=$!
    set +m
    trap 'kill -- "-$dotnet_job" 2>/dev/null' EXIT
}

finish_dotnet_pieces() {
    wait "$dotnet_job" || die "the .NET pieces were not built"
    trap - EXIT
    summarise ".NET pieces" "PowerShell host, compat51, PowerShell for Linux" $((SECONDS - dotnet_start))
}

set_up_stand_in() {
    local start=$SECONDS
    build_piece gpmc tests/lab/gpmc || die "the GPMC stand-in was not built"
    summarise "GPMC stand-in" "gpmgmt.dll" $((SECONDS - start))
}

# set_up_prefix: the lab knows itself whether its template is still right.
set_up_prefix() {
    local start=$SECONDS
    logged prefix "$root/tests/lab/lab" prepare || die "the Wine prefix was not made"
    summarise "Wine prefix" "$build/prefix" $((SECONDS - start))
}
