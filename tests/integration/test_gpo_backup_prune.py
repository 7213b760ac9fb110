# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_backup_prune against the lab: what goes, what stays, and what an interruption leaves."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import typing as t

import pytest
from backups import backup_folders, manifest_ids
from extent import in_long
from harness import Lab, tree
from steps import step


def _back_up(lab: Lab, gpos: str | list[str], times: int) -> dict[str, list[str]]:
    """Back up several times, and return the IDs of the backups, in order, by the GPO's name."""
    names = [str(number) for number in range(times)]
    run = lab.tasks([step(name, gpos=gpos, force=True, ignore_errors=False) for name in names])
    made: dict[str, list[str]] = {}
    for name in names:
        for entry in run.of(name)[0]["backups"]:
            made.setdefault(entry["gpo"]["name"].partition(":")[0], []).append(entry["backup"]["id"])
    return made


def _entries(folder: pathlib.Path) -> set[str]:
    return {path.stem.partition("_")[2] for path in (folder / ".gpvault").rglob("*}.json")}


def _pruned(result: dict[str, t.Any]) -> dict[str, str]:
    return {entry["backup"]["id"]: entry["reason"] for entry in result["pruned"]}


def test_what_goes_and_what_stays(lab: Lab) -> None:
    folder = lab.drive_d() / "GPO"
    made = _back_up(lab, ["Kiosk", "Laptops*"], times=3)
    kiosk, laptops = made["Kiosk"], made["Laptops"]
    # The newest of one GPO is damaged; the other GPO is gone; and there is what nobody knows.
    (folder / kiosk[2] / "Backup.xml").unlink()
    lab("gpo", "delete", "Laptops: BitLocker and VPN")
    # Remains of a backup that nobody knows, of somebody else's and of ours, and two folders that are no backups.
    stray, linked, young, foreign = (f"{{00000000-0000-0000-0000-00000000000{number}}}" for number in range(1, 5))
    for remains in (stray, linked, young):
        (folder / remains / "DomainSysvol/GPO").mkdir(parents=True)
    (folder / foreign).mkdir()
    (folder / foreign / "readme.txt").write_text("mine")
    outside = lab.drive_d() / "outside"
    outside.mkdir()
    (outside / "file").write_text("x")
    (folder / linked / "DomainSysvol/GPO/link").symlink_to(outside)
    for one in (stray, linked):
        for path in (folder / one, folder / one / "DomainSysvol", folder / one / "DomainSysvol/GPO"):
            os.utime(path, (0, 0))
    # And Kiosk's newest entry names the newest backup of Laptops.
    (entry,) = (folder / ".gpvault").rglob(f"*_{kiosk[2]}.json")
    content = json.loads(entry.read_bytes())
    content["sequence"], content["backup"]["id"] = 9, laptops[2]
    crossed = entry.with_name(f"0000000009_{laptops[2]}.json")
    crossed.write_text(json.dumps(content))
    before = tree(lab.drive_d())

    plan = {"keep_last": 1, "remove": ["damaged"], "gpos": "*"}
    run = lab.tasks([
        step("Other", "gpo_backup_prune", keep_last=1, domain="other.example", deleted_gpos="prune"),
        step("Check", "gpo_backup_prune", keep_last=1, check_mode=True, diff=True),
    ])  # fmt: skip
    assert tree(lab.drive_d()).items() >= before.items()
    assert run.of("Other")[0]["summary"]["pruned"] == 0, run.of("Other")[0]
    (check,) = run.of("Check")
    assert _pruned(check) == {kiosk[0]: "no_rule_keeps_it"} and check["changed"] is True
    kept = {entry["backup"]["id"]: entry["rules"] for entry in check["kept"]}
    assert kept[kiosk[1]] == ["newest_good", "keep_last"] and kept[kiosk[2]] == ["not_asked_for"]
    assert kept[laptops[0]] == ["deleted_gpo"] and kept[stray] == ["not_asked_for"]
    assert kept[young] == ["young"] and kept[foreign] == ["foreign"]

    run = lab.tasks([
        step("Real", "gpo_backup_prune", **{key: value for key, value in plan.items() if key != "gpos"}),
        step("Again", "gpo_backup_prune", keep_last=1),
        step("Deleted", "gpo_backup_prune", keep_last=2, deleted_gpos="prune", gpos="Laptops*"),
    ])  # fmt: skip
    (real,) = run.of("Real")
    assert _pruned(real) == {
        kiosk[0]: "no_rule_keeps_it", kiosk[2]: "damaged", stray: "damaged", linked: "damaged",
    }  # fmt: skip
    # The one with a link in it is left alone, and said so.
    assert real["failed"] is True and real["summary"]["failed"] == 1 and real["summary"]["pruned"] == 3
    assert f"1 of 4 backups failed: {linked} of " in real["msg"] and "There is a link in its folder" in real["msg"]
    assert run.of("Again")[0]["changed"] is False and not run.of("Again")[0].get("failed")
    assert _pruned(run.of("Deleted")[0]) == {laptops[0]: "no_rule_keeps_it"}
    assert (outside / "file").read_text() == "x"
    assert backup_folders(folder) == {kiosk[1], laptops[1], laptops[2], linked, young, foreign}
    crossed.unlink()
    assert set(manifest_ids(folder)) == _entries(folder) == {kiosk[1], laptops[1], laptops[2]}


