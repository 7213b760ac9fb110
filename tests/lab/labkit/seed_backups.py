# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeds a domain from a folder of GPO backups, so that real GPOs can be backed up in the lab."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from . import gpt_ini
from .backup_xml import Backup, BackupError, read_backup
from .domain import HALF_FOLDER, Domain
from .domain_model import Gpo, Link, WmiFilter, is_guid, pack_version, timestamp
from .errors import LabError
from .files import resolve_any_case, write_bytes
from .seed_default import EPOCH, domain_info, domain_principals, set_times


def find_backups(folder: Path) -> list[Path]:
    """The backup folders in a backup directory; a manifest is not needed, since copies often have none."""
    if not folder.is_dir():
        raise LabError(f"--seed: there is no folder {folder}")
    found = sorted(path for path in folder.iterdir() if path.is_dir() and is_guid(path.name))
    if not found:
        raise LabError(f"--seed: {folder} holds no backup (a folder named by a GUID in braces)")
    return found


def newest_backups(folder: Path) -> list[Backup]:
    """The newest backup of each GPO, in the order of the GPOs' names."""
    newest: dict[str, Backup] = {}
    for path in find_backups(folder):
        backup = read_backup(path)
        known = newest.get(backup.gpo_id)
        if known is None or backup.backup_time > known.backup_time:
            newest[backup.gpo_id] = backup
    return sorted(newest.values(), key=lambda backup: (backup.display_name.casefold(), backup.gpo_id))


def make_domain_from_backups(root: Path, name: str, computer: str, folder: Path) -> Domain:
    """A domain with the GPOs of a folder of backups, each linked to the domain in the order of their names."""
    info = domain_info(name, computer)
    domain = Domain.create(root, info, domain_principals(info))
    gpos = [add_from_backup(domain, backup) for backup in newest_backups(folder)]
    soms = domain.soms()
    soms[0].links = [Link(gpo.id, info.name) for gpo in gpos]
    domain.save_soms(soms)
    return domain


def add_from_backup(domain: Domain, backup: Backup) -> Gpo:
    """Make the GPO that a backup was taken of; its descriptor stays as it is, byte for byte."""
    moment = _moment(backup.backup_time)
    when = timestamp(moment)
    # UserVersionNumber and MachineVersionNumber hold two numbers each. Which word is the directory's is not known:
    # every genuine backup has the same number in both. The stand-in writes the directory's into the high word.
    user_directory, user_sysvol = backup.user_version >> 16, backup.user_version & 0xFFFF
    machine_directory, machine_sysvol = backup.machine_version >> 16, backup.machine_version & 0xFFFF
    gpo = domain.add_gpo(
        backup.display_name, backup.gpo_id, when, when, pack_version(user_directory, machine_directory)
    )
    folder = domain.sysvol_dir(gpo.id)
    _copy_files(folder, backup)
    write_bytes(folder / gpt_ini.NAME, gpt_ini.build(pack_version(user_sysvol, machine_sysvol)))
    set_times(folder, moment)

    gpo.flags = backup.options & 3
    gpo.machine_extensions = backup.machine_extensions
    gpo.user_extensions = backup.user_extensions
    gpo.security_descriptor = backup.security_descriptor
    if backup.wmi_filter:
        gpo.wmi_filter = _ensure_filter(domain, *backup.wmi_filter)
    domain.add_principals(backup.principals)
    domain.save_gpo(gpo)
    return gpo


def _moment(text: str) -> datetime:
    """BackupTime, which names no zone and is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return EPOCH
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _copy_files(folder: Path, backup: Backup) -> None:
    """Make folders first, then the files.

    Backup.xml may spell one folder in two ways: FSObjectDir as it is in SYSVOL, FSObjectFile as the extension's
    template has it. The folder's own spelling then holds; everything else keeps the Location's case.
    """
    known = {path.casefold(): path for path in HALF_FOLDER.values()}
    for parts in backup.folders:
        resolve_any_case(folder, parts).mkdir(parents=True, exist_ok=True)
    for file in backup.files:
        if len(file.parts) == 1 and file.parts[0].casefold() in known:
            raise BackupError(f"{backup.folder}: {file.parts[0]} is listed as a file, but is a folder in every GPO")
        write_bytes(resolve_any_case(folder, file.parts), file.source.read_bytes())


def _ensure_filter(domain: Domain, guid: str, name: str) -> str:
    """The WMI filter that a backup refers to.

    A backup does not hold its queries, so the filter gets one that is always true.
    """
    if guid not in (known.id for known in domain.wmi_filters()):
        query = r"root\CIMv2;SELECT * FROM Win32_OperatingSystem"
        domain.add_wmi_filter(WmiFilter(guid, name, "Made for a seeded GPO; its real queries are not known", [query]))
    return guid
