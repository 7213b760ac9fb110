# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154  # variables of setup and versions, which source this

# build/collections: this collection as Ansible finds it, and ansible.windows beside it.

# link_collection: gpvault.gpmc is the project itself.
link_collection() {
    local folder="$build/collections/ansible_collections/gpvault"
    mkdir -p "$folder"
    ln -sfn "$root" "$folder/gpmc"
}

# fetch_ansible_windows: the pinned ansible.windows out of the Ansible bundle, which is not installed: its other hundred
# collections are not wanted. apt and pip both verify what they download.
fetch_ansible_windows() {
    local scratch="$build/tmp/ansible-bundle" target="$build/collections/ansible_collections/ansible" found
    rm -rf "$scratch"
    mkdir -p "$scratch/out" "$target"
    if [ -x "$build/venv/bin/pip" ]; then
        "$build/venv/bin/pip" --disable-pip-version-check download --quiet --no-deps --dest "$scratch" \
            "ansible==$ansible_bundle" || return
        "$build/venv/bin/python" -m zipfile -e "$scratch"/ansible-*.whl "$scratch/out" || return
    else
        download_bundle "$scratch" || { apt_get update && download_bundle "$scratch"; } || return
        dpkg-deb -x "$scratch"/ansible_*.deb "$scratch/out" || return
    fi
    found=$(find "$scratch/out" -type d -path '*/ansible_collections/ansible/windows' -print -quit)
    if [ ! -d "$found" ]; then
        echo "no ansible.windows in the bundle"
        return 1
    fi
    if [ "$(collection_version "$found")" != "$ansible_windows" ]; then
        echo "the bundle holds ansible.windows $(collection_version "$found"), not $ansible_windows"
        return 1
    fi
    rm -rf "$target/windows"
    mv "$found" "$target/windows"
    rm -rf "$scratch"
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
    local start=$SECONDS windows="$build/collections/ansible_collections/ansible/windows"
    link_collection
    if [ ! -d "$windows" ] || [ "$(collection_version "$windows")" != "$ansible_windows" ]; then
        if [ ! -x "$build/venv/bin/pip" ] && ! have apt-get; then
            warn "neither pip nor apt-get: no ansible.windows, which only comparisons with it need"
            return
        fi
        say "collections: fetching ansible.windows $ansible_windows"
        logged collections fetch_ansible_windows || die "ansible.windows $ansible_windows could not be had"
    fi
    summarise collections "gpvault.gpmc (this folder), ansible.windows $ansible_windows" $((SECONDS - start))
}
