# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_backup_info and gpo_backup_prune on the controller: trips, cursor, decision, results on every path."""

from __future__ import annotations

import re
import typing as t

import exchanges
import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible_collections.gpvault.gpmc.plugins.action import gpo_backup_info, gpo_backup_prune
from replies import DENIED, GPO, item, received, trouble

INFO_KEYS = {
    "check_mode", "changed", "msg", "path", "overall_status", "summary", "newest", "oldest", "backups", "history",
    "invocation",
}  # fmt: skip
PRUNE_KEYS = {
    "changed", "msg", "path", "run_id", "domain", "domain_controller", "overall_status", "summary", "pruned", "kept",
    "check_mode", "invocation",
}  # fmt: skip
BACKUP_KEYS = {
    "id", "path", "timestamp", "comment", "gpo", "purpose", "state", "problems", "sequence", "run_id", "approved",
    "in_manifest", "files", "size",
}  # fmt: skip
_PATH = {"path": "D:\\GPO"}
_DIED = {"received": {"failed": True, "rc": 1, "msg": "", "module_stderr": "It died"}}


def _id(number: int) -> str:
    return f"{{00000000-0000-0000-0000-{number:012d}}}"


def _backup(number: int, **given: t.Any) -> dict[str, t.Any]:
    return {
        "id": _id(number), "path": "D:\\GPO\\x", "timestamp": f"2026-03-{number:02d}T00:00:00Z", "comment": "",
        "gpo": GPO, "purpose": "backup", "state": "ok", "problems": [], "sequence": number, "run_id": "r",
        "in_manifest": True, "approved": False, "files": 4, "size": 100, "asked": True, "spared": None,
        "interrupted": False, **given,
    }  # fmt: skip


def _listing(
    backups: t.Sequence[dict[str, t.Any]], cursor: tuple[str, int, bool], **given: t.Any
) -> dict[str, t.Any]:
    """Return what comes of a trip that listed these backups."""
    place = dict(zip(("after", "done", "more"), cursor, strict=True))
    return received(*backups, **{"selected": None, "matched": [], "cursor": place, **given})


def _item(number: int, outcome: str, **given: t.Any) -> dict[str, t.Any]:
    """Return what the host sends of a backup that it was to delete."""
    sent = item(outcome, id=_id(number), changed=outcome == "pruned", **given)
    del sent["gpo"]
    return sent


def _play(
    monkeypatch: pytest.MonkeyPatch, module: t.Any, args: dict[str, t.Any], trips: t.Sequence[t.Any], **task: t.Any
) -> tuple[dict[str, t.Any], list[dict[str, t.Any]], list[str]]:
    """Run an action plugin against these replies; return its result, what it sent and what it showed."""
    name = module.ActionModule.MODULE.rpartition(".")[2]
    result, player = exchanges.play(monkeypatch, args, trips, module=name, **task)
    assert not player.waiting
    keys = INFO_KEYS if module is gpo_backup_info else PRUNE_KEYS
    assert set(result) - {"failed", "warnings", "diff"} == keys
    return result, player.sent, player.shown


def test_info_goes_on_behind_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    trips = [
        _listing([_backup(1)], (_id(4), 4, True), selected=7),
        _listing([_backup(5, state="damaged", problems=["The file\nx is missing."])], (_id(7), 3, False)),
    ]
    result, sent, shown = _play(monkeypatch, gpo_backup_info, {**_PATH, "verify": "full"}, trips)
    assert [args["_after"] for args in sent] == ["", _id(4)]
    assert not {"_remaining", "_lock_wait", "domain_controller"} & set(sent[0])
    lines = [line.removeprefix("[host1] gpvault.gpmc.gpo_backup_info: ") for line in shown]
    assert lines[0].startswith("4/7 backups, ") and lines[1].startswith("7/7 backups, ")
    assert lines[2:] == [f"{_id(5)} of 'Kiosk' {GPO['id']} is damaged: The file x is missing.", result["msg"]]
    assert result["summary"] == {
        "total": 2, "ok": 1, "uncatalogued": 0, "damaged": 1, "foreign": 0, "unlisted": 0,
    }  # fmt: skip
    assert result["changed"] is False
    assert [backup["id"] for backup in result["backups"]] == [_id(5), _id(1)]
    assert all(set(backup) == BACKUP_KEYS for backup in result["backups"])
    assert result["backups"][0]["problems"] == ["The file x is missing."]
    assert result["msg"] == "2 backups: 1 ok, 0 uncatalogued, 1 damaged."


