# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Message encryption of WinRM over HTTP: ``multipart/encrypted`` bodies ([MS-WSMV] section 2.2.9.1)."""

from __future__ import annotations

import re
import struct

import typing as t

_PROTOCOL = re.compile(r"application/HTTP-(?:SPNEGO|Kerberos)-session-encrypted", re.I)
SOAP = "application/soap+xml;charset=UTF-8"

_BOUNDARY = b"--Encrypted Boundary"
_LENGTH = re.compile(rb"OriginalContent:[^\r\n]*;\s*Length=(\d{1,9})", re.I)
_OCTETS = b"\tContent-Type: application/octet-stream\r\n"
_MAX_SIGNATURE = 1024


class _Sealed(t.Protocol):
    @property
    def header(self) -> bytes:
        """The signature."""

    @property
    def data(self) -> bytes:
        """The message, encrypted."""

    @property
    def padding_length(self) -> int:
        """How much longer that made it."""


class Context(t.Protocol):
    """The keys that a logon led to."""

    def wrap_winrm(self, data: bytes) -> _Sealed:
        """Encrypt a message."""

    def unwrap_winrm(self, header: bytes, data: bytes) -> bytes:
        """Decrypt a message."""


class DecryptionError(Exception):
    """The body is not what the format wants, or its signature is wrong."""


def protocol(content_type: str) -> str | None:
    """How a body with this Content-Type is encrypted; None when it is not, or in no way that is understood here."""
    found = _PROTOCOL.search(content_type)
    return found[0] if found and content_type.lower().startswith("multipart/encrypted") else None


def content_type(how: str) -> str:
    """The Content-Type of an answer that is encrypted as its request was."""
    return f'multipart/encrypted;protocol="{how}";boundary="Encrypted Boundary"'


def decrypt(body: bytes, context: Context) -> bytes:
    """The message inside an encrypted body."""
    length, payload = _parts(body)
    if len(payload) < 4:
        raise DecryptionError("the body is cut off")
    (size,) = struct.unpack_from("<i", payload)
    if not 0 <= size <= _MAX_SIGNATURE:
        raise DecryptionError("the signature has an impossible length")
    signature, sealed, end = payload[4:4 + size], payload[4 + size:4 + size + length], payload[4 + size + length:]
    if len(sealed) != length or not end.startswith(_BOUNDARY + b"--"):
        raise DecryptionError("the body is not as long as it says")
    try:
        return context.unwrap_winrm(signature, sealed)
    except Exception as error:  # pyspnego lets many kinds through for a message that is not what it seems
        raise DecryptionError(str(error)) from error


def _parts(body: bytes) -> tuple[int, bytes]:
    """The announced length of the message, and the octets with what follows them."""
    if not body.startswith(_BOUNDARY + b"\r\n"):
        raise DecryptionError("the first boundary is missing")
    second = body.find(_BOUNDARY + b"\r\n", len(_BOUNDARY))
    if second < 0:
        raise DecryptionError("the second boundary is missing")
    length = _LENGTH.search(body, 0, second)
    start = second + len(_BOUNDARY) + 2
    if length is None or not body.startswith(_OCTETS, start):
        raise DecryptionError("the headers of a part are missing")
    return int(length[1]), body[start + len(_OCTETS):]


def encrypt(message: bytes, context: Context, how: str) -> bytes:
    """An encrypted body around a message."""
    wrapped = context.wrap_winrm(message)
    return b"".join([
        _BOUNDARY, b"\r\n\tContent-Type: ", how.encode(), b"\r\n",
        b"\tOriginalContent: type=", SOAP.encode(), b";Length=%d\r\n" % (len(message) + wrapped.padding_length),
        _BOUNDARY, b"\r\n", _OCTETS,
        struct.pack("<i", len(wrapped.header)), wrapped.header, wrapped.data,
        _BOUNDARY, b"--\r\n",
    ])
