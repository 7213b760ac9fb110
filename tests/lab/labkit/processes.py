# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that an earlier lab command started: found by number, and only trusted when they are what they were."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def command_line(pid: int) -> list[str]:
    """The arguments of a process; empty when it is gone (or a zombie)."""
    try:
        return [part.decode("utf-8", "replace") for part in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")]
    except OSError:
        return []


def is_running(pid: int, *marks: str) -> bool:
    """Whether this process runs and its command line holds all the marks: a number may have been given anew.

    Some, as OpenSSH's server, write all of it into their first argument.
    """
    line = command_line(pid)
    return bool(line) and bool(line[0]) and all(
        mark in line or any(f" {mark} " in part for part in line) for mark in marks)


def read_pid(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def stop(pid: int, *marks: str, grace: float = 10.0) -> None:
    """End a process, if it is still the one: politely, then not."""
    for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
        if not is_running(pid, *marks):
            return
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and is_running(pid, *marks):
            _reap(pid)
            time.sleep(0.02)


def _reap(pid: int) -> None:
    """Collect the exit code when the process is a child of this one (up and down in one test run)."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
