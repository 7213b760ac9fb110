# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the lab calls Wine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .errors import LabError

#: The loader itself: Debian's /usr/bin/wine is a script that asks questions.
LOADER = Path("/usr/lib/wine/wine64")
SERVER = Path("/usr/lib/wine/wineserver64")


def require() -> None:
    """Stop with a hint when Wine is not installed."""
    if not LOADER.is_file() or not SERVER.is_file():
        raise LabError("Wine is not installed (no /usr/lib/wine/wine64); run `make setup`")


def environment(prefix: Path) -> dict[str, str]:
    """The environment of every Wine process of a prefix.

    mscoree must stay out of WINEDLLOVERRIDES, or .NET says "Module not found". Without DISPLAY nothing tries to
    open a window. The DOTNET_ settings save start-up time and memory under Wine.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WINE", "DOTNET_"))}
    kept.pop("DISPLAY", None)
    kept.pop("WAYLAND_DISPLAY", None)
    return {
        **kept,
        "LC_ALL": "C.UTF-8",  # or Wine cannot reach files whose names are not ASCII
        "WINEPREFIX": str(prefix),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mshtml=",
        "WINELOADER": str(LOADER),
        "POWERSHELL_TELEMETRY_OPTOUT": "1",
        "DOTNET_EnableWriteXorExecute": "0",
        "DOTNET_TieredPGO": "0",
        "DOTNET_gcConcurrent": "0",
        # Bytes of new objects between two collections, in hexadecimal: 16 MiB, and not what the processor's cache has.
        "DOTNET_GCgen0size": "1000000",
    }


def version() -> str:
    """Wine's own version; a prefix made by another one would be updated by Wine at its next start."""
    require()
    done = subprocess.run([str(LOADER), "--version"], env=environment(Path("/nonexistent")), check=False,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.stdout.strip()


def run(prefix: Path, arguments: Sequence[str], what: str, timeout: float = 180,
        overrides: str = "mshtml=") -> None:
    """Run a Windows program to its end; its output goes nowhere.

    The first process of a Wine session hands its stdout and stderr to Wine's services, so a pipe would stay open
    for as long as the session lives. /dev/null does not mind.
    """
    env = {**environment(prefix), "WINEDLLOVERRIDES": overrides}
    cwd = prefix / "drive_c"
    try:
        done = subprocess.run([str(LOADER), *arguments], env=env, check=False, timeout=timeout,
                              cwd=cwd if cwd.is_dir() else None, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{what}: not done after {timeout:.0f} s ({' '.join(arguments)})") from error
    if done.returncode:
        raise LabError(f"{what}: exit code {done.returncode} ({' '.join(arguments)})")


def wait_for_server(prefix: Path, timeout: float = 60) -> None:
    """Wait until the session of a prefix has ended and its registry files are written."""
    _server(prefix, "-w", timeout)


def stop_server(prefix: Path, timeout: float = 20) -> None:
    """End the session of a prefix with everything in it. It touches no other prefix."""
    if not prefix.is_dir():
        return
    _server(prefix, "-k", timeout)
    _server(prefix, "-w", timeout)


def _server(prefix: Path, option: str, timeout: float) -> None:
    try:
        subprocess.run([str(SERVER), option], env=environment(prefix), check=False, timeout=timeout,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as error:
        raise LabError(f"the Wine session of {prefix} does not end") from error
