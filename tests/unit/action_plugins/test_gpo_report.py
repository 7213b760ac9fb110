# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugins of gpo_info and gpo_report: options, and what is made of replies."""

from __future__ import annotations

import base64
import gzip
import importlib
import pathlib
import typing as t

import exchanges
import pytest
import yaml
from ansible.errors import AnsibleConnectionFailure
from ansible_collections.gpvault.gpmc.plugins.doc_fragments.gpmc import ModuleDocFragment

_KIOSK = "{56FBAA13-1A1B-5C8A-B6BC-49705916AFED}"
_DENIED = {"hresult": -2147024891, "message": ""}
_OK = {"hresult": 0, "message": ""}


def _entry(**changes: t.Any) -> dict[str, t.Any]:
    return {
        "gpo": {"id": _KIOSK, "name": "Kiosk", "domain": "corp.example"}, "backup": None, "outcome": "written",
        "dest": f"D:\\R\\Kiosk_{_KIOSK}.xml", "file_name": f"Kiosk_{_KIOSK}.xml", "size": 4, "call_status": _OK,
        "overall_status": _OK, "status_messages": [], "duration": 0.1, **changes,
    }  # fmt: skip


def _sent(text: str = "<GPO><ReadTime>1</ReadTime>x</GPO>", **changes: t.Any) -> dict[str, t.Any]:
    """Return an entry with a report for the controller."""
    content = base64.b64encode(gzip.compress(text.encode("utf-16"))).decode()
    return _entry(**{"outcome": "failed", "dest": None, "content": content, **changes})


def _reply(*entries: dict[str, t.Any], **changes: t.Any) -> dict[str, t.Any]:
    trip = {
        "domain": "corp.example", "domain_controller": "dc1.corp.example", "selected": len(entries), "remaining": [],
        "selection_errors": [], "unmatched_patterns": [], "inaccessible": [], "inaccessible_errors": [], "problems": [],
        "path_created": False, "locked": False, "locked_by": None, "suspect": None, "entries": list(entries),
        "stopped": False, "error": None, "seconds": {}, **changes,
    }  # fmt: skip
    return {"trip": trip}


def _play(
    monkeypatch: pytest.MonkeyPatch, args: dict[str, t.Any], *replies: t.Any, **task: t.Any
) -> tuple[dict[str, t.Any], list[dict[str, t.Any]]]:
    """Run gpo_report against replies and return its result and what it sent."""
    trips = [{"received": reply} for reply in replies]
    result, player = exchanges.play(monkeypatch, args, trips, module="gpo_report", **task)
    return result, player.sent


@pytest.mark.parametrize("name", ["gpo_info", "gpo_report"])
def test_the_options_are_the_same_in_the_action_plugin_the_module_and_its_documentation(name: str) -> None:
    root = pathlib.Path(__file__).parents[3]
    action = importlib.import_module(f"ansible_collections.gpvault.gpmc.plugins.action.{name}").ActionModule
    documented: dict[str, t.Any] = yaml.safe_load((root / f"plugins/modules/{name}.yml").read_text("utf-8"))
    options = documented["DOCUMENTATION"]["options"]
    for part in (ModuleDocFragment.DOCUMENTATION, ModuleDocFragment.SELECTION):
        options.update(yaml.safe_load(part)["options"])
    assert set(options) == set(action.OPTIONS)
    spec = (root / f"plugins/modules/{name}.ps1").read_text("utf-8")
    for option, how in action.OPTIONS.items():
        assert f"\n        {option} = @{{" in spec
        shown = options[option].get("default")
        if shown is not None:
            assert how.read(shown) == (list(how.default) if isinstance(how.default, tuple) else how.default), option
        else:
            assert not how.default, option
        assert options[option].get("required", False) is how.required, option
        for choice in options[option].get("choices", ()):
            assert how.read(choice) in (choice, [choice])


