# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_drill: recovered into a GPO that is there for that alone, and nothing of it is left."""

from __future__ import annotations

import json
import pathlib
import typing as t

from extent import in_whole
from harness import Lab, kill_with_children, tree
from steps import item, outcomes, step

_LAPTOPS = "Laptops: BitLocker and VPN"
_MARKER = "gpvault drill, temporary: "


def _temporary(lab: Lab, host: str = "host1") -> list[dict[str, t.Any]]:
    return [gpo for gpo in lab.gpos(host) if gpo["display_name"].startswith(_MARKER)]


def _records(folder: pathlib.Path) -> list[pathlib.Path]:
    return sorted((folder / ".gpvault").glob(".drills/*"))


def _leave(lab: Lab) -> None:
    """Let a drill leave something: its process on the host ends, and the run is killed before it tries again."""
    folder = lab.drive_d() / "GPO"

    def has_left() -> bool:
        last = [event["event"] for event in lab.access_log() if event["event"].startswith("process_")][-1:]
        return bool(_records(folder)) and last == ["process_exit"]

    with lab.play_file([step("It", "gpo_drill", gpos="Kiosk")]) as path, lab.start(path) as running:
        assert running.until(has_left)
        kill_with_children(running.process.pid)


@in_whole
def test_every_gpo(lab: Lab) -> None:
    """Those that can be recovered, one whose backups are damaged, one whose newest is, and one whose import fails."""
    folder = lab.drive_d() / "GPO"
    run = lab.tasks([
        step("Backup", all=True, ignore_errors=False),
        step("Newer", gpos="Kiosk", force=True, ignore_errors=False),
        step("Nothing", "gpo_drill", gpos="Nobody*"),
    ])  # fmt: skip
    (backup,), (newer,), (nothing,) = run.of("Backup"), run.of("Newer"), run.of("Nothing")
    assert nothing["failed"] is True and nothing["msg"] == "No GPO was selected.", nothing["msg"]
    for damaged in (item(backup, _LAPTOPS), item(newer, "Kiosk")):
        (folder / damaged["backup"]["id"] / "gpreport.xml").write_bytes(b"")
    before = tree(lab.host_dir() / "domain/sysvol")
    known, links = lab.gpos(), lab("gpo", "list-soms")

    lab("fault", "add", "fail_restore", "--hresult", "0x80070490", "--times", "1")
    run = lab.tasks([
        step("Plan", "gpo_drill", all=True, check_mode=True),
        step("Drill", "gpo_drill", all=True, trip_time="2s"),
        step("Good", "gpo_drill", all=True, exclude=[_LAPTOPS, "Kiosk"], detail="summary"),
        step("One", "gpo_drill", backup_id=item(backup, "Kiosk")["backup"]["id"]),
        step("Info", "gpo_info", all=True, gather=["links"], ignore_errors=False),
    ])  # fmt: skip
    (plan,), (drill,), (good,), (one,) = run.of("Plan"), run.of("Drill"), run.of("Good"), run.of("One")
    assert tree(lab.host_dir() / "domain/sysvol") == before and lab.gpos() == known and lab("gpo", "list-soms") == links
    (info,) = run.of("Info")
    # One of the lab's GPOs nobody can see.
    count = len(known) - 1
    assert len(info["gpos"]) == count and not any(_MARKER in gpo["name"] for gpo in info["gpos"])
    assert _records(folder) == []

    assert plan["changed"] is drill["changed"] is good["changed"] is False
    assert plan["summary"] == {
        "selected": count, "drilled": count - 2, "not_there_yet": 0, "failed": 2, "not_attempted": 0,
    }  # fmt: skip
    assert all(entry["temporary"] is None for entry in plan["drills"]) and plan["recovery"] == {"gpos": 0, "seconds": 0}

    assert drill["failed"] is True and drill["summary"]["failed"] == 3, drill["msg"]
    assert item(drill, _LAPTOPS)["trouble"]["step"] == "no_backup" and item(drill, _LAPTOPS)["temporary"] is None
    older = item(drill, "Kiosk")
    assert older["outcome"] == "failed" and older["trouble"]["step"] == "outdated"
    assert older["backup"]["id"] == item(backup, "Kiosk")["backup"]["id"] and older["deviations"] is None
    (refused,) = (entry for entry in drill["drills"] if entry["overall_status"] and entry["import_duration"] is None)
    assert refused["outcome"] == "failed" and refused["overall_status"]["hresult"] == "0x80070490"
    assert refused["temporary"]["deleted"] is True
    assert drill["recovery"]["gpos"] == count - 2 and drill["recovery"]["seconds"] > 0
    assert drill["recovery"]["seconds"] == round(sum(entry["import_duration"] or 0 for entry in drill["drills"]), 3)

    assert not good.get("failed") and good["drills"] == [] and good["summary"]["drilled"] == count - 2, good["msg"]
    assert good["msg"].startswith(f"{count - 2} of {count - 2} GPOs can be recovered; to import them took ")
    assert list(outcomes(one, "name").items()) == [("Kiosk", "drilled")] and one["drills"][0]["temporary"]["deleted"]


