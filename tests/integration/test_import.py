# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_import: the settings of a backup in another GPO, once."""

from __future__ import annotations

import json
import pathlib
import shutil
import typing as t

from extent import in_whole
from harness import Lab, files, tree
from steps import step

_LAPTOPS = "Laptops: BitLocker and VPN"
_ENTRIES = [{"source": "CORP\\Domain Admins", "type": "global_group", "destination_option": "same_as_source"}]


def _backup(lab: Lab, name: str) -> str:
    """Back up one GPO and return the backup's ID."""
    result = lab.task(gpos=name)
    assert not result.get("failed"), result["msg"]
    return str(result["backups"][0]["backup"]["id"])


def _settings(lab: Lab, gpo: str) -> dict[str, bytes]:
    (folder,) = lab.host_dir().glob(f"domain/sysvol/*/Policies/{gpo}")
    return files(folder, but="GPT.INI")


def test_into_a_new_gpo(lab: Lab) -> None:
    backup = _backup(lab, _LAPTOPS)
    before = tree(lab.host_dir() / "domain")
    args = {"backup_id": backup, "gpo": "Copy", "create": True, "links": True, "wmi_filter": True}
    run = lab.tasks([
        step("Plan", "gpo_import", check_mode=True, diff=True, **args),
        step("No", "gpo_import", **{**args, "create": False}),
    ])  # fmt: skip
    (plan,), (refused,) = run.of("Plan"), run.of("No")
    assert plan["outcome"] == "imported" and plan["gpo_created"] is True and plan["changed"] is True
    assert refused["failed"] is True and "No GPO 'Copy' was found in the domain" in refused["msg"]
    assert tree(lab.host_dir() / "domain") == before

    run = lab.tasks([
        step("It", "gpo_import", **args),
        step("Again", "gpo_import", **args),
        step("Planned", "gpo_import", check_mode=True, diff=True, **args),
    ])  # fmt: skip
    (result,), (again,), (planned,) = run.of("It"), run.of("Again"), run.of("Planned")
    assert not result.get("failed"), result["msg"]
    assert result["reasons"] == plan["reasons"] == ["missing", "wmi_filter", "links"]
    assert [link["outcome"] for link in result["links"]] == ["created"]
    copy, original = lab.gpo("Copy"), lab.gpo(_LAPTOPS)
    assert copy["id"] == result["gpo"]["id"] != original["id"]
    assert _settings(lab, copy["id"]) == _settings(lab, original["id"])
    assert copy["wmi_filter"] == original["wmi_filter"]
    (link,) = copy["links"]
    assert link["som"] == original["links"][0]["som"] and link["order"] == original["links"][0]["order"] + 1
    for same in (again, planned):
        assert same["changed"] is False and same["outcome"] == "unchanged", same


@in_whole
def test_into_an_existing_gpo(lab: Lab) -> None:
    backup = _backup(lab, _LAPTOPS)
    before = lab.gpo("Kiosk")
    by_name, by_id = {"backup_id": backup, "gpo": "Kiosk"}, {"backup_id": backup, "gpo": before["id"]}
    run = lab.tasks([step("It", "gpo_import", **by_name), step("Again", "gpo_import", **by_id)])
    (result,), (again,) = run.of("It"), run.of("Again")
    assert result["outcome"] == "imported" and result["gpo_created"] is False and result["safety_backup"]
    assert again["changed"] is False
    after = lab.gpo("Kiosk")
    assert _settings(lab, after["id"]) == _settings(lab, lab.gpo(_LAPTOPS)["id"])
    for kept in ("id", "display_name", "security_descriptor", "links", "wmi_filter", "flags"):
        assert after[kept] == before[kept], kept

    # Undone by its safety copy.
    undo = step("Undo", "gpo_restore", backup_id=result["safety_backup"]["id"], ignore_errors=False)
    (undone,) = lab.tasks([undo]).of("Undo")
    assert undone["summary"]["restored"] == 1
    # A restore writes paths as the backup has them; upper and lower case are the same.
    paths = [{file["path"].lower() for file in gpo["files"]} for gpo in (before, lab.gpo("Kiosk"))]
    assert paths[0] == paths[1]


