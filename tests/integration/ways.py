# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways by which Ansible reaches the lab's host, and the cells of tests that run by each of them."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import os
import pathlib
import shlex
import signal
import typing as t

import pytest
from extent import in_long, in_whole
from harness import BUILD, Lab, unended

SSHD = BUILD / "sshd/usr/sbin/sshd"
KDC = BUILD / "kerberos/usr/sbin/krb5kdc"


def missing(plugin: str, kerberos: bool = False) -> str:
    """Return what cannot be had here of what a connection plugin takes, with logons by Kerberos or others, if something
    cannot."""
    there = {
        "pypsrp": plugin != "psrp" or importlib.util.find_spec("pypsrp"),
        "SSH server": plugin != "ssh" or SSHD.is_file(),
        "KDC": not kerberos or KDC.is_file(),
        "gssapi": not kerberos or importlib.util.find_spec("gssapi"),
    }
    return next((f"no {name} to be had here" for name, found in there.items() if not found), "")


@dataclasses.dataclass(frozen=True)
class Way:
    """A way to the host: an inventory, and what it takes."""

    inventory: str
    tls: bool | None = False
    """Whether WinRM's connections are over HTTPS; None where there are none."""

    plugin: str = "winrm"

    @property
    def by_ssh(self) -> bool:
        """Whether the host is another server's than the endpoint's, which plants no faults and logs nothing."""
        return self.tls is None

    def missing(self) -> str:
        """Return what cannot be had here, if something cannot."""
        return missing(self.plugin, kerberos="kerberos" in self.inventory)

    def open(self, lab: Lab) -> dict[str, t.Any]:
        """Let the host answer by it, and return what Lab.start wants to know."""
        if self.by_ssh:
            lab("ssh")
        env = open_realm(lab) if "kerberos" in self.inventory else {}
        return {"inventory": self.inventory, "env": env}

    def processes(self, lab: Lab) -> set[int]:
        """Return the processes that run PowerShell for clients."""
        return _leaves(_sshd(lab)) if self.by_ssh else unended(lab.access_log())


WAYS = {
    "winrm": Way("inventory.yml"),
    "winrm-https": Way("inventory-https.yml", tls=True),
    "kerberos-https": Way("inventory-kerberos.yml", tls=True),
    "psrp": Way("inventory-psrp.yml", plugin="psrp"),
    "psrp-https": Way("inventory-psrp-https.yml", tls=True, plugin="psrp"),
    "ssh": Way("inventory-ssh.yml", tls=None, plugin="ssh"),
}


def cells(quick: str = "", whole: str = "", hows: str = "", but: str = "") -> pytest.MarkDecorator:
    """Have a test run by each way, and with each of *hows*. *quick* are the cells of `make test`, *whole* are more of
    `make test-whole`, *but* is none."""
    every = [f"{name}/{how}".rstrip("/") for name in WAYS for how in hows.split() or [""]]
    assert {*quick.split(), *whole.split(), *but.split()} <= set(every)
    marks: dict[str, t.Any] = {**dict.fromkeys(whole.split(), in_whole), **dict.fromkeys(quick.split(), ())}
    return pytest.mark.parametrize(
        "way,how" if hows else "way",
        [
            pytest.param(*cell.split("/"), id=cell, marks=marks.get(cell, in_long))
            for cell in every
            if cell not in but.split()
        ],
        indirect=["way"],
    )


def open_realm(lab: Lab) -> dict[str, str]:
    """Make the lab's realm, and return what Ansible needs in its environment."""
    exports = [line.removeprefix("export ") for line in lab("kerberos").splitlines() if line.startswith("export ")]
    return dict(word.split("=", 1) for line in exports for word in shlex.split(line))


def cut_ssh(lab: Lab) -> None:
    """End what serves the connections of SSH, but not the server, nor what they run."""
    for process in _children(_sshd(lab)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _sshd(lab: Lab) -> int:
    return int((lab.host_dir() / "ssh/sshd.pid").read_text("ascii"))


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _leaves(pid: int) -> set[int]:
    """Return the processes below one that have none below them."""
    children = _children(pid)
    return {leaf for child in children for leaf in _leaves(child) or {child}}
