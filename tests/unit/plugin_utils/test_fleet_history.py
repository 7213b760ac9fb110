# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history of a fleet: what runs and copies tell of each GPO, and how much of it is kept."""

from __future__ import annotations

import csv
import io
import json
import pathlib
import typing as t

import backup_folder
import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gpvault.gpmc.plugins.filter.fleet_page import fleet_history, fleet_history_csv, fleet_page
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _details_file, _fleet, _fleet_copies
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._backup_result import BackupResult
from replies import DENIED, GPO, OK, item, reply

_NOON = 1767355200.0
_HOST = "h1"
_OTHER = {"id": "{00000000-0000-0000-0000-00000000000A}", "name": "Printers", "domain": GPO["domain"]}
_CHANGE = {
    "half": "computer", "extension": "Security", "kind": "changed", "place": ["Account Policies", "Password Policy"],
    "name": "Minimum length", "before": 8, "after": "14",
}  # fmt: skip


class Folder:
    """A folder of reports, in which each run adds to the history."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.runs = 0

    def run(self, *items: dict[str, t.Any], whole: bool = True, stale: bool = False, **more: t.Any) -> None:
        """Run a backup that tells of these GPOs."""
        result = BackupResult(detail="summary", run_id=f"run {self.runs}", whole=whole)
        # What a result is to tell of settings no reply has: that has changes of another kind.
        told = {one["id"]: (one.pop("changes", None), one.pop("change_count", None)) for one in items}
        result.add(reply(*items, **more))
        detailed = result.detailed()
        for one in detailed["backups"]:
            one["changes"], one["change_count"] = told[one["gpo"]["id"]]
        if not stale:
            _details_file.save(str(self.path / f"backups/{_HOST}.json"), detailed)
        self.report(result.shown())

    def report(self, backup: dict[str, t.Any], copies: str = "", drill: t.Any = None, **given: t.Any) -> None:
        """Make the report of a run."""
        about = {"host": _HOST, "via": _HOST, "domain": "corp.example", "path": "D:\\GPO", "began": _NOON, **given}
        at = _NOON + 86400 * self.runs
        record = _fleet.record_of({"backup": backup, "drill": drill}, {**about, "now": at})
        fleet = _fleet.fleet_of([record], [_HOST])
        text = fleet_history(fleet, str(self.path), at, copies)
        (self.path / "history.json").write_text(text, "utf-8")
        self.runs += 1

    @property
    def text(self) -> str:
        """The history."""
        return (self.path / "history.json").read_text("utf-8")

    @property
    def gpos(self) -> dict[str, dict[str, t.Any]]:
        """The GPOs, by name."""
        (domain,) = json.loads(self.text)["domains"]
        return {gpo["name"]: gpo for gpo in domain["gpos"]}


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> Folder:
    """A folder of reports without any."""
    (tmp_path / "report").mkdir()
    return Folder(tmp_path / "report")


def _made(
    number: int, gpo: dict[str, t.Any] = GPO, reason: str = "computer_settings", **more: t.Any
) -> dict[str, t.Any]:
    return item("created", id=gpo["id"], gpo=gpo, reasons=[reason], backup=_backup(number), call_status=OK, **more)


def _same(number: int, gpo: dict[str, t.Any] = GPO) -> dict[str, t.Any]:
    return item("unchanged", id=gpo["id"], gpo=gpo, backup=_backup(number))


def _backup(number: int) -> dict[str, t.Any]:
    made = f"2026-03-{number % 28 + 1:02d}T10:00:00Z"
    return {"id": backup_folder.backup_id(number), "path": "", "timestamp": made, "comment": f"No. {number}"}


_RECORDED = {**_CHANGE, "before": "8"}


def _record(copy: pathlib.Path, number: int, content: bytes = b"", **told: t.Any) -> None:
    """Put what changed with a backup beside its entry, as gpo_backup records it."""
    record = {"schema": 1, "gpo": {"id": GPO["id"]}, "backup": {"id": backup_folder.backup_id(number)}, **told}
    entry = copy / ".gpvault" / backup_folder.DOMAIN / GPO["id"] / f"{number:010d}_{backup_folder.backup_id(number)}"
    entry.with_name(f"{entry.name}.changes.json").write_bytes(content or json.dumps(record).encode())


def test_what_runs_tell_of_a_gpo(folder: Folder) -> None:
    folder.run(_made(1, reason="first_backup"), _made(2, _OTHER, "first_backup"))
    assert {name: gpo["event"] for name, gpo in folder.gpos.items()} == {"Kiosk": "new", "Printers": "new"}
    folder.run(_same(1), _made(3, {**_OTHER, "name": "Prints"}, changes=[_CHANGE]))
    kiosk, prints = folder.gpos["Kiosk"], folder.gpos["Prints"]
    assert (kiosk["event"], kiosk["outcome"], len(kiosk["backups"])) == (None, "unchanged", 1)
    assert (prints["event"], prints["was"], prints["backups"][0]["comment"]) == ("changed", "Printers", "No. 3")
    assert [one["id"] for one in prints["backups"]] == [backup_folder.backup_id(number) for number in (3, 2)]
    assert prints["backups"][0]["changes"] == [{**_CHANGE, "before": "8"}] and prints["backups"][1]["changes"] is None
    # Why one failed is told, and what was known of it stays.
    folder.run(item("failed", call_status=DENIED), _same(3, {**_OTHER, "name": "Prints"}))
    kiosk = folder.gpos["Kiosk"]
    assert kiosk["outcome"] == "failed" and kiosk["why"].startswith("0x80070005 E_ACCESSDENIED")
    assert len(kiosk["backups"]) == 1 and folder.gpos["Prints"]["was"] is None


@pytest.mark.parametrize(
    ("reason", "event"),
    [("forced", None), ("max_age", None), ("backup_damaged", None), ("approved", None), ("files", "changed")],
)
def test_not_every_backup_is_a_change(folder: Folder, reason: str, event: str | None) -> None:
    folder.run(_made(1, reason="first_backup"))
    folder.run(_made(2, reason=reason))
    assert folder.gpos["Kiosk"]["event"] == event and len(folder.gpos["Kiosk"]["backups"]) == 2


def test_a_gpo_is_new_when_its_first_backup_had_failed_before(folder: Folder) -> None:
    folder.run(item("failed", call_status=DENIED))
    folder.run(_made(1, reason="first_backup"))
    assert folder.gpos["Kiosk"]["event"] == "new"


def test_only_what_a_whole_run_did_not_see_is_deleted(folder: Folder) -> None:
    folder.run(_same(1), _same(2, _OTHER))
    folder.run(_same(1), whole=False)
    assert folder.gpos["Printers"]["outcome"] == "not_selected" and folder.gpos["Printers"]["event"] is None
    folder.run(_same(1), inaccessible=[{"id": _OTHER["id"], "found_in": ["sysvol"]}])
    assert folder.gpos["Printers"]["outcome"] == "hidden" and folder.gpos["Printers"]["event"] is None
    # One that was lost in the midst, or came to nothing, has not seen all of the others either.
    folder.run(_same(1), selected=2)
    assert folder.gpos["Printers"]["outcome"] == "not_selected"
    folder.run(selected=0)
    assert folder.gpos["Kiosk"]["outcome"] == "unchanged"
    folder.run(_same(1))
    gone = folder.gpos["Printers"]
    assert (gone["outcome"], gone["event"], gone["gone"]) == ("deleted", "deleted", "2026-01-07T12:00:00Z")
    assert len(gone["backups"]) == 1
    folder.run(_same(1))
    assert (folder.gpos["Printers"]["event"], folder.gpos["Printers"]["outcome"]) == (None, "deleted")
    folder.run(_same(1), _same(2, _OTHER))
    assert (folder.gpos["Printers"]["event"], folder.gpos["Printers"]["gone"]) == ("returned", None)


def test_a_file_of_another_run_tells_nothing_of_this_one(folder: Folder) -> None:
    folder.run(_same(1), _same(2, _OTHER))
    folder.run(_made(3), stale=True)
    assert folder.gpos["Kiosk"]["outcome"] == "unchanged" and len(folder.gpos) == 2
    # Nor is there anything to be told where no backup was to be made; the domain's name is known all the same.
    folder.report({}, domain="")
    (domain,) = json.loads(folder.text)["domains"]
    assert domain["domain"] == "corp.example" and len(domain["gpos"]) == 2
    assert domain["listed_at"] == "2026-01-02T12:00:00Z" and domain["at"] == "2026-01-04T12:00:00Z"


def test_a_report_on_what_other_runs_did_tells_of_them_once(folder: Folder) -> None:
    """As gpvault.gpmc.report does after slices: what was new then is still new, and the chart counts it once."""
    folder.run(_made(1, reason="first_backup"), _same(2, _OTHER))
    folder.run(_made(3, {**GPO, "name": "Kiosks"}))
    before = json.loads(folder.text)
    (record,) = (one["record"] for one in before["domains"])
    text = fleet_history(_fleet.fleet_of([record], [_HOST]), str(folder.path), _NOON + 86400 * 7)
    (folder.path / "history.json").write_text(text, "utf-8")
    after = json.loads(text)
    assert [len(run["domains"]) for run in after["runs"]] == [1, 1]
    assert [run["at"] for run in after["runs"]] == ["2026-01-02T12:00:00Z", "2026-01-09T12:00:00Z"]
    events = {gpo["name"]: gpo["event"] for gpo in after["domains"][0]["gpos"]}
    assert events == {"Kiosks": "changed", "Printers": "deleted"}
    assert after["domains"][0]["gpos"] == before["domains"][0]["gpos"]


def test_a_host_that_was_moved_to_another_domain_begins_anew(folder: Folder) -> None:
    folder.run(_same(1))
    folder.report({}, domain="emea.example")
    assert folder.gpos == {}


def test_history_is_bounded(folder: Folder) -> None:
    folder.run(_same(1), _made(1, {**_OTHER, "id": "{00000000-0000-0000-0000-00000000000B}", "name": "Gone"}))
    for number in range(105):
        folder.run(_made(number + 1, changes=[{**_CHANGE, "after": "x" * 5000}] * 150))
    history = json.loads(folder.text)
    kiosk = folder.gpos["Kiosk"]
    assert len(history["runs"]) == 100 and len(kiosk["backups"]) == 20 and kiosk["more_backups"] == 85
    newest = kiosk["backups"][0]
    assert newest["comment"] == "No. 105" and len(newest["changes"]) == 100 and newest["more_changes"] == 50
    assert len(newest["changes"][0]["after"]) == 300
    # What was gone before the oldest run that is kept is forgotten.
    assert set(folder.gpos) == {"Kiosk"}
    (row,) = csv.DictReader(io.StringIO(fleet_history_csv(folder.text)))
    assert (row["backups"], row["newest"], row["outcome"]) == ("105", newest["timestamp"], "created")
    changes = list(csv.DictReader(io.StringIO(fleet_history_csv(folder.text, "changes"))))
    assert len(changes) == 2000 and changes[0]["place"] == "Account Policies / Password Policy"


def test_the_changes_of_a_domain_are_bounded(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the newest backups stay."""
    gpos = "ansible_collections.gpvault.gpmc.plugins.plugin_utils._fleet_gpos"
    monkeypatch.setattr(f"{gpos}.CHANGES_OF_DOMAIN_AT_MOST", 5)
    for number in range(4):
        folder.run(_made(number, changes=[_CHANGE] * 2))
    known = [one["changes"] and len(one["changes"]) for one in folder.gpos["Kiosk"]["backups"]]
    assert known == [2, 2, None, None]


