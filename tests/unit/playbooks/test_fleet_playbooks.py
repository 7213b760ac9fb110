# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet's playbooks by ansible-playbook, as far as they come on a host without PowerShell: this one."""

from __future__ import annotations

import json
import os
import pathlib
import pty
import shlex
import subprocess
import sys
import tempfile
import time
import typing as t

import backup_folder
import pretended_powershell
import pytest
import yaml
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._fleet import STEPS
from answering_host import NAME

_ROOT = pathlib.Path(__file__).resolve().parents[3]
_FLEET = ("backup", "drift", "drill", "fetch", "preflight", "report", "restore", "verify")

_ALONE = {"drift": "drift", "drill": "drill", "fetch": "collect", "preflight": "preflight", "verify": "verify"}
"""The playbooks for one step of the cycle, and which it is."""

Play = dict[str, t.Any]


class Run(t.NamedTuple):
    """What came of a run."""

    code: int
    output: str
    results: list[dict[str, t.Any]]

    def of(self, task: str) -> list[dict[str, t.Any]]:
        """Return the results of a task of the role."""
        return [one["result"] for one in self.results if one["task"] == f"gpvault.gpmc.gpo_vault : {task}"]


class Playbooks:
    """Runs playbooks for a group of hosts."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder

    def __call__(
        self, plays: str | list[Play], *args: str, variables: t.Mapping[str, t.Any] = {}, typed: str = "", **env: str
    ) -> Run:
        """Run a playbook of the collection, or plays, for h1 and h2 of the group gpo_vault, and another host, o1.

        *typed* is what somebody answers at a terminal.
        """
        keyboard, terminal = pty.openpty()
        os.write(keyboard, typed.encode())
        inventory, record = self.folder / "inventory.json", self.folder / "results.jsonl"
        vault = {"hosts": {"h1": {}, "h2": {}}, "vars": {"gpo_vault_path": "D:\\GPO", **variables}}
        local = {"ansible_connection": "local"}
        hosts = {"hosts": {"o1": {}}, "children": {"gpo_vault": vault}, "vars": local}
        inventory.write_text(json.dumps({"all": hosts}), "utf-8")
        if isinstance(plays, list):
            (self.folder / "plays.yml").write_text(json.dumps(plays), "utf-8")
        record.unlink(missing_ok=True)
        done = subprocess.run(
            ["ansible-playbook", "-i", inventory, plays if isinstance(plays, str) else "plays.yml", *args],
            env={
                **os.environ,
                "GPVAULT_RECORD": str(record),
                "ANSIBLE_CALLBACK_PLUGINS": str(_ROOT / "tests/integration/callback_plugins"),
                "ANSIBLE_CALLBACKS_ENABLED": "record",
                **env,
            },
            cwd=self.folder,
            check=False,
            stdin=terminal if typed else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        os.close(keyboard)
        os.close(terminal)
        lines = record.read_text("utf-8").splitlines() if record.exists() else ()
        return Run(done.returncode, done.stdout, [json.loads(line) for line in lines])

    def domains(self, file: str = "fleet") -> dict[str, dict[str, t.Any]]:
        """Return what the report's file says of each host."""
        report = json.loads((self.folder / f"report/{file}.json").read_text("utf-8"))
        return {one["host"]: one for one in report["domains"]}


@pytest.fixture
def playbooks(tmp_path: pathlib.Path) -> Playbooks:
    """Playbooks, run in a folder of their own."""
    return Playbooks(tmp_path)


def _role(*entry_points: str) -> list[Play]:
    """Return a play that calls entry points of the role for h1."""
    include = "ansible.builtin.include_role"
    tasks = [{include: {"name": "gpvault.gpmc.gpo_vault", "tasks_from": one}} for one in entry_points]
    return [{"hosts": "h1", "gather_facts": False, "tasks": tasks}]


@pytest.mark.parametrize("playbook", _FLEET)
def test_no_host_is_no_success(playbooks: Playbooks, playbook: str) -> None:
    run = playbooks(f"gpvault.gpmc.{playbook}", "-e", "gpo_vault_hosts=nowhere")
    assert run.code == 2 and "There is no host to work on: of the hosts of 'nowhere'" in run.output


