# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_drill on the controller: what is no success, what is told of leftovers, and the trip that only tidies."""

from __future__ import annotations

import json
import typing as t

import exchanges
import pytest
from replies import DENIED, OK, item, received, trouble

_ARGS = {"path": "D:\\GPO", "all": True}
_BACKUP = {"id": "{1}", "path": "D:\\GPO\\{1}", "timestamp": "2026-01-02T03:04:05Z", "comment": ""}
_TEMPORARY = {"id": "{9}", "name": "gpvault drill, temporary: {8}", "deleted": True}
_GUID = "{31B2F340-016D-11D2-945F-00C04FB984F9}"
_LOST = {"received": {"failed": True, "msg": "gone"}}


def _drilled(outcome: str = "drilled", **changes: t.Any) -> dict[str, t.Any]:
    usual = {"backup": _BACKUP, "temporary": _TEMPORARY, "import_milliseconds": 1500, "deviations": None}
    return item(outcome, **{**usual, "call_status": OK, "overall_status": OK, **changes})


def _leftover(outcome: str, reason: str = "", **changes: t.Any) -> dict[str, t.Any]:
    usual = {"id": "{9}", "name": _TEMPORARY["name"], "file": "D:\\GPO\\.gpvault\\.drills\\{8}.json"}
    return {**usual, "controller": "dc7", "outcome": outcome, "reason": reason, "status": None, **changes}


def _play(
    monkeypatch: pytest.MonkeyPatch, *trips: t.Any, args: t.Mapping[str, t.Any] | None = None, **task: t.Any
) -> tuple[dict[str, t.Any], list[dict[str, t.Any]]]:
    result, player = exchanges.play(monkeypatch, {**_ARGS, **(args or {})}, trips, module="gpo_drill", **task)
    assert not player.waiting
    return result, player.sent


def test_what_a_recovery_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = _drilled("failed", id="{3}", import_milliseconds=None, overall_status=DENIED)
    result, _sent = _play(monkeypatch, received(_drilled(), _drilled(id="{2}"), refused, leftovers=[]))
    assert result["failed"] is True and result["changed"] is False
    assert result["recovery"] == {"gpos": 2, "seconds": 3.0}
    assert result["summary"] == {"selected": 3, "drilled": 2, "not_there_yet": 0, "failed": 1, "not_attempted": 0}
    assert [entry["outcome"] for entry in result["drills"]] == ["failed", "drilled", "drilled"]
    result, _sent = _play(monkeypatch, received(_drilled(), leftovers=[]), args={"detail": "summary"})
    assert not result.get("failed") and result["drills"] == []
    assert result["msg"] == "1 of 1 GPO can be recovered; to import them took 1.5 s."


@pytest.mark.parametrize("args", [{}, {"all": False, "gpos": "Nobody*"}])
def test_a_drill_of_nothing_is_no_success(monkeypatch: pytest.MonkeyPatch, args: dict[str, t.Any]) -> None:
    result, _sent = _play(monkeypatch, received(), args=args)
    assert result["failed"] is True and result["msg"].startswith("No GPO was selected.")
    assert result["recovery"] == {"gpos": 0, "seconds": 0}
    later = received(_drilled("not_there_yet", import_milliseconds=None), leftovers=[])
    result, _sent = _play(monkeypatch, later, args={"as_of": "2026-01-01"})
    assert result["failed"] is True and "made later than as_of" in result["msg"]


def test_what_came_out_is_not_what_the_backup_has(monkeypatch: pytest.MonkeyPatch) -> None:
    deviations = {"missing": ["Machine\\a"], "altered": [], "extra": [], "settings": ["User Lugs"], "unread": ""}
    entry = _drilled("failed", deviations=deviations, trouble=trouble("deviating"))
    result, _sent = _play(monkeypatch, received(entry, leftovers=[]))
    told = result["drills"][0]["trouble"]["message"]
    assert "files of the backup are not there: Machine\\a" in told and "User Lugs" in told
    damaged = _drilled("failed", trouble=trouble("damaged", message="Lost."), temporary=None)
    result, _sent = _play(monkeypatch, received(damaged, leftovers=[]))
    assert "force" not in json.dumps(result["drills"]) and "back the GPO up anew" in result["msg"]


def test_a_temporary_gpo_that_stays_is_tried_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = {**_TEMPORARY, "deleted": False}
    left = _drilled("failed", changed=True, temporary=temporary, trouble=trouble("temporary", DENIED))
    result, sent = _play(monkeypatch, received(left, leftovers=[]), received(leftovers=[_leftover("removed")]))
    assert result["changed"] is True and result["failed"] is True
    assert sent[-1]["_clean"] is True and sent[-1]["_remaining"] == [] and "_clean" not in sent[0]
    assert [one["outcome"] for one in result["leftovers"]] == ["removed"]
    assert any("had left" in warning and "has been deleted" in warning for warning in result["warnings"])


