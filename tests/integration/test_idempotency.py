# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What counts as a change of a GPO, and what does not: each edit against what check mode told and what was done."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import time
import typing as t

import yaml
from backups import assert_whole, backup_folders, catalog, edit, entry_files, gpo_ids, newest
from cultures import in_turkish_too
from extent import in_whole
from harness import DEFAULT_DOMAIN_POLICY, ROOT, Lab, tree
from steps import outcomes, reasons, step

_VISIBLE = 13
_ALL = {"all": True, "inaccessible": "ignore"}


def _directory(lab: Lab) -> pathlib.Path:
    return lab.drive_d() / "GPO"


def _failed(result: t.Mapping[str, t.Any]) -> bool:
    return bool(result.get("failed"))


@in_turkish_too
def test_a_second_run_changes_nothing_and_the_entry_tells_all(lab: Lab) -> None:
    """The first run's entries are checked in full; the second run leaves every byte alone."""
    first = lab.task(comment="Nightly", **_ALL)
    folder = _directory(lab)
    made = {entry["gpo"]["id"]: entry for entry in first["backups"]}
    entries = assert_whole(folder)
    assert set(entries) == {("corp.example", gpo) for gpo in made} and len(made) == _VISIBLE
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text("utf-8"))["version"]
    live = {gpo["id"]: gpo for gpo in lab.gpos()}
    for (_domain, gpo), (entry,) in entries.items():
        told = made[gpo]
        assert (entry["schema"], entry["collection_version"], entry["sequence"]) == (1, version, 1)
        assert (entry["run_id"], entry["purpose"]) == (first["run_id"], "backup")
        assert entry["domain_controller"] == "dc1.corp.example"
        assert (entry["gpo"], entry["reasons"]) == (told["gpo"], ["first_backup"])
        assert entry["backup"] == {key: told["backup"][key] for key in ("id", "timestamp", "comment")}
        assert entry["call_status"]["hresult"] == entry["overall_status"]["hresult"] == 0
        assert entry["status_messages"] == [] and entry["milliseconds"] == round(told["duration"] * 1000) > 0
        links = {
            link["target"]: (link["type"], link["order"], link["enabled"], link["enforced"]) for link in entry["links"]
        }
        assert links == {
            link["som"]: (link["type"], link["order"], link["enabled"], link["enforced"])
            for link in live[gpo]["links"]
        }
        fingerprint = entry["fingerprint"]
        assert fingerprint["versions"] == told["gpo"]["versions"] and fingerprint["status"] == told["gpo"]["status"]
        assert {file["path"].replace("\\", "/").lower(): file["size"] for file in fingerprint["files"]} == {
            file["path"].lower(): file["size"] for file in live[gpo]["files"]
        }
        assert [(ace["type"], ace["flags"], ace["mask"]) for ace in fingerprint["permissions"]] == [
            (ace["type"], ace["flags"], int(ace["mask"], 16)) for ace in live[gpo]["permissions"]
        ]
    ids = gpo_ids(lab)
    assert newest(folder, ids["Laptops: BitLocker and VPN"])["wmi_filter"] == {
        "id": live[ids["Laptops: BitLocker and VPN"]]["wmi_filter"].upper(),
        "name": "Laptops only",
        "description": "Machines with a battery",
        "queries": [r"root\CIMv2;SELECT * FROM Win32_Battery WHERE BatteryStatus > 0"],
    }
    assert newest(folder, ids["Kiosk"])["wmi_filter"] is None

    before = tree(folder)
    # Another comment is nothing about the GPOs.
    second = lab.task(create_path=False, comment="Another", **_ALL)
    assert second["changed"] is False and not _failed(second)
    assert set(outcomes(second).values()) == {"unchanged"} and second["summary"]["unchanged"] == _VISIBLE
    assert second["run_id"] != first["run_id"]
    for entry in second["backups"]:
        assert entry["backup"] == made[entry["gpo"]["id"]]["backup"]
        assert entry["reasons"] == [] and entry["call_status"] is None and entry["overall_status"] is None
    assert tree(folder) == before


class _Round(t.NamedTuple):
    """Edits that are made at once, each of another GPO; the reasons that they are, and what the diff shows of them."""

    edits: list[list[str]]
    reasons: dict[str, list[str]]
    before: dict[str, list[str]]
    after: dict[str, list[str]]