def test_a_limit_that_leaves_no_host_of_the_group_is_no_success(playbooks: Playbooks) -> None:
    run = playbooks("gpvault.gpmc.backup", "--limit", "o1")
    assert run.code == 2 and "There is no host to work on: of the hosts of 'gpo_vault'" in run.output


@pytest.mark.parametrize(("name", "value"), [("gpo_vault_hosts", "h1"), ("gpo_vault_serial", 1)])
def test_what_does_nothing_in_the_inventory_is_refused_there(playbooks: Playbooks, name: str, value: object) -> None:
    """One playbook would look for the hosts that a variable of the inventory names, and the other work on others."""
    run = playbooks("gpvault.gpmc.backup", variables={name: value})
    assert run.code == 2 and f"{name} stands in the inventory, where it does nothing" in run.output
    assert run.of("Begin anew") == []
    given = json.dumps({name: value})
    run = playbooks("gpvault.gpmc.backup", "-e", given, variables={name: "nowhere"})
    assert "stands in the inventory" not in run.output and len(run.of("Begin anew")) == (1 if value == "h1" else 2)


def test_a_list_of_hosts(playbooks: Playbooks) -> None:
    run = playbooks("gpvault.gpmc.backup", "-e", json.dumps({"gpo_vault_hosts": ["h2", "nowhere"]}))
    assert len(run.of("Begin anew")) == 1, run.output


def test_a_setting_that_ends_all_domains_with_the_first_is_refused(playbooks: Playbooks) -> None:
    """Nothing that a playbook says goes before it."""
    run = playbooks("gpvault.gpmc.backup", ANSIBLE_ANY_ERRORS_FATAL="true")
    assert run.code == 2 and "any_errors_fatal is true in Ansible's configuration" in run.output
    assert run.of("Begin anew") == []


