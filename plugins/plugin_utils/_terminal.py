# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What reaches the terminal: names come from a directory, where anybody may have given them, and are data here, too."""

from __future__ import annotations

import re
import typing as t
import unicodedata

_MOVING = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))
"""Unicode categories of characters that a terminal does not simply print."""

_PIECE = re.compile(r"\r?\n|\t|[^\n\t\r]+|\r")
"""What separates lines, and columns in them, and what stands between."""

_LAYOUT = frozenset(("\n", "\r\n", "\t"))


def printable(text: str) -> str:
    """Return *text* without what moves the cursor, ends the line or turns it around."""
    if text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(char) in _MOVING else char for char in text)


def printable_lines(text: str) -> str:
    """Return a text of several lines without what moves the cursor otherwise."""
    return _PIECE.sub(lambda piece: piece[0] if piece[0] in _LAYOUT else printable(piece[0]), text)


def displayable(result: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return a task's result with all that Ansible writes to the terminal line by line made printable.

    What playbooks work with stays as it is: a name is the name that the directory has.
    """
    clean = dict(result)
    if "msg" in clean:
        clean["msg"] = printable(clean["msg"])
    if "warnings" in clean:
        clean["warnings"] = [printable(warning) for warning in clean["warnings"]]
    if "diff" in clean:
        clean["diff"] = [_diff(diff) for diff in clean["diff"]]
    return clean


def _diff(diff: t.Mapping[str, str]) -> dict[str, str]:
    return {key: printable(text) if key.endswith("_header") else printable_lines(text) for key, text in diff.items()}
