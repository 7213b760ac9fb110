# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_backup_info against the lab: our backups, genuine ones, damaged ones and hostile ones."""

from __future__ import annotations

import hashlib
import json
import pathlib
import shutil

import pytest
from cultures import in_each_culture
from extent import LONG, in_long, in_whole
from harness import DEFAULT_DOMAIN_POLICY, Lab, tree, trips
from steps import step

_MANIFEST = "http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest"
_OPERATIONS = "http://www.microsoft.com/GroupPolicy/GPOOperations"
_MANY = 10000 if LONG else 12


def _id(number: int) -> str:
    return f"{{00000000-0000-0000-0000-{number:012d}}}"


def _info_xml(number: int, **changed: str) -> str:
    values = {
        "GPOGuid": "{11111111-2222-3333-4444-555555555555}", "GPODomain": "evil.example",
        "BackupTime": "2026-01-02T03:04:05", "ID": _id(number), "Comment": "", "GPODisplayName": "Hostile",
    } | changed  # fmt: skip
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in values.items())
    return f'<BackupInst xmlns="{_MANIFEST}">{inner}</BackupInst>'


def _backup_xml(inside: str = "") -> str:
    root = "GroupPolicyBackupScheme"
    return f'<{root} xmlns="{_OPERATIONS}" xmlns:bkp="{_OPERATIONS}">{inside}</{root}>'


def _located(location: str) -> str:
    return _backup_xml(f'<FSObjectFile bkp:Location="{location}"/>')


_ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///D:/outside/secret.txt">]>'
_BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip
_LONG = b"A" * 50_000_000

# bkupInfo.xml, Backup.xml, and what is said of the backup.
_HOSTILE: list[tuple[str | bytes | None, str | bytes | None, str]] = [
    ("<!DOCTYPE x>" + _info_xml(0), _backup_xml(), "bkupInfo.xml cannot be used: "),
    (_ENTITY + _info_xml(1).replace("Hostile]]>", "]]>&e;"), _backup_xml(), "bkupInfo.xml cannot be used: "),
    (_info_xml(2), _ENTITY + _backup_xml("&e;"), "Backup.xml cannot be used: "),
    (_info_xml(3), _BOMB + _backup_xml("&i;"), "Backup.xml cannot be used: "),
    (_info_xml(4, Comment="LONG"), _backup_xml(), "bkupInfo.xml cannot be used: The file is too large."),
    (_info_xml(5), _backup_xml("LONG"), ""),
    (_info_xml(6), _backup_xml("LONGLONG"), "Backup.xml cannot be used: The file is too large."),
    (_info_xml(7, GPODisplayName="Größe").encode("latin-1"), _backup_xml(), "bkupInfo.xml cannot be used: "),
    (_info_xml(8), b"\xff\xfe" + _backup_xml().encode(), "Backup.xml cannot be used: "),
    ('<?xml version="1.0" encoding="x-none"?>' + _info_xml(9), _backup_xml(), "bkupInfo.xml cannot be used: "),
    (_info_xml(10), _located("..\\..\\outside\\secret.txt"), "Backup.xml names a file outside of the backup: ..\\..\\"),
    (_info_xml(11), _located("D:\\outside\\secret.txt"), "Backup.xml names a file outside of the backup: D:\\"),
    (_info_xml(12), _located("\\\\127.0.0.1\\x\\y"), "Backup.xml names a file outside of the backup: \\\\127"),
    (_info_xml(13), _located("sub/../../x"), "Backup.xml names a file outside of the backup: sub/../../x"),
    (_info_xml(14), _located("DomainSysvol\\gone.pol"), "DomainSysvol\\gone.pol that Backup.xml names is missing."),
    (_info_xml(15), _located("link\\secret.txt"), "link is a link, which is not followed."),
    (_info_xml(16)[:-20], _backup_xml(), "bkupInfo.xml cannot be used: "),
    (_info_xml(17), _backup_xml()[:-3], "Backup.xml cannot be used: "),
    (_info_xml(18), "<Other/>", "Backup.xml cannot be used: Its root is not the element GroupPolicyBackupScheme"),
    (_info_xml(1), _backup_xml(), "bkupInfo.xml cannot be used: It is that of another backup."),
    (_info_xml(20, GPODomain="..\\..\\outside"), _backup_xml(), "Its GPODomain is no name of a domain."),
    (_info_xml(21, BackupTime="yesterday"), _backup_xml(), "Its BackupTime is no time."),
    (_info_xml(22, GPOGuid="{x}"), _backup_xml(), "Its GPOGuid is no GUID."),
    (_info_xml(23, GPODisplayName="n" * 2000), _backup_xml(), "Its GPODisplayName is longer than a genuine one."),
    (None, _backup_xml(), "bkupInfo.xml cannot be used: "),
    (_info_xml(25), None, "Backup.xml cannot be used: "),
    (_info_xml(26).replace("<ID>", "<ID><b/>"), _backup_xml(), "bkupInfo.xml cannot be used: "),
    ("", "", "bkupInfo.xml cannot be used: "),
]


