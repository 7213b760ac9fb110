# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands for the hosts: up, down, ssh, kerberos, status, log, playbook, run, shell-env."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from . import paths, prefix, remote
from .cli_output import print_json, print_table, printable
from .errors import LabError
from .host import Host
from .laboratory import Laboratory, UpOptions


def add_commands(commands: Any) -> None:
    _add_up(commands)

    prepare = commands.add_parser("prepare", help="make what `lab up` needs but only makes once", description=(
        "Make the Wine prefix template, from which the prefix of each host is copied. `lab up` does so too."))
    prepare.set_defaults(action=_prepare)

    down = commands.add_parser("down", help="stop every host", description=(
        "Stop every host: its endpoint, and everything in its Wine session. The domains and the hosts' disks stay, "
        "so that the next `lab up` goes on with them."))
    down.add_argument("--clean", action="store_true", help="delete the domains, disks, shares and inventories too")
    down.set_defaults(action=_down)

    ssh = commands.add_parser("ssh", help="start an SSH server for each host", description=(
        "Start OpenSSH's server for each host that runs, on loopback and with a key of the lab's, and write an "
        "inventory of them. `lab down` ends them."))
    ssh.set_defaults(action=_ssh)

    kerberos = commands.add_parser("kerberos", help="make a Kerberos realm of the hosts", description=(
        "Make a Kerberos realm with MIT's KDC on loopback, keys for each host that runs, a ticket of the account's, "
        "and write inventories of logons with delegation over HTTPS. `lab down` ends it. Prints what Ansible needs in "
        "its environment."))
    kerberos.set_defaults(action=_kerberos)

    status = commands.add_parser("status", help="show the hosts", description=(
        "Show the hosts. The exit code is 0 when all of them run, 1 when there is no lab or one is down."))
    status.add_argument("--json", action="store_true", help="as JSON")
    status.set_defaults(action=_status)

    log = commands.add_parser("log", help="show what the endpoints saw", description=(
        "Show the access log: requests, commands and planted faults that struck, of one host or of all in turn."))
    log.add_argument("host", nargs="?", metavar="HOST")
    log.add_argument("--follow", "-f", action="store_true", help="go on with what comes, until Ctrl+C")
    log.add_argument("--json", action="store_true", help="the lines as they are in the file")
    log.set_defaults(action=_log)

    playbook = commands.add_parser("playbook", help="run a playbook against the lab", description=(
        "Run ansible-playbook with the lab's inventory and the collection of this project. Further arguments go to "
        "ansible-playbook: lab playbook FILE -e key=value -vvv"))
    playbook.add_argument("--https", action="store_true", help="connect over HTTPS instead of encrypted HTTP")
    playbook.add_argument("arguments", nargs=argparse.REMAINDER, metavar="FILE …")
    playbook.set_defaults(action=_playbook)

    run = commands.add_parser("run", help="run a PowerShell script on a host", description=(
        "Run a PowerShell script on a host, through WinRM, and hand on its output and exit code."))
    run.add_argument("host", metavar="HOST")
    run.add_argument("script", metavar="SCRIPT", help="a script file on this machine; - for stdin")
    run.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="what the script finds in $args")
    run.add_argument("-c", "--command", action="store_true", help="SCRIPT is the script itself, not a file")
    run.set_defaults(action=_run)

    shell_env = commands.add_parser("shell-env", help="print what `eval` needs to use Ansible on the lab", description=(
        'Print exports for a shell: eval "$(tests/lab/lab shell-env)", then use ansible-playbook as ever.'))
    shell_env.set_defaults(action=_shell_env)


