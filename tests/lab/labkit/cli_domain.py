# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands for how GPMC and Windows behave in a domain: lab domain, lab disk, lab calls."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import asdict
from typing import Any

from .cli_output import print_json, print_table
from .errors import LabError
from .laboratory import Laboratory

_SWITCH = {"on": True, "off": False}

#: ERROR_NO_SUCH_DOMAIN: what Windows' locator says where it finds no domain controller.
_NO_SUCH_DOMAIN = 1355


def add_commands(commands: Any) -> None:
    domain = commands.add_parser("domain", help="show or change how GPMC behaves in a host's domain", description=(
        "Show a host's domain; or change how GPMC behaves there, where its real behaviour is not known or where it "
        "shall be slow."))
    domain.add_argument("--host", help="default: the first")
    domain.add_argument("--backup-cost", type=int, metavar="MS", help="what each backup takes longer")
    domain.add_argument("--call-cost", type=int, metavar="MS", help="what each directory call takes longer")
    domain.add_argument("--manifest", choices=["normal", "locked-fails"],
                        help="a manifest.xml that is open elsewhere is waited for, or makes the call fail")
    domain.add_argument("--dates", choices=["utc", "local"], help="what GPMC's DATE values are")
    domain.add_argument("--long-paths", choices=list(_SWITCH), help="whether GPMC writes paths beyond 260 characters")
    domain.add_argument("--search-without-manifest", choices=list(_SWITCH),
                        help="whether GPMC finds a backup that manifest.xml does not list")
    domain.add_argument("--restore-versions", choices=["keep", "raise"],
                        help="a restore brings the version numbers of the backup back, or raises them above all")
    domain.add_argument("--restore-files", choices=["exact", "rewritten"],
                        help="whether a restore or an import brings security templates back byte for byte")
    domain.add_argument("--errors", choices=["numbers", "words"],
                        help="whether a failed call is described in words, besides its HRESULT")
    domain.add_argument("--async-end", choices=["result", "null", "late", "early"],
                        help="how an asynchronous operation ends")
    domain.add_argument("--forest", metavar="NAME", help="the forest's root")
    domain.add_argument("--read-only", action="append", metavar="DC",
                        help="this domain controller is read-only (may be given several times; 'none': all can be "
                        "written to)")
    domain.add_argument("--locator", choices=list(_SWITCH),
                        help="whether Windows' own locator (DsGetDcName) finds the domain's controllers")
    domain.add_argument("--clock", metavar="SECONDS",
                        help="the domain controllers tell the time, and are so far ahead; 'none': they do not tell it")
    domain.set_defaults(action=_domain)

    disk = commands.add_parser("disk", help="change what Windows says of a host's disks", description=(
        "Change how much is free on a host's disks, and what the account may do in a folder: to .NET, not to GPMC."))
    disk.add_argument("--host", help="default: the first")
    disk.add_argument("--free", metavar="MIB", help="how much is free; 'real': what is free indeed")
    denied = disk.add_mutually_exclusive_group()
    denied.add_argument("--deny", nargs=2, action="append", default=[], metavar=("RIGHT", "FOLDER"),
                        help="write or delete is denied in this folder and below it, but not on drive C:")
    denied.add_argument("--allow", action="store_true", help="nothing is denied any more")
    disk.set_defaults(action=_disk)

    calls = commands.add_parser("calls", help="count the calls that reach GPMC", description=(
        "Let the stand-in for GPMC note each COM method call, and show them."))
    calls.add_argument("what", choices=["on", "off", "show"])
    calls.add_argument("--host", help="default: the first")
    calls.add_argument("--json", action="store_true", help="show: every call, in order")
    calls.set_defaults(action=_calls)


def _domain(options: argparse.Namespace) -> int:
    domain = Laboratory().host(options.host).domain
    info = domain.info
    before = asdict(info)
    for name, key in (("backup_cost", "backup_ms"), ("call_cost", "call_ms")):
        value = getattr(options, name)
        if value is not None and value < 0:
            raise LabError(f"--{name.replace('_', '-')}: not below 0")
        if value is not None:
            info.costs[key] = value
    for name in ("manifest", "dates", "restore_versions", "restore_files", "errors", "async_end", "forest"):
        if getattr(options, name):
            setattr(info, name, getattr(options, name))
    for name in ("long_paths", "search_without_manifest"):
        if getattr(options, name):
            setattr(info, name, _SWITCH[getattr(options, name)])
    if options.locator:
        info.locator = 0 if _SWITCH[options.locator] else _NO_SUCH_DOMAIN
    if options.read_only:
        info.read_only_dcs = [] if options.read_only == ["none"] else options.read_only
        if unknown := set(info.read_only_dcs) - set(info.dcs):
            raise LabError(f"--read-only: the domain has no {', '.join(sorted(unknown))}")
    if options.clock:
        info.clock = None if options.clock == "none" else _number("--clock", options.clock)
    if asdict(info) != before:
        domain.save_info(info)
    print_json(asdict(info))
    return 0


def _disk(options: argparse.Namespace) -> int:
    domain = Laboratory().host(options.host).domain
    info = domain.info
    if options.free:
        info.free_space = None if options.free == "real" else int(_number("--free", options.free))
    for right, folder in options.deny:
        if right not in ("write", "delete"):
            raise LabError(f"--deny: {right!r} is neither write nor delete")
        info.denied.setdefault(right, []).append(folder.rstrip("\\"))
    if options.allow:
        info.denied = {}
    domain.save_info(info)
    return 0


def _number(option: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise LabError(f"{option}: {text!r} is no number") from error


def _calls(options: argparse.Namespace) -> int:
    domain = Laboratory().host(options.host).domain
    if options.what != "show":
        domain.count_calls(options.what == "on")
    elif options.json:
        print_json(domain.calls())
    else:
        counted = Counter(call["call"] for call in domain.calls())
        print_table(["CALL", "TIMES"], counted.most_common())
    return 0
