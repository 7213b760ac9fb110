# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of gpo_diff: what is made of the reports that come with replies, and which options it refuses."""

from __future__ import annotations

import base64
import gzip
import json
import typing as t

import exchanges
import pytest
from replies import DENIED, GPO, OK, item, received, trouble

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _settings_changes

_BACKUP = {"id": "{1}", "path": "D:\\GPO\\{1}", "timestamp": "2026-01-02T03:04:05Z", "comment": ""}
_GUID = "31B2F340-016D-11D2-945F-00C04FB984F9"


def _report(*policies: tuple[str, str], of: str = GPO["id"]) -> str:
    """Return a report with policies, as the host sends it."""
    told = "".join(
        f"<q:Policy><q:Name>{name}</q:Name><q:State>{state}</q:State><q:Category>System</q:Category></q:Policy>"
        for name, state in policies
    )
    space = "http://www.microsoft.com/GroupPolicy/Settings"
    text = (
        f'<GPO xmlns="{space}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Identifier>'
        f"<Identifier>{of}</Identifier></Identifier><Name>Kiosk</Name><Computer>"
        f'<ExtensionData><Extension xmlns:q="{space}/Registry" xsi:type="q:RegistrySettings">{told}</Extension>'
        "</ExtensionData></Computer></GPO>"
    )
    return base64.b64encode(gzip.compress(text.encode("utf-16"))).decode()


def _item(before: str | None, after: str | None, outcome: str = "differs", **other: t.Any) -> dict[str, t.Any]:
    def side(content: str | None, backup: dict[str, t.Any] | None) -> dict[str, t.Any] | None:
        return None if content is None else {"gpo": GPO, "backup": backup, "content": content}

    sides = {"before": side(before, _BACKUP), "after": side(after, None)}
    return item(outcome, **{**sides, "call_status": OK, "overall_status": OK, **other})


def _play(monkeypatch: pytest.MonkeyPatch, *items: dict[str, t.Any], **task: t.Any) -> dict[str, t.Any]:
    args = {"path": "D:\\GPO", "all": True}
    result, _player = exchanges.play(monkeypatch, args, [received(*items)], module="gpo_diff", **task)
    # No report is part of the result.
    assert "content" not in json.dumps(result)
    return result


def test_what_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _report(("Wait", "Disabled"), ("Gone", "Enabled"))
    result = _play(monkeypatch, _item(before, _report(("Wait", "Enabled"))), diff=True)
    assert result["changed"] is False and result["differs"] is True
    assert result["msg"] == "1 of 1 GPO differs, 0 the same."
    (entry,) = result["comparisons"]
    assert entry["outcome"] == "differs" and entry["change_count"] == 2
    assert [(one["name"], one["kind"], one["before"], one["after"]) for one in entry["changes"]] == [
        ("Gone", "removed", "Enabled", None), ("Wait", "changed", "Disabled", "Enabled"),
    ]  # fmt: skip
    assert entry["before"]["backup"] == _BACKUP and entry["after"]["backup"] is None
    title = f"'{GPO['name']}' {GPO['id']}"
    assert result["diff"] == [{
        "before_header": f"{title} (backup {{1}} of 2026-01-02T03:04:05Z)", "after_header": f"{title} (live)",
        "before": "Computer / Administrative Templates / System / Gone: Enabled\n"
                  "Computer / Administrative Templates / System / Wait: Disabled\n",
        "after": "Computer / Administrative Templates / System / Wait: Enabled\n",
    }]  # fmt: skip


def test_only_what_differs_is_shown_when_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    items = (_item(_report(), _report()), _item(None, None, "neither"), _item(_report(), _report(("Wait", "Enabled"))))
    all_of_them = ["same", "neither", "differs"]
    for detail, outcomes in (("all", all_of_them), ("changed", ["differs"]), ("summary", ["differs"])):
        args = {"path": "D:\\GPO", "all": True, "detail": detail}
        result, _player = exchanges.play(monkeypatch, args, [received(*items)], module="gpo_diff")
        assert [one["outcome"] for one in result["comparisons"]] == outcomes
        assert result["msg"] == "1 of 3 GPOs differs, 1 in neither state, 1 the same."
        assert result["summary"]["neither"] == 1 and result["differs"] is True


def test_reports_that_tell_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    report = _report(("Wait", "Disabled"))
    result = _play(monkeypatch, _item(report, report), diff=True)
    assert result["differs"] is False and "diff" not in result
    assert result["comparisons"][0]["outcome"] == "same" and result["summary"]["same"] == 1


