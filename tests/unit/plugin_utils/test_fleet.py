# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role gpo_vault makes of its steps' results."""

from __future__ import annotations

import csv
import io
import json
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gpvault.gpmc.plugins.filter.fleet import (
    fleet_csv,
    fleet_fault,
    fleet_record,
    fleet_refusal,
    fleet_summary,
)
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._backup_result import BackupResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._directory_result import BackupInfoResult
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._fleet import age_in_words
from replies import DENIED, OK, item, reply, trouble

_NOON = 1767355200.0
"""2026-01-02T12:00:00Z, in seconds."""

_BACKUP = {"id": "{1}", "path": "D:\\GPO\\{1}", "timestamp": "2026-01-02T03:04:05Z", "comment": ""}


def _backup(*items: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    result = BackupResult(detail="summary")
    result.add({**reply(*items), "selected": len(items)})
    return result.shown()


def _verified(*backups: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    result = BackupInfoResult(states=("damaged",))
    result.add(reply(*backups))
    return result.shown()


def _listed(state: str, sequence: int | None, **more: t.Any) -> dict[str, t.Any]:
    gpo = {"id": "{A}", "name": "Kiosk", "domain": "corp.example"}
    return {
        "id": "{1}", "state": state, "sequence": sequence, "problems": ["A file is missing."], "gpo": gpo,
        "in_manifest": True, **more,
    }  # fmt: skip


def _record(
    *, max_age: str = "", error: str | None = None, given: t.Mapping[str, t.Any] = {}, **steps: t.Any
) -> dict[str, t.Any]:
    about = {"host": "h1", "via": "h1", "domain": "", "path": "D:\\GPO", "error": error, "max_age": max_age, **given}
    return fleet_record(steps, **about, began=_NOON - 90, now=_NOON)


def test_a_domain_that_is_well() -> None:
    backup = _backup(item("created", backup=_BACKUP), item("unchanged", backup=_BACKUP))
    record = _record(backup=backup, verify=_verified(_listed("ok", 1)), prune={"skipped": True})
    assert (record["outcome"], record["gpos"], record["new"], record["failed"]) == ("ok", 2, 1, 0)
    assert (record["damaged"], record["pruned"], record["copied"], record["failures"]) == (0, None, None, [])
    assert record["age"] == 8 * 3600 + 55 * 60 + 55 and record["seconds"] == 90
    assert record["oldest_gpo"]["name"] == "Kiosk" and "1 of 2 GPOs backed up" in record["msg"]


def test_what_failed_is_told_with_its_reason() -> None:
    backup = _backup(item("failed", call_status=DENIED), item("created", backup=_BACKUP))
    record = _record(backup=backup, error=backup["msg"])
    assert (record["outcome"], record["step"], record["failed"]) == ("failed", "backup", 1)
    (failure,) = record["failures"]
    assert failure["name"] == "Kiosk" and failure["reason"].startswith("0x80070005 E_ACCESSDENIED")


def test_failures_are_bounded_and_counted() -> None:
    record = _record(backup=_backup(*[item("failed", call_status=DENIED)] * 5000), error="x" * 10_000)
    assert len(record["failures"]) == 100 and record["more_failures"] == 4900
    assert len(json.dumps(record)) < 40_000


def test_an_unreachable_host_is_told_apart() -> None:
    lost = {"unreachable": True, "msg": "Connection\n refused"}
    assert fleet_fault(lost) == "The host could not be reached: Connection refused"
    record = _record(backup={"msg": "done"}, verify=lost, error=fleet_fault(lost))
    assert (record["outcome"], record["step"]) == ("unreachable", "verify")


@pytest.mark.parametrize(
    ("backups", "said"),
    [
        ([_listed("ok", 1)], ""),
        # What an interrupted backup has left, and what is being deleted: neither ever counted.
        ([_listed("ok", 1), _listed("damaged", None)], ""),
        # A copy without its catalog: nothing was verified.
        ([_listed("uncatalogued", None), _listed("damaged", None)], "The catalog (the folder .gpvault) knows nothing"),
        ([_listed("damaged", 7)], "1 backup no longer what was backed up: 'Kiosk' of an unknown time: A file is"),
        ([_listed("ok", 7, in_manifest=False)], "GPMC may not find 1 backup that manifest.xml does not list"),
    ],
)
def test_a_verification_fails_for_what_was_good_once(backups: list[dict[str, t.Any]], said: str) -> None:
    assert fleet_fault(_verified(*backups)).startswith(said) and bool(fleet_fault(_verified(*backups))) is bool(said)


@pytest.mark.parametrize(
    ("known", "left_behind", "damaged", "more", "warned"),
    [(150, 0, 150, 50, False), (100, 50, 150, 50, False), (99, 51, 99, 0, True), (0, 150, 0, 0, True)],
)
def test_damaged_backups_that_a_result_has_no_room_for(
    known: int, left_behind: int, damaged: int, more: int, warned: bool
) -> None:
    """Those that were backups once come first. Where none of the others is told of, the rest may be such, too."""
    result = BackupInfoResult(states=("damaged",), detail="summary")
    result.add(reply(_listed("ok", 1), *[_listed("damaged", None)] * left_behind, *[_listed("damaged", 7)] * known))
    shown = result.shown()
    assert len(shown["backups"]) == 100 and bool(fleet_fault(shown)) is bool(known)
    assert ("50 damaged backups of which the result does not say more" in fleet_fault(shown)) is bool(more)
    record = _record(verify=shown)
    assert (record["damaged"], record["more_failures"], bool(record["warnings"])) == (damaged, more, warned)


def test_what_interrupted_backups_left_is_a_warning() -> None:
    record = _record(verify=_verified(_listed("damaged", None), _listed("damaged", 3)), error="damaged")
    assert record["damaged"] == 1 and [one["step"] for one in record["failures"]] == ["verify"]
    (warning,) = record["warnings"]
    assert warning.startswith("1 folder that failed or interrupted backups have left")


@pytest.mark.parametrize(("limit", "outcome"), [("", "ok"), ("9h", "ok"), ("8h", "late"), (None, "ok")])
def test_the_alarm_goes_by_the_oldest_newest_backup(limit: str, outcome: str) -> None:
    older = {**_BACKUP, "timestamp": "2026-01-02T03:04:05Z"}
    newer = {**_BACKUP, "timestamp": "2026-01-02T11:00:00Z"}
    backup = _backup(item("created", backup=newer), item("unchanged", backup=older))
    record = _record(backup=backup, max_age=limit)
    assert record["outcome"] == outcome
    assert outcome == "ok" or "'Kiosk' is 8h old, and 8h is what is allowed" in record["msg"]


@pytest.mark.parametrize(
    ("limit", "check_mode", "outcome"), [("8d", False, "late"), ("8d", True, "ok"), ("", False, "ok")]
)
def test_a_backup_of_nothing_is_not_on_time(limit: str, check_mode: bool, outcome: str) -> None:
    backup = {**_backup(), "check_mode": check_mode}
    assert backup["oldest"] is None
    record = _record(backup=backup, max_age=limit)
    assert record["outcome"] == outcome and ("No GPO of the domain has a backup" in record["msg"]) is (outcome != "ok")


def test_a_clock_that_is_ahead_makes_no_negative_age() -> None:
    backup = _backup(item("created", backup={**_BACKUP, "timestamp": "2026-01-03T00:00:00Z"}))
    assert _record(backup=backup, max_age="1h")["age"] == 0


def test_a_step_that_failed_is_no_success_whatever_came_before() -> None:
    record = _record(backup=_backup(item("created", backup=_BACKUP)), collect={"failed": True, "msg": "no"}, error="no")
    assert (record["outcome"], record["step"], record["new"]) == ("failed", "collect", 1)


def test_a_backup_that_failed_in_part_is_the_step_that_failed() -> None:
    """The steps after it were made all the same, and are told of."""
    backup = _backup(item("failed", call_status=DENIED), item("created", backup=_BACKUP))
    verify = _verified(_listed("damaged", 7))
    collect = {"summary": {"copied": 4}, "msg": "4 copied."}
    record = _record(backup=backup, verify=verify, collect=collect, error=backup["msg"])
    assert (record["outcome"], record["step"], record["damaged"], record["copied"]) == ("failed", "backup", 1, 4)
    assert [one["step"] for one in record["failures"]] == ["backup", "verify"]


def test_what_a_further_host_lacks_is_a_failure_of_the_domain_alone() -> None:
    gpo = {"id": "{A}", "name": "Kiosk", "domain": "corp.example"}
    denied = {"outcome": "failed", "gpo": gpo, "backup": {"id": "{1}"}, "trouble": "Denied."}
    hosts = [
        {"to": "dr1", "summary": {"copied": 2}, "msg": "2 copied."},
        {"to": "dr2", "summary": {"copied": 1}, "msg": "1 copied,\n1 failed", "failed": True, "backups": [denied]},
        {"to": "dr3", "msg": "Connection refused", "unreachable": True},
        {"to": "dr4", "skipped": True},
    ]
    loop = {"results": [{"ansible_loop_var": "to", **one} for one in hosts], "failed": True, "unreachable": True}
    said = "Not all copies are on 2 of 3 further hosts: dr2: 1 copied, 1 failed | dr3: Connection refused"
    assert fleet_fault(loop) == said
    steps = {"backup": _backup(item("created", backup=_BACKUP)), "collect": {"summary": {"copied": 2}, "msg": "2."}}
    record = _record(**steps, pass_on=loop, error=said)
    # Another management host would not help.
    assert (record["outcome"], record["step"], record["copied"], record["passed_on"]) == ("failed", "collect", 2, 3)
    assert [(one["name"], one["reason"]) for one in record["failures"]] == [
        ("dr2: Kiosk", "Denied."), ("dr3", "Connection refused"),
    ]  # fmt: skip
    # Drift is looked for all the same.
    drift = {"summary": {"selected": 1, "differing": 0}, "comparisons": [], "msg": "No drift."}
    assert _record(**steps, pass_on=loop, drift=drift, error=said)["step"] == "collect"
    well = {"results": [loop["results"][0]]}
    assert fleet_fault(well) == fleet_fault({"results": [], "skipped": True}) == ""
    assert _record(**steps, pass_on=well)["msg"].endswith("2. dr1: 2 copied.")
    assert _record(**steps)["passed_on"] is None


def test_nothing_pruned_where_nothing_was_verified_is_told() -> None:
    record = _record(given={"unpruned": "Nothing was pruned."}, backup=_backup(item("created", backup=_BACKUP)))
    assert record["warnings"] == ["Nothing was pruned."]


@pytest.mark.parametrize(
    ("inaccessible", "hidden", "warned"), [("warn", 1, True), ("warn", 0, False), ("ignore", 1, False)]
)
def test_what_cannot_be_seen_is_no_warning_where_that_is_accepted(inaccessible: str, hidden: int, warned: bool) -> None:
    """By gpo_vault_inaccessible, or since the backup, which knows what is excluded, misses none."""
    found = {"inaccessible": ["{A}"]}
    check = {"check": "gpos", "verdict": "warning", "message": "Not {A}.", "fix": None, "detail": {"found": found}}
    backup = _backup(item("created", backup=_BACKUP))
    backup["summary"]["inaccessible"] = hidden
    record = _record(given={"inaccessible": inaccessible}, preflight={"checks": [check]}, backup=backup)
    assert bool(record["warnings"]) is warned
    record = _record(given={"inaccessible": inaccessible}, backup=backup)
    assert bool(record["warnings"]) is warned


def test_variables_that_cannot_work_are_refused() -> None:
    good = {
        "hosts": {"v": ["mgmt1"]}, "inventory": ["corp.example", "mgmt1"], "needs": {"v": {"a": "/srv/gpo"}, "w": {}},
        "folders": {"a": "/srv/gpo", "b": "~/gpo", "c": ""}, "durations": {"d": "8d", "e": "", "f": 3600},
    }  # fmt: skip
    assert fleet_refusal(good) == ""
    strange = fleet_refusal({**good, "hosts": {"v": ["mgmt1", "mgmt2"]}})
    assert strange == "v names what is no host of the inventory: mgmt2."
    assert fleet_refusal({**good, "needs": {"v": {"a": "", "b": "x"}}}) == "v needs a."
    assert "a is 'copies', a relative path" in fleet_refusal({**good, "folders": {"a": "copies"}})
    assert "d is '8 days', which is not a duration" in fleet_refusal({**good, "durations": {"d": "8 days"}})
    with pytest.raises(AnsibleFilterError, match="fleet_refusal cannot read"):
        fleet_refusal({"hosts": {"v": ["mgmt1"]}})


def test_checks_that_failed_or_warn() -> None:
    checks = [
        {"check": "gpmc", "verdict": "failed", "message": "It is missing.", "fix": "Install it."},
        {"check": "clock", "verdict": "warning", "message": "300 s apart.", "fix": None},
        {"check": "path", "verdict": "ok", "message": "Well.", "fix": None},
    ]
    record = _record(preflight={"failed": True, "msg": "1 check failed.", "checks": checks}, error="1 check failed.")
    assert [(one["name"], one["reason"]) for one in record["failures"]] == [("gpmc", "It is missing. Install it.")]
    assert record["warnings"] == ["clock: 300 s apart."] and record["step"] == "preflight"


def test_all_domains() -> None:
    well = _record(backup=_backup(item("created", backup=_BACKUP)))
    failed = _record(backup=_backup(item("failed", call_status=DENIED)), error="1 of 1 GPO failed")
    fleet = fleet_summary([well, failed, None, {"outcome": "failed", "msg": "bad path"}], ["h1", "h2", "h3", "h4"])
    assert fleet["good"] is False and fleet["msg"].startswith("3 of 4 domains not well: h2: 1 of 1 GPO failed | h3: ")
    assert fleet["summary"] == {
        "domains": 4, "ok": 1, "failed": 3, "late": 0, "unreachable": 0, "gpos": 2, "new": 1, "gpos_failed": 1,
        "oldest_age": well["age"],
    }  # fmt: skip
    assert fleet["lines"][0].split() == ["HOST", "DOMAIN", "OUTCOME", "GPOS", "NEW", "FAILED", "OLDEST", "SECONDS"]
    assert fleet["lines"][2].split() == ["h1", "corp.example", "ok", "1", "1", "0", "8h", "90"]
    assert fleet["lines"][4].split() == ["h3", "-", "failed", "-", "-", "-", "-", "-"]
    assert fleet["reasons"][0].startswith("h2: backup: Kiosk: 0x80070005")
    assert fleet["reasons"][1:] == ["h3: The cycle did not come to its end.", "h4: bad path"]


def test_a_step_that_counts_no_gpos() -> None:
    """A preflight alone: what it is about is told, and no number that nobody has counted."""
    record = _record(preflight={"domain": "corp.example", "checks": [], "msg": "11 checks: 11 ok."})
    fleet = fleet_summary([record], ["h1"])
    assert fleet["lines"][2].split() == ["h1", "corp.example", "ok", "-", "-", "-", "-", "90"]
    assert (fleet["good"], fleet["msg"]) == (True, "1 domain well.")


def test_no_domain_at_all_is_not_well() -> None:
    assert fleet_summary([], [])["good"] is False


def test_the_numbers_are_small_for_any_fleet() -> None:
    failed = _record(backup=_backup(*[item("failed", call_status=DENIED)] * 500), error="y" * 1000)
    fleet = fleet_summary([failed] * 200, [f"host{number}" for number in range(200)])
    assert len(json.dumps(fleet["stats"])) < 50_000
    assert len(fleet["reasons"]) == 201 and fleet["reasons"][-1] == f"and {200 * 101 - 200} more"


def test_values_for_a_spreadsheet_are_no_formulas() -> None:
    bad = item("failed", call_status=DENIED)
    bad["gpo"] = {**bad["gpo"], "name": '=HYPERLINK("http://x","y"),1'}
    fleet = fleet_summary([_record(backup=_backup(bad), error="no")], ["h1"])
    (row,) = csv.DictReader(io.StringIO(fleet_csv(fleet, "failures")))
    assert row["name"] == "'=HYPERLINK(\"http://x\",\"y\"),1" and row["host"] == "h1"
    (row,) = csv.DictReader(io.StringIO(fleet_csv(fleet)))
    assert (row["outcome"], row["gpos"], row["copied"]) == ("failed", "1", "")


def test_what_is_no_record_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="fleet_summary takes"):
        fleet_summary([{}], ["h1", "h2"])
    with pytest.raises(AnsibleFilterError, match="fleet_record cannot read"):
        fleet_record({}, host="h1")
    with pytest.raises(AnsibleFilterError, match="not for gpos"):
        fleet_csv({}, "gpos")


_MOVING = "Kiosk\x1b[2J\x1b]0;evil\x07\u202egnp.exe\nhost2"
"""A name that clears the terminal, gives it a title and turns the line around, and has a second line."""


def _assert_printable(*texts: str) -> None:
    assert all(text and text.isprintable() for text in texts), texts


def test_what_a_name_has_to_say_to_a_terminal_stays_data() -> None:
    gpo = {"id": "{A}", "name": _MOVING, "domain": "corp.example"}
    spoilt = _verified(_listed("damaged", 7, gpo=gpo, problems=[f"The file {_MOVING} is missing."]))
    _assert_printable(fleet_fault(spoilt))
    backup = _backup(item("created", gpo=gpo, backup=_BACKUP))
    late = _record(backup=backup, max_age="1h")
    failed = _record(backup=_backup(item("failed", gpo=gpo, trouble=trouble("backup", message=_MOVING))), error=_MOVING)
    damaged = _record(verify=spoilt, error=fleet_fault(spoilt))
    _assert_printable(late["msg"], failed["msg"], damaged["msg"])
    # What the rescue of a playbook leaves.
    raw = {"outcome": "failed", "msg": _MOVING * 100, "warnings": [_MOVING]}
    fleet = fleet_summary([late, failed, damaged, raw], ["h1", "h2", "h3", "h4"])
    handed_on = [one["msg"] for one in fleet["stats"]["domains"]]
    _assert_printable(fleet["msg"], *fleet["lines"], *fleet["reasons"], *handed_on)
    assert max(map(len, fleet["reasons"])) < 1000 and len(fleet["msg"]) < 1500
    # In a file it is the name that the domain has.
    assert fleet["domains"][2]["failures"][0]["name"] == _MOVING


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0s"), (119, "119s"), (120, "2m"), (7200, "2h"), (172799, "47h"), (172800, "2d")]
)
def test_an_age_in_words(seconds: int, said: str) -> None:
    assert age_in_words(seconds) == said


