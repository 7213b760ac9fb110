# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the documentation run."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import tempfile
import typing as t

import pytest
import yaml
from extent import in_long, in_whole
from harness import BUILD, ROOT, Lab, Run
from steps import step

_PLUGIN_DOCS = sorted([*ROOT.glob("plugins/modules/*.yml"), *ROOT.glob("plugins/filter/*.yml")])
_PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md")])
# What a newcomer reads, in each `make test`; test_copies.py goes the same way as its page. The others are in the whole.
_EXTENTS: dict[str, t.Any] = {"README": (), "connecting": (), "copies": in_long}
_IMPORT = "ansible.builtin.import_playbook"
_PLAYBOOKS = {f"gpvault.gpmc.{path.stem}" for path in ROOT.glob("playbooks/*.yml")}
_ROLE = yaml.safe_load((ROOT / "roles/gpo_vault/meta/argument_specs.yml").read_text("utf-8"))["argument_specs"]
_HEADS = "".join(path.read_text("utf-8") for path in ROOT.glob("playbooks/*.yml"))
# Some playbooks are no steps of the role.
_VARIABLES = {name for entry in _ROLE.values() for name in entry["options"]} | set(
    re.findall(r"^# (gpo_vault_\w+) ", _HEADS, re.M)
)

# What these show is much the same as on the pages, which take minutes as it is.
_ON_A_PAGE_TOO = {
    "gpo_backup_fetch", "gpo_backup_index", "gpo_backup_info", "gpo_backup_prune", "gpo_backup_push",
    "gpo_diff", "gpo_drill", "gpo_import", "gpo_info", "gpo_report", "gpo_restore",
    "fleet_csv", "fleet_drift", "fleet_fault", "fleet_history", "fleet_history_csv", "fleet_page", "fleet_record",
    "fleet_summary",
    "gpo_preflight", "preflight_table", "changes_table", "changes_markdown", "drill_table",
}  # fmt: skip

# Modules that do something with backups, and what they find in the directories that the examples name.
_READERS = {
    f"gpvault.gpmc.gpo_{name}"
    for name in (
        "backup_fetch", "backup_index", "backup_info", "backup_prune", "backup_push", "diff", "drill", "import",
        "restore",
    )  # fmt: skip
}
_PUSH = "gpvault.gpmc.gpo_backup_push"
_BACKUPS = [
    step(f"Backups in {path}", path=path, create_path=False, all=True, inaccessible="ignore", ignore_errors=False)
    for path in ("D:\\GPO", "\\\\backup\\gpo")
]


def _blocks(page: pathlib.Path) -> list[t.Any]:
    """Return the YAML blocks of a page."""
    return [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)]


def _kind(block: t.Any) -> str:
    if isinstance(block, list):
        return "plays" if "hosts" in block[0] else "imports" if _IMPORT in block[0] else "tasks"
    if all(name.startswith("gpo_vault_") for name in block):
        return "variables"
    if "collections" in block:
        return "requirements"
    return "inventory" if "all" in block else "result"


def _run(lab: Lab, blocks: list[list[dict[str, t.Any]]]) -> None:
    """Run blocks of tasks, each by itself: what one registers the others do not know.

    One with inaccessible: fail, and only such a one, fails: the lab has a GPO that nobody may see.
    """
    (lab.drive_d() / "GPO").mkdir(exist_ok=True)
    names = [f"example{number}" for number, _block in enumerate(blocks)]
    plays, readers = [], False
    for name, block in zip(names, blocks, strict=True):
        # Once: it takes longer than most examples.
        before = [] if readers or not any(set(task) & _READERS for task in block) else list(_BACKUPS)
        readers = readers or bool(before)
        # What an example pushes was fetched by another one, to a path that leads elsewhere in each play.
        sources = {task[_PUSH]["src"] for task in block if _PUSH in task}
        before.extend(step(f"To {src}", "gpo_backup_fetch", dest=src, ignore_errors=False) for src in sorted(sources))
        tasks = [*before, *({**task, "ignore_errors": True} for task in block)]
        plays.append({"hosts": name, "gather_facts": False, "tasks": tasks})
    run = _play(lab, names, plays)
    for name, block in zip(names, blocks, strict=True):
        for task in block:
            results = run.of(task["name"], name)
            assert results, (task["name"], run.output)
            expected = _options(task).get("inaccessible") == "fail"
            for result in results:
                assert result.get("failed", False) is expected, result.get("msg")
                assert not expected or "cannot be seen by the account" in result["msg"]


