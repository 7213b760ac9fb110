# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong on the host or on the way: what the result says, and what is never lost."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import typing as t

import pytest
from backups import assert_whole
from extent import in_long, in_whole
from harness import Lab, alive, tree, trips, unended
from steps import item, outcomes, reasons, step

_GPOS = ["Default*", "Kiosk", "Laptops*"]


def test_one_gpo_fails_and_the_others_do_not(lab: Lab) -> None:
    lab("fault", "add", "refuse", "--hresult", "0x80070005", "--gpo", "Kiosk")
    result = lab.task(gpos=_GPOS)
    assert result["failed"] is True and result["changed"] is True
    told = outcomes(result, by="name")
    assert told.pop("Kiosk") == "failed" and set(told.values()) == {"created"}
    assert result["summary"]["failed"] == 1 and result["summary"]["created"] == 3
    _assert_failed(result, "Kiosk", "E_ACCESSDENIED", called=False)
    assert result["overall_status"] == item(result, "Kiosk")["call_status"]
    assert result["msg"].startswith("1 of 4 GPOs failed: 'Kiosk' {"), result["msg"]


_IN_USE = "Registry.pol is in use"
_FAULTS = {
    "Browser settings": (["access_denied"], "E_ACCESSDENIED", False),
    "Kiosk": (["disk_full"], "ERROR_DISK_FULL", False),
    "Default Domain Policy": (["refuse", "--hresult", "0x8007ABCD"], "FACILITY_WIN32, code 43981", False),
    "Startup and logon scripts": (
        ["fail", "--hresult", "0x80070020", "--message", _IN_USE], "ERROR_SHARING_VIOLATION", True,
    ),
}  # fmt: skip


def test_each_gpo_has_its_own_trouble(lab: Lab) -> None:
    """Those that fail; one that has something to say, and one that is only slow, have succeeded as the others have."""
    for gpo, (fault, _name, _called) in _FAULTS.items():
        lab("fault", "add", *fault, "--gpo", gpo)
    text = "An old administrative template was left out"
    lab("fault", "add", "messages", "--gpo", "Laptops: BitLocker and VPN", "--message", text)
    lab("fault", "add", "slow", "--gpo", "New Group Policy Object", "--delay", "1500")
    result = lab.task(all=True, inaccessible="ignore")
    assert result["failed"] is True and result["changed"] is True
    told = outcomes(result, by="name")
    assert {name for name, outcome in told.items() if outcome == "failed"} == set(_FAULTS)
    assert {outcome for name, outcome in told.items() if name not in _FAULTS} == {"created"}
    for gpo, (_fault, name, called) in _FAULTS.items():
        _assert_failed(result, gpo, name, called)
    (message,) = item(result, "Startup and logon scripts")["status_messages"]
    assert message["message"] == _IN_USE and _IN_USE in result["msg"]
    assert set(message) == {"object_path", "extension", "setting", "message", "error", "operation"}
    entry = item(result, "Laptops: BitLocker and VPN")
    assert entry["overall_status"]["name"] == "S_OK"
    assert [message["message"] for message in entry["status_messages"]] == [text]
    assert item(result, "New Group Policy Object")["duration"] >= 1.5


def _assert_failed(result: t.Mapping[str, t.Any], gpo: str, name: str, called: bool) -> None:
    """Assert that a GPO failed with this status: of the call itself, or of what came of it once it was *called*."""
    entry = item(result, gpo)
    assert entry["backup"] is None
    status = entry["overall_status"] if called else entry["call_status"]
    assert status["name"] == name and status["succeeded"] is False
    assert entry["call_status"]["succeeded"] is called
    assert name in result["msg"]
    if not called:
        assert entry["overall_status"] is None and entry["status_messages"] == []


