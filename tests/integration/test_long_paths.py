# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

r"""Files beyond MAX_PATH on a host whose .NET does not reach them without \\?\, as Windows PowerShell's does not."""

from __future__ import annotations

import json
import os
import pathlib
import typing as t

from backups import backup_folders, gpo_ids, hashes, newest
from extent import in_whole
from harness import Lab
from steps import outcomes, step

# Beyond 259 characters is this file of SYSVOL; and in this directory, all that the catalog keeps and most of a backup.
_FILE = f"Machine/Scripts/{'d' * 120}/{'f' * 120}.cmd"
_FOLDERS = ("b" * 120, "c" * 60)
_GPOS = ["Kiosk", "Default Domain Policy"]
_STRAY = "{00000000-0000-0000-0000-000000000001}"


def _leave_behind(folder: pathlib.Path) -> None:
    """Make what is left of a backup that nobody knows, so old that nobody is making it."""
    deep = folder / _STRAY / "DomainSysvol/GPO" / ("e" * 100)
    deep.mkdir(parents=True)
    (deep / "file").write_text("x")
    for path in (folder / _STRAY, *(folder / _STRAY).rglob("*")):
        os.utime(path, (0, 0))


def _prefixed(result: t.Mapping[str, t.Any]) -> bool:
    return r"\\?" in json.dumps(result)


@in_whole
def test_long_paths(short_paths_lab: Lab) -> None:
    lab = short_paths_lab
    lab("domain", "--long-paths", "on")
    lab("gpo", "edit-file", "Kiosk", _FILE, "--text", "as it was")
    kiosk = gpo_ids(lab)["Kiosk"]
    folder = lab.drive_d().joinpath(*_FOLDERS)
    _leave_behind(folder)
    there = {"path": "\\".join(("D:", *_FOLDERS))}
    (script,) = [path for path in (lab.host_dir() / "domain/sysvol").rglob("*.cmd") if path.stem == "f" * 120]
    edit = {"content": "edited", "dest": str(script)}
    steps = [
        step("Backup", gpos=_GPOS, **there),
        step("Again", gpos=_GPOS, **there),
        step("Verify", "gpo_backup_info", verify="full", gpos=_GPOS, **there),
        {"name": "Edit", "ansible.builtin.copy": edit, "delegate_to": "localhost"},
        step("Restore", "gpo_restore", gpos=_GPOS, **there),
        step("Force", gpos=_GPOS, force=True, **there),
        step("Prune", "gpo_backup_prune", keep_last=1, remove=["damaged", "safety"], **there),
    ]
    run = lab.tasks(steps)
    told = {one["name"]: run.of(one["name"])[0] for one in steps}
    assert not [name for name, result in told.items() if result.get("failed") or _prefixed(result)]

    assert set(outcomes(told["Backup"]).values()) == {"created"}, told["Backup"]
    assert set(outcomes(told["Again"]).values()) == {"unchanged"}, told["Again"]
    assert {one["state"] for one in told["Verify"]["backups"]} == {"ok"}, told["Verify"]
    assert outcomes(told["Restore"], "name") == {"Kiosk": "restored", "Default Domain Policy": "unchanged"}
    assert told["Edit"]["changed"] and script.read_text("utf-8") == "as it was"

    assert told["Prune"]["summary"]["pruned"] == 4, told["Prune"]
    left = {gpo: newest(folder, gpo) for gpo in outcomes(told["Force"])}
    assert backup_folders(folder) == {entry["backup"]["id"] for entry in left.values()}
    for entry in left.values():
        recorded = {file["path"]: (file["size"], file["sha256"]) for file in entry["files"]}
        assert recorded == hashes(folder / entry["backup"]["id"])
    assert any(len(file["path"]) > 250 for file in left[kiosk]["files"])
