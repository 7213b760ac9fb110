# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab command, without starting a host."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labkit import cli, inventory, paths, processes
from labkit.certificate import make_certificate
from labkit.cli_output import printable, width
from labkit.errors import LabError
from labkit.files import read_json, write_json
from labkit.host import Account
from labkit.laboratory import Laboratory, UpOptions, numbered_domain
from labkit.seed_default import DEFAULT_CONTROLLERS_POLICY, DEFAULT_DOMAIN_POLICY, make_default_domain


@pytest.fixture()
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laboratory:
    """A lab of two hosts as it lies there after `lab down`."""
    monkeypatch.setenv("GPVAULT_LAB", str(tmp_path / "lab"))
    laboratory = Laboratory()
    write_json(laboratory.paths.state, {"user": "vagrant", "password": "p:w", "pool": 1, "seed": None,
                                        "hosts": {"host1": "corp.example", "host2": "corp2.example"}})
    for host in laboratory.hosts():
        make_default_domain(host.paths.domain, laboratory.require_state().hosts[host.name], host.name)
    return laboratory


def run(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """Run a command; what it printed."""
    assert cli.main(arguments) == code
    captured = capsys.readouterr()
    assert bool(captured.err) == bool(code), captured.err
    return captured.err if code else captured.out


def commands() -> list[list[str]]:
    """Every command, with its subcommands."""
    def walk(parser: object, words: list[str]) -> list[list[str]]:
        found = [words]
        for action in parser._actions:  # pylint: disable=protected-access
            if hasattr(action, "choices") and isinstance(action.choices, dict):
                for name, child in action.choices.items():
                    found += walk(child, [*words, name])
        return found

    return walk(cli.build_parser(), [])


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_has_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main([*words, "--help"])
    assert stop.value.code == 0
    assert "usage: lab" in capsys.readouterr().out


def test_wrong_arguments_exit_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["upp"], ["gpo", "permit", "x", "y", "owner"], ["gpo", "permit", "x", "y"],
                      ["gpo", "permit", "x", "y", "read", "--mask", "1"], ["up", "--hosts", "two"]):
        with pytest.raises(SystemExit) as stop:
            cli.main(arguments)
        assert stop.value.code == 2
    capsys.readouterr()


def test_without_a_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("GPVAULT_LAB", str(tmp_path / "lab"))
    for arguments in (["gpo", "list"], ["fault", "list"], ["log"], ["run", "host1", "x"], ["playbook", "x"],
                      ["shell-env"], ["gpo", "reset"]):
        assert "lab up" in run(capsys, *arguments, code=1)
    assert cli.main(["status"]) == 1
    assert "no lab" in capsys.readouterr().out
    assert "no lab" in run(capsys, "down")
    assert not (tmp_path / "lab").exists()


def test_nothing_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("GPVAULT_LAB", str(tmp_path / "lab"))
    monkeypatch.setenv("GPVAULT_BUILD", str(tmp_path / "build"))
    assert "make setup" in run(capsys, "up", code=1)


