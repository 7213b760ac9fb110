# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trips' replies folded into results: trouble, failures, what has changed."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._backup_result import BackupResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._diff_result import DiffResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._directory_result import BackupInfoResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._import_result import ImportResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._info_result import InfoResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._keep_rules import KeepRules
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._prune_result import PruneResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._report_result import ReportResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._restore_result import RestoreResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._steps import STEPS
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._task_result import TaskResult
from replies import CANCELLED, DENIED, DISK_FULL, GPO, OK, item, reply, trouble

_RESULTS = {
    "backups": BackupResult, "gpos": InfoResult, "reports": ReportResult, "restores": RestoreResult,
}  # fmt: skip
_SAFETY = {"id": "{1}", "path": "D:\\GPO\\{1}", "timestamp": "2026-01-02T03:04:05Z", "comment": ""}


def _shown(result: TaskResult, *items: t.Mapping[str, t.Any], **changes: t.Any) -> dict[str, t.Any]:
    result.add(reply(*items, **changes))
    return result.shown()


@pytest.mark.parametrize("name", _RESULTS)
def test_every_task_tells_of_trouble(name: str) -> None:
    result = _shown(_RESULTS[name](), item("failed", trouble=trouble("open", DENIED)))
    (shown,) = result[name]
    assert shown["trouble"] == {
        "step": "open", "hresult": "0x80070005", "name": "E_ACCESSDENIED",
        "message": "The GPO could not be opened: Access is denied.",
        "fix": "Give the account read access to the GPO, in the directory and in SYSVOL.",
    }  # fmt: skip
    assert shown["duration"] == 0.1 and shown.get("call_status") is None
    assert result["msg"] == (
        f"1 of 1 GPO failed: 'Kiosk' {GPO['id']}: The GPO could not be opened: 0x80070005 E_ACCESSDENIED: "
        f"Access is denied. {shown['trouble']['fix']}"
    )
    assert result["overall_status"]["name"] == "E_ACCESSDENIED" and result["changed"] is False


def test_gpo_import_tells_of_trouble() -> None:
    result = _shown(ImportResult(), item("failed", trouble=trouble("create", DENIED), recorded={}))
    assert result["trouble"]["message"] == "The GPO could not be made: Access is denied."
    assert result["overall_status"] is None and "The GPO could not be made: 0x80070005" in result["msg"]
    assert _shown(ImportResult())["trouble"] is None


def test_a_gpo_that_is_still_to_be_made_has_no_id() -> None:
    sent = item("failed", gpo={**GPO, "id": None}, call_status=DENIED, recorded={})
    assert _shown(ImportResult(), sent)["msg"].startswith("1 of 1 GPO failed: 'Kiosk': 0x80070005 ")
    sent = item("failed", gpo={"id": None, "name": None, "domain": None}, call_status=DENIED)
    assert _shown(BackupResult(), sent)["msg"].startswith("1 of 1 GPO failed: an unknown GPO: 0x80070005 ")


def test_a_wmi_filter_that_is_gone_lets_the_gpo_apply_to_all() -> None:
    gone = {"outcome": "missing", "id": "{1}", "name": "Laptops", "definition": None, "linked": None, "status": None}
    for sent in (item("restored", changed=True, wmi_filter=gone), item("unchanged", wmi_filter=gone)):
        (warning,) = _shown(RestoreResult(), sent)["warnings"]
        assert "'Laptops' of 'Kiosk' does not exist here" in warning
        assert "Without it the GPO applies to everybody whom its links and permissions reach" in warning