def _write(path: pathlib.Path, content: str | bytes | None) -> None:
    if content is not None:
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data.replace(b"LONG", _LONG))


@in_each_culture
def test_hostile_backups_are_reported_and_nothing_outside_is_touched(lab: Lab) -> None:
    outside = lab.drive_d() / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    folder = lab.drive_d() / "GPO"
    for number, (info, backup, _said) in enumerate(_HOSTILE):
        one = folder / _id(number)
        one.mkdir(parents=True)
        _write(one / "bkupInfo.xml", info)
        _write(one / "Backup.xml", backup)
    (folder / _id(15) / "link").symlink_to(outside)
    (folder / _id(90)).symlink_to(outside)
    (folder / _id(91)).mkdir()
    (folder / "no backup").mkdir()
    _write(folder / "manifest.xml", "<!DOCTYPE x><Backups/>")
    # Entries of the catalog that lead elsewhere, or are none.
    catalog = folder / ".gpvault/evil.example" / DEFAULT_DOMAIN_POLICY
    catalog.mkdir(parents=True)
    record = {"path": "..\\..\\outside\\secret.txt", "size": 6, "sha256": "0" * 64}
    versions = {half: {"directory": 1, "sysvol": 1} for half in ("computer", "user")}
    parts = ("name", "description", "status", "wmi_filter", "permissions", "files")
    entry = {
        "schema": 1, "sequence": 1, "purpose": "backup", "files": [record], "links": None, "wmi_filter": None,
        "fingerprint": {**dict.fromkeys(parts), "versions": versions},
        "gpo": {"id": DEFAULT_DOMAIN_POLICY, "name": "Hostile", "domain": "evil.example"},
        "backup": {"id": _id(91), "timestamp": "2026-01-02T03:04:05Z", "comment": ""},
    }  # fmt: skip
    (catalog / f"0000000001_{_id(91)}.json").write_text(json.dumps(entry))
    (catalog / f"0000000002_{_id(92)}.json").write_text("[" * 5000)
    (catalog / f"0000000003_{_id(93)}.json").write_text(json.dumps({**entry, "schema": 99}))
    (folder / ".gpvault/linked.example").symlink_to(folder / ".gpvault/evil.example")

    before = tree(outside), sorted(path.name for path in folder.iterdir())
    (result,) = lab.tasks([step("It", "gpo_backup_info", verify="full")]).of("It")
    # Of none is there an entry in the catalog that counts.
    assert result["failed"] is True and "knows nothing of the 29 backups there" in result["msg"]
    assert (tree(outside), sorted(path.name for path in folder.iterdir())) == before
    found = {backup["id"]: backup for backup in result["backups"]}
    assert len(found) == len(_HOSTILE) + 4
    for number, (_info, _backup, said) in enumerate(_HOSTILE):
        backup = found[_id(number)]
        problems = backup["problems"]
        # The one with a link has something that GPMC does not write.
        state = "foreign" if number == 15 else "damaged" if said else "uncatalogued"
        assert backup["state"] == state, (number, backup)
        assert bool(said) is bool(problems) and said in " ".join(problems), (number, problems)
        assert all(len(problem) < 400 for problem in problems)
    assert "is a link" in found[_id(90)]["problems"][0] and found[_id(90)]["size"] is None
    assert {found[_id(number)]["state"] for number in (90, 91)} == {"foreign"}
    assert found[_id(91)]["problems"] == ["It is no backup: nothing in it is what only GPMC writes."]
    assert "cannot be used" in found[_id(92)]["problems"][0] and "It is gone." in found[_id(92)]["problems"][1]
    assert "Its schema is 99" in found[_id(93)]["problems"][0]
    assert found[_id(91)]["in_manifest"] is None


