# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_diff against the lab: live against backups, backups against each other, a GPO against another one."""

from __future__ import annotations

import pathlib
import re
import shutil
import typing as t

from extent import in_whole
from harness import ROOT, Lab, tree
from steps import step

_KEYS = {
    "changed", "check_mode", "domain", "domain_controller", "path", "overall_status", "summary", "inaccessible",
    "differs", "comparisons", "msg", "invocation",
}  # fmt: skip
_ENTRY_KEYS = {
    "gpo", "outcome", "before", "after", "changes", "change_count", "trouble", "call_status", "overall_status",
    "status_messages", "duration",
}  # fmt: skip
_VALUE = "Software\\Policies\\Contoso\\Lab\\Edits"


def _edit(lab: Lab, *args: str) -> dict[str, t.Any]:
    return {
        "name": "Edit", "delegate_to": "localhost", "connection": "local",
        "ansible.builtin.command": {"argv": [str(ROOT / "tests/lab/lab"), "gpo", *args]},
        "environment": {"GPVAULT_LAB": str(lab.state)},
    }  # fmt: skip


def _told(entry: dict[str, t.Any]) -> list[tuple[str, str, str | None, str | None]]:
    return [(one["kind"], one["name"], one["before"], one["after"]) for one in entry["changes"]]


def test_live_and_backups_and_other_gpos(lab: Lab) -> None:
    gpos = ["Kiosk", "Default*", "Ends in*"]
    here = {"path": "D:\\GPO", "gpos": gpos}
    every = {"path": "D:\\GPO", "all": True, "inaccessible": "ignore"}
    lab.tasks([step("First", "gpo_backup", **here, create_path=True)])
    before = tree(lab.drive_d())
    run = lab.tasks(
        [
            step("Nothing", "gpo_diff", **here, diff=True),
            _edit(lab, "edit", "Kiosk"),
            _edit(lab, "describe", "Kiosk", "New | <b>"),
            _edit(lab, "delete", "Ends in a blank "),
            step("Edited", "gpo_diff", **every, diff=True, detail="changed"),
            step("Trips", "gpo_diff", **every, trip_time="1s", detail="summary", check_mode=True),
        ]
    )
    assert run.code == 0, run.output
    assert tree(lab.drive_d()) == before
    (nothing,), (edited,), (trips,) = run.of("Nothing"), run.of("Edited"), run.of("Trips")
    assert set(nothing) == _KEYS and nothing["differs"] is False and nothing["changed"] is False
    assert {one["outcome"] for one in nothing["comparisons"]} == {"same"}
    # No report was made of any.
    assert all(one["call_status"] is None for one in nothing["comparisons"])

    by_name = {one["gpo"]["name"]: one for one in edited["comparisons"]}
    kiosk = by_name["Kiosk"]
    assert set(kiosk) == _ENTRY_KEYS and kiosk["outcome"] == "differs" and kiosk["overall_status"]["succeeded"]
    assert _told(kiosk) == [("added", "Description", None, "New | <b>"), ("added", _VALUE, None, "10")]
    assert kiosk["before"]["backup"]["id"] in {path.name for path in (lab.drive_d() / "GPO").iterdir()}
    assert kiosk["after"]["backup"] is None
    assert by_name["Ends in a blank "]["outcome"] == "only_before"
    assert by_name["Browser settings"]["outcome"] == "only_after"
    assert edited["summary"]["differs"] == 1 and edited["summary"]["same"] == 2
    assert f"Extra Registry Settings / {_VALUE}: 10\n" in next(
        diff["after"] for diff in edited["diff"] if diff["before_header"].startswith("'Kiosk'")
    )
    assert trips["summary"] == edited["summary"] and trips["msg"] == edited["msg"]


def _move_to_another_domain(folder: pathlib.Path) -> None:
    """Let the backups in a folder be those of another domain, whose GPOs have other IDs."""
    for info in folder.glob("{*}/bkupInfo.xml"):
        text = re.sub(r"(<GPOGuid><!\[CDATA\[\{)[0-9A-Fa-f]{8}", r"\g<1>0BADCAFE", info.read_text("utf-8"))
        info.write_text(re.sub(r"(<GPODomain><!\[CDATA\[)[^\]]+", r"\g<1>other.example", text), "utf-8")
        report = info.with_name("gpreport.xml")
        text = re.sub(r"(<Identifier [^>]*>\{)[0-9A-F]{8}", r"\g<1>0BADCAFE", report.read_bytes().decode("utf-16"))
        report.write_bytes(text.encode("utf-16"))


