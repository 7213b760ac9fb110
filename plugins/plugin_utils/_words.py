# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers and lists in words."""

from __future__ import annotations

import difflib
import typing as t

NOTHING_SELECTED = "No GPO was selected."

INDEX = "gpo_backup_index writes it anew from the backups that are there"
"""What helps with a manifest.xml that cannot be used, or lacks backups."""

_NAMED_AT_MOST = 5
"""GPOs, or reasons, that a line names before it says how many more there are."""


def counted(number: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def gpos(number: int) -> str:
    """Return a number of GPOs in words."""
    return counted(number, "GPO")


def some(items: t.Sequence[str], separator: str = ", ") -> str:
    """Return the first few items, and how many more there are."""
    more = len(items) - _NAMED_AT_MOST
    shown = separator.join(items[:_NAMED_AT_MOST])
    return f"{shown} and {more} more" if more > 0 else shown


def first(lines: t.Sequence[str], number: int) -> list[str]:
    """Return the first lines, and one that says how many more there are."""
    more = len(lines) - number
    return [*lines[:number], f"and {more} more"] if more > 0 else list(lines)


def shortened(text: str, length: int) -> str:
    """Return a text of at most this length, without its end when it is longer."""
    return text if len(text) <= length else f"{text[:length - 1]}…"


def named(gpo: t.Mapping[str, t.Any]) -> str:
    """Return a GPO's name and ID, as far as it has them: one that is still to be made has no ID."""
    name = "" if gpo.get("name") is None else f"'{gpo['name']}'"
    return " ".join(filter(None, (name, gpo.get("id")))) or "an unknown GPO"


_LIKE = 0.65
"""How like two names have to be, as difflib has it: "path" is not like "gather", which is 0.6."""


def did_you_mean(word: str, known: t.Iterable[str]) -> str:
    """Return the question for the names that are most like a word, or an empty text."""
    by_key = {name.casefold(): name for name in known}
    near = [f"'{by_key[key]}'" for key in difflib.get_close_matches(word.casefold(), by_key, cutoff=_LIKE)]
    return f"Did you mean {' or '.join(near)}?" if near else ""
