# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook that sets up AWX, by the genuine modules of awx.awx, against a stand-in for AWX's API.

ansible.controller is built from the same sources: its modules are those of awx.awx under another name, and ask for
another root of the API. It is not to be had here, so it is made in the same way.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import typing as t

import pytest
import yaml
from stand_in import TOKEN, AwxStandIn

_ROOT = pathlib.Path(__file__).resolve().parents[3]
_PATTERN = _ROOT / "extensions/patterns/gpo_vault"
_SURVEYED = ("backup", "verify", "restore", "drill", "drift")

_VARIABLES = {
    "gpo_vault_awx_hosts": [
        {"name": "corp.example", "variables": {"ansible_host": "mgmt1.corp.example"}},
        {"name": "sub.corp.example", "variables": {"ansible_host": "mgmt2.corp.example"}},
    ],
    "gpo_vault_awx_managers": [
        {"name": "mgmt1", "variables": {"ansible_host": "mgmt1.corp.example"}}, {"name": "mgmt2"},
    ],
    "gpo_vault_awx_inventory_variables": {"ansible_connection": "psrp"},
    "gpo_vault_awx_variables": {
        "gpo_vault_path": "D:\\GPO", "gpo_vault_keep_daily": 14, "gpo_vault_via": ["mgmt1", "mgmt2"],
    },
    "gpo_vault_awx_username": "backup@CORP.EXAMPLE",
    "gpo_vault_awx_password": "hush-4711",
    "gpo_vault_awx_notification": {
        "notification_type": "webhook",
        "notification_configuration": {
            "url": "https://chat.example/hook", "headers": {"Authorization": "hush-0815"}, "http_method": "POST",
        },
    },
}


def _run(
    tmp_path: pathlib.Path, awx: AwxStandIn, env: t.Mapping[str, str] = {}, **more: t.Any
) -> tuple[str, dict[str, int]]:
    variables = tmp_path / "awx.yml"
    variables.write_text(json.dumps({**_VARIABLES, **more}), "utf-8")
    where = {"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": TOKEN}
    done = subprocess.run(
        ["ansible-playbook", "-i", "localhost,", "gpvault.gpmc.awx", "-e", f"@{variables}"],
        env={**os.environ, **where, "ANSIBLE_PIPELINING": "true", **env},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr, {key: int(count) for key, count in re.findall(r"(\w+)=(\d+)", done.stdout)}


_COLLECTIONS = pathlib.Path(os.environ["ANSIBLE_COLLECTIONS_PATH"], "ansible_collections")


def _without_awx(tmp_path: pathlib.Path) -> dict[str, str]:
    """Make collections like those of Automation Platform: with ansible.controller, and without awx.awx."""
    collections = tmp_path / "collections/ansible_collections"
    controller = collections / "ansible/controller"
    shutil.copytree(_COLLECTIONS / "awx/awx/plugins", controller / "plugins")
    common = controller / "plugins/module_utils/controller_api.py"
    source = common.read_text("utf-8")
    assert source.count('_COLLECTION_TYPE = "awx"') == 1
    common.write_text(source.replace('_COLLECTION_TYPE = "awx"', '_COLLECTION_TYPE = "controller"'), "utf-8")
    (collections / "gpvault").mkdir()
    (collections / "gpvault/gpmc").symlink_to(_ROOT)
    ours = str(_COLLECTIONS.parent)
    return {
        "ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections"),
        "PYTHONPATH": ":".join(path for path in os.environ["PYTHONPATH"].split(":") if path != ours),
    }


