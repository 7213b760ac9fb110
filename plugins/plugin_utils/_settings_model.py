# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A setting as a report tells it, whatever the extension: what it is, where it is, and the parts of its value."""

from __future__ import annotations

import hashlib
import typing as t

GPO = "GPO"
"""Stands for the extension of what is no setting: name, description, enabled halves, permissions, links, WMI filter."""

_LONGEST = 4096
"""Characters of one part that are kept. Of what is longer the digest is compared."""


class Part(t.NamedTuple):
    """One value of a setting. The label is empty for the one that is the setting itself, as Enabled is of a policy."""

    label: str
    value: str
    """What is compared."""
    shown: str | None = None
    """What is shown instead: an account's name for its SID, say."""
    secret: bool = False


class Rank(t.NamedTuple):
    """The place of a setting among others whose order has a meaning, such as scripts."""

    group: str
    number: int


class Setting(t.NamedTuple):
    """One setting."""

    half: str | None
    """C(computer), C(user), or None for what belongs to neither."""
    extension: str
    place: tuple[str, ...]
    """Where an administrator finds it."""
    name: str
    key: tuple[str, ...]
    """What makes it the same setting in two reports of a GPO, together with half and extension."""
    parts: tuple[Part, ...]
    alias: tuple[str, ...] = ()
    """What makes it the same when no key does: an item of Preferences may have been made again under the same name."""
    rank: Rank | None = None


def part(label: str, value: str, shown: str | None = None, *, secret: bool = False) -> Part:
    """Return a part of bounded length. What is secret is compared, and never shown."""
    if secret:
        return Part(label, _digest(value), "(hidden)", secret=True)
    if len(value) > _LONGEST:
        value = f"{value[:_LONGEST]}… ({len(value)} characters, SHA-256 {_digest(value)})"
    if shown is not None and len(shown) > _LONGEST:
        shown = f"{shown[:_LONGEST]}…"
    return Part(label, value, None if shown == value else shown)


def numbered(parts: t.Iterable[Part]) -> tuple[Part, ...]:
    """Return the parts with a number after each label that is there already: else two could be swapped unseen."""
    seen: dict[str, int] = {}
    result = []
    for one in parts:
        count = seen[one.label] = seen.get(one.label, 0) + 1
        result.append(one if count == 1 else one._replace(label=f"{one.label} ({count})".lstrip()))
    return tuple(result)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