def test_where_a_gpo_was_looked_for() -> None:
    errors = [{"kind": "not_found", "entry": "Kisk", "matches": [], "hresult": None, "message": None}]
    told = {}
    for result in (BackupResult(), InfoResult(), ImportResult(), RestoreResult(path="D:\\GPO")):
        told[type(result).__name__] = _shown(result, selection_errors=errors)["msg"]
    assert told["BackupResult"] == told["InfoResult"] == (
        "No GPO 'Kisk' was found in the domain corp.example. "
        "Check the spelling, blanks at the end included, and that the account can read the GPO."
    )
    assert told["ImportResult"] == f"{told['BackupResult']} With create: true it is made."
    # Rights on the GPO do not help with a backup.
    assert told["RestoreResult"] == (
        "No GPO 'Kisk' was found among the backups of corp.example that the catalog in D:\\GPO knows. "
        "Check the spelling, blanks at the end included; gpo_backup_info tells what is in the directory."
    )


def test_a_gpo_that_is_left_behind_hides_no_reason() -> None:
    sent = item("failed", call_status=DENIED, gpo_created=True, trouble=trouble("remove", DISK_FULL), recorded={})
    result = _shown(ImportResult(), sent)
    assert "could not be deleted again: 0x80070070 ERROR_DISK_FULL" in result["msg"]
    assert result["msg"].endswith(
        f" The settings could not be imported: 0x80070005 E_ACCESSDENIED: Access is denied. "
        f"{STEPS['import'].fixes[0x80070005]}"
    )


def test_gpo_backup_prune_tells_of_trouble() -> None:
    backups = [
        {"id": f"{{{number}}}", "gpo": GPO, "state": "ok", "purpose": "backup", "sequence": number, "asked": True,
         "timestamp": f"2026-01-0{number}T00:00:00Z", "spared": None, "interrupted": False}
        for number in (1, 2)
    ]  # fmt: skip
    result = PruneResult(rules=KeepRules(last=1))
    result.add(reply(*backups, cursor={"after": "{2}", "done": 2, "more": False}))
    sent = item("failed", id="{1}", trouble=trouble("delete", message="There is a link in its folder."))
    del sent["gpo"]
    (pruned,) = _shown(result, sent, selected=None)["pruned"]
    assert pruned["trouble"]["message"] == "The backup could not be deleted: There is a link in its folder."


@pytest.mark.parametrize("name", _RESULTS)
def test_an_unknown_step_costs_nothing(name: str) -> None:
    of_item = trouble("of_tomorrow", DENIED)
    of_trip = trouble("of_yesterday", {"hresult": -2147024784, "message": "voll"})
    result = _shown(_RESULTS[name](), item("failed", trouble=of_item), trouble=of_trip)
    assert result[name][0]["trouble"]["message"] == "of_tomorrow: Access is denied."
    assert "of_tomorrow: 0x80070005" in result["msg"]
    assert "of_yesterday: 0x80070070 ERROR_DISK_FULL: The disk is full." in result["msg"]
    assert result["msg"].endswith("(The host said: voll)")


def test_unknown_kinds_cost_nothing() -> None:
    result = _shown(
        BackupResult(),
        problems=[{"kind": "moon", "subject": "full", "hresult": None, "message": "Odd."}],
        selection_errors=[{"kind": "eclipse", "entry": "x", "matches": [], "hresult": None, "message": None}],
    )
    assert result["warnings"] == ["moon full: Odd."] and result["msg"] == "eclipse 'x'"


def test_what_ended_the_trip() -> None:
    result = _shown(BackupResult(), trouble=trouble("path", DENIED))
    assert result["failed"] is True and result["overall_status"]["name"] == "E_ACCESSDENIED"
    assert result["msg"].startswith("The backup directory cannot be used: 0x80070005 E_ACCESSDENIED: Access is denied.")
    result = _shown(BackupResult(), trouble=trouble("host_domain", message="Nobody knows."))
    assert result["overall_status"] is None
    assert result["msg"].endswith(" could not be found out: Nobody knows. Give it with the option domain.")


def test_a_failure_of_an_item_comes_before_that_of_the_trip() -> None:
    failed = item("failed", call_status=OK, overall_status=OK, trouble=trouble("record", DISK_FULL))
    result = _shown(BackupResult(), failed, trouble=trouble("catalog", DENIED))
    assert result["overall_status"]["name"] == "ERROR_DISK_FULL"


