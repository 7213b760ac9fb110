# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_report against the lab: the files on the host and on the controller, and what the result says of them."""

from __future__ import annotations

import json
import pathlib
import re
import typing as t
import xml.etree.ElementTree as ET

import pytest
from cultures import in_each_culture
from extent import in_long, in_whole
from harness import ROOT, Lab, assert_refused, tree, trips
from steps import step

_SETTINGS = "{http://www.microsoft.com/GroupPolicy/Settings}"
_VISIBLE = 13

_KEYS = {
    "changed", "check_mode", "domain", "domain_controller", "overall_status", "summary", "inaccessible", "reports",
    "msg", "invocation",
}  # fmt: skip
_ENTRY_KEYS = {
    "gpo", "backup", "outcome", "dest", "size", "trouble", "call_status", "overall_status", "status_messages",
    "duration",
}  # fmt: skip


def _name(path: pathlib.Path) -> str:
    """Return the name of the GPO in an XML report."""
    return ET.fromstring(path.read_bytes()).findtext(f"{_SETTINGS}Name") or ""


def _edit(*args: str, lab: Lab) -> dict[str, t.Any]:
    return {
        "name": "Edit", "delegate_to": "localhost", "connection": "local",
        "ansible.builtin.command": {"argv": [str(ROOT / "tests/lab/lab"), "gpo", *args]},
        "environment": {"GPVAULT_LAB": str(lab.state)},
    }  # fmt: skip


@in_whole
def test_on_the_host_again_and_edited(lab: Lab) -> None:
    folder = lab.drive_d() / "Reports"
    it = {"all": True, "dest": "D:\\Reports\\", "inaccessible": "ignore"}
    planned = lab.tasks([step("Plan", "gpo_report", **it, check_mode=True)])
    assert not folder.exists()
    run = lab.tasks(
        [
            step("Made", "gpo_report", **it),
            step("Again", "gpo_report", **it, diff=True),
            step("HTML", "gpo_report", **it, format="html"),
            step("HTML again", "gpo_report", **it, format="html"),
            _edit("edit", "Kiosk", lab=lab),
            _edit("rename", "New Group Policy Object", "Old", lab=lab),
            step("Edited, planned", "gpo_report", **it, check_mode=True, diff=True),
            step("Edited", "gpo_report", **it, diff=True),
            step("HTML edited", "gpo_report", **it, format="html"),
        ]
    )
    assert run.code == 0, run.output
    (plan,), (made,) = planned.of("Plan"), run.of("Made")
    assert set(made) == _KEYS == set(plan)
    assert plan["changed"] is made["changed"] is True
    assert plan["summary"] == made["summary"] == {
        "selected": _VISIBLE, "written": _VISIBLE, "unchanged": 0, "failed": 0, "not_attempted": 0, "inaccessible": 1,
    }  # fmt: skip
    assert plan["msg"] == f"{_VISIBLE} of {_VISIBLE} reports would be written, 0 unchanged."
    for entry, planned_entry in zip(made["reports"], plan["reports"], strict=True):
        assert set(entry) == _ENTRY_KEYS and entry["backup"] is None and entry["overall_status"]["succeeded"]
        assert (entry["dest"], entry["outcome"]) == (planned_entry["dest"], planned_entry["outcome"])
        file = folder / entry["dest"].removeprefix("D:\\Reports\\")
        assert file.exists() and entry["size"] > 10000
        assert file.name.endswith(f"_{entry['gpo']['id']}.xml")
    names = {entry["gpo"]["name"]: pathlib.PureWindowsPath(entry["dest"]).name for entry in made["reports"]}
    assert names["It's \"quoted\", costs $5 & `more` [100%]"].startswith("It's _quoted_, costs $5 & `more` [100%]_{")
    assert names["Laptops: BitLocker and VPN"].startswith("Laptops_ BitLocker and VPN_{")
    assert names["上海办公室 - 打印机"].startswith("上海办公室 - 打印机_{")

    for name in ("Again", "HTML again"):
        (again,) = run.of(name)
        assert again["changed"] is False and again["summary"]["unchanged"] == _VISIBLE, again["msg"]
    for name, count in (("Edited, planned", 2), ("Edited", 2), ("HTML edited", 2)):
        (edited,) = run.of(name)
        written = {entry["gpo"]["name"] for entry in edited["reports"] if entry["outcome"] == "written"}
        assert written == {"Kiosk", "Old"} and edited["summary"]["written"] == count, name
    # The plan's diff and that of the real run, and none for what is the same.
    assert len(re.findall(r"^-\s+<VersionDirectory>9</VersionDirectory>", run.output, re.M)) == 2, run.output
    assert len(re.findall(r"^\+\s+<VersionDirectory>10</VersionDirectory>", run.output, re.M)) == 2
    assert len(re.findall(r"^\+\+\+ after", run.output, re.M)) == 4 and "ReadTime" not in run.output
    # The report under the old name stays; nothing else is left behind.
    assert sorted(path.suffix for path in folder.iterdir()) == [".html"] * (_VISIBLE + 1) + [".xml"] * (_VISIBLE + 1)


