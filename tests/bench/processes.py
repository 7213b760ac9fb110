# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's PowerShell processes while a task runs: how many, how long they lived, what they took."""

from __future__ import annotations

import json
import os
import pathlib
import re
import threading
import types
import typing as t

_INTERVAL = 0.1
_TICKS = os.sysconf("SC_CLK_TCK")
_HIGH_WATER = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


class ProcessWatch:
    """Watches the host's access log and, through it, the processes that the host is asked to run.

    Under Wine a Windows process is one of Linux, which counts its processor time and keeps the most memory that it ever
    had in use. Both are read until the process ends, so the last tenth of a second may be missed.
    """

    def __init__(self, access_log: pathlib.Path) -> None:
        self._path = access_log
        self._offset = access_log.stat().st_size if access_log.exists() else 0
        self._peaks: dict[int, int] = {}
        self._cpu: dict[int, float] = {}
        self._before: dict[int, float] = {}
        self._running: set[int] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="process watch", daemon=True)
        self.events: list[dict[str, t.Any]] = []

    def __enter__(self) -> ProcessWatch:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: types.TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._read()

    @property
    def processes(self) -> int:
        """How many PowerShell processes were started: each is a trip of the task."""
        return sum(event["event"] == "process_start" for event in self.events)

    @property
    def seconds(self) -> float:
        """How long they lived, all together."""
        return sum(event["seconds"] for event in self.events if event["event"] == "process_exit")

    @property
    def received(self) -> int:
        """Bytes that they sent back."""
        return sum(event["stdout"] for event in self.events if event["event"] == "process_exit")

    @property
    def peak_kb(self) -> int:
        """The most memory that any of them had in use, in KB."""
        return max(self._peaks.values(), default=0)

    @property
    def cpu_seconds(self) -> float:
        """The processor time that they took, without that of starting those that waited."""
        return sum(after - self._before[pid] for pid, after in self._cpu.items())

    def _watch(self) -> None:
        while not self._stop.wait(_INTERVAL):
            self._read()
            for pid in self._running:
                try:
                    status = pathlib.Path(f"/proc/{pid}/status").read_text("utf-8")
                    stat = pathlib.Path(f"/proc/{pid}/stat").read_text("utf-8")
                except OSError:
                    continue
                found = _HIGH_WATER.search(status)
                if found:
                    self._peaks[pid] = max(self._peaks.get(pid, 0), int(found.group(1)))
                # Behind the name, which may hold blanks and parentheses: fields 14 and 15 are user and system time.
                user, system = stat.rpartition(")")[2].split()[11:13]
                self._cpu[pid] = (int(user) + int(system)) / _TICKS
                self._before.setdefault(pid, self._cpu[pid])

    def _read(self) -> None:
        with self._path.open("rb") as file:
            file.seek(self._offset)
            lines = file.read()
        # A line that is being written is read the next time.
        lines = lines[: lines.rfind(b"\n") + 1]
        self._offset += len(lines)
        for line in lines.splitlines():
            event = json.loads(line)
            if event.get("kind") == "powershell":
                self.events.append(event)
                if event["event"] == "process_start":
                    self._running.add(event["pid"])
                elif event["event"] == "process_exit":
                    self._running.discard(event["pid"])
