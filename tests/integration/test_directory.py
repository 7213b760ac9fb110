# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A backup directory as copies and accidents leave it: the catalog lies or is lost, GPMC's index is."""

from __future__ import annotations

import json
import pathlib
import shutil

from backups import backup_folders, edit, gpo_ids, manifest_ids
from extent import in_whole
from harness import Lab, tree
from steps import item, outcomes, step

_LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"


def _policies(lab: Lab) -> pathlib.Path:
    return lab.host_dir() / "domain/sysvol/corp.example/Policies"


def _cross(folder: pathlib.Path, gpo: str, backup: str) -> None:
    """Have the newest entry of a GPO name another GPO's backup."""
    (entry,) = (folder / ".gpvault/corp.example" / gpo).glob("*.json")
    content = json.loads(entry.read_bytes())
    content["sequence"] = 9
    content["backup"]["id"] = backup
    (entry.parent / f"0000000009_{backup}.json").write_text(json.dumps(content))


def test_an_entry_for_anothers_backup_and_a_lost_index(lab: Lab) -> None:
    folder = lab.drive_d() / "GPO"
    made = lab.tasks([step("First", gpos=["Kiosk", "Laptops*"], ignore_errors=False)]).of("First")[0]
    kiosk = item(made, "Kiosk")["backup"]["id"]
    laptops = item(made, "Laptops: BitLocker and VPN")["backup"]["id"]
    ids = gpo_ids(lab)
    _cross(folder, ids["Kiosk"], laptops)
    (folder / "manifest.xml").unlink()
    edit(lab, "edit", "Kiosk")
    lab("domain", "--search-without-manifest", "off")
    policies = tree(_policies(lab) / ids["Laptops: BitLocker and VPN"])
    before = backup_folders(folder)

    restore = {"gpos": ["Kiosk"], "links": False}
    run = lab.tasks([
        step("Backup", create_path=False, gpos=["Kiosk", "Laptops*"], check_mode=True),
        step("Info", "gpo_backup_info"),
        step("Check", "gpo_restore", **restore, check_mode=True),
        step("Real", "gpo_restore", **restore),
        step("Index check", "gpo_backup_index", check_mode=True),
        step("Index", "gpo_backup_index", ignore_errors=False),
        step("Again", "gpo_backup_index", ignore_errors=False),
        step("Restore", "gpo_restore", **restore, backup_first=False, ignore_errors=False),
    ])  # fmt: skip
    (backup,) = run.of("Backup")
    # The newest backup of Kiosk is its own, and the crossed entry is told.
    assert outcomes(backup, "name") == {"Kiosk": "created", "Laptops: BitLocker and VPN": "unchanged"}
    assert item(backup, "Kiosk")["reasons"] == ["computer_settings"]
    told = " ".join(run.warnings)
    assert f"The bkupInfo.xml of the backup {laptops} has the GPOGuid" in told and "gpo_backup_index" in told
    (info,) = run.of("Info")
    assert info["summary"]["ok"] == 2 and info["summary"]["unlisted"] == 2
    for name in ("Check", "Real"):
        (failed,) = run.of(name)
        (one,) = failed["restores"]
        assert (one["outcome"], one["trouble"]["step"]) == ("failed", "not_listed"), failed["msg"]
        assert "gpo_backup_index" in one["trouble"]["fix"] and one["safety_backup"] is None
    assert run.of("Index check")[0]["added"] == run.of("Index")[0]["added"] == sorted([kiosk, laptops])
    assert run.of("Again")[0]["changed"] is False
    (restored,) = run.of("Restore")
    assert item(restored, "Kiosk")["backup"]["id"] == kiosk
    assert backup_folders(folder) == before == set(manifest_ids(folder))
    assert tree(_policies(lab) / ids["Laptops: BitLocker and VPN"]) == policies


