# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a GPO backup as GPMC writes it: Backup.xml and bkupInfo.xml.

A backup may come from anywhere, so nothing in it is trusted: no DTD, no entities, no path that leads out of it.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from .descriptor import DescriptorError, SecurityDescriptor
from .domain_model import Principal, filter_guid, gpo_guid
from .errors import LabError
from .files import resolve_any_case

SCHEME = "{http://www.microsoft.com/GroupPolicy/GPOOperations}"
MANIFEST = "{http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest}"

#: Where a backup keeps the GPO's SYSVOL folder.
SYSVOL_FOLDER = ("DomainSysvol", "GPO")

MAX_XML = 64 * 1024 * 1024

_WMI_FILTER = re.compile(r'MSFT_SomFilter\.ID="(\{[0-9A-Fa-f-]{36}\})",Domain="([^"]*)"')


class BackupError(LabError):
    """A backup that cannot be used; the text names it and says why."""


@dataclass
class BackupFile:
    """A file of the GPO: its path inside the GPO's SYSVOL folder, and where it lies in the backup."""

    parts: tuple[str, ...]
    source: Path


@dataclass
class Backup:
    """What a backup says about its GPO."""

    folder: Path
    backup_id: str
    backup_time: str
    comment: str
    gpo_id: str
    domain: str
    display_name: str
    options: int
    user_version: int
    machine_version: int
    machine_extensions: str
    user_extensions: str
    security_descriptor: str
    wmi_filter: tuple[str, str] | None
    principals: dict[str, Principal]
    files: list[BackupFile] = field(default_factory=list)
    folders: list[tuple[str, ...]] = field(default_factory=list)


def parse_xml(path: Path) -> ET.Element:
    """The root element of a file; a document type declaration is refused before anything in it takes effect."""
    try:
        size = path.stat().st_size
        if size > MAX_XML:
            raise BackupError(f"{path}: {size} bytes are more than such a file has")
        data = path.read_bytes()
    except OSError as error:
        raise BackupError(f"{path}: {error.strerror}") from error

    def refuse(*_args: object) -> None:
        raise BackupError(f"{path}: holds a document type declaration, which GPMC never writes")

    guard = expat.ParserCreate()
    guard.StartDoctypeDeclHandler = refuse
    try:
        guard.Parse(data, True)
        return ET.fromstring(data)
    except (expat.ExpatError, ET.ParseError, ValueError, LookupError) as error:
        raise BackupError(f"{path}: not well-formed XML: {error}") from error


def location_parts(location: str) -> tuple[str, ...]:
    """The path inside the GPO's folder that a Location names, or an error when it leads anywhere else."""
    parts = location.split("\\")
    head = tuple(part.casefold() for part in parts[:2])
    inside = tuple(parts[2:])
    if head != tuple(part.casefold() for part in SYSVOL_FOLDER) or not inside:
        raise BackupError(f"Location {location!r} is not below DomainSysvol\\GPO")
    if any(part in ("", ".", "..") or re.search(r'[/:*?"<>|\x00-\x1f]', part) for part in inside):
        raise BackupError(f"Location {location!r} is not a plain relative path")
    return inside


def read_backup(folder: Path) -> Backup:
    """Read one backup folder."""
    try:
        return _read_backup(folder)
    except BackupError as error:
        if str(folder) in str(error):
            raise
        raise BackupError(f"{folder}: {error}") from error
    except LabError as error:
        raise BackupError(f"{folder}: {error}") from error


def _read_backup(folder: Path) -> Backup:
    info = parse_xml(resolve_any_case(folder, ["bkupInfo.xml"]))
    root = parse_xml(resolve_any_case(folder, ["Backup.xml"]))
    gpo = root.find(f"{SCHEME}GroupPolicyObject")
    core = gpo.find(f"{SCHEME}GroupPolicyCoreSettings") if gpo is not None else None
    if gpo is None or core is None:
        raise BackupError("Backup.xml holds no GroupPolicyObject with GroupPolicyCoreSettings")

    def text(name: str) -> str:
        return core.findtext(f"{SCHEME}{name}") or ""

    def number(name: str) -> int:
        try:
            return int(text(name) or "0")
        except ValueError as error:
            raise BackupError(f"{name} is not a number: {text(name)!r}") from error

    try:
        descriptor = bytes.fromhex(text("SecurityDescriptor"))
        SecurityDescriptor.from_bytes(descriptor)
    except (ValueError, DescriptorError) as error:
        raise BackupError(f"SecurityDescriptor: {error}") from error
    backup = Backup(
        folder=folder,
        backup_id=gpo_guid(info.findtext(f"{MANIFEST}ID") or folder.name),
        backup_time=info.findtext(f"{MANIFEST}BackupTime") or "",
        comment=info.findtext(f"{MANIFEST}Comment") or "",
        gpo_id=gpo_guid(text("ID")),
        domain=text("Domain"),
        display_name=text("DisplayName"),
        options=number("Options"),
        user_version=number("UserVersionNumber"),
        machine_version=number("MachineVersionNumber"),
        machine_extensions=text("MachineExtensionGuids"),
        user_extensions=text("UserExtensionGuids"),
        security_descriptor=descriptor.hex(),
        wmi_filter=_wmi_filter(text("WMIFilter"), text("WMIFilterName")),
        principals=_principals(gpo),
    )
    _read_entries(gpo, backup)
    return backup


def _wmi_filter(reference: str, name: str) -> tuple[str, str] | None:
    """(GUID, name) of the filter."""
    if not reference.strip():
        return None
    match = _WMI_FILTER.search(reference)
    if not match:
        raise BackupError(f"WMIFilter {reference!r} is not a WMI object path")
    return filter_guid(match.group(1)), name or match.group(1)


def _principals(gpo: ET.Element) -> dict[str, Principal]:
    """What the backup says about the SIDs in the DACL."""
    principals = {}
    for group in gpo.iterfind(f"{SCHEME}SecurityGroups/*"):
        sid = group.findtext(f"{SCHEME}Sid")
        if sid:
            principals[sid] = Principal(
                group.findtext(f"{SCHEME}SamAccountName") or "",
                group.findtext(f"{SCHEME}NetBIOSDomainName") or "",
                group.findtext(f"{SCHEME}DnsDomainName") or "",
                group.findtext(f"{SCHEME}Type") or "Unknown",
            )
    return principals


def _read_entries(gpo: ET.Element, backup: Backup) -> None:
    """Collect the files and folders that the extensions list.

    Entries without a Location are patterns, or objects of the directory; what belongs to them is listed within them. A
    file that is listed but missing is damage; a folder is not, since empty folders get lost in copies.
    """
    seen = set()
    for entry in gpo.iterfind(f"{SCHEME}GroupPolicyExtension//*"):
        location = entry.get(f"{SCHEME}Location")
        if not location:
            continue
        parts = location_parts(location)
        if entry.tag == f"{SCHEME}FSObjectDir":
            backup.folders.append(parts)
        elif entry.tag == f"{SCHEME}FSObjectFile":
            key = tuple(part.casefold() for part in parts)
            if key not in seen:
                seen.add(key)
                backup.files.append(BackupFile(parts, _source(backup.folder, parts)))


def _source(folder: Path, parts: tuple[str, ...]) -> Path:
    """The file in the backup, which must be a real file inside it."""
    path = resolve_any_case(folder, (*SYSVOL_FOLDER, *parts))
    if not path.is_file():
        raise BackupError(f"{path.relative_to(folder)} is listed in Backup.xml but missing")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BackupError(f"{path.relative_to(folder)} is a link that leads out of the backup")
    return path