def _left(*records: t.Mapping[str, t.Any]) -> list[str]:
    """Return what a run leaves of its domains."""
    fleet = fleet_summary(list(records), [one["host"] for one in records])
    return [json.dumps({"summary": fleet["summary"], "domains": fleet["domains"]})]


def _asked(record: dict[str, t.Any], earlier: list[str], later: float = 0, **more: t.Any) -> dict[str, t.Any]:
    """Return what becomes of a host's record with what other runs have left."""
    (domain,) = fleet_summary([record], ["h1"], earlier=earlier, now=_NOON + later, **more)["domains"]
    return domain


def _aged(state: str, sequence: int | None, timestamp: str, name: str = "Kiosk", **more: t.Any) -> dict[str, t.Any]:
    gpo = {"id": f"{{{name}}}", "name": name, "domain": "corp.example"}
    return {**_listed(state, sequence), "timestamp": timestamp, "purpose": "backup", "gpo": gpo, **more}


_MONDAY, _TUESDAY, _WEDNESDAY = (f"2025-12-{day}T12:00:00Z" for day in (29, 30, 31))


def test_a_verification_knows_the_newest_and_the_oldest_good_backup() -> None:
    """Not one that is damaged or a safety copy; and of each GPO the newest, which a clock need not agree with."""
    shown = _verified(
        _aged("ok", 1, _WEDNESDAY), _aged("ok", 2, _TUESDAY), _aged("damaged", 3, _WEDNESDAY),
        _aged("ok", 4, _WEDNESDAY, purpose="safety"), _aged("ok", 1, _MONDAY, name="Old"),
        _aged("uncatalogued", None, "2020-01-01T00:00:00Z", name="Foreign"),
    )  # fmt: skip
    assert (shown["newest"]["timestamp"], shown["newest"]["gpo"]["name"]) == (_TUESDAY, "Kiosk")
    assert (shown["oldest"]["timestamp"], shown["oldest"]["gpo"]["name"]) == (_MONDAY, "Old")


