# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changed, against the lab: told by backup and restore, recorded, its history; what is approved, and drift."""

from __future__ import annotations

import json
import pathlib
import typing as t

from extent import in_whole
from harness import ROOT, Lab
from steps import item, step

_KIOSK = {"gpos": "Kiosk"}
_ALL = {"gpos": ["Kiosk", "Default*"], "detail": "changed"}
_VALUE = "Software\\Policies\\Contoso\\Lab\\Edits"
_INFO = {"verify": "none", "changes": True, **_KIOSK}


def _run_here(lab: Lab, name: str, *argv: str) -> dict[str, t.Any]:
    return {
        "name": name, "delegate_to": "localhost", "connection": "local",
        "ansible.builtin.command": {"argv": list(argv)}, "environment": {"GPVAULT_LAB": str(lab.state)},
    }  # fmt: skip


def _edit(lab: Lab, *args: str) -> dict[str, t.Any]:
    return _run_here(lab, "Edit", str(ROOT / "tests/lab/lab"), "gpo", *args)


def _drift(name: str, fail: bool) -> dict[str, t.Any]:
    """Return the role's step, which must not end the play."""
    role = {
        "name": name,
        "ansible.builtin.include_role": {"name": "gpvault.gpmc.gpo_vault", "tasks_from": "drift"},
        "vars": {"gpo_vault_path": "D:\\GPO", "gpo_vault_gpos": _ALL["gpos"], "gpo_vault_drift_fail": fail},
    }
    return {"name": f"{name} or not", "block": [role], "rescue": [{"name": "On", "ansible.builtin.meta": "noop"}]}


def _told(entry: dict[str, t.Any]) -> list[tuple[str, str, str | None, str | None]]:
    return [(one["kind"], one["name"], one["before"], one["after"]) for one in entry["changes"]]


@in_whole
def test_what_changed_its_history_and_drift(lab: Lab, tmp_path: pathlib.Path) -> None:
    catalog = lab.drive_d() / "GPO/.gpvault"
    dest, delete = tmp_path / "copies", ["find", str(catalog), "-name", "*.reports.json", "-delete"]
    run = lab.tasks(
        [
            step("First", approved=True, comment="Change 4711", **_ALL),
            _edit(lab, "edit", "Kiosk"),
            step("Plan", check_mode=True, diff=True, **_ALL),
            step("Second", comment="After", **_ALL),
            # As if the process had ended before what changed was kept.
            _run_here(lab, "Lose", *delete),
            step("Again", **_ALL),
            step("History", "gpo_backup_info", **_INFO),
            step("Approve", approved=True, comment="Nothing new", gpos="Default Domain Policy"),
            step("Fetch", "gpo_backup_fetch", dest=str(dest)),
            step("Push", "gpo_backup_push", src=str(dest), path="D:\\Other", create_path=True),
            _edit(lab, "edit", "Kiosk"),
            step("Off", changes=False, **_ALL),
            step("Prune", "gpo_backup_prune", keep_last=1, domain="corp.example"),
            step("Pruned", "gpo_backup_info", **_INFO),
            _drift("Told", fail=False),
            _drift("Refused", fail=True),
            step("Would restore", "gpo_restore", check_mode=True, approved=True, **_KIOSK),
            step("Restore", "gpo_restore", approved=True, diff=True, **_KIOSK),
        ]
    )
    assert run.code == 0, run.output
    results = {
        name: run.of(name)[0]
        for name in (
            "First", "Plan", "Second", "Again", "Approve", "Off", "Prune", "Fetch", "Push", "Would restore", "Restore",
        )
    }
    assert all(not one.get("failed") and "warnings" not in one for one in results.values()), results
    added = [("added", _VALUE, None, "10")]
    assert {one["change_count"] for one in results["First"]["backups"]} == {None}
    for name in ("Plan", "Second"):
        assert _told(item(results[name], "Kiosk")) == added
    assert f"Extra Registry Settings / {_VALUE}: 10\n" in results["Plan"]["diff"][0]["after"]
    assert results["Again"]["summary"]["unchanged"] == 3 and results["Again"]["changed"] is False

    (of_gpo,) = run.of("History")[0]["history"]
    second, first = of_gpo["versions"]
    assert (second["comment"], _told(second), second["reasons"]) == ("After", added, ["computer_settings"])
    assert second["since"]["id"] == first["id"] and first["changes"] is None
    assert (first["approved"], first["comment"], first["reasons"]) == (True, "Change 4711", ["first_backup"])
    # It has not changed, but nobody had said these words.
    assert results["Approve"]["summary"]["unchanged"] == 1

    kept = {
        one["backup"]["sequence"]: one["rules"]
        for one in results["Prune"]["kept"]
        if one["backup"]["gpo"]["name"] == "Kiosk"
    }
    assert kept == {3: ["newest_good", "keep_last"], 1: ["newest_approved"]}
    (of_gpo,) = run.of("Pruned")[0]["history"]
    assert [(one["sequence"], one["pruned"]) for one in of_gpo["versions"]] == [(3, False), (2, True), (1, False)]
    assert _told(of_gpo["versions"][1]) == added and of_gpo["versions"][0]["changes"] is None
    assert results["Off"]["backups"][0]["changes"] is None

    # What changed goes where the backup goes: from the controller on as a record, whatever the host has kept.
    records = [next(folder.rglob("*.changes.json")) for folder in (dest, lab.drive_d() / "Other")]
    assert len({path.read_bytes() for path in records}) == 1
    record = json.loads(records[0].read_text())
    assert _told(record) == added and record["since"] == second["since"] and "reports" not in record
    assert [path.name[-13:] for path in catalog.rglob("*_{*}.*.json")] == [".reports.json"]

    assert "1 GPO differs from what is approved: 'Kiosk' (1 change)." in run.output
    changes = [("removed", _VALUE, "11", None)]
    assert _told(item(results["Would restore"], "Kiosk")) == changes
    assert _told(item(results["Restore"], "Kiosk")) == changes and item(results["Restore"], "Kiosk")["safety_backup"]