_QUOTES = "It's \"quoted\", costs $5 & `more` [100%]"
_LAPTOPS = "Laptops: BitLocker and VPN"
_BASELINE = "Security Baseline - Member Servers"
_SCRIPTS = "Startup and logon scripts"
_SHANGHAI = "上海办公室 - 打印机"
_NEW = "New Group Policy Object"
_BLANK = "Ends in a blank "
_CONTROLLERS = "Default Domain Controllers Policy"
_DOMAIN = "Default Domain Policy"

_ROUNDS = [
    _Round(
        [
            ["edit", "Kiosk"],
            ["edit", "Browser settings", "--half", "user"],
            ["describe", _SCRIPTS, "All scripts"],
            ["rename", _DOMAIN, "Domain: passwords"],
            ["disable", _LAPTOPS, "--half", "computer"],
            ["wmi-filter", _BLANK, "Laptops only"],
            ["permit", _NEW, "Helpdesk", "read"],
            ["permit", _QUOTES, "Helpdesk", "--mask", "0x000200b5"],
            ["unlink", _CONTROLLERS, "Domain Controllers"],
            ["edit-file", _BASELINE, "Machine/new.txt"],
            ["bump", _SHANGHAI, "--directory-only"],
        ],
        {
            "Kiosk": ["computer_settings"],
            "Browser settings": ["user_settings"],
            _SCRIPTS: ["description"],
            _DOMAIN: ["name"],
            _LAPTOPS: ["status"],
            _BLANK: ["wmi_filter"],
            _NEW: ["permissions"],
            _QUOTES: ["permissions"],
            _CONTROLLERS: ["links"],
            _BASELINE: ["files"],
            _SHANGHAI: ["computer_settings"],
        },
        {
            "Kiosk": ["computer_settings: version directory 9, SYSVOL 9\n"],
            "Browser settings": ["user_settings: version directory 12, SYSVOL 12\n"],
            _DOMAIN: ["name: Default Domain Policy\n"],
            _LAPTOPS: ["status: all_settings_enabled\n"],
            _BLANK: ["wmi_filter: none\n"],
            _CONTROLLERS: ["links: ou OU=Domain Controllers,DC=corp,DC=example, order 1\n"],
            _BASELINE: [""],
            _SHANGHAI: ["computer_settings: version directory 4, SYSVOL 4\n"],
        },
        {
            "Kiosk": ["computer_settings: version directory 10, SYSVOL 10\n"],
            "Browser settings": ["user_settings: version directory 13, SYSVOL 13\n"],
            _SCRIPTS: ["description: All scripts\n"],
            _DOMAIN: ["name: Domain: passwords\n"],
            _LAPTOPS: ["status: computer_settings_disabled\n"],
            _BLANK: ["wmi_filter: Laptops only {", "wmi_filter: query: root\\CIMv2;SELECT * FROM Win32_Battery"],
            _NEW: ["permissions: allow CORP\\Helpdesk 0x00020094, flags 0x02\n"],
            _QUOTES: ["permissions: allow CORP\\Helpdesk 0x000200B5, flags 0x02\n"],
            _CONTROLLERS: ["links: none\n"],
            _BASELINE: ["files: Machine\\new.txt: 18 bytes, "],
            _SHANGHAI: ["computer_settings: version directory 5, SYSVOL 4\n"],
        },
    ),
    _Round(
        [
            ["edit", "Kiosk"],
            ["edit", "Kiosk", "--half", "user"],
            ["bump", "Browser settings", "--half", "user"],
            ["describe", _SCRIPTS, ""],
            ["enable", _LAPTOPS, "--half", "computer"],
            ["add-filter", "Laptops only", r"root\CIMv2;SELECT * FROM Win32_Battery"],
            ["permit", _QUOTES, "Helpdesk", "--mask", "0x000200b4"],
            ["permit", _NEW, "Authenticated Users", "deny-apply"],
            ["link", _CONTROLLERS, "Domain Controllers", "--disabled"],
            ["link", "Domain: passwords", "corp.example"],
            ["link", _SHANGHAI, "Shanghai", "--enforced"],
            ["edit-file", _BASELINE, "Machine/new.txt"],
            ["edit-file", _BASELINE, "User/by hand.txt"],
            ["edit-file", _BASELINE, "note.txt"],
        ],
        {
            "Kiosk": ["computer_settings", "user_settings"],
            "Browser settings": ["user_settings"],
            _SCRIPTS: ["description"],
            _LAPTOPS: ["status", "wmi_filter"],
            _BLANK: ["wmi_filter"],
            _QUOTES: ["permissions"],
            _NEW: ["permissions"],
            _CONTROLLERS: ["links"],
            _DOMAIN: ["links"],
            _SHANGHAI: ["links"],
            _BASELINE: ["files"],
        },
        {
            _SCRIPTS: ["description: All scripts\n"],
            _LAPTOPS: ["wmi_filter: description: Machines with a battery\n", "WHERE BatteryStatus > 0\n"],
            _QUOTES: ["permissions: allow CORP\\Helpdesk 0x000200B5, flags 0x02\n"],
            _CONTROLLERS: ["links: none\n"],
            _DOMAIN: ["links: domain DC=corp,DC=example, order 1, enforced\n"],
            _SHANGHAI: ["links: site CN=Shanghai,CN=Sites,CN=Configuration,DC=corp,DC=example, order 1\n"],
            _BASELINE: ["files: Machine\\new.txt: 18 bytes, "],
        },
        {
            _BLANK: ["wmi_filter: query: root\\CIMv2;SELECT * FROM Win32_Battery\n"],
            _QUOTES: ["permissions: allow CORP\\Helpdesk 0x000200B4, flags 0x02\n"],
            _NEW: ["permissions: deny NT AUTHORITY\\Authenticated Users 0x00000100, flags 0x02, object_type {EDACFD8F"],
            _CONTROLLERS: ["links: ou OU=Domain Controllers,DC=corp,DC=example, order 1, disabled\n"],
            _DOMAIN: ["links: domain DC=corp,DC=example, order 1\n"],
            _SHANGHAI: ["DC=example, order 1, enforced\n"],
            _BASELINE: ["Machine\\new.txt: 36 bytes", "User\\by hand.txt: 18 bytes", "files: note.txt: 18 bytes"],
        },
    ),
    _Round(
        [
            # The one that comes to the top pushes the three others down.
            ["link", "Kiosk", "Clients", "--order", "1"],
            ["wmi-filter", _BLANK, "--none"],
            ["permit", _QUOTES, "Helpdesk", "none"],
            ["link", _NEW, "Staging"],
            ["unlink", _SHANGHAI, "Shanghai"],
            ["edit", "Domain: passwords"],
            ["describe", "Domain: passwords", "Twelve signs"],
            ["rename", "Domain: passwords", _DOMAIN],
            ["disable", _CONTROLLERS],
            ["edit-file", _BASELINE, "Machine/new.txt", "--delete"],
            ["edit-file", _BASELINE, "User/by hand.txt", "--delete"],
            ["edit-file", _BASELINE, "note.txt", "--delete"],
            # The size stays.
            ["edit-file", _SCRIPTS, "User/Scripts/Logon/drives.cmd", "--text", "@net use %9 %8 /persistent:no\r\n"],
            # Computer settings explain no change of a file in the user's half.
            ["edit", "Browser settings"],
            ["edit-file", "Browser settings", "User/by hand.txt"],
        ],
        {
            "Kiosk": ["links"],
            _LAPTOPS: ["links"],
            "Drive maps 1": ["links"],
            "Drive maps 2": ["links"],
            _BLANK: ["wmi_filter"],
            _QUOTES: ["permissions"],
            _NEW: ["links"],
            _SHANGHAI: ["links"],
            _DOMAIN: ["computer_settings", "name", "description"],
            _CONTROLLERS: ["status"],
            _BASELINE: ["files"],
            _SCRIPTS: ["files"],
            "Browser settings": ["computer_settings", "files"],
        },
        {
            "Kiosk": ["links: ou OU=Clients,DC=corp,DC=example, order 4\n"],
            _BASELINE: ["files: Machine\\new.txt: 36 bytes, ", "files: User\\by hand.txt: ", "files: note.txt: "],
            _DOMAIN: ["name: Domain: passwords\n", "description: \n"],
        },
        {
            "Kiosk": ["links: ou OU=Clients,DC=corp,DC=example, order 1\n"],
            _LAPTOPS: ["links: ou OU=Clients,DC=corp,DC=example, order 2\n"],
            _DOMAIN: ["name: Default Domain Policy\n", "description: Twelve signs\n"],
            _SHANGHAI: ["links: none\n"],
            "Browser settings": ["files: User\\by hand.txt: 18 bytes, "],
        },
    ),
]