@pytest.mark.parametrize(
    ("limit", "outcome", "said"),
    [("2d", "late", "of the domain is 3d old, and 2d"), ("3d", "ok", ""), ("5d", "ok", "")],
)
def test_the_alarm_without_a_backup_goes_by_the_newest_backup_in_the_directory(
    limit: str, outcome: str, said: str
) -> None:
    """And of the oldest it warns: that GPO may have been deleted, which only the domain knows."""
    verify = _verified(_aged("ok", 1, _TUESDAY), _aged("ok", 1, _MONDAY, name="Old"))
    record = _record(verify=verify, max_age=limit)
    assert record["outcome"] == outcome and said in record["msg"]
    warned = "".join(record["warnings"])
    assert ("of 'Old', unless that GPO has been deleted, is 4d old, and 3d" in warned) is (limit == "3d")


def test_a_directory_without_a_good_backup_is_late() -> None:
    record = _record(verify=_verified(_aged("damaged", None, _MONDAY)), max_age="2d")
    assert record["outcome"] == "late" and "no good backup" in record["msg"]
    assert _record(verify={**_verified(), "check_mode": True}, max_age="2d")["outcome"] == "ok"
    assert _record(preflight={"msg": "well", "checks": []}, max_age="2d")["outcome"] == "ok"


