# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""By each way to the host: the whole cycle, a trip that is lost, a run that is stopped, a backup that is cancelled."""

from __future__ import annotations

import collections
import contextlib
import os
import pathlib
import signal
import subprocess
import typing as t

import pytest
from backups import assert_whole
from cycle import assert_cycle
from extent import in_whole
from harness import Lab, alive, kill_with_children, wait_until
from steps import outcomes, step
from ways import WAYS, Way, cells, cut_ssh

_GPOS = ["Kiosk", "Browser settings"]


class By(t.NamedTuple):
    """The way of a test, opened."""

    way: Way
    keywords: dict[str, t.Any]
    """Of Lab.start."""


@pytest.fixture
def way(request: pytest.FixtureRequest, lab: Lab) -> By:
    """The way by which the test's tasks run. What cannot be had here is skipped."""
    found = WAYS[request.param]
    if missing := found.missing():
        pytest.skip(missing)
    return By(found, found.open(lab))


@cells(quick="psrp", whole="ssh")
def test_the_cycle(lab: Lab, way: By, tmp_path: pathlib.Path) -> None:
    with lab.logged() as events:
        assert_cycle(lab, tmp_path, **way.keywords)
    encrypted = {event["tls"] for event in events if event["event"] == "connection_opened"}
    assert encrypted == (set() if way.way.by_ssh else {way.way.tls})


@cells(
    hows="cut restarted killed", but="ssh/restarted",
    quick="ssh/cut psrp/killed", whole="winrm/cut psrp/cut winrm/restarted",
)
def test_a_trip_that_is_lost_once_loses_nothing(lab: Lab, way: By, how: str) -> None:
    """A connection is cut; all shells of the host end; the process dies. The second trip tells what the first did."""
    lab("fault", "add", "slow", "--delay", "2500")
    if how == "restarted" or (how == "cut" and not way.way.by_ssh):
        kind = {"cut": "cut_receive", "restarted": "restart"}[how]
        lab("fault", "add", kind, "--after", "0", "--times", "1", "--delay", "4000")
    with lab.play_file([step("It", gpos=_GPOS)]) as path, lab.start(path, **way.keywords) as running:
        assert running.until(lambda: _entries(lab))
        if how == "killed":
            (process,) = way.way.processes(lab)
            os.kill(process, signal.SIGKILL)
        elif way.way.by_ssh:
            cut_ssh(lab)
        run = running.wait()
    (result,) = run.of("It")
    assert not result.get("failed") and set(outcomes(result, by="name").values()) == {"created"}, run.output
    assert run.output.count("Trying once more.") == 1
    assert _runs(lab) == {result["run_id"]: 2}


@cells(whole="psrp")
def test_a_process_that_dies_each_time_costs_no_other_gpo(lab: Lab, way: By) -> None:
    lab("fault", "add", "crash", "--gpo", "Kiosk")
    (result,) = lab.tasks([step("It", gpos=_GPOS)], **way.keywords).of("It")
    assert result["failed"] is True and not result.get("unreachable")
    assert outcomes(result, by="name") == {"Kiosk": "failed", "Browser settings": "created"}
    told = "WSManFault" if way.way.plugin == "psrp" else "PowerShell on the host ended without a result"
    assert told in result["msg"]
    assert _runs(lab) == {result["run_id"]: 1}


@cells(quick="psrp")
def test_a_host_that_does_not_answer_is_unreachable(lab: Lab, way: By) -> None:
    # TCP's port of the service "discard", which nobody offers.
    run = lab.tasks([step("It", gpos=_GPOS)], "--extra-vars", "ansible_port=9", **way.keywords)
    (result,) = run.of("It")
    assert result["unreachable"] is True and "The connection to the host failed" in result["msg"]
    assert "Trying once more." not in run.output