def test_every_kind_of_edit(lab: Lab) -> None:
    """Check mode predicts the reasons and writes nothing; the real run does that and no more; then all is unchanged.

    That the next round finds only its own edits shows that the one before was taken in whole.
    """
    ids = gpo_ids(lab)
    for number, name in enumerate(sorted(name for name in ids if name.startswith("Drive maps {")), 1):
        ids[f"Drive maps {number}"] = ids.pop(name)
    folder = _directory(lab)
    assert not _failed(lab.task(**_ALL))
    for number, turn in enumerate(_ROUNDS):
        # A file's time has to differ, as it does between two nights.
        for words in turn.edits:
            edit(lab, *words)
        expected = {ids[name]: why for name, why in turn.reasons.items()}
        before, domain = tree(folder), tree(lab.host_dir() / "domain")
        run = lab.tasks([step("Check", check_mode=True, diff=True, **_ALL)])
        (planned,) = run.of("Check")
        assert reasons(planned) == expected, number
        assert planned["changed"] is True and not _failed(planned)
        assert (tree(folder), tree(lab.host_dir() / "domain")) == (before, domain)
        _assert_diff(planned, turn, ids)

        made = lab.task(create_path=False, **_ALL)
        assert made["changed"] is True and not _failed(made)
        assert outcomes(made) == outcomes(planned) and reasons(made) == expected and "diff" not in made
        entries = assert_whole(folder)
        for entry in made["backups"]:
            gpo = entry["gpo"]["id"]
            last = entries["corp.example", gpo][-1]
            assert last["backup"]["id"] == entry["backup"]["id"]
            assert (last["run_id"] == made["run_id"]) is (gpo in expected)
        assert len(backup_folders(folder)) == sum(name.startswith("{") and "/" not in name for name in before) + len(
            expected
        )
        # What was there before is as it was.
        kept = {name: content for name, content in tree(folder).items() if name in before and name != "manifest.xml"}
        assert kept == {name: content for name, content in before.items() if name != "manifest.xml"}
    before = tree(folder)
    again = lab.task(create_path=False, diff=True, **_ALL)
    assert set(outcomes(again).values()) == {"unchanged"} and again["changed"] is False and "diff" not in again
    assert tree(folder) == before


