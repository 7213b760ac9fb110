# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's certificate for HTTPS: self-signed, so that it is its own authority, and made for each lab."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from .errors import LabError


def make_certificate(certificate: Path, key: Path) -> None:
    """Make a key and a certificate for 127.0.0.1, unless they are there."""
    if certificate.is_file() and key.is_file():
        return
    certificate.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-sha256", "-noenc", "-days", "30",
        "-subj", "/CN=gpvault lab",
        "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
        "-keyout", str(key), "-out", str(certificate),
    ]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError as error:
        raise LabError("openssl is not installed; run `make setup`") from error
    if done.returncode:
        raise LabError(f"openssl cannot make a certificate: {done.stderr.strip()}")
    os.chmod(key, 0o600)
