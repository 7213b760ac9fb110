# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them, with ansible-runner, against a host that answers as the lab did when it was recorded."""

from __future__ import annotations

import json
import os
import pathlib
import re
import time
import typing as t

import pytest

ansible_runner = pytest.importorskip("ansible_runner", reason="set-up has it from PyPI or from Debian")

_RECORDINGS = pathlib.Path(__file__).resolve().parents[1] / "action_plugins/recordings/gpo_backup"

_POWERSHELL = """#!/usr/bin/env python3
import json, os, pathlib, sys, time
here = pathlib.Path({here!r})
number = len(list(here.glob("trip-*")))
(here / f"trip-{{number}}").write_text(str(os.getsid(0)))
sys.stdin.read()
if number == {slow}:
    time.sleep(4)
trips = json.loads((here / "recording.json").read_text())["trips"]
print(json.dumps(trips[number]["received"]))
"""
"""In place of the host's: it answers each trip with the recorded one."""

_LINE = re.compile(r"\[host1\] gpvault\.gpmc\.gpo_backup: ([^\r\n]*)")
_SHOWN_BY_AWX = 1024
"""Characters of an event in AWX's list of events (EVENT_STDOUT_MAX_BYTES_DISPLAY)."""


def _job(
    folder: pathlib.Path, name: str, slow: int = -1, options: t.Mapping[str, t.Any] | None = None, **how: t.Any
) -> t.Any:
    """Run a recorded task as a job that keeps with it what a workflow may want to know."""
    recording = (_RECORDINGS / f"{name}.json").read_text("utf-8")
    (folder / "recording.json").write_text(recording, "utf-8")
    powershell = folder / "bin/powershell"
    powershell.parent.mkdir()
    powershell.write_text(_POWERSHELL.format(here=str(folder), slow=slow), "utf-8")
    powershell.chmod(0o755)
    args = {**json.loads(recording)["args"], **(options or {})}
    back_up = {"name": "Back up", "gpvault.gpmc.gpo_backup": args, "register": "backup", "ignore_errors": True}
    told = "{{ {'msg': backup.msg, 'summary': backup.summary} }}"
    keep = {"name": "Keep it with the job", "ansible.builtin.set_stats": {"data": {"gpo_backup": told}}}
    (folder / "job").mkdir()
    return ansible_runner.run(
        private_data_dir=str(folder / "job"),
        playbook=[{"hosts": "host1", "gather_facts": False, "tasks": [back_up, keep]}],
        inventory="host1 ansible_connection=local",
        envvars={
            "PATH": f"{powershell.parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
        },
        quiet=True,
        **how,
    )  # fmt: skip


def _said(events: t.Iterable[dict[str, t.Any]]) -> list[str]:
    """Return what the task says, each line in an event of its own."""
    found = (_LINE.findall(event["stdout"]) for event in list(events) if event["event"] == "verbose")
    return [line for lines in found for line in lines]


def test_what_a_job_shows(tmp_path: pathlib.Path) -> None:
    job = _job(tmp_path, "refused", options={"detail": "summary"})
    events = list(job.events)
    assert job.status == "successful"
    progress, failed, last = _said(events)
    assert progress.startswith("4/4 GPOs, ") and progress.endswith(", 1 failed")
    assert re.match(r"'Kiosk' \{[0-9A-F-]{36}\}: 0x80070005 E_ACCESSDENIED: Access is denied\. Give the", failed)
    assert last.startswith("1 of 4 GPOs failed: 'Kiosk' {")
    assert all(len(event["stdout"]) < _SHOWN_BY_AWX for event in events if event["event"] == "verbose")

    (result,) = (event["event_data"]["res"] for event in events if event["event"] == "runner_on_failed")
    assert [entry["gpo"]["name"] for entry in result["backups"]] == ["Kiosk"] and result["summary"]["created"] == 3
    (stats,) = (event["event_data"] for event in events if event["event"] == "playbook_on_stats")
    assert stats["artifact_data"] == {"gpo_backup": {"msg": result["msg"], "summary": result["summary"]}}


def test_a_job_is_cancelled_in_mid_run(tmp_path: pathlib.Path) -> None:
    """While the host is at work on the second trip: that one comes to its end, as on a real host, and no other follows.

    The runner kills ansible-playbook, but from 2.19 on the process that runs the task is in a session of its own.
    """
    events: list[dict[str, t.Any]] = []
    job = _job(
        tmp_path,
        "three_trips",
        slow=1,
        event_handler=events.append,
        cancel_callback=lambda: (tmp_path / "trip-1").exists(),
        # Seconds until it looks whether it is cancelled when nothing is said; the second trip takes four.
        settings={"pexpect_timeout": 1},
    )
    assert job.status == "canceled"
    assert [line.partition(",")[0] for line in _said(events)] == ["1/3 GPOs"]
    assert not any(event["event"] == "playbook_on_stats" for event in events)
    session = int((tmp_path / "trip-1").read_text("utf-8"))
    deadline = time.monotonic() + 60
    while pathlib.Path(f"/proc/{session}").exists():
        assert time.monotonic() < deadline, "the task goes on"
        time.sleep(0.05)
    assert not (tmp_path / "trip-2").exists()
