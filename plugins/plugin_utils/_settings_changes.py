# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changed of a GPO's settings, in the items of a result: out of two reports that the host sent, and bounded."""

from __future__ import annotations

import io
import json
import typing as t

from ._change_list import where
from ._report_file import unpack
from ._settings_diff import Change, compare_reports
from ._settings_model import GPO
from ._settings_report import ReportError, identifier_of
from ._terminal import printable

ROOM = 200_000
"""Characters as JSON of all changes of a result, and as many of all diffs: AWX drops results beyond some 700,000."""


_LARGEST = 64 * 1024 * 1024
"""Bytes of a report: larger ones no host sends to be compared, see _ChangeReport.psm1."""


def compare_contents(before: str, after: str, ids: t.Sequence[str]) -> list[Change]:
    """Return what differs between two reports as the host sends them.

    *ids* are those of the two GPOs. Raises ValueError for what is no report, or one of another GPO: a file in a backup
    may be anybody's.
    """
    reports = io.BytesIO(unpack(before, _LARGEST)), io.BytesIO(unpack(after, _LARGEST))
    changes = compare_reports(*reports)
    for wanted, report in zip(ids, reports, strict=True):
        found = identifier_of(report)
        if found != wanted.upper():
            raise ReportError(f"The report of {wanted} is one of {found or 'an unknown GPO'}.")
    return changes


def lines_of(changes: t.Iterable[t.Mapping[str, t.Any]], side: str) -> str:
    """Return the lines of one side of a diff, before or after. No value may pass for another line."""
    return "".join(
        f"{printable(where(change))} / {printable(change['name'])}: {printable(change[side])}\n"
        for change in changes
        if change[side] is not None
    )


class Room:
    """The room that is left for changes in a result, or in one list of it."""

    def __init__(self, size: int = ROOM) -> None:
        self._left = size

    @classmethod
    def of(cls, detail: str) -> Room:
        """Return the room of a result: a quarter with detail: summary, whose entries have to stay below 300 KB."""
        return cls(ROOM // 4 if detail == "summary" else ROOM)

    def fit(self, changes: t.Iterable[Change]) -> list[Change]:
        """Return the first changes, as far as there is room, and take the room."""
        kept = []
        for change in changes:
            self._left -= len(json.dumps(change)) + 2
            if self._left < 0:
                break
            kept.append(change)
        return kept

    def told(self, changes: t.Sequence[Change] | None, count: int | None = None) -> dict[str, t.Any]:
        """Return what an item tells of its changes. None: nobody looked, or nobody can tell.

        *count*: how many there are, where not all of them are known.
        """
        if changes is None:
            return {"changes": None, "change_count": None}
        return {"changes": self.fit(changes), "change_count": len(changes) if count is None else count}

    def lines(self, changes: t.Sequence[Change], noun: str = "changes") -> dict[str, str]:
        """Return both sides of a diff, before and after, or how many changes there are where there is no room."""
        shown = {side: lines_of(changes, side) for side in ("before", "after")}
        self._left -= sum(len(json.dumps(lines)) for lines in shown.values())
        return shown if self._left >= 0 else {"before": "", "after": f"(too much to be shown: {len(changes)} {noun})\n"}

    def add_lines(self, diff: dict[str, str], changes: t.Sequence[Change] | None) -> None:
        """Add to the diff of a GPO the settings that changed, as far as there is room.

        What is no setting the diff has already: it is among the reasons.
        """
        settings = [change for change in changes or () if change["extension"] != GPO]
        for side, lines in self.lines(settings, "changes of settings").items():
            diff[side] += lines
