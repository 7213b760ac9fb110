# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hosts go up, answer, and go down without a trace. Needs Wine and everything that `make setup` builds."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labkit import paths, processes, wine
from labkit.host import Host
from labkit.laboratory import Laboratory
from labkit.paths import LabPaths
from labkit.seed_backups import make_domain_from_backups

LAB = paths.LAB_SOURCE / "lab"

#: What the domain looks like from inside: through the stand-in, SYSVOL's share, the lab's share, and drive D:.
LOOK = r"""
$gpm = New-Object -ComObject GPMgmt.GPM
$domain = $gpm.GetDomain($args[0], '', 0)
$gpos = $domain.SearchGPOs($gpm.CreateSearchCriteria())
[IO.File]::WriteAllText('D:\out.txt', 'written on the host')
$look = @{
    domain = $domain.Domain
    controller = $domain.DomainController
    count = $gpos.Count
    policies = [IO.Directory]::GetDirectories("\\$($args[0])\SYSVOL\$($args[0])\Policies").Count
    share = [IO.File]::ReadAllText('\\backup\gpo\hello.txt')
    unix = [IO.Directory]::Exists('Z:\')
    text = $args[1]
}
[Console]::Out.Write((ConvertTo-Json -InputObject $look -Compress))
exit 5
"""


class LabCommand:
    """The lab command with a state folder of its own."""

    def __init__(self, root: Path) -> None:
        self.paths = LabPaths(root)
        self.environment = {**os.environ, "GPVAULT_LAB": str(root)}

    def __call__(self, *arguments: str, code: int = 0, stdin: str | None = None) -> str:
        done = subprocess.run([LAB, *arguments], env=self.environment, capture_output=True, text=True, input=stdin,
                              check=False, timeout=180)
        assert done.returncode == code, f"lab {arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def host(self, name: str) -> Host:
        return Host(self.paths, name)

    def processes(self) -> list[str]:
        """Every process that has to do with this lab: endpoints, and whatever runs in a prefix."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                facts = (entry / "cmdline").read_bytes() + b"\0" + (entry / "environ").read_bytes()
            except OSError:
                continue
            own = entry.name.isdigit() and int(entry.name) != os.getpid()
            if own and f"{self.paths.root}/hosts/".encode() in facts:
                found.append(" ".join(processes.command_line(int(entry.name))))
        return found


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabCommand]:
    missing = [path for path in (wine.LOADER, paths.pshost_exe(), paths.gpmgmt_dll()) if not path.is_file()]
    if missing:
        pytest.skip(f"not built: {', '.join(str(path) for path in missing)}")
    command = LabCommand(tmp_path_factory.mktemp("lab"))
    command("up", "--hosts", "2")
    try:
        yield command
    finally:
        command("down", "--clean")


@pytest.mark.parametrize(("host", "domain"), [("host1", "corp.example"), ("host2", "corp2.example")])
def test_each_host_has_its_own_domain(lab: LabCommand, tmp_path: Path, host: str, domain: str) -> None:
    (lab.paths.shares / "gpo" / "hello.txt").write_text("shared", encoding="utf-8")
    script = tmp_path / "look.ps1"
    script.write_text(LOOK, encoding="utf-8")
    look = json.loads(lab("run", host, str(script), domain, "上海 \"$x\" 'y'", code=5))
    visible = sum(1 for gpo in lab.host(host).domain.gpos() if gpo.visible)
    assert look == {"domain": domain, "controller": f"dc1.{domain}", "count": visible, "policies": visible + 1,
                    "share": "shared", "unix": False, "text": "上海 \"$x\" 'y'"}
    assert (lab.host(host).paths.drive_d / "out.txt").read_text() == "written on the host"


def test_run_from_stdin_hands_on_stderr_and_code(lab: LabCommand) -> None:
    assert lab("run", "host1", "-", stdin="'ä' * 3").strip() == "äää"
    long = "# " + "x" * 300_000 + "\n'end'"
    assert lab("run", "host1", "-", stdin=long).strip() == "end"


def test_edits_are_seen_at_once(lab: LabCommand) -> None:
    script = ("$g = New-Object -ComObject GPMgmt.GPM; $d = $g.GetDomain('corp.example', '', 0); "
              "$d.GetGPO('{31B2F340-016D-11D2-945F-00C04FB984F9}').ComputerDSVersionNumber")
    before = int(lab("run", "host1", "-c", script))
    lab("gpo", "edit", "Default Domain Policy")
    assert int(lab("run", "host1", "-c", script)) == before + 1


def test_what_the_stand_in_backs_up_can_seed_a_domain(lab: LabCommand, tmp_path: Path) -> None:
    """A domain, backed up and seeded again, is the same: no half of the lab reads the other's files its own way."""
    script = r"""
        $ErrorActionPreference = 'Stop'
        $gpm = New-Object -ComObject GPMgmt.GPM
        $domain = $gpm.GetDomain('corp2.example', '', 0)
        [void][IO.Directory]::CreateDirectory('D:\Seed')
        foreach ($gpo in $domain.SearchGPOs($gpm.CreateSearchCriteria())) {
            $gpo.Backup('D:\Seed', 'for a seed').OverallStatus()
        }
    """
    lab("run", "host2", "-c", script)
    old = lab.host("host2").domain
    new = make_domain_from_backups(tmp_path / "domain", "corp2.example", "host2",
                                   lab.host("host2").paths.drive_d / "Seed")
    visible = [gpo for gpo in old.gpos() if gpo.visible]
    assert [gpo.id for gpo in new.gpos()] == [gpo.id for gpo in visible]
    for gpo in visible:
        other = new.gpo(gpo.id)
        assert replace(other, created=gpo.created, modified=gpo.modified) == gpo
        assert tree(new.sysvol_dir(gpo.id)) == tree(old.sysvol_dir(gpo.id)), gpo.display_name