@pytest.mark.parametrize("outcome", ["failed", "unchanged", "created"])
def test_the_host_says_whether_something_was_changed(outcome: str) -> None:
    for changed in (False, True):
        assert _shown(BackupResult(), item(outcome, changed=changed))["changed"] is changed


def test_a_backup_that_was_not_recorded_is_a_change() -> None:
    sent = item("failed", changed=True, call_status=OK, overall_status=OK, backup=_SAFETY,
                trouble=trouble("record", DENIED))  # fmt: skip
    result = _shown(BackupResult(detail="summary"), sent)
    assert result["changed"] is True and result["backups"][0]["backup"] == _SAFETY
    assert "so it will not be used: 0x80070005" in result["msg"] and "write access to the directory" in result["msg"]


def test_a_gpo_that_gpmc_would_not_let_go() -> None:
    given_up = item("cancelled", call_status=OK, trouble=trouble("given_up", CANCELLED), progress=None)
    result = _shown(BackupResult(), given_up)
    assert result["summary"]["cancelled"] == 1 and result["overall_status"]["name"] == "ERROR_CANCELLED"
    assert result["msg"].endswith("GPMC did not stop when it was cancelled, and the process was ended.")
    assert result["backups"][0]["overall_status"] is None and result["backups"][0]["status_messages"] == []


def test_a_gpo_that_was_lost_with_its_trip() -> None:
    result = BackupResult(remaining=[{"id": "{1}", "name": "One"}, {"id": "{2}", "name": "Two"}], selected=2)
    first = item("created", changed=True, call_status=OK)
    result.add(reply(first, selected=None, remaining=[{"id": "{2}", "name": "Two"}]))
    result.lose_trip("It died.", begun=True)
    assert not result.unfinished
    lost = result.shown()["backups"][0]
    assert lost["outcome"] == "failed" and lost["call_status"] is None
    assert lost["trouble"] == {"step": "lost", "hresult": None, "name": None, "message": "It died.", "fix": None}
    assert result.shown()["msg"] == "1 of 2 GPOs failed: 'Two' {2}: It died."


def _restored(**changes: t.Any) -> dict[str, t.Any]:
    return item("failed", **{
        "changed": True, "call_status": OK, "overall_status": OK, "reasons": ["links"], "backup": _SAFETY,
        "safety_backup": _SAFETY, "links": [], "wmi_filter": None, "changes": [], "problems": [], "damaged": [],
        **changes,
    })  # fmt: skip


def test_a_gpo_that_was_partly_put_back() -> None:
    links = [
        {"target": "OU=One", "type": "ou", "outcome": "failed", "recorded": {}, "status": DENIED},
        {"target": "OU=Two", "type": "ou", "outcome": "updated", "recorded": {}, "status": None},
    ]
    wmi_filter = {
        "outcome": "failed", "id": "{1}", "name": "W", "definition": None, "linked": "{1}", "status": DISK_FULL,
    }  # fmt: skip
    sent = _restored(links=links, wmi_filter=wmi_filter, trouble=trouble("wmi_filter", DISK_FULL))
    result = _shown(RestoreResult(), sent)
    assert result["changed"] is True and result["summary"]["failed"] == 1
    (shown,) = result["restores"]
    assert shown["trouble"]["message"] == (
        "The settings are there, but the WMI filter could not be put back: The disk is full."
    )
    assert [link["outcome"] for link in shown["links"]] == ["failed", "updated"]
    assert shown["links"][0]["status"]["name"] == "E_ACCESSDENIED" and shown["links"][1]["status"] is None
    assert shown["wmi_filter"]["status"]["name"] == "ERROR_DISK_FULL"
    assert "the WMI filter could not be put back: 0x80070070" in result["msg"]
    assert result["overall_status"]["name"] == "ERROR_DISK_FULL" and shown["status_messages"] == []
    # Which link it is nobody else says.
    assert result["warnings"] == [
        "The link of 'Kiosk' to OU=One is not put back: 0x80070005 E_ACCESSDENIED: Access is denied. "
        f"{STEPS['links'].fixes[0x80070005]}"
    ]


