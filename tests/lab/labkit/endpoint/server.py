# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The listeners: HTTP/1.1 and HTTPS on loopback, one thread per connection."""

from __future__ import annotations

import dataclasses
import http.server
import itertools
import select
import socket
import socketserver
import ssl
import struct
import threading
import time
import typing as t

from . import encryption
from .accesslog import AccessLog
from .auth import Authenticator, Service
from .config import Config
from .faults import PlantedFaults
from .operations import Caller, CutConnection, Operations
from .shells import Gone

_LOOPBACK = "127.0.0.1"
_PATH = "/wsman"
_HANDSHAKE_TIMEOUT = 10.0
# Room for the multipart headers and the signature around an envelope of the largest size, and for a client that
# sends somewhat too much: that is answered by a fault. Anything larger is refused before it is read (status 413).
_BODY_ALLOWANCE = 512 * 1024


@dataclasses.dataclass
class Endpoint:
    """What every connection needs."""

    config: Config
    operations: Operations
    faults: PlantedFaults
    log: AccessLog
    connections: threading.BoundedSemaphore
    numbers: t.Iterator[int] = dataclasses.field(default_factory=itertools.count)
    service: Service | None = None
    secure_service: Service | None = None


class Listener(socketserver.ThreadingTCPServer):
    """Accepts connections on one port."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, endpoint: Endpoint, port: int, tls: ssl.SSLContext | None) -> None:
        self.endpoint = endpoint
        self.tls = tls
        super().__init__((_LOOPBACK, port), Connection)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.server_address[1]

    def verify_request(self, request: t.Any, client_address: t.Any) -> bool:
        """Refuse by reset where a planted fault or the limit of connections says so."""
        if self.endpoint.faults.strike_connection() is not None:
            self.endpoint.log.write("connection_refused", why="fault")
        elif not self.endpoint.connections.acquire(blocking=False):
            self.endpoint.log.write("connection_refused", why="limit")
        else:
            return True
        _reset_on_close(request)
        return False

    def process_request_thread(self, request: t.Any, client_address: t.Any) -> None:
        """Serve one connection, then make room for another."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.endpoint.connections.release()

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        """Connections report their own trouble; what is left is a peer that vanished."""


