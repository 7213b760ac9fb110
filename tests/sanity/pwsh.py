# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A `pwsh` for validate-modules, which asks PowerShell modules for their argument spec.

It is the lab's PowerShell host under Wine, in a prefix of its own that has a drive for the Unix root, since
validate-modules gives it Unix paths.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import checkout

sys.path.insert(0, str(checkout.ROOT / "tests" / "lab"))

from labkit import paths, prefix, wine  # noqa: E402  (the lab's package is not installed)


@contextmanager
def wrapper() -> Iterator[Path]:
    """The wrapper script; the Wine session behind it ends with the block."""
    folder = checkout.BUILD / "sanity-pwsh"
    home = folder / "prefix"
    if home.exists():
        wine.stop_server(home)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    prefix.copy_template(prefix.ensure_template(), home)
    (home / "drive_c" / "pshost").symlink_to(paths.pshost_dir())
    (home / "dosdevices" / "z:").symlink_to("/")
    try:
        # The first process of a session hands its output to Wine's services; this one has none.
        wine.run(home, ["cmd.exe", "/c", "ver"], "starting Wine")
        yield _write_script(folder / "pwsh", home)
    finally:
        wine.stop_server(home)
        shutil.rmtree(folder, ignore_errors=True)


def _write_script(script: Path, home: Path) -> Path:
    names = ("LC_ALL", "WINE", "DOTNET_", "POWERSHELL_")
    settings = {name: value for name, value in wine.environment(home).items() if name.startswith(names)}
    lines = ["#!/bin/sh"]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in settings.items()]
    lines += [
        'script=$1; shift',
        f"exec {wine.LOADER} 'C:\\pshost\\powershell.exe' -NoProfile -File \"Z:$script\" \"$@\" 2>/dev/null",
    ]
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    script.chmod(0o755)
    return script
