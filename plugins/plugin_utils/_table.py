# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A table for the terminal."""

from __future__ import annotations

import typing as t
import unicodedata

from ._terminal import printable

_WIDEST = 48
"""Columns of a name or a sentence: a GPO's name may have 255 characters, and lines that wrap are no table."""


def table(header: t.Sequence[str], rows: t.Iterable[t.Sequence[str]]) -> list[str]:
    """Return the lines of a table: the header, a rule, the rows. Columns are as wide as their widest cell."""
    cells = [[printable(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(_columns, column)) for column in zip(*cells, strict=True)]
    lines = [_line(row, widths) for row in cells]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def cut(text: str) -> str:
    """Return a text for a cell, without its end when it is long."""
    if _columns(text) <= _WIDEST:
        return text
    kept = list(text[:_WIDEST])
    while _columns("".join(kept)) >= _WIDEST:
        kept.pop()
    return f"{''.join(kept)}…"


def _line(row: t.Sequence[str], widths: t.Sequence[int]) -> str:
    padded = (cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True))
    return "  ".join(padded).rstrip()


def _columns(text: str) -> int:
    """Return how many columns of a terminal *text* takes: a Chinese character takes two, a combining mark none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
