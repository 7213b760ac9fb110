#!/bin/sh
# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# in_root.sh ROOT FOLDERS COMMAND...: runs a command of another system's root, in a mount namespace of its own. What it
# sees of this machine stands where it stands here: processes, devices, and these folders, separated by colons.
set -eu

if [ "${GPVAULT_UNSHARED:-}" != yes ]; then
    GPVAULT_UNSHARED=yes exec unshare --mount --propagation private -- "$0" "$@"
fi
root=$1
folders=$2
shift 2
IFS=:
for folder in /proc /dev $folders; do
    mkdir -p "$root$folder"
    mount --rbind "$folder" "$root$folder"
done
# shellcheck disable=SC2016  # the inner shell expands it
# chroot has no way to keep the working directory, so a shell inside goes back there.
exec chroot "$root" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$PWD" "$@"
