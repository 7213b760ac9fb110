# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups in an archive, as they travel between a host and the controller.

A backup's entry of the catalog is the member C({ID}/entry), its files are C({ID}/0), C({ID}/1) and so on, in the order
in which the entry lists them, and what is recorded of what changed with it is C({ID}/changes), if there is any. So no
name in an archive is ever a path: members are looked up, and where a file belongs the entry says. _BackupArchive.cs
does the same on the host.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import typing as t
import zipfile
import zlib

from ._catalog_entry import LARGEST_ENTRY, Entry, File, Unusable, shown

_CHUNK = 1024 * 1024

LARGEST_CHANGES = 4 * 1024 * 1024
"""Bytes of the record of what changed with a backup: far more than this release writes."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


class Reader:
    """An archive that came from a host."""

    def __init__(self, path: str) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise Unusable(f"What the host sent is no archive: {error}.") from None

    def close(self) -> None:
        """Close it."""
        self._zip.close()

    def entry(self, backup_id: str) -> Entry:
        """Return the entry of a backup."""
        with self._member(backup_id, "entry") as (size, chunks):
            if size > LARGEST_ENTRY:
                raise Unusable("Its catalog entry is too large.")
            return Entry.read(b"".join(chunks))

    def changes(self, backup_id: str) -> bytes | None:
        """Return what is recorded of what changed with a backup, if anything is."""
        if f"{backup_id}/changes" not in self._zip.NameToInfo:
            return None
        with self._member(backup_id, "changes") as (size, chunks):
            return b"".join(chunks) if size <= LARGEST_CHANGES else None

    def extract(self, entry: Entry, folder: str) -> None:
        """Put the files of a backup into a folder of its own, which is empty."""
        for number, file in enumerate(entry.files):
            target = file.below(folder)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with self._member(entry.record.backup_id, str(number)) as (size, chunks), open(target, "xb") as output:
                if size == file.size:
                    copy(chunks, file, output)
                else:
                    raise Unusable(f"The file {shown(file.path)} came with {size} bytes instead of {file.size}.")
                output.flush()
                os.fsync(output.fileno())

    @contextlib.contextmanager
    def _member(self, backup_id: str, name: str) -> t.Iterator[tuple[int, t.Iterator[bytes]]]:
        """Give the size of a member, as the archive has it, and its content, which is never longer."""
        try:
            info = self._zip.getinfo(f"{backup_id}/{name}")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                # No host of ours makes others, and LZMA takes the memory that the archive asks for.
                raise Unusable("The archive that the host sent is neither stored nor deflated.")
            with self._zip.open(info) as stream:
                yield info.file_size, iter(lambda: stream.read(_CHUNK), b"")
        except KeyError:
            raise Unusable("The host did not send all of it.") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise Unusable(f"The archive that the host sent is damaged: {error}.") from None


class Writer:
    """An archive that goes to a host."""

    def __init__(self, path: str) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)

    def close(self) -> None:
        """End it: it is whole from here on."""
        self._zip.close()

    def add(self, entry: Entry, folder: str, changes: bytes | None = None) -> None:
        """Add a backup, which is in a folder, with what is recorded of what changed with it.

        Raises Unusable where a file is not the recorded one, or cannot be read: what is in the archive then is not all
        of the backup, so that the host takes none of it. Raises OSError where the archive cannot be written.
        """
        self._zip.writestr(_info(f"{entry.record.backup_id}/entry", len(entry.content)), entry.content)
        for number, file in enumerate(entry.files):
            info = _info(f"{entry.record.backup_id}/{number}", file.size)
            with self._zip.open(info, "w") as output:
                copy(_read(file.below(folder)), file, output)
        if changes is not None:
            self._zip.writestr(_info(f"{entry.record.backup_id}/changes", len(changes)), changes)


def _read(path: str) -> t.Iterator[bytes]:
    """Read a file, and tell an error in it from one in what is written meanwhile."""
    try:
        with open_regular(path) as source:
            while chunk := source.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise Unusable(f"{error.strerror or error}: {shown(path)}") from None


def _info(name: str, size: int) -> zipfile.ZipInfo:
    # The same backups make the same archive.
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.file_size = size
    return info


def copy(chunks: t.Iterable[bytes], file: File, output: t.IO[bytes] | None) -> None:
    """Copy a file's content, or with no *output* only look at it. Raises Unusable where it is not the recorded one."""
    digest = hashlib.sha256()
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > file.size:
            break
        digest.update(chunk)
        if output is not None:
            output.write(chunk)
    if size != file.size:
        raise Unusable(f"The file {shown(file.path)} has {size} bytes or more instead of {file.size}.")
    if digest.hexdigest() != file.sha256:
        raise Unusable(f"The contents of the file {shown(file.path)} are not those that the catalog recorded.")


def check(path: str, file: File) -> None:
    """Raise Unusable where a file on the controller is not the recorded one."""
    with open_regular(path) as source:
        copy(iter(lambda: source.read(_CHUNK), b""), file, None)


def digest_of(path: str) -> str:
    """Return the SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_regular(path: str) -> t.BinaryIO:
    """Open a file to be read. Raises OSError where it is a link."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
