# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom permissions are for: accounts are their SIDs, whatever they are called, here and in another domain."""

from __future__ import annotations

import json
import pathlib
import shutil
import typing as t

import pytest
from backups import edit, entry_files
from extent import in_whole
from harness import Lab
from steps import outcomes, reasons, step

_LAPTOPS = "Laptops: BitLocker and VPN"
_ALL = {"all": True, "inaccessible": "ignore"}

_IN_GERMAN = {
    "NT AUTHORITY\\SYSTEM": "NT-AUTORITÄT\\SYSTEM",
    "NT AUTHORITY\\Authenticated Users": "NT-AUTORITÄT\\Authentifizierte Benutzer",
    "NT AUTHORITY\\ENTERPRISE DOMAIN CONTROLLERS": "NT-AUTORITÄT\\DOMÄNENCONTROLLER DER ORGANISATION",
    "CORP\\Domain Admins": "CORP\\Domänen-Admins",
}


def _recorded(folder: pathlib.Path) -> t.Iterator[tuple[pathlib.Path, dict[str, t.Any]]]:
    for paths in entry_files(folder).values():
        for path in paths:
            yield path, json.loads(path.read_text("utf-8"))


def _without_sids(folder: pathlib.Path) -> None:
    """Make the entries those of a release that recorded names alone."""
    for path, entry in _recorded(folder):
        for ace in entry["fingerprint"]["permissions"]:
            del ace["sid"]
        path.write_text(json.dumps(entry), "utf-8")


@in_whole
def test_an_account_is_its_sid(lab: Lab) -> None:
    """Another language, another name, names that cannot be looked up, and entries with names alone: no new backup."""
    lab("gpo", "permit", _LAPTOPS, "Helpdesk", "edit")
    first = lab.task(**_ALL)
    assert not first.get("failed"), first["msg"]
    folder = lab.drive_d() / "GPO"
    for _path, entry in _recorded(folder):
        aces = entry["fingerprint"]["permissions"]
        assert {ace["sid"] for ace in aces} == {ace["sid"] for ace in lab.gpo(entry["gpo"]["id"])["permissions"]}

    # No name for a SID, no SID for a name.
    edit(lab, "rename-account", "Helpdesk", "Service Desk")
    lab("fault", "add", "no_names", "--gpo", "Kiosk")
    lab("fault", "add", "refuse_trustee", "--times", "2")
    run = lab.tasks([step("Unread", **{**_ALL, "exclude": [_LAPTOPS]}), step("Read", **_ALL)])
    lab("fault", "clear")
    for name in ("Unread", "Read"):
        assert set(outcomes(run.of(name)[0]).values()) == {"unchanged"}, run.of(name)[0]["backups"]

    _without_sids(folder)
    edit(lab, "rename-account", "Service Desk", "Helpdesk")
    with lab.counted() as calls:
        run = lab.tasks([step("Names", **_ALL)])
    assert set(outcomes(run.of("Names")[0]).values()) == {"unchanged"}, run.of("Names")[0]["backups"]
    names = {ace["trustee"] for _path, entry in _recorded(folder) for ace in entry["fingerprint"]["permissions"]}
    # One trip: each name once, however many GPOs have it.
    assert 0 < calls["IGPM::CreateTrustee"] <= len(names)

    again = lab.task(**_ALL, force=True)
    for old, new in _IN_GERMAN.items():
        edit(lab, "rename-account", old, new)
    run = lab.tasks([step("Backup", **_ALL), step("Restore", "gpo_restore", all=True)])
    for name in ("Backup", "Restore"):
        assert set(outcomes(run.of(name)[0]).values()) == {"unchanged"}, run.of(name)[0]
    assert again["summary"]["created"] == len(again["backups"])

    # Another account gets the name, and the permissions.
    edit(lab, "permit", _LAPTOPS, "Helpdesk", "none")
    edit(lab, "permit", _LAPTOPS, "Contractors", "edit")
    edit(lab, "rename-account", "Helpdesk", "Old Helpdesk")
    edit(lab, "rename-account", "Contractors", "Helpdesk")
    result = lab.task(**_ALL)
    assert reasons(result) == {lab.gpo(_LAPTOPS)["id"]: ["permissions"]}


@pytest.fixture
def elsewhere(fleet: Lab) -> t.Iterator[tuple[Lab, dict[str, t.Any]]]:
    """Two domains; options that import, in the second one, a GPO of the first."""
    place = {"path": "\\\\backup\\gpo\\moved"}
    try:
        fleet("gpo", "permit", _LAPTOPS, "Helpdesk", "edit")
        (made,) = fleet.tasks([step("It", **place, gpos=_LAPTOPS)]).of("It")
        backup = made["backups"][0]["backup"]["id"]
        yield fleet, {**place, "backup_id": backup, "gpo": "Kiosk", "permissions": True, "backup_first": False}
    finally:
        shutil.rmtree(fleet.shares / "gpo/moved", ignore_errors=True)
        for host in ("host1", "host2"):
            fleet("gpo", "reset", "--host", host)


