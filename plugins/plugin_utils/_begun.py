# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a trip whose connection failed may have begun on the host."""

from __future__ import annotations

import re

from ansible.plugins.connection import ConnectionBase

_KNOWS = ("winrm", "psrp")
"""Connections that are connected once they have a shell on the host. That of ssh starts a client for each command, and
never says so (plugins/connection/ssh.py of ansible-core)."""

_NEVER_THERE = re.compile(
    r"""
    ^(?:.*:[ ])?(?:
        ssh:[ ]connect[ ]to[ ]host[ ] | ssh:[ ]Could[ ]not[ ]resolve[ ]hostname[ ]
      | Host[ ]key[ ]verification[ ]failed | (?:kex|ssh|banner)_exchange(?:_identification)?:[ ]
      | [^ ]+@[^ ]+:[ ]Permission[ ]denied[ ]\( | Permission[ ]denied[ ]\([a-z,-]+\)
      | Unable[ ]to[ ]negotiate[ ]with[ ] | Connection[ ]timed[ ]out[ ]during[ ]banner[ ]exchange
      | Received[ ]disconnect[ ]from[ ].*:[ ]Too[ ]many[ ]authentication[ ]failures
      | .*:[ ]Bad[ ]configuration[ ]option:[ ] | Bad[ ]owner[ ]or[ ]permissions[ ]on[ ]
    )
    """,
    re.MULTILINE | re.VERBOSE,
)
"""What OpenSSH's client says that got no session (sshconnect.c, sshconnect2.c, kex.c, readconf.c)."""


def may_have_begun(connection: ConnectionBase, error: BaseException) -> bool:
    """Return whether the host may have got the command before the connection failed."""
    if connection.connected or connection.transport in _KNOWS:
        return bool(connection.connected)
    return not _NEVER_THERE.search(str(error))
