# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration file of one endpoint (``endpoint.json``) and its state file."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import typing as t


class ConfigError(Exception):
    """The configuration cannot be used; the message names the field and what is wrong with it."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """The quotas of a WinRM service. The defaults are those of WinRM 3.0 (``winrm get winrm/config``)."""

    max_envelope_kb: int = 500
    max_shells: int = 30
    max_processes_per_shell: int = 25
    # WinRM counts every command a cmd shell ever started and never counts down, which is why Ansible's winrm
    # plugin makes a new shell when it meets this quota (see _winrm_run_command there).
    max_operations_per_shell: int = 1500
    max_connections: int = 300

    @property
    def max_envelope(self) -> int:
        """The largest SOAP envelope in bytes, in both directions."""
        return self.max_envelope_kb * 1024


@dataclasses.dataclass(frozen=True)
class Config:
    """Everything an endpoint needs to know. Times are seconds; a port of 0 means any free one, None no listener."""

    host: str
    user: str
    password: str
    access_log: str
    state: str
    http_port: int | None = 0
    https_port: int | None = 0
    cert: str | None = None
    key: str | None = None
    basic: bool = False
    # The host's keytab and the folder of the lab's realm; neither has to be there yet.
    keytab: str | None = None
    realm: str | None = None
    launcher: str = "wine"
    prefix: str | None = None
    powershell: str = r"C:\pshost\powershell.exe"
    workdir: str | None = None
    env: dict[str, str] = dataclasses.field(default_factory=dict)
    faults: str | None = None
    pool: int = 1
    pool_delay: float = 1.0
    idle_timeout: float = 7200.0
    connection_timeout: float = 120.0
    limits: Limits = dataclasses.field(default_factory=Limits)

    @property
    def machine(self) -> str:
        """The computer name that faults and NTLM challenges carry."""
        return self.host.upper()


def load(path: str | os.PathLike[str]) -> Config:
    """Read and check a configuration file, which holds a password and so must be private to its owner."""
    file = pathlib.Path(path)
    try:
        if file.stat().st_mode & 0o077:
            raise ConfigError(f"{file}: others can read this file, which holds a password; give it mode 0600")
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file}: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{file}: not a JSON object")
    return parse(data)


def parse(data: dict[str, t.Any]) -> Config:
    """Build a configuration from the parsed JSON object."""
    values = dict(data)
    limits = values.pop("limits", {})
    try:
        config = Config(limits=Limits(**limits), **values)
    except TypeError as error:
        raise ConfigError(f"unknown or missing field: {error}") from error
    _check(config)
    return config


def _check(config: Config) -> None:
    if config.launcher not in ("wine", "native"):
        raise ConfigError(f"launcher: {config.launcher!r}, expected 'wine' or 'native'")
    if config.launcher == "wine" and not config.prefix:
        raise ConfigError("prefix: needed by the 'wine' launcher")
    for name in ("user", "password"):
        # The user file that pyspnego reads separates its fields by colons and its entries by line breaks.
        if not getattr(config, name) or any(mark in getattr(config, name) for mark in ":\r\n"):
            raise ConfigError(f"{name}: must not be empty nor contain a colon or a line break")
    if bool(config.cert) != bool(config.key):
        raise ConfigError("cert, key: give both or none")
    if config.http_port is None and not config.cert:
        raise ConfigError("http_port: null, and no cert for HTTPS either: nothing to listen on")
    for name in ("pool", "pool_delay", "connection_timeout"):
        if getattr(config, name) < 0:
            raise ConfigError(f"{name}: must not be negative")
    if config.idle_timeout <= 0:
        raise ConfigError("idle_timeout: must be positive")


def write_state(path: str, state: dict[str, t.Any]) -> None:
    """Write the state file in one step, so that a reader never sees half of it."""
    temporary = f"{path}.{os.getpid()}.tmp"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(state, file)
        file.write("\n")
    os.replace(temporary, path)