def test_info_shows_the_states_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    trip = _listing([_backup(1), _backup(2, state="damaged")], (_id(2), 2, False), selected=2)
    result, _sent, _shown = _play(monkeypatch, gpo_backup_info, {**_PATH, "states": "damaged"}, [trip])
    assert [backup["id"] for backup in result["backups"]] == [_id(2)] and result["summary"]["total"] == 2


@pytest.mark.parametrize(
    ("module", "options", "said"),
    [
        (gpo_backup_info, {"verify": "full", "fail_if_empty": True}, "0 backups: 0 ok, 0 uncatalogued, 0 damaged."),
        (gpo_backup_prune, {"keep_last": 1}, "0 of 0 backups would be pruned, 0 kept."),
    ],
)
def test_a_directory_that_is_still_to_come_is_empty(
    monkeypatch: pytest.MonkeyPatch, module: t.Any, options: dict[str, t.Any], said: str
) -> None:
    """In check mode, where a task before this one would have made it."""
    args = {**_PATH, **options, "gpos": "Kiosk"}
    trip = _listing([], ("", 0, False), selected=0, still_to_come=True)
    result, _sent, _shown = _play(monkeypatch, module, args, [trip], check_mode=True)
    assert "failed" not in result and "warnings" not in result and result["changed"] is False
    assert result["msg"].startswith(f"{said} The directory is missing or empty; in check mode")


def test_info_counts_what_is_no_backup_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    trip = _listing([_backup(1), _backup(2, state="foreign", in_manifest=False)], (_id(2), 2, False), selected=2)
    result, _sent, _shown = _play(monkeypatch, gpo_backup_info, dict(_PATH), [trip])
    assert (result["summary"]["total"], result["summary"]["foreign"]) == (1, 1) and "warnings" not in result
    assert result["msg"] == "1 backup: 1 ok, 0 uncatalogued, 0 damaged. 1 folder of others."


def test_info_warns_of_what_the_manifest_does_not_list(monkeypatch: pytest.MonkeyPatch) -> None:
    backups = [_backup(1, in_manifest=False), _backup(2, in_manifest=False, state="damaged"), _backup(3)]
    trip = _listing(backups, (_id(3), 3, False), selected=3)
    result, _sent, _shown = _play(monkeypatch, gpo_backup_info, dict(_PATH), [trip])
    assert result["summary"]["unlisted"] == 1 and not result.get("failed")
    (warning,) = result["warnings"]
    assert warning.startswith("manifest.xml does not list 1 backup that could be restored (gpo_backup_index ")


_NOTHING_THERE = {
    "catalog": False, "uncatalogued": {"backups": 0, "gpos": 0}, "domains": [], "renamed": [], "below": ["GPO"],
    "above": None, "gone": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("args", "failed"),
    [
        ({}, False),
        ({"verify": "full"}, True),
        ({"verify": "full", "gpos": "Kiosk"}, False),
        ({"fail_if_empty": True}, True),
    ],
)
def test_info_that_finds_nothing(monkeypatch: pytest.MonkeyPatch, args: dict[str, t.Any], failed: bool) -> None:
    """A directory of which every backup was to be verified, and that has none, is no success."""
    foreign = _backup(1, state="foreign")
    trip = _listing([foreign], (_id(1), 1, False), selected=1, survey=_NOTHING_THERE, matched=["kiosk"])
    result, _sent, _shown = _play(monkeypatch, gpo_backup_info, {**_PATH, **args}, [trip])
    assert bool(result.get("failed")) is failed
    told = " ".join([result["msg"], *result.get("warnings", ())])
    assert "There are backups one level lower, in 'GPO'." in told


