# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares two settings reports of GPMC, setting by setting. What differs between two GPOs themselves is here; what
C(--diff) shows of the tasks that back up and restore is in _reason_diff.py."""

from __future__ import annotations

import contextlib
import gc
import typing as t

from ._settings_gpo import ACCESS_CONTROL_LIST
from ._settings_model import GPO, Part, Setting
from ._settings_report import read_settings
from ._settings_xml import line
from ._words import shortened

Change = dict[str, t.Any]
"""One difference: half (computer, user, None), extension, kind (added, removed, changed), place (list of names), name,
before, after (texts; None where there is nothing)."""

_SHOWN = 400
"""Characters of a value that are shown."""

_LEAD = 24
"""Characters before the first difference of two long values that are shown with it."""

_HALVES = (None, "computer", "user")


def compare_reports(before: t.BinaryIO, after: t.BinaryIO) -> list[Change]:
    """Return what differs between two reports. Raises ReportError when one of them is none."""
    with _collector_paused():
        return compare_settings(read_settings(before), read_settings(after))


@contextlib.contextmanager
def _collector_paused() -> t.Iterator[None]:
    """Keep Python from looking for cycles: there are none, and going through all settings again takes a third more."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def compare_settings(before: t.Sequence[Setting], after: t.Sequence[Setting]) -> list[Change]:
    """Return what differs between the settings of two reports, in the order of their places."""
    gone, new = _different(before, after)
    pairs = _paired(gone, new, lambda setting: setting.key)
    pairs += _paired(gone, new, lambda setting: setting.alias)
    changes = [_changed(was, now) for was, now in pairs if _values(was) != _values(now)]
    changes += [_change("removed", was, _whole(was), None) for was in gone]
    changes += [_change("added", now, None, _whole(now)) for now in new]
    changes += _reordered(before, after)
    return sorted(_without_list(changes), key=_order)


def _different(before: t.Iterable[Setting], after: t.Iterable[Setting]) -> tuple[list[Setting], list[Setting]]:
    """Return the settings that are in one report only, as it has them. One that is there twice counts twice."""
    unmatched: dict[t.Any, list[Setting]] = {}
    for setting in before:
        unmatched.setdefault(_identity(setting), []).append(setting)
    new = []
    for setting in after:
        same = unmatched.get(_identity(setting))
        if same:
            same.pop()
        else:
            new.append(setting)
    gone = [setting for left in unmatched.values() for setting in left]
    return sorted(gone, key=_values), sorted(new, key=_values)


def _values(setting: Setting) -> list[tuple[str, str]]:
    return sorted((one.label, one.value) for one in setting.parts)


def _identity(setting: Setting) -> t.Hashable:
    return setting.half, setting.extension, setting.key, tuple(_values(setting))


def _paired(
    gone: list[Setting], new: list[Setting], key: t.Callable[[Setting], tuple[str, ...]]
) -> list[tuple[Setting, Setting]]:
    """Take the settings with the same key out of both lists and return them in pairs."""
    waiting: dict[t.Any, list[Setting]] = {}
    for setting in reversed(gone):
        if key(setting):
            waiting.setdefault((setting.half, setting.extension, key(setting)), []).append(setting)
    pairs: list[tuple[Setting, Setting]] = []
    left = []
    for setting in new:
        same = waiting.get((setting.half, setting.extension, key(setting)))
        if same:
            pairs.append((same.pop(), setting))
        else:
            left.append(setting)
    taken = {id(was) for was, _now in pairs}
    new[:] = left
    gone[:] = [setting for setting in gone if id(setting) not in taken]
    return pairs


def _changed(was: Setting, now: Setting) -> Change:
    """Return the change of a setting, with those parts of its value that differ."""
    before = {one.label: one for one in was.parts}
    after = {one.label: one for one in now.parts}
    differ = {
        label for label in before.keys() | after.keys()
        if (before[label].value if label in before else None) != (after[label].value if label in after else None)
    }  # fmt: skip
    old = [one for one in was.parts if one.label in differ]
    new = [one for one in now.parts if one.label in differ]
    texts = _told(old), _told(new)
    if texts[0] == texts[1] and not any(one.secret for one in (*old, *new)):
        # Accounts of one name, say: then what was compared has to tell.
        texts = _told(old, compared=True), _told(new, compared=True)
    return _change("changed", now, *_from_first_difference(*texts))


def _whole(setting: Setting) -> str:
    """Return the whole value of a setting, without what is empty."""
    return _told(one for one in setting.parts if one.value)


def _told(parts: t.Iterable[Part], *, compared: bool = False) -> str:
    """Return parts as one text: as they are shown, or, but for what is secret, as they are compared."""
    return line((one._replace(shown=None) if compared and not one.secret else one for one in parts), "; ")


def _from_first_difference(before: str, after: str) -> tuple[str, str]:
    """Return two texts from where they differ, if they would look the same when they are cut."""
    if before[:_SHOWN] != after[:_SHOWN] or before == after:
        return before, after
    first = next((at for at, (one, other) in enumerate(zip(before, after)) if one != other), _SHOWN)
    start = max(first - _LEAD, 0)
    return f"…{before[start:]}", f"…{after[start:]}"


def _change(kind: str, setting: Setting, before: str | None, after: str | None) -> Change:
    return {
        "half": setting.half,
        "extension": setting.extension,
        "kind": kind,
        "place": [_cut(step) for step in setting.place],
        "name": _cut(setting.name),
        "before": _cut(before),
        "after": _cut(after),
    }


def _cut(value: str | None) -> str | None:
    return None if value is None else shortened(value, _SHOWN)


def _reordered(before: t.Iterable[Setting], after: t.Iterable[Setting]) -> t.Iterator[Change]:
    """Return a change for each group of settings whose order has a meaning and is another one now.

    What is in both reports counts: a script that is added before others does not move them.
    """
    was, now = _ranked(before), _ranked(after)
    for group in was.keys() & now.keys():
        common = was[group].keys() & now[group].keys()
        old = [key for key in was[group] if key in common]
        new = [key for key in now[group] if key in common]
        if old != new:
            example = next(iter(now[group].values()))
            yield {
                **_change("changed", example, _names(old, was[group]), _names(new, now[group])),
                "name": "Order",
            }


_Ranked = dict[tuple[str, ...], Setting]


def _ranked(settings: t.Iterable[Setting]) -> dict[t.Any, _Ranked]:
    """Return by group the settings in their order."""
    groups: dict[t.Any, list[Setting]] = {}
    for setting in settings:
        if setting.rank:
            groups.setdefault((setting.half, setting.extension, setting.rank.group), []).append(setting)
    return {
        group: {one.key: one for one in sorted(members, key=lambda one: one.rank.number if one.rank else 0)}
        for group, members in groups.items()
    }


def _names(keys: t.Iterable[tuple[str, ...]], settings: _Ranked) -> str:
    return ", ".join(settings[key].name for key in keys)


def _without_list(changes: list[Change]) -> list[Change]:
    """Leave the list of permissions as a whole out when a change of one of them tells the same."""
    told = [one for one in changes if one["extension"] == GPO and one["place"] == [ACCESS_CONTROL_LIST[0]]]
    if len(told) < 2:
        return changes
    return [one for one in changes if one not in told or one["name"] != "Access control list"]


def _order(change: Change) -> tuple[t.Any, ...]:
    place = [name.casefold() for name in change["place"]]
    return _HALVES.index(change["half"]), change["extension"], place, change["name"].casefold(), change["kind"]
