# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_backup_fetch and gpo_backup_push against the lab: to the controller, and back when all is lost."""

from __future__ import annotations

import contextlib
import functools
import json
import pathlib
import random
import shutil
import time

import pytest
from backups import assert_whole, backup_folders, manifest_ids
from extent import in_long, in_whole
from harness import Lab, kill_with_children, tree
from steps import step

_OTHER = "D:\\Other \u00fc\\copies"
_ALL = {"all": True, "inaccessible": "ignore", "detail": "summary", "ignore_errors": False}


def _files(folder: pathlib.Path) -> dict[str, bytes]:
    """Return what two copies have alike: the files. Empty folders do not travel, and each has an index of its own."""
    left_out = ("manifest.xml", ".gpvault/lock")
    return {path: content for path, content in tree(folder).items() if content is not None and path not in left_out}


def _temporary(lab: Lab) -> set[pathlib.Path]:
    """Return what tasks have left in the temporary folders of the host."""
    return set(lab.host_dir().rglob("ansible-tmp-*")) | set(lab.host_dir().rglob("gpvault.zip"))


@in_whole
def test_a_backup_directory_goes_to_the_controller_and_back(lab: Lab, tmp_path: pathlib.Path) -> None:
    folder, other, dest = lab.drive_d() / "GPO", lab.drive_d() / "Other \u00fc/copies", tmp_path / "copies/host1"
    left = _temporary(lab)
    run = lab.tasks([
        step("Backup", **_ALL),
        step("Second", gpos="Kiosk", force=True),
        step("Planned", "gpo_backup_fetch", dest=str(dest), check_mode=True),
        step("Fetch", "gpo_backup_fetch", dest=str(dest)),
        step("Again", "gpo_backup_fetch", dest=str(dest), verify="full"),
    ])  # fmt: skip
    (planned,), (fetched,), (again,) = run.of("Planned"), run.of("Fetch"), run.of("Again")
    number = len(backup_folders(folder))
    assert number > 10 and planned["summary"] == fetched["summary"], fetched["msg"]
    counts = {"selected": number, "failed": 0, "not_attempted": 0}
    assert fetched["summary"].items() >= {**counts, "copied": number, "unchanged": 0}.items() and fetched["changed"]
    nothing = {"copied": 0, "repaired": 0, "unchanged": number, "bytes": 0}
    assert again["summary"] == {**counts, **nothing} and not again["changed"]
    assert _files(dest) == _files(folder)
    assert_whole(dest)
    assert set(manifest_ids(dest)) == backup_folders(folder)
    assert _temporary(lab) == left

    # GPOs and the backups are gone. In the new directory a run was killed: it left a backup without its entry, and what
    # was not whole; and somebody keeps something of their own under the ID of a backup.
    ids = sorted(backup_folders(folder))
    for gpo in (gpo["display_name"] for gpo in lab.gpos() if gpo["display_name"] in ("Kiosk", "Browser settings")):
        lab("gpo", "delete", gpo)
    shutil.rmtree(folder)
    shutil.copytree(dest / ids[0], other / ids[0])
    (other / ids[1]).mkdir()
    (other / ids[1] / "mine.txt").write_text("mine")
    (other / ".gpvault/.incoming" / ids[2]).mkdir(parents=True)
    push = {"path": _OTHER, "src": str(dest)}
    run = lab.tasks([
        step("Planned", "gpo_backup_push", **push, check_mode=True),
        step("Push", "gpo_backup_push", **push, create_path=True),
        step("Missing", "gpo_backup_push", path="D:\\Missing", src=str(dest)),
    ])  # fmt: skip
    (planned,), (pushed,), (missing,) = run.of("Planned"), run.of("Push"), run.of("Missing")
    assert planned["summary"]["copied"] == number and planned["changed"] is True
    assert pushed["summary"].items() >= {"selected": number, "copied": number - 1, "failed": 1}.items(), pushed["msg"]
    assert ids[1] in pushed["msg"] and "There is a folder of that name, which is left as it is" in pushed["msg"]
    assert [path.name for path in (other / ids[1]).iterdir()] == ["mine.txt"]
    assert missing["failed"] is True and "0x80070003" in missing["msg"] and not missing["changed"]
    shutil.rmtree(other / ids[1])

    run = lab.tasks([
        step("Rest", "gpo_backup_push", **push),
        step("Again", "gpo_backup_push", **push, verify="full"),
        step("Info", "gpo_backup_info", path=_OTHER, verify="full"),
        step("Planned", "gpo_restore", path=_OTHER, gpos=["Kiosk", "Browser settings"], check_mode=True),
        step("Restore", "gpo_restore", path=_OTHER, gpos=["Kiosk", "Browser settings"]),
    ])  # fmt: skip
    (rest,), (again,), (info,) = run.of("Rest"), run.of("Again"), run.of("Info")
    assert rest["summary"].items() >= {"copied": 1, "unchanged": number - 1, "failed": 0}.items(), rest["msg"]
    assert again["changed"] is False and again["summary"]["unchanged"] == number
    assert info["summary"] == {
        "total": number, "ok": number, "uncatalogued": 0, "damaged": 0, "foreign": 0, "unlisted": 0,
    }  # fmt: skip
    for result in (*run.of("Planned"), *run.of("Restore")):
        assert not result.get("failed") and result["summary"]["restored"] == 2, result["msg"]
    assert not (other / ".gpvault/.incoming").exists() and _temporary(lab) == left
    # A restore notes what came out beside the entries.
    assert _files(dest).items() <= _files(other).items()