def _assert_diff(result: t.Mapping[str, t.Any], turn: _Round, ids: t.Mapping[str, str]) -> None:
    """Assert that the diff shows each GPO that differs, and these old and new values of it."""
    shown = {re.findall(r"\{[0-9A-F-]{36}\}", diff["before_header"])[0]: diff for diff in result["diff"]}
    assert set(shown) == {ids[name] for name in turn.reasons}
    for side, texts in (("before", turn.before), ("after", turn.after)):
        for name, parts in texts.items():
            for part in parts:
                assert part in shown[ids[name]][side], (side, name, shown[ids[name]][side])
    for name, why in turn.reasons.items():
        diff = shown[ids[name]]
        assert diff["before"] != diff["after"]
        for reason in why:
            assert f"{reason}: " in diff["before"] + diff["after"]


def _rewrite(path: pathlib.Path, change: t.Callable[[dict[str, t.Any]], object]) -> None:
    entry = json.loads(path.read_text("utf-8"))
    change(entry)
    path.write_text(json.dumps(entry), "utf-8")


def _spoilt_entries(paths: t.Mapping[str, pathlib.Path]) -> dict[str, t.Callable[[pathlib.Path], object]]:
    """Return, by the GPO whose entry it is, what makes that entry one that cannot be used."""
    foreign = paths["Kiosk"].read_bytes()
    return {
        _BASELINE: lambda path: path.write_bytes(path.read_bytes()[:-300]),
        _SCRIPTS: lambda path: path.write_bytes(b"\xff\xfe\0\0<not>JSON</not>\0"),
        _SHANGHAI: lambda path: path.write_bytes(b"[" * 200_000),
        _LAPTOPS: lambda path: _rewrite(path, lambda entry: entry.update(schema=99)),
        _NEW: lambda path: path.write_bytes(foreign),
        _BLANK: lambda path: _rewrite(path, lambda entry: entry["gpo"].update(domain="other.example")),
        _QUOTES: lambda path: _rewrite(path, lambda entry: entry["fingerprint"].update(files=["x", None, 7])),
        _CONTROLLERS: lambda path: _rewrite(
            path, lambda entry: entry["fingerprint"]["versions"]["computer"].update(directory=1e300)
        ),
        _DOMAIN: lambda path: _rewrite(path, lambda entry: entry.update(links={"target": []})),
        "Drive maps 1": lambda path: path.write_bytes(b""),
    }


