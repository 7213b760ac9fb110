# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154  # variables of setup and versions, which source this

# build/pyright: the type checker for the controller's Python, from npm. Only `make lint` needs it, so a machine without
# Node.js and npm does without; the check then says that it was skipped.

# fetch_pyright: one package without dependencies and without scripts. npm verifies what it downloads.
fetch_pyright() {
    rm -rf "$build/pyright"
    mkdir -p "$build/pyright"
    npm install --prefix "$build/pyright" --ignore-scripts --no-package-lock --no-audit --no-fund "pyright@$pyright"
}

set_up_pyright() {
    local start=$SECONDS
    if ! have npm; then
        warn "no npm: types are not checked"
        return
    fi
    if ! is_stamped pyright "$pyright" || [ ! -x "$build/pyright/node_modules/.bin/pyright" ]; then
        unstamp pyright
        say "type checker: fetching pyright $pyright"
        if ! logged pyright fetch_pyright; then
            warn "pyright $pyright could not be had: types are not checked"
            return
        fi
        stamp pyright "$pyright"
    fi
    summarise "type checker" "pyright $pyright" $((SECONDS - start))
}