def test_genuine_backups_without_a_manifest(lab: Lab, genuine_backups: pathlib.Path) -> None:
    shutil.copytree(genuine_backups, lab.drive_d() / "GPO", copy_function=shutil.copyfile)
    for path in (lab.drive_d() / "GPO").rglob("*"):
        path.chmod(0o755)
    before = tree(lab.drive_d())
    run = lab.tasks([
        step("All", "gpo_backup_info"),
        step("Domain", "gpo_backup_info", domain="SHB.GOV", gpos="*audit*"),
        step("None", "gpo_backup_info", domain="x.example"),
    ])  # fmt: skip
    (result,) = run.of("All")
    assert result["summary"] == {
        "total": 6, "ok": 0, "uncatalogued": 6, "damaged": 0, "foreign": 0, "unlisted": 6,
    }, result["backups"]  # fmt: skip
    assert result["changed"] is False and tree(lab.drive_d()) == before
    one = next(one for one in result["backups"] if one["gpo"]["name"] == "AppLocker (Audit)")
    assert one["gpo"] == {
        "id": "{ACB84CA7-8CA4-470E-90D6-D24849D70199}", "name": "AppLocker (Audit)", "domain": "SHB.GOV"
    }  # fmt: skip
    assert (one["timestamp"], one["comment"]) == ("2016-03-21T13:40:19Z", "Whitelisting Audit")
    assert (one["purpose"], one["sequence"], one["in_manifest"], len(one["problems"])) == (None, None, False, 1)
    assert one["problems"][0].startswith("manifest.xml does not list it, ")
    assert one["files"] == 5 and one["size"] > 70000
    (audit,) = run.of("Domain")
    assert 0 < audit["summary"]["total"] < 6 and all("audit" in one["gpo"]["name"].lower() for one in audit["backups"])
    assert run.of("None")[0]["backups"] == []


@in_long
def test_damage_filters_and_newest(lab: Lab) -> None:
    """One play: back up, damage between the tasks, look."""
    made = lab.tasks([
        step("First", gpos=["Kiosk", "Laptops*", DEFAULT_DOMAIN_POLICY]),
        step("Second", create_path=False, gpos=["Kiosk"], force=True),
    ])  # fmt: skip
    first = {entry["gpo"]["name"]: entry["backup"]["id"] for entry in made.of("First")[0]["backups"]}
    second = made.of("Second")[0]["backups"][0]["backup"]["id"]
    folder = lab.drive_d() / "GPO"
    report = folder / first["Kiosk"] / "gpreport.xml"
    report.write_bytes(b"x" * report.stat().st_size)
    (folder / first["Laptops: BitLocker and VPN"] / "Backup.xml").unlink()
    before = tree(lab.drive_d())
    with lab.logged() as events:
        run = lab.tasks([
            step("Quick", "gpo_backup_info"),
            step("Full", "gpo_backup_info", verify="full"),
            step("None", "gpo_backup_info", verify="none"),
            step("Newest", "gpo_backup_info", most_recent=True, gpos=["kiosk", DEFAULT_DOMAIN_POLICY]),
            step("Without", "gpo_backup_info", exclude=["Default*", first["Kiosk"]], states=["damaged"]),
            step("Missing", "gpo_backup_info", path="D:\\Missing"),
        ], "--check")  # fmt: skip
    assert trips(events) == 6 and tree(lab.drive_d()) == before

    def states(name: str) -> dict[str, str]:
        return {backup["id"]: backup["state"] for backup in run.of(name)[0]["backups"]}

    good = {second: "ok", first["Default Domain Policy"]: "ok"}
    broken = {first["Laptops: BitLocker and VPN"]: "damaged"}
    assert states("Quick") == {**good, **broken, first["Kiosk"]: "ok"}
    assert states("Full") == {**good, **broken, first["Kiosk"]: "damaged"}
    assert set(states("None").values()) == {"ok"} and states("Newest") == good and states("Without") == broken
    (full,) = (one for one in run.of("Full")[0]["backups"] if one["id"] == first["Kiosk"])
    assert full["problems"] == ["The contents of the file gpreport.xml have changed."]
    (quick,) = (one for one in run.of("Quick")[0]["backups"] if one["state"] == "damaged")
    assert quick["problems"] == ["The file Backup.xml is missing."] and quick["purpose"] == "backup"
    assert [one["sequence"] for one in run.of("Quick")[0]["backups"] if one["gpo"]["name"] == "Kiosk"] == [2, 1]
    assert run.of("None")[0]["backups"][0]["files"] is None
    (missing,) = run.of("Missing")
    assert missing["failed"] is True and missing["overall_status"]["name"] in (
        "ERROR_PATH_NOT_FOUND", "ERROR_FILE_NOT_FOUND"
    )  # fmt: skip
    assert missing["msg"].startswith("The backups in the directory could not be listed: 0x8007000")


