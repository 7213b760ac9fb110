# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of docs/connecting.md: each logon that it says was tried is tried, with the variables that it names."""

from __future__ import annotations

import importlib.util
import json
import os
import pathlib
import re
import typing as t

import pytest
import yaml
from harness import ROOT, Lab, Run
from steps import outcomes, step
from ways import SSHD, missing, open_realm

_TRIED = "in the lab"
_SOURCE = re.compile(r"not run here: \[[^]]+\]\(https://\S+\)")
# What the table decides, and the lab's inventories must not.
_LOGON = {
    "ansible_winrm_transport", "ansible_winrm_kerberos_delegation", "ansible_psrp_auth",
    "ansible_psrp_negotiate_delegate", "ansible_shell_type",
}  # fmt: skip
_WRONG = "-wrong-password"


class Row(t.NamedTuple):
    """A row of the table."""

    logon: str
    plugin: str
    reaches: str
    takes: str
    tried: str

    @property
    def id(self) -> str:
        """The name of the host that is reached in this way, and of the folder of its backup."""
        return "-".join(re.findall(r"\w+", f"{self.plugin} {self.logon}"))

    @property
    def variables(self) -> dict[str, t.Any]:
        """The variables that the row names with their values."""
        return {name: yaml.safe_load(value) for name, value in re.findall(r"`(ansible_\w+): (\w+)`", self.takes)}

    @property
    def inventory(self) -> str:
        """That of the lab which leads there."""
        plugin, _comma, scheme = self.plugin.replace("`", "").partition(", ")
        if self.logon.startswith("Kerberos"):
            return {"winrm": "inventory-kerberos.yml", "psrp": "inventory-psrp-kerberos.yml"}[plugin]
        return {
            "winrm HTTP": "inventory.yml", "winrm HTTPS": "inventory-https.yml", "ssh": "inventory-ssh.yml",
            "psrp HTTP": "inventory-psrp.yml", "psrp HTTPS": "inventory-psrp-https.yml",
        }[f"{plugin} {scheme}".strip()]

    @property
    def lacks(self) -> str:
        """What is not there to try it with."""
        if lacks := missing(self.plugin.split("`")[1], self.logon.startswith("Kerberos")):
            return lacks
        if self.logon == "A password" and os.getuid() != 0:
            return "without root, sshd cannot look at passwords"
        return ""


def _table() -> list[Row]:
    page = (ROOT / "docs/connecting.md").read_text("utf-8")
    (table,) = re.findall(r"^\| Logon \|.*\n\|[-|]+\n((?:\|.*\n)+)", page, re.M)
    return [Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in table.splitlines()]


_ROWS = [row for row in _table() if row.tried == _TRIED]
_BY_CREDSSP = [row for row in _ROWS if row.logon == "CredSSP"]


class Tried(t.NamedTuple):
    """What came of all logons."""

    lab: Lab
    run: Run
    events: list[dict[str, t.Any]]


@pytest.fixture(scope="module")
def tried(labs: t.Callable[[str], Lab], tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Tried]:
    """A play on one host that is reached in each way, and minds the double hop."""
    with labs("en-US").restored() as lab:
        realm = {} if missing("winrm", kerberos=True) else open_realm(lab)
        if SSHD.is_file():
            lab("ssh")
        lab("fault", "add", "double_hop")
        rows = [row for row in _ROWS if not row.lacks]
        hosts = {row.id: _variables(lab, row) for row in rows}
        hosts |= {row.id + _WRONG: {**hosts[row.id], "ansible_password": "wrong"} for row in _BY_CREDSSP if row in rows}
        inventory = tmp_path_factory.mktemp("inventory") / "ways.json"
        inventory.write_text(json.dumps({"all": {"hosts": hosts}}), "utf-8")
        task = {**step("It", gpos=["Kiosk"], path="D:\\{{ inventory_hostname }}"), "ignore_unreachable": True}
        with lab.logged() as events:
            run = lab.tasks([task], "--forks", "2", hosts="all", inventory=str(inventory), env=_environment(realm))
        yield Tried(lab, run, events)


