# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""By SSH, through OpenSSH's own server: the whole cycle, a connection that is cut, a key that is refused."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import signal

import pytest
from cycle import assert_cycle
from harness import BUILD, Lab
from steps import outcomes, step

pytestmark = pytest.mark.skipif(not (BUILD / "sshd/usr/sbin/sshd").is_file(), reason="no SSH server to be had here")

_GPOS = ["Kiosk", "Browser settings"]
_BY_SSH = "inventory-ssh.yml"


@pytest.fixture
def ssh_lab(lab: Lab) -> Lab:
    """The lab, whose host answers SSH."""
    lab("ssh")
    return lab


def test_the_cycle_by_ssh(ssh_lab: Lab, tmp_path: pathlib.Path) -> None:
    assert_cycle(ssh_lab, tmp_path, inventory=_BY_SSH)


def test_a_connection_of_ssh_that_is_cut_loses_nothing(ssh_lab: Lab) -> None:
    """The host goes on with what it has in hand; what it has done then the second trip tells."""
    ssh_lab("fault", "add", "slow", "--delay", "1500")
    catalog = ssh_lab.drive_d() / "GPO/.gpvault"
    with (
        ssh_lab.play_file([step("It", gpos=_GPOS)]) as path,
        ssh_lab.start(path, inventory=_BY_SSH) as running,
    ):
        assert running.until(lambda: list(catalog.rglob("0*.json")))
        _cut(ssh_lab)
        run = running.wait()
    (result,) = run.of("It")
    assert not result.get("failed") and set(outcomes(result, by="name").values()) == {"created"}, run.output
    assert "Trying once more." in run.output
    entries = [json.loads(path.read_bytes()) for path in catalog.rglob("0*.json")]
    assert len(entries) == 2 and {entry["run_id"] for entry in entries} == {result["run_id"]}


def test_a_key_that_the_host_refuses(ssh_lab: Lab) -> None:
    key = ssh_lab.host_dir() / "ssh/client_key.pub"
    key.rename(key.with_suffix(".away"))
    try:
        (result,) = ssh_lab.tasks([step("It", gpos=_GPOS)], inventory=_BY_SSH).of("It")
    finally:
        key.with_suffix(".away").rename(key)
    assert result["unreachable"] is True and "Permission denied" in result["msg"]
    assert not (ssh_lab.drive_d() / "GPO").exists()


def _cut(lab: Lab) -> None:
    """End what serves the connections, but not the server, nor what they run."""
    server = int((lab.host_dir() / "ssh/sshd.pid").read_text("ascii"))
    for process in pathlib.Path(f"/proc/{server}/task/{server}/children").read_text("ascii").split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGKILL)