def test_a_report_for_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    result, sent = _play(monkeypatch, {"gpos": "Kiosk", "dest": "D:\\R"}, _reply(_entry(), path_created=True))
    assert result["changed"] is True and result["msg"] == "1 of 1 report written, 0 unchanged."
    assert result["reports"][0]["dest"] == f"D:\\R\\Kiosk_{_KIOSK}.xml" and "_single" not in sent[0]
    result, _sent_args = _play(monkeypatch, {"gpos": "Kiosk", "dest": "D:\\R"}, _reply(_entry(outcome="unchanged")))
    assert result["changed"] is False and result["msg"] == "0 of 1 report written, 1 unchanged."


def test_a_report_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = _entry(outcome="failed", dest_status=_DENIED)
    result, _args = _play(monkeypatch, {"gpos": "Kiosk", "dest": "D:\\R"}, _reply(bad))
    assert result["failed"] is True and result["overall_status"]["name"] == "E_ACCESSDENIED"
    assert "could not be compared with dest or written there: 0x80070005" in result["msg"]
    bad = _entry(outcome="failed", call_status=_DENIED, overall_status=None)
    result, _args = _play(monkeypatch, {"gpos": "Kiosk", "dest": "D:\\R"}, _reply(bad))
    assert "Give the account read access to the GPO" in result["msg"]


def test_a_report_for_the_controller(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    args = {"gpos": "Kiosk", "dest": f"{tmp_path}/new/", "dest_on": "controller"}
    result, sent = _play(monkeypatch, args, _reply(_sent()), check_mode=True)
    assert result["changed"] is True and list(tmp_path.iterdir()) == [] and sent[0]["_single"] is False
    result, _args = _play(monkeypatch, args, _reply(_sent()), diff=True)
    file = tmp_path / "new" / f"Kiosk_{_KIOSK}.xml"
    assert file.read_bytes().decode("utf-16") == "<GPO><ReadTime>1</ReadTime>x</GPO>"
    assert result["diff"] == [
        {"before_header": str(file), "after_header": str(file), "before": "", "after": "<GPO>x</GPO>"}
    ]
    result, _args = _play(monkeypatch, args, _reply(_sent("<GPO><ReadTime>22</ReadTime>x</GPO>")), diff=True)
    assert result["changed"] is False and "diff" not in result and ">1<" in file.read_bytes().decode("utf-16")
    one = {**args, "dest": f"{tmp_path}/one.xml"}
    result, sent = _play(monkeypatch, one, _reply(_sent()))
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
    result, _args = _play(monkeypatch, args, _reply(_sent(**changes)))
    assert result["failed"] is True and said in result["msg"] and list(tmp_path.iterdir()) == []
    assert result["reports"][0]["outcome"] == "failed"


def test_several_reports_and_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [{"id": _KIOSK, "name": "Kiosk"}, {"id": "{2}", "name": "Other"}]
    reply = _reply(single=True, stopped=True, selected=2, remaining=left)
    result, _args = _play(monkeypatch, {"all": True, "dest": "D:\\x.xml"}, reply)
    assert result["failed"] is True and result["summary"]["not_attempted"] == 2
    assert result["msg"].startswith("The option 'dest' names a file, 'D:\\\\x.xml', but 2 GPOs are selected.")


def test_a_trip_that_is_lost_is_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    args = {"gpos": "Kiosk", "dest": f"{tmp_path}/", "dest_on": "controller"}
    result, sent = _play(monkeypatch, args, AnsibleConnectionFailure("gone"), _reply(_sent()))
    assert not result.get("failed") and len(sent) == 2 and sent[0] == sent[1]


def test_the_diff_does_not_outgrow_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [_entry(before="a" * 60000, after="b" * 60000) for _number in range(10)]
    result, _args = _play(monkeypatch, {"all": True, "dest": "D:\\R"}, _reply(*entries, _entry()), diff=True)
    shown = [diff for diff in result["diff"] if diff["after"].startswith("b")]
    assert len(shown) == 4 and len(result["diff"]) == 11
    assert result["diff"][-1]["after"] == "(a report of 4 bytes, too long to be shown or not XML)\n"
