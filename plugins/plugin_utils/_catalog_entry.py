# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An entry of the catalog, read on the controller: what it claims of a backup, and the names of the backup's files.

Whatever is read may be anybody's. A name is only taken where Windows and the controller understand the same by it, and
where it cannot lead out of the folder that it is put into.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import typing as t

Raw = t.Mapping[str, t.Any]

LARGEST_ENTRY = 64 * 1024 * 1024
"""Bytes of an entry: room for a GPO of 100,000 files."""

_SCHEMA = 1
"""The highest version of entries that this release understands, as in _Catalog.psm1."""

_LAST_SEQUENCE = 999_999_999
"""As in _CatalogFolder.cs."""

_GUID = re.compile(r"\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FILE_NAME = re.compile(rf"(0[0-9]{{9}})_({_GUID.pattern})\.json")

# Characters that no file name on Windows can hold (Naming Files, Paths, and Namespaces), and lone surrogates, which no
# name on the controller can.
_NOT_IN_NAME = re.compile('[\x00-\x1f<>:"/\\\\|?*\ud800-\udfff]')
_DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])(?:[ .].*)?", re.IGNORECASE)
_LONGEST_NAME = 255


class Unusable(ValueError):
    """Something that is not what it ought to be. The text is for people, and C(fix) what helps."""

    def __init__(self, why: str, fix: str = "") -> None:
        super().__init__(why)
        self.fix = fix


class Damaged(Unusable):
    """A copy that is not whole any more, and can be put right from its original."""


@dataclasses.dataclass(frozen=True)
class File:
    """A file of a backup."""

    path: str
    """Below the backup's folder, with the separators of the controller."""

    size: int
    sha256: str

    def below(self, folder: str) -> str:
        """Return where it is in a backup's folder."""
        return os.path.join(folder, *self.path.split("/"))


@dataclasses.dataclass(frozen=True)
class Record:
    """What tells an entry of the catalog from all others, wherever it is kept."""

    backup_id: str
    domain: str
    gpo_id: str
    sequence: int
    sha256: str
    """Of the entry itself."""

    size: int
    """Bytes of the backup's files."""

    history: str | None = None
    """Of the numbers of the GPO's backups in a directory and in its copies; None where the entry has none."""

    @classmethod
    def read(cls, backup_id: t.Any, raw: t.Any) -> Record:
        """Return a record that a host sent."""
        try:
            record = cls(
                _guid(backup_id),
                _domain(raw["domain"]),
                _guid(raw["gpo_id"]),
                _number(raw["sequence"], _LAST_SEQUENCE),
                raw["sha256"],
                _number(raw["size"]),
                _history(raw.get("history")),
            )
            if not _SHA256.fullmatch(record.sha256):
                raise ValueError(record.sha256)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unusable("What the host sent of it is no record of a catalog entry.") from error
        return record

    @property
    def gpo(self) -> tuple[str, str]:
        """Its GPO: IDs alone do not tell the default policies of two domains apart."""
        return (self.domain, self.gpo_id)

    @property
    def file_name(self) -> str:
        """The name of the entry's file."""
        return f"{self.sequence:010d}_{self.backup_id}.json"


@dataclasses.dataclass(frozen=True)
class Entry:
    """An entry of the catalog."""

    content: bytes
    record: Record
    gpo_name: str
    purpose: str
    timestamp: str | None
    comment: str | None
    files: tuple[File, ...]

    @classmethod
    def read(cls, content: bytes) -> Entry:
        """Return what an entry says. Raises Unusable where it cannot be relied on."""
        try:
            raw = json.loads(content)
        except (ValueError, RecursionError):
            raise Unusable("It is no JSON.") from None
        if not isinstance(raw, dict) or type(raw.get("schema")) is not int:
            raise Unusable("It is not an entry of this catalog.")
        if not 1 <= raw["schema"] <= _SCHEMA:
            raise Unusable(f"Its schema is {raw['schema']}; this release of gpvault.gpmc knows those up to {_SCHEMA}.")
        try:
            gpo, backup = raw["gpo"], raw["backup"]
            files = tuple(_file(one) for one in raw["files"])
            texts = (gpo.get("name") or "", raw["purpose"], backup.get("timestamp"), backup.get("comment"))
            if not all(isinstance(text, (str, type(None))) for text in texts):
                raise ValueError(texts)
            record = Record(
                _guid(backup["id"].upper()),
                _domain(gpo["domain"]),
                _guid(gpo["id"].upper()),
                _number(raw["sequence"], _LAST_SEQUENCE),
                hashlib.sha256(content).hexdigest(),
                sum(one.size for one in files),
                _history(raw.get("history")),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, Unusable):
                raise
            raise Unusable("It lacks something that an entry has, or has something else there.") from error
        _check_names([one.path for one in files])
        return cls(content, record, *texts, files)

    def file(self, name: str) -> File:
        """Return one of the files in the backup's own folder. Raises Unusable where there is none."""
        for one in self.files:
            if fold(one.path) == fold(name):
                return one
        raise Unusable(f"It lists no {name}.")