def test_damaged_backups_and_spoilt_entries(lab: Lab) -> None:
    """Neither is ever fatal: a new backup is made, of those alone, and a warning says why.

    With an older entry that can be used, that one counts. Files with other names are nobody's business.
    """
    ids = gpo_ids(lab)
    for number, name in enumerate(sorted(name for name in ids if name.startswith("Drive maps {")), 1):
        ids[f"Drive maps {number}"] = ids.pop(name)
    folder = _directory(lab)
    twice = [ids["Kiosk"], ids["Browser settings"]]
    run = lab.tasks([step("First", **_ALL), step("Twice", gpos=twice, force=True)])
    assert reasons(run.of("Twice")[0]) == {gpo: ["forced"] for gpo in twice}
    files = {name: entry_files(folder)["corp.example", gpo] for name, gpo in ids.items()}
    backups = {name: newest(folder, gpo)["backup"]["id"] for name, gpo in ids.items()}

    spoilt = _spoilt_entries({name: paths[-1] for name, paths in files.items()})
    for name, spoil in spoilt.items():
        spoil(files[name][-1])
    # The older one serves.
    files["Kiosk"][-1].write_bytes(b"{")
    # Missing and of another size, in one; the older backup of it is whole, but is not the newest.
    (folder / backups["Browser settings"] / "gpreport.xml").unlink()
    with (folder / backups["Browser settings"] / "Backup.xml").open("ab") as stream:
        stream.write(b"\n")
    shutil.rmtree(folder / backups["Drive maps 2"])
    beside = files["Drive maps 2"][-1]
    highest = f"9999999999_{backups['Kiosk']}.json"
    for name in ("notes.txt", "0000000009.json", f"{beside.name}.tmp", f"9{beside.name}", highest, "\u4e0a.json"):
        (beside.parent / name).write_bytes(b"garbage")
    (beside.parent / f"0000000009_{backups['Kiosk']}.json").mkdir()

    before = tree(folder)
    damaged = ["Browser settings", "Drive maps 2"]
    expected = {ids[name]: ["first_backup"] for name in spoilt} | {ids[name]: ["backup_damaged"] for name in damaged}
    check = lab.tasks([step("It", check_mode=True, diff=True, **_ALL)])
    assert tree(folder) == before
    real = lab.tasks([step("It", **_ALL), step("Again", **_ALL)])
    for run in (check, real):
        (result,) = run.of("It")
        assert not _failed(result), result["msg"]
        assert reasons(result) == expected and list(reasons(result, "unchanged")) == [ids["Kiosk"]]
        assert len(run.warnings) == len(spoilt) + 3
        for name in (*spoilt, "Kiosk"):
            relative = str(files[name][-1].relative_to(folder)).replace("/", "\\")
            told = f"The catalog entry D:\\GPO\\{relative} cannot be used and counts as absent: "
            assert f"[WARNING]: {told}" in run.output, name
        for name in damaged:
            what = {"Browser settings": "Backup.xml: has ", "Drive maps 2": f"D:\\GPO\\{backups[name]}: is missing, or"}
            told = f"The newest backup {backups[name]} of {name.removesuffix(' 2')!r} is damaged: {what[name]}"
            assert f"[WARNING]: {told}" in run.output
        for told in (
            "gpreport.xml: is missing",
            ": It belongs to another GPO, domain or backup.",
            ": Its schema is 99; this release of gpvault.gpmc knows those up to 1.",
            ": It lacks 'fingerprint.files[0]', or has something else there.",
            ": It lacks 'links', or has something else there.",
        ):
            assert told in run.output, told

    (again,) = real.of("Again")
    assert set(outcomes(again).values()) == {"unchanged"} and again["changed"] is False
    for name in (*spoilt, "Drive maps 2"):
        assert json.loads(entry_files(folder)["corp.example", ids[name]][-1].read_text("utf-8"))["sequence"] == 2
    # Nothing of what was there was taken away, but what a run that was killed there must have left.
    left = beside.parent / f"{beside.name}.tmp"
    assert not left.exists()
    del before[str(left.relative_to(folder))]
    assert {name: content for name, content in before.items() if ".gpvault" in name and "lock" not in name}.items() <= (
        tree(folder).items()
    )