def test_a_first_night_in_check_mode_finds_nothing_and_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has backed up what this task is to verify; the backups of other domains are there already."""
    args = {**_PATH, "verify": "full", "fail_if_empty": True, "domain": "corp.example"}
    trip = _listing([], (_id(9), 9, False), selected=9)
    for check_mode in (True, False):
        result, _sent, _shown = _play(monkeypatch, gpo_backup_info, args, [trip], check_mode=check_mode)
        assert bool(result.get("failed")) is not check_mode
        told = " ".join([result["msg"], *result.get("warnings", ())])
        assert "Of 9 backups there none is one of corp.example that is asked for." in told


@pytest.mark.parametrize(
    ("args", "failed"),
    [
        ({}, False),
        ({"fail_if_empty": True}, False),
        ({"verify": "full"}, True),
        ({"verify": "full", "gpos": "*"}, False),
    ],
)
def test_a_copy_without_its_catalog_cannot_be_verified(
    monkeypatch: pytest.MonkeyPatch, args: dict[str, t.Any], failed: bool
) -> None:
    backups = [_backup(number, state="uncatalogued", sequence=None) for number in (1, 2)]
    trip = _listing(backups, (_id(2), 2, False), selected=2, matched=["*"])
    result, _sent, _shown = _play(monkeypatch, gpo_backup_info, {**_PATH, **args}, [trip])
    assert bool(result.get("failed")) is failed and result["summary"]["uncatalogued"] == 2
    assert ("knows nothing of the 2 backups there" in result["msg"]) is failed
    result, _sent, _shown = _play(monkeypatch, gpo_backup_info, {**_PATH, **args}, [trip], check_mode=True)
    assert not result.get("failed")


def test_info_warns_of_what_has_no_backup(monkeypatch: pytest.MonkeyPatch) -> None:
    trip = _listing([_backup(1)], (_id(1), 1, False), selected=1, matched=["KIOSK"])
    result, _sent, _shown = _play(monkeypatch, gpo_backup_info, {**_PATH, "gpos": ["Kiosk", "x*"]}, [trip])
    assert result["warnings"] == ["The directory has no backup of 'x*'."]


def _record(number: int, name: str = "Wait", **given: t.Any) -> dict[str, t.Any]:
    change = {
        "half": "computer", "extension": "X", "kind": "added", "place": ["P"], "name": name, "before": None,
        "after": "1",
    }  # fmt: skip
    return {
        "schema": 1, "gpo": GPO,
        "backup": {"id": _id(number), "timestamp": f"2026-03-{number:02d}T00:00:00Z", "comment": "c"},
        "since": {"id": _id(number - 1), "timestamp": "t"}, "reasons": ["files"], "approved": False, "fault": None,
        "changes": [change], "change_count": 1, **given,
    }  # fmt: skip


def test_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there, what is gone, and what is no version; a record may be anybody's."""
    hostile = [{"half": "x"}, "y", {**_record(1)["changes"][0], "name": 5}]
    listed = [
        _backup(5, reasons=["files"], change_record=_record(5, approved="yes", change_count="many"), approved=True),
        _backup(4, reasons=["forced"], change_record=None),
        _backup(6, purpose="safety", reasons=["safety"], change_record=None),
        _backup(7, sequence=None, purpose=None, state="uncatalogued", reasons=None, change_record=None),
        {"id": _id(3), "gone": True, "gpo": GPO, "sequence": 3, "change_record": _record(3, changes=hostile, since=7)},
        {"id": _id(2), "gone": True, "gpo": GPO, "sequence": 2, "change_record": _record(2, reasons=7, changes=None)},
    ]
    trip = _listing(listed, (_id(7), 6, False), selected=6)
    result, sent, _shown = _play(monkeypatch, gpo_backup_info, {**_PATH, "changes": True}, [trip])
    assert sent[0]["changes"] is True and result["summary"]["total"] == 4 == len(result["backups"])
    (of_gpo,) = result["history"]
    assert of_gpo["gpo"] == GPO
    newest, forced, hostile_one, bare = of_gpo["versions"]
    assert [one["sequence"] for one in of_gpo["versions"]] == [5, 4, 3, 2]
    assert (newest["changes"], newest["change_count"]) == (_record(5)["changes"], 1)
    assert newest["approved"] is True and newest["pruned"] is False and newest["since"]["id"] == _id(4)
    assert forced["reasons"] == ["forced"] and forced["changes"] is None and forced["since"] is None
    assert hostile_one["pruned"] is True and hostile_one["changes"] == [] and hostile_one["since"] is None
    assert (bare["reasons"], bare["changes"], bare["comment"]) == ([], None, "c")


