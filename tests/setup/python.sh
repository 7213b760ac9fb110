# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154  # variables of setup and versions, which source this

# Python with Ansible, as build/venv: from PyPI where it is reachable, else from Debian's packages. Both look the same
# from outside: build/venv/bin/python, build/venv/bin/ansible-playbook and so on.

# The commands that a venv over Debian's packages has to link to.
ansible_commands="ansible ansible-config ansible-console ansible-doc ansible-galaxy ansible-inventory
    ansible-playbook ansible-pull ansible-test ansible-vault"
test_commands="pytest yamllint"

# base_python: the interpreter to build on; Debian's own where it counts, since Debian's packages are for that one.
base_python() {
    if [ -n "$release" ]; then
        echo /usr/bin/python3
    else
        command -v python3
    fi
}

# make_venv FOLDER OPTION...: a new venv in place of what is there.
make_venv() {
    local folder=$1
    shift
    rm -rf "$folder"
    "$(base_python)" -m venv "$@" "$folder"
}

# pypi_answers: whether pip can get a package. The one that is asked for is needed anyway.
pypi_answers() {
    local pin scratch="$build/tmp/pypi"
    pin=$(grep -m 1 '^ansible-core==' "$root/test-requirements.txt")
    make_venv "$scratch" && timeout 60 "$scratch/bin/pip" --disable-pip-version-check install \
        --quiet --dry-run --no-deps --timeout 5 --retries 0 "$pin"
}

# fill_from_pypi: a venv with the pinned packages.
fill_from_pypi() {
    make_venv "$build/venv" \
        && "$build/venv/bin/pip" --disable-pip-version-check install --quiet -r "$root/test-requirements.txt"
}

# debian_ansible_is_right: whether the installed ansible-core package is of the wanted series.
debian_ansible_is_right() {
    case $(dpkg-query -W -f '${Version}' ansible-core 2>/dev/null) in
        "$ansible_core_series".*) return 0 ;;
        *) return 1 ;;
    esac
}

# install_debian_python: ansible-core and the connection's packages from Debian, announced first.
install_debian_python() {
    # shellcheck disable=SC2086  # a list of names
    if debian_ansible_is_right && [ -z "$(missing_packages $debian_python_packages)" ]; then
        return
    fi
    can_be_root "$debian_python_packages" || die "PyPI is not reachable and Debian's packages are not installed"
    if [ "$release" = "$debian_older" ]; then
        say "python: PyPI is not reachable. Debian $debian_newer is added to apt, pinned so that only ansible-core and" \
            "what it needs can come from it (/etc/apt/preferences.d/gpvault); then: $debian_python_packages"
        add_newer_debian
    else
        say "python: PyPI is not reachable. Installing from Debian $release: $debian_python_packages"
    fi
    # shellcheck disable=SC2086
    logged python-packages install_packages $debian_python_packages || die "Debian's Python packages did not install"
    debian_ansible_is_right || die "Debian's ansible-core is not of series $ansible_core_series"
}

# system_python_does: whether the machine's own Python has what is needed, whoever installed it.
system_python_does() {
    "$(base_python)" -c '
import pytest, spnego, winrm, sys
from ansible.release import __version__
sys.exit(not __version__.startswith(sys.argv[1] + "."))' "$ansible_core_series" 2>/dev/null
}

# link_system_python: a venv that sees the machine's packages, with their commands. By a link they would run in the
# machine's own Python, and miss what is unpacked for the venv; but ansible-test looks for itself beside its own file.
link_system_python() {
    local command path
    make_venv "$build/venv" --without-pip --system-site-packages
    for command in $ansible_commands $test_commands; do
        path=$(PATH=/usr/bin:$PATH command -v "$command") || continue
        if [ "$command" = ansible-test ]; then
            ln -sf "$path" "$build/venv/bin/$command"
            continue
        fi
        printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$build/venv/bin/python" "$path" >"$build/venv/bin/$command"
        chmod +x "$build/venv/bin/$command"
    done
}

# set_up_python: build/venv. GPVAULT_PYTHON=pypi or =debian decides instead of the look at PyPI.
set_up_python() {
    local start=$SECONDS hash how=${GPVAULT_PYTHON:-}
    hash="$how $(content_hash "$root/test-requirements.txt" "$here/versions" "$here/python.sh") $("$(base_python)" --version)"
    if is_stamped python "$hash" && "$build/venv/bin/python" -c 'import ansible, pytest, winrm' 2>/dev/null; then
        summarise python "$("$build/venv/bin/python" -c "$describe_python")" $((SECONDS - start))
        return
    fi
    unstamp python
    if [ -z "$how" ]; then
        say "python: looking whether PyPI is reachable"
        if logged_quietly pypi pypi_answers; then how=pypi; else how=debian; fi
        rm -rf "$build/tmp/pypi"
    fi
    if [ "$how" = pypi ]; then
        say "python: installing test-requirements.txt from PyPI into $build/venv"
        logged python fill_from_pypi || die "test-requirements.txt did not install"
    else
        if [ -n "$release" ]; then
            install_debian_python
        elif ! system_python_does; then
            die "PyPI is not reachable, this is not Debian 12 or 13, and $(base_python) lacks some of: ansible-core" \
                "$ansible_core_series, pywinrm, pyspnego, pytest"
        fi
        logged python link_system_python || die "no Python environment"
    fi
    stamp python "$hash"
    summarise python "$("$build/venv/bin/python" -c "$describe_python")" $((SECONDS - start))
}

# What the summary says about Python, as a program for it.
describe_python='
import platform
from pathlib import Path
import ansible
from ansible.release import __version__
folder = Path(ansible.__file__)
place = "PyPI" if "venv" in folder.parts else "Debian" if folder.is_relative_to("/usr/lib/python3") else "this machine"
print(f"ansible-core {__version__} on Python {platform.python_version()}, from {place}")'