def test_a_link_that_may_have_been_there_unseen_is_told_of() -> None:
    links = [
        {"target": "CN=Paris", "type": "site", "outcome": "kept", "recorded": None, "status": None},
        {"target": "OU=One", "type": "ou", "outcome": "unchanged", "recorded": {}, "status": None},
    ]
    sent = {**_restored(links=links), "outcome": "unchanged", "changed": False}
    result = _shown(RestoreResult(), sent)
    assert [link["outcome"] for link in result["restores"][0]["links"]] == ["kept", "unchanged"]
    (warning,) = result["warnings"]
    assert warning.startswith("'Kiosk' is linked to CN=Paris, and in the backup it is not. The link stays")
    assert result["changed"] is False and "this site could be read" in warning


def test_a_disabled_link_that_cannot_be_made_is_told_of() -> None:
    links = [
        {"target": "OU=One", "type": "ou", "outcome": "withheld", "recorded": {"enabled": False}, "status": None},
        {"target": "OU=Two", "type": "ou", "outcome": "withheld", "recorded": {"enabled": True}, "status": None},
        {"target": "OU=Three", "type": "ou", "outcome": "failed", "recorded": {"enabled": False}, "status": DENIED,
         "left": "off"},
    ]  # fmt: skip
    result = _shown(RestoreResult(), _restored(links=links, trouble=trouble("links", DENIED)))
    first, second, third = result["warnings"]
    assert first.startswith("The disabled link of 'Kiosk' to OU=One is not put back: GPMC makes links enabled")
    assert second == "'Kiosk' is not linked to OU=Two, because not all else is known to be as the task asks."
    assert third.startswith("The link of 'Kiosk' to OU=Three is not put back. The GPO was disabled meanwhile")


def test_each_part_that_could_not_be_put_back_is_told_once() -> None:
    """The host's trouble is that of the first; the others are told in warnings, and of a link its target always."""
    links = [
        {"target": f"OU={name}", "type": "ou", "outcome": "failed", "recorded": {}, "status": status}
        for name, status in (("One", DENIED), ("Two", DENIED), ("Three", DISK_FULL))
    ]
    wmi_filter = {"outcome": "failed", "id": "{1}", "name": "W", "definition": None, "linked": None,
                  "status": CANCELLED}  # fmt: skip
    permissions = {"outcome": "failed", "unknown": [], "aces": [], "status": DISK_FULL}
    sent = _restored(links=links, wmi_filter=wmi_filter, permissions=permissions, gpo_created=False, source=GPO,
                     recorded={}, trouble=trouble("links", DENIED))  # fmt: skip
    result = _shown(ImportResult(), sent)
    assert "the links could not be put back: 0x80070005" in result["msg"]
    assert result["warnings"] == [
        "The link of 'Kiosk' to OU=One is not put back.",
        "The link of 'Kiosk' to OU=Two is not put back.",
        "The link of 'Kiosk' to OU=Three is not put back: 0x80070070 ERROR_DISK_FULL: The disk is full. "
        "Free space on the volume that holds the backups.",
        "'Kiosk': The settings are there, but the WMI filter could not be put back: 0x800704C7 ERROR_CANCELLED: "
        "The operation was cancelled.",
        "'Kiosk': The settings are there, but the permissions could not be put back: 0x80070070 ERROR_DISK_FULL: "
        "The disk is full. Free space on the volume that holds the backups.",
    ]
    # Whatever else ended the work on the GPO hides none of them.
    result = _shown(ImportResult(), {**sent, "links": [], "trouble": trouble("complete", DENIED)})
    assert ["WMI filter" in warning for warning in result["warnings"]] == [True, False]
    assert "permissions" in result["warnings"][1]
    result = _shown(ImportResult(), {**sent, "links": [], "trouble": trouble("permissions", DISK_FULL)})
    assert len(result["warnings"]) == 1 and "WMI filter" in result["warnings"][0]


