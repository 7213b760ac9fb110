# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SFTP over a host's drives, by the server of Paramiko. A path is that of Windows with slashes: /C:/Users/vagrant."""

from __future__ import annotations

import os
import posixpath
import sys
import typing as t

from paramiko import SFTPAttributes, SFTPHandle, SFTPServer, SFTPServerInterface
from paramiko.sftp import SFTP_FAILURE, SFTP_NO_SUCH_FILE, SFTP_OK

#: Where a Windows path lies on this machine; None when it does not exist.
UnixPath = t.Callable[[str], "str | None"]


class _Streams:
    """This process's standard streams, in place of Paramiko's channel and its transport."""

    def __init__(self) -> None:
        self._in = sys.stdin.fileno()
        self._out = sys.stdout.fileno()

    def send(self, data: bytes) -> int:
        return os.write(self._out, data)

    def recv(self, size: int) -> bytes:
        return os.read(self._in, size)

    def get_name(self) -> str:
        return "sftp"

    get_log_channel = get_name

    def get_transport(self) -> _Streams:
        return self

    def get_hexdump(self) -> bool:
        return False

    def close(self) -> None:
        pass


class _Drives(SFTPServerInterface):
    """The drives of a host. What a transfer of files does not need is not there."""

    def __init__(self, server: object, unix_path: UnixPath) -> None:
        super().__init__(server)
        self._unix_path = unix_path

    def _place(self, path: str) -> str | None:
        """Where a path lies, or would lie in a folder that is there."""
        folder, name = posixpath.split(path.strip("/"))
        found = self._unix_path(path.strip("/"))
        parent = None if found or not folder else self._unix_path(folder)
        return found or (os.path.join(parent, name) if parent else None)

    def canonicalize(self, path: str) -> str:
        return posixpath.normpath("/" + path.replace("\\", "/"))

    def stat(self, path: str) -> SFTPAttributes | int:
        place = self._place(path)
        try:
            return SFTPAttributes.from_stat(os.stat(place)) if place else SFTP_NO_SUCH_FILE
        except OSError as error:
            return SFTPServer.convert_errno(error.errno)

    lstat = stat

    def open(self, path: str, flags: int, attr: SFTPAttributes) -> SFTPHandle | int:
        place = self._place(path)
        if place is None:
            return SFTP_NO_SUCH_FILE
        try:
            descriptor = os.open(place, flags, 0o666)
        except OSError as error:
            return SFTPServer.convert_errno(error.errno)
        handle = SFTPHandle(flags)
        handle.filename = place
        stream = os.fdopen(descriptor, "r+b" if flags & os.O_RDWR else "wb" if flags & os.O_WRONLY else "rb")
        handle.readfile = handle.writefile = stream
        return handle

    def remove(self, path: str) -> int:
        place = self._place(path)
        try:
            os.remove(place or "")
        except OSError as error:
            return SFTPServer.convert_errno(error.errno)
        return SFTP_OK

    def chattr(self, path: str, attr: SFTPAttributes) -> int:
        return SFTP_OK if self._place(path) else SFTP_FAILURE


def serve(unix_path: UnixPath) -> None:
    """Serve one client on this process's standard streams, until it goes."""
    streams = _Streams()
    SFTPServer(streams, "sftp", None, _Drives, unix_path).start_subsystem("sftp", streams, streams)
