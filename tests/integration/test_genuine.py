# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A domain seeded from genuine backups: what is backed up says the same as the genuine backups do."""

from __future__ import annotations

import pathlib
import xml.etree.ElementTree as ET

import pytest
from harness import Lab, files

_NS = "{http://www.microsoft.com/GroupPolicy/GPOOperations}"
_CORE = (
    "ID", "DisplayName", "Options", "UserVersionNumber", "MachineVersionNumber", "MachineExtensionGuids",
    "UserExtensionGuids", "SecurityDescriptor", "WMIFilter",
)  # fmt: skip


def _core(folder: pathlib.Path) -> dict[str, str]:
    """Return the core settings of a backup."""
    core = ET.parse(folder / "Backup.xml").getroot().find(f".//{_NS}GroupPolicyCoreSettings")
    assert core is not None
    return {name: core.findtext(f"{_NS}{name}") or "" for name in _CORE}


def _listed(folder: pathlib.Path) -> list[tuple[str, ...]]:
    """Return the files and folders that Backup.xml lists, each with its extension, path and location."""
    listed = []
    for extension in ET.parse(folder / "Backup.xml").getroot().iter(f"{_NS}GroupPolicyExtension"):
        for entry in extension:
            listed.append((
                extension.get(f"{_NS}ID", ""), entry.tag.removeprefix(_NS), entry.get(f"{_NS}Path", ""),
                entry.get(f"{_NS}Location", ""),
            ))  # fmt: skip
    return listed


@pytest.fixture(scope="module")
def pairs(genuine_lab: Lab, genuine_backups: pathlib.Path) -> dict[str, tuple[pathlib.Path, pathlib.Path]]:
    """Back the domain up, and return the genuine and the new backup of each GPO by its ID."""
    result = genuine_lab.task(all=True)
    assert not result.get("failed"), result["msg"]
    made = {entry["gpo"]["id"]: genuine_lab.drive_d() / "GPO" / entry["backup"]["id"] for entry in result["backups"]}
    genuine = {_core(path)["ID"].upper(): path for path in genuine_backups.iterdir() if path.is_dir()}
    assert set(made) == set(genuine) and len(genuine) == 6
    return {gpo: (genuine[gpo], made[gpo]) for gpo in genuine}


def test_core_settings(pairs: dict[str, tuple[pathlib.Path, pathlib.Path]]) -> None:
    for genuine, made in pairs.values():
        assert _core(made) == _core(genuine)


def test_files_and_locations(pairs: dict[str, tuple[pathlib.Path, pathlib.Path]]) -> None:
    for genuine, made in pairs.values():
        assert sorted(_listed(made)) == sorted(_listed(genuine))


def test_files_byte_for_byte(pairs: dict[str, tuple[pathlib.Path, pathlib.Path]]) -> None:
    for genuine, made in pairs.values():
        # The genuine backups' own folders differ in upper and lower case from their Backup.xml.
        there = files(made / "DomainSysvol")
        assert there == files(genuine / "DomainSysvol") and there
