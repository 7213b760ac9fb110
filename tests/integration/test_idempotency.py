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
from backups import (
    assert_whole,
    backup_folders,
    catalog,
    edit,
    entry_files,
    gpo_ids,
    newest,
    outcomes,
    reasons,
    step,
)
from harness import DEFAULT_DOMAIN_POLICY, ROOT, Lab, tree

_VISIBLE = 13
_ALL = {"all": True, "inaccessible": "ignore"}


def _directory(lab: Lab) -> pathlib.Path:
    return lab.drive_d() / "GPO"


def _failed(result: t.Mapping[str, t.Any]) -> bool:
    return bool(result.get("failed"))


def test_a_second_run_changes_nothing_and_the_entry_tells_all(lab: Lab) -> None:
    """The first run's entries are checked in full; the second run leaves every byte alone."""
    first = lab.task({"path": "D:\\GPO", "create_path": True, "comment": "Nightly", **_ALL})
    folder = _directory(lab)
    made = {entry["gpo"]["id"]: entry for entry in first["backups"]}
    entries = assert_whole(folder)
    assert set(entries) == {("corp.example", gpo) for gpo in made} and len(made) == _VISIBLE
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text("utf-8"))["version"]
    live = {gpo["id"]: gpo for gpo in json.loads(lab("gpo", "list", "--json"))}
    for (_domain, gpo), (entry,) in entries.items():
        told = made[gpo]
        assert (entry["schema"], entry["collection_version"], entry["sequence"]) == (1, version, 1)
        assert (entry["run_id"], entry["purpose"]) == (first["run_id"], "backup")
        assert entry["domain_controller"] == "dc1.corp.example"
        assert (entry["gpo"], entry["reasons"]) == (told["gpo"], ["first_backup"])
        assert entry["backup"] == {key: told["backup"][key] for key in ("id", "timestamp", "comment")}
        assert entry["call_status"]["hresult"] == entry["overall_status"]["hresult"] == 0
        assert entry["status_messages"] == [] and entry["duration"] > 0
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
    second = lab.task({"path": "D:\\GPO", "comment": "Another", **_ALL})
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
            _BASELINE: ["files: could not be compared, or are fewer\n"],
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
    assert not _failed(lab.task({"path": "D:\\GPO", "create_path": True, **_ALL}))
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

        made = lab.task({"path": "D:\\GPO", **_ALL})
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
    again = lab.task({"path": "D:\\GPO", **_ALL}, diff=True)
    assert set(outcomes(again).values()) == {"unchanged"} and again["changed"] is False and "diff" not in again
    assert tree(folder) == before


def _assert_diff(result: t.Mapping[str, t.Any], turn: _Round, ids: t.Mapping[str, str]) -> None:
    """Assert that the diff shows each GPO that differs, and these old and new values of it."""
    shown = {re.search(r"\{[0-9A-F-]{36}\}", diff["before_header"])[0]: diff for diff in result["diff"]}  # type: ignore[index]
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