@pytest.mark.parametrize("fail_fast", [False, pytest.param(True, marks=in_whole)], ids=["all", "fail_fast"])
def test_a_backup_that_cannot_be_recorded(lab: Lab, fail_fast: bool) -> None:
    for gpo in lab.gpos():
        folder = lab.drive_d() / "GPO/.gpvault/corp.example" / gpo["id"]
        folder.mkdir(parents=True)
        # The last number that there is.
        (folder / f"0999999999_{gpo['id']}.json").write_text("no entry")
    result = lab.task(gpos=_GPOS, fail_fast=fail_fast)
    assert result["failed"] is True and result["changed"] is True, result["msg"]
    attempted = 1 if fail_fast else 4
    expected = ["failed"] * attempted + ["not_attempted"] * (4 - attempted)
    assert [entry["outcome"] for entry in result["backups"]] == expected
    for entry in result["backups"][:attempted]:
        # GPMC did its part: people can find the backup, and read why it does not count.
        assert entry["overall_status"]["succeeded"] is True
        assert (lab.drive_d() / "GPO" / entry["backup"]["id"] / "Backup.xml").exists()
        assert entry["trouble"]["step"] == "record" and "numbers of the catalog" in entry["trouble"]["message"]
        assert "could not be recorded in the catalog" in entry["trouble"]["message"]


@in_whole
def test_properties_that_cannot_be_read(lab: Lab) -> None:
    """A GPO that has not reached SYSVOL, or only in part, has no version there. The others do not notice."""
    policies = lab.host_dir() / "domain/sysvol/corp.example/Policies"
    shutil.rmtree(policies / lab.gpo("Kiosk")["id"])
    (policies / lab.gpo("Browser settings")["id"] / "GPT.INI").unlink()
    gpos = ["Kiosk", "Browser settings", "Default Domain Policy"]
    run = lab.tasks([
        step("Info", "gpo_info", gpos=gpos),
        step("Backup", gpos=gpos),
        step("Report", "gpo_report", gpos=gpos, dest="D:\\reports\\", inaccessible="ignore"),
    ])
    versions = {gpo["name"]: gpo["versions"]["computer"]["sysvol"] for gpo in run.of("Info")[0]["gpos"]}
    assert versions.pop("Default Domain Policy") is not None and set(versions.values()) == {None}
    for name, good in (("Backup", "created"), ("Report", "written")):
        told = outcomes(run.of(name)[0], by="name")
        assert told == {"Kiosk": "failed", "Browser settings": "failed", "Default Domain Policy": good}, name
    (result,) = run.of("Backup")
    codes = [item(result, name)["call_status"]["name"] for name in ("Kiosk", "Browser settings")]
    assert codes == ["ERROR_PATH_NOT_FOUND", "ERROR_FILE_NOT_FOUND"]


@in_whole
def test_a_call_that_never_returns(lab: Lab) -> None:
    """Its process is ended and says what was in hand, and the next trip goes on with the others."""
    lab("fault", "add", "hang_read", "--gpo", "Kiosk")
    with lab.logged() as events:
        run = lab.tasks([
            step("Backup", gpos=_GPOS, step_timeout="4s"),
            step("Info", "gpo_info", gpos="Kiosk", step_timeout="4s"),
        ])
    (result,) = run.of("Backup")
    told = outcomes(result, by="name")
    assert told.pop("Kiosk") == "failed" and set(told.values()) == {"created"}
    trouble = item(result, "Kiosk")["trouble"]
    assert trouble["step"] == "step_timeout" and trouble["message"].endswith("In hand was the step: compare")
    assert trouble["message"] in result["msg"] and trouble["fix"] in result["msg"]
    (result,) = run.of("Info")
    assert result["failed"] is True and "step_timeout" in result["msg"] and "'Kiosk'" in result["msg"]
    assert trips(events) == 3 and unended(events) == set()
    assert len(assert_whole(lab.drive_d() / "GPO", uncatalogued=None)) == 3


_WORDS = [
    ("refuse", "0x80070035", "ERROR_BAD_NETPATH"),
    ("refuse", "0x80070020", "ERROR_SHARING_VIOLATION"),
    ("fail", "0x80070043", "ERROR_BAD_NET_NAME"),
    ("fail", "0x80070021", "ERROR_LOCK_VIOLATION"),
]


