# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changed, in gpo_backup and gpo_restore: told, bounded, handed on to be recorded, and never in a backup's way."""

from __future__ import annotations

import base64
import gzip
import json
import typing as t

import exchanges
import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._change_record import settled_file
from replies import GPO, item, received, trouble

_SPACE = "http://www.microsoft.com/GroupPolicy/Settings"
_NEW = {"id": "{2}", "path": "D:\\GPO\\{2}", "timestamp": "2026-01-03T03:04:05Z", "comment": "Why"}
_SINCE = {"id": "{1}", "timestamp": "2026-01-02T03:04:05Z"}


def _content(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode())).decode()


def _report(state: str, name: str = "Wait", number: int = 1, drive: str = "") -> str:
    """Return a report with policies, as the host sends it."""
    told = "".join(
        f"<q:Policy><q:Name>{name}{'' if one == 0 else one}</q:Name><q:State>{state}</q:State>"
        "<q:Category>System</q:Category></q:Policy>"
        for one in range(number)
    )
    return _content(
        f'<GPO xmlns="{_SPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Identifier>'
        f'<Identifier>{GPO["id"]}</Identifier></Identifier><Name>Kiosk</Name><Computer>'
        f'<ExtensionData><Extension xmlns:q="{_SPACE}/Registry" xsi:type="q:RegistrySettings">{told}</Extension>'
        f"</ExtensionData></Computer>{drive}</GPO>"
    )


def _drive(password: str) -> str:
    return (
        f'<User><ExtensionData><Extension xmlns:d="{_SPACE}/DriveMaps" xsi:type="d:DriveMapSettings">'
        '<d:DriveMapSettings><d:Drive name="H:" uid="{5}"><d:Properties letter="H" path="x" '
        f'cpassword="{password}"/></d:Drive></d:DriveMapSettings></Extension></ExtensionData></User>'
    )


def _item(before: str, after: str, outcome: str = "created", **more: t.Any) -> dict[str, t.Any]:
    backup = more.get("backup", _NEW)
    reports = {
        "before": before, "after": after, "since": _SINCE, "reasons": ["computer_settings"], "approved": False,
        "backup": backup and {key: backup[key] for key in ("id", "timestamp", "comment")},
    }  # fmt: skip
    told = {"reasons": ["computer_settings"], "changes": [], "backup": _NEW, "reports": reports}
    return item(outcome, **{**told, "changed": outcome != "unchanged", **more})


_RECORDED = {"received": {"changed": False, "trip": {**received()["received"]["trip"], "recorded": True}}}


def _play(
    monkeypatch: pytest.MonkeyPatch, *trips: dict[str, t.Any], module: str = "gpo_backup", **task: t.Any
) -> tuple[dict[str, t.Any], list[dict[str, t.Any]]]:
    args = {"path": "D:\\GPO", "all": True, **task.pop("args", {})}
    result, player = exchanges.play(monkeypatch, args, trips, module=module, **task)
    # All trips were made that were expected, and no report is part of the result.
    assert player.waiting == [] and "H4sI" not in json.dumps(result)
    return result, player.sent


