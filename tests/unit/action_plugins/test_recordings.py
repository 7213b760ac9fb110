# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every action plugin, replaying exchanges that record.py took from the lab."""

from __future__ import annotations

import copy
import json
import typing as t

import pytest
from exchanges import MODULES, RECORDINGS, documented, own_keys, play, recording, replay

_ALL = sorted((path.parent.name, path.stem) for path in RECORDINGS.glob("*/*.json"))


def _differences(value: t.Any, documented: dict[str, t.Any], where: str) -> t.Iterator[str]:
    """Tell where a result has other keys than its documentation."""
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, dict):
            continue
        if set(item) != set(documented):
            yield f"{where}: {sorted(set(item) ^ set(documented))}"
        for name, part in documented.items():
            if part.get("contains"):
                yield from _differences(item.get(name), part["contains"], f"{where}.{name}")


_NAMES = sorted(path.stem for path in MODULES.glob("*.yml"))


def test_every_module_has_recordings() -> None:
    assert sorted({module for module, _name in _ALL}) == _NAMES


@pytest.mark.parametrize("module", _NAMES)
def test_a_wrong_option_needs_no_connection(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """And the result has the documented keys all the same."""
    result, player = play(monkeypatch, {"no_such_option": 1}, [], module=module)
    assert result["failed"] is True and player.sent == [] and "no_such_option" in result["msg"]
    assert list(_differences(own_keys(result), documented(module), module)) == []


@pytest.mark.parametrize(("module", "name"), _ALL)
def test_same_requests(monkeypatch: pytest.MonkeyPatch, module: str, name: str) -> None:
    """What is sent is what was recorded, but for the run's ID."""
    result, player = replay(monkeypatch, name, module=module)
    trips = recording(module, name)["trips"]
    for sent, trip in zip(player.sent, trips, strict=True):
        assert {**sent, "_run_id": ""} == {**trip["sent"], "_run_id": ""}
    run_ids = {sent.get("_run_id") for sent in player.sent}
    assert run_ids == {result["run_id"]} if "run_id" in result else len(run_ids) == 1
    assert result["invocation"]["module_args"] == recording(module, name)["args"]


@pytest.mark.parametrize(("module", "name"), _ALL)
def test_the_result_is_the_documented_one(monkeypatch: pytest.MonkeyPatch, module: str, name: str) -> None:
    """All documented keys and no others, on every path."""
    result, _player = replay(monkeypatch, name, module=module)
    assert list(_differences(own_keys(result), documented(module), module)) == []


@pytest.mark.parametrize(
    ("module", "name", "changed", "failed", "message"),
    [
        ("gpo_info", "some", False, False, "3 GPOs"),
        ("gpo_info", "refused", False, True, "0x80072020"),
        ("gpo_backup_index", "lost", True, False, "is written anew with 4 backups: 4 added, 0 mended, 0 dropped."),
        ("gpo_backup_index", "whole", False, False, "lists 4 backups, as it ought to."),
        ("gpo_backup_fetch", "check_mode", True, False, "4 of 4 backups would be copied, 0 there already."),
        ("gpo_backup_fetch", "no_directory", False, False, "The directory is missing or empty; in check mode"),
        ("gpo_backup_push", "check_mode", True, False, "0 of 0 backups would be copied, 0 there already."),
        ("gpo_backup_push", "no_directory", False, True, "0x80070003"),
        ("gpo_backup_info", "verified", False, False, "4 backups"),
        ("gpo_backup_info", "damaged", False, False, "1 damaged"),
        ("gpo_backup_prune", "check_mode", False, False, "0 of 4"),
        ("gpo_backup_prune", "nothing", False, False, "0 of 4"),
        ("gpo_backup_prune", "deleted", True, False, "4 of 8"),
        ("gpo_preflight", "well", False, False, "11 checks: "),
        ("gpo_preflight", "refused", False, True, "2 checks failed: "),
        ("gpo_diff", "edited", False, False, "1 of 3 GPOs differs, 2 the same."),
        ("gpo_diff", "two_backups", False, False, "1 of 4 GPOs differs, 3 only there as newest, 0 the same."),
        ("gpo_diff", "two_gpos", False, False, "1 of 1 GPO differs, 0 the same."),
        ("gpo_drill", "two", False, False, "2 of 2 GPOs can be recovered; to import them took "),
        ("gpo_drill", "check_mode", False, False, "The recovery of 4 of 4 GPOs would be drilled."),
        ("gpo_drill", "failed", False, True, "1 of 2 GPOs failed: "),
        ("gpo_drill", "damaged", False, True, "1 of 4 GPOs failed: "),
        ("gpo_restore", "edited", True, False, "1 of 2 GPOs restored, 1 unchanged."),
        ("gpo_restore", "unchanged", False, False, "0 of 1 GPO restored, 1 unchanged."),
        ("gpo_restore", "deleted", True, False, "1 of 1 GPO would be restored, 0 unchanged."),
        ("gpo_restore", "refused", False, True, "E_ACCESSDENIED"),
        ("gpo_import", "new", True, False, "'Copy' has got the settings of 'Laptops: BitLocker and VPN'."),
        ("gpo_import", "unchanged", False, False, "'Copy' has the settings of"),
        # A safety copy was taken before, which is a change of the directory.
        ("gpo_import", "failed", True, True, "ERROR_NOT_FOUND"),
        ("gpo_report", "written", True, False, "3 of 3"),
        ("gpo_report", "unchanged", False, False, "0 of 3"),
    ],
)
def test_what_is_told(
    monkeypatch: pytest.MonkeyPatch, module: str, name: str, changed: bool, failed: bool, message: str
) -> None:
    result, _player = replay(monkeypatch, name, module=module)
    assert (result["changed"], bool(result.get("failed"))) == (changed, failed), result["msg"]
    assert message in result["msg"]


_MANY = 5000


def _many(module: str, name: str) -> tuple[dict[str, t.Any], list[dict[str, t.Any]]]:
    """Return a recorded scenario's task and its one trip, as if there were thousands of its worst item."""
    scenario = recording(module, name)
    trip = copy.deepcopy(scenario["trips"][0])
    reply = trip["received"]["trip"]
    worst = max(reply["entries"], key=lambda entry: (entry.get("outcome") == "failed", len(json.dumps(entry))))
    if worst.get("problems"):
        worst["problems"] *= 500
    reply.update(
        entries=[{**worst, "id": f"{{{number:08}}}"} for number in range(_MANY)], selected=_MANY, remaining=[],
        inaccessible=[{"id": f"{{{number:08}}}", "found_in": ["sysvol", "link"]} for number in range(_MANY)],
        problems=[
            {"kind": "permissions", "subject": f"GPO {number}", "hresult": -2147024891, "message": "no"}
            for number in range(_MANY)
        ],
    )  # fmt: skip
    return scenario, [trip]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("gpo_backup", "one_gpo"), ("gpo_backup", "failed_status"), ("gpo_backup_info", "damaged"),
        ("gpo_backup_prune", "nothing"), ("gpo_info", "some"), ("gpo_report", "written"), ("gpo_restore", "refused"),
    ],
)  # fmt: skip
def test_awx_keeps_a_summary_whatever_fails(monkeypatch: pytest.MonkeyPatch, module: str, name: str) -> None:
    """AWX drops a result beyond 700,000 characters."""
    task, trips = _many(module, name)
    result, _player = play(monkeypatch, {**task["args"], "detail": "summary"}, trips, module=module)
    assert len(json.dumps(result)) < 300_000
    assert _MANY in result["summary"].values()
    shown = result["warnings"]
    assert len(shown) == 101 and shown[-1].endswith(" more warnings.")
