# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_restore: what was destroyed is as it was, and a second restore changes nothing."""

from __future__ import annotations

import json
import pathlib
import random
import shutil
import typing as t

import pytest
from backups import snapshot
from cultures import in_turkish_too
from extent import in_long, in_whole
from harness import Lab, files, tree, trips
from steps import item, reasons, step

_BACKUP = step("Backup", all=True, inaccessible="ignore", ignore_errors=False)
_SEARCHES = ("SearchSOMs", "SearchSites", "SearchWMIFilters")
_FILTER = ("Laptops only", "root\\CIMv2;SELECT * FROM Win32_Battery")


def _destroy(lab: Lab, seed: int) -> None:
    """Do to the domain what a bad day does."""
    chance = random.Random(seed)
    gpos = [gpo for gpo in lab.gpos() if gpo["visible"]]
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
            # One that is disabled is made again of a deleted GPO alone.
            if link["enabled"] and chance.random() < 0.5:
                lab("gpo", "unlink", gpo["id"], link["som"])


_RAISE = pytest.param("raise", marks=in_long)


@pytest.mark.parametrize("versions", ["keep", _RAISE])
def test_the_full_circle(lab: Lab, versions: str) -> None:
    lab("domain", "--restore-versions", versions)
    before = snapshot(lab)
    assert not lab.tasks([_BACKUP]).of("Backup")[0].get("failed")
    _destroy(lab, seed=len(versions))
    destroyed = snapshot(lab)
    assert destroyed != before
    directory = tree(lab.drive_d())

    run = lab.tasks([step("Plan", "gpo_restore", all=True, check_mode=True, diff=True)])
    (planned,) = run.of("Plan")
    assert planned["changed"] is True and planned["summary"]["restored"] >= 8, planned["msg"]
    assert snapshot(lab) == destroyed and tree(lab.drive_d()) == directory

    run = lab.tasks([
        step("Restore", "gpo_restore", all=True),
        step("Again", "gpo_restore", all=True),
        step("Again, planned", "gpo_restore", all=True, check_mode=True, diff=True),
    ])  # fmt: skip
    (restored,), (again,), (plan,) = run.of("Restore"), run.of("Again"), run.of("Again, planned")
    assert not restored.get("failed"), restored["msg"]
    assert restored["summary"] == planned["summary"] and reasons(restored, None) == reasons(planned, None)
    now = snapshot(lab)
    for part, was in before.items():
        assert now[part] == was, part
    for result in (again, plan):
        assert result["changed"] is False and result["summary"]["unchanged"] == result["summary"]["selected"]
    assert all(entry["safety_backup"] for entry in restored["restores"] if "missing" not in entry["reasons"] != [])


