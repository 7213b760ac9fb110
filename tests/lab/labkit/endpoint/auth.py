# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authentication: Negotiate with NTLM, per connection as on Windows, and Basic over HTTPS where configured."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hmac
import os

import spnego

_NEGOTIATE = ("negotiate", "ntlm")


class UserFile:
    """The one account, in the form that pyspnego's NTLM acceptor reads.

    pyspnego takes the path from the environment variable NTLM_USER_FILE. An anonymous file in memory keeps the
    password off the disk and private to this process; child processes get an environment of their own (launcher).
    """

    def __init__(self, user: str, password: str, domains: list[str]) -> None:
        self._descriptor = os.memfd_create("ntlm-users")
        lines = "".join(f"{domain}:{user}:{password}\n" for domain in ["", *domains])
        os.write(self._descriptor, lines.encode())
        os.environ["NTLM_USER_FILE"] = f"/proc/self/fd/{self._descriptor}"
        # Level 5: NTLMv2 only, as today's Windows has it ("LAN Manager authentication level").
        os.environ["LM_COMPAT_LEVEL"] = "5"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What one Authorization header led to.

    ``answer`` is the WWW-Authenticate header of the response, in the middle of a handshake or at its end.
    """

    accepted: bool
    finished: bool
    answer: str | None = None
    user: str | None = None
    scheme: str | None = None
    why: str | None = None


class Authenticator:
    """The authentication of one connection."""

    def __init__(self, user: str, password: str, basic: bool) -> None:
        self._user = user
        self._password = password
        self._basic = basic
        self._handshake: spnego.ContextProxy | None = None
        self.context: spnego.ContextProxy | None = None
        self.user: str | None = None

    @property
    def challenges(self) -> list[str]:
        """What a response with status 401 offers."""
        return ["Negotiate", 'Basic realm="WSMAN"'] if self._basic else ["Negotiate"]

    def check(self, header: str | None) -> Outcome:
        """Take the Authorization header of a request, or its absence, into account."""
        if header is None:
            return Outcome(self.context is not None, True, user=self.user)
        scheme, _blank, token = header.strip().partition(" ")
        if scheme.lower() in _NEGOTIATE:
            return self._step(scheme, token)
        if scheme.lower() == "basic":
            return self._check_basic(token)
        return Outcome(False, True, scheme=scheme, why="unknown scheme")

    def _step(self, scheme: str, token: str) -> Outcome:
        self.context = None
        self.user = None
        try:
            if self._handshake is None:
                # use_negotiate: pyspnego's own SPNEGO with its own NTLM, never a system GSSAPI.
                self._handshake = spnego.server(
                    protocol="negotiate", options=spnego.NegotiateOptions.use_negotiate)
            reply = self._handshake.step(base64.b64decode(token, validate=True))
            complete = self._handshake.complete
        except Exception as error:  # whatever a hostile token raises inside the parsers is a failed logon
            self._handshake = None
            return Outcome(False, True, scheme=scheme, why=type(error).__name__)
        answer = f"{scheme} {base64.b64encode(reply).decode()}" if reply else None
        if not complete:
            return Outcome(False, False, answer, scheme=scheme)
        self.context, self._handshake = self._handshake, None
        self.user = self.context.client_principal or self._user
        return Outcome(True, True, answer, user=self.user, scheme=scheme)

    def _check_basic(self, token: str) -> Outcome:
        if not self._basic:
            return Outcome(False, True, scheme="Basic", why="not allowed")
        try:
            name, _colon, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return Outcome(False, True, scheme="Basic", why="malformed")
        same_name = hmac.compare_digest(name.lower().encode(), self._user.lower().encode())
        same_password = hmac.compare_digest(password.encode(), self._password.encode())
        if same_name and same_password:
            return Outcome(True, True, user=name, scheme="Basic")
        return Outcome(False, True, scheme="Basic", why="wrong user or password")
