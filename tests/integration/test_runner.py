# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A job as AWX runs it, with ansible-runner, is cancelled. What jobs show is tested in tests/unit/awx."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
from backups import manifest_ids
from harness import BUILD, Lab
from steps import step

ansible_runner = pytest.importorskip("ansible_runner", reason="set-up has it from PyPI or from Debian")

_GPOS = ["Default*", "Kiosk"]

_LINE = re.compile(r"\[host1\] gpvault\.gpmc\.gpo_backup: [^\r\n]*")


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
    """Return what the task says, line by line."""
    texts = (event["stdout"] for event in list(events) if event["event"] == "verbose")
    return [line for text in texts for line in _LINE.findall(text)]


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