@in_turkish_too
def test_reasons_parts_and_safety_copies(lab: Lab) -> None:
    staging = "OU=Staging,DC=corp,DC=example"
    for name in ("Browser settings", "Kiosk"):
        lab("gpo", "link", name, staging, "--disabled")
    browser = lab.gpo("Browser settings")
    lab.tasks([_BACKUP])
    lab("gpo", "unlink", "Kiosk", staging)
    lab("gpo", "edit", "Kiosk")
    lab("gpo", "unlink", "Default Domain Policy", "corp.example")
    lab("gpo", "wmi-filter", "Laptops: BitLocker and VPN", "--none")
    lab("gpo", "delete", "Browser settings")
    run = lab.tasks([
        step("Plan", "gpo_restore", all=True, check_mode=True, diff=True),
        step("Restore", "gpo_restore", all=True),
    ])  # fmt: skip
    (plan,), (result,) = run.of("Plan"), run.of("Restore")
    assert "computer_settings: Machine\\" in run.output and "missing: there is no such GPO" in run.output
    assert item(result, "Kiosk")["reasons"] == ["computer_settings"]
    link = item(result, "Default Domain Policy")
    assert link["reasons"] == ["links"] and [part["outcome"] for part in link["links"]] == ["created"]
    # Only the link was put back; GPMC was not asked to restore anything.
    assert link["call_status"] is None
    wmi = item(result, "Laptops: BitLocker and VPN")
    assert wmi["reasons"] == ["wmi_filter"] and wmi["wmi_filter"]["outcome"] == "linked"
    gone = item(result, "Browser settings")
    assert gone["reasons"] == ["missing"] and gone["safety_backup"] is None and gone["call_status"]["succeeded"]
    # GPMC makes links enabled: one that is to be disabled is made while its GPO is, and of one in force not at all.
    now = lab.gpo("Browser settings")
    assert [link["enabled"] for link in now["links"]] == [True, False]
    assert all(now[what] == browser[what] for what in ("links", "status"))
    assert [part["outcome"] for part in item(result, "Kiosk")["links"]] == ["unchanged", "withheld"]
    assert "GPMC makes links enabled" in run.output and len(lab.gpo("Kiosk")["links"]) == 1
    assert plan["summary"] == result["summary"] and plan["summary"]["restored"] == 4
    assert all(entry["safety_backup"] is None for entry in plan["restores"])

    # The safety copy has what was there, never counts as the newest, and is restored by its ID.
    safety = item(result, "Kiosk")["safety_backup"]
    run = lab.tasks([step("Newest", "gpo_restore", gpos="Kiosk"), step("Undo", "gpo_restore", backup_id=safety["id"])])
    (newest,), (undo,) = run.of("Newest"), run.of("Undo")
    assert newest["changed"] is False
    assert undo["summary"]["restored"] == 1 and undo["restores"][0]["backup"]["id"] == safety["id"]
    (entry,) = (lab.drive_d() / "GPO/.gpvault").rglob(f"*{safety['id']}.json")
    assert json.loads(entry.read_bytes())["purpose"] == "safety"


@in_whole
def test_settings_that_are_in_no_file(lab: Lab) -> None:
    lab("gpo", "wireless", "Kiosk", "Air")
    lab.tasks([_BACKUP])
    lab("gpo", "wireless", "Kiosk", "Another")
    lab("gpo", "bump", "Browser settings")
    lab("fault", "add", "lose_directory", "--gpo", "Kiosk", "--times", "1")
    run = lab.tasks([
        step("Plan", "gpo_restore", all=True, check_mode=True, diff=True),
        step("Lost", "gpo_restore", all=True),
        step("Restore", "gpo_restore", all=True),
        step("Again", "gpo_restore", all=True),
    ])  # fmt: skip
    (plan,), (lost,), (result,), (again,) = (run.of(name) for name in ("Plan", "Lost", "Restore", "Again"))
    assert "directory_settings: Computer WLanSvc: as GPMC reports it now" in json.dumps(plan["diff"])
    for one in plan, lost, result:
        # A version alone is no difference.
        assert reasons(one, "restored") == {item(one, "Kiosk")["gpo"]["id"]: ["directory_settings"]}
    assert item(lost, "Kiosk")["deviations"]["settings"] == ["Computer WLanSvc"]
    assert "GPMC reported success for 'Kiosk', but settings are reported otherwise" in run.output
    assert item(result, "Kiosk")["deviations"] is None and lab.gpo("Kiosk")["wireless"] == "Air"
    assert again["changed"] is False

    # Noted as it came out: the next run has nothing to compare, and a new edit is seen all the same.
    with lab.counted() as calls:
        lab.tasks([step("Again", "gpo_restore", gpos="Kiosk")])
    assert calls["IGPMGPO::GenerateReportToFile"] == 0
    lab("gpo", "wireless", "Kiosk", "--none")
    (result,) = lab.tasks([step("Restore", "gpo_restore", gpos="Kiosk")]).of("Restore")
    assert item(result, "Kiosk")["reasons"] == ["directory_settings"] and lab.gpo("Kiosk")["wireless"] == "Air"