@in_whole
def test_what_is_on_the_host_is_not_trusted(lab: Lab, tmp_path: pathlib.Path) -> None:
    """Damaged, unconfirmed and hostile: told, and neither copied nor followed; the others are copied."""
    folder, copy = lab.drive_d() / "GPO", tmp_path / "copy"
    lab.tasks([step("Backup", gpos=["Default*", "Kiosk", "Laptops*", "Browser settings"], ignore_errors=False)])
    entries = sorted((folder / ".gpvault").glob("*/*/0*.json"))
    damaged, crossed, hostile, linked = entries[:4]
    ids = [path.stem.partition("_")[2] for path in entries[:4]]
    # Another content of the same size.
    report = folder / ids[0] / "gpreport.xml"
    report.write_bytes(b"x" * report.stat().st_size)
    # An entry that claims the backup for another GPO, in that GPO's folder.
    claimed = json.loads(crossed.read_bytes())
    claimed["gpo"]["id"] = "{00000000-0000-0000-0000-00000000ABCD}"
    crossed.unlink()
    other = crossed.parent.parent / claimed["gpo"]["id"] / crossed.name
    other.parent.mkdir()
    other.write_text(json.dumps(claimed))
    # An entry with a file outside of the backup, and a backup with a link in it.
    said = json.loads(hostile.read_bytes())
    said["files"][0]["path"] = "..\\..\\secret.txt"
    hostile.write_text(json.dumps(said))
    (lab.drive_d() / "secret.txt").write_text("secret")
    (folder / ids[3] / "DomainSysvol/link").symlink_to(lab.drive_d())
    before = tree(lab.drive_d())
    run = lab.tasks([step("Fetch", "gpo_backup_fetch", dest=str(copy))])
    (result,) = run.of("Fetch")
    assert result["failed"] is True, result
    assert result["summary"].items() >= {"copied": 1, "failed": 3}.items(), result["msg"]
    for part in ("gpreport.xml have changed", "secret.txt is missing", "There is a link in its folder"):
        assert part in result["msg"]
    output = " ".join(run.output.split())
    assert f"1 backup without a usable entry in the catalog cannot be copied: {ids[1]} (uncatalogued)." in output
    assert len(backup_folders(copy)) == 1 and not set(ids) & backup_folders(copy)
    assert not list(tmp_path.rglob("secret.txt")) and tree(lab.drive_d()) == before


@in_long
def test_a_controller_that_is_killed_at_any_moment(lab: Lab, tmp_path: pathlib.Path) -> None:
    """What it leaves is whole backups, and the last run completes the copy."""
    folder, dest = lab.drive_d() / "GPO", tmp_path / "copy"
    lab.tasks([step(str(number), **_ALL, force=True) for number in range(4)])
    numbers = random.Random(20)
    fetch = [step("Fetch", "gpo_backup_fetch", dest=str(dest), trip_time="1s")]
    incoming, halfway = dest / ".gpvault/.incoming", 0
    for kill in range(20):
        if kill % 4 == 0:
            shutil.rmtree(dest, ignore_errors=True)
        with lab.tidied(), lab.play_file(fetch) as path, lab.start(path) as running:
            # Anywhere, or while an archive comes and is unpacked.
            if kill % 4 != 3:
                running.until(functools.partial(_is_newer, incoming, time.time()))
            with contextlib.suppress(AssertionError):
                running.until(lambda: False, timeout=numbers.uniform(0, 8 if kill % 4 == 3 else 2))
            kill_with_children(running.process.pid)
        halfway += incoming.exists()
        entries = {path.stem.partition("_")[2] for path in (dest / ".gpvault").glob("*/*/0*.json")}
        there = backup_folders(dest)
        assert entries <= there and len(there - entries) <= 1, kill
        for backup in there:
            assert _files(dest / backup) == _files(folder / backup), (kill, backup)
    assert halfway >= 5
    run = lab.tasks([*fetch, step("Again", "gpo_backup_fetch", dest=str(dest), verify="full")])
    assert not run.of("Fetch")[0].get("failed"), run.output
    assert run.of("Again")[0]["changed"] is False and run.of("Again")[0]["summary"]["failed"] == 0
    assert assert_whole(dest).keys() == assert_whole(folder).keys()
    assert set(manifest_ids(dest)) == backup_folders(folder) and not (dest / ".gpvault/.incoming").exists()


def _is_newer(path: pathlib.Path, moment: float) -> bool:
    """Return whether something was made, or changed, since then: what was there before a run was left by another."""
    try:
        return path.stat().st_ctime > moment
    except FileNotFoundError:
        return False
