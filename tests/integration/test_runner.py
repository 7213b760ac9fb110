# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them, with ansible-runner: what their events say, and what a cancelled one leaves."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
from backups import manifest_ids
from harness import BUILD, Lab
from steps import outcomes, step

ansible_runner = pytest.importorskip("ansible_runner", reason="set-up has it from PyPI or from Debian")

_GPOS = ["Default*", "Kiosk"]
_SHOWN_BY_AWX = 1024
"""Characters of an event in AWX's list of events (EVENT_STDOUT_MAX_BYTES_DISPLAY)."""


def _job(lab: Lab, folder: pathlib.Path, tasks: list[dict[str, t.Any]], **how: t.Any) -> t.Any:
    """Run a play of these tasks as a job."""
    with lab.play_file(tasks) as playbook:
        return ansible_runner.run(
            private_data_dir=str(folder),
            playbook=str(playbook),
            inventory=str(lab.state / "inventory.yml"),
            envvars={**lab.env, "ANSIBLE_COLLECTIONS_PATH": str(BUILD / "collections"), "ANSIBLE_NOCOLOR": "1"},
            quiet=True,
            **how,
        )


def _said(events: t.Iterable[dict[str, t.Any]]) -> list[str]:
    """Return what the task says in events of its own."""
    texts = [event["stdout"] for event in events if event["event"] == "verbose"]
    return [text.strip() for text in texts if text.startswith("[host1] gpvault.gpmc.gpo_backup: ")]


def test_what_a_job_shows(lab: Lab, tmp_path: pathlib.Path) -> None:
    lab("fault", "add", "refuse", "--gpo", "Kiosk", "--hresult", "0x80070005")
    back_up = step("Back up", gpos=_GPOS, detail="summary")
    told = "{{ {'msg': backup.msg, 'summary': backup.summary} }}"
    keep = {"name": "Keep it with the job", "ansible.builtin.set_stats": {"data": {"gpo_backup": told}}}
    job = _job(lab, tmp_path, [{**back_up, "register": "backup"}, keep])
    events = list(job.events)
    assert job.status == "successful"

    progress, failed, last = (line.removeprefix("[host1] gpvault.gpmc.gpo_backup: ") for line in _said(events))
    assert progress.startswith("3/3 GPOs, ") and progress.endswith(", 1 failed")
    assert failed.startswith("'Kiosk' {") and "0x80070005 E_ACCESSDENIED: Access is denied. Give the account" in failed
    assert last.startswith("1 of 3 GPOs failed: 'Kiosk' {")
    assert all(len(line) < _SHOWN_BY_AWX for line in _said(events))

    (result,) = (event["event_data"]["res"] for event in events if event["event"] == "runner_on_failed")
    assert result["summary"]["failed"] == 1 and outcomes(result, "name") == {"Kiosk": "failed"}
    (stats,) = (event["event_data"] for event in events if event["event"] == "playbook_on_stats")
    assert stats["artifact_data"] == {"gpo_backup": {"msg": result["msg"], "summary": result["summary"]}}


def test_a_job_that_is_cancelled_loses_nothing(lab: Lab, tmp_path: pathlib.Path) -> None:
    """What had been reported counts, and the next job needs no help."""
    lab("fault", "add", "slow", "--delay", "2000")
    events: list[dict[str, t.Any]] = []
    job = _job(
        lab,
        tmp_path,
        [step("Back up", gpos=_GPOS, trip_time="1s")],
        event_handler=events.append,
        cancel_callback=lambda: any(": 1/3 GPOs, " in line for line in _said(events)),
    )
    assert job.status == "canceled" and not any(event["event"] == "playbook_on_stats" for event in job.events)
    lab("fault", "clear")
    run = lab.tasks([step("Again", gpos=_GPOS), step("Look", "gpo_backup_info", verify="full")])
    (again,), (look,) = run.of("Again"), run.of("Look")
    assert not again.get("failed") and again["summary"]["unchanged"] >= 1, again["msg"]
    assert look["summary"] == {"total": 3, "ok": 3, "uncatalogued": 0, "damaged": 0, "foreign": 0, "unlisted": 0}
    assert len(manifest_ids(lab.drive_d() / "GPO")) == 3
