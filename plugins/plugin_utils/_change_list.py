# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes of settings for people: which are in what a filter is given, and how one is told."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

Raw = t.Mapping[str, t.Any]

_TAKES = "a list of changes, an entry that has a GPO and changes, a list of such, or a registered result that has them"

_ENTRIES = ("comparisons", "backups", "restores")
"""What results call the list of their entries."""

KEYS = ("half", "extension", "kind", "place", "name", "before", "after")


class Group(t.NamedTuple):
    """The changes of one GPO; of an unknown one, if nothing but changes was given."""

    gpo: str
    changes: list[Raw]


def groups_of(given: t.Any, filter_name: str) -> list[Group]:
    """Return the changes in what a filter was given, by GPO. Raises AnsibleFilterError for what has none."""
    try:
        return list(_groups(given))
    except (AttributeError, KeyError, TypeError) as error:
        raise AnsibleFilterError(f"{filter_name} takes {_TAKES}: {error!r}") from error


def _groups(given: t.Any) -> t.Iterator[Group]:
    if isinstance(given, t.Mapping):
        yield from _of_mapping(given)
        return
    entries = list(given)
    if entries and all("kind" in one for one in entries):
        yield Group("", [_checked(one) for one in entries])
        return
    for one in entries:
        yield from _of_mapping(one)


def _of_mapping(given: Raw) -> t.Iterator[Group]:
    if isinstance(given.get("results"), (list, tuple)):
        # Of a loop.
        yield from _groups([one for one in given["results"] if not one.get("skipped")])
        return
    name = next((name for name in _ENTRIES if name in given), None)
    if name is not None:
        for entry in given[name]:
            yield from _of_mapping(entry)
    elif given.get("failed") and "changes" not in given:
        # Ansible itself may have failed, with a variable that is not defined for example.
        return
    else:
        gpo = given["gpo"]
        changes = [_checked(one) for one in given.get("changes") or ()]
        if changes:
            yield Group(str(gpo["name"] or gpo["id"]), changes)


def _checked(change: Raw) -> Raw:
    missing = [key for key in KEYS if key not in change]
    if missing:
        raise KeyError(missing[0])
    return change


def where(change: Raw) -> str:
    """Return where a setting is, as an administrator would say the way to it."""
    half = change["half"]
    steps = [str(half).capitalize()] if half else []
    return " / ".join([*steps, str(change["extension"]), *map(str, change["place"])])


def value(text: t.Any, kind: str) -> str:
    """Return a value as it is shown. A setting that is there without any is only that."""
    return "-" if text is None else str(text) or ("(there)" if kind != "changed" else "(empty)")
