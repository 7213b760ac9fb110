# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The `lab` command: what it understands. What it does is in the cli_… modules."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from . import cli_domain, cli_fault, cli_gpo, cli_hosts
from .errors import LabError

DESCRIPTION = """\
Windows hosts in a box: each answers WinRM on a port of this machine, runs a real PowerShell engine under Wine, and
belongs to a domain of its own whose Group Policy Objects lie on disk. tests/lab/README.md tells the rest.
"""

EPILOG = """\
environment:
  GPVAULT_LAB    where the lab keeps its state (default: build/lab)
  GPVAULT_BUILD  where everything was built (default: build)

exit codes: 0 done, 1 failed (the reason is on stderr), 2 wrong arguments; `lab run` and `lab playbook` hand on the
exit code of what they ran.
"""


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lab", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    cli_hosts.add_commands(commands)
    cli_gpo.add_commands(commands)
    cli_fault.add_commands(commands)
    cli_domain.add_commands(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = build_parser().parse_args(arguments)
    try:
        return options.action(options) or 0
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # `lab log | head`: nobody listens any more. Python would complain again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