def _sids(fleet: Lab, host: str, name: str) -> set[str]:
    (gpo,) = (gpo for gpo in fleet.gpos(host) if gpo["display_name"] == name)
    return {ace["sid"] for ace in gpo["permissions"]}


def _accounts(fleet: Lab, host: str) -> pathlib.Path:
    return fleet.host_dir(host) / "domain/principals.json"


@in_whole
def test_accounts_of_another_domain(elsewhere: tuple[Lab, dict[str, t.Any]]) -> None:
    """Whoever is not known here by SID or by a table is told, and found by no name, whoever has it here."""
    fleet, options = elsewhere
    before = _sids(fleet, "host2", "Kiosk")
    # A third domain that happens to be called like the first, too.
    accounts = _accounts(fleet, "host2")
    known = json.loads(accounts.read_text("utf-8"))
    impostor = {"name": "Domain Admins", "domain": "CORP", "dns_domain": "corp.example", "type": "GlobalGroup"}
    accounts.write_text(json.dumps({**known, "S-1-5-21-9-9-9-512": impostor}), "utf-8")
    table = [
        {"type": "global_group", "source": "CORP\\Domain Admins", "destination": "CORP2\\Domain Admins"},
        {"type": "unknown", "source": "Enterprise Admins@corp.example", "destination_option": "by_relative_name"},
        {"type": "local_group", "source": "CORP\\Helpdesk", "destination": "CORP2\\Contractors"},
    ]
    run = fleet.tasks([
        step("Plan", "gpo_import", check_mode=True, diff=True, **options),
        step("It", "gpo_import", **options),
    ], hosts="host2")
    for result in run.of("Plan") + run.of("It"):
        assert not result.get("failed"), result["msg"]
        assert result["permissions"]["outcome"] == "missing" and "permissions" not in result["reasons"]
        assert {"CORP\\Domain Admins", "CORP\\Helpdesk"} <= set(result["permissions"]["unknown"])
    assert "'Kiosk' keeps its permissions" in run.output and _sids(fleet, "host2", "Kiosk") == before

    # By names alone it is the same: the backup says whose they are.
    _without_sids(fleet.shares / "gpo/moved")
    run = fleet.tasks([
        step("Names", "gpo_import", **options),
        step("Table", "gpo_import", **options, migration_entries=table),
        step("Again", "gpo_import", **options, migration_entries=table),
    ], hosts="host2")
    (by_name,), (by_table,), (again,) = run.of("Names"), run.of("Table"), run.of("Again")
    assert by_name["permissions"]["outcome"] == "missing"
    assert by_table["permissions"]["outcome"] == "set" and not by_table.get("failed"), by_table["msg"]
    assert again["changed"] is False
    assert _trustees(fleet) >= {"Domain Admins", "Enterprise Admins", "Contractors"}
    assert not any(sid.startswith("S-1-5-21-9-9-9-") for sid in _sids(fleet, "host2", "Kiosk"))

    # A trust makes the others known, by their SIDs.
    trusted = json.loads(_accounts(fleet, "host1").read_text("utf-8"))
    accounts.write_text(json.dumps({**trusted, **known}), "utf-8")
    (result,) = fleet.tasks([step("It", "gpo_import", **options)], hosts="host2").of("It")
    assert result["permissions"]["outcome"] == "set" and not result.get("failed"), result["msg"]
    assert _sids(fleet, "host2", "Kiosk") == _sids(fleet, "host1", _LAPTOPS)

    # Nobody would be left: that would lock everybody out.
    nobody = [
        {"source": sid, "type": "unknown", "destination_option": "none"} for sid in _sids(fleet, "host1", _LAPTOPS)
    ]
    (result,) = fleet.tasks([step("It", "gpo_import", **options, migration_entries=nobody)], hosts="host2").of("It")
    assert result["permissions"]["outcome"] == "empty" and not result.get("failed"), result["msg"]
    assert _sids(fleet, "host2", "Kiosk") == _sids(fleet, "host1", _LAPTOPS)


def _trustees(fleet: Lab) -> set[str]:
    """Return what those in the permissions of the GPO in the second domain are called, those of that domain alone."""
    (gpo,) = (gpo for gpo in fleet.gpos("host2") if gpo["display_name"] == "Kiosk")
    sid = json.loads((fleet.host_dir("host2") / "domain/domain.json").read_text("utf-8"))["sid"]
    return {ace["name"] for ace in gpo["permissions"] if ace["sid"].startswith(f"{sid}-")}