@in_each_culture
def test_names_that_want_out_of_the_folder(lab: Lab) -> None:
    names = ["..\\..\\evil", "../../evil", "C:\\evil", "\\\\backup\\gpo\\evil", "CON.backup", "x" * 200, "{{ 7 * 7 }}",
             "emoji \U0001f510 and ‮right to left", "...", "%TEMP%\\$(Get-Date)`n"]  # fmt: skip
    ids = {name: lab("gpo", "add", "--", name).strip() for name in names}
    before = tree(lab.shares), sorted(path.name for path in (lab.host_dir() / "prefix/drive_c").iterdir())
    gpos = [{"__ansible_unsafe": name} for name in names]
    run = lab.tasks(
        [
            step("Host", "gpo_report", gpos=gpos, dest="D:\\Reports\\"),
            step("Controller", "gpo_report", gpos=gpos, dest="reports/", dest_on="controller"),
            {"name": "Files", "ansible.builtin.find": {"paths": "{{ playbook_dir }}", "recurse": True},
             "delegate_to": "localhost", "connection": "local"},
        ]
    )  # fmt: skip
    for name in ("Host", "Controller"):
        (result,) = run.of(name)
        assert not result.get("failed"), result["msg"]
        assert {entry["gpo"]["name"]: entry["gpo"]["id"] for entry in result["reports"]} == ids
    files = {path.name for path in (lab.drive_d() / "Reports").iterdir()}
    assert [path.name for path in lab.drive_d().iterdir()] == ["Reports"]
    assert (tree(lab.shares), sorted(path.name for path in (lab.host_dir() / "prefix/drive_c").iterdir())) == before
    assert {re.search(r"_(\{.*\})\.xml$", file)[1] for file in files} == set(ids.values())
    assert f"_CON.backup_{ids['CON.backup']}.xml" in files and f"GPO_{ids['...']}.xml" in files
    assert f"{'x' * 60}_{ids['x' * 200]}.xml" in files
    there = [pathlib.Path(file["path"]) for file in run.of("Files")[0]["files"]]
    assert {path.name for path in there if path.name != "play.yml"} == files
    assert {path.parent.name for path in there if path.name != "play.yml"} == {"reports"}


@in_long
def test_on_the_controller(lab: Lab, tmp_path: pathlib.Path) -> None:
    folder, file = tmp_path / "a b" / "reports", tmp_path / "kiosk.xml"
    it = {"all": True, "dest": f"{folder}/", "dest_on": "controller", "inaccessible": "ignore"}
    one = {"gpos": "Kiosk", "dest": str(file), "dest_on": "controller"}
    lab.tasks([step("Plan", "gpo_report", **options, check_mode=True) for options in (it, one)])
    assert list(tmp_path.iterdir()) == []
    run = lab.tasks(
        [
            step("Made", "gpo_report", **it),
            step("Again", "gpo_report", **{**it, "dest": str(folder)}),
            step("One", "gpo_report", **one, diff=True),
            step("One again", "gpo_report", **one, diff=True),
            step("Two into one", "gpo_report", **{**one, "gpos": "Default*"}),
            _edit("edit", "Kiosk", lab=lab),
            step("Edited", "gpo_report", **one, diff=True),
            step("Host", "gpo_report", gpos="Kiosk", dest="D:\\kiosk.xml"),
        ]
    )
    assert run.code == 0, run.output
    for name, written in (("Made", 13), ("Again", 0), ("One", 1), ("One again", 0), ("Edited", 1)):
        (result,) = run.of(name)
        assert (result["summary"]["written"], result["changed"]) == (written, written > 0), (name, result["msg"])
        # The task's result does not hold the reports.
        assert len(json.dumps(result)) < 20000
    assert len(list(folder.iterdir())) == _VISIBLE
    for entry in run.of("Made")[0]["reports"]:
        path = pathlib.Path(entry["dest"])
        assert path.parent == folder and _name(path) == entry["gpo"]["name"] and path.stat().st_size == entry["size"]
    (result,) = run.of("Two into one")
    assert result["failed"] is True and "names a file" in result["msg"] and "2 GPOs are selected" in result["msg"]
    assert [entry["outcome"] for entry in result["reports"]] == ["not_attempted"] * 2
    assert f"--- before: {file}" in run.output and "<VersionDirectory>10</VersionDirectory>" in run.output
    time = re.compile("<ReadTime>[^<]*</ReadTime>")
    both = [time.sub("", path.read_bytes().decode("utf-16")) for path in (file, lab.drive_d() / "kiosk.xml")]
    assert both[0] == both[1]


