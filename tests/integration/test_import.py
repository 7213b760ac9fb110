# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_import: the settings of a backup in another GPO, once."""

from __future__ import annotations

import json
import pathlib
import shutil
import typing as t

from harness import Lab, tree

_LAPTOPS = "Laptops: BitLocker and VPN"
_ENTRIES = [{"source": "CORP\\Domain Admins", "type": "global_group", "destination_option": "same_as_source"}]


def _backup(lab: Lab, name: str, **more: t.Any) -> str:
    """Back up one GPO and return the backup's ID."""
    result = lab.task({"path": "D:\\GPO", "create_path": True, "gpos": name, **more})
    assert not result.get("failed"), result["msg"]
    return str(result["backups"][0]["backup"]["id"])


def _import(name: str, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    return {
        "name": name,
        "gpvault.gpmc.gpo_import": {"path": "D:\\GPO", **options},
        "check_mode": check,
        "diff": check,
        "ignore_errors": True,
    }


def _gpo(lab: Lab, name: str) -> dict[str, t.Any]:
    return dict(json.loads(lab("gpo", "show", name, "--json")))


def _settings(lab: Lab, gpo: str) -> dict[str, bytes]:
    (folder,) = lab.host_dir().glob(f"domain/sysvol/*/Policies/{gpo}")
    return {
        str(path.relative_to(folder)).lower(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "GPT.INI"
    }


def test_into_a_new_gpo(lab: Lab) -> None:
    backup = _backup(lab, _LAPTOPS)
    before = tree(lab.host_dir() / "domain")
    args = {"backup_id": backup, "gpo": "Copy", "create": True, "links": True, "wmi_filter": True}
    run = lab.tasks([_import("Plan", check=True, **args), _import("No", **{**args, "create": False})])
    (plan,), (refused,) = run.of("Plan"), run.of("No")
    assert plan["outcome"] == "imported" and plan["gpo_created"] is True and plan["changed"] is True
    assert refused["failed"] is True and "No GPO 'Copy' was found in the domain" in refused["msg"]
    assert tree(lab.host_dir() / "domain") == before

    run = lab.tasks([_import("It", **args), _import("Again", **args), _import("Planned", check=True, **args)])
    (result,), (again,), (planned,) = run.of("It"), run.of("Again"), run.of("Planned")
    assert not result.get("failed"), result["msg"]
    assert result["reasons"] == plan["reasons"] == ["missing", "wmi_filter", "links"]
    assert [link["outcome"] for link in result["links"]] == ["created"]
    copy, original = _gpo(lab, "Copy"), _gpo(lab, _LAPTOPS)
    assert copy["id"] == result["gpo"]["id"] != original["id"]
    assert _settings(lab, copy["id"]) == _settings(lab, original["id"])
    assert copy["wmi_filter"] == original["wmi_filter"]
    (link,) = copy["links"]
    assert link["som"] == original["links"][0]["som"] and link["order"] == original["links"][0]["order"] + 1
    for same in (again, planned):
        assert same["changed"] is False and same["outcome"] == "unchanged", same


def test_into_an_existing_gpo(lab: Lab) -> None:
    backup = _backup(lab, _LAPTOPS)
    before = _gpo(lab, "Kiosk")
    by_name, by_id = {"backup_id": backup, "gpo": "Kiosk"}, {"backup_id": backup, "gpo": before["id"]}
    run = lab.tasks([_import("It", **by_name), _import("Again", **by_id)])
    (result,), (again,) = run.of("It"), run.of("Again")
    assert result["outcome"] == "imported" and result["gpo_created"] is False and result["safety_backup"]
    assert again["changed"] is False
    after = _gpo(lab, "Kiosk")
    assert _settings(lab, after["id"]) == _settings(lab, _gpo(lab, _LAPTOPS)["id"])
    for kept in ("id", "display_name", "security_descriptor", "links", "wmi_filter", "flags"):
        assert after[kept] == before[kept], kept

    # Undone by its safety copy.
    undo = {"path": "D:\\GPO", "backup_id": result["safety_backup"]["id"]}
    (undone,) = lab.tasks([{"name": "Undo", "gpvault.gpmc.gpo_restore": undo}]).of("Undo")
    assert undone["summary"]["restored"] == 1
    # A restore writes paths as the backup has them; upper and lower case are the same.
    paths = [{file["path"].lower() for file in gpo["files"]} for gpo in (before, _gpo(lab, "Kiosk"))]
    assert paths[0] == paths[1]


def test_with_a_migration_table(lab: Lab) -> None:
    backup = _backup(lab, "Security Baseline - Member Servers")
    args = {"backup_id": backup, "gpo": "Kiosk", "migration_entries": _ENTRIES}
    other = [{**_ENTRIES[0], "type": "user"}]
    (lab.drive_d() / "bad.migtable").write_text("<!DOCTYPE x []><MigrationTable/>", "utf-8")
    before = tree(lab.host_dir() / "domain")
    run = lab.tasks([
        _import("Bad", backup_id=backup, gpo="Kiosk", migration_table="D:\\bad.migtable"),
        _import("Gone", backup_id=backup, gpo="Kiosk", migration_table="D:\\gone.migtable"),
    ])
    for name in ("Bad", "Gone"):
        (result,) = run.of(name)
        assert result["failed"] is True and "The migration table cannot be used" in result["msg"], result["msg"]
    assert tree(lab.host_dir() / "domain") == before
    run = lab.tasks([
        _import("It", **args),
        _import("Again", **args),
        _import("Other table", **{**args, "migration_entries": other}),
    ])
    (result,), (again,), (other_table,) = run.of("It"), run.of("Again"), run.of("Other table")
    assert result["outcome"] == "imported" and not result.get("failed"), result["msg"]
    assert again["outcome"] == "unchanged"
    assert other_table["reasons"] == ["migration_table"]


def test_a_failed_import_leaves_no_new_gpo(lab: Lab) -> None:
    backup = _backup(lab, _LAPTOPS)
    lab("fault", "add", "fail_restore", "--hresult", "0x80070490")
    before = len(json.loads(lab("gpo", "list", "--json")))
    (result,) = lab.tasks([_import("It", backup_id=backup, gpo="New", create=True)]).of("It")
    assert result["failed"] is True and result["overall_status"]["name"] == "ERROR_NOT_FOUND"
    assert result["gpo_created"] is False and len(json.loads(lab("gpo", "list", "--json"))) == before


def test_genuine_backups_into_a_fresh_domain(lab: Lab, genuine_backups: pathlib.Path) -> None:
    """From another domain, without a manifest or a catalog; what is then backed up holds the same files."""
    folders = sorted(path for path in genuine_backups.iterdir() if path.is_dir())
    for folder in folders:
        shutil.copytree(folder, lab.drive_d() / "GPO" / folder.name)
    lab("domain", "--search-without-manifest", "on")
    imports = [
        _import(folder.name, backup_id=folder.name, gpo=f"Genuine {number}", create=True)
        for number, folder in enumerate(folders)
    ]
    backup = {"path": "D:\\Out", "create_path": True, "gpos": "Genuine ?"}
    run = lab.tasks([*imports, {"name": "Out", "gpvault.gpmc.gpo_backup": backup}])
    (out,) = run.of("Out")
    made = {entry["gpo"]["name"]: entry["backup"]["id"] for entry in out["backups"]}
    for number, folder in enumerate(folders):
        (result,) = run.of(folder.name)
        assert result["outcome"] == "imported" and not result.get("failed"), result["msg"]
        assert result["source"]["domain"] != "corp.example"
        assert _files(lab.drive_d() / "Out" / made[f"Genuine {number}"]) == _files(folder)


def _files(folder: pathlib.Path) -> dict[str, bytes]:
    base = folder / "DomainSysvol"
    return {str(path.relative_to(base)).lower(): path.read_bytes() for path in base.rglob("*") if path.is_file()}
