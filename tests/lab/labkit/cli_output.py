# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the lab command prints: tables, JSON, and names that may hold anything."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from typing import Any


#: Control, format (direction marks among them), surrogate, line and paragraph separator.
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")


def printable(text: str) -> str:
    """The text with control and direction characters made visible, so that a name cannot change the terminal."""
    return "".join(
        f"\\u{ord(character):04x}" if unicodedata.category(character) in _INVISIBLE else character
        for character in text
    )


def width(text: str) -> int:
    """How many columns a text takes; East Asian characters take two."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def print_table(heading: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    cells = [list(heading), *([printable(str(cell)) for cell in row] for row in rows)]
    widths = [max(width(row[column]) for row in cells) for column in range(len(heading))]
    for row in cells:
        padded = (cell + " " * (size - width(cell)) for cell, size in zip(row, widths))
        print("  ".join(padded).rstrip())


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