def test_an_empty_inventory_is_no_success(tmp_path: pathlib.Path) -> None:
    command = ["ansible-playbook", "gpvault.gpmc.backup"]
    env = {**os.environ, "ANSIBLE_INVENTORY": str(tmp_path)}
    done = subprocess.run(command, env=env, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 2 and "There is no host to work on" in done.stdout


def test_a_cycle_that_fails_is_told_whatever_the_inventory_says_of_the_hosts(playbooks: Playbooks) -> None:
    """The controller has its own time zone, nobody becomes another there or logs on, and it is no Windows host."""
    (playbooks.folder / "group_vars").mkdir()
    windows = {"ansible_shell_type": "powershell", "ansible_python_interpreter": "C:\\python.exe"}
    (playbooks.folder / "group_vars/all.json").write_text(json.dumps(windows), "utf-8")
    about = {"gpo_vault_report_dest": str(playbooks.folder / "report"), "gpo_vault_via": "o1"}
    become = {"ansible_become": True, "ansible_become_exe": "/nonexistent"}
    # Pipelining: else the local connection would leave what it takes for PowerShell beside the playbook.
    env = {"TZ": "EST5", "ANSIBLE_PIPELINING": "1"}
    run = playbooks("gpvault.gpmc.backup", "--limit", "gpo_vault,o1", variables={**about, **become}, **env)
    assert run.code == 2 and "2 of 2 domains not well: h1: " in run.output, run.output
    domains = playbooks.domains()
    assert [(one["outcome"], one["via"]) for one in domains.values()] == [("failed", "o1")] * 2
    assert max(one["seconds"] for one in domains.values()) < 3600
    began = run.of("Begin anew")[0]["ansible_facts"]["__gpo_vault_began"]
    assert abs(float(began) - time.time()) < 3600
    # Without files the numbers are handed on all the same.
    (handed_on,) = run.of("Hand the numbers on")
    assert handed_on["ansible_stats"]["data"]["gpo_vault"]["summary"]["failed"] == 2


def test_what_cannot_work_is_refused_before_anything_is_done(playbooks: Playbooks) -> None:
    given = {
        "gpo_vault_via": ["o1", "mgmt7"], "gpo_vault_collect_dest": "copies", "gpo_vault_report_dest": "report",
        "gpo_vault_max_age_alarm": "8 days", "gpo_vault_collect_hosts": "dr7",
    }  # fmt: skip
    run = playbooks("gpvault.gpmc.backup", variables=given)
    assert run.code == 2, run.output
    for said in (
        "gpo_vault_via names what is no host of the inventory: mgmt7.",
        "gpo_vault_collect_hosts names what is no host of the inventory: dr7.",
        "gpo_vault_collect_hosts needs gpo_vault_collect_path.",
        "gpo_vault_collect_dest is 'copies', a relative path",
        "gpo_vault_report_dest is 'report', a relative path",
        "gpo_vault_max_age_alarm is '8 days', which is not a duration",
    ):
        assert said in run.output
    assert run.of("Look whether all is there that a backup needs") == run.of("Write all of it") == []


def test_a_name_that_is_typed_is_no_template(playbooks: Playbooks) -> None:
    name = "{{ 6 * 7 }} {% if"
    run = playbooks("gpvault.gpmc.restore", "--limit", "h1", typed=f"{name}\n\n")
    (asked,) = run.of("Put GPOs back as they were")
    assert asked["invocation"]["module_args"]["gpos"] == name, run.output


def test_copies_are_not_put_into_the_collection_by_the_step_alone(playbooks: Playbooks) -> None:
    run = playbooks(_role("collect"), variables={"gpo_vault_collect_dest": "copies"})
    assert run.code == 2 and "gpo_vault_collect_dest is 'copies', a relative path" in run.output
    assert run.of("Copy to the controller what it does not have") == []


@pytest.mark.parametrize("step", ["preflight", "backup", "verify", "drill", "prune", "collect", "restore"])
def test_a_step_alone_runs_on_no_host_that_the_inventory_does_not_have(playbooks: Playbooks, step: str) -> None:
    run = playbooks(_role(step), variables={"gpo_vault_via": "mgmt7", "gpo_vault_restore_all": True})
    assert run.code == 2 and "gpo_vault_via names what is no host of the inventory: mgmt7." in run.output
    assert not any("mgmt7" in line and "UNREACHABLE" in line for line in run.output.splitlines())


def test_slices_are_reported_on_together(playbooks: Playbooks) -> None:
    """Each as a process of its own that knows nothing of the other, all with the same folder; then all of them."""
    about = {"gpo_vault_report_dest": str(playbooks.folder / "report")}
    for host in ("h1", "h2"):
        run = playbooks("gpvault.gpmc.backup", "--limit", host, variables=about)
        assert run.code == 2 and list(playbooks.domains()) == [host], run.output
    run = playbooks("gpvault.gpmc.report", "-e", "gpo_vault_hosts=gpo_vault:o1", "-e", json.dumps(about))
    assert run.code == 2 and "3 of 3 domains not well: h1: " in run.output
    told = {host: one["msg"] for host, one in playbooks.domains().items()}
    assert "PowerShell" in told["h1"] and "PowerShell" in told["h2"], told
    # One that none of them ran for is no success.
    assert told["o1"] == "No run has left a record of it."


def test_a_part_or_another_playbook_takes_nothing_from_the_report_on_the_fleet(playbooks: Playbooks) -> None:
    about = {"gpo_vault_report_dest": str(playbooks.folder / "report")}
    playbooks("gpvault.gpmc.backup", variables=about)
    before = (playbooks.folder / "report/domains.csv").read_bytes()
    run = playbooks("gpvault.gpmc.verify", "--limit", "h1", variables=about)
    assert run.code == 2 and list(playbooks.domains("verify-fleet")) == ["h1"], run.output
    assert list(playbooks.domains()) == ["h1", "h2"]
    assert (playbooks.folder / "report/domains.csv").read_bytes() == before
    # Of a part of it the backup tells for itself, and nothing of the others is lost.
    playbooks("gpvault.gpmc.backup", "--limit", "h1", variables=about)
    assert list(playbooks.domains()) == ["h1"]
    playbooks("gpvault.gpmc.report", variables=about)
    assert [one["step"] for one in playbooks.domains().values()] == ["preflight", "preflight"]


def test_what_an_earlier_play_has_left_does_not_count(playbooks: Playbooks) -> None:
    """A copy that was refused is none that went well because a backup did."""
    fact = {"ansible.builtin.set_fact": {"__gpo_vault_record": {"outcome": "ok", "msg": "All is well."}}}
    plays: list[Play] = [
        {"hosts": "gpo_vault", "gather_facts": False, "tasks": [fact]},
        {"ansible.builtin.import_playbook": "gpvault.gpmc.fetch"},
    ]
    run = playbooks(plays)
    assert run.code == 2 and "2 of 2 domains not well: h1: Give gpo_vault_collect_dest" in run.output


def _answering(folder: pathlib.Path) -> dict[str, str]:
    """Return the environment in which PowerShell is one that answers."""
    return pretended_powershell.environment(folder, pathlib.Path(__file__).with_name("answering_host.py"))


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("empty", "There is no backup to verify."),
        ("bare", "The catalog (the folder .gpvault) knows nothing of the 2 backups there, so nothing could be"),
    ],
)
def test_to_have_verified_nothing_is_no_success(playbooks: Playbooks, folder: str, said: str) -> None:
    """Also where but sizes were looked at, as each night."""
    about = {"gpo_vault_path": f"D:\\{folder}", "gpo_vault_verify_full": []}
    run = playbooks(_role("verify"), variables=about, **_answering(playbooks.folder))
    assert run.code == 2 and said in run.output, run.output
    (verified,) = run.of("Verify the backups of the domain")
    assert verified["invocation"]["module_args"]["verify"] == "quick"


