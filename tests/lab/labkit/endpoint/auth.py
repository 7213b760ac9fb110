# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authentication, per connection as on Windows: Negotiate with NTLM or Kerberos; CredSSP over HTTPS; Basic there, too,
where configured."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hmac
import os
import pathlib
import typing as t

import spnego

from . import credssp, gss

_NEGOTIATE = ("negotiate", "ntlm", "kerberos")

#: What a process has in its environment whose logon brought no credentials for a second hop; the stand-in looks for it.
WITHOUT_CREDENTIALS = {"LAB_LOGON_WITHOUT_CREDENTIALS": "1"}


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
    #: What the scheme came to: ntlm or kerberos.
    mechanism: str | None = None
    why: str | None = None


@dataclasses.dataclass(frozen=True)
class Service:
    """The host's key for Kerberos, which is there once the lab has a realm, and what binds a logon to TLS."""

    keytab: pathlib.Path
    binding: bytes | None = None


_Context = spnego.ContextProxy | gss.KerberosContext | credssp.CredSspContext


class Authenticator:
    """The authentication of one connection, over HTTPS (*secure*) or HTTP."""

    def __init__(
        self, user: str, password: str, secure: bool = False, basic: bool = False, service: Service | None = None,
    ) -> None:
        self._user = user
        self._password = password
        self._secure = secure
        self._basic = secure and basic
        self._service = service
        self._handshake: _Context | None = None
        self.context: _Context | None = None
        self.user: str | None = None

    @property
    def challenges(self) -> list[str]:
        """What a response with status 401 offers."""
        offered = {"Negotiate": True, "CredSSP": self._secure, 'Basic realm="WSMAN"': self._basic}
        return [scheme for scheme, offers in offered.items() if offers]

    def environment(self, double_hop: bool) -> dict[str, str]:
        """What the logon's processes find in their environment.

        A logon by NTLM brings no credentials along; unless the double hop is minded, it reaches the stand-in's
        directory all the same, for tests of other things.
        """
        if isinstance(self.context, gss.KerberosContext):
            alone = not self.context.delegated
        else:
            alone = double_hop and isinstance(self.context, spnego.ContextProxy)
        return dict(WITHOUT_CREDENTIALS) if alone else {}

    def check(self, header: str | None) -> Outcome:
        """Take the Authorization header of a request, or its absence, into account."""
        if header is None:
            return Outcome(self.context is not None, True, user=self.user)
        scheme, _blank, token = header.strip().partition(" ")
        if scheme.lower() in _NEGOTIATE or (scheme.lower() == "credssp" and self._secure):
            return self._step(scheme, token)
        if scheme.lower() == "basic":
            return self._check_basic(token)
        return Outcome(False, True, scheme=scheme, why="unknown scheme")

    def _step(self, scheme: str, token: str) -> Outcome:
        self.context = None
        self.user = None
        try:
            data = base64.b64decode(token, validate=True)
            if self._handshake is None:
                self._handshake = self._begin(scheme, data)
            reply = self._handshake.step(data)
            complete = self._handshake.complete
        except Exception as error:  # whatever a hostile token raises inside the parsers is a failed logon
            self._handshake = None
            return Outcome(False, True, scheme=scheme, why=type(error).__name__)
        answer = f"{scheme} {base64.b64encode(reply).decode()}" if reply else None
        context = self._handshake
        if isinstance(context, credssp.CredSspContext) and context.refused:
            self._handshake = None
            return Outcome(False, True, answer, scheme=scheme, why="wrong user or password")
        if not complete:
            return Outcome(False, False, answer, scheme=scheme)
        self._handshake = None
        user = context.client_principal or self._user
        logon = {"user": user, "scheme": scheme, "mechanism": context.negotiated_protocol}
        if isinstance(context, gss.KerberosContext) and not self._is_account(user.partition("@")[0]):
            return Outcome(False, True, **logon, why="not an account of the host")
        if isinstance(context, credssp.CredSspContext) and not self._is_account(*context.delegated):
            return Outcome(False, True, **logon, why="the credentials that it delegates are not the account's")
        self.context, self.user = context, user
        return Outcome(True, True, answer, **logon)

    def _begin(self, scheme: str, token: bytes) -> _Context:
        if scheme.lower() == "credssp":
            return credssp.CredSspContext()
        if self._service is not None and self._service.keytab.is_file() and gss.is_kerberos(token):
            return gss.KerberosContext(self._service.keytab, self._service.binding)
        # use_negotiate: pyspnego's own SPNEGO with its own NTLM, never a system GSSAPI.
        return spnego.server(protocol="negotiate", options=spnego.NegotiateOptions.use_negotiate)

    def _check_basic(self, token: str) -> Outcome:
        if not self._basic:
            return Outcome(False, True, scheme="Basic", why="not allowed")
        try:
            name, _colon, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return Outcome(False, True, scheme="Basic", why="malformed")
        if self._is_account(name, password):
            return Outcome(True, True, user=name, scheme="Basic")
        return Outcome(False, True, scheme="Basic", why="wrong user or password")

    def _is_account(self, name: str, password: str | None = None) -> bool:
        """Whether a name is the account's, and the password, where one is given."""
        same_name = hmac.compare_digest(name.lower().encode(), self._user.lower().encode())
        return same_name and (password is None or hmac.compare_digest(password.encode(), self._password.encode()))
