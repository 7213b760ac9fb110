# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154  # variables of setup and versions, which source this

# What every part of set-up uses: talking, root rights, logs, stamps and the closing summary.

summary_lines=()

# say TEXT: one line about what happens.
say() {
    printf 'set-up: %s\n' "$*"
}

# warn TEXT: one line about something that is missing or odd, but that set-up can go on without.
warn() {
    printf 'set-up: note: %s\n' "$*" >&2
}

# die TEXT: one line about what is missing; ends set-up.
die() {
    printf 'set-up: cannot go on: %s\n' "$*" >&2
    exit 1
}

# summarise PART TEXT SECONDS: keeps a line for the closing summary.
summarise() {
    summary_lines+=("$(printf '  %-14s %-58s %4d s' "$1" "$2" "$3")")
}

print_summary() {
    say "done in $SECONDS s"
    printf '%s\n' "${summary_lines[@]}"
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# as_root COMMAND...: runs it as root, by sudo where this is not root already.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# can_be_root WHAT: whether as_root will work; says why not.
can_be_root() {
    if [ "$(id -u)" -ne 0 ] && ! have sudo; then
        warn "neither root nor sudo: cannot install $1"
        return 1
    fi
}

# still_at_it NAME: says every so often how long a part has taken, and the last line of its log. It ends when it is
# killed, or set-up has ended, and has no child that would outlive it: it waits for a pipe that nobody writes to.
still_at_it() {
    local start=$SECONDS never
    exec {never}<> <(:)
    until read -r -t "${GPVAULT_PROGRESS:-15}" -u "$never"; do
        kill -0 "$$" 2>/dev/null || return 0
        say "$1: at it for $((SECONDS - start)) s: $(tail -c 300 "$build/log/$1.log" | tr '\r' '\n' | tail -n 1 | cut -c 1-90)"
    done
}

# logged_quietly NAME COMMAND...: runs it with its output in build/log/NAME.log only. Descriptor 9 is set-up's lock: a
# service that outlives the command must not inherit it.
logged_quietly() {
    local name=$1 status=0 teller
    shift
    still_at_it "$name" 9>&- &
    teller=$!
    "$@" >"$build/log/$name.log" 2>&1 </dev/null 9>&- || status=$?
    kill "$teller"
    wait "$teller" 2>/dev/null || true
    return "$status"
}

# logged NAME COMMAND...: the same, but when the command fails, the end of the log is shown.
logged() {
    if logged_quietly "$@"; then
        return 0
    fi
    printf 'set-up: %s failed; the end of %s:\n' "$1" "$build/log/$1.log" >&2
    tail -n 40 "$build/log/$1.log" | sed 's/^/    /' >&2
    return 1
}

# content_hash PATH...: one hash over the names and contents of the files there (not of what builds leave behind).
content_hash() {
    find "$@" \( -name bin -o -name obj -o -name __pycache__ \) -prune -o -type f -print0 \
        | LC_ALL=C sort -z \
        | xargs -0 sha256sum \
        | sha256sum \
        | cut -d ' ' -f 1
}

# A stamp holds the hash of what a part was made from. is_stamped NAME HASH; stamp NAME HASH; unstamp NAME.
is_stamped() {
    [ -f "$build/stamps/$1" ] && [ "$(cat "$build/stamps/$1")" = "$2" ]
}

stamp() {
    printf '%s\n' "$2" >"$build/stamps/$1"
}

unstamp() {
    rm -f "$build/stamps/$1"
}

# write_as_root FILE TEXT: writes it as root, unless the file says just that already.
write_as_root() {
    local file=$1 text=$2
    if [ -f "$file" ] && [ "$(cat "$file")" = "$text" ]; then
        return
    fi
    printf '%s\n' "$text" | as_root tee "$file" >/dev/null
    as_root chmod 0644 "$file"
}
