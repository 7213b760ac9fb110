# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start an endpoint: ``python -m labkit.endpoint --config FILE``."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import signal
import sys
import threading
import typing as t

from . import config as configuration
from . import gss, launcher
from .accesslog import AccessLog
from .auth import Service, UserFile
from .faults import PlantedFaults
from .operations import Operations
from .pool import StandbyPool
from .server import Endpoint, Listener, tls_context
from .shells import Services, ShellTable


class Process:
    """The endpoint of one host: everything that has to be started and stopped, in order."""

    def __init__(self, config: configuration.Config) -> None:
        self._config = config
        self._log = AccessLog(config.access_log)
        self._launcher = launcher.create(config)
        self._pool = StandbyPool(config.pool, config.pool_delay, self._launcher.powershell, self._log)
        self._shells = ShellTable(Services(config, self._launcher, self._pool, self._log))
        self._users = UserFile(config.user, config.password, [config.machine])
        faults = PlantedFaults(config.faults)
        endpoint = Endpoint(
            config, Operations(self._shells, faults), faults, self._log,
            threading.BoundedSemaphore(config.limits.max_connections))
        if config.keytab and config.realm:
            gss.use_realm(pathlib.Path(config.realm))
            keytab = pathlib.Path(config.keytab)
            endpoint.service = Service(keytab)
            endpoint.secure_service = Service(keytab, gss.end_point_binding(config.cert) if config.cert else None)
        self._listeners: dict[str, Listener] = {}
        if config.http_port is not None:
            self._listeners["http_port"] = Listener(endpoint, config.http_port, None)
        if config.cert and config.key and config.https_port is not None:
            self._listeners["https_port"] = Listener(endpoint, config.https_port, tls_context(config.cert, config.key))

    def start(self) -> dict[str, t.Any]:
        """Listen, and return what the state file holds."""
        self._launcher.open()
        self._pool.open()
        self._shells.open()
        for name, listener in self._listeners.items():
            threading.Thread(target=listener.serve_forever, args=(0.25,), name=name, daemon=True).start()
        state = {
            "host": self._config.host,
            "pid": os.getpid(),
            "http_port": None,
            "https_port": None,
        } | {name: listener.port for name, listener in self._listeners.items()}
        configuration.write_state(self._config.state, state)
        self._log.write("started", **state)
        return state

    def stop(self) -> None:
        """Take no more connections and end every process."""
        for listener in self._listeners.values():
            listener.shutdown()
            listener.server_close()
        self._shells.close()
        self._pool.close()
        self._launcher.close()
        self._log.write("stopped")
        self._log.close()
        try:
            os.unlink(self._config.state)
        except FileNotFoundError:
            pass


def main(argv: t.Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m labkit.endpoint", description="The lab's WinRM endpoint.")
    parser.add_argument("--config", required=True, help="endpoint.json of the host")
    options = parser.parse_args(argv)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_ignored: stop.set())
    try:
        process = Process(configuration.load(options.config))
        state = process.start()
    except (configuration.ConfigError, OSError) as error:
        print(f"endpoint: {error}", file=sys.stderr)
        return 1
    print(json.dumps(state), flush=True)
    stop.wait()
    process.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