@in_whole
def test_the_code_arrives_when_the_server_describes_it(lab: Lab) -> None:
    """PowerShell makes of a description an exception that has lost the HRESULT."""
    gpos = ["Kiosk", "Browser settings", "Default Domain Policy", "Laptops: BitLocker and VPN"]
    for gpo, (kind, code, _name) in zip(gpos, _WORDS):
        lab("fault", "add", kind, "--gpo", gpo, "--hresult", code)
    lab("domain", "--errors", "words")
    try:
        run = lab.tasks([step("It", gpos=gpos), step("Async", gpos=gpos, gpo_timeout="60s"),
                         step("DC", gpos=gpos, domain_controller="dc9.corp.example")])
    finally:
        lab("domain", "--errors", "numbers")
    for name in ("It", "Async"):
        (result,) = run.of(name)
        for gpo, (kind, _code, known) in zip(gpos, _WORDS):
            entry = item(result, gpo)
            status = entry["call_status" if kind == "refuse" else "overall_status"]
            assert status["name"] == known and known in result["msg"], (name, gpo, status)
            assert all(message["error"]["name"] == known for message in entry["status_messages"])
    assert run.of("DC")[0]["overall_status"]["name"] == "ERROR_DS_SERVER_DOWN"


def test_fail_fast_stops_at_the_first_failure(lab: Lab) -> None:
    lab("fault", "add", "refuse", "--gpo", "Kiosk")
    result = lab.task(gpos=_GPOS, fail_fast=True)
    assert result["failed"] is True
    assert outcomes(result, by="name") == {
        "Default Domain Controllers Policy": "created",
        "Default Domain Policy": "created",
        "Kiosk": "failed",
        "Laptops: BitLocker and VPN": "not_attempted",
    }
    assert item(result, "Laptops: BitLocker and VPN")["call_status"] is None


@pytest.mark.parametrize(
    ("fault", "name", "fix"),
    [
        ("dc_down", "ERROR_DS_SERVER_DOWN", "name another with domain_controller"),
        ("no_delegation", "ERROR_DS_OPERATIONS_ERROR", "double hop"),
    ],
)
def test_the_directory_does_not_answer(lab: Lab, fault: str, name: str, fix: str) -> None:
    lab("fault", "add", fault)
    result = lab.task(gpos=_GPOS)
    assert result["failed"] is True and result["changed"] is False and result["backups"] == []
    assert result["overall_status"]["name"] == name and fix in result["msg"]
    assert tree(lab.drive_d()) == {}


@in_whole
def test_gpmc_is_not_installed(lab: Lab) -> None:
    with lab.without_gpmc():
        result = lab.task(gpos=_GPOS)
    assert result["failed"] is True and result["overall_status"]["name"] == "REGDB_E_CLASSNOTREG"
    assert "Install-WindowsFeature GPMC" in result["msg"]
    assert not lab.task(gpos=_GPOS, check_mode=True).get("failed")


@in_long
def test_a_hanging_gpo_is_ended_by_the_timeout_of_the_task(lab: Lab) -> None:
    lab("fault", "add", "slow", "--delay", "1100")
    lab("fault", "add", "hang", "--gpo", "Kiosk")
    result = lab.task(gpos=_GPOS, trip_time="1s", timeout=25)
    assert result["failed"] is True and "imed out" in result["msg"]
    # What the trips before had reported is still there.
    assert outcomes(result, by="name")["Default Domain Policy"] == "created" and result["summary"]["created"] == 2
    assert outcomes(result, by="name")["Kiosk"] == "not_attempted"
    # Its process hangs on, and whatever it may still write, nobody writes beside it.
    lab("fault", "clear")
    result = lab.task(gpos="Kiosk", lock_timeout="2s")
    assert result["failed"] is True and outcomes(result, by="name") == {"Kiosk": "not_attempted"}
    assert "stayed locked for 2 s" in result["msg"] and "backing up 'Kiosk'" in result["msg"]


@in_whole
def test_a_gpo_that_crashes_the_process_costs_no_other(lab: Lab) -> None:
    lab("fault", "add", "crash", "--gpo", "Kiosk")
    with lab.logged() as events:
        result = lab.task(gpos=_GPOS)
    assert result["failed"] is True and result["changed"] is True
    told = outcomes(result, by="name")
    assert told.pop("Kiosk") == "failed" and set(told.values()) == {"created"}
    assert "PowerShell on the host ended without a result" in result["msg"]
    # The lost trip, the one without the GPO that had been in hand, and that one alone. What the first had finished is
    # reported, and was not made again.
    assert trips(events) == 3
    entries = list((lab.drive_d() / "GPO/.gpvault").rglob("*}.json"))
    assert len(entries) == 3 and {json.loads(entry.read_bytes())["run_id"] for entry in entries} == {result["run_id"]}
    lab("fault", "clear")
    result = lab.task(gpos=_GPOS)
    assert result["summary"]["created"] == 1 and result["summary"]["unchanged"] == 3


