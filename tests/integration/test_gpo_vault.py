# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role gpo_vault and the playbooks, on a fleet: one domain's trouble stays there, and is told of."""

from __future__ import annotations

import contextlib
import csv
import json
import pathlib
import re
import shutil
import subprocess
import typing as t

import pytest
import yaml
from backups import assert_whole, manifest_ids, snapshot
from extent import LONG, WHOLE
from harness import ROOT, Lab, Run, tree
from steps import step

# Ansible puts a role's name before those of its tasks.
_ROLE = "gpvault.gpmc.gpo_vault : "
_PREFLIGHT = f"{_ROLE}Look whether all is there that a backup needs"
_PRUNE = f"{_ROLE}Prune what no rule keeps"


class Fleet:
    """The lab's fleet as the role's inventory has it, and its playbooks.

    corp.example is handled through two hosts, of which nobody answers for the first.
    """

    def __init__(self, lab: Lab, folder: pathlib.Path) -> None:
        self.lab = lab
        self.report = folder / "report"
        self.copies = folder / "copies"
        self._inventory = folder / "vault.json"
        group = {
            "hosts": {
                "corp.example": {
                    "gpo_vault_via": ["host3", "host1"],
                    "gpo_vault_gpos": ["Default*", "Kiosk"],
                    "gpo_vault_approved": True,
                    "gpo_vault_comment": "Change 4711",
                },
                "host2": {},
                "host3": {"ansible_port": 1},
            },
            "vars": {
                "gpo_vault_path": "D:\\Vault",
                "gpo_vault_inaccessible": "ignore",
                "gpo_vault_collect_dest": str(self.copies),
                "gpo_vault_keep_last": 1,
                "gpo_vault_max_age_alarm": "1d",
                "gpo_vault_report_dest": str(self.report),
            },
        }
        self._inventory.write_text(json.dumps({"gpo_vault": group}), "utf-8")

    def __call__(self, playbook: str, *args: str, **env: str) -> Run:
        """Run a playbook of the collection."""
        return self.lab.playbook(t.cast(pathlib.Path, playbook), "-i", str(self._inventory), *args, env=env)

    def slices(self, *limits: str, **env: str) -> list[Run]:
        """Back parts of the fleet up at once, each by a process of its own, as job slices do."""
        playbook = t.cast(pathlib.Path, "gpvault.gpmc.backup")
        with contextlib.ExitStack() as stack:
            started = [
                stack.enter_context(
                    self.lab.start(playbook, "-i", str(self._inventory), "--limit", limit, env=env)
                )
                for limit in limits
            ]
            return [one.wait() for one in started]

    def domains(self, file: str = "fleet") -> dict[str, dict[str, t.Any]]:
        """Return what the report's file says of each host."""
        report = json.loads((self.report / f"{file}.json").read_text("utf-8"))
        return {one["host"]: one for one in report["domains"]}


@pytest.fixture
def vault(fleet: Lab, tmp_path: pathlib.Path) -> t.Iterator[Fleet]:
    """The fleet, as it was made but for the backups of other tests."""
    for host in ("host1", "host2", "host4"):
        fleet("gpo", "reset", "--host", host)
    try:
        yield Fleet(fleet, tmp_path)
    finally:
        fleet("fault", "clear")
        for host in ("host1", "host4"):
            fleet("gpo", "reset", "--host", host)