def test_a_trip_that_is_lost_is_followed_by_one_that_tidies(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for those that go on: they tidy themselves."""
    rest = received(_drilled(), remaining=[{"id": "{2}", "name": "Two"}], selected=2, leftovers=[])
    result, sent = _play(monkeypatch, rest, _LOST, _LOST, received(leftovers=[_leftover("removed")]))
    assert [bool(args.get("_clean")) for args in sent] == [False, False, False, True]
    assert result["summary"] == {"selected": 2, "drilled": 1, "not_there_yet": 0, "failed": 1, "not_attempted": 0}
    assert result["changed"] is True and [one["outcome"] for one in result["leftovers"]] == ["removed"]

    again = received(_drilled(id="{2}"), selected=None, leftovers=[_leftover("removed")])
    result, sent = _play(monkeypatch, rest, _LOST, again)
    assert not result.get("failed") and len(sent) == 3 and result["changed"] is True

    result, _sent = _play(monkeypatch, rest, _LOST, _LOST, _LOST, _LOST)
    assert any("may be left in the domain" in warning for warning in result["warnings"])
    result, _sent = _play(monkeypatch, rest, _LOST, _LOST, received(locked=True, selected=None))
    assert any("may be left in the domain" in warning for warning in result["warnings"])
    # Why the last trip, which was for that alone, came to nothing.
    holder = {"run_id": "other", "host": "HOST9", "process": 7, "since": "2026-01-02T03:04:05Z", "gpo": None}
    stopped = received(trouble=trouble("catalog", DENIED), selected=None)
    for last, said in ((received(locked=True, locked_by=holder, selected=None), "HOST9"), (stopped, "E_ACCESSDENIED")):
        result, _sent = _play(monkeypatch, rest, _LOST, _LOST, last)
        (told,) = (warning for warning in result["warnings"] if "may be left in the domain" in warning)
        assert said in told


@pytest.mark.parametrize(
    ("leftover", "said"),
    [
        (_leftover("kept", "renamed"), "it has another name today"),
        (_leftover("kept", "linked"), "It stays, because it is linked"),
        (_leftover("kept", "edited"), "not as the drill left it"),
        (_leftover("kept", "ambiguous"), "several GPOs have its name"),
        (_leftover("kept", "links_unread"), "could not be read"),
        (_leftover("kept", "other_controller"), "domain controller dc7"),
        (_leftover("kept", "failed", status=DENIED), "E_ACCESSDENIED"),
        (_leftover("gone", "unnamed", id=None), "New Group Policy Object"),
    ],
)
def test_what_is_kept_is_told(monkeypatch: pytest.MonkeyPatch, leftover: dict[str, t.Any], said: str) -> None:
    result, _sent = _play(monkeypatch, received(_drilled(), leftovers=[leftover]))
    assert not result.get("failed") and result["changed"] is False
    assert len(result["leftovers"]) == 1 and any(said in warning for warning in result["warnings"])


def test_what_each_trip_finds_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [_leftover("kept", "linked")]
    first = received(_drilled(), remaining=[{"id": "{2}", "name": "Two"}], selected=2, leftovers=kept)
    result, _sent = _play(monkeypatch, first, received(_drilled(id="{2}"), selected=None, leftovers=kept))
    assert [one["reason"] for one in result["leftovers"]] == ["linked"]


def test_check_mode_tells_what_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    planned = _drilled(temporary=None, import_milliseconds=None)
    leftovers = [_leftover("removed"), _leftover("gone")]
    result, _sent = _play(monkeypatch, received(planned, leftovers=leftovers), check_mode=True)
    assert result["changed"] is True and result["msg"] == "The recovery of 1 of 1 GPO would be drilled."
    assert [one["outcome"] for one in result["leftovers"]] == ["removed"]
    assert any("would be deleted" in warning for warning in result["warnings"])


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"all": False}, "Exactly one of the options 'backup_id'"),
        ({"all": False, "backup_id": _GUID, "as_of": "2026-01-01"}, "names one already"),
        ({"migration_table_only": True}, "needs one of the options 'migration_table'"),
        ({"source_domain": "a b"}, "source_domain"),
    ],
)
def test_refused(monkeypatch: pytest.MonkeyPatch, args: dict[str, t.Any], said: str) -> None:
    result, sent = _play(monkeypatch, args=args)
    assert result["failed"] is True and said in result["msg"] and sent == []
    assert set(result) >= {"summary", "recovery", "drills", "leftovers", "domain", "run_id"}