def test_a_damaged_backup() -> None:
    problems = ["The file x is missing."]
    sent = _restored(changed=False, call_status=None, overall_status=None, problems=problems)
    refused = _shown(RestoreResult(), {**sent, "trouble": trouble("damaged", message=problems[0])})
    assert "The backup is damaged: The file x is missing. Use another one" in refused["msg"]
    assert "warnings" not in refused and refused["overall_status"] is None
    forced = _shown(RestoreResult(), {**sent, "outcome": "restored", "changed": True})
    assert forced["warnings"] == ["The backup for 'Kiosk' is damaged and is used all the same: The file x is missing."]


@pytest.mark.parametrize(("step", "used"), [("safety", False), ("open_backup", False), ("note", True), ("links", True)])
def test_a_damaged_backup_that_was_not_used_is_not_said_to_be(step: str, used: bool) -> None:
    sent = _restored(changed=False, problems=["The file x is missing."], trouble=trouble(step, DENIED))
    result = _shown(RestoreResult(), sent)
    assert any("is used all the same" in warning for warning in result.get("warnings", ())) is used


def test_a_call_that_failed_is_no_trouble() -> None:
    result = _shown(RestoreResult(), _restored(call_status=DENIED, overall_status=None))
    (shown,) = result["restores"]
    assert shown["trouble"] is None and shown["call_status"]["name"] == "E_ACCESSDENIED"
    assert "0x80070005 E_ACCESSDENIED: Access is denied. Give the account the rights to edit the GPO" in result["msg"]


def test_permissions_that_could_not_be_put_back() -> None:
    permissions = {"outcome": "failed", "unknown": [], "aces": [], "status": DENIED}
    sent = _restored(permissions=permissions, trouble=trouble("permissions", DENIED), gpo_created=True, source=GPO,
                     recorded={"permissions": True})  # fmt: skip
    result = _shown(ImportResult(from_catalog=["permissions"]), sent)
    assert result["failed"] is True and result["outcome"] == "failed" and result["gpo_created"] is True
    assert result["permissions"] == {
        "outcome": "failed", "unknown": [], "status": {"succeeded": False, **result["permissions"]["status"]}
    }  # fmt: skip
    assert "The settings are there, but the permissions could not be put back: 0x80070005" in result["msg"]
    assert result["overall_status"]["name"] == "S_OK" and "warnings" not in result


def test_a_report_that_could_not_be_written() -> None:
    sent = item("failed", backup=None, dest="D:\\x.xml", size=4, call_status=OK, overall_status=OK,
                trouble=trouble("dest", DISK_FULL))  # fmt: skip
    result = _shown(ReportResult(), sent)
    assert result["reports"][0]["trouble"]["fix"] == "Free space on the volume that holds the reports."
    assert result["overall_status"]["name"] == "ERROR_DISK_FULL" and result["changed"] is False
    assert "The report was made, but it could not be compared with dest or written there: 0x80070070" in result["msg"]


def _of(outcome: str, number: int) -> dict[str, t.Any]:
    return item(outcome, gpo={**GPO, "id": f"{{{number}}}"}, recorded={})


@pytest.mark.parametrize("name", _RESULTS)
@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ("all", ["failed", "cancelled", "unchanged", "created", "not_attempted"]),
        ("changed", ["failed", "cancelled", "created", "not_attempted"]),
        ("summary", ["failed", "cancelled"]),
    ],
)
def test_those_that_failed_come_first_and_are_never_left_out(name: str, detail: str, told: list[str]) -> None:
    sent = [_of(outcome, number) for number, outcome in enumerate(("unchanged", "failed", "created", "cancelled"))]
    result = _RESULTS[name](detail=detail)
    result.add(reply(*sent, remaining=[{"id": "{9}", "name": "Late"}], selected=5))
    if name == "restores" and detail == "summary":
        # Whoever restores wants to see what.
        told = ["failed", "cancelled", "created", "not_attempted"]
    shown = result.shown()[name]
    assert [one["outcome"] for one in shown] == told
    assert [one.get("gpo", one)["id"] for one in shown][:2] == ["{1}", "{3}"]
    assert result.shown()["summary"]["failed"] == 1