def test_a_cycle_in_which_much_fails_and_one_in_which_nothing_changes(vault: Fleet) -> None:
    lab = vault.lab
    lab("fault", "add", "refuse", "--host", "host2", "--gpo", "Kiosk", "--hresult", "0x80070005")
    # Switched off as any step can be; it is in the second cycle.
    run = vault("gpvault.gpmc.backup", "-e", json.dumps({"gpo_vault_preflight": False}))
    assert run.code == 2, run.output

    domains = vault.domains()
    assert {host: (one["outcome"], one["step"]) for host, one in domains.items()} == {
        "corp.example": ("ok", None), "host2": ("failed", "backup"), "host3": ("unreachable", "backup"),
    }  # fmt: skip
    well, failed = domains["corp.example"], domains["host2"]
    # Through the second host, since the first did not answer.
    assert (well["via"], well["domain"], well["gpos"], well["failed"]) == ("host1", "corp.example", 3, 0)
    assert well["age"] < 3600 and well["pruned"] is not None
    assert well["copied"] == 3 and (vault.copies / "corp.example/manifest.xml").exists()
    # The other GPOs of the domain are backed up, verified and copied, and nothing is pruned there.
    assert (failed["domain"], failed["failed"], failed["pruned"]) == ("corp2.example", 1, None)
    assert (failed["new"], failed["damaged"], failed["copied"]) == (12, 0, 12)
    assert [one["name"] for one in failed["failures"]] == ["Kiosk"]
    assert failed["failures"][0]["reason"].startswith("0x80070005 E_ACCESSDENIED")
    assert ["skip_reason" in one for one in run.of(_PRUNE, "corp.example")] == [False] and run.of(_PRUNE, "host2") == []
    assert run.of(_PREFLIGHT) == []

    # A line for each domain, one for each reason, and all of them in one.
    lines = [line.partition("(item=")[2].rstrip(")") for line in run.output.splitlines() if "(item=" in line]
    for said in (["corp.example", "corp.example", "ok", "3"], ["host3", "-", "unreachable"]):
        assert any(line.split()[: len(said)] == said for line in lines), said
    assert any(line.startswith("host2: backup: Kiosk: 0x80070005 E_ACCESSDENIED") for line in lines)
    assert "2 of 3 domains not well: host2: 1 of 13 GPOs failed" in run.output
    with (vault.report / "domains.csv").open(encoding="utf-8", newline="") as file:
        assert [row["outcome"] for row in csv.DictReader(file)] == ["ok", "failed", "unreachable"]
    _the_page_tells_of_it(vault)
    (stats,) = run.of(f"{_ROLE}Hand the numbers on")
    handed_on = stats["ansible_stats"]["data"]["gpo_vault"]
    assert handed_on["summary"]["unreachable"] == 1 and len(json.dumps(handed_on)) < 2000

    lab("fault", "clear")
    before = tree(lab.drive_d() / "Vault")
    slices = vault.slices("corp.example", "host2", "host3", ANSIBLE_STRATEGY="host_pinned")
    assert [one.code for one in slices] == [0, 0, 2], [one.output for one in slices]
    report = vault("gpvault.gpmc.report")
    # Each told of its own, and all of them are told of as if they had been one.
    assert report.code == 2 and "1 of 3 domains not well: host3: " in report.output, report.output
    (stats,) = report.of(f"{_ROLE}Hand the numbers on")
    summary = stats["ansible_stats"]["data"]["gpo_vault"]["summary"]
    numbers = [summary[name] for name in ("domains", "ok", "unreachable", "gpos", "new")]
    assert numbers == [3, 2, 1, 16, 1]
    again, mended = vault.domains()["corp.example"], vault.domains()["host2"]
    assert (again["outcome"], again["new"], again["unchanged"], again["copied"]) == ("ok", 0, 3, 0)
    assert (mended["outcome"], mended["new"], mended["unchanged"]) == ("ok", 1, 12)
    checked = [result for one in slices for result in one.of(_PREFLIGHT) if "unreachable" not in result]
    assert {result["summary"]["failed"] for result in checked} == {0}
    results = [line["result"] for line in slices[0].results if line["host"] == "corp.example"]
    assert results and not any(result.get("changed") for result in results)
    assert tree(lab.drive_d() / "Vault") == before

    _restore_what_was_edited(vault)
    if WHOLE:
        _copies_go_on_to_further_hosts(vault)
        _a_cycle_with_drill_and_drift(vault)
        _bring_back_a_domain_that_is_gone(vault)
    if LONG:
        _a_spoilt_backup_stops_the_cycle(vault)