@in_whole
def test_what_does_not_come_back_as_it_was(lab: Lab) -> None:
    """Lost files are told and brought again; a template that the server writes anew is no loss."""
    name = "Security Baseline - Member Servers"
    lab("domain", "--restore-files", "rewritten", "--restore-versions", "raise")
    lab.tasks([step("Backup", gpos=[name, "Kiosk"])])
    lab("gpo", "unlink", "Kiosk", "Clients")
    for gpo in (name, "Kiosk"):
        lab("gpo", "edit", gpo)
        lab("fault", "add", "lose_files", "--gpo", gpo, "--times", "1")
    run = lab.tasks([step(one, "gpo_restore", gpos=[name, "Kiosk"]) for one in ("Lost", "Restore", "Again")])
    (lost,), (result,), (again,) = run.of("Lost"), run.of("Restore"), run.of("Again")
    # One file was all that it has.
    kiosk = item(lost, "Kiosk")
    assert kiosk["outcome"] == "failed" and kiosk["trouble"]["step"] == "nothing_there"
    assert kiosk["overall_status"]["succeeded"] and "of the files that the backup has not one is there" in lost["msg"]
    assert [link["outcome"] for link in kiosk["links"]] == ["not_attempted"]
    assert lost["changed"] is True and item(result, "Kiosk")["outcome"] == "restored"
    (missing,) = item(lost, name)["deviations"]["missing"]
    assert f"files of the backup are not there: {missing}" in " ".join(run.output.split())
    assert item(result, name)["outcome"] == "restored" and item(result, name)["deviations"] is None
    assert again["changed"] is False

    lab("gpo", "bump", name)
    run = lab.tasks([step("Bumped", "gpo_restore", gpos=name)])
    assert run.of("Bumped")[0]["changed"] is False
    (template,) = (file["path"] for file in lab.gpo(name)["files"] if file["path"].endswith("GptTmpl.inf"))
    lab("gpo", "edit-file", name, template, "--text", "nothing")
    (result,) = lab.tasks([step("Edited", "gpo_restore", gpos=name)]).of("Edited")
    assert item(result, name)["reasons"] == ["computer_settings"]


@in_whole
def test_an_older_point_in_time(lab: Lab) -> None:
    backup = step("Backup", all=False, gpos="Kiosk", ignore_errors=False)
    first = lab.tasks([backup]).of("Backup")[0]["backups"][0]["backup"]
    lab("gpo", "describe", "Kiosk", "Second")
    second = lab.tasks([backup]).of("Backup")[0]["backups"][0]["backup"]
    entries = {path.name[11:49]: path for path in (lab.drive_d() / "GPO/.gpvault").rglob("*}.json")}
    # The clock of a test does not tick between two backups, so the second is said to be of next year.
    facts = json.loads(entries[second["id"]].read_bytes())
    facts["backup"]["timestamp"] = "2099-01-01T00:00:00Z"
    entries[second["id"]].write_text(json.dumps(facts), "utf-8")
    run = lab.tasks([
        step("Now", "gpo_restore", gpos="Kiosk"),
        step("Then", "gpo_restore", gpos="Kiosk", as_of="2098-12-31"),
        step("Never", "gpo_restore", gpos="Kiosk", as_of="2020-01-01T00:00:00+01:00"),
    ])
    (now,), (then,), (never,) = run.of("Now"), run.of("Then"), run.of("Never")
    assert now["changed"] is False and now["restores"][0]["backup"]["id"] == second["id"]
    assert then["restores"][0]["backup"]["id"] == first["id"] and then["restores"][0]["reasons"] == ["description"]
    assert never["failed"] is True and "has no intact backup of this GPO" in never["msg"]


def test_damaged_foreign_and_unknown_backups(lab: Lab) -> None:
    backup = step("Backup", all=False, gpos="Kiosk", force=True, ignore_errors=False)
    ids = [lab.tasks([backup]).of("Backup")[0]["backups"][0]["backup"]["id"] for _ in range(2)]
    (lab.drive_d() / "GPO" / ids[1] / "gpreport.xml").write_bytes(b"spoilt")
    lab("gpo", "describe", "Kiosk", "Changed")
    other = "{11111111-2222-3333-4444-555555555555}"
    run = lab.tasks([
        step("By ID", "gpo_restore", backup_id=ids[1]),
        step("Unknown", "gpo_restore", backup_id=other),
        step("Nobody", "gpo_restore", gpos=["Kiosk", "Nobody"]),
        step("Newest good", "gpo_restore", gpos="Kiosk"),
        step("Forced", "gpo_restore", backup_id=ids[1], force=True),
    ])
    (by_id,), (unknown,), (nobody,) = run.of("By ID"), run.of("Unknown"), run.of("Nobody")
    assert by_id["failed"] is True and by_id["changed"] is False
    assert "gpreport.xml" in by_id["msg"] and "force: true" in by_id["msg"]
    assert unknown["failed"] is True and other in unknown["msg"] and unknown["restores"] == []
    assert nobody["failed"] is True and "'Nobody' was found among the backups" in nobody["msg"]
    (good,), (forced,) = run.of("Newest good"), run.of("Forced")
    assert good["restores"][0]["backup"]["id"] == ids[0] and good["restores"][0]["reasons"] == ["description"]
    assert any(ids[1] in warning for warning in run.warnings) or ids[1] in run.output
    assert not forced.get("failed"), forced["msg"]


