# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_restore on the controller: what is no success, although nothing failed on the host."""

from __future__ import annotations

import typing as t

import exchanges
import pytest
from ansible.errors import AnsibleConnectionFailure
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


@pytest.mark.parametrize(
    ("module", "args", "outcome", "again"),
    [("gpo_restore", _ALL, "restored", False), ("gpo_backup", _ALL, "created", True)],
    ids=["what may have been altered", "what a backup does not alter"],
)
def test_what_was_read_once_is_read_anew_where_a_lost_trip_may_have_altered_it(
    monkeypatch: pytest.MonkeyPatch, module: str, args: dict[str, t.Any], outcome: str, again: bool
) -> None:
    left = [{"id": "{2}", "name": "Two"}, {"id": "{3}", "name": "Three"}]
    trips = [
        received(item(outcome, id="{1}"), selected=3, remaining=left, surroundings={"soms": []}),
        {"received": AnsibleConnectionFailure("gone")},
        received(item(outcome, id="{2}"), selected=None, remaining=left[1:], surroundings={"soms": [1]}),
        received(item(outcome, id="{3}"), selected=None),
    ]
    result, player = exchanges.play(monkeypatch, args, trips, module=module)
    assert not result.get("failed") and result["summary"][outcome] == 3, result["msg"]
    handed_on = [sent.get("_surroundings") for sent in player.sent]
    assert handed_on[0] is None and handed_on[1]
    assert (handed_on[2] == handed_on[1]) is again and bool(handed_on[2]) is again
    # What the trip has read that was made in its place.
    assert handed_on[3] and handed_on[3] != handed_on[1]