def _the_page_tells_of_it(vault: Fleet) -> None:
    """What became of each GPO, from the host; and what the copies know of its backups."""
    history = json.loads((vault.report / "history.json").read_text("utf-8"))
    domains = {one["host"]: one for one in history["domains"]}
    gpos = {gpo["name"]: gpo for gpo in domains["host2"]["gpos"]}
    assert len(domains["host2"]["gpos"]) == 13 and gpos["Kiosk"]["why"].startswith("0x80070005 E_ACCESSDENIED")
    new = gpos["Default Domain Policy"]
    assert (new["outcome"], new["event"]) == ("created", "new") and new["backups"][0]["sequence"] is not None
    assert domains["host3"]["gpos"] == [] and len(domains["corp.example"]["gpos"]) == 3
    assert "Default Domain Policy" in (vault.report / "fleet.html").read_text("utf-8")


def _restore_what_was_edited(vault: Fleet) -> None:
    """In the plan, and not without --limit: other domains have a GPO of that name, too."""
    lab = vault.lab
    lab("gpo", "describe", "Kiosk", "edited")
    asked = ["-e", json.dumps({"gpo_vault_restore_gpos": ["Kiosk"]}), "--check", "--diff"]
    via = json.dumps({"gpo_vault_via": ["host1"]})
    run = vault("gpvault.gpmc.restore", "--limit", "corp.example", "-e", via, *asked)
    assert run.code == 0, run.output
    (plan,) = run.of(f"{_ROLE}Put GPOs back as they were")
    assert [one["outcome"] for one in plan["restores"]] == ["restored"] and "edited" in run.output
    refused = vault("gpvault.gpmc.restore", "--limit", "corp.example,host2", *asked)
    assert refused.code == 2 and "may be in each of their domains" in refused.output


def _a_cycle_with_drill_and_drift(vault: Fleet) -> None:
    """Of a GPO that somebody has edited since it was approved. Its newest backup is another by then."""
    lab = vault.lab
    lab("gpo", "edit", "--host", "host1", "Kiosk")
    here = {"gpo_vault_via": ["host1"], "gpo_vault_approved": False, "gpo_vault_comment": "After"}
    more = {"gpo_vault_drill": True, "gpo_vault_drill_days": ["always"], "gpo_vault_drift": True}
    run = vault("gpvault.gpmc.backup", "--limit", "corp.example", "-e", json.dumps({**here, **more}))
    assert run.code == 0, run.output
    cycle = vault.domains()["corp.example"]
    told = [cycle[name] for name in ("outcome", "new", "drilled", "not_drilled", "drifted", "copied")]
    assert told == ["ok", 1, 3, 0, 1, 1] and cycle["recovery"] > 0, cycle
    (warning,) = (line for line in cycle["warnings"] if line.startswith("drift: "))
    # The backup before this one is not approved, nor what it has.
    assert warning.startswith("drift: 'Kiosk', ") and "'Change 4711'" in warning, warning
    assert f"corp.example: warning: {warning}"[:100] in run.output
    assert not [gpo for gpo in lab.gpos("host1") if gpo["display_name"].startswith("gpvault drill")]
    # The page has what changed since the run before, and the drill.
    history = json.loads((vault.report / "history.json").read_text("utf-8"))
    (domain,) = (one for one in history["domains"] if one["host"] == "corp.example")
    assert (domain["drill"]["drilled"], domain["drill"]["not_drilled"]) == (3, 0)
    (kiosk,) = (gpo for gpo in domain["gpos"] if gpo["name"] == "Kiosk")
    value = "Software\\Policies\\Contoso\\Lab\\Edits"
    assert kiosk["event"] == "changed" and value in {one["name"] for one in kiosk["backups"][0]["changes"]}
    assert [gpo["event"] for gpo in domain["gpos"] if gpo["name"] != "Kiosk"] == [None, None]
    with (vault.report / "changes.csv").open(encoding="utf-8", newline="") as file:
        assert value in {row["setting"] for row in csv.DictReader(file)}
    assert "Edits" in (vault.report / "fleet.html").read_text("utf-8")

    # By the playbook, and a failure where it is asked for.
    asked = json.dumps({**here, "gpo_vault_drift_fail": True})
    drift = vault("gpvault.gpmc.drift", "--limit", "corp.example", "-e", asked)
    assert drift.code == 2 and "1 GPO differs from what is approved: 'Kiosk'" in drift.output, drift.output
    alone = vault.domains("drift-fleet")["corp.example"]
    assert (alone["outcome"], alone["step"], alone["drifted"], alone["gpos"]) == ("failed", "drift", 1, None)
    assert vault.domains()["corp.example"] == cycle

    # Also where a further host does not answer, which is the cycle's failure.
    dead = {"gpo_vault_collect_hosts": ["host3"], "gpo_vault_collect_path": "D:\\Copies", "gpo_vault_drift": True}
    off = dict.fromkeys(("gpo_vault_preflight", "gpo_vault_backup", "gpo_vault_verify"), False)
    run = vault("gpvault.gpmc.backup", "--limit", "corp.example", "-e", json.dumps({**here, **dead, **off}))
    assert run.code == 2 and "Not all copies are on 1 of 1 further hosts: host3: " in run.output, run.output
    cycle = vault.domains()["corp.example"]
    assert [cycle[name] for name in ("outcome", "step", "copied", "drifted")] == ["failed", "collect", 0, 1]


