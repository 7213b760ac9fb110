# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_backup's action plugin, replaying exchanges that record.py took from the lab."""

from __future__ import annotations

import functools
import json
import pathlib
import typing as t

import exchanges
import pytest
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _action_base, _details_file
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._backup_result import BackupResult
from replies import CANCELLED, DENIED, DISK_FULL, item, reply, trouble

play = functools.partial(exchanges.play, module="gpo_backup")
replay = functools.partial(exchanges.replay, module="gpo_backup")
recording = functools.partial(exchanges.recording, "gpo_backup")


def outcomes(result: dict[str, t.Any]) -> list[str]:
    """Return the outcomes in order."""
    return [entry["outcome"] for entry in result["backups"]]


@pytest.mark.parametrize("name", sorted(path.stem for path in (exchanges.RECORDINGS / "gpo_backup").glob("*.json")))
def test_every_selected_gpo_has_an_outcome(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    result, _player = replay(monkeypatch, name)
    counted = sum(result["summary"][outcome] for outcome in set(outcomes(result)))
    assert counted == result["summary"]["selected"] == len(result["backups"])


def test_one_gpo(monkeypatch: pytest.MonkeyPatch) -> None:
    result, player = replay(monkeypatch, "one_gpo")
    assert result["changed"] is True and "failed" not in result
    assert result["msg"] == "1 of 1 GPO backed up, 0 unchanged."
    assert result["overall_status"]["name"] == "S_OK"
    (entry,) = result["backups"]
    assert entry["backup"]["comment"] == "One"
    assert entry["call_status"]["succeeded"] and entry["overall_status"]["succeeded"]
    progress, told = player.shown
    assert progress.startswith("[host1] gpvault.gpmc.gpo_backup: 1/1 GPOs, ") and progress.endswith(", 0 failed")
    assert told == f"[host1] gpvault.gpmc.gpo_backup: {result['msg']}"


def test_check_mode_reports_without_backups(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _player = replay(monkeypatch, "check_mode")
    assert result["changed"] is True and set(outcomes(result)) == {"created"}
    assert all(entry["backup"] is None and entry["call_status"] is None for entry in result["backups"])
    assert result["msg"] == "4 of 4 GPOs would be backed up, 0 unchanged."


def test_later_trips_take_what_remains_from_the_same_controller(monkeypatch: pytest.MonkeyPatch) -> None:
    result, player = replay(monkeypatch, "three_trips")
    assert [len(sent["_remaining"]) for sent in player.sent] == [0, 2, 1]
    assert [sent["domain_controller"] for sent in player.sent] == ["", "dc1.corp.example", "dc1.corp.example"]
    assert outcomes(result) == ["created"] * 3 and len(player.shown) == 4
    for done, line in enumerate(player.shown[:3], start=1):
        assert line.startswith(f"[host1] gpvault.gpmc.gpo_backup: {done}/3 GPOs, ")


def test_where_the_time_went_is_shown_to_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_action_base.display, "verbosity", 2)
    scenario = recording("one_gpo")
    scenario["trips"][0]["received"]["trip"]["milliseconds"] = {"whole": 1234, "catalog": 0, "work": 7}
    _result, player = play(monkeypatch, scenario["args"], scenario["trips"])
    assert player.shown[0].endswith(": time on the host: catalog 0.00 s, whole 1.23 s, work 0.01 s")


@pytest.mark.parametrize(
    "said",
    [
        {"msg": "Cannot invoke method. Method invocation is supported only on core types in this language mode."},
        {"msg": "Fehler", "exception": "FullyQualifiedErrorId : MethodInvocationNotSupportedInConstrainedLanguage"},
        {"msg": "", "module_stderr": "Cannot load C# code when in ConstrainedLanguage mode.", "rc": 1},
    ],
)
def test_a_host_that_confines_powershell(monkeypatch: pytest.MonkeyPatch, said: dict[str, t.Any]) -> None:
    """Once more is no use, and nothing has been done."""
    args = {"path": "D:\\GPO", "all": True}
    result, player = play(monkeypatch, args, [{"received": {"failed": True, **said}}])
    assert len(player.sent) == 1 and player.reconnects == [] and result["changed"] is False
    assert result["msg"].startswith("PowerShell on the host is confined to the Constrained Language Mode, by WDAC or")
    assert "dealt with" not in result["msg"]


def test_a_host_without_powershell(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a Linux host has none, or one whose connection leads to the controller."""
    said = {"failed": True, "rc": 127, "msg": "MODULE FAILURE", "module_stderr": "/bin/sh: 1: powershell: not found\n"}
    result, player = play(monkeypatch, {"path": "D:\\GPO", "all": True}, [{"received": said}])
    assert len(player.sent) == 1 and player.reconnects == [] and result["changed"] is False
    assert result["msg"].startswith(
        "There is no PowerShell on the host, so nothing was done (/bin/sh: 1: powershell: not found). Tasks of this"
    )


def test_progress_stands_beside_what_callbacks_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """The json callback's output is read by programs."""
    _result, player = replay(monkeypatch, "three_trips")
    assert len(player.shown) == 4 and player.on_stdout == []


def test_nothing_is_shown_under_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    _result, player = replay(monkeypatch, "three_trips", no_log=True)
    assert player.shown == []
    for task in ({}, {"args": {"path": "hush"}}):
        result, player = replay(monkeypatch, "refused", no_log=True, **task)
        # Ansible shows why a task failed, from 2.19 on even then.
        assert result["failed"] is True and player.shown == []
        assert result["msg"] == "The task failed. Why is not told, because it has no_log."
    assert "Kiosk" in str(replay(monkeypatch, "refused", no_log=True)[0]["backups"])


def test_a_refused_call(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _player = replay(monkeypatch, "refused")
    assert result["failed"] is True and outcomes(result).count("created") == 3
    (entry,) = (entry for entry in result["backups"] if entry["outcome"] == "failed")
    assert entry["call_status"]["name"] == "E_ACCESSDENIED" and entry["overall_status"] is None
    gpo = f"'Kiosk' {entry['gpo']['id']}"
    assert result["msg"].startswith(f"1 of 4 GPOs failed: {gpo}: 0x80070005 E_ACCESSDENIED: Access is denied. Give")


def test_a_call_that_returned_can_still_have_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _player = replay(monkeypatch, "failed_status")
    (entry,) = (entry for entry in result["backups"] if entry["outcome"] == "failed")
    assert entry["call_status"]["succeeded"] is True and entry["overall_status"]["name"] == "ERROR_SHARING_VIOLATION"
    assert result["overall_status"] == entry["overall_status"] and entry["status_messages"]


def test_fail_fast_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    result, player = replay(monkeypatch, "fail_fast")
    assert outcomes(result) == ["failed", "created", "not_attempted", "not_attempted"] and len(player.sent) == 1
    assert result["backups"][-1]["gpo"]["name"] == "Laptops: BitLocker and VPN"


def test_selection_errors_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _player = replay(monkeypatch, "unknown_and_ambiguous")
    assert result["failed"] is True and result["changed"] is False and result["backups"] == []
    assert result["msg"].startswith("No GPO 'Nobody' was found in the domain corp.example. The name 'Drive maps' is")
    assert "Check the spelling" in result["msg"]
    assert result["warnings"] == ["The pattern 'nothing*' matches no GPO."]


def test_no_controller(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _player = replay(monkeypatch, "no_controller")
    assert result["overall_status"]["name"] == "ERROR_DS_SERVER_DOWN"
    assert result["msg"].startswith("The domain could not be reached through GPMC: 0x8007203A ERROR_DS_SERVER_DOWN: ")


def test_no_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _player = replay(monkeypatch, "no_directory")
    assert outcomes(result) == [] and result["changed"] is False and result["domain"] == "corp.example"
    assert result["msg"].startswith("The backup directory cannot be used: 0x80070003 ERROR_PATH_NOT_FOUND: ")


@pytest.mark.parametrize(("value", "failed", "warnings"), [("warn", False, 1), ("fail", True, 0), ("ignore", False, 0)])
def test_inaccessible(monkeypatch: pytest.MonkeyPatch, value: str, failed: bool, warnings: int) -> None:
    scenario = recording("all_with_an_invisible_gpo")
    args = {**scenario["args"], "inaccessible": value}
    result, _player = play(monkeypatch, args, scenario["trips"])
    assert result.get("failed", False) is failed and len(result.get("warnings", ())) == warnings
    assert result["summary"]["inaccessible"] == len(result["inaccessible"]) == 1
    assert set(outcomes(result)) == {"created"}


@pytest.mark.parametrize(("detail", "entries"), [("all", 4), ("changed", 3), ("summary", 1)])
def test_detail(monkeypatch: pytest.MonkeyPatch, detail: str, entries: int) -> None:
    scenario = recording("refused")
    scenario["trips"][0]["received"]["trip"]["entries"][0]["outcome"] = "unchanged"
    result, _player = play(monkeypatch, {**scenario["args"], "detail": detail}, scenario["trips"])
    assert len(result["backups"]) == entries
    assert (result["summary"]["created"], result["summary"]["unchanged"]) == (2, 1)


@pytest.mark.parametrize(
    ("outcomes", "oldest"),
    [
        (("created", "unchanged", "created"), "2026-01-01T00:00:00Z"),
        # What failed has no newest backup that one could know of, and one that was not reached has none either.
        (("failed", "unchanged", "created"), "2026-01-02T00:00:00Z"),
        (("failed", "cancelled", "failed"), None),
    ],
)
def test_the_oldest_newest_backup(outcomes: tuple[str, ...], oldest: str | None) -> None:
    result = BackupResult(detail="summary")
    entries = [
        item(outcome, backup={"id": "{1}", "timestamp": f"2026-01-0{day}T00:00:00Z"})
        for day, outcome in enumerate(outcomes, 1)
    ]
    result.add(reply(*entries, item("created", backup=None)))
    told = result.shown()["oldest"]
    assert (told and told["timestamp"]) == oldest and (told is None or told["gpo"]["name"] == "Kiosk")


def test_an_unchanged_gpo_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _player = replay(monkeypatch, "one_gpo")
    result, _player = replay(monkeypatch, "unchanged")
    assert result["changed"] is False and result["msg"] == "0 of 1 GPO backed up, 1 unchanged."
    (entry,) = result["backups"]
    assert entry["outcome"] == "unchanged" and entry["reasons"] == [] and entry["call_status"] is None
    assert entry["backup"] == made["backups"][0]["backup"] and result["overall_status"]["name"] == "S_OK"


def test_the_diff_shows_each_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _player = replay(monkeypatch, "edited")
    (entry,) = result["backups"]
    assert entry["reasons"] == ["computer_settings", "description", "permissions"]
    (diff,) = result["diff"]
    assert diff["before_header"] == f"Kiosk {entry['gpo']['id']} (newest backup)"
    assert "computer_settings: version directory 9, SYSVOL 9\n" in diff["before"]
    assert "computer_settings: version directory 10, SYSVOL 10\n" in diff["after"]
    assert "description: New\n" in diff["after"] and "permissions: allow " in diff["after"]
    (gone,) = set(diff["before"].splitlines()) - set(diff["after"].splitlines()) - {
        "computer_settings: version directory 9, SYSVOL 9", "description: "
    }  # fmt: skip
    assert gone.startswith("permissions: allow NT AUTHORITY\\Authenticated Users 0x00000100, flags 0x02, object_type {")
    assert "diff" not in replay(monkeypatch, "edited", diff=False)[0]


def test_a_cancelled_gpo_fails_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _player = replay(monkeypatch, "cancelled")
    assert result["failed"] is True and result["summary"]["cancelled"] == 1 and result["summary"]["created"] == 3
    (entry,) = (entry for entry in result["backups"] if entry["outcome"] == "cancelled")
    assert entry["overall_status"]["name"] == "ERROR_CANCELLED" and entry["backup"] is None
    assert result["msg"].endswith(f"{entry['gpo']['id']}: It took longer than gpo_timeout and was cancelled.")
    assert entry["trouble"] == {
        "step": "gpo_timeout", "hresult": "0x800704C7", "name": "ERROR_CANCELLED",
        "message": "It took longer than gpo_timeout and was cancelled.", "fix": None,
    }  # fmt: skip
    assert entry["status_messages"] == []


@pytest.mark.parametrize(
    "transport,close_fails,reconnects",
    [("psrp", False, ["close", "connect"]), ("psrp", True, ["close", "reset"]), ("winrm", False, [])],
)
def test_a_call_that_was_given_up_is_left_alone_with_its_process(
    monkeypatch: pytest.MonkeyPatch, transport: str, close_fails: bool, reconnects: list[str]
) -> None:
    """By psrp all trips of a task are made in one process, which ends with its connection."""
    scenario = recording("three_trips")
    (entry,) = scenario["trips"][0]["received"]["trip"]["entries"]
    entry.update(outcome="cancelled", backup=None, trouble=trouble("given_up", CANCELLED))
    result, player = play(
        monkeypatch, scenario["args"], scenario["trips"], transport=transport, close_fails=close_fails
    )
    assert outcomes(result) == ["cancelled", "created", "created"] and player.reconnects == reconnects


def test_a_gpo_that_kills_its_process_twice_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    result, player = replay(monkeypatch, "crash_in_a_later_trip")
    assert outcomes(result) == ["failed", "created", "created", "created"]
    assert result["backups"][0]["gpo"]["name"] == "Kiosk" and result["changed"] is True
    # Lost, made again without the GPO that had been in hand, and that one alone.
    assert [len(sent["_remaining"]) for sent in player.sent] == [0, 3, 2, 2, 1]
    assert player.reconnects == ["close", "connect"]
    assert result["msg"].startswith(f"1 of 4 GPOs failed: 'Kiosk' {result['backups'][0]['gpo']['id']}: PowerShell on")


def test_the_others_go_on_after_a_gpo_that_was_lost_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = recording("crash_in_a_later_trip")
    trips = scenario["trips"]
    later = {"id": "{00000000-0000-0000-0000-00000000AAAA}", "name": "Later"}
    trips[3]["received"]["trip"]["remaining"].append(later)
    lost = trips[4]
    kiosk = json.loads(json.dumps(trips[0]))
    kiosk["received"]["trip"].update(remaining=[], selected=None)
    result, player = play(monkeypatch, scenario["args"], [*trips[:4], lost, lost, kiosk])
    # The one that nobody suspected was tried twice, alone; then the suspect had its turn.
    assert [sent["_remaining"] for sent in player.sent[4:6]] == [[later["id"]], [later["id"]]]
    assert outcomes(result) == ["failed", *["created"] * (len(outcomes(result)) - 1)] and "'Later'" in result["msg"]


def test_a_gpo_that_kills_its_process_once_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    result, player = replay(monkeypatch, "crash_once")
    assert outcomes(result) == ["created"] * 4 and "failed" not in result
    assert "Trying once more." in player.shown[0]


def test_a_crash_in_the_only_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _player = replay(monkeypatch, "crash_in_the_only_trip")
    assert result["failed"] is True and result["backups"] == [] and result["overall_status"] is None
    assert result["msg"].startswith("PowerShell on the host ended without a result")


def test_a_host_that_cannot_be_connected_to_is_unreachable_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = {"received": AnsibleConnectionFailure("no route")}
    result, player = play(monkeypatch, recording("three_trips")["args"], [lost], connected=False)
    assert result["unreachable"] is True and "failed" not in result and "no route" in result["msg"]
    assert player.reconnects == []


_BY_SSH = "Failed to connect to the host via ssh: "


@pytest.mark.parametrize(
    "said",
    [
        "ssh: connect to host dc1 port 22: Connection refused",
        "ssh: Could not resolve hostname dc1: Name or service not known",
        "Host key verification failed.",
        "administrator@dc1: Permission denied (publickey,password,keyboard-interactive).",
        "kex_exchange_identification: read: Connection reset by peer\r\nConnection reset by 192.0.2.1 port 22",
        "Warning: Permanently added 'dc1'\nadministrator@dc1: Permission denied (publickey).",
    ],
)
def test_a_host_that_ssh_never_reached_is_unreachable_at_once(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    lost = {"received": AnsibleConnectionFailure(_BY_SSH + said)}
    args = recording("three_trips")["args"]
    result, player = play(monkeypatch, args, [lost], connected=False, transport="ssh")
    assert result["unreachable"] is True and player.reconnects == []


@pytest.mark.parametrize(
    "said",
    [
        "client_loop: send disconnect: Broken pipe",
        "Connection to 192.0.2.1 closed by remote host.",
        "Read from remote host 192.0.2.1: Connection reset by peer",
        "Timeout, server 192.0.2.1 not responding.",
        "",
    ],
)
def test_a_connection_of_ssh_that_is_cut_may_have_done_something(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    """Its plugin never says that it is connected."""
    scenario = recording("three_trips")
    lost = {"received": AnsibleConnectionFailure(_BY_SSH + said)}
    result, player = play(
        monkeypatch, scenario["args"], [lost, *scenario["trips"]], connected=False, transport="ssh"
    )
    assert outcomes(result) == ["created"] * 3 and player.reconnects == ["close", "connect"]
    result, _player = play(monkeypatch, scenario["args"], [lost, lost], connected=False, transport="ssh")
    assert result["failed"] is True and "unreachable" not in result
    assert "Some GPOs may have been dealt with before." in result["msg"]
    # The host is gone for good, as when it restarts.
    gone = {"received": AnsibleConnectionFailure(_BY_SSH + "ssh: connect to host dc1 port 22: Connection refused")}
    result, _player = play(monkeypatch, scenario["args"], [lost, gone], connected=False, transport="ssh")
    assert result["failed"] is True and "unreachable" not in result


@pytest.mark.parametrize("error", [AnsibleConnectionFailure("odd"), RuntimeError("odd")], ids=["Ansible's", "any"])
def test_a_connection_that_breaks_is_tried_once_more(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    scenario = recording("three_trips")
    lost = {"received": error}
    trips = [scenario["trips"][0], lost, *scenario["trips"][1:]]
    result, player = play(monkeypatch, scenario["args"], trips)
    assert outcomes(result) == ["created"] * 3 and "failed" not in result and player.reconnects == ["close", "connect"]
    assert player.sent[1] == player.sent[2]

    result, _player = play(monkeypatch, scenario["args"], [scenario["trips"][0], lost, lost])
    assert result["failed"] is True and "unreachable" not in result and "odd" in result["msg"]
    assert outcomes(result) == ["created", "not_attempted", "not_attempted"]
    assert "1 of 3 GPOs had been reported before" in result["msg"]


def test_a_shell_that_cannot_be_closed_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = recording("three_trips")
    trips = [{"received": RuntimeError("odd")}, *scenario["trips"]]
    result, player = play(monkeypatch, scenario["args"], trips, close_fails=True)
    assert outcomes(result) == ["created"] * 3 and player.reconnects == ["close", "reset"]


class TaskTimeout(BaseException):
    """As that of Ansible's task executor, which is no Exception."""


@pytest.mark.parametrize("error", [RuntimeError("read timed out"), TaskTimeout("over")], ids=["library", "timeout"])
def test_what_was_done_is_told_when_the_host_cannot_be_connected_to_again(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """Libraries raise what they like, requests.ReadTimeout by psrp, say."""
    scenario = recording("three_trips")
    trips = [scenario["trips"][0], {"received": RuntimeError("odd")}]
    result, player = play(monkeypatch, scenario["args"], trips, transport="psrp", connect_error=error)
    assert result["failed"] is True and "unreachable" not in result and str(error) in result["msg"]
    assert outcomes(result) == ["created", "not_attempted", "not_attempted"]
    assert player.reconnects == ["close", "connect"]


def test_what_a_library_raises_before_any_connection_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong password by psrp and CredSSP, say: once more would only lock the account."""
    lost = {"received": RuntimeError("STATUS_LOGON_FAILURE")}
    args = recording("three_trips")["args"]
    result, player = play(monkeypatch, args, [lost], connected=False, transport="psrp")
    assert result["unreachable"] is True and "STATUS_LOGON_FAILURE" in result["msg"] and result["run_id"]
    assert len(player.sent) == 1 and player.reconnects == []


def _locked(trip: dict[str, t.Any], **holder: t.Any) -> dict[str, t.Any]:
    """Return a first trip that did nothing, because another run had the lock."""
    locked = json.loads(json.dumps(trip))
    reply = locked["received"]["trip"]
    every = [{"id": entry["gpo"]["id"], "name": entry["gpo"]["name"]} for entry in reply["entries"]]
    reply.update(path_created=False, entries=[], remaining=every + reply["remaining"])
    reply.update(locked=True, locked_by=holder or None)
    return locked


def test_waiting_for_another_run(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = recording("one_gpo")
    args = {**scenario["args"], "lock_timeout": "25s"}
    first = scenario["trips"][0]
    locked = _locked(first, run_id="x", host="MGMT2", process=7, since="2026-01-02T03:04:05Z", gpo={"name": "Big"})
    result, player = play(monkeypatch, args, [locked, locked, first])
    assert outcomes(result) == ["created"]
    assert [sent["_lock_wait"] for sent in player.sent] == ["10", "10", "5"]
    assert player.shown[0].endswith(
        "waiting for the backup directory: another run (x) is at work on MGMT2, process 7, backing up 'Big', "
        "since 2026-01-02T03:04:05Z"
    )
    result, player = play(monkeypatch, args, [locked, _locked(first), locked])
    assert result["failed"] is True and outcomes(result) == ["not_attempted"] and result["changed"] is False
    assert "The backup directory stayed locked for 25 s, the option lock_timeout: another run (x)" in result["msg"]
    assert "another program has its file" in player.shown[1]


def test_trouble_that_the_host_can_do_without_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = recording("one_gpo")
    scenario["trips"][0]["received"]["trip"]["problems"] = [
        {"kind": kind, "subject": "Kiosk", **DENIED}
        for kind in ("permissions", "files", "links", "sites", "filters")
    ] + [
        {"kind": "catalog", "subject": "D:\\1.json", "hresult": None, "message": "It is not an entry of this catalog."}
    ]
    result, _player = play(monkeypatch, scenario["args"], scenario["trips"])
    assert "failed" not in result and len(result["warnings"]) == 6
    assert "'Kiosk'" in result["warnings"][0] and "E_ACCESSDENIED" in result["warnings"][0]
    assert result["warnings"][-1].endswith("counts as absent: It is not an entry of this catalog.")


def test_a_backup_that_the_catalog_cannot_record_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = recording("one_gpo")
    entry = scenario["trips"][0]["received"]["trip"]["entries"][0]
    entry.update(outcome="failed", trouble=trouble("record", DISK_FULL))
    result, _player = play(monkeypatch, scenario["args"], scenario["trips"])
    assert result["failed"] is True and result["changed"] is True and result["backups"][0]["backup"] is not None
    assert result["overall_status"]["name"] == "ERROR_DISK_FULL"
    assert "could not be recorded in the catalog, so it will not be used: 0x80070070" in result["msg"]
    (entry,) = result["backups"]
    assert entry["call_status"]["succeeded"] and entry["overall_status"]["succeeded"] and not entry["status_messages"]
    assert entry["trouble"] == {
        "step": "record", "hresult": "0x80070070", "name": "ERROR_DISK_FULL",
        "message": "The backup was made, but it could not be recorded in the catalog, so it will not be used: "
        "The disk is full.",
        "fix": "Free space on the volume that holds the backups.",
    }  # fmt: skip


class Timeout(BaseException):
    """Like what Ansible raises for the keyword timeout, which is no Exception."""


def test_the_timeout_of_the_task_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = recording("three_trips")
    trips = [scenario["trips"][0], {"received": Timeout("Timed out after 9 second(s).")}]
    result, _player = play(monkeypatch, scenario["args"], trips)
    assert result["failed"] is True and outcomes(result) == ["created", "not_attempted", "not_attempted"]
    assert "Timed out after 9 second(s). 1 of 3 GPOs had been reported before" in result["msg"]


def test_ctrl_c_is_not_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt):
        play(monkeypatch, recording("three_trips")["args"], [{"received": KeyboardInterrupt()}])


def test_a_controller_that_is_gone_in_a_later_trip_loses_no_gpo(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = recording("three_trips")
    gone = recording("no_controller")["trips"][0]
    left = scenario["trips"][1]["sent"]["_remaining"]
    gone["received"]["trip"]["remaining"] = [{"id": gpo, "name": None} for gpo in left]
    result, _player = play(monkeypatch, scenario["args"], [scenario["trips"][0], gone])
    assert outcomes(result) == ["created", "not_attempted", "not_attempted"]
    assert [entry["gpo"]["name"] for entry in result["backups"]][1:] == ["Default Domain Policy", "Kiosk"]
    assert result["summary"]["selected"] == 3 and result["overall_status"]["name"] == "ERROR_DS_SERVER_DOWN"


def test_a_trip_is_given_no_more_guids_than_it_comes_to(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = recording("three_trips")
    first = scenario["trips"][0]
    many = [{"id": f"{{{number:08X}-0000-0000-0000-000000000000}}", "name": f"GPO {number}"} for number in range(1200)]
    first["received"]["trip"].update(remaining=many, selected=1201)
    done = json.loads(json.dumps(scenario["trips"][1]))
    done["received"]["trip"].update(remaining=[], entries=first["received"]["trip"]["entries"] * 500)
    rest = json.loads(json.dumps(done))
    rest["received"]["trip"].update(entries=first["received"]["trip"]["entries"] * 200)
    result, player = play(monkeypatch, scenario["args"], [first, done, done, rest])
    assert [len(sent["_remaining"]) for sent in player.sent] == [0, 500, 500, 200]
    assert player.sent[1]["_remaining"] + player.sent[2]["_remaining"] + player.sent[3]["_remaining"] == [
        gpo["id"] for gpo in many
    ]
    assert result["summary"]["created"] == 1201 and result["summary"]["not_attempted"] == 0


def test_success_without_a_backup_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = recording("one_gpo")
    scenario["trips"][0]["received"]["trip"]["entries"][0].update(
        outcome="failed", backup=None, changed=False, trouble=trouble("no_result")
    )
    result, _player = play(monkeypatch, scenario["args"], scenario["trips"])
    assert result["failed"] is True and "returned no backup" in result["msg"] and result["overall_status"] is None


def test_warnings_are_not_shown_under_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _player = replay(monkeypatch, "all_with_an_invisible_gpo", no_log=True)
    assert "warnings" not in result
    result, _player = replay(monkeypatch, "all_with_an_invisible_gpo")
    assert len(result["warnings"]) == 1


def test_a_wrong_option_needs_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    result, player = play(monkeypatch, {"path": "GPO", "all": True}, [])
    assert result["failed"] is True and player.sent == []
    assert result["overall_status"] is None


def test_async_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AnsibleActionFail, match="async"):
        play(monkeypatch, {"path": "D:\\GPO", "all": True}, [], async_val=30)


def test_the_file_with_all_details(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """The result is short, and the file has each GPO; a second task replaces it, and what it leaves is one file."""
    path = tmp_path / "runs/host1.json"
    args = {"path": "D:\\GPO", "all": True, "detail": "summary", "details_file": str(path)}
    for outcome in ("created", "unchanged"):
        trips = [{"received": {"changed": False, "trip": reply(item("failed", call_status=DENIED), item(outcome))}}]
        result, player = play(monkeypatch, args, trips)
        assert "warnings" not in result and "details_file" not in player.sent[0]
        told = json.loads(path.read_text("utf-8"))["result"]
        assert outcomes(result) == ["failed"] and outcomes(told) == ["failed", outcome]
        assert told["whole"] is True and "whole" not in result
        same = set(exchanges.own_keys(result)) - {"backups"}
        assert {key: told[key] for key in same} == {key: result[key] for key in same}
        assert _details_file.read(str(path)) == told
    assert [one.name for one in path.parent.iterdir()] == ["host1.json"]
    play(monkeypatch, {**args, "exclude": ["x"]}, trips)
    assert json.loads(path.read_text("utf-8"))["result"]["whole"] is False


def test_the_file_with_all_details_is_no_other_file(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """A file of another kind is left as it is, and what is no file too: both are a warning, and no failure."""
    other = tmp_path / "other.json"
    other.write_text('{"format": "mine"}', "utf-8")
    for path, said in ((other, "is a file of another kind"), (tmp_path, "Is a directory")):
        args = {"path": "D:\\GPO", "all": True, "details_file": str(path)}
        trips = [{"received": {"changed": False, "trip": reply(item("created"))}}]
        result, _player = play(monkeypatch, args, trips)
        assert "failed" not in result and said in result["warnings"][0], result
    assert other.read_text("utf-8") == '{"format": "mine"}' and _details_file.read(str(other)) is None
    assert [one.name for one in tmp_path.iterdir()] == ["other.json"]


def test_no_file_with_details_in_check_mode(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    args = {"path": "D:\\GPO", "all": True, "details_file": str(tmp_path / "x.json")}
    trips = [{"received": {"changed": False, "trip": reply(item("created"))}}]
    play(monkeypatch, args, trips, check_mode=True)
    assert list(tmp_path.iterdir()) == []