class Numbers:
    """The numbers that the backups of each GPO have in a catalog: the highest is the newest."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str], dict[str, int]] = {}

    def __iter__(self) -> t.Iterator[tuple[tuple[str, str], str, int]]:
        for gpo, backups in self._of.items():
            for backup_id, sequence in backups.items():
                yield gpo, backup_id, sequence

    def add(self, gpo: tuple[str, str], backup_id: str, sequence: int) -> None:
        """Add a backup. Of two entries of one the newer counts, as everywhere."""
        backups = self._of.setdefault(gpo, {})
        backups[backup_id] = max(sequence, backups.get(backup_id, 0))

    def newest_first(self, gpo: tuple[str, str]) -> list[tuple[int, str]]:
        """Return numbers and backups of a GPO."""
        return sorted(((sequence, one) for one, sequence in self._of.get(gpo, {}).items()), reverse=True)

    def check(self, record: Record) -> None:
        """Raise Unusable where a backup has another number here, or its number is another one's.

        Two directories that began to count for themselves both have a number 1: if their backups of a GPO came
        together, an old one could be taken for the newest.
        """
        for backup_id, sequence in self._of.get(record.gpo, {}).items():
            if (backup_id == record.backup_id) != (sequence == record.sequence):
                raise apart(
                    f"In the catalog there, {backup_id} has the number {sequence}, and here {record.backup_id} has "
                    f"{record.sequence}"
                )


def apart(seen: str) -> Unusable:
    """Return why backups of two histories do not come together, by what is seen of that."""
    said = "each directory has a history of its own of this GPO, and which backup is newer nobody can tell."
    return Unusable(f"{seen}: {said}", "Copy into another directory.")


def named_like_entry(name: str) -> tuple[int, str] | None:
    """Return sequence and backup of an entry whose file is called so, or None: other files are none."""
    match = _FILE_NAME.fullmatch(name)
    return (int(match[1]), match[2]) if match else None


def is_guid(name: str) -> bool:
    """Return whether a folder is named like a GPO's, or a backup's."""
    return _GUID.fullmatch(name) is not None


def fold(name: str) -> str:
    """Return what is the same for names that are the same to Windows.

    It goes letter by letter, and takes no letter of ASCII for the capital of another one, such as the dotless i.
    """
    return "".join(map(_capital, name))


def _capital(char: str) -> str:
    upper = char.upper()
    return upper if len(upper) == 1 and upper.isascii() == char.isascii() else char


def _check_names(paths: t.Iterable[str]) -> None:
    """Raise Unusable where two paths are one and the same to Windows, or a file is also a folder."""
    spelled: dict[str, str] = {}
    files: set[str] = set()
    for path in paths:
        parts = path.split("/")
        for length in range(1, len(parts)):
            folder = "/".join(parts[:length])
            if spelled.setdefault(fold(folder), folder) != folder:
                raise Unusable(f"Windows cannot tell the folders {shown(folder)} and {spelled[fold(folder)]} apart.")
        if fold(path) in files:
            raise Unusable(f"It lists the file {shown(path)} twice, as Windows sees it.")
        files.add(fold(path))
    if both := files & set(spelled):
        raise Unusable(f"It lists {shown(min(both))} as a file and as a folder.")


def shown(path: str) -> str:
    """Return a path as messages repeat it."""
    return path if len(path) <= 200 else f"{path[:200]}..."


def _file(raw: Raw) -> File:
    path, sha256 = raw["path"], raw["sha256"]
    if not isinstance(path, str) or not _SHA256.fullmatch(sha256):
        raise ValueError(raw)
    parts = path.split("\\")
    if not all(_is_name(part) for part in parts):
        raise Unusable(f"It lists a file outside of the backup, or with a name that Windows lacks: {shown(path)}")
    return File("/".join(parts), _number(raw["size"]), sha256)


def _is_name(part: str) -> bool:
    """Return whether a name is one of a file or folder, and of no other on Windows, which drops a blank at the end."""
    return (
        0 < len(part) <= _LONGEST_NAME
        and not _NOT_IN_NAME.search(part)
        and not part.endswith((" ", "."))
        and not _DEVICE.fullmatch(part)
    )


def _guid(text: t.Any) -> str:
    if not _GUID.fullmatch(text):
        raise ValueError(text)
    return str(text)


def _history(value: t.Any) -> str | None:
    """Return the name of a history. One that is none says nothing, as in entries of an earlier release."""
    return value if isinstance(value, str) and is_guid(value) else None


def _domain(text: t.Any) -> str:
    """Return the name of the catalog's folder of a domain. One that begins with a dot would be the catalog's own."""
    if not _is_name(text) or text.startswith((" ", ".")) or ".." in text:
        raise ValueError(text)
    return str(text).lower()


def _number(value: t.Any, most: int = 1 << 62) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(value)
    return int(value)