def test_an_unreachable_domain_has_the_age_that_an_earlier_run_knew() -> None:
    lost = _record(preflight={"unreachable": True, "msg": "no"}, error="no", max_age="8h")
    assert _asked(lost, [])["warnings"] == ["How old its backups are is not known."]
    before = _left(_record(backup=_backup(item("created", backup=_BACKUP))))
    domain = _asked(lost, before, later=3600)
    assert (domain["outcome"], domain["age"], domain["oldest_gpo"]["name"]) == ("unreachable", 35755, "Kiosk")
    (warning,) = domain["warnings"]
    assert warning.endswith("is 9h old, and 8h is what is allowed. That is as of 2026-01-02T12:00:00Z.")
    # What the first run knew is still known after the second.
    again = _asked(lost, _left(domain), later=7200)
    assert (again["oldest_known"], again["age"]) == ("2026-01-02T12:00:00Z", 39355)
    # Nothing is told of it where no alarm is asked for.
    assert _asked({**lost, "max_age": None}, before)["warnings"] == []


def test_the_alarm_goes_off_in_a_run_that_learns_no_age() -> None:
    """A preflight, say. A verification has looked for itself."""
    before = _left(_record(backup=_backup(item("created", backup=_BACKUP))))
    preflight = _record(preflight={"msg": "well", "checks": []}, max_age="8h")
    domain = _asked(preflight, before)
    assert domain["outcome"] == "late" and "That is as of" in domain["msg"]
    verified = _record(verify=_verified(_aged("ok", 1, "2026-01-02T11:00:00Z")), max_age="8h")
    assert _asked(verified, before)["outcome"] == "ok"


