# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs of the role gpo_vault as AWX runs them, on domains with 5,000 GPOs: what is shown, and how large it is."""

from __future__ import annotations

import json
import os
import pathlib
import re
import typing as t

import backup_folder
import pretended_powershell
import pytest
from pretended_host import MANY

ansible_runner = pytest.importorskip("ansible_runner", reason="set-up has it from PyPI or from Debian")

_HOST = pathlib.Path(__file__).with_name("pretended_host.py")
_LARGE = 300_000
"""Characters of a result. AWX drops one beyond 700,000."""
_SHOWN_BY_AWX = 1024
"""Characters of an event in AWX's list of events (EVENT_STDOUT_MAX_BYTES_DISPLAY)."""

Event = dict[str, t.Any]


def _job(folder: pathlib.Path, plays: list[dict[str, t.Any]], *args: str) -> t.Any:
    """Run plays as a job for three domains: one that is well, one of which all fails, one that nobody answers for."""
    nobody = {"ansible_connection": "winrm", "ansible_host": "127.0.0.1", "ansible_port": 1}
    hosts = {"well": {}, "refused": {}, "lost": nobody}
    variables = {
        "ansible_connection": "local", "ansible_user": "u", "ansible_password": "p",
        "gpo_vault_path": "D:\\{{ inventory_hostname }}", "gpo_vault_collect_dest": str(folder / "copies"),
        "gpo_vault_report_dest": str(folder / "report"), "gpo_vault_keep_last": 1, "gpo_vault_max_age_alarm": "1d",
    }  # fmt: skip
    (folder / "job").mkdir()
    return ansible_runner.run(
        private_data_dir=str(folder / "job"),
        playbook=plays,
        inventory={"all": {"children": {"gpo_vault": {"hosts": hosts, "vars": variables}}}},
        cmdline=" ".join(args) or None,
        envvars={
            **pretended_powershell.environment(folder, _HOST), "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
        },
        quiet=True,
    )  # fmt: skip


def _results(events: list[Event]) -> t.Iterator[tuple[str, str, dict[str, t.Any]]]:
    """Return the task, the host and the result of each event that has one."""
    for event in events:
        data = event.get("event_data") or {}
        if "res" in data:
            yield data["task"], data["host"], data["res"]


def _assert_small(events: list[Event]) -> set[str]:
    """Assert that AWX keeps every result, and return the tasks that had one."""
    sizes: dict[str, int] = {}
    for task, _host, result in _results(events):
        sizes[task] = max(sizes.get(task, 0), len(json.dumps(result)))
    assert {task: size for task, size in sizes.items() if size >= _LARGE} == {}
    return set(sizes)


def _role(host: str, tasks_from: str, **variables: t.Any) -> dict[str, t.Any]:
    """Return a play of one entry point, that goes on when it fails."""
    include = {"ansible.builtin.include_role": {"name": "gpvault.gpmc.gpo_vault", "tasks_from": tasks_from}}
    forget = {"ansible.builtin.set_fact": {"forgotten": True}}
    tasks = [{"block": [{**include, "vars": variables}], "rescue": [forget]}]
    return {"hosts": host, "gather_facts": False, "tasks": tasks}


def test_a_cycle_as_a_job(tmp_path: pathlib.Path) -> None:
    backup_folder.put(tmp_path / "copies/well", 1)
    job = _job(tmp_path, [{"ansible.builtin.import_playbook": "gpvault.gpmc.backup"}])
    events = list(job.events)
    assert job.status == "failed"
    _assert_small(events)
    results = list(_results(events))
    # Nobody's trouble is another's.
    outcomes = {
        one["host"]: (one["outcome"], one["gpos"], one["failed"])
        for task, _host, result in results
        if task == "Hand the numbers on"
        for one in result["ansible_stats"]["data"]["gpo_vault"]["domains"]
    }
    assert outcomes == {
        "well": ("late", MANY, 0), "refused": ("failed", MANY, MANY), "lost": ("unreachable", None, None),
    }  # fmt: skip
    (stats,) = (event["event_data"] for event in events if event["event"] == "playbook_on_stats")
    artifact = stats["artifact_data"]["gpo_vault"]
    assert artifact["summary"]["gpos_failed"] == MANY and len(json.dumps(artifact)) < 3000
    # What nobody has to open a result for, in lines that AWX does not cut.
    displayed = [line for event in events for line in event["stdout"].splitlines() if "(item=" in line]
    assert any("(item=lost " in line and "unreachable" in line for line in displayed)
    assert any("(item=refused: backup: A policy" in line and "E_ACCESSDENIED" in line for line in displayed)
    assert all(len(line) < _SHOWN_BY_AWX for line in displayed)
    said = [event["stdout"] for event in events if event["event"] == "verbose"]
    assert any(f"[refused] gpvault.gpmc.gpo_backup: {MANY}/{MANY} GPOs" in text for text in said)


def test_each_step_of_the_role_alone_is_small(tmp_path: pathlib.Path) -> None:
    """Whatever fails, with all differences, and also where a pattern restores a whole domain."""
    # Nothing is pruned behind what failed.
    steps = ["prune", "preflight", "verify", "backup", "collect", "restore"]
    every = {"gpo_vault_restore_gpos": ["A *"]}
    plays = [*[_role("refused", step, **every) for step in steps], _role("well", "restore", **every)]
    job = _job(tmp_path, plays, "--diff")
    events = list(job.events)
    seen = _assert_small(events)
    assert {
        "Look whether all is there that a backup needs", "Show each check, and what helps",
        "Verify the backups of the domain", "Prune what no rule keeps", "Back up the GPOs that have changed",
        "Copy to the controller what it does not have", "Put GPOs back as they were", "Show what became of each GPO",
    } <= seen  # fmt: skip
    # The preflight's verdicts, a line each.
    displayed = [line for event in events for line in event["stdout"].splitlines() if "(item=" in line]
    verdict = re.compile(r"\(item=gpos +warning +The account can see 13 GPOs, and not 5000 GPOs")
    assert any(map(verdict.search, displayed))
    restores = {host: result for task, host, result in _results(events) if task == "Put GPOs back as they were"}
    assert restores["well"]["summary"]["restored"] == MANY and 50 < len(restores["well"]["restores"]) <= 100
    assert restores["refused"]["summary"]["failed"] == MANY
    assert restores["well"]["diff"][-1]["prepared"].endswith(" more without room; detail: all shows them)\n")