def test_a_host_that_is_no_longer_there_is_forgotten_in_the_end(folder: Folder) -> None:
    folder.run(_same(1))
    for number in range(101):
        fleet = _fleet.fleet_of([None], ["h2"])
        text = fleet_history(fleet, str(folder.path), _NOON + 86400 * (number + 1))
        (folder.path / "history.json").write_text(text, "utf-8")
        if number == 98:
            assert [one["host"] for one in json.loads(text)["domains"]] == ["h1", "h2"]
    assert [one["host"] for one in json.loads(folder.text)["domains"]] == ["h2"]


def test_copies_tell_what_was_before(folder: Folder, tmp_path: pathlib.Path) -> None:
    """The entries of the newest backups, those of deleted GPOs too, and none that claims to be another GPO's."""
    copy = tmp_path / "copies" / _HOST
    for number in range(1, 26):
        backup_folder.put(copy, number)
    backup_folder.put(copy, 30, _OTHER["id"])
    catalog = copy / ".gpvault" / backup_folder.DOMAIN
    (catalog / GPO["id"] / f"{27:010d}_{backup_folder.backup_id(27)}.json").write_bytes(backup_folder.entry(28))
    safety = backup_folder.entry(26, purpose="safety", reasons=["x"], changes=[_CHANGE])
    _record(copy, 25, changes=[_RECORDED], change_count=7)
    (catalog / GPO["id"] / f"{26:010d}_{backup_folder.backup_id(26)}.json").write_bytes(safety)
    folder.run(_same(25))
    folder.report({}, str(tmp_path / "copies"))
    (domain,) = json.loads(folder.text)["domains"]
    by_id = {gpo["id"]: gpo for gpo in domain["gpos"]}
    kiosk, gone = by_id[GPO["id"]], by_id[_OTHER["id"]]
    assert (gone["outcome"], gone["name"], len(gone["backups"])) == ("deleted", "Kiosk", 1)
    assert [one["sequence"] for one in kiosk["backups"]] == list(range(26, 7, -1))
    # An entry has no changes: they are recorded beside it, with how many there are.
    assert kiosk["backups"][0]["purpose"] == "safety" and kiosk["backups"][0]["changes"] is None
    assert kiosk["backups"][1]["changes"] == [_RECORDED] and kiosk["backups"][1]["more_changes"] == 6
    assert kiosk["backups"][2]["changes"] is None
    # Of 27 numbers the newest 20 were read, of which one was nothing.
    assert kiosk["more_backups"] == 27 - 19
    page = fleet_page(folder.text)
    assert page["domains"][0]["bare"] == 0 and page["totals"]["gpos"] == 1
    # A backup that no copy has yet is the newest.
    folder.run(_made(31))
    folder.report({}, str(tmp_path / "copies"))
    (domain,) = json.loads(folder.text)["domains"]
    (kiosk,) = (gpo for gpo in domain["gpos"] if gpo["id"] == GPO["id"])
    assert [one["sequence"] for one in kiosk["backups"]][:2] == [None, 26]