def test_a_workflow_fails_with_the_backup_in_it(playbooks: Playbooks) -> None:
    """For AWX it has not, where it goes on after a job that failed, unless the last one fails."""
    env = _answering(playbooks.folder)
    verify = str(_ROOT / "extensions/patterns/gpo_vault/playbooks/verify.yml")
    summary = {"domains": 3, "ok": 2}
    workflow = {"awx_workflow_job_name": "GPO vault / Back up and verify", "gpo_vault": {"summary": summary}}
    for given, code in (({}, 0), (workflow, 2), ({**workflow, "gpo_vault": {"summary": {**summary, "ok": 3}}}, 0)):
        run = playbooks(verify, "-e", json.dumps(given), **env)
        assert run.code == code and ("the backup job before this one was not well" in run.output) is bool(code), given
    # One that was cancelled, say, has handed nothing on.
    run = playbooks(verify, "-e", json.dumps({**workflow, "gpo_vault": None}), **env)
    assert run.code == 2


def test_what_is_damaged_or_stays_keeps_nothing_from_being_copied(playbooks: Playbooks) -> None:
    """Or one old backup that somebody has spoilt would end the copies for good."""
    # One that nobody answers for once it has backed up: that ends its cycle.
    lost = {"ansible_connection": "{{ 'winrm' if __gpo_vault_result_backup | default(false, true) else 'local' }}"}
    nobody = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_user": "u", "ansible_password": "p"}
    hosts = {"well": {}, "damaged": {}, "stuck": {}, "broken": {}, "lost": {**nobody, **lost}}
    (playbooks.folder / "more.json").write_text(json.dumps({"gpo_vault": {"hosts": hosts}}), "utf-8")
    variables = {
        "gpo_vault_path": "D:\\{{ inventory_hostname }}", "gpo_vault_collect_dest": str(playbooks.folder / "copies"),
        "gpo_vault_report_dest": str(playbooks.folder / "report"), "gpo_vault_keep_last": 1,
        "ansible_connection": "local", "gpo_vault_drill": True,
        # A single name, as -e gives it, is a list of one.
        "gpo_vault_verify_full": "always", "gpo_vault_drill_days": "always",
    }  # fmt: skip
    chosen = ["-i", "more.json", "--limit", ",".join(hosts)]
    for host in hosts:
        backup_folder.put(playbooks.folder / "copies" / host, 1)
    run = playbooks("gpvault.gpmc.backup", *chosen, variables=variables, **_answering(playbooks.folder))
    assert run.code == 2, run.output
    domains = playbooks.domains()
    told = ("outcome", "step", "damaged", "drilled", "not_drilled", "recovery", "pruned", "copied")
    assert {host: tuple(one[name] for name in told) for host, one in domains.items()} == {
        "well": ("ok", None, 0, 1, 0, 1.5, 1, 0), "damaged": ("failed", "verify", 1, 1, 0, 1.5, None, 0),
        "stuck": ("failed", "prune", 0, 1, 0, 1.5, 0, 0), "broken": ("failed", "drill", 0, 0, 1, 0, None, 0),
        "lost": ("unreachable", "verify", 0, None, None, None, None, None),
    }  # fmt: skip
    assert "broken: drill: Kiosk: 0x80070005 E_ACCESSDENIED" in run.output
    (handed_on,) = run.of("Hand the numbers on")
    stats = {one["host"]: one for one in handed_on["ansible_stats"]["data"]["gpo_vault"]["domains"]}
    assert stats["well"]["drilled"] == 1 and stats["well"]["recovery"] == 1.5 and "drilled" not in stats["lost"]
    assert f"1 backup no longer what was backed up: '{NAME}' of" in domains["damaged"]["msg"]
    assert f"damaged: verify: {NAME}: A file is missing." in run.output
    assert "could not be deleted" in domains["stuck"]["msg"]
    collected = run.of("Copy to the controller what it does not have")
    # The copies are read when the backups are.
    assert [one["invocation"]["module_args"]["verify"] for one in collected] == ["full"] * 4