def _aces(lab: Lab, name: str) -> list[dict[str, t.Any]]:
    """Return the DACL as the directory has it."""
    return sorted(lab.gpo(name)["permissions"], key=json.dumps)


@in_whole
def test_with_its_permissions(lab: Lab) -> None:
    """Every entry of the DACL, those that GPMC calls custom and those that deny, too."""
    lab("gpo", "permit", _LAPTOPS, "Group Policy Creator Owners", "--mask", "0x20014")
    lab("gpo", "permit", _LAPTOPS, "Domain Users", "deny-apply")
    backup = _backup(lab, _LAPTOPS)
    args = {"backup_id": backup, "gpo": "Kiosk", "permissions": True}
    new = {**args, "gpo": "Copy", "create": True}
    before = tree(lab.host_dir() / "domain")
    run = lab.tasks([
        step("Plan", "gpo_import", check_mode=True, diff=True, **args),
        step("Plan new", "gpo_import", check_mode=True, diff=True, **new),
    ])  # fmt: skip
    (plan,), (plan_new,) = run.of("Plan"), run.of("Plan new")
    assert plan["permissions"] == plan_new["permissions"] == {"outcome": "set", "unknown": [], "status": None}
    assert "permissions" in plan["reasons"] and "permissions" in plan_new["reasons"]
    assert "permissions: allow" in json.dumps(plan["diff"])
    assert tree(lab.host_dir() / "domain") == before

    recorded = _aces(lab, _LAPTOPS)
    assert _aces(lab, "Kiosk") != recorded
    run = lab.tasks([
        step("It", "gpo_import", **args),
        step("New", "gpo_import", **new),
        step("Again", "gpo_import", **args),
        step("New again", "gpo_import", **new),
        step("Info", "gpo_info", gpos=["Kiosk", "Copy", _LAPTOPS], gather=["permissions"], ignore_errors=False),
    ])  # fmt: skip
    for name, planned in ("It", plan), ("New", plan_new):
        (result,) = run.of(name)
        assert not result.get("failed"), result["msg"]
        assert result["reasons"] == planned["reasons"] and result["permissions"] == planned["permissions"]
    for name in "Again", "New again":
        (result,) = run.of(name)
        assert result["changed"] is False and result["permissions"]["outcome"] == "unchanged", result
    assert _aces(lab, "Kiosk") == _aces(lab, "Copy") == recorded
    # Another module sees them so, and in this order.
    (found,) = run.of("Info")
    assert len({json.dumps(gpo["aces"]) for gpo in found["gpos"]}) == 1 and len(found["gpos"]) == 3

    # Somebody changes them alone: they are put right, and the settings are left as they are. So GPMC need not find the
    # backup.
    lab("gpo", "permit", "Kiosk", "Domain Users", "none")
    lab("domain", "--search-without-manifest", "off")
    (lab.drive_d() / "GPO/manifest.xml").unlink()
    (result,) = lab.tasks([step("It", "gpo_import", **args)]).of("It")
    assert result["reasons"] == ["permissions"] and result["overall_status"] is None
    assert _aces(lab, "Kiosk") == recorded


