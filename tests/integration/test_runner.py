# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A job as AWX runs it, with ansible-runner, is cancelled. What jobs show is tested in tests/unit/awx."""

from __future__ import annotations

import json
import pathlib
import re
import typing as t

import pytest
from backups import manifest_ids
from extent import in_whole
from harness import BUILD, Lab

ansible_runner = pytest.importorskip("ansible_runner", reason="set-up has it from PyPI or from Debian")

_LINE = re.compile(r"\[host1\] gpvault\.gpmc\.gpo_backup: [^\r\n]*")


def _job(lab: Lab, folder: pathlib.Path, report: pathlib.Path, **how: t.Any) -> t.Any:
    """Run the cycle as a job, in trips of one GPO each."""
    cycle: dict[str, t.Any] = {
        "hosts": "host1",
        "gather_facts": False,
        "module_defaults": {"gpvault.gpmc.gpo_backup": {"trip_time": "1s"}},
        "tasks": [{"ansible.builtin.include_role": {"name": "gpvault.gpmc.gpo_vault"}}],
        "vars": {
            "gpo_vault_path": "D:\\GPO", "gpo_vault_gpos": ["Default*", "Kiosk"], "gpo_vault_preflight": False,
            "gpo_vault_verify_full": ["always"], "gpo_vault_keep_last": 1, "gpo_vault_report_dest": str(report),
        },
    }  # fmt: skip
    tell = {"ansible.builtin.include_role": {"name": "gpvault.gpmc.gpo_vault", "tasks_from": "report"}}
    return ansible_runner.run(
        private_data_dir=str(folder),
        playbook=[cycle, {**cycle, "tasks": [tell]}],
        inventory=str(lab.state / "inventory.yml"),
        envvars={**lab.env, "ANSIBLE_COLLECTIONS_PATH": str(BUILD / "collections"), "ANSIBLE_NOCOLOR": "1"},
        quiet=True,
        **how,
    )


def _said(events: t.Iterable[dict[str, t.Any]]) -> list[str]:
    """Return what the task says, line by line."""
    texts = (event["stdout"] for event in list(events) if event["event"] == "verbose")
    return [line for text in texts for line in _LINE.findall(text)]


@in_whole
def test_a_job_that_is_cancelled_loses_nothing(lab: Lab, tmp_path: pathlib.Path) -> None:
    """The role's cycle: what had been reported counts, and the next job needs no help."""
    lab("fault", "add", "slow", "--delay", "2000")
    events: list[dict[str, t.Any]] = []
    report = tmp_path / "report"
    (tmp_path / "first").mkdir()
    job = _job(
        lab,
        tmp_path / "first",
        report,
        event_handler=events.append,
        cancel_callback=lambda: any(": 1/3 GPOs, " in line for line in _said(events)),
    )
    assert job.status == "canceled" and not any(event["event"] == "playbook_on_stats" for event in job.events)
    # Nothing tells of a success, of a job that came to no end.
    assert not report.exists()
    lab("fault", "clear")
    (tmp_path / "second").mkdir()
    job = _job(lab, tmp_path / "second", report)
    assert job.status == "successful", job.stdout.read()
    (stats,) = (event["event_data"] for event in job.events if event["event"] == "playbook_on_stats")
    (told,) = stats["artifact_data"]["gpo_vault"]["domains"]
    assert (told["outcome"], told["gpos"], told["failed"]) == ("ok", 3, 0) and told["new"] <= 2, told
    (domain,) = json.loads((report / "fleet.json").read_text("utf-8"))["domains"]
    # All of it was read, and nothing that the first job had in hand is left.
    assert (domain["damaged"], domain["pruned"], domain["warnings"]) == (0, 0, [])
    assert len(manifest_ids(lab.drive_d() / "GPO")) == 3
    left = {path.name for path in (lab.drive_d() / "GPO").iterdir() if not path.name.startswith("{")}
    assert left <= {"manifest.xml", ".gpvault"}, left
