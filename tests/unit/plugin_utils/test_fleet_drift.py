# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role tells of GPOs that differ from what is approved."""

from __future__ import annotations

import typing as t

from ansible_collections.gpvault.gpmc.plugins.plugin_utils._fleet import csv_of, fleet_of, record_of
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._fleet_drift import drift_lines, drift_message, drifted

_APPROVED = {"id": "{1}", "timestamp": "2026-01-02T03:04:05Z", "comment": "Change 4711"}
_CHANGE = {
    "half": "computer", "extension": "Administrative Templates", "kind": "changed", "place": ["System"], "name": "Wait",
    "before": "Enabled", "after": "Disabled",
}  # fmt: skip


def _one(outcome: str, name: str, changes: int = 0) -> dict[str, t.Any]:
    before = None if outcome == "only_after" else {"gpo": {}, "backup": _APPROVED}
    return {
        "gpo": {"id": "{9}", "name": name}, "outcome": outcome, "before": before,
        "changes": [_CHANGE] * min(changes, 9), "change_count": changes, "trouble": None,
    }  # fmt: skip


def _result(*comparisons: dict[str, t.Any], **more: t.Any) -> dict[str, t.Any]:
    outcomes = [one["outcome"] for one in comparisons]
    names = ("differs", "same", "only_before", "only_after", "failed")
    summary = {name: outcomes.count(name) for name in names}
    return {"summary": summary, "comparisons": list(comparisons), "msg": "", **more}


_DRIFT = _result(
    _one("differs", "Kiosk", 12), _one("only_before", "Gone"), _one("only_after", "New"), _one("same", "x")
)  # fmt: skip


def test_which_have_drifted() -> None:
    assert drifted(_DRIFT) == 2
    assert drift_message(_DRIFT) == "2 GPOs differ from what is approved: 'Kiosk' (12 changes), 'Gone' (deleted)."
    kiosk, gone, new = drift_lines(_DRIFT)
    told = "Computer / Administrative Templates / System / Wait: Enabled → Disabled"
    since = "since the approved backup of 2026-01-02T03:04:05Z, 'Change 4711'"
    assert kiosk == f"drift: 'Kiosk', 12 changes {since}: {' | '.join([told] * 5)} and 4 more"
    assert gone == f"drift: 'Gone', deleted {since}"
    assert new == "drift: 1 GPO without an approved state: 'New'"


def test_nothing_has() -> None:
    """What nobody approved cannot drift, and where nobody looked nobody knows."""
    assert drift_message(_result(_one("same", "x"), _one("only_after", "New"))) == ""
    assert drifted({}) is None and drift_message({}) == "" and drift_lines({"unreachable": True}) == []


def _record(drift: dict[str, t.Any], **given: t.Any) -> dict[str, t.Any]:
    return record_of({"drift": drift}, {"host": "h", "began": 0, "now": 10, **given})


def test_the_report_tells_of_it_by_domain() -> None:
    record = _record(_DRIFT)
    assert record["outcome"] == "ok" and record["drifted"] == 2
    fleet = fleet_of([record], ["h"])
    assert fleet["good"] is True and len(fleet["reasons"]) == 3
    assert fleet["reasons"][0].startswith("h: warning: drift: 'Kiosk', 12 changes")
    header, row = (line.split(",") for line in csv_of(fleet).splitlines())
    assert row[header.index("drifted")] == "2"
    failed = _record(_DRIFT, error=drift_message(_DRIFT))
    assert (failed["outcome"], failed["step"]) == ("failed", "drift")
    assert failed["msg"].startswith("2 GPOs differ from what is approved")


def test_what_could_not_be_compared_is_a_failure() -> None:
    broken = _one("failed", "Kiosk")
    broken["trouble"] = {"hresult": None, "name": None, "message": "The reports could not be compared.", "fix": None}
    record = _record(_result(broken, failed=True, msg="1 of 1 failed"), error="1 of 1 failed")
    assert record["step"] == "drift"
    assert record["failures"] == [
        {"step": "drift", "name": "Kiosk", "id": "{9}", "reason": "The reports could not be compared."}
    ]
    assert record["more_failures"] == 0
    # A short result tells of the first hundred.
    many = _result(broken, failed=True, msg="150 of 150 failed")
    many["summary"]["failed"] = 150
    assert _record(many, error="150 of 150 failed")["more_failures"] == 149


def test_many_are_bounded() -> None:
    record = _record(_result(*[_one("differs", f"GPO {number}", 9) for number in range(500)]))
    assert record["drifted"] == 500 and len(record["warnings"]) == 21 and record["warnings"][-1] == "and 480 more"
    assert max(map(len, record["warnings"])) <= 301