@in_whole
def test_a_renamed_gpo_is_found_by_each_of_its_names(lab: Lab) -> None:
    """The domain knows the one it has, the catalog those that it had."""
    backup = step("Backup", all=False, gpos=["Kiosk", "Browser settings"], ignore_errors=False)
    (first,) = lab.tasks([backup]).of("Backup")
    kiosk = item(first, "Kiosk")["gpo"]["id"]
    lab("gpo", "rename", "Kiosk", "Terminals")
    lab.tasks([step("Backup", all=False, gpos="Terminals", ignore_errors=False)])
    lab("gpo", "rename", "Terminals", "Counters")
    names = ("Kiosk", "terminals", "Counters", "Counter?")
    run = lab.tasks([
        *(step(name, "gpo_restore", gpos=name, check_mode=True) for name in names),
        *(step(f"But {name}", "gpo_restore", all=True, exclude=name, check_mode=True) for name in names),
        step("Misspelt", "gpo_restore", gpos="Countrs"),
    ])
    for name in names:
        (found,), (others,) = run.of(name), run.of(f"But {name}")
        assert [one["gpo"]["id"] for one in found["restores"]] == [kiosk], found["msg"]
        assert [one["gpo"]["name"] for one in others["restores"]] == ["Browser settings"], others["msg"]
    (misspelt,) = run.of("Misspelt")
    assert misspelt["msg"].endswith("in D:\\GPO knows. Did you mean 'Counters'?")


@in_whole
def test_a_deleted_gpo_whose_entry_cannot_be_used_is_told_of(lab: Lab) -> None:
    some = step("Backup", all=False, gpos=["Kiosk", "Browser settings"], ignore_errors=False)
    (backup,) = lab.tasks([some]).of("Backup")
    kiosk = item(backup, "Kiosk")["gpo"]["id"]
    (entry,) = (lab.drive_d() / "GPO/.gpvault/corp.example" / kiosk).iterdir()
    entry.write_bytes(b"{")
    lab("gpo", "delete", "Kiosk")
    runs = [lab.tasks([step("Restore", "gpo_restore", **options)]) for options in ({"all": True}, {"gpos": "Kiosk"})]
    for run in runs:
        (result,) = run.of("Restore")
        assert item(result, "Kiosk")["trouble"]["step"] == "no_backup" and result["failed"] is True, result["msg"]
        (warning,) = run.warnings
        assert kiosk in warning and "counts as absent" in warning
    assert item(runs[0].of("Restore")[0], "Browser settings")["outcome"] == "unchanged"
    # Its backup is as good as ever, and lies there without an entry.
    (result,) = lab.tasks([step("Restore", "gpo_restore", all=True, uncatalogued=True)]).of("Restore")
    assert item(result, "Kiosk")["outcome"] == "restored" and not result.get("failed"), result["msg"]


