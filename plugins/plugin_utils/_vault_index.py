# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GPMC's own files of a backup directory on the controller: bkupInfo.xml is read, manifest.xml is made of them.

What _BackupXml.cs and _ManifestFile.cs do on the host. The files may be anybody's: none with a DTD is read, so there is
no entity that could be expanded.
"""

from __future__ import annotations

import typing as t
from xml.parsers import expat

from ._catalog_entry import Record, Unusable, fold

NAMESPACE = "http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest"

NAMES = (
    "GPOGuid", "GPODomain", "GPODomainGuid", "GPODomainController", "BackupTime", "ID", "Comment", "GPODisplayName",
)  # fmt: skip
"""The elements of a backup, in GPMC's order."""

LARGEST_INFO = 64 * 1024
"""Bytes of a bkupInfo.xml, as in _BackupXml.cs."""

_HEAD = f'<Backups xmlns="{NAMESPACE}" xmlns:mfst="{NAMESPACE}" mfst:version="1.0">'

Info = dict[str, str]
"""The texts of a backup's elements."""


def read_info(content: bytes) -> Info:
    """Return what a bkupInfo.xml says. Raises Unusable where it is none."""
    if len(content) > LARGEST_INFO:
        raise Unusable("The file is too large.")
    reader = _InfoReader()
    _parse(content, start=reader.start, end=reader.end, text=reader.text)
    return {name: reader.values.get(name, "") for name in NAMES}


def is_manifest(content: bytes) -> bool:
    """Return whether a file is an index of GPMC's, whatever it lists."""
    roots: list[str] = []
    try:
        _parse(content, start=lambda name, _attributes: roots.append(name))
    except Unusable:
        return False
    return roots[0] == f"{NAMESPACE} Backups"


def contradiction(info: Info, record: Record) -> str:
    """Return how a bkupInfo.xml contradicts what an entry claims of its backup, or an empty text."""
    claims = {"ID": record.backup_id, "GPOGuid": record.gpo_id, "GPODomain": record.domain}
    for name, claimed in claims.items():
        if fold(info[name]) != fold(claimed):
            said = f"the {name} {info[name][:100]}" if info[name] else f"no {name}"
            return f"The bkupInfo.xml of the backup {record.backup_id} has {said}, and not {claimed}."
    return ""


def manifest(infos: t.Iterable[Info]) -> bytes:
    """Return the index of these backups, the oldest first: the same for the same backups.

    One line for each, so that a version control system shows which were added.
    """
    in_order = sorted(infos, key=lambda info: (info["BackupTime"], info["ID"].upper()))
    return "\n".join((_HEAD, *map(_entry, in_order), "</Backups>\n")).encode()


def _entry(info: Info) -> str:
    return f"<BackupInst>{''.join(f'<{name}>{_cdata(info[name])}</{name}>' for name in NAMES)}</BackupInst>"


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


class _InfoReader:
    """Takes the texts of the elements below the root."""

    def __init__(self) -> None:
        self.values: Info = {}
        self._path: list[str] = []

    def start(self, name: str, _attributes: t.Any) -> None:
        if not self._path and name != f"{NAMESPACE} BackupInst":
            raise Unusable("Its root is not the element BackupInst of GPMC.")
        self._path.append(name.removeprefix(f"{NAMESPACE} "))
        if len(self._path) > 2:
            raise Unusable("There is more in it than texts.")
        if len(self._path) == 2:
            self.values[self._path[1]] = ""

    def end(self, _name: str) -> None:
        self._path.pop()

    def text(self, text: str) -> None:
        if len(self._path) == 2:
            self.values[self._path[1]] += text
        elif text.strip():
            raise Unusable("It has text between its elements.")


def _parse(
    content: bytes,
    *,
    start: t.Callable[[str, t.Any], object],
    end: t.Callable[[str], object] | None = None,
    text: t.Callable[[str], object] | None = None,
) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(content, True)
    except Unusable:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:
        # The last two are an encoding that is unknown here, or of several bytes.
        raise Unusable(f"It is no whole XML: {error}.") from None


def _refuse(*_declared: t.Any) -> t.NoReturn:
    raise Unusable("It has a DTD, which no file of GPMC's has.")