def test_an_interrupted_prune_is_completed(lab: Lab) -> None:
    """Whatever the step at which it ended: each is the state that a killed process would have left."""
    folder = lab.drive_d() / "GPO"
    ids = _back_up(lab, "Kiosk", times=4)["Kiosk"]
    tombs = folder / ".gpvault/.deleted"
    tombs.mkdir()
    for number in range(3):
        (entry,) = (folder / ".gpvault/corp.example").rglob(f"*_{ids[number]}.json")
        entry.rename(tombs / f"{ids[number]}.json")
    # The first only has its tombstone; of the second half of the folder is gone; of the third all of it.
    (folder / ids[1] / "bkupInfo.xml").unlink()
    shutil.rmtree(folder / ids[2])
    # And one that the catalog never knew, gone but for its tombstone.
    foreign = "{00000000-0000-0000-0000-000000000003}"
    (tombs / f"{foreign}.json").touch()

    run = lab.tasks([
        step("Info", "gpo_backup_info", ignore_errors=False),
        # A backup meanwhile takes them for gone.
        step("Backup", create_path=False, gpos="Kiosk", ignore_errors=False),
        step("Check", "gpo_backup_prune", keep_last=9, check_mode=True),
        step("Real", "gpo_backup_prune", keep_last=9),
    ])  # fmt: skip
    damaged = {one["id"] for one in run.of("Info")[0]["backups"] if one["state"] == "damaged"}
    assert damaged == {*ids[:3], foreign}
    assert run.of("Backup")[0]["summary"]["unchanged"] == 1
    for name in ("Check", "Real"):
        (result,) = run.of(name)
        assert _pruned(result) == dict.fromkeys([*ids[:3], foreign], "interrupted"), result["msg"]
        assert not result.get("failed"), result["msg"]
    assert {entry["backup"]["gpo"]["name"] for entry in run.of("Real")[0]["pruned"]} == {"Kiosk", None}
    assert backup_folders(folder) == set(manifest_ids(folder)) == _entries(folder) == {ids[3]}
    assert list(tombs.iterdir()) == []


@in_long
def test_uncatalogued_and_safety_copies_go_by_name(lab: Lab) -> None:
    folder = lab.drive_d() / "GPO"
    ids = _back_up(lab, "Kiosk", times=3)["Kiosk"]
    # The first is as if somebody else had made it, and out of the manifest; the second a safety copy.
    (entry,) = (folder / ".gpvault/corp.example").rglob(f"*_{ids[0]}.json")
    entry.unlink()
    manifest = (folder / "manifest.xml").read_text("utf-8")
    start = manifest.index("<BackupInst>")
    end = manifest.index("</BackupInst>") + len("</BackupInst>")
    (folder / "manifest.xml").write_text(manifest[:start] + manifest[end:], "utf-8")
    (entry,) = (folder / ".gpvault/corp.example").rglob(f"*_{ids[1]}.json")
    content = json.loads(entry.read_bytes())
    entry.write_text(json.dumps({**content, "purpose": "safety"}))

    run = lab.tasks([
        step("None", "gpo_backup_prune", keep_last=1),
        step("Both", "gpo_backup_prune", keep_last=1, remove=["uncatalogued", "safety"]),
    ])  # fmt: skip
    assert run.of("None")[0]["changed"] is False
    (both,) = run.of("Both")
    assert _pruned(both) == {ids[0]: "uncatalogued", ids[1]: "safety"} and not both.get("failed"), both["msg"]
    assert backup_folders(folder) == set(manifest_ids(folder)) == _entries(folder) == {ids[2]}
