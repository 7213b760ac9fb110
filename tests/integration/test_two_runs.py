# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several runs on one backup directory: one after the other, and who waits says for whom."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
import typing as t

from backups import assert_whole
from extent import in_whole
from harness import DEFAULT_DOMAIN_POLICY, ROOT, Lab, trips
from steps import outcomes, reasons, step

_LOCKED_BYTE = 0x40000000
_CONTROLLERS = "{6AC1786C-016F-11D2-945F-00C04FB984F9}"


def _holder(**fields: t.Any) -> bytes:
    known = {"run_id": "0f0f", "host": "SRV9", "process": 4242, "since": "2026-03-01T08:00:00Z", "gpo": None}
    return json.dumps({**known, **fields}).encode("utf-8")


_HOLD = """
$file = [System.IO.File]::Open('D:\\GPO\\.gpvault\\lock', 'Open', 'ReadWrite', 'None')
[System.IO.File]::WriteAllText('D:\\held', '')
while (-not [System.IO.File]::Exists('D:\\enough')) { Start-Sleep -Milliseconds 100 }
$file.Dispose()
"""


@in_whole
def test_a_lock_that_cannot_be_opened(lab: Lab) -> None:
    """A program that shares it with nobody is waited for. A link that leads nowhere is no lock, and is said at once."""
    folder = lab.drive_d() / "GPO"
    lock = folder / ".gpvault/lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    command = [ROOT / "tests/lab/lab", "run", "-c", "host1", _HOLD]
    with subprocess.Popen(command, env=lab.env, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as holder:
        deadline = time.monotonic() + 60
        while not (lab.drive_d() / "held").exists():
            assert time.monotonic() < deadline and holder.poll() is None
            time.sleep(0.1)
        (result,) = lab.tasks([step("It", gpos="Kiosk", lock_timeout="2s")]).of("It")
        (lab.drive_d() / "enough").touch()
    assert result["failed"] is True and "stayed locked for 2 s, the option lock_timeout" in result["msg"], result["msg"]
    assert "another program has its file" in result["msg"]

    lock.unlink()
    # A prune leaves a directory without any backup alone, before it locks.
    backup = folder / DEFAULT_DOMAIN_POLICY
    backup.mkdir()
    (backup / "bkupInfo.xml").write_text("half a backup")
    steps = [step("It", gpos="Kiosk"), step("Prune", "gpo_backup_prune", keep_last=1)]
    for link, target in ((lock, "/nowhere/lock"), (lock, "lock"), (lock.parent, "/nowhere"), (lock.parent, ".gpvault")):
        if link == lock.parent:
            lock.parent.rmdir()
        link.symlink_to(target)
        run = lab.tasks(steps)
        link.unlink()
        for name in ("It", "Prune"):
            (result,) = run.of(name)
            assert result["failed"] is True and "could not be locked" in result["msg"], (target, result["msg"])
            assert "remove the link" in result["msg"] and result["changed"] is False
        if link == lock.parent:
            lock.parent.mkdir()
    assert sorted(path.name for path in folder.iterdir()) == [".gpvault", backup.name]


def test_three_runs_from_two_hosts(fleet: Lab) -> None:
    """Two domains, and one of them twice: every backup is in the catalog, each with a number of its own.

    A lock file that a dead process left behind keeps nobody away.
    """
    folder = fleet.shares / "gpo/race"
    lock = folder / ".gpvault/lock"
    lock.parent.mkdir(parents=True)
    lock.write_bytes(_holder(gpo={"id": DEFAULT_DOMAIN_POLICY, "name": "Default Domain Policy"}))
    task = [step("It", path="\\\\backup\\gpo\\race", gpos=["Default*", "Kiosk"], force=True, trip_time="1s")]
    for host in ("host1", "host2"):
        fleet("fault", "add", "slow", "--delay", "400", "--host", host)
        # A GPMC that fails where it finds manifest.xml in use.
        fleet("domain", "--manifest", "locked-fails", "--host", host)
    try:
        with fleet.play_file(task) as one, fleet.play_file(task, hosts="host2") as two:
            with fleet.start(one) as first, fleet.start(two) as second, fleet.start(one) as third:
                runs = [running.wait() for running in (first, second, third)]
        entries = assert_whole(folder)
    finally:
        fleet("fault", "clear")
        for host in ("host1", "host2"):
            fleet("domain", "--manifest", "normal", "--host", host)
        shutil.rmtree(folder)
    results = [run.of("It")[0] for run in runs]
    for result in results:
        assert not result.get("failed"), result["msg"]
        assert result["summary"]["created"] == result["summary"]["selected"] == 3
        for entry in result["backups"]:
            (made,) = (
                made
                for made in entries[result["domain"], entry["gpo"]["id"]]
                if made["run_id"] == result["run_id"]
            )
            assert made["backup"]["id"] == entry["backup"]["id"]
    numbers = {key: [entry["sequence"] for entry in of_gpo] for key, of_gpo in entries.items()}
    assert len(numbers) == 6
    assert all(found == ([1, 2] if domain == "corp.example" else [1]) for (domain, _gpo), found in numbers.items())


@in_whole
def test_who_waits_says_for_whom(lab: Lab) -> None:
    """The lock is held from outside: one run gives up after lock_timeout, one waits, and works once it is free.

    The file's text is still there then, but nobody has the lock any more.
    """
    folder = lab.drive_d() / "GPO"
    lock = folder / ".gpvault/lock"
    lock.parent.mkdir(parents=True)
    name = "It's \"quoted\" \U0001f510"
    lock.write_bytes(_holder(gpo={"id": DEFAULT_DOMAIN_POLICY, "name": name}))
    who = f"another run (0f0f) is at work on SRV9, process 4242, backing up '{name}', since 2026-03-01T08:00:00Z"
    patient = [step("It", gpos="Kiosk")]
    brief = [step("Check", gpos="Kiosk", check_mode=True), step("It", gpos="Kiosk", lock_timeout="1s")]
    with lock.open("r+b") as held, lab.play_file(patient) as one, lab.play_file(brief) as two:
        fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _LOCKED_BYTE)
        with lab.start(two) as running:
            gave_up = running.wait()
        before = trips(lab.access_log())
        with lab.start(one) as running:
            # It has come back once to say so, and asks again.
            assert running.until(lambda: trips(lab.access_log()) >= before + 2), running.wait().output
            fcntl.lockf(held, fcntl.LOCK_UN, 1, _LOCKED_BYTE)
            waited = running.wait()
    # Check mode writes nothing, so it waits for nobody.
    assert reasons(gave_up.of("Check")[0]) == {lab.gpo("Kiosk")["id"]: ["first_backup"]}
    (result,) = gave_up.of("It")
    assert result["failed"] is True and result["changed"] is False
    assert result["msg"] == (
        f"The backup directory stayed locked for 1 s, the option lock_timeout: {who}."
        " Wait for it to end, or raise lock_timeout; if it hangs, end that process."
    )
    assert set(outcomes(result).values()) == {"not_attempted"}
    assert f"[host1] gpvault.gpmc.gpo_backup: waiting for the backup directory: {who}" in waited.output
    (result,) = waited.of("It")
    assert not result.get("failed") and result["summary"]["created"] == 1
    assert_whole(folder)
    assert lock.read_bytes() == b""


