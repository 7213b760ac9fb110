# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A running process: its pipes served by one thread, its end noticed at once, its whole group killed."""

from __future__ import annotations

import dataclasses
import os
import select
import signal
import subprocess
import threading
import time
import typing as t

from .streams import Filter, OutputBuffer, PassThrough, Sentinel

STATUS_CONTROL_C_EXIT = 0xC000013A
STATUS_ACCESS_VIOLATION = 0xC0000005
# What is reported for a PowerShell host that ends well and yet never said that it ran its command.
STATUS_FAIL_FAST = 0xC0000409

_CHUNK = 64 * 1024
_INPUT_HIGH_WATER = 1024 * 1024
# After the exit, what is still in the pipes is read until they close or nothing has come for this long. The first
# process of a Wine session hands its stderr to Wine's services, which may keep it open for a minute.
_QUIET = 0.15
_DRAIN_LIMIT = 2.0


@dataclasses.dataclass(frozen=True)
class ProcessEnd:
    """How a process ended."""

    exit_code: int
    raw_code: int
    sentinel: bool | None
    stdout: int
    stderr: int
    stdin: int
    seconds: float


class RunningProcess:
    """A process whose pipes are pumped into an output buffer.

    ``sentinel`` is given for PowerShell hosts, which end by telling that they ran everything.
    """

    def __init__(
        self,
        popen: subprocess.Popen[bytes],
        output: OutputBuffer,
        *,
        stdout: Filter | None = None,
        sentinel: Sentinel | None = None,
        on_end: t.Callable[[ProcessEnd], None],
    ) -> None:
        self.output = output
        self._popen = popen
        self._sentinel = sentinel
        self._filters: dict[str, Filter] = {"stdout": stdout or PassThrough(), "stderr": sentinel or PassThrough()}
        self._on_end = on_end
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._reaped = False
        self._status: int | None = None
        self._interrupted = False
        self._counts = {"stdin": 0, "stdout": 0, "stderr": 0}
        self._input = bytearray()
        self._input_closing = False
        self._input_room = threading.Condition(self._lock)
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._exit = os.pidfd_open(popen.pid)
        self._pipes: dict[int, str] = {}
        for name, pipe in (("stdin", popen.stdin), ("stdout", popen.stdout), ("stderr", popen.stderr)):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            self._pipes[pipe.fileno()] = name
        self._thread = threading.Thread(target=self._serve, name=f"process {popen.pid}", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group."""
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._thread.is_alive()

    def write(self, data: bytes, end: bool, timeout: float) -> bool:
        """Queue input. False when the process did not make room in time; the data are queued all the same."""
        with self._input_room:
            if self._reaped or self._input_closing:
                return True
            self._input += data
            self._input_closing = end
            self._nudge()
            return self._input_room.wait_for(
                lambda: self._reaped or len(self._input) <= _INPUT_HIGH_WATER, timeout)

    def interrupt(self) -> None:
        """Ctrl+C: the process ends, its output and exit code can still be fetched."""
        self._interrupted = True
        self.kill()

    def kill(self) -> None:
        """Kill the process and what it started."""
        with self._lock:
            # Until it is reaped the id cannot belong to anybody else.
            if not self._reaped:
                try:
                    os.killpg(self._popen.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def abandon_output(self) -> None:
        """Nobody will fetch the output any more: read it and throw it away."""
        self.output.close()
        with self._lock:
            self._nudge()

    def output_taken(self) -> None:
        """The buffer may have room again."""
        with self._lock:
            self._nudge()

    def join(self, timeout: float) -> bool:
        """Wait for the end; False if it did not come."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _nudge(self) -> None:
        if self._wake >= 0:
            os.eventfd_write(self._wake, 1)

    # The thread

    def _serve(self) -> None:
        quiet_at: float | None = None
        stop_at = 0.0
        while True:
            room = self.output.closed or self.output.has_room
            ready = self._poll(room, quiet_at)
            if quiet_at is None and self._exit in ready:
                self._reap()
                stop_at = time.monotonic() + _DRAIN_LIMIT
                quiet_at = time.monotonic() + _QUIET
            read = sum(self._read(descriptor) for descriptor in self._outputs() if descriptor in ready)
            if any(self._pipes.get(descriptor) == "stdin" for descriptor in ready):
                self._write_input()
            if quiet_at is None:
                continue
            now = time.monotonic()
            if not room:
                # A slow client is no reason to lose output.
                stop_at, quiet_at = now + _DRAIN_LIMIT, now + _QUIET
            elif read:
                quiet_at = now + _QUIET
            if not self._outputs() or now >= min(quiet_at, stop_at):
                break
        self._end()

    def _outputs(self) -> list[int]:
        return [descriptor for descriptor, name in self._pipes.items() if name != "stdin"]

    def _poll(self, room: bool, quiet_at: float | None) -> set[int]:
        """Wait for something to do; the descriptors that are ready."""
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        if quiet_at is None:
            poll.register(self._exit, select.POLLIN)
        with self._lock:
            input_waiting = bool(self._input) or self._input_closing
        for descriptor, name in self._pipes.items():
            if name == "stdin":
                if input_waiting:
                    poll.register(descriptor, select.POLLOUT)
            elif room:
                poll.register(descriptor, select.POLLIN)
        timeout = None
        if quiet_at is not None and room:
            timeout = max(0.0, quiet_at - time.monotonic()) * 1000
        ready = {descriptor for descriptor, _events in poll.poll(timeout)}
        if self._wake in ready:
            os.eventfd_read(self._wake)
        return ready

    def _read(self, descriptor: int) -> int:
        name = self._pipes[descriptor]
        try:
            data = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return 0
        if not data:
            self._close(descriptor)
            return 0
        self._counts[name] += len(data)
        self._pass_on(name, self._filters[name].feed(data))
        return len(data)

    def _pass_on(self, name: str, data: bytes) -> None:
        if not self.output.closed:
            self.output.put(name, data)

    def _write_input(self) -> None:
        descriptor = next(descriptor for descriptor, name in self._pipes.items() if name == "stdin")
        with self._input_room:
            try:
                with memoryview(self._input) as view:
                    written = os.write(descriptor, view[:_CHUNK]) if self._input else 0
                del self._input[:written]
                self._counts["stdin"] += written
            except BlockingIOError:
                return
            except BrokenPipeError:
                # It closed its stdin: whatever else comes is for nobody, as on Windows.
                self._input.clear()
                self._input_closing = True
            if self._input_closing and not self._input:
                self._close(descriptor)
            self._input_room.notify_all()

    def _close(self, descriptor: int) -> None:
        name = self._pipes.pop(descriptor)
        pipe = getattr(self._popen, name)
        try:
            pipe.close()
        except OSError:
            pass

    def _reap(self) -> None:
        with self._input_room:
            self._status = self._popen.wait()
            self._reaped = True
            self._input.clear()
            self._input_room.notify_all()

    def _end(self) -> None:
        for descriptor in list(self._pipes):
            self._close(descriptor)
        with self._lock:
            os.close(self._wake)
            os.close(self._exit)
            self._wake = -1
        for name, held in self._filters.items():
            self._pass_on(name, held.finish())
        code = self._exit_code()
        end = ProcessEnd(
            exit_code=code,
            raw_code=self._status if self._status is not None else -1,
            sentinel=None if self._sentinel is None else self._sentinel.exit_code is not None,
            seconds=round(time.monotonic() - self._started, 3),
            **self._counts,
        )
        self._on_end(end)
        self.output.finish(code)

    def _exit_code(self) -> int:
        status = self._status if self._status is not None else -signal.SIGKILL
        if self._sentinel is not None and self._sentinel.exit_code is not None:
            return self._sentinel.exit_code
        if self._interrupted:
            return STATUS_CONTROL_C_EXIT
        code = status
        if status == -signal.SIGSEGV:
            code = STATUS_ACCESS_VIOLATION
        elif status < 0:
            # TerminateProcess(handle, 1) is what most tools do on Windows.
            code = 1
        if self._sentinel is not None:
            self._pass_on("stderr", f"The PowerShell host ended (code {code}) without running its command to the "
                          "end.\r\n".encode())
            return code or STATUS_FAIL_FAST
        return code