def test_reports_for_the_controller_come_in_trips(lab: Lab, tmp_path: pathlib.Path) -> None:
    here = {"dest": f"{tmp_path}/", "dest_on": "controller"}
    lab("domain", "--call-cost", "1200")
    try:
        with lab.logged() as events:
            run = lab.tasks([step("It", "gpo_report", gpos=["L*", "Kiosk"], **here, trip_time="1s")])
    finally:
        lab("domain", "--call-cost", "0")
    (result,) = run.of("It")
    assert result["summary"]["written"] == 2 == len(list(tmp_path.iterdir())) and trips(events) > 1
    assert set(result["invocation"]["module_args"]) == {"gpos", "dest", "dest_on", "trip_time"}


@in_long
def test_of_a_backup(lab: Lab, tmp_path: pathlib.Path) -> None:
    backup = "{{ backup.backups[0].backup.id }}"
    it = {"path": "D:\\GPO", "backup_id": backup}
    unknown = "00000000-0000-0000-0000-000000000001"
    run = lab.tasks(
        [
            step("Backup", gpos="Kiosk", comment="Before", register="backup", ignore_errors=False),
            _edit("edit", "Kiosk", lab=lab),
            _edit("delete", "Kiosk", lab=lab),
            step("Made", "gpo_report", **it, dest="D:\\Reports\\"),
            step("Again", "gpo_report", **{**it, "backup_id": backup[:-3] + "[1:-1] | lower }}"}, dest="D:\\Reports"),
            step("Here", "gpo_report", **it, dest=f"{tmp_path}/", dest_on="controller", format="html"),
            step("Unknown", "gpo_report", **{**it, "backup_id": unknown}, dest="D:\\Reports"),
            step("No directory", "gpo_report", **{**it, "path": "D:\\Nothing"}, dest="D:\\Reports"),
        ]
    )  # fmt: skip
    assert run.code == 0, run.output
    made = run.of("Backup")[0]["backups"][0]
    for name, outcome in (("Made", "written"), ("Again", "unchanged"), ("Here", "written")):
        (result,) = run.of(name)
        (entry,) = result["reports"]
        assert entry["outcome"] == outcome and set(entry) == _ENTRY_KEYS, result["msg"]
        assert entry["backup"] == made["backup"] and entry["gpo"]["id"] == made["gpo"]["id"]
        assert (entry["gpo"]["name"], result["domain"]) == ("Kiosk", "corp.example")
    # The report of the day of the backup, under the backup's ID.
    (file,) = (lab.drive_d() / "Reports").iterdir()
    assert file.name == f"Kiosk_{made['backup']['id']}.xml"
    version = ET.fromstring(file.read_bytes()).findtext(f"{_SETTINGS}Computer/{_SETTINGS}VersionDirectory")
    assert version == str(made["gpo"]["versions"]["computer"]["directory"])
    assert [path.name for path in tmp_path.iterdir()] == [f"Kiosk_{made['backup']['id']}.html"]
    (result,) = run.of("Unknown")
    assert result["failed"] is True and result["msg"].startswith("The backup could not be opened: 0x")
    assert "gpo_backup_info" in result["msg"] and result["reports"] == []
    (result,) = run.of("No directory")
    assert result["failed"] is True and result["msg"].startswith("The backup directory cannot be used: 0x80070003")