def test_what_a_drill_leaves_is_taken_away_and_nothing_else(lab: Lab) -> None:
    """The trip after one that was lost does it, or the next run; and each tells of it."""
    folder = lab.drive_d() / "GPO"
    lab.task(gpos=["Kiosk", "Default*"])
    lab("fault", "add", "crash_restore", "--times", "1")
    (drill,) = lab.tasks([step("It", "gpo_drill", all=True)]).of("It")
    assert not drill.get("failed") and drill["summary"]["drilled"] == 3 and drill["changed"] is True, drill["msg"]
    assert [one["outcome"] for one in drill["leftovers"]] == ["removed"]
    assert _temporary(lab) == [] and _records(folder) == []

    # Each try ends the process, and the run itself is killed when it is about to try again.
    lab("fault", "add", "crash_restore")
    _leave(lab)
    lab("fault", "clear")
    (left,) = _temporary(lab)
    (record,) = _records(folder)
    assert left["display_name"] == _MARKER + record.stem and json.loads(record.read_text())["stage"] == "made"

    # Of that name, too; and one that is named as in a record that somebody else has written.
    lab("gpo", "add", left["display_name"])
    hostile = "{00000000-1111-2222-3333-444444444444}"
    victim = lab.gpo("Default Domain Policy")["id"]
    written = json.loads(record.read_text())
    (record.parent / f"{hostile}.json").write_text(json.dumps({**written, "gpo_id": victim}))
    (record.parent / f"{hostile.replace('0', '5')}.json").write_text("{}")
    lab("gpo", "link", left["id"], "Clients")
    run = lab.tasks([step("Kept", "gpo_drill", gpos="Kiosk")])
    (kept,) = run.of("Kept")
    assert not kept.get("failed") and kept["changed"] is False, kept["msg"]
    assert {(one["gpo"]["id"], one["outcome"], one["reason"]) for one in kept["leftovers"]} == {
        (left["id"], "kept", "linked"), (victim, "kept", "renamed"),
    }  # fmt: skip
    assert "It stays, because it is linked" in run.output and "cannot be used, and stays" in run.output
    assert len(_temporary(lab)) == 2

    lab("gpo", "unlink", left["id"], "Clients")
    lab("gpo", "edit", left["id"])
    (edited,) = lab.tasks([step("Edited", "gpo_drill", gpos="Kiosk")]).of("Edited")
    assert {one["reason"] for one in edited["leftovers"]} == {"edited", "renamed"} and len(_temporary(lab)) == 2
    assert lab.gpo("Default Domain Policy")["id"] == victim


@in_whole
def test_a_run_after_one_that_was_killed(lab: Lab) -> None:
    """Its leftover goes, and is told of by one run alone, although two share the directory."""
    folder = lab.drive_d() / "GPO"
    lab.task(gpos=["Kiosk", "Default*"])
    lab("fault", "add", "crash_restore")
    (lost,) = lab.tasks([step("Lost", "gpo_drill", gpos="Kiosk")]).of("Lost")
    # There is no next trip but the one that only tidies.
    assert lost["failed"] is True and lost["drills"] == [] and "without a result" in lost["msg"], lost["msg"]
    assert [one["outcome"] for one in lost["leftovers"]] == ["removed"]
    assert lost["changed"] is True and _temporary(lab) == [] and _records(folder) == []
    _leave(lab)
    lab("fault", "clear")
    assert len(_temporary(lab)) == 1

    tasks = [step("Plan", "gpo_drill", all=True, check_mode=True), step("It", "gpo_drill", all=True, trip_time="1s")]
    with lab.play_file(tasks) as path, lab.start(path) as one, lab.start(path) as other:
        runs = [running.wait() for running in (one, other)]
    assert _temporary(lab) == [] and _records(folder) == []
    told = []
    for run in runs:
        (result,) = run.of("It")
        assert not result.get("failed") and result["summary"]["drilled"] == 3, result["msg"]
        told += [entry["outcome"] for entry in result["leftovers"]]
    assert told == ["removed"]


@in_whole
def test_in_a_scratch_domain(fleet: Lab) -> None:
    """With a migration table; nothing is made in the domain that the backups are of."""
    share = {"path": "\\\\backup\\gpo\\drill"}
    gpos = ["Kiosk", "Laptops*"]
    fleet.tasks([step("Backup", gpos=gpos, ignore_errors=False, **share)])
    (backup, *_others) = sorted((fleet.shares / "gpo/drill").glob("{*}"))
    before = {host: fleet.gpos(host) for host in ("host1", "host2")}
    entries = [{"source": "CORP\\Domain Admins", "type": "global_group", "destination_option": "by_relative_name"}]
    drill = {**share, "gpos": gpos, "migration_entries": entries}
    run = fleet.tasks([
        step("Scratch", "gpo_drill", source_domain="corp.example", **drill),
        step("Of none", "gpo_drill", **drill),
        step("Other", "gpo_drill", backup_id=backup.name, **share),
    ], hosts="host2")  # fmt: skip
    (scratch,), (none,), (other,) = run.of("Scratch"), run.of("Of none"), run.of("Other")
    assert not scratch.get("failed") and scratch["summary"]["drilled"] == 2, scratch["msg"]
    assert scratch["domain"] == "corp2.example"
    assert {one["gpo"]["domain"] for one in scratch["drills"]} == {"corp.example"}
    assert none["failed"] is True and "corp2.example" in none["msg"]
    assert other["failed"] is True and "Name that in source_domain" in other["msg"], other["msg"]
    assert before == {host: fleet.gpos(host) for host in before}
