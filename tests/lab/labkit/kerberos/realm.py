# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The realm of a lab: its database and KDC, a key for each host, and what clients need.

MIT's programs are unpacked into the build folder and not installed: Debian's package would start a KDC for the whole
machine. They, and every client, know this realm by a krb5.conf of the lab's (the variable KRB5_CONFIG).
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from .. import paths
from ..daemon import Daemon, free_port
from ..errors import LabError
from ..files import write_text
from ..host import Account, Host
from ..paths import LabPaths

_CLIENT = """\
[libdefaults]
    default_realm = {realm}
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
    default_ccache_name = FILE:{folder}/tickets
[realms]
    {realm} = {{
        kdc = 127.0.0.1:{port}
    }}
[domain_realm]
{domains}
"""

_KDC = """\
[kdcdefaults]
    kdc_listen = 127.0.0.1:{port}
    kdc_tcp_listen = 127.0.0.1:{port}
[realms]
    {realm} = {{
        database_module = lab
        database_name = {folder}/principal
        key_stash_file = {folder}/stash
        acl_file = {folder}/kadm5.acl
        supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
        max_life = 10h
    }}
[dbmodules]
    db_module_dir = {plugins}
    lab = {{
        db_library = db2
    }}
[logging]
    kdc = FILE:{folder}/kdc.log
"""

_KINIT = """\
#!/bin/sh
# Ansible starts kinit with next to no environment.
export KRB5_CONFIG={config} LD_LIBRARY_PATH={libraries}
exec {program} "$@"
"""


def unpacked() -> Path:
    """Where set-up has unpacked Debian's packages."""
    return paths.build_dir() / "kerberos"


def is_there() -> bool:
    """Whether there is a KDC: set-up has none on machines other than Debian's."""
    return (unpacked() / "usr" / "sbin" / "krb5kdc").is_file()


def service(host: Host) -> str:
    """The host's name in the realm: that of its computer in its domain."""
    return f"{host.name}.{host.domain.info.name}".lower()


class Realm:
    """The realm of a lab, named after the domain of the first host."""

    def __init__(self, lab: LabPaths, hosts: list[Host]) -> None:
        self._folder = lab.kerberos
        self._daemon = Daemon("the KDC", self._folder / "kdc.pid", self._folder / "kdc.pid")
        self._hosts = hosts
        self.name = hosts[0].domain.info.name.upper() if hosts else ""

    def start(self, account: Account) -> int:
        """Make the realm anew, start its KDC, and return its port."""
        if not is_there():
            raise LabError(f"there is no KDC in {unpacked()}; on Debian `make setup` unpacks one")
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(mode=0o700)
        port = free_port()
        self._write_files(port)
        self._tool("kdb5_util", "create", "-s", "-r", self.name, "-P", secrets.token_urlsafe(18))
        self.admin("addprinc", "-pw", account.password, "+allow_forwardable", account.user)
        for host in self._hosts:
            host.paths.keytab.unlink(missing_ok=True)
            # winrm asks for the one, psrp for the other.
            for principal in (f"HTTP/{service(host)}", f"WSMAN/{service(host)}"):
                self.admin("addprinc", "-randkey", principal)
                self.admin("ktadd", "-k", str(host.paths.keytab), principal)
        kdc = [unpacked() / "usr/sbin/krb5kdc", "-n", "-r", self.name, "-P", self._folder / "kdc.pid"]
        self._daemon.start(kdc, self._environment(), port, self._folder / "kdc.out")
        # Without the module krb5 psrp gets no ticket by itself.
        self._run([self._folder / "kinit", "-f", account.user], account.password + "\n")
        return port

    def stop(self) -> None:
        """End the KDC. Without keys the hosts accept no more logons by Kerberos."""
        self._daemon.stop()
        for host in self._hosts:
            host.paths.keytab.unlink(missing_ok=True)

    def variables(self, host: Host, account: Account) -> dict[str, object]:
        """What an inventory needs for Ansible to connect by it, with winrm or psrp."""
        return {
            "ansible_port": host.ports.https,
            "ansible_user": f"{account.user}@{self.name}",
            "ansible_winrm_kerberos_hostname_override": service(host),
            "ansible_winrm_kinit_cmd": str(self._folder / "kinit"),
            "ansible_psrp_negotiate_hostname_override": service(host),
        }

    def environment(self) -> dict[str, str]:
        """What Ansible needs in its environment: the realm, and the modules `kerberos` (winrm) and `krb5` (psrp)."""
        modules = [unpacked() / "usr/lib/python3/dist-packages"]
        stand_in = paths.PROJECT / "tests/lab/pyspnego"
        genuine = importlib.util.find_spec("krb5")
        if genuine is None or genuine.origin == str(stand_in / "krb5.py"):
            modules.append(stand_in)
        return {
            "KRB5_CONFIG": str(self._folder / "krb5.conf"),
            "PYTHONPATH": os.pathsep.join(map(str, modules)),
        }

    def _write_files(self, port: int) -> None:
        names = {"realm": self.name, "folder": self._folder, "port": port}
        domains = "\n".join(f"    .{host.domain.info.name.lower()} = {self.name}" for host in self._hosts)
        write_text(self._folder / "krb5.conf", _CLIENT.format(domains=domains, **names))
        plugins = next(unpacked().glob("usr/lib/*/krb5/plugins/kdb"))
        write_text(self._folder / "kdc.conf", _KDC.format(plugins=plugins, **names))
        kinit = _KINIT.format(
            config=shlex.quote(str(self._folder / "krb5.conf")), libraries=shlex.quote(_libraries()),
            program=shlex.quote(str(unpacked() / "usr/bin/kinit")))
        write_text(self._folder / "kinit", kinit, mode=0o700)

    def admin(self, *command: str) -> None:
        """Run a command of kadmin."""
        self._tool("kadmin.local", "-r", self.name, *command)

    def _tool(self, name: str, *arguments: str) -> None:
        self._run([unpacked() / "usr/sbin" / name, *arguments])

    def _run(self, command: list[str | Path], told: str = "") -> None:
        done = subprocess.run(
            command, env=self._environment(), input=told, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LabError(f"{Path(command[0]).name} {command[1]}: {done.stderr.strip()}")

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "KRB5_CONFIG": str(self._folder / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(self._folder / "kdc.conf"),
            "LD_LIBRARY_PATH": _libraries(),
        }


def _libraries() -> str:
    return os.pathsep.join(sorted({str(path.parent) for path in unpacked().glob("**/lib*.so.*")}))
