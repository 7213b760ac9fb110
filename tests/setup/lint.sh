# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154  # variables of setup and versions, which source this

# ansible-lint, where build/venv is made of Debian's packages: build/lint, and a link to it in build/venv/bin. From PyPI it
# comes with the other packages.

# fetch_lint: the packages, unpacked. apt verifies what it downloads.
fetch_lint() {
    local scratch="$build/tmp/lint" native=$debian_older_lint_packages names=() name
    [ "$release" = "$debian_older" ] || native=$debian_newer_lint_packages
    for name in $debian_lint_packages; do
        names+=("$name/$debian_newer")
    done
    for name in $native; do
        names+=("$name/$release")
    done
    rm -rf "$scratch" "$build/lint"
    mkdir -p "$scratch" "$build/lint"
    (cd "$scratch" && apt-get download "ansible-lint=$ansible_lint" "${names[@]}") || return
    for name in "$scratch"/*.deb; do
        dpkg-deb -x "$name" "$build/lint" || return
    done
    rm -rf "$scratch"
    # Its own packages come first; Ansible is the machine's. It looks for yamllint and others by name.
    cat >"$build/lint/ansible-lint" <<SCRIPT
#!/bin/sh
export PYTHONPATH='$build/lint/usr/lib/python3/dist-packages:/usr/lib/python3/dist-packages'
export PATH="$build/lint/usr/bin:\$PATH"
exec $(base_python) -m ansiblelint "\$@"
SCRIPT
    chmod +x "$build/lint/ansible-lint"
}

# set_up_lint: not on a machine without Debian's packages and PyPI, where a test says that it is skipped.
set_up_lint() {
    local start=$SECONDS hash
    if [ -x "$build/venv/bin/pip" ] || [ -z "$release" ]; then
        return
    fi
    hash=$(content_hash "$here/versions" "$here/lint.sh")
    if ! is_stamped lint "$hash" || [ ! -x "$build/lint/ansible-lint" ]; then
        unstamp lint
        logged lint fetch_lint || die "ansible-lint $ansible_lint could not be had"
        stamp lint "$hash"
    fi
    ln -sf "$build/lint/ansible-lint" "$build/venv/bin/ansible-lint"
    summarise ansible-lint "$ansible_lint, from Debian" $((SECONDS - start))
}
