# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backup directories for the tests: small ones, written as a host would have them."""

from __future__ import annotations

import hashlib
import json
import pathlib
import typing as t

DOMAIN = "corp.example"
GPO = "{56FBAA13-1A1B-5C8A-B6BC-49705916AFED}"

_SPACE = "http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest"


def backup_id(number: int) -> str:
    """Return the ID of a backup."""
    return f"{{00000000-0000-0000-0000-{number:012d}}}"


def info_xml(number: int, **changes: str) -> bytes:
    """Return the bkupInfo.xml of a backup."""
    texts = {
        "GPOGuid": GPO, "GPODomain": DOMAIN, "GPODomainGuid": "{1}", "GPODomainController": "dc1",
        "BackupTime": f"2026-03-{number:02d}T10:00:00", "ID": backup_id(number), "Comment": "a ]]> b",
        "GPODisplayName": "Kiosk", **changes,
    }  # fmt: skip
    parts = {name: f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>" for name, text in texts.items()}
    inner = "".join(f"<{name}>{part}</{name}>" for name, part in parts.items())
    return f'<BackupInst xmlns="{_SPACE}">{inner}</BackupInst>'.encode()


def contents(number: int) -> dict[str, bytes]:
    """Return the files of a backup, by their paths as the catalog writes them."""
    return {
        "Backup.xml": b"<GroupPolicyBackupScheme/>",
        "bkupInfo.xml": info_xml(number),
        "DomainSysvol\\GPO\\Machine\\registry.pol": b"PReg" * number,
        "DomainSysvol\\GPO\\User\\Scripts\\empty \u00fc.txt": b"",
    }


def entry(number: int, held: t.Mapping[str, bytes] | None = None, **changes: t.Any) -> bytes:
    """Return the entry of a backup in the catalog."""
    held = contents(number) if held is None else held
    return json.dumps({
        "schema": 1, "collection_version": "0.1.0", "sequence": number, "run_id": "r", "purpose": "backup",
        "gpo": {"id": GPO, "name": "Kiosk", "domain": DOMAIN},
        "backup": {"id": backup_id(number), "timestamp": f"2026-03-{number:02d}T10:00:00Z", "comment": "a ]]> b"},
        "files": [
            {"path": path, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            for path, content in held.items()
        ],
        **changes,
    }).encode()  # fmt: skip


def put(
    folder: pathlib.Path,
    number: int,
    gpo: str = GPO,
    name: str = "Kiosk",
    more: t.Mapping[str, bytes] = {},
    history: str | None = None,
) -> None:
    """Put a backup into a backup directory, with *more* files than it has anyway."""
    files = {**contents(number), "bkupInfo.xml": info_xml(number, GPOGuid=gpo, GPODisplayName=name), **more}
    for path, content in files.items():
        target = folder / backup_id(number) / path.replace("\\", "/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    catalog = folder / ".gpvault" / DOMAIN / gpo
    catalog.mkdir(parents=True, exist_ok=True)
    said = entry(number, files, history=history, gpo={"id": gpo, "name": name, "domain": DOMAIN})
    (catalog / f"{number:010d}_{backup_id(number)}.json").write_bytes(said)


def listed(number: int) -> dict[str, t.Any]:
    """Return what a host tells of a backup of its own that is like one of put()."""
    held = contents(number)
    gpo = {"id": GPO, "name": "Kiosk", "domain": DOMAIN}
    said = entry(number, held, history=None, gpo=gpo)
    return {
        **json.loads(said)["backup"], "gpo": gpo, "purpose": "backup", "sequence": number, "state": "ok",
        "problems": [], "in_manifest": True, "record": {
            "domain": DOMAIN, "gpo_id": GPO, "sequence": number, "sha256": hashlib.sha256(said).hexdigest(),
            "size": sum(map(len, held.values())), "history": None,
        },
    }  # fmt: skip


def tree(folder: pathlib.Path) -> dict[str, bytes | None]:
    """Return every file below a folder with its content, and every folder, but for the lock."""
    found = {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")
    }
    found.pop(".gpvault/lock", None)
    return found
