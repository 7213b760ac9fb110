# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host of the lab: its disk, and the endpoint process that makes it answer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from . import paths, prefix, processes, wine
from .domain import Domain
from .errors import LabError
from .files import read_json, write_json
from .paths import HostPaths, LabPaths

START_TIMEOUT = 30.0


@dataclass(frozen=True)
class Account:
    """The one account of a lab."""

    user: str
    password: str


@dataclass(frozen=True)
class Ports:
    """Where a host listens; 0 means any free port."""

    http: int = 0
    https: int = 0


@dataclass(frozen=True)
class HostSettings:
    """What a running host cannot change."""

    culture: str
    short_paths: bool = False

    @property
    def pshost(self) -> Path:
        """Its PowerShell."""
        return paths.pshost_dir(self.short_paths)

    def facts(self) -> dict[str, str]:
        """What tells a host that was started with them."""
        return {"pshost": paths.pshost_fingerprint(self.pshost), "culture": self.culture}


class Host:
    """A host by its name; what is known about it lies in its folder."""

    def __init__(self, lab: LabPaths, name: str) -> None:
        self.lab = lab
        self.name = name
        self.paths: HostPaths = lab.host(name)
        self.domain = Domain(self.paths.domain)

    # -- disk ----------------------------------------------------------------------------------------------------

    def prepare(self, template: Path, settings: HostSettings) -> None:
        """Make the prefix, anew when it stems from an older template. The domain must be there already."""
        if not prefix.is_current(self.paths, template):
            prefix.remove_host_prefix(self.paths)
            prefix.make_host_prefix(self.paths, self.domain.info, self.lab.shares, template)
        else:
            prefix.link_unc_paths(self.paths, self.domain.info, self.lab.shares)
        prefix.link_pshost(self.paths, settings.pshost)

    def is_current(self, template: Path, settings: HostSettings) -> bool:
        """Whether the host runs what is built now (Wine, the stand-in for GPMC, PowerShell), with these settings."""
        return (prefix.is_current(self.paths, template)
                and read_json(self.paths.started_with) == settings.facts())

    # -- process -------------------------------------------------------------------------------------------------

    def _marks(self) -> tuple[str, str]:
        """What the command line of this host's endpoint holds, and no other's."""
        return "labkit.endpoint", str(self.paths.endpoint_config)

    @property
    def pid(self) -> int | None:
        """The endpoint's process, if it runs."""
        pid = processes.read_pid(self.paths.endpoint_pid)
        return pid if pid is not None and processes.is_running(pid, *self._marks()) else None

    @property
    def ports(self) -> Ports:
        """Where the endpoint listens; 0 when it does not."""
        state = read_json(self.paths.endpoint_state, {})
        return Ports(state.get("http_port") or 0, state.get("https_port") or 0)

    def _write_config(self, account: Account, ports: Ports, pool: int, pool_delay: float, culture: str) -> None:
        environment = {**wine.environment(self.paths.prefix), "PSHOST_CULTURE": culture}
        write_json(
            self.paths.endpoint_config,
            {
                "host": self.name,
                "user": account.user,
                "password": account.password,
                "http_port": ports.http,
                "https_port": ports.https,
                "cert": str(self.lab.certificate),
                "key": str(self.lab.certificate_key),
                "keytab": str(self.paths.keytab),
                "realm": str(self.lab.kerberos),
                "launcher": "wine",
                "prefix": str(self.paths.prefix),
                "access_log": str(self.paths.access_log),
                "state": str(self.paths.endpoint_state),
                "faults": str(self.paths.endpoint_faults),
                "pool": pool,
                "pool_delay": pool_delay,
                "env": {
                    name: value
                    for name, value in environment.items()
                    if name.startswith(("WINE", "DOTNET_", "POWERSHELL_", "PSHOST_"))
                },
            },
            mode=0o600,
        )

    def start(self, account: Account, pool: int, pool_delay: float, settings: HostSettings) -> None:
        """Start the endpoint and wait until it listens; on the ports it had before, when they are still free.

        An inventory that somebody copied then stays right when the lab goes down and up again.
        """
        if self.pid:
            return
        write_json(self.paths.started_with, settings.facts())
        prefix.stop_session(self.paths.prefix)  # what an endpoint that was killed may have left
        before = Ports(**read_json(self.paths.last_ports, {}))
        attempts = dict.fromkeys([before, Ports()])
        if not any(self._start_on(account, ports, pool, pool_delay, settings.culture) for ports in attempts):
            raise LabError(f"{self.name}: the endpoint does not start; it said:\n{self._end_of_log()}")
        write_json(self.paths.last_ports, asdict(self.ports))

    def _start_on(self, account: Account, ports: Ports, pool: int, pool_delay: float, culture: str) -> bool:
        self._write_config(account, ports, pool, pool_delay, culture)
        self.paths.endpoint_state.unlink(missing_ok=True)
        environment = {**os.environ, "PYTHONPATH": str(paths.LAB_SOURCE)}
        with self.paths.endpoint_log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "labkit.endpoint", "--config", str(self.paths.endpoint_config)],
                cwd=self.paths.root, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )
        self.paths.endpoint_pid.write_text(f"{process.pid}\n", encoding="ascii")
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if self.paths.endpoint_state.is_file() and self.ports.http:
                return True
            if process.poll() is not None:
                return False
            time.sleep(0.02)
        process.kill()
        process.wait()
        return False

    def _end_of_log(self) -> str:
        try:
            lines = self.paths.endpoint_log.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return "(nothing)"
        return "\n".join(lines[-15:])

    def stop(self) -> None:
        """End the endpoint, then everything that runs in the host's prefix."""
        pid = self.pid
        if pid:
            processes.stop(pid, *self._marks())
        self.paths.endpoint_pid.unlink(missing_ok=True)
        self.paths.endpoint_state.unlink(missing_ok=True)
        prefix.stop_session(self.paths.prefix)

    def windows_processes(self) -> int:
        """How many processes run in the host's prefix (Wine's own services among them)."""
        wanted = f"WINEPREFIX={self.paths.prefix}".encode()
        return sum(1 for entry in Path("/proc").iterdir() if entry.name.isdigit() and _has_variable(entry, wanted))


def _has_variable(process: Path, variable: bytes) -> bool:
    try:
        return variable in (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
