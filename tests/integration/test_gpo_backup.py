# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_backup against the lab: what it does on the host, and what it says of it."""

from __future__ import annotations

import json
import re
import typing as t
import xml.etree.ElementTree as ET

import pytest
from backups import MANIFEST, manifest_ids
from cultures import in_each_culture
from extent import in_long, in_whole
from harness import Lab, Run, tree, trips
from steps import item, step

_VISIBLE = 13


def _info(folder: t.Any) -> dict[str, str]:
    root = ET.parse(folder / "bkupInfo.xml").getroot()
    return {child.tag.removeprefix(MANIFEST): child.text or "" for child in root}


def test_all_gpos_of_the_domain(lab: Lab) -> None:
    with lab.logged() as events:
        result = lab.task(all=True, comment="All of them")
    assert result["changed"] is True
    assert result["summary"] == {
        "selected": _VISIBLE, "created": _VISIBLE, "unchanged": 0, "failed": 0, "cancelled": 0, "not_attempted": 0,
        "inaccessible": 1,
    }  # fmt: skip
    assert result["overall_status"]["name"] == "S_OK"
    assert (result["domain"], result["domain_controller"]) == ("corp.example", "dc1.corp.example")
    assert trips(events) == 1
    assert all(event["encrypted"] for event in events if event["event"] == "wsman")

    folder = lab.drive_d() / "GPO"
    assert sorted(manifest_ids(folder)) == sorted(entry["backup"]["id"] for entry in result["backups"])
    for entry in result["backups"]:
        backup = entry["backup"]
        info = _info(folder / backup["id"])
        assert info["GPOGuid"].upper() == entry["gpo"]["id"]
        assert (info["GPODisplayName"], info["ID"]) == (entry["gpo"]["name"], backup["id"])
        assert info["Comment"] == "All of them"
        assert (info["GPODomain"], info["GPODomainController"]) == ("corp.example", "dc1.corp.example")
        assert backup["timestamp"] == info["BackupTime"] + "Z"
        assert backup["path"] == f"D:\\GPO\\{backup['id']}"
        for name in ("Backup.xml", "gpreport.xml", "DomainSysvol/GPO/Machine", "DomainSysvol/GPO/User"):
            assert (folder / backup["id"] / name).exists()
        assert entry["reasons"] == ["first_backup"] and entry["duration"] > 0


def test_what_is_told_of_a_gpo(lab: Lab) -> None:
    result = lab.task(gpos=["Laptops*", "Kiosk", "Security*"])
    known = {gpo["display_name"]: gpo for gpo in lab.gpos()}
    laptops, kiosk, security = (
        item(result, name)["gpo"]
        for name in ("Laptops: BitLocker and VPN", "Kiosk", "Security Baseline - Member Servers")
    )
    assert laptops["wmi_filter"]["name"] == "Laptops only"
    assert laptops["wmi_filter"]["id"] == known[laptops["name"]]["wmi_filter"].upper()
    assert kiosk["status"] == "user_settings_disabled" and kiosk["wmi_filter"] is None
    assert kiosk["versions"] == {"computer": {"directory": 9, "sysvol": 9}, "user": {"directory": 1, "sysvol": 1}}
    assert security["description"] == "Hardening of all member servers.\r\nOwner: platform team."
    # The lab's GPMC takes the machine's zone for UTC.
    for name in ("modified", "created"):
        assert security[name][:19] + "Z" == known[security["name"]][name]
        assert re.fullmatch(r"[+-]\d\d:\d\d", security[name][19:])
    assert security["domain"] == "corp.example"


def test_check_mode_writes_nothing(lab: Lab) -> None:
    folder = lab.drive_d() / "GPO"
    lab.task(gpos="Kiosk")
    before = tree(lab.host_dir() / "d"), tree(lab.host_dir() / "domain")
    result = lab.task(all=True, check_mode=True)
    summary = result["summary"]
    assert result["changed"] is True and (summary["created"], summary["unchanged"]) == (_VISIBLE - 1, 1)
    missing = lab.task(all=True, path="D:\\Other\\One", check_mode=True)
    assert missing["changed"] is True and not missing.get("failed")
    assert (tree(lab.host_dir() / "d"), tree(lab.host_dir() / "domain")) == before
    assert folder.is_dir()


