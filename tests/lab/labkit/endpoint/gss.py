# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logons by Kerberos: the host accepts them through the machine's own GSSAPI, with the key of its service.

The module gssapi is used as it is: pyspnego's wrapper of it also wants the module krb5, which Debian does not have.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import ssl
import typing as t

from .logon import Acceptor

# What begins a token of Kerberos, bare or in SPNEGO: its object identifier, or the one that Windows clients also send.
_KERBEROS = (bytes.fromhex("06092a864886f712010202"), bytes.fromhex("06092a864882f712010202"))
_NTLM = b"NTLMSSP\0"


class Sealed(t.NamedTuple):
    """An encrypted message, in the parts that WinRM sends."""

    header: bytes
    data: bytes
    padding_length: int


def is_kerberos(token: bytes) -> bool:
    """Whether the first token of a handshake is of Kerberos. If it only seems so, GSSAPI refuses it."""
    return _NTLM not in token and any(identifier in token[:128] for identifier in _KERBEROS)


def end_point_binding(certificate: str) -> bytes:
    """The channel binding of a TLS server (RFC 5929, section 4), whose certificate is signed with SHA-256."""
    der = ssl.PEM_cert_to_DER_cert(pathlib.Path(certificate).read_text(encoding="ascii"))
    return b"tls-server-end-point:" + hashlib.sha256(der).digest()


def use_realm(folder: pathlib.Path) -> None:
    """Have this process's Kerberos library know the lab's realm and no other."""
    os.environ["KRB5_CONFIG"] = str(folder / "krb5.conf")
    os.environ["KRB5RCACHENAME"] = f"dfl:{folder / 'replays'}"


class KerberosContext(Acceptor):
    """A logon."""

    def __init__(self, keytab: pathlib.Path, binding: bytes | None) -> None:
        import gssapi  # Only here: an endpoint without a realm does without.

        self._raw = gssapi.raw
        self._delegates = gssapi.RequirementFlag.delegate_to_peer
        key = gssapi.Credentials(usage="accept", store={"keytab": str(keytab)})
        bindings = gssapi.raw.ChannelBindings(application_data=binding) if binding else None
        super().__init__(gssapi.SecurityContext(usage="accept", creds=key, channel_bindings=bindings))

    @property
    def negotiated_protocol(self) -> str:
        """How it is known."""
        return "kerberos"

    @property
    def client_principal(self) -> str:
        """Who the client is: name@REALM."""
        return str(self._context.initiator_name).rstrip("\0")

    @property
    def delegated(self) -> bool:
        """Whether the client sent a ticket with which the host can go on in its name, one that has not expired."""
        if not self._context.actual_flags & self._delegates:
            return False
        credentials = self._context.delegated_creds
        return credentials is not None and credentials.lifetime != 0

    def wrap_winrm(self, data: bytes) -> Sealed:
        """Encrypt a message."""
        kinds = self._raw.IOVBufferType
        buffers = self._raw.IOV(kinds.header, data, kinds.padding, std_layout=False)
        self._raw.wrap_iov(self._context, buffers, confidential=True)
        header, sealed, padding = (bytes(buffer.value or b"") for buffer in buffers)
        return Sealed(header, sealed + padding, len(padding))

    def unwrap_winrm(self, header: bytes, data: bytes) -> bytes:
        """Decrypt a message; one that was only signed is refused."""
        kinds = self._raw.IOVBufferType
        buffers = self._raw.IOV((kinds.header, False, header), data, kinds.data, std_layout=False)
        if not self._raw.unwrap_iov(self._context, buffers).encrypted:
            raise ValueError("the message is not encrypted")
        return bytes(buffers[1].value or b"")
