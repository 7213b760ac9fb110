# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole lab: its hosts, its account, and how it goes up and down."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import paths, prefix, seed_backups, seed_default
from .certificate import make_certificate
from .domain import Domain
from .errors import LabError
from .files import read_json, write_json
from .host import Account, Host, HostSettings
from .inventory import write_inventories, write_kerberos_inventories, write_ssh_inventory
from .kerberos.realm import Realm
from .paths import LabPaths
from .ssh.server import SshServer

DEFAULT_DOMAIN = "corp.example"
DEFAULT_SHARE = "gpo"
DEFAULT_CULTURE = "en-US"

#: Starting a host is mostly waiting for Wine; more at once only get into each other's way on a small machine.
PARALLEL = 4

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_CULTURE = re.compile(r"[a-z]{2,3}-[A-Z]{2}")
_DNS_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")

Progress = Callable[[str], None]


@dataclass
class LabState:
    """What `lab up` decided, kept in lab.json."""

    user: str
    password: str
    pool: int = 1
    pool_delay: float = 1.0
    culture: str = DEFAULT_CULTURE
    short_paths: bool = False
    seed: str | None = None
    #: host name -> domain name
    hosts: dict[str, str] = field(default_factory=dict)


@dataclass
class UpOptions:
    """What was asked of `lab up`; None means: as it was, or the default."""

    hosts: int | None = None
    domain: str | None = None
    seed: Path | None = None
    pool: int | None = None
    pool_delay: float | None = None
    culture: str | None = None
    short_paths: bool | None = None
    backup_cost: int | None = None
    call_cost: int | None = None
    fresh: bool = False


