# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A command of an SSH client: ``python -m labkit.ssh.session CONFIG``, which the server is told to run for each.

CONFIG is that of the host's endpoint, whose Wine session the command joins: the lab has to be up. What the client asked
for is in the variable SSH_ORIGINAL_COMMAND. The command has the connection's streams as its own. When the connection is
cut it goes on, as on Windows.
"""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys

from ..endpoint.auth import WITHOUT_CREDENTIALS
from ..endpoint.config import load
from ..endpoint.faults import PlantedFaults
from ..endpoint.launcher import WineLauncher
from ..endpoint.translate import translate
from . import SFTP


def main(config_path: str) -> int:
    """Run what the client asked for, and return its exit code."""
    config = load(config_path)
    launcher = WineLauncher(config)
    asked = os.environ.get("SSH_ORIGINAL_COMMAND", "")
    if asked == SFTP:
        from .sftp import serve  # Only here: what it needs takes time to load.

        serve(launcher.unix_path)
        return 0
    # The server hangs up on a session whose connection is gone.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    arguments, environment, folder = launcher.process(translate(asked))
    if PlantedFaults(config.faults).holds("double_hop") and not _by_password():
        environment = environment | WITHOUT_CREDENTIALS
    # A client's exit code has eight bits.
    return subprocess.run(arguments, env=environment, cwd=folder, check=False).returncode & 0xFF


def _by_password() -> bool:
    """Whether the client logged on by a password, with which Windows could go on (sshd_config(5), ExposeAuthInfo)."""
    return pathlib.Path(os.environ["SSH_USER_AUTH"]).read_text(encoding="utf-8").startswith("password")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
