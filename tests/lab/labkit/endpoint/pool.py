# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PowerShell hosts started ahead.

A host in standby has loaded its engine, says so, and then waits for one line of JSON with its command. The pool
keeps a few of them. It replaces one that was taken when its command ends, at the latest after a delay, and at low
priority, so that the new host does not slow the command down; a command that comes before it is ready waits for it.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import signal
import subprocess
import threading
import time
import typing as t

from .accesslog import AccessLog
from .streams import READY_LINE

_READY_TIMEOUT = 60.0
_NICE = 5
# After a host that failed to start, so that a broken build does not keep the machine busy.
_FAILURE_DELAY = 5.0
# Between two looks at whether a command has ended, while a host is missing.
_LOOK = 0.1


def command_line(arguments: t.Sequence[str], env: t.Mapping[str, str], directory: str) -> tuple[bytes, str]:
    """The line of JSON that gives a host its command, and the secret it must repeat at its end."""
    secret = secrets.token_hex(16)
    order = {"args": list(arguments), "env": dict(env), "cwd": directory, "sentinel": secret}
    return json.dumps(order).encode() + b"\n", secret


class StandbyPool:
    """Keeps ``size`` hosts in standby."""

    def __init__(self, size: int, delay: float, start: t.Callable[[], subprocess.Popen[bytes]], log: AccessLog) -> None:
        self._size = size
        self._delay = delay
        self._start = start
        self._log = log
        self._changed = threading.Condition()
        self._ready: list[subprocess.Popen[bytes]] = []
        self._warming: subprocess.Popen[bytes] | None = None
        self._reserved = False
        self._last_taken: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0
        self._stopping = False
        self._thread = threading.Thread(target=self._keep, name="standby pool", daemon=True)

    def open(self) -> None:
        """Begin to start hosts."""
        if self._size:
            self._thread.start()

    def take(self) -> subprocess.Popen[bytes] | None:
        """A warm host, or None when there is none.

        A host that is still warming up is waited for, at full priority: it is further than a new one would be.
        """
        with self._changed:
            host = self._pop()
            if host is None and self._warming is not None and not self._reserved:
                self._reserved = True
                _renice(self._warming.pid, 0)
                self._changed.wait_for(lambda: self._warming is None or self._stopping)
                self._reserved = False
                host = self._pop()
            self._last_taken = host
            self._not_before = time.monotonic() + self._delay
            self._changed.notify_all()
        if host is not None:
            _renice(host.pid, 0)
        return host

    def _pop(self) -> subprocess.Popen[bytes] | None:
        while self._ready:
            host = self._ready.pop(0)
            if host.poll() is None:
                return host
            _dispose(host)
        return None

    def close(self) -> None:
        """End all hosts in standby."""
        with self._changed:
            self._stopping = True
            if self._warming is not None:
                _kill(self._warming)
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(10)
        for host in self._ready:
            _dispose(host)
        self._ready.clear()

    # The thread

    def _keep(self) -> None:
        while self._await_need():
            host = self._start_one()
            with self._changed:
                self._warming = None
                if host is None:
                    self._not_before = time.monotonic() + _FAILURE_DELAY
                elif self._stopping:
                    _dispose(host)
                else:
                    self._ready.append(host)
                self._changed.notify_all()

    def _await_need(self) -> bool:
        """Wait until a host is missing and may be started; False when the pool closes."""
        with self._changed:
            while not self._stopping:
                for host in [host for host in self._ready if host.poll() is not None]:
                    self._ready.remove(host)
                    self._log.write("standby_lost", pid=host.pid, code=host.returncode)
                    self._not_before = time.monotonic() + _FAILURE_DELAY
                    _dispose(host)
                if self._last_taken is not None and self._last_taken.returncode is not None:
                    self._last_taken = None
                    self._not_before = 0.0
                pause = self._not_before - time.monotonic()
                missing = len(self._ready) < self._size
                if missing and pause <= 0:
                    return True
                self._changed.wait(min(pause, _LOOK) if missing else 1.0)
        return False

    def _start_one(self) -> subprocess.Popen[bytes] | None:
        began = time.monotonic()
        try:
            host = self._start()
        except OSError as error:
            self._log.write("standby_failed", error=str(error))
            return None
        _renice(host.pid, _NICE)
        with self._changed:
            self._warming = host
            if self._stopping:
                _kill(host)
        if _await_ready(host):
            self._log.write("standby_ready", pid=host.pid, seconds=round(time.monotonic() - began, 3))
            return host
        _dispose(host)
        if not self._stopping:
            self._log.write("standby_failed", pid=host.pid, code=host.returncode)
        return None


def _await_ready(host: subprocess.Popen[bytes]) -> bool:
    """Read the ready line, and not one byte more. What the host says on stderr stays in the pipe."""
    assert host.stdout is not None
    deadline = time.monotonic() + _READY_TIMEOUT
    said = b""
    while said != READY_LINE:
        if not READY_LINE.startswith(said):
            return False
        poll = select.poll()
        poll.register(host.stdout, select.POLLIN)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            return False
        piece = os.read(host.stdout.fileno(), len(READY_LINE) - len(said))
        if not piece:
            return False
        said += piece
    return True


def _renice(group: int, value: int) -> None:
    try:
        os.setpriority(os.PRIO_PGRP, group, value)
    except (PermissionError, ProcessLookupError):
        # Only root may raise a priority again; the difference is small.
        pass


def _kill(host: subprocess.Popen[bytes]) -> None:
    if host.poll() is None:
        try:
            os.killpg(host.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def _dispose(host: subprocess.Popen[bytes]) -> None:
    """End a host, reap it and close its pipes."""
    _kill(host)
    host.wait()
    for pipe in (host.stdin, host.stdout, host.stderr):
        if pipe is not None:
            pipe.close()