@pytest.mark.parametrize(
    ("value", "failed", "warned"), [("warn", False, True), ("fail", True, False), ("ignore", False, False)]
)
def test_an_invisible_gpo(lab: Lab, value: str, failed: bool, warned: bool) -> None:
    hidden = next(gpo for gpo in lab.gpos() if not gpo["visible"])
    run = lab.tasks([step("It", all=True, inaccessible=value, exclude=["Def*", "S*", "D*"])])
    (result,) = run.of("It")
    told = f"1 GPO of the domain cannot be seen by the account: {hidden['id']}"
    assert result["inaccessible"] == [{"id": hidden["id"], "found_in": ["sysvol", "link"]}]
    assert result["summary"]["inaccessible"] == 1
    assert result.get("failed", False) is failed and (told in result["msg"]) is failed
    assert (f"[WARNING]: {told}" in run.output) is warned
    # The others are backed up whatever the option says.
    assert result["summary"]["created"] == result["summary"]["selected"] > 0


def test_an_invisible_gpo_that_nobody_asks_for(lab: Lab) -> None:
    hidden = next(gpo for gpo in lab.gpos() if not gpo["visible"])
    result = lab.task(all=True, inaccessible="fail", exclude=[hidden["id"]], check_mode=True)
    assert not result.get("failed") and result["inaccessible"] == []


def test_fail_fast_and_an_invisible_gpo_back_up_nothing(lab: Lab) -> None:
    result = lab.task(all=True, inaccessible="fail", fail_fast=True)
    assert result["failed"] is True
    assert result["summary"]["not_attempted"] == result["summary"]["selected"] == _VISIBLE
    assert {entry["outcome"] for entry in result["backups"]} == {"not_attempted"}
    assert result["changed"] is False and tree(lab.drive_d()) == {}


@in_long
def test_directories(lab: Lab) -> None:
    run = lab.tasks(
        [
            step("Missing", path="D:\\No", create_path=False, gpos="Kiosk"),
            step("Missing, check mode", path="D:\\No", create_path=False, gpos="Kiosk", check_mode=True),
            step("No such drive", path="Q:\\No", gpos="Kiosk"),
            step("No such drive, check mode", path="Q:\\No", gpos="Kiosk", check_mode=True),
            step("No such share", path="\\\\backup\\nobody\\x", gpos="Kiosk"),
            step("A file", path="C:\\windows\\win.ini", gpos="Kiosk"),
            step("Parents too", path="D:\\a\\b c\\d", gpos="Kiosk"),
            step("UNC", path="\\\\backup\\gpo\\deep", gpos="Kiosk"),
            step("Odd", path="D:\\%TEMP%\\$(x)\\`n [a]'b~1, \u4e0a\u6d77 \U0001f510", gpos="Kiosk"),
            step("Too deep", path="D:\\" + "\\".join(["x" * 50] * 4), gpos="Startup and logon scripts"),
        ]
    )
    for name, code in {
        "Missing": "ERROR_PATH_NOT_FOUND",
        "Missing, check mode": "ERROR_PATH_NOT_FOUND",
        "No such drive": "ERROR_INVALID_DRIVE",
        "No such drive, check mode": "ERROR_INVALID_DRIVE",
        "No such share": "ERROR_BAD_NET_NAME",
    }.items():
        (result,) = run.of(name)
        assert result["failed"] is True and result["changed"] is False, name
        assert result["overall_status"]["name"] == code, (name, result)
        assert result["msg"].startswith("The backup directory cannot be used: 0x800700"), name
        assert result["domain"] == "corp.example" and result["backups"] == []
    assert "set create_path: true" in run.of("Missing")[0]["msg"]
    (result,) = run.of("A file")
    assert result["overall_status"]["name"] == "ERROR_DIRECTORY"
    for name, folder in {
        "Parents too": lab.drive_d() / "a/b c/d",
        "UNC": lab.shares / "gpo/deep",
        "Odd": lab.drive_d() / "%TEMP%/$(x)/`n [a]'b~1, \u4e0a\u6d77 \U0001f510",
    }.items():
        (result,) = run.of(name)
        assert not result.get("failed"), result
        assert manifest_ids(folder) == [result["backups"][0]["backup"]["id"]], name
    (result,) = run.of("Too deep")
    assert result["failed"] is True
    assert result["overall_status"]["name"] == "ERROR_FILENAME_EXCED_RANGE" and "shorter" in result["msg"]