def test_slices_are_told_of_as_one_run_would_tell_of_them() -> None:
    backup = _backup(item("created", backup=_BACKUP))
    bad = _backup(item("failed", call_status=DENIED))
    steps = [{"backup": backup}] * 4 + [{"backup": bad, "error": "no"}, {"verify": _verified()}]
    records = [_record(given={"host": f"h{number}"}, **one) for number, one in enumerate(steps)]
    hosts = [one["host"] for one in records]
    slices = [text for number in range(3) for text in _left(*records[number::3])]
    # An older run counts no more, nor does what is no file of ours.
    slices += [json.dumps({"domains": [{**records[0], "time": "2026-01-01T00:00:00Z", "gpos": 77}]}), "[]", "{", "{}"]
    together = fleet_summary([{}] * 6, hosts, earlier=slices, now=_NOON, since="1d")
    assert together == fleet_summary(records, hosts)
    assert together["summary"]["failed"] == 1


def test_a_slice_that_did_not_run_is_no_success() -> None:
    before = _left(_record(backup=_backup(item("created", backup=_BACKUP))))
    domain = _asked({}, before, later=3 * 86400, since="1d")
    assert (domain["outcome"], domain["msg"]) == ("failed", "The last record of it is 3d old, and 1d is what counts.")
    assert _asked({}, [], since="1d")["msg"] == "No run has left a record of it."
    # And unless other runs are asked for, none stands in for one that did not come to its end.
    assert _asked({}, before)["msg"] == "The cycle did not come to its end."


@pytest.mark.parametrize(
    "spoilt", [{"outcome": "fine"}, {"time": None}, {"time": "noon"}, {"gpos": "3"}, {"failures": 3}, {"max_age": "x"}]
)
def test_a_record_that_is_none_does_not_count(spoilt: dict[str, t.Any]) -> None:
    good = _record(backup=_backup(item("created", backup=_BACKUP)))
    text = json.dumps({"domains": [{**good, **spoilt}]})
    assert _asked({}, [text], since="1d")["msg"] == "No run has left a record of it."