def test_an_import_of_which_there_is_much_to_tell() -> None:
    links = [
        {"target": f"OU={number}", "type": "ou", "planned": None, "outcome": "missing", "status": None}
        for number in range(5000)
    ]
    lost = [f"Machine\\Scripts\\{number:0200}.cmd" for number in range(5000)]
    deviations = {"missing": lost, "altered": [], "extra": [], "settings": [], "unread": None}
    sent = _restored(links=links, deviations=deviations, source=GPO, recorded={}, gpo_created=False)
    everything = _shown(ImportResult(), sent)
    assert len(everything["links"]) == len(everything["deviations"]["missing"]) == 5000
    result = _shown(ImportResult(detail="summary"), sent)
    assert len(result["links"]) == len(result["deviations"]["missing"]) == 100
    assert result["deviations"]["unread"] is None and set(result) == set(everything)
    assert len(json.dumps(result)) < 300_000


def test_a_comparison_without_what_is_the_same() -> None:
    sent = [_of(outcome, number) for number, outcome in enumerate(("same", "differs", "only_before", "failed"))]
    result = DiffResult(detail="changed")
    result.add(reply(*sent, selected=4))
    assert [one["outcome"] for one in result.shown()["comparisons"]] == ["failed", "differs", "only_before"]


def test_a_listing_without_what_is_well() -> None:
    whatever = {"gpo": GPO, "timestamp": None, "sequence": None, "in_manifest": True}
    backups = [{**whatever, "id": f"{{{state}}}", "state": state} for state in ("ok", "damaged", "uncatalogued")]
    result = BackupInfoResult(detail="summary")
    result.add(reply(*backups, cursor={"after": "{2}", "done": 2, "more": False}))
    shown = result.shown()
    assert [one["state"] for one in shown["backups"]] == ["damaged"] and shown["summary"]["ok"] == 1
    assert shown["check_mode"] is False


@pytest.mark.parametrize("name", ["backups", "gpos", "reports"])
def test_a_domain_without_gpos_is_no_success(name: str) -> None:
    """There is none such: the account cannot see them."""
    result = _shown(_RESULTS[name](everything=True))
    assert result["failed"] is True and result["msg"].startswith("No GPO was selected. Each domain has two")
    assert "failed" not in _shown(_RESULTS[name]())
    # That the directory was locked says nothing of the domain, and neither does what ended the trip.
    ended = _shown(_RESULTS[name](everything=True), trouble=trouble("domain", DENIED))
    assert "Each domain" not in ended["msg"]


def test_create_path_is_told_where_there_is_such_an_option() -> None:
    missing = trouble("path", {"hresult": -2147024893, "message": ""})
    for result, told in (
        (BackupResult(), True), (BackupResult(create_path=True), False), (RestoreResult(), False),
        (BackupInfoResult(), False), (PruneResult(), False), (ImportResult(), False),
    ):  # fmt: skip
        said = _shown(result, trouble=missing)["msg"]
        assert ("set create_path: true" in said) is told and ("Check the option path" in said) is not told, said
    assert "create_path" not in _shown(BackupResult(), trouble=trouble("path", DENIED))["msg"]


@pytest.mark.parametrize(
    ("result", "worked", "unknown"),
    [
        (BackupResult(), True, True), (BackupResult(), False, False), (BackupResult(check_mode=True), True, False),
        (InfoResult(), True, False), (BackupInfoResult(), True, False), (RestoreResult(), True, True),
    ],
)  # fmt: skip
def test_what_may_have_been_done_is_told_where_it_may(result: TaskResult, worked: bool, unknown: bool) -> None:
    result.lose_trip("It died.", begun=True, worked=worked)
    assert ("may have been dealt with" in result.shown()["msg"]) is unknown
    # A backup only adds to what is there.
    assert result.shown()["changed"] is (unknown and isinstance(result, RestoreResult))


