# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the filters that show a task's result as a table have in common."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ._table import cut, table
from ._terminal import printable

Result = t.Mapping[str, t.Any]

_DONE = frozenset(("created", "restored", "imported", "pruned", "drilled"))
"""Outcomes that change something, so that in check mode they only would."""


def result_table(
    result: Result, module: str, header: t.Sequence[str], rows: t.Callable[[Result], t.Iterable[t.Sequence[str]]]
) -> list[str]:
    """Return the lines of a table of a registered result, or of the results of a loop, and the message of each.

    *rows* makes the rows of one result. One that failed before there were any has none.
    """
    try:
        looped = result.get("results")
        each = [one for one in (looped if isinstance(looped, list) else [result]) if not one.get("skipped")]
        lines = [row for one in each for row in _rows(one, rows)]
        totals = [_total(one) for one in each]
    except (AttributeError, KeyError, TypeError) as error:
        takes = f"the registered result of {module}, or of a loop over it"
        raise AnsibleFilterError(f"This table takes {takes}, which has no {error}") from error
    return [*table(header, lines), *totals]


def outcome(item: Result, result: Result) -> str:
    """Return the outcome of an item as a table shows it."""
    done = str(item["outcome"])
    return f"would be {done}" if result["check_mode"] and done in _DONE else done


def name(gpo: Result) -> str:
    """Return a GPO's name as a table shows it, or its ID where it has none."""
    return cut(gpo["name"] or gpo["id"] or "-")


def status(item: Result) -> str:
    """Return the first status that tells of a failure, or else the trouble, or else that of the last call."""
    statuses = [one for one in (item.get("call_status"), item.get("overall_status")) if one is not None]
    failed = next((one for one in statuses if not one["succeeded"]), item["trouble"])
    if failed is not None:
        return f"{failed['hresult']} {failed['name']}" if failed["hresult"] else str(failed["step"])
    return str(statuses[-1]["name"]) if statuses else "-"


def _rows(
    result: Result, rows: t.Callable[[Result], t.Iterable[t.Sequence[str]]]
) -> t.Iterable[t.Sequence[str]]:
    # Ansible itself may have failed, with a variable that is not defined for example.
    lost = result.get("failed") or result.get("unreachable")
    return () if lost and "check_mode" not in result else rows(result)


def _total(result: Result) -> str:
    told = str(result["msg"])
    return printable(f"{result['item']}: {told}" if isinstance(result.get("item"), str) else told)
