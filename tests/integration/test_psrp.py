# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""By psrp, with the engine's own server: the whole cycle, a connection that is cut, a server that dies."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import typing as t

import pytest
from cycle import assert_cycle
from harness import Lab, unended
from steps import outcomes, step

pytest.importorskip("pypsrp", reason="no pypsrp to be had here")

_GPOS = ["Kiosk", "Browser settings"]
_BY_PSRP = "inventory-psrp.yml"


def test_the_cycle_by_psrp(lab: Lab, tmp_path: pathlib.Path) -> None:
    assert_cycle(lab, tmp_path, inventory=_BY_PSRP)


def test_a_connection_of_psrp_that_is_cut_loses_nothing(lab: Lab) -> None:
    lab("fault", "add", "slow", "--delay", "1500")
    lab("fault", "add", "cut_receive", "--after", "0", "--times", "1", "--delay", "1000")
    run = lab.tasks([step("It", gpos=_GPOS)], inventory=_BY_PSRP)
    _assert_done_by_the_second_trip(lab, run.of("It"), run.output)


def test_a_server_of_psrp_that_is_killed_ends_the_trip(lab: Lab) -> None:
    """Whoever asks for what a dead process will not say is told so, and does not ask for ever."""
    lab("fault", "add", "slow", "--delay", "3000")
    catalog = lab.drive_d() / "GPO/.gpvault"
    with (
        lab.logged() as events,
        lab.play_file([step("It", gpos=_GPOS)]) as path,
        lab.start(path, inventory=_BY_PSRP) as running,
    ):
        assert running.until(lambda: list(catalog.rglob("0*.json")))
        (server,) = unended(lab.access_log())
        os.killpg(server, signal.SIGKILL)
        run = running.wait()
    assert 1726 in [event.get("fault") for event in events]
    _assert_done_by_the_second_trip(lab, run.of("It"), run.output)


def _assert_done_by_the_second_trip(lab: Lab, results: list[dict[str, t.Any]], output: str) -> None:
    (result,) = results
    assert not result.get("failed") and set(outcomes(result, by="name").values()) == {"created"}, output
    assert "Trying once more." in output
    entries = [json.loads(path.read_bytes()) for path in (lab.drive_d() / "GPO/.gpvault").rglob("0*.json")]
    assert len(entries) == 2 and {entry["run_id"] for entry in entries} == {result["run_id"]}


def test_a_host_of_psrp_that_crashes_or_cannot_be_reached(lab: Lab) -> None:
    """A process that dies each time is a failure of the task, a host that never answered is unreachable."""
    lab("fault", "add", "crash")
    (result,) = lab.tasks([step("It", gpos="Kiosk")], inventory=_BY_PSRP).of("It")
    assert result["failed"] is True and "WSManFault" in result["msg"]
    lab("fault", "add", "refuse_connect")
    (result,) = lab.tasks([step("It", gpos="Kiosk")], inventory=_BY_PSRP).of("It")
    assert result["unreachable"] is True and "The connection to the host failed" in result["msg"]