def test_the_history_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest versions have what changed."""
    many = [_record(1, "x" * 400)["changes"][0]] * 100
    listed = [
        {
            "id": _id(n), "gone": True, "gpo": GPO, "sequence": n,
            "change_record": _record(n, changes=many, change_count=100),
        }
        for n in range(1, 10)
    ]
    trip = _listing(listed, (_id(9), 9, False), selected=9)
    result, _sent, _shown = _play(monkeypatch, gpo_backup_info, {**_PATH, "changes": True}, [trip])
    versions = result["history"][0]["versions"]
    assert [len(one["changes"]) for one in versions][:2] == [100, 100] and versions[-1]["changes"] == []
    assert {one["change_count"] for one in versions} == {100}


def test_a_lost_trip_is_made_once_more_and_then_told(monkeypatch: pytest.MonkeyPatch) -> None:
    trips = [_listing([_backup(1)], (_id(1), 1, True), selected=2), _DIED, _DIED]
    result, sent, _shown = _play(monkeypatch, gpo_backup_info, dict(_PATH), trips)
    assert [args["_after"] for args in sent] == ["", _id(1), _id(1)]
    assert result["failed"] is True and "It died" in result["msg"] and len(result["backups"]) == 1
    lost = {"received": AnsibleConnectionFailure("gone")}
    result, _sent, _shown = _play(monkeypatch, gpo_backup_prune, {**_PATH, "keep_last": 1}, [lost, lost])
    assert result["failed"] is True and result["kept"] == [] and result["changed"] is False


def test_prune_lists_decides_and_deletes_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    trips = [
        _listing([_backup(4)], (_id(4), 1, True), selected=4, existing=[GPO["id"]]),
        _listing([_backup(number) for number in (3, 2, 1)], (_id(3), 3, False)),
        received(_item(1, "pruned"), selected=None, remaining=[{"id": _id(left), "name": None} for left in (2, 3)]),
        received(_item(2, "pruned"), _item(3, "kept"), selected=None),
    ]
    result, sent, shown = _play(monkeypatch, gpo_backup_prune, {**_PATH, "keep_last": 1}, trips)
    assert [args.get("_after") for args in sent] == ["", _id(4), None, None]
    assert [args.get("_remaining") for args in sent[2:]] == [[_id(1), _id(2), _id(3)], [_id(2), _id(3)]]
    assert len({args["_run_id"] for args in sent}) == 1 and sent[2]["domain"] == "corp.example"
    assert result["summary"] == {"backups": 4, "kept": 2, "pruned": 2, "failed": 0, "not_attempted": 0}
    assert [pruned["backup"]["id"] for pruned in result["pruned"]] == [_id(1), _id(2)]
    assert {kept["backup"]["id"]: kept["rules"] for kept in result["kept"]} == {
        _id(4): ["newest_good", "keep_last"], _id(3): ["changed_meanwhile"],
    }  # fmt: skip
    assert result["changed"] is True and result["msg"] == "2 of 4 backups pruned, 2 kept."
    assert "0/3 backups" in shown[1] and "1/3 backups" in shown[2]


def test_prune_in_check_mode_deletes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    trips = [_listing([_backup(1), _backup(2)], (_id(2), 2, False), selected=2, existing=[GPO["id"]])]
    args = {**_PATH, "keep_last": 1}
    result, sent, _shown = _play(monkeypatch, gpo_backup_prune, args, trips, check_mode=True, diff=True)
    assert len(sent) == 1 and result["changed"] is True
    assert result["summary"] == {"backups": 2, "kept": 1, "pruned": 1, "failed": 0, "not_attempted": 0}
    (diff,) = result["diff"]
    assert len(diff["before"].splitlines()) == 2 and _id(2) in diff["after"] and _id(1) not in diff["after"]
    assert result["msg"] == "1 of 2 backups would be pruned, 1 kept."


def test_prune_goes_on_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    trips = [
        _listing([_backup(1), _backup(2), _backup(3)], (_id(3), 3, False), selected=3, existing=[GPO["id"]]),
        received(_item(1, "failed", trouble=trouble("delete", DENIED)), _item(2, "pruned"), selected=None),
    ]
    result, _sent, _shown = _play(monkeypatch, gpo_backup_prune, {**_PATH, "keep_last": 1, "detail": "summary"}, trips)
    assert result["failed"] is True and result["overall_status"]["name"] == "E_ACCESSDENIED"
    assert result["msg"].startswith(
        f"1 of 2 backups failed: {_id(1)} of 'Kiosk': The backup could not be deleted: 0x80070005"
    )
    assert result["changed"] is True and result["pruned"][0]["trouble"]["step"] == "delete"
    assert [pruned["outcome"] for pruned in result["pruned"]] == ["failed"] and result["kept"] == []


def test_prune_that_loses_its_deletion_tells_what_was_not_attempted(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = _listing([_backup(n) for n in (1, 2, 3)], (_id(3), 3, False), selected=3, existing=[GPO["id"]])
    result, _sent, _shown = _play(monkeypatch, gpo_backup_prune, {**_PATH, "keep_last": 1}, [listed, _DIED, _DIED])
    assert result["summary"]["not_attempted"] == 2 and result["failed"] is True
    listed = _listing([_backup(n) for n in (1, 2)], (_id(2), 2, False), selected=2, existing=[GPO["id"]])
    result, _sent, _shown = _play(monkeypatch, gpo_backup_prune, {**_PATH, "keep_last": 1}, [listed, _DIED, _DIED])
    assert result["summary"]["failed"] == 1 and "It died" in result["msg"]


def test_prune_waits_for_another_run(monkeypatch: pytest.MonkeyPatch) -> None:
    locked = _listing([], ("", 0, True), selected=2, locked=True, locked_by={"host": "H", "process": 4})
    args = {**_PATH, "keep_last": 1, "lock_timeout": 15}
    result, sent, _shown = _play(monkeypatch, gpo_backup_prune, args, [locked, locked])
    assert [args["_lock_wait"] for args in sent] == ["10", "5"]
    assert result["failed"] is True and "stayed locked for 15 s" in result["msg"]


@pytest.mark.parametrize(
    ("module", "args", "said"),
    [
        (gpo_backup_info, {}, "'path' is required"),
        (gpo_backup_info, {**_PATH, "verify": "deep"}, "'verify'.*one of none, quick, full"),
        (gpo_backup_info, {**_PATH, "states": ["bad"]}, "'states'.*some of ok, uncatalogued, damaged, foreign"),
        (gpo_backup_info, {**_PATH, "gpos": []}, "'gpos'.*at least one"),
        (gpo_backup_info, {**_PATH, "keep_last": 1}, "Unknown option 'keep_last'"),
        (gpo_backup_info, {**_PATH, "_after": "x"}, "Unknown option '_after'"),
        (gpo_backup_prune, {**_PATH, "keep_safety_within": "30d", "keep_last": 1}, "it needs 'safety' in the option"),
        (gpo_backup_prune, {**_PATH, "keep_safety_within": "30d", "remove": "damaged"}, "it needs 'safety' in the"),
        (gpo_backup_prune, dict(_PATH), "At least one of the options 'keep_last'"),
        (gpo_backup_prune, {**_PATH, "remove": []}, "At least one of the options 'keep_last'"),
        (gpo_backup_prune, {**_PATH, "keep_last": 0}, "'keep_last'.*whole number from 1 to 100000"),
        (gpo_backup_prune, {**_PATH, "keep_daily": True}, "'keep_daily'.*whole number"),
        (gpo_backup_prune, {**_PATH, "keep_weekly": "many"}, "'keep_weekly'.*whole number"),
        (gpo_backup_prune, {**_PATH, "keep_monthly": 1.5}, "'keep_monthly'.*whole number"),
        (gpo_backup_prune, {**_PATH, "keep_within": "ever"}, "'keep_within'.*a duration"),
        (gpo_backup_prune, {**_PATH, "keep_last": 1, "remove": "all"}, "'remove'.*some of damaged"),
        (gpo_backup_prune, {**_PATH, "keep_last": 1, "deleted_gpos": "x"}, "'deleted_gpos'.*keep, prune"),
    ],
)
def test_bad_options_are_refused_without_a_trip(
    monkeypatch: pytest.MonkeyPatch, module: t.Any, args: dict[str, t.Any], said: str
) -> None:
    result, sent, _shown = _play(monkeypatch, module, args, [])
    assert sent == [] and result["failed"] is True and result["changed"] is False
    assert re.search(said, result["msg"]), result["msg"]