class Laboratory:
    """The lab in a state folder."""

    def __init__(self, lab: LabPaths | None = None, progress: Progress = lambda _line: None) -> None:
        self.paths = lab or paths.lab_paths()
        self.progress = progress

    # -- state ---------------------------------------------------------------------------------------------------

    @property
    def state(self) -> LabState | None:
        value = read_json(self.paths.state)
        return LabState(**value) if value else None

    def require_state(self) -> LabState:
        state = self.state
        if state is None:
            raise LabError(f"there is no lab in {self.paths.root}; run `lab up` first")
        return state

    def hosts(self) -> list[Host]:
        state = self.state
        return [Host(self.paths, name) for name in state.hosts] if state else []

    def host(self, name: str | None = None) -> Host:
        """A host by name; the first one when no name is given."""
        hosts = self.require_state().hosts
        if name is None:
            name = next(iter(hosts))
        if name not in hosts:
            raise LabError(f"there is no host {name!r}; there is: {', '.join(hosts)}")
        return Host(self.paths, name)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One `up` or `down` at a time."""
        self.paths.root.mkdir(parents=True, exist_ok=True)
        with self.paths.lock.open("a", encoding="utf-8") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    # -- up ------------------------------------------------------------------------------------------------------

    def up(self, options: UpOptions) -> None:
        """Bring the lab up. What runs already is left running."""
        require_built()
        _check(options)
        with self._locked():
            if options.fresh:
                self._down(clean=True)
            state = self._decide(options)
            if state.short_paths:
                make_short_paths_host(self.progress)
            template = prefix.ensure_template(self.progress)
            make_certificate(self.paths.certificate, self.paths.certificate_key)
            (self.paths.shares / DEFAULT_SHARE).mkdir(parents=True, exist_ok=True)
            write_json(self.paths.state, asdict(state), mode=0o600)
            account = Account(state.user, state.password)
            with ThreadPoolExecutor(PARALLEL) as pool:
                jobs = [
                    pool.submit(self._host_up, Host(self.paths, name), account, state, options, template)
                    for name in state.hosts
                ]
                errors = [error for job in jobs if (error := job.exception())]
            write_inventories(self.paths, [host for host in self.hosts() if host.domain.exists], account)
        if errors:
            raise errors[0]

    def _decide(self, options: UpOptions) -> LabState:
        """The state that is wanted: the old one, with more hosts where they are asked for."""
        state = self.state
        seed = str(options.seed.absolute()) if options.seed else None
        if state is None:
            state = LabState(prefix.ACCOUNT, secrets.token_urlsafe(18), seed=seed)
            wanted = options.hosts or 1
        else:
            first = next(iter(state.hosts.values()))
            if options.domain and options.domain.lower() != first.lower():
                raise LabError(f"the lab's first domain is {first}; add --fresh to start anew (its disks are deleted)")
            if seed and seed != state.seed:
                raise LabError("the lab is seeded otherwise; add --fresh to start anew (its disks are deleted)")
            wanted = max(options.hosts or 0, len(state.hosts))
        state.pool = state.pool if options.pool is None else options.pool
        state.pool_delay = state.pool_delay if options.pool_delay is None else options.pool_delay
        state.culture = options.culture or state.culture
        state.short_paths = state.short_paths if options.short_paths is None else options.short_paths
        first = options.domain or next(iter(state.hosts.values()), DEFAULT_DOMAIN)
        for number in range(1, wanted + 1):
            state.hosts.setdefault(f"host{number}", numbered_domain(first, number))
        return state

    def _host_up(self, host: Host, account: Account, state: LabState, options: UpOptions, template: Path) -> None:
        host.paths.root.mkdir(parents=True, exist_ok=True)
        if not host.domain.exists:
            domain = make_domain(host, state.hosts[host.name], Path(state.seed) if state.seed else None)
            self.progress(f"{host.name}: domain {state.hosts[host.name]} with {len(domain.gpos())} GPOs")
        self._set_costs(host.domain, options)
        settings = HostSettings(state.culture, state.short_paths)
        if host.pid and not host.is_current(template, settings):
            self.progress(f"{host.name}: restarting, since something was built anew or it is to run otherwise")
            host.stop()
        already = host.pid is not None
        host.prepare(template, settings)  # for a running host: shares that are new
        host.start(account, state.pool, state.pool_delay, settings)
        self.progress(f"{host.name}: {'is up already' if already else 'listens'} on port {host.ports.http} (HTTP) "
                      f"and {host.ports.https} (HTTPS)")

    @staticmethod
    def _set_costs(domain: Domain, options: UpOptions) -> None:
        info = domain.info
        costs = dict(info.costs)
        if options.backup_cost is not None:
            costs["backup_ms"] = options.backup_cost
        if options.call_cost is not None:
            costs["call_ms"] = options.call_cost
        if costs != info.costs:
            info.costs = costs
            domain.save_info(info)

    # -- down ----------------------------------------------------------------------------------------------------

    def down(self, clean: bool = False) -> None:
        """Stop every host; with `clean` delete the lab's folder too."""
        if not self.paths.root.is_dir():
            return
        with self._locked():
            self._down(clean)

    def ssh(self) -> Path:
        """Start an SSH server for each host anew, and return the inventory that leads there."""
        with self._locked():
            state = self.require_state()
            account = Account(state.user, state.password)
            variables = {}
            for host in self.hosts():
                if host.pid is None:
                    raise LabError(f"{host.name} does not run; run `lab up` first")
                server = SshServer(host)
                server.stop()
                port = server.start(account)
                variables[host] = server.variables(port)
                self.progress(f"{host.name}: listens on port {port} (SSH)")
            write_ssh_inventory(self.paths, variables)
        return self.paths.inventory_ssh

    def realm(self) -> Realm:
        """The lab's Kerberos realm, which may not be started."""
        return Realm(self.paths, self.hosts())

    def kerberos(self) -> None:
        """Make a realm with a KDC, keys for all hosts, and write the inventories that lead there."""
        with self._locked():
            state = self.require_state()
            account = Account(state.user, state.password)
            realm = self.realm()
            for host in self.hosts():
                if host.pid is None:
                    raise LabError(f"{host.name} does not run; run `lab up` first")
            port = realm.start(account)
            self.progress(f"realm {realm.name}: the KDC listens on port {port}")
            write_kerberos_inventories(
                self.paths, {host: realm.variables(host, account) for host in self.hosts()}, account)

    def _down(self, clean: bool) -> None:
        hosts = self.hosts()
        for host in hosts:
            SshServer(host).stop()
        self.realm().stop()
        with ThreadPoolExecutor(PARALLEL) as pool:
            for job in [pool.submit(host.stop) for host in hosts]:
                job.result()
        if clean and self.state:
            for name in ("hosts", "shares", "tls", "kerberos"):
                shutil.rmtree(self.paths.root / name, ignore_errors=True)
            for path in (
                self.paths.inventory, self.paths.inventory_https, self.paths.inventory_psrp,
                self.paths.inventory_psrp_https, self.paths.inventory_kerberos,
                self.paths.inventory_psrp_kerberos, self.paths.inventory_ssh,
                self.paths.state,
            ):
                path.unlink(missing_ok=True)