@in_whole
def test_targets_and_filters_that_are_gone(lab: Lab) -> None:
    lab("gpo", "link", "Kiosk", "OU=Clients,DC=corp,DC=example")
    lab("gpo", "link", "Laptops: BitLocker and VPN", "OU=Staging,DC=corp,DC=example")
    lab.tasks([_BACKUP])
    domain = lab.host_dir() / "domain"
    soms = json.loads((domain / "soms.json").read_bytes())
    left = [som for som in soms if som["path"] != "OU=Clients,DC=corp,DC=example"]
    assert len(left) == len(soms) - 1
    (domain / "soms.json").write_text(json.dumps(left), "utf-8")
    filters = json.loads((domain / "wmi_filters.json").read_bytes())
    lab("gpo", "delete-filter", filters[0]["name"])
    lab("gpo", "delete", "Laptops: BitLocker and VPN")
    lab("gpo", "edit", "Kiosk")
    run = lab.tasks([step(name, "gpo_restore", gpos=["Kiosk", "Laptops*"]) for name in ("Restore", "Again")])
    (result,), (again,) = run.of("Restore"), run.of("Again")
    assert not result.get("failed"), result["msg"]
    assert "missing" in {link["outcome"] for link in item(result, "Kiosk")["links"]}
    laptops = item(result, "Laptops: BitLocker and VPN")
    gone = laptops["wmi_filter"]
    assert gone["outcome"] == "missing" and gone["definition"]["queries"] == filters[0]["queries"]
    assert "GPMC cannot create one" in run.output and "there is no such ou" in run.output
    # The GPO is back, and applies to nobody: without its filter it would apply to all.
    assert laptops["outcome"] == "restored"
    assert {link["outcome"] for link in laptops["links"]} == {"missing", "withheld"}
    assert lab.gpo("Laptops: BitLocker and VPN")["links"] == []
    assert again["changed"] is False, again["restores"]

    # Somebody makes the filter again: another ID, the same name and queries.
    lab("gpo", "add-filter", filters[0]["name"], *filters[0]["queries"])
    (result,) = lab.tasks([step("Restore", "gpo_restore", gpos="Laptops*")]).of("Restore")
    (entry,) = result["restores"]
    assert entry["wmi_filter"]["outcome"] == "linked" and entry["reasons"] == ["wmi_filter", "links"]
    assert [link["som"] for link in lab.gpo("Laptops: BitLocker and VPN")["links"]] == ["OU=Staging,DC=corp,DC=example"]


def test_a_link_is_edited_in_place_and_moved_with_care(lab: Lab) -> None:
    """A restore makes no link anew that only has to be changed, and no GPO loses one that cannot be moved."""
    clients = "OU=Clients,DC=corp,DC=example"
    lab.tasks([step("Backup", gpos="Kiosk", ignore_errors=False)])
    was = lab.gpo("Kiosk")["links"]
    restore = step("Restore", "gpo_restore", gpos="Kiosk", backup_first=False)
    lab("gpo", "link", "Kiosk", clients, "--enforced", "--disabled")
    with lab.counted() as calls:
        (result,) = lab.tasks([restore]).of("Restore")
    assert result["restores"][0]["reasons"] == ["links"] and lab.gpo("Kiosk")["links"] == was
    assert calls["IGPMSOM::CreateGPOLink"] == calls["IGPMGPOLink::Delete"] == 0 < calls["IGPMGPOLink::put_Enabled"]

    lab("gpo", "link", "Kiosk", clients, "--order", "1", "--enforced")
    moved = lab.gpo("Kiosk")["links"]
    # A code that PowerShell's own binder loses where the server describes it in words.
    lab("fault", "add", "refuse_link", "--gpo", "Kiosk", "--times", "1", "--hresult", "0x80070043")
    lab("domain", "--errors", "words")
    try:
        run = lab.tasks([restore])
    finally:
        lab("domain", "--errors", "numbers")
    (result,) = run.of("Restore")
    assert [one["status"]["name"] for one in result["restores"][0]["links"]] == ["ERROR_BAD_NET_NAME"]
    assert result["failed"] is True and "the links could not be put back" in result["msg"], result["msg"]
    assert "The one that was there is." in run.output and lab.gpo("Kiosk")["links"] == moved != was
    lab("fault", "clear")
    (result,) = lab.tasks([restore]).of("Restore")
    assert not result.get("failed") and lab.gpo("Kiosk")["links"] == was


