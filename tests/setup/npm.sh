# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154  # variables of setup and versions, which source this

# What comes from npm: build/pyright, the type checker for the controller's Python, which only `make lint` needs, and
# build/axe, the rules of accessibility that the page on a fleet is checked by, which only its test needs. So a machine
# without Node.js and npm does without; the check then says that it was skipped.

# fetch_npm_package NAME PACKAGE: one package without dependencies and without scripts. npm verifies what it downloads.
fetch_npm_package() {
    rm -rf "${build:?}/$1"
    mkdir -p "$build/$1"
    npm install --prefix "$build/$1" --ignore-scripts --no-package-lock --no-audit --no-fund "$2"
}

# set_up_npm_package NAME PACKAGE VERSION FILE LABEL WITHOUT: FILE is one of those that it brings, WITHOUT what is so where
# it cannot be had.
set_up_npm_package() {
    local name=$1 package=$2 version=$3 file=$4 label=$5 without=$6 start=$SECONDS
    if ! have npm; then
        warn "no npm: $without"
        return
    fi
    if ! is_stamped "$name" "$version" || [ ! -e "$build/$name/node_modules/$file" ]; then
        unstamp "$name"
        say "$label: fetching $package $version"
        if ! logged "$name" fetch_npm_package "$name" "$package@$version"; then
            warn "$package $version could not be had: $without"
            return
        fi
        stamp "$name" "$version"
    fi
    summarise "$label" "$package $version" $((SECONDS - start))
}

set_up_pyright() {
    set_up_npm_package pyright pyright "$pyright" .bin/pyright "type checker" "types are not checked"
}

set_up_axe() {
    set_up_npm_package axe axe-core "$axe_core" axe-core/axe.min.js "accessibility" \
        "the page's accessibility is checked by fewer rules"
}
