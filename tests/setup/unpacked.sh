# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154  # variables of setup and versions, which source this

# ansible-lint, ansible-runner and pypsrp, where build/venv is made of Debian's packages: unpacked into build/lint,
# build/runner and build/psrp, and linked into build/venv. From PyPI they come with the other packages.

# unpack_packages FOLDER PACKAGE...: fetches the packages and unpacks them into build/FOLDER. apt verifies what it downloads.
unpack_packages() {
    local folder="$build/$1" scratch="$build/tmp/$1" deb
    shift
    rm -rf "$scratch" "$folder"
    mkdir -p "$scratch" "$folder"
    (cd "$scratch" && apt-get download "$@") || return
    for deb in "$scratch"/*.deb; do
        dpkg-deb -x "$deb" "$folder" || return
    done
    rm -rf "$scratch"
}

# from RELEASE NAME...: prints the packages as apt-get takes those of a release.
from() {
    printf "%s/$1 " "${@:2}"
}

# make_lint: its own packages come first; Ansible is the machine's. It looks for yamllint and others by name.
make_lint() {
    local native=$debian_older_lint_packages
    [ "$release" = "$debian_older" ] || native=$debian_newer_lint_packages
    # shellcheck disable=SC2046,SC2086  # lists of names
    unpack_packages lint "ansible-lint=$ansible_lint" $(from "$debian_newer" $debian_lint_packages) \
        $(from "$release" $native) || return
    cat >"$build/lint/ansible-lint" <<SCRIPT
#!/bin/sh
export PYTHONPATH='$build/lint/usr/lib/python3/dist-packages:/usr/lib/python3/dist-packages'
export PATH="$build/lint/usr/bin:\$PATH"
exec $(base_python) -m ansiblelint "\$@"
SCRIPT
    chmod +x "$build/lint/ansible-lint"
}

make_runner() {
    # shellcheck disable=SC2046,SC2086  # lists of names
    unpack_packages runner "python3-ansible-runner=$ansible_runner" $(from "$release" $debian_runner_packages)
}

# make_sshd: OpenSSH's server, which Debian's package would start on every interface of the machine; and the library that
# serves SFTP for it.
make_sshd() {
    # shellcheck disable=SC2046,SC2086  # lists of names
    unpack_packages sshd $(from "$release" $debian_ssh_packages)
}

# make_psrp: from a release that apt learns of for this one download, with lists of its own, so that the machine's apt
# never knows it. Where the mirror keeps an old copy of it, its Release file has expired; the signature is still looked at.
make_psrp() {
    local scratch="$build/tmp/psrp-apt" keys=/usr/share/keyrings/debian-archive-keyring.gpg options
    options="signed-by=$keys check-valid-until=no target=Packages"
    mkdir -p "$scratch/lists/partial" "$scratch/none" "$build/psrp"
    echo "deb [$options] $(debian_mirror) $debian_psrp_release main" >"$scratch/sources.list"
    cat >"$scratch/apt.conf" <<CONF
Dir::Etc::SourceList "$scratch/sources.list";
Dir::Etc::SourceParts "$scratch/none";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "$scratch/none";
Dir::State::Lists "$scratch/lists";
Dir::Cache "$scratch";
Acquire::Languages "none";
CONF
    APT_CONFIG="$scratch/apt.conf" apt-get -q update || return
    APT_CONFIG="$scratch/apt.conf" unpack_packages psrp "python3-pypsrp=$debian_psrp" || return
    rm -rf "$scratch"
}

# make_kerberos: MIT's KDC, which Debian's package would start for the whole machine, and what clients of its realm need.
make_kerberos() {
    local native=$debian_older_kerberos_packages
    [ "$release" = "$debian_older" ] || native=$debian_newer_kerberos_packages
    # shellcheck disable=SC2046,SC2086  # lists of names
    unpack_packages kerberos $(from "$release" $debian_kerberos_packages $native)
}

# unpacked NAME PACKAGE VERSION: makes build/NAME unless it is there.
unpacked() {
    local start=$SECONDS hash
    hash=$(content_hash "$here/versions" "$here/unpacked.sh")
    if ! is_stamped "$1" "$hash" || [ ! -d "$build/$1/usr" ]; then
        unstamp "$1"
        logged "$1" "make_$1" || die "$2 $3 could not be had"
        stamp "$1" "$hash"
    fi
    summarise "$2" "$3, from Debian" $((SECONDS - start))
}

# set_up_sshd: what the lab's hosts answer SSH clients with. Tests say that they are skipped where it is not there.
set_up_sshd() {
    [ -z "$release" ] || unpacked sshd openssh-server "of $release"
}

# set_up_psrp: after set_up_python. From PyPI it comes with the other packages.
set_up_psrp() {
    local start=$SECONDS hash packages
    if [ -x "$build/venv/bin/pip" ] || [ -z "$release" ]; then
        return
    fi
    hash=$(content_hash "$here/versions" "$here/unpacked.sh")
    if ! is_stamped psrp "$hash" || [ ! -d "$build/psrp/usr" ]; then
        unstamp psrp
        if ! logged_quietly psrp make_psrp; then
            warn "no pypsrp $debian_psrp from Debian $debian_psrp_release ($build/log/psrp.log): tests by psrp are skipped"
            return
        fi
        stamp psrp "$hash"
    fi
    packages=$("$build/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    echo "$build/psrp/usr/lib/python3/dist-packages" >"$packages/gpvault-psrp.pth"
    summarise pypsrp "$debian_psrp, from Debian $debian_psrp_release" $((SECONDS - start))
}

# set_up_kerberos: the lab's realm. Tests say that they are skipped where it is not there.
set_up_kerberos() {
    [ -z "$release" ] || unpacked kerberos krb5-kdc "of $release"
}

# set_up_unpacked: not on a machine without Debian's packages and PyPI, where tests say that they are skipped.
set_up_unpacked() {
    local packages
    if [ -x "$build/venv/bin/pip" ] || [ -z "$release" ]; then
        return
    fi
    unpacked lint ansible-lint "$ansible_lint"
    ln -sf "$build/lint/ansible-lint" "$build/venv/bin/ansible-lint"
    unpacked runner ansible-runner "$ansible_runner"
    packages=$("$build/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    echo "$build/runner/usr/lib/python3/dist-packages" >"$packages/gpvault-runner.pth"
}