def _catalogue(directory: pathlib.Path, backup: pathlib.Path, gpo: int, sequence: int) -> None:
    """Write the catalog's entry of a backup."""
    files = [
        {"path": path.name, "size": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path in sorted(backup.iterdir())
    ]  # fmt: skip
    half = {"directory": 1, "sysvol": 1}
    entry = {
        "schema": 1, "sequence": sequence, "purpose": "backup", "gpo": {"id": _id(gpo), "domain": "evil.example"},
        "backup": {"id": backup.name, "timestamp": None, "comment": ""}, "files": files,
        "links": None, "wmi_filter": None,
        "fingerprint": {
            "name": "x", "description": "", "status": "all_settings_enabled", "wmi_filter": None, "permissions": [],
            "files": [], "versions": {"computer": half, "user": half},
        },
    }  # fmt: skip
    path = directory / ".gpvault/evil.example" / _id(gpo) / f"{sequence:010d}_{backup.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, json.dumps(entry))


@in_whole
def test_it_needs_no_gpmc_and_no_domain_and_goes_on_over_many_trips(lab: Lab) -> None:
    folder = lab.drive_d() / "GPO"
    for number in range(_MANY):
        one = folder / _id(number)
        one.mkdir(parents=True)
        gpo = number % (_MANY // 2)
        time = f"2026-01-{1 + number // (_MANY // 2):02d}T00:00:00"
        _write(one / "bkupInfo.xml", _info_xml(number, GPODisplayName=f"GPO {gpo}", GPOGuid=_id(gpo), BackupTime=time))
        _write(one / "Backup.xml", _located("a.pol"))
        _write(one / "a.pol", "x")
        if number % 2 == 0:
            _catalogue(folder, one, gpo, sequence=1 + number // (_MANY // 2))
    lab("fault", "add", "dc_down")
    trip_time = "60s" if LONG else "1s"
    steps = [
        step("It", "gpo_backup_info", trip_time=trip_time), step("Newest", "gpo_backup_info", most_recent=True),
    ]  # fmt: skip
    with lab.without_gpmc(), lab.logged() as events:
        run = lab.tasks(steps, timeout=3600)
    (result,) = run.of("It")
    half = _MANY // 2
    assert result["summary"] == {
        "total": _MANY, "ok": half, "uncatalogued": half, "damaged": 0, "foreign": 0, "unlisted": _MANY,
    }, result["msg"]  # fmt: skip
    assert len({backup["id"] for backup in result["backups"]}) == _MANY
    assert trips(events) == 2 or f"/{_MANY} backups, " in run.output
    (newest,) = run.of("Newest")
    assert {backup["id"] for backup in newest["backups"]} == {_id(number) for number in range(_MANY // 2, _MANY)}