@pytest.mark.skipif(
    not (_COLLECTIONS / "awx/awx").is_dir(), reason="awx.awx is not there: set-up has it where there is pip or apt-get"
)
def test_it_sets_up_all_of_it_and_then_finds_nothing_to_do(tmp_path: pathlib.Path) -> None:
    awx = AwxStandIn()
    said, count = _run(tmp_path, awx, {"ANSIBLE_VERBOSITY": "3"})
    assert count["changed"] > 10 and "hush-" not in said
    templates = [f"GPO vault / {name}" for name in ("Back up", "Verify", "Restore", "Drill", "Drift")]
    assert [one["name"] for one in awx.objects["job_templates"].values()] == templates
    for template, name in zip(templates, _SURVEYED, strict=True):
        made = awx.named("job_templates", template)
        assert made["playbook"] == f"extensions/patterns/gpo_vault/playbooks/{name}.yml"
        assert awx.anything(made["inventory"])["name"] == awx.anything(made["project"])["name"] == "GPO vault"
        survey = awx.related[("job_templates", made["id"], "survey_spec")]
        assert survey == yaml.safe_load((_PATTERN / f"template_surveys/{name}.yml").read_text("utf-8"))
        for related in ("credentials", "notification_templates_error"):
            assert awx.names("job_templates", template, related) == ["GPO vault"]
    assert awx.names("groups", "gpo_vault", "hosts") == ["corp.example", "sub.corp.example"]
    assert json.loads(awx.named("groups", "gpo_vault")["variables"]) == _VARIABLES["gpo_vault_awx_variables"]
    # Hosts that domains are handled through are no domains, and connect as those do.
    hosts = {one["name"]: one["variables"] for one in awx.objects["hosts"].values()}
    assert json.loads(hosts["mgmt1"]) == {"ansible_host": "mgmt1.corp.example"} and "mgmt2" in hosts
    assert json.loads(awx.named("inventories", "GPO vault")["variables"]) == {"ansible_connection": "psrp"}

    nodes = {one["identifier"]: one for one in awx.objects["workflow_job_template_nodes"].values()}
    assert awx.anything(nodes["back_up"]["unified_job_template"])["name"] == "GPO vault / Back up"
    back_up = nodes["back_up"]["id"]
    assert awx.related[("workflow_job_template_nodes", back_up, "always_nodes")] == [nodes["verify"]["id"]]
    scheduled = {one["name"]: awx.anything(one["unified_job_template"]) for one in awx.objects["schedules"].values()}
    assert {name: one["name"] for name, one in scheduled.items()} == {
        "GPO vault / Nightly": "GPO vault / Back up", "GPO vault / Weekly": "GPO vault / Back up and verify",
    }  # fmt: skip

    # Again, by the modules for Automation Platform: they find all of it, as it ought to be.
    awx.changes.clear()
    awx.asked.clear()
    more = {"gpo_vault_awx_collection": "ansible.controller", "gpo_vault_awx_password": "another"}
    said, count = _run(tmp_path, awx, _without_awx(tmp_path), **more)
    assert (count["changed"], awx.changes) == (0, []), said
    assert set(awx.asked) == {"/api/controller/v2/"}


def test_a_pattern_is_one_with_what_the_playbook_makes() -> None:
    """meta/pattern.json is what Automation Hub reads, setup.yml what a loader does."""
    pattern = json.loads((_PATTERN / "meta/pattern.json").read_text("utf-8"))
    setup = yaml.safe_load((_PATTERN / "setup.yml").read_text("utf-8"))
    assert pattern["name"] == _PATTERN.name and len(pattern["title"]) <= 64
    resources = pattern["aap_resources"]
    for name in ("controller_project", "controller_execution_environment"):
        (made,) = setup[f"{name}s"]
        assert {key: made[key] for key in ("name", "description")}.items() <= resources[name].items()
    assert resources["controller_labels"] == [one["name"] for one in setup["controller_labels"]]
    for name, one, other in zip(
        _SURVEYED, resources["controller_job_templates"], setup["controller_templates"], strict=True
    ):
        assert all(one[key] == other[key] for key in ("name", "description", "execution_environment", "labels"))
        assert one["playbook"] == f"{name}.yml" and other["playbook"].endswith(f"/{name}.yml")
        assert one["survey"] == yaml.safe_load((_PATTERN / f"template_surveys/{name}.yml").read_text("utf-8"))
        assert other["survey_spec"].count(f"template_surveys/{name}.yml") == 1


@pytest.mark.parametrize("name", _SURVEYED)
def test_what_a_survey_asks_for_is_an_argument_of_its_playbook(name: str) -> None:
    playbook, *_more = yaml.safe_load((_PATTERN / f"playbooks/{name}.yml").read_text("utf-8"))
    assert playbook["ansible.builtin.import_playbook"] == f"gpvault.gpmc.{name}"
    specs = yaml.safe_load((_PATTERN / f"playbooks/{name}.meta.yml").read_text("utf-8"))["argument_specs"]
    survey = yaml.safe_load((_PATTERN / f"template_surveys/{name}.yml").read_text("utf-8"))
    asked = {
        question["variable"]: {
            "description": question["question_description"],
            "type": "str",
            "required": question["required"] and not question["default"],
            **({"default": question["default"]} if question["default"] else {}),
        }
        for question in survey["spec"]
    }
    assert specs[name]["options"] == asked
    assert all(question["type"] == "text" for question in survey["spec"])