def tls_context(cert: str, key: str) -> ssl.SSLContext:
    """TLS as today's Windows Server offers it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    return context


def _reset_on_close(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Connection(http.server.BaseHTTPRequestHandler):
    """One connection: requests one after another, one authentication for all of them."""

    protocol_version = "HTTP/1.1"
    server_version = "Microsoft-HTTPAPI/2.0"
    sys_version = ""
    # Headers and body of an answer leave in one piece.
    wbufsize = -1
    server: Listener

    def setup(self) -> None:
        """Shake hands (here, so that a slow client keeps nobody else waiting) and take a number."""
        self.endpoint = self.server.endpoint
        self.number = next(self.endpoint.numbers)
        self.opened = time.monotonic()
        self.requests = self.bytes_in = self.bytes_out = 0
        self.secure = self.server.tls is not None
        # Before the handshake, or Nagle's algorithm slows that down.
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.server.tls is not None:
            self.request.settimeout(_HANDSHAKE_TIMEOUT)
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        config = self.endpoint.config
        self.timeout = config.connection_timeout
        super().setup()
        service = self.endpoint.secure_service if self.secure else self.endpoint.service
        self.authenticator = Authenticator(config.user, config.password, self.secure, config.basic, service)
        self.endpoint.log.write("connection_opened", connection=self.number, tls=self.secure)

    def handle(self) -> None:
        """Serve requests until either side has enough."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def finish(self) -> None:
        """Close, and tell so."""
        try:
            super().finish()
        except OSError:
            pass
        finally:
            if self.secure:
                self._close_tls()
            self.endpoint.log.write(
                "connection_closed", connection=self.number, requests=self.requests, bytes_in=self.bytes_in,
                bytes_out=self.bytes_out, seconds=round(time.monotonic() - self.opened, 3))

    def _close_tls(self) -> None:
        # The server closes the socket it accepted, not the TLS socket that took its place.
        try:
            self.request.close()
        except OSError:
            pass

    def log_message(self, format: str, *args: t.Any) -> None:  # pylint: disable=redefined-builtin
        """The access log says it better."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is not even HTTP, or not a POST, without a page of HTML."""
        del message, explain
        self.close_connection = True
        self.endpoint.log.write("refused", connection=self.number, status=int(code))
        self._reply(int(code))

    def do_GET(self) -> None:  # pylint: disable=invalid-name
        """WinRM answers only POST."""
        self.send_error(405)

    do_HEAD = do_PUT = do_DELETE = do_OPTIONS = do_GET

    def do_POST(self) -> None:  # pylint: disable=invalid-name
        """One request."""
        body = self._read_body()
        if body is None:
            return
        self.requests += 1
        outcome = self.authenticator.check(self.headers.get("Authorization"))
        if outcome.scheme is not None and outcome.finished:
            self.endpoint.log.write("auth", connection=self.number, ok=outcome.accepted, scheme=outcome.scheme,
                                    mechanism=outcome.mechanism, user=outcome.user, why=outcome.why)
        challenge = [("WWW-Authenticate", outcome.answer)] if outcome.answer else []
        if not outcome.finished:
            self._reply(401, headers=challenge)
        elif not outcome.accepted:
            # A client of CredSSP is told in the last token why it is refused.
            offers = [("WWW-Authenticate", value) for value in self.authenticator.challenges]
            self._reply(401, headers=challenge or offers)
        elif not body:
            # The client only wanted to authenticate, to have keys for its first encrypted message.
            self._reply(200, headers=challenge)
        else:
            self._answer(body, outcome.user or "", challenge)

    def _read_body(self) -> bytes | None:
        """The body of the request, or None when it was refused."""
        length = self.headers.get("Content-Length", "")
        if self.path.rstrip("/").lower() != _PATH:
            self.send_error(404)
        elif "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self.send_error(411)
        elif len(length) > 12 or int(length) > self.endpoint.config.limits.max_envelope + _BODY_ALLOWANCE:
            self.send_error(413)
        else:
            body = self.rfile.read(int(length))
            self.bytes_in += len(body)
            if len(body) == int(length):
                return body
            self.close_connection = True
        return None

    def _answer(self, body: bytes, user: str, headers: list[tuple[str, str]]) -> None:
        context = self.authenticator.context
        how = encryption.protocol(self.headers.get("Content-Type", ""))
        entry: dict[str, t.Any] = {"connection": self.number, "tls": self.secure, "encrypted": how is not None}
        if how and context is not None:
            try:
                message = encryption.decrypt(body, context)
            except encryption.DecryptionError as error:
                # Windows says no more than "Bad Request", and Ansible's winrm plugin knows it.
                self.endpoint.log.write("refused", status=400, why=str(error), **entry)
                self._reply(400, headers=headers)
                return
        elif how or not self.secure:
            # AllowUnencrypted=false: status 500 without a word.
            self.endpoint.log.write("refused", status=500, why="unencrypted", **entry)
            self._reply(500, headers=headers)
            return
        else:
            message = body
        began = time.monotonic()
        environment = self.authenticator.environment(self.endpoint.faults.holds("double_hop"))
        try:
            answer = self.endpoint.operations.handle(
                message, Caller(user, self.number, self._still_there, environment))
        except CutConnection as cut:
            time.sleep(cut.delay)
            self.endpoint.log.write("connection_cut", connection=self.number)
            self.close_connection = True
            return
        except Gone:
            self.endpoint.log.write("client_gone", connection=self.number)
            self.close_connection = True
            return
        reply, kind = answer.body, encryption.SOAP
        if how and context is not None:
            reply, kind = encryption.encrypt(answer.body, context, how), encryption.content_type(how)
        self.endpoint.log.write(
            "wsman", **entry, **answer.log, status=answer.status, bytes_in=len(message), bytes_out=len(answer.body),
            ms=round((time.monotonic() - began) * 1000, 2))
        self._reply(answer.status, reply, kind, headers)

    def _still_there(self) -> bool:
        """Whether the client has not closed its connection."""
        poll = select.poll()
        poll.register(self.connection, select.POLLRDHUP)
        return not poll.poll(0)

    def _reply(
        self, status: int, body: bytes = b"", kind: str = "", headers: t.Sequence[tuple[str, str]] = (),
    ) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if kind:
            self.send_header("Content-Type", kind)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        self.bytes_out += len(body)
