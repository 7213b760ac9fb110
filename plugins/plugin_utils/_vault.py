# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A backup directory on the controller: copies of a host's backups, in the layout that they have there.

    <directory>/{BACKUP-ID}/...                                          a backup, as GPMC wrote it
    <directory>/manifest.xml                                             GPMC's index of them
    <directory>/.gpvault/<domain>/{GPO-ID}/<sequence>_{BACKUP-ID}.json   the entry of a backup in the catalog
    <directory>/.gpvault/<domain>/{GPO-ID}/<sequence>_{BACKUP-ID}.changes.json   what changed with it, if that is known
    <directory>/.gpvault/.incoming/                                      what is not whole yet
    <directory>/.gpvault/lock                                            locked while a task works on it

A backup appears under its ID in one step, once all of it is on the disk, and its entry after it. So whatever ends a
run, what it leaves is whole backups, a folder without its entry, which the next run completes, and what lies in
C(.incoming), which the next run deletes. Nothing else is ever deleted or overwritten, but for the index, and for files
of a damaged copy that its entry lists.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import stat
import time
import typing as t

from . import _archive, _vault_index
from ._catalog_entry import (
    LARGEST_ENTRY, Damaged, Entry, File, Numbers, Record, Unusable, is_guid, named_like_entry, shown,
)  # fmt: skip

_CATALOG = ".gpvault"
_INFO = "bkupInfo.xml"
_LOCK_POLL = 1.0
_LOCK_TOLD = 10.0

_ABOUT_THE_DIRECTORY = frozenset((
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOTDIR, errno.ESTALE,
))  # fmt: skip

_FIXES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "Free space on the volume that holds the copies, and run it again."),
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM, errno.EROFS),
        "Give the user that runs Ansible write access to the directory on the controller.",
    ),
    errno.ENAMETOOLONG: "Use a shorter path for the copies.",
}

_LONGEST_PATH = 4095
"""Bytes of a path that Linux takes (PATH_MAX, with the zero at the end). In a shorter one a name is too long."""

_LONG_NAME = (
    "A name of more bytes than the controller's file system takes, most of them 255: a Chinese character has three. "
    "Give the file in the GPO a shorter one."
)

_LEFT_ALONE = (
    "It is left as it is. Look what it is; to have it copied anew, remove its folder and its entry in .gpvault."
)


class Busy(Exception):
    """Another run has the directory locked."""


def is_general(error: OSError) -> bool:
    """Return whether an error would meet every other backup as well."""
    return error.errno in _ABOUT_THE_DIRECTORY


def unusable(error: OSError, path: str) -> Unusable:
    """Return in words why something could not be read or written."""
    where = error.filename or path
    fix = _FIXES.get(error.errno or 0, "")
    if error.errno == errno.ENAMETOOLONG and len(os.fsencode(where)) <= _LONGEST_PATH:
        fix = _LONG_NAME
    return Unusable(f"{error.strerror or error}: {where}", fix)


