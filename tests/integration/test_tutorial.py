# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tutorial of docs/fleet.md, word for word: its files and commands, in an empty folder, from the tarball.

Handed in from outside, and so not on the page: a Galaxy that has the tarball; where the page's hosts are, and who logs
on how, as host_vars beside the inventory (the lab has neither names nor CredSSP); the password that is asked for. Not
run: what pip would bring, which is there, and what prepares a Windows host, as the lab's hosts are.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import os
import pathlib
import re
import shlex
import subprocess
import typing as t

import pytest
import yaml
from backups import manifest_ids
from extent import LONG, in_whole
from galaxy import serving
from harness import BUILD, ROOT, Lab
from packaging.requirements import Requirement

_BLOCK = re.compile(r"^(?P<before>[^\n]+)\n\n```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_ITEM = re.compile(r"^ok: \[[^]]*\] => \(item=(.*)\)$", re.MULTILINE)
_TIMES = re.compile(r"(?<=  )\d+s *  \d+$", re.MULTILINE)
"""The last two columns: how old, and how long it took."""

_BACK_UP = "ansible-playbook -i inventory.yml --ask-pass gpvault.gpmc.backup"


def _blocks() -> list[dict[str, str]]:
    page = (ROOT / "docs/fleet.md").read_text("utf-8")
    (tutorial,) = (part for part in page.split("\n## ") if part.startswith("The first backup of a fleet"))
    return [match.groupdict() for match in _BLOCK.finditer(tutorial)]


@dataclasses.dataclass
class Newcomer:
    """Somebody with an empty home and an empty folder."""

    folder: pathlib.Path
    galaxy: str
    password: str

    def write(self, name: str, text: str) -> None:
        """Write a file into the folder."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")

    def run(self, command: str) -> tuple[int, str]:
        """Run a command as it stands, with the password as the answer to what it asks."""
        ours = ("ANSIBLE_", "GPVAULT_", "PYTHONPATH")
        env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env={
                **env,
                "HOME": str(self.folder.parent / "home"),
                "PATH": f"{BUILD / 'venv/bin'}:{env['PATH']}",
                "ANSIBLE_GALAXY_SERVER": self.galaxy,
                "LC_ALL": "C.UTF-8",
            },
            input=f"{self.password}\n", capture_output=True, text=True, check=False, timeout=900,
            # Without a terminal of its own, what asks for a password reads the standard input.
            start_new_session=True,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def newcomer(fleet: Lab, tmp_path: pathlib.Path) -> t.Iterator[Newcomer]:
    """Somebody new, and two hosts where one GPO cannot be read."""
    for name in ("folder", "home", "galaxy"):
        (tmp_path / name).mkdir()
    for host in ("host1", "host2"):
        fleet("gpo", "reset", "--host", host)
    fleet("fault", "add", "refuse", "--host", "host2", "--gpo", "Kiosk", "--hresult", "0x80070005")
    command = [BUILD / "venv/bin/ansible-galaxy", "collection", "build", "--output-path", tmp_path, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    (tarball,) = tmp_path.glob("gpvault-gpmc-*.tar.gz")
    lab = yaml.safe_load((fleet.state / "inventory.yml").read_text("utf-8"))["windows"]
    try:
        with serving(tarball, tmp_path / "galaxy") as galaxy:
            somebody = Newcomer(tmp_path / "folder", galaxy, lab["vars"]["ansible_password"])
            for name, host in (("mgmt1.corp.example", "host1"), ("mgmt1.corp2.example", "host2")):
                logon = ("ansible_host", "ansible_user", "ansible_winrm_scheme", "ansible_winrm_transport")
                variables = {key: value for key, value in lab["vars"].items() if key in logon}
                variables["ansible_port"] = lab["hosts"][host]["ansible_port"]
                somebody.write(f"host_vars/{name}.yml", json.dumps(variables))
            yield somebody
    finally:
        fleet("fault", "clear")


@in_whole
def test_the_tutorial(fleet: Lab, newcomer: Newcomer) -> None:
    blocks = _blocks()
    assert [block["kind"] for block in blocks] == ["sh", "powershell", "yaml", "sh", "sh", "text", "sh"]
    install, _prepare, inventory, preflight, back_up, shown, look = blocks
    pip, galaxy = install["text"].splitlines()
    _pip_would_find_all_there(pip)
    assert newcomer.run(galaxy)[0] == 0
    assert (newcomer.folder.parent / "home/.ansible/collections/ansible_collections/gpvault/gpmc").is_dir()
    (name,) = re.findall(r"`([\w.]+)`", inventory["before"])
    newcomer.write(name, inventory["text"])

    folders = [fleet.drive_d(host) / "GPO" for host in ("host1", "host2")]
    code, said = newcomer.run(preflight["text"])
    assert code == 0, said
    assert "(item=mgmt1.corp2.example  corp2.example  ok " in said and "SSH password" in said
    # What it warns of is told with what helps.
    assert re.search(r"mgmt1.corp.example: warning: gpos: .* not 1 GPO .* Give the account read access", said)
    assert not any(folder.exists() for folder in folders)

    assert back_up["text"].strip() == _BACK_UP
    code, said = newcomer.run(back_up["text"])
    assert code == 2, said
    lines = _timeless("\n".join(_items_of_the_last_play(said))).splitlines()
    page = _timeless(shown["text"]).splitlines()
    assert [line for line in lines if " warning: " not in line] == page, said
    assert re.search(r"^mgmt1.corp.example .* failed=1 .*\nmgmt1.corp2.example .* failed=0 ", said, re.MULTILINE)
    assert [len(manifest_ids(folder)) for folder in folders] == [13, 12]

    fleet("fault", "clear")
    code, said = newcomer.run(look["text"])
    assert code == 0, said
    assert _told(said) == {"corp.example": ["ok", "13", "0", "0"], "corp2.example": ["ok", "13", "1", "0"]}
    assert re.search(r"^\+\+\+ after: Kiosk .*\n.*\n\+first_backup: there is no usable backup", said, re.MULTILINE)
    assert [len(manifest_ids(folder)) for folder in folders] == [13, 12]
    if LONG:
        code, said = newcomer.run(_BACK_UP)
        assert code == 0, said
        assert _told(said) == {"corp.example": ["ok", "13", "0", "0"], "corp2.example": ["ok", "13", "1", "0"]}
        assert [len(manifest_ids(folder)) for folder in folders] == [13, 13]


def _pip_would_find_all_there(command: str) -> None:
    """What the command installs is what the tests run with; CredSSP's own library is not to be had in Debian."""
    assert shlex.split(command)[:4] == ["python3", "-m", "pip", "install"]
    for requirement in map(Requirement, shlex.split(command)[4:]):
        installed = importlib.metadata.distribution(requirement.name)
        assert installed.version in requirement.specifier
        assert requirement.extras <= set(installed.metadata.get_all("Provides-Extra") or ())


def _items_of_the_last_play(said: str) -> list[str]:
    return _ITEM.findall(said.rpartition("\nPLAY [")[2])


def _timeless(text: str) -> str:
    return _TIMES.sub("…", text)


def _told(said: str) -> dict[str, list[str]]:
    """Return outcome, GPOs, new and failed of each domain, as the table has them."""
    rows = (line.split() for line in _items_of_the_last_play(said) if " warning: " not in line)
    return {row[1]: row[2:6] for row in rows if row[0].startswith("mgmt1.")}