@pytest.mark.parametrize(
    "forged",
    [
        {"changes": 5}, {"changes": [{"kind": "changed", "place": 5}]}, {"gpo": 5}, {"backup": {"id": "{1}"}},
        {"gpo": {"id": _OTHER["id"]}},
    ],
)  # fmt: skip
def test_a_forged_record_tells_no_changes(folder: Folder, tmp_path: pathlib.Path, forged: dict[str, t.Any]) -> None:
    """Nor does one that is another backup's, or no JSON; the backup is as good as any other."""
    copy = tmp_path / "copies" / _HOST
    for number in (1, 2, 3):
        backup_folder.put(copy, number)
    _record(copy, 1, changes=[_RECORDED])
    _record(copy, 2, **{"changes": [_RECORDED], **forged})
    _record(copy, 3, b"[" * 100_000)
    folder.run(_same(4))
    folder.report({}, str(tmp_path / "copies"))
    told = {one["sequence"]: one["changes"] for one in folder.gpos["Kiosk"]["backups"]}
    assert told == {None: None, 3: None, 2: told[2], 1: [_RECORDED]} and not told[2]


def test_records_of_changes_are_read_within_bounds(
    folder: Folder, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_fleet_copies, "RECORDED_AT_MOST", 1)
    copy = tmp_path / "copies" / _HOST
    for number in (1, 2):
        backup_folder.put(copy, number)
        _record(copy, number, changes=[_RECORDED])
    folder.run(_same(3))
    folder.report({}, str(tmp_path / "copies"))
    assert [one["changes"] for one in folder.gpos["Kiosk"]["backups"]] == [None, [_RECORDED]]
    # The next report has the others, and what changed with them.
    folder.report({}, str(tmp_path / "copies"))
    assert [one["changes"] for one in folder.gpos["Kiosk"]["backups"]] == [None, [_RECORDED], [_RECORDED]]