@in_whole
@pytest.mark.parametrize("way", ["ssh"], indirect=True)
def test_a_host_that_refuses_the_key_is_unreachable(lab: Lab, way: By) -> None:
    key = lab.host_dir() / "ssh/client_key.pub"
    key.rename(key.with_suffix(".away"))
    try:
        (result,) = lab.tasks([step("It", gpos=_GPOS)], **way.keywords).of("It")
    finally:
        key.with_suffix(".away").rename(key)
    assert result["unreachable"] is True and "Permission denied" in result["msg"]
    assert not (lab.drive_d() / "GPO").exists()


_STOPS: dict[str, t.Callable[[subprocess.Popen[str]], object]] = {
    "Ctrl-C": lambda process: process.send_signal(signal.SIGINT),
    "cancelled": lambda process: process.send_signal(signal.SIGTERM),
    "died": lambda process: kill_with_children(process.pid),
}


@cells(hows=" ".join(_STOPS), quick="winrm/cancelled", whole="winrm/Ctrl-C psrp/Ctrl-C")
def test_a_run_that_is_stopped_loses_nothing(lab: Lab, way: By, how: str) -> None:
    """By Ctrl-C, as a job that is cancelled, with its controller: the trip in hand goes on to its end, and no other
    follows. The next run waits for it, finds what it has done, and does the rest."""
    task = step("It", gpos=["Default*", "Kiosk", "Laptops*"], trip_time="5s", ignore_errors=False)
    # The second of four, in which the trip's time is over.
    lab("fault", "add", "slow", "--gpo", "Default Domain Policy", "--delay", "6000")
    with lab.logged() as events, lab.play_file([task]) as path:
        with lab.start(path, **way.keywords) as running:
            assert running.until(lambda: _entries(lab))
            _STOPS[how](running.process)
            running.process.wait(timeout=60)
        # It may not have come to the second yet, which would then be as quick as the others.
        wait_until(lambda: len(_entries(lab)) >= 2, 60, "the host does not go on")
        lab("fault", "clear")
        run = lab.playbook(path, **way.keywords)
    (result,) = run.of("It")
    assert not result.get("failed") and result["summary"]["unchanged"] == result["summary"]["created"] == 2, run.output
    assert sorted(_runs(lab).values()) == [2, 2]
    # Ansible ends its workers as they stand, and no shell is closed. One of psrp is a process, which stays while it may
    # be idle.
    first = [event["pid"] for event in events if event["event"] == "process_start"][:1]
    assert [alive(pid) for pid in first] == ([] if way.way.by_ssh else [way.way.plugin == "psrp"])


@cells()
def test_a_backup_that_takes_too_long_is_cancelled(lab: Lab, way: By) -> None:
    """One heeds the cancel, the other does not: its process is ended, and another goes on."""
    lab("fault", "add", "slow", "--gpo", "Default Domain Policy", "--delay", "600000")
    lab("fault", "add", "hang", "--gpo", "Kiosk")
    gpos = ["Default Domain Policy", "Kiosk", "Laptops: BitLocker and VPN"]
    with lab.logged() as events:
        (result,) = lab.tasks([step("It", gpos=gpos, gpo_timeout="1s")], **way.keywords).of("It")
    assert result["failed"] is True
    assert outcomes(result, by="name") == dict(zip(gpos, ["cancelled", "cancelled", "created"]))
    assert [entry["trouble"]["step"] for entry in result["backups"][:2]] == ["gpo_timeout", "given_up"]
    assert _runs(lab) == {result["run_id"]: 1}
    if not way.way.by_ssh:
        started, ended = (
            [event["pid"] for event in events if event["event"] == kind] for kind in ("process_start", "process_exit")
        )
        assert len(started) == 2 and sorted(ended) == sorted(started)


def _entries(lab: Lab) -> list[pathlib.Path]:
    with contextlib.suppress(FileNotFoundError):
        return list((lab.drive_d() / "GPO/.gpvault").rglob("0*.json"))
    return []


def _runs(lab: Lab) -> dict[str, int]:
    """Return how many backups each run has made, all of which are whole."""
    entries = assert_whole(lab.drive_d() / "GPO", uncatalogued=None)
    return dict(collections.Counter(entry["run_id"] for of_gpo in entries.values() for entry in of_gpo))
