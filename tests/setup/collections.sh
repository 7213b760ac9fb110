# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154  # variables of setup and versions, which source this

# build/collections: this collection as Ansible finds it, and two others beside it.

# link_collection: gpvault.gpmc is the project itself.
link_collection() {
    local folder="$build/collections/ansible_collections/gpvault"
    mkdir -p "$folder"
    ln -sfn "$root" "$folder/gpmc"
}

# fetch_collections: the pinned collections out of the Ansible bundle, which is not installed: its other hundred
# collections are not wanted. apt and pip both verify what they download.
fetch_collections() {
    local scratch="$build/tmp/ansible-bundle"
    rm -rf "$scratch"
    mkdir -p "$scratch/out"
    if [ -x "$build/venv/bin/pip" ]; then
        "$build/venv/bin/pip" --disable-pip-version-check download --quiet --no-deps --dest "$scratch" \
            "ansible==$ansible_bundle" || return
        "$build/venv/bin/python" -m zipfile -e "$scratch"/ansible-*.whl "$scratch/out" || return
    else
        download_bundle "$scratch" || { apt_get update && download_bundle "$scratch"; } || return
        dpkg-deb -x "$scratch"/ansible_*.deb "$scratch/out" || return
    fi
    take_collection "$scratch/out" ansible/windows "$ansible_windows" || return
    take_collection "$scratch/out" awx/awx "$awx_awx" || return
    rm -rf "$scratch"
}

# take_collection FOLDER NAMESPACE/NAME VERSION: moves it from the unpacked bundle to where Ansible finds it.
take_collection() {
    local found target="$build/collections/ansible_collections/$2"
    found=$(find "$1" -type d -path "*/ansible_collections/$2" -print -quit)
    if [ ! -d "$found" ]; then
        echo "no $2 in the bundle"
        return 1
    fi
    if [ "$(collection_version "$found")" != "$3" ]; then
        echo "the bundle holds $2 $(collection_version "$found"), not $3"
        return 1
    fi
    rm -rf "$target"
    mkdir -p "${target%/*}"
    mv "$found" "$target"
}

# has_collection NAMESPACE/NAME VERSION: whether it is where Ansible finds it.
has_collection() {
    local folder="$build/collections/ansible_collections/$1"
    [ -d "$folder" ] && [ "$(collection_version "$folder")" = "$2" ]
}

# download_bundle FOLDER: Debian's package of it. It fails where the machine has no list of packages (yet).
download_bundle() {
    (cd "$1" && apt-get download "ansible/$debian_newer")
}

# collection_version FOLDER: the version that its manifest gives.
collection_version() {
    "$build/venv/bin/python" -c '
import json, sys
from pathlib import Path
print(json.loads((Path(sys.argv[1]) / "MANIFEST.json").read_text())["collection_info"]["version"])' "$1"
}

set_up_collections() {
    local start=$SECONDS
    link_collection
    if ! has_collection ansible/windows "$ansible_windows" || ! has_collection awx/awx "$awx_awx"; then
        if [ ! -x "$build/venv/bin/pip" ] && ! have apt-get; then
            warn "neither pip nor apt-get: no ansible.windows and awx.awx, which some tests need"
            return
        fi
        say "collections: fetching ansible.windows $ansible_windows and awx.awx $awx_awx"
        logged collections fetch_collections || die "ansible.windows and awx.awx could not be had"
    fi
    summarise collections "gpvault.gpmc (this folder), ansible.windows, awx.awx" $((SECONDS - start))
}
