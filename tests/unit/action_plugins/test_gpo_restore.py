# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_restore on the controller: what is no success, although nothing failed on the host."""

from __future__ import annotations

import typing as t

import exchanges
import pytest
from replies import item, received

_SURVEY = {
    "catalog": False, "uncatalogued": {"backups": 2, "gpos": 1}, "domains": [], "renamed": [], "below": [],
    "above": None, "gone": 0,
}  # fmt: skip
_ALL = {"path": "D:\\GPO", "all": True}


def _play(monkeypatch: pytest.MonkeyPatch, args: dict[str, t.Any], *trips: t.Any) -> dict[str, t.Any]:
    result, player = exchanges.play(monkeypatch, args, trips, module="gpo_restore")
    assert not player.waiting
    return t.cast("dict[str, t.Any]", result)


def test_to_restore_everything_and_find_nothing_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    result = _play(monkeypatch, _ALL, received(survey=_SURVEY))
    assert result["failed"] is True and result["changed"] is False
    assert result["msg"].startswith("No GPO was selected. There are 2 backups of 1 GPO that the catalog ")
    assert "uncatalogued: true" in result["msg"]


@pytest.mark.parametrize("failed", [True, False])
def test_a_selection_that_is_empty_can_be_a_failure(monkeypatch: pytest.MonkeyPatch, failed: bool) -> None:
    args = {"path": "D:\\GPO", "gpos": "x*", "fail_if_empty": failed}
    result = _play(monkeypatch, args, received(unmatched_patterns=["x*"]))
    assert bool(result.get("failed")) is failed and result["msg"] == "No GPO was selected."


def test_a_name_that_is_not_found_tells_what_lies_there(monkeypatch: pytest.MonkeyPatch) -> None:
    error = {"kind": "not_found", "entry": "Kiosk", "matches": [], "hresult": None, "message": None}
    args = {"path": "D:\\GPO", "gpos": "Kiosk"}
    result = _play(monkeypatch, args, received(selection_errors=[error], survey=_SURVEY, selected=None))
    assert "There are 2 backups of 1 GPO" in result["msg"]


def test_a_gpo_that_was_not_there_yet_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    args = {**_ALL, "as_of": "2026-01-01"}
    later = item("not_there_yet", reasons=[])
    result = _play(monkeypatch, args, received(item("unchanged", id="{1}"), later))
    assert not result.get("failed") and result["summary"]["not_there_yet"] == 1
    assert result["msg"] == "0 of 2 GPOs restored, 1 unchanged, 1 not there yet."
    result = _play(monkeypatch, args, received(later))
    assert result["failed"] is True
    assert result["msg"] == "No GPO was restored: the backups of all of them were made later than as_of."