def test_the_page_has_the_newest_drill_also_of_a_drill_alone(playbooks: Playbooks) -> None:
    """Where there is a page: a drill that comes before every cycle makes none. The other steps leave it as it is."""
    report = playbooks.folder / "report"
    about = {"gpo_vault_report_dest": str(report), "gpo_vault_domain": "corp.example"}
    env = _answering(playbooks.folder)
    run = playbooks("gpvault.gpmc.drill", "--limit", "h1", variables=about, **env)
    assert run.code == 0 and (report / "drill-fleet.json").exists(), run.output
    assert not (report / "history.json").exists() and not (report / "fleet.html").exists()
    run = playbooks("gpvault.gpmc.backup", "--limit", "h1", variables=about, **env)
    assert run.code == 0, run.output
    before = json.loads((report / "history.json").read_text("utf-8"))
    assert before["domains"][0]["drill"] is None and "0 of 1" in (report / "fleet.html").read_text("utf-8")
    for playbook in ("drill", "verify"):
        run = playbooks(f"gpvault.gpmc.{playbook}", "--limit", "h1", variables=about, **env)
        assert run.code == 0, run.output
        (domain,) = json.loads((report / "history.json").read_text("utf-8"))["domains"]
        assert domain.pop("drill")["drilled"] == 1
        assert domain.items() <= before["domains"][0].items()
        assert "1 of 1 recovered in" in (report / "fleet.html").read_text("utf-8")
        assert (report / "drills.csv").read_text("utf-8").count("corp.example") == 1


@pytest.mark.parametrize("playbook", _ALONE)
def test_a_playbook_for_one_step_switches_off_every_other(playbook: str) -> None:
    """Whatever the inventory has switched on for the nightly cycle."""
    plays = yaml.safe_load((_ROOT / f"playbooks/{playbook}.yml").read_text("utf-8"))
    (given,) = (
        task["vars"] for play in plays for block in play.get("tasks", ()) for task in block.get("block", ())
        if task["name"] == "This step alone"
    )  # fmt: skip
    switches = {step: given.get(f"gpo_vault_{step}") for step in STEPS}
    assert switches == {step: step == _ALONE[playbook] for step in STEPS}


_CORES = [folder for folder in os.environ.get("GPVAULT_CORES", "").split(":") if folder]


def _is_root(core: str) -> bool:
    """Whether it is the root of another system, and no source tree."""
    return pathlib.Path(core, "usr/bin/ansible-playbook").is_file()