def test_a_gpo_that_crashes_the_process_once_is_tried_again(lab: Lab) -> None:
    lab("fault", "add", "crash", "--gpo", "Kiosk", "--times", "1")
    result = lab.task(gpos=_GPOS, force=True)
    assert not result.get("failed") and set(outcomes(result, by="name").values()) == {"created"}
    # Under force, too, what the lost trip had finished was not made again.
    assert len(list((lab.drive_d() / "GPO/.gpvault").rglob("*}.json"))) == 4


@in_long
def test_a_crash_in_the_only_trip(lab: Lab) -> None:
    lab("fault", "add", "crash", "--gpo", "Kiosk")
    result = lab.task(gpos="Kiosk")
    assert result["failed"] is True and result["backups"] == []
    assert "PowerShell on the host ended without a result" in result["msg"]


def _safety_copies(lab: Lab) -> set[str]:
    entries = [json.loads(path.read_bytes()) for path in (lab.drive_d() / "GPO/.gpvault").rglob("0*.json")]
    return {entry["backup"]["id"] for entry in entries if entry["purpose"] == "safety"}


@pytest.mark.parametrize("lost", [pytest.param("crash", marks=in_whole), "cut"])
def test_a_restore_whose_reply_is_lost_tells_what_it_did(lab: Lab, lost: str) -> None:
    """Whether the process died when the first of two GPOs was restored, or went on to the end without being heard."""
    names = ["Kiosk", "Browser settings"]
    assert not lab.task(gpos=names).get("failed")
    for name in names:
        lab("gpo", "describe", name, "Changed")
    if lost == "crash":
        lab("fault", "add", "crash_restore", "--times", "1")
    else:
        lab("fault", "add", "slow", "--delay", "3000")
        lab("fault", "add", "cut_receive", "--after", "0", "--times", "1", "--delay", "5000")
    run = lab.tasks([step("It", "gpo_restore", gpos=names)])
    (result,) = run.of("It")
    assert not result.get("failed") and result["changed"] is True, result["msg"]
    assert "Trying once more." in run.output
    assert result["summary"]["restored"] == 2 and reasons(result, None) == dict.fromkeys(
        (entry["gpo"]["id"] for entry in result["restores"]), ["description"]
    )
    # One of each, and of what was there before: the description that somebody changed.
    told = {entry["safety_backup"]["id"] for entry in result["restores"]}
    assert told == _safety_copies(lab) and len(told) == 2
    for copy in told:
        (cmt,) = (lab.drive_d() / "GPO" / copy).rglob("GPO.cmt")
        assert "Changed".encode("utf-16-le") in cmt.read_bytes()
    for name in names:
        assert lab.gpo(name)["description"] != "Changed"


@in_whole
def test_an_import_whose_reply_is_lost_tells_what_it_did(lab: Lab) -> None:
    (made,) = lab.task(gpos="Laptops*")["backups"]
    args = {"backup_id": made["backup"]["id"], "links": True, "wmi_filter": True}
    lab("fault", "add", "crash_restore", "--gpo", "Kiosk", "--times", "1")
    run = lab.tasks([step("It", "gpo_import", gpo="Kiosk", **args)])
    (result,) = run.of("It")
    assert not result.get("failed") and result["changed"] is True and result["outcome"] == "imported", result["msg"]
    assert "computer_settings" in result["reasons"] and {result["safety_backup"]["id"]} == _safety_copies(lab)

    lab("fault", "clear")
    lab("fault", "add", "crash_restore", "--times", "1")
    with lab.logged() as events:
        run = lab.tasks([step("It", "gpo_import", gpo="Copy", create=True, dc_locator="any", **args)])
    (result,) = run.of("It")
    assert not result.get("failed") and result["changed"] is True and result["outcome"] == "imported", result["msg"]
    # The first one only finds the domain controller: the one that is lost, and the next, are given the same.
    assert trips(events) == 3 and [gpo["display_name"] for gpo in lab.gpos()].count("Copy") == 1
    assert result["gpo_created"] is True and "missing" in result["reasons"] and result["safety_backup"] is None
    assert len(_safety_copies(lab)) == 1 and lab.gpo("Copy")["links"]