def _variables(lab: Lab, row: Row) -> dict[str, t.Any]:
    """Where the host is and who logs on, by an inventory of the lab's; how, by the table."""
    given = _given(lab, row.inventory)
    if row.logon.startswith("Kerberos") and row.plugin.endswith("HTTP"):
        http = _given(lab, "inventory-psrp.yml")
        told = ("ansible_port", "ansible_psrp_protocol", "ansible_psrp_message_encryption")
        given |= {name: http[name] for name in told}
    kept = {name: value for name, value in given.items() if name.startswith("ansible_") and name not in _LOGON}
    if row.logon == "A password":
        del kept["ansible_ssh_private_key_file"]
        kept["ansible_password"] = json.loads((lab.state / "lab.json").read_text("utf-8"))["password"]
    return {**kept, **row.variables}


def _given(lab: Lab, inventory: str) -> dict[str, t.Any]:
    group = yaml.safe_load((lab.state / inventory).read_text("utf-8"))["windows"]
    return {**group.get("vars", {}), **group["hosts"]["host1"]}


def _environment(realm: dict[str, str]) -> dict[str, str]:
    """What Ansible needs for a realm, and for CredSSP where its library cannot be had."""
    found = dict(realm)
    if importlib.util.find_spec("requests_credssp") is None:
        folders = [str(ROOT / "tests/lab/credssp"), found.get("PYTHONPATH", os.environ.get("PYTHONPATH", ""))]
        found["PYTHONPATH"] = os.pathsep.join(filter(None, folders))
    return found


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row.id)
def test_what_the_table_says_of_a_logon(row: Row, tried: Tried) -> None:
    if row.lacks:
        pytest.skip(row.lacks)
    (result,) = tried.run.of("It", row.id)
    assert not result.get("unreachable"), result["msg"]
    made = list((tried.lab.drive_d() / row.id).glob("{*}/bkupInfo.xml"))
    if row.reaches == "yes":
        assert not result.get("failed") and list(outcomes(result).values()) == ["created"], result
        assert len(made) == 1
        return
    assert row.reaches == "no"
    assert result["failed"] is True and result["overall_status"]["hresult"] == "0x80072020"
    for text in ("double hop", "Kerberos and delegation", "CredSSP", "become: true"):
        assert text in result["msg"]
    assert result["backups"] == [] and not made


def test_the_logons_were_those_of_the_table(tried: Tried) -> None:
    """The host's log has each kind that was tried, and no other."""
    secure = {event["connection"]: event["tls"] for event in tried.events if event["event"] == "connection_opened"}
    seen = {
        (secure[event["connection"]], event["scheme"] == "CredSSP", event["mechanism"])
        for event in tried.events if event["event"] == "auth" and event["ok"]
    }  # fmt: skip
    assert seen == {
        (row.plugin.endswith("HTTPS"), row.logon == "CredSSP", "kerberos" if "Kerberos" in row.logon else "ntlm")
        for row in _ROWS if not row.lacks and "ssh" not in row.plugin
    }  # fmt: skip


@pytest.mark.parametrize("row", _BY_CREDSSP, ids=lambda row: row.id)
def test_a_wrong_password_by_credssp(row: Row, tried: Tried) -> None:
    if row.lacks:
        pytest.skip(row.lacks)
    (result,) = tried.run.of("It", row.id + _WRONG)
    assert result["unreachable"] is True and "NTStatus" in result["msg"], result
    assert result["run_id"] and not (tried.lab.drive_d() / (row.id + _WRONG)).exists()


def test_a_wrong_password_is_not_tried_again(tried: Tried) -> None:
    """Once more would only lock the account."""
    refused = [event for event in tried.events if event["event"] == "auth" and not event["ok"]]
    assert [event["why"] for event in refused] == ["wrong user or password"] * len(
        [row for row in _BY_CREDSSP if not row.lacks]
    )


def test_every_row_is_tried_or_says_who_says_so() -> None:
    """What was not run here names its source."""
    rows = _table()
    assert len({row.id for row in rows}) == len(rows) and len(_ROWS) >= 10
    assert [row for row in rows if row.tried != _TRIED and not _SOURCE.fullmatch(row.tried)] == []
    assert {row.reaches for row in _ROWS} == {"yes", "no"}
    assert [row for row in _ROWS if not row.variables] == []
