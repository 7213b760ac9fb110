# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a process writes, on its way to the client: two filters and a buffer that can be waited on."""

from __future__ import annotations

import collections
import re
import threading
import time
import typing as t

READY_LINE = b"pshost-ready\n"

# The most that is kept for a client that does not fetch; then the process waits, as it would on a full pipe.
_HIGH_WATER = 1024 * 1024


class Filter(t.Protocol):
    """Takes something out of a stream."""

    def feed(self, data: bytes) -> bytes:
        """What can be passed on after these data."""

    def finish(self) -> bytes:
        """What was held back and turned out to be ordinary output."""


class PassThrough:
    """Changes nothing."""

    def feed(self, data: bytes) -> bytes:
        """All of it."""
        return data

    def finish(self) -> bytes:
        """Nothing is ever held back."""
        return b""


class ReadyLine:
    """Takes the line out with which a PowerShell host in standby says that it is warm."""

    def __init__(self) -> None:
        self._held: bytes | None = b""

    def feed(self, data: bytes) -> bytes:
        """Hold back the first bytes for as long as they may be that line."""
        if self._held is None:
            return data
        self._held += data
        if READY_LINE.startswith(self._held) and self._held != READY_LINE:
            return b""
        rest = self._held.removeprefix(READY_LINE)
        self._held = None
        return rest

    def finish(self) -> bytes:
        """The beginning of something that only looked like the line."""
        held, self._held = self._held, None
        return held or b""


class Sentinel:
    """Takes the last line of stderr out, by which a PowerShell host says that it ran everything.

    ``exit_code`` is the code it names, None as long as the line has not come.
    """

    def __init__(self, secret: str) -> None:
        self._line = re.compile(rb"\x1epshost-ran " + re.escape(secret.encode()) + rb" (-?\d{1,10})\r?\n")
        self._held = b""
        self.exit_code: int | None = None

    def feed(self, data: bytes) -> bytes:
        """Hold back what follows a record separator, until its line is complete."""
        self._held += data
        passed = []
        while self._held:
            start = self._held.find(b"\x1e")
            if start < 0:
                passed.append(self._held)
                self._held = b""
                break
            passed.append(self._held[:start])
            end = self._held.find(b"\n", start)
            # A line longer than this is not ours, complete or not.
            if end < 0 and len(self._held) - start < 256:
                self._held = self._held[start:]
                break
            line, self._held = self._held[start:end + 1], self._held[end + 1:]
            if end < 0:
                line, self._held = self._held, b""
            match = self._line.fullmatch(line)
            if match:
                self.exit_code = int(match[1]) & 0xFFFFFFFF
            else:
                passed.append(line)
        return b"".join(passed)

    def finish(self) -> bytes:
        """An incomplete line is ordinary output."""
        held, self._held = self._held, b""
        return held


class OutputBuffer:
    """The output of a command that the client has not fetched yet, and its exit code at the end."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._chunks: collections.deque[tuple[str, bytes]] = collections.deque()
        self._size = 0
        self._exit_code: int | None = None
        self._closed = False

    @property
    def has_room(self) -> bool:
        """Whether more output may be read from the process."""
        with self._changed:
            return self._size < _HIGH_WATER

    def put(self, stream: str, data: bytes) -> None:
        """Append output."""
        if data:
            with self._changed:
                self._chunks.append((stream, data))
                self._size += len(data)
                self._changed.notify_all()

    def finish(self, exit_code: int) -> None:
        """No more output will come."""
        with self._changed:
            self._exit_code = exit_code
            self._changed.notify_all()

    def close(self) -> None:
        """The command is gone: whoever waits need not wait any longer."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether the command is gone."""
        with self._changed:
            return self._closed

    def wait(self, timeout: float, settle: float) -> bool:
        """Wait for output or the end; then up to ``settle`` seconds more for the end, to save a round trip."""
        with self._changed:
            if not self._changed.wait_for(self._something, timeout):
                return False
            deadline = time.monotonic() + settle
            while not self._over() and self._size < _HIGH_WATER:
                remaining = deadline - time.monotonic()
                if remaining <= 0 or not self._changed.wait(remaining):
                    break
            return True

    def _over(self) -> bool:
        return self._closed or self._exit_code is not None

    def _something(self) -> bool:
        return bool(self._chunks) or self._over()

    def take(self, limit: int) -> tuple[list[tuple[str, bytes]], int | None]:
        """Up to ``limit`` bytes, neighbours of one stream joined; the exit code once nothing is left."""
        taken: list[tuple[str, list[bytes]]] = []
        with self._changed:
            while self._chunks and limit > 0:
                stream, data = self._chunks.popleft()
                if len(data) > limit:
                    self._chunks.appendleft((stream, data[limit:]))
                    data = data[:limit]
                limit -= len(data)
                self._size -= len(data)
                if taken and taken[-1][0] == stream:
                    taken[-1][1].append(data)
                else:
                    taken.append((stream, [data]))
            exit_code = None if self._chunks else self._exit_code
        return [(stream, b"".join(parts)) for stream, parts in taken], exit_code
