# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logons by CredSSP ([MS-CSSP]): TLS inside of HTTP, in it NTLM, and at last the password itself, for the host to go on
with. The protocol is pyspnego's."""

from __future__ import annotations

import spnego


class CredSspContext:
    """The acceptor's side of a logon."""

    def __init__(self) -> None:
        # use_negotiate: what is inside is pyspnego's own NTLM, as for logons by it alone.
        self._context = spnego.server(protocol="credssp", options=spnego.NegotiateOptions.use_negotiate)

    def step(self, token: bytes) -> bytes | None:
        """Take a token of the client's, and return the answer."""
        return self._context.step(token)

    @property
    def complete(self) -> bool:
        """Whether the client is known, and has sent its credentials."""
        return self._context.complete

    @property
    def refused(self) -> bool:
        """Whether the client is not who it says: the last answer has the error, which is the end."""
        return self._context.get_extra_info("auth_stage") == "Authentication failure"

    @property
    def negotiated_protocol(self) -> str | None:
        """How it is known: ntlm."""
        return self._context.negotiated_protocol

    @property
    def client_principal(self) -> str | None:
        """Who the client is."""
        return self._context.client_principal

    @property
    def delegated(self) -> tuple[str, str]:
        """The user and the password that the client delegates; empty where it sent something else, as a smart card."""
        given = self._context.get_extra_info("client_credential")
        return getattr(given, "username", ""), getattr(given, "password", "")
