# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A PowerShell shell: one process for the whole shell, which runs the engine's own server of the remoting protocol.

The server reads and writes packets, one a line (OutOfProcessUtils of the engine): fragments of PSRP messages as
``<Data Stream='Default' PSGuid='...'>base64</Data>``, and ``Command``, ``Signal`` and ``Close``. The GUID is a
pipeline's, or zero for what the shell as a whole says. It acknowledges each packet, and wants that awaited. What is in
the fragments is between the client and the engine.
"""

from __future__ import annotations

import base64
import collections
import re
import threading
import time
import typing as t
import uuid

from . import wsmanfaults
from .processes import RunningProcess
from .shells import LOOK, Command, Gone, Services, Shell
from .streams import OutputBuffer
from .translate import Translation

_SHELL = "00000000-0000-0000-0000-000000000000"
_PACKET = re.compile(rb"<(\w+) (?:Stream='\w*' )?PSGuid='([0-9A-Fa-f-]+)' ?(?:/>|>([^<]*)</Data>)")

# What the lab's PowerShell is started with, and says when its server is about to read: what was sent before that
# could be taken by whoever read the order to start it.
_SERVE = "-ServerMode"
_SERVING = b"pshost-serving"

# What a server has for its first answers: it may be cold, on a busy machine.
_START = 60.0

# For what a server acknowledges at once.
_GRACE = 5.0


class Packets(OutputBuffer):
    """The packets that a server writes: fragments in their order for each pipeline, and acknowledgements."""

    def __init__(self) -> None:
        super().__init__()
        self._news = threading.Condition()
        self._line = b""
        self._fragments: dict[str, collections.deque[bytes]] = collections.defaultdict(collections.deque)
        self._acknowledged: set[tuple[str, str]] = set()
        self._ended = False
        self.serving = False

    @property
    def has_room(self) -> bool:
        """Always: acknowledgements come by the same way as what a client may not have fetched."""
        return True

    @property
    def over(self) -> bool:
        """Whether the server has ended."""
        with self._news:
            return self._ended

    def put(self, stream: str, data: bytes) -> None:
        """Take what the server wrote."""
        if stream != "stdout":
            return
        *lines, self._line = (self._line + data).split(b"\n")
        with self._news:
            for line in lines:
                self._take_line(line.strip())
            self._news.notify_all()

    def _take_line(self, line: bytes) -> None:
        packet = _PACKET.fullmatch(line)
        if packet is None:
            self.serving = self.serving or line == _SERVING
        elif packet[1] == b"Data":
            self._fragments[packet[2].decode().lower()].append(base64.b64decode(packet[3]))
        else:
            self._acknowledged.add((packet[1].decode(), packet[2].decode().lower()))

    def finish(self, exit_code: int) -> None:
        """The server has ended: nothing will be said or acknowledged any more."""
        super().finish(exit_code)
        with self._news:
            self._ended = True
            self._news.notify_all()

    def close(self) -> None:
        """The shell is gone: whoever waits need not wait any longer."""
        super().close()
        with self._news:
            self._news.notify_all()

    def await_serving(self, timeout: float) -> bool:
        """Wait until the server reads."""
        return self._await(lambda: self.serving, timeout)

    def await_ack(self, kind: str, guid: str, timeout: float) -> bool:
        """Wait for an acknowledgement, and forget it."""
        came = self._await(lambda: (kind, guid) in self._acknowledged, timeout)
        with self._news:
            self._acknowledged.discard((kind, guid))
        return came

    def await_fragments(self, guid: str, timeout: float) -> bool:
        """Wait for something that a pipeline says."""
        return self._await(lambda: bool(self._fragments.get(guid)), timeout)

    def _await(self, condition: t.Callable[[], bool], timeout: float) -> bool:
        with self._news:
            self._news.wait_for(lambda: condition() or self._ended or self.closed, timeout)
            return condition()

    def fragments(self, guid: str, limit: int) -> bytes:
        """What a pipeline says: whole packets, for a client takes each answer for whole fragments."""
        taken = b""
        with self._news:
            waiting = self._fragments[guid]
            while waiting and (not taken or len(taken) + len(waiting[0]) <= limit):
                taken += waiting.popleft()
        return taken

    def forget(self, guid: str) -> None:
        """Nobody will fetch what a pipeline says."""
        with self._news:
            self._fragments.pop(guid, None)


class Pipeline(Command):
    """A pipeline, or with an empty id what belongs to none."""

    def __init__(self, command_id: str, process: RunningProcess, packets: Packets, turn: threading.Lock) -> None:
        super().__init__(command_id, process)
        self._guid = command_id.lower() or _SHELL
        self._packets = packets
        self._turn = turn

    def sibling(self, command_id: str) -> Pipeline:
        """Another of the same server."""
        return Pipeline(command_id, self._process, self._packets, self._turn)

    def kill(self) -> None:
        """End the server, whose output nobody will fetch any more."""
        super().terminate()

    def begin(self, timeout: float) -> None:
        """Let the server make it."""
        self._exchange("Command", timeout)

    def send(self, data: bytes, end: bool, timeout: float) -> None:
        """Pass fragments on; their messages say themselves where the input ends."""
        text = base64.b64encode(data).decode()
        self._exchange("Data", timeout, f"<Data Stream='Default' PSGuid='{self._guid}'>{text}</Data>")

    def receive(
        self, limit: int, timeout: float, client_there: t.Callable[[], bool],
    ) -> tuple[list[tuple[str, bytes]], int | None]:
        """Wait for fragments and fetch them."""
        deadline = time.monotonic() + timeout
        while True:
            remaining = deadline - time.monotonic()
            found = self._packets.await_fragments(self._guid, max(0.0, min(remaining, LOOK)))
            if not client_there():
                raise Gone
            if found:
                return [("stdout", self._packets.fragments(self._guid, limit))], None
            self._check()
            if remaining <= LOOK:
                raise wsmanfaults.timed_out()

    def interrupt(self) -> None:
        """Stop it."""
        self._exchange("Signal", _GRACE)

    def terminate(self) -> None:
        """Be done with it."""
        self._exchange("Close", _GRACE)
        self._packets.forget(self._guid)

    def _exchange(self, kind: str, timeout: float, packet: str = "") -> None:
        with self._turn:
            self._check()
            self._process.write((packet or f"<{kind} PSGuid='{self._guid}' />").encode() + b"\n", False, timeout)
            if not self._packets.await_ack(kind + "Ack", self._guid, timeout):
                self._check()
                raise wsmanfaults.timed_out()

    def _check(self) -> None:
        """Say what became of the server. Otherwise a client would ask for ever for what nobody will say."""
        if self._packets.closed:
            raise wsmanfaults.aborted()
        if self._packets.over:
            raise wsmanfaults.host_process_died()


class RunspacePool(Shell):
    """A PowerShell shell. Its pipelines take the place of a cmd shell's commands."""

    INPUT = "stdin pr"
    OUTPUT = "stdout"

    def __init__(
        self, services: Services, user: str, env: dict[str, str], directory: str | None, idle_timeout: float | None,
        creation: bytes,
    ) -> None:
        super().__init__(services, user, env, directory, idle_timeout)
        self._creation = creation
        self._packets = Packets()
        self._turn = threading.Lock()
        self._itself: Pipeline | None = None

    def open(self) -> None:
        """Start the server, and give it what the client's request came with as soon as it reads."""
        order = Translation("powershell", "", (_SERVE,))
        process = self._launch(order, self.shell_id, False, self._packets)
        itself = Pipeline("", process, self._packets, self._turn)
        with self._lock:
            self._itself = itself
            closed = self._closed
        if closed:
            itself.kill()
            raise wsmanfaults.shell_not_found(self.shell_id)
        threading.Thread(target=self._begin, args=(itself,), name="runspace pool", daemon=True).start()

    def _begin(self, itself: Pipeline) -> None:
        try:
            if self._packets.await_serving(_START):
                itself.send(self._creation, False, _START)
                return
        except wsmanfaults.WSManFault:
            pass
        itself.kill()

    def command(self, command_id: str) -> Command:
        """A pipeline; the shell itself if there is no id."""
        return super().command(command_id) if command_id else self._server()

    def _server(self) -> Pipeline:
        if self._itself is None:
            raise wsmanfaults.shell_not_found(self.shell_id)
        return self._itself

    def start(self, line: str, command_id: str | None, skip_cmd: bool) -> Command:
        """Make a pipeline. The line is its first fragment."""
        pipeline = self._server().sibling((command_id or str(uuid.uuid4())).upper())
        with self._lock:
            if pipeline.command_id in self._commands:
                raise wsmanfaults.schema_violation("the CommandId is in use")
            self._commands[pipeline.command_id] = pipeline
        pipeline.begin(_START)
        pipeline.send(base64.b64decode(line), False, _START)
        return pipeline

    def close(self) -> list[Command]:
        """End the process, and with it the pipelines."""
        with self._lock:
            self._closed = True
            self._commands.clear()
            itself = self._itself
        if itself is None:
            return []
        itself.kill()
        return [itself]
