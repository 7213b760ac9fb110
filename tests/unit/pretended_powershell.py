# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host's PowerShell that is none: a program of a test's own answers in the place of the modules."""

from __future__ import annotations

import json
import os
import pathlib
import sys
import typing as t

Raw = dict[str, t.Any]


def environment(folder: pathlib.Path, program: pathlib.Path) -> dict[str, str]:
    """Return the environment in which PowerShell is this program, by a script that is put into the folder."""
    powershell = folder / "bin/powershell"
    powershell.parent.mkdir()
    powershell.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{program}'\n", "utf-8")
    powershell.chmod(0o755)
    return {"PATH": f"{powershell.parent}:{os.environ['PATH']}", "ANSIBLE_PIPELINING": "1"}


def answer(trip: t.Callable[[str, Raw], Raw]) -> None:
    """Answer a trip, out of the module's name and arguments."""
    args = _args_of(sys.stdin.read())
    module = args["_ansible_module_name"].rpartition(".")[2]
    print(json.dumps({"changed": False, "trip": trip(module, args)}))


def _args_of(text: str) -> Raw:
    """Return the module's arguments out of what Ansible sends, whatever that looks like in this release."""
    waiting = [json.loads(part) for part in text.split("\0\0\0\0") if part.lstrip().startswith("{")]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict) and "_ansible_module_name" in value:
            return value
        waiting.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
    raise ValueError("There are no arguments.")