@in_whole
def test_force_and_max_age(lab: Lab) -> None:
    """What has not changed is backed up again when it is asked for, or when its newest backup is too old."""
    ids = gpo_ids(lab)
    gpos = [ids["Kiosk"], ids[_LAPTOPS], ids[_SHANGHAI]]
    folder = _directory(lab)
    lab.task(gpos=gpos)
    (entry,) = entry_files(folder)["corp.example", ids["Kiosk"]]
    old = time.time() - 7200
    os.utime(entry, (old, old))
    before = tree(folder)
    aged = {"gpos": gpos, "max_age": "1h"}
    (planned,) = lab.tasks([step("Check", check_mode=True, diff=True, **aged)]).of("Check")
    assert tree(folder) == before
    assert "max_age: 3600" in planned["diff"][0]["after"]
    run = lab.tasks(
        [
            step("Aged", **aged),
            step("Forced", check_mode=True, gpos=gpos[:2], force=True),
            step("For real", gpos=gpos[:2], force=True, max_age="1h"),
            step("Again", **aged),
        ]
    )
    (made,) = run.of("Aged")
    assert reasons(planned) == reasons(made) == {ids["Kiosk"]: ["max_age"]}
    assert outcomes(planned) == outcomes(made)
    for name in ("Forced", "For real"):
        assert reasons(run.of(name)[0]) == {gpo: ["forced"] for gpo in gpos[:2]}, name
    assert set(outcomes(run.of("Again")[0]).values()) == {"unchanged"}
    entries = assert_whole(folder)
    assert {gpo: [entry["reasons"] for entry in entries["corp.example", gpo]] for gpo in gpos} == {
        gpos[0]: [["first_backup"], ["max_age"], ["forced"]],
        gpos[1]: [["first_backup"], ["forced"]],
        gpos[2]: [["first_backup"]],
    }
    # The probe that reads the directory's clock leaves nothing behind.
    assert sorted(path.name for path in (folder / ".gpvault").iterdir()) == ["corp.example", "lock"]


@in_whole
def test_a_backup_by_somebody_else_proves_nothing(lab: Lab) -> None:
    """It has no entry: one new backup is taken, and the other stays as it is."""
    script = """
        $null = New-Item -Path D:\\GPO -ItemType Directory
        $domain = (New-Object -ComObject GPMgmt.GPM).GetDomain('corp.example', '', 0)
        $Ansible.Result = $domain.GetGPO('{id}').Backup('D:\\GPO', 'by hand').Result.ID
    """.replace("{id}", DEFAULT_DOMAIN_POLICY)
    run = lab.tasks(
        [
            {"name": "By hand", "ansible.windows.win_powershell": {"script": script}},
            step("Check", gpos=DEFAULT_DOMAIN_POLICY, check_mode=True),
            step("Real", gpos=DEFAULT_DOMAIN_POLICY),
            step("Again", gpos=DEFAULT_DOMAIN_POLICY),
        ]
    )
    by_hand = run.of("By hand")[0]["result"]
    for name in ("Check", "Real"):
        assert reasons(run.of(name)[0]) == {DEFAULT_DOMAIN_POLICY: ["first_backup"]}, name
    folder = _directory(lab)
    entries = assert_whole(folder, uncatalogued=1)
    (entry,) = entries["corp.example", DEFAULT_DOMAIN_POLICY]
    assert backup_folders(folder) == {by_hand, entry["backup"]["id"]}
    assert outcomes(run.of("Again")[0]) == {DEFAULT_DOMAIN_POLICY: "unchanged"}
    assert run.of("Again")[0]["backups"][0]["backup"]["id"] == entry["backup"]["id"]