@pytest.mark.parametrize(("outcome", "said"), [("only_before", "newest"), ("only_after", "live")])
def test_one_state_only(monkeypatch: pytest.MonkeyPatch, outcome: str, said: str) -> None:
    empty = {"gpo": GPO, "backup": None}
    sides = {"before": empty if outcome == "only_before" else None, "after": empty if outcome == "only_after" else None}
    result = _play(monkeypatch, item(outcome, **sides), diff=True)
    assert result["differs"] is True and not result.get("failed")
    assert result["msg"] == f"0 of 1 GPO differ, 1 only there as {said}, 0 the same."
    headers = (result["diff"][0]["before_header"], result["diff"][0]["after_header"])
    assert sum("there is none" in header for header in headers) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("AAAA", "what the host sent is no report"),
        (base64.b64encode(gzip.compress(b"<GPO/>")).decode(), "It is no settings report of GPMC's."),
        (base64.b64encode(gzip.compress(b"<!DOCTYPE GPO><GPO/>")).decode(), "It has a DTD"),
    ],
)
def test_a_report_that_cannot_be_compared_fails(monkeypatch: pytest.MonkeyPatch, content: str, said: str) -> None:
    result = _play(monkeypatch, _item(_report(), content), _item(_report(), _report()))
    assert result["failed"] is True and said in result["msg"]
    assert result["comparisons"][0]["trouble"]["step"] == "settings"
    assert result["summary"]["failed"] == 1 and result["summary"]["same"] == 1


def test_a_report_of_another_gpo_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = f"{{{_GUID[::-1]}}}"
    for report, said in ((_report(of=foreign), foreign), (_report(of=""), "an unknown GPO")):
        result = _play(monkeypatch, _item(report, _report()))
        assert f"The report of {GPO['id']} is one of {said}." in result["msg"]
        assert result["comparisons"][0]["outcome"] == "failed"
    # The case of an ID has no meaning.
    assert not _play(monkeypatch, _item(_report(of=GPO["id"].lower()), _report()))["differs"]


def test_a_report_that_could_not_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    result = _play(monkeypatch, _item(_report(), None, "failed", call_status=DENIED, overall_status=None))
    assert result["failed"] is True and "Give the account read access to the GPO" in result["msg"]
    result = _play(monkeypatch, _item(None, None, "failed", call_status=None, trouble=trouble("no_state")))
    assert "There is neither of the two states" in result["msg"]


@pytest.mark.parametrize("sign", ["x", "策", '"'])
def test_the_result_is_bounded(monkeypatch: pytest.MonkeyPatch, sign: str) -> None:
    """AWX keeps results as JSON, in which a character may be six."""
    many = _report(*[(f"Policy {number} {sign * 300}", "Enabled") for number in range(3000)])
    result = _play(monkeypatch, _item(_report(), many), _item(_report(), many), diff=True)
    first, second = result["comparisons"]
    assert first["change_count"] == second["change_count"] == 3000
    assert 0 < len(first["changes"]) < 3000 and second["changes"] == []
    assert len(json.dumps(result)) < 600_000
    assert len(json.dumps(result["comparisons"])) < 1.1 * _settings_changes.ROOM
    assert result["diff"][1]["after"] == "(too much to be shown: 3000 changes)\n"


def test_a_summary_has_what_differs_and_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the role's drift asks for it: AWX drops large results, and of a domain that nobody approved all is told."""
    many = _report(*[(f"Policy {number} {'x' * 300}", "Enabled") for number in range(500)])
    nobody = [item("only_after", before=None, after={"gpo": GPO, "backup": None}) for _number in range(3000)]
    same = _item(_report(), _report())
    args = {"path": "D:\\GPO", "all": True, "detail": "summary"}
    trip = received(*nobody, same, _item(_report(), many))
    result, _player = exchanges.play(monkeypatch, args, [trip], module="gpo_diff")
    assert [one["outcome"] for one in result["comparisons"]] == ["differs", *["only_after"] * 99]
    assert result["comparisons"][0]["change_count"] == 500 and len(result["comparisons"][0]["changes"]) > 50
    assert result["summary"]["only_after"] == 3000 and len(json.dumps(result)) < 300_000


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"path": "D:\\GPO"}, "Exactly one of the options 'gpos'"),
        ({"all": True}, "The option 'path' (a backup directory) is needed"),
        ({"all": True, "before": "live", "after": "newest"}, "The option 'path' (a backup directory) is needed"),
        ({"all": True, "before_path": "D:\\Other", "before": "live"}, "'before' is 'live'"),
        ({"all": True, "path": "D:\\GPO", "before": "live"}, "'before' and 'after' are the same"),
        ({"gpos": ["A", "B"], "before": "live", "before_gpo": "C"}, "'gpos' has the name or the GUID of one GPO"),
        ({"gpos": "A*", "path": "D:\\GPO", "before": _GUID}, "The option 'before' is a backup, of one GPO"),
        ({"all": True, "path": "D:\\GPO", "before": "newest", "after": _GUID}, "The option 'after' is a backup"),
        ({"gpos": "A", "path": "D:\\GPO", "before": _GUID, "before_gpo": "B"}, "there is no 'before_gpo' then"),
        ({"all": True, "path": "D:\\GPO", "before": "yesterday"}, "Accepted: live, newest, previous, approved, the ID"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, args: dict[str, t.Any], said: str) -> None:
    result, player = exchanges.play(monkeypatch, args, [], module="gpo_diff")
    assert result["failed"] is True and said in result["msg"] and player.sent == []


def test_states_as_they_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for given, sent in (("2026-03-02", "20260302235959"), (_GUID.lower(), f"{{{_GUID}}}"), ("previous", "previous")):
        args = {"path": "D:\\GPO", "gpos": "Kiosk", "before": given}
        _result, player = exchanges.play(monkeypatch, args, [received()], module="gpo_diff")
        assert player.sent[0]["before"] == sent and player.sent[0]["after"] == "live"
