# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of gpo_report: what is made of replies, and of the reports that come with them."""

from __future__ import annotations

import base64
import gzip
import pathlib
import typing as t

import exchanges
import pytest
from ansible.errors import AnsibleConnectionFailure
from replies import DENIED, GPO, OK, item, received, trouble

_KIOSK = GPO["id"]


def _item(outcome: str = "written", **changes: t.Any) -> dict[str, t.Any]:
    return item(outcome, **{
        "backup": None, "dest": f"D:\\R\\Kiosk_{_KIOSK}.xml", "file_name": f"Kiosk_{_KIOSK}.xml", "size": 4,
        "call_status": OK, "overall_status": OK, "changed": outcome == "written", **changes,
    })  # fmt: skip


def _sent(text: str = "<GPO><ReadTime>1</ReadTime>x</GPO>", **changes: t.Any) -> dict[str, t.Any]:
    """Return an item with a report for the controller."""
    content = base64.b64encode(gzip.compress(text.encode("utf-16"))).decode()
    return _item("failed", **{"dest": None, "content": content, **changes})


def _play(
    monkeypatch: pytest.MonkeyPatch, args: dict[str, t.Any], *replies: t.Any, **task: t.Any
) -> tuple[dict[str, t.Any], list[dict[str, t.Any]]]:
    """Run gpo_report against replies and return its result and what it sent."""
    trips = [reply if isinstance(reply, dict) else {"received": reply} for reply in replies]
    result, player = exchanges.play(monkeypatch, args, trips, module="gpo_report", **task)
    return result, player.sent


def test_a_report_for_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    result, sent = _play(monkeypatch, {"gpos": "Kiosk", "dest": "D:\\R"}, received(_item(), path_created=True))
    assert result["changed"] is True and result["msg"] == "1 of 1 report written, 0 unchanged."
    assert result["reports"][0]["dest"] == f"D:\\R\\Kiosk_{_KIOSK}.xml" and "_single" not in sent[0]
    result, _sent_args = _play(monkeypatch, {"gpos": "Kiosk", "dest": "D:\\R"}, received(_item("unchanged")))
    assert result["changed"] is False and result["msg"] == "0 of 1 report written, 1 unchanged."


def test_a_report_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = _item("failed", trouble=trouble("dest", DENIED))
    result, _args = _play(monkeypatch, {"gpos": "Kiosk", "dest": "D:\\R"}, received(bad))
    assert result["failed"] is True and result["overall_status"]["name"] == "E_ACCESSDENIED"
    assert "could not be compared with dest or written there: 0x80070005" in result["msg"]
    bad = _item("failed", call_status=DENIED, overall_status=None)
    result, _args = _play(monkeypatch, {"gpos": "Kiosk", "dest": "D:\\R"}, received(bad))
    assert "Give the account read access to the GPO" in result["msg"]


def test_a_report_for_the_controller(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    args = {"gpos": "Kiosk", "dest": f"{tmp_path}/new/", "dest_on": "controller"}
    result, sent = _play(monkeypatch, args, received(_sent()), check_mode=True)
    assert result["changed"] is True and list(tmp_path.iterdir()) == [] and sent[0]["_single"] is False
    result, _args = _play(monkeypatch, args, received(_sent()), diff=True)
    file = tmp_path / "new" / f"Kiosk_{_KIOSK}.xml"
    assert file.read_bytes().decode("utf-16") == "<GPO><ReadTime>1</ReadTime>x</GPO>"
    assert result["diff"] == [
        {"before_header": str(file), "after_header": str(file), "before": "", "after": "<GPO>x</GPO>"}
    ]
    result, _args = _play(monkeypatch, args, received(_sent("<GPO><ReadTime>22</ReadTime>x</GPO>")), diff=True)
    assert result["changed"] is False and "diff" not in result and ">1<" in file.read_bytes().decode("utf-16")
    one = {**args, "dest": f"{tmp_path}/one.xml"}
    result, sent = _play(monkeypatch, one, received(_sent()))
    assert sent[0]["_single"] is True and (tmp_path / "one.xml").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"file_name": f"../../x_{_KIOSK}.xml"}, "no name of a report"),
        ({"content": "AAAA"}, "is no report"),
        ({"content": "AAAA" * 100}, "is no report"),
    ],
)
def test_what_a_host_sends_is_not_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, changes: dict[str, t.Any], said: str
) -> None:
    args = {"gpos": "Kiosk", "dest": f"{tmp_path}/new/", "dest_on": "controller"}
    result, _args = _play(monkeypatch, args, received(_sent(**changes)))
    assert result["failed"] is True and said in result["msg"] and list(tmp_path.iterdir()) == []
    assert result["reports"][0]["outcome"] == "failed" and result["changed"] is False
    assert result["reports"][0]["trouble"]["step"] == "dest" and result["overall_status"] is None