@in_whole
def test_links_are_recorded_or_not(lab: Lab) -> None:
    """Links that were not recorded are no proof; those that cannot be read, or are not asked for, no change."""
    ids = gpo_ids(lab)
    kiosk, laptops, shanghai = ids["Kiosk"], ids[_LAPTOPS], ids[_SHANGHAI]
    gpos = [kiosk, laptops, shanghai]
    folder = _directory(lab)
    # The host knows no domain controller, so the name of the forest's root is guessed.
    lab("domain", "--locator", "off")
    run = lab.tasks(
        [
            step("Without", gpos=gpos, include_links=False),
            step("With", gpos=gpos),
            step("Without again", gpos=gpos, include_links=False),
        ]
    )
    assert set(map(tuple, reasons(run.of("Without")[0]).values())) == {("first_backup",)}
    assert reasons(run.of("With")[0]) == {
        kiosk: ["links"], laptops: ["wmi_filter", "links"], shanghai: ["links"]
    }  # fmt: skip
    assert set(outcomes(run.of("Without again")[0]).values()) == {"unchanged"} and "[WARNING]" not in run.output
    for gpo in gpos:
        first, second = catalog(folder)["corp.example", gpo]
        assert first["links"] is None and first["wmi_filter"] is None and len(second["links"]) == 1
        assert (second["wmi_filter"] is not None) is (gpo == laptops)

    edit(lab, "unlink", "Kiosk", "Clients")
    edit(lab, "link", _SHANGHAI, "Shanghai", "--enforced")
    edit(lab, "link", _SHANGHAI, "Staging")
    # A forest whose name nobody guesses: its sites are out of reach. And an OU that is hidden from the account.
    lab("domain", "--forest", "elsewhere.test")
    path = lab.host_dir() / "domain/soms.json"
    known = path.read_text("utf-8")
    left = [som for som in json.loads(known) if som["name"] != "Staging"]
    path.write_text(json.dumps(left), "utf-8")
    run = lab.tasks(
        [
            step("Without", gpos=gpos, include_links=False),
            step("Check", gpos=gpos, check_mode=True),
            step("No sites", gpos=gpos),
            step("Forced", gpos=shanghai, force=True),
        ]
    )
    path.write_text(known, "utf-8")
    assert set(outcomes(run.of("Without")[0]).values()) == {"unchanged"}
    for name in ("Check", "No sites"):
        assert reasons(run.of(name)[0]) == {kiosk: ["links"]}, name
    told = "[WARNING]: The links of the sites could not be read and are left out: 0x8007"
    assert told in run.output.partition("TASK [Check]")[2] and told not in run.output.partition("TASK [Check]")[0]
    # What was not seen is not what was not there: the entry has from where its links were read.
    assert newest(folder, shanghai)["links"] == []
    sites = [som for som in left if som["type"] == "site"]
    assert len(newest(folder, shanghai)["link_targets"].split()) == len(left) - len(sites) < len(left)

    # The locator tells its name. So a restore, which sees it all, takes off no link that may have been there; one that
    # came later it does.
    lab("domain", "--locator", "on")
    edit(lab, "link", _SHANGHAI, "Clients")
    restore = {"gpos": shanghai, "backup_first": False}
    run = lab.tasks([step("Restore", "gpo_restore", **restore), step("Restored", "gpo_restore", **restore)])
    for name, clients in (("Restore", {"removed"}), ("Restored", set())):
        (entry,) = run.of(name)[0]["restores"]
        told = {(link["type"], link["outcome"]) for link in entry["links"]}
        assert told == {("site", "kept"), ("ou", "kept"), *(("ou", outcome) for outcome in clients)}, name
        assert entry["reasons"] == (["links"] if clients else []), name
    # Of the site and of the OU: Ansible shows a warning once.
    assert run.output.count("The link stays, since it may have") == 2

    run = lab.tasks([step("Sites", gpos=gpos), step("Again", gpos=gpos)])
    assert reasons(run.of("Sites")[0]) == {shanghai: ["links"]} and "[WARNING]" not in run.output
    assert {(link["type"], link["enforced"]) for link in newest(folder, shanghai)["links"]} == {
        ("site", True), ("ou", False)
    }  # fmt: skip
    assert set(outcomes(run.of("Again")[0]).values()) == {"unchanged"}
    assert_whole(folder)


