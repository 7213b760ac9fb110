# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GPT.INI: the version numbers of a GPO as SYSVOL has them (MS-GPOL 2.2.4)."""

from __future__ import annotations

import re

NAME = "GPT.INI"

_VERSION = re.compile(rb"(?im)^(\s*Version\s*=\s*)(\d+)")


def build(version_number: int) -> bytes:
    """A new GPO's file. GPMC never puts the real display name there."""
    return f"[General]\r\nVersion={version_number}\r\ndisplayName=New Group Policy Object\r\n".encode("ascii")


def version(content: bytes) -> int:
    """The packed version number; 0 when the file names none."""
    match = _VERSION.search(content)
    return int(match.group(2)) if match else 0


def with_version(content: bytes, version_number: int) -> bytes:
    """The file with another number; every other line stays."""
    if not _VERSION.search(content):
        return build(version_number)
    return _VERSION.sub(lambda match: match.group(1) + str(version_number).encode("ascii"), content, count=1)