@in_whole
def test_backups_against_each_other(lab: Lab) -> None:
    here = {"path": "D:\\GPO", "gpos": "Kiosk"}
    lab.tasks([step("First", "gpo_backup", **here, create_path=True)])
    lab("gpo", "edit", "Kiosk")
    lab.tasks([step("Second", "gpo_backup", **here), step("Forced", "gpo_backup", **here, force=True)])
    drive = lab.drive_d()
    shutil.copytree(drive / "GPO", drive / "Baseline")
    shutil.rmtree(drive / "Baseline/.gpvault")
    _move_to_another_domain(drive / "Baseline")
    (entry,) = (drive / "GPO/.gpvault").rglob("*1_{*.json")
    first = entry.stem.partition("_")[2]
    shutil.copytree(drive / "GPO", drive / "Broken")
    (drive / "Broken" / first / "gpreport.xml").write_bytes(b"<!DOCTYPE GPO><GPO/>")
    every = {"path": "D:\\GPO", "all": True, "inaccessible": "ignore"}
    run = lab.tasks(
        [
            step("Two", "gpo_diff", **here, before=first, after="newest"),
            step("Backups alike", "gpo_diff", **here, before="previous", after="newest"),
            step("Other", "gpo_diff", gpos="Kiosk", before="live", before_gpo="Default Domain Policy"),
            step("Baseline", "gpo_diff", gpos="Kiosk", before_path="D:\\Baseline"),
            step("By name", "gpo_diff", gpos="Default Domain Policy", before_path="D:\\Baseline", before_gpo="KIOSK"),
            step("Unknown", "gpo_diff", gpos="Kiosk", before_path="D:\\Baseline", before_gpo="x", ignore_errors=True),
            step("Broken", "gpo_diff", **here, before=first, before_path="D:\\Broken", ignore_errors=True),
            step("Neither", "gpo_diff", **every, before="2020-01-01", after="2021-01-01"),
            step("Neither of it", "gpo_diff", **here, before="2020-01-01", after="2021-01-01", ignore_errors=True),
            step("Nobody", "gpo_diff", **here, before="live", before_gpo="Nobody", ignore_errors=True),
        ]
    )
    assert run.code == 0, run.output

    def result(name: str) -> dict[str, t.Any]:
        (found,) = run.of(name)
        return dict(found)

    assert _told(result("Two")["comparisons"][0]) == [("added", _VALUE, None, "10")]
    # By the catalog: no report of them was sent.
    assert result("Backups alike")["summary"]["same"] == 1
    entry = result("Other")["comparisons"][0]
    assert (entry["before"]["gpo"]["name"], entry["after"]["gpo"]["name"]) == ("Default Domain Policy", "Kiosk")
    assert ("changed", "Name", "Default Domain Policy", "Kiosk") in _told(entry)
    # By its name, since the GPO of the other domain has another ID; the latest of its backups.
    entry = result("Baseline")["comparisons"][0]
    assert entry["outcome"] == "same" and entry["before"]["gpo"]["domain"] == "other.example"
    assert entry["gpo"]["id"] == entry["after"]["gpo"]["id"] != entry["before"]["gpo"]["id"]
    entry = result("By name")["comparisons"][0]
    assert ("changed", "Name", "Kiosk", "Default Domain Policy") in _told(entry)
    assert "There is no backup of a GPO 'x' in D:\\Baseline" in result("Unknown")["msg"]
    assert result("Broken")["failed"] and "It has a DTD" in result("Broken")["msg"]
    assert result("Neither")["summary"]["neither"] == 1 and not result("Neither")["differs"]
    assert "There is neither of the two states" in result("Neither of it")["msg"]
    assert result("Nobody")["failed"] and "Nobody" in result("Nobody")["msg"]