@in_whole
def test_links_come_last_and_only_when_the_rest_is_as_asked(lab: Lab) -> None:
    """The import stands, the task fails, the GPO is not linked, and the next run puts it right."""
    backup = _backup(lab, _LAPTOPS)
    lab("gpo", "permit", "Kiosk", "Domain Users", "edit")
    lab("gpo", "unlink", "Kiosk", "Clients")
    args = {"backup_id": backup, "gpo": "Kiosk", "permissions": True, "links": True, "wmi_filter": True}
    lab("fault", "add", "refuse_security", "--gpo", "Kiosk", "--times", "1")
    lab("domain", "--errors", "words")
    try:
        run = lab.tasks([step("It", "gpo_import", **args)])
    finally:
        lab("domain", "--errors", "numbers")
    (result,) = run.of("It")
    assert result["failed"] is True and "the permissions could not be put back" in result["msg"]
    assert result["permissions"]["status"]["name"] == "E_ACCESSDENIED"
    assert result["overall_status"]["succeeded"] is True and result["changed"] is True
    assert [link["outcome"] for link in result["links"]] == ["withheld"] and lab.gpo("Kiosk")["links"] == []

    # No filter of that ID, or of that name with these queries: known before anything is done.
    lab("gpo", "delete-filter", "Laptops only")
    lab("gpo", "wmi-filter", "Kiosk", "--none")
    run = lab.tasks([
        step("Plan", "gpo_import", **args, check_mode=True, diff=True),
        step("It", "gpo_import", **args),
        step("Again", "gpo_import", **args),
        step("Without", "gpo_import", **{**args, "wmi_filter": False}),
    ])  # fmt: skip
    for name, why in ("Plan", ["permissions"]), ("It", ["permissions"]), ("Again", []):
        (result,) = run.of(name)
        assert result["failed"] is True and "It was not linked, because" in result["msg"], result["msg"]
        assert result["trouble"]["step"] == "withheld" and result["reasons"] == why
        assert [link["outcome"] for link in result["links"]] == ["withheld"] and result["changed"] is bool(why)
    assert "'Kiosk' is not linked to OU=Clients" in run.output
    (result,) = run.of("Without")
    assert not result.get("failed") and result["reasons"] == ["links"], result["msg"]
    assert [link["som"] for link in lab.gpo("Kiosk")["links"]] == ["OU=Clients,DC=corp,DC=example"]


@in_whole
def test_a_gpo_is_not_left_disabled_by_an_import_that_was_killed(lab: Lab) -> None:
    """While its disabled links are made it is off for a moment. That is when the process ends, in two trips, one after
    the other, and each leaves a link enabled that is not to be.
    """
    targets = {"Clients", "Servers"}
    for target in targets:
        lab("gpo", "link", _LAPTOPS, target, "--disabled")
    args = {"backup_id": _backup(lab, _LAPTOPS), "gpo": "Copy", "create": True}
    lab("fault", "add", "crash_link", "--times", "2")
    info = {"gpos": "Copy", "gather": ["links"]}
    run = lab.tasks([
        step("Killed", "gpo_import", links=True, **args),
        step("Left", "gpo_info", **info),
        step("Without links", "gpo_import", **args),
        step("Check", "gpo_import", links=True, check_mode=True, diff=True, **args),
        step("Next", "gpo_import", links=True, **args),
        step("Mended", "gpo_info", **info),
        step("Again", "gpo_import", links=True, **args),
    ])  # fmt: skip
    (killed,), (left,), (without,) = run.of("Killed"), run.of("Left"), run.of("Without links")
    assert killed["failed"] is True and killed["changed"] is True
    assert left["gpos"][0]["status"] == "all_settings_disabled"
    assert without["outcome"] == "unchanged"
    told = " ".join(run.output.split())
    assert "has left 'Copy' disabled, and so it stays, since one of its links may be enabled" in told
    (check,), (result,), (mended,), (again,) = (run.of(name) for name in ("Check", "Next", "Mended", "Again"))
    for one in (check, result):
        assert one["changed"] is True and "status" in one["reasons"], one
    assert "has left 'Copy' disabled; this one puts its links right and enables it" in told
    assert result["outcome"] == "imported" and {link["outcome"] for link in result["links"]} >= {"updated"}
    (gpo,) = mended["gpos"]
    assert gpo["status"] == "all_settings_enabled"
    by_name = {link["target"].partition(",")[0].removeprefix("OU="): link["enabled"] for link in gpo["links"]}
    assert {name for name, enabled in by_name.items() if not enabled} == targets, gpo["links"]
    assert again["outcome"] == "unchanged" and again["changed"] is False, again["msg"]


