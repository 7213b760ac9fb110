# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a PowerShell script on a host, as any WinRM client would."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from .errors import LabError

#: Reads the script and its arguments from stdin, so that neither's length nor characters matter. powershell.exe reads
#: stdin itself, line by line into $input, so [Console]::In would get only a part.
_BOOTSTRAP = """\
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$utf8 = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
try { [Console]::OutputEncoding = $utf8 } catch { }
$order = $utf8.GetString([Convert]::FromBase64String((@($input) -join ''))) | ConvertFrom-Json
$ErrorActionPreference = 'Continue'
$arguments = @($order.arguments)
& ([ScriptBlock]::Create($order.script)) @arguments
"""


_CHUNK = 100_000


@dataclass(frozen=True)
class Done:
    """What a script left behind."""

    exit_code: int
    stdout: bytes
    stderr: bytes


def run_script(port: int, user: str, password: str, script: str, arguments: Sequence[str] = ()) -> Done:
    """Run a script to its end."""
    try:
        from winrm.exceptions import WinRMError
        from winrm.protocol import Protocol
    except ImportError as error:
        raise LabError(f"pywinrm is not installed ({error}); run `make setup`") from error
    order = base64.b64encode(json.dumps({"script": script, "arguments": list(arguments)}).encode("utf-8"))
    encoded = base64.b64encode(_BOOTSTRAP.encode("utf-16-le")).decode("ascii")
    protocol = Protocol(f"http://127.0.0.1:{port}/wsman", transport="ntlm", username=user, password=password,
                        message_encryption="always")
    try:
        shell = protocol.open_shell(codepage=65001)
        try:
            command = protocol.run_command(
                shell, "powershell.exe",
                ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Unrestricted", "-EncodedCommand", encoded])
            try:
                # Below the 500 KB that WinRM takes in one envelope.
                for start in range(0, len(order), _CHUNK):
                    protocol.send_command_input(shell, command, order[start:start + _CHUNK])
                protocol.send_command_input(shell, command, b"\r\n", end=True)
                stdout, stderr, exit_code = protocol.get_command_output(shell, command)
            finally:
                protocol.cleanup_command(shell, command)
        finally:
            protocol.close_shell(shell)
    except (WinRMError, OSError) as error:
        raise LabError(f"WinRM on port {port}: {error}") from error
    return Done(exit_code, stdout, stderr)
