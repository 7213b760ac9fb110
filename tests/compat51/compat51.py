# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the checker."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import typing as t
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = Path(os.environ.get("GPVAULT_BUILD", ROOT / "build")).resolve()
TOOL = BUILD / "compat51" / "compat51.dll"

MODULES = sorted((ROOT / "plugins" / "modules").glob("*.ps1"))
MODULE_UTILS = sorted((ROOT / "plugins" / "module_utils").glob("*.psm1")) + sorted(
    (ROOT / "plugins" / "module_utils").glob("*.cs")
)
PRODUCT = sorted((ROOT / "plugins").rglob("*.ps1")) + MODULE_UTILS
SCRIPTS = [file for file in PRODUCT if file.suffix != ".cs"]


def run(option: str, files: list[Path], allowed: list[Path]) -> t.Any:
    """Runs the checker once over all files, since most of its time is its start, and returns what it prints."""
    import ansible.module_utils

    command: list[str | Path] = ["dotnet", TOOL, option, "--ansible", Path(ansible.module_utils.__file__).parent]
    for file in allowed:
        command += ["--allow", file]
    done = subprocess.run(
        [str(part) for part in [*command, *files]],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


@functools.cache
def names() -> dict[str, t.Any]:
    """What the collection's PowerShell has of names that others have to know, by the names of its files."""
    return {Path(found["File"]).name: found for found in run("--names", SCRIPTS, MODULE_UTILS)}