@in_each_culture
def test_names_and_comments_are_data(lab: Lab) -> None:
    names = [
        "'; Remove-Item C:\\ -Recurse #",
        '"quoted" $(Get-Date) `backtick` %PATH% ~ [a-z] a,b;c & | < > {x}',
        "emoji \U0001f510 and \u202eright to left",
        "<b>&amp;]]></b>",
        "{{ 7 * 7 }}",
        "  leading",
    ]
    ids = {name: lab("gpo", "add", "--", name).strip() for name in names}
    before = sorted(path.name for path in (lab.host_dir() / "prefix/drive_c").iterdir())
    comment = "c: '; Remove-Item D:\\ -Recurse # \"$env:TEMP\" $(1+1) `n %OS% ]]> \U0001f510 \u202e \u4e0a"
    # !unsafe keeps Ansible from templating: braces in a name are for GPMC.
    result = lab.task(gpos=[_unsafe(name) for name in names], comment=comment)
    assert not result.get("failed"), result["msg"]
    folder = lab.drive_d() / "GPO"
    assert {entry["gpo"]["name"]: entry["gpo"]["id"] for entry in result["backups"]} == ids
    for entry in result["backups"]:
        info = _info(folder / entry["backup"]["id"])
        assert (info["GPODisplayName"], info["Comment"]) == (entry["gpo"]["name"], comment)
    assert sorted(path.name for path in (lab.host_dir() / "prefix/drive_c").iterdir()) == before


@in_whole
def test_comment_at_its_limit(lab: Lab) -> None:
    result = lab.task(gpos="Kiosk", comment="\U0001f510" * 1023 + "x")
    (entry,) = result["backups"]
    assert _info(lab.drive_d() / "GPO" / entry["backup"]["id"])["Comment"] == "\U0001f510" * 1023 + "x"


def test_a_run_cut_into_trips(lab: Lab) -> None:
    lab("fault", "add", "slow", "--delay", "1200")
    with lab.logged() as events:
        run = lab.tasks([step("Three", gpos=["Drive*", "Kiosk", "Laptops*"], exclude="Drive maps", trip_time="1s")])
        # Two GPOs, more than a second each: two trips.
    (result,) = run.of("Three")
    assert result["summary"]["created"] == 2 and trips(events) == 2
    assert re.search(r"\[host1\] gpvault.gpmc.gpo_backup: 1/2 GPOs, [0-9.]+/s, 0 failed", run.output)
    assert {key for key in result["invocation"]["module_args"]} == {
        "path", "create_path", "gpos", "exclude", "trip_time"
    }  # fmt: skip

    with lab.logged() as events:
        run = lab.tasks([step("One", gpos="Kiosk", trip_time="1s")])
    assert trips(events) == 1 and run.output.count("/1 GPOs") == 1


@in_long
def test_detail(lab: Lab) -> None:
    lab("fault", "add", "refuse", "--gpo", "Kiosk")
    details = ("all", "changed", "summary")
    run = lab.tasks([step(detail, gpos=["Kiosk", "Default*"], detail=detail) for detail in details])
    assert [len(run.of(detail)[0]["backups"]) for detail in details] == [3, 1, 1]
    (result,) = run.of("summary")
    assert result["backups"][0]["gpo"]["name"] == "Kiosk" and result["summary"]["unchanged"] == 2


@in_whole
def test_another_controller_and_domain(lab: Lab) -> None:
    nearest = {"gpos": "Kiosk", "dc_locator": "any", "check_mode": True}
    run = lab.tasks(
        [
            step("Named", gpos="Kiosk", domain="CORP.example", domain_controller="dc2.corp.example", check_mode=True),
            step("To write", "gpo_restore", **nearest),
            lab.command("Make it read-only", "domain", "--read-only", "dc2.corp.example"),
            step("Any", **nearest),
            step("To write, again", "gpo_restore", **nearest),
            lab.command("Locate none", "domain", "--locator", "off"),
            step("To write on the PDC emulator", "gpo_restore", **nearest),
            step("No such domain", gpos="Kiosk", domain="nowhere.example"),
            step("No such controller", gpos="Kiosk", domain_controller="dc9.corp.example"),
        ]
    )
    assert run.of("Named")[0]["domain_controller"] == "dc2.corp.example"
    # The lab's nearest is its last; one that is read-only is none to write to.
    assert run.of("Any")[0]["domain_controller"] == "dc2.corp.example"
    assert run.of("To write")[0]["domain_controller"] == "dc2.corp.example"
    for name in ("To write, again", "To write on the PDC emulator"):
        assert run.of(name)[0]["domain_controller"] == "dc1.corp.example", name
    (warning,) = run.warnings
    assert "no domain controller that can be written to" in warning and "0x8007054B ERROR_NO_SUCH_DOMAIN" in warning
    assert warning in run.output.partition("TASK [To write on the PDC emulator]")[2]
    (result,) = run.of("No such domain")
    assert result["failed"] is True and result["overall_status"]["name"] == "ERROR_NO_SUCH_DOMAIN"
    assert result["domain"] == "nowhere.example" and "spelling" in result["msg"]
    (result,) = run.of("No such controller")
    assert result["failed"] is True and result["overall_status"]["name"] == "ERROR_DS_SERVER_DOWN"


