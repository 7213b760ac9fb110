# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process on the host is killed at any moment: no half-made backup is trusted, and nothing is lost."""

from __future__ import annotations

import os
import pathlib
import random
import signal
import time

from backups import assert_whole, catalog, newest
from extent import LONG
from harness import Lab, Running
from steps import outcomes, step

_SEED = 4711
_GPOS = ["Kiosk", "Laptops*", "Default*", "Startup*", "Browser*"]
_COUNT = 6
_RUNS = 44 if LONG else 2
"""Every second run is killed twice, so that its second try is lost as well."""


def _started(lab: Lab) -> list[int]:
    """Return the process numbers of the PowerShells that the host was asked to run."""
    return [
        event["pid"]
        for event in lab.access_log()
        if event["event"] == "process_start" and event["kind"] == "powershell"
    ]


def _kill(lab: Lab, running: Running, folder: pathlib.Path, earlier: int, delay: float) -> bool:
    """Kill the process that comes after *earlier* ones, a while after it has the lock; return whether it was there."""
    lock = folder / ".gpvault/lock"
    if not running.until(lambda: len(_started(lab)) > earlier):
        return False
    pid = _started(lab)[earlier]
    if not running.until(lambda: _ended(lab, pid) or lock.exists() and lock.stat().st_size > 0):
        return False
    time.sleep(delay)
    if _ended(lab, pid):
        return False
    os.killpg(pid, signal.SIGKILL)
    return running.until(lambda: _ended(lab, pid))


def _ended(lab: Lab, pid: int) -> bool:
    events = [event for event in lab.access_log() if event.get("pid") == pid]
    return not events or events[-1]["event"] == "process_exit"


def test_a_process_that_is_killed_at_any_moment(lab: Lab) -> None:
    """The task tries once more by itself, and then every GPO has one backup of that run, though it was forced.

    Killed again, the task fails, and says so; but what it reported as created is in the catalog, and every entry of
    the catalog is the truth. The next run waits for no lock, and leaves every GPO with a whole newest backup.
    """
    numbers = random.Random(_SEED)
    folder = lab.drive_d() / "GPO"
    lab("fault", "add", "slow", "--delay", "150")
    kills = retried = 0
    earlier_events = len(lab.access_log())
    for turn in range(_RUNS):
        tries = 1 + turn % 2
        about = f"seed {_SEED}, run {turn}"
        with lab.play_file([step("It", gpos=_GPOS, force=True)]) as path:
            earlier = len(_started(lab))
            with lab.start(path) as running:
                killed = sum(
                    _kill(lab, running, folder, earlier + number, numbers.uniform(0, 1.5)) for number in range(tries)
                )
                run = running.wait()
        kills += killed
        (result,) = run.of("It")
        entries = assert_whole(folder, uncatalogued=None)
        of_run = [entry for of_gpo in entries.values() for entry in of_gpo if entry["run_id"] == result["run_id"]]
        for entry in result["backups"]:
            if entry["outcome"] == "created":
                assert entry["backup"]["id"] in {made["backup"]["id"] for made in of_run}, about
        assert len({entry["gpo"]["id"] for entry in of_run}) == len(of_run), about
        if killed < 2:
            assert not result.get("failed"), (about, result["msg"])
            assert result["summary"]["created"] == len(of_run) == _COUNT, about
        # One that was killed at its very end had sent its reply already.
        retried += "Trying once more." in run.output
        assert killed or "Trying once more." not in run.output, (about, run.output)
    lab("fault", "clear")
    assert kills >= retried >= _RUNS // 2

    # Nor is a shell left open on the host, which allows but 30 at a time.
    events = lab.access_log()[earlier_events:]
    opened = {event["shell"] for event in events if event.get("action") == "Create" and event.get("status") == 200}
    assert opened == {event["shell"] for event in events if event["event"] == "shell_deleted"}

    last = lab.task(create_path=False, gpos=_GPOS)
    assert not last.get("failed"), last["msg"]
    assert set(outcomes(last).values()) <= {"created", "unchanged"} and last["summary"]["selected"] == _COUNT
    assert_whole(folder, uncatalogued=None)
    assert len(catalog(folder)) == _COUNT
    for entry in last["backups"]:
        assert newest(folder, entry["gpo"]["id"])["backup"]["id"] == entry["backup"]["id"]
    assert (folder / ".gpvault/lock").read_bytes() == b""