@in_long
def test_trouble(lab: Lab, tmp_path: pathlib.Path) -> None:
    (lab.drive_d() / "file").write_text("text", "utf-8")
    kiosk = lab.gpo("Kiosk")["id"]
    # A folder where the report of one GPO belongs.
    (lab.drive_d() / "Reports" / f"Kiosk_{kiosk}.xml").mkdir(parents=True)
    (tmp_path / f"Kiosk_{kiosk}.xml").mkdir()
    some = {"gpos": ["Default*", "Kiosk"]}
    run = lab.tasks(
        [
            step("One of three", "gpo_report", **some, dest="D:\\Reports"),
            step("One of three here", "gpo_report", **some, dest=str(tmp_path), dest_on="controller"),
            step("No folder", "gpo_report", **some, dest="D:\\Nothing\\report.xml"),
            step("No drive", "gpo_report", **some, dest="Q:\\Nothing\\"),
            step("In a file", "gpo_report", **some, dest="D:\\file\\"),
            step("Two into one", "gpo_report", **some, dest="D:\\report.xml"),
            step("Over a file", "gpo_report", gpos="Kiosk", dest="D:\\file"),
            step("Nobody", "gpo_report", gpos=["Kiosk", "Nobody"], dest="D:\\Other\\"),
            step("Nothing", "gpo_report", gpos="nothing*", dest="D:\\Other\\"),
            step("Hidden", "gpo_report", all=True, exclude="*", inaccessible="fail", dest="D:\\Reports\\"),
        ]
    )
    for name in ("One of three", "One of three here"):
        (result,) = run.of(name)
        assert result["failed"] is True and result["changed"] is True and result["summary"]["written"] == 2
        (bad,) = (entry for entry in result["reports"] if entry["outcome"] == "failed")
        assert bad["gpo"]["name"] == "Kiosk" and bad["overall_status"]["succeeded"]
        assert "could not be compared with dest or written there" in result["msg"]
    for name, said in {
        "No folder": "The destination cannot be used: 0x80070003 .*Create the folder first",
        "No drive": "The destination cannot be used: 0x8007000F",
        "In a file": "The destination cannot be used: 0x8007",
        "Two into one": r"names a file, 'D:\\\\report.xml', but 3 GPOs are selected",
        "Nobody": "No GPO 'Nobody' was found",
        "Hidden": "cannot be seen by the account",
    }.items():
        (result,) = run.of(name)
        assert result["failed"] is True and re.search(said, result["msg"]), (name, result["msg"])
        assert result["changed"] is False, name
    assert not run.of("Over a file")[0].get("failed") and _name(lab.drive_d() / "file") == "Kiosk"
    (result,) = run.of("Nothing")
    assert not result.get("failed") and result["msg"] == "No GPO was selected." and result["changed"] is False
    assert sorted(path.name for path in lab.drive_d().iterdir()) == ["Reports", "file"]
    assert not [path for folder in (lab.drive_d() / "Reports", tmp_path) for path in folder.rglob("*.tmp")]


def test_bad_options_are_refused_before_any_connection(lab: Lab, tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").touch()
    good = {"all": True, "dest": "D:\\Reports\\"}
    here = {"all": True, "dest_on": "controller"}
    cases: list[tuple[dict[str, t.Any], str]] = [
        ({"all": True}, "'dest' is required"),
        ({"dest": "D:\\x"}, "Exactly one of the options 'gpos'.*'all'.*'backup_id'"),
        ({**good, "gpos": "Kiosk"}, "Exactly one of"),
        ({**good, "path": "D:\\GPO", "backup_id": "00000000-0000-0000-0000-000000000001"}, "Exactly one of"),
        ({**good, "path": "D:\\GPO"}, "'path'.*and 'backup_id' are needed together"),
        ({"dest": "D:\\x", "backup_id": "00000000-0000-0000-0000-000000000001"}, "are needed together"),
        ({"dest": "D:\\x", "path": "D:\\GPO", "backup_id": "..\\x"}, "'backup_id'.*a GUID such as"),
        ({**good, "format": "pdf"}, "'format'.*one of xml, html"),
        ({**good, "dest_on": "localhost"}, "'dest_on'.*one of host, controller"),
        ({**good, "dest": "/srv/reports/"}, "'dest'.*backslashes"),
        ({**good, "dest": "Reports"}, "'dest'.*absolute Windows path"),
        ({**good, "dest": ["D:\\x"]}, "'dest'.*the path of a file or folder"),
        ({**good, "dest": "D:\\x\\..\\y"}, "'dest'.*ends in a blank or a dot"),
        ({**here, "dest": " "}, "'dest'.*the path of a file or folder"),
        ({**here, "dest": f"{tmp_path}/missing/report.xml"}, "'dest'.*there is no folder .* on the controller"),
        ({**here, "dest": f"{tmp_path}/file/"}, "'dest'.*is no folder"),
        ({**here, "dest": f"{tmp_path}/file/x.xml"}, "'dest'.*is no folder"),
        ({**good, "mode": "0600"}, "Unknown option 'mode'"),
    ]  # fmt: skip
    assert_refused(lab, "gpo_report", cases, "reports", _KEYS)