class Vault:
    """A backup directory on the controller."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.catalog = os.path.join(path, _CATALOG)
        self.incoming = os.path.join(self.catalog, ".incoming")
        self.problems: list[str] = []
        """What of the catalog cannot be used."""

        self._numbers: Numbers | None = None

    @contextlib.contextmanager
    def locked(self, patience: int, waiting: t.Callable[[str], None]) -> t.Iterator[None]:
        """Make the directory if need be, have it for this task alone, and delete what a run before did not complete."""
        # A new one is for nobody else: not everybody may read every GPO, and preferences and scripts may hold secrets.
        os.makedirs(self.path, mode=0o700, exist_ok=True)
        os.makedirs(self.catalog, exist_ok=True)
        _assert_folder(self.catalog)
        deadline = time.monotonic() + patience
        told_next = 0.0
        handle = os.open(os.path.join(self.catalog, "lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        with os.fdopen(handle, "wb") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise Busy from None
                if time.monotonic() >= told_next:
                    waiting("waiting for another run that works on the copies")
                    told_next = time.monotonic() + _LOCK_TOLD
                time.sleep(_LOCK_POLL)
            self._clean()
            try:
                yield
            finally:
                # What cannot be deleted now the next run deletes.
                with contextlib.suppress(OSError, Unusable):
                    self._clean()

    def _clean(self) -> None:
        if os.path.lexists(self.incoming):
            _assert_folder(self.incoming)
            shutil.rmtree(self.incoming)

    def archive_path(self) -> str:
        """Return where an archive is put while it is unpacked."""
        os.makedirs(self.incoming, exist_ok=True)
        return os.path.join(self.incoming, "archive.zip")

    def folder(self, backup_id: str) -> str:
        """Return the folder of a backup."""
        return os.path.join(self.path, backup_id)

    def has(self, record: Record, full: bool) -> bool:
        """Return whether the copy of a backup is there.

        Raises Damaged where it is not whole, and Unusable where something else is there.
        """
        self.numbers.check(record)
        try:
            content = self._read_entry(record)
        except FileNotFoundError:
            # Whether a folder of that name is this backup is seen when its entry is here.
            return False
        except OSError as error:
            raise unusable(error, self.path) from None
        if hashlib.sha256(content).hexdigest() != record.sha256:
            if _is_entry(content):
                raise Unusable(f"The catalog has another entry of it, {record.file_name}. {_LEFT_ALONE}")
            raise Damaged(f"Its entry in the catalog, {record.file_name}, cannot be read.")
        folder = self.folder(record.backup_id)
        if not os.path.lexists(folder):
            return False
        try:
            _assert_folder(folder)
        except Unusable as error:
            raise Unusable(f"{error} {_LEFT_ALONE}") from None
        try:
            self._compare(Entry.read(content), full, folder)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise Damaged(str(unusable(error, folder))) from None
        except OSError as error:
            # What just cannot be read may be as good as ever, and could not be replaced either.
            raise unusable(error, folder) from None
        except Unusable as error:
            raise Damaged(str(error)) from None
        return True

    def check(self, entry: Entry, full: bool, folder: str = "") -> None:
        """Raise Unusable where a folder does not hold the backup of an entry, whole. *full*: the contents, too."""
        folder = folder or self.folder(entry.record.backup_id)
        try:
            self._compare(entry, full, folder)
        except OSError as error:
            raise unusable(error, folder) from None

    @staticmethod
    def _compare(entry: Entry, full: bool, folder: str) -> None:
        """Do as check does, and raise OSError where something cannot be read."""
        _assert_folder(folder)
        for file in entry.files:
            path = file.below(folder)
            found = os.lstat(path)
            if not stat.S_ISREG(found.st_mode):
                raise Unusable(f"{shown(file.path)} is no file.")
            if found.st_size != file.size:
                raise Unusable(f"The file {shown(file.path)} has {found.st_size} bytes instead of {file.size}.")
            if full:
                _archive.check(path, file)
        said = _read_info(entry.file(_INFO).below(folder))
        if contradiction := _vault_index.contradiction(said, entry.record):
            raise Unusable(contradiction)

    def add(self, entry: Entry, fill: t.Callable[[str], None]) -> None:
        """Add a backup, which *fill* puts into a folder, and its entry.

        Raises Unusable where it is not what its entry says, or another folder stands in its place, and OSError.
        """
        record = entry.record
        self.numbers.check(record)
        folder = self.folder(record.backup_id)
        if os.path.lexists(folder):
            try:
                # A run that was killed may have left it without its entry.
                self.check(entry, full=True)
            except Unusable as error:
                why = f"There is a folder of that name, and it is not this backup: {error} {_LEFT_ALONE}"
                raise Unusable(why) from None
        else:
            staged = self._staged(entry, fill)
            os.rename(staged, folder)
            _sync(self.path)
        self._write_entry(entry)

    def repair(self, entry: Entry, fill: t.Callable[[str], None]) -> None:
        """Put right what of a damaged copy is not as its entry says, with what *fill* puts into a folder.

        What else is in the copy's folder stays. Each file is replaced in one step: what a run that was ended has left
        is as damaged as before, or less. Raises Unusable and OSError as C(add) does.
        """
        folder = self.folder(entry.record.backup_id)
        if not os.path.lexists(folder):
            self.add(entry, fill)
            return
        _assert_folder(folder)
        staged = self._staged(entry, fill)
        for file in entry.files:
            target = file.below(folder)
            if not _is_recorded(target, file):
                _make_parents(folder, file)
                os.replace(file.below(staged), target)
                _sync(os.path.dirname(target))
        self.check(entry, full=True)
        self._write_entry(entry)

    def _staged(self, entry: Entry, fill: t.Callable[[str], None]) -> str:
        """Return a folder in C(.incoming) that *fill* has put the backup of an entry into, once it is on the disk."""
        staged = os.path.join(self.incoming, entry.record.backup_id)
        if os.path.lexists(staged):
            shutil.rmtree(staged)
        os.makedirs(staged)
        fill(staged)
        self.check(entry, full=False, folder=staged)
        for inner, _folders, _files in os.walk(staged):
            _sync(inner)
        return staged

    def entries(self) -> t.Iterator[Entry]:
        """Read the catalog. What of it cannot be used goes into C(problems)."""
        for (domain, gpo_id), backup_id, sequence in self.numbers:
            record = Record(backup_id, domain, gpo_id, sequence, "", 0)
            try:
                yield self.entry(record)
            except (OSError, Unusable) as error:
                self.problems.append(f"The catalog entry {self._entry_path(record)} cannot be used: {error}")

    def disclaims(self, entry: Entry) -> bool:
        """Return whether a backup itself says that it is another GPO's than an entry has it, and add a problem then."""
        try:
            said = _read_info(entry.file(_INFO).below(self.folder(entry.record.backup_id)))
        except (OSError, Unusable):
            return False
        if contradiction := _vault_index.contradiction(said, entry.record):
            self.problems.append(f"The catalog entry {self._entry_path(entry.record)} does not count: {contradiction}")
        return bool(contradiction)

    def entry(self, record: Record) -> Entry:
        """Return the entry of a backup. Raises Unusable, or OSError."""
        entry = Entry.read(self._read_entry(record))
        if (entry.record.gpo, entry.record.file_name) != (record.gpo, record.file_name):
            raise Unusable("It belongs to another GPO, domain or backup.")
        return entry

    def changes(self, record: Record) -> bytes | None:
        """Return what is recorded of what changed with a backup, or None. A backup is as good without."""
        try:
            with _archive.open_regular(self._changes_path(record)) as file:
                content = file.read(_archive.LARGEST_CHANGES + 1)
        except OSError:
            return None
        return content if len(content) <= _archive.LARGEST_CHANGES else None

    def add_changes(self, record: Record, content: bytes | None) -> None:
        """Put what changed with a backup beside its entry, unless something is there already. Raises OSError."""
        path = self._changes_path(record)
        if content is not None and not os.path.lexists(path):
            self._write(path, content)

    def history(self, gpo: tuple[str, str]) -> str | None:
        """Return which history the numbers of a GPO's backups count in, where any of its entries says so."""
        for sequence, backup_id in self.numbers.newest_first(gpo):
            with contextlib.suppress(OSError, Unusable):
                if known := self.entry(Record(backup_id, *gpo, sequence, "", 0)).record.history:
                    return known
        return None

    def uncatalogued(self) -> int:
        """Return how many folders are named like backups that the catalog does not know."""
        known = {backup_id for _gpo, backup_id, _sequence in self.numbers}
        return sum(is_guid(name.upper()) and name.upper() not in known for name in _folders(self.path))

    def write_index(self) -> tuple[bool, list[str]]:
        """Write GPMC's index anew where it is not what it ought to be; return whether, and the folders that it lacks.

        Raises Unusable where there is a file of that name that is something else.
        """
        infos, left = [], []
        for name in sorted(os.listdir(self.path)):
            if not is_guid(name.upper()):
                continue
            try:
                _assert_folder(self.folder(name))
                info = _read_info(_named(self.folder(name), _INFO))
                if info["ID"].upper() != name.upper() or not is_guid(info["GPOGuid"].upper()):
                    raise Unusable("Its bkupInfo.xml is that of another backup, or of no GPO.")
                infos.append(info)
            except (OSError, Unusable) as error:
                left.append(f"{name} ({error})")
        path = os.path.join(self.path, "manifest.xml")
        content = _vault_index.manifest(infos)
        try:
            with _archive.open_regular(path) as file:
                before = file.read()
            if before == content:
                return False, left
            if not _vault_index.is_manifest(before):
                raise Unusable("The file manifest.xml is not GPMC's index, and is left as it is. Remove it.")
        except FileNotFoundError:
            if not infos:
                return False, left
        self._write(path, content)
        return True, left

    @property
    def numbers(self) -> Numbers:
        """The numbers of all backups in the catalog, by names alone."""
        if self._numbers is None:
            self._numbers = Numbers()
            for domain in _folders(self.catalog):
                for gpo_id in _folders(os.path.join(self.catalog, domain)):
                    if domain.startswith(".") or not is_guid(gpo_id):
                        continue
                    for name in sorted(os.listdir(os.path.join(self.catalog, domain, gpo_id))):
                        if found := named_like_entry(name):
                            self._numbers.add((domain, gpo_id), found[1], found[0])
        return self._numbers

    def _entry_path(self, record: Record) -> str:
        return os.path.join(self.catalog, record.domain, record.gpo_id, record.file_name)

    def _changes_path(self, record: Record) -> str:
        return f"{self._entry_path(record).removesuffix('.json')}.changes.json"

    def _read_entry(self, record: Record) -> bytes:
        with _archive.open_regular(self._entry_path(record)) as file:
            content = file.read(LARGEST_ENTRY + 1)
        if len(content) > LARGEST_ENTRY:
            raise Unusable("It is too large.")
        return content

    def _write_entry(self, entry: Entry) -> None:
        path = self._entry_path(entry.record)
        folder = os.path.dirname(path)
        for part in (os.path.dirname(folder), folder):
            # One after the other: a link would lead the next one elsewhere.
            with contextlib.suppress(FileExistsError):
                os.mkdir(part)
            _assert_folder(part)
        self._write(path, entry.content)
        for part in (os.path.dirname(folder), self.catalog):
            _sync(part)
        self.numbers.add(entry.record.gpo, entry.record.backup_id, entry.record.sequence)

    def _write(self, path: str, content: bytes) -> None:
        """Write a file, whole or not at all."""
        os.makedirs(self.incoming, exist_ok=True)
        part = os.path.join(self.incoming, "part")
        with open(part, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        _sync(os.path.dirname(path))


def _read_info(path: str) -> _vault_index.Info:
    with _archive.open_regular(path) as file:
        return _vault_index.read_info(file.read(_vault_index.LARGEST_INFO + 1))


def _is_entry(content: bytes) -> bool:
    try:
        Entry.read(content)
    except Unusable:
        return False
    return True


def _is_recorded(path: str, file: File) -> bool:
    """Return whether a file is the recorded one."""
    try:
        _archive.check(path, file)
    except (OSError, Unusable):
        return False
    return True


def _make_parents(folder: str, file: File) -> None:
    """Make the folders that a file of a backup lies in. Raises Unusable where one is a link, which leads elsewhere."""
    path = folder
    for name in file.path.split("/")[:-1]:
        path = os.path.join(path, name)
        with contextlib.suppress(FileExistsError):
            os.mkdir(path)
        _assert_folder(path)


def _named(folder: str, name: str) -> str:
    """Return the path of a file in a folder, in whatever case its name is written there."""
    found = [one for one in os.listdir(folder) if one.casefold() == name.casefold()]
    return os.path.join(folder, found[0] if found else name)


def _folders(path: str) -> list[str]:
    """Return the names of the folders in a folder, without links. None when it does not exist."""
    try:
        with os.scandir(path) as found:
            return sorted(one.name for one in found if one.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []


def _assert_folder(path: str) -> None:
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        raise Unusable(f"{path} is a link or a file, where a folder belongs.")


def _sync(folder: str) -> None:
    """Have what was made or renamed in a folder on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