def test_a_gpo_is_recorded_before_the_next_backup_begins(lab: Lab) -> None:
    """Its entry takes long, and the next one kills the process: it must not be backed up again for that."""
    lab("gpo", "add", "Big", "--files", "1500", "--file-size", "4096")
    lab("fault", "add", "crash", "--gpo", "Kiosk", "--times", "1")
    result = lab.task(gpos=["Big", "Kiosk"])
    assert not result.get("failed") and outcomes(result, by="name") == {"Big": "created", "Kiosk": "created"}
    recorded = {item(result, name)["backup"]["id"] for name in ("Big", "Kiosk")}
    made = {path.name for path in (lab.drive_d() / "GPO").glob("{*}")}
    # One is Kiosk's, which the crash left half made.
    (half,) = made - recorded
    assert not list((lab.drive_d() / "GPO/.gpvault").rglob(f"*_{half}.json"))


@in_whole
def test_a_connection_that_is_cut_each_time(lab: Lab) -> None:
    lab("fault", "add", "slow", "--delay", "1100")
    lab("fault", "add", "cut_receive", "--after", "0")
    with lab.logged() as events:
        with lab.tidied():
            result = lab.task(gpos="Kiosk")
    # Nothing is left on the host that would write into what the next test finds.
    assert trips(events) == 2
    assert not any(map(alive, unended(events)))
    assert result["failed"] is True and result["msg"].startswith("The trip to the host failed: ConnectionError: ")
    assert "Some GPOs may have been dealt with before." in result["msg"]
    assert set(result) >= {"run_id", "domain", "path", "summary", "backups", "overall_status", "inaccessible"}


def test_the_host_refuses_connections(lab: Lab) -> None:
    lab("fault", "add", "refuse_connect")
    run = lab.tasks([step("It", gpos=_GPOS, ignore_errors=False)])
    (result,) = run.of("It")
    assert result["unreachable"] is True and "The connection to the host failed" in result["msg"]
    (password,) = set(re.findall(r'ansible_password: "([^"]+)"', (lab.state / "inventory.yml").read_text()))
    assert password not in run.output and password not in json.dumps(run.results)
    assert set(result) >= {"run_id", "domain", "path", "summary", "backups", "overall_status", "inaccessible"}


@in_whole
def test_the_host_dies_in_mid_run(lab: Lab) -> None:
    lab("fault", "add", "slow", "--delay", "1500")
    with lab.play_file([step("It", gpos=_GPOS, trip_time="1s")]) as path, lab.start(path) as running:
        before = trips(lab.access_log())
        assert running.until(lambda: trips(lab.access_log()) >= before + 2)
        os.kill(int((lab.host_dir() / "endpoint.pid").read_text()), signal.SIGKILL)
        try:
            (result,) = running.wait().of("It")
        finally:
            lab("up")
    assert result["failed"] is True and result["changed"] is True
    # The first trip was reported; the second was lost twice, and what it did is not claimed.
    assert list(outcomes(result, by="name").values()) == ["created"] + ["not_attempted"] * 3
    assert "1 of 4 GPOs had been reported before" in result["msg"]
    lab("fault", "clear")
    assert not lab.task(gpos=_GPOS).get("failed")


@in_whole
def test_a_gpo_that_is_deleted_during_the_run(lab: Lab) -> None:
    """It was selected by the first trip and is gone when its turn comes in a later one."""
    lab("fault", "add", "slow", "--delay", "4000", "--gpo", "Default Domain Controllers Policy")
    with lab.play_file([step("It", gpos=_GPOS, trip_time="1s")]) as path, lab.start(path) as running:
        assert running.until((lab.drive_d() / "GPO").exists)
        lab("gpo", "delete", "Laptops: BitLocker and VPN")
        (result,) = running.wait().of("It")
    assert outcomes(result, by="name")["Laptops: BitLocker and VPN"] == "failed"
    entry = item(result, "Laptops: BitLocker and VPN")
    # No call of its own was made: call_status is of IGPMGPO::Backup alone.
    assert (entry["trouble"]["step"], entry["trouble"]["name"]) == ("open", "ERROR_DS_NO_SUCH_OBJECT")
    assert entry["call_status"] is None
    assert result["summary"]["created"] == 3