def test_a_report_that_cannot_be_written_here(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    file = tmp_path / f"Kiosk_{_KIOSK}.xml"
    file.mkdir()
    args = {"gpos": "Kiosk", "dest": f"{tmp_path}/", "dest_on": "controller"}
    result, _args = _play(monkeypatch, args, received(_sent()))
    (shown,) = result["reports"]
    assert shown["outcome"] == "failed" and shown["dest"] == str(file) and result["changed"] is False
    assert shown["call_status"]["succeeded"] and shown["overall_status"]["succeeded"] and not shown["status_messages"]
    assert shown["trouble"] == {
        "step": "dest", "hresult": None, "name": None, "fix": None,
        "message": "The report was made, but it could not be compared with dest or written there: "
        f"Is a directory: {file}",
    }  # fmt: skip
    assert shown["trouble"]["message"] in result["msg"] and result["overall_status"] is None


def test_what_helps_when_it_cannot_be_written_here(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """A name to which nothing can be added: the report goes into a file beside its place first."""
    file = tmp_path / f"{'x' * 250}.xml"
    args = {"gpos": "Kiosk", "dest": str(file), "dest_on": "controller"}
    result, _args = _play(monkeypatch, args, received(_sent()))
    (shown,) = result["reports"]
    assert shown["trouble"]["message"].endswith(f"written there: File name too long: {file}")
    assert shown["trouble"]["fix"] == "Use a shorter dest." and shown["trouble"]["hresult"] is None
    assert result["msg"].endswith(f": File name too long: {file}. Use a shorter dest.") and not file.exists()


def test_several_reports_and_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [{"id": _KIOSK, "name": "Kiosk"}, {"id": "{2}", "name": "Other"}]
    reply = received(single=True, stopped=True, selected=2, remaining=left)
    result, _args = _play(monkeypatch, {"all": True, "dest": "D:\\x.xml"}, reply)
    assert result["failed"] is True and result["summary"]["not_attempted"] == 2
    assert result["msg"].startswith("The option 'dest' names a file, 'D:\\x.xml', but 2 GPOs are selected.")


def test_a_trip_that_is_lost_is_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    args = {"gpos": "Kiosk", "dest": f"{tmp_path}/", "dest_on": "controller"}
    result, sent = _play(monkeypatch, args, AnsibleConnectionFailure("gone"), received(_sent()))
    assert not result.get("failed") and len(sent) == 2 and sent[0] == sent[1]


def test_the_diff_does_not_outgrow_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [_item(before="a" * 60000, after="b" * 60000) for _number in range(10)]
    result, _args = _play(monkeypatch, {"all": True, "dest": "D:\\R"}, received(*entries, _item()), diff=True)
    shown = [diff for diff in result["diff"] if diff["after"].startswith("b")]
    assert len(shown) == 4 and len(result["diff"]) == 11
    assert result["diff"][-1]["after"] == "(a report of 4 bytes, too long to be shown or not XML)\n"
