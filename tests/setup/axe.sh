# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154  # variables of setup and versions, which source this

# build/axe: the rules of accessibility that the page on a fleet is checked by, from npm. Only its test needs them, so a
# machine without Node.js and npm does without; the test then says that this part was skipped.

# fetch_axe: one package without dependencies and without scripts. npm verifies what it downloads.
fetch_axe() {
    rm -rf "$build/axe"
    mkdir -p "$build/axe"
    npm install --prefix "$build/axe" --ignore-scripts --no-package-lock --no-audit --no-fund "axe-core@$axe_core"
}

set_up_axe() {
    local start=$SECONDS
    if ! have npm; then
        warn "no npm: the page's accessibility is checked by fewer rules"
        return
    fi
    if ! is_stamped axe "$axe_core" || [ ! -f "$build/axe/node_modules/axe-core/axe.min.js" ]; then
        unstamp axe
        say "rules of accessibility: fetching axe-core $axe_core"
        if ! logged axe fetch_axe; then
            warn "axe-core $axe_core could not be had: the page's accessibility is checked by fewer rules"
            return
        fi
        stamp axe "$axe_core"
    fi
    summarise "accessibility" "axe-core $axe_core" $((SECONDS - start))
}
