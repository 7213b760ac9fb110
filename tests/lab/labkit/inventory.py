# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventories of a lab: by winrm and by psrp, over HTTP with message encryption and over HTTPS; by Kerberos and by
SSH where they run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .files import write_text
from .host import Account, Host
from .paths import LabPaths

GROUP = "windows"

# Seconds. PowerShell starts slowly where tests keep the machine busy, and psrp gives a host 20 s to open a runspace.
_PSRP_PATIENCE = {
    "ansible_psrp_connection_timeout": 60, "ansible_psrp_operation_timeout": 60, "ansible_psrp_read_timeout": 90}


def host_variables(host: Host) -> dict[str, Any]:
    """What tests and playbooks may want to know: who the host is, and where its disks lie on Linux."""
    info = host.domain.info
    return {
        "lab_domain": info.name,
        "lab_netbios": info.netbios,
        "lab_dc": info.pdc,
        "lab_dcs": info.dcs,
        "lab_host_dir": str(host.paths.root),
        "lab_domain_dir": str(host.paths.domain),
        "lab_sysvol_dir": str(host.domain.policies_dir()),
        "lab_drive_c": str(host.paths.drive_c),
        "lab_drive_d": str(host.paths.drive_d),
        "lab_shares_dir": str(host.lab.shares),
        "lab_access_log": str(host.paths.access_log),
    }


def _https(lab: LabPaths) -> dict[str, Any]:
    # ca_trust_path is an argument of pywinrm, which the connection plugin passes on.
    return {"ansible_winrm_scheme": "https", "ansible_winrm_server_cert_validation": "validate",
            "ansible_winrm_ca_trust_path": str(lab.certificate)}


def _psrp_https(lab: LabPaths) -> dict[str, Any]:
    return {"ansible_psrp_protocol": "https", "ansible_psrp_ca_cert": str(lab.certificate)}


def write_inventories(lab: LabPaths, hosts: Iterable[Host], account: Account) -> None:
    """Write the files of what is always there; they hold the password, so only their owner may read them."""
    hosts = list(hosts)
    common = {
        "ansible_connection": "winrm",
        "ansible_host": "127.0.0.1",
        "ansible_user": account.user,
        "ansible_password": account.password,
        "ansible_winrm_transport": "ntlm",
    }
    # message_encryption is an argument of pywinrm, too.
    http = {**common, "ansible_winrm_scheme": "http", "ansible_winrm_message_encryption": "always"}
    https = {**common, **_https(lab)}
    psrp = {
        "ansible_connection": "psrp",
        "ansible_host": "127.0.0.1",
        "ansible_user": account.user,
        "ansible_password": account.password,
        "ansible_psrp_auth": "ntlm",
        **_PSRP_PATIENCE,
    }
    psrp_http = {**psrp, "ansible_psrp_protocol": "http", "ansible_psrp_message_encryption": "always"}
    psrp_https = {**psrp, **_psrp_https(lab)}
    for path, group, scheme in (
        (lab.inventory, http, "http"), (lab.inventory_https, https, "https"),
        (lab.inventory_psrp, psrp_http, "http"), (lab.inventory_psrp_https, psrp_https, "https"),
    ):
        ports = {host: {"ansible_port": getattr(host.ports, scheme)} for host in hosts}
        write_text(path, _render(group, ports), mode=0o600)


def write_kerberos_inventories(lab: LabPaths, hosts: dict[Host, dict[str, Any]], account: Account) -> None:
    """Write the inventories of hosts by Kerberos with delegation, over HTTPS. With psrp the ticket is there already."""
    winrm = {
        "ansible_connection": "winrm",
        "ansible_host": "127.0.0.1",
        "ansible_password": account.password,
        "ansible_winrm_transport": "kerberos",
        "ansible_winrm_kerberos_delegation": True,
        **_https(lab),
    }
    psrp = {
        "ansible_connection": "psrp",
        "ansible_host": "127.0.0.1",
        "ansible_psrp_auth": "kerberos",
        "ansible_psrp_negotiate_delegate": True,
        **_PSRP_PATIENCE,
        **_psrp_https(lab),
    }
    for path, group in (lab.inventory_kerberos, winrm), (lab.inventory_psrp_kerberos, psrp):
        write_text(path, _render(group, hosts), mode=0o600)


def write_ssh_inventory(lab: LabPaths, hosts: dict[Host, dict[str, Any]]) -> None:
    """Write the inventory of hosts by SSH, each with the variables of its server."""
    write_text(lab.inventory_ssh, _render({}, hosts), mode=0o600)


def _render(group_variables: dict[str, Any], hosts: dict[Host, dict[str, Any]]) -> str:
    """An inventory as YAML. A JSON value is a YAML value, which settles all quoting."""
    def line(depth: int, name: str, value: Any = None) -> str:
        rest = "" if value is None else " " + json.dumps(value, ensure_ascii=False)
        return "  " * depth + name + ":" + rest

    lines = ["# Written by `lab up`; gone or stale after `lab down`.", line(0, GROUP), line(1, "hosts")]
    for host, connection in hosts.items():
        lines.append(line(2, host.name))
        lines += [line(3, name, value) for name, value in {**connection, **host_variables(host)}.items()]
    if group_variables:
        lines.append(line(1, "vars"))
        lines += [line(2, name, value) for name, value in group_variables.items()]
    return "\n".join(lines) + "\n"