def _play(lab: Lab, names: list[str], plays: list[dict[str, t.Any]]) -> Run:
    """Run plays in one playbook, for the lab's host by other names: Ansible keeps what is registered by host."""
    inventory = yaml.safe_load((lab.state / "inventory.yml").read_text("utf-8"))
    (variables,) = inventory["windows"]["hosts"].values()
    with tempfile.TemporaryDirectory(prefix="gpvault-examples-") as folder:
        hosts, playbook = pathlib.Path(folder, "hosts.json"), pathlib.Path(folder, "play.yml")
        # To the controller, or to a host.
        delegated = {task.get("delegate_to", "localhost") for play in plays for task in play["tasks"]} - {"localhost"}
        hosts.write_text(json.dumps({"windows": {"hosts": dict.fromkeys([*names, *delegated], variables)}}), "utf-8")
        playbook.write_text(json.dumps(plays), "utf-8")
        return lab.playbook(playbook, "-i", str(hosts), timeout=600)


def _options(task: dict[str, t.Any]) -> dict[str, t.Any]:
    return task.get("gpvault.gpmc.gpo_backup") or {}


def _examples(path: pathlib.Path) -> list[dict[str, t.Any]]:
    examples = list(yaml.safe_load(yaml.safe_load(path.read_text("utf-8"))["EXAMPLES"]))
    assert examples
    return examples


@in_whole
def test_examples_of_plugins(lab: Lab) -> None:
    _run(lab, [_examples(path) for path in _PLUGIN_DOCS if path.stem not in _ON_A_PAGE_TOO])


@in_long
@pytest.mark.parametrize("name", sorted(_ON_A_PAGE_TOO))
def test_examples_of_a_plugin_that_are_on_a_page_too(lab: Lab, name: str) -> None:
    (path,) = (path for path in _PLUGIN_DOCS if path.stem == name)
    _run(lab, [_examples(path)])


@pytest.mark.parametrize(
    "page", [pytest.param(page, id=page.stem, marks=_EXTENTS.get(page.stem, in_whole)) for page in _PAGES]
)
def test_examples_of_a_page(lab: Lab, page: pathlib.Path, tmp_path: pathlib.Path) -> None:
    run = []
    for number, block in enumerate(_blocks(page)):
        kind = _kind(block)
        if kind == "tasks":
            run.append(block)
        elif kind == "plays":
            run.extend(play["tasks"] for play in block)
        elif kind == "inventory":
            inventory = tmp_path / f"inventory{number}.yml"
            inventory.write_text(yaml.safe_dump(block), "utf-8")
            done = subprocess.run(
                [BUILD / "venv/bin/ansible-inventory", "-i", inventory, "--list"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            told = ("ansible_winrm_transport", '"ansible_connection": "ssh"')
            assert done.returncode == 0 and any(words in done.stdout for words in told), done.stderr
        elif kind == "variables":
            assert set(block) <= _VARIABLES
        elif kind == "imports":
            assert {play[_IMPORT] for play in block} <= _PLAYBOOKS
        elif kind == "requirements":
            assert "gpvault.gpmc" in [one["name"] for one in block["collections"]]
        else:
            assert {"changed", "msg", "backups"} <= set(block)
    if run:
        _run(lab, run)