@in_whole
def test_links_and_filters_that_cannot_be_read(lab: Lab) -> None:
    """They make no difference, and a backup that has to be made records none."""
    ids = gpo_ids(lab)
    kiosk, laptops = ids["Kiosk"], ids[_LAPTOPS]
    gpos = [kiosk, laptops]
    folder = _directory(lab)
    lab.tasks([step("It", gpos=gpos)])
    edit(lab, "unlink", "Kiosk", "Clients")
    lab("fault", "add", "refuse_search")
    run = lab.tasks([
        step("Unseen", gpos=gpos), step("All", gpos=None, all=True, exclude=["Default*", "Br*", "D*", "S*", "W*"]),
        step("Forced", gpos=gpos, force=True),
    ])
    assert set(outcomes(run.of("Unseen")[0]).values()) == {"unchanged"}
    # A GPO that cannot be seen would show by a link, too.
    (everything,) = run.of("All")
    assert not everything.get("failed") and everything["summary"]["failed"] == 0, everything["msg"]
    assert f"could not be told for sure: 0x80070005" in run.output
    assert reasons(run.of("Forced")[0]) == {gpo: ["forced"] for gpo in gpos}
    for told in ("The links of the domain and its OUs", "The WMI filters"):
        assert f"[WARNING]: {told} could not be read" in run.output and "E_ACCESSDENIED" in run.output
    assert [newest(folder, gpo)["links"] for gpo in gpos] == [None, None]
    assert newest(folder, laptops)["wmi_filter"] is None

    lab("fault", "clear")
    run = lab.tasks([step("Seen", gpos=gpos), step("Again", gpos=gpos)])
    assert reasons(run.of("Seen")[0]) == {kiosk: ["links"], laptops: ["wmi_filter", "links"]}
    assert newest(folder, kiosk)["links"] == [] and newest(folder, laptops)["wmi_filter"] is not None
    assert set(outcomes(run.of("Again")[0]).values()) == {"unchanged"} and "[WARNING]" not in run.output
    assert_whole(folder)


@in_whole
def test_two_domains_in_one_directory(fleet: Lab) -> None:
    """The default policies have the same GUID in both: neither domain's backups prove anything about the other's."""
    place = {"path": "\\\\backup\\gpo\\both", "gpos": "Default*"}
    folder = fleet.shares / "gpo/both"
    domains = {"host1": "corp.example", "host2": "corp2.example"}
    try:
        first = fleet.tasks([step("It", **place)], "--forks", "2", hosts="host1,host2")
        edit(fleet, "edit", "--host", "host2", _DOMAIN)
        edit(fleet, "describe", "--host", "host1", _CONTROLLERS, "Of the first domain")
        steps = [step("It", **place), step("Again", **place)]
        second = fleet.tasks(steps, "--forks", "2", hosts="host1,host2")
        entries = assert_whole(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for host in domains:
            fleet("gpo", "reset", "--host", host)
    policies = {DEFAULT_DOMAIN_POLICY, "{6AC1786C-016F-11D2-945F-00C04FB984F9}"}
    assert set(entries) == {(domain, gpo) for domain in domains.values() for gpo in policies}
    changed = {
        "host1": {"{6AC1786C-016F-11D2-945F-00C04FB984F9}": ["description"]},
        "host2": {DEFAULT_DOMAIN_POLICY: ["computer_settings"]},
    }
    for host, domain in domains.items():
        (result,) = first.of("It", host)
        assert reasons(result) == {gpo: ["first_backup"] for gpo in policies} and result["domain"] == domain
        assert reasons(second.of("It", host)[0]) == changed[host], host
        assert set(outcomes(second.of("Again", host)[0]).values()) == {"unchanged"}
        for gpo in policies:
            assert len(entries[domain, gpo]) == (2 if gpo in changed[host] else 1)