@in_whole
def test_a_backup_that_the_catalog_does_not_know(lab: Lab) -> None:
    """Its settings come, and a warning that the rest does not."""
    backup = _backup(lab, _LAPTOPS)
    shutil.rmtree(lab.drive_d() / "GPO/.gpvault")
    before = lab.gpo("Kiosk")
    all_of_it = {"permissions": True, "links": True, "wmi_filter": True}
    run = lab.tasks([step("It", "gpo_import", backup_id=backup, gpo="Kiosk", **all_of_it)])
    (result,) = run.of("It")
    assert result["outcome"] == "imported" and result["permissions"] is None
    assert "nothing of the backup's links and WMI filter and permissions" in run.output
    after = lab.gpo("Kiosk")
    for kept in ("security_descriptor", "links", "wmi_filter"):
        assert after[kept] == before[kept], kept
    # GPMC goes by bkupInfo.xml; of which GPO the backup is, Backup.xml says as well.
    (lab.drive_d() / "GPO" / backup / "bkupInfo.xml").unlink()
    lab("gpo", "edit", "Kiosk")
    args = {"backup_id": backup, "gpo": "Kiosk"}
    run = lab.tasks([step("Lost", "gpo_import", **args), step("Forced", "gpo_import", **args, force=True)])
    (lost,), (forced,) = run.of("Lost"), run.of("Forced")
    assert lost["failed"] is True and lost["trouble"]["step"] == "source" and "bkupInfo.xml" in lost["msg"], lost["msg"]
    assert not forced.get("failed") and forced["outcome"] == "imported" and forced["changed"] is True, forced["msg"]
    assert "was lost and has been rebuilt from its Backup.xml" in run.output


@in_whole
def test_a_missing_filter_leaves_another_one_alone(lab: Lab) -> None:
    backup = _backup(lab, _LAPTOPS)
    old = json.loads((lab.host_dir() / "domain/wmi_filters.json").read_bytes())
    lab("gpo", "add-filter", "Everything", r"root\CIMv2;SELECT * FROM Win32_OperatingSystem")
    lab("gpo", "wmi-filter", "Kiosk", "Everything")
    for wmi_filter in old:
        lab("gpo", "delete-filter", wmi_filter["name"])
    before = lab.gpo("Kiosk")["wmi_filter"]
    (result,) = lab.tasks([step("It", "gpo_import", backup_id=backup, gpo="Kiosk", wmi_filter=True)]).of("It")
    assert result["outcome"] == "imported" and result["wmi_filter"]["outcome"] == "missing"
    assert lab.gpo("Kiosk")["wmi_filter"] == before


def test_with_a_migration_table(lab: Lab) -> None:
    backup = _backup(lab, "Security Baseline - Member Servers")
    args = {"backup_id": backup, "gpo": "Kiosk", "migration_entries": _ENTRIES}
    other = [{**_ENTRIES[0], "type": "user"}]
    nobody = [{"source": r"CORP\Old", "type": "global_group", "destination": r"CORP\Nobody"}]
    (lab.drive_d() / "bad.migtable").write_text("<!DOCTYPE x []><MigrationTable/>", "utf-8")
    before = tree(lab.host_dir() / "domain")
    run = lab.tasks([
        step("Bad", "gpo_import", backup_id=backup, gpo="Kiosk", migration_table="D:\\bad.migtable"),
        step("Gone", "gpo_import", backup_id=backup, gpo="Kiosk", migration_table="D:\\gone.migtable"),
        step("Not valid", "gpo_import", backup_id=backup, gpo="Kiosk", migration_entries=nobody),
    ])
    # Its OverallStatus is S_OK; that it is not valid is its Result, and why is in its messages.
    (result,) = run.of("Not valid")
    assert [message["object_path"] for message in result["status_messages"]] == [r"CORP\Old"]
    assert r"CORP\Old: " in result["msg"] and result["trouble"]["step"] == "table", result["msg"]
    for name in ("Bad", "Gone", "Not valid"):
        (result,) = run.of(name)
        assert result["failed"] is True and "The migration table cannot be used" in result["msg"], result["msg"]
    assert tree(lab.host_dir() / "domain") == before
    run = lab.tasks([
        step("It", "gpo_import", **args),
        step("Again", "gpo_import", **args),
        step("Other table", "gpo_import", **{**args, "migration_entries": other}),
    ])
    (result,), (again,), (other_table,) = run.of("It"), run.of("Again"), run.of("Other table")
    assert result["outcome"] == "imported" and not result.get("failed"), result["msg"]
    assert again["outcome"] == "unchanged"
    assert other_table["reasons"] == ["migration_table"]