def _of_core(core: str, path: pathlib.Path) -> dict[str, str]:
    """Return the environment in which ansible-playbook is that of another ansible-core."""
    run, libraries = [sys.executable, "-m", "ansible.cli.playbook"], f"{core}/lib:{os.environ['PYTHONPATH']}"
    if _is_root(core):
        seen = f"{_ROOT}:{os.environ['ANSIBLE_COLLECTIONS_PATH']}:{tempfile.gettempdir()}:{path}"
        run = [str(_ROOT / "tests/integration/in_root.sh"), core, seen, "/usr/bin/ansible-playbook"]
        libraries = os.environ["PYTHONPATH"]
    command = path / "bin/ansible-playbook"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.join(run)} "$@"\n', "utf-8")
    command.chmod(0o755)
    return {"PATH": f"{command.parent}:{os.environ['PATH']}", "PYTHONPATH": libraries}


@pytest.mark.parametrize(
    "core",
    ["installed", *_CORES]
    + [pytest.param("older", marks=pytest.mark.skip("GPVAULT_CORES names no other ansible-core"))] * (not _CORES),
)
def test_what_hosts_say_is_never_run_as_a_template(playbooks: Playbooks, core: str) -> None:
    """Names of GPOs, and of files, are anybody's. Those that are cut are no whole templates any more."""
    env = {} if core == "installed" else _of_core(core, playbooks.folder)
    name = f"{{{{ lookup('pipe', 'touch {playbooks.folder}/run') }}}}"
    failure = {"step": "backup", "name": name, "id": None, "reason": name}
    record = {"outcome": "failed", "domain": name, "msg": f"{name}{{{{ x", "failures": [failure], "warnings": [name]}
    fact = {"ansible.builtin.set_fact": {"__gpo_vault_record": {"__ansible_unsafe": json.dumps(record)}}}
    facts = [fact, {"ansible.builtin.set_fact": {"__gpo_vault_record": "{{ __gpo_vault_record | from_json }}"}}]
    report = {"ansible.builtin.include_role": {"name": "gpvault.gpmc.gpo_vault", "tasks_from": "report"}}
    about = {"gpo_vault_report_dest": str(playbooks.folder / "report")}
    plays: list[Play] = [{"hosts": "gpo_vault", "gather_facts": False, "tasks": [*facts, report]}]
    # ansible-core 2.16 takes no interpreter with a blank in its path, as that of a venv may have one.
    python = "/usr/bin/python3" if _is_root(core) else os.path.realpath(sys.executable)
    run = playbooks(plays, "-e", f"ansible_python_interpreter={python}", variables=about, **env)
    assert run.code == 2 and f"2 of 2 domains not well: h1: {name}" in run.output, run.output
    assert f"(item=h1: backup: {name}: {name})" in run.output
    assert not (playbooks.folder / "run").exists()
    assert {one["failures"][0]["name"] for one in playbooks.domains().values()} == {name}
    # Text that looks like a structure stays text.
    json.loads((playbooks.folder / "report/history.json").read_text("utf-8"))
    assert "<title>" in (playbooks.folder / "report/fleet.html").read_text("utf-8")
    (handed_on,) = run.of("Hand the numbers on")
    assert {one["domain"] for one in handed_on["ansible_stats"]["data"]["gpo_vault"]["domains"]} == {name}


def _templates(value: t.Any) -> t.Iterator[str]:
    """Find the templates in what a file of YAML has, but for bare conditions, of which only the truth counts."""
    if isinstance(value, str) and "{{" in value:
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _templates(one)


def test_what_comes_from_other_hosts_is_marked_as_untrusted() -> None:
    """Before ansible-core 2.19 what a template makes of hostvars is trusted, and run when it is shown."""

    class Loader(yaml.SafeLoader):
        """Reads !unsafe."""

    Loader.add_constructor("!unsafe", lambda _loader, node: node.value)
    files = [path for folder in ("roles", "playbooks", "extensions") for path in (_ROOT / folder).rglob("*.yml")]
    found = [
        template
        for path in files
        for template in _templates(yaml.load(path.read_text("utf-8"), Loader))
        if "hostvars" in template
    ]
    assert found
    for template in found:
        assert template.split()[:3] == ["{{", "__gpo_vault_untrusted", "and"], template
    role = (_ROOT / "roles/gpo_vault/tasks/report.yml").read_text("utf-8")
    # Not empty, or the expression is, too.
    assert "__gpo_vault_untrusted: !unsafe untrusted\n" in role
