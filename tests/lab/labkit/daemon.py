# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of somebody else's on loopback, which goes on after the lab command that starts it."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import processes
from .errors import LabError

_START_TIMEOUT = 15.0


def free_port() -> int:
    """A port of loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Daemon:
    """A server that writes its process's number into a file, and has *mark* in its command line."""

    def __init__(self, name: str, pid_file: Path, mark: Path) -> None:
        self._name = name
        self._pid_file = pid_file
        self._mark = str(mark)

    @property
    def pid(self) -> int | None:
        """The server's process, if it runs."""
        pid = processes.read_pid(self._pid_file)
        return pid if pid is not None and processes.is_running(pid, self._mark) else None

    def start(self, command: Sequence[str | Path], env: Mapping[str, str], port: int, log_file: Path) -> None:
        """Start it, and wait until it answers at its port."""
        with log_file.open("ab") as log:
            process = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + _START_TIMEOUT
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as client:
                if self.pid and client.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        process.kill()
        process.wait()
        raise LabError(f"{self._name} does not start; see {log_file}")

    def stop(self) -> None:
        """End it, if it runs."""
        if pid := self.pid:
            processes.stop(pid, self._mark)
