# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shells and the commands in them, with their quotas and their idle time-outs."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
import typing as t
import uuid

from . import wsmanfaults
from .accesslog import AccessLog
from .config import Config
from .launcher import Launcher
from .pool import StandbyPool, command_line
from .processes import ProcessEnd, RunningProcess
from .streams import OutputBuffer, ReadyLine, Sentinel
from .translate import Translation, translate

# A Receive that found output waits this long for the end of the command, which usually follows at once.
_SETTLE = 0.01
# How often a waiting Receive looks whether its client is still there.
LOOK = 1.0


class Gone(Exception):
    """The client closed its connection while its request was being worked on."""


@dataclasses.dataclass
class Services:
    """What shells need from the endpoint."""

    config: Config
    launcher: Launcher
    pool: StandbyPool
    log: AccessLog


class Command:
    """A command of a shell: one process and its output."""

    def __init__(self, command_id: str, process: RunningProcess) -> None:
        self.command_id = command_id
        self.receives = 0
        self.sends = 0
        self._process = process

    @property
    def running(self) -> bool:
        """Whether its process still runs."""
        return self._process.running

    def send(self, data: bytes, end: bool, timeout: float) -> None:
        """Pass input on."""
        if not self._process.write(data, end, timeout):
            raise wsmanfaults.timed_out()

    def receive(
        self, limit: int, timeout: float, client_there: t.Callable[[], bool],
    ) -> tuple[list[tuple[str, bytes]], int | None]:
        """Wait for output and fetch it; the exit code comes with the last of it."""
        output = self._process.output
        deadline = time.monotonic() + timeout
        while True:
            remaining = deadline - time.monotonic()
            found = output.wait(max(0.0, min(remaining, LOOK)), _SETTLE)
            # Output taken for a client that is gone would be lost for the one that comes back.
            if not client_there():
                raise Gone
            if output.closed:
                raise wsmanfaults.aborted()
            if found:
                break
            if remaining <= LOOK:
                raise wsmanfaults.timed_out()
        taken = output.take(limit)
        self._process.output_taken()
        return taken

    def interrupt(self) -> None:
        """Ctrl+C."""
        self._process.interrupt()

    def terminate(self) -> None:
        """End the process; nobody is interested in its output any more."""
        self._process.kill()
        self._process.abandon_output()

    def join(self, timeout: float) -> bool:
        """Wait for the end of its process."""
        return self._process.join(timeout)


class Shell:
    """A cmd shell: where commands run, with which environment, and until when."""

    INPUT = "stdin"
    OUTPUT = "stdout stderr"

    def __init__(
        self, services: Services, user: str, env: dict[str, str], directory: str | None, idle_timeout: float | None,
    ) -> None:
        self.shell_id = str(uuid.uuid4()).upper()
        self.user = user
        self.env = env
        self.directory = directory or services.launcher.default_directory
        self.idle_timeout = idle_timeout or services.config.idle_timeout
        self._services = services
        self._commands: dict[str, Command] = {}
        self._starting: set[str] = set()
        self._operations = 0
        self._lock = threading.Lock()
        self._closed = False
        self._requests = 0
        self._last_request = time.monotonic()

    @contextlib.contextmanager
    def in_use(self) -> t.Iterator[None]:
        """While a request is worked on, the shell is not idle."""
        with self._lock:
            self._requests += 1
        try:
            yield
        finally:
            with self._lock:
                self._requests -= 1
                self._last_request = time.monotonic()

    def expires_at(self) -> float | None:
        """When it has been idle for too long; None while a request is being worked on."""
        with self._lock:
            return None if self._requests else self._last_request + self.idle_timeout

    def open(self) -> None:
        """Begin, once there is room for it."""

    def command(self, command_id: str) -> Command:
        """A command by its id."""
        with self._lock:
            command = self._commands.get(command_id.upper())
        if command is None:
            raise wsmanfaults.command_not_found()
        return command

    def start(self, line: str, command_id: str | None, skip_cmd: bool) -> Command:
        """Start a command line."""
        identifier = (command_id or str(uuid.uuid4())).upper()
        self._reserve(identifier)
        command = None
        try:
            command = Command(identifier, self._launch(translate(line), identifier, skip_cmd))
        finally:
            with self._lock:
                self._starting.discard(identifier)
                closed = self._closed
                if command is not None and not closed:
                    self._operations += 1
                    self._commands[identifier] = command
        if closed:
            command.terminate()
            raise wsmanfaults.shell_not_found(self.shell_id)
        return command

    def _reserve(self, identifier: str) -> None:
        """Count a command that is about to start; starting takes time, and others must not wait for it."""
        limits = self._services.config.limits
        with self._lock:
            if self._closed:
                raise wsmanfaults.shell_not_found(self.shell_id)
            if self._operations + len(self._starting) >= limits.max_operations_per_shell:
                raise wsmanfaults.too_many_operations(limits.max_operations_per_shell)
            running = sum(command.running for command in self._commands.values())
            if running + len(self._starting) >= limits.max_processes_per_shell:
                raise wsmanfaults.too_many_processes(limits.max_processes_per_shell)
            if identifier in self._commands or identifier in self._starting:
                raise wsmanfaults.schema_violation("the CommandId is in use")
            self._starting.add(identifier)

    def _launch(
        self, what: Translation, command_id: str, skip_cmd: bool, output: OutputBuffer | None = None,
    ) -> RunningProcess:
        services = self._services
        if services.launcher.unix_path(self.directory) is None:
            raise wsmanfaults.invalid_directory(self.directory)
        stdin = self._read_file(what.stdin_file) if what.stdin_file else None
        host = services.pool.take() if what.kind == "powershell" else None
        warm = host is not None
        try:
            if what.kind != "powershell":
                host = services.launcher.command(what.line, what.arguments, skip_cmd, self.env, self.directory)
            elif host is None:
                host = services.launcher.powershell()
        except OSError as error:
            raise wsmanfaults.internal_error(f"The command cannot be started: {error.strerror}.") from error
        assert host is not None
        services.log.write("process_start", shell=self.shell_id, command=command_id, kind=what.kind, pid=host.pid,
                           source="pool" if warm else "cold")

        def ended(end: ProcessEnd) -> None:
            services.log.write(
                "process_exit", shell=self.shell_id, command=command_id, kind=what.kind, pid=host.pid,
                code=end.exit_code, raw_code=end.raw_code, sentinel=end.sentinel, seconds=end.seconds,
                stdin=end.stdin, stdout=end.stdout, stderr=end.stderr)

        if what.kind != "powershell":
            return RunningProcess(host, OutputBuffer(), on_end=ended)
        order, secret = command_line(what.arguments, self.env, self.directory)
        process = RunningProcess(
            host, output or OutputBuffer(), stdout=None if warm else ReadyLine(), sentinel=Sentinel(secret),
            on_end=ended)
        process.write(order, False, 0.0)
        if stdin is not None:
            process.write(stdin, True, 0.0)
        return process

    def _read_file(self, path: str) -> bytes:
        place = self._services.launcher.unix_path(path)
        try:
            if place is None:
                raise FileNotFoundError(path)
            with open(place, "rb") as file:
                return file.read()
        except OSError as error:
            raise wsmanfaults.internal_error(f"The file {path} cannot be read.") from error

    def terminate(self, command_id: str) -> None:
        """End a command and forget it."""
        command = self.command(command_id)
        with self._lock:
            self._commands.pop(command.command_id, None)
        command.terminate()

    def close(self) -> list[Command]:
        """End all commands; they are returned, for whoever wants to wait for their end."""
        with self._lock:
            self._closed = True
            commands = list(self._commands.values())
            self._commands.clear()
        for command in commands:
            command.terminate()
        return commands


