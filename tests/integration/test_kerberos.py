# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""By Kerberos, with tickets of a genuine KDC: those with which a host goes on, and those with which nobody comes in.

That with delegation it reaches its directory, and without it does not, is in test_connecting.py.
"""

from __future__ import annotations

import json
import subprocess
import time
import typing as t

import pytest
from extent import in_whole
from harness import Lab
from steps import step
from ways import missing, open_realm

_MISSING = missing("winrm", kerberos=True)
pytestmark = pytest.mark.skipif(bool(_MISSING), reason=_MISSING)

_BY_KERBEROS = "inventory-kerberos.yml"
_GPOS = ["Kiosk"]


@pytest.fixture
def realm(lab: Lab) -> dict[str, str]:
    """The lab has a realm: what Ansible needs in its environment."""
    return open_realm(lab)


def _with(name: str, **variables: t.Any) -> dict[str, t.Any]:
    """A backup into a folder of its own, with these variables of the connection."""
    return {**step(name, gpos=_GPOS, path=f"D:\\{name}"), "ignore_unreachable": True, "vars": variables}


@in_whole
def test_tickets_that_do_not_do(lab: Lab, realm: dict[str, str]) -> None:
    http = json.loads((lab.host_dir() / "endpoint.state.json").read_text("utf-8"))["http_port"]
    with lab.logged() as events:
        run = lab.tasks(
            [
                # A ticket that cannot be forwarded, though the client asks for it.
                _with("Fixed", ansible_winrm_kinit_args="-F"),
                _with("Realm", ansible_user="vagrant@OTHER.EXAMPLE"),
                _with("Service", ansible_winrm_kerberos_hostname_override="other.corp.example"),
                # Debian's module `kerberos` cannot encrypt messages, and the host takes none in clear.
                _with("Clear", ansible_winrm_scheme="http", ansible_port=http),
            ],
            inventory=_BY_KERBEROS, env=realm)
    (result,) = run.of("Fixed")
    assert result["failed"] is True and not result.get("unreachable")
    assert result["overall_status"]["hresult"] == "0x80072020"
    assert "double hop" in result["msg"] and "Kerberos and delegation" in result["msg"]
    assert result["backups"] == []
    said = {"Realm": "Cannot find KDC", "Service": "not found in Kerberos database", "Clear": "Code 500"}
    for name, text in said.items():
        (result,) = run.of(name)
        assert result["unreachable"] is True and text in result["msg"], result
        assert not (lab.drive_d() / name).exists()
    logons = [event for event in events if event["event"] == "auth"]
    assert logons and {event["user"] for event in logons} == {"vagrant@CORP.EXAMPLE"}
    assert all(event["tls"] for event in events if event["event"] == "wsman")


@in_whole
def test_a_ticket_that_has_expired(lab: Lab, realm: dict[str, str]) -> None:
    """Tickets of the user's own, which nobody renews."""
    state = json.loads((lab.state / "lab.json").read_text("utf-8"))
    cache = f"FILE:{lab.state}/kerberos/expired"
    subprocess.run([lab.state / "kerberos/kinit", "-l", "1s", "-c", cache, state["user"]], check=True, text=True,
                   input=state["password"] + "\n", capture_output=True)
    time.sleep(2)
    run = lab.tasks([_with("Expired", ansible_winrm_kinit_mode="manual")], inventory=_BY_KERBEROS,
                    env={**realm, "KRB5CCNAME": cache})
    (result,) = run.of("Expired")
    assert result["unreachable"] is True and "expired" in result["msg"], result
    assert not (lab.drive_d() / "Expired").exists()