def test_changes_that_a_result_has_no_room_for_are_counted(folder: Folder) -> None:
    """Those of the last GPOs of a run in which very much changed: none of them is told, and all are counted."""
    folder.run(_made(1, changes=[_CHANGE], change_count=500), _made(2, _OTHER, changes=[], change_count=3))
    told = {name: gpo["backups"][0] for name, gpo in folder.gpos.items()}
    assert {name: (len(one["changes"]), one["more_changes"]) for name, one in told.items()} == {
        "Kiosk": (1, 499), "Printers": (0, 3),
    }  # fmt: skip


@pytest.mark.parametrize("forged", [{"reasons": 5}, {"backup": 5}])
def test_a_forged_entry_costs_its_own_backup(folder: Folder, tmp_path: pathlib.Path, forged: dict[str, t.Any]) -> None:
    """Whoever may write into one backup directory does not end the report on all of them."""
    copy = tmp_path / "copies" / _HOST
    backup_folder.put(copy, 1)
    catalog = copy / ".gpvault" / backup_folder.DOMAIN / GPO["id"]
    (catalog / f"{2:010d}_{backup_folder.backup_id(2)}.json").write_bytes(backup_folder.entry(2, **forged))
    folder.run(_same(1))
    folder.report({}, str(tmp_path / "copies"))
    (domain,) = json.loads(folder.text)["domains"]
    (kiosk,) = domain["gpos"]
    assert [one["sequence"] for one in kiosk["backups"]] == [1]


