# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that plant faults: lab fault add, list, clear."""

from __future__ import annotations

import argparse
from typing import Any

from .cli_output import print_json, print_table
from .faults import ENDPOINT_KINDS, GPMC_KINDS, FaultRequest, Faults
from .laboratory import Laboratory


def _kinds_text() -> str:
    lines = ["faults of GPMC (with --gpo: of one GPO only):"]
    lines += [f"  {kind:<15} {what}" for kind, (what, _hresult) in GPMC_KINDS.items()]
    lines += ["", "faults of the connection (--after counts what goes well first):"]
    lines += [f"  {kind:<15} {what}" for kind, what in ENDPOINT_KINDS.items()]
    return "\n".join(lines)


def add_commands(commands: Any) -> None:
    fault = commands.add_parser("fault", help="plant, list and clear faults", description=(
        "Plant faults in a host, to see what the collection makes of them."))
    actions = fault.add_subparsers(metavar="ACTION", required=True)

    add = actions.add_parser("add", help="plant one", epilog=_kinds_text(),
                             formatter_class=argparse.RawDescriptionHelpFormatter)
    add.add_argument("kind", choices=[*GPMC_KINDS, *ENDPOINT_KINDS], metavar="KIND")
    add.add_argument("--host", help="default: the first")
    add.add_argument("--gpo", default="*", help="GUID or display name; default: every GPO")
    add.add_argument("--times", type=int, metavar="N", help="only the first N hits; default: always")
    add.add_argument("--hresult", metavar="0x…", help="for refuse, fail, messages, refuse_restore, fail_restore, "
                     "refuse_security, refuse_trustee, refuse_link, refuse_link_edit and refuse_search")
    add.add_argument("--message", metavar="TEXT",
                     help="the text of the status message, for fail, messages and fail_restore")
    add.add_argument("--delay", type=int, default=0, metavar="MS", help="for slow, cut_receive, cut_send and restart")
    add.add_argument("--after", type=int, default=0, metavar="N",
                     help="cut_receive, cut_send, restart: after N of a command; refuse_connect: after N more "
                     "connections")
    add.set_defaults(action=_add)

    listing = actions.add_parser("list", help="show what is planted")
    listing.add_argument("--host", help="default: all")
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(action=_list)

    clear = actions.add_parser("clear", help="take away one fault, or all")
    clear.add_argument("id", nargs="?", metavar="ID", help="default: all")
    clear.add_argument("--host", help="default: the first when an ID is given, else all")
    clear.set_defaults(action=_clear)


def _add(options: argparse.Namespace) -> int:
    faults = Faults(Laboratory().host(options.host))
    request = FaultRequest(options.kind, options.gpo, options.times, options.hresult, options.message, options.delay,
                           options.after)
    print(faults.add(request))
    return 0


def _list(options: argparse.Namespace) -> int:
    laboratory = Laboratory()
    laboratory.require_state()
    hosts = [laboratory.host(options.host)] if options.host else laboratory.hosts()
    planted = [fault for host in hosts for fault in Faults(host).planted()]
    if options.json:
        print_json([{"host": fault.host, "where": fault.where, "hits": fault.hits, **fault.entry}
                    for fault in planted])
    elif planted:
        print_table(["HOST", "ID", "KIND", "GPO", "TIMES", "HITS", "HRESULT"], [
            [fault.host, fault.id, fault.entry["kind"], fault.entry.get("gpo", "-"), fault.entry["times"] or "always",
             "-" if fault.hits is None else fault.hits, fault.entry.get("hresult", "-")] for fault in planted])
    else:
        print("no faults")
    return 0


def _clear(options: argparse.Namespace) -> int:
    laboratory = Laboratory()
    laboratory.require_state()
    hosts = [laboratory.host(options.host)] if options.host or options.id else laboratory.hosts()
    print(f"cleared: {sum(Faults(host).clear(options.id) for host in hosts)}")
    return 0