class ShellTable:
    """All shells of the endpoint."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._shells: dict[str, Shell] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._expire, name="idle shells", daemon=True)

    def open(self) -> None:
        """Begin to watch for idle shells."""
        self._thread.start()

    def add(self, shell: Shell) -> None:
        """Let a new shell begin, if its user may have one more."""
        limit = self.services.config.limits.max_shells
        with self._changed:
            if sum(other.user.lower() == shell.user.lower() for other in self._shells.values()) >= limit:
                raise wsmanfaults.too_many_shells(limit)
            self._shells[shell.shell_id] = shell
            self._changed.notify_all()
        try:
            shell.open()
        except wsmanfaults.WSManFault:
            with self._changed:
                self._shells.pop(shell.shell_id, None)
            raise

    def get(self, shell_id: str) -> Shell:
        """A shell by its id."""
        with self._changed:
            shell = self._shells.get(shell_id)
        if shell is None:
            raise wsmanfaults.shell_not_found(shell_id)
        return shell

    def delete(self, shell_id: str) -> None:
        """End a shell and its commands."""
        with self._changed:
            shell = self._shells.pop(shell_id, None)
        if shell is None:
            raise wsmanfaults.shell_not_found(shell_id)
        shell.close()
        self.services.log.write("shell_deleted", shell=shell_id)

    def close(self) -> None:
        """End all shells and wait for their processes."""
        with self._changed:
            self._stopping = True
        commands = self.end_all()
        deadline = time.monotonic() + 5.0
        for command in commands:
            command.join(max(0.0, deadline - time.monotonic()))

    def end_all(self) -> list[Command]:
        """End all shells and their commands, which are returned."""
        with self._changed:
            shells = list(self._shells.values())
            self._shells.clear()
            self._changed.notify_all()
        return [command for shell in shells for command in shell.close()]

    def _expire(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                now = time.monotonic()
                expired = [shell for shell in self._shells.values() if (shell.expires_at() or now + 1) <= now]
                for shell in expired:
                    del self._shells[shell.shell_id]
                if not expired:
                    # A request moves its shell's end away, so looking early is harmless and a second is late enough.
                    ends = [shell.expires_at() or now + 1.0 for shell in self._shells.values()]
                    self._changed.wait(max(0.01, min(ends) - now) if ends else None)
            for shell in expired:
                shell.close()
                self.services.log.write("shell_expired", shell=shell.shell_id, idle_timeout=shell.idle_timeout)
