# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host of the lab as SSH clients see it: OpenSSH's own server, with keys of the lab's, on loopback.

======== =============================================================================
server   the server of a host: its keys and configuration, how it goes up and down
session  what the server runs for each command: the host's PowerShell, cmd.exe, or SFTP
sftp     SFTP over the host's drives, as Windows' server has them: /C:/Users/vagrant
======== =============================================================================
"""

#: What the server is told that its SFTP subsystem is, and session.py finds as what the client asked for.
SFTP = "sftp"