@in_whole
def test_one_gpo_fails_and_the_others_do_not(lab: Lab) -> None:
    lab.tasks([_BACKUP])
    for name in ("Kiosk", "Browser settings"):
        lab("gpo", "describe", name, "Changed")
    lab("gpo", "unlink", "Kiosk", "Clients")
    lab("fault", "add", "refuse_restore", "--gpo", "Kiosk")
    run = lab.tasks([step("Restore", "gpo_restore", all=True), step("Fast", "gpo_restore", all=True, fail_fast=True)])
    (result,), (fast,) = run.of("Restore"), run.of("Fast")
    assert result["failed"] is True and result["changed"] is True
    assert result["summary"]["failed"] == 1 and result["summary"]["restored"] == 1
    kiosk = item(result, "Kiosk")
    assert kiosk["call_status"]["name"] == "E_ACCESSDENIED" and "E_ACCESSDENIED" in result["msg"]
    assert "links" in kiosk["reasons"] and [link["outcome"] for link in kiosk["links"]] == ["not_attempted"]
    assert fast["summary"]["not_attempted"] > 0


@in_whole
def test_a_backup_that_the_catalog_does_not_know(lab: Lab) -> None:
    """Of the console, or of a script: it is restored as far as GPMC goes, each time."""
    (lab.drive_d() / "GPO").mkdir()
    lab("run", "-c", "host1", "(New-Object -ComObject GPMgmt.GPM).GetDomain('corp.example', '', 0).GetGPO("
        "'{31B2F340-016D-11D2-945F-00C04FB984F9}').Backup('D:\\GPO', 'By hand').OverallStatus()")  # fmt: skip
    (folder,) = (lab.drive_d() / "GPO").glob("{*}")
    before = snapshot(lab)
    lab("gpo", "edit", "Default Domain Policy")
    run = lab.tasks([step("Restore", "gpo_restore", backup_id=folder.name), step("All", "gpo_restore", all=True)])
    (result,), (everything,) = run.of("Restore"), run.of("All")
    assert not result.get("failed") and result["restores"][0]["reasons"] == ["uncatalogued"], result["msg"]
    assert snapshot(lab) == before
    assert everything["summary"]["selected"] == 0


@in_whole
def test_many_trips_read_links_and_filters_once(lab: Lab) -> None:
    names = ["Kiosk", "Browser settings", "Default Domain Policy"]
    lab.tasks([_BACKUP])
    before = snapshot(lab)
    for name in names:
        lab("gpo", "describe", name, "Changed")
    lab("gpo", "unlink", "Kiosk", "Clients")
    lab("domain", "--backup-cost", "600")
    options = {"gpos": names, "backup_first": False, "trip_time": "1s", "dc_locator": "any"}
    try:
        with lab.counted() as calls, lab.logged() as events:
            run = lab.tasks([step("Restore", "gpo_restore", **options)])
    finally:
        lab("domain", "--backup-cost", "0")
    (result,) = run.of("Restore")
    assert result["summary"]["restored"] == 3 and not result.get("failed"), result["msg"]
    assert snapshot(lab) == before
    # The first only finds a domain controller.
    assert trips(events) > 2
    searches = {search: sum(calls[call] for call in calls if call.endswith(f"::{search}")) for search in _SEARCHES}
    assert set(searches.values()) == {1}, searches
    assert "gpo_restore: " in run.output and pathlib.Path(lab.drive_d() / "GPO/.gpvault/lock").read_bytes() == b""


@in_whole
def test_a_gpo_that_has_lost_its_folder_in_sysvol(lab: Lab) -> None:
    """What cannot be read proves nothing, and least of all that there is nothing to restore."""
    gpo = lab.gpo("Kiosk")["id"]
    folder = lab.host_dir() / "domain/sysvol/corp.example/Policies" / gpo
    lab.tasks([step("Backup", "gpo_backup", path="D:\\GPO", create_path=True, gpos="Kiosk")])
    before = files(folder, but="GPT.INI")
    shutil.rmtree(folder)
    args = {"path": "D:\\GPO", "gpos": "Kiosk", "backup_first": False}
    run = lab.tasks([step("Check", "gpo_restore", **args, check_mode=True), step("It", "gpo_restore", **args)])
    (checked,), (result,) = run.of("Check"), run.of("It")
    for told in (checked, result):
        assert told["changed"] and not told.get("failed") and told["restores"][0]["reasons"] == ["files"], told["msg"]
    assert files(folder, but="GPT.INI") == before and before