@in_whole
def test_a_run_that_hangs_is_named_and_its_lock_dies_with_it(lab: Lab) -> None:
    """The other run's error names it and the GPO in hand; once its process is gone, the directory is free."""
    lab("fault", "add", "hang", "--gpo", "Default Domain Policy", "--times", "1")
    lock = lab.drive_d() / "GPO/.gpvault/lock"
    gpos = [DEFAULT_DOMAIN_POLICY]
    with lab.play_file([step("It", gpos=gpos)]) as path, lab.start(path) as running:
        in_hand = b"Default Domain Policy"
        assert running.until(lambda: lock.exists() and in_hand in lock.read_bytes()), running.wait().output
        holder = json.loads(lock.read_bytes())
        run = lab.tasks([step("Other", gpos=_CONTROLLERS, lock_timeout="1s")])
        pid = [event["pid"] for event in lab.access_log() if event["event"] == "process_start"][-2]
        os.killpg(pid, signal.SIGKILL)
        first = running.wait()
    (other,) = run.of("Other")
    assert other["failed"] is True and other["summary"]["not_attempted"] == 1
    assert (
        f"another run ({holder['run_id']}) is at work on {holder['host']}, process {holder['process']},"
        f" backing up 'Default Domain Policy', since {holder['since']}."
    ) in other["msg"]
    (result,) = first.of("It")
    # Its process was killed with the lock; the second try is not kept away by what that wrote.
    assert "Trying once more." in first.output and result["run_id"] == holder["run_id"]
    assert not result.get("failed"), result["msg"]
    assert result["summary"]["created"] == 1
    assert_whole(lab.drive_d() / "GPO", uncatalogued=None)
    assert lock.read_bytes() == b""