def _copies_go_on_to_further_hosts(vault: Fleet) -> None:
    """Of both domains to a host of neither, although nobody answers for another; then there is nothing to do."""
    copies = vault.lab.drive_d("host4") / "Copies"
    given: dict[str, t.Any] = {"gpo_vault_collect_hosts": ["host3", "host4"], "gpo_vault_collect_path": "D:\\Copies"}
    run = vault("gpvault.gpmc.fetch", "--limit", "corp.example,host2", "-e", json.dumps(given))
    assert run.code == 2, run.output
    domains = vault.domains("fetch-fleet")
    assert {host: (one["outcome"], one["step"], one["copied"], one["passed_on"]) for host, one in domains.items()} == {
        "corp.example": ("failed", "collect", 0, 3), "host2": ("failed", "collect", 0, 13),
    }  # fmt: skip
    assert [one["name"] for host in domains for one in domains[host]["failures"]] == ["host3", "host3"]
    assert "Not all copies are on 1 of 2 further hosts: host3: " in run.output
    for host, number in (("corp.example", 3), ("host2", 13)):
        assert len(assert_whole(copies / host)) == len(manifest_ids(copies / host)) == number
    before = tree(copies)
    given["gpo_vault_collect_hosts"] = "host4"
    again = vault("gpvault.gpmc.fetch", "--limit", "corp.example,host2", "-e", json.dumps(given))
    assert again.code == 0, again.output
    assert [one["passed_on"] for one in vault.domains("fetch-fleet").values()] == [0, 0]
    assert tree(copies) == before
    _the_page_shows_how_tasks_do_it(vault, copies)
    shutil.rmtree(copies)


