# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values in messages as people type them in YAML, and what YAML has made of some of them."""

from __future__ import annotations

import re
import typing as t

_SHOWN = 120

_CONTROL = re.compile("[\x00-\x1f\x85\xa0\u2028\u2029]")
"""What the escapes of YAML's double quotes stand for: YAML 1.2, 5.7."""


def show(value: t.Any) -> str:
    """Return *value* as it is shown in an error: as typed, cut when it is long."""
    text = _typed(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"


def _typed(value: t.Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_typed, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_typed(one)}' for key, one in value.items())}}}"
    return str(value)


def trap(value: t.Any, accepted: t.Callable[[t.Any], bool]) -> str:
    """Return what YAML has made of a value that is refused, and how to write it instead, or an empty text.

    *accepted* tells whether another value would be accepted.
    """
    if isinstance(value, list) and len(value) == 1 and accepted(value[0]):
        return "It is a list: write the one value, without a dash or brackets."
    if isinstance(value, dict) and accepted([value]):
        return "A list is wanted: write a dash before the entry."
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and one and all(inner is None for inner in one.values()):
            return "YAML takes {...} without quotes for a mapping: put it in quotes."
        if isinstance(one, str) and _CONTROL.search(one):
            return r"In double quotes YAML takes \a, \b, \n, \t and others for control characters: use single ones."
    return ""