def test_what_only_a_copy_knows_is_not_deleted_when_it_is_hidden(folder: Folder, tmp_path: pathlib.Path) -> None:
    """Nor is one listed that no copy knows: nothing is known of it but that there is one."""
    backup_folder.put(tmp_path / "copies" / _HOST, 1, _OTHER["id"])
    unknown = "{00000000-0000-0000-0000-00000000000C}"
    folder.run(_same(1), inaccessible=[{"id": one, "found_in": ["sysvol"]} for one in (_OTHER["id"], unknown)])
    folder.report({}, str(tmp_path / "copies"))
    (domain,) = json.loads(folder.text)["domains"]
    assert {gpo["id"]: gpo["outcome"] for gpo in domain["gpos"]} == {GPO["id"]: "unchanged", _OTHER["id"]: "hidden"}


def test_an_entry_is_read_once_and_not_too_many_at_once(tmp_path: pathlib.Path) -> None:
    for number in range(1, 6):
        backup_folder.put(tmp_path, number)
    copies = _fleet_copies.Copies(entries_at_most=3)
    known = {GPO["id"]: {backup_folder.backup_id(5)}}
    (name, entries, number) = copies.of(str(tmp_path), backup_folder.DOMAIN, known, 20)[GPO["id"]]
    assert (name, [one["backup"]["sequence"] for one in entries], number) == ("Kiosk", [4, 3, 2], 5)
    assert copies.of(str(tmp_path), backup_folder.DOMAIN, {}, 20)[GPO["id"]] == ("", [], 5)
    assert copies.of(str(tmp_path / "nothing"), backup_folder.DOMAIN, {}, 20) == {}


@pytest.mark.parametrize("content", ["", "[]", '{"format": "mine"}', '{"format": "gpvault.gpmc history"', "x" * 10])
def test_a_history_that_is_not_ours_is_left_alone(folder: Folder, content: str) -> None:
    (folder.path / "history.json").write_text(content, "utf-8")
    with pytest.raises(AnsibleFilterError, match="Move it away, and a new one is begun"):
        folder.run(_same(1))
    assert folder.text == content
    with pytest.raises(AnsibleFilterError, match="is no history of a fleet"):
        fleet_page(content)


def test_a_history_of_a_later_release_is_left_alone(folder: Folder) -> None:
    folder.run(_same(1))
    (folder.path / "history.json").write_text(folder.text.replace('"schema":1', '"schema":2', 1), "utf-8")
    with pytest.raises(AnsibleFilterError, match="has the schema 2"):
        folder.run(_same(1))


def test_a_page_that_is_not_ours_is_left_alone(folder: Folder) -> None:
    (folder.path / "fleet.html").write_text("<title>Mine</title>", "utf-8")
    with pytest.raises(AnsibleFilterError, match="is a page of another kind"):
        folder.run(_same(1))