def _add_up(commands: Any) -> None:
    up = commands.add_parser("up", help="bring up the lab", description=(
        "Bring up hosts, each with its own domain, and write the inventories. What runs already is left running; "
        "a lab that was brought down goes on with its domains and disks."))
    up.add_argument("--hosts", type=int, metavar="N", help="how many hosts (default: 1, or as many as there are)")
    up.add_argument("--domain", metavar="NAME",
                    help="the first host's domain (default: corp.example); the second gets corp2.example, and so on")
    up.add_argument("--seed", type=Path, metavar="DIR",
                    help="fill the domains with the GPOs of this folder of backups (default: the lab's own GPOs)")
    up.add_argument("--pool", type=int, metavar="N",
                    help="PowerShell hosts that each endpoint keeps started ahead (default: 1)")
    up.add_argument("--pool-delay", type=float, metavar="S",
                    help="after so many seconds a host that was taken is replaced even if its command still runs "
                    "(default: 1)")
    up.add_argument("--culture", metavar="NAME",
                    help="the hosts' regional format, by which PowerShell compares, sorts and writes numbers and "
                    "dates, such as de-DE or tr-TR (default: en-US)")
    up.add_argument("--short-paths", action=argparse.BooleanOptionalAction,
                    help="hosts on which a path beyond 259 characters needs \\\\?\\, as on a server with Windows "
                    "PowerShell as it is delivered")
    up.add_argument("--backup-cost", type=int, metavar="MS", help="what each backup takes longer, in milliseconds")
    up.add_argument("--call-cost", type=int, metavar="MS", help="what each directory call takes longer")
    up.add_argument("--fresh", action="store_true", help="first delete the lab that is there, disks and all")
    up.set_defaults(action=_up)


def _up(options: argparse.Namespace) -> int:
    started = time.monotonic()
    laboratory = Laboratory(progress=lambda line: print(line, flush=True))
    laboratory.up(UpOptions(options.hosts, options.domain, options.seed, options.pool, options.pool_delay,
                            options.culture, options.short_paths, options.backup_cost, options.call_cost,
                            options.fresh))
    print(f"up after {time.monotonic() - started:.1f} s; inventory: {laboratory.paths.inventory}")
    return 0


def _ssh(_options: argparse.Namespace) -> int:
    inventory = Laboratory(progress=lambda line: print(line, flush=True)).ssh()
    print(f"inventory: {inventory}")
    return 0


def _kerberos(_options: argparse.Namespace) -> int:
    laboratory = Laboratory()
    laboratory.kerberos()
    for name, value in laboratory.realm().environment().items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _prepare(_options: argparse.Namespace) -> int:
    template = prefix.ensure_template(lambda line: print(line, flush=True))
    print(f"the Wine prefix template is in {template}")
    return 0


def _down(options: argparse.Namespace) -> int:
    laboratory = Laboratory()
    names = [host.name for host in laboratory.hosts()]
    laboratory.down(options.clean)
    print(f"down: {', '.join(names)}" if names else "there was no lab")
    return 0


def _describe_host(host: Host) -> dict[str, Any]:
    info = host.domain.info if host.domain.exists else None
    return {
        "host": host.name,
        "running": host.pid is not None,
        "pid": host.pid,
        "http_port": host.ports.http,
        "https_port": host.ports.https,
        "domain": info.name if info else None,
        "gpos": len(host.domain.gpos()) if info else 0,
        "windows_processes": host.windows_processes(),
    }


def _status(options: argparse.Namespace) -> int:
    hosts = [_describe_host(host) for host in Laboratory().hosts()]
    if options.json:
        print_json(hosts)
    elif hosts:
        print_table(
            ["HOST", "STATE", "HTTP", "HTTPS", "DOMAIN", "GPOS", "PROCESSES"],
            [[host["host"], "up" if host["running"] else "down", host["http_port"] or "-", host["https_port"] or "-",
              host["domain"] or "-", host["gpos"], host["windows_processes"]] for host in hosts],
        )
    else:
        print("there is no lab")
    return 0 if hosts and all(host["running"] for host in hosts) else 1


def _log(options: argparse.Namespace) -> int:
    laboratory = Laboratory()
    hosts = [laboratory.host(options.host)] if options.host else laboratory.hosts()
    if not hosts:
        laboratory.require_state()
    for host, line in _log_lines(hosts, options.follow):
        print(line if options.json else _readable(host, line, len(hosts) > 1), flush=options.follow)
    return 0


