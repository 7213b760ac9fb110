# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that tests plant in the endpoint: connections that break or are refused.

The file holds a JSON list of ``{"id", "kind", "times", "after", "delay_ms"}``:

cut_receive
    closes the TCP connection without an answer on the (after+1)-th Receive of a command, ``delay_ms`` later.
    The command goes on and keeps its output.
cut_send
    the same for the (after+1)-th Send of a command; its data is not passed on.
restart
    ends all shells with their processes, as a restart of the service does, on the (after+1)-th Receive of a command,
    ``delay_ms`` later, and closes its connection without an answer.
refuse_connect
    resets each new connection once ``after`` more have been accepted.
double_hop
    as long as it is there, the processes of a logon that brings no credentials along, by NTLM or a key of SSH, reach no
    directory. It strikes nothing, so nothing is counted.

``times`` is how often a fault strikes (null: always). The file is read again whenever it changes; a fault that
keeps its id keeps its count.
"""

from __future__ import annotations

import dataclasses
import json
import os
import threading


@dataclasses.dataclass
class Fault:
    """One planted fault and how often it struck."""

    id: str
    kind: str
    times: int | None = None
    after: int = 0
    delay_ms: int = 0
    hits: int = 0
    passed: int = 0

    @property
    def spent(self) -> bool:
        """Whether it struck as often as it should."""
        return self.times is not None and self.hits >= self.times


class PlantedFaults:
    """The faults file of an endpoint, read again when it changes."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._faults: dict[str, Fault] = {}
        self._lock = threading.Lock()

    def strike(self, kind: str, count: int) -> Fault | None:
        """The fault that strikes the count-th (from 1) operation of a command, if there is one."""
        with self._lock:
            self._refresh()
            for fault in self._faults.values():
                if fault.kind == kind and not fault.spent and count == fault.after + 1:
                    fault.hits += 1
                    return fault
        return None

    def strike_connection(self) -> Fault | None:
        """The fault that strikes a new connection, if there is one."""
        with self._lock:
            self._refresh()
            for fault in self._faults.values():
                if fault.kind == "refuse_connect" and not fault.spent:
                    fault.passed += 1
                    if fault.passed > fault.after:
                        fault.hits += 1
                        return fault
        return None

    def holds(self, kind: str) -> bool:
        """Whether a fault of this kind is there."""
        with self._lock:
            self._refresh()
            return any(fault.kind == kind for fault in self._faults.values())

    def _refresh(self) -> None:
        if self._path is None:
            return
        try:
            status = os.stat(self._path)
        except FileNotFoundError:
            self._stamp = None
            self._faults = {}
            return
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        if stamp == self._stamp:
            return
        try:
            with open(self._path, encoding="utf-8") as file:
                entries = json.load(file)
            faults = [Fault(**entry) for entry in entries]
        except (OSError, ValueError, TypeError):
            # Somebody may be writing it: keep what is known, look again at the next chance.
            return
        for fault in faults:
            known = self._faults.get(fault.id)
            if known is not None and known.kind == fault.kind:
                fault.hits, fault.passed = known.hits, known.passed
        self._faults = {fault.id: fault for fault in faults}
        self._stamp = stamp