@in_whole
def test_no_log_shows_nothing(lab: Lab) -> None:
    lab("fault", "add", "slow", "--delay", "1100")
    secret = "hush-4711"
    quiet = step("Quiet", gpos=["Kiosk", "Laptops*", "Nothing*"], comment=secret, trip_time="1s", no_log=True)
    failing = step("Fails", gpos=["Kiosk", "Laptops"], comment=secret, no_log=True)
    with lab.logged() as events:
        run = lab.tasks([quiet, failing], "-vv")
    # It did its work, in two trips, with something to warn of; the other one fails with names in its message.
    assert trips(events) == 3 and len(manifest_ids(lab.drive_d() / "GPO")) == 2
    assert run.of("Fails")[0]["failed"] is True
    for word in (secret, "Kiosk", "Laptops", "Nothing", "2 GPOs", "1/2"):
        assert word not in run.output, word
        assert word not in json.dumps(run.results), word


@in_whole
def test_https(lab: Lab) -> None:
    with lab.logged() as events:
        run = lab.tasks([step("Encrypted", gpos="Kiosk")], inventory="inventory-https.yml")
    assert run.of("Encrypted")[0]["summary"]["created"] == 1
    assert all(event["tls"] for event in events if event["event"] == "connection_opened")


def test_two_plays_at_once(lab: Lab) -> None:
    plays = [[step("It", gpos=["Default*", "Kiosk"])], [step("It", gpos=["Laptops*", "Browser*", "Kiosk"])]]
    with lab.play_file(plays[0]) as first, lab.play_file(plays[1]) as second:
        with lab.start(first) as one, lab.start(second) as two:
            runs: list[Run] = [one.wait(), two.wait()]
    entries = []
    for run in runs:
        (result,) = run.of("It")
        assert not result.get("failed"), result["msg"]
        entries += result["backups"]
    # The one that came to Kiosk second found it backed up by the other.
    assert sorted(entry["outcome"] for entry in entries) == ["created"] * 5 + ["unchanged"]
    ids = {entry["backup"]["id"] for entry in entries}
    assert sorted(manifest_ids(lab.drive_d() / "GPO")) == sorted(ids) and len(ids) == 5


@in_long
def test_four_hosts_with_forks(fleet: Lab) -> None:
    task = step("It", path="\\\\backup\\gpo\\{{ inventory_hostname }}", gpos=["Default Domain Policy", "Kiosk"])
    run = fleet.tasks([task], "--forks", "4", hosts="windows")
    assert run.code == 0, run.output
    domains = set()
    for number in range(1, 5):
        (result,) = run.of("It", f"host{number}")
        assert result["summary"]["created"] == 2
        domains.add(result["domain"])
        folder = fleet.shares / f"gpo/host{number}"
        assert sorted(manifest_ids(folder)) == sorted(entry["backup"]["id"] for entry in result["backups"])
        assert {_info(folder / name)["GPODomain"] for name in manifest_ids(folder)} == {result["domain"]}
    assert len(domains) == 4


def _unsafe(text: str) -> dict[str, str]:
    """Return *text* as Ansible reads !unsafe in JSON."""
    return {"__ansible_unsafe": text}


def test_the_number_of_searches_does_not_depend_on_the_number_of_gpos(lab: Lab) -> None:
    searches = ("SearchGPOs", "SearchSOMs", "SearchSites", "SearchWMIFilters")
    counts = []
    for _more in range(2):
        with lab.counted() as calls:
            result = lab.task(all=True, inaccessible="ignore")
        assert not result.get("failed"), result["msg"]
        counts.append([
            sum(count for call, count in calls.items() if call.endswith(f"::{search}")) for search in searches
        ])  # fmt: skip
        lab("gpo", "add", "More", "--count", "20")
    assert counts == [[1, 1, 1, 1]] * 2


@in_whole
def test_links_and_filters_are_read_once_for_all_trips(lab: Lab) -> None:
    lab("domain", "--backup-cost", "600")
    with lab.counted() as calls, lab.logged() as events:
        # Three or four GPOs in a trip.
        new = lab.task(all=True, inaccessible="ignore", trip_time="2s")
    assert not new.get("failed") and new["summary"]["created"] == new["summary"]["selected"], new["msg"]
    assert trips(events) > 2
    searches = ("SearchGPOs", "SearchSOMs", "SearchSites", "SearchWMIFilters")
    assert [
        sum(count for call, count in calls.items() if call.endswith(f"::{search}")) for search in searches
    ] == [1, 1, 1, 1]  # fmt: skip
    # What was handed on is what a trip of its own reads: links, their neighbours and filters are the same.
    again = lab.task(all=True, inaccessible="ignore")
    assert again["summary"]["unchanged"] == again["summary"]["selected"] and not again["changed"], again["msg"]