def _records(sent: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return the records that a trip was given, and check where they are to go."""
    records = json.loads(gzip.decompress(base64.b64decode(sent["_records"])))
    assert all((one["domain"], one["gpo_id"]) == (GPO["domain"], GPO["id"]) for one in records)
    return [json.loads(one["content"]) for one in records]


def test_what_changed_is_told_and_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    trip = received(_item(_report("Disabled"), _report("Enabled")), item("unchanged", reasons=[], backup=_NEW))
    result, sent = _play(monkeypatch, trip, _RECORDED)
    first, second = result["backups"]
    assert first["change_count"] == 1 and len(sent) == 2
    (change,) = first["changes"]
    assert (change["name"], change["before"], change["after"]) == ("Wait", "Disabled", "Enabled")
    assert second["changes"] is None and second["change_count"] is None
    assert "_records" not in sent[0] and sent[1]["_only_records"] is True and sent[1]["path"] == "D:\\GPO"
    (record,) = _records(sent[1])
    assert record["changes"] == first["changes"] and record["fault"] is None
    assert (record["backup"], record["since"]) == ({key: _NEW[key] for key in ("id", "timestamp", "comment")}, _SINCE)
    assert record["reasons"] == ["computer_settings"] and record["gpo"]["name"] == "Kiosk"
    assert not result.get("failed") and "warnings" not in result


def _kept(changed: dict[str, t.Any]) -> dict[str, t.Any]:
    return {**changed, "reports": {**changed["reports"], "kept": True}}


def test_what_the_host_keeps_needs_no_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = _kept(_item(_report("Disabled"), _report("Enabled")))
    result, sent = _play(monkeypatch, received(dict(kept)))
    assert len(sent) == 1 and result["backups"][0]["change_count"] == 1 and "warnings" not in result
    # With one beside it that is too large to be kept, both are recorded.
    _result, sent = _play(monkeypatch, received(kept, _item(_report("Enabled"), _report("x"))), _RECORDED)
    assert len(_records(sent[1])) == 2


def test_much_that_is_kept_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a trip of its own, and whatever a file says: it is compared as reports are."""
    told = {"backup": _NEW, "since": _SINCE, "reasons": ["name"], "approved": False, "gpo": GPO}
    afters = _report("Enabled"), "no report"
    pairs = [{**told, "reports": {"before": _report("Disabled"), "after": after}} for after in afters]
    pairs.append({**pairs[0], "since": "a text", "reasons": True, "approved": "no"})
    result, sent = _play(monkeypatch, received(item("unchanged", reasons=[], backup=_NEW), kept=pairs), _RECORDED)
    good, bad, odd = _records(sent[1])
    assert (odd["change_count"], odd["since"]["id"], odd["reasons"], odd["approved"]) == (1, None, [], False)
    assert (good["change_count"], good["since"], good["fault"]) == (1, _SINCE, None)
    assert bad["changes"] is None and "no report" in bad["fault"]
    assert result["changed"] is False and "warnings" not in result


@pytest.mark.parametrize("text", ["", "[]", "x", '{"schema": 1, "changes": []}', '{"reports": 1}', "[" * 100_000])
def test_a_file_without_reports_is_copied_as_it_is(text: str) -> None:
    assert settled_file(text.encode()) == text.encode()


def test_a_copy_has_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the reports, which have the passwords of preferences."""
    reports = {"before": _report("Disabled"), "after": _report("Enabled", drive=_drive("c2VjcmV0MQ"))}
    kept = {"schema": 1, "gpo": GPO, "backup": _NEW, "since": _SINCE, "reports": reports}
    record = json.loads(settled_file(json.dumps(kept).encode()) or b"")
    assert record["change_count"] == 2 and record["since"] == _SINCE and "reports" not in record
    other = {**kept, "gpo": {**GPO, "id": "{8}"}}
    assert "is one of" in json.loads(settled_file(json.dumps(other).encode()) or b"")["fault"]
    info = {"id": "{2}", "gone": True, "gpo": GPO, "sequence": 2, "change_record": kept}
    cursor = {"after": "{2}", "done": 1, "more": False}
    args = {"path": "D:\\GPO", "changes": True}
    result, _player = exchanges.play(monkeypatch, args, [received(info, cursor=cursor)], module="gpo_backup_info")
    assert "H4sI" not in json.dumps(result)
    assert result["history"][0]["versions"][0]["change_count"] == 2


def test_the_next_trip_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more trip is made only for what the last one found."""
    changed = _item(_report("Disabled"), _report("Enabled"))
    left = [{"id": "{9}", "name": "Nine"}]
    locked = received(locked=True, locked_by={}, remaining=left, selected=None)
    last = received(item("unchanged", reasons=[], backup=_NEW), selected=None, recorded=True)
    _result, sent = _play(monkeypatch, received(changed, remaining=left), locked, last)
    assert [len(_records(one)) if "_records" in one else 0 for one in sent] == [0, 1, 1]
    assert not any("_only_records" in one for one in sent)


@pytest.mark.parametrize(
    ("trip", "said"),
    [
        ({"received": {"failed": True, "module_stderr": "gone", "rc": 1}}, "gone"),
        (received(locked=True, locked_by={}), "another run has just begun"),
        (received(trouble=trouble("lock", {"hresult": -2147024891, "message": ""})), "E_ACCESSDENIED"),
        (received(problems=[{"kind": "unrecorded", "subject": "{2}", "hresult": None, "message": "full"}]), "full"),
    ],
)
def test_a_record_that_is_lost_is_a_warning(monkeypatch: pytest.MonkeyPatch, trip: t.Any, said: str) -> None:
    result, _sent = _play(monkeypatch, received(_item(_report("Disabled"), _report("Enabled"))), trip)
    assert not result.get("failed") and result["summary"]["created"] == 1
    (warning,) = result["warnings"]
    assert "could not be recorded for the history" in warning and said in warning


def test_what_cannot_be_compared_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """And recorded as such, so that no later run tries again."""
    result, sent = _play(monkeypatch, received(_item(_report("Disabled"), _content("<x/>"))), _RECORDED)
    assert not result.get("failed") and result["backups"][0]["changes"] is None
    (warning,) = result["warnings"]
    assert warning.startswith("What changed in 'Kiosk'") and "It is no settings report of GPMC's." in warning
    (record,) = _records(sent[1])
    assert record["changes"] is None and "no settings report" in record["fault"]


def test_a_missing_record_is_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a GPO that has not changed since: its item tells of today, and the record of then."""
    made_up = _item(_report("Disabled"), _report("Enabled"), "unchanged", reasons=[])
    result, sent = _play(monkeypatch, received(made_up), _RECORDED)
    assert result["backups"][0]["changes"] is None and result["changed"] is False
    assert _records(sent[1])[0]["change_count"] == 1


def test_check_mode_and_diff(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = {"reason": "computer_settings", "before": None, "after": {"directory": 2, "sysvol": 2}}
    would_be = _item(_report("Disabled"), _report("Enabled"), backup=None, changes=[reason])
    result, _sent = _play(monkeypatch, received(would_be), check_mode=True, diff=True)
    assert result["backups"][0]["change_count"] == 1
    (diff,) = result["diff"]
    assert diff["after"].endswith("Computer / Administrative Templates / System / Wait: Enabled\n")
    assert diff["before"].endswith("Computer / Administrative Templates / System / Wait: Disabled\n")


def test_result_and_record_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = _item(_report("Disabled", "x" * 300, 4000), _report("Enabled", "x" * 300, 4000))
    result, sent = _play(monkeypatch, received(many, dict(many)), _RECORDED)
    first, second = result["backups"]
    assert first["change_count"] == 4000 and 0 < len(first["changes"]) < 4000
    assert second["change_count"] == 4000 and second["changes"] == []
    assert len(json.dumps(result["backups"])) < 600_000
    records = _records(sent[1])
    assert len(records) == 2 and all(len(json.dumps(one)) < 400_000 for one in records)


def test_passwords_are_neither_told_nor_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    was, now = (_report("Enabled", drive=_drive(one)) for one in ("c2VjcmV0MQ", "c2VjcmV0Mg"))
    result, sent = _play(monkeypatch, received(_item(was, now)), _RECORDED, diff=True)
    (change,) = result["backups"][0]["changes"]
    assert change["before"] == change["after"] == "Drive / Properties / cpassword: (hidden)"
    assert "c2VjcmV0M" not in json.dumps([result, _records(sent[1])])


def test_approval_needs_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _sent = _play(monkeypatch, args={"approved": True, "comment": " "})
    assert result["failed"] is True and "'comment' says who approved" in result["msg"]


def test_a_restore_tells_what_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = {"before": _report("Enabled"), "after": _report("Disabled")}
    restored = item("restored", changed=True, reasons=["computer_settings"], backup=_NEW, reports=reports)
    result, _sent = _play(monkeypatch, received(restored), module="gpo_restore")
    (entry,) = result["restores"]
    assert entry["change_count"] == 1 and entry["changes"][0]["after"] == "Disabled"
    broken = {**restored, "reports": {**reports, "before": "AAAA"}}
    result, _sent = _play(monkeypatch, received(broken), module="gpo_restore")
    assert not result.get("failed") and result["restores"][0]["changes"] is None
    assert "cannot be told: what the host sent is no report" in result["warnings"][0]
