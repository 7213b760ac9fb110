# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Windows command line becomes: the PowerShell host with its arguments, or something for cmd.exe."""

from __future__ import annotations

import dataclasses
import ntpath
import re

POWERSHELL_NAMES = ("powershell", "pwsh")

# How Ansible's winrm plugin feeds a module that it first copied to the host (ANSIBLE_KEEP_REMOTE_FILES).
_TYPE_INTO = re.compile(r'^\s*type\s+(?:"(?P<quoted>[^"|]+)"|(?P<bare>[^\s"|]+))\s*\|\s*(?P<rest>.+)$', re.I | re.S)


@dataclasses.dataclass(frozen=True)
class Translation:
    """A command line, understood.

    ``arguments`` is what follows powershell.exe for a PowerShell line, else the whole line split into its parts.
    """

    kind: str
    line: str
    arguments: tuple[str, ...]
    stdin_file: str | None = None


def translate(line: str) -> Translation:
    """Decide what a command line is."""
    piped = _TYPE_INTO.match(line)
    if piped:
        inner = translate(piped["rest"])
        if inner.kind == "powershell":
            return dataclasses.replace(inner, line=line, stdin_file=piped["quoted"] or piped["bare"])
    arguments = split(line)
    if arguments and _is_powershell(arguments[0]) and not has_operator(line):
        return Translation("powershell", line, tuple(arguments[1:]))
    return Translation("other", line, tuple(arguments))


def _is_powershell(program: str) -> bool:
    name = ntpath.basename(program).lower()
    return name.removesuffix(".exe") in POWERSHELL_NAMES


def has_operator(line: str) -> bool:
    """Whether cmd.exe would see a pipe, a redirection or a second command in the line."""
    quoted = False
    escaped = False
    for mark in line:
        if escaped:
            escaped = False
        elif mark == '"':
            quoted = not quoted
        elif mark == "^" and not quoted:
            escaped = True
        elif mark in "&|<>" and not quoted:
            return True
    return False


def split(line: str) -> list[str]:
    """Split a command line as Windows programs do ("Parsing C command-line arguments", Microsoft).

    The program's name ends at the first blank outside quotes and knows no escapes. In the arguments, backslashes
    are literal unless a double quote follows: then each pair is one backslash, and an odd one makes the quote
    literal. Two double quotes within a quoted part are one literal quote.
    """
    line = line.strip(" \t\r\n")
    if not line:
        return []
    program, position = _program(line)
    parts = [program]
    while True:
        while position < len(line) and line[position] in " \t":
            position += 1
        if position >= len(line):
            return parts
        part, position = _argument(line, position)
        parts.append(part)


def _program(line: str) -> tuple[str, int]:
    quoted = False
    name = []
    for position, mark in enumerate(line):
        if mark == '"':
            quoted = not quoted
        elif mark in " \t" and not quoted:
            return "".join(name), position
        else:
            name.append(mark)
    return "".join(name), len(line)


def _argument(line: str, position: int) -> tuple[str, int]:
    quoted = False
    part: list[str] = []
    while position < len(line):
        mark = line[position]
        if mark == "\\":
            run = len(line) - position - len(line[position:].lstrip("\\"))
            position += run
            if position < len(line) and line[position] == '"':
                part.append("\\" * (run // 2))
                if run % 2:
                    part.append('"')
                    position += 1
            else:
                part.append("\\" * run)
        elif mark == '"':
            if quoted and line[position + 1:position + 2] == '"':
                part.append('"')
                position += 1
            else:
                quoted = not quoted
            position += 1
        elif mark in " \t" and not quoted:
            break
        else:
            part.append(mark)
            position += 1
    return "".join(part), position