@in_whole
def test_check_mode_of_a_first_night(lab: Lab, tmp_path: pathlib.Path) -> None:
    """What the backup would have made, or filled, is no failure to those that only look; to others it is."""
    (lab.drive_d() / "Empty").mkdir()
    empty = {"path": "D:\\Empty"}
    check = {"check_mode": True}
    run = lab.tasks(
        [
            step("Back up", gpos="Kiosk", **check),
            step("Verify", "gpo_backup_info", verify="full", fail_if_empty=True, **check),
            step("Prune", "gpo_backup_prune", keep_last=1, gpos="Kiosk", **check),
            step("Prune what is empty", "gpo_backup_prune", keep_last=1, **empty, **check),
            step("Restore", "gpo_restore", gpos="Kiosk", **check),
            step("Verify for real", "gpo_backup_info", verify="full", **empty),
            step("Prune for real", "gpo_backup_prune", keep_last=1, **empty),
            step("Fetch", "gpo_backup_fetch", dest=str(tmp_path / "check"), **empty, **check),
            step("Fetch for real", "gpo_backup_fetch", dest=str(tmp_path / "real"), **empty),
        ]
    )
    said = {"Verify": "0 backups: ", "Prune": "0 of 0 ", "Prune what is empty": "0 of 0 ", "Fetch": "0 of 0 "}
    for name, backups in said.items():
        (result,) = run.of(name)
        assert not result.get("failed") and not result.get("warnings"), result
        assert result["msg"].startswith(backups) and "The directory is missing or empty; in check mode" in result["msg"]
    for name in ("Restore", "Verify for real", "Prune for real", "Fetch for real"):
        assert run.of(name)[0]["failed"] is True, name
    assert [path.name for path in lab.drive_d().rglob("*")] == ["Empty"]


@in_whole
def test_a_broken_index_and_a_lost_catalog(lab: Lab) -> None:
    folder = lab.drive_d() / "GPO"
    made = lab.tasks([step("First", gpos=["Kiosk"], ignore_errors=False)]).of("First")[0]
    kiosk = item(made, "Kiosk")["backup"]["id"]
    (folder / "manifest.xml").write_text(_LFS)
    (folder / kiosk / "bkupInfo.xml").unlink()
    shutil.rmtree(folder / ".gpvault")
    edit(lab, "edit", "Kiosk")
    outside = lab.drive_d() / "outside"
    (outside / kiosk).mkdir(parents=True)
    (outside / kiosk / "readme.txt").write_text("mine")

    run = lab.tasks([
        step("Check", create_path=False, gpos="Kiosk", check_mode=True),
        step("Backup", create_path=False, gpos="Kiosk"),
        step("Nothing", "gpo_restore", path="D:\\", all=True),
        step("Wrong", "gpo_backup_prune", path="D:\\outside", remove=["damaged"], deleted_gpos="prune"),
        step("Sysvol", "gpo_backup_prune", path="\\\\corp.example\\SYSVOL\\corp.example\\Policies", remove=["damaged"]),
        step("Foreign", "gpo_backup_info", path="D:\\outside"),
        step("Verify", "gpo_backup_info", verify="full"),
        step("Named", "gpo_restore", backup_id=kiosk),
        step("Forced", "gpo_restore", backup_id=kiosk, force=True, backup_first=False),
        step("Index", "gpo_backup_index", ignore_errors=False),
        step("Rebuilt", "gpo_restore", backup_id=kiosk, force=True, backup_first=False, ignore_errors=False),
        step("All", "gpo_restore", all=True),
        step("Uncatalogued", "gpo_restore", all=True, uncatalogued=True, backup_first=False, ignore_errors=False),
    ])  # fmt: skip
    for name in ("Check", "Backup"):
        (failed,) = run.of(name)
        assert item(failed, "Kiosk")["trouble"]["step"] == "manifest" and "Git LFS" in failed["msg"], failed["msg"]
    assert backup_folders(folder) == {kiosk}
    assert "one level lower, in 'GPO'" in run.of("Nothing")[0]["msg"]
    assert "There is no backup in it." in run.of("Wrong")[0]["msg"]
    assert "It is in SYSVOL" in run.of("Sysvol")[0]["msg"]
    (foreign,) = run.of("Foreign")
    assert foreign["summary"] == {
        "total": 0, "ok": 0, "uncatalogued": 0, "damaged": 0, "foreign": 1, "unlisted": 0,
    }  # fmt: skip
    assert [path.name for path in outside.iterdir()] == [kiosk] and not (_policies(lab) / ".gpvault").exists()
    (verified,) = run.of("Verify")
    assert verified["failed"] is True and "knows nothing of the 1 backup there" in verified["msg"], verified["msg"]
    assert "has lost its bkupInfo.xml" in run.of("Named")[0]["msg"]
    # The file is there again from here on; GPMC goes by its broken index.
    assert run.of("Forced")[0]["failed"] is True and (folder / kiosk / "bkupInfo.xml").exists()
    assert run.of("Index")[0]["fault"].startswith("It is a pointer of Git LFS")
    assert run.of("Rebuilt")[0]["restores"][0]["outcome"] == "restored"
    (nothing,) = run.of("All")
    assert nothing["failed"] is True and "uncatalogued: true" in nothing["msg"]
    (whole,) = run.of("Uncatalogued")
    assert outcomes(whole, "name") == {"Kiosk": "restored"} and whole["restores"][0]["backup"]["id"] == kiosk