def test_the_newest_drill_is_kept(folder: Folder) -> None:
    """Until there is another. One that came to no GPO tells nothing."""
    folder.run(_same(1))
    assert json.loads(folder.text)["domains"][0]["drill"] is None
    assert list(csv.DictReader(io.StringIO(fleet_history_csv(folder.text, "drills")))) == []
    summary = {"selected": 3, "drilled": 2, "not_there_yet": 0, "failed": 1, "not_attempted": 0}
    folder.report({}, drill={"summary": summary, "recovery": {"gpos": 2, "seconds": 90.5}})
    drilled = {"drilled": 2, "not_drilled": 1, "recovery": 90.5}
    folder.runs += 1
    folder.report({}, drill={"summary": dict.fromkeys(summary, 0), "recovery": {"gpos": 0, "seconds": 0}})
    folder.run(_same(1))
    (domain,) = json.loads(folder.text)["domains"]
    assert domain["drill"] == {"at": _fleet.utc(_NOON + 86400), **drilled}
    (row,) = csv.DictReader(io.StringIO(fleet_history_csv(folder.text, "drills")))
    assert row["host"] == _HOST and (row["drilled"], row["not_drilled"], row["recovery"]) == ("2", "1", "90.5")
    shown = fleet_page(folder.text)["domains"][0]["drill"]
    assert shown["gpos"] == 3 and shown["failed"] == 1 and shown["recovery"] == "90s"


def test_a_drill_alone_changes_nothing_else(folder: Folder) -> None:
    """It is no run of the cycle: what is new in the domain still is, and what is known of it is as old as it was."""
    folder.run(_made(1, reason="first_backup"))
    before = json.loads(folder.text)
    summary = {"selected": 3, "drilled": 2, "not_there_yet": 0, "failed": 1, "not_attempted": 0}
    drill = {"summary": summary, "recovery": {"gpos": 2, "seconds": 90.5}}
    about = {"via": _HOST, "path": "D:\\GPO", "began": _NOON, "now": _NOON + 86400 * 5}
    for host, domain in ((_HOST, "emea.example"), ("unknown", "corp.example"), (_HOST, "corp.example")):
        record = _fleet.record_of({"drill": drill}, {**about, "host": host, "domain": domain})
        text = fleet_history(_fleet.fleet_of([record], [host]), str(folder.path), _NOON + 86400 * 5, drill=True)
        after = json.loads(text)
        # Of another domain, or of a host that no cycle has told of, it has nothing to say.
        assert (after == before) is ((host, domain) != (_HOST, "corp.example"))
    told = {"at": _fleet.utc(_NOON + 86400 * 5), "drilled": 2, "not_drilled": 1, "recovery": 90.5}
    assert after["domains"][0].pop("drill") == told and before["domains"][0].pop("drill") is None
    assert after == before


def test_rows_are_of_one_of_some_kinds(folder: Folder) -> None:
    folder.run(_made(1, {**GPO, "name": "=1+1"}, changes=[{**_CHANGE, "after": "@SUM(A1)"}]))
    with pytest.raises(AnsibleFilterError, match="not for domains"):
        fleet_history_csv(folder.text, "domains")
    # What a spreadsheet would take for a formula is marked as text.
    assert next(csv.DictReader(io.StringIO(fleet_history_csv(folder.text))))["name"] == "'=1+1"
    assert next(csv.DictReader(io.StringIO(fleet_history_csv(folder.text, "changes"))))["after"] == "'@SUM(A1)"


def test_the_data_of_a_page_stays_within_bounds(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    page = "ansible_collections.gpvault.gpmc.plugins.plugin_utils._fleet_page"
    monkeypatch.setattr(f"{page}.BACKUPS_AT_MOST", 3)
    monkeypatch.setattr(f"{page}.CHANGES_AT_MOST", 1)
    for number in range(1, 5):
        folder.run(_made(number, changes=[_CHANGE]), _made(number + 10, _OTHER, changes=[_CHANGE]))
    data = json.loads(fleet_page(folder.text)["data"])
    assert [(len(gpo[-1]), gpo[-2]) for gpo in data["gpos"]] == [(1, 3), (1, 3)]
    assert len(data["changes"]) == 1 and [gpo[-1][0][5] for gpo in data["gpos"]].count(None) == 1


def test_the_data_of_a_page_can_stand_in_a_script_element(folder: Folder) -> None:
    name = "</script><!-- <script> & \u2028 \ud800 \x00"
    folder.run(_made(1, {**GPO, "name": name}))
    text = fleet_page(folder.text)["data"]
    assert folder.text.isascii() and folder.text.startswith("\n{")
    assert text.isascii() and not set("<>&") & set(text) and json.loads(text)["gpos"][0][2] == name