def tree(folder: Path) -> dict[str, bytes | None]:
    """Files with their content, and folders."""
    return {path.relative_to(folder).as_posix().casefold(): path.read_bytes() if path.is_file() else None
            for path in folder.rglob("*")}


def test_status_and_log(lab: LabCommand) -> None:
    hosts = json.loads(lab("status", "--json"))
    assert [(host["host"], host["running"], host["domain"]) for host in hosts] == [
        ("host1", True, "corp.example"), ("host2", True, "corp2.example")]
    assert len({host["http_port"] for host in hosts} | {host["https_port"] for host in hosts}) == 4
    assert "corp2.example" in lab("status")
    lab("run", "host2", "-c", "'logged'")
    events = [json.loads(line) for line in lab("log", "host2", "--json").splitlines()]
    assert events[0]["event"] == "started" and any(event["event"] == "process_exit" for event in events)
    password = Laboratory(lab.paths).require_state().password
    assert password not in lab("log") and password not in lab("status")


def test_up_again_is_harmless(lab: LabCommand) -> None:
    pids = {name: lab.host(name).pid for name in ("host1", "host2")}
    inventory = lab.paths.inventory.read_text(encoding="utf-8")
    assert "is up already" in lab("up")
    assert {name: lab.host(name).pid for name in pids} == pids
    assert lab.paths.inventory.read_text(encoding="utf-8") == inventory


def test_other_settings_restart_the_hosts_once(lab: LabCommand) -> None:
    script = r"""
        'i'.ToUpper(); (1.5).ToString()
        $long = 'C:\users\vagrant\' + 'x' * 200 + '\' + 'y' * 100
        $null = [IO.Directory]::CreateDirectory('\\?\' + $long)
        [IO.Directory]::Exists('\\?\' + $long); [IO.Directory]::Exists($long)
        """
    assert lab("run", "host1", "-c", script).split() == ["I", "1.5", "True", "True"]
    assert "restarting" in lab("up", "--culture", "tr-TR", "--short-paths")
    assert lab("run", "host1", "-c", script).split() == ["\u0130", "1,5", "True", "False"]
    assert "restarting" not in lab("up")
    lab("up", "--culture", "en-US", "--no-short-paths")


def test_a_new_folder_becomes_a_share(lab: LabCommand) -> None:
    (lab.paths.shares / "Extra Ü").mkdir()
    lab("up")
    lab("run", "host1", "-c", r"[IO.File]::WriteAllText('\\BACKUP\extra ü\上海.txt', 'x')")
    assert (lab.paths.shares / "Extra Ü" / "上海.txt").read_text(encoding="utf-8") == "x"


def test_ansible_reaches_the_hosts(lab: LabCommand, tmp_path: Path) -> None:
    if not paths.ansible_playbook().exists():
        pytest.skip("no ansible-playbook in build/venv")
    play = [{"hosts": "windows", "gather_facts": False, "tasks": [
        {"ansible.builtin.raw": "Write-Output ('-' + 'up-{{ lab_domain }}-{{ extra }}-')"}]}]
    book = tmp_path / "raw.yml"
    book.write_text(json.dumps(play), encoding="utf-8")
    for option in ([], ["--https"]):
        said = lab("playbook", *option, str(book), "-v", "-e", "extra=yes")
        assert "-up-corp.example-yes-" in said and "-up-corp2.example-yes-" in said


def test_a_killed_endpoint_is_replaced_on_the_same_port(lab: LabCommand) -> None:
    host = lab.host("host2")
    pid, port = host.pid, host.ports.http
    assert pid
    os.kill(pid, 9)
    deadline = time.monotonic() + 5
    while host.pid and time.monotonic() < deadline:
        time.sleep(0.05)
    assert " down " in lab("status", code=1)
    lab("up")
    assert host.pid not in (None, pid) and host.ports.http == port
    assert lab("run", "host2", "-c", "'back'").strip() == "back"


def test_down_leaves_no_process_and_keeps_the_domain(lab: LabCommand) -> None:
    lab("gpo", "add", "Survives")
    assert lab.processes()
    lab("down")
    assert lab.processes() == []
    lab("up")
    assert lab.host("host1").domain.find_gpo("Survives")
    lab("down", "--clean")
    assert lab.processes() == []
    assert not lab.paths.hosts.exists() and not lab.paths.inventory.exists()