_SCHEME = "http://www.microsoft.com/GroupPolicy/GPOOperations"
_MINIMAL = f"""<GroupPolicyBackupScheme xmlns:bkp="{_SCHEME}" xmlns="{_SCHEME}"><GroupPolicyObject><FilePaths/>
<GroupPolicyCoreSettings><ID/><Domain/><SecurityDescriptor/><DisplayName/><Options/><UserVersionNumber/>
<MachineVersionNumber/><MachineExtensionGuids/><UserExtensionGuids/><WMIFilter/></GroupPolicyCoreSettings>
<GroupPolicyExtension><FSObjectFile bkp:Path="%GPO_MACH_FSPATH%\\Scripts\\Startup\\*">
<FSObjectFile bkp:Location="DomainSysvol\\GPO\\Machine\\Scripts\\Startup\\a.cmd"/></FSObjectFile>
</GroupPolicyExtension></GroupPolicyObject></GroupPolicyBackupScheme>"""
_INFO = f"""<BackupInst xmlns="{_SCHEME}/Manifest"><GPOGuid>{{{{1041B92A-930A-46F9-8942-CA7AB9080D33}}}}</GPOGuid>
<GPODomain/><GPODomainGuid/><GPODomainController/><BackupTime/><ID>{{id}}</ID><Comment/><GPODisplayName/>
</BackupInst>"""


def _minimal(folder: pathlib.Path) -> str:
    """Write a backup as scripts do, with no more than an import needs, and return its ID."""
    backup = "{6FCFE453-2E93-48CE-825A-A3EF59ABA1B2}"
    startup = folder / backup / "DomainSysvol/GPO/Machine/Scripts/Startup"
    startup.mkdir(parents=True)
    (startup / "a.cmd").write_bytes(b"rem a")
    (startup / "a.cmd.backup").write_bytes(b"somebody's own")
    (folder / backup / "Backup.xml").write_text(_MINIMAL, "utf-8")
    (folder / backup / "bkupInfo.xml").write_text(_INFO.format(id=backup), "utf-8")
    return backup


@in_whole
def test_a_minimal_backup_and_the_index(lab: Lab) -> None:
    """Its nested file comes, what it does not name does not; where GPMC goes by manifest.xml, that is named."""
    directory = lab.drive_d() / "GPO"
    backup = _minimal(directory)
    args = {"backup_id": backup, "gpo": "Kiosk"}
    lab("domain", "--search-without-manifest", "off")
    before = tree(directory)
    for content, said in (
        (None, "There is no D:\\GPO\\manifest.xml"),
        (f'<Backups xmlns="{_SCHEME}/Manifest"/>', "does not list the backup"),
        ("version https://git-lfs.github.com/spec/v1\n", "manifest.xml cannot be read"),
    ):
        if content is not None:
            (directory / "manifest.xml").write_text(content, "utf-8")
            before["manifest.xml"] = content.encode()
        (result,) = lab.tasks([step("It", "gpo_import", **args)]).of("It")
        assert result["failed"] is True and result["trouble"]["step"] == "not_listed" and said in result["msg"], result
        assert result["changed"] is False
        assert tree(directory) == before
    (directory / "manifest.xml").unlink()

    lab("domain", "--search-without-manifest", "on")
    lab("fault", "add", "lose_files", "--times", "1")
    shutil.copytree(directory / backup, lab.drive_d() / "Copy" / backup)
    elsewhere = {**args, "path": "D:\\Copy"}
    run = lab.tasks([
        step("Lost", "gpo_import", **args),
        step("It", "gpo_import", **args),
        step("Again", "gpo_import", **args),
        step("Elsewhere", "gpo_import", **elsewhere),
        step("Elsewhere again", "gpo_import", **elsewhere),
    ])  # fmt: skip
    (lost,), (result,), (again,) = run.of("Lost"), run.of("It"), run.of("Again")
    # It was the only one.
    assert lost["deviations"]["missing"] == ["Machine\\Scripts\\Startup\\a.cmd"]
    assert lost["failed"] is True and lost["changed"] is True
    assert lost["trouble"]["step"] == "nothing_there", lost["msg"]
    assert "but files of the backup are not there" in run.output
    assert result["outcome"] == "imported" and result["deviations"] is None, result
    assert result["source"] == {"id": "{1041B92A-930A-46F9-8942-CA7AB9080D33}", "name": "", "domain": ""}
    assert again["outcome"] == "unchanged", again
    assert set(_settings(lab, result["gpo"]["id"])) == {"machine/scripts/startup/a.cmd"}
    # Without a report there is nothing to prove that what is in no file is the same: once.
    assert run.of("Elsewhere")[0]["reasons"] == ["directory_settings"]
    assert run.of("Elsewhere again")[0]["outcome"] == "unchanged"


