# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(module_defaults) for the action groups, by ansible-playbook on a host without PowerShell: this one."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import typing as t

import pytest
import yaml
from exchanges import MODULES

_ROOT = MODULES.parents[1]
_GROUPS: dict[str, list[str]] = yaml.safe_load((_ROOT / "meta/runtime.yml").read_text("utf-8"))["action_groups"]

_DEFAULTS: dict[str, dict[str, t.Any]] = {
    "gpmc": {"step_timeout": "2h"},
    "gpmc_domain": {"domain": "corp.example", "domain_controller": "dc1.corp.example", "trip_time": "5m"},
    "gpmc_directory": {"path": "D:\\GPO", "domain": "corp.example", "domain_controller": "dc1.corp.example"},
}
"""What people give a group."""

_PATH = {"path": "D:\\Other"}
_TASKS: dict[str, dict[str, t.Any]] = {
    "gpo_backup": {"all": True, **_PATH},
    "gpo_backup_fetch": {"dest": "copies", **_PATH},
    "gpo_backup_prune": {"keep_last": 3, **_PATH},
    "gpo_backup_push": {"src": "copies", **_PATH},
    "gpo_diff": {"all": True, **_PATH},
    "gpo_drill": {"all": True, **_PATH},
    "gpo_import": {"gpo": "Kiosk", "backup_id": "31B2F340-016D-11D2-945F-00C04FB984F9", **_PATH},
    "gpo_info": {"all": True},
    "gpo_report": {"all": True, "dest": "D:\\Reports\\"},
    "gpo_restore": {"all": True, **_PATH},
}
"""What a task needs itself; the others, a path."""


def _results(tmp_path: pathlib.Path, play: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    playbook, record = tmp_path / "play.yml", tmp_path / "results.jsonl"
    playbook.write_text(json.dumps([play]), "utf-8")
    (tmp_path / "copies/.gpvault").mkdir(parents=True)
    env = {
        **os.environ,
        "GPVAULT_RECORD": str(record),
        "ANSIBLE_CALLBACK_PLUGINS": str(_ROOT / "tests/integration/callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "record",
    }
    command = ["ansible-playbook", "-i", "here,", "-c", "local", playbook]
    subprocess.run(command, env=env, check=True, capture_output=True)
    return [json.loads(line)["result"] for line in record.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("group", _GROUPS)
def test_all_modules_of_a_group_take_its_defaults(tmp_path: pathlib.Path, group: str) -> None:
    """They come as far as to the host, which has no PowerShell: no option is refused."""
    defaults, modules = _DEFAULTS[group], _GROUPS[group]
    tasks = []
    for module in modules:
        own = {name: value for name, value in _TASKS.get(module, _PATH).items() if name not in defaults}
        tasks.append({f"gpvault.gpmc.{module}": own, "ignore_errors": True})
    group_defaults = {f"group/gpvault.gpmc.{group}": defaults}
    play = {"hosts": "here", "gather_facts": False, "module_defaults": group_defaults, "tasks": tasks}
    results = _results(tmp_path, play)
    assert len(results) == len(modules)
    for module, result in zip(modules, results, strict=True):
        assert result["msg"].startswith("There is no PowerShell on the host, so nothing was done"), module
        assert defaults.items() <= result["invocation"]["module_args"].items(), module
