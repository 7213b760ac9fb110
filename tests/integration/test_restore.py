# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_restore: what was destroyed is as it was, and a second restore changes nothing."""

from __future__ import annotations

import json
import pathlib
import random
import typing as t

import pytest
from backups import LONG
from cultures import in_each_culture
from harness import Lab, tree

_BACKUP = {"path": "D:\\GPO", "create_path": True, "all": True, "inaccessible": "ignore"}
_RESTORE = {"path": "D:\\GPO", "all": True}
_FILTER = ("Laptops only", "root\\CIMv2;SELECT * FROM Win32_Battery")


def _backup(name: str = "Backup", **more: t.Any) -> dict[str, t.Any]:
    return {"name": name, "gpvault.gpmc.gpo_backup": {**_BACKUP, **more}}


def _restore(name: str = "Restore", check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    args = {**_RESTORE, **options}
    if {"gpos", "backup_id"} & set(options):
        del args["all"]
    return {"name": name, "gpvault.gpmc.gpo_restore": args, "check_mode": check, "diff": check, "ignore_errors": True}


def _entry(result: dict[str, t.Any], name: str) -> dict[str, t.Any]:
    (entry,) = (entry for entry in result["restores"] if entry["gpo"]["name"] == name)
    return entry


def _reasons(result: dict[str, t.Any]) -> dict[str, list[str]]:
    return {entry["gpo"]["id"]: entry["reasons"] for entry in result["restores"]}


def snapshot(lab: Lab) -> dict[str, t.Any]:
    """Return the domain on disk, but for versions, times and who owns what."""
    domain = lab.host_dir() / "domain"
    gpos = {}
    for path in sorted((domain / "gpos").glob("*.json")):
        facts = json.loads(path.read_bytes())
        for name in ("version", "created", "modified", "owner"):
            del facts[name]
        gpos[path.stem] = facts
    files = {}
    (policies,) = domain.glob("sysvol/*/Policies")
    for path in policies.rglob("*"):
        if path.is_file() and path.name != "GPT.INI":
            files[str(path.relative_to(policies)).lower()] = path.read_bytes()
    others = {name: json.loads((domain / f"{name}.json").read_bytes()) for name in ("soms", "wmi_filters")}
    return {"gpos": gpos, "files": files, **others}


def _destroy(lab: Lab, seed: int) -> None:
    """Do to the domain what a bad day does."""
    chance = random.Random(seed)
    gpos = [gpo for gpo in json.loads(lab("gpo", "list", "--json")) if gpo["visible"]]
    chance.shuffle(gpos)
    for gpo in gpos[:4]:
        lab("gpo", "delete", gpo["id"], *chance.choice([[], ["--keep-links"]]))
    for gpo in gpos[4:10]:
        blows = [
            ["edit", gpo["id"], "--half", chance.choice(["computer", "user"])],
            ["edit-file", gpo["id"], "User/Scripts/Logon/bad.cmd", "--text", "del C:"],
            ["rename", gpo["id"], f"Broken {gpo['id'][1:9]}"],
            ["describe", gpo["id"], "Broken"],
            ["permit", gpo["id"], "Authenticated Users", chance.choice(["none", "full", "deny-apply"])],
            [chance.choice(["enable", "disable"]), gpo["id"], "--half", "user"],
            ["link", gpo["id"], "corp.example", "--order", "1", "--enforced"],
            ["wmi-filter", gpo["id"], *(["--none"] if gpo["wmi_filter"] else [_FILTER[0]])],
        ]
        for blow in chance.sample(blows, 3):
            lab("gpo", *blow)
        for link in gpo["links"]:
            if chance.random() < 0.5:
                lab("gpo", "unlink", gpo["id"], link["som"])


@pytest.mark.parametrize("versions", ["keep", "raise"])
def test_the_full_circle(lab: Lab, versions: str) -> None:
    lab("domain", "--restore-versions", versions)
    before = snapshot(lab)
    assert not lab.tasks([_backup()]).of("Backup")[0].get("failed")
    _destroy(lab, seed=len(versions))
    destroyed = snapshot(lab)
    assert destroyed != before
    directory = tree(lab.drive_d())

    run = lab.tasks([_restore("Plan", check=True)])
    (planned,) = run.of("Plan")
    assert planned["changed"] is True and planned["summary"]["restored"] >= 8, planned["msg"]
    assert snapshot(lab) == destroyed and tree(lab.drive_d()) == directory

    run = lab.tasks([_restore(), _restore("Again"), _restore("Again, planned", check=True)])
    (restored,), (again,), (plan,) = run.of("Restore"), run.of("Again"), run.of("Again, planned")
    assert not restored.get("failed"), restored["msg"]
    assert restored["summary"] == planned["summary"] and _reasons(restored) == _reasons(planned)
    now = snapshot(lab)
    for part, was in before.items():
        assert now[part] == was, part
    for result in (again, plan):
        assert result["changed"] is False and result["summary"]["unchanged"] == result["summary"]["selected"]
    assert all(entry["safety_backup"] for entry in restored["restores"] if "missing" not in entry["reasons"] != [])


@in_each_culture
def test_reasons_parts_and_safety_copies(lab: Lab) -> None:
    lab.tasks([_backup()])
    lab("gpo", "edit", "Kiosk")
    lab("gpo", "unlink", "Default Domain Policy", "corp.example")
    lab("gpo", "wmi-filter", "Laptops: BitLocker and VPN", "--none")
    lab("gpo", "delete", "Browser settings")
    run = lab.tasks([_restore("Plan", check=True), _restore()])
    (plan,), (result,) = run.of("Plan"), run.of("Restore")
    assert "computer_settings: Machine\\" in run.output and "missing: there is no such GPO" in run.output
    assert _entry(result, "Kiosk")["reasons"] == ["computer_settings"]
    link = _entry(result, "Default Domain Policy")
    assert link["reasons"] == ["links"] and [part["outcome"] for part in link["links"]] == ["created"]
    # Only the link was put back; GPMC was not asked to restore anything.
    assert link["call_status"] is None
    wmi = _entry(result, "Laptops: BitLocker and VPN")
    assert wmi["reasons"] == ["wmi_filter"] and wmi["wmi_filter"]["outcome"] == "linked"
    gone = _entry(result, "Browser settings")
    assert gone["reasons"] == ["missing"] and gone["safety_backup"] is None and gone["call_status"]["succeeded"]
    assert plan["summary"] == result["summary"] and plan["summary"]["restored"] == 4
    assert all(entry["safety_backup"] is None for entry in plan["restores"])

    # The safety copy has what was there, never counts as the newest, and is restored by its ID.
    safety = _entry(result, "Kiosk")["safety_backup"]
    run = lab.tasks([_restore("Newest", gpos="Kiosk"), _restore("Undo", backup_id=safety["id"])])
    (newest,), (undo,) = run.of("Newest"), run.of("Undo")
    assert newest["changed"] is False
    assert undo["summary"]["restored"] == 1 and undo["restores"][0]["backup"]["id"] == safety["id"]
    (entry,) = (lab.drive_d() / "GPO/.gpvault").rglob(f"*{safety['id']}.json")
    assert json.loads(entry.read_bytes())["purpose"] == "safety"


def test_an_older_point_in_time(lab: Lab) -> None:
    first = lab.tasks([_backup(gpos="Kiosk", all=False)]).of("Backup")[0]["backups"][0]["backup"]
    lab("gpo", "describe", "Kiosk", "Second")
    second = lab.tasks([_backup(gpos="Kiosk", all=False)]).of("Backup")[0]["backups"][0]["backup"]
    entries = {path.name[11:49]: path for path in (lab.drive_d() / "GPO/.gpvault").rglob("*.json")}
    # The clock of a test does not tick between two backups, so the second is said to be of next year.
    facts = json.loads(entries[second["id"]].read_bytes())
    facts["backup"]["timestamp"] = "2099-01-01T00:00:00Z"
    entries[second["id"]].write_text(json.dumps(facts), "utf-8")
    run = lab.tasks([
        _restore("Now", gpos="Kiosk"),
        _restore("Then", gpos="Kiosk", as_of="2098-12-31"),
        _restore("Never", gpos="Kiosk", as_of="2020-01-01T00:00:00+01:00"),
    ])
    (now,), (then,), (never,) = run.of("Now"), run.of("Then"), run.of("Never")
    assert now["changed"] is False and now["restores"][0]["backup"]["id"] == second["id"]
    assert then["restores"][0]["backup"]["id"] == first["id"] and then["restores"][0]["reasons"] == ["description"]
    assert never["failed"] is True and "There is no good backup of it in the catalog" in never["msg"]


def test_damaged_foreign_and_unknown_backups(lab: Lab) -> None:
    made = [lab.tasks([_backup(gpos="Kiosk", all=False, force=True)]).of("Backup")[0]["backups"][0] for _ in range(2)]
    ids = [entry["backup"]["id"] for entry in made]
    (lab.drive_d() / "GPO" / ids[1] / "gpreport.xml").write_bytes(b"spoilt")
    lab("gpo", "describe", "Kiosk", "Changed")
    other = "{11111111-2222-3333-4444-555555555555}"
    run = lab.tasks([
        _restore("By ID", backup_id=ids[1]),
        _restore("Unknown", backup_id=other),
        _restore("Nobody", gpos=["Kiosk", "Nobody"]),
        _restore("Newest good", gpos="Kiosk"),
        _restore("Forced", backup_id=ids[1], force=True),
    ])
    (by_id,), (unknown,), (nobody,) = run.of("By ID"), run.of("Unknown"), run.of("Nobody")
    assert by_id["failed"] is True and by_id["changed"] is False
    assert "gpreport.xml" in by_id["msg"] and "force: true" in by_id["msg"]
    assert unknown["failed"] is True and other in unknown["msg"] and unknown["restores"] == []
    assert nobody["failed"] is True and "'Nobody' was found among the backups" in nobody["msg"]
    (good,), (forced,) = run.of("Newest good"), run.of("Forced")
    assert good["restores"][0]["backup"]["id"] == ids[0] and good["restores"][0]["reasons"] == ["description"]
    assert any(ids[1] in warning for warning in _warnings(run.output)) or ids[1] in run.output
    assert not forced.get("failed"), forced["msg"]


def test_a_deleted_gpo_whose_entry_cannot_be_used_is_told_of(lab: Lab) -> None:
    (backup,) = lab.tasks([_backup(gpos=["Kiosk", "Browser settings"], all=False)]).of("Backup")
    kiosk = next(entry["gpo"]["id"] for entry in backup["backups"] if entry["gpo"]["name"] == "Kiosk")
    (entry,) = (lab.drive_d() / "GPO/.gpvault/corp.example" / kiosk).iterdir()
    entry.write_bytes(b"{")
    lab("gpo", "delete", "Kiosk")
    runs = [lab.tasks([_restore(**options)]) for options in ({"all": True}, {"gpos": "Kiosk"})]
    (everything,), (named,) = (run.of("Restore") for run in runs)
    assert not everything.get("failed"), everything["msg"]
    assert [restored["gpo"]["name"] for restored in everything["restores"]] == ["Browser settings"]
    assert named["failed"] is True and "'Kiosk' was found among the backups" in named["msg"]
    for run in runs:
        (warning,) = _warnings(run.output)
        assert kiosk in warning and "counts as absent" in warning


def _warnings(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("[WARNING]")]


def test_targets_and_filters_that_are_gone(lab: Lab) -> None:
    lab("gpo", "link", "Kiosk", "OU=Clients,DC=corp,DC=example")
    lab.tasks([_backup()])
    domain = lab.host_dir() / "domain"
    soms = json.loads((domain / "soms.json").read_bytes())
    left = [som for som in soms if som["path"] != "OU=Clients,DC=corp,DC=example"]
    assert len(left) == len(soms) - 1
    (domain / "soms.json").write_text(json.dumps(left), "utf-8")
    filters = json.loads((domain / "wmi_filters.json").read_bytes())
    lab("gpo", "delete-filter", filters[0]["name"])
    lab("gpo", "delete", "Laptops: BitLocker and VPN")
    lab("gpo", "edit", "Kiosk")
    run = lab.tasks([_restore(gpos=["Kiosk", "Laptops*"]), _restore("Again", gpos=["Kiosk", "Laptops*"])])
    (result,), (again,) = run.of("Restore"), run.of("Again")
    assert not result.get("failed"), result["msg"]
    assert "missing" in {link["outcome"] for link in _entry(result, "Kiosk")["links"]}
    gone = _entry(result, "Laptops: BitLocker and VPN")["wmi_filter"]
    assert gone["outcome"] == "missing" and gone["definition"]["queries"] == filters[0]["queries"]
    assert "GPMC cannot create one" in run.output and "there is no such ou" in run.output
    assert again["changed"] is False, again["restores"]

    # Somebody makes the filter again: another ID, the same name and queries.
    lab("gpo", "add-filter", filters[0]["name"], *filters[0]["queries"])
    (result,) = lab.tasks([_restore(gpos="Laptops*")]).of("Restore")
    (entry,) = result["restores"]
    assert entry["wmi_filter"]["outcome"] == "linked" and entry["reasons"] == ["wmi_filter"]


def test_one_gpo_fails_and_the_others_do_not(lab: Lab) -> None:
    lab.tasks([_backup()])
    for name in ("Kiosk", "Browser settings"):
        lab("gpo", "describe", name, "Changed")
    lab("fault", "add", "refuse_restore", "--gpo", "Kiosk")
    run = lab.tasks([_restore(), _restore("Fast", fail_fast=True)])
    (result,), (fast,) = run.of("Restore"), run.of("Fast")
    assert result["failed"] is True and result["changed"] is True
    assert result["summary"]["failed"] == 1 and result["summary"]["restored"] == 1
    assert _entry(result, "Kiosk")["call_status"]["name"] == "E_ACCESSDENIED" and "E_ACCESSDENIED" in result["msg"]
    assert fast["summary"]["not_attempted"] > 0


def test_a_backup_that_the_catalog_does_not_know(lab: Lab) -> None:
    """Of the console, or of a script: it is restored as far as GPMC goes, each time."""
    (lab.drive_d() / "GPO").mkdir()
    lab("run", "-c", "host1", "(New-Object -ComObject GPMgmt.GPM).GetDomain('corp.example', '', 0).GetGPO("
        "'{31B2F340-016D-11D2-945F-00C04FB984F9}').Backup('D:\\GPO', 'By hand').OverallStatus()")  # fmt: skip
    (folder,) = (lab.drive_d() / "GPO").glob("{*}")
    before = snapshot(lab)
    lab("gpo", "edit", "Default Domain Policy")
    run = lab.tasks([_restore(backup_id=folder.name), _restore("All")])
    (result,), (everything,) = run.of("Restore"), run.of("All")
    assert not result.get("failed") and result["restores"][0]["reasons"] == ["uncatalogued"], result["msg"]
    assert snapshot(lab) == before
    assert everything["summary"]["selected"] == 0


@pytest.mark.skipif(not LONG, reason="only in make test-long")
def test_many_trips(lab: Lab) -> None:
    lab.tasks([_backup()])
    lab("domain", "--backup-cost", "600")
    try:
        for name in ("Kiosk", "Browser settings", "Default Domain Policy"):
            lab("gpo", "describe", name, "Changed")
        run = lab.tasks([_restore(trip_time="1s", backup_first=False)])
    finally:
        lab("domain", "--backup-cost", "0")
    (result,) = run.of("Restore")
    assert result["summary"]["restored"] == 3 and not result.get("failed"), result["msg"]
    assert "gpo_restore: " in run.output and pathlib.Path(lab.drive_d() / "GPO/.gpvault/lock").read_bytes() == b""
