# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenSSH's server for a host of the lab: on loopback, with keys of its own, for the user that runs the lab.

The server is unpacked into the build folder and not installed: Debian's package would start one on every interface.
It runs every command, and SFTP, through session.py. Run by root it wants a user and a folder for its part without
privileges (sshd(8), "privilege separation"): it gets them in a mount namespace of its own, so the machine stays as it
is. There the user that runs the lab has the lab's password, too; without root only the key is of use.
"""

from __future__ import annotations

import getpass
import os
import pwd
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from .. import paths
from ..daemon import Daemon, free_port
from ..errors import LabError
from ..files import write_text
from ..host import Account, Host
from . import SFTP

_CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey "{folder}/host_key"
PidFile "{folder}/sshd.pid"
AuthorizedKeysFile "{folder}/client_key.pub"
AuthenticationMethods publickey password
PermitRootLogin yes
ExposeAuthInfo yes
StrictModes no
UsePAM no
PermitTTY no
DisableForwarding yes
PrintMotd no
Subsystem sftp {sftp}
SetEnv {environment}
ForceCommand {command}
"""

_APART = """\
set -e
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/shadow" /etc/shadow
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd
shift
exec "$@"
"""


def unpacked() -> Path:
    """Where set-up has unpacked Debian's packages."""
    return paths.build_dir() / "sshd"


def is_there() -> bool:
    """Whether there is a server: set-up has none on machines other than Debian's."""
    return (unpacked() / "usr" / "sbin" / "sshd").is_file()


class SshServer:
    """The SSH server of a host, whose endpoint runs."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._folder = host.paths.root / "ssh"
        self._daemon = Daemon(
            f"{host.name}: the SSH server", self._folder / "sshd.pid", self._folder / "sshd_config")

    def start(self, account: Account) -> int:
        """Start the server, and return its port."""
        if not is_there():
            raise LabError(f"there is no SSH server in {unpacked()}; on Debian `make setup` unpacks one")
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for name in ("host_key", "client_key"):
            self._make_key(self._folder / name)
        port = free_port()
        self._write_config(port)
        self._daemon.start(self._command(account.password), _environment(), port, self._folder / "sshd.log")
        return port

    def stop(self) -> None:
        """End the server, and what its connections run."""
        self._daemon.stop()

    def variables(self, port: int) -> dict[str, object]:
        """What an inventory needs for Ansible to connect by it."""
        known = self._folder / "known_hosts"
        kind, key = (self._folder / "host_key.pub").read_text(encoding="ascii").split()[:2]
        write_text(known, f"[127.0.0.1]:{port} {kind} {key}\n")
        return {
            "ansible_connection": "ssh",
            "ansible_shell_type": "powershell",
            "ansible_host": "127.0.0.1",
            "ansible_port": port,
            "ansible_user": getpass.getuser(),
            "ansible_ssh_private_key_file": str(self._folder / "client_key"),
            # No control socket: its path may be longer than a socket's can be.
            "ansible_ssh_args": shlex.join(
                ["-F", "none", "-o", "ControlMaster=no", "-o", "IdentitiesOnly=yes",
                 "-o", f'UserKnownHostsFile="{known}"', "-o", "StrictHostKeyChecking=yes"]),
            "ansible_ssh_transfer_method": "sftp",
        }

    @staticmethod
    def _make_key(path: Path) -> None:
        if not path.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "the lab", "-f", path], check=True,
                           stdin=subprocess.DEVNULL)

    def _write_config(self, port: int) -> None:
        command = [sys.executable, "-m", "labkit.ssh.session", str(self._host.paths.endpoint_config)]
        # SFTP's server is unpacked, too.
        found = os.pathsep.join([str(paths.LAB_SOURCE), str(unpacked() / "usr/lib/python3/dist-packages")])
        text = _CONFIG.format(
            port=port, folder=self._folder, sftp=SFTP, environment=f'"PYTHONPATH={found}"', command=shlex.join(command))
        session = unpacked() / "usr/lib/openssh/sshd-session"
        if session.is_file():
            # From OpenSSH 9.8 on the server is of several programs.
            text += f'SshdSessionPath "{session}"\nSshdAuthPath "{session.with_name("sshd-auth")}"\n'
        write_text(self._folder / "sshd_config", text, mode=0o600)

    def _command(self, password: str) -> list[str]:
        server = [str(unpacked() / "usr/sbin/sshd"), "-D", "-e", "-f", str(self._folder / "sshd_config")]
        if os.getuid() != 0:
            return server
        users = Path("/etc/passwd").read_text(encoding="utf-8")
        if "sshd" not in {user.pw_name for user in pwd.getpwall()}:
            users += "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n"
        write_text(self._folder / "passwd", users)
        write_text(self._folder / "shadow", f"{getpass.getuser()}:{_hashed(password)}:::::::\n", mode=0o600)
        unshare = shutil.which("unshare")
        if unshare is None:
            raise LabError("the SSH server needs the command unshare (package util-linux) when it is run by root")
        return [unshare, "--mount", "--propagation", "private", "sh", "-c", _APART, "sh", str(self._folder), *server]


def _hashed(password: str) -> str:
    """A password as shadow(5) has it."""
    made = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=password, capture_output=True, text=True, check=True)
    return made.stdout.strip()


def _environment() -> dict[str, str]:
    """The server's own environment; its sessions have none of it."""
    libraries = sorted({str(path.parent) for path in unpacked().glob("**/lib*.so.*")})
    return {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(libraries)}