def _check(options: UpOptions) -> None:
    """Refuse what cannot be done before anything is changed or deleted."""
    if options.hosts is not None and options.hosts < 1:
        raise LabError("--hosts: at least 1")
    if options.domain and not _DNS_NAME.fullmatch(options.domain):
        raise LabError(f"--domain: {options.domain!r} is not a DNS name such as corp.example")
    if options.culture and not _CULTURE.fullmatch(options.culture):
        raise LabError(f"--culture: {options.culture!r} is not a culture such as de-DE")
    for name, value in (("--pool", options.pool), ("--pool-delay", options.pool_delay),
                        ("--backup-cost", options.backup_cost), ("--call-cost", options.call_cost)):
        if value is not None and value < 0:
            raise LabError(f"{name}: not below 0")
    if options.seed:
        seed_backups.newest_backups(options.seed)


def require_built() -> None:
    """Stop with a hint when something that the lab needs was not built."""
    for path, what in ((paths.pshost_exe(), "the PowerShell host"), (paths.gpmgmt_dll(), "the stand-in for GPMC")):
        if not path.is_file():
            raise LabError(f"{what} is not built ({path} is missing); run `make setup`")


def make_short_paths_host(progress: Progress) -> None:
    """Make the PowerShell host whose .NET does not reach long paths by itself, when it is not there or out of date."""
    if not paths.pshost_dir(short_paths=True).is_dir():
        progress("making a .NET that does not reach long paths by itself (once, about 25 s)")
    made = subprocess.run(
        [paths.LAB_SOURCE / "pshost" / "short-paths.sh"], env={**os.environ, "GPVAULT_BUILD": str(paths.build_dir())},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if made.returncode:
        raise LabError(f"the host of --short-paths could not be made:\n{made.stdout}{made.stderr}")


def numbered_domain(first: str, number: int) -> str:
    """corp.example, corp2.example, corp3.example, …"""
    label, _, rest = first.partition(".")
    return first if number == 1 else f"{label}{number}.{rest}"


def make_domain(host: Host, name: str, seed: Path | None) -> Domain:
    """The domain that a host begins with."""
    if seed:
        return replace_domain(host, lambda root: seed_backups.make_domain_from_backups(root, name, host.name, seed))
    return replace_domain(host, lambda root: seed_default.make_default_domain(root, name, host.name))


def replace_domain(host: Host, make: Callable[[Path], object]) -> Domain:
    """Give a host a domain, whole or not at all: it is built beside its place and moved there."""
    building = host.paths.root / "domain.new"
    shutil.rmtree(building, ignore_errors=True)
    make(building)
    replaced = host.paths.root / "domain.old"
    shutil.rmtree(replaced, ignore_errors=True)
    if host.paths.domain.exists():
        host.paths.domain.rename(replaced)
    building.rename(host.paths.domain)
    shutil.rmtree(replaced, ignore_errors=True)
    return host.domain