def _the_page_shows_how_tasks_do_it(vault: Fleet, copies: pathlib.Path) -> None:
    """For a host whose own address nobody answers at: the tasks run, and sign on, where they are delegated to."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "docs/copies.md").read_text("utf-8"), re.M | re.S)
    (example,) = (block for block in blocks if "delegate_to: " in block)
    inventory = yaml.safe_load((vault.lab.state / "inventory.yml").read_text("utf-8"))
    of_lab = inventory["windows"]["hosts"]
    hosts = {
        "corp": {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_user": "u", "ansible_password": "p"},
        "mgmt1.corp.example": of_lab["host1"], "dr1.corp.example": of_lab["host4"],
    }  # fmt: skip
    folder = vault.copies.with_name("example")
    folder.mkdir()
    (folder / "hosts.json").write_text(json.dumps({"windows": {"hosts": hosts}}), "utf-8")
    tasks = yaml.safe_load(example.replace("D:\\GPO", "D:\\Vault"))
    play = [{"hosts": "corp", "gather_facts": False, "tasks": tasks}]
    (folder / "play.yml").write_text(json.dumps(play), "utf-8")
    run = vault.lab.playbook(folder / "play.yml", "-i", str(folder / "hosts.json"))
    assert run.code == 0, run.output
    for copied in (folder / "copies/corp", copies / "corp"):
        assert len(assert_whole(copied)) == 3


def _bring_back_a_domain_that_is_gone(vault: Fleet) -> None:
    """corp2.example is gone with its management host. Another host, in the domain made anew, has the copies alone.

    They are those that git has: what comes out of it serves like the directory itself.
    """
    lab, clone = vault.lab, vault.copies.with_name("clone")
    kept = vault("gpvault.gpmc.git", "-e", json.dumps({"gpo_vault_collect_dest": str(vault.copies)}))
    assert kept.code == 0, kept.output
    subprocess.run(["git", "clone", "--quiet", vault.copies, clone], check=True)
    shutil.rmtree(vault.copies)
    before = _without_hidden(snapshot(lab, "host2"))
    lab("gpo", "reset", "--host", "host4", "--new", "corp2.example")
    assert len(snapshot(lab, "host4")["gpos"]) == 2 and not list(lab.drive_d("host4").iterdir())
    there = {"path": "D:\\Recovery"}
    run = lab.tasks([
        step("Push", "gpo_backup_push", **there, src=str(clone / "host2"), create_path=True),
        step("Info", "gpo_backup_info", **there, verify="full"),
        step("Restore", "gpo_restore", **there, all=True),
        step("Again", "gpo_restore", **there, all=True),
        step("Backup", **there, all=True),
        step("Unchanged", **there, all=True),
    ], hosts="host4")  # fmt: skip
    results = {line["task"]: line["result"] for line in run.results}
    assert not [result["msg"] for result in results.values() if result.get("failed")]
    assert results["Push"]["summary"]["copied"] == results["Info"]["summary"]["ok"] == 13
    assert results["Restore"]["summary"].items() >= {"selected": 13, "restored": 13, "failed": 0}.items()
    now = snapshot(lab, "host4")
    for part, was in before.items():
        assert now[part] == was, part
    # What was restored is backed up from here on, behind the backups that came with the copies.
    assert results["Backup"]["summary"]["selected"] == 13
    for name in ("Again", "Unchanged"):
        assert results[name]["changed"] is False and results[name]["summary"]["unchanged"] == 13, name


def _without_hidden(domain: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a domain without the GPOs that the account cannot see, of which there are no backups."""
    hidden = [gpo for gpo, facts in domain["gpos"].items() if not facts["visible"]]
    assert hidden
    for gpo in hidden:
        del domain["gpos"][gpo]
        domain["files"] = {path: it for path, it in domain["files"].items() if not path.startswith(gpo.lower())}
        for som in domain["soms"]:
            som["links"] = [link for link in som["links"] if link["gpo"] != gpo]
    return domain


def _a_spoilt_backup_stops_the_cycle(vault: Fleet) -> None:
    """A file that has other contents and the same size: only a verification in full sees it."""
    report = next((vault.lab.drive_d("host2") / "Vault").glob("{*}/gpreport.xml"))
    report.write_bytes(report.read_bytes()[::-1])
    run = vault("gpvault.gpmc.verify", "--limit", "host2")
    assert run.code == 2, run.output
    spoilt = vault.domains("verify-fleet")["host2"]
    assert (spoilt["outcome"], spoilt["step"], spoilt["damaged"]) == ("failed", "verify", 1)
