# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154  # variables of setup and versions, which source this

# Debian packages: what the lab is built with and runs on. Elsewhere: says what is missing.

# Wine and libwine-dev (oaidl.idl) for the lab's hosts, the cross compiler, widl and the JSON header for its GPMC
# stand-in, venv for the Python part.
debian_lab_packages="wine64 wine libwine-dev g++-mingw-w64-x86-64-posix mingw-w64-tools nlohmann-json3-dev openssl python3-venv"

# Only tests use these: ansible-test, which makes an SSH key before it runs a target, the playbook that keeps copies in
# restic, the browser that looks at the page on a fleet, and the checks of style and documentation.
debian_test_packages="openssh-client restic chromium yamllint shellcheck python3-voluptuous python3-pycodestyle"

# The commands (and the header) that the packages above bring, for machines that are not Debian.
needed_commands="wine64 x86_64-w64-mingw32-g++ x86_64-w64-mingw32-widl openssl"
needed_header="/usr/include/nlohmann/json.hpp"
optional_commands="ssh-keygen restic chromium yamllint shellcheck"

# debian_release: prints the code name on a Debian release that set-up knows, nothing elsewhere.
debian_release() {
    local id="" codename=""
    if [ -r /etc/os-release ]; then
        id=$(. /etc/os-release && printf '%s' "${ID:-}")
        codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
    fi
    if [ "$id" = debian ] && have apt-get; then
        case $codename in
            "$debian_older" | "$debian_newer") printf '%s\n' "$codename" ;;
        esac
    fi
}

# missing_packages NAME...: prints those that are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
            printf '%s\n' "$package"
        fi
    done
}

# apt_get ARGUMENT...: apt-get that asks nothing, waits for a lock and tries a failed download again.
apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"
}

# install_packages NAME...: installs what is missing of these.
install_packages() {
    apt_get update && apt_get install --no-install-recommends "$@"
}

# set_up_packages: the lab's packages on Debian; elsewhere only a look at what is there.
set_up_packages() {
    local start=$SECONDS missing icu=$debian_older_icu
    if [ -z "$release" ]; then
        report_missing_commands
        return
    fi
    [ "$release" = "$debian_older" ] || icu=$debian_newer_icu
    # shellcheck disable=SC2086  # lists of names
    missing=$(missing_packages $debian_lab_packages "$icu" $debian_test_packages | xargs)
    if [ -z "$missing" ]; then
        summarise packages "all there" $((SECONDS - start))
        return
    fi
    can_be_root "$missing" || die "install these packages, then try again: $missing"
    say "packages: installing from Debian $release: $missing"
    # shellcheck disable=SC2086
    logged packages install_packages $missing || die "Debian packages are missing: $missing"
    summarise packages "installed from Debian $release" $((SECONDS - start))
}

# report_missing_commands: one line with everything that is not there; ends set-up if the lab cannot be built.
report_missing_commands() {
    local command missing="" optional=""
    for command in $needed_commands; do
        if [ "$command" = wine64 ] && [ -x /usr/lib/wine/wine64 ]; then
            continue
        fi
        have "$command" || missing+=" $command"
    done
    [ -f "$needed_header" ] || missing+=" nlohmann/json.hpp"
    for command in $optional_commands; do
        have "$command" || optional+=" $command"
    done
    [ -z "$optional" ] || warn "not there, some checks will be skipped:$optional"
    [ -z "$missing" ] || die "this is not Debian 12 or 13, and these are missing:$missing (Debian: $debian_lab_packages)"
    summarise packages "not Debian 12 or 13; what is needed is there" 0
}

# debian_mirror: prints the address of the Debian mirror that this machine already uses.
debian_mirror() {
    # shellcheck disable=SC2016  # $(REPO_URI) is for apt-get, not for the shell
    apt-get indextargets --format '$(REPO_URI)' "Created-By: Packages" "Release: $release" "Component: main" \
        | sed -e 's|/$||' -e 1q
}

# add_newer_debian: makes $debian_newer known to apt, but only for ansible-core and what it needs: every other package of
# it has a negative priority, so neither this set-up nor anybody else's upgrade takes one.
add_newer_debian() {
    local mirror
    mirror=$(debian_mirror)
    [ -n "$mirror" ] || die "no Debian mirror among this machine's apt sources, to take $debian_newer from"
    write_as_root /etc/apt/preferences.d/gpvault "Package: *
Pin: release n=$debian_newer
Pin-Priority: -1

Package: $debian_python_packages $debian_python_dependencies
Pin: release n=$debian_newer
Pin-Priority: 990"
    write_as_root "/etc/apt/sources.list.d/gpvault-$debian_newer.sources" "Types: deb
URIs: $mirror
Suites: $debian_newer
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg"
}