def test_a_restore_that_was_lost_with_its_trip_may_have_been_done() -> None:
    result = RestoreResult(remaining=[{"id": "{1}", "name": "One"}], selected=1)
    result.lose_trip("It died.", begun=True)
    shown = result.shown()
    assert shown["changed"] is True and shown["restores"][0]["outcome"] == "failed"
    assert shown["msg"].endswith(
        "'One' {1}: It died. Whether it was done, wholly or in part, is unknown: look at what is there."
    )


def test_what_was_given_up_may_have_been_done() -> None:
    """A restore that hangs in GPMC's call, without a safety copy before, may have changed the GPO all the same."""
    for in_hand, may in (("restore", True), ("complete", True), ("compare", False), ("safety", False)):
        result = _shown(RestoreResult(), item("failed", trouble=trouble("step_timeout", message=in_hand)))
        assert result["changed"] is may and result["failed"] is True
        (shown,) = result["restores"]
        for said in (result["msg"], shown["trouble"]["message"]):
            assert f"In hand was the step: {in_hand}" in said
            assert ("Whether it was done, wholly or in part, is unknown" in said) is may
    assert _shown(ImportResult(), trouble=trouble("step_timeout", message="index"))["changed"] is True
    assert _shown(ImportResult(), trouble=trouble("step_timeout", message="select"))["changed"] is False


@pytest.mark.parametrize(
    ("step", "about"),
    [
        ("path", " (path: D:\\GPO) "), ("catalog", " (path: D:\\GPO) "), ("list", " (path: D:\\GPO) "),
        ("connect", " (domain: corp.example, domain controller: dc1.corp.example) "), ("gpmc", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("said", ["Cannot use D:\\x", "voll"])
def test_what_a_trip_failed_with_is_named(step: str, about: str, said: str) -> None:
    """And what the host said stands there once."""
    told = _shown(BackupResult(path="D:\\GPO"), trouble=trouble(step, {**DISK_FULL, "message": said}))["msg"]
    assert about.strip() in told and told.count(f"(The host said: {said})") == 1
    if not about:
        assert "(path" not in told and "(domain" not in told
    refused = _shown(BackupResult(), domain="", domain_controller="", trouble=trouble("connect", DISK_FULL))["msg"]
    assert "(domain" not in refused


@pytest.mark.parametrize("result", [RestoreResult(), ImportResult()])
def test_what_came_out_otherwise_than_it_should(result: RestoreResult | ImportResult) -> None:
    """GPMC said success; what is there says otherwise."""
    nothing: dict[str, object] = {"missing": [], "altered": [], "extra": [], "settings": [], "unread": ""}
    sent = _restored(source=GPO, deviations={**nothing, "missing": ["a", "b"], "settings": ["User X"]})
    outcome = "restored" if isinstance(result, RestoreResult) else "imported"
    shown = _shown(result, {**sent, "outcome": outcome})
    (warning,) = shown["warnings"]
    assert warning == (
        "GPMC reported success for 'Kiosk', but files of the backup are not there: a, b; settings are reported "
        "otherwise than in the backup's report: User X. The next run brings the settings again."
    )
    told = shown["restores"][0] if "restores" in shown else shown
    assert told["deviations"] == sent["deviations"] and not shown.get("failed")


def test_what_came_out_could_not_be_looked_at() -> None:
    deviations = {"missing": [], "altered": [], "extra": [], "settings": [], "unread": "Access\nis denied."}
    shown = _shown(RestoreResult(), {**_restored(deviations=deviations), "outcome": "restored"})
    assert shown["warnings"] == [
        "GPMC reported success for 'Kiosk', but what came out could not be looked at: Access is denied. The next run "
        "brings the settings again."
    ]


def test_a_backup_that_names_no_gpo() -> None:
    """Scripts write such backups for an import."""
    source = {"id": GPO["id"], "name": "", "domain": ""}
    shown = _shown(ImportResult(), {**_restored(source=source), "outcome": "imported"})
    assert shown["msg"] == f"'Kiosk' has got the settings of {shown['backup']['id']!r}."