@pytest.mark.parametrize("options", [
    UpOptions(hosts=0), UpOptions(domain="corp"), UpOptions(domain="corp.example/../x"), UpOptions(domain="-a.b"),
    UpOptions(pool=-1), UpOptions(culture="german"), UpOptions(backup_cost=-1),
    UpOptions(seed=Path("/nonexistent"), fresh=True),
])
def test_up_refuses_before_it_changes_anything(
    lab: Laboratory, options: UpOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labkit.laboratory.require_built", lambda: None)
    before = sorted(lab.paths.root.rglob("*"))
    with pytest.raises(LabError):
        lab.up(options)
    assert sorted(lab.paths.root.rglob("*")) == before


def test_up_refuses_another_domain_or_seed(lab: Laboratory) -> None:
    # pylint: disable=protected-access
    for options in (UpOptions(domain="other.example"), UpOptions(seed=Path("/somewhere"))):
        with pytest.raises(LabError, match="--fresh"):
            lab._decide(options)
    more = lab._decide(UpOptions(hosts=3, domain="CORP.example", pool=4, culture="tr-TR"))
    assert list(more.hosts) == ["host1", "host2", "host3"] and (more.pool, more.culture) == (4, "tr-TR")
    assert len(lab._decide(UpOptions(hosts=1)).hosts) == 2, "hosts are not taken away"


def test_domains_are_numbered() -> None:
    assert [numbered_domain("corp.example", number) for number in (1, 2, 12)] == [
        "corp.example", "corp2.example", "corp12.example"]


def test_status_and_hosts(lab: Laboratory, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["status", "--json"]) == 1
    hosts = json.loads(capsys.readouterr().out)
    assert [(host["host"], host["running"], host["domain"]) for host in hosts] == [
        ("host1", False, "corp.example"), ("host2", False, "corp2.example")]
    assert "host3" in run(capsys, "gpo", "list", "--host", "host3", code=1)
    assert "not running" in run(capsys, "run", "host1", "-c", "1", code=1)
    assert "not running" in run(capsys, "playbook", "x.yml", code=1)


def test_gpo_commands(lab: Laboratory, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    domain = lab.host().domain
    kiosk = domain.find_gpo("Kiosk").id
    before = domain.gpo(kiosk)

    run(capsys, "gpo", "edit", "kiosk")
    run(capsys, "gpo", "edit", "kiosk", "--half", "user", "--key", r"Software\X", "--value", "Y", "--data", "text")
    assert domain.gpo(kiosk).version == before.version + 1 + (1 << 16)
    run(capsys, "gpo", "bump", "kiosk", "--directory-only")
    assert "SYSVOL has" in run(capsys, "gpo", "list")

    (tmp_path / "content").write_bytes(b"\0from a file")
    run(capsys, "gpo", "edit-file", "kiosk", "Machine/a.cmd", "--from", str(tmp_path / "content"))
    run(capsys, "gpo", "edit-file", "kiosk", "machine/A.CMD")
    assert domain.read_sysvol_file(kiosk, "Machine/a.cmd") == b"\0from a file; edited by hand\r\n"
    run(capsys, "gpo", "edit-file", "kiosk", "Machine/a.cmd", "--text", "short")
    assert domain.read_sysvol_file(kiosk, "Machine/a.cmd") == b"short"
    run(capsys, "gpo", "edit-file", "kiosk", "Machine/a.cmd", "--delete")

    run(capsys, "gpo", "describe", "kiosk", "told")
    run(capsys, "gpo", "permit", "kiosk", "Helpdesk", "edit")
    run(capsys, "gpo", "permit", "kiosk", "Contractors", "--mask", "0x000200b5")
    run(capsys, "gpo", "link", "kiosk", "Staging", "--enforced", "--disabled")
    run(capsys, "gpo", "wmi-filter", "kiosk", "Laptops only")
    run(capsys, "gpo", "disable", "kiosk", "--half", "computer")
    run(capsys, "gpo", "hide", "kiosk")
    run(capsys, "gpo", "rename", kiosk, "K\u202eiosk\x1b[31m")
    shown = json.loads(run(capsys, "gpo", "show", kiosk, "--json"))
    assert (shown["description"], shown["flags"], shown["visible"]) == ("told", 3, False)
    assert {"som": "OU=Staging,DC=corp,DC=example", "type": "ou", "order": 1, "enabled": False,
            "enforced": True} in shown["links"]
    assert any(entry["name"] == "Helpdesk" for entry in shown["permissions"])
    assert ("Contractors", "0x000200b5") in ((entry["name"], entry["mask"]) for entry in shown["permissions"])
    listed = run(capsys, "gpo", "list")
    assert "\x1b" not in listed and "\u202e" not in listed, "a name cannot change the terminal"

    run(capsys, "gpo", "unhide", kiosk)
    run(capsys, "gpo", "enable", kiosk)
    run(capsys, "gpo", "wmi-filter", kiosk, "--none")
    run(capsys, "gpo", "unlink", kiosk, "Staging")
    run(capsys, "gpo", "delete", kiosk)
    assert "no GPO" in run(capsys, "gpo", "show", kiosk, code=1)
    assert json.loads(run(capsys, "gpo", "list", "--json", "--host", "host2")), "the other host is untouched"
    run(capsys, "gpo", "reset")
    assert domain.gpo(kiosk) == before


def test_a_domain_that_is_made_anew_on_another_host(
    lab: Laboratory, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, host = lab.host("host1").domain, lab.host("host2")
    (host.paths.prefix / "dosdevices").mkdir(parents=True)
    lab.paths.shares.mkdir()
    assert "2 GPOs" in run(capsys, "gpo", "reset", "--host", "host2", "--new", "corp.example")
    new = host.domain
    assert (new.info.name, new.info.sid, new.info.computer) == (lost.info.name, lost.info.sid, "HOST2")
    assert new.wmi_filters() == lost.wmi_filters() and new.principals() == lost.principals()
    assert [som.path for som in new.soms()] == [som.path for som in lost.soms()]
    assert {gpo.id for gpo in new.gpos()} == {DEFAULT_DOMAIN_POLICY, DEFAULT_CONTROLLERS_POLICY}
    assert sum(len(som.links) for som in new.soms()) == 2
    assert not list(new.sysvol_dir(DEFAULT_DOMAIN_POLICY).rglob("*.inf"))
    assert (host.paths.prefix / "dosdevices/unc/dc1.corp.example/SYSVOL").readlink() == host.paths.domain / "sysvol"
    run(capsys, "gpo", "reset", "--host", "host2")
    assert new.info.name == "corp2.example" and len(new.gpos()) == len(lost.gpos())


def test_filters(lab: Laboratory, capsys: pytest.CaptureFixture[str]) -> None:
    made = run(capsys, "gpo", "add-filter", "Neu", r"root\CIMv2;SELECT * FROM X").strip()
    again = run(capsys, "gpo", "add-filter", "neu", r"root\CIMv2;SELECT * FROM Y").strip()
    assert made == again and "FROM Y" in run(capsys, "gpo", "list-filters")
    assert "NAMESPACE" in run(capsys, "gpo", "add-filter", "Bad", "SELECT", code=1)
    run(capsys, "gpo", "delete-filter", "Neu")
    assert "Neu" not in run(capsys, "gpo", "list-filters")
    assert "OU=Servers" in run(capsys, "gpo", "list-soms")


def test_many_gpos(lab: Laboratory, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(lab.host().domain.gpos())
    run(capsys, "gpo", "add", "Bulk", "--count", "50", "--files", "2", "--file-size", "100")
    domain = lab.host().domain
    assert len(domain.gpos()) == before + 50
    gpo = domain.find_gpo("Bulk 00050")
    files = [path for path in domain.sysvol_dir(gpo.id).rglob("*.cmd")]
    assert [path.stat().st_size for path in files] == [100, 100] and gpo.version == 1
    one = run(capsys, "gpo", "add", "One", "--id", "aaaaaaaa-0000-4000-8000-00000000000a").strip()
    assert one == "{AAAAAAAA-0000-4000-8000-00000000000A}"
    assert "--count" in run(capsys, "gpo", "add", "x", "--count", "0", code=1)


def test_fault_commands(lab: Laboratory, capsys: pytest.CaptureFixture[str]) -> None:
    fault = run(capsys, "fault", "add", "fail", "--gpo", "Kiosk", "--times", "1", "--hresult", "0x80070020").strip()
    run(capsys, "fault", "add", "cut_receive", "--after", "2", "--host", "host2")
    listed = json.loads(run(capsys, "fault", "list", "--json"))
    assert [(entry["host"], entry["kind"]) for entry in listed] == [("host1", "fail"), ("host2", "cut_receive")]
    assert "0x80070020" in run(capsys, "fault", "list", "--host", "host1")
    run(capsys, "fault", "clear", fault)
    run(capsys, "fault", "clear")
    assert "no faults" in run(capsys, "fault", "list")


def test_domain_and_calls(lab: Laboratory, capsys: pytest.CaptureFixture[str]) -> None:
    shown = json.loads(run(capsys, "domain"))
    assert shown["name"] == "corp.example" and shown["manifest"] == "normal" and shown["long_paths"] is False
    changed = json.loads(run(capsys, "domain", "--manifest", "locked-fails", "--long-paths", "on", "--dates", "local",
                             "--search-without-manifest", "on", "--restore-versions", "raise",
                             "--restore-files", "rewritten", "--backup-cost", "20", "--errors", "words",
                             "--async-end", "late"))
    assert changed == json.loads((lab.host().paths.domain / "domain.json").read_text(encoding="utf-8"))
    assert {key for key in shown if shown[key] != changed[key]} == {
        "manifest", "long_paths", "dates", "search_without_manifest", "restore_versions", "restore_files", "errors",
        "async_end", "costs"}
    assert "--call-cost" in run(capsys, "domain", "--call-cost", "-1", code=1)

    run(capsys, "domain", "--locator", "off", "--forest", "root.example", "--clock", "-400",
        "--read-only", "dc2.corp.example")
    run(capsys, "disk", "--free", "400", "--deny", "write", "D:\\GPO\\", "--deny", "delete", "D:\\GPO")
    shown = json.loads(run(capsys, "domain"))
    assert (shown["locator"], shown["forest"], shown["clock"]) == (1355, "root.example", -400)
    assert shown["read_only_dcs"] == ["dc2.corp.example"] and shown["free_space"] == 400
    assert shown["denied"] == {"write": ["D:\\GPO"], "delete": ["D:\\GPO"]}
    run(capsys, "domain", "--locator", "on", "--clock", "none", "--read-only", "none")
    run(capsys, "disk", "--free", "real", "--allow")
    shown = json.loads(run(capsys, "domain"))
    assert (shown["locator"], shown["clock"], shown["read_only_dcs"]) == (0, None, [])
    assert (shown["free_space"], shown["denied"]) == (None, {})
    for wrong in (["domain", "--clock", "noon"], ["domain", "--read-only", "dc9"], ["disk", "--deny", "read", "D:\\"]):
        run(capsys, *wrong, code=1)

    run(capsys, "calls", "on")
    assert (lab.host().paths.domain / "calls.on").is_file()
    line = json.dumps({"call": "IGPMGPO::Backup", "arg": "x"}) + "\n"
    (lab.host().paths.domain / "calls.jsonl").write_text(line * 2, encoding="utf-8")
    assert run(capsys, "calls", "show").splitlines()[1].split() == ["IGPMGPO::Backup", "2"]
    assert len(json.loads(run(capsys, "calls", "show", "--json"))) == 2
    run(capsys, "calls", "off")
    assert not (lab.host().paths.domain / "calls.on").exists()
    assert json.loads(run(capsys, "calls", "show", "--json")) == []


def test_log(lab: Laboratory, capsys: pytest.CaptureFixture[str]) -> None:
    events = [{"time": 1720000000.5, "event": "command", "user": "a\x1bb"}, {"time": 1720000001, "event": "exit"}]
    lab.host("host1").paths.access_log.write_text("".join(json.dumps(event) + "\n" for event in events) + "half a li")
    assert [json.loads(line) for line in run(capsys, "log", "host1", "--json").splitlines()] == events
    readable = run(capsys, "log")
    assert "host1 command user=a\\u001bb" in readable and "half" not in readable


def test_inventories(lab: Laboratory) -> None:
    hosts = lab.hosts()
    for number, host in enumerate(hosts, start=1):
        write_json(host.paths.endpoint_state, {"http_port": 1000 + number, "https_port": 2000 + number})
    inventory.write_inventories(lab.paths, hosts, Account("vagrant", 'p"w: {{ x }}'))
    yaml = pytest.importorskip("yaml")
    for path, ports, scheme in ((lab.paths.inventory, (1001, 1002), "http"),
                                (lab.paths.inventory_https, (2001, 2002), "https")):
        assert path.stat().st_mode & 0o777 == 0o600
        group = yaml.safe_load(path.read_text(encoding="utf-8"))["windows"]
        assert tuple(host["ansible_port"] for host in group["hosts"].values()) == ports
        assert group["vars"]["ansible_winrm_scheme"] == scheme
        assert group["vars"]["ansible_winrm_transport"] == "ntlm"
        first = group["hosts"]["host1"]
        assert first["lab_domain"] == "corp.example" and first["lab_dc"] == "dc1.corp.example"
        assert first["lab_drive_d"] == str(hosts[0].paths.drive_d)


def test_shell_env(lab: Laboratory, capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "shell-env").splitlines()
    assert f"export GPVAULT_LAB={shlex.quote(str(lab.paths.root))}" in lines
    assert all(line.startswith("export ") for line in lines)


def test_the_certificate(tmp_path: Path) -> None:
    certificate, key = tmp_path / "tls" / "lab.pem", tmp_path / "tls" / "lab.key"
    make_certificate(certificate, key)
    first = certificate.read_bytes()
    assert key.stat().st_mode & 0o077 == 0
    text = subprocess.run(["openssl", "x509", "-noout", "-text", "-in", certificate], check=True, capture_output=True,
                          text=True).stdout
    assert "127.0.0.1" in text and "localhost" in text
    make_certificate(certificate, key)
    assert certificate.read_bytes() == first


def test_only_the_process_that_is_meant_is_ended(tmp_path: Path) -> None:
    """A number in a file may belong to another process by now."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "mark"]) as process:
        deadline = time.monotonic() + 10
        while not processes.is_running(process.pid, "mark") and time.monotonic() < deadline:
            time.sleep(0.01)  # its command line is empty for a moment
        assert processes.is_running(process.pid, "mark") and not processes.is_running(process.pid, "mar")
        processes.stop(process.pid, "another mark")
        assert process.poll() is None
        processes.stop(process.pid, "mark")
        assert process.wait() == -signal.SIGTERM
    assert not processes.is_running(process.pid)
    (tmp_path / "pid").write_text("x")
    assert processes.read_pid(tmp_path / "pid") is None and processes.read_pid(tmp_path / "none") is None


def test_the_entry_is_executable_from_anywhere(tmp_path: Path) -> None:
    link = tmp_path / "my lab"
    link.symlink_to(paths.LAB_SOURCE / "lab")
    done = subprocess.run([link, "status"], env={**os.environ, "GPVAULT_LAB": str(tmp_path / "none")}, cwd="/",
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "there is no lab\n")


def test_printing() -> None:
    assert printable("a\u202eb\x07") == "a\\u202eb\\u0007" and printable("上海 ü") == "上海 ü"
    assert width("上海") == 4 and width("ü") == 1 and width("u\u0308") == 1
    assert read_json(Path("/nonexistent"), 5) == 5
