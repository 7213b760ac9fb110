# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logons by CredSSP ([MS-CSSP]): TLS inside of HTTP, in it NTLM, and at last the password itself, for the host to go on
with. The protocol is pyspnego's."""

from __future__ import annotations

import spnego

from .logon import Acceptor


class CredSspContext(Acceptor):
    """A logon, which is complete once the client has sent its credentials, too."""

    def __init__(self) -> None:
        # use_negotiate: what is inside is pyspnego's own NTLM, as for logons by it alone.
        super().__init__(spnego.server(protocol="credssp", options=spnego.NegotiateOptions.use_negotiate))

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
