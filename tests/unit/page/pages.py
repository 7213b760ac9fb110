# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages on invented fleets, made by the role as it makes them after a run, all by one playbook."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import typing as t

import jinja2
from ansible_collections.gpvault.gpmc.plugins.filter.fleet_page import fleet_page
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _fleet

ROLE = pathlib.Path(__file__).resolve().parents[3] / "roles/gpo_vault"

Records = t.Sequence[dict[str, t.Any]]

_ROLE = "gpvault.gpmc.gpo_vault"


def report(folder: pathlib.Path, records: Records, *more: tuple[pathlib.Path, Records], copies: str = "") -> str:
    """Run the role's report for the hosts of *records*, and make the pages alone of *more*. Returns the output.

    Each folder has a history of the runs before, and the files that the hosts' backups left.
    """
    hosts = {record["host"]: {"__made": record} for record in records}
    about = {"ansible_connection": "local", "gpo_vault_report_dest": str(folder), "gpo_vault_collect_dest": copies}
    inventory = {"all": {"children": {"gpo_vault": {"hosts": hosts, "vars": about}}}}
    include = "ansible.builtin.include_role"
    fact = {"ansible.builtin.set_fact": {"__gpo_vault_record": "{{ __made }}"}}
    for place, others in more:
        (place / "fleet.json").write_text(json.dumps({"domains": _domains(others)}), "utf-8")
    # From files, so that nothing in them is a template.
    pages = [
        {
            include: {"name": _ROLE, "tasks_from": "report_page"},
            "vars": {
                "gpo_vault_report_dest": str(place),
                "__gpo_vault_fleet": f"{{{{ lookup('ansible.builtin.file', '{place}/fleet.json') | from_json }}}}",
            },
        }
        for place, _others in more
    ]
    told = [fact, {include: {"name": _ROLE, "tasks_from": "report"}}]
    # The report comes last: it fails where a domain is not well.
    plays = [
        {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": pages},
        {"hosts": "gpo_vault", "gather_facts": False, "tasks": told},
    ]
    (folder / "inventory.json").write_text(json.dumps(inventory), "utf-8")
    (folder / "plays.yml").write_text(json.dumps(plays if pages else plays[1:]), "utf-8")
    done = subprocess.run(
        ["ansible-playbook", "-i", folder / "inventory.json", folder / "plays.yml"],
        env={**os.environ, "ANSIBLE_NOCOLOR": "1"}, cwd=folder, check=False, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    return done.stdout


def render(folder: pathlib.Path, history: str) -> None:
    """Make a page of a history without Ansible, which takes its time with a large one."""
    files = {name: (ROLE / "files" / name).read_text("utf-8").rstrip() for name in ("fleet.js", "fleet.css")}
    environment = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True)
    environment.filters["gpvault.gpmc.fleet_page"] = fleet_page
    environment.globals["lookup"] = lambda _plugin, name: files[name]
    template = environment.from_string((ROLE / "templates/fleet.html.j2").read_text("utf-8"))
    (folder / "fleet.html").write_text(template.render(__gpo_vault_history=history), "utf-8")


def _domains(records: Records) -> list[dict[str, t.Any]]:
    return list(_fleet.fleet_of(records, [record["host"] for record in records])["domains"])