def _log_lines(hosts: list[Host], follow: bool) -> Iterator[tuple[Host, str]]:
    """Each host's lines; then, when asked, whatever is appended."""
    streams = []
    for host in hosts:
        host.paths.access_log.touch()
        streams.append((host, host.paths.access_log.open(encoding="utf-8")))
    partial = dict.fromkeys((host.name for host in hosts), "")
    while True:
        quiet = True
        for host, stream in streams:
            while line := stream.readline():
                quiet = False
                line = partial[host.name] + line
                if line.endswith("\n"):
                    partial[host.name] = ""
                    yield host, line.rstrip("\n")
                else:
                    partial[host.name] = line
        if quiet and not follow:
            return
        if quiet:
            time.sleep(0.2)


def _readable(host: Host, line: str, with_host: bool) -> str:
    try:
        entry = json.loads(line)
        moment = datetime.fromtimestamp(entry.pop("time")).strftime("%H:%M:%S.%f")[:-3]
        event = entry.pop("event")
    except (ValueError, KeyError, TypeError, AttributeError):
        return printable(line)
    fields = " ".join(f"{name}={printable(str(value))}" for name, value in entry.items())
    return f"{moment} {host.name + ' ' if with_host else ''}{event} {fields}".rstrip()


def _ansible_environment(laboratory: Laboratory, https: bool = False) -> dict[str, str]:
    """What ansible-playbook needs to know about the lab."""
    inventory = laboratory.paths.inventory_https if https else laboratory.paths.inventory
    return {"ANSIBLE_INVENTORY": str(inventory), "ANSIBLE_COLLECTIONS_PATH": str(paths.collections_dir())}


def _require_running(laboratory: Laboratory) -> None:
    laboratory.require_state()
    down = [host.name for host in laboratory.hosts() if not host.pid]
    if down:
        raise LabError(f"{', '.join(down)}: not running; run `lab up`")


def _playbook(options: argparse.Namespace) -> int:
    laboratory = Laboratory()
    _require_running(laboratory)
    if not options.arguments:
        raise LabError("which playbook? lab playbook FILE …")
    program = paths.ansible_playbook()
    if not program.exists():
        raise LabError(f"{program} is missing; run `make setup`")
    environment = {**os.environ, **_ansible_environment(laboratory, options.https)}
    if "UTF-8" not in environment.get("LC_ALL", environment.get("LANG", "")).upper():
        environment["LC_ALL"] = "C.UTF-8"  # Ansible refuses to start in any other
    inventory = environment["ANSIBLE_INVENTORY"]
    sys.stdout.flush()
    os.execve(program, [str(program), "-i", inventory, *options.arguments], environment)


def _run(options: argparse.Namespace) -> int:
    laboratory = Laboratory()
    host = laboratory.host(options.host)
    if not host.pid:
        raise LabError(f"{host.name} is not running; run `lab up`")
    if options.command:
        script = options.script
    elif options.script == "-":
        script = sys.stdin.read()
    else:
        try:
            script = Path(options.script).read_text(encoding="utf-8-sig")
        except OSError as error:
            raise LabError(f"{options.script}: {error.strerror}") from error
    state = laboratory.require_state()
    done = remote.run_script(host.ports.http, state.user, state.password, script, options.arguments)
    sys.stdout.buffer.write(done.stdout)
    sys.stdout.flush()
    sys.stderr.buffer.write(done.stderr)
    return done.exit_code if 0 <= done.exit_code <= 255 else 1


def _shell_env(_options: argparse.Namespace) -> int:
    laboratory = Laboratory()
    laboratory.require_state()
    values = {
        "GPVAULT_LAB": str(laboratory.paths.root),
        **_ansible_environment(laboratory),
        "PATH": f"{paths.ansible_playbook().parent}:{os.environ.get('PATH', '')}",
    }
    for name, value in values.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0