@in_whole
def test_settings_that_are_in_no_file(lab: Lab) -> None:
    lab("gpo", "wireless", _LAPTOPS, "Air")
    backup = _backup(lab, _LAPTOPS)
    groups = lab.drive_d() / "GPO" / backup / "DomainSysvol/GPO/Machine/Groups.xml.backup"
    groups.write_bytes(b"somebody's own")
    shutil.copytree(lab.drive_d() / "GPO", lab.drive_d() / "Copy", ignore=shutil.ignore_patterns(".gpvault"))
    args = {"backup_id": backup, "gpo": "Kiosk"}
    elsewhere = {**args, "path": "D:\\Copy"}
    run = lab.tasks([step(name, "gpo_import", **args) for name in ("It", "Again")])
    assert run.of("It")[0]["outcome"] == "imported" and run.of("Again")[0]["outcome"] == "unchanged"
    assert lab.gpo("Kiosk")["wireless"] == "Air"
    lab("gpo", "bump", "Kiosk")
    run = lab.tasks([step("Bumped", "gpo_import", **args), step("Elsewhere", "gpo_import", **elsewhere)])
    assert [run.of(name)[0]["outcome"] for name in ("Bumped", "Elsewhere")] == ["unchanged", "unchanged"]
    lab("gpo", "wireless", "Kiosk", "Another")
    lab("fault", "add", "lose_directory", "--times", "1")
    run = lab.tasks([step("Lost", "gpo_import", **elsewhere), step("It", "gpo_import", **args)])
    (lost,), (result,) = run.of("Lost"), run.of("It")
    assert lost["reasons"] == result["reasons"] == ["directory_settings"]
    assert lost["deviations"]["settings"] == ["Computer WLanSvc"] and result["deviations"] is None
    assert lab.gpo("Kiosk")["wireless"] == "Air"


def test_a_failed_import_leaves_no_new_gpo(lab: Lab) -> None:
    backup = _backup(lab, _LAPTOPS)
    lab("fault", "add", "fail_restore", "--hresult", "0x80070490")
    before = len(lab.gpos())
    parts = {"links": True, "wmi_filter": True, "permissions": True}
    (result,) = lab.tasks([step("It", "gpo_import", backup_id=backup, gpo="New", create=True, **parts)]).of("It")
    assert result["failed"] is True and result["overall_status"]["name"] == "ERROR_NOT_FOUND"
    assert [link["outcome"] for link in result["links"]] == ["not_attempted"]
    assert result["wmi_filter"]["outcome"] == result["permissions"]["outcome"] == "not_attempted"
    assert result["gpo_created"] is False and len(lab.gpos()) == before


def test_genuine_backups_into_a_fresh_domain(lab: Lab, genuine_backups: pathlib.Path) -> None:
    """From another domain, without a manifest or a catalog; what is then backed up holds the same files."""
    folders = sorted(path for path in genuine_backups.iterdir() if path.is_dir())
    for folder in folders:
        shutil.copytree(folder, lab.drive_d() / "GPO" / folder.name)
    lab("domain", "--search-without-manifest", "on")
    imports = [
        step(folder.name, "gpo_import", backup_id=folder.name, gpo=f"Genuine {number}", create=True)
        for number, folder in enumerate(folders)
    ]
    run = lab.tasks([*imports, step("Out", path="D:\\Out", gpos="Genuine ?", ignore_errors=False)])
    (out,) = run.of("Out")
    made = {entry["gpo"]["name"]: entry["backup"]["id"] for entry in out["backups"]}
    for number, folder in enumerate(folders):
        (result,) = run.of(folder.name)
        assert result["outcome"] == "imported" and not result.get("failed"), result["msg"]
        assert result["source"]["domain"] != "corp.example"
        out_folder = lab.drive_d() / "Out" / made[f"Genuine {number}"]
        assert files(out_folder / "DomainSysvol") == files(folder / "DomainSysvol")
