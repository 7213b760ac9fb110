# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things lie: what was built, and the state of a running lab."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
LAB_SOURCE = PROJECT / "tests" / "lab"


def _from_environment(name: str, default: Path) -> Path:
    value = os.environ.get(name)
    return Path(value).absolute() if value else default


def build_dir() -> Path:
    """Everything that is built and not committed (GPVAULT_BUILD)."""
    return _from_environment("GPVAULT_BUILD", PROJECT / "build")


def lab_dir() -> Path:
    """The state of the running lab (GPVAULT_LAB)."""
    return _from_environment("GPVAULT_LAB", build_dir() / "lab")


def genuine_backups_dir() -> Path:
    """Backups that the real GPMC wrote; they are not part of the project, so they may be missing."""
    return _from_environment("GPVAULT_GENUINE_BACKUPS", PROJECT.parent / "shared" / "gpo-backups")


def pshost_dir(short_paths: bool = False) -> Path:
    """The PowerShell host as it is published, or the one whose .NET does not reach long paths by itself."""
    return build_dir() / ("pshost-short" if short_paths else "pshost")


def pshost_exe() -> Path:
    return pshost_dir() / "powershell.exe"


def pshost_fingerprint(folder: Path) -> str:
    """Tells one build of the PowerShell host from another: hosts in standby would go on with the old one."""
    facts = sorted((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in folder.glob("*.*"))
    return hashlib.sha256(repr(facts).encode("utf-8")).hexdigest()


def gpmgmt_dll() -> Path:
    """The stand-in for GPMC."""
    return build_dir() / "gpmc" / "gpmgmt.dll"


def template_prefix() -> Path:
    """The Wine prefix from which the prefix of each host is copied."""
    return build_dir() / "prefix"


def collections_dir() -> Path:
    return build_dir() / "collections"


def ansible_playbook() -> Path:
    return build_dir() / "venv" / "bin" / "ansible-playbook"


@dataclass(frozen=True)
class HostPaths:
    """The files of one host of the lab."""

    root: Path

    @property
    def name(self) -> str:
        return self.root.name

    @property
    def prefix(self) -> Path:
        return self.root / "prefix"

    @property
    def drive_c(self) -> Path:
        return self.prefix / "drive_c"

    @property
    def drive_d(self) -> Path:
        return self.root / "d"

    @property
    def domain(self) -> Path:
        return self.root / "domain"

    @property
    def access_log(self) -> Path:
        return self.root / "access.jsonl"

    @property
    def endpoint_config(self) -> Path:
        return self.root / "endpoint.json"

    @property
    def endpoint_state(self) -> Path:
        return self.root / "endpoint.state.json"

    @property
    def last_ports(self) -> Path:
        return self.root / "ports.json"

    @property
    def started_with(self) -> Path:
        """Which build of the PowerShell host the endpoint was started with."""
        return self.root / "started-with.json"

    @property
    def endpoint_pid(self) -> Path:
        return self.root / "endpoint.pid"

    @property
    def endpoint_log(self) -> Path:
        return self.root / "endpoint.log"

    @property
    def keytab(self) -> Path:
        """The host's key for Kerberos, while the lab has a realm."""
        return self.root / "krb5.keytab"

    @property
    def endpoint_faults(self) -> Path:
        return self.root / "faults-endpoint.json"


@dataclass(frozen=True)
class LabPaths:
    """The files of one lab."""

    root: Path

    @property
    def state(self) -> Path:
        """What `lab up` decided: hosts, ports, domains, account."""
        return self.root / "lab.json"

    @property
    def lock(self) -> Path:
        return self.root / "lab.lock"

    @property
    def inventory(self) -> Path:
        return self.root / "inventory.yml"

    @property
    def inventory_https(self) -> Path:
        return self.root / "inventory-https.yml"

    @property
    def inventory_psrp(self) -> Path:
        """Over HTTP with message encryption, by the psrp connection."""
        return self.root / "inventory-psrp.yml"

    @property
    def inventory_psrp_https(self) -> Path:
        return self.root / "inventory-psrp-https.yml"

    @property
    def inventory_ssh(self) -> Path:
        return self.root / "inventory-ssh.yml"

    @property
    def inventory_kerberos(self) -> Path:
        return self.root / "inventory-kerberos.yml"

    @property
    def inventory_psrp_kerberos(self) -> Path:
        return self.root / "inventory-psrp-kerberos.yml"

    @property
    def kerberos(self) -> Path:
        """The lab's realm, where it is started."""
        return self.root / "kerberos"

    @property
    def certificate(self) -> Path:
        return self.root / "tls" / "lab.pem"

    @property
    def certificate_key(self) -> Path:
        return self.root / "tls" / "lab.key"

    @property
    def shares(self) -> Path:
        return self.root / "shares"

    @property
    def hosts(self) -> Path:
        return self.root / "hosts"

    def host(self, name: str) -> HostPaths:
        return HostPaths(self.hosts / name)


def lab_paths() -> LabPaths:
    return LabPaths(lab_dir())
