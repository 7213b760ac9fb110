# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A backup directory and a domain read from Linux, and the lab's domain edited between two runs."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import re
import typing as t
import xml.etree.ElementTree as ET
from unittest import mock

from harness import BUILD, Lab, files
from labkit import cli

MANIFEST = "{http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest}"

Entry = dict[str, t.Any]

_ENTRY = re.compile(r"(0[0-9]{9})_(\{[0-9A-F-]{36}\})\.json")


def edit(lab: Lab, *words: str) -> None:
    """Run a `lab gpo` command, without a process for each: a test makes dozens of edits."""
    with mock.patch.dict(os.environ, {"GPVAULT_LAB": str(lab.state), "GPVAULT_BUILD": str(BUILD)}):
        assert cli.main(["gpo", *words]) == 0, words


def gpo_ids(lab: Lab, host: str = "host1") -> dict[str, str]:
    """Return the IDs of the visible GPOs by name. Those that share a name have the end of the ID in it."""
    gpos = [gpo for gpo in lab.gpos(host) if gpo["visible"]]
    names = [gpo["display_name"] for gpo in gpos]
    return {
        name if names.count(name) == 1 else f"{name} {gpo['id']}": gpo["id"] for name, gpo in zip(names, gpos)
    }  # fmt: skip


def snapshot(lab: Lab, host: str = "host1") -> dict[str, t.Any]:
    """Return the domain on disk, but for versions, times and who owns what."""
    domain = lab.host_dir(host) / "domain"
    gpos = {}
    for path in sorted((domain / "gpos").glob("*.json")):
        facts = json.loads(path.read_bytes())
        for name in ("version", "created", "modified", "owner"):
            del facts[name]
        gpos[path.stem] = facts
    (policies,) = domain.glob("sysvol/*/Policies")
    others = {name: json.loads((domain / f"{name}.json").read_bytes()) for name in ("soms", "wmi_filters")}
    return {"gpos": gpos, "files": files(policies, but="GPT.INI"), **others}


def entry_files(folder: pathlib.Path) -> dict[tuple[str, str], list[pathlib.Path]]:
    """Return the catalog's files by domain and GPO, the oldest first."""
    found: dict[tuple[str, str], list[pathlib.Path]] = {}
    for path in sorted((folder / ".gpvault").glob("*/*/*")):
        if _ENTRY.fullmatch(path.name) and path.is_file():
            found.setdefault((path.parts[-3], path.parts[-2]), []).append(path)
    return found


def catalog(folder: pathlib.Path) -> dict[tuple[str, str], list[Entry]]:
    """Return the catalog's entries by domain and GPO, the oldest first."""
    return {
        key: [json.loads(path.read_text("utf-8")) for path in paths] for key, paths in entry_files(folder).items()
    }


def newest(folder: pathlib.Path, gpo: str, domain: str = "corp.example") -> Entry:
    """Return the newest entry of a GPO."""
    return catalog(folder)[domain, gpo][-1]


def backup_folders(folder: pathlib.Path) -> set[str]:
    """Return the IDs of the backups that GPMC left in a directory, whole or not."""
    return {path.name for path in folder.iterdir() if path.name.startswith("{")}


def manifest_ids(folder: pathlib.Path) -> list[str]:
    """Return the IDs of the backups that GPMC's manifest lists."""
    return [listed.findtext(f"{MANIFEST}ID") or "" for listed in ET.parse(folder / "manifest.xml").getroot()]


def hashes(folder: pathlib.Path) -> dict[str, tuple[int, str]]:
    """Return size and SHA-256 of every file of a backup, by its path as Windows writes it."""
    return {
        str(path.relative_to(folder)).replace("/", "\\"): (
            path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()
        )
        for path in folder.rglob("*")
        if path.is_file()
    }  # fmt: skip


def assert_whole(folder: pathlib.Path, uncatalogued: int | None = 0) -> dict[tuple[str, str], list[Entry]]:
    """Assert that the catalog tells the truth, and return it.

    Each entry is where its content says, its numbers have no gap, its backup is there with exactly the files that it
    lists, and no two share one. *uncatalogued* is how many backups may be without an entry; None for any number.
    """
    entries = catalog(folder)
    seen: set[str] = set()
    for (domain, gpo), of_gpo in entries.items():
        assert [entry["sequence"] for entry in of_gpo] == list(range(1, len(of_gpo) + 1)), (domain, gpo)
        names = [path.name for path in entry_files(folder)[domain, gpo]]
        for entry, name in zip(of_gpo, names):
            backup = entry["backup"]["id"]
            assert name == f"{entry['sequence']:010}_{backup}.json"
            assert (entry["gpo"]["domain"], entry["gpo"]["id"]) == (domain, gpo)
            listed = {file["path"]: (file["size"], file["sha256"]) for file in entry["files"]}
            assert listed == hashes(folder / backup), (gpo, backup)
            assert {"Backup.xml", "bkupInfo.xml"} <= set(listed)
            assert backup not in seen
            seen.add(backup)
    left = backup_folders(folder) - seen
    assert uncatalogued is None or len(left) == uncatalogued, left
    return entries
